//! `System.Assert` and `System.assert…`.

use std::sync::Arc;

use super::super::machine::{Machine, Outcome};
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("System.assert", |m, _, a| {
        let found = truth(m, &a[0])?;
        holds(m, found, a.get(1), String::new)
    }),
    ("System.assertEquals", |m, _, a| are_equal(m, a)),
    ("System.assertNotEquals", |m, _, a| are_not_equal(m, a)),
    ("Assert.areEqual", |m, _, a| are_equal(m, a)),
    ("Assert.areNotEqual", |m, _, a| are_not_equal(m, a)),
    ("Assert.fail", |m, _, a| {
        holds(m, false, a.first(), String::new)
    }),
    ("Assert.isTrue", |m, _, a| {
        let found = truth(m, &a[0])?;
        holds(m, found, a.get(1), || {
            "Expected: true, Actual: false".to_owned()
        })
    }),
    ("Assert.isFalse", |m, _, a| {
        let found = truth(m, &a[0])?;
        holds(m, !found, a.get(1), || {
            "Expected: false, Actual: true".to_owned()
        })
    }),
    ("Assert.isNull", |m, _, a| {
        let shown = m.show(&a[0])?;
        holds(m, a[0].is_null(), a.get(1), || {
            format!("Expected: null, Actual: {shown}")
        })
    }),
    ("Assert.isNotNull", |m, _, a| {
        holds(m, !a[0].is_null(), a.get(1), || {
            "Same value: null".to_owned()
        })
    }),
    ("Assert.isInstanceOfType", |m, _, a| is_instance(m, a, true)),
    ("Assert.isNotInstanceOfType", |m, _, a| {
        is_instance(m, a, false)
    }),
];

fn truth(machine: &Machine<'_>, value: &Value) -> Outcome<bool> {
    match value {
        Value::Boolean(value) => Ok(*value),
        _ => Err(machine.null_pointer()),
    }
}

// The texts are those of the platform: "Assertion Failed: message: Expected: a, Actual: b".
fn holds(
    machine: &mut Machine<'_>,
    holds: bool,
    message: Option<&Value>,
    detail: impl FnOnce() -> String,
) -> Outcome<Value> {
    if holds {
        return Ok(Value::Null);
    }
    let mut text = "Assertion Failed".to_owned();
    if let Some(message) = message.filter(|message| !message.is_null()) {
        text = format!("{text}: {}", machine.show(message)?);
    }
    let detail = detail();
    if !detail.is_empty() {
        text = format!("{text}: {detail}");
    }
    Err(machine.raise("AssertException", Arc::<str>::from(text)))
}

fn are_equal(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let equal = machine.equals(&arguments[0], &arguments[1])?;
    let expected = machine.show(&arguments[0])?;
    let actual = machine.show(&arguments[1])?;
    holds(machine, equal, arguments.get(2), || {
        format!("Expected: {expected}, Actual: {actual}")
    })
}

fn are_not_equal(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let equal = machine.equals(&arguments[0], &arguments[1])?;
    let shown = machine.show(&arguments[0])?;
    holds(machine, !equal, arguments.get(2), || {
        format!("Same value: {shown}")
    })
}

fn is_instance(machine: &mut Machine<'_>, arguments: &[Value], wanted: bool) -> Outcome<Value> {
    let Value::Type(ty) = &arguments[1] else {
        return Err(machine.null_pointer());
    };
    let found = machine.is_instance(&arguments[0], ty);
    let name = machine.world.name_of(ty);
    let actual = machine.runtime_name(&arguments[0]);
    holds(machine, found == wanted, arguments.get(2), || {
        format!("Expected type: {name}, Actual type: {actual}")
    })
}
