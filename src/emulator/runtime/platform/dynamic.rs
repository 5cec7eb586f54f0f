//! SOQL in a text: `Database.query` and its like.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::data::{self, query};
use super::super::ir::Query;
use super::super::lower;
use super::super::machine::{Frame, Machine, Outcome, Throw};
use super::super::types::Type;
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("Search.query", |m, _, a| search(m, &a[0])),
    ("Database.queryVisible", |m, _, a| rows(m, &a[0], &a[1])),
    ("Database.queryWithBinds", |m, _, a| rows(m, &a[0], &a[1])),
    ("Database.countVisible", |m, _, a| count(m, &a[0], &a[1])),
    ("Database.countQueryWithBinds", |m, _, a| {
        count(m, &a[0], &a[1])
    }),
];

/// The records that a query in a text finds.
pub fn rows(machine: &mut Machine<'_>, text: &Value, binds: &Value) -> Outcome<Value> {
    let (query, mut frame) = compile(machine, text, binds)?;
    query::run(machine, &mut frame, &query)
}

/// The same for a `Database.QueryLocator`.
pub fn located_rows(machine: &mut Machine<'_>, text: &Value, binds: &Value) -> Outcome<Value> {
    let (mut query, mut frame) = compile(machine, text, binds)?;
    query.is_located = true;
    query::run(machine, &mut frame, &query)
}

// SOSL in a text.
fn search(machine: &mut Machine<'_>, text: &Value) -> Outcome<Value> {
    let text = text.as_text().ok_or_else(|| machine.null_pointer())?;
    let world = machine.world;
    let caller = machine.calls.last().map(|call| call.class);
    let class = caller.or_else(|| world.platform_class("system.search"));
    let Some(class) = class else {
        return Err(Throw::Unsupported(format!("the search {text}")));
    };
    let search = lower::search(world, class, &text).map_err(|fault| match fault.is_gap {
        true => Throw::Unsupported(format!("{} ({text})", fault.message)),
        false => machine.raise("SearchException", fault.message),
    })?;
    let mut frame = Frame {
        locals: Rc::new(RefCell::new(Vec::new())),
        this: Value::Null,
        class,
        line: None,
    };
    data::search::run(machine, &mut frame, &search)
}

fn count(machine: &mut Machine<'_>, text: &Value, binds: &Value) -> Outcome<Value> {
    let (query, mut frame) = compile(machine, text, binds)?;
    if !query.counts {
        return Err(Throw::Unsupported(
            "Database.countQuery with a query that does not count".to_owned(),
        ));
    }
    query::run(machine, &mut frame, &query)
}

fn compile(machine: &mut Machine<'_>, text: &Value, binds: &Value) -> Outcome<(Query, Frame)> {
    let text = text.as_text().ok_or_else(|| machine.null_pointer())?;
    let binds = match binds {
        Value::Map(map) => map.entries.borrow().pairs(),
        _ => Vec::new(),
    };
    let variables: Vec<(String, Type)> = binds
        .iter()
        .map(|(name, value)| {
            let name = name.as_text().unwrap_or_default().to_string();
            (name, type_of(value))
        })
        .collect();
    let world = machine.world;
    let caller = machine.calls.last().map(|call| call.class);
    let class = caller.or_else(|| world.platform_class("system.database"));
    let Some(class) = class else {
        return Err(Throw::Unsupported(format!("the query {text}")));
    };
    let query = lower::query(world, class, &text, &variables).map_err(|fault| {
        if fault.is_gap {
            Throw::Unsupported(format!("{} ({text})", fault.message))
        } else {
            machine.raise("QueryException", fault.message)
        }
    })?;
    let locals: Vec<Value> = binds.into_iter().map(|(_, value)| value).collect();
    let frame = Frame {
        locals: Rc::new(RefCell::new(locals)),
        this: Value::Null,
        class,
        line: None,
    };
    Ok((query, frame))
}

// What a bound value is; only the difference between one and many matters to a query.
fn type_of(value: &Value) -> Type {
    match value {
        Value::List(list) => Type::list(list.element.clone()),
        Value::Set(set) => Type::Set(std::sync::Arc::new(set.element.clone())),
        Value::Integer(_) => Type::Integer,
        Value::Boolean(_) => Type::Boolean,
        Value::Id(_) => Type::Id,
        Value::Record(record) => Type::Record(record.object),
        Value::Null => Type::Null,
        Value::String(_) => Type::String,
        _ => Type::Object,
    }
}
