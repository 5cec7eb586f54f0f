//! Getting an access token: OAuth 2.0 grants at Salesforce's token endpoint, logins of the
//! Salesforce CLI, and what a refusal means.

mod authority;
mod explain;
mod jwt;
mod pkce;
mod refusal;
mod renewal;
mod salesforce_cli;
mod sfdx_url;
mod token;

pub use authority::Authority;
pub use jwt::{KeyProblem, PrivateKey};
pub use pkce::{Attempt, Callback};
pub use refusal::{Flow, LoginError};
pub use renewal::{OAuthRenewal, Renewal, Renewed};
pub use salesforce_cli::{SalesforceCliError, access_token, instance_url};
pub use sfdx_url::SfdxUrl;
pub use token::Token;

use jiff::Timestamp;

use crate::secret::Secret;

/// The app of the Salesforce CLI, which every org knows. It has no secret, and takes
/// `http://localhost:1717/OauthRedirect` for its callback (salesforcecli/plugin-auth).
pub const SALESFORCE_CLI_APP: &str = "PlatformCLI";

/// What is shown to the token endpoint in exchange for a token.
#[derive(Debug, Clone)]
pub enum Grant {
    /// A signed statement who the user is (OAuth 2.0 JWT bearer flow).
    Jwt {
        /// The app's consumer key.
        client_id: String,
        /// The user to log in.
        username: String,
        /// What the statement is signed with.
        key: PrivateKey,
    },
    /// The app's own credentials, for its run-as user.
    ClientCredentials {
        /// The app's consumer key.
        client_id: String,
        /// The app's consumer secret.
        client_secret: Secret,
    },
    /// A refresh token.
    Refresh {
        /// The consumer key of the app that it was given to.
        client_id: String,
        /// The app's consumer secret, where it wants one.
        client_secret: Option<Secret>,
        /// The token.
        refresh_token: Secret,
    },
    /// The code that the browser brought back (web server flow with PKCE).
    Code {
        /// The app's consumer key.
        client_id: String,
        /// The code.
        code: Secret,
        /// The callback that the authorisation was asked with.
        redirect_uri: String,
        /// What the authorisation's challenge was made of.
        verifier: Secret,
    },
}

impl Grant {
    /// Which flow it belongs to.
    fn flow(&self) -> Flow {
        match self {
            Self::Jwt { .. } => Flow::Jwt,
            Self::ClientCredentials { .. } => Flow::ClientCredentials,
            Self::Refresh { .. } => Flow::Refresh,
            Self::Code { .. } => Flow::Browser,
        }
    }

    /// Whether asking twice does the same as asking once. A code is used up by its first use, and a
    /// refresh token may be.
    fn is_repeatable(&self) -> bool {
        matches!(self, Self::Jwt { .. } | Self::ClientCredentials { .. })
    }

    /// The fields of the form, in the order of Salesforce's documentation.
    fn form(&self, host: &str, now: Timestamp) -> Result<Vec<(&'static str, Secret)>, LoginError> {
        let plain = |text: &str| Secret::new(text);
        Ok(match self {
            Self::Jwt {
                client_id,
                username,
                key,
            } => vec![
                (
                    "grant_type",
                    plain("urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ),
                ("assertion", key.assertion(client_id, username, host, now)?),
            ],
            Self::ClientCredentials {
                client_id,
                client_secret,
            } => vec![
                ("grant_type", plain("client_credentials")),
                ("client_id", plain(client_id)),
                ("client_secret", client_secret.clone()),
            ],
            Self::Refresh {
                client_id,
                client_secret,
                refresh_token,
            } => {
                let mut form = vec![
                    ("grant_type", plain("refresh_token")),
                    ("client_id", plain(client_id)),
                ];
                form.extend(
                    client_secret
                        .clone()
                        .map(|secret| ("client_secret", secret)),
                );
                form.push(("refresh_token", refresh_token.clone()));
                form
            }
            Self::Code {
                client_id,
                code,
                redirect_uri,
                verifier,
            } => vec![
                ("grant_type", plain("authorization_code")),
                ("code", code.clone()),
                ("client_id", plain(client_id)),
                ("redirect_uri", plain(redirect_uri)),
                ("code_verifier", verifier.clone()),
            ],
        })
    }
}

#[cfg(test)]
mod tests;
