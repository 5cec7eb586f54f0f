//! Writing records: the order of execution as far as this org has it (Apex Developer Guide,
//! "Triggers and Order of Execution"): before triggers, checks, save, after triggers. There are
//! no rules, flows or validation rules here.

mod checks;
mod events;
pub mod merge;
mod setup;
pub mod upsert;

pub use checks::fill_defaults;
pub use events::as_event;

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::super::ir::DmlOperation;
use super::super::limits::Limit;
use super::super::machine::{Before, Machine, Outcome, Throw};
use super::super::types::{ObjectId, Type};
use super::super::value::{Record, RowError, Value};
use super::store::Row;
use super::triggers;

/// Rows that a trigger gets at a time.
const CHUNK: usize = 200;

/// How often the triggers run again for the good rows of a partly failed operation.
const MAX_RETRIES: usize = 3;

/// What is wrong with a row: status code, message, fields.
pub type Problem = (&'static str, String, Vec<Arc<str>>);

/// What became of a row.
#[derive(Clone)]
pub struct RowResult {
    /// The record's Id, where it has one.
    pub id: Value,
    /// Why it wasn't saved.
    pub problem: Option<Problem>,
}

impl DmlOperation {
    /// As messages and logs name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Insert => "Insert",
            Self::Update => "Update",
            Self::Upsert => "Upsert",
            Self::Delete => "Delete",
            Self::Undelete => "Undelete",
            Self::Merge => "Merge",
        }
    }
}

/// `insert x` and so on; `upsert x key` too.
pub fn statement(
    machine: &mut Machine<'_>,
    operation: DmlOperation,
    target: &Value,
    key: Option<&str>,
) -> Outcome<()> {
    let records = records_of(machine, target)?;
    refuse_repeated(machine, operation, &records)?;
    machine.logged_dml(operation, &records, |machine| match key {
        Some(_) => upsert::run(machine, &records, key, true).map(|_| ()),
        None => run(machine, operation, &records, true).map(|_| ()),
    })
}

/// A list that has a record twice is refused as a whole, whatever the operation does with bad rows.
///
/// # Errors
/// `System.ListException`
pub fn refuse_repeated(
    machine: &Machine<'_>,
    operation: DmlOperation,
    records: &[Rc<Record>],
) -> Outcome<()> {
    use DmlOperation::{Insert, Update, Upsert};
    let mut known = HashSet::new();
    if matches!(operation, Insert | Upsert)
        && !records
            .iter()
            .all(|record| known.insert(Rc::as_ptr(record)))
    {
        return Err(machine.raise(
            "ListException",
            "Before Insert or Upsert list must not have two identically equal elements",
        ));
    }
    if !matches!(operation, Update | Upsert) {
        return Ok(());
    }
    let mut ids = HashSet::new();
    let mut given = records.iter().filter_map(|record| id_of(record).as_text());
    match given.find(|id| !ids.insert(id.clone())) {
        Some(id) => Err(machine.raise("ListException", format!("Duplicate id in list: {id}"))),
        None => Ok(()),
    }
}

/// The records of a record or list.
pub fn records_of(machine: &Machine<'_>, target: &Value) -> Outcome<Vec<Rc<Record>>> {
    let values = match target {
        Value::Record(record) => return Ok(vec![record.clone()]),
        Value::List(list) => list.items.borrow().clone(),
        _ => return Err(machine.null_pointer()),
    };
    values
        .into_iter()
        .map(|value| match value {
            Value::Record(record) => Ok(record),
            _ => Err(machine.null_pointer()),
        })
        .collect()
}

/// Writes records and says what became of each. With `all_or_none` a bad row makes it an exception.
pub fn run(
    machine: &mut Machine<'_>,
    operation: DmlOperation,
    records: &[Rc<Record>],
    all_or_none: bool,
) -> Outcome<Vec<RowResult>> {
    if operation == DmlOperation::Upsert {
        return upsert::run(machine, records, None, all_or_none).map(|(results, _)| results);
    }
    // No records, no statement.
    if records.is_empty() {
        return Ok(Vec::new());
    }
    begin(machine, records)?;
    let results = rows(machine, operation, records, all_or_none)?;
    if all_or_none && failures(&results) > 0 {
        return Err(exception(machine, operation, &results));
    }
    if operation == DmlOperation::Insert {
        name(records, &results);
    }
    Ok(results)
}

// What every operation costs, and what may not be written so.
fn begin(machine: &mut Machine<'_>, records: &[Rc<Record>]) -> Outcome<()> {
    if let Some(event) = records
        .iter()
        .map(|record| machine.world.schema.object(record.object))
        .find(|object| object.publishing.is_some() || object.is_custom_metadata)
    {
        return Err(Throw::Unsupported(format!("DML on {}", event.name)));
    }
    machine.spend(Limit::DmlStatements, 1)?;
    machine.spend(Limit::DmlRows, records.len() as u64)?;
    machine.pending = true;
    Ok(())
}

// New records get their Ids when everything is well.
fn name(records: &[Rc<Record>], results: &[RowResult]) {
    for (record, result) in records.iter().zip(results) {
        if result.problem.is_none() {
            let mut fields = record.fields.borrow_mut();
            fields.insert("Id".into(), result.id.clone());
        }
    }
}

// What became of each record. With `all_or_none` nothing is left of what was written when one is bad.
fn rows(
    machine: &mut Machine<'_>,
    operation: DmlOperation,
    records: &[Rc<Record>],
    all_or_none: bool,
) -> Outcome<Vec<RowResult>> {
    let mut results: Vec<RowResult> = records
        .iter()
        .map(|record| RowResult {
            id: id_of(record),
            problem: None,
        })
        .collect();
    if let Some(problem) = setup::mixed(machine, operation, records) {
        for result in &mut results {
            result.problem = Some(problem.clone());
        }
        return Ok(results);
    }
    let before = Before::now(machine);
    for attempt in 0..=MAX_RETRIES {
        let known = failures(&results);
        for start in (0..records.len()).step_by(CHUNK) {
            let end = (start + CHUNK).min(records.len());
            chunk(
                machine,
                operation,
                &records[start..end],
                &mut results[start..end],
            )?;
        }
        if failures(&results) == known {
            break;
        }
        before.take_back(machine);
        // Once more with the rows that were good; limits used so far stay used.
        if all_or_none || failures(&results) == records.len() {
            break;
        }
        if attempt == MAX_RETRIES {
            let text =
                "Too many retries of batch save in the presence of Apex triggers with failures";
            for result in results.iter_mut().filter(|result| result.problem.is_none()) {
                result.problem = Some((
                    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                    text.to_owned(),
                    Vec::new(),
                ));
            }
        }
    }
    Ok(results)
}

fn failures(results: &[RowResult]) -> usize {
    results
        .iter()
        .filter(|result| result.problem.is_some())
        .count()
}

fn id_of(record: &Record) -> Value {
    record
        .fields
        .borrow()
        .get("Id")
        .cloned()
        .unwrap_or(Value::Null)
}

// One run of the triggers: rows of one object that have not failed before.
fn chunk(
    machine: &mut Machine<'_>,
    operation: DmlOperation,
    records: &[Rc<Record>],
    results: &mut [RowResult],
) -> Outcome<()> {
    let mut objects: Vec<ObjectId> = Vec::new();
    for record in records {
        if !objects.contains(&record.object) {
            objects.push(record.object);
        }
    }
    for object in objects {
        let positions: Vec<usize> = (0..records.len())
            .filter(|index| records[*index].object == object && results[*index].problem.is_none())
            .collect();
        same_object(machine, operation, object, records, results, &positions)?;
    }
    Ok(())
}

// What triggers see of a row, and what will be stored.
struct Work {
    position: usize,
    id: Arc<str>,
    new: Rc<Record>,
    old: Option<Rc<Record>>,
}

fn same_object(
    machine: &mut Machine<'_>,
    operation: DmlOperation,
    object: ObjectId,
    records: &[Rc<Record>],
    results: &mut [RowResult],
    positions: &[usize],
) -> Outcome<()> {
    let mut work = Vec::new();
    for &position in positions {
        match prepare(machine, operation, object, &records[position]) {
            Ok((id, new, old)) => work.push(Work {
                position,
                id,
                new,
                old,
            }),
            Err(problem) => results[position].problem = Some(problem),
        }
    }
    let (before, after) = match operation {
        DmlOperation::Insert => ("before insert", "after insert"),
        DmlOperation::Update | DmlOperation::Upsert => ("before update", "after update"),
        DmlOperation::Delete | DmlOperation::Merge => ("before delete", "after delete"),
        DmlOperation::Undelete => ("", "after undelete"),
    };
    fire(machine, object, before, &mut work, results)?;
    let deletes = operation == DmlOperation::Delete;
    let mut saved = Vec::new();
    for one in work {
        if !deletes && let Some(problem) = checks::check(machine, object, &one.new, operation) {
            results[one.position].problem = Some(problem);
            continue;
        }
        match operation {
            DmlOperation::Delete => machine.store.delete(object, &one.id),
            DmlOperation::Undelete => machine.store.undelete(object, &one.id),
            _ => {
                let mut row: Row = one.new.fields.borrow().clone();
                checks::complete(machine, object, &one.id, &mut row);
                checks::accompany(machine, object, &one.id, &mut row);
                *one.new.fields.borrow_mut() = row.clone();
                row.retain(|_, value| !matches!(value, Value::Record(_) | Value::List(_)));
                machine.store.put(object, one.id.clone(), row);
            }
        }
        one.new.read_only.set(true);
        results[one.position].id = Value::Id(one.id.clone());
        saved.push(one);
    }
    fire(machine, object, after, &mut saved, results)
}

/// What `addError` makes of a row.
pub fn refusal(error: &RowError) -> Problem {
    (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        error.message.to_string(),
        error.field.iter().cloned().collect(),
    )
}

// Runs triggers and takes out the rows that they refuse.
fn fire(
    machine: &mut Machine<'_>,
    object: ObjectId,
    event: &'static str,
    work: &mut Vec<Work>,
    results: &mut [RowResult],
) -> Outcome<()> {
    let new: Vec<_> = work.iter().map(|one| one.new.clone()).collect();
    let old: Vec<_> = work.iter().filter_map(|one| one.old.clone()).collect();
    let has_new = !event.ends_with("delete") || event.ends_with("undelete");
    let has_old = event.ends_with("update") || event.ends_with(" delete");
    let outcome = triggers::fire(
        machine,
        object,
        event,
        has_new.then_some(new.as_slice()),
        has_old.then_some(old.as_slice()),
    )?;
    for one in work.iter() {
        if let Err(message) = &outcome {
            results[one.position].problem = Some((
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                message.clone(),
                Vec::new(),
            ));
        }
        let shown = if has_new {
            Some(&one.new)
        } else {
            one.old.as_ref()
        };
        let error = shown.and_then(|record| record.errors.borrow().first().cloned());
        if let Some(error) = error {
            results[one.position].problem = Some(refusal(&error));
        }
    }
    work.retain(|one| results[one.position].problem.is_none());
    Ok(())
}

type Prepared = (Arc<str>, Rc<Record>, Option<Rc<Record>>);

fn prepare(
    machine: &Machine<'_>,
    operation: DmlOperation,
    object: ObjectId,
    record: &Record,
) -> Result<Prepared, Problem> {
    let id = id_of(record);
    let given = record.fields.borrow().clone();
    if operation == DmlOperation::Insert {
        if !id.is_null() {
            return Err((
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                "cannot specify Id in an insert call".to_owned(),
                vec!["Id".into()],
            ));
        }
        let mut fields = given;
        fill_defaults(machine, object, &mut fields);
        let prefix = machine.world.schema.object(object).prefix.clone();
        return Ok((
            machine.store.new_id(&prefix),
            Record::in_memory(object, fields),
            None,
        ));
    }
    let Some(text) = id.as_text() else {
        return Err((
            "MISSING_ARGUMENT",
            "Id not specified in an update call".to_owned(),
            vec![],
        ));
    };
    if operation == DmlOperation::Undelete && machine.store.is_deleted(object, &text) {
        return Ok((text, Record::in_memory(object, given), None));
    }
    let Some(stored) = machine.store.get(object, &text) else {
        let (code, message) = if machine.store.is_deleted(object, &text) {
            ("ENTITY_IS_DELETED", "entity is deleted")
        } else {
            ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        };
        return Err((code, message.to_owned(), Vec::new()));
    };
    let old = Record::in_memory(object, (**stored).clone());
    old.read_only.set(true);
    let mut fields = (**stored).clone();
    fields.extend(given);
    Ok((text, Record::in_memory(object, fields), Some(old)))
}

// The DmlException of an operation that had to be complete.
fn exception(machine: &Machine<'_>, operation: DmlOperation, results: &[RowResult]) -> Throw {
    let name = operation.name();
    let bad: Vec<(usize, &RowResult)> = results
        .iter()
        .enumerate()
        .filter(|(_, result)| result.problem.is_some())
        .collect();
    let Some((row, (code, text, fields))) = bad
        .first()
        .and_then(|(row, result)| Some((row, result.problem.as_ref()?)))
    else {
        return machine.raise("DmlException", format!("{name} failed."));
    };
    let with_id = match results.get(*row).and_then(|result| result.id.as_text()) {
        Some(id) => format!(" with id {id}"),
        None => String::new(),
    };
    let message = format!(
        "{name} failed. First exception on row {row}{with_id}; first error: {code}, {text}: [{}]",
        fields.join(", ")
    );
    let thrown = machine.raise("DmlException", message);
    if let Throw::Exception(object) = &thrown {
        let errors = bad
            .iter()
            .filter_map(|(_, result)| result.problem.as_ref())
            .map(|problem| error(machine, problem))
            .collect();
        let error_type = machine
            .world
            .platform_class("database.error")
            .map_or(Type::Object, Type::Class);
        let indexes = bad
            .iter()
            .map(|(row, _)| Value::Integer(i32::try_from(*row).unwrap_or(i32::MAX)))
            .collect();
        let ids = bad.iter().map(|(_, result)| result.id.clone()).collect();
        for (name, value) in [
            ("errors", Value::list(error_type, errors)),
            ("indexes", Value::list(Type::Integer, indexes)),
            ("ids", Value::list(Type::Id, ids)),
        ] {
            if let Some((_, variable)) = machine.world.variable(object.class, name) {
                object.slots.borrow_mut()[variable.slot] = value;
            }
        }
    }
    thrown
}

/// `Database.Error`
pub fn error(machine: &Machine<'_>, (code, message, fields): &Problem) -> Value {
    let fields = fields.iter().cloned().map(Value::String).collect();
    machine.platform_object(
        "database.error",
        &[
            ("code", machine.platform_enum("system.statuscode", code)),
            ("message", Value::text(message.as_str())),
            ("fields", Value::list(Type::String, fields)),
        ],
    )
}

#[cfg(test)]
mod tests;
