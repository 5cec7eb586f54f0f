//! What stands in the way of a deploy besides the components themselves.

use serde::{Deserialize, Serialize};

use super::{Fault, Reader};
use crate::sf::text::clean;

/// An Apex job that the org has still to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingJob {
    /// The class that it runs; fit to be shown.
    pub class: String,
    /// `Queueable`, `Future`, `BatchApex`, …; fit to be shown.
    pub kind: String,
    /// `Queued`, `Processing`, …; fit to be shown.
    pub status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    job_type: Option<String>,
    status: Option<String>,
    apex_class: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: Option<String>,
}

impl Reader {
    /// The jobs of these classes that wait or run. Class names hold letters, digits and underscores
    /// only.
    ///
    /// # Errors
    /// Whatever a query can run into.
    pub async fn pending_jobs(&self, classes: &[&str]) -> Result<Vec<PendingJob>, Fault> {
        if classes.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = classes.iter().map(|name| format!("'{name}'")).collect();
        let soql = format!(
            "SELECT ApexClass.Name, JobType, Status FROM AsyncApexJob WHERE Status IN \
             ('Holding','Queued','Preparing','Processing') AND ApexClass.Name IN ({})",
            names.join(",")
        );
        let rows: Vec<Row> = self.query(&soql).await?;
        let text = |text: Option<String>| clean(&text.unwrap_or_default());
        let jobs = rows.into_iter().map(|row| PendingJob {
            class: text(row.apex_class.and_then(|class| class.name)),
            kind: text(row.job_type),
            status: text(row.status),
        });
        Ok(jobs.collect())
    }

    /// Whether the org has the object EmailMessage, which Email-to-Case brings; `None` when it did
    /// not say.
    ///
    /// # Errors
    /// Faults that would meet every question alike.
    pub async fn has_email_messages(&self) -> Result<Option<bool>, Fault> {
        let rows = self.query::<serde_json::Value>("SELECT Id FROM EmailMessage LIMIT 1");
        match rows.await {
            Ok(_) => Ok(Some(true)),
            Err(Fault::Rest { errors, .. }) => {
                let is_unknown = errors
                    .iter()
                    .any(|error| error.error_code == "INVALID_TYPE");
                Ok(is_unknown.then_some(false))
            }
            Err(Fault::InsufficientAccess { .. } | Fault::NotFound { .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}
