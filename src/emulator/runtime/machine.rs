//! Runs compiled code.

mod before;
pub use before::Before;
mod calls;
mod convert;
mod dml;
mod events;
mod exceptions;
mod expressions;
mod heap;
mod operators;
pub use operators::order;
mod show;
pub use show::{clock, datetime};
mod statements;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use super::coverage::Ran;
use super::data::store::Store;
use super::limits::Usage;
use super::live::Transaction;
use super::log::{Log, LogLevels};
use super::org::OrgData;
use super::platform::Units;
use super::program::World;
use super::types::{ClassId, MethodId, ObjectId};
use super::value::{Object, Record, Value};

/// A call may be this deep; the platform's limit (Apex Developer Guide, "Execution Governors and
/// Limits": "Maximum stack depth of Apex invocations that recursively fire triggers" is 16, and
/// "Maximum stack depth has been reached" appears at 1000 method calls).
const MAX_CALLS: usize = 1000;

/// Why running stopped.
#[derive(Clone)]
pub enum Throw {
    /// An exception that can be caught.
    Exception(Rc<Object>),
    /// A LimitException or failed assertion: only `finally`-less unwinding.
    Fatal(Rc<Object>),
    /// Something that this runtime does not have.
    Unsupported(String),
}

/// The result of running something.
pub type Outcome<T> = Result<T, Throw>;

/// What a call is known as in stack traces, and where it is.
pub struct Call {
    /// The method; none for initialisers.
    pub method: Option<MethodId>,
    /// Its class.
    pub class: ClassId,
    /// The line that it is at.
    pub line: u32,
    /// Its local variables.
    pub locals: Locals,
    /// `this`, or null.
    pub this: Value,
}

/// Local variables by slot. The call knows them too, so that what they hold can be measured.
pub type Locals = Rc<RefCell<Vec<Value>>>;

/// Local variables and `this`.
pub struct Frame {
    /// Local variables.
    pub locals: Locals,
    /// `this`, or null.
    pub this: Value,
    /// The class that the code belongs to.
    pub class: ClassId,
    /// The line that was noted last; none in the platform's own code.
    pub line: Option<u32>,
}

/// Rows of the trigger that runs.
#[derive(Clone)]
pub struct TriggerContext {
    /// For example `after insert`.
    pub event: &'static str,
    /// `Trigger.new`
    pub new: Value,
    /// `Trigger.old`
    pub old: Value,
    /// `Trigger.newMap`, once it was asked for.
    pub new_map: OnceCell<Value>,
    /// `Trigger.oldMap`, once it was asked for.
    pub old_map: OnceCell<Value>,
}

/// A platform event that waits to be delivered.
pub struct Event {
    /// The event.
    pub record: Rc<Record>,
    /// How often it was delivered in vain.
    pub retries: u32,
    /// Why it was the last time.
    pub last_error: Option<Arc<str>>,
}

/// A queued job.
pub struct Job {
    /// `707…`
    pub id: Value,
    /// The Queueable, or the arguments of a future method.
    pub work: Work,
    /// How far down its chain it is.
    pub depth: u32,
    /// The deepest that the chain may become, where the first job said so.
    pub max_depth: Option<u32>,
    /// How long it waits at least; tests do not wait.
    pub delay_minutes: u32,
    /// What no other waiting job may have.
    pub signature: Option<Arc<str>>,
    /// Whether it was enqueued after `Test.startTest`.
    pub in_test_context: bool,
}

/// What a job does.
#[derive(Clone)]
pub enum Work {
    /// A Queueable.
    Queueable(Value),
    /// A future method and its arguments.
    Future(MethodId, Vec<Value>),
    /// A batch, and how many values it gets at a time.
    Batch(Value, usize),
    /// A scheduled job.
    Scheduled {
        /// The Schedulable, or a batch.
        value: Value,
        /// Its `CronTrigger`.
        trigger: Arc<str>,
        /// When it starts.
        due: Timestamp,
        /// How many values a batch gets at a time.
        scope: Option<usize>,
    },
}

impl Work {
    /// `AsyncApexJob.JobType`
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Queueable(_) => "Queueable",
            Self::Future(..) => "Future",
            Self::Batch(..) => "BatchApex",
            Self::Scheduled { .. } => "ScheduledApex",
        }
    }
}

impl Job {
    /// Whether an Id is that of the job or of its trigger.
    pub fn is_known_as(&self, id: &str) -> bool {
        let is_trigger = matches!(&self.work, Work::Scheduled { trigger, .. } if **trigger == *id);
        is_trigger || self.id.as_text().is_some_and(|own| *own == *id)
    }
}

/// A method of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchStep {
    /// `start`
    Start,
    /// `execute`
    Execute,
    /// `finish`
    Finish,
}

/// What kind of job runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Running {
    /// None.
    Nothing,
    /// A Queueable: depth and greatest depth of its chain.
    Queueable(u32, Option<u32>),
    /// A finalizer.
    Finalizer,
    /// A future method.
    Future,
    /// A batch, in one of its methods.
    Batch(BatchStep),
    /// A scheduled job.
    Scheduled,
}

/// The state of one test.
pub struct TestState {
    /// Batches that it submitted.
    pub batches: u32,
    /// Between `startTest` and `stopTest`: the limits used before.
    pub before_start: Option<Usage>,
    /// `startTest` was called.
    pub started: bool,
    /// `stopTest` was called.
    pub stopped: bool,
    /// By interface in lower case.
    pub mocks: BTreeMap<String, Value>,
    /// Ids that SOSL finds (`Test.setFixedSearchResults`).
    pub found: Vec<Value>,
    /// Objects of `Test.createStub`, and who answers for each.
    pub stubs: Vec<(Value, Value)>,
    /// E-mail that was handed over.
    pub sent: Vec<Value>,
}

/// A machine for one test method: its statics, records and limits are its own.
pub struct Machine<'p> {
    /// The classes.
    pub world: &'p World,
    /// The org.
    pub org: &'p OrgData,
    /// Records.
    pub store: Store,
    /// Limits.
    pub usage: Usage,
    /// Test.
    pub test: TestState,
    /// Jobs that wait.
    pub jobs: Vec<Job>,
    /// Ids of jobs that are to wait no more.
    pub aborted: Vec<Arc<str>>,
    /// Platform events that wait.
    pub events: Vec<Event>,
    /// Retries and last error of the platform events that a trigger is given.
    pub delivery: Option<(u32, Option<Arc<str>>)>,
    /// The job that runs.
    pub running: Running,
    /// The finalizer that the running job attached.
    pub finalizer: Option<Value>,
    /// Whether records, jobs or mail wait for the end of the transaction, which forbids callouts.
    pub pending: bool,
    /// What was written first: whether it belongs to the setup, and its object.
    pub wrote: Option<(bool, ObjectId)>,
    /// Triggers that run, outermost first.
    pub triggers: Vec<TriggerContext>,
    /// Lines that ran, by outermost class or trigger.
    pub covered: Ran,
    /// Calls that are under way.
    pub calls: Vec<Call>,
    /// `System.runAs`: the user's Id.
    pub run_as: Vec<Value>,
    /// The org around the transaction; none in tests.
    pub live: Option<Transaction>,
    /// Savepoints by number.
    pub savepoints: Vec<Store>,
    /// The text whose UTF-16 units were asked for last.
    pub units: RefCell<Option<(Arc<str>, Rc<Units>)>>,
    random: u64,
    statics: Vec<Option<Vec<Value>>>,
    // How deep in a value its text is being made.
    showing: usize,
    /// Whether a test runs.
    pub is_test: bool,
    /// Whether the job that runs may call out.
    pub may_call_out: bool,
    /// The debug log.
    pub log: Log,
    // Evaluated expressions of all transactions.
    ticks: u64,
    // What was allocated.
    heap: heap::Heap,
    // The exception that was logged last.
    logged: Option<Rc<Object>>,
    // The exception that was logged as fatal last.
    fatal: Option<Rc<Object>>,
    // Objects that the log gave an address, by where they are.
    addresses: HashMap<usize, (usize, Value)>,
}

impl<'p> Machine<'p> {
    /// A fresh machine.
    pub fn new(world: &'p World, org: &'p OrgData) -> Self {
        Self {
            world,
            org,
            store: Store::default(),
            usage: Usage::default(),
            test: TestState {
                batches: 0,
                before_start: None,
                started: false,
                stopped: false,
                mocks: BTreeMap::new(),
                found: Vec::new(),
                stubs: Vec::new(),
                sent: Vec::new(),
            },
            jobs: Vec::new(),
            aborted: Vec::new(),
            events: Vec::new(),
            delivery: None,
            running: Running::Nothing,
            finalizer: None,
            pending: false,
            wrote: None,
            triggers: Vec::new(),
            covered: Ran::default(),
            calls: Vec::new(),
            run_as: Vec::new(),
            live: None,
            savepoints: Vec::new(),
            units: RefCell::default(),
            random: 0,
            statics: vec![None; world.classes.len()],
            showing: 0,
            is_test: true,
            may_call_out: true,
            log: Log::new(LogLevels::default(), org.now),
            ticks: 0,
            heap: heap::Heap::default(),
            logged: None,
            fatal: None,
            addresses: HashMap::new(),
        }
    }

    /// The next of a fixed row of numbers that look random, so that a test has the same result in
    /// every run (SplitMix64).
    pub fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The id of the running user.
    pub fn user_id(&self) -> Value {
        self.run_as
            .last()
            .cloned()
            .unwrap_or_else(|| Value::Id(self.org.user_id.clone()))
    }

    /// A new object of a platform class, with its variables by name.
    pub fn platform_object(&self, class: &str, values: &[(&str, Value)]) -> Value {
        let Some(id) = self.world.platform_class(class) else {
            return Value::Null;
        };
        let mut slots = vec![Value::Null; self.world.class(id).instance_slots];
        for (name, value) in values {
            if let Some((_, variable)) = self.world.variable(id, name) {
                slots[variable.slot] = value.clone();
            }
        }
        Value::Object(Rc::new(Object {
            class: id,
            slots: slots.into(),
        }))
    }

    /// A constant of a platform enum.
    pub fn platform_enum(&self, class: &str, name: &str) -> Value {
        let found = self.world.platform_class(class).and_then(|id| {
            let constants = &self.world.class(id).constants;
            let index = constants
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name))?;
            Some(Value::Enum(id, u16::try_from(index).ok()?))
        });
        found.unwrap_or(Value::Null)
    }

    /// The name of an enum constant.
    pub fn enum_name(&self, class: ClassId, index: u16) -> Arc<str> {
        let constants = &self.world.class(class).constants;
        constants
            .get(usize::from(index))
            .cloned()
            .unwrap_or_default()
    }

    /// The variable of an object by name.
    pub fn variable_of(&self, object: &Object, name: &str) -> Value {
        self.world
            .variable(object.class, name)
            .map_or(Value::Null, |(_, variable)| {
                object
                    .slots
                    .borrow()
                    .get(variable.slot)
                    .cloned()
                    .unwrap_or(Value::Null)
            })
    }
}
