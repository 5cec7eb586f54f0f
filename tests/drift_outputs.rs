//! The forms of a drift report, held against the schemas that their readers go by, and the rules
//! that excuse differences.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/several.rs"]
mod several;
#[path = "common/xsd.rs"]
mod xsd;

use common::{Place, root};
use serde_json::Value;
use several::local;

/// An org with an edited class, a trigger that is switched off and a component that is gone.
fn drifted() -> Place {
    let place = Place::minimal();
    place.run(&["deploy", "-o", "local"]).exits(0);
    change(&place);
    place
}

fn change(place: &Place) {
    for args in [
        &[
            "emulator",
            "edit-source",
            "ApexClass:OpenCxLog",
            "--from",
            "class OpenCxLog",
            "--to",
            "class /* <b>&\"]]> */ OpenCxLog",
            "--as",
            "Dana | Admin",
        ][..],
        &["emulator", "set-trigger-status", "CaseTrigger", "inactive"],
        &[
            "emulator",
            "delete",
            "ApexTrigger:OpenCxOutboundEmailSender",
        ],
    ] {
        place.run(args).exits(0);
    }
}

fn with_rules(rules: &str) -> Place {
    let text = std::fs::read_to_string(root().join("examples/minimal/opencx.yaml")).unwrap();
    Place::with_config(&format!("{text}\ndrift:\n  ignore:\n{rules}"))
}

/// Every org of a report in each state, with rules of each kind: all forms still fit.
#[test]
fn every_form_of_a_fleet_fits_its_schema() {
    let place = several::place(&[
        local("clean", ""),
        local("new", ""),
        local("edited", ""),
        "  far: { auth: env, email_cases: { webhook_url: \"${file:hook.txt}\" } }\n".to_owned(),
    ]);
    place.write("hook.txt", "https://opencx.invalid/webhook/c4nary\n");
    let text = read(&place, "opencx.yaml");
    let rules =
        "drift:\n  ignore:\n    - { component: ApexClass:Gone, reason: \"a <b> | @here\" }\n";
    place.write("opencx.yaml", &format!("{text}{rules}"));
    for org in ["clean", "edited"] {
        let args = ["deploy", "-o", org, "--test-level", "NoTestRun"];
        place.run(&args).exits(0);
    }
    let args = ["emulator", "set-trigger-status", "CaseTrigger", "inactive"];
    place.run(&[&args[..], &["-o", "edited"]].concat()).exits(0);
    let outputs = "json=a,junit=b,sarif=c,github=d,gitlab=e,markdown=f,html=g";
    let ran = place.run(&["drift", "--all", "--output", outputs]).exits(4);
    // Forty lines would say no more.
    let told = "nothing of ours is in the org (39 components): not deployed, or removed again";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert!(!ran.out.contains("OpenCxWebhookTest"), "{}", ran.out);

    let schema = place.run(&["schema", "drift"]).exits(0).out;
    let report = fits(&schema, &read(&place, "a"));
    let told: Vec<[&str; 3]> = report["orgs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|org| ["target", "status", "release"].map(|key| org[key].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(
        told,
        [
            ["clean", "clean", "this"],
            ["new", "drifted", "none"],
            ["edited", "drifted", "this"],
            ["far", "error", "-"]
        ]
    );
    fits_junit(&read(&place, "b"));
    fits(include_str!("schemas/sarif-2.1.0.json"), &read(&place, "c"));
    let quality: Vec<Value> = serde_json::from_str(&read(&place, "e")).unwrap();
    for row in quality {
        let row = row.to_string();
        fits(include_str!("schemas/gitlab-code-quality.json"), &row);
    }
    let markdown = read(&place, "f");
    let row = "| edited | drifted | 1 | 0 | 0 | this release | ";
    assert!(markdown.contains(row), "{markdown}");
    let page = read(&place, "g");
    assert!(page.contains("<summary>1 clean org</summary>"), "{page}");
    assert!(
        page.contains("data-name=\"API requests\">4 here, "),
        "{page}"
    );
}

fn read(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.path().join(name)).expect(name)
}

fn validator(schema: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

#[track_caller]
fn fits(schema: &str, text: &str) -> Value {
    let document: Value = serde_json::from_str(text).expect(text);
    let errors: Vec<String> = validator(schema)
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{text}");
    document
}

/// Against the schema that Jenkins publishes for what its plugin reads.
#[track_caller]
fn fits_junit(text: &str) {
    let schema = include_str!("schemas/junit-10.xsd");
    assert_eq!(xsd::errors(schema, text), Vec::<String>::new(), "{text}");
}

#[test]
fn the_schema_of_junit_refuses_what_does_not_fit() {
    let of = |text: &str| xsd::errors(include_str!("schemas/junit-10.xsd"), text).join("; ");
    let suite = |inner: &str| {
        format!("<testsuites><testsuite tests=\"1\">{inner}</testsuite></testsuites>")
    };
    let case = "<testcase name=\"a\"><failure message=\"m\">text</failure></testcase>";
    assert_eq!(of(&suite(case)), "");
    for (wrong, told) in [
        (
            "<testsuites><testsuite/></testsuites>".to_owned(),
            "needs the attribute tests",
        ),
        (suite("<testcase/>"), "needs the attribute name"),
        (
            suite("<testcase name=\"a\" colour=\"b\"/>"),
            "no attribute colour",
        ),
        (
            suite("<testcase name=\"a\">text</testcase>"),
            "<testcase> has text",
        ),
        (suite("<case/>"), "no element <case>"),
        (suite("<failure/>"), "has <failure> where it may not stand"),
        (
            suite("<system-err>a<b/></system-err>"),
            "a text and nothing else",
        ),
    ] {
        assert!(of(&wrong).contains(told), "{told}: {}", of(&wrong));
    }
}

#[test]
fn every_form_fits_its_schema_and_all_come_from_one_run() {
    let place = drifted();
    let ran = place
        .run(&[
            "drift",
            "-o",
            "local",
            "--output",
            "json=out/drift.json,junit=out/drift.xml,sarif=out/drift.sarif",
            "--output",
            "github=-,gitlab=out/quality.json,markdown=out/drift.md,html=out/drift.html",
        ])
        .exits(2);
    let schema = place.run(&["schema", "drift"]).exits(0).out;

    let json = fits(&schema, &read(&place, "out/drift.json"));
    assert_eq!(json["counts"]["drifted"], 1);
    let rows = json["orgs"][0]["components"].as_array().unwrap();
    let differing: Vec<&Value> = rows.iter().filter(|row| row["kind"] != "same").collect();
    assert_eq!(differing.len(), 3);
    assert!(
        differing
            .iter()
            .all(|row| row["place"]["line"].as_u64() > Some(1))
    );
    fits(
        &schema,
        &place.run(&["drift", "-o", "local", "--json"]).exits(2).out,
    );

    let sarif = fits(
        include_str!("schemas/sarif-2.1.0.json"),
        &read(&place, "out/drift.sarif"),
    );
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let rules: Vec<&str> = results
        .iter()
        .map(|row| row["ruleId"].as_str().unwrap())
        .collect();
    assert_eq!(
        rules,
        ["drift/edited-by-hand", "drift/inactive", "drift/missing"]
    );

    fits_junit(&read(&place, "out/drift.xml"));
    assert!(read(&place, "out/drift.xml").contains("failures=\"3\" errors=\"0\" skipped=\"0\""));

    let quality: Value = serde_json::from_str(&read(&place, "out/quality.json")).unwrap();
    let quality = quality.as_array().unwrap();
    let mut prints: Vec<&str> = quality
        .iter()
        .map(|row| {
            fits(
                include_str!("schemas/gitlab-code-quality.json"),
                &row.to_string(),
            );
            assert!(
                ["info", "minor", "major", "critical", "blocker"]
                    .contains(&row["severity"].as_str().unwrap())
            );
            assert!(row["description"].is_string() && row["check_name"].is_string());
            assert_eq!(row["location"]["path"], "opencx.yaml");
            assert!(row["location"]["lines"]["begin"].as_u64() > Some(0));
            row["fingerprint"].as_str().unwrap()
        })
        .collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 3);

    let annotations: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("::"))
        .collect();
    assert_eq!(annotations.len(), 3, "{}", ran.out);
    assert!(
        annotations
            .iter()
            .all(|line| line.starts_with("::error file=opencx.yaml,line="))
    );

    let markdown = read(&place, "out/drift.md");
    assert!(
        markdown.starts_with("<!-- opencx-sf drift -->\n"),
        "{markdown}"
    );
    assert!(markdown.contains("Dana \\| Admin"), "{markdown}");

    let html = read(&place, "out/drift.html");
    assert!(html.contains("/* &lt;b&gt;&amp;&quot;]]&gt; */"), "{html}");
    for outside in ["<script", "http://", "https://", " src=", "<b>&"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn no_form_holds_the_webhooks_token() {
    let place = drifted();
    place
        .run(&[
            "emulator",
            "set-endpoint",
            "OpenCX_Integration",
            "https://elsewhere.example/hook/s3cr3t-token",
        ])
        .exits(0);
    place
        .run(&[
            "drift",
            "-o",
            "local",
            "--output",
            "json=a,junit=b,sarif=c,github=d,gitlab=e,markdown=f,html=g",
        ])
        .exits(2);
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        let text = read(&place, name);
        assert!(text.contains("elsewhere.example"), "{name}: {text}");
        assert!(
            !text.contains("s3cr3t-token") && !text.contains("local-demo"),
            "{name}"
        );
    }
}

#[test]
fn what_is_meant_to_be_is_shown_and_fails_nothing() {
    let place = with_rules(
        "    - { component: ApexClass:OpenCxLog, line: \"*class*OpenCxLog*\", reason: agreed with Dana }\n\
         \x20   - { component: \"ApexTrigger:Case*\", field: status, reason: data load, until: 2099-12-31 }\n\
         \x20   - { component: ApexTrigger:OpenCxOutboundEmailSender, reason: not used here }\n",
    );
    place.run(&["deploy", "-o", "local"]).exits(0);
    change(&place);
    let report = place
        .run(&[
            "drift",
            "-o",
            "local",
            "--json",
            "--output",
            "sarif=s,junit=j,gitlab=g",
        ])
        .exits(0)
        .json();
    assert_eq!(report["status"], "clean");
    let excused = report["components"].as_array().unwrap().iter();
    assert_eq!(excused.filter(|row| row["excused"] == true).count(), 3);
    let told = place.run(&["drift", "-o", "local"]).exits(0);
    assert!(told.out.contains("4 differences ignored"), "{}", told.out);
    assert!(
        told.out.contains("(data load, until 2099-12-31)"),
        "{}",
        told.out
    );
    let sarif: Value = serde_json::from_str(&read(&place, "s")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(
        results
            .iter()
            .all(|row| row["suppressions"][0]["justification"].is_string())
    );
    fits(include_str!("schemas/sarif-2.1.0.json"), &read(&place, "s"));
    assert!(read(&place, "j").contains("failures=\"0\" errors=\"0\" skipped=\"3\""));
    assert_eq!(read(&place, "g"), "[]\n");
}

#[test]
fn a_rule_that_ended_or_matches_nothing_is_told() {
    let place = with_rules(
        "    - { component: ApexTrigger:CaseTrigger, reason: data load, until: 2020-01-31 }\n\
         \x20   - { component: ApexClass:Gone, reason: no idea }\n",
    );
    place.run(&["deploy", "-o", "local"]).exits(0);
    change(&place);
    let ran = place
        .run(&[
            "drift",
            "-o",
            "local",
            "--json",
            "--output",
            "github=g,junit=j",
        ])
        .exits(2);
    let report = ran.json();
    assert_eq!(report["staleRules"][0]["expired"], "2020-01-31");
    assert_eq!(report["staleRules"][1]["component"], "ApexClass:Gone");
    assert!(read(&place, "g").contains("::warning file=opencx.yaml,line="));
    fits_junit(&read(&place, "j"));
}

#[test]
fn a_rule_without_a_reason_is_a_mistake_of_the_config() {
    let place = with_rules("    - { component: ApexClass:OpenCxLog, until: tomorrow }\n");
    let ran = place.run(&["drift", "-o", "local"]).exits(65);
    for part in [
        "config/missing-key",
        "drift.ignore.0.reason",
        "config/bad-rule",
        "not a day",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn what_an_older_config_left_is_found() {
    let config = |more: &str| {
        let text = std::fs::read_to_string(root().join("examples/minimal/opencx.yaml")).unwrap();
        text.replace("\nemail_cases:\n", &format!("\nemail_cases:\n{more}"))
    };
    let place = Place::with_config(&config("  rep_replies: { comments: true }\n"));
    place.run(&["deploy", "-o", "local"]).exits(0);
    place.run(&["drift", "-o", "local"]).exits(0);
    place.write("opencx.yaml", &config(""));
    let report = place
        .run(&["drift", "-o", "local", "--json"])
        .exits(2)
        .json();
    let rows = report["components"].as_array().unwrap().iter();
    let left: Vec<&str> = rows
        .filter(|row| row["kind"] == "leftover")
        .map(|row| row["component"].as_str().unwrap())
        .collect();
    assert_eq!(
        left,
        [
            "ApexTrigger:OpenCxRepCommentTrigger",
            "ApexClass:OpenCxRepReplies",
            "ApexClass:OpenCxRepRepliesTest"
        ]
    );
}

#[test]
fn an_output_that_cannot_be_written_is_told_before_any_org_is_asked() {
    let place = Place::minimal();
    std::fs::create_dir(place.path().join("folder")).unwrap();
    let ran = place
        .run(&[
            "drift",
            "-o",
            "local",
            "--output",
            "junit=folder,html=ok.html",
        ])
        .exits(1);
    assert!(ran.err.contains("cli/not-written"), "{}", ran.err);
    assert!(!ran.err.contains("reading"), "{}", ran.err);
    place
        .run(&["drift", "-o", "local", "--output", "xml=a"])
        .exits(64);
}

#[test]
fn fix_deploys_with_its_guards() {
    let place = drifted();
    let refused = place.run(&["drift", "-o", "local", "--fix"]).exits(5);
    assert!(
        refused.err.contains("guard/edited-by-hand"),
        "{}",
        refused.err
    );
    place
        .run(&[
            "drift",
            "-o",
            "local",
            "--fix",
            "--overwrite",
            "ApexClass:OpenCxLog",
            "--overwrite",
            "ApexTrigger:CaseTrigger",
        ])
        .exits(0);
    place.run(&["drift", "-o", "local", "--fix"]).exits(0);
    place.run(&["drift", "-o", "local", "--yes"]).exits(64);
    let many = place.run(&["drift", "-o", "loc*", "--fix"]).exits(64);
    assert!(many.err.contains("fleet/one-at-a-time"), "{}", many.err);
}
