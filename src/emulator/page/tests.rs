//! The page of an org with something in it.

use jiff::Timestamp;

use super::super::activity::{CaseThread, Delivery, Message, MessageKind, Played};
use super::super::options::Options;
use super::super::users;
use super::*;

#[test]
fn shows_what_was_played_and_escapes_it() {
    let at: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
    let mut state = users::new_org(&Options::default(), at);
    assert!(page(&state).contains("Nothing was played here yet."));
    state.played = vec![Played {
        name: "mine".to_owned(),
        title: "<script>alert(1)</script>".to_owned(),
        passed: Some(false),
        findings: vec!["Cases: expected 1, seen 2".to_owned()],
        cases: vec![CaseThread {
            number: "00001001".to_owned(),
            subject: "Help & \"more\"".to_owned(),
            messages: vec![Message {
                kind: MessageKind::Received,
                at,
                from: "a@b.example".to_owned(),
                subject: String::new(),
                text: "<img src=x onerror=alert(1)>".to_owned(),
            }],
            ..CaseThread::default()
        }],
        ..Played::default()
    }];
    let page = page(&state);
    assert!(!page.contains("<script"));
    assert!(!page.contains("<img"));
    for part in [
        "<details open><summary><span class=\"bad\">✗ failed</span>",
        "<p class=\"bad\">Cases: expected 1, seen 2</p>",
        "<h3>Case 00001001: Help &amp; &quot;more&quot;</h3>",
        "<article class=\"received\"><time datetime=\"2026-03-04T05:06:07Z\">",
        "<pre>&lt;img src=x onerror=alert(1)&gt;</pre>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    // Nothing is loaded from anywhere.
    assert!(!page.contains("http"));
    assert!(!page.contains("src=\""));
}

#[test]
fn is_for_this_machine_only() {
    for host in ["127.0.0.1:8080", "localhost", "[::1]:99", "[::1]"] {
        assert!(is_for_this_machine(host), "{host}");
    }
    for host in [
        "",
        "127.0.0.1.example:80",
        "evil.example:8080",
        "localhost:x",
    ] {
        assert!(!is_for_this_machine(host), "{host}");
    }
}

#[test]
fn a_request_that_is_sent_again_says_which_attempt_it_is() {
    let at: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
    let mut state = users::new_org(&Options::default(), at);
    let sent = |minutes: i64, key: &str, status: u16| Delivery {
        at: at + jiff::SignedDuration::from_mins(minutes),
        method: "POST".to_owned(),
        credential: "OpenCX_Integration".to_owned(),
        headers: vec![("Idempotency-Key".to_owned(), key.to_owned())],
        status: Some(status),
        ..Delivery::default()
    };
    state.activity.deliveries = vec![sent(0, "a", 503), sent(0, "b", 200), sent(1, "a", 200)];
    let page = page(&state);
    let again = "<strong class=\"good\">200</strong><span class=\"quiet\"> attempt 2</span>";
    assert!(page.contains(again), "{page}");
    assert_eq!(page.matches("attempt").count(), 1);
}
