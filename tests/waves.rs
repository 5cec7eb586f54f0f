//! `deploy` over many orgs through the binary: who goes when, what stops it, what is left alone, and
//! what is said of each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;
#[path = "common/several.rs"]
mod several;

use common::{Place, Ran};
use served::Served;
use several::{lines, local, top};

/// Without Apex tests: how they run is no matter here.
const ALL: [&str; 4] = ["deploy", "--all", "--test-level", "NoTestRun"];

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

/// `target status` of each line but the last one, sorted: within a wave they come as they finish.
fn told(ran: &Ran) -> Vec<String> {
    let lines = lines(&ran.out);
    let orgs = &lines[..lines.len() - 1];
    let word = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap().to_owned();
    let mut told: Vec<String> = orgs
        .iter()
        .map(|line| format!("{} {}", word(line, "target"), word(line, "status")))
        .collect();
    told.sort_unstable();
    told
}

/// Whether somebody has ever come to that built-in org.
fn exists(place: &Place, org: &str) -> bool {
    place.path().join(".opencx/emulator").join(org).exists()
}

/// Makes a class of ours somebody's own.
fn take_over(place: &Place, org: &str) {
    place.write("Mine.cls", "public class OpenCxLog { }\n");
    place
        .run(&["emulator", "paste", "Mine.cls", "-o", org])
        .exits(0);
}

#[track_caller]
fn refused(ran: Ran, exit: i32, code: &str) -> Ran {
    let ran = ran.exits(exit);
    assert!(ran.err.contains(&format!("error[{code}]")), "{}", ran.err);
    assert_eq!(ran.err.matches("error[").count(), 1, "{}", ran.err);
    ran
}

#[test]
fn a_failure_in_the_second_wave_stops_the_third() {
    let place = several::place(&[
        local("us-1", ""),
        local("eu-1", "wave: early,"),
        local("eu-2", "wave: early,"),
        local("canary", "wave: canary,"),
    ]);
    // The order of the names is that of the file; a canary that stands last goes first by `--wave`.
    place.write(
        "Refuses.trigger",
        "trigger Refuses on Case (before insert) { Trigger.new[0].addError('no'); }\n",
    );
    place
        .run(&["emulator", "paste", "Refuses.trigger", "-o", "eu-2"])
        .exits(0);
    let args = ["deploy", "--all", "--wave", "canary,early,rest", "--json"];
    let ran = place.run(&args).exits(1);
    assert_eq!(lines(&ran.out)[0]["target"], "canary");
    assert_eq!(
        told(&ran),
        [
            "canary deployed",
            "eu-1 deployed",
            "eu-2 failed",
            "us-1 not-tried"
        ]
    );
    assert!(!exists(&place, "us-1"));
    let lines = lines(&ran.out);
    let summary = lines.last().unwrap();
    assert_eq!(summary["status"], "stopped");
    assert_eq!(summary["counts"]["not-tried"], 1);
    let failed = lines.iter().find(|line| line["target"] == "eu-2").unwrap();
    assert_eq!(failed["wave"], "early");
    assert!(failed["problems"][0]["text"].is_string(), "{failed:#}");
}

#[test]
fn a_failure_in_the_first_wave_leaves_all_others_alone() {
    let orgs = ["a", "b", "c"].map(|name| local(name, ""));
    let place = several::place(&orgs);
    take_over(&place, "a");
    for more in [
        &[][..],
        &["--wave", "1,rest"],
        &["--at-once", "1", "--wave", "9"],
    ] {
        let ran = place.run(&with(&ALL, more));
        let ran = refused(ran, 5, "guard/foreign");
        for part in [
            "a    stopped: guard/foreign",
            "b    not tried",
            "c    not tried",
        ] {
            assert!(ran.out.contains(part), "{part}\n{}", ran.out);
        }
        assert!(!exists(&place, "b") && !exists(&place, "c"));
    }
    // Each org's own copy of what may go is asked for by name, in every org.
    let ran = place.run(&with(
        &ALL,
        &["--json", "--overwrite", "ApexClass:OpenCxLog"],
    ));
    assert_eq!(
        told(&ran.exits(0)),
        ["a deployed", "b deployed", "c deployed"]
    );
    assert!(place.path().join(".opencx/backups/a").exists());
}

#[test]
fn production_goes_last_and_is_confirmed_by_name() {
    let place = several::place(&[
        "  live: { auth: env, production: true, email_cases: { webhook_url: \"${file:hook.txt}\" } }\n"
            .to_owned(),
        local("trial", ""),
    ]);
    place.write("hook.txt", "https://opencx.invalid/webhook/c4nary\n");
    let served = Served::start(&place, &["--org-kind", "production"]);
    let all = ["deploy", "--all", "--json"];
    let ran = served.run(&place, &all).exits(5);
    assert!(ran.err.contains("was not confirmed: live"), "{}", ran.err);
    assert!(!exists(&place, "trial"));
    assert_eq!(served.deploys(), []);

    let ran = served.run(&place, &with(&all, &["--yes"])).exits(0);
    assert_eq!(told(&ran), ["live deployed", "trial deployed"]);
    assert_eq!(lines(&ran.out)[0]["target"], "trial");
    assert!(!ran.out.contains("c4nary") && !ran.err.contains("c4nary"));

    // The org's own guard still holds where the config does not say that it is production.
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    place.write(
        "opencx.yaml",
        &config
            .replace("production: true, ", "")
            .replace("support@", "help@"),
    );
    let ran = served.run(&place, &["deploy", "--all", "--yes", "--wave", "2"]);
    refused(ran, 5, "guard/production-not-declared");
}

#[test]
fn what_can_not_be_meant_is_refused_before_any_org_is_asked() {
    let place = several::place(&[local("a", "wave: early,"), local("b", "")]);
    for (args, code) in [
        (&["-o", "c*"][..], "fleet/empty-selection"),
        (&["-o", "a", "-o", "c"], "fleet/empty-selection"),
        (&["-o", "c", "--wave", "1"], "config/unknown-org"),
        (&["--all", "--wave", "erly"], "fleet/bad-waves"),
        (&["--all", "--wave", "1,early"], "fleet/bad-waves"),
        (&["--all", "--wave", "early,early"], "fleet/bad-waves"),
        (&["--all", "--plan", "x"], "fleet/for-one-org"),
        (&["--all", "--junit", "x"], "fleet/for-one-org"),
        (&["--all", "--async"], "fleet/for-one-org"),
        (&["--all", "--quick"], "fleet/for-one-org"),
        (&["--all", "--assign", "a@b.example"], "fleet/for-one-org"),
    ] {
        let exit = if code.starts_with("config") { 65 } else { 64 };
        let ran = place.run(&with(&["deploy"], args));
        refused(ran, exit, code);
    }
    place.run(&["deploy", "--all", "-o", "a"]).exits(64);
    place.run(&["deploy", "--all", "--wave", "0"]).exits(64);
    assert!(!exists(&place, "a") && !exists(&place, "b"));

    // One mistake of the config, however many orgs it is in.
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    place.write("opencx.yaml", &config.replace("wave: early", "wave: 1st"));
    refused(place.run(&ALL), 65, "config/bad-wave");
}

#[test]
fn one_org_under_two_names_is_never_deployed_to_twice() {
    let place = Place::with_config("version: 1\n");
    let folder = place.path().join("configs");
    std::fs::create_dir(&folder).unwrap();
    let write = |file: &str, org: &str| {
        let text = format!("{}\norgs:\n{org}", top());
        std::fs::write(folder.join(file), text).unwrap();
    };
    let all = [
        "deploy",
        "--configs",
        "configs",
        "--test-level",
        "NoTestRun",
    ];

    let pinned = "org_id: 00D000000000001AAA,";
    write("a.yaml", &local("one", pinned));
    write("b.yaml", &local("two", pinned));
    refused(place.run(&all), 5, "fleet/same-org");

    write("a.yaml", &local("one", ""));
    write("b.yaml", &local("one", ""));
    refused(place.run(&all), 65, "fleet/same-name");

    let shared = |name| local(name, "").replace("emulator: {}", "emulator: { state: shared }");
    write("a.yaml", &shared("one"));
    write("b.yaml", &shared("two"));
    let ran = refused(place.run(&with(&all, &["--json"])), 5, "fleet/same-org");
    assert_eq!(told(&ran), ["one deployed", "two error"]);
    assert!(!folder.join(".opencx/backups/two").exists());
}
