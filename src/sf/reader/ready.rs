//! What stands in the way of a deploy besides the components themselves.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Fault, Question, Reader, Told, rows_told};
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

impl From<Row> for PendingJob {
    fn from(row: Row) -> Self {
        let text = |text: Option<String>| clean(&text.unwrap_or_default());
        Self {
            class: text(row.apex_class.and_then(|class| class.name)),
            kind: text(row.job_type),
            status: text(row.status),
        }
    }
}

/// Class names hold letters, digits and underscores only. A batch has a row of its own for as long as
/// it runs; those of its workers come and go.
fn jobs_of(classes: &[&str]) -> String {
    let names: Vec<String> = classes.iter().map(|name| format!("'{name}'")).collect();
    format!(
        "SELECT ApexClass.Name, JobType, Status FROM AsyncApexJob WHERE Status IN \
         ('Holding','Queued','Preparing','Processing') AND JobType != 'BatchApexWorker' AND \
         ApexClass.Name IN ({})",
        names.join(",")
    )
}

impl PendingJob {
    /// Whether it is a schedule, whose row stays `Queued` from one run to the next.
    pub fn is_schedule(&self) -> bool {
        self.kind == "ScheduledApex"
    }

    /// Asks for the jobs of these classes that wait or run.
    pub fn question(classes: &[&str]) -> Question {
        Question::Query(jobs_of(classes))
    }

    /// The jobs in the answer; `None` when the org did not say.
    pub fn answer(told: &Told<Value>) -> Option<Vec<Self>> {
        let found: Vec<Row> = rows_told(told)?;
        Some(found.into_iter().map(Self::from).collect())
    }
}

/// Asks for the object EmailMessage, which Email-to-Case brings.
pub fn email_messages_question() -> Question {
    Question::Query("SELECT Id FROM EmailMessage LIMIT 1".to_owned())
}

/// Whether the org has it; `None` when it did not say.
pub fn has_email_messages(told: &Told<Value>) -> Option<bool> {
    match told {
        Ok(_) => Some(true),
        Err(error) => (error.error_code == "INVALID_TYPE").then_some(false),
    }
}

impl Reader {
    /// The jobs of these classes that wait or run.
    ///
    /// # Errors
    /// Whatever a query can run into.
    pub async fn pending_jobs(&self, classes: &[&str]) -> Result<Vec<PendingJob>, Fault> {
        if classes.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Row> = self.query(&jobs_of(classes)).await?;
        Ok(rows.into_iter().map(PendingJob::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sf::wire::rest::RestError;

    fn refused(code: &str) -> Told<Value> {
        Err(RestError {
            error_code: code.to_owned(),
            message: "m".to_owned(),
        })
    }

    #[test]
    fn only_an_unknown_type_means_that_there_are_no_email_messages() {
        let empty = serde_json::json!({ "done": true, "records": [] });
        assert_eq!(has_email_messages(&Ok(empty)), Some(true));
        assert_eq!(has_email_messages(&refused("INVALID_TYPE")), Some(false));
        assert_eq!(has_email_messages(&refused("INSUFFICIENT_ACCESS")), None);
    }

    #[test]
    fn jobs_are_told_or_not_known() {
        let rows = serde_json::json!({ "done": true, "records": [
            { "ApexClass": { "Name": "A\u{1b}" }, "JobType": "Queueable", "Status": "Queued" },
            { "ApexClass": null, "JobType": null, "Status": null },
        ] });
        let jobs = PendingJob::answer(&Ok(rows)).unwrap();
        assert_eq!(jobs[0].class, "A");
        assert_eq!(jobs.len(), 2);
        assert_eq!(PendingJob::answer(&refused("INVALID_FIELD")), None);
        assert_eq!(PendingJob::answer(&Ok(serde_json::json!({}))), None);
    }
}
