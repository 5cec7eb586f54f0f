//! `X__mdt.getInstance` and `X__mdt.getAll`, which take no query.

use std::sync::Arc;

use super::super::machine::{Machine, Outcome};
use super::super::types::{ObjectId, Type};
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("CustomMetadataRecords.find", |m, _, a| {
        let wanted = a[1].as_text().unwrap_or_default();
        let records = records(m, object(m, &a[0])?);
        let found = records
            .into_iter()
            .find(|(name, id, _)| name.eq_ignore_ascii_case(&wanted) || *id == wanted);
        Ok(found.map_or(Value::Null, |(.., record)| record))
    }),
    ("CustomMetadataRecords.all", |m, _, a| {
        let object = object(m, &a[0])?;
        let pairs = records(m, object)
            .into_iter()
            .map(|(name, _, record)| (Value::String(name), record))
            .collect();
        let types = Arc::new((Type::String, Type::Record(object)));
        Ok(Value::map(types, pairs))
    }),
];

fn object(machine: &Machine<'_>, token: &Value) -> Outcome<ObjectId> {
    match token {
        Value::ObjectToken(object) => Ok(*object),
        _ => Err(machine.null_pointer()),
    }
}

// Name, Id and record of each.
fn records(machine: &Machine<'_>, object: ObjectId) -> Vec<(Arc<str>, Arc<str>, Value)> {
    let rows = machine.world.schema.metadata_rows(object);
    let rows = rows.unwrap_or_default().into_iter();
    rows.map(|row| {
        let text = |name: &str| row.get(name).and_then(Value::as_text).unwrap_or_default();
        let record = Value::record(object, (*row).clone(), false);
        (text("DeveloperName"), text("Id"), record)
    })
    .collect()
}
