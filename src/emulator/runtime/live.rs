//! An org at work: records that stay from one transaction to the next, jobs that start when they
//! are due, callouts that leave, mail that is caught. Tests have none of this.

mod batch;
mod callout;
mod email;
mod frozen;
mod job;
mod logged;
mod record;
mod served;
#[cfg(test)]
mod tests;

pub use callout::{HttpCall, HttpReply, TIMED_OUT, Transport};
pub use logged::Logged;
pub use served::{Left, Pending, Serving};

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::activity::{Delivery, JobRow, JobStatus, LogLine, Mail};
use super::data::store::Store;
use super::log::{Log, LogLevels};
use super::machine::{Event, Job, Machine, Outcome, Throw};
use super::org::OrgData;
use super::platform::events;
use super::program::World;
use super::types::ObjectId;
use super::{Program, on_a_large_stack};

pub(super) use callout::send;
pub(super) use email::{accept, refuse, reserve};
pub(super) use frozen::{freeze, thaw};
pub(super) use logged::user_info;
pub(super) use served::serve;

/// A chain of failing jobs must not keep an org busy for ever.
const MAX_JOBS: usize = 10_000;

/// What is set about an org at work.
pub struct Settings {
    /// Its identity and the time at which it starts; the running user is set by transaction.
    pub org: OrgData,
    /// How callouts leave.
    pub transport: Box<dyn Transport + Send>,
    /// Whether e-mail may leave (Setup, Deliverability: "All email").
    pub deliverable: bool,
    /// Recipients outside the org that may still get mail today.
    pub mail_capacity: u32,
    /// How long a chain of queueables may be: 5 in Developer Edition and trial orgs (Apex Developer
    /// Guide, "Queueable Apex"), without end in others.
    pub chain_limit: Option<u32>,
}

/// Somebody who works in the org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// `005…`
    pub id: String,
    /// Display name.
    pub name: String,
    /// E-mail address and login name.
    pub email: String,
    /// Custom permissions.
    pub permissions: BTreeSet<String>,
}

/// Why an org at work stopped: its Apex met something that this runtime does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{construct} is not known to the local org ({place})")]
pub struct Unknown {
    /// The construct.
    pub construct: String,
    /// Where it was met.
    pub place: String,
}

/// What the running transaction has of the org around it.
pub(super) struct Transaction {
    transport: Rc<RefCell<Box<dyn Transport + Send>>>,
    deliverable: bool,
    mail_capacity: u32,
    jobs_that_die: u32,
    /// The longest chain of queueables.
    pub chain_limit: Option<u32>,
    mails: Vec<Mail>,
    deliveries: Vec<Delivery>,
    log: Vec<(String, String)>,
}

impl Transaction {
    /// Keeps a debug line.
    pub fn debug(&mut self, level: String, text: String) {
        self.log.push((level, text));
    }
}

// A job that waits, and whose it is.
struct Waiting {
    job: Job,
    user: User,
    due: Timestamp,
    row: usize,
}

/// An org at work.
pub struct LiveOrg<'p> {
    world: &'p World,
    org: OrgData,
    transport: Rc<RefCell<Box<dyn Transport + Send>>>,
    deliverable: bool,
    mail_capacity: u32,
    chain_limit: Option<u32>,
    jobs_that_die: u32,
    store: Store,
    waiting: Vec<Waiting>,
    // Platform events that were published and not yet delivered.
    events: Vec<Event>,
    mails: Vec<Mail>,
    deliveries: Vec<Delivery>,
    jobs: Vec<JobRow>,
    log: Vec<LogLine>,
    // What debug logs hold, by user id, and those that were written.
    levels: BTreeMap<String, LogLevels>,
    logs: Vec<Logged>,
    // Ids of jobs that wait in the org's state and are to wait no more.
    aborted: Vec<String>,
}

impl Program {
    /// Lets somebody work with an org that runs this program; what that came to, or nothing when no
    /// thread could be started.
    pub fn live<T: Send>(
        &self,
        settings: Settings,
        work: impl FnOnce(&mut LiveOrg<'_>) -> T + Send,
    ) -> Option<T> {
        on_a_large_stack(|| work(&mut LiveOrg::new(&self.world, settings)))
    }
}

impl<'p> LiveOrg<'p> {
    fn new(world: &'p World, settings: Settings) -> Self {
        Self {
            world,
            org: settings.org,
            transport: Rc::new(RefCell::new(settings.transport)),
            deliverable: settings.deliverable,
            mail_capacity: settings.mail_capacity,
            chain_limit: settings.chain_limit,
            jobs_that_die: 0,
            store: Store::default(),
            waiting: Vec::new(),
            events: Vec::new(),
            mails: Vec::new(),
            deliveries: Vec::new(),
            jobs: Vec::new(),
            log: Vec::new(),
            levels: BTreeMap::new(),
            logs: Vec::new(),
            aborted: Vec::new(),
        }
    }
}

impl LiveOrg<'_> {
    /// The time in the org.
    pub fn now(&self) -> Timestamp {
        self.org.now
    }

    /// Mail that left so far.
    pub fn mails(&self) -> &[Mail] {
        &self.mails
    }

    /// Callouts so far.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// Jobs so far.
    pub fn jobs(&self) -> &[JobRow] {
        &self.jobs
    }

    /// Debug lines so far.
    pub fn log(&self) -> &[LogLine] {
        &self.log
    }

    /// Lets e-mail leave, or keeps all of it back.
    pub fn set_deliverable(&mut self, deliverable: bool) {
        self.deliverable = deliverable;
    }

    /// Sets how many recipients may still get mail today.
    pub fn set_mail_capacity(&mut self, recipients: u32) {
        self.mail_capacity = recipients;
    }

    /// Sets how many jobs may follow each other.
    pub fn set_chain_limit(&mut self, jobs: u32) {
        self.chain_limit = Some(jobs);
    }

    /// Sets how many jobs the platform ends at a limit, each after its first callout.
    pub fn set_jobs_that_die(&mut self, jobs: u32) {
        self.jobs_that_die = jobs;
    }

    /// Lets time pass; jobs start when they are due.
    ///
    /// # Errors
    /// When a job meets something that this runtime does not have.
    pub fn pass(&mut self, minutes: i64) -> Result<(), Unknown> {
        let end = self
            .org
            .now
            .checked_add(SignedDuration::from_mins(minutes))
            .unwrap_or(self.org.now);
        self.run_until(end)?;
        self.org.now = end;
        Ok(())
    }

    fn run_until(&mut self, end: Timestamp) -> Result<(), Unknown> {
        for _ in 0..MAX_JOBS {
            if !self.events.is_empty() {
                self.deliver_events()?;
                continue;
            }
            let next = self
                .waiting
                .iter()
                .enumerate()
                .filter(|(_, waiting)| waiting.due <= end)
                .min_by_key(|(index, waiting)| (waiting.due, *index))
                .map(|(index, _)| index);
            let Some(index) = next else {
                return Ok(());
            };
            let waiting = self.waiting.remove(index);
            self.org.now = self.org.now.max(waiting.due);
            self.run_job(&waiting)?;
        }
        Err(Unknown {
            construct: format!("a chain of more than {MAX_JOBS} jobs"),
            place: "the queue".to_owned(),
        })
    }

    // Events reach their triggers after the transaction that published them, as the Automated
    // Process user or the one that is set for the trigger (Platform Events Developer Guide, "Subscribe
    // to Platform Event Notifications with Apex Triggers" and "Configure the User and Batch Size").
    fn deliver_events(&mut self) -> Result<(), Unknown> {
        let mut published = std::mem::take(&mut self.events);
        while let Some(first) = published.first() {
            let object = first.record.object;
            let (of_one, others) = published
                .into_iter()
                .partition(|event| event.record.object == object);
            published = others;
            // An exception that leaves such a trigger is not known here, so none comes back.
            let user = self.subscriber(object);
            let _ = self.transaction(&user, "EventTrigger", |machine| {
                machine.events = of_one;
                events::deliver(machine)
            })?;
        }
        Ok(())
    }

    // Who runs the triggers on a platform event.
    fn subscriber(&self, object: ObjectId) -> User {
        let mut triggers = self.world.classes.iter();
        let set = triggers.find_map(|class| match &class.trigger {
            Some((of, _)) if *of == object => {
                self.org.event_users.get(&class.name.to_ascii_lowercase())
            }
            _ => None,
        });
        set.cloned().unwrap_or_else(|| self.process())
    }

    fn process(&self) -> User {
        User {
            id: self.org.automated_process_id.to_string(),
            name: "Automated Process".to_owned(),
            email: "autoproc@local.example".to_owned(),
            permissions: BTreeSet::new(),
        }
    }

    // Runs something as a transaction of its own: all of it stays, or nothing but what was logged
    // and called. `operation` is what its debug log is known by.
    fn transaction<T>(
        &mut self,
        user: &User,
        operation: &str,
        work: impl FnOnce(&mut Machine<'_>) -> Outcome<T>,
    ) -> Result<Result<T, Failed>, Unknown> {
        let org = OrgData {
            user_id: user.id.as_str().into(),
            user_name: user.name.as_str().into(),
            username: user.email.as_str().into(),
            email: user.email.as_str().into(),
            permissions: user.permissions.clone(),
            ..self.org.clone()
        };
        let mut machine = Machine::new(self.world, &org);
        machine.store = self.store.clone();
        machine.is_test = false;
        machine.live = Some(Transaction {
            transport: Rc::clone(&self.transport),
            deliverable: self.deliverable,
            mail_capacity: self.mail_capacity,
            chain_limit: self.chain_limit,
            jobs_that_die: self.jobs_that_die,
            mails: Vec::new(),
            deliveries: Vec::new(),
            log: Vec::new(),
        });
        if let Some(levels) = self.levels.get(&user.id) {
            machine.log = Log::new(levels.clone(), self.org.now);
        }
        let result = logged::logged(&mut machine, operation, &mut self.logs, work);
        let place = machine.stack_trace();
        let finalizer = machine.finalizer.take();
        let live = machine.live.take();
        let (mails, capacity) = live.map_or((Vec::new(), self.mail_capacity), |live| {
            let at = self.org.now;
            self.jobs_that_die = live.jobs_that_die;
            self.deliveries.extend(live.deliveries);
            let lines = live.log.into_iter();
            self.log
                .extend(lines.map(|(level, text)| LogLine { at, level, text }));
            (live.mails, live.mail_capacity)
        });
        match result {
            Ok(value) => {
                self.store = std::mem::take(&mut machine.store);
                self.mail_capacity = capacity;
                self.mails.extend(mails);
                self.events.append(&mut machine.events);
                for job in std::mem::take(&mut machine.jobs) {
                    self.queue(job, user);
                }
                let aborted = std::mem::take(&mut machine.aborted);
                self.abort(&aborted);
                Ok(Ok(value))
            }
            Err(Throw::Exception(object) | Throw::Fatal(object)) => {
                let (name, message, trace) = machine.describe(&object);
                Ok(Err(Failed {
                    text: format!("{name}: {message}"),
                    trace,
                    exception: object,
                    finalizer,
                }))
            }
            Err(Throw::Unsupported(construct)) => Err(Unknown { construct, place }),
        }
    }
}

// An exception that ended a transaction.
struct Failed {
    text: String,
    trace: String,
    exception: Rc<super::value::Object>,
    finalizer: Option<super::value::Value>,
}
