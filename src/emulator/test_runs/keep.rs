//! The results of a test run as records, as the Tooling API shows them (tooling.wsdl).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::clock::rest_date;
use super::super::runtime::{Coverage, Outcome};
use super::super::state::{Record, State};
use super::{Ran, class_id, id_of, keep_logs, milliseconds, problem};

/// Records of older runs go.
const KEPT_RUNS: usize = 20;

/// Keeps a run that is over; the id of its job, 15 characters as the answer has it.
pub fn keep(state: &mut State, ran: &Ran, now: Timestamp) -> String {
    let job = state.next_id("707");
    let run = state.next_id("05m");
    let at = rest_date(now);
    let mut classes: Vec<&str> = ran.tests.iter().map(|test| test.class.as_str()).collect();
    classes.dedup();
    let failed = ran
        .tests
        .iter()
        .filter(|test| matches!(test.outcome, Outcome::Failed(_)))
        .count();
    let time: u64 = ran.tests.iter().map(milliseconds).sum();
    let user = state.admin_id();
    let logs = keep_logs(state, ran);
    add(
        state,
        "ApexTestRunResult",
        &run,
        json!({
            "AsyncApexJobId": job, "UserId": user, "Source": "API", "IsAllTests": false,
            "StartTime": at, "EndTime": at, "TestTime": time, "TestSetupTime": 0,
            "Status": if failed == 0 { "Completed" } else { "Failed" },
            "ClassesEnqueued": classes.len(), "ClassesCompleted": classes.len(),
            "MethodsEnqueued": ran.tests.len(), "MethodsCompleted": ran.tests.len(),
            "MethodsFailed": failed, "CreatedDate": at,
        }),
    );
    for class in classes {
        let item = state.next_id("709");
        let tests: Vec<_> = ran
            .tests
            .iter()
            .filter(|test| test.class == class)
            .collect();
        let passed = tests
            .iter()
            .filter(|test| test.outcome == Outcome::Passed)
            .count();
        let log = logs.get(class).cloned();
        let class = class_id(state, class);
        add(
            state,
            "ApexTestQueueItem",
            &item,
            json!({
                "ApexClassId": class, "Status": "Completed", "ParentJobId": job,
                "ExtendedStatus": format!("({passed}/{})", tests.len()),
                "TestRunResultId": run, "ShouldSkipCodeCoverage": false, "CreatedDate": at,
            }),
        );
        for test in tests {
            let result = state.next_id("07M");
            let (message, stack_trace) = problem(&test.outcome).unzip();
            let outcome = match test.outcome {
                Outcome::Passed => "Pass",
                Outcome::Failed(_) => "Fail",
                Outcome::Unsupported { .. } => "Skip",
            };
            add(
                state,
                "ApexTestResult",
                &result,
                json!({
                    "QueueItemId": item, "AsyncApexJobId": job, "ApexTestRunResultId": run,
                    "ApexClassId": class, "MethodName": test.method, "Outcome": outcome,
                    "Message": message, "StackTrace": stack_trace, "RunTime": milliseconds(test),
                    "TestTimestamp": at, "IsTestSetup": false, "ApexLogId": log,
                }),
            );
        }
    }
    keep_coverage(state, ran);
    forget_old(state);
    job.get(..15).unwrap_or(&job).to_owned()
}

/// Coverage by test method, and of each component by all tests that ran last.
fn keep_coverage(state: &mut State, ran: &Ran) {
    for row in &ran.coverage {
        let component = id_of(state, &row.component);
        for test in &ran.tests {
            let Some(lines) = test.ran.get(&row.component) else {
                continue;
            };
            let class = class_id(state, &test.class);
            state.records.retain(|record| {
                let is = |name: &str, value: &str| {
                    record.fields.get(name).and_then(Value::as_str) == Some(value)
                };
                !(record.object == "ApexCodeCoverage"
                    && is("ApexTestClassId", &class)
                    && is("TestMethodName", &test.method)
                    && is("ApexClassOrTriggerId", &component))
            });
            let all = row.covered.union(&row.uncovered).copied();
            let (covered, uncovered) = all.partition(|line| lines.contains(line));
            let part = Coverage {
                component: row.component.clone(),
                covered,
                uncovered,
            };
            let id = state.next_id("714");
            let mut fields = lines_of(&part, &component);
            fields["ApexTestClassId"] = json!(class);
            fields["TestMethodName"] = json!(test.method);
            add(state, "ApexCodeCoverage", &id, fields);
        }
        state.records.retain(|record| {
            !(record.object == "ApexCodeCoverageAggregate"
                && record
                    .fields
                    .get("ApexClassOrTriggerId")
                    .and_then(Value::as_str)
                    == Some(component.as_str()))
        });
        let id = state.next_id("715");
        add(
            state,
            "ApexCodeCoverageAggregate",
            &id,
            lines_of(row, &component),
        );
    }
}

fn lines_of(row: &Coverage, component: &str) -> Value {
    json!({
        "ApexClassOrTriggerId": component,
        "NumLinesCovered": row.covered.len(),
        "NumLinesUncovered": row.uncovered.len(),
        "Coverage": { "coveredLines": row.covered, "uncoveredLines": row.uncovered },
    })
}

fn add(state: &mut State, object: &str, id: &str, fields: Value) {
    let mut all = Map::new();
    all.insert("Id".to_owned(), json!(id));
    if let Value::Object(fields) = fields {
        all.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    state.records.push(Record {
        object: object.to_owned(),
        id: id.to_owned(),
        deleted: false,
        fields: all,
    });
}

fn forget_old(state: &mut State) {
    let jobs: Vec<String> = state
        .records
        .iter()
        .filter(|record| record.object == "ApexTestRunResult")
        .filter_map(|record| Some(record.fields.get("AsyncApexJobId")?.as_str()?.to_owned()))
        .collect();
    let old = &jobs[..jobs.len().saturating_sub(KEPT_RUNS)];
    state.records.retain(|record| {
        let of = |name: &str| record.fields.get(name).and_then(Value::as_str);
        let job = match record.object.as_str() {
            "ApexTestRunResult" | "ApexTestResult" => of("AsyncApexJobId"),
            "ApexTestQueueItem" => of("ParentJobId"),
            _ => None,
        };
        job.is_none_or(|job| !old.iter().any(|old| old == job))
    });
}
