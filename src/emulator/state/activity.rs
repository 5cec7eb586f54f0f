//! What happened in the org beside its records.

use serde::{Deserialize, Serialize};

use super::super::activity::{Delivery, LogLine, Mail};
use super::super::runtime::Pending;

/// What happened in the org beside its records, and what is to happen.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Activity {
    /// Work that waits.
    #[serde(default)]
    pub pending: Vec<Pending>,
    /// Mail that left.
    #[serde(default)]
    pub mails: Vec<Mail>,
    /// Callouts.
    #[serde(default)]
    pub deliveries: Vec<Delivery>,
    /// Debug lines.
    #[serde(default)]
    pub lines: Vec<LogLine>,
}

impl Activity {
    /// Whether nothing happened and nothing waits.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
            && self.mails.is_empty()
            && self.deliveries.is_empty()
            && self.lines.is_empty()
    }
}
