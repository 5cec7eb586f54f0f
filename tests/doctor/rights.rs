//! A user with few rights: what it is not shown is not called in order.

use super::*;
use crate::served::Served;

#[test]
fn without_view_all_data_an_empty_list_is_no_proof() {
    let place = Served::place();
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    place.write(
        "opencx.yaml",
        &format!("{config}drift: {{ reader_permission_set: true }}\n"),
    );
    let admin = Served::start(&place, &[]);
    admin.run(&place, &["deploy", "-o", "dev", "-q"]).exits(0);
    let unknown = |served: &Served, symptom: &str| {
        let args = ["doctor", symptom, "-o", "dev", "--json"];
        let report = served.run(&place, &args).json();
        let codes = of(&report, "unknown").into_iter().map(str::to_owned);
        (codes.collect::<Vec<_>>(), report)
    };
    assert!(unknown(&admin, "duplicate-case").0.is_empty());
    drop(admin);
    let args = [
        "--user",
        "CI Reader",
        "--permission-set",
        "OpenCX_Drift_Reader",
    ];
    let reader = Served::start(&place, &args);
    for (symptom, code) in [
        ("never-received", "doctor/reply-rows"),
        ("duplicate-case", "doctor/answers-thread"),
        ("replies-lost", "doctor/forwarded-mail"),
        ("gmail-unverified", "doctor/forwarding-mail"),
    ] {
        let (codes, report) = unknown(&reader, symptom);
        assert!(codes.iter().any(|found| found == code), "{report:#}");
        let fix = found(&report, code)["fix"].to_string();
        assert!(fix.contains("View All Data"), "{fix}");
    }
}
