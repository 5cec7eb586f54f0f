//! An org in which something is wrong, a message or Case that is saved while it is traced, and what
//! the trace tells. One process, in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod flags;
mod traced;
#[path = "../common/world.rs"]
mod world;

use opencx_sf::conversation;
use opencx_sf::doctor::Verdict;
use opencx_sf::emulator::Condition;
use opencx_sf::trace::{self, Subject};
use serde_json::json;
use traced::{CANARIES, SENDER, Traced, ended, steps, webhook};

#[tokio::test]
async fn a_reply_is_followed_to_its_end_in_each_condition() {
    let mut traced = Traced::new().await;
    let case = traced.case().await;
    let told = traced.told(&case, traced.reply()).await;
    assert_eq!(
        ended(&told),
        ("trace/mail-handed-over", Verdict::Passed, vec![])
    );
    assert!(
        steps(&told).contains("OpenCxOutboundEmailSender ran"),
        "{}",
        steps(&told)
    );

    traced
        .org
        .set_conditions(&[Condition::DeliverabilityOff])
        .unwrap();
    let told = traced.told(&case, traced.reply()).await;
    let (code, verdict, causes) = ended(&told);
    assert_eq!((code, verdict), ("trace/mail-not-sent", Verdict::Failed));
    assert_eq!(causes.first(), Some(&"doctor/deliverability"));
    assert!(
        steps(&told).contains("NO_MASS_MAIL_PERMISSION"),
        "{}",
        steps(&told)
    );

    traced
        .org
        .set_conditions(&[Condition::MailLimitUsedUp])
        .unwrap();
    let told = traced.told(&Subject::NextEmail, traced.reply()).await;
    assert_eq!(ended(&told).0, "trace/mail-not-sent");
    assert!(
        steps(&told).contains("SINGLE_EMAIL_LIMIT_EXCEEDED"),
        "{}",
        steps(&told)
    );

    // Two at once: without its trigger the day's limit doesn't even matter.
    traced
        .org
        .set_trigger_status(SENDER, false, "Dana Admin")
        .unwrap();
    let told = traced.told(&case, traced.reply()).await;
    let (code, verdict, causes) = ended(&told);
    assert_eq!(
        (code, verdict),
        ("trace/trigger-did-not-run", Verdict::Failed)
    );
    assert_eq!(causes.first(), Some(&"doctor/sender-trigger"));
}

#[tokio::test]
async fn a_case_is_followed_to_the_webhooks_answer() {
    let mut traced = Traced::new().await;
    for (status, tries_again) in [(410, false), (500, true), (200, false)] {
        let port = webhook(status).await;
        let url = format!("http://127.0.0.1:{port}/c4nary-t0ken");
        traced
            .org
            .set_endpoint("OpenCX_Integration", &url, "Dana")
            .unwrap();
        let saved = (
            "sobjects/Case".to_owned(),
            json!({ "Subject": "c4nary-text" }),
        );
        let told = traced.told(&Subject::NextCase, saved).await;
        let (code, verdict, _) = ended(&told);
        let story = told.story.as_ref().unwrap();
        if status == 200 {
            assert_eq!((code, verdict), ("trace/case-announced", Verdict::Passed));
            continue;
        }
        assert_eq!((code, verdict), ("trace/webhook-refused", Verdict::Failed));
        assert!(
            steps(&told).contains(&format!("HTTP {status}")),
            "{}",
            steps(&told)
        );
        let effect = story.conclusion.effect.as_deref().unwrap();
        assert_eq!(effect.contains("tries again"), tries_again, "{effect}");
        assert_eq!(told.causes[0].code.0, "doctor/webhook-url");
    }
    let saved = (
        "sobjects/Case".to_owned(),
        json!({ "Case_From__c": "opencx" }),
    );
    let told = traced.told(&Subject::NextCase, saved).await;
    assert_eq!(
        ended(&told),
        ("trace/case-left-out", Verdict::Passed, vec![])
    );
}

#[tokio::test]
async fn an_event_is_followed_through_the_logs_of_automated_process() {
    let mut traced = Traced::with("  webhook: { async_context: event }\n").await;
    for (status, code) in [
        (200, "trace/case-announced"),
        (410, "trace/webhook-refused"),
    ] {
        let port = webhook(status).await;
        let url = format!("http://127.0.0.1:{port}/c4nary-t0ken");
        traced
            .org
            .set_endpoint("OpenCX_Integration", &url, "Dana")
            .unwrap();
        let saved = (
            "sobjects/Case".to_owned(),
            json!({ "Subject": "c4nary-text" }),
        );
        let told = traced.told(&Subject::NextCase, saved).await;
        assert_eq!(ended(&told).0, code, "{}", steps(&told));
        assert!(
            steps(&told).contains(&format!("HTTP {status}")),
            "{}",
            steps(&told)
        );
        let user = told
            .users
            .iter()
            .find(|user| user.name == "Automated Process")
            .unwrap();
        assert_eq!(user.traced, trace::Traced::Ours);
        let logs = &told.story.as_ref().unwrap().transactions;
        assert!(logs.len() > 1, "{logs:?}");
    }
}

#[tokio::test]
async fn what_can_not_be_seen_is_not_waited_for() {
    let mut traced = Traced::new().await;
    traced
        .org
        .set_conditions(&[Condition::EmailToCaseOff])
        .unwrap();
    let mut saver = traced.saver(traced.reply());
    saver.saved = None;
    let error = traced.trace(&Subject::NextEmail, &mut saver).await;
    assert!(matches!(error, Err(trace::Error::Unreadable { .. })));
    assert!(saver.said.contains("Removed"), "{}", saver.said);
    assert_eq!(
        (traced.level_count().await, traced.flag_count().await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_conversation_names_the_cause_of_what_went_wrong_first() {
    let mut traced = Traced::new().await;
    traced
        .org
        .set_trigger_status(SENDER, false, "Dana Admin")
        .unwrap();
    let (path, fields) = traced.reply();
    traced.insert(&path, &fields).await;
    let incoming = json!({
        "ParentId": traced.case, "Incoming": true, "Status": "0", "FromAddress": "c4nary@customer.example",
        "Subject": "Re: c4nary-text", "TextBody": "c4nary-text ref:_00D5f4Lab._5005fXY1b:ref",
    });
    traced.insert("sobjects/EmailMessage", &incoming).await;
    let Subject::Case(case) = traced.case().await else {
        unreachable!()
    };
    let integration = &traced.target.integration;
    let now = traced.reader.clock().wall();
    let facts = traced.facts.clone();
    let found = conversation::examine(
        &traced.reader,
        facts,
        integration,
        &traced.package,
        now,
        *case,
    )
    .await
    .unwrap();
    let failed: Vec<&str> = found.of(Verdict::Failed).map(|one| one.code.0).collect();
    assert_eq!(
        failed[..2],
        ["doctor/sender-trigger", "doctor/replies-of-case"]
    );
    let messages = found.messages.as_ref().unwrap();
    assert_eq!(messages[0].writer, conversation::Writer::Opencx);
    assert_eq!(messages[1].tokens, [conversation::Token::RefId]);
    let shown = serde_json::to_string(&found).unwrap();
    for canary in CANARIES {
        assert!(!shown.contains(canary), "{canary}: {shown}");
    }
}
