//! The ways back and the ways to be sure: saved plans, rollback, uninstall.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;

use common::{Place, Ran};
use serde_json::Value;
use served::Served;

const CONFIG: &str = "\
version: 1
email_cases:
  webhook_url: ${file:webhook.txt}
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
  local: { emulator: {} }
";

/// Without Apex tests: how they run is no matter here.
const DEPLOY: [&str; 6] = [
    "deploy",
    "-o",
    "local",
    "--json",
    "--test-level",
    "NoTestRun",
];

fn place() -> Place {
    let place = Place::with_config(CONFIG);
    place.write("webhook.txt", "https://opencx.invalid/webhook/c4nary\n");
    place
}

fn deploy(place: &Place, more: &[&str]) -> Ran {
    place.run(&[&DEPLOY, more].concat())
}

/// What `plan` would do about each component, each word once.
fn actions(place: &Place) -> Vec<String> {
    let ran = place.run(&["plan", "-o", "local", "--json"]);
    let mut actions: Vec<String> = ran.json()["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["action"].as_str().unwrap().to_owned())
        .collect();
    actions.sort();
    actions.dedup();
    actions
}

fn names(report: &Value, key: &str) -> Vec<String> {
    let list = report[key].as_array().unwrap().iter();
    list.map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn refused(ran: Ran, code: &str) -> Ran {
    let ran = ran.exits(5);
    assert!(ran.err.contains(&format!("error[{code}]")), "{}", ran.err);
    ran
}

#[test]
fn a_saved_plan_is_carried_out_as_it_was_looked_at_or_not_at_all() {
    let place = place();
    let plan = ["plan", "-o", "local", "--out", "plan.json"];
    place.run(&plan).exits(2);
    let text = std::fs::read_to_string(place.path().join("plan.json")).unwrap();
    assert!(!text.contains("c4nary"));

    place.write("opencx.yaml", &CONFIG.replace("Acme Support", "Acme Help"));
    let ran = refused(deploy(&place, &["--plan", "plan.json"]), "guard/stale-plan");
    assert!(
        ran.err
            .contains("the config or the templates have changed since")
    );
    place.write("opencx.yaml", CONFIG);
    deploy(&place, &["--plan", "plan.json"]).exits(0);
    let ran = refused(deploy(&place, &["--plan", "plan.json"]), "guard/stale-plan");
    assert!(ran.err.contains("the org has changed since"));

    place.run(&plan).exits(0);
    place
        .run(&["emulator", "set-trigger-status", "CaseTrigger", "inactive"])
        .exits(0);
    refused(deploy(&place, &["--plan", "plan.json"]), "guard/stale-plan");
    place.write("plan.json", "{}");
    let ran = deploy(&place, &["--plan", "plan.json"]).exits(1);
    assert!(ran.err.contains("error[deploy/no-plan]"), "{}", ran.err);
}

#[test]
fn what_was_replaced_comes_back_and_what_was_new_goes() {
    let place = place();
    deploy(&place, &[]).exits(0);
    let newer = CONFIG.replace("support@acme.example", "help@acme.example");
    place.write("opencx.yaml", &newer);
    deploy(&place, &[]).exits(0);
    assert_eq!(actions(&place), ["keep"]);

    let rollback = ["rollback", "-o", "local", "--json"];
    let ran = refused(place.run(&rollback), "guard/removal-not-confirmed");
    assert!(ran.err.contains("ApexClass:"), "{}", ran.err);
    let confirmed = ["rollback", "-o", "local", "--json", "--yes"];
    let report = place.run(&confirmed).exits(0).json();
    assert_eq!(report["status"], "undone");
    assert_eq!(names(&report, "removed"), [""; 0]);
    assert_eq!(
        names(&report, "without_secret"),
        ["NamedCredential:OpenCX_Integration"]
    );
    assert_eq!(actions(&place), ["keep", "update"]);
    let again = place.run(&confirmed).exits(0).json();
    assert_eq!(again["status"], "nothing-to-undo");
    place.write("opencx.yaml", CONFIG);
    assert_eq!(actions(&place), ["keep"]);

    // The first deploy brought everything.
    let first = first_deploy(&place);
    let ran = place.run(&["rollback", &first, "-o", "local", "--json", "--yes"]);
    let report = ran.exits(0).json();
    assert_eq!(names(&report, "restored"), [""; 0]);
    assert_eq!(actions(&place), ["create"]);
    let ran = place.run(&["rollback", "0Af000000000999", "-o", "local", "--yes"]);
    let ran = ran.exits(64);
    assert!(
        ran.err.contains("error[deploy/nothing-to-undo]"),
        "{}",
        ran.err
    );
}

/// The id of the oldest deploy in the journals.
fn first_deploy(place: &Place) -> String {
    let folder = place.path().join(".opencx/journal/local");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "jsonl"))
        .collect();
    files.sort();
    let text = std::fs::read_to_string(&files[0]).unwrap();
    let taken = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|line| line["event"] == "taken");
    taken.unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn nothing_of_ours_is_left() {
    let place = place();
    deploy(&place, &[]).exits(0);
    refused(
        place.run(&["uninstall", "-o", "local"]),
        "guard/removal-not-confirmed",
    );
    assert_eq!(actions(&place), ["keep"]);
    let uninstall = ["uninstall", "-o", "local", "--json", "--yes"];
    let report = place.run(&uninstall).exits(0).json();
    assert_eq!(report["status"], "removed");
    assert_eq!(names(&report, "left"), [""; 0]);
    assert_eq!(actions(&place), ["create"]);
    let again = place.run(&uninstall).exits(0).json();
    assert_eq!(names(&again, "ours"), [""; 0]);
    let backup = report["backup"].as_str().unwrap();
    let saved = place
        .path()
        .join(backup)
        .join("triggers/CaseTrigger.trigger");
    assert!(saved.exists(), "{}", saved.display());
}

#[test]
fn edits_are_not_removed_unasked() {
    let place = place();
    deploy(&place, &[]).exits(0);
    place
        .run(&[
            "emulator",
            "edit-source",
            "ApexClass:OpenSalesforceCaseManagement",
            "--from",
            "class OpenSalesforceCaseManagement",
            "--to",
            "class OpenSalesforceCaseManagement /* edited */",
        ])
        .exits(0);
    let mut uninstall = vec!["uninstall", "-o", "local", "--yes"];
    refused(place.run(&uninstall), "guard/edited-by-hand");
    uninstall.extend(["--overwrite", "ApexClass:OpenSalesforceCaseManagement"]);
    place.run(&uninstall).exits(0);
    assert_eq!(actions(&place), ["create"]);
}

#[test]
fn a_deploy_that_does_not_read_back_is_undone_once() {
    let place = Served::place();
    let lost = "lose-component=PermissionSet:OpenCX_Integration";
    let served = Served::start(&place, &["--fault", lost]);
    let mut args = DEPLOY.to_vec();
    args[2] = "dev";
    args.push("--rollback-on-verify-failure");
    let ran = served.run(&place, &args).exits(1);
    let report = ran.json();
    assert_eq!(report["status"], "verify-failed");
    assert_eq!(report["rollback"]["status"], "undone", "{report:#}");
    assert_eq!(served.deploys().len(), 2);
    let plan = served
        .run(&place, &["plan", "-o", "dev", "--json"])
        .exits(2);
    let plan = plan.json();
    let steps = plan["steps"].as_array().unwrap();
    assert!(
        steps.iter().all(|step| step["action"] == "create"),
        "{steps:#?}"
    );
}

#[test]
fn what_no_backup_holds_is_named_before_it_goes() {
    let place = Served::place();
    let served = Served::start(&place, &["--org-kind", "production"]);
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let production = config.replace("auth: env", "auth: env, production: true");
    place.write("opencx.yaml", &production);
    let deploy = ["deploy", "-o", "dev", "--json", "--yes", "--one-step"];
    served.run(&place, &deploy).exits(0);
    served.insert("Case", r#"{"Subject": "One", "Case_From__c": "OpenCX"}"#);
    served.insert("Case", r#"{"Subject": "Two", "Case_From__c": "OpenCX"}"#);
    served.insert("Case", r#"{"Subject": "Three"}"#);
    for command in ["uninstall", "rollback"] {
        let ran = served.run(&place, &[command, "-o", "dev", "--json"]);
        let ran = ran.exits(5);
        let told = "Case.Case_From__c goes with its value in 2 Case records: no backup holds that";
        assert!(ran.err.contains(told), "{}", ran.err);
        // One question, one answer that is missing.
        let findings = ran.json()["findings"].clone();
        assert_eq!(findings.as_array().unwrap().len(), 1, "{findings:#}");
        assert_eq!(findings[0]["code"], "guard/removal-not-confirmed");
    }
    let rollback = served.run(&place, &["rollback", "-o", "dev", "--yes"]);
    let told = "as before: 39 components read back";
    let rollback = rollback.exits(0);
    assert!(rollback.out.contains(told), "{}", rollback.out);
    let drift = served.run(&place, &["drift", "-o", "dev"]).exits(2);
    assert!(!drift.out.contains("never deployed"), "{}", drift.out);
}

#[test]
fn an_id_that_cannot_be_undone_is_answered_with_those_that_can() {
    let place = place();
    deploy(&place, &[]);
    let first = first_deploy(&place);
    let other = ["rollback", "0Af000000000009", "-o", "local", "--yes"];
    let ran = place.run(&other).exits(64);
    assert!(ran.err.contains(&first), "{}", ran.err);
}
