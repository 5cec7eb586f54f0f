//! Batches (Apex Developer Guide, "Use Batch Apex"): how they are started, and what they go over.

use super::super::limits::Limit;
use super::super::machine::{BatchStep, Job, Machine, Outcome, Running, Throw, Work};
use super::super::value::Value;
use super::Table;
use super::dynamic;

/// Values that a batch gets at a time unless it is said.
pub const DEFAULT_SCOPE: usize = 200;

/// The most records of a query that a batch gets at a time.
const MAX_SCOPE: usize = 2_000;

/// The natives here.
pub const TABLE: Table = &[
    ("Database.executeBatch", |m, _, a| start(m, &a[0], a.get(1))),
    ("Database.getQueryLocator", |m, _, a| {
        Ok(locator(m, &Value::Null, &a[0]))
    }),
    ("Database.locateVisible", |m, _, a| locate(m, a)),
    ("Database.getQueryLocatorWithBinds", |m, _, a| locate(m, a)),
    ("System.isBatch", |m, _, _| {
        Ok(Value::Boolean(matches!(m.running, Running::Batch(_))))
    }),
];

fn start(machine: &mut Machine<'_>, batch: &Value, scope: Option<&Value>) -> Outcome<Value> {
    if matches!(
        machine.running,
        Running::Batch(BatchStep::Start | BatchStep::Execute) | Running::Future
    ) {
        return Err(machine.raise(
            "AsyncException",
            "Database.executeBatch cannot be called from a batch start, batch execute, or future method.",
        ));
    }
    let scope = scope_of(machine, batch, scope)?;
    submit(machine, batch, scope)
}

/// Lets a batch wait: its Id.
pub fn submit(machine: &mut Machine<'_>, batch: &Value, scope: usize) -> Outcome<Value> {
    let status = machine.place_for_batch()?;
    let id = machine.store.new_id("707");
    let value = Value::Id(id.clone());
    let job = job(machine, value.clone(), Work::Batch(batch.clone(), scope));
    machine.queue(job);
    machine.change_row("AsyncApexJob", &id, &[("Status", Value::text(status))]);
    Ok(value)
}

/// Whether a value is a batch, and how many values it gets at a time.
pub fn scope_of(machine: &Machine<'_>, batch: &Value, scope: Option<&Value>) -> Outcome<usize> {
    if batch.is_null() {
        return Err(machine.null_pointer());
    }
    if !super::asynchronous::is_a(machine, batch, "database.batchable") {
        return Err(Throw::Unsupported(
            "Database.executeBatch of what is no Database.Batchable".to_owned(),
        ));
    }
    match scope {
        None | Some(Value::Null) => Ok(DEFAULT_SCOPE),
        Some(value) => value
            .as_long()
            .and_then(|scope| usize::try_from(scope).ok())
            .filter(|scope| *scope > 0)
            .ok_or_else(|| Throw::Unsupported("a batch with a scope below one".to_owned())),
    }
}

/// A job that waits for nothing.
pub fn job(machine: &Machine<'_>, id: Value, work: Work) -> Job {
    Job {
        id,
        work,
        depth: 1,
        max_depth: None,
        delay_minutes: 0,
        signature: None,
        in_test_context: runs_in_test(machine),
    }
}

/// Whether `Test.stopTest` runs what is queued now. What batches and scheduled jobs queue is accepted
/// in a test, but does not run.
pub fn runs_in_test(machine: &Machine<'_>) -> bool {
    machine.test.started
        && !machine.test.stopped
        && !matches!(machine.running, Running::Batch(_) | Running::Scheduled)
}

fn locate(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let records = dynamic::located_rows(machine, &arguments[0], &arguments[1])?;
    Ok(locator(machine, &arguments[0], &records))
}

fn locator(machine: &Machine<'_>, query: &Value, records: &Value) -> Value {
    machine.platform_object(
        "database.querylocator",
        &[("query", query.clone()), ("records", records.clone())],
    )
}

/// What a batch goes over, in parts: what its `start` gave.
pub fn parts(machine: &mut Machine<'_>, found: &Value, scope: usize) -> Outcome<Vec<Value>> {
    let (values, scope) = match found {
        Value::Object(object) => match machine.variable_of(object, "records") {
            records @ Value::List(_) => {
                (records.elements().unwrap_or_default(), scope.min(MAX_SCOPE))
            }
            _ => (iterated(machine, found)?, scope),
        },
        Value::List(_) | Value::Set(_) => (found.elements().unwrap_or_default(), scope),
        _ => return Err(machine.null_pointer()),
    };
    let element = match found {
        Value::List(list) => list.element.clone(),
        _ => super::super::types::Type::Object,
    };
    Ok(values
        .chunks(scope)
        .map(|part| {
            let element = match part.first() {
                Some(Value::Record(record)) => super::super::types::Type::Record(record.object),
                _ => element.clone(),
            };
            Value::list(element, part.to_vec())
        })
        .collect())
}

// An Iterable of the org's own.
fn iterated(machine: &mut Machine<'_>, iterable: &Value) -> Outcome<Vec<Value>> {
    let iterator = machine.call_method(iterable, "iterator", Vec::new())?;
    let mut values = Vec::new();
    loop {
        match machine.call_method(&iterator, "hasNext", Vec::new())? {
            Value::Boolean(true) => {}
            _ => return Ok(values),
        }
        values.push(machine.call_method(&iterator, "next", Vec::new())?);
        // An iterator without end uses up its time.
        machine.usage.steps += 1;
        machine.spend(Limit::CpuTime, 0)?;
    }
}

/// `Database.BatchableContext`
pub fn context(machine: &Machine<'_>, job: &Value) -> Value {
    machine.platform_object(
        "database.batchablecontextimpl",
        &[("job", job.clone()), ("child", job.clone())],
    )
}
