//! One login host: its token endpoint, asked with a grant.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, LOCATION};
use reqwest::{Client, Response};

use super::Grant;
use super::refusal::LoginError;
use super::token::{self, Token};
use crate::secret::{Redactor, Secret};
use crate::sf::clock::{Clock, SystemClock};
use crate::sf::fault::{Fault, FaultClass, Refusal, from_http};
use crate::sf::session::InstanceUrl;
use crate::sf::text::clean;
use crate::sf::transport::{Deadlines, failure, http_client, retry};

/// More than any token answer has.
const LARGEST_ANSWER: usize = 256 * 1024;

/// Where this moment comes from: assertions hold one.
type Now = fn() -> Timestamp;

/// A host that gives tokens: `login.salesforce.com`, `test.salesforce.com` or a My Domain.
#[derive(Clone)]
pub struct Authority {
    url: InstanceUrl,
    client: Client,
    clock: Arc<dyn Clock>,
    now: Now,
    redactor: Redactor,
}

impl Authority {
    /// The one at that address. What it gives out is masked wherever `redactor` is used.
    ///
    /// # Errors
    /// [`Fault::BadInstanceUrl`], and [`Fault::Setup`] when certificates or proxies can't be used.
    pub fn new(url: &str, redactor: &Redactor) -> Result<Self, Fault> {
        let url = InstanceUrl::parse(url)?;
        Ok(Self {
            client: http_client(&url, Deadlines::default())?,
            url,
            clock: Arc::<SystemClock>::default(),
            now: Timestamp::now,
            redactor: redactor.clone(),
        })
    }

    /// The host's address.
    pub fn url(&self) -> &InstanceUrl {
        &self.url
    }

    /// Shows the grant, takes a token. Sent again only where that can do no harm: nothing arrived,
    /// or the grant may be used twice.
    ///
    /// # Errors
    /// [`Fault::Login`] when the host says no; any fault of the network.
    pub async fn token(&self, grant: &Grant) -> Result<Token, Fault> {
        let mut tries = 0;
        loop {
            let fault = match self.attempt(grant).await {
                Ok(token) => return Ok(token),
                Err(fault) => fault,
            };
            tries += 1;
            let harmless = fault.had_no_effect() || grant.is_repeatable();
            let pause = retry::pause(tries, &fault, None);
            match pause.filter(|_| harmless && fault.class() == FaultClass::Transient) {
                Some(pause) if tries < 3 => self.clock.sleep(self.clock.spread(pause)).await,
                _ => return Err(fault),
            }
        }
    }

    /// Makes a token worthless (RFC 7009). One that the host doesn't know is worthless already.
    ///
    /// # Errors
    /// Any fault of the network: then nobody knows whether it still works.
    pub async fn revoke(&self, token: &Secret) -> Result<(), Fault> {
        self.redactor.add(token);
        let response = self
            .client
            .post(self.url.at("/services/oauth2/revoke"))
            .form(&[("token", token.expose())])
            .send()
            .await
            .map_err(|error| failure::from_reqwest(&error, self.url.host()))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = self.read(response).await?;
        // 400 is the answer for a token that the host does not know (RFC 7009, section 2.2).
        match status {
            200..300 | 400 => Ok(()),
            _ => Err(self.unusual(status, &headers, &body)),
        }
    }

    async fn attempt(&self, grant: &Grant) -> Result<Token, Fault> {
        let form = grant
            .form(self.url.host(), (self.now)())
            .map_err(Fault::from)?;
        for (name, value) in &form {
            if matches!(
                *name,
                "assertion" | "client_secret" | "refresh_token" | "code" | "code_verifier"
            ) {
                self.redactor.add(value);
            }
        }
        let fields: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.expose()))
            .collect();
        let response = self
            .client
            .post(self.url.at("/services/oauth2/token"))
            .header(ACCEPT, "application/json")
            .form(&fields)
            .send()
            .await
            .map_err(|error| failure::from_reqwest(&error, self.url.host()))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.read(response).await?;
        if status.is_success() {
            let token = token::decode(&body).map_err(|source| Fault::Unparsable {
                what: "the request for a token",
                // It may begin with a token that nobody knows yet.
                start: String::new(),
                source,
            })?;
            return self.accepted(token);
        }
        if let Some(refused) = token::decode_error(&body) {
            let shown = |text: &str| clean(&self.redactor.redact(text));
            return Err(LoginError::Refused {
                flow: grant.flow(),
                host: self.url.host().to_owned(),
                error: shown(&refused.error),
                text: shown(&refused.error_description),
                skew: self.skew(&headers),
            }
            .into());
        }
        Err(self.unusual(status.as_u16(), &headers, &body))
    }

    /// A real login host has no business in sending the token to this machine.
    fn accepted(&self, token: Token) -> Result<Token, Fault> {
        self.redactor.add(&token.access_token);
        if let Some(refresh) = &token.refresh_token {
            self.redactor.add(refresh);
        }
        let instance = InstanceUrl::parse(&token.instance_url)?;
        if instance.is_loopback() && !self.url.is_loopback() {
            return Err(Fault::Inconsistent {
                what: "the request for a token",
                reason: "its instance_url leads to this machine",
            });
        }
        Ok(token)
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        let lost = |error| failure::from_reqwest(&error, self.url.host());
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(Fault::Inconsistent {
                    what: "the request for a token",
                    reason: "it is larger than any answer with a token",
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Seconds that this machine is ahead of the host.
    fn skew(&self, headers: &HeaderMap) -> Option<i64> {
        let date = headers.get(DATE)?.to_str().ok()?;
        let theirs = rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
        Some((self.now)().as_second() - theirs.as_second())
    }

    /// An answer that no token endpoint gives: a redirect, a page, an outage.
    fn unusual(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Fault {
        let word = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let to = word(LOCATION).and_then(|to| self.url.at("/").join(to).ok());
        from_http(
            &Refusal {
                host: self.url.host(),
                status,
                content_type: word(CONTENT_TYPE).unwrap_or_default(),
                location: to.as_ref().and_then(|to| to.host_str()),
                body,
            },
            &self.redactor,
        )
    }
}
