//! What a difference most likely comes from: judged by markers, by who changed what when, and by when the
//! org was made. Where the org's list of deploys reaches back to a change, that list decides whether it was
//! a deploy, and what was changed before a sandbox was made came with its copy; everything else is a
//! likelihood, worded as one.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::compare::{Change, ChangeKind, Modified};
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

/// Whether the list of deploys would tell more of any of these changes, which are some of all.
pub(super) fn needs_history<'a>(
    org: &OrgFacts,
    changes: impl IntoIterator<Item = &'a Change>,
    all: &[Change],
) -> bool {
    let mut changes = changes.into_iter();
    changes.any(|change| is_somebodys(change, all) && !is_of_the_copy(org, change))
}

/// Changed by somebody, who may not be this tool.
fn is_somebodys(change: &Change, all: &[Change]) -> bool {
    match change.kind {
        ChangeKind::EditedByHand
        | ChangeKind::Inactive
        | ChangeKind::Foreign
        | ChangeKind::Incompatible => true,
        ChangeKind::Changed => !is_vouched_for(change) && !came_with_ours(change, all),
        _ => false,
    }
}

/// Whether a marker of ours covers what differs. Some types have no place for one, and beside a source
/// there are an API version and a status.
fn is_vouched_for(change: &Change) -> bool {
    let beside_the_source = change.component.kind.has_source() && change.diff.is_none();
    change.written.is_some() && !beside_the_source
}

/// Whether the same user changed a component of ours at the same time that is as we wrote it.
fn came_with_ours(change: &Change, all: &[Change]) -> bool {
    all.iter().any(|other| {
        let is_ours = match other.kind {
            ChangeKind::Same | ChangeKind::Older => true,
            ChangeKind::Changed => is_vouched_for(other),
            _ => false,
        };
        is_ours && other.component != change.component && is_of_one_moment(change, other)
    })
}

/// The cause of each change; none for what is equal or could not be read.
pub(super) fn causes(
    org: &OrgFacts,
    changes: &[Change],
    history: Option<&History<'_>>,
) -> Vec<Option<Cause>> {
    changes
        .iter()
        .map(|change| cause(org, change, changes, history))
        .collect()
}

fn cause(
    org: &OrgFacts,
    change: &Change,
    all: &[Change],
    history: Option<&History<'_>>,
) -> Option<Cause> {
    if change.is_difference() && is_of_the_copy(org, change) {
        return Some(Cause {
            kind: CauseKind::SandboxRefresh,
            evidence: format!(
                "nobody changed it since the sandbox was made{}: it came with the copy of \
                 production, as the credentials and addresses of that did",
                on_day(org)
            ),
        });
    }
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
        ChangeKind::Changed if is_vouched_for(change) => told(
            CauseKind::OtherConfig,
            "its marker is intact and of this release",
        ),
        ChangeKind::Changed if came_with_ours(change, all) => told(
            CauseKind::OtherConfig,
            "it was changed in one go with components that are as opencx-sf wrote them",
        ),
        ChangeKind::Missing => {
            let nothing = all
                .iter()
                .all(|other| matches!(other.kind, ChangeKind::Missing | ChangeKind::Foreign));
            if nothing && org.kind == OrgKind::Sandbox && org.created.is_some() {
                let day = on_day(org);
                let evidence = format!(
                    "nothing of ours is in the sandbox, which was made{day}; what was deployed \
                     before that is gone"
                );
                told(CauseKind::NeverDeployed, &evidence)
            } else if nothing {
                told(CauseKind::NeverDeployed, "nothing of ours is in the org")
            } else {
                told(CauseKind::Deleted, "the rest is in the org")
            }
        }
        ChangeKind::Changed
        | ChangeKind::EditedByHand
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
        evidence: format!("{seen} (a guess, without the org's list of deploys)"),
    }
}

/// Whether a sandbox has it from the org that it is a copy of: its last change is older than the sandbox.
/// A refresh makes a new org, with another id, and components keep the dates that they had.
fn is_of_the_copy(org: &OrgFacts, change: &Change) -> bool {
    let changed = |modified: &Modified| modified.at.parse::<Timestamp>().ok();
    let at = change.modified.as_ref().and_then(changed);
    org.kind == OrgKind::Sandbox
        && org
            .created
            .is_some_and(|made| at.is_some_and(|at| at < made))
}

/// ` on 2026-11-20`, when it is known when the org was made.
fn on_day(org: &OrgFacts) -> String {
    let day = |made: Timestamp| format!(" on {}", made.strftime("%Y-%m-%d"));
    org.created.map_or_else(String::new, day)
}

/// How many differing components the same user changed at the same time, this one included.
fn written_together(change: &Change, all: &[Change]) -> usize {
    let same = |other: &&Change| other.is_difference() && is_of_one_moment(change, other);
    all.iter().filter(same).count().max(1)
}

/// Whether the same user changed both at the same time.
fn is_of_one_moment(one: &Change, other: &Change) -> bool {
    let both = (&one.modified, &other.modified);
    let (Some(one), Some(other)) = both else {
        return false;
    };
    let (one, other) = (moment(one), moment(other));
    one.zip(other)
        .is_some_and(|((by, at), (who, when))| by == who && (when - at).abs() <= ONE_DEPLOY_SECONDS)
}

fn moment(modified: &Modified) -> Option<(&str, i64)> {
    let at: Timestamp = modified.at.parse().ok()?;
    Some((&modified.by, at.as_second()))
}
