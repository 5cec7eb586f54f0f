//! What can go wrong between this program and an org, as facts.

mod code;
mod diagnostic;
mod refusal;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::auth::LoginError;
use super::deploy_id::DeployId;
use super::wire::rest::RestError;
use super::wire::{DecodeError, DeployStatus};
use crate::package;

pub(super) use refusal::{Refusal, from_http, from_soap};

/// A request that did not bring what it was sent for.
///
/// Texts of the server are cleaned of control characters and capped, and the token is masked, before
/// they get in here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The address can't be an org's API.
    #[error("`{url}` is not the address of an org's API: {reason}")]
    BadInstanceUrl {
        /// The address, masked behind its host.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The token can't be one.
    #[error("the access token cannot be used: {reason}")]
    BadToken {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not the id of a deploy.
    #[error(
        "`{text}` is not a deploy id: expected 15 or 18 letters and digits starting with `0Af`"
    )]
    NotADeployId {
        /// What was given.
        text: String,
    },
    /// The HTTP client could not be made, or a request not be written.
    #[error("no request could be made: {reason}")]
    Setup {
        /// Why.
        reason: String,
    },
    /// The name of the host is not known. Nothing was sent.
    #[error("the host {host} was not found")]
    HostNotFound {
        /// The host.
        host: String,
    },
    /// No connection. Nothing was sent.
    #[error("{host} could not be reached")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// No secure connection. Nothing was sent.
    #[error("no secure connection to {host}")]
    Tls {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// The proxy did not connect to the host. Nothing was sent.
    #[error("the proxy did not connect to {host}")]
    Proxy {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// No connection within the time for it. Nothing was sent.
    #[error("{host} did not take the connection in time")]
    ConnectTimedOut {
        /// The host.
        host: String,
    },
    /// No answer, or not all of it, within the time for it.
    #[error("{host} did not answer in time")]
    AnswerTimedOut {
        /// The host.
        host: String,
    },
    /// The connection broke before the whole answer was there.
    #[error("the connection to {host} was lost before the answer was complete")]
    ConnectionLost {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// Salesforce has no org at this host (HTTP 420): expired, deleted, or moving.
    #[error("Salesforce knows no org at {host}")]
    NoOrg {
        /// The host.
        host: String,
    },
    /// Overload, maintenance, or an error inside Salesforce (HTTP 429 and 5xx).
    #[error("the org is {} (HTTP {status})", if is_maintenance(text) { "in maintenance" } else { "not available at the moment" })]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// The server's text.
        text: String,
    },
    /// The token is expired, revoked, or of another org.
    #[error("the org refused the access token")]
    TokenRefused {
        /// `INVALID_SESSION_ID`, `Bad_OAuth_Token`, …
        code: String,
        /// The server's text.
        text: String,
    },
    /// There is no token, because logging in failed.
    #[error("{0}")]
    Login(Box<LoginError>),
    /// SOAP would refuse a JWT access token; the request was not sent.
    #[error("this access token is a JWT, and the Metadata API's SOAP calls do not take those")]
    JwtOverSoap,
    /// The user may not do this.
    #[error("the user may not do this in the org")]
    InsufficientAccess {
        /// `INSUFFICIENT_ACCESS`, …
        code: String,
        /// The server's text.
        text: String,
    },
    /// The org or user has no API.
    #[error("the API is switched off in the org or for the user")]
    ApiDisabled {
        /// `API_DISABLED_FOR_ORG`, `API_CURRENTLY_DISABLED`, …
        code: String,
        /// The server's text.
        text: String,
    },
    /// The org's requests are used up.
    #[error("the org takes no more API requests for now")]
    RequestLimit {
        /// The server's text.
        text: String,
    },
    /// So few requests are left that they are not ours to spend.
    #[error("the org has hardly any API requests left: {used} of {allowed} are used")]
    RequestsNearlySpent {
        /// Requests in the last 24 hours.
        used: u64,
        /// Requests that the org has.
        allowed: u64,
    },
    /// The org has not this API version.
    #[error("the org does not have this API version")]
    UnsupportedVersion {
        /// The server's text.
        text: String,
    },
    /// There is no such thing.
    #[error("the org has no such resource")]
    NotFound {
        /// The server's text.
        text: String,
    },
    /// Any other SOAP fault.
    #[error("the org refused the call: {code}")]
    Soap {
        /// Without prefix.
        code: String,
        /// The server's text.
        text: String,
    },
    /// Any other refusal in REST's form.
    #[error("the org refused the request (HTTP {status})")]
    Rest {
        /// HTTP status.
        status: u16,
        /// The errors that the server sent; at least one.
        errors: Vec<RestError>,
    },
    /// A page, or an answer without content, where data belongs.
    #[error("{host} answered with something that is not data of the API (HTTP {status})")]
    UnexpectedContent {
        /// The host.
        host: String,
        /// HTTP status.
        status: u16,
        /// The answer's content type.
        content_type: String,
        /// How the answer begins.
        start: String,
    },
    /// The answer is of the right kind and can't be read.
    #[error("the answer to {what} cannot be read")]
    Unparsable {
        /// Of what request.
        what: &'static str,
        /// How the answer begins; empty where that may be a secret.
        start: String,
        /// Why.
        #[source]
        source: DecodeError,
    },
    /// The answer can be read and contradicts itself.
    #[error("the answer to {what} makes no sense: {reason}")]
    Inconsistent {
        /// Of what request.
        what: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// Redirects are not followed: they would take the token to another host.
    #[error("the org sends requests on to {to}, and they are not sent there")]
    RedirectRefused {
        /// The other host.
        to: String,
    },
    /// More than is sent or taken.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The org's retrieve ended without a zip.
    #[error("the org could not retrieve the components")]
    RetrieveFailed {
        /// WSDL `StatusCode`.
        code: String,
        /// The server's text.
        text: String,
    },
    /// The retrieved zip can't be read.
    #[error("what the org retrieved cannot be read")]
    Archive(#[source] package::Error),
    /// The time for the whole is over.
    #[error("{what} was not finished after {} s", waited.as_secs())]
    DeadlinePassed {
        /// What.
        what: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The time to wait for a deploy is over; the org goes on with it.
    #[error("deploy {id} was not finished after {} s", waited.as_secs())]
    StillRunning {
        /// Which deploy.
        id: DeployId,
        /// How long it was waited for.
        waited: Duration,
        /// What the org said last.
        status: Option<DeployStatus>,
    },
    /// A change was asked for, and it isn't known whether the org received it.
    #[error("it is not known whether the org received {what}")]
    OutcomeUnknown {
        /// What was asked for.
        what: &'static str,
        /// What went wrong.
        #[source]
        cause: Box<Fault>,
    },
}

/// Whether the page of an org that is not available says that it is in maintenance.
fn is_maintenance(text: &str) -> bool {
    text.to_ascii_lowercase().contains("maintenance")
}

impl From<LoginError> for Fault {
    fn from(error: LoginError) -> Self {
        Self::Login(Box::new(error))
    }
}

/// Whether trying again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultClass {
    /// It may, later.
    Transient,
    /// It will not.
    Permanent,
    /// It must be asked what happened, before anything is done again.
    OutcomeUnknown,
}

impl Fault {
    /// Whether trying again may help.
    pub fn class(&self) -> FaultClass {
        match self {
            Self::HostNotFound { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimedOut { .. }
            | Self::AnswerTimedOut { .. }
            | Self::ConnectionLost { .. }
            | Self::NoOrg { .. }
            | Self::Unavailable { .. }
            | Self::DeadlinePassed { .. } => FaultClass::Transient,
            Self::Soap { code, .. } | Self::RetrieveFailed { code, .. } => code::class(code),
            Self::Rest { errors, .. } => errors.first().map_or(FaultClass::Permanent, |error| {
                code::class(&error.error_code)
            }),
            Self::StillRunning { .. } | Self::OutcomeUnknown { .. } => FaultClass::OutcomeUnknown,
            Self::BadInstanceUrl { .. }
            | Self::BadToken { .. }
            | Self::NotADeployId { .. }
            | Self::Setup { .. }
            | Self::Proxy { .. }
            | Self::Tls { .. }
            | Self::TokenRefused { .. }
            | Self::Login(_)
            | Self::JwtOverSoap
            | Self::InsufficientAccess { .. }
            | Self::ApiDisabled { .. }
            | Self::RequestLimit { .. }
            | Self::RequestsNearlySpent { .. }
            | Self::UnsupportedVersion { .. }
            | Self::NotFound { .. }
            | Self::UnexpectedContent { .. }
            | Self::Unparsable { .. }
            | Self::Inconsistent { .. }
            | Self::RedirectRefused { .. }
            | Self::TooLarge { .. }
            | Self::Archive(_) => FaultClass::Permanent,
        }
    }

    /// What the org said of this one question, where that is all that went wrong. What would meet
    /// every question alike (no network, no valid token) is given back.
    pub(crate) fn into_silence(self) -> Result<RestError, Self> {
        let said = |code: &str, text: String| RestError {
            error_code: code.to_owned(),
            message: text,
        };
        Ok(match self {
            Self::Rest { errors, .. } => errors
                .into_iter()
                .next()
                .unwrap_or_else(|| said("REST", String::new())),
            Self::InsufficientAccess { code, text } => said(&code, text),
            Self::NotFound { text } => said("NOT_FOUND", text),
            Self::RetrieveFailed { code, text } | Self::Soap { code, text } => said(&code, text),
            Self::JwtOverSoap => said("JWT", self.to_string()),
            Self::Unparsable { .. } | Self::Inconsistent { .. } => {
                said("UNREADABLE", self.to_string())
            }
            other => return Err(other),
        })
    }

    /// Whether the request certainly had no effect: it never arrived, or the org said no.
    pub(super) fn had_no_effect(&self) -> bool {
        // These two are the org's own no, whatever number they come with.
        if let Self::Rest { errors, .. } = self
            && errors.first().is_some_and(|error| {
                matches!(
                    error.error_code.as_str(),
                    "ALREADY_IN_PROCESS" | "UNABLE_TO_LOCK_ROW"
                )
            })
        {
            return true;
        }
        !matches!(
            self,
            Self::AnswerTimedOut { .. }
                | Self::ConnectionLost { .. }
                | Self::Unavailable { status: 500.., .. }
                | Self::Rest { status: 500.., .. }
                | Self::UnexpectedContent {
                    status: 200..300 | 500..,
                    ..
                }
                | Self::Unparsable { .. }
                | Self::Inconsistent { .. }
                | Self::OutcomeUnknown { .. }
        )
    }
}
