//! What the database demands of a row, and what it fills in.

use std::sync::Arc;

use super::super::super::ir::DmlOperation;
use super::super::super::machine::Machine;
use super::super::super::types::ObjectId;
use super::super::super::value::{Record, Value};
use super::super::schema::FieldKind;
use super::super::store::Row;
use super::Problem;

/// Sets the defaults of fields that are not given.
pub fn fill_defaults(machine: &Machine<'_>, object: ObjectId, row: &mut Row) {
    for field in machine.world.schema.object(object).fields.values() {
        if row.get(&field.name).is_some_and(|value| !value.is_null()) {
            continue;
        }
        // A null that was set on purpose stays, except where there is nothing to be null.
        let was_set = row.contains_key(&field.name) && field.kind != FieldKind::Boolean;
        if was_set {
            continue;
        }
        let value = match (field.kind, &field.default) {
            (FieldKind::Boolean, _) => Value::Boolean(false),
            (_, Some(text)) => Value::String(text.clone()),
            _ if &*field.name == "OwnerId" => machine.user_id(),
            _ => continue,
        };
        row.insert(field.name.clone(), value);
    }
}

/// The first thing that is wrong with a row.
pub fn check(
    machine: &Machine<'_>,
    object: ObjectId,
    record: &Record,
    operation: DmlOperation,
) -> Option<Problem> {
    let fields = record.fields.borrow();
    let schema = machine.world.schema.object(object);
    let missing: Vec<Arc<str>> = schema
        .fields
        .values()
        .filter(|field| field.createable && !field.nillable && !field.defaulted)
        .filter(|field| match fields.get(&field.name) {
            Some(Value::String(text)) => text.is_empty(),
            Some(value) => value.is_null(),
            None => operation == DmlOperation::Insert,
        })
        .map(|field| field.name.clone())
        .collect();
    if !missing.is_empty() {
        let text = format!("Required fields are missing: [{}]", missing.join(", "));
        return Some(("REQUIRED_FIELD_MISSING", text, missing));
    }
    for (name, value) in fields.iter() {
        let (Some(field), Value::String(text)) = (schema.field(name), value) else {
            continue;
        };
        let length = text.encode_utf16().count();
        if field.length > 0 && length > field.length as usize {
            let label = &field.name;
            let message = format!(
                "{label}: data value too large: {text} (max length={})",
                field.length
            );
            return Some(("STRING_TOO_LONG", message, vec![field.name.clone()]));
        }
    }
    None
}

/// What the platform writes into a row that is saved.
pub fn complete(machine: &Machine<'_>, object: ObjectId, id: &Arc<str>, row: &mut Row) {
    let now = Value::Datetime(machine.org.now.as_millisecond());
    let schema = machine.world.schema.object(object);
    let user = machine.user_id();
    row.insert("Id".into(), Value::Id(id.clone()));
    for (name, value) in [("CreatedDate", &now), ("CreatedById", &user)] {
        row.entry(name.into()).or_insert_with(|| value.clone());
    }
    for (name, value) in [
        ("LastModifiedDate", &now),
        ("SystemModstamp", &now),
        ("LastModifiedById", &user),
    ] {
        row.insert(name.into(), value.clone());
    }
    row.entry("IsDeleted".into())
        .or_insert(Value::Boolean(false));
    // Empty texts are stored as null.
    for value in row.values_mut() {
        if matches!(value, Value::String(text) if text.is_empty()) {
            *value = Value::Null;
        }
    }
    let text = |row: &Row, name: &str| row.get(name).and_then(Value::as_text).unwrap_or_default();
    match &*schema.name {
        "Case" => {
            row.entry("CaseNumber".into())
                .or_insert_with(|| Value::text(machine.store.new_number()));
            let closed = &*text(row, "Status") == "Closed";
            row.insert("IsClosed".into(), Value::Boolean(closed));
            if !closed {
                row.insert("ClosedDate".into(), Value::Null);
            } else if row.get("ClosedDate").is_none_or(Value::is_null) {
                row.insert("ClosedDate".into(), now);
            }
        }
        "Contact" | "User" => {
            let name = format!("{} {}", text(row, "FirstName"), text(row, "LastName"));
            row.insert("Name".into(), Value::text(name.trim()));
        }
        "EmailMessage" => {
            row.entry("MessageDate".into()).or_insert(now);
        }
        _ => {}
    }
}

/// The records that the platform makes or changes along with one: a file's first version brings
/// its document (Object Reference, "ContentVersion").
pub fn accompany(machine: &mut Machine<'_>, object: ObjectId, id: &Arc<str>, row: &mut Row) {
    let schema = &machine.world.schema;
    let (Some(document), true) = (
        schema.find("ContentDocument"),
        &*schema.object(object).name == "ContentVersion",
    ) else {
        return;
    };
    if let Some(Value::Blob(bytes)) = row.get("VersionData") {
        let size = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        row.insert("ContentSize".into(), Value::Integer(size));
    }
    let known = row.get("ContentDocumentId").and_then(Value::as_text);
    if let Some(known) = &known {
        for version in machine.store.rows(object) {
            let is_other = version.get("Id").and_then(Value::as_text).as_ref() != Some(id);
            let is_same_file = version
                .get("ContentDocumentId")
                .and_then(Value::as_text)
                .as_ref()
                == Some(known);
            if is_other && is_same_file && !machine.store.contains(object, id) {
                let mut older = (*version).clone();
                older.insert("IsLatest".into(), Value::Boolean(false));
                if let Some(older_id) = older.get("Id").and_then(Value::as_text) {
                    machine.store.put(object, older_id, older);
                }
            }
        }
    }
    if !machine.store.contains(object, id) {
        row.insert("IsLatest".into(), Value::Boolean(true));
    }
    let document_id = known.unwrap_or_else(|| machine.store.new_id("069"));
    row.insert("ContentDocumentId".into(), Value::Id(document_id.clone()));
    let mut file = Row::new();
    for name in ["Title", "ContentSize", "OwnerId"] {
        if let Some(value) = row.get(name) {
            file.insert(name.into(), value.clone());
        }
    }
    file.insert("LatestPublishedVersionId".into(), Value::Id(id.clone()));
    complete(machine, document, &document_id, &mut file);
    machine.store.put(document, document_id, file);
}
