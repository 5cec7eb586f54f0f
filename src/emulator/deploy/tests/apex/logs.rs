//! Debug logs of a deploy's tests.

use super::super::super::super::record::Record;
use super::*;

// Lets the Apex of the deploying user be logged.
fn trace(state: &mut State) {
    let record = |object: &str, id: &str, fields: serde_json::Value| Record {
        object: object.to_owned(),
        id: id.to_owned(),
        deleted: false,
        fields: fields.as_object().cloned().unwrap_or_default(),
    };
    let user = state.admin_id();
    state.records.push(record(
        "DebugLevel",
        "7dl000000000001AAA",
        serde_json::json!({ "ApexCode": "DEBUG" }),
    ));
    state.records.push(record(
        "TraceFlag",
        "7tf000000000001AAA",
        serde_json::json!({ "TracedEntityId": user, "DebugLevelId": "7dl000000000001AAA",
            "StartDate": "1970-01-01T00:00:00Z", "ExpirationDate": "2100-01-01T00:00:00Z" }),
    ));
}

#[test]
fn tests_of_a_deploy_are_logged_where_a_trace_flag_asks_for_it() {
    let level = Some(TestLevel::RunLocalTests);
    let (_, state) = with_tests(OrgKind::Sandbox, level, TESTED, TEST);
    assert!(state.logs.is_empty());
    for (test, status) in [
        (TEST.to_owned(), "Success"),
        (
            TEST.replace("areEqual(2", "areEqual(3"),
            "System.AssertException: Assertion Failed: Cut off: Expected: 3, Actual: 2",
        ),
    ] {
        let (mut state, settings) = org(OrgKind::Sandbox);
        trace(&mut state);
        deploy_tests(&mut state, &settings, level, TESTED, &test);
        let [log] = &state.logs[..] else {
            panic!("{} logs", state.logs.len());
        };
        assert_eq!((log.user.clone(), &*log.status), (state.admin_id(), status));
        let text = state.log_body(&log.id).unwrap().into_owned();
        for event in [
            "|EXECUTION_STARTED\n",
            "|CTest.halves()\n",
            "|EXECUTION_FINISHED\n",
        ] {
            assert!(text.contains(event), "{text}");
        }
    }
}
