//! Callouts of the org's Apex: where a Named Credential leads, how a request leaves, and how a
//! transaction waits for an answer without keeping everybody else out of the org.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::runtime::{HttpCall, HttpReply, TIMED_OUT, Transport};

/// Where a Named Credential leads.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The URL; it may hold a token.
    pub url: String,
    /// "Enabled for Callouts".
    pub enabled: bool,
}

/// A client for a URL that takes no detours. Where no TLS is spoken it reads no root certificates, which
/// takes longer than the call.
///
/// # Errors
/// When the system gives no sockets.
pub fn client(url: &str) -> Result<reqwest::Client, reqwest::Error> {
    let builder = match url.starts_with("http:") {
        true => reqwest::Client::builder().tls_certs_only([]),
        false => reqwest::Client::builder(),
    };
    builder
        .no_proxy()
        // Apex does not follow redirects of a POST in a useful way.
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// The URL of a call, or what the platform says instead (Apex Developer Guide, "Named Credentials as
/// Callout Endpoints").
///
/// # Errors
/// When the endpoint names no credential that callouts may use.
pub fn resolve(endpoints: &BTreeMap<String, Endpoint>, endpoint: &str) -> Result<String, String> {
    let Some(rest) = endpoint.strip_prefix("callout:") else {
        return Err(format!(
            "Unauthorized endpoint, please check Setup->Security->Remote site settings. \
             endpoint = {endpoint}"
        ));
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (name, more) = rest.split_at(end);
    match endpoints.get(name) {
        Some(found) if found.enabled => Ok(format!("{}{more}", found.url)),
        _ => Err(format!(
            "The callout couldn't access the endpoint. You might not have the required \
             permissions, or the named credential \"{name}\" might not exist."
        )),
    }
}

/// Sends a request; without an answer, what `System.CalloutException` says.
///
/// # Errors
/// When there is no answer.
pub async fn carry(
    client: &reqwest::Client,
    url: String,
    call: &HttpCall,
) -> Result<HttpReply, String> {
    let method = call.method.parse().map_err(|_| "Invalid method")?;
    let headers = headers(&call.headers).ok_or("Invalid header")?;
    let request = client
        .request(method, url)
        .headers(headers)
        .timeout(Duration::from_millis(call.timeout_milliseconds))
        .body(call.body.clone());
    let closed = |error: reqwest::Error| match error.is_timeout() {
        true => TIMED_OUT.to_owned(),
        false => "Unexpected end of file from server".to_owned(),
    };
    let start = Instant::now();
    let response = request.send().await.map_err(closed)?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
        .collect();
    let body = response.text().await.map_err(closed)?;
    Ok(HttpReply {
        status,
        headers,
        body,
        milliseconds: start.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
    })
}

fn headers(list: &[(String, String)]) -> Option<HeaderMap> {
    list.iter()
        .map(|(name, value)| {
            let name = name.parse::<HeaderName>().ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        })
        .collect()
}

/// Carries a call of a served org: to this machine, and nowhere else.
pub fn send(endpoints: &BTreeMap<String, Endpoint>, call: &HttpCall) -> Reply {
    let url = resolve(endpoints, &call.endpoint)?;
    if !leads_to_this_machine(&url) {
        // Which URL is not said: it may hold a token.
        return Err(
            "not sent: the local org sends nothing to other machines; let the Named \
                    Credential lead to a loopback address (`opencx-sf emulator set-endpoint`)"
                .to_owned(),
        );
    }
    let unable = |error: &dyn std::fmt::Display| format!("not sent: {error}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| unable(&error))?;
    let client = client(&url).map_err(|error| unable(&error))?;
    // The caller may be a task of another runtime, which must not wait for one of its own.
    let sent = std::thread::scope(|scope| {
        let thread = scope.spawn(|| runtime.block_on(carry(&client, url, call)));
        thread.join()
    });
    sent.unwrap_or_else(|_| Err("not sent: the client stopped".to_owned()))
}

fn leads_to_this_machine(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

/// What came back, or why nothing did.
pub type Reply = Result<HttpReply, String>;

#[derive(Default)]
struct Exchange {
    replies: Vec<(HttpCall, Reply)>,
    next: usize,
    wanted: Option<HttpCall>,
}

/// The answers that a transaction has so far. When it makes a call that has none yet, it is undone,
/// the call is carried out while the org is free, and the transaction runs again from its beginning:
/// the same code on the same records makes the same calls. So a receiver may itself call the org.
#[derive(Clone, Default)]
pub struct Exchanges(Arc<Mutex<Exchange>>);

impl Exchanges {
    fn with<T>(&self, work: impl FnOnce(&mut Exchange) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins anew; the answers stay.
    pub fn rewind(&self) {
        self.with(|exchange| {
            exchange.next = 0;
            exchange.wanted = None;
        });
    }

    /// The call that has no answer yet.
    pub fn wanted(&self) -> Option<HttpCall> {
        self.with(|exchange| exchange.wanted.clone())
    }

    /// Adds the answer to a call. Answers to calls that were not made again are forgotten.
    pub fn answer(&self, call: HttpCall, reply: Reply) {
        self.with(|exchange| {
            exchange.replies.truncate(exchange.next);
            exchange.replies.push((call, reply));
        });
    }
}

impl Transport for Exchanges {
    fn send(&mut self, call: &HttpCall) -> Reply {
        self.with(|exchange| {
            let waits = || Err("the answer is on its way".to_owned());
            if exchange.wanted.is_some() {
                return waits();
            }
            match exchange.replies.get(exchange.next) {
                Some((known, reply)) if known == call => {
                    exchange.next += 1;
                    reply.clone()
                }
                _ => {
                    exchange.wanted = Some(call.clone());
                    waits()
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_this_machine() {
        for url in [
            "http://127.0.0.1:1/x",
            "http://127.9.9.9/",
            "http://[::1]:80/",
            "http://localhost:8080/hook",
        ] {
            assert!(leads_to_this_machine(url), "{url}");
        }
        for url in [
            "https://opencx.example/hook",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "http://user@example/127.0.0.1",
            "http://0.0.0.0/",
            "nonsense",
        ] {
            assert!(!leads_to_this_machine(url), "{url}");
        }
    }

    #[test]
    fn a_call_without_an_answer_is_wanted_and_then_answered() {
        let call = |body: &str| HttpCall {
            endpoint: "callout:Hook".to_owned(),
            method: "POST".to_owned(),
            headers: Vec::new(),
            body: body.to_owned(),
            timeout_milliseconds: 1,
        };
        let exchanges = Exchanges::default();
        let mut transport = exchanges.clone();
        assert!(transport.send(&call("a")).is_err());
        assert!(transport.send(&call("b")).is_err());
        assert_eq!(exchanges.wanted(), Some(call("a")));
        exchanges.answer(call("a"), Err("down".to_owned()));
        exchanges.rewind();
        assert_eq!(transport.send(&call("a")), Err("down".to_owned()));
        assert_eq!(exchanges.wanted(), None);
        // The records changed in between, and so did what the code sends.
        exchanges.rewind();
        assert!(transport.send(&call("c")).is_err());
        assert_eq!(exchanges.wanted(), Some(call("c")));
        exchanges.answer(call("c"), Err("up".to_owned()));
        exchanges.rewind();
        assert_eq!(transport.send(&call("c")), Err("up".to_owned()));
    }
}
