//! What has no place for a marker, changed in Setup: nobody loses that unasked, and a change of the
//! config needs no hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::{Place, Ran};
use jiff::SignedDuration;
use opencx_sf::emulator::{EmulatedOrg, Options};
use opencx_sf::metadata::ComponentId;
use serde_json::Value;

const POLICY: &str = "ExtlClntAppOauthConfigurablePolicies:OpenCX_oauthPlcy";
const SETTINGS: &str = "ExtlClntAppGlobalOauthSettings:OpenCX_glbloauth";

fn config(pkce: bool) -> String {
    format!(
        "version: 1\n\
         email_cases:\n  reply_to: support@acme.example\n  \
         outbound: {{ sender: {{ display_name: Acme Support }} }}\n\
         external_client_app: {{ contact_email: admin@acme.example, require_pkce: {pkce} }}\n\
         orgs:\n  local:\n    emulator: {{}}\n    \
         email_cases: {{ webhook_url: \"https://opencx.invalid/webhook/c4nary\" }}\n"
    )
}

fn deployed() -> Place {
    let place = Place::with_config(&config(false));
    deploy(&place, &[]).exits(0);
    place
}

fn deploy(place: &Place, more: &[&str]) -> Ran {
    let args = [
        "deploy",
        "-o",
        "local",
        "--test-level",
        "NoTestRun",
        "--json",
    ];
    place.run(&[&args, more].concat())
}

fn org(place: &Place) -> EmulatedOrg {
    let state = place.path().join(".opencx/emulator/local");
    EmulatedOrg::open(&state, &Options::default()).unwrap()
}

fn id(text: &str) -> ComponentId {
    text.parse().unwrap()
}

/// What an administrator does in Setup.
fn set_policy(place: &Place, field: &str, value: &str) {
    org(place)
        .set_field(&id(POLICY), field, value, "Dana Admin")
        .unwrap();
}

/// As if everything had been changed that many days ago.
fn age(place: &Place, days: i64) {
    let mut org = org(place);
    let plan = place.run(&["plan", "-o", "local", "--json"]).json();
    for step in plan["steps"].as_array().unwrap() {
        let id = id(step["component"].as_str().unwrap());
        org.age(&id, SignedDuration::from_hours(24 * days)).unwrap();
    }
}

/// As if two months had passed, and for a machine that has deployed to no org yet.
fn forget(place: &Place) {
    std::fs::remove_dir_all(place.path().join(".opencx/journal")).unwrap_or_default();
    age(place, 61);
}

/// The components that differ, with what a deploy would do.
fn planned(place: &Place) -> Vec<String> {
    let plan = place.run(&["plan", "-o", "local", "--json"]).json();
    let steps = plan["steps"].as_array().unwrap().iter();
    let differing = steps.filter(|step| step["kind"] != "same");
    let words = |step: &Value| {
        let word = |key: &str| step[key].as_str().unwrap().to_owned();
        [word("component"), word("kind"), word("action")].join(" ")
    };
    differing.map(words).collect()
}

#[track_caller]
fn refused(ran: Ran, component: &str, words: &[&str]) {
    let ran = ran.exits(5);
    for words in [
        &["guard/edited-by-hand", &format!("--overwrite {component}")],
        words,
    ]
    .concat()
    {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
}

#[test]
fn an_administrators_policy_is_replaced_only_when_asked_and_kept_in_the_backup() {
    let place = deployed();
    set_policy(
        &place,
        "permittedUsersPolicyType",
        "AdminApprovedPreAuthorized",
    );
    assert_eq!(
        planned(&place),
        [format!("{POLICY} edited-by-hand overwrite")]
    );
    let shown = place.run(&["plan", "-o", "local"]).exits(2).out;
    assert!(shown.contains("edited by hand"), "{shown}");
    assert!(shown.contains("last changed by Dana Admin on"), "{shown}");
    let drift = place.run(&["drift", "-o", "local"]).exits(2).out;
    assert!(drift.contains("edited by hand"), "{drift}");

    refused(deploy(&place, &[]), POLICY, &["by Dana Admin on "]);
    refused(place.run(&["drift", "-o", "local", "--fix"]), POLICY, &[]);
    place
        .run(&["plan", "-o", "local", "--out", "plan.json"])
        .exits(2);
    refused(deploy(&place, &["--plan", "plan.json"]), POLICY, &[]);
    let waves = ["deploy", "--all", "--test-level", "NoTestRun"];
    refused(place.run(&waves), POLICY, &[]);
    assert_eq!(planned(&place).len(), 1);

    let ran = deploy(&place, &["--plan", "plan.json", "--overwrite", POLICY]);
    let report = ran.exits(0).json();
    assert_eq!(planned(&place), [""; 0]);
    let backup = place.path().join(report["backup"].as_str().unwrap());
    let backup = backup.join("extlClntAppOauthPolicies/OpenCX_oauthPlcy.ecaOauthPlcy");
    let kept = std::fs::read_to_string(backup).unwrap();
    assert!(kept.contains("AdminApprovedPreAuthorized"), "{kept}");

    // Back to what Dana had, which this tool put there: the next deploy asks nobody.
    let rollback = ["rollback", "-o", "local", "--yes"];
    place.run(&rollback).exits(0);
    assert_eq!(planned(&place), [format!("{POLICY} changed update")]);
    deploy(&place, &[]).exits(0);

    // A rollback would replace an edit as well.
    set_policy(&place, "ipRelaxationPolicyType", "Enforce");
    refused(place.run(&rollback), POLICY, &[]);
}

#[test]
fn a_change_of_the_config_asks_nobody_long_after_the_last_deploy_too() {
    let place = deployed();
    let update = [format!("{SETTINGS} changed update")];
    place.write("opencx.yaml", &config(true));
    assert_eq!(planned(&place), update);
    deploy(&place, &[]).exits(0);
    place.write("opencx.yaml", &config(false));
    assert_eq!(planned(&place), update);
    deploy(&place, &[]).exits(0);

    // A machine that has deployed to no org yet, two months after the org was set up.
    let fresh = deployed();
    std::fs::remove_dir_all(fresh.path().join(".opencx/journal")).unwrap();
    age(&fresh, 61);
    fresh.write("opencx.yaml", &config(true));
    assert_eq!(planned(&fresh), update);
    deploy(&fresh, &[]).exits(0);
    // Two months after that only the org can tell that nobody changed the settings alone.
    forget(&fresh);
    fresh.write("opencx.yaml", &config(false));
    assert_eq!(planned(&fresh), update);
    let drift = fresh.run(&["drift", "-o", "local"]).exits(2).out;
    assert!(drift.contains("the digest that opencx-sf keeps"), "{drift}");
    deploy(&fresh, &[]).exits(0);
    fresh.run(&["drift", "-o", "local"]).exits(0);
}

#[test]
fn an_edit_is_asked_about_long_after_it_too() {
    let place = deployed();
    org(&place)
        .set_field(&id(SETTINGS), "isIntrospectAllTokens", "true", "Dana Admin")
        .unwrap();
    forget(&place);
    let edited = [format!("{SETTINGS} edited-by-hand overwrite")];
    for pkce in [false, true] {
        place.write("opencx.yaml", &config(pkce));
        assert_eq!(planned(&place), edited);
        refused(deploy(&place, &[]), SETTINGS, &["by Dana Admin on "]);
    }
    let drift = place.run(&["drift", "-o", "local"]).exits(2).out;
    assert!(
        drift.contains("what opencx-sf wrote last was changed"),
        "{drift}"
    );
    deploy(&place, &["--overwrite", SETTINGS]).exits(0);
    place.run(&["drift", "-o", "local"]).exits(0);
}

#[test]
fn policies_that_a_template_changes_take_the_digest_in_their_app_along() {
    let place = deployed();
    let template =
        include_str!("../templates/extlClntAppOauthPolicies/OpenCX_oauthPlcy.ecaOauthPlcy");
    let update = [format!("{POLICY} changed update")];
    std::fs::create_dir_all(place.path().join("own/extlClntAppOauthPolicies")).unwrap();
    for level in ["HIGH_ASSURANCE", "LOW"] {
        forget(&place);
        place.write(
            "own/extlClntAppOauthPolicies/OpenCX_oauthPlcy.ecaOauthPlcy",
            &template.replace("STANDARD", level),
        );
        place.write("opencx.yaml", &format!("templates: own\n{}", config(false)));
        assert_eq!(planned(&place), update);
        let report = deploy(&place, &[]).exits(0).json();
        assert_eq!(report["earlier"][0]["package"], "external-client-app");
        assert_eq!(report["package"], "external-client-app-policies");
        place.run(&["drift", "-o", "local"]).exits(0);
    }
}

#[test]
fn an_app_of_an_older_release_says_nothing_and_the_rest_tells() {
    let fresh = deployed();
    let files = fresh
        .run(&["render", "-o", "local", "--out", "now"])
        .exits(0);
    drop(files);
    let head = "now/2-external-client-app/externalClientApps/OpenCX.eca";
    let head = std::fs::read_to_string(fresh.path().join(head)).unwrap();
    let (_, description) = head.split_once("<description>").unwrap();
    let (description, _) = description.split_once("</description>").unwrap();
    let (before, digests) = description.split_once("opencx-sf parts=").unwrap();
    let (_, marker) = digests.split_once(' ').unwrap();
    let app = id("ExternalClientApplication:OpenCX");
    org(&fresh)
        .set_field(
            &app,
            "description",
            &format!("{before}{marker}"),
            "Dana Admin",
        )
        .unwrap();
    fresh.run(&["drift", "-o", "local"]).exits(0);
    forget(&fresh);
    org(&fresh)
        .age(&id(SETTINGS), SignedDuration::from_hours(24))
        .unwrap();
    fresh.write("opencx.yaml", &config(true));
    assert_eq!(
        planned(&fresh),
        [format!("{SETTINGS} perhaps-edited overwrite")]
    );
    let shown = fresh.run(&["plan", "-o", "local"]).exits(2).out;
    for words in [
        "1 perhaps with somebody's edits in them",
        "perhaps edited by hand",
        "can't be told",
        "of the last 30 days",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let why = ["may have been edited in the org", "of the last 30 days"];
    refused(deploy(&fresh, &[]), SETTINGS, &why);
    deploy(&fresh, &["--overwrite", SETTINGS]).exits(0);
    // From now on the org tells.
    forget(&fresh);
    fresh.write("opencx.yaml", &config(false));
    assert_eq!(planned(&fresh), [format!("{SETTINGS} changed update")]);
}

#[test]
fn what_somebody_switched_off_stays_off_until_it_is_asked_for() {
    const TRIGGER: &str = "ApexTrigger:CaseTrigger";
    const CREDENTIAL: &str = "NamedCredential:OpenCX_Integration";
    let place = deployed();
    let mut org = org(&place);
    org.set_trigger_status("CaseTrigger", false, "Dana Admin")
        .unwrap();
    org.set_callouts_enabled("OpenCX_Integration", false, "Dana Admin")
        .unwrap();
    let off = [CREDENTIAL, TRIGGER].map(|id| format!("{id} inactive activate"));
    assert_eq!(planned(&place), off);
    // Another config does not take it along.
    let other = config(false).replace(
        "  reply_to",
        "  names: { OpenSalesforceCaseManagement: Acme }\n  reply_to",
    );
    place.write("opencx.yaml", &other);
    let planned = planned(&place);
    assert!(planned.contains(&off[1]), "{planned:?}");
    let ran = deploy(&place, &["--overwrite", CREDENTIAL]).exits(5);
    assert!(
        !ran.err.contains(&format!("`--overwrite {CREDENTIAL}`")),
        "{}",
        ran.err
    );
    for words in [
        "guard/switched-off",
        "by Dana Admin on ",
        &format!("`--overwrite {TRIGGER}`"),
    ] {
        assert!(ran.err.contains(words), "{words} in {}", ran.err);
    }
    // Nothing is lost with what goes.
    place.write("opencx.yaml", &config(false));
    let uninstall = ["uninstall", "-o", "local", "--yes", "--json"];
    assert_eq!(place.run(&uninstall).exits(0).json()["status"], "removed");
}

#[test]
fn an_uninstall_asks_before_an_edit_goes() {
    let place = deployed();
    set_policy(
        &place,
        "permittedUsersPolicyType",
        "AdminApprovedPreAuthorized",
    );
    let uninstall = ["uninstall", "-o", "local", "--yes", "--json"];
    let ran = place.run(&uninstall);
    let words = ["by Dana Admin on ", "the edit goes along with it"];
    refused(ran, POLICY, &words);
    assert_eq!(planned(&place).len(), 1);
    let with = [&uninstall[..], &["--overwrite", POLICY]].concat();
    let report = place.run(&with).exits(0).json();
    assert_eq!(report["status"], "removed");
    let backup = place.path().join(report["backup"].as_str().unwrap());
    let backup = backup.join("extlClntAppOauthPolicies/OpenCX_oauthPlcy.ecaOauthPlcy");
    let kept = std::fs::read_to_string(backup).unwrap();
    assert!(kept.contains("AdminApprovedPreAuthorized"), "{kept}");
}

#[test]
fn an_api_version_that_somebody_set_is_not_lowered_unasked() {
    let place = deployed();
    let class = "ApexClass:OpenCxLog";
    org(&place)
        .set_field(&id(class), "apiVersion", "60.0", "Dana Admin")
        .unwrap();
    refused(deploy(&place, &[]), class, &["by Dana Admin on "]);
    deploy(&place, &["--overwrite", class]).exits(0);
}
