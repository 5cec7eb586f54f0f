//! The tool is killed (SIGKILL) before and after each line of its journals, in every kind of run that
//! keeps one. The next run says that something was left open when it was, finds out how that ended,
//! and comes to the state that was asked for; the org gets nothing twice.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/moments.rs"]
mod moments;
#[path = "common/served.rs"]
mod served;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Place, Ran, root};
use moments::{Moments, OF_A_LINE};
use serde_json::Value;
use served::{CONFIG, Served};

/// Before each line and after it, and in the middle of the first: what a line says is either there or
/// not. Of these a share, `OPENCX_SF_KILLS=2/4`, is the second of four; one of four when nothing is
/// said.
#[allow(
    clippy::disallowed_methods,
    reason = "how much is tried is for CI to say"
)]
fn moments(first: u32) -> impl Iterator<Item = u32> {
    let share = std::env::var("OPENCX_SF_KILLS");
    let share = share.unwrap_or_else(|_| "1/4".to_owned());
    let (part, of) = share.split_once('/').unwrap();
    let (part, of): (usize, usize) = (part.parse().unwrap(), of.parse().unwrap());
    let all = (first..).filter(|moment| *moment <= OF_A_LINE || moment % OF_A_LINE != 2);
    all.skip(part - 1).step_by(of)
}

/// The moment before that line of a journal is written, counted from 1.
const fn before_line(line: u32) -> u32 {
    (line - 1) * OF_A_LINE + 1
}

const EARLIER: &str = "left something open: settling that first";

/// A place and its org, with Apex that does nothing, so that neither side takes long over it.
struct Scene {
    moments: Moments,
    place: Place,
    served: Served,
    /// The config, with `ADDRESS` where its address is to stand.
    config: String,
}

/// What a killed run left.
struct Left {
    /// Which moment it was, for messages.
    moment: u32,
    /// The last whole line of its journal, by its event; empty when there is none.
    last: String,
    /// What the org has received of it: the ids of deploys that are more than validations.
    real: Vec<String>,
}

/// The templates of Apex without their work. The class of the reply-to address still names it.
fn idle_apex(folder: &Path) {
    let shipped = |kind: &str| std::fs::read_dir(root().join("templates").join(kind)).unwrap();
    let files = shipped("classes").chain(shipped("triggers"));
    for path in files.map(|entry| entry.unwrap().path()) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let (version, code) = text.split_once('\n').unwrap();
        let code = match path.extension().unwrap().to_str().unwrap() {
            "trigger" => {
                let head = code.lines().find(|line| line.starts_with("trigger "));
                format!("{}\n}}\n", head.unwrap())
            }
            "cls" if name.ends_with("Test") => format!(
                "@IsTest\nprivate class {{{{ names.{name} }}}} {{\n    @IsTest\n    static void works() {{\n        \
                 System.assert(true, 'it runs');\n    }}\n}}\n"
            ),
            "cls" => {
                let body = if name == "OpenCxSenderIdentity" {
                    "    public static final String REPLY_TO_ADDRESS = {{ reply_to }};\n"
                } else {
                    ""
                };
                format!("public with sharing class {{{{ names.{name} }}}} {{\n{body}}}\n")
            }
            _ => continue,
        };
        let within = path.strip_prefix(root()).unwrap();
        std::fs::create_dir_all(folder.join(within.parent().unwrap())).unwrap();
        std::fs::write(folder.join(within), format!("{version}\n{code}")).unwrap();
    }
}

impl Scene {
    fn new(more: &str, org: &str, options: &[&str]) -> Self {
        let moments = Moments::compiled();
        let place = Served::place();
        idle_apex(place.path());
        let usual = CONFIG.replace("auth: env", org);
        let config = format!("templates: templates\n{more}{usual}");
        let scene = Self {
            moments,
            served: Served::start(&place, options),
            place,
            config: config.replace("support@acme.example", "ADDRESS"),
        };
        scene.wants("support@acme.example");
        scene
    }

    /// From now on customers are to answer to that address.
    fn wants(&self, address: &str) {
        let config = self.config.replace("ADDRESS", address);
        self.place.write("opencx.yaml", &config);
    }

    /// The address that stands in the org's class; none when there is no such class.
    fn holds(&self) -> Option<String> {
        let query = "SELECT Name, Body FROM ApexClass";
        let rows = self.served.tooling_query(query);
        let class = rows
            .iter()
            .find(|row| row["Name"] == "OpenCxSenderIdentity")?;
        let body = class["Body"].as_str().unwrap();
        let (_, rest) = body.split_once("REPLY_TO_ADDRESS = '").unwrap();
        Some(rest.split_once('\'').unwrap().0.to_owned())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.place.command(args);
        command
            .env("SF_INSTANCE_URL", &self.served.instance_url)
            .env("SF_ACCESS_TOKEN", &self.served.token);
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// The deploys that the org has received, oldest first, without those that only validate.
    fn real(&self) -> Vec<String> {
        let query = "SELECT Id, CheckOnly FROM DeployRequest ORDER BY Id";
        let rows = self.served.tooling_query(query);
        let real = rows.iter().filter(|row| row["CheckOnly"] == false);
        real.map(|row| row["Id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The journals, oldest first.
    fn journals(&self) -> Vec<PathBuf> {
        let folder = self.place.path().join(".opencx/journal/dev");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|suffix| suffix == "jsonl"))
            .collect();
        files.sort();
        files
    }

    /// Kills one run of that command at that moment; `None` when it had come to its end before.
    fn killed(&self, moment: u32, args: &[&str]) -> Option<Left> {
        let (journals, real) = (self.journals(), self.real());
        if let Some(ran) = self.moments.killed_at(moment, self.command(args)) {
            ran.exits(0);
            return None;
        }
        let files = self.journals();
        assert_eq!(files.len(), journals.len() + 1, "a run has one journal");
        Some(Left {
            moment,
            last: last_event(files.last().unwrap()),
            real: self.real().split_off(real.len()),
        })
    }

    /// Kills runs of that command at one moment after the other, from that one on, until one comes
    /// to its end. `begin` makes what each begins from; `then` sees what it left, and brings it to
    /// its end.
    fn at_each_line(&self, args: &[&str], first: u32, begin: impl Fn(u32), then: impl Fn(&Left)) {
        for moment in moments(first) {
            begin(moment);
            match self.killed(moment, args) {
                Some(left) => then(&left),
                None => return,
            }
        }
    }

    /// What `report` says of a run that was killed is true: nothing of it when nothing was sent, that
    /// it is not known, or the org's own deploy.
    #[track_caller]
    fn is_reported(&self, left: &Left) {
        let ran = self.run(&["report", "-o", "dev", "--json"]);
        let real = self.real();
        match (left.last.as_str(), left.real.last()) {
            ("" | "begin" | "backed-up", newest) => {
                assert_eq!(newest, None, "{left}");
                let known = real.last().map(String::as_str);
                assert_eq!(ran.json_if(0)["deploy"]["id"].as_str(), known, "{left}");
            }
            ("sending", None) => {
                let ran = ran.exits(3);
                let unknown = "error[deploy/outcome-unknown]: the org shows no such deploy, so far";
                assert!(ran.err.contains(unknown), "{left}: {}", ran.err);
            }
            (_, Some(newest)) => {
                let report = ran.json();
                assert_eq!(
                    report["deploy"]["id"].as_str(),
                    Some(newest.as_str()),
                    "{left}"
                );
                let is_done = report["deploy"]["done"] == true;
                assert_eq!(ran.code, if is_done { 0 } else { 3 }, "{left}");
            }
            (_, None) => panic!("{left}: the org has nothing of it"),
        }
    }

    /// The same command again, to its end. It says that something was left open exactly when it was.
    #[track_caller]
    fn again(&self, left: &Left, args: &[&str]) -> Value {
        let ran = self.run(args).exits(0);
        let open = matches!(left.last.as_str(), "sending" | "taken");
        assert_eq!(ran.err.contains(EARLIER), open, "{left}: {}", ran.err);
        ran.json()
    }
}

impl Ran {
    /// Its output when it ended with that code, else nothing.
    fn json_if(&self, code: i32) -> Value {
        if self.code == code {
            self.json()
        } else {
            Value::Null
        }
    }
}

impl Left {
    /// What the next run says, by whether the org had it already.
    fn unless_it_arrived<'a>(&self, said: &'a str, otherwise: &'a str) -> &'a str {
        if self.real.is_empty() {
            said
        } else {
            otherwise
        }
    }
}

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { moment, last, real } = self;
        write!(
            f,
            "killed at moment {moment}, after `{last}`, with {real:?} in the org"
        )
    }
}

/// An address that no other moment's run wants.
fn address(moment: u32) -> String {
    format!("at-{moment}@acme.example")
}

fn last_event(journal: &Path) -> String {
    let text = std::fs::read_to_string(journal).unwrap();
    let mut lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let last: Option<Value> = lines.next_back();
    last.map_or_else(String::new, |line| {
        line["event"].as_str().unwrap().to_owned()
    })
}

const DEPLOY: [&str; 6] = ["deploy", "-o", "dev", "--json", "--test-level", "NoTestRun"];
const UNINSTALL: [&str; 7] = [
    "uninstall",
    "-o",
    "dev",
    "--json",
    "--yes",
    "--test-level",
    "NoTestRun",
];
const ROLLBACK: [&str; 7] = [
    "rollback",
    "-o",
    "dev",
    "--json",
    "--yes",
    "--test-level",
    "NoTestRun",
];

#[test]
fn first_deploys_and_removals() {
    let scene = Scene::new("", "auth: env", &[]);
    let is_new = |left: &Left| {
        scene.is_reported(left);
        let before = scene.real().len() - left.real.len();
        let report = scene.again(left, &DEPLOY);
        assert_eq!(
            report["status"],
            left.unless_it_arrived("deployed", "unchanged"),
            "{left}"
        );
        assert_eq!(scene.real().len(), before + 1, "{left}");
        assert_eq!(
            scene.holds().as_deref(),
            Some("support@acme.example"),
            "{left}"
        );
    };
    let is_gone = |left: &Left| {
        let before = scene.real().len() - left.real.len();
        let report = scene.again(left, &UNINSTALL);
        assert_eq!(report["status"], "removed", "{left}");
        assert_eq!(scene.real().len(), before + 1, "{left}");
        assert_eq!(scene.holds(), None, "{left}");
    };
    for moment in moments(1) {
        let deploy = scene.killed(moment, &DEPLOY);
        deploy.iter().for_each(is_new);
        let removal = scene.killed(moment, &UNINSTALL);
        removal.iter().for_each(is_gone);
        if deploy.or(removal).is_none() {
            break;
        }
    }
}

#[test]
fn changes_and_the_way_back() {
    let scene = Scene::new("", "auth: env", &[]);
    let (old, new) = ("old@acme.example", "new@acme.example");
    scene.wants(old);
    scene.run(&DEPLOY).exits(0);
    scene.wants(new);
    // What has arrived is undone at once: it is what goes, and not what was there before it.
    scene.at_each_line(
        &DEPLOY,
        before_line(4),
        |_| (),
        |left| {
            let undone = scene.again(left, &ROLLBACK);
            assert_eq!(undone["undone"], serde_json::json!(left.real), "{left}");
            assert_eq!(scene.holds().as_deref(), Some(old), "{left}");
        },
    );
    let holding_new = |_| drop(scene.run(&DEPLOY).exits(0));
    scene.at_each_line(&ROLLBACK, 1, holding_new, |left| {
        let before = scene.real().len() - left.real.len();
        let report = scene.again(left, &ROLLBACK);
        let status = left.unless_it_arrived("undone", "nothing-to-undo");
        assert_eq!(report["status"], status, "{left}");
        assert_eq!(scene.holds().as_deref(), Some(old), "{left}");
        assert_eq!(scene.real().len(), before + 1, "{left}");
    });
}

/// Production is validated, and the validation made real: two requests.
#[test]
fn validations_that_are_made_real() {
    let org = "auth: env, production: true";
    let scene = Scene::new("", org, &["--org-kind", "production"]);
    let deploy = ["deploy", "-o", "dev", "--json", "--yes"];
    scene.at_each_line(
        &deploy,
        1,
        |moment| scene.wants(&address(moment)),
        |left| {
            let before = scene.real().len() - left.real.len();
            let report = scene.again(left, &deploy);
            assert_eq!(
                report["status"],
                left.unless_it_arrived("deployed", "unchanged"),
                "{left}"
            );
            assert_eq!(scene.real().len(), before + 1, "{left}");
            assert_eq!(scene.holds(), Some(address(left.moment)), "{left}");
        },
    );
}

/// Between the two requests nothing of the second run is in the org: what goes is the first.
#[test]
fn what_was_only_validated_is_not_undone() {
    let org = "auth: env, production: true";
    let scene = Scene::new("", org, &["--org-kind", "production"]);
    let deploy = ["deploy", "-o", "dev", "--json", "--yes"];
    scene.run(&deploy).exits(0);
    let first = scene.real();
    scene.wants("new@acme.example");
    let left = scene.killed(before_line(6), &deploy).unwrap();
    assert_eq!((left.last.as_str(), left.real.len()), ("ended", 0));
    let mut rollback = ROLLBACK.to_vec();
    rollback[6] = "RunLocalTests";
    let report = scene.run(&rollback).exits(0).json();
    assert_eq!(report["undone"], serde_json::json!(first));
    assert_eq!(scene.holds(), None);
}

/// `--async` leaves the deploy to the org; `report` waits for it.
#[test]
fn deploys_that_are_left_to_the_org() {
    let scene = Scene::new("", "auth: env", &[]);
    let mut left_alone = DEPLOY.to_vec();
    left_alone.push("--async");
    let change = |moment| {
        // What was left alone before is settled, so that this run writes about itself alone.
        scene.run(&DEPLOY).exits(0);
        scene.wants(&address(moment));
    };
    scene.at_each_line(&left_alone, 1, change, |left| {
        let before = scene.real().len() - left.real.len();
        if left.real.is_empty() {
            let report = scene.again(left, &left_alone);
            assert_eq!(report["status"], "running", "{left}");
        }
        let wait = ["report", "-o", "dev", "--json", "--wait", "1"];
        let report = scene.run(&wait).exits(0).json();
        assert_eq!(report["status"], "succeeded", "{left}");
        assert_eq!(scene.real().len(), before + 1, "{left}");
        assert_eq!(scene.holds(), Some(address(left.moment)), "{left}");
    });
}

/// Three packages, of which two change; the second needs what is in the first.
#[test]
fn packages_one_after_the_other() {
    let app = "external_client_app: { contact_email: ADDRESS, require_pkce: false }\n";
    let scene = Scene::new(app, "auth: env", &[]);
    scene.run(&DEPLOY).exits(0);
    scene.at_each_line(
        &DEPLOY,
        1,
        |moment| scene.wants(&address(moment)),
        |left| {
            let before = scene.real().len() - left.real.len();
            scene.again(left, &DEPLOY);
            assert_eq!(scene.real().len(), before + 2, "{left}");
            scene.run(&["drift", "-o", "dev"]).exits(0);
        },
    );
}

/// The run that finds out what an earlier one left is killed as well.
#[test]
fn runs_that_settle_an_earlier_one() {
    let scene = Scene::new("", "auth: env", &[]);
    scene.run(&DEPLOY).exits(0);
    // The org has it, and the line that says so was not written.
    let unnoticed = before_line(4);
    for moment in moments(1) {
        scene.wants(&address(moment));
        let left = scene.killed(unnoticed, &DEPLOY).unwrap();
        assert_eq!((left.last.as_str(), left.real.len()), ("sending", 1));
        let before = scene.real().len();
        let ended = scene.moments.killed_at(moment, scene.command(&DEPLOY));
        let is_over = ended.is_some();
        let report = ended.unwrap_or_else(|| scene.run(&DEPLOY)).exits(0).json();
        assert_eq!(report["status"], "unchanged", "{moment}");
        assert_eq!(scene.real().len(), before, "{moment}");
        assert_eq!(scene.holds(), Some(address(moment)), "{moment}");
        if is_over {
            break;
        }
    }
}
