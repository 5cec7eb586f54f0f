//! Parts of an External Client App, and the settings of a trigger on platform events.
//!
//! Their types have no description, so no marker tells who wrote them, and an org makes some of them
//! by itself as soon as the app is there. They are judged by the app or trigger that they belong to.

use crate::compare::{Change, ChangeKind, Live, LiveState, marker};
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::Package;
use crate::xml;

/// Parts that differ and belong to something of ours count as changed, not as somebody else's. Who
/// changed them is told by other evidence than theirs.
pub(super) fn judge(wanted: &Package, live: &Live, changes: &mut [Change]) {
    for change in changes {
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
    let Some(LiveState::Present { component, .. }) = live.components.get(owner) else {
        return false;
    };
    marker(component).is_some()
}
