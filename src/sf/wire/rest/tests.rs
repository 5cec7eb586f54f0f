//! REST messages against the documented ones, and against anything.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::sf::wire::DeployStatus;

/// As an org sends it: `null` for what is missing, members that the WSDL has not, dates with
/// `+0000`.
fn status() -> Value {
    json!({
        "id": "0Af1", "validatedDeployRequestId": null, "deployOptions": null,
        "deployResult": {
            "id": "0Af1", "status": "Failed", "done": true, "success": false, "checkOnly": true,
            "completedDate": "2026-01-02T03:04:05.000+0000", "errorMessage": null,
            "canceledBy": null, "stateDetail": null, "messages": null, "runTestResult": null,
            "numberComponentErrors": 1, "numberComponentsTotal": null, "numberFiles": "4",
            "details": {
                "allComponentMessages": [],
                "componentFailures": [{
                    "componentType": "ApexClass", "fullName": "A", "fileName": "classes/A.cls",
                    "problem": "Missing ';'", "problemType": "Error", "lineNumber": 4,
                    "columnNumber": 5, "success": false, "id": null, "warning": false,
                    "createdDate": "2026-01-02T03:04:05.000+0000",
                }],
                "componentSuccesses": null,
                "runTestResult": {
                    "numTestsRun": 1, "numFailures": 0, "totalTime": 3.5, "failures": [],
                    "codeCoverage": [{
                        "id": "01p", "name": "A", "namespace": null, "numLocations": 9,
                        "numLocationsNotCovered": 1, "type": "Class", "dmlInfo": [],
                    }],
                    "codeCoverageWarnings": [{"id": "01p", "message": "m", "name": null}],
                },
            },
        },
    })
}

#[test]
fn reads_a_status_as_an_org_sends_it() {
    let result = decode_deploy_result(status().to_string().as_bytes()).unwrap();
    assert_eq!(result.status, DeployStatus::Failed);
    assert!(result.done && result.check_only && !result.success);
    assert_eq!(result.error_message, None);
    assert_eq!(result.number_components_total, 0);
    let failure = &result.details.component_failures[0];
    assert_eq!(
        (failure.line_number, failure.column_number),
        (Some(4), Some(5))
    );
    assert_eq!(failure.id, None);
    let tests = result.details.run_test_result.unwrap();
    assert_eq!(tests.code_coverage[0].num_locations_not_covered, 1);
    assert_eq!(tests.code_coverage_warnings[0].name, None);
    assert_eq!(tests.total_time, 3.5);
}

/// Text for numbers and flags, one object for a list of one: XML that was parsed without types.
#[test]
fn reads_the_same_without_types() {
    let untyped = json!({"deployResult": {
        "id": "0Af1", "status": "Failed", "done": "true", "success": "false",
        "checkOnly": "True", "numberComponentErrors": "1",
        "completedDate": "2026-01-02T03:04:05.000+0000",
        "details": {
            "componentFailures": {
                "componentType": "ApexClass", "fullName": "A", "fileName": "classes/A.cls",
                "problem": "Missing ';'", "problemType": "Error", "lineNumber": "4",
                "columnNumber": "5", "success": "false",
                "createdDate": "2026-01-02T03:04:05.000+0000",
            },
            "runTestResult": {
                "numTestsRun": "1", "numFailures": "0", "totalTime": "3.5",
                "codeCoverage": {
                    "id": "01p", "name": "A", "namespace": "", "numLocations": "9",
                    "numLocationsNotCovered": "1", "type": "Class",
                },
                "codeCoverageWarnings": {"id": "01p", "message": "m", "name": ""},
            },
        },
    }});
    assert_eq!(
        decode_deploy_result(untyped.to_string().as_bytes()),
        decode_deploy_result(status().to_string().as_bytes())
    );
}

#[test]
fn knows_both_spellings_of_finalizing() {
    for (word, status) in [
        ("Finalizing", DeployStatus::Finalizing),
        ("FinalizingDeploy", DeployStatus::Finalizing),
        ("FinalizingFailed", DeployStatus::FinalizingFailed),
        ("FinalizingDeployFailed", DeployStatus::FinalizingFailed),
        ("Sleeping", DeployStatus::Other("Sleeping".to_owned())),
    ] {
        let body = json!({"deployResult": {"id": "0Af1", "status": word}}).to_string();
        let result = decode_deploy_result(body.as_bytes()).unwrap();
        let shown = result.status.to_string();
        assert_eq!(serde_json::to_value(&status).unwrap(), shown.as_str());
        assert_eq!(result.status, status);
        assert!(!result.done);
    }
}

#[test]
fn sorts_versions_as_numbers() {
    let body = br#"[{"version":"66.0"},{"version":"9.0"},{"version":"100.0"},{"version":"odd"}]"#;
    let versions = decode_versions(body).unwrap();
    assert_eq!(versions, [9, 66, 100].map(ApiVersion::new));
    assert_eq!(decode_versions(b"[]"), Err(DecodeError::Missing("version")));
}

#[test]
fn reads_errors_in_every_documented_form() {
    let error = |code: &str, message: &str| RestError {
        error_code: code.to_owned(),
        message: message.to_owned(),
    };
    for (body, expected) in [
        (
            r#"[{"message":"m","errorCode":"NOT_FOUND","fields":["F"]},{"message":"n"}]"#,
            Some(vec![error("NOT_FOUND", "m"), error("", "n")]),
        ),
        (
            r#"{"error":"invalid_grant","error_description":"expired"}"#,
            Some(vec![error("invalid_grant", "expired")]),
        ),
        (
            r#"{"message":"m","errorCode":"C"}"#,
            Some(vec![error("C", "m")]),
        ),
        (r#"{"unrelated":1}"#, None),
        ("[]", None),
        (r#"["text"]"#, None),
        ("", None),
        ("<html>", None),
    ] {
        assert_eq!(decode_errors(body.as_bytes()), expected, "{body}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in any::<Vec<u8>>()) {
        decoders(&body);
    }

    #[test]
    fn any_almost_good_status_is_read_or_refused(
        at in 0_usize..900,
        replacement in "[\"{}\\[\\],:0-9a-z-]{0,3}",
    ) {
        let mut body = status().to_string();
        if body.is_char_boundary(at) && at < body.len() {
            body.replace_range(at..=at, &replacement);
        }
        decoders(body.as_bytes());
    }
}

fn decoders(body: &[u8]) {
    let _ = decode_deploy_id(body);
    let _ = decode_deploy_result(body);
    let _ = decode_versions(body);
    let _ = decode_user_info(body);
    let _ = decode_query::<Value>(body);
    let _ = decode_errors(body);
}
