//! `SObject` and `Id`.

use std::sync::Arc;

use super::super::data::dml;
use super::super::data::schema::Member;
use super::super::machine::{Machine, Outcome, Throw};
use super::super::types::Type;
use super::super::value::{Record, RowError, Value};
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("SObject.clone", |_, t, a| {
        Ok(copy(t, matches!(a.first(), Some(Value::Boolean(true)))))
    }),
    ("SObject.addError", |m, t, a| {
        let text = m.show(&a[0])?;
        refuse(m, t, text.into(), None)
    }),
    ("SObject.addFieldError", |m, t, a| {
        let text = m.show(&a[1])?;
        let (name, _) = field(m, record(m, t)?, &a[0])?;
        refuse(m, t, text.into(), Some(name))
    }),
    ("SObject.getErrors", |m, t, _| {
        let errors = record(m, t)?.errors.borrow().clone();
        let values = errors
            .into_iter()
            .map(|error| dml::error(m, &dml::refusal(&error)));
        let class = m.world.platform_class("database.error");
        let element = class.map_or(Type::Object, Type::Class);
        Ok(Value::list(element, values.collect()))
    }),
    ("SObject.clear", |m, t, _| {
        let record = record(m, t)?;
        if record.read_only.get() {
            return Err(m.raise("FinalException", "Record is read-only"));
        }
        record.fields.borrow_mut().clear();
        Ok(Value::Null)
    }),
    ("SObject.putSObject", |m, t, a| {
        let record = record(m, t)?;
        let name = related(m, record, &a[0])?;
        let before = record.fields.borrow().get(&name).cloned();
        m.set_record_field(record, &name, a[1].clone())?;
        Ok(before.unwrap_or(Value::Null))
    }),
    ("SObject.setOptions", |m, _, a| {
        let Value::Object(options) = &a[0] else {
            return Err(m.null_pointer());
        };
        // Headers that ask for mail or assignment change nothing where there are no such rules.
        for name in ["optAllOrNone", "allowFieldTruncation"] {
            if !m.variable_of(options, name).is_null() {
                return Err(Throw::Unsupported(format!(
                    "SObject.setOptions with {name}"
                )));
            }
        }
        Ok(Value::Null)
    }),
    ("SObject.hasErrors", |m, t, _| {
        Ok(Value::Boolean(!record(m, t)?.errors.borrow().is_empty()))
    }),
    ("SObject.get", |m, t, a| {
        let record = record(m, t)?;
        let (name, ty) = field(m, record, &a[0])?;
        m.record_field(record, &name, &ty)
    }),
    ("SObject.isSet", |m, t, a| {
        let record = record(m, t)?;
        let (name, _) = field(m, record, &a[0])?;
        Ok(Value::Boolean(record.fields.borrow().contains_key(&name)))
    }),
    ("SObject.put", |m, t, a| {
        let record = record(m, t)?;
        let (name, ty) = field(m, record, &a[0])?;
        let value = fitting(m, a[1].clone(), &ty)?;
        let before = record
            .fields
            .borrow()
            .get(&name)
            .cloned()
            .unwrap_or(Value::Null);
        m.set_record_field(record, &name, value)?;
        Ok(before)
    }),
    ("SObject.getPopulatedFieldsAsMap", |m, t, _| {
        let record = record(m, t)?;
        let pairs = record.fields.borrow().clone().into_iter();
        let pairs = pairs
            .map(|(name, value)| (Value::String(name), value))
            .collect();
        Ok(Value::map(Arc::new((Type::String, Type::Object)), pairs))
    }),
    ("SObject.getSObject", |m, t, a| relation(m, t, &a[0])),
    ("SObject.getSObjects", |m, t, a| relation(m, t, &a[0])),
    ("SObject.getSObjectType", |m, t, _| {
        Ok(Value::ObjectToken(record(m, t)?.object))
    }),
    ("SObject.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Id.valueOf", |m, _, a| match a[0].as_text() {
        Some(text) => m.id(&text),
        None => Err(m.null_pointer()),
    }),
    ("Id.getSObjectType", |m, t, _| {
        let text = t.as_text().ok_or_else(|| m.null_pointer())?;
        match m.object_of_id(&text) {
            Some(object) => Ok(Value::ObjectToken(object)),
            None => Err(m.raise("SObjectException", format!("Invalid id: {text}"))),
        }
    }),
    ("Id.to15", |m, t, _| {
        let text = t.as_text().ok_or_else(|| m.null_pointer())?;
        Ok(Value::text(text.get(..15).unwrap_or(&text)))
    }),
    ("Id.toString", |m, t, _| m.show(t).map(Value::text)),
];

fn record<'v>(machine: &Machine<'_>, value: &'v Value) -> Outcome<&'v Record> {
    match value {
        Value::Record(record) => Ok(record),
        _ => Err(machine.null_pointer()),
    }
}

/// A copy of a record, with its Id only if `keep_id`; other values stay what they are.
pub fn copy(value: &Value, keep_id: bool) -> Value {
    let Value::Record(record) = value else {
        return value.clone();
    };
    let mut fields = record.fields.borrow().clone();
    if !keep_id {
        fields.remove("Id");
    }
    Value::record(record.object, fields, record.queried)
}

// The field that a name or token means.
fn field(machine: &Machine<'_>, record: &Record, wanted: &Value) -> Outcome<(Arc<str>, Type)> {
    let name = match wanted {
        Value::FieldToken(_, name) => name.clone(),
        other => other.as_text().ok_or_else(|| machine.null_pointer())?,
    };
    let object = machine.world.schema.object(record.object);
    // Rows of aggregates have fields that no schema knows.
    if &*object.name == "AggregateResult" {
        let fields = record.fields.borrow();
        let known = fields
            .keys()
            .find(|known| known.eq_ignore_ascii_case(&name));
        if let Some(known) = known {
            return Ok((known.clone(), Type::Object));
        }
    }
    match object.field(&name) {
        Some(field) => Ok((field.name.clone(), field.kind.apex_type())),
        None => Err(machine.raise(
            "SObjectException",
            format!("Invalid field {name} for {}", object.name),
        )),
    }
}

// Numbers are widened; anything else must have the field's type.
fn fitting(machine: &Machine<'_>, value: Value, ty: &Type) -> Outcome<Value> {
    let illegal = |value: &Value| {
        let from = machine.runtime_name(value);
        let to = machine.world.name_of(ty);
        machine.raise(
            "SObjectException",
            format!("Illegal assignment from {from} to {to}"),
        )
    };
    match (&value, ty) {
        (Value::Null, _) => Ok(value),
        (Value::Integer(_) | Value::Long(_) | Value::Double(_), Type::Decimal) => value
            .as_decimal()
            .map(Value::Decimal)
            .ok_or_else(|| illegal(&value)),
        (Value::Id(text), Type::String) => Ok(Value::String(text.clone())),
        (Value::String(text), Type::Id) => machine.id(text),
        _ if machine.is_instance(&value, ty) => Ok(value),
        _ => Err(illegal(&value)),
    }
}

// Notes why a row must not be saved.
fn refuse(
    machine: &Machine<'_>,
    this: &Value,
    message: Arc<str>,
    field: Option<Arc<str>>,
) -> Outcome<Value> {
    let error = RowError { message, field };
    record(machine, this)?.errors.borrow_mut().push(error);
    Ok(Value::Null)
}

fn relation(machine: &Machine<'_>, this: &Value, wanted: &Value) -> Outcome<Value> {
    let record = record(machine, this)?;
    let known = related(machine, record, wanted)?;
    let fields = record.fields.borrow();
    Ok(fields.get(&known).cloned().unwrap_or(Value::Null))
}

// The relationship that a name means.
fn related(machine: &Machine<'_>, record: &Record, wanted: &Value) -> Outcome<Arc<str>> {
    let name = wanted.as_text().ok_or_else(|| machine.null_pointer())?;
    let known = match machine.world.schema.member(record.object, &name) {
        Some(Member::Parent(field, _)) => field.relationship.clone(),
        Some(Member::Children(name, ..)) => Some(name.clone()),
        _ => None,
    };
    known.ok_or_else(|| {
        let object = &machine.world.schema.object(record.object).name;
        machine.raise(
            "SObjectException",
            format!("Invalid relationship {name} for {object}"),
        )
    })
}
