//! The token by which OpenCX says who a customer is, for trying out whether Salesforce takes it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::json;

use super::keys::PrivateKey;
use crate::secret::Secret;

const LIFETIME_SECONDS: i64 = 300;

/// What the token says (Help, "Set Up Token-Based User Verification").
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The keyset's issuer, with its upper and lower case.
    pub issuer: &'a str,
    /// Who the customer is.
    pub subject: &'a str,
    /// Now.
    pub issued: Timestamp,
}

/// The signed token; nothing where the system has no random numbers.
pub fn identity_token(key: &PrivateKey, kid: &str, claims: Claims<'_>) -> Option<Secret> {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let issued = claims.issued.as_second();
    let signed = format!(
        "{}.{}",
        part(json!({ "alg": "RS256", "typ": "JWT", "kid": kid })),
        part(json!({
            "iss": claims.issuer,
            "sub": claims.subject,
            "iat": issued,
            "exp": issued + LIFETIME_SECONDS,
        }))
    );
    let signature = URL_SAFE_NO_PAD.encode(key.sign(&signed)?);
    Some(Secret::new(format!("{signed}.{signature}")))
}
