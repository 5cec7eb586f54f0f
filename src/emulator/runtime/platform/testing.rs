//! `System.Test`: mocks, and a second set of limits whose end runs what was queued.

use super::super::limits::Usage;
use super::super::live;
use super::super::machine::{BatchStep, Job, Machine, Outcome, Running, Throw, Work};
use super::super::value::Value;
use super::{Table, asynchronous, batches, schedules, stubs};

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
    ("Test.setCreatedDate", |m, _, a| {
        let id = a[0].as_text().ok_or_else(|| m.null_pointer())?;
        let object = m
            .object_of_id(&id)
            .filter(|object| m.store.contains(*object, &id));
        let Some(object) = object else {
            return Err(m.raise(
                "InvalidParameterValueException",
                format!("Invalid id: {id}"),
            ));
        };
        let name = m.world.schema.object(object).name.clone();
        m.change_row(&name, &id, &[("CreatedDate", a[1].clone())]);
        Ok(Value::Null)
    }),
    ("Test.createStub", |m, _, a| stubs::create(m, &a[0], &a[1])),
    ("Test.setFixedSearchResults", |m, _, a| {
        m.test.found = a[0].elements().ok_or_else(|| m.null_pointer())?;
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
    let wrote = machine.wrote.take();
    let outer = machine.running;
    let may = machine.may_call_out;
    machine.may_call_out = machine.allows_callouts(&job.work);
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
        Work::Batch(batch, scope) => run_batch(machine, job, batch, *scope),
        // A batch that is scheduled does not start in a test.
        Work::Scheduled { scope: Some(_), .. } => Ok(Value::Null),
        Work::Scheduled { value, trigger, .. } => {
            machine.running = Running::Scheduled;
            let context = schedules::context(machine, &Value::Id(trigger.clone()));
            machine.call_method(value, "execute", vec![context])
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
    machine.may_call_out = may;
    end(machine, job, &result);
    if let Some(finalizer) = machine.finalizer.take() {
        finalize(machine, &finalizer, job, &result)?;
    }
    machine.running = outer;
    machine.usage = usage;
    machine.pending = pending;
    machine.wrote = wrote;
    result
}

// What the job's row says of it now; a scheduled job waits for its next time.
fn end(machine: &mut Machine<'_>, job: &Job, result: &Outcome<()>) {
    let Some(id) = job.id.as_text() else {
        return;
    };
    if matches!(job.work, Work::Scheduled { .. }) {
        return;
    }
    let mut changes = vec![("CompletedDate", machine.now())];
    match result {
        Ok(()) => changes.push(("Status", Value::text("Completed"))),
        Err(Throw::Exception(object) | Throw::Fatal(object)) => {
            let (name, message, _) = machine.describe(object);
            changes.push(("Status", Value::text("Failed")));
            changes.push(("ExtendedStatus", Value::text(format!("{name}: {message}"))));
        }
        Err(Throw::Unsupported(_)) => {}
    }
    machine.change_row("AsyncApexJob", &id, &changes);
}

// One part at most (Apex Developer Guide, "Use Batch Apex", on testing it), each step with limits of
// its own.
fn run_batch(machine: &mut Machine<'_>, job: &Job, batch: &Value, scope: usize) -> Outcome<Value> {
    let world = machine.world;
    let keeps = asynchronous::is_a(machine, batch, "database.stateful");
    let original = live::freeze(world, std::slice::from_ref(batch));
    let instance = || -> Value {
        let copy = (!keeps)
            .then(|| live::thaw(world, &original).ok())
            .flatten();
        copy.and_then(|mut values| values.pop())
            .unwrap_or_else(|| batch.clone())
    };
    let context = batches::context(machine, &job.id);
    machine.running = Running::Batch(BatchStep::Start);
    let found = machine.call_method(&instance(), "start", vec![context.clone()])?;
    let parts = batches::parts(machine, &found, scope)?;
    if parts.len() > 1 {
        return Err(machine.raise(
            "UnexpectedException",
            "No more than one executeBatch can be called from within a testmethod. Please make \
             sure the iterable returned from your start method matches the batch size, resulting \
             in one executeBatch invocation.",
        ));
    }
    let count = Value::Integer(i32::try_from(parts.len()).unwrap_or(i32::MAX));
    for part in parts {
        step(machine, BatchStep::Execute);
        let arguments = vec![context.clone(), part];
        machine.call_method(&instance(), "execute", arguments)?;
    }
    if let Some(id) = job.id.as_text() {
        let done = [
            ("TotalJobItems", count.clone()),
            ("JobItemsProcessed", count),
        ];
        machine.change_row("AsyncApexJob", &id, &done);
    }
    step(machine, BatchStep::Finish);
    machine.call_method(&instance(), "finish", vec![context])
}

fn step(machine: &mut Machine<'_>, step: BatchStep) {
    machine.running = Running::Batch(step);
    machine.usage = Usage::default();
    machine.pending = false;
    machine.wrote = None;
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
    machine.wrote = None;
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
