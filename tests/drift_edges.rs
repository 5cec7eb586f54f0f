//! Drift where an org says little: its requests are nearly spent, or it refuses the question with what
//! an older config could have left; and a folder of configs that is not there.

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

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{Place, Ran};
use served::Served;
use wire::{Fate, Wire};

const DRIFT: [&str; 4] = ["drift", "-o", "dev", "--json"];

fn through(wire: &Wire, served: &Served, place: &Place, args: &[&str]) -> Ran {
    let mut command = place.command(args);
    command
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token);
    command.output().unwrap().into()
}

#[test]
fn an_org_with_few_requests_left_is_asked_one_thing_and_not_called_clean() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "limit-near"]);
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let wire = Wire::to(&served.instance_url, move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Fate::Pass
    });
    let ran = through(&wire, &served, &place, &DRIFT).exits(3);
    let said = "sf/requests-nearly-spent";
    assert!(ran.out.contains(said), "{}", ran.out);
    assert!(!ran.out.contains("clean"), "{}", ran.out);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

const REFUSED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
    <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:sf=\"http://soap.sforce.com/2006/04/metadata\"><soapenv:Body><soapenv:Fault>\
    <faultcode>sf:INVALID_TYPE</faultcode>\
    <faultstring>INVALID_TYPE: Cannot use: ExternalCredential in this organization</faultstring>\
    </soapenv:Fault></soapenv:Body></soapenv:Envelope>";

#[test]
fn a_refused_question_about_leftovers_is_asked_without_them_and_they_are_not_called_absent() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let deploy = ["deploy", "-o", "dev", "--test-level", "NoTestRun"];
    served.run(&place, &deploy).exits(0);
    let calm = served.run(&place, &DRIFT).exits(0).json();
    let all = calm["components"].as_array().unwrap().len();
    let refused = AtomicU32::new(0);
    let wire = Wire::changing(
        &served.instance_url,
        |_| Fate::Pass,
        move |_, answer| {
            let is_retrieve = answer.contains("<retrieveResponse>");
            if is_retrieve && refused.fetch_add(1, Ordering::SeqCst) == 0 {
                REFUSED.to_owned()
            } else {
                answer
            }
        },
    );
    let ran = through(&wire, &served, &place, &DRIFT).exits(3);
    let report = ran.json();
    let rows = report["components"].as_array().unwrap();
    let (unread, read): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["kind"] == "unreadable");
    assert!(read.iter().all(|row| row["kind"] == "same"), "{read:#?}");
    assert_eq!(read.len(), all);
    let external = unread
        .iter()
        .find(|row| row["component"] == "ExternalCredential:OpenCX_Mail_Provider");
    let note = external.unwrap()["note"].as_str().unwrap();
    assert!(note.contains("INVALID_TYPE"), "{note}");
}

#[test]
fn a_folder_of_configs_that_is_missing_or_empty_is_named() {
    let place = Place::minimal();
    for (folder, code) in [
        ("gone", "config/not-readable"),
        ("empty", "config/not-found"),
    ] {
        if folder == "empty" {
            std::fs::create_dir(place.path().join(folder)).unwrap();
        }
        for command in ["drift", "deploy"] {
            let ran = place.run(&[command, "--configs", folder]).exits(65);
            assert!(ran.err.contains(&format!("error[{code}]")), "{}", ran.err);
            assert!(ran.err.contains(&format!("--> {folder}")), "{}", ran.err);
            let next = "name the folder that holds the configs with `--configs`";
            assert!(ran.err.contains(next), "{}", ran.err);
        }
    }
}
