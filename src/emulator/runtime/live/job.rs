//! Jobs of an org at work, each a transaction of its own, and their finalizers, another one.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::super::data::flex_queue;
use super::super::machine::{Job, Machine, Outcome, Running, Throw, Work};
use super::super::types::ClassId;
use super::super::value::Value;
use super::batch::Scheduled;
use super::{JobRow, JobStatus, LiveOrg, Unknown, User, Waiting};

impl LiveOrg<'_> {
    pub(super) fn queue(&mut self, job: Job, user: &User) {
        let minutes = i64::from(job.delay_minutes);
        let due = match &job.work {
            Work::Scheduled { due, .. } => Some(*due),
            _ => {
                let delay = SignedDuration::from_mins(minutes);
                self.org.now.checked_add(delay).ok()
            }
        };
        let due = due.unwrap_or(self.org.now);
        let class = match &job.work {
            Work::Future(method, _) => Some(self.world.method(*method).class),
            Work::Queueable(value) | Work::Batch(value, _) | Work::Scheduled { value, .. } => {
                class_of(value)
            }
        };
        let name = class.map(|class| self.world.class(class).qualified.to_string());
        let row = JobRow {
            id: job.id.as_text().unwrap_or_default().to_string(),
            class: name.unwrap_or_default(),
            enqueued: self.org.now,
            due,
            status: JobStatus::Queued,
            detail: None,
        };
        self.jobs.push(row);
        self.waiting.push(Waiting {
            job,
            user: user.clone(),
            due,
            row: self.jobs.len() - 1,
        });
    }

    pub(super) fn abort(&mut self, ids: &[Arc<str>]) {
        for id in ids {
            self.waiting.retain(|waiting| !waiting.job.is_known_as(id));
            self.aborted.push(id.to_string());
        }
        if !ids.is_empty() {
            flex_queue::release(self.world, &mut self.store);
        }
    }

    /// Changes what `AsyncApexJob` says of a job.
    pub(super) fn change_job(&mut self, waiting: &Waiting, changes: &[(&str, Value)]) {
        if let Some(id) = waiting.job.id.as_text() {
            self.change_row("AsyncApexJob", &id, changes);
        }
    }

    /// The expression of a `CronTrigger` that is still there.
    pub(super) fn cron_text(&self, trigger: &str) -> Option<Arc<str>> {
        let object = self.world.schema.find("CronTrigger")?;
        let row = self.store.get(object, trigger)?;
        row.get("CronExpression")?.as_text()
    }

    /// A scheduled job ran, and will again.
    pub(super) fn fired(&mut self, trigger: &str, next: Timestamp) {
        let object = self.world.schema.find("CronTrigger");
        let row = object.and_then(|object| self.store.get(object, trigger));
        let times = row
            .and_then(|row| row.get("TimesTriggered")?.as_long())
            .and_then(|times| i32::try_from(times + 1).ok());
        let now = Value::Datetime(self.org.now.as_millisecond());
        let changes = [
            ("TimesTriggered", Value::Integer(times.unwrap_or(1))),
            ("PreviousFireTime", now),
            ("NextFireTime", Value::Datetime(next.as_millisecond())),
        ];
        self.change_row("CronTrigger", trigger, &changes);
    }

    /// A scheduled job will not run again.
    pub(super) fn drop_cron(&mut self, trigger: &str) {
        if let Some(object) = self.world.schema.find("CronTrigger") {
            self.store.delete(object, trigger);
        }
    }

    fn change_row(&mut self, object: &str, id: &str, changes: &[(&str, Value)]) {
        if let Some(object) = self.world.schema.find(object) {
            self.store.change(object, id, changes);
        }
    }

    // What `AsyncApexJob` says of a job that ended.
    pub(super) fn end_row(&mut self, index: usize) {
        let JobRow {
            id, status, detail, ..
        } = self.jobs[index].clone();
        let status = match status {
            JobStatus::Queued | JobStatus::Processing => return,
            JobStatus::Completed => "Completed",
            JobStatus::Failed => "Failed",
        };
        let now = Value::Datetime(self.org.now.as_millisecond());
        let mut changes = vec![("Status", Value::text(status)), ("CompletedDate", now)];
        if let Some(detail) = detail {
            changes.push(("ExtendedStatus", Value::text(detail)));
        }
        self.change_row("AsyncApexJob", &id, &changes);
    }

    pub(super) fn run_job(&mut self, waiting: &Waiting) -> Result<(), Unknown> {
        let ended = match &waiting.job.work {
            Work::Batch(batch, scope) => self.perform_batch(waiting, batch, *scope),
            Work::Scheduled {
                value,
                trigger,
                scope,
                ..
            } => self.perform_scheduled(
                waiting,
                &Scheduled {
                    value,
                    trigger,
                    scope: *scope,
                },
            ),
            Work::Queueable(_) | Work::Future(..) => self.perform(waiting),
        };
        self.end_row(waiting.row);
        if let Work::Batch(..) = waiting.job.work {
            flex_queue::release(self.world, &mut self.store);
        }
        ended
    }

    fn perform(&mut self, waiting: &Waiting) -> Result<(), Unknown> {
        let mut finalizer = None;
        let operation = match waiting.job.work {
            Work::Future(..) => "FutureHandler",
            _ => "QueueableHandler",
        };
        let result = self.transaction(&waiting.user, operation, |machine| {
            let (class, method) = unit(machine, &waiting.job);
            machine.log_unit(class, method, true);
            let done = start(machine, waiting);
            if let Err(Throw::Exception(object) | Throw::Fatal(object)) = &done {
                machine.log_fatal(object);
            }
            machine.log_unit(class, method, false);
            done?;
            finalizer = machine.finalizer.take();
            Ok(())
        })?;
        let row = &mut self.jobs[waiting.row];
        let (outcome, problem) = match result {
            Ok(()) => {
                row.status = JobStatus::Completed;
                ("SUCCESS", Value::Null)
            }
            Err(failed) => {
                row.status = JobStatus::Failed;
                row.detail = Some(failed.text);
                finalizer = failed.finalizer;
                ("UNHANDLED_EXCEPTION", Value::Object(failed.exception))
            }
        };
        match finalizer {
            Some(finalizer) => self.finalize(waiting, &finalizer, outcome, &problem),
            None => Ok(()),
        }
    }

    fn finalize(
        &mut self,
        waiting: &Waiting,
        finalizer: &Value,
        outcome: &str,
        problem: &Value,
    ) -> Result<(), Unknown> {
        let result = self.transaction(&waiting.user, "TransactionFinalizer", |machine| {
            machine.running = Running::Finalizer;
            let outcome = machine.platform_enum("system.parentjobresult", outcome);
            let context = machine.platform_object(
                "system.finishedqueueable",
                &[
                    ("job", waiting.job.id.clone()),
                    ("result", outcome),
                    ("problem", problem.clone()),
                ],
            );
            let class = class_of(finalizer);
            machine.log_unit(class, None, true);
            let done = machine.call_method(finalizer, "execute", vec![context]);
            machine.log_unit(class, None, false);
            done
        })?;
        if let Err(failed) = result {
            let row = &mut self.jobs[waiting.row];
            row.status = JobStatus::Failed;
            row.detail = Some(format!("its finalizer failed: {}", failed.text));
        }
        Ok(())
    }
}

// The class that a job runs in, and the method where the platform was told one.
fn unit<'p>(machine: &Machine<'p>, job: &Job) -> (Option<ClassId>, Option<&'p str>) {
    match &job.work {
        Work::Queueable(value) | Work::Batch(value, _) | Work::Scheduled { value, .. } => {
            (class_of(value), None)
        }
        Work::Future(method, _) => {
            let method = machine.world.method(*method);
            (Some(method.class), Some(&*method.name))
        }
    }
}

fn class_of(value: &Value) -> Option<ClassId> {
    match value {
        Value::Object(object) => Some(object.class),
        _ => None,
    }
}

fn start(machine: &mut Machine<'_>, waiting: &Waiting) -> Outcome<()> {
    let job = &waiting.job;
    machine.may_call_out = machine.allows_callouts(&job.work);
    match &job.work {
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
        // These have transactions of their own.
        Work::Batch(..) | Work::Scheduled { .. } => Ok(Value::Null),
    }
    .map(|_| ())
}
