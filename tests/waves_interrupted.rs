//! A person at a terminal while many orgs get their deploy: the question before production, and an end
//! in the middle.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/pty.rs"]
mod pty;
#[path = "common/served.rs"]
mod served;
#[path = "common/several.rs"]
mod several;
#[path = "common/wire.rs"]
mod wire;

use std::sync::Mutex;
use std::sync::mpsc::channel;

use common::Place;
use pty::{AtTerminal, INTERRUPT};
use served::Served;
use several::local;
use wire::{Fate, Wire};

/// Three orgs, one after the other; the second one leaves its deploy in the queue.
const WAVES: [&str; 8] = [
    "deploy",
    "--all",
    "--wave",
    "1",
    "--test-level",
    "NoTestRun",
    "--color",
    "never",
];

fn three() -> (Place, Served) {
    let busy = "  busy: { auth: env, email_cases: { webhook_url: \"${file:hook.txt}\" } }\n";
    let place = several::place(&[local("first", ""), busy.to_owned(), local("last", "")]);
    place.write("hook.txt", "https://opencx.invalid/webhook/c4nary\n");
    let served = Served::start(&place, &["--condition", "deploy-queue-busy"]);
    (place, served)
}

fn at_terminal(place: &Place, served: &Served, args: &[&str]) -> AtTerminal {
    let environment = [
        ("SF_INSTANCE_URL", served.instance_url.as_str()),
        ("SF_ACCESS_TOKEN", served.token.as_str()),
    ];
    AtTerminal::start(place.path(), args, &environment)
}

/// Whether somebody has ever come to that built-in org.
fn exists(place: &Place, org: &str) -> bool {
    place.path().join(".opencx/emulator").join(org).exists()
}

#[test]
fn after_ctrl_c_nobody_else_is_begun_and_the_table_tells_all() {
    let (place, served) = three();
    let mut terminal = at_terminal(&place, &served, &WAVES);
    terminal.until("busy: waiting in the org's queue");
    terminal.type_in(INTERRUPT).until("No other org is begun");
    // The org goes on as long as it likes; here somebody stops it.
    served.run(&place, &["cancel", "-o", "busy"]).exits(0);
    terminal.ends(130);
    for part in ["first  deployed", "busy   failed", "last   not tried"] {
        assert!(terminal.seen.contains(part), "{part}\n{}", terminal.seen);
    }
    assert!(!exists(&place, "last"));
}

/// The org is being read when Ctrl-C comes: what was planned is not sent any more.
#[test]
fn after_ctrl_c_an_org_that_was_only_read_gets_nothing() {
    let (place, served) = three();
    let (reads, is_reading) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let wire = Wire::to(&served.instance_url, move |line| {
        // Once the test is over there is nobody to wait for.
        if line.starts_with("POST /services/Soap/m/") && reads.send(()).is_ok() {
            let _ = may_go_on.lock().unwrap().recv();
        }
        Fate::Pass
    });
    let environment = [
        ("SF_INSTANCE_URL", wire.url.as_str()),
        ("SF_ACCESS_TOKEN", served.token.as_str()),
    ];
    let mut terminal = AtTerminal::start(place.path(), &WAVES, &environment);
    is_reading.recv().unwrap();
    terminal.type_in(INTERRUPT).until("No other org is begun");
    drop((is_reading, go_on));
    terminal.ends(130);
    for part in [
        "first  deployed",
        "the org is as it was",
        "last   not tried",
    ] {
        assert!(terminal.seen.contains(part), "{part}\n{}", terminal.seen);
    }
    assert_eq!(served.deploys(), []);
    assert!(!exists(&place, "last"));
}

#[test]
fn a_second_ctrl_c_leaves_and_says_who_goes_on() {
    let (place, served) = three();
    let mut terminal = at_terminal(&place, &served, &WAVES);
    terminal.until("busy: waiting in the org's queue");
    terminal.type_in(INTERRUPT).until("No other org is begun");
    terminal.type_in(INTERRUPT).ends(130);
    for part in [
        "of 3 orgs 1 are done, 1 go on by themselves, and to 1 nothing was sent",
        "done: first deployed",
        "nothing sent: last",
        "the org goes on with deploy 0Af",
        "--target-org busy",
    ] {
        assert!(terminal.seen.contains(part), "{part}\n{}", terminal.seen);
    }
    assert!(!exists(&place, "last"));
    assert_eq!(served.deploys(), [("Pending".to_owned(), false)]);
}

#[test]
fn sigterm_leaves_at_once() {
    let (place, served) = three();
    let said = served.ended_by_sigterm(&place, &WAVES, "busy: waiting in the org's queue");
    assert!(said.contains("warning[fleet/interrupted]"), "{said}");
    assert!(!said.contains("No other org is begun"), "{said}");
}

#[test]
fn production_orgs_are_confirmed_by_their_number() {
    let live = "  live: { auth: env, production: true, email_cases: { webhook_url: \"${file:hook.txt}\" } }\n";
    let place = several::place(&[live.to_owned(), local("trial", "")]);
    place.write("hook.txt", "https://opencx.invalid/webhook/c4nary\n");
    let served = Served::start(&place, &["--org-kind", "production"]);
    let question = "Production orgs, 1 of them: live. Type their number to deploy to them:";
    let deploy = ["deploy", "--all", "--color", "never"];
    for answer in ["y\r", "2\r", "\r"] {
        let mut terminal = at_terminal(&place, &served, &deploy);
        terminal.until(question).type_in(answer).ends(5);
        assert!(
            terminal.seen.contains("guard/production-not-confirmed"),
            "{}",
            terminal.seen
        );
        assert!(!exists(&place, "trial"));
    }
    assert_eq!(served.deploys(), []);
    let mut terminal = at_terminal(&place, &served, &deploy);
    terminal.until(question).type_in("1\r").ends(0);
    let told = "2 orgs: 2 as they should be";
    assert!(terminal.seen.contains(told), "{}", terminal.seen);
}
