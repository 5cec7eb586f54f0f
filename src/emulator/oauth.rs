//! OAuth 2.0 of the local org: authorize, token and revoke.
//!
//! Any app may log in, and `authorize` asks nobody: the org has one user who could be asked. What a
//! real org would refuse is refused here by name (`--fault refuse-login=NAME`), with the real words.
//! An assertion's signature is not verified, since no certificate was uploaded; its claims are.

mod sessions;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use sessions::{Expiry, Sessions};

use super::login_refusal::Refusal;
use super::options::Fault;
use super::org::EmulatedOrg;
use super::refusal::Refusal as OrgRefusal;
use super::rest::parameter;
use sessions::Code;

/// Seconds that an assertion may be good for: a few minutes, as Salesforce Help has it.
const LONGEST_ASSERTION: i64 = 300;

/// How far the org's clock is ahead of the real one under `refuse-login=clock`.
const CLOCK_AHEAD: i64 = 600;

/// A request to one of the endpoints.
pub struct Request<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// What follows `/services/oauth2/`.
    pub endpoint: &'a str,
    /// The form: of the address, or of the body.
    pub form: &'a str,
    /// Where this org is.
    pub instance_url: &'a str,
}

/// An answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON; nothing for a redirect.
    pub body: String,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// Seconds to add to the answer's date.
    pub ahead: i64,
}

impl Answer {
    fn json(status: u16, value: &Value) -> Self {
        Self {
            status,
            body: value.to_string(),
            location: None,
            ahead: 0,
        }
    }

    fn error(error: &str, description: &str) -> Self {
        let body = json!({ "error": error, "error_description": description });
        Self::json(400, &body)
    }

    fn redirect(location: String) -> Self {
        Self {
            status: 302,
            body: String::new(),
            location: Some(location),
            ahead: 0,
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
}

/// Answers a request; `None` for an endpoint that is not here.
pub fn respond(
    org: &EmulatedOrg,
    sessions: &Sessions,
    request: &Request<'_>,
) -> Result<Option<Answer>, OrgRefusal> {
    Ok(Some(match (request.method, request.endpoint) {
        ("GET", "authorize") => authorize(org, sessions, request.form),
        ("POST", "token") => token(org, sessions, request)?,
        ("POST", "revoke") => revoke(sessions, request.form),
        _ => return Ok(None),
    }))
}

fn authorize(org: &EmulatedOrg, sessions: &Sessions, form: &str) -> Answer {
    let field = |name| parameter(form, name).unwrap_or_default();
    let redirect_uri = field("redirect_uri");
    let local = ["http://localhost:", "http://127.0.0.1:"];
    if !local.iter().any(|start| redirect_uri.starts_with(start)) {
        return Answer::error(
            "redirect_uri_mismatch",
            "redirect_uri must match configuration",
        );
    }
    let back = |query: String| {
        let state = encode(&field("state"));
        Answer::redirect(format!("{redirect_uri}?{query}&state={state}"))
    };
    if org.options().fault == Some(Fault::RefuseLogin(Refusal::Denied)) {
        let description = encode("end-user denied authorization");
        return back(format!(
            "error=access_denied&error_description={description}"
        ));
    }
    if field("response_type") != "code" || field("client_id").is_empty() {
        return back("error=invalid_request".to_owned());
    }
    let code = sessions.new_code(Code {
        client_id: field("client_id"),
        redirect_uri: redirect_uri.clone(),
        challenge: field("code_challenge"),
    });
    back(format!("code={}", encode(&code)))
}

fn token(
    org: &EmulatedOrg,
    sessions: &Sessions,
    request: &Request<'_>,
) -> Result<Answer, OrgRefusal> {
    if let Some(Fault::RefuseLogin(refusal)) = org.options().fault
        && let Some((error, description)) = refusal.words()
    {
        let ahead = if refusal == Refusal::Clock {
            CLOCK_AHEAD
        } else {
            0
        };
        return Ok(Answer {
            ahead,
            ..Answer::error(error, description)
        });
    }
    let state = org.state()?;
    let user = state
        .users
        .first()
        .ok_or_else(|| OrgRefusal::new("UNKNOWN_EXCEPTION", "no user"))?;
    let now = org.options().clock.now();
    let field = |name| parameter(request.form, name).unwrap_or_default();
    let refused = match field("grant_type").as_str() {
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            assertion(&field("assertion"), &user.username, now.as_second())
        }
        "client_credentials" if field("client_secret").is_empty() => {
            Some(("invalid_client", "invalid client credentials"))
        }
        "client_credentials" => None,
        "refresh_token" if sessions.knows_refresh(&field("refresh_token")) => None,
        "refresh_token" => Some(("invalid_grant", "expired access/refresh token")),
        "authorization_code" => code(sessions, &field),
        _ => Some(("unsupported_grant_type", "grant type not supported")),
    };
    if let Some((error, description)) = refused {
        return Ok(Answer::error(error, description));
    }
    let org_id = &state.organization.id;
    let mut body = json!({
        "access_token": sessions.new_access(),
        "instance_url": request.instance_url,
        "id": format!("{}/id/{org_id}/{}", request.instance_url, user.id),
        "token_type": "Bearer",
        "issued_at": now.as_millisecond().to_string(),
        "scope": "refresh_token web api",
    });
    if field("grant_type") == "authorization_code" {
        body["refresh_token"] = sessions.new_refresh().into();
    } else if field("grant_type") == "refresh_token"
        && org.options().fault == Some(Fault::RotateRefreshTokens)
    {
        body["refresh_token"] = sessions.rotate(&field("refresh_token")).into();
    }
    Ok(Answer::json(200, &body))
}

type Words = (&'static str, &'static str);

/// What is wrong with an assertion.
fn assertion(text: &str, username: &str, now: i64) -> Option<Words> {
    const INVALID: Words = ("invalid_grant", "invalid assertion");
    let parts: Vec<&str> = text.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Some(INVALID);
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header: Option<Value> = decoded(header).and_then(|json| serde_json::from_slice(&json).ok());
    let claims: Option<Claims> =
        decoded(claims).and_then(|json| serde_json::from_slice(&json).ok());
    let (Some(header), Some(claims), Some(signature)) = (header, claims, decoded(signature)) else {
        return Some(INVALID);
    };
    let good_for = claims.exp.saturating_sub(now);
    if header["alg"] != "RS256"
        || signature.len() < 256
        || !(0..=LONGEST_ASSERTION).contains(&good_for)
    {
        return Some(INVALID);
    }
    if claims.iss.is_empty() {
        return Some(("invalid_client_id", "client identifier invalid"));
    }
    let audiences = [
        "https://login.salesforce.com",
        "https://test.salesforce.com",
    ];
    if !audiences.contains(&claims.aud.as_str()) {
        return Some(("invalid_grant", "audience is invalid"));
    }
    (claims.sub != username).then_some(("invalid_grant", "user hasn't approved this consumer"))
}

/// What is wrong with an authorization code, which is used up by this.
fn code(sessions: &Sessions, field: &dyn Fn(&'static str) -> String) -> Option<Words> {
    let expired = ("invalid_grant", "expired authorization code");
    let Some(code) = sessions.take_code(&field("code")) else {
        return Some(expired);
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
    if !code.challenge.is_empty() && code.challenge != challenge {
        return Some(("invalid_grant", "invalid code verifier"));
    }
    if code.client_id != field("client_id") || code.redirect_uri != field("redirect_uri") {
        return Some(expired);
    }
    None
}

fn revoke(sessions: &Sessions, form: &str) -> Answer {
    let token = parameter(form, "token").unwrap_or_default();
    if sessions.revoke(&token) {
        Answer {
            body: String::new(),
            ..Answer::json(200, &Value::Null)
        }
    } else {
        // The error's name is RFC 7009's; Salesforce's own words are not verified.
        Answer::error("invalid_token", "the token is not known")
    }
}

/// Percent-encoded for a query.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests;
