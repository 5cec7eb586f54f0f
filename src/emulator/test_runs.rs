//! Running Apex tests for the Tooling API: at once with the results in the answer, or as a job
//! whose results are records.

mod keep;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::metadata::{ComponentId, MetadataType};

use super::debug_levels::log_levels;
use super::ids::same_id;
use super::org_data::org_data;
use super::refusal::Refusal;
use super::runtime::{Coverage, Logged, Outcome, TestResult};
use super::state::State;
use super::{compile, serving};

pub use keep::keep;

/// The tests that a client asks for.
struct Wanted {
    /// Classes, and of each the methods that are wanted; none means all.
    classes: BTreeMap<String, Option<BTreeSet<String>>>,
    with_coverage: bool,
}

/// What running tests came to.
pub struct Ran {
    /// The tests that were asked for.
    tests: Vec<TestResult>,
    /// Coverage by all of them together.
    coverage: Vec<Coverage>,
    /// The debug log of each class, with its name.
    logs: Vec<(String, Logged)>,
}

/// Runs what the body of a request asks for (Tooling API guide, "runTestsAsynchronous" and
/// "runTestsSynchronous").
///
/// # Errors
/// When it asks for no class, or for one that has no tests.
pub fn run(state: &State, body: &Value, now: Timestamp) -> Result<Ran, Refusal> {
    let program = compile::program(state)?;
    let wanted = wanted(state, body, &program.test_classes())?;
    let names: Vec<String> = wanted.classes.keys().cloned().collect();
    let levels = log_levels(state, &state.admin_id(), now);
    let run = program.run_tests_logged(&names, &org_data(state, now), &levels);
    let tests: Vec<TestResult> = run
        .results
        .into_iter()
        .filter(|test| {
            let class = test.class.to_ascii_lowercase();
            let methods = wanted
                .classes
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(&class))
                .and_then(|(_, methods)| methods.as_ref());
            methods.is_none_or(|methods| methods.contains(&test.method.to_ascii_lowercase()))
        })
        .collect();
    let coverage = if wanted.with_coverage {
        run.coverage
            .into_iter()
            .map(|row| restricted(row, &tests))
            .collect()
    } else {
        Vec::new()
    };
    Ok(Ran {
        tests,
        coverage,
        logs: run.logs,
    })
}

/// The coverage of a component by some tests alone.
fn restricted(row: Coverage, tests: &[TestResult]) -> Coverage {
    let ran: BTreeSet<u32> = tests
        .iter()
        .filter_map(|test| test.ran.get(&row.component))
        .flatten()
        .copied()
        .collect();
    let all: BTreeSet<u32> = row.covered.union(&row.uncovered).copied().collect();
    Coverage {
        component: row.component,
        covered: all.intersection(&ran).copied().collect(),
        uncovered: all.difference(&ran).copied().collect(),
    }
}

fn wanted(state: &State, body: &Value, all: &[String]) -> Result<Wanted, Refusal> {
    let mut classes = BTreeMap::new();
    let mut want = |name: &str, methods: Option<BTreeSet<String>>| {
        let known = all.iter().find(|known| known.eq_ignore_ascii_case(name));
        let known = known.ok_or_else(|| {
            Refusal::new(
                "INVALID_INPUT",
                format!(
                    "This class name's value is invalid: {name}. Provide the name of an Apex class that has \
                     test methods."
                ),
            )
        })?;
        classes.insert(known.clone(), methods);
        Ok::<(), Refusal>(())
    };
    let by_id = |id: &str| {
        state
            .of_type(MetadataType::ApexClass)
            .into_iter()
            .find(|stored| same_id(&stored.id, id))
            .map_or_else(|| id.to_owned(), |stored| stored.full_name.clone())
    };
    // The synchronous call takes the list of tests itself.
    let tests = body["tests"].as_array().or_else(|| body.as_array());
    for test in tests.into_iter().flatten() {
        let name = match (test["className"].as_str(), test["classId"].as_str()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(id)) => by_id(id),
            (None, None) => continue,
        };
        let methods = test["testMethods"].as_array().map(|names| {
            names
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_ascii_lowercase)
                .collect()
        });
        want(&name, methods)?;
    }
    let listed = |name: &str| {
        let text = body[name].as_str().unwrap_or_default();
        text.split(',')
            .map(|one| one.trim().to_owned())
            .filter(|one| !one.is_empty())
            .collect::<Vec<_>>()
    };
    for name in listed("classNames") {
        want(&name, None)?;
    }
    for id in listed("classids") {
        want(&by_id(&id), None)?;
    }
    let level = body["testLevel"].as_str().unwrap_or_default();
    if matches!(level, "RunLocalTests" | "RunAllTestsInOrg") {
        for name in all {
            want(name, None)?;
        }
    }
    if classes.is_empty() && !matches!(level, "RunLocalTests" | "RunAllTestsInOrg") {
        return Err(Refusal::new(
            "INVALID_INPUT",
            "Specify the classes, class names, suites or test level that is to be run.",
        ));
    }
    let skips = &body["skipCodeCoverage"];
    Ok(Wanted {
        classes,
        with_coverage: !(skips == true || skips == "true"),
    })
}

/// A test that was not executed has failed for whoever waits for an answer; it never passes.
fn problem(outcome: &Outcome) -> Option<(String, String)> {
    match outcome {
        Outcome::Passed => None,
        Outcome::Failed(failure) => Some((
            format!("{}: {}", failure.exception, failure.message),
            failure.stack_trace.clone(),
        )),
        Outcome::Unsupported {
            construct,
            stack_trace,
        } => Some((
            format!("not executed: this local org lacks {construct}"),
            stack_trace.clone(),
        )),
    }
}

fn id_of(state: &State, component: &ComponentId) -> String {
    state
        .component(component)
        .map(|stored| stored.id.clone())
        .unwrap_or_default()
}

fn class_id(state: &State, name: &str) -> String {
    id_of(state, &ComponentId::new(MetadataType::ApexClass, name))
}

/// Keeps the debug logs of a run; their ids, by class.
pub fn keep_logs(state: &mut State, ran: &Ran) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for (class, log) in &ran.logs {
        ids.insert(class.clone(), serving::keep_log(state, log.clone()));
    }
    ids
}

/// tooling.wsdl, `RunTestsResult`, as JSON. A run at once has one log.
pub fn answer(state: &State, ran: &Ran, log: Option<&String>) -> Value {
    let mut failures = Vec::new();
    let mut successes = Vec::new();
    for test in &ran.tests {
        let mut row = json!({
            "id": class_id(state, &test.class),
            "methodName": test.method,
            "name": test.class,
            "namespace": null,
            "seeAllData": false,
            "time": milliseconds(test),
        });
        match problem(&test.outcome) {
            None => successes.push(row),
            Some((message, stack_trace)) => {
                row["message"] = json!(message);
                row["packageName"] = json!(test.class);
                row["stackTrace"] = json!(stack_trace);
                row["type"] = json!("Class");
                failures.push(row);
            }
        }
    }
    let coverage: Vec<Value> = ran
        .coverage
        .iter()
        .map(|row| {
            let missed: Vec<Value> = row
                .uncovered
                .iter()
                .map(|line| json!({ "column": 0, "line": line, "numExecutions": 0, "time": -1 }))
                .collect();
            json!({
                "dmlInfo": [],
                "id": id_of(state, &row.component),
                "locationsNotCovered": missed,
                "methodInfo": [],
                "name": row.component.full_name.as_str(),
                "namespace": null,
                "numLocations": row.covered.len() + row.uncovered.len(),
                "numLocationsNotCovered": row.uncovered.len(),
                "soqlInfo": [],
                "soslInfo": [],
                "type": if row.component.kind == MetadataType::ApexTrigger { "Trigger" } else { "Class" },
            })
        })
        .collect();
    let time: u64 = ran.tests.iter().map(milliseconds).sum();
    json!({
        "apexLogId": log,
        "codeCoverage": coverage,
        "codeCoverageWarnings": [],
        "failures": failures,
        "flowCoverage": [],
        "flowCoverageWarnings": [],
        "numFailures": failures.len(),
        "numTestsRun": ran.tests.len(),
        "successes": successes,
        "totalTime": time,
    })
}

fn milliseconds(test: &TestResult) -> u64 {
    u64::try_from(test.time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
