//! Whom a difference comes from: this tool, another deploy, or a person in Setup.
//!
//! A marker tells of what it covers. The settings and policies of an External Client App and of a
//! trigger's subscription have no place for one, and it covers no API version and no status beside a
//! source. Of the first, what they belong to keeps digests (`package::parts`), which tell for ever what
//! we wrote last. Without those, who changed them is told by who changed what when, by the org's list of
//! deploys and by this machine's journals.

mod author;
mod cause;
mod history;
#[cfg(test)]
mod tests;

pub use author::{in_question, judge};
pub use cause::{Cause, CauseKind, causes, needs_history};
pub use history::{History, Listed};

use crate::compare::{Applied, Change, ChangeKind, Modified};
use crate::metadata::{ComponentId, MetadataType, OrgId};
use crate::plan::OrgFacts;
use crate::sf::OrgKind;

use jiff::Timestamp;

/// People save one component after the other; a deploy writes many at once.
const ONE_DEPLOY_SECONDS: i64 = 5;
const ONE_DEPLOY_COMPONENTS: usize = 3;

/// Whether a marker of ours covers what differs. Some types have no place for one, and beside a source
/// there are an API version and a status.
fn is_vouched_for(change: &Change) -> bool {
    let beside_the_source = change.component.kind.has_source() && change.diff.is_none();
    change.written.is_some() && !beside_the_source
}

/// Whether the same user changed a component of ours at the same time that is as we wrote it. An app
/// and its parts say nothing of each other's changes, as one page of Setup saves them together; but a
/// part that is as old as the app came with it.
fn came_with_ours(change: &Change, all: &[Change]) -> bool {
    // What was noted in the org tells more than that two things were changed together.
    match applied(change) {
        Applied::AsWritten => return true,
        Applied::Otherwise => return all.iter().any(|app| is_as_old_as(change, app)),
        Applied::NotKnown => {}
    }
    all.iter().any(|other| {
        let is_ours = match other.kind {
            ChangeKind::Same => has_place_for_marker(other.component.kind),
            ChangeKind::Older => true,
            ChangeKind::Changed => is_vouched_for(other),
            _ => false,
        };
        is_ours
            && if unit(&other.component) == unit(&change.component) {
                is_as_old_as(change, other)
            } else {
                is_of_one_moment(change, other)
            }
    })
}

/// Whether a part of an app was last changed when that app was made, by the user who made it.
fn is_as_old_as(part: &Change, app: &Change) -> bool {
    let both = (&part.modified, &app.modified);
    let (true, (Some(part), Some(app))) = (part.component.kind.belongs_to_app(), both) else {
        return false;
    };
    let Some((made, at)) = app.made.as_ref().zip(moment(part)) else {
        return false;
    };
    let is_by_maker = !part.by_id.is_empty() && part.is_by(&made.by_id, "");
    let when: Option<Timestamp> = made.at.parse().ok();
    is_by_maker && when.is_some_and(|when| is_one_go(at, when))
}

/// How a part stands to what the org says that we wrote there last.
fn applied(change: &Change) -> Applied {
    let last = change.last_applied.as_ref();
    last.map_or(Applied::NotKnown, |last| last.part)
}

/// Whether nobody changed a part since a deploy wrote that the part is to be what we want it to be: that
/// deploy, or one after it, would have written the part, and did not come to it.
fn was_left_over(change: &Change, all: &[Change], history: &History, org: &OrgId) -> bool {
    let Some(last) = change.last_applied.as_ref().filter(|last| last.is_current) else {
        return false;
    };
    let Some(keeper) = all.iter().find(|other| other.component == last.keeper) else {
        return false;
    };
    let at = |change: &Change| change.modified.as_ref().and_then(moment);
    let is_older = at(change)
        .zip(at(keeper))
        .is_some_and(|(part, keeper)| part < keeper);
    let is_by_deploy = || {
        let listed = keeper.modified.as_ref();
        listed.is_some_and(|modified| history.deploy(modified).is_some())
            || history.is_in_a_journal(org, keeper)
    };
    is_older && is_by_deploy()
}

fn has_place_for_marker(kind: MetadataType) -> bool {
    !(kind.belongs_to_app()
        || kind.is_the_administrators()
        || kind == MetadataType::PlatformEventSubscriberConfig)
}

/// What a person saves at once: an app with its parts, anything else alone.
fn unit(component: &ComponentId) -> Option<&ComponentId> {
    let is_of_app = component.kind.belongs_to_app()
        || component.kind == MetadataType::ExternalClientApplication;
    (!is_of_app).then_some(component)
}

/// How many such units of what differs the same user changed at the same time, this one included.
fn written_together(change: &Change, all: &[Change]) -> usize {
    let same = |other: &&Change| other.is_difference() && is_of_one_moment(change, other);
    let units: std::collections::BTreeSet<_> = all
        .iter()
        .filter(same)
        .map(|other| unit(&other.component))
        .collect();
    units.len().max(1)
}

/// Whether a sandbox has it from the org that it is a copy of: its last change is older than the sandbox.
/// A refresh makes a new org, with another id, and components keep the dates that they had.
fn is_of_the_copy(org: &OrgFacts, change: &Change) -> bool {
    let at = change.modified.as_ref().and_then(moment);
    org.kind == OrgKind::Sandbox
        && org
            .created
            .is_some_and(|made| at.is_some_and(|at| at < made))
}

/// Whether the same user changed both at the same time.
fn is_of_one_moment(one: &Change, other: &Change) -> bool {
    let (Some(one), Some(other)) = (&one.modified, &other.modified) else {
        return false;
    };
    let (Some(at), Some(when)) = (moment(one), moment(other)) else {
        return false;
    };
    one.is_by_the_same_user(other) && is_one_go(at, when)
}

fn is_one_go(one: Timestamp, other: Timestamp) -> bool {
    (one.as_second() - other.as_second()).abs() <= ONE_DEPLOY_SECONDS
}

fn moment(modified: &Modified) -> Option<Timestamp> {
    modified.at.parse().ok()
}
