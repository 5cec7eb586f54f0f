//! The Metadata API WSDL (v66.0) as a table: which fields each type has, in which order.
//!
//! A complex type of the WSDL is one [`Type`]; the fields stand in the order of its `xs:sequence`,
//! those of its base types first. Adding a metadata type is adding its [`Type`]s here. What the
//! WSDL doesn't say, namely defaults, keys and who owns a value, comes from the type's page in the
//! Metadata API Developer Guide and from what orgs return.

mod apex;
mod custom_field;
mod custom_metadata;
mod custom_object;
mod custom_permission;
mod external_client_app;
mod external_credential;
mod field;
mod messaging;
mod named_credential;
mod package;
mod permission_set;
mod platform_event;

#[cfg(test)]
mod wsdl;

pub use field::{Field, FieldType, Role};

use crate::metadata::MetadataType;

/// A complex type of the WSDL.
#[derive(Debug)]
pub struct Type {
    /// Its name in the WSDL, which for a metadata type is the root element too.
    pub name: &'static str,
    /// Its fields in WSDL order.
    pub fields: &'static [Field],
    /// The fields whose values tell entries of a list of this type apart. Empty where the order
    /// of entries means something, as for picklist values.
    pub key: &'static [&'static str],
    /// Whether an entry that says no more than `false` or `None` means the same as no entry.
    pub grants: bool,
}

impl Type {
    const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self {
            name,
            fields,
            key: &[],
            grants: false,
        }
    }

    const fn keyed(self, key: &'static [&'static str]) -> Self {
        Self { key, ..self }
    }

    const fn grants(self) -> Self {
        Self {
            grants: true,
            ..self
        }
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Where a field stands in WSDL order.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

const GROUPS: &[&[Type]] = &[
    apex::TYPES,
    custom_field::TYPES,
    custom_metadata::TYPES,
    custom_object::TYPES,
    custom_permission::TYPES,
    external_client_app::TYPES,
    external_credential::TYPES,
    messaging::TYPES,
    named_credential::TYPES,
    package::TYPES,
    permission_set::TYPES,
    platform_event::TYPES,
];

/// Every type of the table.
pub fn types() -> impl Iterator<Item = &'static Type> {
    GROUPS.iter().copied().flatten()
}

/// The type of that WSDL name (`PermissionSetFieldPermissions`), when the table has it.
pub fn type_named(name: &str) -> Option<&'static Type> {
    types().find(|of| of.name == name)
}

/// The type of a component's own XML file.
pub fn type_of(kind: MetadataType) -> Option<&'static Type> {
    type_named(kind.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metadata_type_has_an_entry() {
        for kind in MetadataType::ALL {
            assert!(type_of(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn types_and_fields_are_listed_once_and_references_resolve() {
        let mut names: Vec<_> = types().map(|of| of.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for of in types() {
            for (index, field) in of.fields.iter().enumerate() {
                assert_eq!(of.position(field.name), Some(index), "{}", of.name);
                if let FieldType::Complex(name) = field.ty {
                    assert!(type_named(name).is_some(), "{name}");
                }
                if let (FieldType::Enum(allowed), Some(default)) = (field.ty, field.default) {
                    assert!(allowed.contains(&default), "{}", field.name);
                }
            }
            for key in of.key {
                assert!(of.field(key).is_some(), "{}.{key}", of.name);
            }
        }
    }
}
