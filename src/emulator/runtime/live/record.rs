//! Writing and reading an org's records from outside, as the API does: row by row, good ones stay.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use super::super::data::dml;
use super::super::data::schema::FieldKind;
use super::super::data::store::Row;
use super::super::ir::DmlOperation;
use super::super::machine::datetime;
use super::super::types::ObjectId;
use super::super::value::{Record, Value};
use super::{LiveOrg, Unknown, User};
use crate::emulator::record::Fields;

impl LiveOrg<'_> {
    /// Inserts records as a user. Of each its Id, or why it was refused. Jobs that this starts run
    /// with the next [`LiveOrg::pass`].
    ///
    /// # Errors
    /// When a trigger meets something that this runtime does not have.
    pub fn insert(
        &mut self,
        user: &User,
        object: &str,
        rows: &[Fields],
    ) -> Result<Vec<Result<String, String>>, Unknown> {
        self.write(user, DmlOperation::Insert, object, rows)
    }

    /// Updates records, which have their `Id` among their fields, as a user.
    ///
    /// # Errors
    /// When a trigger meets something that this runtime does not have.
    pub fn update(
        &mut self,
        user: &User,
        object: &str,
        rows: &[Fields],
    ) -> Result<Vec<Result<String, String>>, Unknown> {
        self.write(user, DmlOperation::Update, object, rows)
    }

    fn write(
        &mut self,
        user: &User,
        operation: DmlOperation,
        object: &str,
        rows: &[Fields],
    ) -> Result<Vec<Result<String, String>>, Unknown> {
        let Some(id) = self.world.schema.find(object) else {
            return Ok(rows.iter().map(|_| Err(unknown(object, None))).collect());
        };
        let mut records = Vec::new();
        for row in rows {
            match self.record(id, row) {
                Ok(record) => records.push(record),
                Err(name) => {
                    return Ok(rows
                        .iter()
                        .map(|_| Err(unknown(object, Some(&name))))
                        .collect());
                }
            }
        }
        let result = self.transaction(user, "Api", |machine| {
            dml::run(machine, operation, &records, false)
        })?;
        Ok(match result {
            Ok(results) => results
                .into_iter()
                .map(|result| match result.problem {
                    None => Ok(result.id.as_text().unwrap_or_default().to_string()),
                    Some((code, message, _)) => Err(format!("{code}: {message}")),
                })
                .collect(),
            Err(failed) => {
                let text = format!("{}\n{}", failed.text, failed.trace);
                rows.iter().map(|_| Err(text.clone())).collect()
            }
        })
    }

    fn record(&self, object: ObjectId, row: &Fields) -> Result<Rc<Record>, String> {
        let schema = self.world.schema.object(object);
        let mut fields = Row::new();
        for (name, value) in row {
            let field = schema.field(name).ok_or_else(|| name.clone())?;
            fields.insert(field.name.clone(), of_json(field.kind, value));
        }
        Ok(Rc::new(Record {
            object,
            fields: fields.into(),
            queried: false,
            errors: Vec::new().into(),
            read_only: false.into(),
        }))
    }

    /// All records of an object, the oldest first.
    pub fn records(&self, object: &str) -> Vec<Fields> {
        let Some(id) = self.world.schema.find(object) else {
            return Vec::new();
        };
        // Ids are given in ascending order.
        let rows = self.store.rows(id);
        rows.iter()
            .map(|row| {
                row.iter()
                    .map(|(name, value)| (name.to_string(), to_json(value)))
                    .collect()
            })
            .collect()
    }
}

fn unknown(object: &str, field: Option<&str>) -> String {
    match field {
        Some(field) => {
            format!("INVALID_FIELD: No such column '{field}' on sobject of type {object}")
        }
        None => format!("INVALID_TYPE: sObject type '{object}' is not supported."),
    }
}

fn of_json(kind: FieldKind, value: &Json) -> Value {
    match (kind, value) {
        (_, Json::Bool(value)) => Value::Boolean(*value),
        (FieldKind::Id | FieldKind::Reference, Json::String(text)) => {
            Value::Id(Arc::from(crate::metadata::id18(text)))
        }
        (FieldKind::DateTime, Json::String(text)) => text
            .parse::<jiff::Timestamp>()
            .map_or(Value::Null, |at| Value::Datetime(at.as_millisecond())),
        (_, Json::String(text)) => Value::text(text.as_str()),
        (_, Json::Number(number)) => number
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
            .map_or(Value::Null, Value::Integer),
        _ => Value::Null,
    }
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Boolean(value) => Json::Bool(*value),
        Value::Integer(value) => Json::from(*value),
        Value::Long(value) => Json::from(*value),
        Value::String(text) | Value::Id(text) => Json::String(text.to_string()),
        Value::Datetime(at) => Json::String(
            datetime(*at)
                .timestamp()
                .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
                .to_string(),
        ),
        _ => Json::Null,
    }
}
