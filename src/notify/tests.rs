use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Mutex;

use super::*;
use crate::diag::Snippet;

fn unreached(name: &str, message: &str) -> Inspection {
    let finding = Diagnostic::error(Code("auth/refused"), Category::Auth, message);
    Inspection {
        target: name.to_owned(),
        config: "opencx.yaml".to_owned(),
        outcome: Err(vec![finding]),
        places: BTreeMap::new(),
        place: Snippet {
            file: "opencx.yaml".to_owned(),
            line: 1,
            column: 1,
            text: String::new(),
            length: 1,
            label: String::new(),
        },
        requests: 0,
        usage: None,
    }
}

fn rendered(template: &Template) -> Result<Value, Box<Diagnostic>> {
    let orgs = [unreached("eu \"<!channel>\"", "said\n<no> & \\")];
    let report = Report {
        orgs: &orgs,
        findings: &[],
        at: "2026-06-01T04:17:00Z".parse().unwrap(),
    };
    let text = template.render(report, Some("https://ci.example/1?a=b&c"))?;
    Ok(serde_json::from_str(&text).unwrap())
}

#[test]
fn slack_takes_no_value_for_a_mention() {
    let message = rendered(&Template::shipped("slack").unwrap()).unwrap();
    let text = message["text"].as_str().unwrap();
    assert_eq!(message.as_object().unwrap().len(), 1);
    assert_eq!(
        text,
        ":grey_question: Salesforce drift: not everything could be read (0 of 1 orgs differ, 1 not reached)\n\
         • *eu \"&lt;!channel&gt;\"*: not reached; said\n&lt;no&gt; &amp; \\ (`auth/refused`)\n\
         <https://ci.example/1?a=b&amp;c|Report>"
    );
}

#[test]
fn the_whole_is_passed_on_as_it_is() {
    let message = rendered(&Template::shipped("json").unwrap()).unwrap();
    assert_eq!(message["status"], "error");
    assert_eq!(message["orgs"][0]["org"], "eu \"<!channel>\"");
    assert_eq!(
        message["orgs"][0]["findings"][0]["message"],
        "said\n<no> & \\"
    );
    assert_eq!(message["link"], "https://ci.example/1?a=b&c");
}

#[test]
fn a_template_of_the_users_writes_values_between_quotes() {
    let text = r#"{ "a": "{{ orgs[0].org }}", "n": {{ counts.error }} }"#;
    let message = rendered(&Template::parse("mine", text).unwrap()).unwrap();
    assert_eq!(message, json!({ "a": "eu \"<!channel>\"", "n": 1 }));
    for (text, told) in [
        ("{{ ", "mine"),
        ("{{ nothing }}", "nothing"),
        ("text", "no JSON"),
    ] {
        let error = Template::parse("mine", text).and_then(|made| rendered(&made));
        let error = *error.unwrap_err();
        assert_eq!(error.code, Code("notify/bad-template"));
        assert!(error.because[0].contains(told), "{error:?}");
    }
}

#[test]
fn only_an_address_that_keeps_the_message_is_taken() {
    for good in [
        "https://hooks.slack.example/services/T/B/x",
        "http://127.0.0.1:9/x\n",
    ] {
        assert!(Webhook::new(good).is_ok(), "{good}");
    }
    for bad in [
        "http://hooks.slack.example/x",
        "hooks.slack.example",
        "",
        "file:///etc/x",
    ] {
        let error = Webhook::new(bad).unwrap_err();
        assert!(!format!("{error:?}").contains("slack.example"), "{error:?}");
    }
}

/// A webhook that gives these answers, one after the other, and says how many it gave.
fn answering(answers: &'static [&'static str]) -> (Webhook, std::thread::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/T0/s3cr3t-hook", listener.local_addr().unwrap());
    let given = std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = Vec::new();
            let mut chunk = [0; 1024];
            while !text.ends_with(b"{}") {
                let count = stream.read(&mut chunk).unwrap();
                text.extend_from_slice(&chunk[..count]);
            }
            let answer =
                format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
        answers.len()
    });
    (Webhook::new(&url).unwrap(), given)
}

/// Time that passes by sleeping only; remembers the seconds.
#[derive(Default)]
struct Sleeper(Mutex<Vec<u64>>);

impl Clock for Sleeper {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.lock().unwrap().push(time.as_secs());
        Box::pin(std::future::ready(()))
    }

    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}

async fn sent(webhook: &Webhook) -> (Result<(), Box<Diagnostic>>, Vec<u64>) {
    let clock = Sleeper::default();
    let redactor = Redactor::default();
    redactor.add(webhook.secret());
    let result = send(webhook, "{}", &redactor, &clock).await;
    let slept = clock.0.into_inner().unwrap();
    if let Err(finding) = &result {
        assert!(!format!("{finding:?}").contains("s3cr3t"), "{finding:?}");
    }
    (result, slept)
}

#[tokio::test]
async fn a_busy_webhook_is_tried_again_after_the_pause_that_it_asks_for() {
    for (answers, slept, why) in [
        (&["200 OK"][..], &[][..], None),
        (&["503 Busy", "204 No Content"], &[1], None),
        (&["503 Busy", "500 Oh", "200 OK"], &[1, 2], None),
        (&["429 Slow\r\nRetry-After: 7", "200 OK"], &[7], None),
        (&["429 Slow\r\nRetry-After: 86400", "200 OK"], &[30], None),
        (&["429 Slow\r\nRetry-After: soon", "200 OK"], &[1], None),
        (
            &["503 Busy", "503 Busy", "429 Slow"],
            &[1, 2],
            Some("HTTP 429:  (3 tries)"),
        ),
        // What has answered is not asked again.
        (&["400 Bad"], &[], Some("HTTP 400")),
        (&["503 Busy", "404 Gone"], &[1], Some("HTTP 404")),
    ] {
        let (webhook, given) = answering(answers);
        let (result, pauses) = sent(&webhook).await;
        assert_eq!(pauses, slept, "{answers:?}");
        assert_eq!(given.join().unwrap(), answers.len());
        match (why, result) {
            (None, result) => assert_eq!(result, Ok(()), "{answers:?}"),
            (Some(why), result) => {
                let finding = *result.unwrap_err();
                assert_eq!(finding.code, Code("notify/not-sent"));
                assert!(finding.because[0].contains(why), "{finding:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_webhook_that_is_not_reached_is_tried_again_and_a_lost_answer_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/s3cr3t", listener.local_addr().unwrap());
    let webhook = Webhook::new(&url).unwrap();
    drop(listener);
    let (result, pauses) = sent(&webhook).await;
    assert_eq!(pauses, [1, 2]);
    assert!(result.unwrap_err().because[0].contains("(3 tries)"));

    // It may have the message: a second one would be one too many.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/s3cr3t", listener.local_addr().unwrap());
    let closing = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut chunk = [0; 4096];
        assert!(stream.read(&mut chunk).unwrap() > 0);
    });
    let (result, pauses) = sent(&Webhook::new(&url).unwrap()).await;
    closing.join().unwrap();
    assert_eq!((result.is_err(), pauses), (true, vec![]));
}
