//! Answers of customers on their way back into their Cases.

use super::*;

const PASTED: &str = "trigger OpenCxOutboundEmailSender on EmailMessage (after insert) {
    for (EmailMessage em : Trigger.new) {
        Messaging.SingleEmailMessage m = new Messaging.SingleEmailMessage();
        m.setReplyTo('support@acme.example');
        m.setSubject(em.Subject);
        m.setHtmlBody(em.HtmlBody);
        Messaging.sendEmail(new List<Messaging.SingleEmailMessage>{ m });
    }
}
";

#[test]
fn duplicate_cases_because_the_code_or_the_mail_has_no_token() {
    let place = healthy();
    place.write("old.trigger", PASTED);
    place
        .run(&["emulator", "paste", "old.trigger", "-q"])
        .exits(0);
    let report = examined(&place, "duplicate case", 1);
    assert_eq!(
        causes(&report),
        ["doctor/threading-token", "doctor/sender-trigger"]
    );
    let cause = found(&report, "doctor/threading-token");
    assert!(
        cause["command"]
            .as_str()
            .unwrap()
            .ends_with("--overwrite ApexTrigger:OpenCxOutboundEmailSender")
    );
    let with_token = PASTED
        .replace("m.setSubject(em.Subject)", "String t = EmailMessages.getFormattedThreadingToken(em.ParentId); m.setSubject(em.Subject + t)")
        .replace("setHtmlBody(em.HtmlBody)", "setHtmlBody(em.HtmlBody + t)");
    place.write("old.trigger", &with_token);
    place
        .run(&["emulator", "paste", "old.trigger", "-q"])
        .exits(0);
    // Not ours, but it does what it should for this symptom.
    let report = examined(&place, "duplicate case", 1);
    assert_eq!(causes(&report), ["doctor/sender-trigger"]);
}

#[test]
fn duplicate_cases_are_seen_in_the_mail_that_came() {
    let place = healthy();
    let mut org = org(&place);
    let old = org
        .add_record(
            "Case",
            fields(&json!({ "CreatedDate": "2026-01-01T00:00:00.000+0000" })),
        )
        .unwrap();
    received(
        &mut org,
        &old,
        "Re: Order",
        "secret-words thread::pp5XPGfmNf2hRZdRCWnrohc::",
    );
    examined(&place, "duplicate case", 0);
    let new = org
        .add_record("Case", fields(&json!({ "CaseNumber": "00001042" })))
        .unwrap();
    received(&mut org, &new, "Re: Order", "secret-words");
    let report = examined(&place, "duplicate case", 1);
    let cause = found(&report, "doctor/answers-thread").to_string();
    assert!(
        cause.contains("00001042") && cause.contains("no threading token at all"),
        "{cause}"
    );
    assert!(!report.to_string().contains("secret-words"));
}

#[test]
fn answers_are_lost_by_the_routing_address_or_the_reply_to() {
    let place = healthy();
    let mut org = org(&place);
    let symptom = "customer replies never reach Salesforce";
    org.set_routing_address("support@acme.example", false)
        .unwrap();
    one_cause(&place, symptom, "doctor/routing-address");
    org.clear_routing_addresses().unwrap();
    org.set_routing_address("help@acme.example", true).unwrap();
    let cause = one_cause(&place, symptom, "doctor/routing-address");
    assert!(
        cause["found"]
            .as_str()
            .unwrap()
            .contains("the org has help@acme.example")
    );
    org.set_routing_address("support@acme.example", true)
        .unwrap();
    let class = ComponentId::new(MetadataType::ApexClass, "OpenCxSenderIdentity");
    org.replace_in_source(
        &class,
        "'support@acme.example'",
        "'me@acme.example'",
        "Dana",
    )
    .unwrap();
    let cause = one_cause(&place, symptom, "doctor/reply-to");
    assert!(cause["found"].as_str().unwrap().contains("me@acme.example"));
}

#[test]
fn gmail_waits_for_its_code() {
    let place = healthy();
    let mut org = org(&place);
    let ran = place.run(&["forwarding-code", "-o", "local"]).exits(1);
    assert!(ran.err.contains("forwarding/no-mail"), "{}", ran.err);
    examined(&place, "gmail forwarding unverified", 3);
    let case = org.add_record("Case", Map::new()).unwrap();
    received(&mut org, &case, "Order 123456789", "not this one");
    org.add_record(
        "EmailMessage",
        fields(&json!({
            "ParentId": case, "Incoming": true, "Status": "0",
            "FromAddress": "forwarding-noreply@google.com",
            "Subject": "(#987654321) Gmail Forwarding Confirmation - Receive Mail from ann@acme.example",
            "TextBody": "ann@acme.example asks. https://mail-settings.google.com/mail/vf-abc done",
        })),
    )
    .unwrap();
    one_cause(
        &place,
        "gmail forwarding unverified",
        "doctor/forwarding-mail",
    );
    let ran = place
        .run(&["forwarding-code", "-o", "local", "-q"])
        .exits(0);
    assert!(ran.out.contains("Code       987654321\n"), "{}", ran.out);
    assert!(
        ran.out
            .contains("Link       https://mail-settings.google.com/mail/vf-abc\n"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("ann@acme.example"), "{}", ran.out);
}

#[test]
fn the_way_of_threading_counts_after_the_code() {
    let place = healthy();
    let mut org = org(&place);
    org.set_conditions(&[Condition::RefIdThreading]).unwrap();
    let cause = one_cause(&place, "duplicate case", "doctor/threading-settings");
    assert!(
        cause["setup"]
            .as_str()
            .unwrap()
            .starts_with("Release Updates")
    );
    place.write("old.trigger", PASTED);
    place
        .run(&["emulator", "paste", "old.trigger", "-q"])
        .exits(0);
    // Two at once: without a token in the mail the way of threading does not matter.
    causes_of(
        &place,
        &["duplicate case"],
        &[
            "doctor/threading-token",
            "doctor/threading-settings",
            "doctor/sender-trigger",
        ],
    );
}

#[test]
fn tokens_are_looked_for_in_rows_in_each_form() {
    let place = healthy();
    let mut org = org(&place);
    let case = org.add_record("Case", Map::new()).unwrap();
    let said = |place: &Place| {
        let report = examined(place, "duplicate case", 0);
        found(&report, "doctor/tokens-in-mail")["found"].to_string()
    };
    for (field, text, expected) in [
        ("Subject", "private words", "which proves nothing"),
        (
            "HtmlBody",
            "<p>private words ref:!00D5f04Lab.!5005f0XY1b:ref</p>",
            "older form",
        ),
        (
            "TextBody",
            "private words thread::pp5XPGfmNf2hRZdRCWnrohc::",
            "1 in the present one",
        ),
    ] {
        let mut row = fields(&json!({ "ParentId": case, "Incoming": false, "Status": "4" }));
        row.insert(field.to_owned(), json!(text));
        org.add_record("EmailMessage", row).unwrap();
        let said = said(&place);
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("private"), "{said}");
    }
}

#[test]
fn the_reply_to_comes_before_the_routing_address() {
    let place = healthy();
    let mut org = org(&place);
    let class = ComponentId::new(MetadataType::ApexClass, "OpenCxSenderIdentity");
    org.replace_in_source(
        &class,
        "'support@acme.example'",
        "'me@acme.example'",
        "Dana",
    )
    .unwrap();
    org.set_routing_address("support@acme.example", false)
        .unwrap();
    let report = causes_of(
        &place,
        &["customer replies never reach Salesforce"],
        &["doctor/reply-to", "doctor/routing-address"],
    );
    // What DNS and the forwarding do is not green because nobody looked.
    let unknown = of(&report, "unknown");
    assert!(unknown.contains(&"doctor/forwarded-mail"), "{unknown:?}");
    #[cfg(not(feature = "dns"))]
    {
        assert!(unknown.contains(&"doctor/spf"), "{unknown:?}");
        let fix = found(&report, "doctor/dmarc")["fix"].to_string();
        assert!(
            fix.contains("nslookup -type=TXT _dmarc.acme.example"),
            "{fix}"
        );
    }
}

#[test]
fn other_providers_give_a_code_or_the_case_to_open() {
    let place = healthy();
    let mut org = org(&place);
    let confirm = |org: &mut EmulatedOrg, number: &str, text: &str| {
        let case = org
            .add_record("Case", fields(&json!({ "CaseNumber": number })))
            .unwrap();
        let row = json!({
            "ParentId": case, "Incoming": true, "Status": "0",
            "FromAddress": "noreply@fastmail.example",
            "Subject": "Verify your forwarding address", "TextBody": text,
        });
        org.add_record("EmailMessage", fields(&row)).unwrap();
    };
    confirm(&mut org, "00001042", "private words. Code: AB12-CD34");
    let args = ["forwarding-code", "-o", "local", "-q"];
    let out = place.run(&args).exits(0).out;
    assert!(
        out.contains("Code       AB12-CD34\nCase       00001042"),
        "{out}"
    );
    confirm(
        &mut org,
        "00001043",
        "private words https://fastmail.example/v?x=1",
    );
    let out = place.run(&args).exits(0).out;
    assert!(out.contains("Open       Case 00001043"), "{out}");
    assert!(
        !out.contains("private") && !out.contains("https://"),
        "{out}"
    );
}
