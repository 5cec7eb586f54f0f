//! How often a deploy asks, and what it asks at the same time.
//!
//! What must go out together is held until all of it has arrived: a tool that asked one after the
//! other would wait for ever, and fails here after a minute.

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

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use common::{Place, Ran};
use serde_json::Value;
use served::Served;
use wire::{Fate, Wire};

const DEPLOY: [&str; 6] = ["deploy", "-o", "dev", "--json", "--test-level", "NoTestRun"];

/// What goes out together, step by step.
const CHANGING: &[&[&str]] = &[
    &["who and what", "deploys", "survey", "preflight"],
    &["read back", "triggers", "credentials", "assignments"],
];

/// The same when this machine has brought the very package before.
const UNCHANGED: &[&[&str]] = &[&[
    "who and what",
    "deploys",
    "survey",
    "preflight",
    "triggers",
    "credentials",
    "assignments",
]];

/// Requests by what they are for, in the order in which they came.
struct Seen {
    together: &'static [&'static [&'static str]],
    kinds: Mutex<Vec<&'static str>>,
    more: Condvar,
}

impl Seen {
    /// Takes a request down, and lets it through when all have come that go out with it.
    fn note(&self, line: &str) {
        let mut kinds = self.kinds.lock().unwrap();
        let kind = kind(line, &kinds);
        kinds.push(kind);
        self.more.notify_all();
        let Some(group) = self.together.iter().find(|group| group.contains(&kind)) else {
            return;
        };
        let waiting = |kinds: &mut Vec<&str>| !group.iter().all(|kind| kinds.contains(kind));
        let minute = Duration::from_secs(60);
        let (kinds, late) = self
            .more
            .wait_timeout_while(kinds, minute, waiting)
            .unwrap();
        assert!(
            !late.timed_out(),
            "{group:?} did not come together: {kinds:?}"
        );
    }

    fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for kind in &*self.kinds.lock().unwrap() {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    }
}

fn kind(line: &str, before: &[&str]) -> &'static str {
    let sent = before.contains(&"send");
    let has = |part: &str| line.contains(part);
    if line.starts_with("POST") && has("/metadata/deployRequest") {
        "send"
    } else if has("/metadata/deployRequest/") {
        "poll"
    } else if has("/services/Soap/m/") {
        if sent { "read back" } else { "survey" }
    } else if has("/composite/batch") && !before.contains(&"who and what") {
        "who and what"
    } else if has("/composite/batch") {
        "preflight"
    } else if has("FROM+DeployRequest") {
        "deploys"
    } else if has("FROM+ApexTrigger") {
        "triggers"
    } else if has("FROM+NamedCredential") {
        "credentials"
    } else if has("FROM+PermissionSetAssignment") {
        "assignments"
    } else {
        "other"
    }
}

/// Deploys through a wire that looks at what goes out together; how it ended, and how often it asked
/// what.
fn deploy(
    place: &Place,
    served: &Served,
    together: &'static [&'static [&'static str]],
) -> (Value, BTreeMap<&'static str, usize>) {
    let seen = Arc::new(Seen {
        together,
        kinds: Mutex::default(),
        more: Condvar::default(),
    });
    let noting = Arc::clone(&seen);
    let wire = Wire::to(&served.instance_url, move |line| {
        noting.note(line);
        Fate::Pass
    });
    let ran: Ran = place
        .command(&DEPLOY)
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .output()
        .unwrap()
        .into();
    let mut counts = seen.counts();
    // How often these ask depends on how quick the org is.
    for (kind, least) in [("survey", 2), ("poll", 1), ("read back", 2)] {
        let count = counts.remove(kind);
        assert!(count.is_none_or(|count| count >= least), "{kind}");
    }
    (ran.exits(0).json(), counts)
}

#[test]
fn a_deploy_asks_nothing_twice_and_waits_for_nothing_in_vain() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let (report, counts) = deploy(&place, &served, CHANGING);
    assert_eq!(report["status"], "deployed");
    let once = [
        "assignments",
        "credentials",
        "deploys",
        "preflight",
        "send",
        "triggers",
        "who and what",
    ];
    assert_eq!(counts, once.map(|kind| (kind, 1)).into());

    // What the org holds already costs one round trip and the look at the retrieve.
    let (report, mut counts) = deploy(&place, &served, UNCHANGED);
    assert_eq!(report["status"], "unchanged");
    counts.insert("send", 1);
    assert_eq!(counts, once.map(|kind| (kind, 1)).into());
}
