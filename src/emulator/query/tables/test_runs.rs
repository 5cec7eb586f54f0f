//! Test runs and code coverage. Columns: tooling.wsdl.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::state::State;
use super::{Row, Rows, TOOLING, Table, add, apex, column, parent, unfilterable};

/// Runs.
pub static APEX_TEST_RUN_RESULT: Table<'static> = Table {
    name: "ApexTestRunResult",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("AsyncApexJobId"),
        parent("UserId", "User", "User"),
        column("JobName"),
        column("IsAllTests"),
        column("Source"),
        column("StartTime"),
        column("EndTime"),
        column("TestTime"),
        column("TestSetupTime"),
        column("Status"),
        column("ClassesEnqueued"),
        column("ClassesCompleted"),
        column("MethodsEnqueued"),
        column("MethodsCompleted"),
        column("MethodsFailed"),
        column("CreatedDate"),
    ]),
    rows: Rows::Records,
};

/// The classes of a run.
pub static APEX_TEST_QUEUE_ITEM: Table<'static> = Table {
    name: "ApexTestQueueItem",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        parent("ApexClassId", "ApexClass", "ApexClass"),
        column("Status"),
        column("ExtendedStatus"),
        column("ParentJobId"),
        parent("TestRunResultId", "TestRunResult", "ApexTestRunResult"),
        column("ShouldSkipCodeCoverage"),
        column("CreatedDate"),
    ]),
    rows: Rows::Records,
};

/// The methods of a run.
pub static APEX_TEST_RESULT: Table<'static> = Table {
    name: "ApexTestResult",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        parent("QueueItemId", "QueueItem", "ApexTestQueueItem"),
        column("AsyncApexJobId"),
        parent(
            "ApexTestRunResultId",
            "ApexTestRunResult",
            "ApexTestRunResult",
        ),
        parent("ApexClassId", "ApexClass", "ApexClass"),
        parent("ApexLogId", "ApexLog", "ApexLog"),
        column("MethodName"),
        column("Outcome"),
        unfilterable("Message"),
        unfilterable("StackTrace"),
        column("RunTime"),
        column("TestTimestamp"),
        column("IsTestSetup"),
    ]),
    rows: Rows::Records,
};

/// Lines by test method.
pub static APEX_CODE_COVERAGE: Table<'static> = Table {
    name: "ApexCodeCoverage",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        parent("ApexTestClassId", "ApexTestClass", "ApexClass"),
        column("TestMethodName"),
        parent("ApexClassOrTriggerId", "ApexClassOrTrigger", "Name"),
        column("NumLinesCovered"),
        column("NumLinesUncovered"),
        unfilterable("Coverage"),
    ]),
    rows: Rows::Records,
};

/// Lines by class or trigger.
pub static APEX_CODE_COVERAGE_AGGREGATE: Table<'static> = Table {
    name: "ApexCodeCoverageAggregate",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        parent("ApexClassOrTriggerId", "ApexClassOrTrigger", "Name"),
        column("NumLinesCovered"),
        column("NumLinesUncovered"),
        unfilterable("Coverage"),
    ]),
    rows: Rows::Records,
};

/// All lines.
pub static APEX_ORG_WIDE_COVERAGE: Table<'static> = Table {
    name: "ApexOrgWideCoverage",
    apis: TOOLING,
    columns: Cow::Borrowed(&[column("Id"), column("PercentCovered")]),
    rows: Rows::Derived(org_wide),
};

/// What a reference to a class or trigger leads to: the platform calls it `Name`.
pub static NAME: Table<'static> = Table {
    name: "Name",
    apis: TOOLING,
    columns: Cow::Borrowed(&[column("Id"), column("Name")]),
    rows: Rows::Derived(|state, now| {
        let classes = apex::APEX_CLASS.rows(state, now, false);
        let triggers = apex::APEX_TRIGGER.rows(state, now, false);
        classes.into_iter().chain(triggers).collect()
    }),
};

fn org_wide(state: &State, _now: Timestamp) -> Vec<Row> {
    let sum = |name: &str| -> u64 {
        state
            .records
            .iter()
            .filter(|record| record.object == "ApexCodeCoverageAggregate")
            .filter_map(|record| record.fields.get(name).and_then(Value::as_u64))
            .sum()
    };
    let covered = sum("NumLinesCovered");
    let all = covered + sum("NumLinesUncovered");
    let percent = (covered * 100).checked_div(all).unwrap_or_default();
    vec![add(
        Row::new(),
        [
            ("Id", json!("716000000000001AAA")),
            ("PercentCovered", json!(percent)),
        ],
    )]
}
