//! The deploys that an org knows of, whoever asked for them.

use serde::Deserialize;

use super::{Fault, Reader};
use crate::sf::deploy_id::DeployId;
use crate::sf::text::clean;

/// A row of Tooling's `DeployRequest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployRequest {
    /// Its id.
    pub id: DeployId,
    /// `Pending`, `InProgress`, `Succeeded`, …; fit to be shown.
    pub status: String,
    /// Whether it only validates.
    pub check_only: bool,
    /// When the org received it, as the org writes dates.
    pub created: String,
    /// When the org was done with it; empty while it isn't.
    pub completed: String,
    /// The id of the user who asked for it.
    pub user_id: String,
    /// That user's name; fit to be shown.
    pub user_name: String,
}

impl DeployRequest {
    /// Whether the org has it still to do. A status that isn't known counts as not.
    pub fn is_open(&self) -> bool {
        matches!(
            self.status.as_str(),
            "Pending" | "InProgress" | "Canceling" | "Finalizing" | "FinalizingDeploy"
        )
    }
}

/// How many deploys are listed at most.
pub const LISTED_DEPLOYS: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: DeployId,
    status: Option<String>,
    check_only: Option<bool>,
    created_date: Option<String>,
    completed_date: Option<String>,
    created_by_id: Option<String>,
    created_by: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: Option<String>,
}

impl Reader {
    /// The newest deploys of the org, the newest first (Tooling API guide, `DeployRequest`).
    ///
    /// # Errors
    /// Whatever a query can run into.
    pub async fn deploy_requests(&self) -> Result<Vec<DeployRequest>, Fault> {
        let rows: Vec<Row> = self
            .tooling_query(&format!(
                "SELECT Id, Status, CheckOnly, CreatedDate, CompletedDate, CreatedById, CreatedBy.Name \
                 FROM DeployRequest ORDER BY CreatedDate DESC LIMIT {LISTED_DEPLOYS}",
            ))
            .await?;
        let text = |text: Option<String>| clean(&text.unwrap_or_default());
        let rows = rows.into_iter().map(|row| DeployRequest {
            id: row.id,
            status: text(row.status),
            check_only: row.check_only.unwrap_or_default(),
            created: text(row.created_date),
            completed: text(row.completed_date),
            user_id: text(row.created_by_id),
            user_name: text(row.created_by.and_then(|user| user.name)),
        });
        Ok(rows.collect())
    }
}
