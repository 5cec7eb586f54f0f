//! The names that components have in this integration.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::apex;
use crate::metadata::{ComponentId, MetadataType};

/// From shipped names to the names in use. Components that share a shipped name (the Named
/// Credential and the permission set are both `OpenCX_Integration`) are renamed together.
#[derive(Debug)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// The names of these members, renamed as configured. Each is checked, because templates
    /// write names as they are.
    pub(super) fn new(
        members: &[ComponentId],
        renamed: &BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let mut names = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for member in members.iter().filter(|member| is_renamable(member)) {
            let shipped = shipped_name(member);
            let name = renamed.get(shipped).map_or(shipped, String::as_str);
            apex::check_name(name).map_err(|source| Error::Name {
                shipped: shipped.to_owned(),
                name: name.to_owned(),
                source,
            })?;
            if !taken.insert(ComponentId::new(member.kind, name)) {
                return Err(Error::SameName(name.to_owned()));
            }
            names.insert(shipped.to_owned(), format!("{name}{}", suffix(member)));
        }
        Ok(Self(names))
    }

    /// The component under the name in use.
    pub(super) fn actual(&self, shipped: &ComponentId) -> ComponentId {
        if let Some(name) = self.0.get(shipped_name(shipped)) {
            return ComponentId::new(shipped.kind, name.clone());
        }
        // A field goes with its object, and a record with its type.
        let (object, part) = shipped
            .full_name
            .as_str()
            .split_once('.')
            .unwrap_or_default();
        let object = ComponentId::new(MetadataType::CustomObject, object);
        let Some(name) = self.0.get(shipped_name(&object)) else {
            return shipped.clone();
        };
        let name = match shipped.kind {
            // Its full name has its type without the ending.
            MetadataType::CustomMetadata => name.strip_suffix(SETTINGS).unwrap_or(name),
            _ => name,
        };
        ComponentId::new(shipped.kind, format!("{name}.{part}"))
    }

    /// Shipped name and name in use, sorted.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(shipped, name)| (shipped.as_str(), name.as_str()))
    }
}

/// The endings that tell a platform event and a custom metadata type, as the platform demands them.
const EVENT: &str = "__e";
const SETTINGS: &str = "__mdt";

/// The name by which config and templates know a component: that of an object is without its ending.
fn shipped_name(member: &ComponentId) -> &str {
    let name = member.full_name.as_str();
    name.strip_suffix(suffix(member)).unwrap_or(name)
}

fn suffix(member: &ComponentId) -> &'static str {
    let name = member.full_name.as_str();
    let endings = [EVENT, SETTINGS].into_iter();
    let mut endings = endings.filter(|ending| name.ends_with(ending));
    match member.kind {
        MetadataType::CustomObject => endings.next().unwrap_or_default(),
        _ => "",
    }
}

/// OpenCX writes the field by its name, so that one is fixed. A record goes with its type.
fn is_renamable(member: &ComponentId) -> bool {
    !matches!(
        member.kind,
        MetadataType::CustomField | MetadataType::CustomMetadata
    )
}
