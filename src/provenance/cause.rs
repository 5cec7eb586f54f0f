//! What a difference most likely comes from: judged by markers, by who changed what when, and by when the
//! org was made. Where the org's list of deploys reaches back to a change, that list decides whether it was
//! a deploy, and what was changed before a sandbox was made came with its copy; everything else is a
//! likelihood, worded as one.

use jiff::Timestamp;
use serde::Serialize;

use super::history::Reach;
use super::{
    History, ONE_DEPLOY_COMPONENTS, applied, came_with_ours, is_of_the_copy, is_vouched_for,
    moment, was_left_over, written_together,
};
use crate::compare::{Applied, Change, ChangeKind};
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
    NotDeployed,
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

/// Whether the list of deploys would tell more of any of these changes, which are some of all.
pub fn needs_history<'a>(
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
        | ChangeKind::PerhapsEdited
        | ChangeKind::Inactive
        | ChangeKind::Foreign
        | ChangeKind::Incompatible => true,
        ChangeKind::Changed => !is_vouched_for(change) && !came_with_ours(change, all),
        _ => false,
    }
}

/// The cause of each change; none for what is equal or could not be read.
pub fn causes(org: &OrgFacts, changes: &[Change], history: &History) -> Vec<Option<Cause>> {
    changes
        .iter()
        .map(|change| cause(org, change, changes, history))
        .collect()
}

fn cause(org: &OrgFacts, change: &Change, all: &[Change], history: &History) -> Option<Cause> {
    if change.is_difference() && is_of_the_copy(org, change) {
        return Some(Cause {
            kind: CauseKind::SandboxRefresh,
            evidence: format!(
                "nobody changed it since the sandbox was made{} (by its Organization.CreatedDate): \
                 it came with the copy of production, as the credentials and addresses of that did",
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
        ChangeKind::Changed if applied(change) == Applied::AsWritten => told(
            CauseKind::OtherConfig,
            "the digest that opencx-sf keeps of it in the org is that of what is there",
        ),
        ChangeKind::Changed if came_with_ours(change, all) => told(
            CauseKind::OtherConfig,
            "it was changed in one go with components that are as opencx-sf wrote them",
        ),
        ChangeKind::Changed | ChangeKind::Inactive if history.is_in_a_journal(&org.id, change) => {
            told(
                CauseKind::OtherConfig,
                "a journal of this machine has the deploy that wrote it",
            )
        }
        ChangeKind::Changed if was_left_over(change, all, history, &org.id) => told(
            CauseKind::OtherConfig,
            "a deploy began that would have written it, and nobody changed it since",
        ),
        ChangeKind::Missing => {
            let nothing = all
                .iter()
                .all(|other| matches!(other.kind, ChangeKind::Missing | ChangeKind::Foreign));
            if nothing && org.kind == OrgKind::Sandbox && org.created.is_some() {
                let day = on_day(org);
                let evidence = format!(
                    "nothing of ours is in the sandbox, which was made{day} (by its \
                     Organization.CreatedDate); what was deployed before that is gone"
                );
                told(CauseKind::NotDeployed, &evidence)
            } else if nothing {
                told(CauseKind::NotDeployed, "nothing of ours is in the org")
            } else {
                told(CauseKind::Deleted, "the rest is in the org")
            }
        }
        ChangeKind::Changed
        | ChangeKind::EditedByHand
        | ChangeKind::PerhapsEdited
        | ChangeKind::Inactive
        | ChangeKind::Foreign
        | ChangeKind::Incompatible => {
            Some(by_history(change, history).unwrap_or_else(|| guess(change, all)))
        }
    }
}

/// What the org's list of deploys says, where it reaches back to the change.
fn by_history(change: &Change, history: &History) -> Option<Cause> {
    let modified = change.modified.as_ref()?;
    if let Some(deploy) = history.deploy(modified) {
        return Some(Cause {
            kind: CauseKind::OtherDeployer,
            evidence: format!("deploy {} of {} ran then", deploy.id, deploy.user_name),
        });
    }
    matches!(history.reach(moment(modified)?), Reach::There).then(|| Cause {
        kind: CauseKind::HandEdit,
        evidence: "the org lists no deploy of that user then, so it was changed in Setup, in the \
                   Developer Console or by the Tooling API"
            .to_owned(),
    })
}

/// Without the org's word: who changed how much at a time.
fn guess(change: &Change, all: &[Change]) -> Cause {
    if applied(change) == Applied::Otherwise {
        return Cause {
            kind: CauseKind::HandEdit,
            evidence: "the digest that opencx-sf keeps of it in the org is another: what \
                       opencx-sf wrote last was changed"
                .to_owned(),
        };
    }
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

/// ` on 2026-11-20`, when it is known when the org was made.
fn on_day(org: &OrgFacts) -> String {
    let day = |made: Timestamp| format!(" on {}", made.strftime("%Y-%m-%d"));
    org.created.map_or_else(String::new, day)
}
