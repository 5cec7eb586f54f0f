//! `Schema`: what objects and fields are like.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::data::dml;
use super::super::data::schema::Field;
use super::super::machine::{Machine, Outcome};
use super::super::types::{ObjectId, Type};
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("Schema.SObjectType.getDescribe", |m, t, _| describe(m, t)),
    ("Schema.SObjectType.newSObject", |m, t, a| {
        new_record(m, t, a)
    }),
    ("Schema.SObjectType.toString", |m, t, _| {
        m.show(t).map(Value::text)
    }),
    ("Schema.SObjectField.getDescribe", |m, t, _| {
        describe_field(m, t)
    }),
    ("Schema.getGlobalDescribe", |m, _, _| Ok(global(m))),
    ("Schema.SObjectField.toString", |m, t, _| {
        m.show(t).map(Value::text)
    }),
    ("Schema.SObjectTypeFields.getMap", |m, t, _| {
        let Value::Object(fields) = t else {
            return Err(m.null_pointer());
        };
        let Value::ObjectToken(object) = m.variable_of(fields, "type") else {
            return Err(m.null_pointer());
        };
        // The keys are in lower case.
        let found = &m.world.schema.object(object).fields;
        let pairs = found.iter().map(|(key, field)| {
            (
                Value::text(key.as_str()),
                Value::FieldToken(object, field.name.clone()),
            )
        });
        let value_type = platform_type(m, "schema.sobjectfield");
        Ok(Value::map(
            Arc::new((Type::String, value_type)),
            pairs.collect(),
        ))
    }),
];

// Every object by its name in lower case.
fn global(machine: &Machine<'_>) -> Value {
    let schema = &machine.world.schema;
    let found = schema
        .names()
        .filter_map(|name| Some((name, schema.find(name)?)));
    let pairs = found.map(|(name, object)| {
        let key = Value::text(name.to_ascii_lowercase());
        (key, Value::ObjectToken(object))
    });
    let value_type = platform_type(machine, "schema.sobjecttype");
    Value::map(Arc::new((Type::String, value_type)), pairs.collect())
}

fn platform_type(machine: &Machine<'_>, name: &str) -> Type {
    machine
        .world
        .platform_class(name)
        .map_or(Type::Object, Type::Class)
}

fn object_of(machine: &Machine<'_>, value: &Value) -> Outcome<ObjectId> {
    match value {
        Value::ObjectToken(object) => Ok(*object),
        _ => Err(machine.null_pointer()),
    }
}

fn describe(machine: &Machine<'_>, token: &Value) -> Outcome<Value> {
    let object = machine.world.schema.object(object_of(machine, token)?);
    let fields = machine.platform_object("schema.sobjecttypefields", &[("type", token.clone())]);
    Ok(machine.platform_object(
        "schema.describesobjectresult",
        &[
            ("type", token.clone()),
            ("name", Value::String(object.name.clone())),
            ("prefix", Value::String(object.prefix.clone())),
            ("fields", fields),
        ],
    ))
}

fn new_record(machine: &Machine<'_>, token: &Value, arguments: &[Value]) -> Outcome<Value> {
    let object = object_of(machine, token)?;
    let mut fields = BTreeMap::new();
    if let [id] = arguments
        && !id.is_null()
    {
        fields.insert("Id".into(), id.clone());
    }
    if matches!(arguments, [_, Value::Boolean(true)]) {
        dml::fill_defaults(machine, object, &mut fields);
    }
    Ok(Value::record(object, fields, false))
}

fn describe_field(machine: &Machine<'_>, token: &Value) -> Outcome<Value> {
    let Value::FieldToken(object, name) = token else {
        return Err(machine.null_pointer());
    };
    let Some(field) = machine.world.schema.object(*object).field(name) else {
        return Err(machine.null_pointer());
    };
    let flag = Value::Boolean;
    let relationship = field
        .relationship
        .clone()
        .map_or(Value::Null, Value::String);
    let parents = field.target.iter().filter_map(|name| {
        let object = machine.world.schema.find(name)?;
        Some(Value::ObjectToken(object))
    });
    let parents = Value::list(
        platform_type(machine, "schema.sobjecttype"),
        parents.collect(),
    );
    Ok(machine.platform_object(
        "schema.describefieldresult",
        &[
            ("name", Value::String(field.name.clone())),
            (
                "type",
                machine.platform_enum("schema.displaytype", field.kind.name()),
            ),
            (
                "length",
                Value::Integer(i32::try_from(field.length).unwrap_or(i32::MAX)),
            ),
            ("createable", flag(field.createable)),
            ("updateable", flag(field.updateable)),
            ("nillable", flag(field.nillable)),
            ("defaulted", flag(field.defaulted)),
            ("values", picklist(machine, field)),
            ("relationship", relationship),
            ("parents", parents),
            ("field", token.clone()),
        ],
    ))
}

fn picklist(machine: &Machine<'_>, field: &Field) -> Value {
    let entries = field.values.iter().map(|value| {
        machine.platform_object(
            "schema.picklistentry",
            &[
                ("value", Value::String(value.clone())),
                (
                    "isDefault",
                    Value::Boolean(field.default.as_ref() == Some(value)),
                ),
            ],
        )
    });
    Value::list(
        platform_type(machine, "schema.picklistentry"),
        entries.collect(),
    )
}
