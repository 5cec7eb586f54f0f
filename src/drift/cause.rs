//! What a difference most likely comes from: judged by markers, by who changed what when, and by the
//! kind of org. Where the org's list of deploys reaches back to a change, that list decides whether it was
//! a deploy; everything else is a likelihood, worded as one.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::compare::{Change, ChangeKind, Modified};
use crate::metadata::MetadataType;
use crate::plan::OrgFacts;
use crate::sf::{DeployRequest, OrgKind};

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

/// For so long an org keeps the results of deploys (Metadata API guide, "deploy()").
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The deploys that an org remembers, for telling a deploy from an edit.
#[derive(Debug)]
pub(super) struct History<'a> {
    pub deploys: &'a [DeployRequest],
    pub now: Timestamp,
}

impl History<'_> {
    /// Whether the org would still know of a deploy at that moment.
    fn reaches(&self, at: Timestamp) -> bool {
        self.now.duration_since(at) < KEPT
    }

    /// The deploy by which that user changed something then. Dates have whole seconds.
    fn deploy(&self, by: &str, at: Timestamp) -> Option<&DeployRequest> {
        let second = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_second);
        let at = at.as_second();
        self.deploys.iter().find(|deploy| {
            let began = second(&deploy.created).is_some_and(|began| began <= at);
            let ended = second(&deploy.completed).is_none_or(|ended| at <= ended);
            !deploy.check_only && deploy.user_name == by && began && ended
        })
    }
}

/// Whether the list of deploys would tell more of any of these changes.
pub(super) fn needs_history(changes: &[Change]) -> bool {
    changes.iter().any(|change| is_somebodys(change.kind))
}

/// Changed by somebody, who is not this tool.
fn is_somebodys(kind: ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::EditedByHand
            | ChangeKind::Inactive
            | ChangeKind::Foreign
            | ChangeKind::Incompatible
    )
}

/// The cause of each change; none for what is equal or could not be read.
pub(super) fn causes(
    org: &OrgFacts,
    changes: &[Change],
    history: Option<&History<'_>>,
) -> Vec<Option<Cause>> {
    let refreshed = looks_refreshed(org, changes);
    changes
        .iter()
        .map(|change| cause(change, changes, refreshed, history))
        .collect()
}

fn cause(
    change: &Change,
    all: &[Change],
    refreshed: bool,
    history: Option<&History<'_>>,
) -> Option<Cause> {
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
            Some(by_history(change, history).unwrap_or_else(|| guess(change, all)))
        }
    }
}

/// What the org's list of deploys says, where it reaches back to the change.
fn by_history(change: &Change, history: Option<&History<'_>>) -> Option<Cause> {
    let (history, modified) = (history?, change.modified.as_ref()?);
    let at: Timestamp = modified.at.parse().ok()?;
    if let Some(deploy) = history.deploy(&modified.by, at) {
        return Some(Cause {
            kind: CauseKind::OtherDeployer,
            evidence: format!("deploy {} of {} ran then", deploy.id, deploy.user_name),
        });
    }
    history.reaches(at).then(|| Cause {
        kind: CauseKind::HandEdit,
        evidence: "the org lists no deploy of that user then, so it was changed in Setup, in the \
                   Developer Console or by the Tooling API"
            .to_owned(),
    })
}

/// Without the org's word: who changed how much at a time.
fn guess(change: &Change, all: &[Change]) -> Cause {
    let together = written_together(change, all);
    let (kind, seen) = if together >= ONE_DEPLOY_COMPONENTS {
        let seen = format!("{together} components were changed by one user within seconds");
        (CauseKind::OtherDeployer, seen)
    } else if matches!(change.kind, ChangeKind::Foreign | ChangeKind::Incompatible) {
        (
            CauseKind::OtherDeployer,
            "it has no marker of ours".to_owned(),
        )
    } else {
        let seen = "few components were changed at that time".to_owned();
        (CauseKind::HandEdit, seen)
    };
    Cause {
        kind,
        evidence: format!("{seen} (a guess: the org's list of deploys does not tell)"),
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
    let at: Timestamp = modified.at.parse().ok()?;
    Some((&modified.by, at.as_second()))
}
