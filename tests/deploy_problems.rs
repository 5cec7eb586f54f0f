//! What an org finds wrong with a deploy is explained: whose it is, from which template line and
//! config key, why, and what helps. Played by the local org's problems by name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;

use common::{Place, Ran};
use served::Served;

/// A deploy that meets the problem of that name.
fn deploy(problem: &str, more: &[&str]) -> (Place, Ran) {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", &format!("problem={problem}")]);
    let mut args = vec!["deploy", "-o", "dev"];
    args.extend(more);
    let ran = served.run(&place, &args).exits(1);
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains("c4nary"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
    }
    (place, ran)
}

fn problems(problem: &str) -> Vec<serde_json::Value> {
    let (_, ran) = deploy(problem, &["--json"]);
    ran.json()["problems"].as_array().unwrap().clone()
}

#[test]
fn apex_that_does_not_compile_leads_to_its_template_line() {
    let found = problems("unknown-variable");
    assert_eq!(found.len(), 1, "{found:#?}");
    let found = &found[0];
    assert_eq!(found["code"], "org/unknown-variable");
    assert_eq!(found["component"], "ApexClass:OpenCxAccess");
    assert_eq!(found["whose"], "ours");
    let template = found["source"]["template"].as_str().unwrap();
    assert_eq!(template, "templates/classes/OpenCxAccess.cls");
    let text = std::fs::read_to_string(common::root().join(template)).unwrap();
    let line = usize::try_from(found["source"]["line"].as_u64().unwrap()).unwrap();
    let line = text.lines().nth(line - 1).unwrap();
    assert!(line.contains("class {{ names.OpenCxAccess }}"), "{line}");
}

#[test]
fn a_component_leads_to_its_config_keys() {
    let found = problems("feature-missing");
    let keys = found[0]["config"].as_array().unwrap();
    assert!(
        keys.contains(&"email_cases.webhook_url".into()),
        "{keys:#?}"
    );
    let (_, ran) = deploy("feature-missing", &[]);
    let expected = "\
  ✗ NamedCredential:OpenCX_Integration namedCredentials/OpenCX_Integration.namedCredential:1:1: Not \
available for deploy for this organization
      from   templates/namedCredentials/OpenCX_Integration.namedCredential:2
      config email_cases.named_credential, email_cases.webhook_url
      why    The org lacks the feature, the edition or the permission that this type of component \
needs.
";
    assert!(ran.out.contains(expected), "{}", ran.out);
    let explained = Place::minimal().run(&["explain", "org/feature-missing"]);
    assert!(explained.exits(0).out.contains("What to do: enable"));
}

#[test]
fn an_orgs_own_rule_that_breaks_our_test_leads_to_the_values_for_tests() {
    let (place, ran) = deploy("test-required-field", &["--json", "--junit", "deploy.xml"]);
    let found = &ran.json()["problems"][0];
    assert_eq!(found["code"], "org/test-required-field");
    assert_eq!(found["whose"], "ours");
    let config = found["config"].as_array().unwrap();
    assert!(config.contains(&"email_cases.test_case_fields".into()));
    let help = found["help"].as_str().unwrap();
    assert!(help.contains("{ Region__c: … }"), "{help}");
    assert!(found["source"]["line"].is_u64(), "{found:#}");

    let junit = std::fs::read_to_string(place.path().join("deploy.xml")).unwrap();
    assert!(junit.contains("failures=\"1\""), "{junit}");
    assert!(
        junit.contains("type=\"org/test-required-field\""),
        "{junit}"
    );
    assert!(junit.contains("\" time=\"0."), "{junit}");
}

#[test]
fn a_test_of_the_org_is_not_ours() {
    let (_, ran) = deploy("storage-full", &["--json", "--test-level", "RunLocalTests"]);
    let found = ran.json()["problems"].clone();
    assert_eq!(found[0]["component"], "AcmeOrderTest.itWorks");
    assert_eq!(found[0]["whose"], "foreign");
    assert_eq!(found[0]["source"], serde_json::Value::Null);
}

#[test]
fn a_refusal_of_the_whole_says_that_time_heals_it() {
    let found = problems("setup-locked");
    assert_eq!(found[0]["code"], "org/setup-locked");
    assert_eq!(found[0]["about"], "deploy");
    assert_eq!(found[0]["passes"], true);
}

#[test]
fn a_text_that_nobody_knows_is_shown_whole_and_harmless() {
    let (_, ran) = deploy("unexplained", &[]);
    let text = "OpenCxAccess.cls:";
    assert!(ran.out.contains(text), "{}", ran.out);
    let text = "Diese Klasse kann nicht gespeichert werden [2J ]0;owned";
    assert!(ran.out.contains(text), "{}", ran.out);
    assert!(ran.out.contains("has no explanation"), "{}", ran.out);
}

#[test]
fn email_to_case_that_is_off_is_seen_before_the_deploy() {
    let place = Served::place();
    let served = Served::start(&place, &["--condition", "email-to-case-off"]);
    let ran = served.run(&place, &["deploy", "-o", "dev"]).exits(5);
    assert!(
        ran.err.contains("error[guard/no-email-messages]"),
        "{}",
        ran.err
    );
    assert_eq!(served.deploys(), []);
}

#[test]
fn a_deploy_that_was_left_to_the_org_is_traced_too() {
    let place = Served::place();
    let served = Served::start(&place, &["--fault", "problem=apex-syntax"]);
    served
        .run(&place, &["deploy", "-o", "dev", "--async"])
        .exits(0);
    let ran = served
        .run(&place, &["report", "-o", "dev", "--wait", "1", "--json"])
        .exits(1);
    let found = &ran.json()["problems"][0];
    assert_eq!(found["code"], "org/apex-syntax");
    assert_eq!(
        found["source"]["template"],
        "templates/classes/OpenCxAccess.cls"
    );
}
