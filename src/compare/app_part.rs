//! Parts of an External Client App.
//!
//! Their types have no description, so no marker tells who wrote them, and an org makes some of them
//! by itself as soon as the app is there. They are judged by the app that they belong to.

use crate::apex::Marker;
use crate::compare::{Change, ChangeKind, Live, LiveState};
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::Package;
use crate::xml;

/// Parts that differ and belong to an app of ours count as changed, not as somebody else's.
pub(super) fn judge(wanted: &Package, live: &Live, changes: &mut [Change]) {
    for change in changes {
        let is_part = change.component.kind.belongs_to_app();
        if is_part
            && change.kind == ChangeKind::Foreign
            && wanted
                .components
                .get(&change.component)
                .and_then(app_of)
                .is_some_and(|app| is_ours(live, &app))
        {
            change.kind = ChangeKind::Changed;
        }
    }
}

fn app_of(part: &Component) -> Option<ComponentId> {
    let root = xml::parse(&part.xml).ok()?;
    let name = root.child_text("externalClientApplication")?.trim();
    Some(ComponentId::new(
        MetadataType::ExternalClientApplication,
        name,
    ))
}

fn is_ours(live: &Live, app: &ComponentId) -> bool {
    let Some(LiveState::Present { component, .. }) = live.components.get(app) else {
        return false;
    };
    xml::parse(&component.xml).is_ok_and(|root| {
        root.child_text("description")
            .and_then(Marker::in_description)
            .is_some()
    })
}
