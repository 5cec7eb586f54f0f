//! Whether a person would lose something by a deploy, where no marker says so.

use super::history::Reach;
use super::{
    History, ONE_DEPLOY_COMPONENTS, applied, came_with_ours, is_of_the_copy, is_vouched_for,
    moment, was_left_over, written_together,
};
use crate::compare::{Applied, Change, ChangeKind};
use crate::plan::OrgFacts;

/// Who made a difference that no marker covers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// A deploy, of this tool or of another.
    Deploy,
    /// A person, outside of any deploy.
    Person,
    /// That can't be told, for this reason.
    Unknown(String),
}

/// Whether the org's list of deploys decides about one of these.
pub fn in_question(org: &OrgFacts, changes: &[Change]) -> bool {
    changes.iter().any(|change| {
        let is_open = is_unmarked(change) && !came_with_ours(change, changes);
        (is_open || change.kind == ChangeKind::Inactive) && !is_of_the_copy(org, change)
    })
}

/// Finds out of what no marker covers whether a person changed it: such a component counts as edited by
/// hand, or as perhaps edited where that can't be told. What a deploy changed stays changed, and what this
/// tool itself switched off counts as changed.
pub fn judge(org: &OrgFacts, changes: &mut [Change], history: &History) {
    let authors: Vec<Option<Author>> = changes
        .iter()
        .map(|change| is_unmarked(change).then(|| author(org, change, changes, history)))
        .collect();
    for (change, author) in changes.iter_mut().zip(authors) {
        // What an uninstall or a rollback of ours switched off is nobody's decision that counts.
        if change.kind == ChangeKind::Inactive && history.is_in_a_journal(&org.id, change) {
            change.kind = ChangeKind::Changed;
        }
        match author {
            Some(Author::Person) => change.kind = ChangeKind::EditedByHand,
            Some(Author::Unknown(why)) => {
                change.kind = ChangeKind::PerhapsEdited;
                change.note = Some(format!(
                    "it can't be told whether a deploy or a person changed it: {why}"
                ));
            }
            Some(Author::Deploy) | None => {}
        }
    }
}

/// Ours, different, and nothing in it says who made it so.
fn is_unmarked(change: &Change) -> bool {
    change.kind == ChangeKind::Changed && change.note.is_none() && !is_vouched_for(change)
}

/// The surest word first: what we noted in the org, components that are as we wrote them and changed in
/// the same go, the org's list of deploys, this machine's journals, and how much was changed at once.
///
/// What we noted and is not so any more was changed by somebody: a deploy that we know nothing of is no
/// better than an edit then.
pub(super) fn author(org: &OrgFacts, change: &Change, all: &[Change], history: &History) -> Author {
    match applied(change) {
        Applied::AsWritten => return Author::Deploy,
        Applied::Otherwise => {
            let is_ours = came_with_ours(change, all)
                || history.is_in_a_journal(&org.id, change)
                || was_left_over(change, all, history, &org.id);
            return if is_ours {
                Author::Deploy
            } else {
                Author::Person
            };
        }
        Applied::NotKnown => {}
    }
    let Some((modified, at)) = change
        .modified
        .as_ref()
        .and_then(|modified| Some((modified, moment(modified)?)))
    else {
        return Author::Unknown("the org did not say who changed it last, and when".to_owned());
    };
    if came_with_ours(change, all)
        || history.deploy(modified).is_some()
        || history.is_in_a_journal(&org.id, change)
    {
        return Author::Deploy;
    }
    let why = if is_of_the_copy(org, change) {
        "it came with the copy of production, whose deploys a sandbox does not know".to_owned()
    } else {
        match history.reach(at) {
            Reach::There => return Author::Person,
            Reach::Not(why) => why,
        }
    };
    let is_much = written_together(change, all) >= ONE_DEPLOY_COMPONENTS;
    if is_much || has_the_version_of_the_rest(change, all) {
        Author::Deploy
    } else {
        Author::Unknown(why)
    }
}

/// Whether nothing differs but an API version, which all other Apex of ours has too: that is the one that
/// an older config pinned.
fn has_the_version_of_the_rest(change: &Change, all: &[Change]) -> bool {
    let version = |change: &Change| match change.fields.as_slice() {
        [field] if field.field == "apiVersion" => field.live.clone(),
        _ => None,
    };
    let Some(own) = version(change) else {
        return false;
    };
    let rest: Vec<&Change> = all
        .iter()
        .filter(|other| other.component != change.component)
        .filter(|other| other.component.kind.has_source() && other.kind != ChangeKind::Missing)
        .collect();
    rest.len() >= ONE_DEPLOY_COMPONENTS
        && rest
            .iter()
            .all(|other| version(other).as_ref() == Some(&own))
}
