//! Running test methods, each on a machine of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::coverage::{self, Coverage};
use super::limits::{Limit, STEPS_PER_MILLISECOND};
use super::machine::{Machine, Throw};
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

/// Whether a method is a test.
pub fn is_test(method: &Method) -> bool {
    method.annotations.iter().any(|name| name == "istest")
        && method.is_static
        && method.parameters.is_empty()
        && method.returns == Type::Void
}

/// Runs the tests of classes.
pub fn run(world: &World, classes: &[String], org: &OrgData) -> TestRun {
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
        for test in all.into_iter().filter(|id| is_test(world.method(*id))) {
            run.results
                .push(one(world, class, test, &setups, org, &mut ran));
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
) -> TestResult {
    let mut machine = Machine::new(world, org);
    platform::furnish(&mut machine);
    let mut result = Ok(Value::Null);
    for setup in setups {
        let mut before = Machine::new(world, org);
        before.store = machine.store.clone();
        result = before.run_method(*setup, Value::Null, Vec::new());
        merge(ran, &before.covered);
        machine.store = before.store.clone();
        if result.is_err() {
            machine = before;
            break;
        }
    }
    if result.is_ok() {
        result = machine.run_method(test, Value::Null, Vec::new());
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
    merge(ran, &machine.covered);
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
        ran: by_component(world, &machine.covered),
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
