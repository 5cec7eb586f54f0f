//! Results that no guide shows: rows without names, texts without end, dates from nowhere, ends that
//! contradict each other. The real binary says of each what is so, and no more.

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

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use common::{Place, Ran};
use serde_json::{Value, json};
use served::{CONFIG, Served};
use wire::{Fate, Wire};

/// Without Apex tests: how they run is no matter here.
const DEPLOY: [&str; 5] = ["deploy", "-o", "dev", "--test-level", "NoTestRun"];

const STATUS: &str = "/metadata/deployRequest/";

fn through(wire: &Wire, served: &Served, place: &Place, args: &[&str]) -> Ran {
    let ran: Ran = place
        .command(args)
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .output()
        .unwrap()
        .into();
    for text in [&ran.out, &ran.err] {
        assert!(
            !text.contains("c4nary") && !text.contains(&served.token),
            "{text}"
        );
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
    }
    ran
}

/// A wire on which results are edited, the last of each deploy and those before it.
fn edited(served: &Served, edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Wire {
    let change = move |line: &str, body: String| {
        if !(line.starts_with("GET ") && line.contains(STATUS)) {
            return body;
        }
        let mut answer: Value = serde_json::from_str(&body).unwrap();
        edit(&mut answer["deployResult"]);
        answer.to_string()
    };
    Wire::changing(&served.instance_url, |_| Fate::Pass, change)
}

/// A deploy whose result is edited when it is there.
fn deploy(more: &[&str], edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Ran {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let wire = edited(&served, move |result| {
        if result["done"] == true {
            edit(result);
        }
    });
    through(&wire, &served, &place, &[&DEPLOY, more].concat())
}

fn failed(result: &mut Value) {
    result["status"] = "Failed".into();
    result["success"] = false.into();
}

#[test]
fn what_an_org_leaves_out_or_says_twice_of_a_failure() {
    let long = format!("before \u{1b}[2J\u{202e}{} after", "x".repeat(1 << 20));
    let ran = deploy(&[], move |result| {
        failed(result);
        let nameless = json!({"componentType": "ApexClass", "fullName": "OpenCxAccess"});
        result["details"]["componentFailures"] = json!([
            {"componentType": "ApexClass", "fullName": "AcmeOrders", "problem": "theirs"},
            nameless,
            nameless,
            {"componentType": "CustomField", "fullName": "Case.Case_From__c", "problem": long},
        ]);
        result["details"]["componentSuccesses"] = json!([
            {"componentType": "ApexClass", "fullName": "OpenCxAccess", "success": true,
             "problemType": "Warning", "problem": "is old"},
        ]);
    });
    let out = ran.exits(1).out;
    let said = "✗ ApexClass:OpenCxAccess: the org gave no reason";
    assert_eq!(out.matches(said).count(), 1, "{out}");
    // It failed, so that it was taken with a remark is not said.
    assert!(!out.contains("is old"), "{out}");
    let at = |text: &str| out.find(text).unwrap_or_else(|| panic!("{text} in {out}"));
    let apart = at("of what the org has of its own, not of this package:");
    assert!(at(said) < apart && at("CustomField:Case.Case_From__c") < apart);
    assert!(apart < at("ApexClass:AcmeOrders: theirs"));
    // A megabyte is cut, and what steers a terminal is gone.
    assert!(out.contains("before [2J xxxx"), "{}", &out[..2_000]);
    assert!(
        !out.contains("after") && out.len() < 30_000,
        "{}",
        out.len()
    );
}

#[test]
fn warnings_alone_are_shown_and_change_nothing() {
    let remark = |result: &mut Value| {
        let rows = result["details"]["componentSuccesses"]
            .as_array_mut()
            .unwrap();
        rows.push(
            json!({"componentType": "ApexClass", "fullName": "OpenCxAccess", "success": true,
                         "problemType": "Warning", "problem": "API version is old"}),
        );
    };
    let out = deploy(&[], remark).exits(0).out;
    assert!(
        out.contains("! ApexClass:OpenCxAccess: API version is old"),
        "{out}"
    );
    let report = deploy(&["--json"], remark).exits(0).json();
    assert_eq!(report["status"], "deployed");
    assert_eq!(report["warnings"][0]["text"], "API version is old");
}

#[test]
fn coverage_alone_is_the_reason() {
    let ran = deploy(&["--json"], |result| {
        failed(result);
        result["details"]["runTestResult"]["codeCoverageWarnings"] = json!([{
            "name": "OpenCxAccess",
            "message": "Test coverage of selected Apex Class is 61%, at least 75% test coverage is required"
        }]);
    });
    let report = ran.exits(1).json();
    let problem = &report["problems"][0];
    assert_eq!(problem["about"], "coverage", "{report:#}");
    assert_eq!(problem["component"], "OpenCxAccess");
    assert!(
        problem["text"].as_str().unwrap().contains("61%"),
        "{problem}"
    );
}

/// What production would refuse is told in any org, class by class; what has no lines is covered.
#[test]
fn too_little_coverage_of_one_class_is_told_before_production_tells() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let wire = edited(&served, |result| {
        if result["done"] == true {
            let run = &mut result["details"]["runTestResult"];
            run["numTestsRun"] = 9.into();
            run["numFailures"] = 0.into();
            run["codeCoverageWarnings"] = json!([]);
            run["codeCoverage"] = json!([
                {"name": "OpenCxAccess", "numLocations": 100, "numLocationsNotCovered": 26},
                {"name": "OpenCxRetryAfter", "numLocations": 0, "numLocationsNotCovered": 0},
                {"name": "OpenCxLog", "numLocations": 2000, "numLocationsNotCovered": 10},
            ]);
        }
    });
    let deploy = [
        "deploy",
        "-o",
        "dev",
        "--json",
        "--test-level",
        "RunLocalTests",
    ];
    let report = through(&wire, &served, &place, &deploy).exits(1).json();
    assert_eq!(report["status"], "coverage-too-low");
    let message = report["coverage"]["message"].as_str().unwrap();
    assert!(
        message.ends_with("each class and trigger: OpenCxAccess 74 %"),
        "{message}"
    );
}

#[test]
fn a_part_is_told_from_the_whole_by_reading_it() {
    let place = Served::place();
    let lost = "lose-component=PermissionSet:OpenCX_Integration";
    let served = Served::start(&place, &["--fault", lost]);
    let wire = edited(&served, |result| {
        if result["done"] == true {
            result["status"] = "SucceededPartial".into();
        }
    });
    let out = through(&wire, &served, &place, &DEPLOY).exits(1).out;
    for text in [
        "succeeded in part",
        "the org took a part of it; what it holds now is below",
        "✗ PermissionSet    OpenCX_Integration  missing",
    ] {
        assert!(out.contains(text), "{text} in {out}");
    }
    let read = out
        .lines()
        .find(|line| line.contains("read back and equal"));
    let words: Vec<&str> = read.unwrap().split_whitespace().collect();
    let number = |word: &str| word.parse::<u32>().ok();
    let counted: Vec<u32> = words.into_iter().filter_map(number).collect();
    assert_eq!(counted[0] + 1, counted[1], "{out}");
}

/// A deploy that isn't over when its time is.
#[test]
fn an_org_that_has_not_finished_has_not_failed() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "pending-for-ever"]);
    let ran = served.run(&place, &[&DEPLOY[..], &["--wait", "0"]].concat());
    let ran = ran.exits(3);
    let id = &served.tooling_query("SELECT Id FROM DeployRequest")[0]["Id"];
    let id = id.as_str().unwrap();
    for text in [
        format!("error[deploy/contact-lost]: the org has not finished deploy {id} yet"),
        "waiting in the org's queue".to_owned(),
        format!("opencx-sf report {id} --target-org dev"),
    ] {
        assert!(ran.err.contains(&text), "{text} in {}", ran.err);
    }
    assert!(!ran.err.contains("failed") && !ran.out.contains("failed"));
    assert_eq!(served.deploys().len(), 1);
}

#[test]
fn maintenance_while_the_org_works_is_called_so() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "maintenance-status"]);
    let ran = served.run(&place, &[&DEPLOY[..], &["--wait", "0"]].concat());
    let ran = ran.exits(3);
    for text in [
        "error[deploy/contact-lost]: contact with the org was lost while deploy 0Af",
        "note: the org is in maintenance (HTTP 503)",
        "note: <html><body>We are down for maintenance.",
        "opencx-sf report 0Af",
        "https://status.salesforce.com",
    ] {
        assert!(ran.err.contains(text), "{text} in {}", ran.err);
    }
}

#[test]
fn progress_does_not_run_back() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let looks = AtomicU32::new(0);
    let counts = [(9, 40), (4, 40), (20, 0)];
    let wire = edited(&served, move |result| {
        let look = looks.fetch_add(1, Ordering::SeqCst) as usize;
        if let Some((done, of)) = counts.get(look) {
            result["done"] = false.into();
            result["status"] = "InProgress".into();
            result["numberComponentsDeployed"] = (*done).into();
            result["numberComponentsTotal"] = (*of).into();
        }
    });
    let ran = through(&wire, &served, &place, &DEPLOY).exits(0);
    for text in [
        "in progress: 9/40 components",
        "in progress: 20/20 components",
    ] {
        assert!(ran.err.contains(text), "{text} in {}", ran.err);
    }
    assert!(!ran.err.contains(": 4/40"), "{}", ran.err);
}

#[test]
fn a_word_that_nobody_knows_is_shown_while_it_is_waited_for() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "unknown-status-word"]);
    let ran = served.run(&place, &DEPLOY).exits(0);
    assert!(ran.err.contains("Dreaming: 0/"), "{}", ran.err);
}

#[test]
fn dates_that_cannot_be_read_are_shown_as_they_are() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "odd-dates"]);
    served.run(&place, &DEPLOY).exits(0);
    let report = ["report", "-o", "dev"];
    let out = served.run(&place, &report).exits(0).out;
    assert!(out.contains("Local Admin on the day before 2026-"), "{out}");
    assert!(!out.contains(" in "), "{out}");
    drop(served);
    // An end before the start is no duration.
    let served = Served::start(&place, &[]);
    let wire = edited(&served, |result| {
        result["startDate"] = "2026-01-02T03:04:05.000+0000".into();
        result["completedDate"] = "2026-01-01T03:04:05.000+0000".into();
    });
    let out = through(&wire, &served, &place, &report).exits(0).out;
    assert!(out.contains("succeeded  0Af"), "{out}");
}

#[test]
fn a_deploy_that_the_org_forgot_is_explained() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    for command in ["report", "cancel"] {
        let ran = served.run(&place, &[command, "0Af00000000zzzzAAA", "-o", "dev"]);
        let err = ran.err.clone();
        assert!(
            err.contains("the org shows no deploy 0Af00000000zzzzAAA"),
            "{err}"
        );
        assert!(err.contains("keeps a deploy for 30 days"), "{err}");
        assert!(err.contains("that it is this org's"), "{err}");
        ran.exits(1);
    }
}

#[test]
fn an_id_of_fifteen_characters_is_as_good() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let change = |line: &str, body: String| {
        if !line.contains("/metadata/deployRequest") {
            return body;
        }
        let mut answer: Value = serde_json::from_str(&body).unwrap();
        for id in ["/id", "/deployResult/id"] {
            if let Some(Value::String(id)) = answer.pointer_mut(id) {
                id.truncate(15);
            }
        }
        answer.to_string()
    };
    let wire = Wire::changing(&served.instance_url, |_| Fate::Pass, change);
    let deploy = [&DEPLOY[..], &["--json"]].concat();
    let ran = through(&wire, &served, &place, &deploy).exits(0);
    let report = ran.json();
    assert_eq!(report["status"], "deployed");
    assert_eq!(report["deploy"]["id"].as_str().unwrap().len(), 15);
    // It is taken as it is: nothing has to be looked for.
    assert!(!ran.err.contains("looking in the org"), "{}", ran.err);
    assert_eq!(served.deploys(), [("Succeeded".to_owned(), false)]);
    // The journal has the short one, the org the long one.
    let report = served.run(&place, &["report", "-o", "dev", "--json"]);
    assert_eq!(report.exits(0).json()["status"], "succeeded");
}

/// Another machine, and no journal.
#[test]
fn a_deploy_is_followed_and_stopped_by_its_id_from_anywhere() {
    let (place, elsewhere) = (Served::place(), Served::place());
    let served = Served::start(&place, &["--condition", "deploy-queue-busy"]);
    let left = served.run(&place, &[&DEPLOY[..], &["--async", "--json"]].concat());
    let id = left.exits(0).json()["running"].as_str().unwrap().to_owned();
    let report = ["report", &id, "-o", "dev", "--json"];
    let seen = served.run(&elsewhere, &report).exits(3).json();
    assert_eq!(seen["deploy"]["id"], id.as_str());
    let cancel = ["cancel", &id, "-o", "dev", "--json"];
    let canceled = served.run(&elsewhere, &cancel).exits(0).json();
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(
        served.run(&elsewhere, &report).exits(1).json()["status"],
        "canceled"
    );
}

/// An org below API 65 that says "canceled" and has committed all of it: its PATCH arrives as a look.
fn cancels_and_keeps(served: &Served) -> Wire {
    let fate = |line: &str| match line.starts_with("PATCH ") {
        true => Fate::Instead("GET"),
        false => Fate::Pass,
    };
    let asked = AtomicBool::new(false);
    let change = move |line: &str, body: String| {
        if !line.contains(STATUS) {
            return body;
        }
        let mut answer: Value = serde_json::from_str(&body).unwrap();
        let result = &mut answer["deployResult"];
        if line.starts_with("PATCH ") {
            asked.store(true, Ordering::SeqCst);
            result["status"] = "Canceling".into();
            result["done"] = false.into();
        } else if asked.load(Ordering::SeqCst) && result["done"] == true {
            result["status"] = "Canceled".into();
            result["success"] = false.into();
        }
        answer.to_string()
    };
    Wire::changing(&served.instance_url, fate, change)
}

fn below_65() -> Place {
    let place = Served::place();
    place.write(
        "opencx.yaml",
        &format!("{CONFIG}salesforce: {{ api_version: \"64.0\" }}\n"),
    );
    place
}

#[test]
fn what_an_org_calls_canceled_and_holds_is_told() {
    let place = below_65();
    let served = Served::start(&place, &[]);
    served
        .run(&place, &[&DEPLOY[..], &["--async"]].concat())
        .exits(0);
    let wire = cancels_and_keeps(&served);
    let cancel = ["cancel", "-o", "dev"];
    let ran = through(&wire, &served, &place, &cancel).exits(1);
    let expected = "canceled, and holds all of it";
    assert!(ran.err.contains(expected), "{}", ran.err);
    assert!(
        ran.err.contains("warning[deploy/canceled-in-doubt]"),
        "{}",
        ran.err
    );
    assert!(
        !ran.out.contains("nothing of it is in the org"),
        "{}",
        ran.out
    );

    // Where nobody knows what was sent, nobody knows whether it is there.
    let (place, elsewhere) = (below_65(), below_65());
    let served = Served::start(&place, &[]);
    let left = served.run(&place, &[&DEPLOY[..], &["--async", "--json"]].concat());
    let id = left.exits(0).json()["running"].as_str().unwrap().to_owned();
    let wire = cancels_and_keeps(&served);
    let cancel = ["cancel", &id, "-o", "dev"];
    let ran = through(&wire, &served, &elsewhere, &cancel).exits(3);
    assert!(
        ran.err.contains("not known here whether it kept it"),
        "{}",
        ran.err
    );
}

/// The same under a deploy that somebody cancels elsewhere.
#[test]
fn a_deploy_that_was_canceled_in_doubt_is_read_back() {
    for (config, read_back) in [("64.0", true), ("66.0", false)] {
        let place = Served::place();
        let config = format!("{CONFIG}salesforce: {{ api_version: \"{config}\" }}\n");
        place.write("opencx.yaml", &config);
        let served = Served::start(&place, &[]);
        let wire = edited(&served, |result| {
            if result["done"] == true {
                result["status"] = "Canceled".into();
                result["success"] = false.into();
            }
        });
        let out = through(&wire, &served, &place, &DEPLOY).exits(1).out;
        let doubt = "below API 65 an org may have kept it: what it holds is below";
        assert_eq!(out.contains(doubt), read_back, "{out}");
        assert_eq!(out.contains("read back and equal"), read_back, "{out}");
        assert_eq!(out.contains("the org is as it was"), !read_back, "{out}");
    }
}

#[test]
fn a_validation_that_was_made_real_is_not_made_real_again() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served
        .run(&place, &["deploy", "-o", "dev", "--dry-run"])
        .exits(0);
    let quick = ["deploy", "-o", "dev", "--json", "--quick"];
    served.run(&place, &quick).exits(0);
    // Somebody takes a part of it away, so that there is something to deploy again.
    served
        .run(&place, &["uninstall", "-o", "dev", "--yes"])
        .exits(0);
    let ran = served.run(&place, &quick).exits(5);
    assert!(
        ran.err.contains("error[guard/no-validation]"),
        "{}",
        ran.err
    );
    let real = served.deploys().into_iter().filter(|(_, check)| !check);
    assert_eq!(real.count(), 2);
}

/// A deploy that does not read back, and a way back that the org refuses: both are told, and where the
/// backup lies.
#[test]
fn a_way_back_that_fails_does_not_hide_why_it_was_gone() {
    let place = Served::place();
    let lost = "lose-component=PermissionSet:OpenCX_Integration";
    let served = Served::start(&place, &["--fault", lost]);
    let deploys = AtomicU32::new(0);
    let change = move |line: &str, body: String| {
        if line.starts_with("POST ") && line.contains("/metadata/deployRequest") {
            deploys.fetch_add(1, Ordering::SeqCst);
        }
        if !(line.contains(STATUS) && deploys.load(Ordering::SeqCst) == 2) {
            return body;
        }
        let mut answer: Value = serde_json::from_str(&body).unwrap();
        let result = &mut answer["deployResult"];
        if result["done"] == true {
            failed(result);
            result["details"]["componentFailures"] = json!([
                {"componentType": "ApexClass", "fullName": "OpenCxAccess", "problem": "not now"}
            ]);
        }
        answer.to_string()
    };
    let wire = Wire::changing(&served.instance_url, |_| Fate::Pass, change);
    let undo = [&DEPLOY[..], &["--rollback-on-verify-failure"]].concat();
    let out = through(&wire, &served, &place, &undo).exits(1).out;
    for text in [
        "38 of 39 components read back and equal",
        "✗ PermissionSet    OpenCX_Integration  missing",
        "✗ ApexClass:OpenCxAccess: not now",
        "Backup     .opencx/backups/",
    ] {
        assert!(out.contains(text), "{text} in {out}");
    }
    assert_eq!(served.deploys().len(), 2);
}

/// Somebody else was faster.
#[test]
fn a_removal_of_what_is_gone_is_a_note_and_no_failure() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served.run(&place, &DEPLOY).exits(0);
    let wire = edited(&served, |result| {
        if let Some(rows) = result["details"]["componentSuccesses"].as_array_mut() {
            rows.push(
                json!({"componentType": "", "fullName": "OpenCxLog", "success": true,
                             "fileName": "destructiveChanges.xml", "problemType": "Warning",
                             "problem": "No ApexClass named: OpenCxLog found"}),
            );
        }
    });
    let uninstall = ["uninstall", "-o", "dev", "--yes"];
    let out = through(&wire, &served, &place, &uninstall).exits(0).out;
    assert!(out.contains("No ApexClass named: OpenCxLog found"), "{out}");
    assert!(out.contains("none of them is in the org"), "{out}");
}
