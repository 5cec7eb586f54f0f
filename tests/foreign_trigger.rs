//! An org that has its own `CaseTrigger`: deploys are refused, and each of the three ways out that
//! the refusal names works.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::Place;
use serde_json::Value;

const OWN: &str = "\
trigger CaseTrigger on Case (before insert, after insert) {
    // the customer's own
}
";

/// A local org with the customer's own trigger, and a config with these lines under `email_cases`.
fn place(lines: &str) -> Place {
    let place = Place::with_config(&format!(
        "version: 1\n\
         email_cases:\n  reply_to: support@acme.example\n  \
         outbound: {{ sender: {{ display_name: Acme Support }} }}\n{lines}\
         orgs:\n  local:\n    emulator: {{}}\n    \
         email_cases: {{ webhook_url: \"https://opencx.invalid/webhook/c4nary\" }}\n"
    ));
    paste(&place, OWN);
    place
}

fn paste(place: &Place, source: &str) {
    place.write("CaseTrigger.trigger", source);
    place
        .run(&["emulator", "paste", "CaseTrigger.trigger"])
        .exits(0);
}

fn deployed(place: &Place, more: &[&str]) -> Value {
    let mut args = vec!["deploy", "-o", "local", "--json"];
    args.extend(more);
    place.run(&args).exits(0).json()
}

/// Status and message of the check with that code.
fn check(report: &Value, code: &str) -> Option<(String, String)> {
    let checks = report["verification"]["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["code"] == code)?;
    let text = |key: &str| found[key].as_str().unwrap().to_owned();
    Some((text("status"), text("message")))
}

fn names_a_case_trigger(report: &Value) -> bool {
    let steps = report["plan"]["steps"].as_array().unwrap();
    steps
        .iter()
        .any(|step| step["component"] == "ApexTrigger:CaseTrigger")
}

#[test]
fn the_refusal_names_the_ways_out_and_changes_nothing() {
    let place = place("");
    let refused = place.run(&["deploy", "-o", "local"]).exits(5);
    let words = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for way in [
        "error[guard/foreign]",
        "`email_cases.names: { CaseTrigger: OpenCxCaseTrigger }`",
        "`email_cases.case_trigger: existing`",
        "`OpenSalesforceCaseManagement.handleAfterInsert(Trigger.new);`",
        "`--overwrite ApexTrigger:CaseTrigger`",
    ] {
        assert!(words.contains(way), "{way} in {words}");
    }
    let drift = place
        .run(&["drift", "-o", "local", "--json"])
        .exits(2)
        .json();
    for row in drift["components"].as_array().unwrap() {
        let own = row["component"] == "ApexTrigger:CaseTrigger";
        assert_eq!(row["kind"], if own { "foreign" } else { "missing" });
    }
}

#[test]
fn both_triggers_stand_side_by_side_when_ours_has_another_name() {
    let place = place("  names: { CaseTrigger: OpenCxCaseTrigger }\n");
    let report = deployed(&place, &[]);
    assert_eq!(report["status"], "deployed");
    assert!(!names_a_case_trigger(&report));
    place.run(&["drift", "-o", "local"]).exits(0);
    // The customer's is untouched: ours under its name is still refused.
    place.write(
        "again.yaml",
        &std::fs::read_to_string(place.path().join("opencx.yaml"))
            .unwrap()
            .replace("  names: { CaseTrigger: OpenCxCaseTrigger }\n", ""),
    );
    let drift = place
        .run(&["drift", "-o", "local", "--json", "--config", "again.yaml"])
        .exits(2)
        .json();
    let rows = drift["components"].as_array().unwrap();
    let trigger = rows
        .iter()
        .find(|row| row["component"] == "ApexTrigger:CaseTrigger");
    assert_eq!(trigger.unwrap()["kind"], "foreign");
}

#[test]
fn an_existing_trigger_is_left_alone_and_reminded_of_until_it_calls_the_handler() {
    let place = place("  case_trigger: existing\n");
    let report = deployed(&place, &[]);
    assert_eq!(report["status"], "deployed");
    assert!(!names_a_case_trigger(&report));
    let code = "verify/case-handler-called";
    assert_eq!(
        check(&report, code).unwrap(),
        (
            "to-do".to_owned(),
            "no trigger on Case calls OpenSalesforceCaseManagement itself".to_owned()
        )
    );
    let handler = "OpenSalesforceCaseManagement.handleAfterInsert(Trigger.new);";
    let with_line = OWN.replace(
        "// the customer's own\n",
        &format!("// the customer's own\n    if (Trigger.isAfter) {{\n        {handler}\n    }}\n"),
    );
    paste(&place, &with_line);
    let report = deployed(&place, &[]);
    assert_eq!(report["status"], "unchanged");
    assert_eq!(
        check(&report, code).unwrap(),
        (
            "passed".to_owned(),
            "CaseTrigger calls OpenSalesforceCaseManagement".to_owned()
        )
    );
    place.run(&["drift", "-o", "local"]).exits(0);
}

#[test]
fn it_is_replaced_when_that_is_asked_for_and_kept_in_the_backup() {
    let place = place("");
    let report = deployed(&place, &["--overwrite", "ApexTrigger:CaseTrigger"]);
    assert_eq!(report["status"], "deployed");
    assert_eq!(check(&report, "verify/case-handler-called"), None);
    place.run(&["drift", "-o", "local"]).exits(0);
    let backup = place.path().join(report["backup"].as_str().unwrap());
    let kept = std::fs::read_to_string(backup.join("triggers/CaseTrigger.trigger")).unwrap();
    assert_eq!(kept, OWN);
}
