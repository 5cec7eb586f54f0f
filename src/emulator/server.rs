//! The HTTP server: reads a request whole, hands it to `rest` or `soap`, writes the answer.

mod multipart;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::secret::Secret;

use super::options::Fault;
use super::org::EmulatedOrg;
use super::rest::{self, Body};
use super::{Error, soap, users};

/// The Metadata API takes 39 MB of zip, 52 MB as base64, and a little around it.
const LARGEST_BODY: usize = 60 * 1024 * 1024;

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
        let short = org_id.get(..15).unwrap_or(&org_id);
        let access_token = Secret::new(format!("{short}!{}", users::random_text(64)));
        let instance_url = format!("http://{local}");
        let service = Arc::new(Service {
            org,
            access_token: access_token.clone(),
            instance_url: instance_url.clone(),
            calls: AtomicU64::new(0),
        });
        let (stop, stopped) = watch::channel(false);
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

    /// The one token that the server accepts.
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
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
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

struct Service {
    org: EmulatedOrg,
    access_token: Secret,
    instance_url: String,
    calls: AtomicU64,
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer was dropped")]
struct Dropped;

type Response = hyper::Response<Full<Bytes>>;

impl Service {
    async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<Response, Dropped> {
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => {
                return Ok(plain(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "Request body too large",
                ));
            }
        };
        let path = clean_path(parts.uri.path());
        let content_type = header(&parts.headers, &CONTENT_TYPE);
        let content = match multer::parse_boundary(content_type) {
            Ok(boundary) => Body::Parts(multipart::parts(body, boundary).await),
            Err(_) => Body::Whole(body.to_vec()),
        };
        // Files and locks are waited for, so not on the thread that serves everybody.
        let answering = tokio::task::spawn_blocking(move || self.respond(&parts, &path, content));
        match answering.await {
            Ok(answer) => answer,
            Err(_) => Ok(plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "UNKNOWN_EXCEPTION",
            )),
        }
    }

    fn respond(
        &self,
        parts: &hyper::http::request::Parts,
        path: &str,
        body: Body,
    ) -> Result<Response, Dropped> {
        let drops = self.org.options().fault == Some(Fault::DropDeployResponse);
        if let Some(rest) = path.strip_prefix("/services/Soap/m/") {
            return self.soap(&parts.method, rest, &body, drops);
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

    fn soap(
        &self,
        method: &Method,
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
        let answer = soap::respond(&self.org, version, &text, |token| self.allows(token));
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

    fn allows(&self, token: &str) -> bool {
        self.org.options().fault != Some(Fault::RefuseToken) && token == self.access_token.expose()
    }
}

/// One slash between segments and none at the end: clients join URLs in every way.
fn clean_path(path: &str) -> String {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .fold(String::new(), |path, segment| path + "/" + segment)
}

fn header<'a>(headers: &'a hyper::HeaderMap, name: &hyper::header::HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn plain(status: StatusCode, text: &str) -> Response {
    respond_with(status, "text/plain;charset=UTF-8", text.to_owned())
}

fn respond_with(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
