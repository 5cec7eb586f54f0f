//! One fault in an org, and what doctor makes of it; the words are those that an admin reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod announcements;
#[path = "../common/mod.rs"]
mod common;
mod connection;
mod conversation;
#[cfg(feature = "dns")]
mod dns;
mod inbound;
mod outbound;
mod outputs;
mod rights;
#[path = "../common/served.rs"]
mod served;
mod webhook;

use std::path::PathBuf;
use std::sync::OnceLock;

use common::Place;
use opencx_sf::emulator::{Condition, EmulatedOrg, Options};
use opencx_sf::metadata::{ComponentId, MetadataType};
use serde_json::{Map, Value, json};

/// A local org with everything in place: deployed once, and copied for each test.
fn healthy() -> Place {
    static ONE: OnceLock<Place> = OnceLock::new();
    let one = ONE.get_or_init(|| {
        let place = Place::minimal();
        place.run(&["deploy", "-o", "local", "-q"]).exits(0);
        place.run(&["emulator", "finish-setup", "-q"]).exits(0);
        place
    });
    copied(one, &minimal())
}

fn minimal() -> String {
    std::fs::read_to_string(common::root().join("examples/minimal/opencx.yaml")).unwrap()
}

/// A local org like that one, with that config.
fn copied(one: &Place, config: &str) -> Place {
    let place = Place::with_config(config);
    let (from, to) = (state(one), state(&place));
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    place
}

fn state(place: &Place) -> PathBuf {
    place.path().join(".opencx/emulator/local")
}

fn org(place: &Place) -> EmulatedOrg {
    EmulatedOrg::open(&state(place), &Options::default()).unwrap()
}

fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The codes of what failed, in order.
fn causes(report: &Value) -> Vec<&str> {
    of(report, "failed")
}

fn of<'a>(report: &'a Value, verdict: &str) -> Vec<&'a str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["verdict"] == verdict)
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

fn found<'a>(report: &'a Value, code: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["code"] == code).unwrap()
}

/// Doctor's report on that symptom.
#[track_caller]
fn examined(place: &Place, symptom: &str, exit: i32) -> Value {
    let ran = place
        .run(&["doctor", symptom, "-o", "local", "--json"])
        .exits(exit);
    assert!(!ran.out.contains("local-demo"), "{}", ran.out);
    ran.json()
}

/// The findings that failed, when doctor is run with these arguments.
#[track_caller]
fn causes_of(place: &Place, args: &[&str], expected: &[&str]) -> Value {
    let mut all = vec!["doctor", "-o", "local", "--json"];
    all.extend(args);
    let ran = place.run(&all).exits(1);
    assert!(!ran.out.contains("t0ken"), "{}", ran.out);
    let report = ran.json();
    assert_eq!(causes(&report), expected, "{report:#}");
    report
}

#[track_caller]
fn one_cause(place: &Place, symptom: &str, code: &str) -> Value {
    let report = examined(place, symptom, 1);
    assert_eq!(causes(&report), [code], "{report:#}");
    found(&report, code).clone()
}

const CASE_TRIGGER: &str = "CaseTrigger";

const SENDER: &str = "OpenCxOutboundEmailSender";

fn trigger(name: &str) -> ComponentId {
    ComponentId::new(MetadataType::ApexTrigger, name)
}

/// A job of ours, as the platform writes it.
fn job(org: &mut EmulatedOrg, class: &str, status: &str, message: &str) {
    let id = org
        .record_id(&ComponentId::new(MetadataType::ApexClass, class))
        .unwrap();
    org.add_record(
        "AsyncApexJob",
        fields(&json!({
            "ApexClassId": id, "Status": status, "JobType": "Queueable", "ExtendedStatus": message,
        })),
    )
    .unwrap();
}

fn received(org: &mut EmulatedOrg, case: &str, subject: &str, body: &str) {
    org.add_record(
        "EmailMessage",
        fields(&json!({
            "ParentId": case, "Incoming": true, "Status": "0", "Subject": subject, "TextBody": body,
        })),
    )
    .unwrap();
}

#[test]
fn a_healthy_org_has_no_finding_and_a_fresh_one_says_what_is_left() {
    let place = Place::minimal();
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    let report = place
        .run(&["doctor", "-o", "local", "--json"])
        .exits(1)
        .json();
    assert_eq!(
        causes(&report),
        ["doctor/attribution", "doctor/routing-address"]
    );
    place.run(&["emulator", "finish-setup", "-q"]).exits(0);
    let ran = place.run(&["doctor", "-o", "local", "-v"]).exits(0);
    assert!(ran.out.contains("everything that an API shows is in order"));
    assert!(ran.out.contains("9 HTTP requests"), "{}", ran.out);
}

#[test]
fn what_the_org_does_not_show_is_not_green() {
    let place = healthy();
    org(&place)
        .set_conditions(&[Condition::EmailToCaseOff])
        .unwrap();
    let report = examined(&place, "replies never reach", 1);
    assert_eq!(causes(&report), ["doctor/email-to-case"]);
    // Without the variable the URL can't be compared.
    let place = Place::with_config(
        "version: 1
email_cases:
  webhook_url: ${env:OPENCX_WEBHOOK_URL}
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
  local: { emulator: {} }
",
    );
    let deployed = place
        .command(&["deploy", "-o", "local", "-q"])
        .env(
            "OPENCX_WEBHOOK_URL",
            "https://opencx.invalid/webhook/local-demo",
        )
        .output()
        .unwrap();
    assert!(deployed.status.success());
    let report = examined(&place, "no case appears", 3);
    assert_eq!(of(&report, "unknown"), ["doctor/webhook-url"]);
}

#[test]
fn words_that_fit_nothing_or_too_much_are_answered_with_the_list() {
    let place = Place::minimal();
    let ran = place
        .run(&["doctor", "the weather", "-o", "local"])
        .exits(64);
    assert!(
        ran.err.contains("known: ") && ran.err.contains("never-received"),
        "{}",
        ran.err
    );
    let ran = place.run(&["doctor", "--list"]).exits(0);
    assert!(ran.out.contains("duplicate-case"));
}

#[test]
fn what_is_not_looked_at_is_said_and_never_green() {
    let place = healthy();
    let ran = place
        .run(&["doctor", "routing attributes missing", "-o", "local", "-q"])
        .exits(3);
    assert!(
        ran.out.contains("the config has no `live_messaging`"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("Setup  Setup > Messaging Settings"),
        "{}",
        ran.out
    );
}
