//! The schema as an org's metadata extends it: custom fields, platform events.

use super::super::types::ObjectId;
use super::custom_metadata::CustomMetadata;
use super::schema::{Field, FieldKind, Publishing, Schema};
use crate::emulator::tree::{self, Node};
use crate::metadata::{ComponentId, MetadataType};

impl Schema {
    /// Whether components of a type make a difference to the schema.
    pub fn is_made_of(kind: MetadataType) -> bool {
        matches!(
            kind,
            MetadataType::CustomObject | MetadataType::CustomField | MetadataType::CustomMetadata
        )
    }

    /// The standard objects with what components add to them: each component with its XML. Other
    /// kinds of components, and fields of kinds that Apex can't use here, add nothing.
    pub fn with_components<'a>(
        components: impl IntoIterator<Item = (ComponentId, &'a str)> + Clone,
    ) -> Self {
        let mut schema = Self::standard();
        // A field may come before its object.
        for (id, xml) in components.clone() {
            let name = id.full_name.as_str();
            if id.kind != MetadataType::CustomObject || schema.find(name).is_some() {
                continue;
            }
            if name.ends_with("__mdt") {
                schema.add_custom_metadata_type(name);
                continue;
            }
            let xml = tree::parse(xml).ok();
            let behavior = xml.as_ref().and_then(|xml| xml.text_of("publishBehavior"));
            let publishing = match behavior.map(str::trim) {
                Some("PublishImmediately") => Publishing::Immediately,
                _ => Publishing::AfterCommit,
            };
            schema.add_event(name, publishing);
        }
        for (id, xml) in components {
            if id.kind == MetadataType::CustomMetadata
                && let Some((name, record)) = id.full_name.as_str().split_once('.')
                && let Some(object) = schema.find(&format!("{name}__mdt"))
                && let Ok(xml) = tree::parse(xml)
            {
                let record = custom_metadata(object, record, &xml);
                schema.custom_metadata.push(record);
            }
            if id.kind == MetadataType::CustomField
                && let Some((object, name)) = id.full_name.as_str().split_once('.')
                && let Ok(xml) = tree::parse(xml)
                && let Some(field) = custom_field(name, &xml)
            {
                schema.add_field(object, field);
            }
        }
        schema
    }
}

fn custom_metadata(object: ObjectId, name: &str, xml: &Node) -> CustomMetadata {
    let values = xml.children.iter().filter(|child| {
        child.name == "values" && child.child("value").is_some_and(|value| !value.nil)
    });
    let values = values.filter_map(|value| {
        let field = value.text_of("field")?.trim().to_ascii_lowercase();
        Some((field, value.text_of("value")?.to_owned()))
    });
    CustomMetadata {
        object,
        name: name.into(),
        label: xml.text_of("label").unwrap_or(name).into(),
        values: values.collect(),
    }
}

fn custom_field(name: &str, xml: &Node) -> Option<Field> {
    let kind = FieldKind::of_metadata(xml.text_of("type")?.trim())?;
    let length = xml
        .text_of("length")
        .and_then(|text| text.trim().parse().ok());
    let mut field = Field::custom(name, kind, length.unwrap_or_default());
    // A required field without a value of its own is what breaks other people's inserts.
    let is_true = |name: &str| xml.text_of(name).is_some_and(|text| text.trim() == "true");
    field.nillable = field.nillable && !is_true("required");
    field.external_id = is_true("externalId");
    field.defaulted = field.defaulted || xml.text_of("defaultValue").is_some();
    Some(field)
}

#[cfg(test)]
mod tests;
