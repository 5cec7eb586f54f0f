//! A token of the messaging service, asked for to see whether it gives one (Messaging for In-App and
//! Web API guide, "Generate an Access Token"). It stands for a customer, begins no conversation, and
//! is thrown away.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::fault::Fault;
use super::session::InstanceUrl;
use super::text::clean;
use super::transport::{Deadlines, failure, http_client};
use crate::secret::{Redactor, Secret};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    /// The org's id.
    pub org_id: &'a str,
    /// API name of the Embedded Service deployment.
    pub deployment: &'a str,
    /// Who the customer is; without it nobody in particular.
    pub identity: Option<&'a Secret>,
}

/// What the service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenAnswer {
    /// A token for the customer that the identity token names.
    Verified,
    /// A token for nobody in particular. For a request with an identity token that means that it
    /// doesn't hold: the service says no more (field reports; the guide is silent).
    Anonymous,
    /// A token, and nothing that tells whose.
    Unclear,
    /// No token: HTTP status and the service's words.
    Refused(u16, String),
    /// No answer.
    Unreachable(String),
}

/// An answer, and how far this machine's clock is ahead of the service's, in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenReport {
    /// The answer.
    pub answer: TokenAnswer,
    /// Seconds; nothing where the service did not say what time it is.
    pub ahead: Option<i64>,
}

/// Asks the messaging service for a token.
///
/// # Errors
/// [`Fault::Setup`] when the machine's certificates or proxies can't be used.
pub async fn request_token(
    service: &InstanceUrl,
    request: TokenRequest<'_>,
    now: Timestamp,
) -> Result<TokenReport, Fault> {
    let mut body = json!({
        "orgId": request.org_id,
        "esDeveloperName": request.deployment,
        "capabilitiesVersion": "1",
        "platform": "Web",
    });
    let redactor = Redactor::default();
    let kind = match request.identity {
        Some(identity) => {
            redactor.add(identity);
            body["authorizationType"] = json!("JWT");
            body["customerIdentityToken"] = json!(identity.expose());
            "authenticated"
        }
        None => "unauthenticated",
    };
    let url = service.at(&format!(
        "/iamessage/api/v2/authorization/{kind}/access-token"
    ));
    let unreachable = |error: &reqwest::Error| TokenReport {
        answer: TokenAnswer::Unreachable(failure::reason(error)),
        ahead: None,
    };
    let client = http_client(service, Deadlines::default())?;
    let response = match client.post(url).json(&body).send().await {
        Ok(response) => response,
        Err(error) => return Ok(unreachable(&error)),
    };
    let status = response.status();
    let date = response.headers().get(reqwest::header::DATE);
    let date = date
        .and_then(|date| date.to_str().ok())
        .and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let ahead = date.map(|date| now.as_second() - date.timestamp().as_second());
    let bytes = match response.bytes().await {
        Ok(bytes) => bytes,
        Err(error) => return Ok(unreachable(&error)),
    };
    let answer = if status.is_success() {
        subject(&bytes)
    } else {
        let text = String::from_utf8_lossy(&bytes);
        let text: String = clean(&redactor.redact(&text)).chars().take(160).collect();
        TokenAnswer::Refused(status.as_u16(), text)
    };
    Ok(TokenReport { answer, ahead })
}

#[derive(Deserialize)]
struct Body {
    context: Option<Context>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    end_user: Option<EndUser>,
}

#[derive(Deserialize)]
struct EndUser {
    subject: Option<String>,
}

/// Whose token it is, by `context.endUser.subject`: `v2/iamessage/AUTH/KEYSET/uid:SUBJECT` or
/// `v2/iamessage/ANON/…`.
fn subject(body: &[u8]) -> TokenAnswer {
    let body: Option<Body> = serde_json::from_slice(body).ok();
    let subject = body
        .and_then(|body| body.context?.end_user?.subject)
        .unwrap_or_default();
    match subject.split('/').nth(2) {
        Some("AUTH") => TokenAnswer::Verified,
        Some("ANON") => TokenAnswer::Anonymous,
        _ => TokenAnswer::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_subject_tells_whose_token_it_is() {
        let of = |text: &str| {
            let body = json!({ "context": { "endUser": { "subject": text } } });
            subject(body.to_string().as_bytes())
        };
        assert_eq!(of("v2/iamessage/AUTH/Keys/uid:ann"), TokenAnswer::Verified);
        assert_eq!(of("v2/iamessage/ANON/1"), TokenAnswer::Anonymous);
        assert_eq!(of("AUTH"), TokenAnswer::Unclear);
        assert_eq!(subject(b"{}"), TokenAnswer::Unclear);
    }

    proptest! {
        #[test]
        fn any_answer_is_read(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(subject(&bytes), TokenAnswer::Unclear);
        }
    }
}
