//! Platform events: published into a queue, and delivered to their triggers by a test (Platform
//! Events Developer Guide, "Deliver Test Event Messages" and "Test Retried Event Messages").

use std::rc::Rc;

use super::super::data::dml::{self, RowResult};
use super::super::data::schema::Publishing;
use super::super::data::triggers;
use super::super::ir::DmlOperation;
use super::super::limits::Limit;
use super::super::machine::{Before, Event, Machine, Outcome, Running, Throw};
use super::super::types::ObjectId;
use super::super::value::{Record, Value};
use super::Table;
use super::database::save_results;

/// Events that one run of a trigger gets (Platform Events Developer Guide, "Platform Event
/// Allocations").
const CHUNK: usize = 2_000;

/// After that many retries the trigger stops (the same, "Retry Event Triggers with
/// EventBus.RetryableException").
const MAX_RETRIES: u32 = 9;

/// The natives here.
pub const TABLE: Table = &[
    ("EventBus.publish", |m, _, a| publish(m, &a[0])),
    ("EventBus.TriggerContext.currentContext", |m, _, _| {
        Ok(current(m))
    }),
    ("EventBus.TestBroker.deliver", |m, _, _| {
        deliver(m).map(|()| Value::Null)
    }),
];

fn publish(machine: &mut Machine<'_>, argument: &Value) -> Outcome<Value> {
    let records = dml::records_of(machine, argument)?;
    machine.logged_dml(DmlOperation::Insert, &records, |machine| {
        enqueue(machine, argument, &records)
    })
}

fn enqueue(machine: &mut Machine<'_>, argument: &Value, records: &[Rc<Record>]) -> Outcome<Value> {
    let mut publishings = Vec::new();
    for record in records {
        let object = machine.world.schema.object(record.object);
        let Some(publishing) = object.publishing else {
            let text = format!("{} is not a platform event", object.name);
            return Err(machine.raise("IllegalArgumentException", text));
        };
        publishings.push(publishing);
    }
    if publishings.contains(&Publishing::AfterCommit) {
        machine.spend(Limit::DmlStatements, 1)?;
        machine.pending = true;
    }
    if publishings.contains(&Publishing::Immediately) {
        machine.spend(Limit::PublishImmediate, 1)?;
    }
    let mut results = Vec::new();
    for record in records {
        results.push(match dml::as_event(machine, record) {
            Ok(event) => {
                let id = event.fields.borrow().get("Id").cloned();
                machine.events.push(Event {
                    record: event,
                    retries: 0,
                    last_error: None,
                });
                RowResult {
                    id: id.unwrap_or(Value::Null),
                    problem: None,
                }
            }
            Err(problem) => RowResult {
                id: Value::Null,
                problem: Some(problem),
            },
        });
    }
    Ok(save_results(
        machine,
        argument,
        results,
        "database.saveresult",
    ))
}

// What a trigger on events learns of its own delivery; null outside of one.
fn current(machine: &Machine<'_>) -> Value {
    let Some((retries, last_error)) = machine.delivery.clone() else {
        return Value::Null;
    };
    machine.platform_object(
        "eventbus.triggercontext",
        &[
            (
                "retries",
                Value::Integer(i32::try_from(retries).unwrap_or(i32::MAX)),
            ),
            ("lastError", last_error.map_or(Value::Null, Value::String)),
        ],
    )
}

/// Runs the triggers on all events that wait. Events whose trigger asks for it are kept and come
/// again with the next delivery.
pub fn deliver(machine: &mut Machine<'_>) -> Outcome<()> {
    let mut waiting = std::mem::take(&mut machine.events);
    while let Some(first) = waiting.first() {
        let (object, retries) = (first.record.object, first.retries);
        let last_error = first.last_error.clone();
        let (mut batch, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|event| event.record.object == object && event.retries == retries);
        waiting = rest;
        let later = batch.split_off(batch.len().min(CHUNK));
        waiting.splice(0..0, later);
        let records: Vec<Rc<Record>> = batch.iter().map(|event| event.record.clone()).collect();
        match transaction(machine, object, &records, (retries, last_error))? {
            None => {}
            Some(_) if retries >= MAX_RETRIES => {
                return Err(Throw::Unsupported(
                    "what follows the tenth failed delivery of a platform event".to_owned(),
                ));
            }
            Some(error) => machine.events.extend(batch.into_iter().map(|event| Event {
                retries: retries + 1,
                last_error: Some(error.clone()),
                ..event
            })),
        }
    }
    Ok(())
}

// A delivery is a transaction of its own, with the limits of synchronous ones, as the Automated
// Process user. The message of the RetryableException that it ended with, if it did.
fn transaction(
    machine: &mut Machine<'_>,
    object: ObjectId,
    records: &[Rc<Record>],
    delivery: (u32, Option<std::sync::Arc<str>>),
) -> Outcome<Option<std::sync::Arc<str>>> {
    let usage = std::mem::take(&mut machine.usage);
    let pending = std::mem::replace(&mut machine.pending, false);
    let wrote = machine.wrote.take();
    let running = std::mem::replace(&mut machine.running, Running::Nothing);
    let outer = machine.delivery.replace(delivery);
    let outside = std::mem::take(&mut machine.triggers);
    let before = Before::now(machine);
    let depth = machine.calls.len();
    // An org at work runs the whole transaction as the user that it is to be.
    let is_test = machine.live.is_none();
    if is_test {
        machine
            .run_as
            .push(Value::Id(machine.org.automated_process_id.clone()));
    }
    let result = triggers::run(machine, object, "after insert", Some(records), None);
    if is_test {
        machine.run_as.pop();
    }
    machine.triggers = outside;
    machine.delivery = outer;
    machine.running = running;
    machine.pending = pending;
    machine.wrote = wrote;
    let steps = machine.usage.steps;
    machine.usage = usage;
    machine.usage.steps += steps;
    let exception = match result {
        Ok(()) => return Ok(None),
        Err(Throw::Exception(exception)) => exception,
        Err(other) => return Err(other),
    };
    machine.calls.truncate(depth);
    before.take_back(machine);
    let (kind, message, _) = machine.describe(&exception);
    let asks_again = machine
        .world
        .platform_class("eventbus.retryableexception")
        .is_some_and(|class| machine.world.is_subclass(exception.class, class));
    if asks_again {
        return Ok(Some(message.into()));
    }
    // Whether a test fails by it is nowhere documented.
    Err(Throw::Unsupported(format!(
        "an exception that leaves the trigger on a platform event ({kind}: {message})"
    )))
}

/// `EventBus.TestBroker`
pub fn broker(machine: &Machine<'_>) -> Value {
    machine.platform_object("eventbus.testbroker", &[])
}
