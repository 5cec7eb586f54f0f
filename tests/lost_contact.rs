//! Whatever breaks between the tool and the org, and wherever the tool is killed: no package is
//! deployed twice, and what is said about it is true.

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

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::{Place, Ran};
use served::Served;
use wire::{Fate, Wire};

const POST: &str = "POST /services/data/v66.0/metadata/deployRequest ";
const POLL: &str = "GET /services/data/v66.0/metadata/deployRequest/";
const READ: &str = "POST /services/Soap/m/";

/// Without Apex tests: how they run is no matter here.
const DEPLOY: [&str; 6] = ["deploy", "-o", "dev", "--json", "--test-level", "NoTestRun"];

fn through(wire: &Wire, served: &Served, place: &Place, args: &[&str]) -> Ran {
    place
        .command(args)
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .output()
        .unwrap()
        .into()
}

/// That fate for the request of that kind whose turn it is, counted from 1; the others pass.
fn fate_of(kind: &'static str, turn: u32, fate: Fate) -> impl Fn(&str) -> Fate + Send + Sync {
    let seen = AtomicU32::new(0);
    move |line| {
        if line.starts_with(kind) && seen.fetch_add(1, Ordering::SeqCst) + 1 == turn {
            fate
        } else {
            Fate::Pass
        }
    }
}

/// No byte that a run leaves behind holds the token or the webhook's secret.
fn nothing_secret(place: &Place, token: &str) {
    for entry in walkdir::WalkDir::new(place.path().join(".opencx")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let text = std::fs::read(entry.path()).unwrap();
            let text = String::from_utf8_lossy(&text);
            assert!(!text.contains("c4nary"), "{}", entry.path().display());
            assert!(!text.contains(token), "{}", entry.path().display());
        }
    }
}

#[test]
fn a_deploy_whose_answer_is_lost_is_found_and_adopted() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "drop-deploy-response"]);
    let ran = served.run(&place, &DEPLOY).exits(0);
    assert_eq!(ran.json()["status"], "deployed");
    assert_eq!(served.deploys(), [("Succeeded".to_owned(), false)]);
    nothing_secret(&place, &served.token);
}

#[test]
fn a_deploy_that_may_have_been_received_is_not_sent_again() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let wire = Wire::to(&served.instance_url, fate_of(POST, 1, Fate::CutBefore));
    let ran = through(&wire, &served, &place, &DEPLOY).exits(3);
    assert!(
        ran.err.contains("error[deploy/outcome-unknown]"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("opencx-sf report --target-org dev"),
        "{}",
        ran.err
    );
    assert_eq!(served.deploys(), []);
    // The org never received it, and after a while that is certain.
    let ran = served.run(&place, &DEPLOY).exits(0);
    assert_eq!(ran.json()["status"], "deployed");
    assert_eq!(served.deploys(), [("Succeeded".to_owned(), false)]);
}

#[test]
fn polling_survives_a_connection_that_breaks() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let wire = Wire::to(&served.instance_url, fate_of(POLL, 2, Fate::CutAfter));
    let ran = through(&wire, &served, &place, &DEPLOY).exits(0);
    assert_eq!(ran.json()["status"], "deployed");
}

/// Kills the tool (SIGKILL) while that request is held, and lets another run go on.
#[track_caller]
fn killed(kind: &'static str, turn: u32, fate: Fate) {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let wire = Wire::to(&served.instance_url, fate_of(kind, turn, fate));
    let mut child = place
        .command(&DEPLOY)
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    assert!(
        wire.holds(Duration::from_secs(60)),
        "{kind} {turn} {fate:?}"
    );
    child.kill().unwrap();
    child.wait().unwrap();

    let ran = served.run(&place, &DEPLOY).exits(0);
    let status = ran.json()["status"].as_str().unwrap().to_owned();
    assert!(
        matches!(status.as_str(), "deployed" | "unchanged"),
        "{status}"
    );
    assert_eq!(
        served.deploys(),
        [("Succeeded".to_owned(), false)],
        "{kind} {turn} {fate:?}"
    );
    served.run(&place, &["drift", "-o", "dev"]).exits(0);
    nothing_secret(&place, &served.token);
}

#[test]
fn killed_before_the_package_left() {
    killed(
        "POST /services/data/v66.0/composite/batch",
        1,
        Fate::HoldBefore,
    );
    killed(READ, 1, Fate::HoldAfter);
    killed(POST, 1, Fate::HoldBefore);
}

#[test]
fn killed_while_the_org_has_the_package() {
    killed(POST, 1, Fate::HoldAfter);
    killed(POLL, 1, Fate::HoldBefore);
    killed(POLL, 3, Fate::HoldAfter);
}

#[test]
fn killed_when_the_org_was_done() {
    killed(READ, 5, Fate::HoldAfter);
}

/// Wherever it is: the request is counted, not chosen.
#[test]
fn killed_at_any_request() {
    for turn in [2, 4, 7, 11] {
        killed("", turn, Fate::HoldBefore);
    }
}

#[test]
fn left_to_the_org_and_looked_up_later() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let mut args = DEPLOY.to_vec();
    args.push("--async");
    let ran = served.run(&place, &args).exits(0);
    assert_eq!(ran.json()["status"], "running");
    let id = ran.json()["running"].as_str().unwrap().to_owned();
    let ran = served
        .run(&place, &["report", "-o", "dev", "--json"])
        .exits(3);
    assert_eq!(ran.json()["status"], "running");
    let waited = ["report", &id, "-o", "dev", "--json", "--wait", "1"];
    let ran = served.run(&place, &waited).exits(0);
    assert_eq!(ran.json()["status"], "succeeded");
    assert_eq!(ran.json()["deploy"]["id"], id.as_str());
    let ran = served.run(&place, &["cancel", "-o", "dev"]).exits(1);
    for words in [
        "error[deploy/not-cancelable]".to_owned(),
        format!("deploy {id} is over, so there is nothing to cancel"),
        "it ended: succeeded: ".to_owned(),
        format!("opencx-sf report {id} --target-org dev"),
    ] {
        assert!(ran.err.contains(&words), "{words} in {}", ran.err);
    }
    let unknown = ["cancel", "0Af000000000099AAA", "-o", "dev"];
    let ran = served.run(&place, &unknown);
    assert!(ran.err.contains("error[sf/not-found]"), "{}", ran.err);
}

#[test]
fn an_org_that_commits_is_waited_for_though_it_was_asked_to_stop() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "cancel-while-finalizing"]);
    let mut args = DEPLOY.to_vec();
    args.push("--async");
    served.run(&place, &args).exits(0);
    let ran = served.run(&place, &["cancel", "-o", "dev", "--json"]);
    let ran = ran.exits(1);
    assert_eq!(ran.json()["status"], "succeeded");
    for words in [
        "does not stop it any more",
        "You cannot cancel the deployment while finalizing is in progress",
        "waiting for its end",
    ] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
}

#[test]
fn what_the_org_said_last_is_said_when_it_is_out_of_sight() {
    // It says something once, and nothing that can be read after that.
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "pending-for-ever"]);
    let seen = AtomicU32::new(0);
    let garbled = move |line: &str, body: String| {
        let is_status = line.starts_with(POLL);
        match is_status && seen.fetch_add(1, Ordering::SeqCst) > 0 {
            true => "gone".to_owned(),
            false => body,
        }
    };
    let wire = Wire::changing(&served.instance_url, |_| Fate::Pass, garbled);
    let mut command = place.command(&DEPLOY);
    command
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    for words in [
        "contact with the org was lost while deploy 0Af",
        "the answer to the request for a deploy's status cannot be read",
        "the org said last: waiting in the org's queue: 0/",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
}

#[test]
fn one_of_many_orgs_that_is_out_of_sight_is_told_as_one_alone() {
    let place = Served::place();
    let config = served::CONFIG;
    place.write(
        "opencx.yaml",
        &format!("{config}  other:\n    emulator: {{}}\n"),
    );
    let served = Served::start(&place, &["--fault", "request-limit-status"]);
    let mut args = DEPLOY.to_vec();
    args[1] = "--all";
    args.remove(2);
    let ran = served.run(&place, &args).exits(3);
    for words in [
        "contact with the org was lost while deploy 0Af",
        "= note: the org takes no more API requests for now",
        "TotalRequests Limit exceeded",
    ] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
}

#[test]
fn a_deploy_in_the_queue_is_canceled() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let mut args = DEPLOY.to_vec();
    args.push("--async");
    served.run(&place, &args).exits(0);
    let ran = served
        .run(&place, &["cancel", "-o", "dev", "--json"])
        .exits(0);
    assert_eq!(ran.json()["status"], "canceled");
    assert_eq!(served.deploys(), [("Canceled".to_owned(), false)]);
}

#[test]
fn nothing_was_ever_sent() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let ran = served.run(&place, &["report", "-o", "dev"]).exits(64);
    assert!(
        ran.err.contains("error[deploy/none-from-here]"),
        "{}",
        ran.err
    );
}

/// Ctrl-C while the org works: without a terminal the deploy is left to the org.
#[cfg(unix)]
#[test]
fn interrupted_while_the_org_works() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let wire = Wire::to(&served.instance_url, fate_of(POLL, 1, Fate::HoldBefore));
    let child = place
        .command(&DEPLOY)
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    assert!(wire.holds(Duration::from_secs(60)));
    let status = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert!(
        ran.err.contains("warning[deploy/interrupted]"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("opencx-sf report 0Af"), "{}", ran.err);
    ran.exits(130);
    let waited = ["report", "-o", "dev", "--json", "--wait", "1"];
    served.run(&place, &waited).exits(0);
}

#[test]
fn two_runs_at_once() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let wire = Wire::to(&served.instance_url, fate_of(POLL, 1, Fate::HoldBefore));
    let mut first = place
        .command(&DEPLOY)
        .env("SF_INSTANCE_URL", &wire.url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    assert!(wire.holds(Duration::from_secs(60)));
    let ran = served.run(&place, &DEPLOY).exits(5);
    assert!(
        ran.err.contains("error[deploy/already-running]"),
        "{}",
        ran.err
    );
    first.kill().unwrap();
    first.wait().unwrap();
}

/// The tool may write that many bytes to any file. Its pipes are no files.
#[cfg(target_os = "linux")]
fn with_disk_of(bytes: usize, place: &Place, served: &Served) -> Ran {
    // Without the trap the system would end the process, as no full disk does.
    let script = "trap '' XFSZ; size=$1; shift; exec prlimit --fsize=$size \"$@\"";
    let tool = place.command(&DEPLOY);
    let mut command = std::process::Command::new("bash");
    command
        .args(["-c", script, "bash", &bytes.to_string()])
        .arg(tool.get_program())
        .args(tool.get_args())
        .current_dir(place.path())
        .env("SF_INSTANCE_URL", &served.instance_url)
        .env("SF_ACCESS_TOKEN", &served.token);
    command.output().unwrap().into()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_a_deploy_before_it_is_sent_and_hides_nothing_after() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let ran = with_disk_of(0, &place, &served).exits(1);
    assert!(ran.err.contains("error[deploy/no-journal]"), "{}", ran.err);
    assert_eq!(served.deploys(), []);

    // How long a journal is up to the line that says "sending".
    let other = Served::place();
    let calm = Served::start(&other, &[]);
    calm.run(&other, &DEPLOY).exits(0);
    let journals = walkdir::WalkDir::new(other.path().join(".opencx"));
    let mut journals = journals.into_iter().map(|entry| entry.unwrap().into_path());
    let journal = journals
        .find(|path| path.extension().is_some_and(|suffix| suffix == "jsonl"))
        .unwrap();
    let text = std::fs::read_to_string(journal).unwrap();
    let sent = text.find("\"event\":\"taken\"").unwrap();

    let ran = with_disk_of(sent, &place, &served).exits(0);
    assert_eq!(ran.json()["status"], "deployed");
    assert!(ran.err.contains("journal"), "{}", ran.err);
    assert_eq!(served.deploys(), [("Succeeded".to_owned(), false)]);
    // The next run finds a request without an end, and in the org what became of it.
    let ran = served.run(&place, &DEPLOY).exits(0);
    assert_eq!(ran.json()["status"], "unchanged");
    assert_eq!(served.deploys().len(), 1);
}

#[test]
fn a_token_that_the_org_repeats_is_shown_nowhere() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    let token = served.token.clone();
    let repeating = move |_: &str, body: String| body.replace("Local Org", &token);
    let wire = Wire::changing(&served.instance_url, |_| Fate::Pass, repeating);
    for json in [&[][..], &["--json"]] {
        let args = [&["plan", "-o", "dev"][..], json].concat();
        let ran = through(&wire, &served, &place, &args).exits(2);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("[redacted]"), "{said}");
        assert!(!said.contains(&served.token), "{said}");
    }
}

/// The same on stderr: in what stops a run, and in what it says while it works.
#[test]
fn a_secret_that_the_org_repeats_is_not_said_either() {
    let (place, other) = (Served::place(), Served::place());
    let busy = Served::start(&place, &["--condition", "deploy-queue-busy"]);
    let left = [&DEPLOY[..], &["--async"]].concat();
    busy.run(&other, &left).exits(0);
    let calm_place = Served::place();
    let calm = Served::start(&calm_place, &[]);
    let webhook = "https://opencx.invalid/webhook/c4nary-t0ken";
    for (index, secret) in [None, Some(webhook)].into_iter().enumerate() {
        let named = secret.unwrap_or(&busy.token).to_owned();
        let repeated = named.clone();
        let repeating = move |_: &str, body: String| body.replace("Local Admin", &repeated);
        let wire = Wire::changing(&busy.instance_url, |_| Fate::Pass, repeating);
        let args = [&DEPLOY[..], &["--wait", "0"]].concat();
        let ran = through(&wire, &busy, &place, &args).exits(5);
        let (_, stopped) = ran.err.split_once("error[guard/org-busy]").unwrap();
        assert!(stopped.contains("[redacted]"), "{stopped}");
        assert!(!ran.err.contains(&named), "{}", ran.err);

        let named = secret.unwrap_or(&calm.token).to_owned();
        let repeated = format!("\"stateDetail\":\"at {named}\"");
        let repeating =
            move |_: &str, body: String| body.replace("\"stateDetail\":null", &repeated);
        let wire = Wire::changing(&calm.instance_url, |_| Fate::Pass, repeating);
        // Another address each time, so that there is something to deploy.
        let config = served::CONFIG.replace("support@", &format!("support{index}@"));
        calm_place.write("opencx.yaml", &config);
        let ran = through(&wire, &calm, &calm_place, &DEPLOY).exits(0);
        assert!(ran.err.contains("at [redacted]"), "{}", ran.err);
        assert!(!ran.err.contains(&named), "{}", ran.err);
    }
}
