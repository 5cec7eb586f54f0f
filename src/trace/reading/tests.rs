//! What is told of a callout that a log notes several times.

use super::*;

const APEX: &str =
    "CALLOUT_REQUEST|[9]|System.HttpRequest[Endpoint=callout:Hook/a?key=1, Method=POST]";
const NAMED: &str = "NAMED_CREDENTIAL_REQUEST|NamedCallout[Named Credential Id=0XA000000000001AAA, \
    Named Credential Name=Hook, Endpoint=https://h.example/secret, Method=POST, External Credential \
    Type=null, Http Header Authorization=null, Request Size bytes=4, Retry on 401=False]";
const SHORT: &str = "NAMED_CREDENTIAL_RESPONSE|NamedCallout[Named Credential Id=0XA000000000001AAA, \
    Named Credential Name=Hook, Status Code=200, Response Size bytes=2]";
const LONG: &str = "NAMED_CREDENTIAL_RESPONSE_DETAIL|NamedCallout[Named Credential \
    Id=0XA000000000001AAA, Named Credential Name=Hook, Status Code=200, Response Size bytes=2]";
const ANSWER: &str = "CALLOUT_RESPONSE|[9]|System.HttpResponse[Status=OK, StatusCode=200]";
const BODY: &str = "NAMED_CREDENTIAL_RESPONSE|{\"ok\":true}";
const LINE: &str = "USER_DEBUG|[3]|DEBUG|OpenCX: one";

fn told(events: &[&str]) -> Vec<What> {
    let mut text = "66.0 APEX_CODE,FINE;CALLOUT,FINER\n".to_owned();
    for (index, event) in events.iter().enumerate() {
        text.push_str(&format!("09:18:22.{index} ({index}000000)|{event}\n"));
    }
    let row = LogRow {
        id: "07L000000000001AAA".to_owned(),
        operation: "QueueableHandler".to_owned(),
        status: "Success".to_owned(),
        user_id: "005000000000001AAA".to_owned(),
        start: None,
    };
    let transaction = read(&row, &text, Shown::default());
    let happenings = transaction.happenings.into_iter();
    happenings.map(|happening| happening.what).collect()
}

#[test]
fn a_callout_is_told_once_whatever_stands_between_its_lines() {
    let request = What::Request("callout:Hook".to_owned());
    let answer = What::Answer(Some(200));
    let once = [request.clone(), answer.clone()];
    assert_eq!(told(&[APEX, NAMED, SHORT, LONG, ANSWER]), once);
    assert_eq!(told(&[NAMED, APEX, BODY, ANSWER, LONG]), once);
    assert_eq!(told(&[APEX, ANSWER]), once);
    assert_eq!(told(&[NAMED, LONG]), once);
    let line = What::Line("one".to_owned());
    let apart = told(&[APEX, LINE, NAMED, SHORT, LINE, ANSWER]);
    let expected = [request.clone(), line.clone(), answer.clone(), line];
    assert_eq!(apart, expected);

    let twice = [request.clone(), answer.clone(), request.clone(), answer];
    let found = told(&[APEX, NAMED, SHORT, ANSWER, APEX, NAMED, SHORT, ANSWER]);
    assert_eq!(found, twice);
    assert_eq!(told(&[APEX, ANSWER, APEX, ANSWER]), twice);
    // Nobody answered the first.
    assert_eq!(
        told(&[APEX, NAMED, APEX, NAMED]),
        [request.clone(), request]
    );
}
