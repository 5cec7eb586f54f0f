//! The assertion of the JWT bearer flow: who wants to log in as whom, signed with RS256.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::json;
use zeroize::Zeroizing;

use super::refusal::LoginError;
use crate::secret::Secret;

/// How long an assertion may be used. Salesforce allows a few minutes (Help, "OAuth 2.0 JWT Bearer
/// Flow for Server-to-Server Integration": three minutes of skew).
const LIFETIME_SECONDS: i64 = 170;

/// An RSA key.
#[derive(Clone)]
pub struct PrivateKey(Arc<KeyPair>);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey")
    }
}

/// Why a text is no key that can be used. Nothing of the text is in here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// No PEM block.
    #[error("the private key is not PEM: there is no line `-----BEGIN PRIVATE KEY-----`")]
    NotPem,
    /// A PEM block without end, or with other characters than Base64's.
    #[error("the private key is cut off or damaged")]
    Damaged,
    /// Locked with a passphrase.
    #[error("the private key is encrypted with a passphrase")]
    Encrypted,
    /// Another thing in PEM: a certificate, a public key, a request.
    #[error("the file holds a certificate or public key where the private key belongs")]
    NotPrivate,
    /// Another algorithm, or a size that RS256 isn't done with.
    #[error("the private key is not an RSA key of 2048 to 8192 bits")]
    NotRsa,
}

impl PrivateKey {
    /// Reads PEM: PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), with any line ends, or with
    /// `\n` written out as CI systems like to store it. Text around the block is passed over.
    ///
    /// # Errors
    /// What is there instead.
    pub fn from_pem(text: &Secret) -> Result<Self, KeyProblem> {
        let text = Zeroizing::new(text.expose().replace("\\r", "").replace("\\n", "\n"));
        let (label, body) = block(&text)?;
        let der = || -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
            let digits: Zeroizing<String> =
                Zeroizing::new(body.chars().filter(|c| !c.is_whitespace()).collect());
            let der = STANDARD
                .decode(digits.as_bytes())
                .map_err(|_| KeyProblem::Damaged)?;
            Ok(Zeroizing::new(der))
        };
        if label == "ENCRYPTED PRIVATE KEY" || body.contains("ENCRYPTED") {
            return Err(KeyProblem::Encrypted);
        }
        let pair = match label {
            "PRIVATE KEY" => KeyPair::from_pkcs8(&der()?),
            "RSA PRIVATE KEY" => KeyPair::from_der(&der()?),
            "EC PRIVATE KEY" | "DSA PRIVATE KEY" | "OPENSSH PRIVATE KEY" => {
                return Err(KeyProblem::NotRsa);
            }
            _ => return Err(KeyProblem::NotPrivate),
        };
        pair.map(|pair| Self(Arc::new(pair)))
            .map_err(|_| KeyProblem::NotRsa)
    }

    /// The signed assertion for a login host.
    pub(super) fn assertion(
        &self,
        client_id: &str,
        username: &str,
        host: &str,
        now: Timestamp,
    ) -> Result<Secret, LoginError> {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({
            "iss": client_id,
            "sub": username,
            "aud": audience(host),
            "exp": now.as_second() + LIFETIME_SECONDS,
        });
        let signed = format!("{}.{}", part(json!({ "alg": "RS256" })), part(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| LoginError::Key(KeyProblem::NotRsa))?;
        Ok(Secret::new(format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(signature)
        )))
    }
}

/// Label and content of the first block whose label speaks of a key, else of the first one.
fn block(text: &str) -> Result<(&str, &str), KeyProblem> {
    let mut first = None;
    let mut rest = text;
    while let Some((_, begin)) = rest.split_once("-----BEGIN ") {
        let (label, body) = begin.split_once("-----").ok_or(KeyProblem::Damaged)?;
        let (body, after) = body.split_once("-----END ").ok_or(KeyProblem::Damaged)?;
        if label.ends_with("PRIVATE KEY") {
            return Ok((label, body));
        }
        first.get_or_insert((label, body));
        rest = after;
    }
    first.ok_or(KeyProblem::NotPem)
}

/// What `aud` must be: the authorization server's own name, which is one of two whatever My Domain
/// the request goes to (Help, "OAuth 2.0 JWT Bearer Flow").
fn audience(host: &str) -> &'static str {
    let sandbox = host == "test.salesforce.com"
        || host.contains(".sandbox.my.")
        || host.contains(".scratch.my.");
    if sandbox {
        "https://test.salesforce.com"
    } else {
        "https://login.salesforce.com"
    }
}

#[cfg(test)]
mod tests;
