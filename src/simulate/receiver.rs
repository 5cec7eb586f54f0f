//! OpenCX's webhook and the mail provider, as far as Apex can tell: an HTTP server on loopback that
//! answers as the scenario says, and the client that carries callouts there.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::scenario::Answer;
use crate::emulator::runtime::{HttpCall, HttpReply, Transport};
use crate::emulator::{Endpoint, callouts};

/// The path of OpenCX's webhook; what follows the last slash stands for its token.
pub const WEBHOOK_PATH: &str = "/opencx/webhook/simulated-token";
/// The path of the mail provider.
pub const PROVIDER_PATH: &str = "/provider/messages";

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The path.
    pub path: String,
    /// The headers, in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

#[derive(Default)]
struct Shared {
    webhook: Option<Answer>,
    provider: Option<Answer>,
    requests: Vec<Request>,
}

/// What the server answers and what it got; copies are the same one.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<Shared>>);

impl Script {
    fn with<T>(&self, work: impl FnOnce(&mut Shared) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets how OpenCX's webhook answers.
    pub fn set_webhook(&self, answer: Answer) {
        self.with(|shared| shared.webhook = Some(answer));
    }

    /// Sets how the mail provider answers.
    pub fn set_provider(&self, answer: Answer) {
        self.with(|shared| shared.provider = Some(answer));
    }

    // The answer to the next request, which takes its turn.
    fn next(answer: &mut Option<Answer>) -> Answer {
        match answer {
            None => Answer::Up,
            Some(Answer::InTurn(turns)) => {
                let Some(turn) = turns.first_mut() else {
                    return Answer::Up;
                };
                let next = turn.answer.clone();
                turn.requests = turn.requests.saturating_sub(1);
                if turn.requests == 0 && turns.len() > 1 {
                    turns.remove(0);
                }
                next
            }
            Some(answer) => answer.clone(),
        }
    }

    /// The requests that were answered since this was last asked.
    pub fn take_requests(&self) -> Vec<Request> {
        self.with(|shared| std::mem::take(&mut shared.requests))
    }
}

/// Server and client on a runtime of their own: the server works while the client waits.
pub struct Receiver {
    runtime: Runtime,
    client: reqwest::Client,
    address: SocketAddr,
    endpoints: BTreeMap<String, Endpoint>,
}

impl Receiver {
    /// Starts the server on a free port.
    ///
    /// # Errors
    /// When nothing can listen on loopback.
    pub fn start(script: Script) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(TcpListener::bind(any))?;
        let address = listener.local_addr()?;
        runtime.spawn(serve(listener, script));
        let url = format!("http://{address}");
        let client = callouts::client(&url).map_err(std::io::Error::other)?;
        Ok(Self {
            runtime,
            client,
            address,
            endpoints: BTreeMap::new(),
        })
    }

    /// The URL of a path of the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets where Named Credentials lead.
    pub fn set_endpoints(&mut self, endpoints: BTreeMap<String, Endpoint>) {
        self.endpoints = endpoints;
    }
}

impl Transport for Receiver {
    fn send(&mut self, call: &HttpCall) -> Result<HttpReply, String> {
        let url = callouts::resolve(&self.endpoints, &call.endpoint)?;
        // Nothing may leave this machine, whatever a credential says.
        if !url.starts_with(&self.url("/")) {
            return Err("the simulation lets nothing leave this machine".to_owned());
        }
        self.runtime
            .block_on(callouts::carry(&self.client, url, call))
    }
}

async fn serve(listener: TcpListener, script: Script) {
    while let Ok((stream, _)) = listener.accept().await {
        let script = script.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(script.clone(), request));
            // A connection that breaks is the client's to notice.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

async fn answer(
    script: Script,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Down> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Down)?.to_bytes();
    let request = Request {
        path: parts.uri.path().to_owned(),
        headers: parts
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let (status, retry_after) = script.with(|shared| {
        let answer = match request.path.as_str() {
            WEBHOOK_PATH => Script::next(&mut shared.webhook),
            PROVIDER_PATH => Script::next(&mut shared.provider),
            _ => Answer::Status(404),
        };
        let answer = match answer {
            // A turn within a turn says nothing.
            Answer::Down | Answer::InTurn(_) => return Err(Down),
            Answer::Up => (200, None),
            Answer::Status(status) => (status, None),
            Answer::Later {
                status,
                retry_after,
            } => (status, Some(retry_after)),
        };
        shared.requests.push(request);
        Ok(answer)
    })?;
    let mut response = hyper::Response::builder().status(status);
    if let Some(seconds) = retry_after {
        response = response.header("Retry-After", seconds);
    }
    response
        .body(Full::new(Bytes::new()))
        .map_err(|_: hyper::http::Error| Down)
}

#[cfg(test)]
mod tests {
    use super::super::scenario::Turn;
    use super::*;

    fn receiver(script: &Script) -> Receiver {
        let mut receiver = Receiver::start(script.clone()).unwrap();
        let endpoint = |url: String, enabled| Endpoint { url, enabled };
        receiver.set_endpoints(BTreeMap::from([
            ("Hook".into(), endpoint(receiver.url(WEBHOOK_PATH), true)),
            ("Off".into(), endpoint(receiver.url(WEBHOOK_PATH), false)),
            (
                "Far".into(),
                endpoint("http://127.0.0.1.example/x".into(), true),
            ),
        ]));
        receiver
    }

    fn call(endpoint: &str) -> HttpCall {
        HttpCall {
            endpoint: endpoint.to_owned(),
            method: "POST".to_owned(),
            headers: vec![("Idempotency-Key".to_owned(), "k".to_owned())],
            body: "{\"ä\":1}".to_owned(),
            timeout_milliseconds: 10_000,
        }
    }

    #[test]
    fn carries_a_request_and_its_answer() {
        let script = Script::default();
        let mut receiver = receiver(&script);
        assert_eq!(receiver.send(&call("callout:Hook")).unwrap().status, 200);
        let requests = script.take_requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].path, WEBHOOK_PATH);
        assert_eq!(requests[0].body, "{\"ä\":1}");
        assert_eq!(requests[0].headers["idempotency-key"], "k");
        script.set_webhook(Answer::Later {
            status: 503,
            retry_after: 90,
        });
        let reply = receiver.send(&call("callout:Hook")).unwrap();
        assert_eq!(reply.status, 503);
        let header = ("retry-after".to_owned(), "90".to_owned());
        assert!(reply.headers.contains(&header));
        script.set_webhook(Answer::Down);
        assert_eq!(
            receiver.send(&call("callout:Hook")).unwrap_err(),
            "Unexpected end of file from server"
        );
        let turn = |requests, answer| Turn { requests, answer };
        script.set_webhook(Answer::InTurn(vec![
            turn(2, Answer::Up),
            turn(1, Answer::Status(404)),
            turn(1, Answer::Status(500)),
        ]));
        let seen = [(); 5].map(|()| receiver.send(&call("callout:Hook")).unwrap().status);
        assert_eq!(seen, [200, 200, 404, 500, 500]);
        // What is appended to the credential is appended to the URL.
        script.set_webhook(Answer::Up);
        assert_eq!(
            receiver.send(&call("callout:Hook/more")).unwrap().status,
            404
        );
    }

    #[test]
    fn lets_nothing_else_through() {
        let mut receiver = receiver(&Script::default());
        for (endpoint, problem) in [
            (
                "callout:Nobody",
                "The callout couldn't access the endpoint.",
            ),
            ("callout:Off", "The callout couldn't access the endpoint."),
            ("callout:Far", "the simulation lets nothing leave"),
            ("http://127.0.0.1/x", "Unauthorized endpoint"),
        ] {
            let said = receiver.send(&call(endpoint)).unwrap_err();
            assert!(said.starts_with(problem), "{said}");
        }
    }
}
