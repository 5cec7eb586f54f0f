//! Batches of an org at work, each part of one a transaction of its own, and scheduled jobs.

use super::super::cron::Schedule;
use super::super::machine::{BatchStep, Job, Machine, Outcome, Running, Throw, Work};
use super::super::platform::{batches, schedules};
use super::super::types::ClassId;
use super::super::value::Value;
use super::frozen::{freeze, thaw};
use super::{JobStatus, LiveOrg, Unknown, Waiting};

impl LiveOrg<'_> {
    pub(super) fn perform_batch(
        &mut self,
        waiting: &Waiting,
        batch: &Value,
        scope: usize,
    ) -> Result<(), Unknown> {
        let keeps = keeps_state(self, batch);
        // Every transaction begins with the batch as it was started, or with Database.Stateful as the
        // last one that ended well left it.
        let mut state = freeze(self.world, std::slice::from_ref(batch));
        let job = waiting.job.id.clone();
        self.change_job(waiting, &[("Status", Value::text("Processing"))]);
        let one = copy(self, &state, batch);
        let started = self.batch_step(waiting, &one, BatchStep::Start, |machine| {
            let context = batches::context(machine, &job);
            let found = machine.call_method(&one, "start", vec![context])?;
            batches::parts(machine, &found, scope)
        })?;
        let parts = match started {
            Ok(parts) => parts,
            Err(text) => {
                let row = &mut self.jobs[waiting.row];
                row.status = JobStatus::Failed;
                row.detail = Some(format!("First error: {text}"));
                return Ok(());
            }
        };
        if keeps {
            state = freeze(self.world, std::slice::from_ref(&one));
        }
        let total = count(parts.len());
        self.change_job(waiting, &[("TotalJobItems", total.clone())]);
        let mut errors = 0;
        for (index, part) in parts.iter().enumerate() {
            let one = copy(self, &state, batch);
            let done = self.batch_step(waiting, &one, BatchStep::Execute, |machine| {
                let context = batches::context(machine, &job);
                machine.call_method(&one, "execute", vec![context, part.clone()])
            })?;
            match done {
                Err(text) => {
                    errors += 1;
                    let row = &mut self.jobs[waiting.row];
                    row.detail.get_or_insert(format!("First error: {text}"));
                }
                Ok(_) if keeps => state = freeze(self.world, std::slice::from_ref(&one)),
                Ok(_) => {}
            }
            let done = [
                ("JobItemsProcessed", count(index + 1)),
                ("NumberOfErrors", count(errors)),
            ];
            self.change_job(waiting, &done);
        }
        let one = copy(self, &state, batch);
        let finished = self.batch_step(waiting, &one, BatchStep::Finish, |machine| {
            let context = batches::context(machine, &job);
            machine.call_method(&one, "finish", vec![context])
        })?;
        let row = &mut self.jobs[waiting.row];
        row.status = JobStatus::Completed;
        if let Err(text) = finished {
            row.status = JobStatus::Failed;
            row.detail.get_or_insert(format!("First error: {text}"));
        }
        Ok(())
    }

    fn batch_step<T>(
        &mut self,
        waiting: &Waiting,
        batch: &Value,
        step: BatchStep,
        work: impl FnOnce(&mut Machine<'_>) -> Outcome<T>,
    ) -> Result<Result<T, String>, Unknown> {
        let class = class_of(batch);
        let done = self.transaction(&waiting.user, "BatchApex", |machine| {
            machine.running = Running::Batch(step);
            in_unit(machine, class, work)
        })?;
        Ok(done.map_err(|failed| failed.text))
    }

    /// Runs a scheduled job, and lets it wait for its next time.
    pub(super) fn perform_scheduled(
        &mut self,
        waiting: &Waiting,
        scheduled: &Scheduled<'_>,
    ) -> Result<(), Unknown> {
        let Scheduled {
            value,
            trigger,
            scope,
        } = *scheduled;
        let class = class_of(value);
        let frozen = freeze(self.world, std::slice::from_ref(value));
        let fresh = copy(self, &frozen, value);
        let id = Value::Id(trigger.into());
        // What it throws is in its log; the next time comes all the same.
        let _ = self.transaction(&waiting.user, "ScheduledApex", |machine| match scope {
            Some(scope) => batches::submit(machine, value, scope),
            None => {
                machine.running = Running::Scheduled;
                let context = schedules::context(machine, &id);
                in_unit(machine, class, |machine| {
                    machine.call_method(&fresh, "execute", vec![context])
                })
            }
        })?;
        let now = self.org.now;
        let expression = self.cron_text(trigger);
        let next = expression
            .and_then(|text| Schedule::parse(&text).ok())
            .and_then(|schedule| schedule.next(now));
        let Some(due) = next else {
            let row = &mut self.jobs[waiting.row];
            row.status = JobStatus::Completed;
            self.drop_cron(trigger);
            return Ok(());
        };
        self.fired(trigger, due);
        self.change_job(waiting, &[("Status", Value::text("Queued"))]);
        let work = Work::Scheduled {
            value: value.clone(),
            trigger: trigger.into(),
            due,
            scope,
        };
        let row = &mut self.jobs[waiting.row];
        row.due = due;
        row.status = JobStatus::Queued;
        self.waiting.push(Waiting {
            job: Job {
                id: waiting.job.id.clone(),
                work,
                depth: 1,
                max_depth: None,
                delay_minutes: 0,
                signature: None,
                in_test_context: false,
            },
            user: waiting.user.clone(),
            due,
            row: waiting.row,
        });
        Ok(())
    }
}

/// A scheduled job.
#[derive(Clone, Copy)]
pub struct Scheduled<'a> {
    /// What runs.
    pub value: &'a Value,
    /// Its `CronTrigger`.
    pub trigger: &'a str,
    /// How many values a batch gets at a time, where it is one.
    pub scope: Option<usize>,
}

fn in_unit<T>(
    machine: &mut Machine<'_>,
    class: Option<ClassId>,
    work: impl FnOnce(&mut Machine<'_>) -> Outcome<T>,
) -> Outcome<T> {
    machine.log_unit(class, None, true);
    let done = work(machine);
    if let Err(Throw::Exception(object) | Throw::Fatal(object)) = &done {
        machine.log_fatal(object);
    }
    machine.log_unit(class, None, false);
    done
}

fn class_of(value: &Value) -> Option<ClassId> {
    match value {
        Value::Object(object) => Some(object.class),
        _ => None,
    }
}

// What a job is given is a copy, as of everything that outlives its transaction.
fn copy(org: &LiveOrg<'_>, frozen: &serde_json::Value, value: &Value) -> Value {
    let thawed = thaw(org.world, frozen).ok();
    let copy = thawed.and_then(|mut values| values.pop());
    copy.unwrap_or_else(|| value.clone())
}

fn keeps_state(org: &LiveOrg<'_>, batch: &Value) -> bool {
    let stateful = org.world.platform_class("database.stateful");
    class_of(batch)
        .zip(stateful)
        .is_some_and(|(class, stateful)| org.world.is_subclass(class, stateful))
}

fn count(number: usize) -> Value {
    Value::Integer(i32::try_from(number).unwrap_or(i32::MAX))
}
