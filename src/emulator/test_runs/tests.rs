//! Test runs against an org with one class, its tests and a trigger.

use serde_json::json;

use super::super::options::Options;
use super::super::query::{self, Api};
use super::super::records;
use super::super::runtime::{Given, Operation};
use super::super::users;
use super::*;

fn now() -> Timestamp {
    "2026-05-09T17:00:41Z".parse().unwrap()
}

fn org() -> State {
    let mut state = users::new_org(&Options::default(), now());
    for (name, source) in [
        (
            "Sign",
            "public class Sign {\n  public static Integer of(Integer n) {\n    if (n < 0) {\n      return -1;\n    }\n    return 1;\n  }\n}",
        ),
        (
            "SignTest",
            "@IsTest private class SignTest {\n  @IsTest static void positive() { System.assertEquals(1, Sign.of(5)); }\n  @IsTest static void wrong() { System.assertEquals(0, Sign.of(-5)); }\n}",
        ),
    ] {
        let stamp = users::stamp(&mut state, "Local Admin", now());
        let id = ComponentId::new(MetadataType::ApexClass, name);
        let xml = "<ApexClass><apiVersion>66.0</apiVersion></ApexClass>";
        state.put(&id, Some(source.to_owned()), xml.to_owned(), stamp);
    }
    state
}

#[test]
fn a_synchronous_run_answers_with_its_results() {
    let state = org();
    let body = json!({ "tests": [{ "className": "signtest" }] });
    let ran = run(&state, &body, now()).unwrap();
    let answer = answer(&state, &ran, None);
    assert_eq!(answer["numTestsRun"], 2);
    assert_eq!(answer["numFailures"], 1);
    assert_eq!(answer["successes"][0]["methodName"], "positive");
    let failure = &answer["failures"][0];
    assert_eq!(failure["methodName"], "wrong");
    assert_eq!(
        failure["message"],
        "System.AssertException: Assertion Failed: Expected: 0, Actual: -1"
    );
    let coverage = &answer["codeCoverage"][0];
    assert_eq!(coverage["name"], "Sign");
    assert_eq!(coverage["numLocationsNotCovered"], 0);
}

#[test]
fn one_method_covers_what_it_runs() {
    let state = org();
    let body = json!({ "tests": [{ "className": "SignTest", "testMethods": ["positive"] }] });
    let ran = run(&state, &body, now()).unwrap();
    assert_eq!(ran.tests.len(), 1);
    assert_eq!(ran.coverage[0].uncovered, BTreeSet::from([4]));
    let body = json!({ "classNames": "SignTest", "skipCodeCoverage": "true" });
    assert!(run(&state, &body, now()).unwrap().coverage.is_empty());
}

#[test]
fn a_run_as_a_job_is_kept_as_records() {
    let mut state = org();
    let ran = run(&state, &json!({ "testLevel": "RunLocalTests" }), now()).unwrap();
    let job = keep(&mut state, &ran, now());
    assert_eq!(job.len(), 15);
    let rows = |soql: &str| query::run(&state, Api::Tooling, soql, 66, now()).unwrap();
    let summary = rows(&format!(
        "SELECT Status, MethodsEnqueued, MethodsFailed FROM ApexTestRunResult WHERE AsyncApexJobId = '{job}'"
    ));
    let summary = &summary["records"][0];
    assert_eq!(
        (
            &summary["Status"],
            &summary["MethodsEnqueued"],
            &summary["MethodsFailed"]
        ),
        (&json!("Failed"), &json!(2), &json!(1))
    );
    let results = rows(
        "SELECT MethodName, Outcome, ApexClass.Name, Message FROM ApexTestResult ORDER BY MethodName",
    );
    assert_eq!(results["records"][0]["Outcome"], "Pass");
    assert_eq!(results["records"][1]["ApexClass"]["Name"], "SignTest");
    let coverage = rows(
        "SELECT ApexClassOrTrigger.Name, NumLinesCovered, NumLinesUncovered, Coverage FROM ApexCodeCoverageAggregate",
    );
    let coverage = &coverage["records"][0];
    assert_eq!(coverage["ApexClassOrTrigger"]["Name"], "Sign");
    assert_eq!(coverage["NumLinesUncovered"], 0);
    assert_eq!(coverage["Coverage"]["uncoveredLines"], json!([]));
    assert_eq!(
        rows("SELECT PercentCovered FROM ApexOrgWideCoverage")["records"][0]["PercentCovered"],
        100
    );
    let methods = rows("SELECT TestMethodName FROM ApexCodeCoverage ORDER BY TestMethodName");
    assert_eq!(methods["size"], 2);
}

#[test]
fn refuses_what_has_no_tests() {
    let state = org();
    for (body, name) in [
        (json!({ "classNames": "Sign" }), "Sign"),
        (json!({ "tests": [{ "className": "Nope" }] }), "Nope"),
    ] {
        let refusal = run(&state, &body, now()).err().unwrap();
        assert_eq!(refusal.code, "INVALID_INPUT");
        assert_eq!(
            refusal.message,
            format!(
                "This class name's value is invalid: {name}. Provide the name of an Apex class that has test methods."
            )
        );
    }
    assert_eq!(
        run(&state, &json!({}), now()).err().unwrap().code,
        "INVALID_INPUT"
    );
}

#[test]
fn a_run_is_logged_where_the_user_is_traced() {
    let mut state = org();
    let body = json!({ "classNames": "SignTest" });
    let ran = run(&state, &body, now()).unwrap();
    keep(&mut state, &ran, now());
    assert!(state.logs.is_empty(), "nobody is traced");
    let admin = state.admin_id();
    for (object, fields) in [
        (
            "DebugLevel",
            json!({ "DeveloperName": "L", "MasterLabel": "L", "ApexCode": "FINE", "System": "FINE" }),
        ),
        (
            "TraceFlag",
            json!({ "TracedEntityId": admin, "LogType": "USER_DEBUG", "DebugLevelId": "7dl000000000001AAA" }),
        ),
    ] {
        let given = Given {
            object: object.to_owned(),
            id: None,
            fields: fields.as_object().unwrap().clone(),
        };
        records::write_setup(&mut state, Operation::Insert, &given, now()).unwrap();
    }
    let ran = run(&state, &body, now()).unwrap();
    keep(&mut state, &ran, now());
    let soql = "SELECT MethodName, ApexLog.Operation, ApexLog.Status FROM ApexTestResult WHERE ApexLogId != null ORDER BY MethodName";
    let found = query::run(&state, Api::Tooling, soql, 66, now()).unwrap();
    assert_eq!(found["totalSize"], 2, "{found}");
    let log = &found["records"][0]["ApexLog"];
    assert_eq!(
        (&log["Operation"], &log["Status"]),
        (
            &json!("ApexTestHandler"),
            &json!("System.AssertException: Assertion Failed: Expected: 0, Actual: -1")
        )
    );
    let log = state.logs[0].body.text().unwrap();
    let events: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_once(")|").map(|(_, event)| event))
        .collect();
    let id = class_id(&state, "SignTest");
    let begun = format!(
        "CODE_UNIT_STARTED|[EXTERNAL]|{}|SignTest.positive()",
        &id[..15]
    );
    for part in [
        begun.as_str(),
        "SYSTEM_METHOD_ENTRY|[2]|System.assertEquals(Object, Object)",
        "SYSTEM_METHOD_EXIT|[2]|System.assertEquals(Object, Object)",
        "CODE_UNIT_FINISHED|SignTest.wrong()",
        "EXECUTION_FINISHED",
    ] {
        assert!(events.contains(&part), "{part}\n{log}");
    }
}
