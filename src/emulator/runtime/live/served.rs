//! An org at work for API clients: each request and each job finds the org as its state has it, and
//! leaves there what is to come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::super::machine::Machine;
use super::super::machine::{Event, Job, Outcome, Work};
use super::super::program::World;
use super::super::types::MethodId;
use super::super::value::Value;
use super::super::write::{self, Database};
use super::super::{Program, log::LogLevels, on_a_large_stack};
use super::frozen::{class_name, class_named, freeze, thaw};
use super::{
    Delivery, Failed, JobRow, JobStatus, LiveOrg, LogLine, Logged, Mail, Settings, Unknown, User,
    Waiting,
};

/// What is set about a transaction that is served.
pub struct Serving {
    /// The org around it.
    pub settings: Settings,
    /// Whose transaction it is.
    pub user: User,
    /// What debug logs hold, by the id of the user whose transaction it is.
    pub levels: BTreeMap<String, LogLevels>,
}

/// What a transaction leaves behind beside records.
#[derive(Default)]
pub struct Left {
    /// Mail that left.
    pub mails: Vec<Mail>,
    /// Callouts.
    pub deliveries: Vec<Delivery>,
    /// Debug lines.
    pub lines: Vec<LogLine>,
    /// Debug logs.
    pub logs: Vec<Logged>,
    /// Work that waits now.
    pub pending: Vec<Pending>,
    /// Ids of jobs that are to wait no more.
    pub aborted: Vec<String>,
}

/// Work that waits in the org's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// When it may start.
    pub due: Timestamp,
    /// Whose work it is.
    pub user: User,
    /// Since when somebody works on it.
    pub claimed: Option<Timestamp>,
    /// What is to be done.
    pub task: Task,
}

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Task {
    /// A Queueable.
    Queueable {
        /// Its row.
        job: JobRow,
        /// How far down its chain it is.
        depth: u32,
        /// How deep the chain may become.
        max_depth: Option<u32>,
        /// What no other waiting job may have.
        signature: Option<String>,
        /// The Queueable.
        value: Json,
    },
    /// A future method.
    Future {
        /// Its row.
        job: JobRow,
        /// Its class.
        class: String,
        /// Its name and parameter types.
        selector: String,
        /// Its arguments.
        arguments: Json,
    },
    /// A batch.
    Batch {
        /// Its row.
        job: JobRow,
        /// How many values it gets at a time.
        scope: usize,
        /// The batch.
        value: Json,
    },
    /// A scheduled job.
    Scheduled {
        /// Its row.
        job: JobRow,
        /// Its `CronTrigger`.
        trigger: String,
        /// How many values a batch gets at a time.
        scope: Option<usize>,
        /// The Schedulable, or a batch.
        value: Json,
    },
    /// Platform events.
    Events {
        /// The events.
        records: Json,
        /// How often each was delivered in vain, and why it was the last time.
        tries: Vec<(u32, Option<String>)>,
    },
}

impl Left {
    /// What is left of work that could not even begin.
    pub fn failed(at: Timestamp, text: &str) -> Self {
        Self {
            lines: vec![LogLine {
                at,
                level: "ERROR".to_owned(),
                text: text.to_owned(),
            }],
            ..Self::default()
        }
    }
}

impl Pending {
    /// Whether an id is that of its job or of its trigger.
    pub fn is_known_as(&self, id: &str) -> bool {
        let is_trigger = matches!(&self.task, Task::Scheduled { trigger, .. } if trigger == id);
        is_trigger || self.job().is_some_and(|job| job.id == id)
    }

    /// The row of the job, where it is one.
    pub fn job(&self) -> Option<&JobRow> {
        match &self.task {
            Task::Queueable { job, .. }
            | Task::Future { job, .. }
            | Task::Batch { job, .. }
            | Task::Scheduled { job, .. } => Some(job),
            Task::Events { .. } => None,
        }
    }
}

impl Program {
    /// Does what waits. Whatever goes wrong is said in the job's row or as a debug line.
    pub fn work_off(&self, database: &mut Database, serving: Serving, pending: &Pending) -> Left {
        let user = pending.user.clone();
        let done = serve(&self.world, database, serving, |org| {
            let task = org.thawed(pending);
            let row = org.jobs.len();
            org.jobs.extend(pending.job().cloned());
            let ended = match task {
                Ok(Thawed::Job(job)) => org.run_job(&Waiting {
                    job,
                    user,
                    due: pending.due,
                    row,
                }),
                Ok(Thawed::Events(events)) => {
                    org.events = events;
                    org.deliver_events()
                }
                Err(problem) => Err(Unknown {
                    construct: problem,
                    place: "the queue".to_owned(),
                }),
            };
            if let Err(unknown) = ended {
                org.give_up(row, &unknown);
            }
        });
        done.map(|(_, left)| left).unwrap_or_default()
    }
}

/// Runs something in the org of a database; what it left, or nothing when no thread could be
/// started.
pub(in crate::emulator::runtime) fn serve<T: Send>(
    world: &World,
    database: &mut Database,
    serving: Serving,
    work: impl FnOnce(&mut LiveOrg<'_>) -> T + Send,
) -> Option<(T, Left)> {
    on_a_large_stack(|| {
        let mut org = LiveOrg::new(world, serving.settings);
        org.levels = serving.levels;
        let loaded = write::load(&world.schema, &mut org.store, database);
        let done = work(&mut org);
        write::save(&world.schema, &org.store, &loaded, database);
        (done, org.left())
    })
}

enum Thawed {
    Job(Job),
    Events(Vec<Event>),
}

impl LiveOrg<'_> {
    /// Runs something as a transaction of a user.
    pub(in crate::emulator::runtime) fn of_user<T>(
        &mut self,
        user: &User,
        operation: &str,
        work: impl FnOnce(&mut Machine<'_>) -> Outcome<T>,
    ) -> Result<Result<T, String>, Unknown> {
        let done = self.transaction(user, operation, work)?;
        Ok(done.map_err(|Failed { text, .. }| text))
    }

    fn give_up(&mut self, row: usize, unknown: &Unknown) {
        let text = format!("not supported by the local org: {unknown}");
        if let Some(job) = self.jobs.get_mut(row) {
            job.status = JobStatus::Failed;
            job.detail = Some(text.clone());
            self.end_row(row);
        }
        self.log.push(LogLine {
            at: self.org.now,
            level: "ERROR".to_owned(),
            text,
        });
    }

    fn left(self) -> Left {
        let mut pending: Vec<Pending> = self
            .waiting
            .iter()
            .map(|waiting| Pending {
                due: waiting.due,
                user: waiting.user.clone(),
                claimed: None,
                task: frozen_job(self.world, &waiting.job, &self.jobs[waiting.row]),
            })
            .collect();
        if !self.events.is_empty() {
            let records: Vec<Value> = self
                .events
                .iter()
                .map(|event| Value::Record(event.record.clone()))
                .collect();
            let tries = self.events.iter().map(|event| {
                let error = event.last_error.as_ref();
                (event.retries, error.map(ToString::to_string))
            });
            pending.push(Pending {
                due: self.org.now,
                user: self.process(),
                claimed: None,
                task: Task::Events {
                    records: freeze(self.world, &records),
                    tries: tries.collect(),
                },
            });
        }
        Left {
            mails: self.mails,
            deliveries: self.deliveries,
            lines: self.log,
            logs: self.logs,
            pending,
            aborted: self.aborted,
        }
    }

    fn thawed(&self, pending: &Pending) -> Result<Thawed, String> {
        let world = self.world;
        let gone = |problem: super::frozen::Gone| problem.to_string();
        let job = |row: &JobRow, work: Work| Job {
            id: Value::Id(row.id.as_str().into()),
            work,
            depth: 1,
            max_depth: None,
            delay_minutes: 0,
            signature: None,
            in_test_context: false,
        };
        match &pending.task {
            Task::Queueable {
                job: row,
                depth,
                max_depth,
                value,
                ..
            } => {
                let mut values = thaw(world, value).map_err(gone)?;
                let work = values.pop().unwrap_or(Value::Null);
                Ok(Thawed::Job(Job {
                    depth: *depth,
                    max_depth: *max_depth,
                    ..job(row, Work::Queueable(work))
                }))
            }
            Task::Future {
                job: row,
                class,
                selector,
                arguments,
            } => {
                let arguments = thaw(world, arguments).map_err(gone)?;
                let class_id = class_named(world, class).map_err(gone)?;
                let method = (0..world.methods.len())
                    .filter_map(|index| u32::try_from(index).ok().map(MethodId))
                    .find(|id| {
                        let method = world.method(*id);
                        method.class == class_id && *method.selector == **selector
                    })
                    .ok_or_else(|| format!("{class} has no method {selector} any more"))?;
                Ok(Thawed::Job(job(row, Work::Future(method, arguments))))
            }
            Task::Batch {
                job: row,
                scope,
                value,
            } => {
                let mut values = thaw(world, value).map_err(gone)?;
                let batch = values.pop().unwrap_or(Value::Null);
                Ok(Thawed::Job(job(row, Work::Batch(batch, *scope))))
            }
            Task::Scheduled {
                job: row,
                trigger,
                scope,
                value,
            } => {
                let mut values = thaw(world, value).map_err(gone)?;
                let work = Work::Scheduled {
                    value: values.pop().unwrap_or(Value::Null),
                    trigger: trigger.as_str().into(),
                    due: pending.due,
                    scope: *scope,
                };
                Ok(Thawed::Job(job(row, work)))
            }
            Task::Events { records, tries } => {
                let records = thaw(world, records).map_err(gone)?;
                let events = records.into_iter().zip(tries);
                Ok(Thawed::Events(
                    events
                        .filter_map(|(record, (retries, error))| match record {
                            Value::Record(record) => Some(Event {
                                record,
                                retries: *retries,
                                last_error: error.as_deref().map(Into::into),
                            }),
                            _ => None,
                        })
                        .collect(),
                ))
            }
        }
    }
}

fn frozen_job(world: &World, job: &Job, row: &JobRow) -> Task {
    match &job.work {
        Work::Queueable(value) => Task::Queueable {
            job: row.clone(),
            depth: job.depth,
            max_depth: job.max_depth,
            signature: job.signature.as_ref().map(ToString::to_string),
            value: freeze(world, std::slice::from_ref(value)),
        },
        Work::Batch(value, scope) => Task::Batch {
            job: row.clone(),
            scope: *scope,
            value: freeze(world, std::slice::from_ref(value)),
        },
        Work::Scheduled {
            value,
            trigger,
            scope,
            ..
        } => Task::Scheduled {
            job: row.clone(),
            trigger: trigger.to_string(),
            scope: *scope,
            value: freeze(world, std::slice::from_ref(value)),
        },
        Work::Future(method, arguments) => {
            let method = world.method(*method);
            Task::Future {
                job: row.clone(),
                class: class_name(world, method.class),
                selector: method.selector.to_string(),
                arguments: freeze(world, arguments),
            }
        }
    }
}
