//! What whoever gets the alarm reads: where a difference comes from, what an older config left, what the
//! org did not show, and what was asked wrongly. Through the binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

#[path = "common/served.rs"]
mod served;

use std::path::Path;

use common::{Place, Ran, root};
use jiff::SignedDuration;
use opencx_sf::config::{Config, References, Secrets};
use opencx_sf::emulator::{EmulatedOrg, Options};
use opencx_sf::metadata::ComponentId;
use opencx_sf::package::Package;
use opencx_sf::render::render;
use opencx_sf::template::Catalog;
use serde_json::Value;
use served::Served;

const DEPLOY: [&str; 5] = ["deploy", "-o", "local", "--test-level", "NoTestRun"];
const DRIFT: [&str; 4] = ["drift", "-o", "local", "--json"];

fn deployed() -> Place {
    let place = Place::minimal();
    place.run(&DEPLOY).exits(0);
    place
}

fn org(place: &Place) -> EmulatedOrg {
    open(&place.path().join(".opencx/emulator/local"))
}

fn open(state: &Path) -> EmulatedOrg {
    EmulatedOrg::open(state, &Options::default()).unwrap()
}

fn id(text: &str) -> ComponentId {
    text.parse().unwrap()
}

/// Rows of a report that are not "same".
fn rows(report: &Value) -> Vec<&Value> {
    let rows = report["components"].as_array().unwrap().iter();
    rows.filter(|row| row["kind"] != "same").collect()
}

/// `component kind cause` of each of them.
fn told(report: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = |row: &Value| {
        let cause = &row["cause"]["kind"];
        [&row["component"], &row["kind"], cause].map(word).join(" ")
    };
    rows(report).into_iter().map(row).collect()
}

struct NoReferences;

impl References for NoReferences {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// What the config of the place asks for, resolved.
fn package(place: &Place) -> Package {
    let text = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let config = Config::parse(Path::new("opencx.yaml"), &text).unwrap();
    let target = config.target("local", &NoReferences, Secrets::Required);
    let package = render(&target.unwrap().integration, &Catalog::embedded());
    package.unwrap().resolved().unwrap()
}

#[test]
fn an_edit_in_setup_is_told_from_a_deploy_and_an_older_release() {
    let place = deployed();
    let mut org = org(&place);
    let package = package(&place);
    // Somebody deploys one class with another tool.
    let log = id("ApexClass:OpenCxLog");
    let mut other = package.clone();
    other.components.retain(|id, _| *id == log);
    other.secrets.clear();
    let edited = other.components.get_mut(&log).unwrap();
    edited.source = Some(
        edited
            .source
            .clone()
            .unwrap()
            .replace("'OpenCX: '", "'Ours: '"),
    );
    assert_eq!(
        org.install(&other.zip().unwrap()).unwrap(),
        Vec::<String>::new()
    );
    // Dana saves one in Setup, and sets the API version of another.
    let mailer = id("ApexClass:OpenCxMailer");
    org.replace_in_source(
        &mailer,
        "class OpenCxMailer",
        "class /* x */ OpenCxMailer",
        "Dana Admin",
    )
    .unwrap();
    org.set_field(
        &id("ApexClass:OpenCxAccess"),
        "apiVersion",
        "60.0",
        "Dana Admin",
    )
    .unwrap();
    // An older release wrote one.
    let webhook = id("ApexClass:OpenCxWebhook");
    let source = package.components[&webhook].source.clone().unwrap();
    let before = opencx_sf::apex::digest(&source);
    let source = source.replace("class OpenCxWebhook", "class /* as it was */ OpenCxWebhook");
    let older = source
        .replacen(&before, &opencx_sf::apex::digest(&source), 1)
        .replacen(" version=1 ", " version=0 ", 1);
    assert!(older.contains(" version=0 "), "{older}");
    org.edit_source(&webhook, &older, "Local Admin").unwrap();

    let ran = place.run(&DRIFT).exits(2);
    let report = ran.json();
    assert_eq!(
        told(&report),
        [
            "ApexClass:OpenCxAccess edited-by-hand hand-edit",
            "ApexClass:OpenCxLog edited-by-hand other-deployer",
            "ApexClass:OpenCxMailer edited-by-hand hand-edit",
            "ApexClass:OpenCxWebhook older older-release",
        ]
    );
    let rows = rows(&report);
    assert!(
        rows[1]["cause"]["evidence"]
            .as_str()
            .unwrap()
            .starts_with("deploy 0Af"),
        "{}",
        rows[1]
    );
    assert_eq!(rows[2]["modified"]["by"], "Dana Admin");
    assert_eq!(rows[2]["written"]["template"], "classes/OpenCxMailer.cls");
    assert_eq!(rows[3]["written"]["version"], 0);
    let schema: Value =
        serde_json::from_str(&place.run(&["schema", "drift"]).exits(0).out).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&report), "{report:#}");

    let human = place.run(&["drift", "-o", "local"]).exits(2).out;
    for part in [
        "by Dana Admin on 20",
        "; until then version 1 of ours",
        "template version 0, this release writes 1",
        "looks like a deploy by another tool: deploy 0Af",
    ] {
        assert!(human.contains(part), "{part}: {human}");
    }
}

/// Its id, and the dates that came with the copy.
#[test]
fn a_refreshed_sandbox_is_called_one() {
    let place = Served::place();
    let served = Served::start(&place, &["--org-kind", "sandbox"]);
    served
        .run(
            &place,
            &["deploy", "-o", "dev", "--test-level", "NoTestRun"],
        )
        .exits(0);
    let state = place.path().join("served");
    let mut org = open(&state);
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();

    // The pinned id is that of the sandbox before.
    place.write(
        "opencx.yaml",
        &config.replace("{ auth: env }", "{ auth: env, org_id: 00D000000000062EAA }"),
    );
    let ran = served.run(&place, &["drift", "-o", "dev"]).exits(5);
    for part in [
        "guard/wrong-org",
        "a sandbox gets another id when it is refreshed; the sandbox that you are logged in to was made on 20",
        &format!("write `org_id: {}` under `orgs.dev`", org.org_id().unwrap()),
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(!ran.out.contains("none:"), "{}", ran.out);

    // With the new id: everything is as it was in production, and older than the sandbox.
    let wanted = config.replace(
        "{ auth: env }",
        &format!("{{ auth: env, org_id: {} }}", org.org_id().unwrap()),
    );
    place.write("opencx.yaml", &wanted.replace("support@", "uat@"));
    let report = served
        .run(&place, &["drift", "-o", "dev", "--json"])
        .exits(2)
        .json();
    assert!(!rows(&report).is_empty());
    for row in told(&report) {
        assert!(row.ends_with(" changed other-config"), "{row}");
    }
    for row in report["components"].as_array().unwrap() {
        let component = id(row["component"].as_str().unwrap());
        org.age(&component, SignedDuration::from_hours(24)).unwrap();
    }
    let report = served
        .run(&place, &["drift", "-o", "dev", "--json"])
        .exits(2)
        .json();
    for row in told(&report) {
        assert!(row.ends_with(" changed sandbox-refresh"), "{row}");
    }
    // What somebody did since is theirs.
    org.set_trigger_status("CaseTrigger", false, "Dana Admin")
        .unwrap();
    let report = served
        .run(&place, &["drift", "-o", "dev", "--json"])
        .exits(2)
        .json();
    assert!(
        told(&report).contains(&"ApexTrigger:CaseTrigger inactive hand-edit".to_owned()),
        "{:?}",
        told(&report)
    );
}

#[test]
fn what_an_older_config_left_is_found_whatever_its_type() {
    let text = std::fs::read_to_string(root().join("examples/minimal/opencx.yaml")).unwrap();
    let more = "\nexternal_client_app: { contact_email: admin@acme.example, require_pkce: false }\n\
                \nemail_cases:\n  named_credential: secured_endpoint\n  runtime_settings: true\n  \
                webhook: { async_context: event }\n";
    let place = Place::with_config(&text.replace("\nemail_cases:\n", more));
    place.run(&DEPLOY).exits(0);
    place.run(&DRIFT).exits(0);
    place.write("opencx.yaml", &text);
    let report = place.run(&DRIFT).exits(2).json();
    let left: Vec<String> = told(&report)
        .into_iter()
        .filter(|row| row.contains(" leftover "))
        .collect();
    for component in [
        "CustomObject:OpenCX_Case_Event__e",
        "CustomObject:OpenCX_Setting__mdt",
        "ExternalCredential:OpenCX_Webhook",
        "PermissionSet:OpenCX_Webhook_Access",
        "ApexTrigger:OpenCxCaseEventTrigger",
        "ApexClass:OpenCxRuntimeSettings",
        "ExternalClientApplication:OpenCX",
    ] {
        let row = format!("{component} leftover other-config");
        assert!(left.contains(&row), "{row}: {left:#?}");
    }
}

/// Exit code 3, and what differs beside it is told all the same.
#[test]
fn what_the_org_did_not_show_is_never_clean_and_hides_nothing() {
    let place = deployed();
    let mut org = org(&place);
    org.edit_source(&id("ApexClass:OpenCxLog"), "(hidden)", "Dana Admin")
        .unwrap();
    let ran = place.run(&["drift", "-o", "local"]).exits(3);
    assert!(
        ran.out
            .contains("cannot be told: 1 of 39 components could not be read"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("belongs to a managed package"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("none:"), "{}", ran.out);

    org.set_trigger_status("CaseTrigger", false, "Dana Admin")
        .unwrap();
    let report = place.run(&DRIFT).exits(3).json();
    assert_eq!(report["status"], "undetermined");
    assert_eq!(
        told(&report),
        [
            "ApexClass:OpenCxLog unreadable -",
            "ApexTrigger:CaseTrigger inactive hand-edit"
        ]
    );
    let ran = place.run(&["drift", "-o", "local"]).exits(3);
    assert!(
        ran.out
            .contains("1 of 39 components differ, 1 could not be read"),
        "{}",
        ran.out
    );

    // No rule makes it clean.
    let text = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let rule = "drift: { ignore: [ { component: \"*\", reason: quiet } ] }\n";
    place.write("opencx.yaml", &format!("{text}{rule}"));
    place.run(&["drift", "-o", "local"]).exits(3);
    place.run(&["plan", "-o", "local"]).exits(3);
}

/// A silent gap in what the org returns.
#[test]
fn a_component_that_the_org_passes_over_is_not_missing() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served
        .run(
            &place,
            &["deploy", "-o", "dev", "--test-level", "NoTestRun"],
        )
        .exits(0);
    drop(served);
    let served = Served::start(&place, &["--fault", "hide-component=ApexClass:OpenCxLog"]);
    let report = served
        .run(&place, &["drift", "-o", "dev", "--json"])
        .exits(3)
        .json();
    assert_eq!(told(&report), ["ApexClass:OpenCxLog unreadable -"]);
}

/// One finding, with that code and no report.
#[track_caller]
fn one_finding(ran: &Ran, code: &str) {
    assert_eq!(ran.err.matches("error[").count(), 1, "{}", ran.err);
    assert!(ran.err.contains(&format!("error[{code}]")), "{}", ran.err);
    assert!(ran.err.contains("help:"), "{}", ran.err);
    assert!(!ran.out.contains("Drift"), "{}", ran.out);
}

#[test]
fn what_is_asked_wrongly_is_one_finding_and_nothing_is_read() {
    let place = Place::minimal();
    let ran = place.run(&["drift", "-o", "locla"]).exits(65);
    one_finding(&ran, "config/unknown-org");
    assert!(ran.err.contains("did you mean `local`?"), "{}", ran.err);
    one_finding(
        &place.run(&["drift", "-o", "ap-*"]).exits(64),
        "fleet/empty-selection",
    );

    let text = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let pinned = "org_id: 00D000000000062EAA";
    let twice = text
        .replace("  local:\n", &format!("  local:\n    {pinned}\n"))
        .replace("  sandbox:\n", &format!("  sandbox:\n    {pinned}\n"));
    let two = Place::with_config(&twice);
    let ran = two.run(&["drift", "-o", "local"]).exits(65);
    one_finding(&ran, "config/same-org-id");
    assert!(ran.err.contains("`local` and `sandbox`"), "{}", ran.err);

    let place = Place::minimal();
    place.write("taken", "a file, and no folder\n");
    let ran = place
        .run(&["drift", "-o", "local", "--output", "junit=taken/drift.xml"])
        .exits(1);
    one_finding(&ran, "cli/not-written");
    let ran = place
        .run(&["drift", "-o", "local", "--output", "junit=a.xml,html=a.xml"])
        .exits(64);
    one_finding(&ran, "cli/same-output");
    assert!(!place.path().join(".opencx/emulator/local").exists());
}
