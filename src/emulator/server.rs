//! The HTTP server: reads a request whole, hands it to `rest` or `soap`, writes the answer.

mod content;
mod head;
mod late;
mod multipart;
#[cfg(test)]
mod tests;
mod traffic;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, DATE, HOST, HeaderValue,
    LOCATION, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use hyper::service::service_fn;
use hyper::{Method, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::secret::Secret;

use super::oauth::{self, Expiry, Sessions};
use super::options::Fault;
use super::org::EmulatedOrg;
use super::rest::{self, Body};
use super::trouble::{Canned, Play, Retry, Toll};
use super::{Error, page, soap};
use content::{Content, plain, respond_with};
use head::{batch_size, clean_path, header, http_date};
use late::Underway;
use traffic::Traffic;

/// The Metadata API takes 39 MB of zip, 52 MB as base64, and a little around it.
const LARGEST_BODY: usize = 60 * 1024 * 1024;

/// A job that is due within this time may wait so long, and the clock may be set.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Starts servers of local orgs.
#[derive(Debug)]
pub struct Server;

/// A server at work. It stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    instance_url: String,
    access_token: Secret,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Serves an org on a loopback address (port 0: any free one) on the current Tokio runtime.
    /// The access token is new at each start.
    pub async fn start(org: EmulatedOrg, address: SocketAddr) -> Result<Running, Error> {
        if !address.ip().is_loopback() {
            return Err(Error::NotLoopback(address));
        }
        let listening = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listening)?;
        let local = listener.local_addr().map_err(listening)?;
        let org_id = org.org_id()?;
        let expiry = match org.options().fault {
            Some(Fault::ExpireSession(uses)) => Expiry::After(uses),
            Some(Fault::ExpireSessionOnce(uses)) => Expiry::OnceAfter(uses),
            _ => Expiry::Never,
        };
        let sessions = Sessions::new(&org_id, expiry);
        let access_token = Secret::new(sessions.new_access());
        let instance_url = format!("http://{local}");
        let service = Arc::new(Service {
            org,
            sessions,
            instance_url: instance_url.clone(),
            calls: AtomicU64::new(0),
            toll: Toll::default(),
            traffic: Traffic::default(),
            underway: Underway::default(),
        });
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(work_off(service.org.clone(), stopped.clone()));
        let accepting = tokio::spawn(accept(listener, service, stopped));
        Ok(Running {
            instance_url,
            access_token,
            stop,
            accepting,
        })
    }
}

impl Running {
    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub fn instance_url(&self) -> &str {
        &self.instance_url
    }

    /// A token that the server accepts.
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// Stops serving; connections that are open are closed.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        // An error would be that of a task that is gone already.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

async fn accept(listener: TcpListener, service: Arc<Service>, mut stopped: watch::Receiver<bool>) {
    loop {
        let stream = tokio::select! {
            _ = stopped.changed() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // One connection that failed says nothing about the next; out of file handles,
                // a pause keeps this from spinning.
                Err(_) => {
                    tokio::time::sleep(SHORTEST_PAUSE).await;
                    continue;
                }
            },
        };
        let service = Arc::clone(&service);
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let answering = service_fn(move |request| {
                let service = Arc::clone(&service);
                async move { service.answer(request).await }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), answering);
            // A broken connection is the peer's affair.
            tokio::select! {
                _ = connection => {}
                _ = stopped.changed() => {}
            }
        });
    }
}

/// Runs the org's jobs when they are due, until the server stops.
async fn work_off(org: EmulatedOrg, mut stopped: watch::Receiver<bool>) {
    loop {
        let clock = org.options().clock.clone();
        let worker = org.clone();
        let ending = stopped.clone();
        let next = tokio::task::spawn_blocking(move || worker.work_off(|| *ending.borrow())).await;
        // A state that cannot be read now may be readable later.
        let pause = match next {
            Ok(Ok(None)) => Duration::MAX,
            Ok(Ok(Some(due))) => due
                .duration_since(clock.now())
                .try_into()
                .unwrap_or(Duration::ZERO)
                .clamp(SHORTEST_PAUSE, LONGEST_PAUSE),
            Ok(Err(_)) | Err(_) => LONGEST_PAUSE,
        };
        tokio::select! {
            _ = stopped.changed() => return,
            () = org.work_announced() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

struct Service {
    org: EmulatedOrg,
    sessions: Sessions,
    instance_url: String,
    calls: AtomicU64,
    toll: Toll,
    traffic: Traffic,
    underway: Underway,
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer was dropped")]
struct Dropped;

type Response = hyper::Response<Content>;

impl Service {
    async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<Response, Dropped> {
        let latency = self.org.options().latency;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let (parts, body) = request.into_parts();
        let path = clean_path(parts.uri.path());
        let play = self.play(&format!("{} {path}", parts.method));
        if play == Some(Play::CutWhileSending) {
            return Err(Dropped);
        }
        let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
            return Ok(plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request body too large",
            ));
        };
        let body = body.to_bytes();
        if path == "/traffic" && page::is_for_this_machine(header(&parts.headers, &HOST)) {
            let json = self.traffic.json();
            return Ok(respond_with(StatusCode::OK, "application/json", json));
        }
        let asked = parts.uri.path_and_query().map_or("", |path| path.as_str());
        self.traffic
            .request(&parts.method, asked, &parts.headers, body.len());
        let content_type = header(&parts.headers, &CONTENT_TYPE);
        let content = match multer::parse_boundary(content_type) {
            Ok(boundary) => Body::Parts(multipart::parts(body, boundary).await),
            Err(_) => Body::Whole(body.to_vec()),
        };
        let service = Arc::clone(&self);
        let answering = move || service.troubled(play, &parts, &path, content);
        let mut answer = if self.org.is_in_memory() {
            answering()
        } else {
            // Files and locks are waited for, so not on the thread that serves everybody.
            let answer = tokio::task::spawn_blocking(answering).await;
            answer.unwrap_or_else(|_| {
                Ok(plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "UNKNOWN_EXCEPTION",
                ))
            })
        }?;
        self.traffic.answer(&answer);
        // The org's own time, which need not be that of this machine.
        if let Some(date) = http_date(self.org.options().clock.now()) {
            answer.headers_mut().entry(DATE).or_insert(date);
        }
        Ok(answer)
    }

    /// What happens to a request, `METHOD /path`, on its way.
    fn play(&self, request: &str) -> Option<Play> {
        match &self.org.options().fault {
            Some(Fault::Trouble(trouble)) => self.toll.under(trouble, request),
            Some(Fault::Chance(chance)) => chance.play(request),
            _ => None,
        }
    }

    /// Answers a request, unless something happens to it on its way.
    fn troubled(
        &self,
        play: Option<Play>,
        parts: &hyper::http::request::Parts,
        path: &str,
        body: Body,
    ) -> Result<Response, Dropped> {
        let now = self.org.options().clock.now();
        for late in self.underway.arrived(now) {
            drop(self.respond(&late.parts, &late.path, late.body));
        }
        match play {
            None => self.respond(parts, path, body),
            Some(Play::Late(milliseconds)) => {
                self.underway.add(now, milliseconds, parts, path, body);
                Err(Dropped)
            }
            Some(Play::CutBefore | Play::CutWhileSending) => Err(Dropped),
            Some(Play::Answer(canned)) => Ok(self.canned(&canned)),
            Some(Play::CutAfter) => self.respond(parts, path, body).and(Err(Dropped)),
            Some(Play::CutWithin) => self
                .respond(parts, path, body)
                .map(|answer| answer.map(Content::half)),
            Some(Play::AnswerAfter(canned)) => self
                .respond(parts, path, body)
                .map(|_| self.canned(&canned)),
            Some(Play::Usage(text)) => {
                let mut answer = self.respond(parts, path, body)?;
                let usage = HeaderValue::from_static(text);
                answer.headers_mut().insert("sforce-limit-info", usage);
                Ok(answer)
            }
            Some(Play::Change(texts)) => {
                let (head, body) = self.respond(parts, path, body)?.into_parts();
                let mut text = String::from_utf8_lossy(body.bytes()).into_owned();
                for (from, to) in texts {
                    text = text.replace(from, to);
                }
                Ok(Response::from_parts(head, Content::whole(text)))
            }
        }
    }

    fn respond(
        &self,
        parts: &hyper::http::request::Parts,
        path: &str,
        body: Body,
    ) -> Result<Response, Dropped> {
        if path.is_empty() && matches!(parts.method, Method::GET | Method::HEAD) {
            return Ok(self.page(header(&parts.headers, &HOST)));
        }
        let drops = self.org.options().fault == Some(Fault::DropDeployResponse);
        if let Some((api, rest)) = path
            .strip_prefix("/services/Soap/")
            .and_then(|rest| rest.split_once('/'))
            .filter(|(api, _)| matches!(*api, "m" | "s" | "u"))
        {
            return self.soap(&parts.method, api, rest, &body, drops);
        }
        if let Some(answer) = self.oauth(parts, path, &body) {
            return Ok(answer);
        }
        let token = header(&parts.headers, &AUTHORIZATION)
            .strip_prefix("Bearer ")
            .unwrap_or_default();
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let request = rest::Request {
            method: parts.method.as_str(),
            path,
            query: parts.uri.query().unwrap_or_default(),
            authorized: self.allows(token),
            has_token: !token.is_empty(),
            body,
            calls,
            instance_url: &self.instance_url,
            batch_size: batch_size(parts.headers.get("sforce-query-options")),
        };
        let answer = rest::respond(&self.org, &request);
        if answer.deployed && drops {
            return Err(Dropped);
        }
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = respond_with(status, answer.content_type, answer.body);
        if answer.counted {
            let usage = format!("api-usage={calls}/{}", rest::DAILY_CALLS);
            if let Ok(usage) = HeaderValue::from_str(&usage) {
                response.headers_mut().insert("sforce-limit-info", usage);
            }
        }
        Ok(response)
    }

    // For people, so without a token; nothing in it is secret.
    fn page(&self, host: &str) -> Response {
        if !page::is_for_this_machine(host) {
            return plain(StatusCode::FORBIDDEN, "Ask for 127.0.0.1 or localhost");
        }
        let state = match self.org.state() {
            Ok(state) => state,
            Err(error) => return plain(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        };
        let mut response = respond_with(
            StatusCode::OK,
            "text/html;charset=UTF-8",
            page::page(&state),
        );
        for (name, value) in [
            (CONTENT_SECURITY_POLICY, page::CONTENT_SECURITY_POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (CACHE_CONTROL, "no-store"),
        ] {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn soap(
        &self,
        method: &Method,
        api: &str,
        path: &str,
        body: &Body,
        drops: bool,
    ) -> Result<Response, Dropped> {
        if method != Method::POST {
            return Ok(plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "HTTP method not allowed",
            ));
        }
        let version = path.split('/').next().unwrap_or_default();
        let version = version
            .strip_suffix(".0")
            .and_then(|major| major.parse().ok());
        let text = match body {
            Body::Whole(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Body::Parts(_) => String::new(),
        };
        let allowed = |token: &str| self.allows(token);
        let answer = match api {
            "s" => soap::apex::respond(&self.org, version, &text, allowed),
            "u" => soap::partner::respond(&self.org, version, &text, allowed),
            _ => soap::respond(&self.org, version, &text, allowed),
        };
        if answer.deployed && drops {
            return Err(Dropped);
        }
        let status = if answer.fault {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::OK
        };
        Ok(respond_with(status, "text/xml;charset=UTF-8", answer.body))
    }

    /// The answer to a request for a login; `None` for any other.
    fn oauth(
        &self,
        parts: &hyper::http::request::Parts,
        path: &str,
        body: &Body,
    ) -> Option<Response> {
        let form = match (parts.method.as_str(), body) {
            ("POST", Body::Whole(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => parts.uri.query().unwrap_or_default().to_owned(),
        };
        let request = oauth::Request {
            method: parts.method.as_str(),
            endpoint: path.strip_prefix("/services/oauth2/")?,
            form: &form,
            instance_url: &self.instance_url,
        };
        let answer = match oauth::respond(&self.org, &self.sessions, &request) {
            Ok(answer) => answer?,
            Err(refusal) => {
                return Some(plain(StatusCode::INTERNAL_SERVER_ERROR, &refusal.message));
            }
        };
        let status = StatusCode::from_u16(answer.status).ok()?;
        let mut response = respond_with(status, "application/json;charset=UTF-8", answer.body);
        if let Some(location) = answer
            .location
            .and_then(|to| HeaderValue::from_str(&to).ok())
        {
            response.headers_mut().insert(LOCATION, location);
        }
        let date = self.org.options().clock.now() + jiff::SignedDuration::from_secs(answer.ahead);
        let date = http_date(date).map(|date| (DATE, date));
        response.headers_mut().extend(date);
        Some(response)
    }

    fn canned(&self, canned: &Canned) -> Response {
        let status =
            StatusCode::from_u16(canned.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = respond_with(status, canned.content_type, canned.body.to_owned());
        let headers = response.headers_mut();
        if let Some(location) = canned.location {
            headers.insert(LOCATION, HeaderValue::from_static(location));
        }
        let now = self.org.options().clock.now();
        match canned.retry {
            Some(Retry::In(seconds)) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            Some(Retry::At(seconds)) => {
                let then = now + jiff::SignedDuration::from_secs(seconds.into());
                headers.extend(http_date(then).map(|date| (RETRY_AFTER, date)));
                headers.extend(http_date(now).map(|date| (DATE, date)));
            }
            None => {}
        }
        response
    }

    fn allows(&self, token: &str) -> bool {
        self.org.options().fault != Some(Fault::RefuseToken) && self.sessions.takes(token)
    }
}
