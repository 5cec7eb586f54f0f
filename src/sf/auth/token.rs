//! What the token endpoint answers.

use serde::Deserialize;

use crate::secret::Secret;
use crate::sf::wire::DecodeError;

/// An access token and where it is good for.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token.
    pub access_token: Secret,
    /// The org's address, as the endpoint says it.
    pub instance_url: String,
    /// A refresh token, when one was given: a new one takes the place of the old.
    pub refresh_token: Option<Secret>,
    /// The 18-character id of the org, from the identity URL; empty without one.
    pub org_id: String,
}

/// A refusal (RFC 6749, section 5.2).
#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub error: String,
    #[serde(default)]
    pub error_description: String,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    instance_url: Option<String>,
    refresh_token: Option<String>,
    id: Option<String>,
}

/// Decodes a success.
pub(super) fn decode(body: &[u8]) -> Result<Token, DecodeError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|error| DecodeError::NotJson {
        // serde's own text can quote the content.
        reason: format!("line {}, column {}", error.line(), error.column()),
    })?;
    let present = |text: Option<String>, name| {
        text.filter(|text| !text.is_empty())
            .ok_or(DecodeError::Missing(name))
    };
    Ok(Token {
        access_token: Secret::new(present(answer.access_token, "access_token")?),
        instance_url: present(answer.instance_url, "instance_url")?,
        refresh_token: answer.refresh_token.map(Secret::new),
        org_id: org_id(answer.id.as_deref().unwrap_or_default()),
    })
}

/// The org in `https://login.salesforce.com/id/{orgId18}/{userId18}`.
fn org_id(identity: &str) -> String {
    let mut parts = identity.rsplit('/');
    let org = parts.nth(1).unwrap_or_default();
    if org.starts_with("00D") {
        org.to_owned()
    } else {
        String::new()
    }
}

/// Decodes a refusal; `None` for anything else.
pub(super) fn decode_error(body: &[u8]) -> Option<ErrorBody> {
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_an_answer_with_and_without_the_optional_parts() {
        let token = decode(
            br#"{"access_token":"00D000000000062!AQ.x","instance_url":"https://a.my.salesforce.com",
            "id":"https://login.salesforce.com/id/00D000000000062EAA/005000000000001AAA",
            "token_type":"Bearer","issued_at":"1785000000000","scope":"api"}"#,
        )
        .unwrap();
        assert_eq!(token.org_id, "00D000000000062EAA");
        assert!(token.refresh_token.is_none());
        let token = decode(br#"{"access_token":"eyJx","instance_url":"https://a/"}"#).unwrap();
        assert_eq!(token.org_id, "");
    }

    #[test]
    fn says_what_is_missing_and_quotes_nothing() {
        let missing = decode(br#"{"access_token":"s3cret"}"#).unwrap_err();
        assert!(matches!(missing, DecodeError::Missing("instance_url")));
        let broken = decode(br#"{"access_token":s3cret}"#).unwrap_err();
        assert!(!broken.to_string().contains("s3cret"));
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(body in "\\PC{0,60}|\\{\"error\":\\PC{0,20}\\}") {
            let _ = (decode(body.as_bytes()), decode_error(body.as_bytes()).is_some());
        }
    }
}
