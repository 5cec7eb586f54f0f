//! Why there is no token, as facts.

use super::jwt::KeyProblem;
use super::salesforce_cli::SalesforceCliError;

/// A way of getting a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// JWT bearer.
    Jwt,
    /// Client credentials.
    ClientCredentials,
    /// Refresh token.
    Refresh,
    /// Web server flow with PKCE.
    Browser,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The token endpoint said no (RFC 6749, section 5.2).
    #[error("Salesforce refused the login")]
    Refused {
        /// What was tried.
        flow: Flow,
        /// The host that said it; empty when the browser brought it.
        host: String,
        /// Its code, `invalid_grant`.
        error: String,
        /// Its words.
        text: String,
        /// Seconds that this machine's clock is ahead of the host's, when the answer had a date.
        skew: Option<i64>,
    },
    /// The private key can't be used. Nothing was sent.
    #[error("{0}")]
    Key(KeyProblem),
    /// The SFDX auth URL is none. Nothing was sent.
    #[error("the SFDX auth URL cannot be read: {reason}")]
    BadSfdxUrl {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The Salesforce CLI gave no token.
    #[error("{0}")]
    SalesforceCli(SalesforceCliError),
    /// A new login in the middle of the run led to another host or another org.
    #[error("logging in again led to another org or host ({to} in place of {from})")]
    Moved {
        /// Where the run began.
        from: String,
        /// Where the new token is from.
        to: String,
    },
    /// The browser's login gave a token and none to renew it with.
    #[error("the org gave no refresh token, so the login would end with this command")]
    NoRefreshToken,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

/// What a refusal of the token endpoint comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    UnknownApp,
    WrongSecret,
    NotApproved,
    Audience,
    Clock,
    Assertion,
    DeadRefreshToken,
    DeadCode,
    NoRunAsUser,
    NotOnThisHost,
    FlowOff,
    InactiveUser,
    AddressOrHours,
    TooMany,
    Callback,
    Scope,
    Denied,
    Other,
}

/// Minutes of difference between clocks that Salesforce forgives (Help, "OAuth 2.0 JWT Bearer
/// Flow": three).
const FORGIVEN_SECONDS: u64 = 180;

/// Reads a refusal. The words decide where one code stands for many things.
pub(super) fn cause(flow: Flow, error: &str, text: &str, skew: Option<i64>) -> Cause {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let off = skew.is_some_and(|skew| skew.unsigned_abs() > FORGIVEN_SECONDS);
    if flow == Flow::Jwt && off && matches!(error, "invalid_grant" | "invalid_request") {
        return Cause::Clock;
    }
    match error {
        "access_denied" => return Cause::Denied,
        "invalid_client_id" => return Cause::UnknownApp,
        "invalid_client" | "invalid_client_credentials" => return Cause::WrongSecret,
        "invalid_app_access" => return Cause::NotApproved,
        "inactive_user" | "inactive_org" => return Cause::InactiveUser,
        "rate_limit_exceeded" => return Cause::TooMany,
        "redirect_uri_mismatch" | "redirect_uri_missing" => return Cause::Callback,
        "unsupported_grant_type" => return Cause::FlowOff,
        "invalid_scope" => return Cause::Scope,
        _ => {}
    }
    if says(&["approved this consumer", "admin approved"]) {
        Cause::NotApproved
    } else if says(&["audience"]) {
        Cause::Audience
    } else if says(&["invalid assertion", "assertion"]) {
        Cause::Assertion
    } else if says(&["authorization code", "code verifier", "code challenge"]) {
        Cause::DeadCode
    } else if says(&["expired access/refresh token", "refresh token"]) {
        Cause::DeadRefreshToken
    } else if says(&["no client credentials user"]) {
        Cause::NoRunAsUser
    } else if says(&["not supported on this domain"]) {
        Cause::NotOnThisHost
    } else if says(&["grant type not supported", "flow is not enabled"]) {
        Cause::FlowOff
    } else if says(&["ip restricted", "restricted ip", "login hours"]) {
        Cause::AddressOrHours
    } else if says(&["login rate exceeded"]) {
        Cause::TooMany
    } else if says(&["scope"]) {
        Cause::Scope
    } else if says(&["inactive user", "user is inactive"]) {
        Cause::InactiveUser
    } else if says(&["client identifier invalid"]) {
        Cause::UnknownApp
    } else if says(&["invalid client credentials"]) {
        Cause::WrongSecret
    } else {
        Cause::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_stands_for_many_causes() {
        for (error, text, cause_of_it) in [
            (
                "invalid_grant",
                "user hasn't approved this consumer",
                Cause::NotApproved,
            ),
            ("invalid_grant", "audience is invalid", Cause::Audience),
            ("invalid_grant", "invalid assertion", Cause::Assertion),
            (
                "invalid_grant",
                "expired access/refresh token",
                Cause::DeadRefreshToken,
            ),
            (
                "invalid_grant",
                "expired authorization code",
                Cause::DeadCode,
            ),
            (
                "invalid_grant",
                "no client credentials user enabled",
                Cause::NoRunAsUser,
            ),
            (
                "invalid_grant",
                "request not supported on this domain",
                Cause::NotOnThisHost,
            ),
            ("invalid_grant", "ip restricted", Cause::AddressOrHours),
            ("invalid_grant", "no valid scopes defined", Cause::Scope),
            ("invalid_grant", "authentication failure", Cause::Other),
            (
                "invalid_client_id",
                "client identifier invalid",
                Cause::UnknownApp,
            ),
            (
                "invalid_client",
                "invalid client credentials",
                Cause::WrongSecret,
            ),
            (
                "invalid_app_access",
                "user is not admin approved to access this app",
                Cause::NotApproved,
            ),
            (
                "unsupported_grant_type",
                "grant type not supported",
                Cause::FlowOff,
            ),
            ("", "", Cause::Other),
        ] {
            let found = cause(Flow::Jwt, error, text, Some(20));
            assert_eq!(found, cause_of_it, "{error} {text}");
        }
    }

    #[test]
    fn a_wrong_clock_comes_first_where_time_counts() {
        let text = "invalid assertion";
        let of = |flow, skew| cause(flow, "invalid_grant", text, skew);
        assert_eq!(of(Flow::Jwt, Some(-600)), Cause::Clock);
        assert_eq!(of(Flow::Jwt, Some(170)), Cause::Assertion);
        assert_eq!(of(Flow::Jwt, None), Cause::Assertion);
        assert_eq!(of(Flow::Refresh, Some(600)), Cause::Assertion);
    }
}
