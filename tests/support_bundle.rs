//! What a bundle for support holds, and what it must not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::Place;
use opencx_sf::emulator::{EmulatedOrg, Options};
use opencx_sf::package::read_zip;
use serde_json::{Value, json};

const CANARY: &str = "c4nary";

const CONFIG: &str = "\
version: 1
email_cases:
  webhook_url: ${file:webhook.txt}
  reply_to: c4nary@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
  local: { emulator: {} }
";

/// A folder with that config and a secret beside it.
fn place() -> Place {
    let place = Place::with_config(CONFIG);
    place.write(
        "webhook.txt",
        "https://opencx.invalid/webhook/c4nary-t0ken\n",
    );
    place
}

#[test]
fn a_bundle_holds_what_helps_and_nothing_that_is_secret_or_personal() {
    let place = place();
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    let state = place.path().join(".opencx/emulator/local");
    let mut org = EmulatedOrg::open(&state, &Options::default()).unwrap();
    let fields = |value: Value| value.as_object().unwrap().clone();
    let case = org
        .add_record(
            "Case",
            fields(json!({ "Subject": CANARY, "Description": CANARY })),
        )
        .unwrap();
    let mail = json!({
        "ParentId": case, "Incoming": false, "Status": "3", "Subject": CANARY, "TextBody": CANARY,
        "HtmlBody": CANARY, "FromAddress": "c4nary@acme.example", "ToAddress": "c4nary@customer.example",
    });
    org.add_record("EmailMessage", fields(mail)).unwrap();
    let job = json!({
        "ApexClassId": org.record_id(&"ApexClass:OpenCxCaseWebhookJob".parse().unwrap()).unwrap(),
        "Status": "Failed", "JobType": "Queueable",
        "ExtendedStatus": "System.CalloutException: c4nary@customer.example https://a.example/c4nary",
    });
    org.add_record("AsyncApexJob", fields(job)).unwrap();

    // The list comes before anything is written.
    let listed = place
        .run(&["support-bundle", "-o", "local", "--case", &case, "--list"])
        .exits(0);
    assert!(listed.out.contains("conversation.json"), "{}", listed.out);
    assert!(!place.path().join("opencx-support-local.zip").exists());
    let ran = place
        .run(&["support-bundle", "-o", "local", "--case", &case, "--json"])
        .exits(0);
    assert_eq!(ran.json()["status"], "written");
    assert!(ran.err.contains("conversation.json"), "{}", ran.err);

    let path = place.path().join("opencx-support-local.zip");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let bytes = std::fs::read(&path).unwrap();
    let files = read_zip(&bytes).unwrap();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "config.yaml",
            "conversation.json",
            "doctor.json",
            "jobs.json",
            "logs.json",
            "plan.json",
            "versions.json"
        ]
    );
    for (name, content) in &files {
        let text = String::from_utf8_lossy(content);
        assert!(!text.contains(CANARY), "{name}: {text}");
        assert!(
            !text.contains('@') || name == "config.yaml",
            "{name}: {text}"
        );
    }
    let read = |name: &str| serde_json::from_slice::<Value>(&files[name]).unwrap();
    assert_eq!(read("conversation.json")["messages"][0]["status"], "sent");
    assert_eq!(read("jobs.json")[0]["status"], "Failed");
    assert!(read("doctor.json")["findings"].as_array().unwrap().len() > 10);
    assert!(!read("plan.json")["steps"].as_array().unwrap().is_empty());

    // What is there is not written over, and the same gives the same.
    place
        .run(&["support-bundle", "-o", "local", "--case", &case])
        .exits(64);
    place
        .run(&[
            "support-bundle",
            "-o",
            "local",
            "--case",
            &case,
            "--out",
            "again.zip",
        ])
        .exits(0);
    // The built-in org has another port in each process, which doctor's part names.
    let again = read_zip(&std::fs::read(place.path().join("again.zip")).unwrap()).unwrap();
    for name in ["config.yaml", "jobs.json", "plan.json", "versions.json"] {
        assert_eq!(again[name], files[name], "{name}");
    }
}

#[test]
fn a_case_that_is_none_or_not_there_is_said_clearly() {
    let place = place();
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    for (args, exit, code) in [
        (["--case", "02s5f000001ABCD"], 64, "doctor/bad-case"),
        (["--case", "hello"], 64, "doctor/bad-case"),
        (["--case", "00009999"], 1, "doctor/no-such-case"),
        (["--session", "5005f000001ABCD"], 64, "doctor/bad-session"),
        (
            ["--session", "6f1c2a9e-77aa-4c1e"],
            3,
            "doctor/session-not-found",
        ),
    ] {
        let ran = place
            .run(&["doctor", "-o", "local", args[0], args[1]])
            .exits(exit);
        assert!(ran.err.contains(code), "{}", ran.err);
    }
}
