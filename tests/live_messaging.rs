//! Live messaging: the key pair, the settings of the MIAW tab, and what doctor makes of an org with
//! one fault or two.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::{Place, Ran, root};

const SECTION: &str = "\
live_messaging:
  instance_url: https://acme.my.salesforce.com
  es_developer_name: OpenCX_Chat
  organization_id: 00D000000000001AAA
  auth_key_id: opencx-1
  public_key: ${file:miaw-keys/public.pem}
  private_key: ${file:miaw-keys/private.pem}
";

/// The minimal config with that section, and a key pair.
fn place(section: &str) -> Place {
    let text = std::fs::read_to_string(root().join("examples/minimal/opencx.yaml")).unwrap();
    let place = Place::with_config(&format!("{text}{section}"));
    place
        .run(&["miaw", "keygen", "--kid", "opencx-1", "-q"])
        .exits(0);
    place
}

fn check(place: &Place, code: i32) -> Ran {
    place.run(&["miaw", "check"]).exits(code)
}

#[test]
fn a_new_pair_has_its_modes_and_is_never_written_over() {
    let place = place(SECTION);
    let folder = place.path().join("miaw-keys");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            ".gitignore",
            "certificate.pem",
            "key.json",
            "private.pem",
            "public.pem"
        ]
    );
    #[cfg(unix)]
    for (name, mode) in [
        ("private.pem", 0o600),
        ("public.pem", 0o644),
        ("key.json", 0o644),
    ] {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(folder.join(name)).unwrap().permissions();
        assert_eq!(found.mode() & 0o777, mode, "{name}");
    }
    let before = std::fs::read(folder.join("private.pem")).unwrap();
    let again = place.run(&["miaw", "keygen"]).exits(5);
    assert!(again.err.contains("never written over"), "{}", again.err);
    assert_eq!(std::fs::read(folder.join("private.pem")).unwrap(), before);
    // One file that is there is enough, and the others are not made.
    let other = place.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("key.json"), "mine").unwrap();
    place.run(&["miaw", "keygen", "--out", "other"]).exits(5);
    assert_eq!(std::fs::read_dir(&other).unwrap().count(), 1);

    let told = place
        .run(&["miaw", "keygen", "--out", "third", "--kid", "k.2"])
        .exits(0);
    assert!(!told.out.contains("BEGIN"), "{}", told.out);
    assert!(told.out.contains("auth_key_id: k.2"), "{}", told.out);
    let checked = check(&place, 0);
    assert!(checked.out.contains("belong together"), "{}", checked.out);
}

#[test]
fn all_that_is_wrong_with_the_settings_is_said_at_once() {
    let place = place(
        "live_messaging:\n  instance_url: acme.lightning.force.com\n  auth_key_id: opencx-1\n  \
         public_key: ${file:miaw-keys/certificate.pem}\n  private_key: ${file:one-line.pem}\n",
    );
    let pem = std::fs::read_to_string(place.path().join("miaw-keys/private.pem")).unwrap();
    place.write("one-line.pem", &pem.replace('\n', ""));
    let told = check(&place, 1).out;
    for text in [
        "2 of the six fields are missing in `live_messaging`: ES Developer Name",
        "write https://acme.my.salesforce.com",
        "it stands on one line",
        "it is a certificate, not a key",
        "openssl x509 -pubkey -noout -in miaw-keys/certificate.pem",
        "4 to repair",
    ] {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&told).contains(&words(text)), "{text}\n{told}");
    }
    assert!(!told.contains(&pem[40..60]), "{told}");
}

#[test]
fn halves_of_different_pairs_and_a_file_that_is_not_there() {
    let place = place(&SECTION.replace("miaw-keys/public.pem", "miaw-other/public.pem"));
    let missing = check(&place, 3).out;
    assert!(missing.contains("could not be looked at"), "{missing}");
    place
        .run(&["miaw", "keygen", "--out", "miaw-other", "-q"])
        .exits(0);
    let told = check(&place, 1).out;
    assert!(told.contains("halves of different pairs"), "{told}");
    let json = place.run(&["miaw", "check", "--json"]).exits(1).json();
    assert_eq!(json["status"], "failed");
}

#[test]
fn a_private_key_in_the_config_is_refused_and_not_shown() {
    let place =
        place("live_messaging:\n  private_key: |\n    -----BEGIN PRIVATE KEY-----\n    c4nary\n");
    let told = place.run(&["miaw", "check"]).exits(65);
    assert!(told.err.contains("config/inline-secret"), "{}", told.err);
    assert!(told.err.contains("miaw keygen"), "{}", told.err);
    assert!(!told.err.contains("c4nary"), "{}", told.err);
}

mod orgs {
    use std::sync::OnceLock;

    use opencx_sf::emulator::{EmulatedOrg, LiveMessaging, MessagingFault, Options};
    use opencx_sf::messaging::ROUTING_ATTRIBUTES;
    use serde_json::Value;

    use super::*;

    /// A local org that holds live messaging, whole, and nothing else; each with the same keys.
    fn healthy(more: &str) -> Place {
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
        for symptom in ["miaw-settings", "access-token", "routing-attributes"] {
            let report = examined(&place, &[symptom], 0);
            assert!(!codes(&report, "passed").is_empty(), "{report:#}");
        }
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
}
