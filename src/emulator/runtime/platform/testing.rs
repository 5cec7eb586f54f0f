//! `System.Test`: mocks, and a second set of limits whose end runs what was queued.

use super::super::limits::Usage;
use super::super::machine::{Job, Machine, Outcome, Running, Throw, Work};
use super::super::value::Value;
use super::Table;

/// A test may run this many jobs; a chain without end must not keep it busy for ever.
const MAX_JOBS: usize = 1000;

/// The natives here.
pub const TABLE: Table = &[
    ("Test.isRunningTest", |m, _, _| {
        Ok(Value::Boolean(m.is_test))
    }),
    ("Test.setMock", |m, _, a| {
        let Value::Type(ty) = &a[0] else {
            return Err(m.null_pointer());
        };
        let name = m.world.name_of(ty).to_ascii_lowercase();
        m.test.mocks.insert(name, a[1].clone());
        Ok(Value::Null)
    }),
    ("Test.getEventBus", |m, _, _| Ok(super::events::broker(m))),
    ("Test.startTest", |m, _, _| start(m)),
    ("Test.stopTest", |m, _, _| stop(m)),
];

fn start(machine: &mut Machine<'_>) -> Outcome<Value> {
    if machine.test.started {
        return Err(machine.raise("FinalException", "Testing already started"));
    }
    machine.test.started = true;
    machine.test.before_start = Some(std::mem::take(&mut machine.usage));
    machine.pending = false;
    Ok(Value::Null)
}

fn stop(machine: &mut Machine<'_>) -> Outcome<Value> {
    if !machine.test.started || machine.test.stopped {
        return Err(machine.raise("FinalException", "Testing not started"));
    }
    let inside = machine.usage;
    drain(machine)?;
    machine.test.stopped = true;
    // What was used before startTest counts again; the steps of both count for the run's report.
    machine.usage = machine.test.before_start.take().unwrap_or_default();
    machine.usage.steps += inside.steps;
    Ok(Value::Null)
}

// Runs what was queued since startTest, and what that queues.
fn drain(machine: &mut Machine<'_>) -> Outcome<()> {
    for _ in 0..MAX_JOBS {
        let Some(position) = machine.jobs.iter().position(|job| job.in_test_context) else {
            if machine.events.is_empty() {
                return Ok(());
            }
            super::events::deliver(machine)?;
            // What its trigger wants again comes with the next delivery that the test asks for.
            if machine.jobs.iter().any(|job| job.in_test_context) {
                continue;
            }
            return Ok(());
        };
        let job = machine.jobs.remove(position);
        run(machine, &job)?;
    }
    Err(Throw::Unsupported(
        "more than a thousand jobs in one test".to_owned(),
    ))
}

fn run(machine: &mut Machine<'_>, job: &Job) -> Outcome<()> {
    let usage = std::mem::take(&mut machine.usage);
    let pending = std::mem::replace(&mut machine.pending, false);
    let outer = machine.running;
    let store = machine.store.clone();
    let queued = machine.jobs.len();
    let depth = machine.calls.len();
    let result = match &job.work {
        Work::Queueable(work) => {
            machine.running = Running::Queueable(job.depth, job.max_depth);
            let context =
                machine.platform_object("system.queueablejob", &[("job", job.id.clone())]);
            machine.call_method(work, "execute", vec![context])
        }
        Work::Future(method, arguments) => {
            machine.running = Running::Future;
            machine.run_method(*method, Value::Null, arguments.clone())
        }
    };
    let result = match result {
        Err(Throw::Unsupported(what)) => return Err(Throw::Unsupported(what)),
        other => other.map(|_| ()),
    };
    if result.is_err() {
        machine.calls.truncate(depth);
        machine.store = store;
        machine.jobs.truncate(queued);
    }
    if let Some(finalizer) = machine.finalizer.take() {
        finalize(machine, &finalizer, job, &result)?;
    }
    machine.running = outer;
    machine.usage = usage;
    machine.pending = pending;
    result
}

fn finalize(
    machine: &mut Machine<'_>,
    finalizer: &Value,
    job: &Job,
    result: &Outcome<()>,
) -> Outcome<()> {
    machine.running = Running::Finalizer;
    machine.usage = Usage::default();
    machine.pending = false;
    let (name, problem) = match result {
        Ok(()) => ("SUCCESS", Value::Null),
        Err(Throw::Exception(object) | Throw::Fatal(object)) => {
            ("UNHANDLED_EXCEPTION", Value::Object(object.clone()))
        }
        Err(Throw::Unsupported(_)) => return Ok(()),
    };
    let context = machine.platform_object(
        "system.finishedqueueable",
        &[
            ("job", job.id.clone()),
            (
                "result",
                machine.platform_enum("system.parentjobresult", name),
            ),
            ("problem", problem),
        ],
    );
    let queued = machine.jobs.len();
    machine.call_method(finalizer, "execute", vec![context])?;
    // What a finalizer starts again would fail again, and again: in a test it is accepted but
    // does not run.
    for job in machine.jobs.iter_mut().skip(queued) {
        job.in_test_context = false;
    }
    Ok(())
}
