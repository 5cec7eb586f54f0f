//! Jobs that wait, and what `AsyncApexJob`, `CronTrigger` and `CronJobDetail` say of them (Object
//! Reference).

use std::sync::Arc;

use jiff::Timestamp;

use super::super::declare::CALLS_OUT;
use super::super::machine::{Job, Machine, Work};
use super::super::platform::asynchronous;
use super::super::types::ClassId;
use super::super::value::Value;
use super::store::Row;

impl Machine<'_> {
    /// Lets a job wait, with a row of its own.
    pub fn queue(&mut self, job: Job) {
        let Some(id) = job.id.as_text() else {
            return;
        };
        let class = self.class_of_work(&job.work);
        let component = class
            .map(|class| self.world.class(self.world.outermost(class)))
            .and_then(|class| class.component.as_ref());
        let class = component
            .and_then(|component| self.org.record_ids.get(component))
            .map_or(Value::Null, |id| Value::Id(id.as_str().into()));
        let mut fields = vec![
            ("Id", job.id.clone()),
            ("ApexClassId", class),
            ("Status", Value::text("Queued")),
            ("JobType", Value::text(job.work.kind())),
            ("NumberOfErrors", Value::Integer(0)),
            ("JobItemsProcessed", Value::Integer(0)),
            ("TotalJobItems", Value::Integer(0)),
            ("CreatedDate", self.now()),
            ("CreatedById", self.user_id()),
        ];
        match &job.work {
            Work::Future(method, _) => {
                let name = self.world.method(*method).name.clone();
                fields.push(("MethodName", Value::String(name)));
            }
            Work::Scheduled { trigger, .. } => {
                fields.push(("CronTriggerId", Value::Id(trigger.clone())));
            }
            _ => {}
        }
        self.put_row("AsyncApexJob", &id, fields);
        self.pending = true;
        self.jobs.push(job);
    }

    /// Puts a `CronTrigger` and its detail: the trigger's Id.
    pub fn put_cron(&mut self, name: &Value, expression: &str, due: Timestamp) -> Arc<str> {
        let detail = self.store.new_id("08a");
        let trigger = self.store.new_id("08e");
        let user = self.user_id();
        self.put_row(
            "CronJobDetail",
            &detail,
            vec![
                ("Id", Value::Id(detail.clone())),
                ("Name", name.clone()),
                // Scheduled Apex (Object Reference, "CronJobDetail").
                ("JobType", Value::text("7")),
            ],
        );
        self.put_row(
            "CronTrigger",
            &trigger,
            vec![
                ("Id", Value::Id(trigger.clone())),
                ("CronJobDetailId", Value::Id(detail)),
                ("CronExpression", Value::text(expression)),
                ("State", Value::text("WAITING")),
                ("NextFireTime", Value::Datetime(due.as_millisecond())),
                ("StartTime", self.now()),
                ("TimesTriggered", Value::Integer(0)),
                ("TimeZoneSidKey", Value::text("GMT")),
                ("OwnerId", user.clone()),
                ("CreatedDate", self.now()),
                ("CreatedById", user),
            ],
        );
        trigger
    }

    /// Scheduled jobs that wait.
    pub fn scheduled_jobs(&self) -> usize {
        let triggers = self.world.schema.find("CronTrigger");
        triggers.map_or(0, |triggers| self.store.rows(triggers).len())
    }

    /// Whether a scheduled job has this name.
    pub fn has_cron(&self, name: &str) -> bool {
        let Some((triggers, details)) = self
            .world
            .schema
            .find("CronTrigger")
            .zip(self.world.schema.find("CronJobDetail"))
        else {
            return false;
        };
        self.store.rows(triggers).iter().any(|row| {
            let detail = row.get("CronJobDetailId").and_then(Value::as_text);
            let detail = detail.and_then(|id| self.store.get(details, &id).cloned());
            let known = detail.and_then(|row| row.get("Name")?.as_text());
            known.is_some_and(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// Changes what a row of an object says.
    pub fn change_row(&mut self, object: &str, id: &str, changes: &[(&str, Value)]) {
        if let Some(object) = self.world.schema.find(object) {
            self.store.change(object, id, changes);
        }
    }

    /// Whether a job may call out (Apex Developer Guide, "Future Methods", "Queueable Apex" and "Use Batch
    /// Apex"). A scheduled job is told another thing.
    pub fn allows_callouts(&self, work: &Work) -> bool {
        match work {
            Work::Future(method, _) => {
                let annotations = &self.world.method(*method).annotations;
                annotations.iter().any(|found| found == CALLS_OUT)
            }
            Work::Queueable(value) | Work::Batch(value, _) => {
                asynchronous::is_a(self, value, "database.allowscallouts")
            }
            Work::Scheduled { .. } => true,
        }
    }

    /// The class that a job runs.
    pub fn class_of_work(&self, work: &Work) -> Option<ClassId> {
        match work {
            Work::Future(method, _) => Some(self.world.method(*method).class),
            Work::Queueable(value) | Work::Batch(value, _) | Work::Scheduled { value, .. } => {
                match value {
                    Value::Object(object) => Some(object.class),
                    _ => None,
                }
            }
        }
    }

    /// The moment in the org.
    pub fn now(&self) -> Value {
        Value::Datetime(self.org.now.as_millisecond())
    }

    fn put_row(&mut self, object: &str, id: &Arc<str>, fields: Vec<(&str, Value)>) {
        if let Some(object) = self.world.schema.find(object) {
            let row: Row = fields
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect();
            self.store.put(object, id.clone(), row);
        }
    }
}
