//! One HTTP connection to one org: deadlines, headers, retries of what only reads, and answers
//! that are checked before they are parsed.

mod client;
mod content;
mod credentials;
mod deadlines;
pub(super) mod failure;
mod form;
#[cfg(test)]
mod renewal_tests;
pub(super) mod retry;
#[cfg(test)]
mod tests;
mod text;
mod usage;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use reqwest::{Client, Method, Response, Url};

pub(super) use client::http_client;
use content::{is_content, without_mark};
use credentials::{Credentials, Token, is_expired};
pub use deadlines::Deadlines;
use form::deploy_form;
pub use usage::ApiUsage;
use usage::parse_usage;

use super::clock::Clock;
use super::fault::{Fault, Refusal, from_http, from_soap};
use super::session::{Session, is_jwt};
use super::text::{beginning, clean};
use super::wire::DecodeError;
use super::wire::soap;
use crate::metadata::ApiVersion;
use crate::secret::Redactor;

/// What the org's records show as the client: `opencx-sf/1.2.3`.
pub(super) const CLIENT: &str = concat!("opencx-sf/", env!("CARGO_PKG_VERSION"));

/// REST refuses requests whose address and headers are longer (HTTP 414 and 431; Limits
/// cheatsheet, "API Request Limits and Allocations").
pub(super) const LONGEST_HEAD: usize = 16_384;

/// Below this version SOAP calls take no JWT for a session id (jsforce, `soap`).
const SOAP_TAKES_JWT: ApiVersion = ApiVersion::new(68);

/// Room for the headers that are sent beside the token.
const OTHER_HEADERS: usize = 1_024;

/// Above what a retrieve may hold: 39 MB of zip are 52 MB of Base64.
const LARGEST_ANSWER: usize = 64 << 20;

/// What a request sends.
pub(super) enum Body {
    Nothing,
    Json(String),
    /// `deployRequest`: options as JSON, then the zip.
    Deploy {
        options: Vec<u8>,
        zip: Vec<u8>,
    },
}

/// A connection to an org. Cheap to make; it connects when the first request is sent.
pub struct Connection {
    session: Session,
    client: Client,
    clock: Arc<dyn Clock>,
    deadlines: Deadlines,
    credentials: Credentials,
    requests: AtomicU32,
    usage: Mutex<Option<ApiUsage>>,
    /// When the phase of the work ends, by the clock.
    phase_end: Mutex<Option<Duration>>,
}

/// A try that failed, and when the server wants the next one.
struct Failure {
    fault: Fault,
    retry_after: Option<Duration>,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            retry_after: None,
        }
    }
}

impl Connection {
    /// A connection by that session.
    pub(super) fn new(
        session: Session,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let client = http_client(&session.instance_url, deadlines)?;
        Ok(Self {
            credentials: Credentials::new(&session)?,
            session,
            client,
            clock,
            deadlines,
            requests: AtomicU32::new(0),
            usage: Mutex::new(None),
            phase_end: Mutex::new(None),
        })
    }

    /// By which session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// How many requests were sent so far, retries included.
    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// What the org's last REST answer said of its daily requests, when it said so.
    pub fn usage(&self) -> Option<ApiUsage> {
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No request is tried again when that time is over, until another phase begins.
    pub(super) fn begin_phase(&self, most: Duration) {
        let mut end = self
            .phase_end
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *end = Some(self.clock.now().saturating_add(most));
    }

    /// The same, for as long as reading an org may take.
    pub(super) fn begin_reading(&self) {
        self.begin_phase(self.deadlines.reading);
    }

    /// When the last try of a request may start that was first sent at `start`.
    fn last_try(&self, start: Duration) -> Duration {
        let end = *self
            .phase_end
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let own = start + self.deadlines.request;
        end.map_or(own, |end| own.min(end))
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(super) fn redactor(&self) -> &Redactor {
        self.credentials.redactor()
    }

    /// `/services/data/v66.0` and a path below it.
    pub(super) fn data_url(&self, path: &str) -> Url {
        self.session.instance_url.at(&format!(
            "/services/data/v{}{path}",
            self.session.api_version
        ))
    }

    /// GETs and decodes; tries again while that may help.
    pub(super) async fn get<T>(
        &self,
        what: &'static str,
        url: Url,
        decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, Fault> {
        let token = self.credentials.current();
        if url.as_str().len() + token.bearer.len() + OTHER_HEADERS > LONGEST_HEAD {
            return Err(Fault::TooLarge {
                what: "the request's address and headers",
                limit: LONGEST_HEAD,
            });
        }
        let answer = self.read_rest(what, Method::GET, url, Body::Nothing);
        let answer = answer.await?;
        decode(&answer).map_err(|error| self.unparsable(what, &answer, error))
    }

    /// POSTs a question that changes nothing, and decodes; tries again while that may help.
    pub(super) async fn ask<T>(
        &self,
        what: &'static str,
        url: Url,
        question: String,
        decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, Fault> {
        let answer = self.read_rest(what, Method::POST, url, Body::Json(question));
        let answer = answer.await?;
        decode(&answer).map_err(|error| self.unparsable(what, &answer, error))
    }

    // What is generic over an answer is compiled for each kind of answer: no more than its decoding.
    async fn read_rest(
        &self,
        what: &'static str,
        method: Method,
        url: Url,
        body: Body,
    ) -> Result<Vec<u8>, Fault> {
        self.retrying(async |token| {
            self.attempt_rest(what, method.clone(), url.clone(), &body, token)
                .await
        })
        .await
    }

    /// Sends a change once, and decodes the answer. Where it can't be excluded that the org
    /// received it, the fault is [`Fault::OutcomeUnknown`]. A change that was refused for an expired
    /// token did not happen: it is sent again with a new one.
    pub(super) async fn change<T>(
        &self,
        what: &'static str,
        method: Method,
        url: Url,
        body: Body,
        decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<T, Fault> {
        let answer = self.change_rest(what, method, url, body).await?;
        decode(&answer).map_err(|error| after_sending(what, self.unparsable(what, &answer, error)))
    }

    async fn change_rest(
        &self,
        what: &'static str,
        method: Method,
        url: Url,
        body: Body,
    ) -> Result<Vec<u8>, Fault> {
        let send = async |token: &Arc<Token>| {
            self.attempt_rest(what, method.clone(), url.clone(), &body, token)
                .await
        };
        let token = self.credentials.current();
        let mut answer = send(&token).await;
        if let Err(failure) = &answer
            && is_expired(&failure.fault)
            && let Some(new) = self.credentials.instead_of(&token).await?
        {
            answer = send(&new).await;
        }
        answer.map_err(|failure| after_sending(what, failure.fault))
    }

    /// Calls an operation of the Metadata API that only reads, and decodes its result; tries
    /// again while that may help.
    pub(super) async fn soap<T>(
        &self,
        what: &'static str,
        encode: impl Fn(soap::Caller<'_>) -> std::io::Result<Vec<u8>>,
        decode: impl Fn(&[u8]) -> Result<soap::Answer<T>, DecodeError>,
    ) -> Result<T, Fault> {
        // Without the `v` that REST's paths have.
        let url = self
            .session
            .instance_url
            .at(&format!("/services/Soap/m/{}", self.session.api_version));
        self.retrying(async |token| {
            let jwt = is_jwt(&token.text);
            if jwt && self.session.api_version < SOAP_TAKES_JWT {
                return Err(Fault::JwtOverSoap.into());
            }
            let message = encode(soap::Caller {
                session_id: token.text.expose(),
                client: CLIENT,
            })
            .map_err(|error| Fault::Setup {
                reason: error.to_string(),
            })?;
            let answer = self.attempt_soap(what, &url, message, &decode).await;
            answer.map_err(|failure| match failure.fault {
                Fault::TokenRefused { .. } if jwt => Fault::JwtOverSoap.into(),
                fault => Failure { fault, ..failure },
            })
        })
        .await
    }

    /// Tries until there is an answer, a fault that time does not heal, or no time left. A token
    /// that has expired is replaced, once.
    async fn retrying<T>(
        &self,
        attempt: impl AsyncFn(&Arc<Token>) -> Result<T, Failure>,
    ) -> Result<T, Fault> {
        let start = self.clock.now();
        let mut tries = 0;
        let mut token = self.credentials.current();
        let mut renewed = false;
        loop {
            let failure = match attempt(&token).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if is_expired(&failure.fault) && !renewed {
                renewed = true;
                match self.credentials.instead_of(&token).await? {
                    Some(new) => token = new,
                    None => return Err(failure.fault),
                }
                continue;
            }
            tries += 1;
            let Some(pause) = retry::pause(tries, &failure.fault, failure.retry_after) else {
                return Err(failure.fault);
            };
            let pause = self.clock.spread(pause);
            if self.clock.now() + pause > self.last_try(start) {
                return Err(failure.fault);
            }
            self.clock.sleep(pause).await;
        }
    }

    /// The body of an answer that is a success.
    async fn attempt_rest(
        &self,
        what: &'static str,
        method: Method,
        url: Url,
        body: &Body,
        token: &Token,
    ) -> Result<Vec<u8>, Failure> {
        let mut request = self
            .client
            .request(method, url)
            .header(AUTHORIZATION, token.bearer.clone())
            .header(ACCEPT, "application/json")
            .header(
                HeaderName::from_static("sforce-call-options"),
                concat!("client=opencx-sf/", env!("CARGO_PKG_VERSION")),
            );
        request = match body {
            Body::Nothing => request,
            Body::Json(text) => request
                .header(CONTENT_TYPE, "application/json")
                .body(text.clone()),
            Body::Deploy { options, zip } => {
                request.multipart(deploy_form(options.clone(), zip.clone())?)
            }
        };
        let response = self.send(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        self.remember_usage(&headers);
        let body = self.read(what, response).await?;
        if status.is_success() && (status.as_u16() == 204 || is_content(&headers, "json")) {
            return Ok(body);
        }
        Err(Failure {
            fault: self.refusal(status.as_u16(), &headers, &body),
            retry_after: retry::after(&headers, self.clock.wall()),
        })
    }

    async fn attempt_soap<T>(
        &self,
        what: &'static str,
        url: &Url,
        message: Vec<u8>,
        decode: impl Fn(&[u8]) -> Result<soap::Answer<T>, DecodeError>,
    ) -> Result<T, Failure> {
        let request = self
            .client
            .post(url.clone())
            .header(CONTENT_TYPE, "text/xml; charset=UTF-8")
            .header(HeaderName::from_static("soapaction"), "\"\"")
            .body(message);
        let response = self.send(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.read(what, response).await?;
        // Faults of SOAP 1.1 come with 500, and are the answer.
        if (status.is_success() || status.as_u16() == 500) && is_content(&headers, "xml") {
            return match decode(&body) {
                Ok(soap::Answer::Result(result)) => Ok(result),
                Ok(soap::Answer::Fault(fault)) => Err(from_soap(&fault, self.redactor()).into()),
                Err(error) => Err(self.unparsable(what, &body, error).into()),
            };
        }
        Err(Failure {
            fault: self.refusal(status.as_u16(), &headers, &body),
            retry_after: retry::after(&headers, self.clock.wall()),
        })
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        request
            .send()
            .await
            .map_err(|error| self.failure(&error).into())
    }

    async fn read(&self, what: &'static str, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.failure(&error))?
        {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(Fault::Inconsistent {
                    what,
                    reason: "it is larger than anything that was asked for",
                }
                .into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(without_mark(body))
    }

    fn failure(&self, error: &reqwest::Error) -> Fault {
        failure::from_reqwest(error, self.session.instance_url.host())
    }

    /// Parsers quote what they stumble over.
    fn unparsable(&self, what: &'static str, body: &[u8], error: DecodeError) -> Fault {
        let shown = |reason: String| clean(&self.redactor().redact(&reason));
        let source = match error {
            DecodeError::NotXml { reason } => DecodeError::NotXml {
                reason: shown(reason),
            },
            DecodeError::NotJson { reason } => DecodeError::NotJson {
                reason: shown(reason),
            },
            DecodeError::NotText | DecodeError::Missing(_) => error,
        };
        let text = String::from_utf8_lossy(body);
        Fault::Unparsable {
            what,
            start: beginning(&self.redactor().redact(&text)),
            source,
        }
    }

    fn refusal(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Fault {
        let word = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let host = word(LOCATION).map(|to| {
            let url = self.session.instance_url.at("/").join(to);
            url.map_or_else(
                |_| "an unreadable address".to_owned(),
                |url| url.host_str().unwrap_or_default().to_owned(),
            )
        });
        from_http(
            &Refusal {
                host: self.session.instance_url.host(),
                status,
                content_type: word(CONTENT_TYPE).unwrap_or_default(),
                location: host.as_deref(),
                body,
            },
            self.redactor(),
        )
    }

    fn remember_usage(&self, headers: &HeaderMap) {
        let usage = headers
            .get("sforce-limit-info")
            .and_then(|value| value.to_str().ok())
            .and_then(parse_usage);
        if usage.is_some() {
            *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = usage;
        }
    }
}

/// What a fault means of a change that was sent.
fn after_sending(what: &'static str, fault: Fault) -> Fault {
    if fault.had_no_effect() {
        return fault;
    }
    Fault::OutcomeUnknown {
        what,
        cause: Box::new(fault),
    }
}
