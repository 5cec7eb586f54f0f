//! The permission set for the user of CI: with it an org can be read and not written, without it the
//! missing permission is named.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

#[path = "common/served.rs"]
mod served;

use common::Place;
use served::{CONFIG, Served};

fn deployed() -> Place {
    let place = Served::place();
    place.write(
        "opencx.yaml",
        &format!("{CONFIG}drift: {{ reader_permission_set: true }}\n"),
    );
    let admin = Served::start(&place, &[]);
    admin.run(&place, &["deploy", "-o", "dev"]).exits(0);
    place
}

fn ci(place: &Place, sets: &[&str]) -> Served {
    let mut args = vec!["--user", "CI Reader"];
    for set in sets {
        args.extend(["--permission-set", set]);
    }
    Served::start(place, &args)
}

#[test]
fn with_it_drift_works_and_a_deploy_is_refused() {
    let place = deployed();
    let reader = ci(&place, &["OpenCX_Drift_Reader"]);
    let clean = reader.run(&place, &["drift", "-o", "dev"]).exits(0);
    assert!(clean.out.contains("as ci.reader@"), "{}", clean.out);
    reader.run(&place, &["plan", "-o", "dev"]).exits(0);

    let missing = reader.run(&place, &["orgs"]).out;
    for named in ["Author Apex", "Customize Application"] {
        assert!(missing.contains(named), "{named}: {missing}");
    }
    assert!(
        !missing.contains("View Setup") && !missing.contains("Modify Metadata"),
        "{missing}"
    );

    let text = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    place.write("opencx.yaml", &text.replace("support@", "care@"));
    reader.run(&place, &["drift", "-o", "dev"]).exits(2);
    for args in [
        &["deploy", "-o", "dev"][..],
        &["drift", "-o", "dev", "--fix"],
    ] {
        let refused = reader.run(&place, args).exits(4);
        assert!(
            refused.err.contains("sf/insufficient-access"),
            "{}",
            refused.err
        );
        assert!(refused.err.contains("Author Apex"), "{}", refused.err);
    }
    assert_eq!(reader.deploys().len(), 1, "the administrator's");
}

#[test]
fn without_it_the_permission_is_named_and_nothing_is_clean() {
    let place = deployed();
    let nobody = ci(&place, &[]);
    let refused = nobody.run(&place, &["drift", "-o", "dev"]).exits(4);
    assert!(refused.err.contains("API Enabled"), "{}", refused.err);
    assert!(!refused.out.contains("none:"), "{}", refused.out);
}
