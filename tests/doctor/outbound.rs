//! Replies on their way to customers.

use super::*;

#[test]
fn never_received_because_of_the_trigger_the_user_or_the_org() {
    let place = healthy();
    let mut org = org(&place);
    let symptom = "contact never receives";
    org.set_conditions(&[Condition::DeliverabilityOff]).unwrap();
    let cause = one_cause(&place, symptom, "doctor/deliverability");
    assert_eq!(cause["setup"], "Email > Deliverability > Access level");
    // Two at once: without its trigger the org's mail setting does not even matter.
    org.set_trigger_status(SENDER, false, "Dana Admin").unwrap();
    let report = examined(&place, symptom, 1);
    assert_eq!(
        causes(&report),
        ["doctor/sender-trigger", "doctor/deliverability"]
    );
    let shown = place
        .run(&["doctor", "contact", "never", "receives", "-o", "local"])
        .exits(1)
        .out;
    let (cause, other) = (
        shown.find("Cause      OpenCxOut").unwrap(),
        shown.find("And also   the org").unwrap(),
    );
    assert!(cause < other, "{shown}");
    org.set_trigger_status(SENDER, true, "Dana Admin").unwrap();
    org.set_conditions(&[]).unwrap();
    org.set_dkim_key("local.example", false).unwrap();
    let cause = one_cause(&place, symptom, "doctor/sender-domain");
    assert!(cause["effect"].as_str().unwrap().contains("550 5.7.1"));
}

#[test]
fn never_received_because_another_user_writes_the_replies() {
    let place = healthy();
    let mut org = org(&place);
    let other = org.set_minimal_profile("Rita Rep", true).unwrap();
    let case = org
        .add_record("Case", fields(&json!({ "Case_From__c": "opencx" })))
        .unwrap();
    org.add_record(
        "EmailMessage",
        fields(&json!({
            "ParentId": case, "Incoming": false, "Status": "3", "CreatedById": other,
        })),
    )
    .unwrap();
    let cause = one_cause(&place, "contact never receives", "doctor/attribution");
    let text = cause["found"].as_str().unwrap();
    assert!(text.contains("rita.rep@local.example"), "{text}");
}

#[test]
fn never_received_because_the_user_may_not_send() {
    let place = healthy();
    let set = ComponentId::new(MetadataType::PermissionSet, "OpenCX_Integration");
    org(&place)
        .set_user_permission(&set, "EmailSingle", false)
        .unwrap();
    one_cause(&place, "contact never receives", "doctor/send-email");
    // The profile is another route.
    org(&place)
        .set_minimal_profile("OpenCX Integration", false)
        .unwrap();
    let report = examined(&place, "contact never receives", 0);
    let text = found(&report, "doctor/send-email")["found"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(text.ends_with("(by the profile)"), "{text}");
}

#[test]
fn the_limit_is_used_up_until_midnight() {
    let place = healthy();
    org(&place)
        .set_conditions(&[Condition::MailLimitUsedUp])
        .unwrap();
    let cause = one_cause(&place, "SINGLE_EMAIL_LIMIT_EXCEEDED", "doctor/mail-limit");
    let text = cause["found"].as_str().unwrap();
    assert!(
        text.starts_with("50 of 50 mails of today are used: none is left until 00:00 on"),
        "{text}"
    );
    let fix = cause["fix"].as_str().unwrap();
    assert!(
        fix.contains("nobody can raise that") && fix.contains("delivery: sendgrid"),
        "{fix}"
    );
}

#[test]
fn replies_that_were_refused_or_came_back_are_named() {
    let place = healthy();
    let config = minimal().replace("  outbound:\n", "  outbound:\n    on_failure: flag\n");
    place.write("opencx.yaml", &config);
    let symptom = "contact never receives";
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    let mut org = org(&place);
    let case = org.add_record("Case", Map::new()).unwrap();
    let row = |more: Value| {
        let mut row = fields(&json!({
            "ParentId": case, "Incoming": false, "Status": "4", "IsBounced": false,
        }));
        row.extend(fields(&more));
        row
    };
    org.add_record("EmailMessage", row(json!({ "IsBounced": true })))
        .unwrap();
    let cause = one_cause(&place, symptom, "doctor/send-errors");
    assert!(
        cause["found"]
            .as_str()
            .unwrap()
            .starts_with("1 reply came back")
    );
    let error = "INVALID_EMAIL_ADDRESS: Invalid to address : ann@acme.example";
    org.add_record(
        "EmailMessage",
        row(json!({ "OpenCX_Send_Error__c": error })),
    )
    .unwrap();
    let cause = one_cause(&place, symptom, "doctor/send-errors").to_string();
    assert!(
        cause.contains("1 reply was not sent") && cause.contains("INVALID_EMAIL_ADDRESS"),
        "{cause}"
    );
    assert!(!cause.contains("ann@acme"), "{cause}");
}
