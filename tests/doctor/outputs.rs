//! The forms in which doctor's findings are written.

use super::*;

#[test]
fn junit_has_a_case_for_each_check() {
    let place = healthy();
    org(&place)
        .set_conditions(&[Condition::DeliverabilityOff])
        .unwrap();
    place
        .run(&["doctor", "-o", "local", "-q", "--junit", "doctor.xml"])
        .exits(1);
    let xml = std::fs::read_to_string(place.path().join("doctor.xml")).unwrap();
    assert!(xml.contains("failures=\"1\" errors=\"0\""), "{xml}");
    assert!(
        xml.contains(
            "<testcase classname=\"doctor\" name=\"doctor/deliverability\">\n      <failure"
        ),
        "{xml}"
    );
}

#[test]
fn the_page_says_all_that_a_reader_without_the_tool_needs() {
    let place = healthy();
    let mut org = org(&place);
    org.set_trigger_status(SENDER, false, "Dana <b>Admin</b>")
        .unwrap();
    org.set_conditions(&[Condition::DeliverabilityOff]).unwrap();
    place
        .run(&[
            "doctor",
            "contact never receives",
            "-o",
            "local",
            "-q",
            "--html",
            "doctor.html",
        ])
        .exits(1);
    let page = std::fs::read_to_string(place.path().join("doctor.html")).unwrap();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
    // The likeliest cause first, with its fix and the page that explains it.
    assert!(at("The likeliest cause") < at("OpenCxOutboundEmailSender is switched off"));
    assert!(at("OpenCxOutboundEmailSender is switched off") < at("And also"));
    assert!(at("And also") < at("The org does not let mail leave"));
    at("<code>opencx-sf deploy --target-org local --overwrite \
         ApexTrigger:OpenCxOutboundEmailSender</code>");
    at("Setup &gt; Email &gt; Deliverability");
    at("That alone sends nothing");
    at("Dana &lt;b&gt;Admin&lt;/b&gt;");
    for outside in ["<script", "http-equiv=\"refresh", "src=", "<link", "<img"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // A file that can't be written is told before the org is asked.
    let ran = place
        .run(&["doctor", "-o", "local", "--html", "no/such/folder.html"])
        .exits(1);
    assert!(ran.err.contains("cli/not-written"), "{}", ran.err);
    assert_eq!(ran.out, "");
}
