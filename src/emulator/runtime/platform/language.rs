//! Object, Enum, Boolean, Type, exceptions, and what a program asks of the org.

use std::sync::Arc;

use super::super::machine::{Machine, Outcome};
use super::super::program::ClassKind;
use super::super::resolve;
use super::super::types::Type;
use super::super::value::Value;
use super::Table;
use super::collections::hash;

/// The natives here.
pub const TABLE: Table = &[
    ("Object.toString", |m, t, _| {
        m.show_object(t).map(Value::text)
    }),
    ("Object.equals", |_, t, a| {
        Ok(Value::Boolean(t.equals(&a[0])))
    }),
    ("Object.hashCode", |_, t, _| Ok(hash(t))),
    ("Exception.getTypeName", |m, t, _| match t {
        Value::Object(object) => Ok(Value::text(m.type_name(object))),
        _ => Err(m.null_pointer()),
    }),
    ("Enum.name", |m, t, _| m.show(t).map(Value::text)),
    ("Enum.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Enum.ordinal", |m, t, _| match t {
        Value::Enum(_, index) => Ok(Value::Integer(i32::from(*index))),
        _ => Err(m.null_pointer()),
    }),
    ("Enum.parse", |m, _, a| parse_enum(m, &a[0], &a[1])),
    ("Boolean.valueOf", |m, _, a| match &a[0] {
        Value::Null => Err(m.null_pointer()),
        Value::Boolean(value) => Ok(Value::Boolean(*value)),
        other => {
            let text = m.show(other)?;
            Ok(Value::Boolean(text.eq_ignore_ascii_case("true")))
        }
    }),
    ("Boolean.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Type.forName", |m, _, a| {
        let Some(name) = a[0].as_text() else {
            return Err(m.null_pointer());
        };
        let parts: Vec<&str> = name.split('.').collect();
        Ok(resolve::named(m.world, None, &parts).map_or(Value::Null, Value::Type))
    }),
    ("Type.getName", |m, t, _| m.show(t).map(Value::text)),
    ("Type.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Type.equals", |_, t, a| Ok(Value::Boolean(t.equals(&a[0])))),
    ("Type.hashCode", |_, t, _| Ok(hash(t))),
    ("Type.isAssignableFrom", |m, t, a| {
        let (Value::Type(to), Value::Type(from)) = (t, &a[0]) else {
            return Err(m.null_pointer());
        };
        Ok(Value::Boolean(match (m.world.class_of(from), to) {
            _ if from == to || *to == Type::Object => true,
            (Some(from), Type::Class(to)) => m.world.is_subclass(from, *to),
            _ => *to == Type::SObject && from.is_record(),
        }))
    }),
    ("Type.newInstance", |m, t, _| new_instance(m, t)),
    ("FeatureManagement.checkPermission", |m, _, a| {
        let name = a[0].as_text().ok_or_else(|| m.null_pointer())?;
        let granted = &m.org.permissions;
        Ok(Value::Boolean(
            granted
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&name)),
        ))
    }),
    ("System.now", |m, _, _| {
        Ok(Value::Datetime(m.org.now.as_millisecond()))
    }),
    ("System.currentTimeMillis", |m, _, _| {
        Ok(Value::Long(m.org.now.as_millisecond()))
    }),
    ("System.today", |m, _, _| Ok(super::dates::today(m))),
];

fn parse_enum(machine: &Machine<'_>, ty: &Value, name: &Value) -> Outcome<Value> {
    let (Value::Type(Type::Class(class)), Some(name)) = (ty, name.as_text()) else {
        return Err(machine.null_pointer());
    };
    let found = machine.world.class(*class);
    let index = found
        .constants
        .iter()
        .position(|known| known.eq_ignore_ascii_case(&name));
    match index.and_then(|index| u16::try_from(index).ok()) {
        Some(index) => Ok(Value::Enum(*class, index)),
        None => Err(machine.raise(
            "NoSuchElementException",
            Arc::<str>::from(format!("No enum constant {}.{name}", found.qualified)),
        )),
    }
}

fn new_instance(machine: &mut Machine<'_>, this: &Value) -> Outcome<Value> {
    match this {
        Value::Type(Type::Class(class)) => {
            let found = machine.world.class(*class);
            let constructor = found
                .constructors
                .iter()
                .copied()
                .find(|id| machine.world.method(*id).parameters.is_empty());
            let constructible = found.kind == ClassKind::Class
                && !found.is_abstract
                && (constructor.is_some() || found.constructors.is_empty());
            if constructible {
                machine.construct(*class, constructor, Vec::new())
            } else {
                let name = found.qualified.clone();
                Err(machine.raise("TypeException", format!("Invalid type: {name}")))
            }
        }
        Value::Type(Type::Record(object)) => Ok(Value::record(*object, Default::default(), false)),
        Value::Type(Type::List(element)) => Ok(Value::list((**element).clone(), Vec::new())),
        Value::Type(Type::Set(element)) => Ok(Value::set((**element).clone(), Vec::new())),
        Value::Type(Type::Map(types)) => Ok(Value::map(types.clone(), Vec::new())),
        _ => Err(machine.raise("TypeException", "Invalid type")),
    }
}
