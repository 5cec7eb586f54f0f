//! Records of custom metadata types: part of the schema, since no transaction changes them (Apex
//! Reference Guide, "Custom Metadata Type Methods").

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::types::{ObjectId, Type};
use super::super::value::Value;
use super::schema::{FieldKind, Schema};
use super::store::Row;
use crate::metadata::id18;

/// What every custom metadata type has.
pub const FIELDS: &str = "Id Id 18 ard
DeveloperName String 40 ar
Label String 40 ar
Language Picklist 40 a
MasterLabel String 40 ar
NamespacePrefix String 15 a
QualifiedApiName String 70 ar";

/// A record, its values as text.
#[derive(Debug, Clone)]
pub struct CustomMetadata {
    /// Its type.
    pub object: ObjectId,
    /// The name that Apex asks for.
    pub name: Arc<str>,
    /// For people.
    pub label: Arc<str>,
    /// By field.
    pub values: BTreeMap<String, String>,
}

impl Schema {
    /// The records of a custom metadata type; nothing for other objects.
    pub fn metadata_rows(&self, object: ObjectId) -> Option<Vec<Rc<Row>>> {
        let found = self.object(object);
        if !found.is_custom_metadata {
            return None;
        }
        let records = self.custom_metadata.iter().enumerate();
        let records = records.filter(|(_, record)| record.object == object);
        Some(
            records
                .map(|(index, record)| Rc::new(self.row(index, record)))
                .collect(),
        )
    }

    /// Gives values to the fields of a record, where there is one of that name.
    pub fn set_custom_metadata(
        &mut self,
        kind: &str,
        record: &str,
        values: &BTreeMap<String, String>,
    ) {
        let kind = kind.strip_suffix("__mdt").unwrap_or(kind);
        let object = self.find(&format!("{kind}__mdt"));
        let found = self
            .custom_metadata
            .iter_mut()
            .find(|known| Some(known.object) == object && &*known.name == record);
        if let Some(found) = found {
            let values = values.iter();
            found
                .values
                .extend(values.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())));
        }
    }

    fn row(&self, index: usize, record: &CustomMetadata) -> Row {
        let object = self.object(record.object);
        let id = id18(&format!("{}Fk000000{index:04}", object.prefix));
        let name = Value::String(record.name.clone());
        let label = Value::String(record.label.clone());
        let mut row = Row::from([
            ("Id".into(), Value::Id(id.into())),
            ("DeveloperName".into(), name.clone()),
            ("QualifiedApiName".into(), name),
            ("Label".into(), label.clone()),
            ("MasterLabel".into(), label),
        ]);
        for field in object.fields.values() {
            let given = record.values.get(&field.name.to_ascii_lowercase());
            if let Some(value) = given.and_then(|text| value(field.kind, text)) {
                row.insert(field.name.clone(), value);
            } else if field.kind == FieldKind::Boolean {
                row.insert(field.name.clone(), Value::Boolean(false));
            }
        }
        row
    }
}

fn value(kind: FieldKind, text: &str) -> Option<Value> {
    Some(match kind.apex_type() {
        Type::Boolean => Value::Boolean(text == "true"),
        Type::Decimal => Value::Decimal(text.parse().ok()?),
        Type::Date => Value::Date(text.parse().ok()?),
        Type::Datetime => {
            let at: jiff::Timestamp = text.parse().ok()?;
            Value::Datetime(at.as_millisecond())
        }
        _ => Value::text(text),
    })
}
