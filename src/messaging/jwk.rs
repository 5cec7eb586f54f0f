//! JSON Web Keys as Salesforce takes and gives them (Help, "Troubleshooting User Verification").

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;

use super::der;
use super::keys::PublicKey;

/// A key of an org, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    /// Its id: OpenCX's Auth Key ID.
    pub kid: String,
    key: Option<PublicKey>,
}

/// Why a text is not such a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkProblem {
    /// Not JSON, or not an object.
    #[error("it is not JSON")]
    NotJson,
    /// Without an id.
    #[error("it has no `kid`")]
    NoId,
}

#[derive(Deserialize)]
struct Fields {
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Jwk {
    /// Reads the field `jsonWebKey` of a `PublicKeyCertificate`.
    ///
    /// # Errors
    /// [`JwkProblem`]
    pub fn parse(text: &str) -> Result<Self, JwkProblem> {
        let fields: Fields = serde_json::from_str(text).map_err(|_| JwkProblem::NotJson)?;
        let kid = fields.kid.ok_or(JwkProblem::NoId)?;
        let number = |text: Option<String>| -> Option<Vec<u8>> {
            // Some tools pad, and some use the alphabet of plain Base64.
            let text = text?.replace('+', "-").replace('/', "_");
            let number = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
            Some(der::without_zeros(&number))
        };
        let key = number(fields.n)
            .zip(number(fields.e))
            .map(|(modulus, exponent)| PublicKey {
                numbers: der::Numbers { modulus, exponent },
            });
        Ok(Self { kid, key })
    }

    /// Whether it holds that key; nothing where it holds no numbers.
    pub fn holds(&self, key: &PublicKey) -> Option<bool> {
        self.key.as_ref().map(|own| own == key)
    }
}

/// The JSON for Setup: one key, with the certificate that Salesforce asks for.
pub(super) fn document(kid: &str, key: &PublicKey, certificate: &[u8]) -> String {
    let numbers = &key.numbers;
    let value = json!({
        "kid": kid,
        "alg": "RS256",
        "use": "sig",
        "kty": "RSA",
        "x5c": [STANDARD.encode(certificate)],
        "n": URL_SAFE_NO_PAD.encode(&numbers.modulus),
        "e": URL_SAFE_NO_PAD.encode(&numbers.exponent),
    });
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_not(text in "\\PC{0,40}", n in "\\PC{0,10}") {
            let _ = Jwk::parse(&text);
            let jwk = json!({ "kid": "k", "n": n, "e": "AQAB" }).to_string();
            prop_assert_eq!(Jwk::parse(&jwk).unwrap().kid, "k");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(Jwk::parse("{"), Err(JwkProblem::NotJson));
        assert_eq!(Jwk::parse("[]"), Err(JwkProblem::NotJson));
        assert_eq!(Jwk::parse("{}"), Err(JwkProblem::NoId));
    }
}
