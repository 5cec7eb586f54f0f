//! REST: versions, identity, limits, deploy requests, queries, records and Apex.

mod apex;
mod composite;
mod deploy_request;
mod identity;
mod messaging;
mod pages;
pub mod sobjects;

pub use identity::DAILY_CALLS;

use serde_json::{Value, json};

use super::caller;
use super::condition::Condition;
use super::org::EmulatedOrg;
use super::query::Api;
use super::refusal::NO_PERMISSION;
use super::refusal::Refusal;

/// A request, read whole.
pub struct Request<'a> {
    /// `GET`, …
    pub method: &'a str,
    /// One slash between segments, none at the end.
    pub path: &'a str,
    /// What follows the question mark, still encoded.
    pub query: &'a str,
    /// Whether the token is right.
    pub authorized: bool,
    /// Whether there is one at all.
    pub has_token: bool,
    /// The body.
    pub body: Body,
    /// Calls since the server started, this one included.
    pub calls: u64,
    /// Where this org is.
    pub instance_url: &'a str,
    /// Records in an answer to a query (`Sforce-Query-Options`).
    pub batch_size: usize,
}

/// A request's body.
pub enum Body {
    /// As it came.
    Whole(Vec<u8>),
    /// `multipart/form-data`.
    Parts(Vec<Part>),
}

/// A part of a multipart body.
pub struct Part {
    /// Its name.
    pub name: String,
    /// Whether it is `application/json`.
    pub json: bool,
    /// Its content.
    pub content: Vec<u8>,
}

/// An answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its type.
    pub content_type: &'static str,
    /// The text.
    pub body: String,
    /// Whether a deploy was accepted, whose answer the fault hook may drop.
    pub deployed: bool,
    /// Whether the call counts against the limit, and says so in a header.
    pub counted: bool,
}

impl Answer {
    fn json(status: u16, value: &Value) -> Self {
        Self {
            status,
            content_type: "application/json;charset=UTF-8",
            body: value.to_string(),
            deployed: false,
            counted: true,
        }
    }

    fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            content_type: "text/plain;charset=UTF-8",
            body: text.to_owned(),
            deployed: false,
            counted: true,
        }
    }

    fn empty() -> Self {
        Self::text(204, "")
    }

    fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!([{ "message": message, "errorCode": code }]))
    }

    fn not_found() -> Self {
        Self::error(404, "NOT_FOUND", "The requested resource does not exist")
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.code {
            "UNKNOWN_EXCEPTION" => 500,
            "NOT_FOUND" => 404,
            "REQUEST_LIMIT_EXCEEDED" | "INSUFFICIENT_ACCESS" | "API_DISABLED_FOR_ORG" => 403,
            _ => 400,
        };
        Self::error(status, refusal.code, &refusal.message)
    }
}

/// Version that the official client asks for at login whatever the org has.
const LOGIN_VERSION: u16 = 51;

/// Answers a request.
pub fn respond(org: &EmulatedOrg, request: &Request<'_>) -> Answer {
    let answered = match request.path {
        "/services/data" if request.method == "GET" => Ok(identity::versions(org)),
        path if path.starts_with("/iamessage/") => messaging::token(org, request),
        "/services/oauth2/userinfo" => identity::userinfo(org, request),
        path if path.starts_with("/id/") => identity::identity(org, request, &path[4..]),
        path => match path.strip_prefix("/services/data/v") {
            Some(rest) => versioned(org, request, rest),
            None => Ok(Answer::not_found()),
        },
    };
    answered.unwrap_or_else(Answer::from)
}

fn versioned(org: &EmulatedOrg, request: &Request<'_>, rest: &str) -> Result<Answer, Refusal> {
    if !request.authorized {
        return Ok(Answer::error(
            401,
            "INVALID_SESSION_ID",
            "Session expired or invalid",
        ));
    }
    let (version, resource) = rest.split_once('/').unwrap_or((rest, ""));
    let major = version
        .strip_suffix(".0")
        .and_then(|major| major.parse::<u16>().ok());
    let served =
        major.filter(|major| org.options().api_versions.contains(major) || *major == LOGIN_VERSION);
    let Some(major) = served else {
        return Ok(Answer::not_found());
    };
    let state = org.state()?;
    caller::check_api(&state, org.options())?;
    // The limits can be read when they are used up (REST API guide, "Limits").
    if state.has(Condition::ApiLimitUsedUp) && resource != "limits" {
        return Err(Refusal::new(
            "REQUEST_LIMIT_EXCEEDED",
            "TotalRequests Limit exceeded.",
        ));
    }
    let segments: Vec<&str> = resource
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    match (request.method, segments.as_slice()) {
        ("GET", []) => Ok(identity::resources(&state, request.instance_url, major)),
        ("GET", ["limits"]) => Ok(identity::limits(
            &state,
            request.calls,
            org.options().clock.now(),
        )),
        ("GET", ["query"]) => pages::first(org, request, Api::Data, major, false),
        ("GET", ["queryAll"]) => pages::first(org, request, Api::Data, major, true),
        ("GET", ["tooling", "query"]) => pages::first(org, request, Api::Tooling, major, false),
        ("GET", ["query" | "queryAll", cursor]) => pages::next(org, Api::Data, major, cursor),
        ("GET", ["tooling", "query", cursor]) => pages::next(org, Api::Tooling, major, cursor),
        ("GET", ["tooling", "executeAnonymous"]) => apex::execute_anonymous(org, request.query),
        ("GET", ["chatter", "users", "me"]) => identity::me(&state, org.options(), major),
        ("POST", ["tooling", "runTestsSynchronous"]) => apex::run_tests(org, &request.body),
        ("POST", ["tooling", "runTestsAsynchronous"]) => apex::start_tests(org, &request.body),
        (_, ["sobjects", rest @ ..]) => sobjects::respond(org, request, Api::Data, major, rest),
        (_, ["tooling", "sobjects", rest @ ..]) => {
            sobjects::respond(org, request, Api::Tooling, major, rest)
        }
        (_, ["composite", rest @ ..]) => composite::respond(org, request, rest),
        (_, ["metadata", ..]) if state.has(Condition::NoMetadataPermission) => {
            Err(Refusal::new("INSUFFICIENT_ACCESS", NO_PERMISSION))
        }
        (_, ["metadata", "deployRequest", ..]) => {
            caller::check_metadata(&state, org.options())?;
            deploy_request::respond(org, request, &segments[2..])
        }
        (_, [] | ["limits"] | ["query"] | ["tooling", "query"]) => Ok(Answer::error(
            405,
            "METHOD_NOT_ALLOWED",
            &format!(
                "HTTP Method '{}' not allowed. Allowed are GET",
                request.method
            ),
        )),
        _ => Ok(Answer::not_found()),
    }
}

/// A parameter of a URL or form, decoded.
pub fn parameter(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| decode(value))
}

/// A segment of a path as it was meant; unlike in a query, a plus is a plus.
pub fn decoded(segment: &str) -> String {
    decode(&segment.replace('+', "%2B"))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let hex = tail
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decodes_parameters() {
        let query = "columns=true&q=SELECT+Id%20FROM+X%2B%3d%zz";
        assert_eq!(
            parameter(query, "q").as_deref(),
            Some("SELECT Id FROM X+=%zz")
        );
        assert_eq!(parameter(query, "x"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn arbitrary_requests_are_answered(
            method in "(GET|POST|PATCH|DELETE|\\PC{0,5})",
            path in "/services/data/v66.0(/metadata|/deployRequest|/0Af000000000001|/query|/tooling|/sobjects|/composite|/describe|/User|/Case|/500000000000001AAA|/\\PC{0,5}){0,4}",
            query in "q=\\PC{0,20}",
            body in "(\\{|\\}|\"deployResult\"|\"status\"|:|\"Canceling\"|\\PC){0,8}",
            parts: bool,
        ) {
            let folder = tempfile::TempDir::new().unwrap();
            let org = EmulatedOrg::open(folder.path(), &super::super::Options::default()).unwrap();
            let part = |name: &str| Part { name: name.to_owned(), json: false, content: body.clone().into_bytes() };
            let body = if parts { Body::Parts(vec![part("json"), part("file")]) } else { Body::Whole(body.clone().into_bytes()) };
            let request = Request {
                method: &method,
                path: &path,
                query: &query,
                authorized: true,
                has_token: true,
                body,
                calls: 1,
                instance_url: "http://127.0.0.1:1",
                batch_size: 2000,
            };
            let answer = respond(&org, &request);
            prop_assert!((200..300).contains(&answer.status) || (400..500).contains(&answer.status), "{}", answer.body);
        }

        #[test]
        fn decoding_never_panics(text in "[%0-9a-fA-Fé+&=]{0,40}") {
            let _ = parameter(&text, "q");
        }
    }
}
