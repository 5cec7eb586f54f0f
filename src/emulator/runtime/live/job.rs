//! Jobs of an org at work, each a transaction of its own, and their finalizers, another one.

use super::super::machine::{Machine, Outcome, Running, Work};
use super::super::value::Value;
use super::{JobStatus, LiveOrg, Unknown, Waiting};

impl LiveOrg<'_> {
    pub(super) fn run_job(&mut self, waiting: &Waiting) -> Result<(), Unknown> {
        let mut finalizer = None;
        let result = self.transaction(&waiting.user, |machine| {
            start(machine, waiting)?;
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
        let result = self.transaction(&waiting.user, |machine| {
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
            machine.call_method(finalizer, "execute", vec![context])
        })?;
        if let Err(failed) = result {
            let row = &mut self.jobs[waiting.row];
            row.status = JobStatus::Failed;
            row.detail = Some(format!("its finalizer failed: {}", failed.text));
        }
        Ok(())
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
