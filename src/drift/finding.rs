//! How an org stands: one finding per component, and the rules that did nothing.

use jiff::civil::Date;
use serde::Serialize;

use super::ignore::Excused;
use crate::compare::{Change, ChangeKind};
use crate::plan::OrgFacts;
use crate::provenance::Cause;

/// A difference that a rule excuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ignored {
    /// `component`, `field status: Inactive → Active` or `line -…`.
    pub difference: String,
    /// Why it is meant to be.
    pub reason: String,
    /// The last day on which the rule holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Where the rule stands in the config.
    pub config_line: usize,
}

/// One component and how it stands.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What differs and is not excused.
    #[serde(flatten)]
    pub change: Change,
    /// What it most likely comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What differs and is excused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<Ignored>,
    /// Whether everything that differs is excused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub excused: bool,
}

impl Finding {
    /// Whether the org is known to differ in something that no rule excuses.
    pub fn is_drift(&self) -> bool {
        self.change.is_difference() && !self.excused
    }

    /// Whether the org did not say.
    pub fn is_unreadable(&self) -> bool {
        self.change.kind == ChangeKind::Unreadable
    }
}

/// A rule that has ended, or that no difference needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StaleRule {
    /// The components that it is about.
    pub component: String,
    /// Why they were meant to differ.
    pub reason: String,
    /// The last day on which it held, when that is over; else it matched nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired: Option<Date>,
    /// Where it stands in the config.
    pub config_line: usize,
}

/// How an org stands to its package.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// The org.
    pub org: OrgFacts,
    /// Every component of the package, and what an older config left behind.
    pub components: Vec<Finding>,
    /// Rules that have ended or that this org did not need.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale_rules: Vec<StaleRule>,
}

impl Drift {
    pub(super) fn new(org: OrgFacts, excused: Excused, causes: Vec<Option<Cause>>) -> Self {
        let components = excused
            .changes
            .into_iter()
            .zip(causes)
            .map(|((change, ignored, excused), cause)| Finding {
                change,
                cause,
                ignored,
                excused,
            })
            .collect();
        Self {
            org,
            components,
            stale_rules: excused.stale,
        }
    }

    /// Everything was read, and is equal or excused.
    pub fn is_clean(&self) -> bool {
        !self.differs() && !self.is_undetermined()
    }

    /// Something differs that no rule excuses.
    pub fn differs(&self) -> bool {
        self.components.iter().any(Finding::is_drift)
    }

    /// Something could not be read, so "clean" can't be said.
    pub fn is_undetermined(&self) -> bool {
        self.components.iter().any(Finding::is_unreadable)
    }

    /// How many differences are excused.
    pub fn ignored(&self) -> usize {
        self.components.iter().map(|row| row.ignored.len()).sum()
    }
}
