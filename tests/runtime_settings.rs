//! Custom metadata that an administrator changes in Setup: its values are nobody else's after the
//! first deploy.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::{Place, root};

const RECORD: &str = "CustomMetadata:OpenCX_Setting.Default";

const CONFIG: &str = "\
version: 1
email_cases:
  reply_to: support@acme.example
  runtime_settings: true
  outbound: { sender: { display_name: Acme Support } }
orgs:
  local:
    emulator: {}
    email_cases: { webhook_url: \"https://opencx.invalid/webhook/c4nary\" }
";

fn place() -> Place {
    Place::with_config(CONFIG)
}

/// The value of a field in the org's record.
fn value(place: &Place, field: &str) -> String {
    let state = place.path().join(".opencx/emulator/local/org.json");
    let state: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(state).unwrap()).unwrap();
    let mut texts = Vec::new();
    collect(&state, &mut texts);
    let xml = texts
        .into_iter()
        .find(|text| text.contains("<CustomMetadata "))
        .expect("the record is there");
    let (_, rest) = xml.split_once(&format!("<field>{field}</field>")).unwrap();
    let (_, rest) = rest.split_once("<value xsi:type=\"xsd:boolean\">").unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

fn collect<'a>(value: &'a serde_json::Value, texts: &mut Vec<&'a str>) {
    match value {
        serde_json::Value::String(text) => texts.push(text),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        serde_json::Value::Object(entries) => {
            entries.values().for_each(|item| collect(item, texts));
        }
        _ => {}
    }
}

/// Puts a record with the webhook switched off into the org, as an administrator's change leaves it.
fn switch_off(place: &Place) {
    let template = root().join("templates/customMetadata/OpenCX_Setting.Default.md");
    let template = std::fs::read_to_string(template).unwrap();
    let (start, end) = template
        .split_once("<field>Webhook_Enabled__c</field>")
        .unwrap();
    let end = end.replace(">true<", ">false<");
    let changed = format!("{start}<field>Webhook_Enabled__c</field>{end}");
    let folder = place.path().join("own/customMetadata");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("OpenCX_Setting.Default.md"), changed).unwrap();
    place.run(&["emulator", "delete", RECORD]).exits(0);
    place.write("own.yaml", &format!("{CONFIG}templates: own\n"));
    place
        .run(&["deploy", "-o", "local", "--config", "own.yaml"])
        .exits(0);
}

#[test]
fn a_deploy_makes_the_record_and_the_apex_that_reads_it() {
    let place = place();
    let report = place
        .run(&["deploy", "-o", "local", "--json"])
        .exits(0)
        .json();
    assert_eq!(report["status"], "deployed");
    assert_eq!(value(&place, "Webhook_Enabled__c"), "true");
    assert_eq!(report["tests"]["status"], "passed", "{}", report["tests"]);
}

#[test]
fn what_an_administrator_changed_is_no_drift_and_stays() {
    let place = place();
    place.run(&["deploy", "-o", "local"]).exits(0);
    switch_off(&place);
    assert_eq!(value(&place, "Webhook_Enabled__c"), "false");
    place.run(&["drift", "-o", "local"]).exits(0);
    // A deploy of something else leaves the record alone too.
    place
        .run(&["emulator", "delete", "ApexClass:OpenCxRuntimeSettingsTest"])
        .exits(0);
    let report = place
        .run(&["deploy", "-o", "local", "--json"])
        .exits(0)
        .json();
    assert_eq!(report["status"], "deployed");
    assert_eq!(value(&place, "Webhook_Enabled__c"), "false");
    assert_eq!(value(&place, "Outbound_Enabled__c"), "true");
}

#[test]
fn a_record_that_was_deleted_is_made_again() {
    let place = place();
    place.run(&["deploy", "-o", "local"]).exits(0);
    place.run(&["emulator", "delete", RECORD]).exits(0);
    let drift = place
        .run(&["drift", "-o", "local", "--json"])
        .exits(2)
        .json();
    let rows = drift["components"].as_array().unwrap().iter();
    let differing: Vec<_> = rows
        .filter(|row| row["kind"] != "same")
        .map(|row| (row["component"].clone(), row["kind"].clone()))
        .collect();
    assert_eq!(differing, [(RECORD.into(), "missing".into())]);
    place.run(&["deploy", "-o", "local"]).exits(0);
    assert_eq!(value(&place, "Webhook_Enabled__c"), "true");
}
