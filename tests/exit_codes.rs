//! Every exit code that scripts rely on, through the binary: one row for each, and no row too few.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

#[path = "common/served.rs"]
mod served;

use std::collections::BTreeSet;
use std::process::Command;

use common::{Place, Ran, root};
use served::Served;

type Row = (i32, fn() -> Ran);

const TABLE: [Row; 10] = [
    (0, clean),
    (1, not_written),
    (2, drifted),
    (3, not_shown),
    (4, no_permission),
    (5, another_org),
    (64, unknown_flag),
    (65, broken_config),
    (70, a_panic),
    (130, interrupted),
];

fn deployed() -> Place {
    let place = Place::minimal();
    place.run(&["deploy", "-o", "local"]).exits(0);
    place
}

fn clean() -> Ran {
    deployed().run(&["drift", "-o", "local"])
}

fn not_written() -> Ran {
    let place = Place::minimal();
    let ran = place.run(&[
        "drift",
        "-o",
        "local",
        "--output",
        "junit=opencx.yaml/drift.xml",
    ]);
    assert!(ran.err.contains("cli/not-written"), "{}", ran.err);
    ran
}

fn drifted() -> Ran {
    let place = deployed();
    let off = ["emulator", "set-trigger-status", "CaseTrigger", "inactive"];
    place.run(&off).exits(0);
    place.run(&["drift", "-o", "local"])
}

fn not_shown() -> Ran {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "hide-component=ApexClass:OpenCxLog"]);
    served.run(&place, &["deploy", "-o", "dev"]);
    let served = Served::start(&place, &["--fault", "truncate-retrieve-zip"]);
    served.run(&place, &["drift", "-o", "dev"])
}

fn no_permission() -> Ran {
    let place = Served::place();
    let served = Served::start(&place, &["--condition", "no-metadata-permission"]);
    let ran = served.run(&place, &["drift", "-o", "dev"]);
    let named = "Modify Metadata Through Metadata API Functions";
    assert!(ran.err.contains(named), "{}", ran.err);
    ran
}

fn another_org() -> Ran {
    let place = Place::minimal();
    let text = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let pinned = text.replace("  local:\n", "  local:\n    org_id: 00D000000000062EAA\n");
    place.write("opencx.yaml", &pinned);
    place.run(&["drift", "-o", "local"])
}

fn unknown_flag() -> Ran {
    Place::minimal().run(&["drift", "--no-such-flag"])
}

fn broken_config() -> Ran {
    Place::with_config("version: 1\nemail_case: {}\n").run(&["drift", "--all"])
}

/// A defect can't be asked for. With hardly any open file the network library panics, as a defect
/// of our own would.
fn a_panic() -> Ran {
    let place = deployed();
    let tool = env!("CARGO_BIN_EXE_opencx-sf");
    let with = |files: u32| -> Ran {
        let script = format!("ulimit -n {files}; exec '{tool}' orgs");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(place.path());
        command.output().unwrap().into()
    };
    let ran = (4..16).map(with).find(|ran| ran.code == 70);
    let ran = ran.expect("no number of files makes it panic any more: find another way");
    assert!(ran.err.contains("error[bug/panic]"), "{}", ran.err);
    ran
}

fn interrupted() -> Ran {
    let place = Served::place();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let mut command = place.command(&["drift", "-o", "dev"]);
    command.env("SF_INSTANCE_URL", url);
    command.env("SF_ACCESS_TOKEN", "00D000000000001!AQEAQ");
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let _connection = silent.accept().unwrap();
    let id = child.id().to_string();
    let status = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(status.success());
    child.wait_with_output().unwrap().into()
}

#[test]
fn every_code_of_the_table_is_how_a_run_ends() {
    for (code, run) in TABLE {
        run().exits(code);
    }
}

/// The codes of the README, of the code, and of this table are the same.
#[test]
fn no_code_is_left_out() {
    let tried: BTreeSet<i32> = TABLE.iter().map(|(code, _)| *code).collect();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once("### Exit codes").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let told = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok());
    assert_eq!(told.collect::<BTreeSet<i32>>(), tried, "README.md");
    let source = std::fs::read_to_string(root().join("src/cli/exit.rs")).unwrap();
    let (_, source) = source.split_once("pub fn code(self)").unwrap();
    let source = source.split("\n    }\n").next().unwrap();
    let written = source.lines().filter_map(|line| {
        line.trim()
            .strip_prefix("Self::")?
            .split_once(" => ")?
            .1
            .trim_end_matches(',')
            .parse()
            .ok()
    });
    assert_eq!(written.collect::<BTreeSet<i32>>(), tried, "src/cli/exit.rs");
}
