//! What logs say of memory and of callouts by a Named Credential.

use super::super::super::org::Credential;
use super::*;

struct Yes;

impl live::Transport for Yes {
    fn send(&mut self, _: &live::HttpCall) -> Result<live::HttpReply, String> {
        Ok(live::HttpReply {
            status: 202,
            headers: Vec::new(),
            body: "{}".to_owned(),
            milliseconds: 0,
        })
    }
}

const CALL: &str = "HttpRequest request = new HttpRequest();
    request.setEndpoint('callout:Hook/more?key=1');
    request.setMethod('POST');
    request.setBody('four');
    new Http().send(request);";

fn called(callouts: Level) -> Vec<String> {
    let credential = Credential {
        id: "0XA000000000001AAA".to_owned(),
        endpoint: "https://api.example/[redacted]".to_owned(),
        kind: Some("Custom".to_owned()),
    };
    let org = OrgData {
        credentials: [("Hook".to_owned(), credential)].into(),
        ..OrgData::default()
    };
    let levels = LogLevels::default().with(Category::Callout, callouts);
    events_of(&execute_in(org, Box::new(Yes), CALL, &levels).log)
}

#[test]
fn a_callout_is_noted_by_apex_and_by_its_credential() {
    let request =
        "CALLOUT_REQUEST|[5]|System.HttpRequest[Endpoint=callout:Hook/more?key=1, Method=POST]";
    let named = "NAMED_CREDENTIAL_REQUEST|NamedCallout[Named Credential Id=0XA000000000001AAA, \
        Named Credential Name=Hook, Endpoint=https://api.example/[redacted], Method=POST, External \
        Credential Type=Custom, Http Header Authorization=null, Request Size bytes=4, Retry on \
        401=False]";
    let answer = "NamedCallout[Named Credential Id=0XA000000000001AAA, Named Credential Name=Hook, \
        Status Code=202, Response Size bytes=2, Overall Callout Time ms=0, Connect Time ms=0]";
    let response = "CALLOUT_RESPONSE|[5]|System.HttpResponse[Status=Accepted, StatusCode=202]";
    let short = format!("NAMED_CREDENTIAL_RESPONSE|{answer}");
    let long = format!("NAMED_CREDENTIAL_RESPONSE_DETAIL|{answer}");
    assert_eq!(called(Level::Info), [request, named, &short, response]);
    assert_eq!(
        called(Level::Finer),
        [request, named, &short, &long, response]
    );
    assert_eq!(called(Level::Error), Vec::<String>::new());
}

#[test]
fn allocations_are_logged_from_the_level_finer_on() {
    let code = "String text = 'ab';\ntext = text.repeat(3);\nCase one = new Case(Subject = text);";
    let at = |level| {
        let found = events(code, &LogLevels::default().with(Category::ApexCode, level));
        let mut found = found.into_iter();
        found
            .by_ref()
            .filter(|event| event.starts_with("HEAP_ALLOCATE"))
            .collect::<Vec<_>>()
    };
    assert_eq!(at(Level::Fine), Vec::<String>::new());
    let found = at(Level::Finer);
    assert!(
        found.contains(&"HEAP_ALLOCATE|[2]|Bytes:6".to_owned()),
        "{found:?}"
    );
    let lines: Vec<&str> = found
        .iter()
        .filter_map(|event| event.split('|').nth(1))
        .collect();
    assert!(lines.contains(&"[3]"), "{found:?}");
}
