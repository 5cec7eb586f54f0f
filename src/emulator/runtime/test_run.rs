//! Running test methods, each on a machine of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::coverage::{self, Coverage};
use super::limits::{Limit, STEPS_PER_MILLISECOND};
use super::live::{Logged, user_info};
use super::log::{Category, Level, Log, LogLevels};
use super::machine::{self, Machine, Throw};
use super::org::OrgData;
use super::platform;
use super::program::{Method, World};
use super::types::{ClassId, MethodId, Type};
use super::value::Value;
use crate::metadata::ComponentId;

/// What running tests came to.
#[derive(Debug, Clone, Default)]
pub struct TestRun {
    /// By class and method.
    pub results: Vec<TestResult>,
    /// By component.
    pub coverage: Vec<Coverage>,
    /// The sum of the tests' times.
    pub time: Duration,
    /// The debug log of each class, with its name.
    pub logs: Vec<(String, Logged)>,
}

/// One test method.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// The test class.
    pub class: String,
    /// The test method.
    pub method: String,
    /// What came of it.
    pub outcome: Outcome,
    /// CPU time by the measure of the limits: the same in every run.
    pub time: Duration,
    /// What it used of each limit, outside of `startTest` and `stopTest`, where it used any.
    pub limits: BTreeMap<&'static str, u64>,
    /// The lines that it ran, by class or trigger.
    pub ran: BTreeMap<ComponentId, BTreeSet<u32>>,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It ended with an exception.
    Failed(Failure),
    /// It met something that this runtime does not have.
    Unsupported {
        /// The construct.
        construct: String,
        /// Where it was met, innermost call first.
        stack_trace: String,
    },
}

/// An exception that ended a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For example `System.AssertException`.
    pub exception: String,
    /// The exception's text.
    pub message: String,
    /// `Class.X.method: line 7, column 1`, innermost first.
    pub stack_trace: String,
}

/// The debug log of a test class, which its methods write one after the other.
struct Journal {
    // The log, and how far its clock has gone.
    written: Option<(Log, u64)>,
}

impl Journal {
    fn new(levels: &LogLevels, org: &OrgData) -> Self {
        let log = Log::new(levels.clone(), org.now);
        let mut journal = Self {
            written: (!log.is_silent()).then_some((log, 0)),
        };
        journal.note(&user_info(org));
        journal.note("EXECUTION_STARTED");
        journal
    }

    fn note(&mut self, text: &str) {
        if let Some((log, clock)) = &mut self.written
            && log.writes(Category::ApexCode, Level::Error)
        {
            log.event(*clock, text);
        }
    }

    // Runs a method as a unit of the log.
    fn of(
        &mut self,
        machine: &mut Machine<'_>,
        class: ClassId,
        method: MethodId,
    ) -> machine::Outcome<Value> {
        let Some((log, clock)) = self.written.take() else {
            return machine.run_method(method, Value::Null, Vec::new());
        };
        machine.write_on(log, clock);
        let name = format!("{}()", machine.world.method(method).name);
        machine.log_unit(Some(class), Some(&name), true);
        let result = machine.run_method(method, Value::Null, Vec::new());
        if let Err(Throw::Exception(object) | Throw::Fatal(object)) = &result {
            machine.log_fatal(object);
        }
        machine.log_usage();
        machine.log_unit(Some(class), Some(&name), false);
        self.written = Some(machine.hand_over_log());
        result
    }

    fn logged(mut self, org: &OrgData, results: &[TestResult]) -> Option<Logged> {
        self.note("EXECUTION_FINISHED");
        let (log, _) = self.written?;
        let failed = results.iter().find_map(|result| match &result.outcome {
            Outcome::Failed(failure) => Some(format!("{}: {}", failure.exception, failure.message)),
            _ => None,
        });
        let time: Duration = results.iter().map(|result| result.time).sum();
        Some(Logged {
            user: org.user_id.to_string(),
            operation: "ApexTestHandler".to_owned(),
            status: failed.unwrap_or_else(|| "Success".to_owned()),
            start: org.now,
            milliseconds: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            body: log.into_text(),
        })
    }
}

/// Whether a method is a test.
pub fn is_test(method: &Method) -> bool {
    method.annotations.iter().any(|name| name == "istest")
        && method.is_static
        && method.parameters.is_empty()
        && method.returns == Type::Void
}

/// Runs the tests of classes.
pub fn run(world: &World, classes: &[String], org: &OrgData, levels: &LogLevels) -> TestRun {
    let mut run = TestRun::default();
    let mut ran: BTreeMap<ClassId, BTreeSet<u32>> = BTreeMap::new();
    let mut wanted: Vec<ClassId> = classes
        .iter()
        .filter_map(|name| world.top.get(&name.to_ascii_lowercase()).copied())
        .collect();
    wanted.sort_by_key(|id| world.class(*id).name.clone());
    wanted.dedup();
    for class in wanted {
        let all: Vec<MethodId> = world
            .class(class)
            .methods
            .values()
            .flatten()
            .copied()
            .collect();
        let setups: Vec<MethodId> = all
            .iter()
            .copied()
            .filter(|id| {
                world
                    .method(*id)
                    .annotations
                    .iter()
                    .any(|name| name == "testsetup")
            })
            .collect();
        let mut journal = Journal::new(levels, org);
        let before = run.results.len();
        for test in all.into_iter().filter(|id| is_test(world.method(*id))) {
            run.results.push(one(
                world,
                class,
                test,
                &setups,
                org,
                &mut ran,
                &mut journal,
            ));
        }
        if let Some(log) = journal.logged(org, &run.results[before..]) {
            run.logs.push((world.class(class).name.to_string(), log));
        }
    }
    run.coverage = coverage::measure(world, &ran);
    run.time = run.results.iter().map(|result| result.time).sum();
    run
}

fn one(
    world: &World,
    class: ClassId,
    test: MethodId,
    setups: &[MethodId],
    org: &OrgData,
    ran: &mut BTreeMap<ClassId, BTreeSet<u32>>,
    journal: &mut Journal,
) -> TestResult {
    let mut machine = Machine::new(world, org);
    platform::furnish(&mut machine);
    let mut result = Ok(Value::Null);
    for setup in setups {
        let mut before = Machine::new(world, org);
        before.store = machine.store.clone();
        result = journal.of(&mut before, class, *setup);
        merge(ran, &before.covered.lines());
        machine.store = before.store.clone();
        if result.is_err() {
            machine = before;
            break;
        }
    }
    if result.is_ok() {
        result = journal.of(&mut machine, class, test);
    }
    let outcome = match result {
        Ok(_) => Outcome::Passed,
        Err(Throw::Exception(object) | Throw::Fatal(object)) => {
            let (exception, message, stack_trace) = machine.describe(&object);
            Outcome::Failed(Failure {
                exception,
                message,
                stack_trace,
            })
        }
        Err(Throw::Unsupported(construct)) => Outcome::Unsupported {
            construct,
            stack_trace: machine.stack_trace(),
        },
    };
    let covered = machine.covered.lines();
    merge(ran, &covered);
    let limits = Limit::ALL
        .into_iter()
        .map(|limit| (limit.name(), machine.usage.used(limit)))
        .filter(|(_, used)| *used > 0)
        .collect();
    TestResult {
        class: world.class(class).name.to_string(),
        method: world.method(test).name.to_string(),
        outcome,
        time: Duration::from_micros(machine.usage.steps * 1000 / STEPS_PER_MILLISECOND),
        limits,
        ran: by_component(world, &covered),
    }
}

fn by_component(
    world: &World,
    covered: &BTreeMap<ClassId, BTreeSet<u32>>,
) -> BTreeMap<ComponentId, BTreeSet<u32>> {
    covered
        .iter()
        .filter_map(|(class, lines)| {
            let component = world.class(*class).component.as_ref()?;
            Some(((**component).clone(), lines.clone()))
        })
        .collect()
}

fn merge(into: &mut BTreeMap<ClassId, BTreeSet<u32>>, from: &BTreeMap<ClassId, BTreeSet<u32>>) {
    for (class, lines) in from {
        into.entry(*class).or_default().extend(lines);
    }
}
