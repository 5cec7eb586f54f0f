//! The story that the README tells: deploy into the local org, change it behind our back as an
//! admin would in Setup, find it, repair it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::Place;
use serde_json::Value;

/// The components of a JSON report that are not "same", as `component kind`.
fn differing(report: &Value) -> Vec<String> {
    report["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["kind"] != "same")
        .map(|row| {
            format!(
                "{} {}",
                row["component"].as_str().unwrap(),
                row["kind"].as_str().unwrap()
            )
        })
        .collect()
}

fn of<'a>(report: &'a Value, component: &str) -> &'a Value {
    report["components"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["component"] == component)
        .unwrap()
}

fn deployed() -> Place {
    let place = Place::minimal();
    place.run(&["deploy", "-o", "local"]).exits(0);
    place
}

#[test]
fn a_first_deploy_creates_everything_and_verifies_it() {
    let place = Place::minimal();
    let report = place
        .run(&["deploy", "-o", "local", "--json"])
        .exits(0)
        .json();
    assert_eq!(report["status"], "deployed");
    assert_eq!(report["deploy"]["status"], "Succeeded");
    let steps = report["plan"]["steps"].as_array().unwrap();
    assert!(steps.len() >= 10, "{}", steps.len());
    assert!(
        steps.iter().all(|step| step["action"] == "create"),
        "{steps:#?}"
    );
    let read_back = report["verification"]["components"].as_array().unwrap();
    assert_eq!(read_back.len(), steps.len());
    assert!(
        read_back.iter().all(|row| row["kind"] == "same"),
        "{read_back:#?}"
    );
}

#[test]
fn the_local_org_executes_our_tests() {
    let place = Place::minimal();
    let report = place
        .run(&["deploy", "-o", "local", "--json"])
        .exits(0)
        .json();
    let tests = &report["deploy"]["details"]["runTestResult"];
    assert_eq!(tests["numTestsRun"], 63);
    assert_eq!(tests["numFailures"], 0);
    for row in tests["codeCoverage"].as_array().unwrap() {
        let lines = row["numLocations"].as_u64().unwrap();
        let missed = row["numLocationsNotCovered"].as_u64().unwrap();
        assert!(missed * 4 <= lines, "less than 75%: {row}");
    }
    assert_eq!(report["tests"]["status"], "passed");
}

#[test]
fn a_second_deploy_changes_nothing_and_still_verifies() {
    let place = deployed();
    let report = place
        .run(&["deploy", "-o", "local", "--json"])
        .exits(0)
        .json();
    assert_eq!(report["status"], "unchanged");
    assert_eq!(report["deploy"], Value::Null);
    assert!(report["verification"]["checks"].as_array().unwrap().len() >= 3);
}

#[test]
fn another_process_sees_the_same_org_until_it_is_reset() {
    let place = deployed();
    assert_eq!(
        place
            .run(&["drift", "-o", "local", "--json"])
            .exits(0)
            .json()["status"],
        "clean"
    );
    place.run(&["emulator", "reset"]).exits(0);
    let report = place
        .run(&["drift", "-o", "local", "--json"])
        .exits(2)
        .json();
    let rows = report["components"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["kind"] == "missing"), "{rows:#?}");
}

#[test]
fn a_trigger_switched_off_is_found_and_switched_on_again() {
    let place = deployed();
    place
        .run(&[
            "emulator",
            "set-trigger-status",
            "CaseTrigger",
            "inactive",
            "--as",
            "Dana Admin",
        ])
        .exits(0);
    let report = place
        .run(&["drift", "-o", "local", "--json"])
        .exits(2)
        .json();
    assert_eq!(differing(&report), ["ApexTrigger:CaseTrigger inactive"]);
    let row = of(&report, "ApexTrigger:CaseTrigger");
    assert_eq!(row["modified"]["by"], "Dana Admin");
    assert_eq!(row["fields"][0]["field"], "status");
    assert_eq!(row["fields"][0]["live"], "Inactive");
    place.run(&["verify", "-o", "local"]).exits(1);
    let shown = place.run(&["plan", "-o", "local"]).exits(2).out;
    for words in [
        "1 switched off in the org",
        "last changed by Dana Admin on ",
        "deploy switches it on only with `--overwrite ApexTrigger:CaseTrigger`",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let on = ["--overwrite", "ApexTrigger:CaseTrigger"];
    for command in [
        &["deploy", "-o", "local"][..],
        &["drift", "-o", "local", "--fix"],
    ] {
        let ran = place.run(command).exits(5);
        for words in [
            "guard/switched-off",
            "last changed by Dana Admin on ",
            "--overwrite ApexTrigger:CaseTrigger",
        ] {
            assert!(ran.err.contains(words), "{words} in {}", ran.err);
        }
    }
    place.run(&["verify", "-o", "local"]).exits(1);
    place
        .run(&[&["deploy", "-o", "local"][..], &on].concat())
        .exits(0);
    place.run(&["drift", "-o", "local"]).exits(0);
}

#[test]
fn an_edited_line_is_shown_as_a_diff_and_replaced_only_on_request() {
    let place = deployed();
    place
        .run(&[
            "emulator",
            "edit-source",
            "ApexClass:OpenSalesforceCaseManagement",
            "--from",
            "class OpenSalesforceCaseManagement",
            "--to",
            "class /* hotfix */ OpenSalesforceCaseManagement",
            "--as",
            "Dana Admin",
        ])
        .exits(0);
    let ran = place.run(&["drift", "-o", "local", "--json"]).exits(2);
    let report = ran.json();
    assert_eq!(
        differing(&report),
        ["ApexClass:OpenSalesforceCaseManagement edited-by-hand"]
    );
    let row = of(&report, "ApexClass:OpenSalesforceCaseManagement");
    let diff = row["diff"].as_str().unwrap();
    assert!(diff.starts_with("--- "), "{diff}");
    assert!(
        diff.lines()
            .any(|line| line.starts_with('-') && line.contains("hotfix")),
        "{diff}"
    );
    assert_eq!(row["modified"]["by"], "Dana Admin");

    let refused = place.run(&["deploy", "-o", "local"]).exits(5);
    assert!(
        refused.err.contains("guard/edited-by-hand"),
        "{}",
        refused.err
    );
    assert!(
        refused
            .err
            .contains("--overwrite ApexClass:OpenSalesforceCaseManagement")
    );
    place.run(&["drift", "-o", "local"]).exits(2);

    place
        .run(&[
            "deploy",
            "-o",
            "local",
            "--overwrite",
            "ApexClass:OpenSalesforceCaseManagement",
        ])
        .exits(0);
    place.run(&["drift", "-o", "local"]).exits(0);
    let backups: Vec<_> = walkdir::WalkDir::new(place.path().join(".opencx/backups"))
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_name() == "OpenSalesforceCaseManagement.cls")
        .collect();
    assert_eq!(backups.len(), 1);
    let kept = std::fs::read_to_string(backups[0].path()).unwrap();
    assert!(kept.contains("/* hotfix */"), "{kept}");
}

#[test]
fn a_changed_endpoint_is_found_without_showing_it() {
    let place = deployed();
    place
        .run(&[
            "emulator",
            "set-endpoint",
            "OpenCX_Integration",
            "https://elsewhere.example/hook/s3cr3t-token",
        ])
        .exits(0);
    for args in [
        &["drift", "-o", "local", "--json"][..],
        &["drift", "-o", "local"],
    ] {
        let ran = place.run(args).exits(2);
        assert!(ran.out.contains("elsewhere.example"), "{}", ran.out);
        assert!(!ran.out.contains("s3cr3t-token") && !ran.err.contains("s3cr3t-token"));
    }
    place.run(&["deploy", "-o", "local"]).exits(5);
    place
        .run(&[
            "deploy",
            "-o",
            "local",
            "--overwrite",
            "NamedCredential:OpenCX_Integration",
        ])
        .exits(0);
    place.run(&["drift", "-o", "local"]).exits(0);
}

#[test]
fn a_deleted_component_is_found_and_created_again() {
    let place = deployed();
    place
        .run(&[
            "emulator",
            "delete",
            "ApexTrigger:OpenCxOutboundEmailSender",
        ])
        .exits(0);
    let report = place
        .run(&["drift", "-o", "local", "--json"])
        .exits(2)
        .json();
    assert_eq!(
        differing(&report),
        ["ApexTrigger:OpenCxOutboundEmailSender missing"]
    );
    place.run(&["deploy", "-o", "local"]).exits(0);
    place.run(&["drift", "-o", "local"]).exits(0);
}

#[test]
fn the_orgs_own_trigger_of_that_name_is_never_overwritten_unasked() {
    let place = Place::minimal();
    place.write(
        "CaseTrigger.trigger",
        "trigger CaseTrigger on Case (before insert) {\n    // the customer's own\n}\n",
    );
    place
        .run(&["emulator", "paste", "CaseTrigger.trigger"])
        .exits(0);
    let refused = place.run(&["deploy", "-o", "local"]).exits(5);
    assert!(refused.err.contains("guard/foreign"), "{}", refused.err);
    let report = place
        .run(&["drift", "-o", "local", "--json"])
        .exits(2)
        .json();
    assert_eq!(of(&report, "ApexTrigger:CaseTrigger")["kind"], "foreign");
    assert_eq!(
        of(&report, "ApexTrigger:OpenCxOutboundEmailSender")["kind"],
        "missing"
    );
}

#[test]
fn the_webhook_url_is_in_no_output_and_no_file_but_the_orgs_own_state() {
    let place = Place::minimal();
    let token = "local-demo";
    for args in [
        &["deploy", "-o", "local"][..],
        &["deploy", "-o", "local", "--json"],
        &["plan", "-o", "local", "--verbose"],
        &["verify", "-o", "local", "--json"],
        &["render", "-o", "local", "--out", "rendered"],
        &[
            "render", "-o", "local", "--format", "source", "--out", "source",
        ],
    ] {
        let ran = place.run(args).exits(0);
        assert!(!ran.out.contains(token), "{args:?}: {}", ran.out);
        assert!(!ran.err.contains(token), "{args:?}: {}", ran.err);
    }
    for folder in ["rendered", "source", ".opencx/backups"] {
        for entry in walkdir::WalkDir::new(place.path().join(folder))
            .into_iter()
            .flatten()
        {
            if entry.file_type().is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                assert!(
                    !String::from_utf8_lossy(&bytes).contains(token),
                    "{entry:?}"
                );
            }
        }
    }
}
