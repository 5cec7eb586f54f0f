//! `Test.createStub`: objects for whose methods a `System.StubProvider` answers (Apex Developer
//! Guide, "Build a Mocking Framework with the Stub API").

use std::cell::RefCell;
use std::rc::Rc;

use super::super::machine::{Machine, Outcome, Throw};
use super::super::program::{Access, ClassKind};
use super::super::types::{MethodId, Type};
use super::super::value::{Object, Value};

/// An object of a class whose constructors did not run.
pub fn create(machine: &mut Machine<'_>, parent: &Value, provider: &Value) -> Outcome<Value> {
    let (Value::Type(ty), false) = (parent, provider.is_null()) else {
        return Err(machine.null_pointer());
    };
    let Type::Class(class) = *ty else {
        let name = machine.world.name_of(ty);
        return Err(Throw::Unsupported(format!("Test.createStub of {name}")));
    };
    let found = machine.world.class(class);
    let is_own = found.namespace.is_none() && found.kind != ClassKind::Enum;
    if !is_own || (found.outer.is_some() && !found.is_test) {
        let name = &found.qualified;
        return Err(Throw::Unsupported(format!("Test.createStub of {name}")));
    }
    let object = Value::Object(Rc::new(Object {
        class,
        slots: RefCell::new(vec![Value::Null; found.instance_slots]),
    }));
    machine.test.stubs.push((object.clone(), provider.clone()));
    Ok(object)
}

/// What the provider of a stub answers for a method; none where the method is no stub's.
pub fn answer(
    machine: &mut Machine<'_>,
    this: &Value,
    method: MethodId,
    arguments: &[Value],
) -> Option<Outcome<Value>> {
    let stubs = &machine.test.stubs;
    let (_, provider) = stubs.iter().find(|(stub, _)| is_same(stub, this))?;
    let provider = provider.clone();
    let world = machine.world;
    let found = world.method(method);
    // Static and private methods are their own, and so are accessors.
    let is_hidden = matches!(found.access, Access::Private | Access::TestVisible);
    if found.is_static || is_hidden || found.name.starts_with("__sfdc_") {
        return None;
    }
    let type_of_types = world
        .platform_class("system.type")
        .map_or(Type::Object, Type::Class);
    let types = found
        .parameters
        .iter()
        .map(|(_, ty)| Value::Type(ty.clone()));
    let names = found
        .parameters
        .iter()
        .map(|(name, _)| Value::String(name.clone()));
    let given = vec![
        this.clone(),
        Value::String(found.name.clone()),
        Value::Type(found.returns.clone()),
        Value::list(type_of_types, types.collect()),
        Value::list(Type::String, names.collect()),
        Value::list(Type::Object, arguments.to_vec()),
    ];
    Some(machine.call_method(&provider, "handleMethodCall", given))
}

fn is_same(stub: &Value, this: &Value) -> bool {
    match (stub, this) {
        (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}
