//! Orgs in which triggers are written with a framework, as many are: a handler with virtual methods
//! and a bypass, a dispatcher that finds its classes by name, one trigger with a `switch`; one with a
//! batch that is scheduled; and one with what a service desk writes: roll-ups, mail to Cases, owners in turn,
//! queries that are put together, an escalation that calls a pager. Our package is deployed beside each, with every local test; then a Case comes in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::Place;
use opencx_sf::emulator::Fields;
use opencx_sf::emulator::runtime::{HttpCall, HttpReply, Transport};
use opencx_sf::emulator::{EmulatedOrg, Options, Work};
use serde_json::json;

const CONFIG: &str = "\
version: 1
email_cases:
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
  local:
    emulator: {}
    email_cases: { webhook_url: \"https://opencx.invalid/webhook/c4nary\" }
";

/// File and text of what the customer has.
type Files = &'static [(&'static str, &'static str)];

const HANDLER: Files = &[
    (
        "TriggerHandler.cls",
        include_str!("trigger_frameworks/handler/TriggerHandler.cls"),
    ),
    (
        "CaseHandler.cls",
        include_str!("trigger_frameworks/handler/CaseHandler.cls"),
    ),
    (
        "CaseHandlerTest.cls",
        include_str!("trigger_frameworks/handler/CaseHandlerTest.cls"),
    ),
    (
        "AcmeCases.trigger",
        include_str!("trigger_frameworks/handler/AcmeCases.trigger"),
    ),
];

const DISPATCHER: Files = &[
    (
        "TriggerAction.cls",
        include_str!("trigger_frameworks/dispatcher/TriggerAction.cls"),
    ),
    (
        "TriggerDispatcher.cls",
        include_str!("trigger_frameworks/dispatcher/TriggerDispatcher.cls"),
    ),
    (
        "CasePriority.cls",
        include_str!("trigger_frameworks/dispatcher/CasePriority.cls"),
    ),
    (
        "TriggerDispatcherTest.cls",
        include_str!("trigger_frameworks/dispatcher/TriggerDispatcherTest.cls"),
    ),
    (
        "AcmeCases.trigger",
        include_str!("trigger_frameworks/dispatcher/AcmeCases.trigger"),
    ),
];

const SWITCH: Files = &[
    (
        "AcmeCasesTest.cls",
        include_str!("trigger_frameworks/switch/AcmeCasesTest.cls"),
    ),
    (
        "AcmeCases.trigger",
        include_str!("trigger_frameworks/switch/AcmeCases.trigger"),
    ),
];

const JOBS: Files = &[
    (
        "AcmeNight.cls",
        include_str!("trigger_frameworks/jobs/AcmeNight.cls"),
    ),
    (
        "AcmeNightTest.cls",
        include_str!("trigger_frameworks/jobs/AcmeNightTest.cls"),
    ),
    (
        "AcmeCases.trigger",
        include_str!("trigger_frameworks/switch/AcmeCases.trigger"),
    ),
];

const DESK: Files = &[
    (
        "RollUp.cls",
        include_str!("trigger_frameworks/desk/RollUp.cls"),
    ),
    (
        "RollUpTest.cls",
        include_str!("trigger_frameworks/desk/RollUpTest.cls"),
    ),
    (
        "CaseRollUp.trigger",
        include_str!("trigger_frameworks/desk/CaseRollUp.trigger"),
    ),
    (
        "MailToCase.cls",
        include_str!("trigger_frameworks/desk/MailToCase.cls"),
    ),
    (
        "MailToCaseTest.cls",
        include_str!("trigger_frameworks/desk/MailToCaseTest.cls"),
    ),
    (
        "Assigner.cls",
        include_str!("trigger_frameworks/desk/Assigner.cls"),
    ),
    (
        "AssignerTest.cls",
        include_str!("trigger_frameworks/desk/AssignerTest.cls"),
    ),
    (
        "CaseSelector.cls",
        include_str!("trigger_frameworks/desk/CaseSelector.cls"),
    ),
    (
        "CaseSelectorTest.cls",
        include_str!("trigger_frameworks/desk/CaseSelectorTest.cls"),
    ),
    (
        "Escalator.cls",
        include_str!("trigger_frameworks/desk/Escalator.cls"),
    ),
    (
        "EscalatorTest.cls",
        include_str!("trigger_frameworks/desk/EscalatorTest.cls"),
    ),
];

struct Accepts;

impl Transport for Accepts {
    fn send(&mut self, _: &HttpCall) -> Result<HttpReply, String> {
        Ok(HttpReply {
            status: 200,
            headers: Vec::new(),
            body: String::new(),
            milliseconds: 0,
        })
    }
}

/// Deploys beside the customer's files, lets an agent save a Case, and says its priority and how
/// often the webhook was called.
#[track_caller]
fn beside(files: Files) -> (String, usize) {
    let place = Place::with_config(CONFIG);
    for (file, text) in files {
        place.write(file, text);
        place.run(&["emulator", "paste", file]).exits(0);
    }
    let state = place.path().join(".opencx/emulator/local");
    let org = EmulatedOrg::open(&state, &Options::default()).unwrap();
    // What does not compile would be left out.
    org.program(&[]).unwrap().unwrap();
    let level = ["--test-level", "RunLocalTests"];
    let deploy = [&["deploy", "-o", "local", "--json"], level.as_slice()].concat();
    let report = place.run(&deploy).exits(0).json();
    assert_eq!(report["status"], "deployed");
    assert_eq!(report["tests"]["status"], "passed", "{}", report["tests"]);

    let program = org.program(&[]).unwrap().unwrap();
    let theirs = files
        .iter()
        .filter_map(|(file, _)| file.strip_suffix("Test.cls"));
    for class in theirs.map(|name| format!("{name}Test")) {
        assert!(program.test_classes().contains(&class), "{class}");
    }
    let staff = org.staff().unwrap();
    let work = Work {
        deliverable: true,
        mail_capacity: 10,
        start: "2026-03-04T05:06:07Z".parse().unwrap(),
        transport: Box::new(Accepts),
    };
    let seen = org.work(&program, work, |live| {
        let row = Fields::from([("Subject".to_owned(), json!("It is urgent"))]);
        let saved = live.insert(&staff.agent, "Case", &[row]).unwrap();
        assert!(saved[0].is_ok(), "{saved:?}");
        live.pass(0).unwrap();
        let priority = live.records("Case")[0]["Priority"]
            .as_str()
            .unwrap()
            .to_owned();
        (priority, live.deliveries().len())
    });
    seen.unwrap().unwrap()
}

#[test]
fn a_handler_with_virtual_methods_and_a_bypass() {
    assert_eq!(beside(HANDLER), ("High".to_owned(), 1));
}

#[test]
fn a_dispatcher_that_finds_its_classes_by_name() {
    assert_eq!(beside(DISPATCHER), ("High".to_owned(), 1));
}

#[test]
fn one_trigger_with_a_switch() {
    assert_eq!(beside(SWITCH), ("High".to_owned(), 1));
}

#[test]
fn a_batch_and_its_schedule() {
    assert_eq!(beside(JOBS), ("High".to_owned(), 1));
}

#[test]
fn a_service_desk_of_its_own() {
    assert_eq!(beside(DESK), ("Medium".to_owned(), 1));
}

#[test]
fn what_does_not_compile_is_said_at_once() {
    let place = Place::with_config(CONFIG);
    place.write("Broken.cls", "public class Broken {\n    Missing m;\n}\n");
    let pasted = place.run(&["emulator", "paste", "Broken.cls"]).exits(0);
    assert!(
        pasted
            .err
            .contains("it does not compile: ApexClass:Broken: line 2"),
        "{}",
        pasted.err
    );
}
