//! Queueables, finalizers and their limits.

use super::super::limits::Limit;
use super::super::machine::{Job, Machine, Outcome, Running, Work};
use super::super::value::Value;
use super::{Table, batches};

/// The natives here.
pub const TABLE: Table = &[
    ("System.enqueueJob", |m, _, a| enqueue(m, &a[0], a.get(1))),
    ("System.attachFinalizer", |m, _, a| attach(m, &a[0])),
    ("AsyncInfo.getCurrentQueueableStackDepth", |m, _, _| {
        Ok(match m.running {
            Running::Queueable(depth, _) => integer(depth),
            _ => Value::Integer(0),
        })
    }),
    ("AsyncInfo.getMaximumQueueableStackDepth", |m, _, _| {
        Ok(match m.running {
            Running::Queueable(_, Some(most)) => integer(most),
            _ => Value::Null,
        })
    }),
    ("System.isFuture", |m, _, _| {
        Ok(Value::Boolean(m.running == Running::Future))
    }),
    ("System.isQueueable", |m, _, _| {
        Ok(Value::Boolean(matches!(m.running, Running::Queueable(..))))
    }),
];

fn integer(value: u32) -> Value {
    Value::Integer(i32::try_from(value).unwrap_or(i32::MAX))
}

/// Whether a value is an object of a class or interface of the platform.
pub fn is_a(machine: &Machine<'_>, value: &Value, interface: &str) -> bool {
    match (value, machine.world.platform_class(interface)) {
        (Value::Object(object), Some(interface)) => {
            machine.world.is_subclass(object.class, interface)
        }
        _ => false,
    }
}

fn enqueue(machine: &mut Machine<'_>, job: &Value, setting: Option<&Value>) -> Outcome<Value> {
    if job.is_null() {
        return Err(machine.null_pointer());
    }
    if !is_a(machine, job, "system.queueable") {
        return Err(machine.raise("AsyncException", "The object must implement Queueable"));
    }
    let mut max_depth = None;
    let mut delay_minutes = 0;
    let mut signature = None;
    match setting {
        Some(Value::Integer(minutes)) if !(0..=10).contains(minutes) => {
            return Err(machine.raise(
                "IllegalArgumentException",
                "Queueable delay must be between 0 and 10 minutes",
            ));
        }
        Some(Value::Integer(minutes)) => delay_minutes = u32::try_from(*minutes).unwrap_or(0),
        Some(Value::Object(options)) => {
            delay_minutes = machine
                .variable_of(options, "MinimumQueueableDelayInMinutes")
                .as_long()
                .and_then(|minutes| u32::try_from(minutes).ok())
                .unwrap_or_default();
            max_depth = machine
                .variable_of(options, "MaximumQueueableStackDepth")
                .as_long()
                .and_then(|depth| u32::try_from(depth).ok());
            if let Value::Object(found) = machine.variable_of(options, "DuplicateSignature") {
                signature = machine.variable_of(&found, "text").as_text();
            }
        }
        _ => {}
    }
    let mut depth = 1;
    if let Running::Queueable(running, limit) = machine.running {
        depth = running + 1;
        max_depth = limit.or(max_depth);
        let longest = match &machine.live {
            // Without a depth of its own a chain has none in tests.
            None => Some(max_depth.unwrap_or_default()),
            Some(live) => [max_depth, live.chain_limit].into_iter().flatten().min(),
        };
        if longest.is_some_and(|max| depth > max) {
            return Err(machine.raise("AsyncException", "Maximum stack depth has been reached."));
        }
    }
    // A job loses its signature when it starts (Apex Developer Guide, "Detecting Duplicate
    // Queueable Jobs").
    if signature.is_some() && machine.jobs.iter().any(|job| job.signature == signature) {
        return Err(machine.raise(
            "DuplicateMessageException",
            "Attempt to enqueue job with duplicate queueable signature",
        ));
    }
    machine.spend(Limit::QueueableJobs, 1)?;
    let id = Value::Id(machine.store.new_id("707"));
    machine.queue(Job {
        id: id.clone(),
        work: Work::Queueable(job.clone()),
        depth,
        max_depth,
        delay_minutes,
        signature,
        in_test_context: batches::runs_in_test(machine),
    });
    Ok(id)
}

fn attach(machine: &mut Machine<'_>, finalizer: &Value) -> Outcome<Value> {
    if !matches!(machine.running, Running::Queueable(..)) {
        return Err(machine.raise(
            "HandledException",
            "System.attachFinalizer(Finalizer) is not allowed in this context",
        ));
    }
    if !is_a(machine, finalizer, "system.finalizer") {
        return Err(machine.raise("HandledException", "The object must implement Finalizer"));
    }
    if machine.finalizer.is_some() {
        return Err(machine.raise(
            "HandledException",
            "More than one Finalizer cannot be attached to same Async Apex Job",
        ));
    }
    machine.finalizer = Some(finalizer.clone());
    Ok(Value::Null)
}
