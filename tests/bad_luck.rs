//! Bad input and bad luck: each ends in one clear diagnostic with its code and the right exit
//! code, and the org as it was.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;

use std::io::Read;
use std::process::Stdio;

use common::{Place, Ran};
use served::{CONFIG, Served};

fn place() -> Place {
    Served::place()
}

/// One finding with that code on stderr, nothing on stdout, and no secret anywhere.
#[track_caller]
fn one_finding(ran: &Ran, code: &str) {
    let findings: Vec<&str> = ran
        .err
        .lines()
        .filter(|line| line.starts_with("error["))
        .collect();
    assert_eq!(findings.len(), 1, "{}", ran.err);
    assert!(
        findings[0].starts_with(&format!("error[{code}]: ")),
        "{}",
        ran.err
    );
    assert!(
        !ran.err.contains("c4nary") && !ran.out.contains("c4nary"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[test]
fn a_missing_config() {
    let place = Place::with_config("");
    let ran = place
        .run(&["plan", "-o", "dev", "--config", "nowhere.yaml"])
        .exits(65);
    one_finding(&ran, "config/not-found");
}

#[test]
fn every_mistake_of_a_config_at_once() {
    let place = Place::with_config(
        "version: 1\nemail_cases:\n  webhook_ulr: ${env:X}\n  reply_to: nobody\norgs: { a: 3 }\n",
    );
    let ran = place.run(&["lint"]).exits(65);
    let findings: Vec<&str> = ran
        .err
        .lines()
        .filter_map(|line| line.strip_prefix("error[")?.split(']').next())
        .collect();
    assert_eq!(
        findings,
        [
            "config/unknown-key",
            "config/bad-address",
            "config/wrong-type"
        ]
    );
    assert!(
        ran.err.contains("did you mean `webhook_url`?"),
        "{}",
        ran.err
    );
}

#[test]
fn an_unreachable_org() {
    let place = place();
    let ran: Ran = place
        .command(&["plan", "-o", "dev"])
        .env("SF_INSTANCE_URL", "http://127.0.0.1:9")
        .env("SF_ACCESS_TOKEN", "00D000000000001!AQEAQ")
        .output()
        .unwrap()
        .into();
    one_finding(&ran, "sf/unreachable");
    ran.exits(3);
}

#[test]
fn no_token_at_all() {
    let ran = place().run(&["plan", "-o", "dev"]).exits(4);
    one_finding(&ran, "auth/not-logged-in");
}

#[test]
fn a_refused_token() {
    let place = place();
    let served = Served::start(&place, &[]);
    let ran: Ran = place
        .command(&["deploy", "-o", "dev"])
        .env("SF_INSTANCE_URL", &served.instance_url)
        .env("SF_ACCESS_TOKEN", "00D000000000001!wr0ngt0ken")
        .output()
        .unwrap()
        .into();
    one_finding(&ran, "sf/token-refused");
    assert!(!ran.err.contains("wr0ngt0ken"), "{}", ran.err);
    ran.exits(4);
}

#[test]
fn a_deploy_with_component_failures_leaves_the_org_as_it_was() {
    let place = place();
    let served = Served::start(
        &place,
        &[
            "--fault",
            "reject-component=ApexClass:OpenSalesforceCaseManagement",
        ],
    );
    let ran = served
        .run(&place, &["deploy", "-o", "dev", "--json"])
        .exits(1);
    let report = ran.json();
    assert_eq!(report["status"], "failed");
    assert_eq!(report["deploy"]["status"], "Failed");
    let plan = served
        .run(&place, &["plan", "-o", "dev", "--json"])
        .exits(2)
        .json();
    let steps = plan["steps"].as_array().unwrap();
    assert!(
        steps.iter().all(|step| step["action"] == "create"),
        "{steps:#?}"
    );
}

#[test]
fn a_zip_that_leaves_its_folder() {
    let place = place();
    let served = Served::start(&place, &["--fault", "retrieve-zip-with-dot-dot"]);
    let ran = served.run(&place, &["drift", "-o", "dev"]).exits(3);
    one_finding(&ran, "sf/unreadable-archive");
    assert!(!place.path().join("evil.txt").exists());
}

#[test]
fn a_truncated_zip() {
    let place = place();
    let served = Served::start(&place, &["--fault", "truncate-retrieve-zip"]);
    let ran = served.run(&place, &["drift", "-o", "dev"]).exits(3);
    one_finding(&ran, "sf/unreadable-archive");
}

#[test]
fn a_component_that_the_org_does_not_show_is_never_green() {
    let place = place();
    let hidden = "hide-component=ApexClass:OpenSalesforceCaseManagement";
    let before = Served::start(&place, &[]);
    before.run(&place, &["deploy", "-o", "dev"]).exits(0);
    drop(before);
    let served = Served::start(&place, &["--fault", hidden]);
    let ran = served
        .run(&place, &["drift", "-o", "dev", "--json"])
        .exits(3);
    let report = ran.json();
    assert_eq!(report["status"], "undetermined");
    // The others were read, and are told.
    let told = report.to_string();
    assert!(told.contains("ApexTrigger:CaseTrigger"), "{report:#}");
    let shown = served.run(&place, &["drift", "-o", "dev"]).exits(3).out;
    let counted = "cannot be told: 1 of 39 components could not be read";
    assert!(shown.contains(counted), "{shown}");
    assert!(
        shown.contains("? ApexClass        OpenSalesforceCaseManagement"),
        "{shown}"
    );
    let refused = served.run(&place, &["deploy", "-o", "dev"]).exits(3);
    one_finding(&refused, "guard/unreadable");
}

#[test]
fn stdout_closed_early() {
    let place = place();
    let mut child = place
        .command(&["render"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    let code = child.wait().unwrap().code().unwrap();
    one_finding(
        &Ran {
            code,
            out: String::new(),
            err,
        },
        "cli/output-closed",
    );
    assert_eq!(code, 1);
}

#[test]
fn stdout_closed_before_a_deploy_stops_it() {
    let place = place();
    let served = Served::start(&place, &[]);
    let mut child = place
        .command(&["deploy", "-o", "dev"])
        .env("SF_INSTANCE_URL", &served.instance_url)
        .env("SF_ACCESS_TOKEN", &served.token)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{err}");
    assert!(err.contains("the org is as it was"), "{err}");
    let plan = served
        .run(&place, &["plan", "-o", "dev", "--json"])
        .exits(2)
        .json();
    let steps = plan["steps"].as_array().unwrap();
    assert!(
        steps.iter().all(|step| step["action"] == "create"),
        "{steps:#?}"
    );
}

#[test]
fn the_wrong_org_is_refused_before_anything_is_read() {
    let config = CONFIG.replace("auth: env }", "auth: env, org_id: 00D00000000zzzz }");
    let place = Place::with_config(&config);
    place.write(
        "webhook.txt",
        "https://opencx.invalid/webhook/c4nary-t0ken\n",
    );
    let served = Served::start(&place, &[]);
    let ran = served.run(&place, &["deploy", "-o", "dev"]).exits(5);
    one_finding(&ran, "guard/wrong-org");
}

#[test]
fn a_production_org_must_be_declared_and_confirmed() {
    let place = place();
    let served = Served::start(&place, &["--org-kind", "production"]);
    let ran = served.run(&place, &["deploy", "-o", "dev"]).exits(5);
    one_finding(&ran, "guard/production-not-declared");
    let declared = CONFIG.replace("auth: env }", "auth: env, production: true }");
    place.write("opencx.yaml", &declared);
    let ran = served.run(&place, &["deploy", "-o", "dev"]).exits(5);
    one_finding(&ran, "guard/production-not-confirmed");
}

/// Ctrl-C while an org keeps silent.
#[cfg(unix)]
#[test]
fn interrupted() {
    let place = place();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = place
        .command(&["drift", "-o", "dev"])
        .env(
            "SF_INSTANCE_URL",
            format!("http://{}", silent.local_addr().unwrap()),
        )
        .env("SF_ACCESS_TOKEN", "00D000000000001!AQEAQ")
        .spawn()
        .unwrap();
    let _connection = silent.accept().unwrap();
    let status = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn usage_errors_do_not_look_like_differences() {
    let place = place();
    place.run(&["drift", "--no-such-flag"]).exits(64);
    place.run(&["render", "ApexTrigger"]).exits(64);
    let ran = place.run(&["render", "ApexClass:Nope"]).exits(64);
    one_finding(&ran, "render/no-such-component");
    place.run(&["--help"]).exits(0);
}
