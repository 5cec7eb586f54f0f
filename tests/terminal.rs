//! A person at a terminal presses Ctrl-C in the middle of a deploy, or a program ends the tool.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;

use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};

use common::{Place, Ran};
use pty_process::blocking::{Command, Pty, open};
use served::Served;

const DEPLOY: [&str; 5] = ["deploy", "-o", "dev", "--test-level", "NoTestRun"];

/// Ctrl-C, as a keyboard sends it.
const INTERRUPT: &str = "\u{3}";

/// A deploy in a terminal, of an org that leaves it in its queue.
struct Session {
    place: Place,
    served: Option<Served>,
    terminal: Pty,
    child: Child,
    seen: String,
}

impl Session {
    fn start() -> Self {
        let place = Served::place();
        let served = Served::start(&place, &["--condition", "deploy-queue-busy"]);
        Self::of(place, Some(served), &DEPLOY)
    }

    /// A command in a terminal.
    fn of(place: Place, served: Option<Served>, args: &[&str]) -> Self {
        let (terminal, inside) = open().unwrap();
        terminal.resize(pty_process::Size::new(24, 200)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_opencx-sf"))
            .args(args)
            .current_dir(place.path());
        if let Some(served) = &served {
            command = command
                .env("SF_INSTANCE_URL", &served.instance_url)
                .env("SF_ACCESS_TOKEN", &served.token);
        }
        let child = command.spawn(inside).unwrap();
        Self {
            place,
            served,
            terminal,
            child,
            seen: String::new(),
        }
    }

    /// Reads on until that is there; a terminal that closes before is a failure.
    fn until(&mut self, text: &str) -> &mut Self {
        while !self.seen.contains(text) {
            let mut bytes = [0; 4096];
            let count = (&self.terminal).read(&mut bytes).unwrap_or_default();
            assert!(count > 0, "it ended without `{text}`: {}", self.seen);
            self.seen
                .push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        self
    }

    fn type_in(&mut self, keys: &str) -> &mut Self {
        self.seen.clear();
        (&self.terminal).write_all(keys.as_bytes()).unwrap();
        self
    }

    fn ends(&mut self, code: i32) -> &mut Self {
        // What it still writes must be read, or it can't end.
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = (&self.terminal).read(&mut bytes) {
            self.seen
                .push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{}", self.seen);
        assert!(!self.seen.contains("c4nary"), "{}", self.seen);
        self
    }

    fn org_says(&self, status: &str) {
        assert_eq!(self.served().deploys(), [(status.to_owned(), false)]);
    }

    fn served(&self) -> &Served {
        self.served.as_ref().unwrap()
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
    session.served().run(&session.place, &cancel).exits(0);
    session.org_says("Canceled");
}

#[test]
fn a_second_ctrl_c_leaves() {
    let mut session = Session::start();
    session.until("in the org's queue").type_in(INTERRUPT);
    session.until(QUESTION).type_in(INTERRUPT);
    session.until("the org goes on with deploy 0Af").ends(130);
    session.org_says("Pending");
}

#[test]
fn key_and_secret_are_asked_for_and_not_shown_while_they_are_typed() {
    let args = [
        "doctor",
        "oauth credentials won't save",
        "-o",
        "local",
        "--credentials-stdin",
    ];
    let mut session = Session::of(Place::minimal(), None, &args);
    // `c4nary` must not be seen; `ends` looks for it.
    session.until("Consumer Key").type_in("3MVG9c4nary \r");
    session.until("Consumer Secret").type_in("c4narysecret\r");
    session
        .until("the key has a blank after it")
        .until("the secret has a character that no secret has")
        .ends(1);
}

/// Nobody is asked: whoever sends SIGTERM kills soon after.
#[test]
fn sigterm_leaves_at_once_and_says_what_goes_on() {
    let place = Served::place();
    let served = Served::start(&place, &["--condition", "deploy-queue-busy"]);
    let mut child = place
        .command(&DEPLOY)
        .env("SF_INSTANCE_URL", &served.instance_url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = String::new();
    while !said.contains("in the org's queue") {
        let mut bytes = [0; 4096];
        let count = stderr.read(&mut bytes).unwrap();
        assert!(count > 0, "{said}");
        said.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    let killed = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status();
    assert!(killed.unwrap().success());
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("the org goes on with deploy 0Af"), "{said}");
    assert_eq!(served.deploys(), [("Pending".to_owned(), false)]);
    let ran: Ran = served.run(&place, &["report", "-o", "dev", "--json"]);
    assert_eq!(ran.exits(3).json()["status"], "running");
}
