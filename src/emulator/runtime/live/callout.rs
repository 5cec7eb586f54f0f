//! Callouts that leave.

use std::sync::Arc;

use super::super::limits::{CALLOUT_MILLISECONDS, Limit};
use super::super::machine::{Machine, Outcome};
use super::super::types::Type;
use super::super::value::Value;
use super::Delivery;

/// A request as Apex made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpCall {
    /// `callout:Name`, with what follows, or a URL.
    pub endpoint: String,
    /// `POST`, …
    pub method: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// How long to wait for the answer.
    pub timeout_milliseconds: u64,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpReply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// How long it took to come.
    pub milliseconds: u64,
}

/// What `System.CalloutException` says when there is no answer in time.
pub const TIMED_OUT: &str = "Read timed out";

/// How callouts leave.
pub trait Transport {
    /// Sends a request; without an answer, what `System.CalloutException` says.
    ///
    /// # Errors
    /// When there is no answer, or the request may not leave.
    fn send(&mut self, call: &HttpCall) -> Result<HttpReply, String>;
}

/// `Http.send` outside of tests.
pub fn send(machine: &mut Machine<'_>, request: &Value) -> Outcome<Value> {
    let Value::Object(object) = request else {
        return Err(machine.null_pointer());
    };
    machine.spend(Limit::Callouts, 1)?;
    let text = |name: &str| {
        let value = machine.variable_of(object, name).as_text();
        value.unwrap_or_default().to_string()
    };
    let headers = match machine.variable_of(object, "headers") {
        Value::Map(map) => map.entries.borrow().pairs(),
        _ => Vec::new(),
    };
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| {
            Some((name.as_text()?.to_string(), value.as_text()?.to_string()))
        })
        .collect();
    let timeout = machine.variable_of(object, "timeout").as_long();
    let timeout = timeout.and_then(|ms| ms.try_into().ok()).unwrap_or(10_000);
    // What is left of the time for all callouts of the transaction.
    let left = CALLOUT_MILLISECONDS.saturating_sub(machine.usage.callout_milliseconds);
    let out_of_time =
        format!("Exceeded maximum time allotted for callout ({CALLOUT_MILLISECONDS} ms)");
    if left == 0 {
        return Err(machine.raise("CalloutException", out_of_time));
    }
    let call = HttpCall {
        endpoint: text("endpoint"),
        method: text("method"),
        headers,
        body: text("body"),
        timeout_milliseconds: left.min(timeout),
    };
    let at = machine.org.now;
    let Some(live) = &mut machine.live else {
        return Ok(Value::Null);
    };
    let answer = live.transport.borrow_mut().send(&call);
    let waited = call.timeout_milliseconds;
    machine.usage.callout_milliseconds += match &answer {
        Ok(reply) => reply.milliseconds,
        Err(problem) if problem == TIMED_OUT => waited,
        Err(_) => 0,
    };
    live.deliveries.push(Delivery {
        at,
        credential: credential(&call.endpoint),
        method: call.method,
        headers: shown(call.headers),
        body: call.body,
        status: answer.as_ref().ok().map(|reply| reply.status),
        problem: answer.as_ref().err().cloned(),
    });
    // What ends a job at a limit leaves no time to look at the answer.
    if live.jobs_that_die > 0 {
        live.jobs_that_die -= 1;
        return Err(machine.raise("LimitException", Limit::CpuTime.plural()));
    }
    match answer {
        Ok(reply) => Ok(response(machine, reply)),
        Err(problem) if problem == TIMED_OUT && waited < timeout => {
            Err(machine.raise("CalloutException", out_of_time))
        }
        Err(problem) => Err(machine.raise("CalloutException", problem)),
    }
}

fn response(machine: &Machine<'_>, reply: HttpReply) -> Value {
    let headers = reply
        .headers
        .into_iter()
        .map(|(name, value)| (Value::text(name), Value::text(value)))
        .collect();
    let status = reqwest::StatusCode::from_u16(reply.status).ok();
    let status = status.and_then(|status| status.canonical_reason());
    machine.platform_object(
        "system.httpresponse",
        &[
            ("status", status.map_or(Value::Null, Value::text)),
            ("code", Value::Integer(i32::from(reply.status))),
            ("body", Value::text(reply.body)),
            (
                "headers",
                Value::map(Arc::new((Type::String, Type::String)), headers),
            ),
        ],
    )
}

// The name alone: what follows it, and a URL, may hold a token.
fn credential(endpoint: &str) -> String {
    let rest = match endpoint.strip_prefix("callout:") {
        Some(name) => name,
        None => endpoint
            .split_once("://")
            .map_or(endpoint, |(_, rest)| rest),
    };
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

fn shown(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    let authorises = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["authorization", "token", "secret", "api-key"]
            .iter()
            .any(|word| name.contains(word))
    };
    headers
        .into_iter()
        .map(|(name, value)| match authorises(&name) {
            true => (name, "(hidden)".to_owned()),
            false => (name, value),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_where_a_callout_goes_without_its_secrets() {
        assert_eq!(
            credential("callout:OpenCX_Integration"),
            "OpenCX_Integration"
        );
        assert_eq!(credential("callout:X/messages?key=1"), "X");
        assert_eq!(credential("https://h.example/hook/token"), "h.example");
        let headers = vec![
            ("Authorization".to_owned(), "Bearer x".to_owned()),
            ("Idempotency-Key".to_owned(), "case.created:1".to_owned()),
        ];
        let shown = shown(headers);
        assert_eq!(shown[0].1, "(hidden)");
        assert_eq!(shown[1].1, "case.created:1");
    }
}
