//! Parts of an External Client App, and the settings of a trigger on platform events.
//!
//! Their types have no description, so no marker tells who wrote them, and an org makes some of them
//! by itself as soon as the app is there. They are judged by the app or trigger that they belong to.

use crate::compare::{Applied, Change, ChangeKind, LastApplied, Live, LiveState, marker};
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::{Package, parts};
use crate::xml;

/// Parts that differ and belong to something of ours count as changed, not as somebody else's. Who
/// changed them is told by other evidence than theirs: first by the digests that we left in the org.
pub(super) fn judge(wanted: &Package, live: &Live, changes: &mut [Change]) {
    for change in changes {
        if change.is_difference() {
            change.last_applied = last_applied(wanted, live, &change.component);
        }
        if change.kind == ChangeKind::Foreign
            && wanted
                .components
                .get(&change.component)
                .and_then(owner_of)
                .is_some_and(|owner| is_ours(live, &owner))
        {
            change.kind = ChangeKind::Changed;
        }
    }
}

/// What a component without a marker belongs to.
fn owner_of(part: &Component) -> Option<ComponentId> {
    let (owner, field) = match part.id.kind {
        kind if kind.belongs_to_app() => (
            MetadataType::ExternalClientApplication,
            "externalClientApplication",
        ),
        MetadataType::PlatformEventSubscriberConfig => {
            (MetadataType::ApexTrigger, "platformEventConsumer")
        }
        _ => return None,
    };
    let root = xml::parse(&part.xml).ok()?;
    Some(ComponentId::new(owner, root.child_text(field)?.trim()))
}

fn is_ours(live: &Live, owner: &ComponentId) -> bool {
    present(live, owner).is_some_and(|component| marker(component).is_some())
}

fn present<'a>(live: &'a Live, id: &ComponentId) -> Option<&'a Component> {
    match live.components.get(id)? {
        LiveState::Present { component, .. } => Some(component),
        LiveState::Absent | LiveState::Unreadable { .. } => None,
    }
}

/// What the org's keeper of a part says of it, where there is one of ours.
fn last_applied(wanted: &Package, live: &Live, part: &ComponentId) -> Option<LastApplied> {
    let part = wanted.components.get(part)?;
    let keeper = parts::keeper_of(part, wanted.components.keys())?;
    let theirs = present(live, keeper).filter(|theirs| marker(theirs).is_some())?;
    let noted = parts::kept(theirs);
    let is_current = noted == parts::kept(wanted.components.get(keeper)?);
    let digest = present(live, &part.id).and_then(parts::digest);
    Some(LastApplied {
        keeper: keeper.clone(),
        part: match noted.zip(digest) {
            Some((noted, digest)) if noted.contains(&digest) => Applied::AsWritten,
            Some(_) => Applied::Otherwise,
            None => Applied::NotKnown,
        },
        is_current,
    })
}
