//! Scenarios played by the real binary: with the shipped templates they pass, and with a template that
//! lacks one thing exactly those fail that are about it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;

use common::{Place, root};
use serde_json::Value;

/// Names by verdict.
fn with_verdict(report: &Value, verdict: &str) -> Vec<String> {
    let scenarios = report["scenarios"].as_array().unwrap();
    scenarios
        .iter()
        .filter(|scenario| scenario["verdict"] == verdict)
        .map(|scenario| scenario["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_smallest_config_passes_every_scenario_that_is_about_it() {
    let place = Place::minimal();
    let report = place.run(&["simulate", "--json"]).exits(0).json();
    assert_eq!(report["status"], "passed");
    assert_eq!(
        with_verdict(&report, "passed"),
        [
            "new-case",
            "reply",
            "lost-thread",
            "html-reply",
            "mail-by-hand",
            "opencx-case",
            "bulk",
            "bulk-replies",
            "webhook-down",
            "webhook-comes-back",
            "webhook-busy",
            "webhook-moved",
            "webhook-breaks-down",
            "one-refused",
            "job-dies",
            "every-job-dies",
            "short-chain",
            "mail-limit",
            "deliverability-off",
            "foreign-tests",
        ]
    );
    assert_eq!(
        with_verdict(&report, "not-applicable"),
        [
            "only-opencx-case",
            "webhook-switched-off",
            "outbound-switched-off",
            "rep-mail",
            "rep-comment",
            "case-changes",
            "provider",
            "provider-down",
            "provider-bulk",
        ]
    );
    // The same input gives the same bytes.
    let names = ["simulate", "--json", "reply", "webhook-down"];
    let first = place.run(&names).exits(0).out;
    assert_eq!(first, place.run(&names).exits(0).out);
    // No secret of the config is needed, none is shown.
    assert!(!first.contains("local-demo"), "{first}");
}

#[test]
fn one_that_is_named_shows_request_and_mail() {
    let place = Place::minimal();
    let told = place.run(&["simulate", "reply"]).exits(0).out;
    for line in [
        "      when a customer writes: Where is my order?",
        "      seen 09:00 POST to OpenCX's webhook → 200",
        "           Idempotency-Key: case.created:500Fk0000000001IAA",
        "      when OpenCX inserts its reply",
        "           From: Acme Support <opencx.integration@local.example>",
        "           To: carla@customer.example",
        "           Reply-To: support@acme.example",
        "           Subject: Re: Where is my order? thread::0000000001IAA::",
        "      when the customer answers and keeps the subject of the mail",
        "      seen threaded to the Case it belongs to",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}\n{told}");
    }
}

#[test]
fn other_settings_are_played_too() {
    let config = |lines: &str| {
        Place::with_config(&format!(
            "version: 1\nemail_cases:\n  webhook_url: ${{env:OPENCX_WEBHOOK_URL}}\n  \
             reply_to: support@acme.example\n{lines}"
        ))
    };
    for (lines, played) in [
        (
            "  case_filter: only_opencx\n  case_trigger: existing\n  outbound: { sender: { org_wide_address: help@acme.example }, on_failure: comment }\n",
            vec![
                "reply",
                "mail-by-hand",
                "only-opencx-case",
                "mail-limit",
                "foreign-tests",
            ],
        ),
        (
            "  named_credential: secured_endpoint\n  names: { CaseTrigger: MyCaseTrigger, OpenCX_Integration: My_Hook }\n  outbound: { sender: { display_name: Acme }, on_failure: flag }\n",
            vec!["new-case", "reply", "webhook-down", "deliverability-off"],
        ),
        (
            "  outbound: { sender: { display_name: Acme }, delivery: mailgun, mailgun_domain: mg.acme.example, from_address: care@acme.example }\n",
            vec!["provider", "provider-down", "mail-by-hand"],
        ),
        (
            "  outbound: { sender: { display_name: Acme }, delivery: sendgrid, from_address: care@acme.example }\n",
            vec!["provider", "provider-down", "provider-bulk"],
        ),
        (
            "  runtime_settings: true\n  outbound: { sender: { display_name: Acme } }\n",
            vec!["new-case", "webhook-switched-off", "outbound-switched-off"],
        ),
        (
            "  webhook: { async_context: event }\n  rep_replies: { emails: true, comments: true, case_changes: true }\n  outbound: { sender: { display_name: Acme } }\n",
            vec![
                "new-case",
                "webhook-down",
                "rep-mail",
                "rep-comment",
                "case-changes",
            ],
        ),
        (
            "  outbound: { sender: { display_name: Acme }, on_failure: reject }\n",
            vec!["reply", "mail-by-hand", "mail-limit", "deliverability-off"],
        ),
    ] {
        let place = config(lines);
        let mut args = vec!["simulate", "--json"];
        args.extend(&played);
        let report = place.run(&args).exits(0).json();
        assert_eq!(with_verdict(&report, "passed"), played, "{lines}");
    }
}

#[test]
fn a_scenario_of_ones_own_passes_or_fails_with_what_was_seen() {
    let place = Place::minimal();
    std::fs::create_dir(place.path().join("mine")).unwrap();
    let scenario = |cases: usize| {
        format!(
            "title: Ours\nsteps:\n  - when: {{ customer_writes: {{ subject: Hello }} }}\n    \
             then: {{ cases: {cases} }}\n"
        )
    };
    place.write("mine/10-ours.yaml", &scenario(1));
    place
        .run(&["simulate", "--scenarios", "mine", "ours"])
        .exits(0);
    place.write("mine/10-ours.yaml", &scenario(2));
    let junit = [
        "simulate",
        "--scenarios",
        "mine",
        "--junit",
        "r.xml",
        "ours",
    ];
    let ran = place.run(&junit).exits(1);
    let expected = "      when a customer writes: Hello\n      then Cases: expected 2, seen 1\n";
    assert!(ran.out.contains(expected), "{}", ran.out);
    let xml = std::fs::read_to_string(place.path().join("r.xml")).unwrap();
    assert!(xml.contains("tests=\"1\" failures=\"1\""), "{xml}");
    assert!(
        xml.contains("message=\"Cases: expected 2, seen 1\""),
        "{xml}"
    );

    place.write("mine/10-ours.yaml", "title: Ours\nstep: []\n");
    let ran = place.run(&["simulate", "--scenarios", "mine"]).exits(65);
    assert!(ran.err.contains("error[simulate/malformed-scenario]"));
    let ran = place.run(&["simulate", "nothing"]).exits(64);
    assert!(ran.err.contains("error[simulate/no-such-scenario]"));
    let listed = place.run(&["simulate", "--list"]).exits(0).out;
    assert!(
        listed.starts_with("new-case ") && listed.contains("A customer's mail becomes a Case"),
        "{listed}"
    );
}

/// What is played with every mutant; bulk takes its time and is played where it is meant.
const QUICK: [&str; 13] = [
    "new-case",
    "reply",
    "lost-thread",
    "html-reply",
    "mail-by-hand",
    "opencx-case",
    "webhook-down",
    "webhook-comes-back",
    "webhook-busy",
    "webhook-moved",
    "mail-limit",
    "deliverability-off",
    "foreign-tests",
];

/// Plays with a shipped template in which one text is replaced, and checks that just these fail.
#[track_caller]
fn mutant(template: &str, from: &str, to: &str, fails: &[&str]) {
    let shipped = std::fs::read_to_string(root().join("templates").join(template)).unwrap();
    assert!(shipped.contains(from), "{template} has no longer: {from}");
    let config = std::fs::read_to_string(root().join("examples/minimal/opencx.yaml")).unwrap();
    let place = Place::with_config(&format!("templates: overrides\n{config}"));
    let path = format!("overrides/{template}");
    let folder = place.path().join(&path);
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    place.write(&path, &shipped.replace(from, to));
    let mut args = vec!["simulate", "--json"];
    args.extend(QUICK);
    args.extend(fails.iter().filter(|name| !QUICK.contains(name)));
    let report = place.run(&args).exits(1).json();
    assert_eq!(with_verdict(&report, "failed"), fails);
    assert!(with_verdict(&report, "undetermined").is_empty());
}

#[test]
fn without_the_token_in_the_subject_answers_do_not_thread() {
    mutant(
        "classes/OpenCxOutboundMessage.cls",
        "token.addToText(getSubject(), ' ')",
        "getSubject()",
        &["reply", "lost-thread"],
    );
}

#[test]
fn without_the_token_in_the_text() {
    mutant(
        "classes/OpenCxOutboundMessage.cls",
        "token.addToText(row.TextBody, '\\n\\n')",
        "row.TextBody",
        &["reply", "html-reply"],
    );
}

#[test]
fn without_a_reply_to_address() {
    mutant(
        "classes/OpenCxSenderIdentity.cls",
        "message.setReplyTo(REPLY_TO_ADDRESS);",
        "",
        &["reply", "lost-thread"],
    );
}

#[test]
fn sending_whatever_has_no_guard() {
    mutant(
        "classes/OpenCxOutboundEmail.cls",
        "String.isBlank(row.MessageIdentifier)",
        "true",
        &["mail-by-hand"],
    );
    mutant(
        "classes/OpenCxOutboundEmail.cls",
        "if (isOpenCx && ",
        "if (",
        &["mail-by-hand"],
    );
}

#[test]
fn acting_in_other_peoples_tests() {
    mutant(
        "classes/OpenCxAccess.cls",
        "(System.Test.isRunningTest() && !actsInTests) || ",
        "",
        &["foreign-tests"],
    );
}

#[test]
fn telling_opencx_what_it_did_itself() {
    mutant(
        "classes/OpenSalesforceCaseManagement.cls",
        "return newCase.Case_From__c {% if",
        "return true || newCase.Case_From__c {% if",
        &["opencx-case"],
    );
}

#[test]
fn never_giving_up() {
    mutant(
        "classes/OpenCxCaseWebhookJob.cls",
        "run.hasFailed() ? attempt + 1 : attempt",
        "attempt",
        &["webhook-down"],
    );
}

#[test]
fn another_key_at_each_attempt() {
    mutant(
        "classes/OpenCxWebhook.cls",
        "request.setHeader('Idempotency-Key', idempotencyKey);",
        "request.setHeader('Idempotency-Key', idempotencyKey + System.now().getTime());",
        &["webhook-down"],
    );
}

#[test]
fn deaf_to_retry_after() {
    mutant(
        "classes/OpenCxWebhook.cls",
        "response.getHeader('Retry-After')",
        "null",
        &["webhook-busy"],
    );
}

#[test]
fn trying_a_stale_url_again() {
    mutant(
        "classes/OpenCxWebhook.cls",
        "{ 408, 425, 429 }",
        "{ 404, 408, 425, 429 }",
        &["webhook-moved"],
    );
}

#[test]
fn mail_that_is_not_sent_in_silence() {
    mutant(
        "classes/OpenCxOutboundEmailJob.cls",
        "{{ names.OpenCxSendFailures }}.report(rows, send(rows));",
        "send(rows);",
        &["mail-limit", "deliverability-off"],
    );
}

#[test]
fn rows_beyond_the_first_run_forgotten() {
    mutant(
        "classes/OpenCxOutboundEmailJob.cls",
        "if (!rest.isEmpty()) {",
        "if (false) {",
        &["bulk-replies"],
    );
    mutant(
        "classes/OpenCxAnnouncer.cls",
        "if (!chunk.isEmpty()) {",
        "if (false) {",
        &["bulk"],
    );
}
