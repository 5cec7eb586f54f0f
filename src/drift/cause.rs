//! What a difference most likely comes from: judged by markers, by who changed what when, and by the
//! kind of org. A likelihood, worded as one.

use serde::Serialize;

use crate::compare::{Change, ChangeKind, Modified};
use crate::metadata::MetadataType;
use crate::plan::OrgFacts;
use crate::sf::OrgKind;

/// What a difference most likely comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// Somebody changed it in Setup or an editor.
    HandEdit,
    /// A deploy that is not ours.
    OtherDeployer,
    /// An older release of this tool wrote it.
    OlderRelease,
    /// A newer release of this tool wrote it.
    NewerRelease,
    /// This tool wrote it, from a config that says something else.
    OtherConfig,
    /// The org is a sandbox that holds what production holds.
    SandboxRefresh,
    /// Nothing of the integration is there.
    NeverDeployed,
    /// It is not there, and the rest is.
    Deleted,
}

/// What a difference most likely comes from, and by what one can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What it is.
    pub kind: CauseKind,
    /// By what one can tell.
    pub evidence: String,
}

/// People save one component after the other; a deploy writes many at once.
const ONE_DEPLOY_SECONDS: i64 = 5;
const ONE_DEPLOY_COMPONENTS: usize = 3;

/// The cause of each change; none for what is equal or could not be read.
pub(super) fn causes(org: &OrgFacts, changes: &[Change]) -> Vec<Option<Cause>> {
    let refreshed = looks_refreshed(org, changes);
    changes
        .iter()
        .map(|change| cause(change, changes, refreshed))
        .collect()
}

fn cause(change: &Change, all: &[Change], refreshed: bool) -> Option<Cause> {
    let told = |kind, evidence: &str| {
        Some(Cause {
            kind,
            evidence: evidence.to_owned(),
        })
    };
    match change.kind {
        ChangeKind::Same | ChangeKind::Unreadable => None,
        ChangeKind::Older => told(CauseKind::OlderRelease, "its marker is intact and older"),
        ChangeKind::Leftover => told(
            CauseKind::OtherConfig,
            "its marker is ours, and the config does not ask for it",
        ),
        ChangeKind::Changed if change.note.is_some() => {
            told(CauseKind::NewerRelease, "its marker is intact and newer")
        }
        ChangeKind::Changed if refreshed => told(
            CauseKind::SandboxRefresh,
            "the org is a sandbox, and its credential is intact and from another config",
        ),
        ChangeKind::Changed => told(
            CauseKind::OtherConfig,
            "its marker is intact and of this release",
        ),
        ChangeKind::Missing => {
            let nothing = all
                .iter()
                .all(|other| matches!(other.kind, ChangeKind::Missing | ChangeKind::Foreign));
            if nothing {
                told(CauseKind::NeverDeployed, "nothing of ours is in the org")
            } else {
                told(CauseKind::Deleted, "the rest is in the org")
            }
        }
        ChangeKind::EditedByHand
        | ChangeKind::Inactive
        | ChangeKind::Foreign
        | ChangeKind::Incompatible => {
            let together = written_together(change, all);
            if together >= ONE_DEPLOY_COMPONENTS {
                told(
                    CauseKind::OtherDeployer,
                    &format!("{together} components were changed by one user within seconds"),
                )
            } else if matches!(change.kind, ChangeKind::Foreign | ChangeKind::Incompatible) {
                told(CauseKind::OtherDeployer, "it has no marker of ours")
            } else {
                told(
                    CauseKind::HandEdit,
                    "few components were changed at that time",
                )
            }
        }
    }
}

/// A refreshed sandbox holds production's package: ours, intact, and with another credential.
fn looks_refreshed(org: &OrgFacts, changes: &[Change]) -> bool {
    org.kind == OrgKind::Sandbox
        && changes.iter().any(|change| {
            change.component.kind == MetadataType::NamedCredential
                && change.kind == ChangeKind::Changed
                && change.note.is_none()
        })
}

/// How many differing components the same user changed at the same time, this one included.
fn written_together(change: &Change, all: &[Change]) -> usize {
    let Some((by, at)) = change.modified.as_ref().and_then(moment) else {
        return 1;
    };
    let same = |other: &&Change| {
        let moment = other.modified.as_ref().and_then(moment);
        other.is_difference()
            && moment
                .is_some_and(|(who, when)| who == by && (when - at).abs() <= ONE_DEPLOY_SECONDS)
    };
    all.iter().filter(same).count()
}

fn moment(modified: &Modified) -> Option<(&str, i64)> {
    let at: jiff::Timestamp = modified.at.parse().ok()?;
    Some((&modified.by, at.as_second()))
}
