//! The webhook, called from this machine on request.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::*;

/// Answers one caller with that status; gives back what it was sent.
fn webhook(status: u16) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/webhook/s3cret-t0ken",
        listener.local_addr().unwrap()
    );
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut said = Vec::new();
        let mut buffer = [0; 1024];
        while !said.ends_with(b"{}") {
            let read = stream.read(&mut buffer).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&said));
            said.extend_from_slice(&buffer[..read]);
        }
        write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n").unwrap();
        String::from_utf8(said).unwrap()
    });
    (url, thread)
}

const SYMPTOM: &str = "no case appears";

#[test]
fn what_the_webhook_answers_is_told_apart_and_the_stale_url_comes_first() {
    let place = healthy();
    for (status, said) in [
        (401, "the token in the URL is not"),
        (404, "the URL is stale"),
        (410, "has withdrawn"),
        (503, "the fault is on OpenCX's side"),
        (302, "a login page"),
    ] {
        let (url, thread) = webhook(status);
        org(&place)
            .set_endpoint("OpenCX_Integration", &url, "Dana")
            .unwrap();
        // Two at once: that the URL is not the config's is why it answers like that.
        let report = causes_of(
            &place,
            &[SYMPTOM, "--call-webhook"],
            &["doctor/webhook-url", "doctor/webhook-call"],
        );
        let text = found(&report, "doctor/webhook-call")["found"].to_string();
        assert!(text.contains(said), "{status}: {text}");
        let sent = thread.join().unwrap();
        assert!(sent.starts_with("POST /webhook/s3cret-t0ken "), "{sent}");
        assert!(sent.ends_with("\r\n\r\n{}"), "{sent}");
    }
}

#[test]
fn an_answer_is_no_proof_for_salesforce_and_nothing_is_called_unasked() {
    let place = healthy();
    let (url, thread) = webhook(422);
    org(&place)
        .set_endpoint("OpenCX_Integration", &url, "Dana")
        .unwrap();
    let report = causes_of(&place, &[SYMPTOM], &["doctor/webhook-url"]);
    assert!(!report.to_string().contains("doctor/webhook-call"));
    assert!(!thread.is_finished());
    let report = causes_of(
        &place,
        &[SYMPTOM, "--call-webhook"],
        &["doctor/webhook-url"],
    );
    let text = found(&report, "doctor/webhook-call")["found"].to_string();
    assert!(text.contains("called from this machine"), "{text}");
    thread.join().unwrap();
    // Nobody is there any more.
    let report = causes_of(
        &place,
        &["--call-webhook", "rep replies don't reach the contact"],
        &[
            "doctor/rep-replies-off",
            "doctor/webhook-url",
            "doctor/webhook-call",
        ],
    );
    let text = found(&report, "doctor/webhook-call")["found"].to_string();
    assert!(text.contains("no connection to 127.0.0.1"), "{text}");
}

#[test]
fn the_trigger_comes_before_the_webhook() {
    let place = healthy();
    let mut org = org(&place);
    let url = "https://opencx.invalid/webhook/0ld-t0ken";
    org.set_endpoint("OpenCX_Integration", url, "Dana").unwrap();
    org.set_trigger_status(CASE_TRIGGER, false, "Dana").unwrap();
    org.set_callouts_enabled("OpenCX_Integration", false, "Dana")
        .unwrap();
    causes_of(
        &place,
        &[SYMPTOM],
        &[
            "doctor/case-trigger",
            "doctor/webhook-url",
            "doctor/callouts-enabled",
        ],
    );
}
