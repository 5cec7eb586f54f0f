//! Tests and coverage of a deploy (Metadata API Developer Guide, "Running Tests in a Deployment").

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::metadata::{ComponentId, MetadataType};
use crate::sf::wire::{
    CodeCoverageResult, CodeCoverageWarning, DeployOptions, RunTestFailure, RunTestSuccess,
    RunTestsResult, TestLevel,
};

use super::super::debug_levels::log_levels;
use super::super::deploy_words::test_level_of;
use super::super::options::OrgKind;
use super::super::org_data::org_data;
use super::super::refusal::Refusal;
use super::super::runtime::{Coverage, Logged, Outcome, Program, TestResult};
use super::super::state::State;

/// What production demands of classes and triggers.
const REQUIRED_PERCENT: usize = 75;

/// What came of a deploy's tests.
pub struct Judged {
    /// What the deploy reports of them.
    pub tests: RunTestsResult,
    /// Whether the deploy may go on.
    pub passed: bool,
    /// The debug log of each test class, where a trace flag asks for those of the deploying user.
    pub logs: Vec<Logged>,
}

impl Judged {
    fn without_tests(tests: RunTestsResult) -> Self {
        Self {
            tests,
            passed: true,
            logs: Vec::new(),
        }
    }
}

/// Runs the tests that the level asks for.
/// `package` are the classes and triggers of the deploy, `program` the org's Apex with them, where
/// there is any.
pub fn judge(
    state: &State,
    options: &DeployOptions,
    package: &BTreeSet<ComponentId>,
    program: Option<&Program>,
    now: Timestamp,
) -> Result<Judged, Refusal> {
    let kind = state.organization.kind;
    let level = test_level_of(kind, options, !package.is_empty());
    let production = kind == OrgKind::Production;
    let mut result = RunTestsResult::default();
    if level == TestLevel::NoTestRun {
        if production && !package.is_empty() {
            return Err(Refusal::new(
                "INVALID_OPERATION",
                "testLevel of NoTestRun cannot be used in production organizations",
            ));
        }
        return Ok(Judged::without_tests(result));
    }
    let Some(program) = program else {
        return Ok(Judged::without_tests(result));
    };
    let all = program.test_classes();
    let specified = level == TestLevel::RunSpecifiedTests;
    let wanted = if specified {
        options.run_tests.clone()
    } else {
        all.clone()
    };
    for name in &wanted {
        if !all.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            result.failures.push(RunTestFailure {
                name: name.clone(),
                message: format!("No test class named {name} found"),
                ..RunTestFailure::default()
            });
        }
    }
    let levels = log_levels(state, &state.admin_id(), now);
    let run = program.run_tests_logged(&wanted, &org_data(state, now), &levels);
    for test in &run.results {
        report(state, test, &mut result);
    }
    result.num_failures = u32::try_from(result.failures.len()).unwrap_or(u32::MAX);
    let ran = result.successes.len() + result.failures.len();
    result.num_tests_run = u32::try_from(ran).unwrap_or(u32::MAX);
    result.total_time = milliseconds(run.time);
    let counted: Vec<&Coverage> = run
        .coverage
        .iter()
        .filter(|row| !specified || package.contains(&row.component))
        .collect();
    result.code_coverage = counted.iter().map(|row| coverage_row(state, row)).collect();
    let mut passed = result.failures.is_empty();
    if production {
        // What was not executed covers nothing: what is enough without it is enough.
        let not_executed = result.code_coverage_warnings.len();
        let coverage = warnings(specified, &counted, package, not_executed);
        passed &= coverage.is_empty();
        result.code_coverage_warnings.extend(coverage);
    }
    Ok(Judged {
        tests: result,
        passed,
        logs: run.logs.into_iter().map(|(_, log)| log).collect(),
    })
}

fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn record_id(state: &State, id: &ComponentId) -> Option<String> {
    state.component(id).map(|stored| stored.id.clone())
}

fn report(state: &State, test: &TestResult, result: &mut RunTestsResult) {
    let id = record_id(
        state,
        &ComponentId::new(MetadataType::ApexClass, test.class.clone()),
    );
    let time = milliseconds(test.time);
    let (message, stack_trace) = match &test.outcome {
        Outcome::Passed => {
            result.successes.push(RunTestSuccess {
                id,
                method_name: test.method.clone(),
                name: test.class.clone(),
                time,
            });
            return;
        }
        Outcome::Failed(failure) => (
            format!("{}: {}", failure.exception, failure.message),
            failure.stack_trace.clone(),
        ),
        Outcome::Unsupported {
            construct,
            stack_trace,
        } => {
            let (class, method) = (&test.class, &test.method);
            let place = stack_trace.lines().next().unwrap_or_default();
            result.code_coverage_warnings.push(warning(
                None,
                &format!(
                    "{class}.{method} was not executed: this local org lacks {construct}, at {place}"
                ),
            ));
            return;
        }
    };
    result.failures.push(RunTestFailure {
        id,
        message,
        method_name: Some(test.method.clone()),
        name: test.class.clone(),
        stack_trace: Some(stack_trace),
        time,
    });
}

fn coverage_row(state: &State, row: &Coverage) -> CodeCoverageResult {
    let count = |lines: usize| u32::try_from(lines).unwrap_or(u32::MAX);
    CodeCoverageResult {
        id: record_id(state, &row.component).unwrap_or_default(),
        name: row.component.full_name.as_str().to_owned(),
        namespace: None,
        num_locations: count(row.covered.len() + row.uncovered.len()),
        num_locations_not_covered: count(row.uncovered.len()),
        kind: match row.component.kind {
            MetadataType::ApexTrigger => "Trigger".to_owned(),
            _ => "Class".to_owned(),
        },
    }
}

/// Whether the tests of a deploy covered as much as a quick deploy needs, which in every org is what
/// production demands (Metadata API guide, `deployRecentValidation()`).
pub fn is_enough(
    kind: OrgKind,
    options: &DeployOptions,
    outcome: &super::super::state::Outcome,
) -> bool {
    // Production has judged it when it validated.
    let rows = outcome.rows();
    let Some(tests) = &rows.run_test_result else {
        return false;
    };
    if kind == OrgKind::Production {
        return true;
    }
    let percent = |rows: &[&CodeCoverageResult]| {
        let lines: u32 = rows.iter().map(|row| row.num_locations).sum();
        let missed: u32 = rows.iter().map(|row| row.num_locations_not_covered).sum();
        lines == 0 || (lines - missed.min(lines)) * 100 >= lines * 75
    };
    let rows: Vec<&CodeCoverageResult> = tests.code_coverage.iter().collect();
    if options.test_level == Some(TestLevel::RunSpecifiedTests) {
        return rows.iter().all(|row| percent(&[row]));
    }
    let triggers = rows.iter().filter(|row| row.kind == "Trigger");
    percent(&rows)
        && triggers
            .clone()
            .all(|row| row.num_locations == 0 || row.num_locations_not_covered < row.num_locations)
}

// Production's rules: each class and trigger of the package with RunSpecifiedTests, else the
// average of the org and some coverage of every trigger. `not_executed` is the number of tests that
// this org could not judge.
fn warnings(
    specified: bool,
    rows: &[&Coverage],
    package: &BTreeSet<ComponentId>,
    not_executed: usize,
) -> Vec<CodeCoverageWarning> {
    let remark = match not_executed {
        0 => String::new(),
        1 => " (not judged: 1 test that this local org could not execute)".to_owned(),
        more => format!(" (not judged: {more} tests that this local org could not execute)"),
    };
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| package.contains(&row.component)) {
        let is_trigger = row.component.kind == MetadataType::ApexTrigger;
        let required = match (specified, is_trigger) {
            (true, _) => REQUIRED_PERCENT,
            (false, true) => 1,
            (false, false) => continue,
        };
        let percent = row.percent();
        // What has no lines needs no tests.
        if percent < required {
            let label = if is_trigger {
                "Apex Trigger"
            } else {
                "Apex Class"
            };
            found.push(warning(
                Some(row.component.full_name.as_str()),
                &format!(
                    "Test coverage of selected {label} is {percent}%, at least {required}% test coverage is required{remark}"
                ),
            ));
        }
    }
    let covered: usize = rows.iter().map(|row| row.covered.len()).sum();
    let lines: usize = covered + rows.iter().map(|row| row.uncovered.len()).sum::<usize>();
    let average = (covered * 100).checked_div(lines).unwrap_or(100);
    if !specified && average < REQUIRED_PERCENT {
        found.push(warning(
            None,
            &format!(
                "Average test coverage across all Apex Classes and Triggers is {average}%, at least {REQUIRED_PERCENT}% test coverage is required.{remark}"
            ),
        ));
    }
    found
}

fn warning(name: Option<&str>, message: &str) -> CodeCoverageWarning {
    CodeCoverageWarning {
        name: name.map(str::to_owned),
        message: message.to_owned(),
        ..CodeCoverageWarning::default()
    }
}
