//! A person at a terminal presses Ctrl-C in the middle of a deploy, or a program ends the tool.

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
#[path = "common/wire.rs"]
mod wire;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{Place, Ran};
use pty::{AtTerminal, INTERRUPT};
use served::Served;
use wire::{Fate, Wire};

const DEPLOY: [&str; 5] = ["deploy", "-o", "dev", "--test-level", "NoTestRun"];

/// A deploy in a terminal, of an org that leaves it in its queue.
struct Session {
    place: Place,
    served: Served,
    terminal: AtTerminal,
}

impl Session {
    fn start() -> Self {
        let place = Served::place();
        let served = Served::start(&place, &["--condition", "deploy-queue-busy"]);
        let environment = [
            ("SF_INSTANCE_URL", served.instance_url.as_str()),
            ("SF_ACCESS_TOKEN", served.token.as_str()),
        ];
        let terminal = AtTerminal::start(place.path(), &DEPLOY, &environment);
        Self {
            place,
            served,
            terminal,
        }
    }

    fn until(&mut self, text: &str) -> &mut Self {
        self.terminal.until(text);
        self
    }

    fn type_in(&mut self, keys: &str) -> &mut Self {
        self.terminal.type_in(keys);
        self
    }

    fn ends(&mut self, code: i32) -> &mut Self {
        self.terminal.ends(code);
        self
    }

    fn org_says(&self, status: &str) {
        assert_eq!(self.served.deploys(), [(status.to_owned(), false)]);
    }
}

const QUESTION: &str = "[d]etach and leave it to the org, or [c]ancel it?";

#[test]
fn ctrl_c_asks_and_cancels() {
    let mut session = Session::start();
    session.until("in the org's queue").type_in(INTERRUPT);
    session.until(QUESTION).type_in("c\r");
    session.until("canceled").ends(1);
    session.org_says("Canceled");
}

#[test]
fn ctrl_c_asks_and_detaches() {
    let mut session = Session::start();
    session.until("in the org's queue").type_in(INTERRUPT);
    session.until(QUESTION).type_in("d\r");
    session
        .until("opencx-sf report 0Af")
        .until("opencx-sf cancel 0Af")
        .ends(130);
    session.org_says("Pending");
    // The command that it named does what it says.
    let cancel = ["cancel", "-o", "dev"];
    session.served.run(&session.place, &cancel).exits(0);
    session.org_says("Canceled");
}

/// An org that works until it is asked to stop, and then says that it commits.
#[test]
fn a_cancel_that_comes_too_late_is_said_and_the_end_is_waited_for() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "cancel-while-finalizing"]);
    let asked = AtomicBool::new(false);
    let change = move |line: &str, body: String| {
        if line.starts_with("PATCH ") {
            asked.store(true, Ordering::SeqCst);
        }
        let is_look = line.starts_with("GET ") && line.contains("/metadata/deployRequest/");
        if !is_look || asked.load(Ordering::SeqCst) {
            return body;
        }
        body.replace("\"done\":true", "\"done\":false")
            .replace("\"Succeeded\"", "\"InProgress\"")
    };
    let wire = Wire::changing(&served.instance_url, |_| Fate::Pass, change);
    let environment = [
        ("SF_INSTANCE_URL", wire.url.as_str()),
        ("SF_ACCESS_TOKEN", served.token.as_str()),
    ];
    let mut terminal = AtTerminal::start(place.path(), &DEPLOY, &environment);
    terminal.until("in progress: ").type_in(INTERRUPT);
    terminal.until(QUESTION).type_in("c\r");
    terminal.until("does not stop deploy 0Af").ends(0);
    assert!(terminal.seen.contains("Verified"), "{}", terminal.seen);
    assert_eq!(served.deploys(), [("Succeeded".to_owned(), false)]);
}

#[test]
fn a_second_ctrl_c_leaves() {
    let mut session = Session::start();
    session.until("in the org's queue").type_in(INTERRUPT);
    session.until(QUESTION).type_in(INTERRUPT);
    session.until("the org goes on with deploy 0Af").ends(130);
    session.org_says("Pending");
}

/// What stands on the last lines of a terminal after these bytes: `\r` goes back to the line's start.
fn shown(bytes: &str) -> Vec<String> {
    let line = |text: &str| {
        let mut cells: Vec<char> = Vec::new();
        for part in text.split('\r') {
            for (at, letter) in part.chars().enumerate() {
                match cells.get_mut(at) {
                    Some(cell) => *cell = letter,
                    None => cells.push(letter),
                }
            }
        }
        cells.into_iter().collect::<String>().trim_end().to_owned()
    };
    bytes.split('\n').map(line).collect()
}

#[test]
fn progress_leaves_nothing_behind_where_there_are_no_colours() {
    let place = Place::minimal();
    let deploy = ["deploy", "-o", "local", "--test-level", "NoTestRun"];
    for columns in [20, 200] {
        let environment = [("NO_COLOR", "1"), ("TERM", "xterm")];
        let mut terminal = AtTerminal::with_columns(columns, place.path(), &deploy, &environment);
        terminal.ends(0);
        assert!(!terminal.seen.contains('\u{1b}'), "{:?}", terminal.seen);
        let lines = shown(&terminal.seen);
        let left = lines.iter().find(|line| line.contains('…'));
        assert_eq!(left, None, "{columns}: {:?}", terminal.seen);
        let org = lines.iter().find(|line| line.starts_with("Org  "));
        assert!(org.is_some(), "{lines:#?}");
    }
}

#[test]
fn a_dumb_terminal_gets_lines_without_marks() {
    let place = Place::minimal();
    let environment = [("TERM", "dumb")];
    let plan = ["plan", "-o", "local"];
    let mut terminal = AtTerminal::with_columns(20, place.path(), &plan, &environment);
    terminal.ends(2);
    assert!(!terminal.seen.contains('\u{1b}'), "{:?}", terminal.seen);
    let lines: Vec<&str> = terminal.seen.lines().collect();
    assert!(lines.contains(&"reading local"), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.starts_with("Plan  ")),
        "{lines:#?}"
    );
}

#[test]
fn key_and_secret_are_asked_for_and_not_shown_while_they_are_typed() {
    let place = Place::minimal();
    let args = [
        "doctor",
        "oauth credentials won't save",
        "-o",
        "local",
        "--credentials-stdin",
    ];
    let mut terminal = AtTerminal::start(place.path(), &args, &[]);
    // `c4nary` must not be seen; `type_in` and `ends` look for it.
    terminal
        .until("Consumer Key")
        .type_in_secret("3MVG9c4nary \r");
    terminal
        .until("Consumer Secret")
        .type_in_secret("c4narysecret\r");
    terminal
        .until("the key has a blank after it")
        .until("the secret has a character that no secret has")
        .ends(1);
}

/// Whoever sends it is no person, also where there is a terminal.
#[test]
fn sigterm_asks_nobody_at_a_terminal_either() {
    let mut session = Session::start();
    session.until("in the org's queue");
    let killed = std::process::Command::new("kill")
        .arg(session.terminal.id().to_string())
        .status();
    assert!(killed.unwrap().success());
    // A question would have the same words, and wait for an answer.
    session.until("goes on with").until("deploy");
    let seen = &session.terminal.seen;
    assert!(!seen.contains("goes on with the deploy"), "{seen}");
    session.until("the org goes on with deploy 0Af").ends(130);
    session.org_says("Pending");
}

/// Nobody is asked: whoever sends SIGTERM kills soon after.
#[test]
fn sigterm_leaves_at_once_and_says_what_goes_on() {
    let place = Served::place();
    let served = Served::start(&place, &["--condition", "deploy-queue-busy"]);
    let said = served.ended_by_sigterm(&place, &DEPLOY, "in the org's queue");
    assert!(said.contains("the org goes on with deploy 0Af"), "{said}");
    assert_eq!(served.deploys(), [("Pending".to_owned(), false)]);
    let ran: Ran = served.run(&place, &["report", "-o", "dev", "--json"]);
    assert_eq!(ran.exits(3).json()["status"], "running");
}
