//! What an older config left behind: components with our marker, under names that we ship, that the
//! package of today does not have.

use crate::compare::{self, Change, ChangeKind, Live, LiveState};
use crate::config::SHIPPED_NAMES;
use crate::metadata::{ComponentId, MetadataType};
use crate::package::{Manifest, Package};

/// Components that have no name of their own in the config, or another one in the org.
const OTHERS: [(&str, MetadataType); 6] = [
    (
        "EmailMessage.OpenCX_Send_Error__c",
        MetadataType::CustomField,
    ),
    ("OpenCX_Case_Event__e", MetadataType::CustomObject),
    ("OpenCX_Setting__mdt", MetadataType::CustomObject),
    ("OpenCX_Mail_Provider", MetadataType::ExternalCredential),
    ("OpenCX_Mail_Provider", MetadataType::PermissionSet),
    ("OpenCX", MetadataType::ExternalClientApplication),
];

/// The package's manifest and what could be left. An org that lacks a feature says of its types that
/// it does not know them, and returns the rest.
pub(super) fn widened(package: &Package) -> Manifest {
    let mut manifest = package.manifest();
    let mut candidates: Vec<ComponentId> = SHIPPED_NAMES
        .iter()
        // The names of objects have an ending in the org, and the other one nowhere to hold a marker.
        .filter(|(_, kind)| {
            !matches!(
                kind,
                MetadataType::CustomObject | MetadataType::PlatformEventSubscriberConfig
            )
        })
        .chain(&OTHERS)
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
                    written: Some(compare::Written {
                        template: marker.template,
                        version: marker.version,
                    }),
                    ..Change::bare(id.clone(), ChangeKind::Leftover, Some(note))
                })
            }
            // What the org has no type for, nobody left there.
            Some(LiveState::Unreadable { reason }) if is_about_a_type(reason) => None,
            Some(LiveState::Unreadable { reason }) => Some(Change::bare(
                id.clone(),
                ChangeKind::Unreadable,
                Some(format!("it may be left from an older config: {reason}")),
            )),
            Some(LiveState::Absent) | None => None,
        })
        .collect()
}

/// `Entity type: 'X' is unknown`, `Entity type 'X' is not available in this api version`.
fn is_about_a_type(reason: &str) -> bool {
    reason.starts_with("Entity type")
}
