//! Debug logs that the org keeps.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Kept, State};

/// The org keeps this many logs; older ones go.
const KEPT: usize = 100;

/// Logs that a trace flag asked for stay this long (Salesforce Help, "Debug Log Limits").
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A row of `ApexLog` with its text.
#[derive(Clone, Serialize, Deserialize)]
pub struct ApexLog {
    /// `07L…`
    pub id: String,
    /// The user whose transaction it is.
    pub user: String,
    /// When the transaction began.
    pub start: Timestamp,
    /// How long it took.
    pub milliseconds: u64,
    /// What ran, for example `/services/data/v66.0/tooling/executeAnonymous/`.
    pub operation: String,
    /// `Success`, or the text of the exception.
    pub status: String,
    /// The log.
    pub body: Kept,
}

impl State {
    /// Keeps a log; its id.
    pub fn keep_log(&mut self, log: ApexLog) -> String {
        let id = self.next_id("07L");
        let now = log.start;
        self.logs
            .retain(|old| now.duration_since(old.start) <= KEPT_FOR);
        self.logs.push(ApexLog {
            id: id.clone(),
            ..log
        });
        let surplus = self.logs.len().saturating_sub(KEPT);
        self.logs.drain(..surplus);
        id
    }

    /// The text of a log by its id of 15 or 18 characters.
    pub fn log_body(&self, id: &str) -> Option<Cow<'_, str>> {
        let short = id.get(..15)?;
        self.logs
            .iter()
            .find(|log| log.id == id || id.len() == 15 && log.id.starts_with(short))
            .and_then(|log| log.body.text())
    }
}
