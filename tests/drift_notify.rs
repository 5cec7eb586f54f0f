//! `drift --notify`: what arrives at a webhook, when, and what becomes of a message that doesn't.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use common::{Place, Ran};
use serde_json::Value;

/// A webhook on this machine that gives one answer to everything.
struct Hook {
    url: String,
    received: Receiver<(String, Value)>,
}

impl Hook {
    fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut text = Vec::new();
                let mut chunk = [0; 4096];
                let (head, body) = loop {
                    let count = stream.read(&mut chunk).unwrap();
                    text.extend_from_slice(&chunk[..count]);
                    let whole = String::from_utf8_lossy(&text).into_owned();
                    let Some((head, body)) = whole.split_once("\r\n\r\n") else {
                        continue;
                    };
                    let length = head.lines().find_map(|line| {
                        line.to_ascii_lowercase()
                            .strip_prefix("content-length: ")?
                            .parse()
                            .ok()
                    });
                    if body.len() >= length.unwrap_or(0) {
                        break (head.to_owned(), body.to_owned());
                    }
                };
                let answer = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
                );
                stream.write_all(answer.as_bytes()).unwrap();
                sender
                    .send((head, serde_json::from_str(&body).unwrap()))
                    .unwrap();
            }
        });
        Self {
            url: format!("http://{address}/services/T0/B0/s3cr3t-hook"),
            received,
        }
    }

    fn run(&self, place: &Place, more: &[&str]) -> Ran {
        let mut args = vec!["drift", "-o", "local", "--notify", "${env:HOOK}"];
        args.extend(more);
        let output = place
            .command(&args)
            .env("HOOK", &self.url)
            .output()
            .unwrap();
        let ran = Ran::from(output);
        assert!(
            !(ran.out.clone() + &ran.err).contains("s3cr3t-hook"),
            "{}{}",
            ran.out,
            ran.err
        );
        ran
    }

    fn messages(&self) -> Vec<(String, Value)> {
        self.received.try_iter().collect()
    }
}

fn clean() -> Place {
    let place = Place::minimal();
    place.run(&["deploy", "-o", "local"]).exits(0);
    place
}

fn drifted() -> Place {
    let place = clean();
    place
        .run(&[
            "emulator",
            "set-trigger-status",
            "CaseTrigger",
            "inactive",
            "--as",
            "Dana <!here>",
        ])
        .exits(0);
    place
}

#[test]
fn a_message_goes_out_when_something_differs_and_not_otherwise() {
    let hook = Hook::answering("200 OK");
    let place = clean();
    hook.run(&place, &[]).exits(0);
    assert_eq!(hook.messages(), []);
    hook.run(
        &place,
        &["--notify-on", "always", "--notify-template", "json"],
    )
    .exits(0);
    let clean = hook.messages().remove(0).1;
    assert_eq!(clean["status"], "clean");

    let place = drifted();
    hook.run(&place, &["--notify-template", "json"]).exits(2);
    let schema = place.run(&["schema", "notify"]).exits(0).json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for message in [clean, hook.messages().remove(0).1] {
        let errors: Vec<String> = schema
            .iter_errors(&message)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{message:#}");
    }
    hook.run(&place, &["--notify-on", "undetermined"]).exits(2);
    assert_eq!(hook.messages(), []);
    hook.run(&place, &["--notify-link", "https://ci.example/7"])
        .exits(2);
    let messages = hook.messages();
    let [(head, message)] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    assert!(
        head.starts_with("POST /services/T0/B0/s3cr3t-hook HTTP/1.1"),
        "{head}"
    );
    assert!(
        head.to_ascii_lowercase()
            .contains("content-type: application/json"),
        "{head}"
    );
    let text = message["text"].as_str().unwrap();
    for part in [
        "1 of 1 orgs differ",
        "*local*: 1 differ",
        "`ApexTrigger:CaseTrigger` inactive",
        "Dana &lt;!here&gt;",
        "<https://ci.example/7|Report>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn an_org_that_cannot_be_read_is_told_too() {
    let hook = Hook::answering("200 OK");
    let place = Place::with_config(common_config());
    let ran = hook.run(&place, &[]);
    assert_ne!(ran.code, 0);
    let messages = hook.messages();
    let text = messages[0].1["text"].as_str().unwrap();
    let args = ["--notify-template", "json"];
    hook.run(&place, &args);
    let message = hook.messages().remove(0).1;
    let schema = place.run(&["schema", "notify"]).exits(0).json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&message), "{message:#}");
    assert!(text.contains("not everything could be read"), "{text}");
    assert!(text.contains("*local*: not reached"), "{text}");
}

fn common_config() -> &'static str {
    "version: 1\nemail_cases:\n  webhook_url: ${env:NOT_SET_ANYWHERE}\n  reply_to: support@acme.example\n  \
     outbound: { sender: { display_name: Acme Support } }\norgs: { local: { emulator: {} } }\n"
}

#[test]
fn a_message_that_does_not_arrive_is_a_failure_of_its_own() {
    let place = drifted();
    // 1 is worse than 2: somebody waits for a message that never comes.
    let gone = Hook::answering("410 Gone");
    let ran = gone.run(&place, &["--output", "json=drift.json"]).exits(1);
    assert!(
        ran.err.contains("notify/not-sent") && ran.err.contains("HTTP 410"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("1 of 39 components differ"), "{}", ran.out);
    assert!(place.path().join("drift.json").exists());
    assert_eq!(gone.messages().len(), 1);
    // A redirect is not followed.
    let moved = Hook::answering("302 Found");
    moved.run(&place, &[]).exits(1);
    assert_eq!(moved.messages().len(), 1);
}

#[test]
fn what_is_wrong_with_it_is_told_before_any_org_is_asked() {
    let place = clean();
    let hook = Hook::answering("200 OK");
    for (args, code, exit) in [
        (
            &["--notify", "https://hooks.example/s3cr3t"][..],
            "notify/bad-url",
            64,
        ),
        (&["--notify", "${env:NOT_SET}"], "config/unset-variable", 65),
        (
            &["--notify", "${env:HOOK}", "--notify-template", "none.json"],
            "notify/bad-template",
            1,
        ),
        (
            &[
                "--notify",
                "${env:HOOK}",
                "--notify-template",
                "broken.json",
            ],
            "notify/bad-template",
            65,
        ),
    ] {
        place.write("broken.json", "{ \"text\": \"{{ \" }");
        let mut all = vec!["drift", "-o", "local"];
        all.extend(args);
        let ran: Ran = place
            .command(&all)
            .env("HOOK", &hook.url)
            .output()
            .unwrap()
            .into();
        let ran = ran.exits(exit);
        assert!(ran.err.contains(code), "{code}: {}", ran.err);
        assert!(
            !ran.err.contains("reading") && !ran.err.contains("s3cr3t"),
            "{}",
            ran.err
        );
    }
    assert_eq!(hook.messages(), []);
}

#[test]
fn a_template_of_the_users_own_makes_the_message() {
    let place = drifted();
    let hook = Hook::answering("204 No Content");
    place.write(
        "mine.json",
        r#"{ "title": "{{ orgs[0].org }}: {{ orgs[0].differing }}" }"#,
    );
    hook.run(&place, &["--notify-template", "mine.json"])
        .exits(2);
    assert_eq!(
        hook.messages()[0].1,
        serde_json::json!({ "title": "local: 1" })
    );
}
