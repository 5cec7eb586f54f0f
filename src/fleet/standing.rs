//! What a table of orgs says of one: by which release of ours it was written, and who changed it last.

use serde::Serialize;

use super::Inspection;
use crate::compare::{ChangeKind, Modified};
use crate::drift::{Drift, Finding};
use crate::provenance::CauseKind;

/// Which release of this tool wrote what an org holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    /// This one, or one with the same templates.
    This,
    /// An older one, in part at least.
    Older,
    /// A newer one, in part at least.
    Newer,
    /// None: nothing of ours is there.
    None,
}

impl Release {
    /// As a table has it.
    pub fn words(self) -> &'static str {
        match self {
            Self::This => "this release",
            Self::Older => "older release",
            Self::Newer => "newer release",
            Self::None => "none",
        }
    }
}

impl Inspection {
    /// Whose release wrote what the org holds; `None` when it could not be looked at.
    pub fn release(&self) -> Option<Release> {
        let drift = self.outcome.as_ref().ok()?;
        let any = |kind| drift.components.iter().any(|row| is_by(row, kind));
        Some(if any(CauseKind::NotDeployed) {
            Release::None
        } else if any(CauseKind::NewerRelease) {
            Release::Newer
        } else if any(CauseKind::OlderRelease) {
            Release::Older
        } else {
            Release::This
        })
    }

    /// The last change of anything of ours: who and when, as the org says.
    pub fn last_change(&self) -> Option<&Modified> {
        let drift = self.outcome.as_ref().ok()?;
        let rows = drift.components.iter();
        let rows = rows.filter(|row| row.change.kind != ChangeKind::Unreadable);
        let modified = rows.filter_map(|row| row.change.modified.as_ref());
        modified.max_by(|a, b| a.at.cmp(&b.at))
    }

    /// What the org was asked here, and what it has left for today: `4 here, 17 of 15000 today`.
    pub fn requests_in_words(&self) -> String {
        match self.usage {
            Some(usage) => format!(
                "{} here, {} of {} today",
                self.requests, usage.used, usage.allowed
            ),
            None => format!("{} here", self.requests),
        }
    }
}

/// Whether all that differs is that nothing of ours is in the org, which one line can say.
pub fn holds_nothing_of_ours(drift: &Drift) -> bool {
    let mut differing = drift
        .components
        .iter()
        .filter(|row| row.is_drift())
        .peekable();
    differing.peek().is_some() && differing.all(|row| is_by(row, CauseKind::NotDeployed))
}

fn is_by(row: &Finding, kind: CauseKind) -> bool {
    row.cause.as_ref().is_some_and(|cause| cause.kind == kind)
}
