//! Scheduled jobs (Apex Developer Guide, "Apex Scheduler").

use jiff::{SignedDuration, Timestamp};

use super::super::cron::{Problem, Schedule};
use super::super::machine::{Machine, Outcome, Running, Throw, Work};
use super::super::value::Value;
use super::{Table, batches};

/// The natives here.
pub const TABLE: Table = &[
    ("System.schedule", |m, _, a| {
        schedule(m, &a[0], &a[1], &a[2])
    }),
    ("System.scheduleBatch", |m, _, a| schedule_batch(m, a)),
    ("System.abortJob", |m, _, a| abort(m, &a[0])),
    ("System.isScheduled", |m, _, _| {
        Ok(Value::Boolean(m.running == Running::Scheduled))
    }),
];

fn schedule(
    machine: &mut Machine<'_>,
    name: &Value,
    expression: &Value,
    job: &Value,
) -> Outcome<Value> {
    if job.is_null() {
        return Err(machine.null_pointer());
    }
    if !super::asynchronous::is_a(machine, job, "system.schedulable") {
        return Err(Throw::Unsupported(
            "System.schedule of what is no Schedulable".to_owned(),
        ));
    }
    let expression = expression.as_text().ok_or_else(|| machine.null_pointer())?;
    let schedule = Schedule::parse(&expression).map_err(|problem| match problem {
        Problem::Refused(text) => machine.raise("StringException", text),
        Problem::Unknown => Throw::Unsupported(format!("the cron expression {expression}")),
    })?;
    let Some(due) = schedule.next(machine.org.now) else {
        return Err(machine.raise(
            "AsyncException",
            "Based on configured schedule, the given trigger will never fire.",
        ));
    };
    add(machine, name, &expression, due, job, None)
}

// Once, after some minutes.
fn schedule_batch(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let [batch, name, minutes, ..] = arguments else {
        return Err(machine.null_pointer());
    };
    let scope = batches::scope_of(machine, batch, arguments.get(3))?;
    let minutes = minutes.as_long().ok_or_else(|| machine.null_pointer())?;
    let due = machine
        .org
        .now
        .checked_add(SignedDuration::from_mins(minutes))
        .unwrap_or(machine.org.now);
    let at = due.to_zoned(jiff::tz::TimeZone::UTC);
    let expression = at.strftime("%-S %-M %-H %-d %-m ? %Y").to_string();
    add(machine, name, &expression, due, batch, Some(scope))
}

fn add(
    machine: &mut Machine<'_>,
    name: &Value,
    expression: &str,
    due: Timestamp,
    value: &Value,
    scope: Option<usize>,
) -> Outcome<Value> {
    let text = name.as_text().ok_or_else(|| machine.null_pointer())?;
    if machine.has_cron(&text) {
        return Err(machine.raise(
            "AsyncException",
            format!("The Apex job named \"{text}\" is already scheduled for execution."),
        ));
    }
    // The text is as quoted at salesforce.stackexchange.com/questions/104810.
    let most = machine.org.max_scheduled_jobs;
    if machine.scheduled_jobs() >= most {
        return Err(machine.raise(
            "AsyncException",
            format!("You have exceeded the maximum number ({most}) of Apex scheduled jobs."),
        ));
    }
    let trigger = machine.put_cron(name, expression, due);
    let id = Value::Id(machine.store.new_id("707"));
    let work = Work::Scheduled {
        value: value.clone(),
        trigger: trigger.clone(),
        due,
        scope,
    };
    let job = batches::job(machine, id, work);
    machine.queue(job);
    Ok(Value::String(trigger))
}

/// A job that waits does so no more. Its Id is that of the job or of its trigger.
fn abort(machine: &mut Machine<'_>, job: &Value) -> Outcome<Value> {
    let id = job.as_text().ok_or_else(|| machine.null_pointer())?;
    machine.jobs.retain(|job| !job.is_known_as(&id));
    if let Some(triggers) = machine.world.schema.find("CronTrigger") {
        machine.store.delete(triggers, &id);
    }
    machine.change_row("AsyncApexJob", &id, &[("Status", Value::text("Aborted"))]);
    machine.aborted.push(id);
    Ok(Value::Null)
}

/// `SchedulableContext`
pub fn context(machine: &Machine<'_>, trigger: &Value) -> Value {
    machine.platform_object("system.schedulablecontextimpl", &[("job", trigger.clone())])
}
