//! One fault in an org, and what doctor makes of it; the words are those that an admin reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use std::path::PathBuf;
use std::sync::OnceLock;

use common::Place;
use opencx_sf::emulator::{Condition, EmulatedOrg, Options};
use opencx_sf::metadata::{ComponentId, MetadataType};
use serde_json::{Map, Value, json};

/// A local org with everything in place: deployed once, and copied for each test.
fn healthy() -> Place {
    static ONE: OnceLock<Place> = OnceLock::new();
    let one = ONE.get_or_init(|| {
        let place = Place::minimal();
        place.run(&["deploy", "-o", "local", "-q"]).exits(0);
        place.run(&["emulator", "finish-setup", "-q"]).exits(0);
        place
    });
    let place = Place::minimal();
    let (from, to) = (state(one), state(&place));
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    place
}

fn state(place: &Place) -> PathBuf {
    place.path().join(".opencx/emulator/local")
}

fn org(place: &Place) -> EmulatedOrg {
    EmulatedOrg::open(&state(place), &Options::default()).unwrap()
}

fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The codes of what failed, in order.
fn causes(report: &Value) -> Vec<&str> {
    of(report, "failed")
}

fn of<'a>(report: &'a Value, verdict: &str) -> Vec<&'a str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["verdict"] == verdict)
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

fn found<'a>(report: &'a Value, code: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["code"] == code).unwrap()
}

/// Doctor's report on that symptom.
#[track_caller]
fn examined(place: &Place, symptom: &str, exit: i32) -> Value {
    let ran = place
        .run(&["doctor", symptom, "-o", "local", "--json"])
        .exits(exit);
    assert!(!ran.out.contains("local-demo"), "{}", ran.out);
    ran.json()
}

#[track_caller]
fn one_cause(place: &Place, symptom: &str, code: &str) -> Value {
    let report = examined(place, symptom, 1);
    assert_eq!(causes(&report), [code], "{report:#}");
    found(&report, code).clone()
}

const CASE_TRIGGER: &str = "CaseTrigger";
const SENDER: &str = "OpenCxOutboundEmailSender";

fn trigger(name: &str) -> ComponentId {
    ComponentId::new(MetadataType::ApexTrigger, name)
}

#[test]
fn a_healthy_org_has_no_finding_and_a_fresh_one_says_what_is_left() {
    let place = Place::minimal();
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    let report = place
        .run(&["doctor", "-o", "local", "--json"])
        .exits(1)
        .json();
    assert_eq!(
        causes(&report),
        ["doctor/attribution", "doctor/routing-address"]
    );
    place.run(&["emulator", "finish-setup", "-q"]).exits(0);
    let ran = place.run(&["doctor", "-o", "local", "-v"]).exits(0);
    assert!(ran.out.contains("everything that an API shows is in order"));
    assert!(ran.out.contains("9 HTTP requests"), "{}", ran.out);
}

#[test]
fn no_case_because_the_trigger_is_off_or_gone() {
    let place = healthy();
    org(&place)
        .set_trigger_status(CASE_TRIGGER, false, "Dana Admin")
        .unwrap();
    let cause = one_cause(&place, "no case appears", "doctor/case-trigger");
    let text = cause["found"].as_str().unwrap();
    assert!(
        text.starts_with("CaseTrigger is switched off (last changed by Dana Admin on 20"),
        "{text}"
    );
    assert_eq!(cause["command"], "opencx-sf deploy --target-org local");
    assert_eq!(
        cause["setup"],
        "Object Manager > Case > Triggers > CaseTrigger"
    );
    // What it says to run repairs it.
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    examined(&place, "no case appears", 0);
    org(&place)
        .delete(&trigger(CASE_TRIGGER), "Dana Admin")
        .unwrap();
    let cause = one_cause(&place, "no-case", "doctor/case-trigger");
    assert_eq!(cause["found"], "the org has no trigger CaseTrigger");
}

#[test]
fn no_case_because_the_webhook_is_stale_or_callouts_are_off() {
    let place = healthy();
    let mut org = org(&place);
    org.set_endpoint(
        "OpenCX_Integration",
        "https://opencx.invalid/webhook/0ld-t0ken",
        "Dana",
    )
    .unwrap();
    let cause = one_cause(&place, "no case appears", "doctor/webhook-url");
    let text = cause.to_string();
    assert!(text.contains("one of the two is stale"), "{text}");
    assert!(!text.contains("0ld-t0ken"), "{text}");
    place.run(&[
        "deploy",
        "-o",
        "local",
        "-q",
        "--overwrite",
        "NamedCredential:OpenCX_Integration",
    ]);
    org.set_callouts_enabled("OpenCX_Integration", false, "Dana")
        .unwrap();
    one_cause(&place, "no case appears", "doctor/callouts-enabled");
}

#[test]
fn no_case_because_a_class_was_edited_or_is_gone() {
    let place = healthy();
    let class = ComponentId::new(MetadataType::ApexClass, "OpenSalesforceCaseManagement");
    org(&place)
        .replace_in_source(
            &class,
            "selectEligible(newCases)",
            "new List<Id>()",
            "Dana Admin",
        )
        .unwrap();
    let cause = one_cause(&place, "no case appears", "doctor/case-handler");
    assert_eq!(
        cause["command"],
        "opencx-sf deploy --target-org local --overwrite ApexClass:OpenSalesforceCaseManagement"
    );
    org(&place).delete(&class, "Dana Admin").unwrap();
    one_cause(&place, "no case appears", "doctor/case-handler");
}

/// A job of ours, as the platform writes it.
fn job(org: &mut EmulatedOrg, class: &str, status: &str, message: &str) {
    let id = org
        .record_id(&ComponentId::new(MetadataType::ApexClass, class))
        .unwrap();
    org.add_record(
        "AsyncApexJob",
        fields(&json!({
            "ApexClassId": id, "Status": status, "JobType": "Queueable", "ExtendedStatus": message,
        })),
    )
    .unwrap();
}

#[test]
fn no_case_because_jobs_fail_or_none_ran() {
    let place = healthy();
    let mut org = org(&place);
    org.add_record("Case", fields(&json!({ "Subject": "Help" })))
        .unwrap();
    one_cause(&place, "no case appears", "doctor/cases-not-announced");
    job(&mut org, "OpenCxCaseWebhookJob", "Completed", "");
    examined(&place, "no case appears", 0);
    job(
        &mut org,
        "OpenCxCaseWebhookJob",
        "Failed",
        "System.CalloutException: Read timed out https://opencx.invalid/webhook/local-demo ann@acme.example",
    );
    let cause = one_cause(&place, "no case appears", "doctor/failed-jobs");
    let text = cause.to_string();
    assert!(text.contains("1 of 2 jobs of ours failed"), "{text}");
    assert!(
        text.contains("Read timed out [address] [mail address]"),
        "{text}"
    );
    assert!(text.contains("did not answer in time"), "{text}");
}

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

fn received(org: &mut EmulatedOrg, case: &str, subject: &str, body: &str) {
    org.add_record(
        "EmailMessage",
        fields(&json!({
            "ParentId": case, "Incoming": true, "Status": "0", "Subject": subject, "TextBody": body,
        })),
    )
    .unwrap();
}

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
fn what_the_org_does_not_show_is_not_green() {
    let place = healthy();
    org(&place)
        .set_conditions(&[Condition::EmailToCaseOff])
        .unwrap();
    let report = examined(&place, "replies never reach", 1);
    assert_eq!(causes(&report), ["doctor/email-to-case"]);
    // Without the variable the URL can't be compared.
    let place = Place::with_config(
        "version: 1
email_cases:
  webhook_url: ${env:OPENCX_WEBHOOK_URL}
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
  local: { emulator: {} }
",
    );
    let deployed = place
        .command(&["deploy", "-o", "local", "-q"])
        .env(
            "OPENCX_WEBHOOK_URL",
            "https://opencx.invalid/webhook/local-demo",
        )
        .output()
        .unwrap();
    assert!(deployed.status.success());
    let report = examined(&place, "no case appears", 3);
    assert_eq!(of(&report, "unknown"), ["doctor/webhook-url"]);
}

#[test]
fn words_that_fit_nothing_or_too_much_are_answered_with_the_list() {
    let place = Place::minimal();
    let ran = place
        .run(&["doctor", "the weather", "-o", "local"])
        .exits(64);
    assert!(
        ran.err.contains("known: ") && ran.err.contains("never-received"),
        "{}",
        ran.err
    );
    let ran = place.run(&["doctor", "--list"]).exits(0);
    assert!(ran.out.contains("duplicate-case"));
}

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
fn what_reps_write_is_off_or_not_heard() {
    let place = healthy();
    one_cause(
        &place,
        "rep replies don't reach the contact",
        "doctor/rep-replies-off",
    );
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let on = config.replace(
        "  outbound:\n",
        "  rep_replies: { emails: true }\n  outbound:\n",
    );
    place.write("opencx.yaml", &on);
    let cause = one_cause(&place, "rep replies", "doctor/rep-reply-triggers");
    assert_eq!(
        cause["found"],
        "the org has no trigger OpenCxRepEmailTrigger"
    );
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
fn the_app_is_compared_to_the_letter() {
    let place = Place::minimal();
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    let app =
        "external_client_app: { contact_email: admin@acme.example, require_pkce: false }\norgs:\n";
    place.write("opencx.yaml", &config.replace("orgs:\n", app));
    let report = examined(&place, "connect fails", 1);
    assert_eq!(causes(&report), ["doctor/app"]);
    place.run(&["deploy", "-o", "local", "-q"]).exits(0);
    // It is all there, and too young to be used.
    let report = examined(&place, "oauth credentials won't save", 1);
    let text = found(&report, "doctor/app")["found"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(text.ends_with("was changed 0 minutes ago"), "{text}");
    let login = found(&report, "doctor/login-url");
    assert_eq!(login["verdict"], "unknown");
    assert!(
        login["fix"]
            .as_str()
            .unwrap()
            .contains("https://login.salesforce.com")
    );
}

#[test]
fn what_is_not_looked_at_is_said_and_never_green() {
    let place = healthy();
    let ran = place
        .run(&["doctor", "routing attributes missing", "-o", "local", "-q"])
        .exits(3);
    assert!(
        ran.out.contains("does not look at live messaging yet"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("By hand    1. Setup > Flows"),
        "{}",
        ran.out
    );
}
