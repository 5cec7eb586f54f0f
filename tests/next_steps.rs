//! What a message tells a person to type next works as it is printed, and a program that reads stdout
//! or a file gets one whole document, whatever happens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[cfg(unix)]
#[path = "common/pty.rs"]
mod pty;
#[path = "common/served.rs"]
mod served;

use common::Ran;
use served::Served;

const DEPLOY: [&str; 5] = ["deploy", "-o", "dev", "--test-level", "NoTestRun"];

/// The commands in a text that stand between marks.
fn commands(text: &str) -> Vec<Vec<String>> {
    let marked = text.split('`').skip(1).step_by(2);
    marked
        .filter_map(|command| command.strip_prefix("opencx-sf "))
        .map(|command| command.split(' ').map(ToOwned::to_owned).collect())
        .collect()
}

fn first(ran: &Ran) -> String {
    ran.json()["findings"][0]["code"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_next_command_names_the_config_and_the_org_that_this_one_named() {
    let place = Served::place();
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    std::fs::remove_file(place.path().join("opencx.yaml")).unwrap();
    std::fs::create_dir(place.path().join("orgs")).unwrap();
    place.write(
        "orgs/acme.yaml",
        &config.replace("webhook.txt", "../webhook.txt"),
    );
    let served = Served::start(&place, &[]);
    let verify = ["verify", "-o", "dev", "--config", "orgs/acme.yaml"];
    let ran = served.run(&place, &verify).exits(1);
    let all = commands(&ran.out);
    assert!(!all.is_empty(), "{}", ran.out);
    for mut command in all {
        assert_eq!(command[1..3], ["--config", "orgs/acme.yaml"], "{command:?}");
        assert!(command.contains(&"dev".to_owned()), "{command:?}");
        command.extend(["--test-level".to_owned(), "NoTestRun".to_owned()]);
        let typed: Vec<&str> = command.iter().map(String::as_str).collect();
        served.run(&place, &typed).exits(0);
    }
    let verify = [
        "verify",
        "-o",
        "dev",
        "--config",
        "orgs/acme.yaml",
        "--json",
    ];
    let ran = served.run(&place, &verify).exits(0);
    assert_eq!(ran.json()["status"], "passed");
}

#[test]
fn a_command_to_copy_stands_in_one_line() {
    let place = Served::place();
    let served = Served::start(&place, &[]);
    served.run(&place, &DEPLOY).exits(0);
    drop(served);
    let off = [
        "emulator",
        "set-trigger-status",
        "OpenCxOutboundEmailSender",
        "inactive",
        "--state",
        "served",
    ];
    place.run(&off).exits(0);
    let served = Served::start(&place, &[]);
    let ran = served.run(&place, &["doctor", "-o", "dev"]).exits(1);
    let command =
        "`opencx-sf deploy --target-org dev --overwrite ApexTrigger:OpenCxOutboundEmailSender`";
    assert!(ran.out.contains(command), "{}", ran.out);
    let drift = served.run(&place, &["drift", "-o", "dev"]).exits(2);
    let without_a_person = "--overwrite ApexTrigger:OpenCxOutboundEmailSender";
    assert!(drift.out.contains(without_a_person), "{}", drift.out);
    // What it is about to do itself is no next step.
    let fix = served.run(&place, &["drift", "-o", "dev", "--fix"]);
    let fix = fix.exits(5);
    assert!(!fix.out.contains("Next "), "{}", fix.out);
    assert!(fix.err.contains(without_a_person), "{}", fix.err);
}

#[test]
fn a_program_that_reads_json_gets_one_document() {
    let place = Served::place();
    // The command line is wrong.
    let ran = place.run(&["deploy", "-o", "dev", "--json", "--nonsense"]);
    let ran = ran.exits(64);
    assert_eq!(first(&ran), "cli/usage");
    assert!(ran.err.contains("'--nonsense'"), "{}", ran.err);
    // What goes wrong when the result was given already is on stderr.
    let served = Served::start(&place, &[]);
    std::fs::create_dir(place.path().join("junit.xml")).unwrap();
    let mut args = DEPLOY.to_vec();
    args.extend(["--json", "--junit", "junit.xml"]);
    let ran = served.run(&place, &args).exits(1);
    assert_eq!(first(&ran), "cli/not-written");
    assert!(served.deploys().is_empty(), "nothing was sent");
}

#[test]
fn a_file_of_test_results_is_of_this_run() {
    let place = Served::place();
    place.write("junit.xml", "of yesterday");
    let served = Served::start(&place, &["--condition", "foreign-case-trigger"]);
    let mut args = DEPLOY.to_vec();
    args.extend(["--junit", "junit.xml"]);
    let written = || std::fs::read_to_string(place.path().join("junit.xml")).unwrap();
    served.run(&place, &args).exits(5);
    assert!(
        written().contains("type=\"guard/foreign\""),
        "{}",
        written()
    );
    let mut meant = args.clone();
    meant.extend(["--overwrite", "ApexTrigger:CaseTrigger"]);
    served.run(&place, &meant).exits(0);
    assert!(written().contains("opencx-sf deploy 0Af"), "{}", written());
    served.run(&place, &args).exits(0);
    assert!(written().contains("tests=\"0\""), "{}", written());
}

#[cfg(unix)]
#[test]
fn a_person_is_asked_what_is_at_stake_and_no_answer_changes_nothing() {
    let place = Served::place();
    let served = Served::start(&place, &["--condition", "foreign-case-trigger"]);
    let environment = [
        ("SF_INSTANCE_URL", served.instance_url.as_str()),
        ("SF_ACCESS_TOKEN", served.token.as_str()),
    ];
    let deploy = || pty::AtTerminal::start(place.path(), &DEPLOY, &environment);
    let question =
        "ApexTrigger:CaseTrigger was not written by opencx-sf, and what it does would end.";
    for answer in ["n\r", "\r"] {
        let mut person = deploy();
        person.until(question).until("[y/N]").type_in(answer);
        person.until("email_cases.case_trigger: existing").ends(5);
        assert!(served.deploys().is_empty());
    }
    deploy()
        .until(question)
        .until("[y/N]")
        .type_in("y\r")
        .until("read back and equal")
        .ends(0);
    drop(served);
    // What somebody switched off is asked about in other words.
    let off = [
        "emulator",
        "set-trigger-status",
        "CaseTrigger",
        "inactive",
        "--state",
        "served",
    ];
    place.run(&off).exits(0);
    let served = Served::start(&place, &[]);
    let environment = [
        ("SF_INSTANCE_URL", served.instance_url.as_str()),
        ("SF_ACCESS_TOKEN", served.token.as_str()),
    ];
    let question = "ApexTrigger:CaseTrigger is switched off. Switch it on?";
    for (answer, code) in [("n\r", 5), ("y\r", 0)] {
        let mut person = pty::AtTerminal::start(place.path(), &DEPLOY, &environment);
        person.until(question).type_in(answer).ends(code);
    }
    served.run(&place, &["drift", "-o", "dev"]).exits(0);
}
