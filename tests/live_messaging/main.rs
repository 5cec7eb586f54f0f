//! Live messaging: the key pair, the settings of the MIAW tab, and what doctor makes of an org with
//! one fault or two.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod clock;
#[path = "../common/mod.rs"]
mod common;
mod orgs;

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
