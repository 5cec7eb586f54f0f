//! One conversation: from a session or a Case to what became of its mail.

use std::collections::BTreeMap;

use super::*;

/// A custom field for the session, as an administrator makes one.
fn with_session_field(place: &Place, object: &str) {
    let name = "OpencxSessionId__c";
    let xmlns = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    let files = BTreeMap::from([
        (
            "package.xml".to_owned(),
            format!(
                "<Package {xmlns}><types><members>{object}.{name}</members><name>CustomField</name>\
                 </types><version>60.0</version></Package>"
            ),
        ),
        (
            format!("objects/{object}.object"),
            format!(
                "<CustomObject {xmlns}><fields><fullName>{name}</fullName><label>Session</label>\
                 <type>Text</type><length>80</length></fields></CustomObject>"
            ),
        ),
    ]);
    let zip = opencx_sf::package::zip_of(&files).unwrap();
    let problems = org(place).install(&zip).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
}

const SESSION: &str = "6f1c2a9e-77aa-4c1e-9a55-0d3c7b1d2f10";

#[track_caller]
fn of_session(place: &Place, session: &str, exit: i32) -> common::Ran {
    place
        .run(&["doctor", "-o", "local", "--json", "--session", session])
        .exits(exit)
}

#[test]
fn a_session_leads_to_its_case_wherever_salesforce_holds_it() {
    let place = healthy();
    let mut org = org(&place);
    let case = org
        .add_record("Case", fields(&json!({ "Case_From__c": "opencx" })))
        .unwrap();
    let ran = of_session(&place, SESSION, 3);
    for said in ["doctor/session-not-found", "no such field", "--case CASE"] {
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    // A chat, by the id that Salesforce gives it.
    let chat = org
        .add_record("MessagingSession", fields(&json!({ "CaseId": case })))
        .unwrap();
    let found = |session: &str| {
        let report = of_session(&place, session, 0).json();
        report["conversation"]["case"]["id"].clone()
    };
    assert_eq!(found(&chat), case);
    let waiting = org
        .add_record("MessagingSession", fields(&json!({})))
        .unwrap();
    let ran = of_session(&place, &waiting, 3);
    assert!(ran.err.contains("has no Case yet"), "{}", ran.err);
    let gone = org
        .add_record(
            "MessagingSession",
            fields(&json!({ "CaseId": "500000000000000AAA" })),
        )
        .unwrap();
    let ran = of_session(&place, &gone, 3);
    assert!(ran.err.contains("your user can't see"), "{}", ran.err);
    // By the session of OpenCX, where a field holds it.
    with_session_field(&place, "MessagingSession");
    org.add_record(
        "MessagingSession",
        fields(&json!({ "CaseId": case, "OpencxSessionId__c": SESSION })),
    )
    .unwrap();
    assert_eq!(found(SESSION), case);
    with_session_field(&place, "Case");
    let row = json!({ "Case_From__c": "opencx", "OpencxSessionId__c": "abc-1" });
    let other = org.add_record("Case", fields(&row)).unwrap();
    assert_eq!(found("abc-1"), other);
}

#[test]
fn an_answer_that_opened_a_case_tells_whether_it_brought_a_token() {
    let place = healthy();
    let mut org = org(&place);
    let mut answered = |subject: &str| {
        let case = org
            .add_record("Case", fields(&json!({ "Case_From__c": "opencx" })))
            .unwrap();
        received(&mut org, &case, subject, "thanks");
        case
    };
    let without = answered("Re: Order");
    let with = answered("Re: Order ref:!00D5f0Lab.!5005f0XY1b:ref");
    let of = |case: &str| {
        let report = place
            .run(&["doctor", "-o", "local", "--json", "--case", case])
            .exits(1)
            .json();
        let report = &report["conversation"];
        assert_eq!(causes(report), ["doctor/case-is-duplicate"], "{report:#}");
        found(report, "doctor/case-is-duplicate")["effect"].to_string()
    };
    assert!(of(&without).contains("carries no threading token"));
    assert!(of(&with).contains("the Case that it belongs to is gone"));
    // Two at once: the code that sends has lost its token, which is why.
    place
        .run(&[
            "emulator",
            "edit-source",
            "ApexClass:OpenCxThreadingToken",
            "--from",
            "getFormattedThreadingToken",
            "--to",
            "noToken",
            "-q",
        ])
        .exits(0);
    let shown = place
        .run(&["doctor", "-o", "local", "--case", &without])
        .exits(1)
        .out;
    let at = |text: &str| {
        shown
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {shown}"))
    };
    assert!(at("Cause      ") < at("this Case was opened by an answer"));
    assert!(at("explain doctor/threading-token") < at("explain doctor/case-is-duplicate"));
}
