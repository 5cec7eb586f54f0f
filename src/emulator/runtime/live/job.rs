//! Jobs of an org at work, each a transaction of its own, and their finalizers, another one.

use std::sync::Arc;

use jiff::SignedDuration;

use super::super::data::store::Row;
use super::super::machine::{Job, Machine, Outcome, Running, Throw, Work};
use super::super::types::ClassId;
use super::super::value::Value;
use super::{JobRow, JobStatus, LiveOrg, Unknown, User, Waiting};

impl LiveOrg<'_> {
    pub(super) fn queue(&mut self, job: Job, user: &User) {
        let minutes = i64::from(job.delay_minutes);
        let due = self.org.now.checked_add(SignedDuration::from_mins(minutes));
        let due = due.unwrap_or(self.org.now);
        let class = match &job.work {
            Work::Queueable(Value::Object(object)) => Some(object.class),
            Work::Queueable(_) => None,
            Work::Future(method, _) => Some(self.world.method(*method).class),
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
        let component = class
            .map(|class| self.world.class(self.world.outermost(class)))
            .and_then(|class| class.component.as_ref());
        let class = component
            .and_then(|component| self.org.record_ids.get(component))
            .map_or(Value::Null, |id| Value::Id(id.as_str().into()));
        let kind = match job.work {
            Work::Queueable(_) => "Queueable",
            Work::Future(..) => "Future",
        };
        let now = Value::Datetime(self.org.now.as_millisecond());
        let fields = [
            ("Id", job.id.clone()),
            ("ApexClassId", class),
            ("Status", Value::text("Queued")),
            ("JobType", Value::text(kind)),
            ("NumberOfErrors", Value::Integer(0)),
            ("JobItemsProcessed", Value::Integer(0)),
            ("TotalJobItems", Value::Integer(0)),
            ("CreatedDate", now),
            ("CreatedById", Value::Id(user.id.as_str().into())),
        ];
        self.put_row(
            &row.id,
            fields.map(|(name, value)| (name.into(), value)).into(),
        );
        self.jobs.push(row);
        self.waiting.push(Waiting {
            job,
            user: user.clone(),
            due,
            row: self.jobs.len() - 1,
        });
    }

    fn put_row(&mut self, id: &str, row: Row) {
        if let Some(object) = self.world.schema.find("AsyncApexJob") {
            self.store.put(object, Arc::from(id), row);
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
        let kept = self.world.schema.find("AsyncApexJob");
        let kept = kept.and_then(|object| self.store.get(object, &id));
        let Some(mut row) = kept.map(|row| (**row).clone()) else {
            return;
        };
        let now = Value::Datetime(self.org.now.as_millisecond());
        row.insert("Status".into(), Value::text(status));
        row.insert("CompletedDate".into(), now);
        if let Some(detail) = detail {
            row.insert("ExtendedStatus".into(), Value::text(detail));
        }
        self.put_row(&id, row);
    }

    pub(super) fn run_job(&mut self, waiting: &Waiting) -> Result<(), Unknown> {
        let ended = self.perform(waiting);
        self.end_row(waiting.row);
        ended
    }

    fn perform(&mut self, waiting: &Waiting) -> Result<(), Unknown> {
        let mut finalizer = None;
        let operation = match waiting.job.work {
            Work::Queueable(_) => "QueueableHandler",
            Work::Future(..) => "FutureHandler",
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
        Work::Queueable(value) => (class_of(value), None),
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
    }
    .map(|_| ())
}
