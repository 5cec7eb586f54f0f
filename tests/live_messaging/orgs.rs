//! Local orgs with live messaging, whole or broken in one place or two.

use std::sync::OnceLock;

use opencx_sf::emulator::{EmulatedOrg, LiveMessaging, MessagingFault, Options};
use opencx_sf::messaging::ROUTING_ATTRIBUTES;
use serde_json::Value;

use super::*;

/// A local org that holds live messaging, whole, and nothing else; each with the same keys.
pub fn healthy(more: &str) -> Place {
    static KEYS: OnceLock<Place> = OnceLock::new();
    let keys = KEYS.get_or_init(|| place(SECTION));
    let place =
        Place::with_config(&std::fs::read_to_string(keys.path().join("opencx.yaml")).unwrap());
    std::fs::create_dir(place.path().join("miaw-keys")).unwrap();
    for name in ["private.pem", "public.pem", "key.json"] {
        let name = format!("miaw-keys/{name}");
        std::fs::copy(keys.path().join(&name), place.path().join(&name)).unwrap();
    }
    whole(&place, more);
    place
}

/// Sets live messaging up, and has the config name this org.
fn whole(place: &Place, more: &str) {
    let mut org = org(place);
    let jwk = std::fs::read_to_string(place.path().join("miaw-keys/key.json")).unwrap();
    org.set_up_live_messaging(&LiveMessaging {
        deployment: "OpenCX_Chat",
        channel: "OpenCX_Chat",
        flow: "OpenCX_Route_Chat",
        keyset: "OpenCX_Keys",
        issuer: "open.cx",
        jwk: &jwk,
        attributes: &ROUTING_ATTRIBUTES,
    })
    .unwrap();
    let text = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let text = text.replace("00D000000000001AAA", &org.org_id().unwrap());
    place.write("opencx.yaml", &format!("{text}{more}"));
}

fn org(place: &Place) -> EmulatedOrg {
    let state = place.path().join(".opencx/emulator/local");
    EmulatedOrg::open(&state, &Options::default()).unwrap()
}

fn codes<'a>(report: &'a Value, verdict: &str) -> Vec<&'a str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["verdict"] == verdict)
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

#[track_caller]
fn examined(place: &Place, args: &[&str], exit: i32) -> Value {
    let mut all = vec!["doctor", "-o", "local", "--json"];
    all.extend(args);
    let ran = place.run(&all).exits(exit);
    assert!(!ran.out.contains("BEGIN"), "{}", ran.out);
    ran.json()
}

#[test]
fn a_whole_org_has_nothing_to_repair_and_its_tokens_are_taken() {
    let place = place(SECTION);
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    place.run(&["emulator", "finish-setup", "-q"]).exits(0);
    // Up to here the keyset's issuer is all that isn't known, and the org's id is wrong.
    let report = examined(&place, &["routing-attributes"], 0);
    assert_eq!(codes(&report, "passed").len(), 3, "{report:#}");
    let report = examined(&place, &["access-token"], 1);
    assert_eq!(
        codes(&report, "failed"),
        ["doctor/miaw-org-id"],
        "{report:#}"
    );
    whole(&place, "  issuer: open.cx\n");
    for symptom in ["miaw-settings", "routing-attributes"] {
        let report = examined(&place, &[symptom], 0);
        assert!(!codes(&report, "passed").is_empty(), "{report:#}");
    }
    // Nothing is wrong so far, so the next step is named.
    let report = examined(&place, &["access-token"], 3);
    assert_eq!(codes(&report, "unknown"), ["doctor/miaw-token"]);
    let report = examined(&place, &["access-token", "--request-token"], 0);
    assert!(codes(&report, "passed").contains(&"doctor/miaw-clock"));
    // Whether a deployment is published only a token shows.
    let report = examined(&place, &["no-messages"], 3);
    assert_eq!(codes(&report, "unknown"), ["doctor/miaw-published"]);
    let report = examined(&place, &["--request-token"], 0);
    let passed = codes(&report, "passed");
    for code in [
        "doctor/miaw-published",
        "doctor/miaw-token",
        "doctor/miaw-attributes",
    ] {
        assert!(passed.contains(&code), "{code}: {report:#}");
    }
    let shown = place.run(&["doctor", "-o", "local"]).exits(3).out;
    assert!(shown.contains("Live messaging\n"), "{shown}");
}

#[test]
fn each_fault_is_named() {
    for (fault, symptom, code) in [
        (
            MessagingFault::KeyId,
            "access token error",
            "doctor/miaw-key-id",
        ),
        (
            MessagingFault::KeyPair,
            "access token error",
            "doctor/miaw-key-id",
        ),
        (
            MessagingFault::KeyInactive,
            "access token error",
            "doctor/miaw-key-id",
        ),
        (
            MessagingFault::KeysetEmpty,
            "access token error",
            "doctor/miaw-keyset",
        ),
        (
            MessagingFault::KeysetNotOnChannel,
            "access token error",
            "doctor/miaw-keyset",
        ),
        (
            MessagingFault::IssuerCase,
            "access token error",
            "doctor/miaw-issuer",
        ),
        (
            MessagingFault::DeploymentCase,
            "no messages appear",
            "doctor/miaw-deployment",
        ),
        (
            MessagingFault::DeploymentDisabled,
            "no messages appear",
            "doctor/miaw-deployment",
        ),
        (
            MessagingFault::ChannelInactive,
            "no messages appear",
            "doctor/miaw-channel",
        ),
        (
            MessagingFault::HandlerGone,
            "no messages appear",
            "doctor/miaw-session-handler",
        ),
        (
            MessagingFault::QueueWithoutMessaging,
            "no messages appear",
            "doctor/miaw-session-handler",
        ),
        (
            MessagingFault::FlowInactive,
            "routing attributes missing",
            "doctor/miaw-flow",
        ),
        (
            MessagingFault::AttributeUndeclared,
            "routing attributes missing",
            "doctor/miaw-attributes",
        ),
        (
            MessagingFault::AttributeUnused,
            "routing attributes missing",
            "doctor/miaw-attributes",
        ),
        (
            MessagingFault::MappingEmpty,
            "routing attributes missing",
            "doctor/miaw-mappings",
        ),
    ] {
        let place = healthy("  issuer: open.cx\n");
        org(&place).break_live_messaging(fault).unwrap();
        let report = examined(&place, &[symptom], 1);
        assert_eq!(codes(&report, "failed"), [code], "{fault}: {report:#}");
    }
}

#[test]
fn settings_are_judged_without_an_org() {
    // No such org, no login: none of it is needed.
    let place =
        place(&SECTION.replace("https://acme.my.salesforce.com", "acme.lightning.force.com"));
    let ran = place
        .run(&["doctor", "miaw settings won't save", "-o", "sandbox"])
        .exits(1);
    assert!(
        ran.out
            .contains("the config and its files; no org was asked"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("write https://acme.my.salesforce.com"));
    let report = place
        .run(&["doctor", "miaw-settings", "--json", "--html", "page.html"])
        .exits(1)
        .json();
    assert_eq!(report["org"], Value::Null);
    assert_eq!(codes(&report, "failed"), ["doctor/miaw-instance-url"]);
    let page = std::fs::read_to_string(place.path().join("page.html")).unwrap();
    assert!(page.contains("no org was asked"));
    let bare = Place::minimal();
    let ran = bare.run(&["doctor", "pem"]).exits(3);
    assert!(ran.out.contains("the config has no `live_messaging`"));
}

#[test]
fn what_only_a_token_shows() {
    let place = healthy("  issuer: open.cx\n");
    org(&place)
        .break_live_messaging(MessagingFault::Unpublished)
        .unwrap();
    let report = examined(&place, &["no-messages", "--request-token"], 1);
    assert_eq!(codes(&report, "failed"), ["doctor/miaw-published"]);
    // Salesforce gives a token all the same when the identity doesn't hold.
    for fault in [
        MessagingFault::KeyId,
        MessagingFault::KeyPair,
        MessagingFault::KeyInactive,
        MessagingFault::KeysetEmpty,
        MessagingFault::KeysetNotOnChannel,
        MessagingFault::IssuerCase,
    ] {
        let place = healthy("  issuer: open.cx\n");
        org(&place).break_live_messaging(fault).unwrap();
        let report = examined(&place, &["access-token", "--request-token"], 1);
        let failed = codes(&report, "failed");
        assert_eq!(failed.len(), 2, "{fault}: {report:#}");
        assert_eq!(failed[1], "doctor/miaw-token", "{fault}");
    }
}

#[test]
fn with_two_faults_the_likelier_comes_first() {
    let place = healthy("");
    let mut org = org(&place);
    org.break_live_messaging(MessagingFault::ChannelInactive)
        .unwrap();
    org.break_live_messaging(MessagingFault::DeploymentCase)
        .unwrap();
    let report = examined(&place, &["no-messages"], 1);
    assert_eq!(
        codes(&report, "failed"),
        ["doctor/miaw-deployment", "doctor/miaw-channel"]
    );
    org.break_live_messaging(MessagingFault::AttributeUnused)
        .unwrap();
    org.break_live_messaging(MessagingFault::MappingEmpty)
        .unwrap();
    let report = examined(&place, &["routing-attributes"], 1);
    assert_eq!(
        codes(&report, "failed"),
        ["doctor/miaw-mappings", "doctor/miaw-attributes"]
    );
    // Keys of another pair, and the id of a key that isn't there.
    org.break_live_messaging(MessagingFault::KeyId).unwrap();
    place
        .run(&["miaw", "keygen", "--out", "other", "-q"])
        .exits(0);
    let from = place.path().join("other/public.pem");
    std::fs::copy(from, place.path().join("miaw-keys/public.pem")).unwrap();
    let report = examined(&place, &["access-token"], 1);
    assert_eq!(
        codes(&report, "failed"),
        ["doctor/miaw-key-pair", "doctor/miaw-key-id"]
    );
}

#[test]
fn another_org_or_none_of_it_in_the_config() {
    let place = place(SECTION);
    let report = examined(&place, &["access-token"], 1);
    let failed = codes(&report, "failed");
    assert_eq!(failed[..2], ["doctor/miaw-org-id", "doctor/miaw-key-id"]);
    let bare = Place::minimal();
    let report = examined(&bare, &["no-messages"], 3);
    assert_eq!(codes(&report, "unknown"), ["doctor/miaw-not-in-config"]);
}
