//! `drift --adopt`: what the org holds goes into the files, and then nothing differs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::{Place, Ran};

const ADOPT: [&str; 4] = ["drift", "-o", "local", "--adopt"];

fn deployed() -> Place {
    let place = Place::minimal();
    place.run(&["deploy", "-o", "local"]).exits(0);
    place
}

fn edit(place: &Place, component: &str, from: &str, to: &str) {
    let args = [
        "emulator",
        "edit-source",
        component,
        "--from",
        from,
        "--to",
        to,
    ];
    place.run(&args).exits(0);
}

fn config(place: &Place) -> String {
    std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap()
}

fn adopt(place: &Place, more: &[&str]) -> Ran {
    let args: Vec<&str> = ADOPT.iter().chain(more).copied().collect();
    place.run(&args)
}

#[test]
fn a_value_is_shown_then_written_at_its_line_and_drift_is_clean() {
    let place = deployed();
    let before = config(&place);
    edit(
        &place,
        "ApexClass:OpenCxSenderIdentity",
        "support@acme.example",
        "care@acme.example",
    );

    let shown = adopt(&place, &[]).exits(2);
    assert!(
        shown
            .out
            .contains("orgs.local.email_cases.reply_to: support@acme.example → care@acme.example"),
        "{}",
        shown.out
    );
    assert!(shown.err.contains("Nothing was written"), "{}", shown.err);
    assert_eq!(config(&place), before);

    let written = adopt(&place, &["--yes"]).exits(0);
    assert!(
        written
            .out
            .contains("what is rendered now is what the org holds"),
        "{}",
        written.out
    );
    // The config has other orgs, so the value goes into this one's block.
    let expected = before.replace(
        "emulator: {}\n    email_cases:\n",
        "emulator: {}\n    email_cases:\n      reply_to: care@acme.example\n",
    );
    assert_eq!(config(&place), expected);
    assert!(!place.path().join("templates").exists());
    place.run(&["drift", "-o", "local"]).exits(0);
    place.run(&["verify", "-o", "local"]).exits(0);
}

#[test]
fn an_edit_becomes_a_template_and_a_second_one_replaces_it_only_when_asked() {
    let place = deployed();
    edit(
        &place,
        "ApexClass:OpenCxLog",
        "class OpenCxLog",
        "class /* {{ Dana }} */ OpenCxLog",
    );
    let written = adopt(&place, &["--yes"]).exits(0);
    assert!(
        written.out.contains("templates/classes/OpenCxLog.cls"),
        "{}",
        written.out
    );
    let own =
        || std::fs::read_to_string(place.path().join("templates/classes/OpenCxLog.cls")).unwrap();
    let first = own();
    assert!(
        config(&place).contains("\ntemplates: templates\n"),
        "{}",
        config(&place)
    );
    place.run(&["drift", "-o", "local"]).exits(0);
    place.run(&["lint"]).exits(0);
    // The config still decides: a deploy of it brings nothing back.
    place.run(&["deploy", "-o", "local"]).exits(0);
    place.run(&["drift", "-o", "local"]).exits(0);

    edit(&place, "ApexClass:OpenCxLog", "Dana", "Ben");
    let refused = adopt(&place, &["--yes"]).exits(5);
    assert!(
        refused.err.contains("adopt/override-exists"),
        "{}",
        refused.err
    );
    assert!(refused.out.contains("+"), "{}", refused.out);
    assert_eq!(own(), first);
    adopt(&place, &["--yes", "--overwrite", "ApexClass:OpenCxLog"]).exits(0);
    assert_eq!(own(), first.replace("Dana", "Ben"));
    place.run(&["drift", "-o", "local"]).exits(0);
}

#[test]
fn what_has_no_place_stays_and_says_why() {
    let place = deployed();
    let before = config(&place);
    place
        .run(&["emulator", "set-trigger-status", "CaseTrigger", "inactive"])
        .exits(0);
    let url = "https://elsewhere.example/hook/s3cr3t-token";
    place
        .run(&["emulator", "set-endpoint", "OpenCX_Integration", url])
        .exits(0);
    let told = adopt(&place, &["--yes"]).exits(2);
    for part in [
        "stays: `status` stands in the -meta.xml that all triggers share",
        "- { component: \"ApexTrigger:CaseTrigger\", field: \"status\", reason: … }",
        "stays: it holds a secret, which no file may hold",
    ] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    assert!(!told.out.contains("s3cr3t-token"));
    assert_eq!(config(&place), before);
}

#[test]
fn a_secret_in_the_orgs_source_is_written_nowhere() {
    let place = deployed();
    edit(
        &place,
        "ApexClass:OpenCxLog",
        "class OpenCxLog",
        "class /* https://opencx.invalid/webhook/local-demo */ OpenCxLog",
    );
    let refused = adopt(&place, &["--yes"]).exits(5);
    assert!(
        refused.err.contains("adopt/holds-secret"),
        "{}",
        refused.err
    );
    assert!(!(refused.out + &refused.err).contains("local-demo"));
    assert!(!place.path().join("templates").exists());
}

#[track_caller]
fn json(place: &Place, ran: &Ran) -> serde_json::Value {
    let schema = place.run(&["schema", "adopt"]).exits(0).json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let document = ran.json();
    let errors: Vec<String> = schema
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{document:#}");
    document
}

#[test]
fn a_program_reads_what_is_written_and_what_is_left() {
    let place = deployed();
    assert_eq!(
        json(&place, &adopt(&place, &["--json"]).exits(0))["status"],
        "clean"
    );
    edit(
        &place,
        "ApexClass:OpenCxSenderIdentity",
        "support@acme.example",
        "care@acme.example",
    );
    edit(
        &place,
        "ApexClass:OpenCxLog",
        "class OpenCxLog",
        "class /* Dana */ OpenCxLog",
    );
    place
        .run(&["emulator", "set-trigger-status", "CaseTrigger", "inactive"])
        .exits(0);
    let before = config(&place);

    // Nobody is asked, and nothing is written without `--yes`.
    let shown = adopt(&place, &["--json"]).exits(2);
    let document = json(&place, &shown);
    assert_eq!(document["status"], "proposed");
    assert_eq!(document["values"][0]["value"], "care@acme.example");
    assert_eq!(
        document["templates"][0]["file"],
        "templates/classes/OpenCxLog.cls"
    );
    assert_eq!(document["left"][0]["component"], "ApexTrigger:CaseTrigger");
    assert_eq!(config(&place), before);

    let written = adopt(&place, &["--json", "--yes"]).exits(2);
    let written = json(&place, &written);
    assert_eq!(written["status"], "written");
    assert_eq!(written["diff"], document["diff"]);
    assert_ne!(config(&place), before);
    let left = json(&place, &adopt(&place, &["--json", "--yes"]).exits(2));
    assert_eq!(left["status"], "no-place");

    edit(&place, "ApexClass:OpenCxLog", "Dana", "Ben");
    let refused = adopt(&place, &["--json", "--yes"]).exits(5);
    let refused = json(&place, &refused);
    assert_eq!(refused["findings"][0]["code"], "adopt/override-exists");
}

#[test]
fn what_an_older_config_left_is_asked_for_again() {
    let place = deployed();
    let before = config(&place);
    place.write(
        "opencx.yaml",
        &format!("{before}drift: {{ reader_permission_set: true }}\n"),
    );
    place
        .run(&["deploy", "-o", "local", "--test-level", "NoTestRun"])
        .exits(0);
    place.write("opencx.yaml", &before);
    let adopted = adopt(&place, &["--yes"]).exits(0);
    let told = "drift.reader_permission_set: false → true";
    assert!(adopted.out.contains(told), "{}", adopted.out);
    place.run(&["drift", "-o", "local"]).exits(0);
}

#[test]
fn only_one_org_and_only_one_way() {
    let place = deployed();
    for args in [
        &["drift", "--all", "--adopt"][..],
        &["drift", "-o", "*", "--adopt"],
        &["drift", "-o", "local", "--adopt", "--fix"],
        &["drift", "-o", "local", "--yes"],
    ] {
        place.run(args).exits(64);
    }
    assert!(
        adopt(&place, &[])
            .exits(0)
            .out
            .contains("none: 39 components")
    );
}
