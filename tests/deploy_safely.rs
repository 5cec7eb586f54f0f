//! What a deploy looks at before it begins, how it goes to production, and what it says when the org
//! contradicts itself, refuses the way back, or refuses a permission set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;
#[path = "common/wire.rs"]
mod wire;

use common::{Place, Ran};
use served::{CONFIG, Served};
use wire::{Fate, Wire};

/// Without Apex tests: how they run is no matter here.
const DEPLOY: [&str; 6] = ["deploy", "-o", "dev", "--json", "--test-level", "NoTestRun"];

const USER: &str = "local.admin@local.example";

fn with(args: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    [args, more].concat()
}

#[track_caller]
fn refused(ran: Ran, code: &str) -> Ran {
    let ran = ran.exits(5);
    assert!(ran.err.contains(&format!("error[{code}]")), "{}", ran.err);
    ran
}

/// The config with another address to answer to, so that there is something to deploy.
fn edit(place: &Place, address: &str) {
    place.write(
        "opencx.yaml",
        &CONFIG.replace("support@acme.example", address),
    );
}

#[test]
fn permission_sets_go_to_the_integration_user_once() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let ran = served.run(&place, &with(&DEPLOY, &["--assign"])).exits(64);
    assert!(
        ran.err.contains("deploy/no-integration-user"),
        "{}",
        ran.err
    );
    let nobody = with(&DEPLOY, &["--assign", "nobody@acme.example"]);
    refused(served.run(&place, &nobody), "guard/no-user");
    assert_eq!(served.deploys(), []);

    let ran = served.run(&place, &with(&DEPLOY, &["--assign", USER]));
    let report = ran.exits(0).json();
    let set = &report["assignment"]["sets"][0];
    assert_eq!(set["component"], "PermissionSet:OpenCX_Integration");
    assert_eq!(set["state"], "given");
    let checks = report["verification"]["checks"].to_string();
    assert!(
        checks.contains("held by local.admin@local.example"),
        "{checks}"
    );

    // Again, by the config and with nothing to deploy.
    let user = format!("auth: env, integration_user: {USER}");
    place.write("opencx.yaml", &CONFIG.replace("auth: env", &user));
    let report = served.run(&place, &with(&DEPLOY, &["--assign"])).exits(0);
    let report = report.json();
    assert_eq!(report["status"], "unchanged");
    assert_eq!(report["assignment"]["sets"][0]["state"], "held");
}

#[test]
fn a_user_whose_licence_is_too_small_is_explained() {
    let place = Served::place();
    let served = Served::start(&place, &["--condition", "small-user-license"]);
    let ran = served
        .run(&place, &with(&DEPLOY, &["--assign", USER]))
        .exits(1);
    let report = ran.json();
    assert_eq!(report["status"], "not-assigned");
    let set = &report["assignment"]["sets"][0];
    assert_eq!(set["code"], "org/assign-user-license");
    assert_eq!(served.deploys().len(), 1);
}

#[test]
fn another_deploy_is_a_reason_not_to_begin() {
    let (place, other) = (Served::place(), Served::place());
    let served = Served::start(&place, &["--condition", "deploy-queue-busy"]);
    served.run(&other, &with(&DEPLOY, &["--async"])).exits(0);
    let ran = served.run(&place, &with(&DEPLOY, &["--wait", "0"]));
    let ran = refused(ran, "guard/org-busy");
    let other = &served.tooling_query("SELECT Id, CreatedDate FROM DeployRequest")[0];
    let since = other["CreatedDate"].as_str().unwrap();
    for text in [
        "of Local Admin",
        other["Id"].as_str().unwrap(),
        &since[..16],
    ] {
        assert!(ran.err.contains(text), "{text} in {}", ran.err);
    }
    assert_eq!(served.deploys().len(), 1);
}

const PRODUCTION: [&str; 4] = ["deploy", "-o", "dev", "--yes"];

/// A place whose org is production, and that org.
fn production() -> (Place, Served) {
    let place = Served::place();
    let config = CONFIG.replace("auth: env", "auth: env, production: true");
    place.write("opencx.yaml", &config);
    let served = Served::start(&place, &["--org-kind", "production"]);
    (place, served)
}

#[test]
fn production_is_validated_and_the_validation_made_real() {
    let (place, served) = production();
    let report = served.run(&place, &with(&PRODUCTION, &["--json"])).exits(0);
    let report = report.json();
    assert_eq!(report["status"], "deployed");
    assert!(report["validation"].is_string(), "{report:#}");
    assert_eq!(report["tests"]["status"], "passed");
    let kinds: Vec<bool> = served
        .deploys()
        .into_iter()
        .map(|(_, check)| check)
        .collect();
    assert_eq!(kinds.iter().filter(|check| **check).count(), 1);
    assert_eq!(kinds.len(), 2);
    // The way back knows the one that changed something.
    let rollback = [
        "rollback",
        "-o",
        "dev",
        "--yes",
        "--json",
        "--test-level",
        "RunLocalTests",
    ];
    let undone = served.run(&place, &rollback);
    let undone = undone.json();
    assert_eq!(undone["undone"].as_array().unwrap().len(), 1, "{undone:#}");
}

#[test]
fn a_validation_that_fails_changes_nothing_in_production() {
    let place = Served::place();
    let config = CONFIG.replace("auth: env", "auth: env, production: true");
    place.write("opencx.yaml", &config);
    let fault = [
        "--org-kind",
        "production",
        "--fault",
        "problem=test-assertion",
    ];
    let served = Served::start(&place, &fault);
    let ran = served.run(&place, &with(&PRODUCTION, &["--json"])).exits(1);
    assert_eq!(ran.json()["problems"][0]["code"], "org/test-assertion");
    assert_eq!(served.deploys(), [("Failed".to_owned(), true)]);
}

#[test]
fn a_validation_is_made_real_only_while_it_counts() {
    let (place, served) = production();
    let quick = with(&PRODUCTION, &["--json", "--quick"]);
    let why = |ran: Ran, why: &str| {
        let ran = refused(ran, "guard/no-validation");
        assert!(ran.err.contains(why), "{}", ran.err);
    };
    why(
        served.run(&place, &quick),
        "none was validated from this folder",
    );
    served
        .run(&place, &with(&PRODUCTION, &["--dry-run"]))
        .exits(0);

    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    place.write("opencx.yaml", &config.replace("support@", "help@"));
    why(served.run(&place, &quick), "another content");
    place.write("opencx.yaml", &config);

    let aged = aged(&place, "-11d");
    why(served.run(&place, &quick), "older than ten days");
    aged.back();

    let report = served.run(&place, &quick).exits(0).json();
    assert_eq!(report["status"], "deployed");
    assert!(report["validation"].is_string(), "{report:#}");
    let message = report["tests"]["message"].as_str().unwrap();
    assert!(message.contains("when 0Af"), "{message}");
    let deploys = served.deploys();
    assert_eq!(deploys.len(), 2, "{deploys:?}");
}

#[test]
fn a_validation_without_tests_or_without_success_does_not_count() {
    let place = Served::place();
    let quick = ["deploy", "-o", "dev", "--quick"];
    let dry = ["deploy", "-o", "dev", "--dry-run"];
    let served = Served::start(&place, &[]);
    served
        .run(&place, &with(&dry, &["--test-level", "NoTestRun"]))
        .exits(0);
    let ran = refused(served.run(&place, &quick), "guard/no-validation");
    assert!(ran.err.contains("ran no tests"), "{}", ran.err);
    drop(served);
    let served = Served::start(&place, &["--fault", "problem=apex-syntax"]);
    served.run(&place, &dry).exits(1);
    let ran = refused(served.run(&place, &quick), "guard/no-validation");
    assert!(ran.err.contains("did not succeed"), "{}", ran.err);
}

/// Journals that say that everything was days ago.
struct Aged(Vec<(std::path::PathBuf, String)>);

fn aged(place: &Place, by: &str) -> Aged {
    let days: i64 = by.trim_matches(['-', 'd']).parse().unwrap();
    let folder = place.path().join(".opencx/journal/dev");
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|suffix| suffix != "jsonl") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut older = String::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(at) = line["at"].as_str() {
                let at: jiff::Timestamp = at.parse().unwrap();
                let at = at - jiff::SignedDuration::from_hours(24 * days);
                line["at"] = at.to_string().into();
            }
            older.push_str(&format!("{line}\n"));
        }
        std::fs::write(&path, older).unwrap();
        kept.push((path, text));
    }
    Aged(kept)
}

impl Aged {
    fn back(self) {
        for (path, text) in self.0 {
            std::fs::write(path, text).unwrap();
        }
    }
}

fn through(wire: &Wire, served: &Served, place: &Place, args: &[&str]) -> Ran {
    place
        .command(args)
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .output()
        .unwrap()
        .into()
}

/// A deploy whose status answers have that text in place of the other.
fn deploy_that_says(from: &'static str, to: &'static str) -> Ran {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let change = move |line: &str, body: String| {
        if line.starts_with("GET") && line.contains("/metadata/deployRequest/") {
            assert!(body.contains("\"status\":"), "{body}");
            return body.replace(from, to);
        }
        body
    };
    let wire = Wire::changing(&served.instance_url, |_| Fate::Pass, change);
    through(&wire, &served, &place, &DEPLOY)
}

#[test]
fn success_with_failures_is_a_contradiction() {
    let ran = deploy_that_says("\"numberComponentErrors\":0", "\"numberComponentErrors\":2");
    assert_eq!(ran.exits(3).json()["status"], "undetermined");
}

#[test]
fn a_part_is_not_a_success() {
    let ran = deploy_that_says("\"Succeeded\"", "\"SucceededPartial\"").exits(1);
    let report = ran.json();
    assert_eq!(report["status"], "partly-deployed");
    // What is live was read all the same.
    assert!(report["verification"].is_object(), "{report:#}");
}

#[test]
fn a_cancel_that_comes_too_late_tells_what_happened() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served.run(&place, &with(&DEPLOY, &["--async"])).exits(0);
    // The org says that it cancels, and finishes what it was doing.
    let change = |line: &str, body: String| {
        if line.starts_with("PATCH") {
            let id = line.split('/').next_back().unwrap_or_default();
            let id = id.split(' ').next().unwrap_or_default();
            let id = if id.starts_with("0Af") {
                id
            } else {
                "0Af000000000001CAA"
            };
            return format!(
                r#"{{"deployResult":{{"id":"{id}","status":"Canceling","done":false}}}}"#
            );
        }
        body
    };
    let wire = Wire::changing(&served.instance_url, fate, change);
    let ran = through(&wire, &served, &place, &["cancel", "-o", "dev", "--json"]).exits(1);
    let report = ran.json();
    assert_eq!(report["status"], "succeeded");
    assert_eq!(report["deploy"]["status"], "Succeeded");
}

/// The org never sees the cancel.
fn fate(line: &str) -> Fate {
    if line.starts_with("PATCH") {
        Fate::Instead("GET")
    } else {
        Fate::Pass
    }
}

#[test]
fn a_rollback_that_the_org_refuses_keeps_its_backup() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served.run(&place, &DEPLOY).exits(0);
    edit(&place, "help@acme.example");
    served.run(&place, &DEPLOY).exits(0);
    drop(served);
    let served = Served::start(&place, &["--fault", "problem=record-locked"]);
    let rollback = ["rollback", "-o", "dev", "--json", "--yes"];
    let report = served.run(&place, &rollback).exits(1).json();
    assert_eq!(report["status"], "failed");
    assert_eq!(report["problems"][0]["code"], "org/record-locked");
    let backup = place.path().join(report["backup"].as_str().unwrap());
    assert!(backup.join("package.xml").exists(), "{}", backup.display());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = std::fs::metadata(backup.join("package.xml")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_the_org_still_uses_is_switched_off_and_named() {
    let config = CONFIG.replace("dev: { auth: env }", "local: { emulator: {} }");
    let place = Place::with_config(&config);
    place.write("webhook.txt", "https://opencx.invalid/webhook/c4nary\n");
    let mut deploy = DEPLOY.to_vec();
    deploy[2] = "local";
    place.run(&deploy).exits(0);
    place.write(
        "AcmeCases.cls",
        "public class AcmeCases {\n    public static void run(List<Case> cases) {\n        \
         OpenSalesforceCaseManagement.handleAfterInsert(cases);\n    }\n}\n",
    );
    place.run(&["emulator", "paste", "AcmeCases.cls"]).exits(0);
    let uninstall = ["uninstall", "-o", "local", "--json", "--yes"];
    let report = place.run(&uninstall).exits(1).json();
    assert_eq!(report["status"], "left");
    assert_eq!(report["deactivation"]["success"], true);
    let problem = &report["problems"][0];
    assert_eq!(problem["code"], "org/still-referenced");
    assert!(
        problem["text"].as_str().unwrap().contains("AcmeCases"),
        "{problem:#}"
    );
    let left = report["left"].to_string();
    assert!(left.contains("ApexTrigger:CaseTrigger"), "{left}");
    // What this tool switched off itself it switches on again without a question.
    let plan = place
        .run(&["plan", "-o", "local", "--json"])
        .exits(2)
        .json();
    let steps = plan["steps"].as_array().unwrap().iter();
    let of_trigger = |step: &&serde_json::Value| step["component"] == "ApexTrigger:CaseTrigger";
    let step = steps.clone().find(of_trigger).unwrap();
    assert_eq!(step["action"], "update", "{step:#}");
    assert_eq!(step["fields"][0]["live"], "Inactive", "{step:#}");
}

/// A Case whose webhook can't be reached leaves a job of ours that is tried again later.
#[test]
fn jobs_of_classes_that_would_change_are_waited_for() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served.run(&place, &DEPLOY).exits(0);
    served.insert("Case", r#"{"Subject":"x"}"#);
    let other = CONFIG.replace("  reply_to", "  names: { OpenCxLog: AcmeLog }\n  reply_to");
    place.write("opencx.yaml", &other);
    let ran = refused(served.run(&place, &DEPLOY), "guard/jobs-pending");
    let named = "1 of OpenCxCaseWebhookJob (Queueable, Queued)";
    assert!(ran.err.contains(named), "{}", ran.err);
    let waits = "waiting for 1 of the org's Apex jobs";
    assert!(ran.err.contains(waits), "{}", ran.err);
    assert_eq!(served.deploys().len(), 1);
    // It only stands in the way of classes that would change.
    place.write(
        "opencx.yaml",
        &CONFIG.replace("support@acme.example", "help@acme.example"),
    );
    served.run(&place, &DEPLOY).exits(0);
    place.write("opencx.yaml", &other);
    let allowed = with(&DEPLOY, &["--allow-pending-jobs"]);
    served.run(&place, &allowed).exits(0);
    assert_eq!(served.deploys().len(), 3);
}

/// The job's own class stays as it is; the org locks what it uses with it.
#[test]
fn a_job_stands_in_the_way_of_the_classes_that_its_own_uses() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served.run(&place, &DEPLOY).exits(0);
    served.insert("Case", r#"{"Subject":"x"}"#);
    let path = "templates/classes/OpenCxRetryAfter.cls";
    let class = std::fs::read_to_string(common::root().join(path)).unwrap();
    std::fs::create_dir_all(place.path().join("templates/classes")).unwrap();
    place.write(path, &format!("{class}// Ours.\n"));
    place.write("opencx.yaml", &format!("{CONFIG}templates: templates\n"));
    let ran = refused(served.run(&place, &DEPLOY), "guard/jobs-pending");
    assert!(ran.err.contains("OpenCxCaseWebhookJob"), "{}", ran.err);

    // A schedule does not end, so it is not waited for.
    let change = |line: &str, body: String| {
        if line.contains("/composite/batch") {
            return body.replace("\"Queueable\"", "\"ScheduledApex\"");
        }
        body
    };
    let wire = Wire::changing(&served.instance_url, |_| Fate::Pass, change);
    let ran = through(&wire, &served, &place, &DEPLOY);
    let ran = refused(ran, "guard/jobs-pending");
    assert!(ran.err.contains("(ScheduledApex, Queued)"), "{}", ran.err);
    assert!(ran.err.contains("Setup > Scheduled Jobs"), "{}", ran.err);
    assert!(!ran.err.contains("waiting"), "{}", ran.err);
    assert_eq!(served.deploys().len(), 1);
}

#[test]
fn an_org_that_speaks_no_version_this_high_is_not_deployed_to() {
    let place = Served::place();
    let served = Served::start(&place, &["--newest-api", "64"]);
    let ran = served.run(&place, &DEPLOY).exits(1);
    assert!(ran.err.contains("sf/unsupported-version"), "{}", ran.err);
    let named = "it speaks 64.0 at most, and the config pins 66.0";
    assert!(ran.err.contains(named), "{}", ran.err);
    // The way out that is named.
    let config = format!("{CONFIG}salesforce: {{ api_version: \"64.0\" }}\n");
    place.write("opencx.yaml", &config);
    let report = served.run(&place, &DEPLOY).exits(0).json();
    assert_eq!(report["status"], "deployed");
}

#[test]
fn what_the_compiler_had_not_seen_is_sent_once_more() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "compiler-behind-once"]);
    let ran = served.run(&place, &DEPLOY).exits(0);
    let report = ran.json();
    assert_eq!(report["status"], "deployed");
    assert_eq!(report["repeated"]["unseen"], "Case_From__c");
    assert!(report["repeated"]["first"].is_string(), "{report:#}");
    assert!(ran.err.contains("sending it once more"), "{}", ran.err);
    let mut statuses: Vec<String> = served.deploys().into_iter().map(|(word, _)| word).collect();
    statuses.sort();
    assert_eq!(statuses, ["Failed", "Succeeded"]);
}

#[test]
fn a_name_that_stays_unknown_is_not_tried_again() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "problem=unknown-variable"]);
    let report = served.run(&place, &DEPLOY).exits(1).json();
    assert_eq!(report["status"], "failed");
    assert_eq!(served.deploys().len(), 1);
}

/// The org's own tests fail, and with them every deletion that runs them.
#[test]
fn a_removal_that_only_tests_stop_says_whose_and_how_to_go_on() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served.run(&place, &DEPLOY).exits(0);
    drop(served);
    let served = Served::start(&place, &["--fault", "problem=storage-full"]);
    let uninstall = ["uninstall", "-o", "dev", "--yes"];
    let local = with(&uninstall, &["--test-level", "RunLocalTests"]);
    let ran = served.run(&place, &local).exits(1);
    for text in [
        "not of this package",
        "AcmeOrderTest.itWorks",
        "`--tests CLASS`",
    ] {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
    assert!(!ran.out.contains("switched off"), "{}", ran.out);
    let report = served.run(&place, &with(&uninstall, &["--json"])).exits(0);
    assert_eq!(report.json()["status"], "removed");
}
