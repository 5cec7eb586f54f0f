//! `Database`: DML with results, savepoints.

use super::super::data::dml::{self, RowResult};
use super::super::ir::DmlOperation;
use super::super::machine::{Machine, Outcome};
use super::super::types::Type;
use super::super::value::{Object, Value};
use super::Table;

/// The natives here.
pub const TABLE: Table = &[
    ("Database.insert", |m, _, a| {
        write(m, DmlOperation::Insert, a, "database.saveresult")
    }),
    ("Database.update", |m, _, a| {
        write(m, DmlOperation::Update, a, "database.saveresult")
    }),
    ("Database.delete", |m, _, a| {
        write(m, DmlOperation::Delete, a, "database.deleteresult")
    }),
    ("Database.upsert", |m, _, a| upsert(m, a)),
    ("Database.merge", |m, _, a| merge(m, a)),
    ("Database.undelete", |m, _, a| {
        write(m, DmlOperation::Undelete, a, "database.undeleteresult")
    }),
    ("Database.releaseSavepoint", |m, _, a| {
        m.spend(super::super::limits::Limit::DmlStatements, 1)?;
        let Value::Object(savepoint) = &a[0] else {
            return Err(m.null_pointer());
        };
        let number = m.variable_of(savepoint, "number").as_long();
        let position = number.and_then(|number| usize::try_from(number).ok());
        let known = position.filter(|position| *position < m.savepoints.len());
        let Some(position) = known else {
            return Err(m.raise("TypeException", "Invalid savepoint"));
        };
        m.savepoints.truncate(position);
        Ok(Value::Null)
    }),
    ("Database.setSavepoint", |m, _, _| {
        m.spend(super::super::limits::Limit::DmlStatements, 1)?;
        let number = i32::try_from(m.savepoints.len()).unwrap_or(i32::MAX);
        m.savepoints.push(m.store.clone());
        m.log_savepoint("SAVEPOINT_SET", number.into());
        Ok(m.platform_object("system.savepoint", &[("number", Value::Integer(number))]))
    }),
    ("Database.rollback", |m, _, a| {
        m.spend(super::super::limits::Limit::DmlStatements, 1)?;
        let Value::Object(savepoint) = &a[0] else {
            return Err(m.null_pointer());
        };
        let number = m
            .variable_of(savepoint, "number")
            .as_long()
            .unwrap_or_default();
        let position = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(store) = m.savepoints.get(position).cloned() else {
            return Err(m.raise("TypeException", "Invalid savepoint"));
        };
        // Later savepoints are gone with what they saved.
        m.savepoints.truncate(position + 1);
        m.store = store;
        // What was enqueued since will not run: its row is gone.
        if let Some(object) = m.world.schema.find("AsyncApexJob") {
            let store = &m.store;
            m.jobs.retain(|job| {
                let id = job.id.as_text();
                id.is_none_or(|id| store.contains(object, &id))
            });
        }
        m.log_savepoint("SAVEPOINT_ROLLBACK", number);
        Ok(Value::Null)
    }),
];

// All or nothing unless a Boolean or DMLOptions.optAllOrNone says otherwise.
fn all_or_none(machine: &Machine<'_>, arguments: &[Value]) -> bool {
    !arguments.iter().skip(1).any(|argument| match argument {
        Value::Boolean(all) => !all,
        Value::Object(options) => {
            matches!(
                machine.variable_of(options, "optAllOrNone"),
                Value::Boolean(false)
            )
        }
        _ => false,
    })
}

fn write(
    machine: &mut Machine<'_>,
    operation: DmlOperation,
    arguments: &[Value],
    result_class: &str,
) -> Outcome<Value> {
    let records = dml::records_of(machine, &arguments[0])?;
    dml::refuse_repeated(machine, operation, &records)?;
    let all = all_or_none(machine, arguments);
    let results = machine.logged_dml(operation, &records, |machine| {
        dml::run(machine, operation, &records, all)
    })?;
    Ok(save_results(machine, &arguments[0], results, result_class))
}

// The results say too which rows were new.
fn upsert(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let records = dml::records_of(machine, &arguments[0])?;
    dml::refuse_repeated(machine, DmlOperation::Upsert, &records)?;
    let all = all_or_none(machine, arguments);
    let mut key = None;
    if let Some(Value::FieldToken(object, field)) = arguments.get(1) {
        key = dml::upsert::key(&machine.world.schema, *object, field);
        let is_of_another = records.iter().any(|record| record.object != *object);
        if key.is_none() || is_of_another {
            return Err(machine.raise("SObjectException", dml::upsert::no_key(field)));
        }
    }
    let (results, new) = machine.logged_dml(DmlOperation::Upsert, &records, |machine| {
        dml::upsert::run(machine, &records, key.as_deref(), all)
    })?;
    let results = save_results(machine, &arguments[0], results, "database.upsertresult");
    let all = results.elements().unwrap_or_else(|| vec![results.clone()]);
    for (result, is_new) in all.iter().zip(new) {
        if let Value::Object(result) = result {
            let success = matches!(machine.variable_of(result, "success"), Value::Boolean(true));
            set(
                machine,
                result,
                "created",
                Value::Boolean(is_new && success),
            );
        }
    }
    Ok(results)
}

fn merge(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let Value::Record(master) = &arguments[0] else {
        return Err(machine.null_pointer());
    };
    let losers = dml::records_of(machine, &arguments[1])?;
    let all = all_or_none(machine, &arguments[1..]);
    let merged = machine.logged_dml(DmlOperation::Merge, &losers, |machine| {
        dml::merge::run(machine, master, &losers, all)
    })?;
    let winner = master.fields.borrow().get("Id").cloned();
    let results = save_results(
        machine,
        &arguments[1],
        merged.results,
        "database.mergeresult",
    );
    let each = results.elements().unwrap_or_else(|| vec![results.clone()]);
    for (result, moved) in each.iter().zip(merged.moved) {
        if let Value::Object(result) = result {
            let lost = machine.variable_of(result, "record");
            let lost = if lost.is_null() {
                Vec::new()
            } else {
                vec![lost]
            };
            set(machine, result, "merged", Value::list(Type::Id, lost));
            set(machine, result, "moved", Value::list(Type::Id, moved));
            set(
                machine,
                result,
                "record",
                winner.clone().unwrap_or(Value::Null),
            );
        }
    }
    Ok(results)
}

fn set(machine: &Machine<'_>, object: &Object, name: &str, value: Value) {
    if let Some((_, variable)) = machine.world.variable(object.class, name) {
        object.slots.borrow_mut()[variable.slot] = value;
    }
}

/// The results of rows as a program gets them: one for a single record, otherwise a list.
pub fn save_results(
    machine: &Machine<'_>,
    argument: &Value,
    results: Vec<RowResult>,
    result_class: &str,
) -> Value {
    let error_type = machine
        .world
        .platform_class("database.error")
        .map_or(Type::Object, Type::Class);
    let mut values = Vec::new();
    for result in results {
        let errors: Vec<Value> = result
            .problem
            .iter()
            .map(|problem| dml::error(machine, problem))
            .collect();
        let success = result.problem.is_none();
        values.push(machine.platform_object(
            result_class,
            &[
                ("success", Value::Boolean(success)),
                ("record", if success { result.id } else { Value::Null }),
                ("errors", Value::list(error_type.clone(), errors)),
            ],
        ));
    }
    if matches!(argument, Value::Record(_)) {
        return values.pop().unwrap_or(Value::Null);
    }
    let ty = machine
        .world
        .platform_class(result_class)
        .map_or(Type::Object, Type::Class);
    Value::list(ty, values)
}
