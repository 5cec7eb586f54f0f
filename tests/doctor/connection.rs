//! How OpenCX logs in.

use std::io::Write as _;
use std::process::Stdio;

use jiff::SignedDuration;

use super::*;

const APP: &str =
    "external_client_app: { contact_email: admin@acme.example, require_pkce: false }\norgs:\n";

fn with_app() -> String {
    minimal().replace("orgs:\n", APP)
}

fn part(kind: MetadataType, suffix: &str) -> ComponentId {
    ComponentId::new(kind, format!("OpenCX{suffix}"))
}

fn parts() -> [ComponentId; 5] {
    [
        part(MetadataType::ExternalClientApplication, ""),
        part(MetadataType::ExtlClntAppGlobalOauthSettings, "_glbloauth"),
        part(MetadataType::ExtlClntAppOauthSettings, "_oauth"),
        part(
            MetadataType::ExtlClntAppOauthConfigurablePolicies,
            "_oauthPlcy",
        ),
        part(MetadataType::ExtlClntAppConfigurablePolicies, "_plcy"),
    ]
}

/// With the app, deployed an hour ago, and that config.
fn app_org(config: &str) -> Place {
    static ONE: OnceLock<Place> = OnceLock::new();
    let one = ONE.get_or_init(|| {
        let place = Place::with_config(&with_app());
        place.run(&["deploy", "-o", "local", "-q"]).exits(0);
        place.run(&["emulator", "finish-setup", "-q"]).exits(0);
        an_hour_passes(&place);
        place
    });
    copied(one, config)
}

fn an_hour_passes(place: &Place) {
    let mut org = org(place);
    for part in parts() {
        org.age(&part, SignedDuration::from_hours(1)).unwrap();
    }
}

/// Somebody changes the app in Setup, and an hour passes.
fn changed(place: &Place, index: usize, field: &str, value: &str) {
    let part = &parts()[index];
    org(place).set_field(part, field, value, "Dana").unwrap();
    an_hour_passes(place);
}

const CALLBACK: &str = "https://api.open.cx/backend/salesforce-case-management/oauth/callback";

#[test]
fn a_fresh_app_is_missing_then_too_young() {
    let place = Place::with_config(&with_app());
    let report = examined(&place, "connect fails", 1);
    assert_eq!(causes(&report), ["doctor/app"]);
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    let cause = one_cause(&place, "oauth credentials won't save", "doctor/app-age");
    assert_eq!(cause["found"], "the app OpenCX was changed 0 minutes ago");
    assert_eq!(cause["fix"], "wait 10 minutes more, then try again");
}

#[test]
fn the_callback_url_is_compared_to_the_letter_and_comes_before_the_age() {
    let place = app_org(&with_app());
    examined(&place, "connect fails", 3);
    let slash = format!("{CALLBACK}/");
    org(&place)
        .set_field(&parts()[1], "callbackUrl", &slash, "Dana")
        .unwrap();
    // Two at once: waiting alone would help nobody.
    let report = causes_of(
        &place,
        &["connect fails"],
        &["doctor/callback-url", "doctor/app-age"],
    );
    let cause = found(&report, "doctor/callback-url");
    assert_eq!(
        cause["found"],
        "the callback URL of OpenCX ends in a slash too many"
    );
    an_hour_passes(&place);
    one_cause(&place, "connect fails", "doctor/callback-url");
}

#[test]
fn each_setting_of_the_app_has_its_cause() {
    for (index, field, value, code, said) in [
        (
            1,
            "isPkceRequired",
            "true",
            "doctor/app-pkce",
            "requires PKCE",
        ),
        (
            2,
            "commaSeparatedOauthScopes",
            "Full",
            "doctor/app-scopes",
            "Perform requests at any time",
        ),
        (
            3,
            "permittedUsersPolicyType",
            "AdminApprovedPreAuthorized",
            "doctor/app-policies",
            "Permitted Users",
        ),
        (
            3,
            "ipRelaxationPolicyType",
            "Enforce",
            "doctor/app-policies",
            "IP Relaxation",
        ),
        (4, "isEnabled", "false", "doctor/app", "switched off"),
    ] {
        let place = app_org(&with_app());
        changed(&place, index, field, value);
        let cause = one_cause(&place, "connect fails", code);
        let text = cause["found"].as_str().unwrap();
        assert!(text.contains(said), "{text}");
        assert_eq!(cause["command"], "opencx-sf plan --target-org local");
    }
}

#[test]
fn an_app_that_was_made_by_hand_is_found_by_its_name() {
    let place = app_org(&minimal());
    changed(&place, 1, "callbackUrl", "https://app.acme.example/cb");
    let cause = one_cause(&place, "connect fails", "doctor/callback-url");
    let fix = cause["fix"].as_str().unwrap();
    assert!(fix.contains(CALLBACK), "{fix}");
    assert_eq!(cause["command"], Value::Null);
    let place = healthy();
    one_cause(&place, "connect fails", "doctor/app-not-in-config");
}

#[test]
fn whoever_has_connected_must_be_the_one_whose_rows_count() {
    let place = app_org(&with_app());
    let mut org = org(&place);
    let holder = org.set_minimal_profile("OpenCX Integration", true).unwrap();
    let token = |org: &mut EmulatedOrg, user: &str, used: &str| {
        let row = json!({ "AppName": "OpenCX", "UserId": user, "LastUsedDate": used });
        org.add_record("OauthToken", fields(&row)).unwrap();
    };
    token(&mut org, &holder, "2026-11-20T10:00:00.000+0000");
    let report = examined(&place, "connect fails", 3);
    let text = found(&report, "doctor/connected")["found"].to_string();
    assert!(
        text.contains("OpenCX has connected as opencx.integration@"),
        "{text}"
    );
    let other = org.set_minimal_profile("Rita Rep", true).unwrap();
    token(&mut org, &other, "2026-11-21T10:00:00.000+0000");
    let cause = one_cause(&place, "connect fails", "doctor/connected");
    assert!(cause["found"].as_str().unwrap().contains("rita.rep@"));
}

/// Doctor on credentials, with that on stdin.
fn with_credentials(place: &Place, stdin: &str, login_url: &str) -> common::Ran {
    let mut command = place.command(&[
        "doctor",
        "oauth credentials won't save",
        "-o",
        "local",
        "--json",
        "--credentials-stdin",
        "--login-url",
        login_url,
    ]);
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(stdin.as_bytes()).unwrap();
    drop(pipe);
    child.wait_with_output().unwrap().into()
}

#[test]
fn key_and_secret_are_looked_at_and_never_shown() {
    let place = app_org(&with_app());
    let key = format!("3MVG9{}", "Ab1._".repeat(16));
    let secret = "0123456789ABCDEF".repeat(4);
    let right = "https://login.salesforce.com";
    with_credentials(&place, &format!("{key}\n{secret}\n"), right).exits(0);
    for (stdin, url, expected, said) in [
        (
            format!("{key} \n{secret}\n"),
            right,
            vec!["doctor/credentials"],
            "the key has a blank after it",
        ),
        (
            format!("{secret}\r\n{key}"),
            right,
            vec!["doctor/credentials"],
            "swapped",
        ),
        (
            format!("{key}\n{secret}\n"),
            "https://test.salesforce.com",
            vec!["doctor/login-url"],
            "that of sandboxes",
        ),
        // Two at once: what is pasted is looked at before where it is sent.
        (
            format!("{key}\n{}\n", &secret[1..]),
            "https://test.salesforce.com",
            vec!["doctor/credentials", "doctor/login-url"],
            "63 characters",
        ),
    ] {
        let ran = with_credentials(&place, &stdin, url).exits(1);
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains(&key[..12]), "{text}");
            assert!(!text.contains(&secret[1..13]), "{text}");
        }
        assert!(ran.out.contains(said), "{}", ran.out);
        assert_eq!(causes(&ran.json()), expected);
    }
}
