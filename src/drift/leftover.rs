//! What an older config left behind: components with our marker, under names that we ship, that the
//! package of today does not have.

use std::collections::BTreeSet;

use crate::compare::{self, Change, ChangeKind, Live, LiveState};
use crate::config::SHIPPED_NAMES;
use crate::metadata::{ComponentId, MetadataType};
use crate::package::{Manifest, Package};

/// Components that have no name of their own in the config.
const UNNAMED: [(&str, MetadataType); 2] = [
    (
        "EmailMessage.OpenCX_Send_Error__c",
        MetadataType::CustomField,
    ),
    ("OpenCX_Mail_Provider", MetadataType::PermissionSet),
];

/// The package's manifest and what could be left. Only types that the package has are asked for: an
/// org that lacks a feature refuses a retrieve of its types.
pub(super) fn widened(package: &Package) -> Manifest {
    let mut manifest = package.manifest();
    let kinds: BTreeSet<MetadataType> = manifest.members.iter().map(|id| id.kind).collect();
    let mut candidates: Vec<ComponentId> = SHIPPED_NAMES
        .iter()
        .chain(&UNNAMED)
        .filter(|(_, kind)| kinds.contains(kind) && *kind != MetadataType::CustomObject)
        .map(|(name, kind)| ComponentId::new(*kind, *name))
        .filter(|id| !package.components.contains_key(id))
        .collect();
    manifest.members.append(&mut candidates);
    manifest
}

/// Of what was asked for beyond the package: what is ours, and what the org did not show.
pub(super) fn leftovers(package: &Package, manifest: &Manifest, live: &Live) -> Vec<Change> {
    manifest
        .members
        .iter()
        .filter(|id| !package.components.contains_key(id))
        .filter_map(|id| match live.components.get(id) {
            Some(LiveState::Present {
                component,
                modified,
            }) => {
                let marker = compare::marker(component)?;
                let note = format!(
                    "made from template {} version {}; the config does not ask for it",
                    marker.template, marker.version
                );
                Some(Change {
                    modified: modified.clone(),
                    ..Change::bare(id.clone(), ChangeKind::Leftover, Some(note))
                })
            }
            Some(LiveState::Unreadable { reason }) => Some(Change::bare(
                id.clone(),
                ChangeKind::Unreadable,
                Some(format!("it may be left from an older config: {reason}")),
            )),
            Some(LiveState::Absent) | None => None,
        })
        .collect()
}
