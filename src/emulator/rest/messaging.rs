//! The messaging service's tokens (Messaging for In-App and Web API guide, "Generate an Access
//! Token").
//!
//! A customer whose identity token does not hold gets a token all the same, as an unknown customer:
//! HTTP 200, and `ANON` in `context.endUser.subject` (field reports; the guide is silent). A
//! deployment that is not there, or not published, is an error.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::metadata::{ComponentId, MetadataType};

use super::super::org::EmulatedOrg;
use super::super::state::State;
use super::super::tree::Node;
use super::{Answer, Body, Refusal, Request};

const BASE: &str = "/iamessage/api/v2/authorization/";

/// Answers a request to the messaging service.
pub fn token(org: &EmulatedOrg, request: &Request<'_>) -> Result<Answer, Refusal> {
    let kind = request
        .path
        .strip_prefix(BASE)
        .and_then(|rest| rest.strip_suffix("/access-token"));
    let is_authenticated = match (request.method, kind) {
        ("POST", Some("authenticated")) => true,
        ("POST", Some("unauthenticated")) => false,
        _ => return Ok(Answer::not_found()),
    };
    let Body::Whole(body) = &request.body else {
        return Ok(refused("The body is not JSON"));
    };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let state = org.state()?;
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    if text("orgId").get(..15) != state.organization.id.get(..15) {
        return Ok(refused("Invalid organization"));
    }
    let name = text("esDeveloperName");
    let deployment = state
        .of_type(MetadataType::EmbeddedServiceConfig)
        .into_iter()
        .find(|stored| stored.full_name == name);
    let Some(deployment) = deployment.filter(|stored| {
        state.messaging.is_published(&stored.full_name)
            && stored.tree().text_of("isEnabled") == Some("true")
    }) else {
        return Ok(refused("Invalid Embedded Service Deployment"));
    };
    let subject = is_authenticated
        .then(|| {
            let now = org.options().clock.now().as_second();
            verified(
                &state,
                &deployment.tree(),
                text("customerIdentityToken"),
                now,
            )
        })
        .flatten()
        .unwrap_or_else(|| "v2/iamessage/ANON/0".to_owned());
    Ok(Answer::json(
        200,
        &json!({
            "accessToken": "local",
            "lastEventId": "0",
            "context": { "endUser": { "subject": subject } },
        }),
    ))
}

fn refused(message: &str) -> Answer {
    Answer::json(400, &json!({ "error": "BAD_REQUEST", "message": message }))
}

/// The customer that an identity token names, when the channel's keyset vouches for it.
fn verified(state: &State, deployment: &Node, token: &str, now: i64) -> Option<String> {
    let channel = deployment
        .child("embeddedServiceMessagingChannel")?
        .text_of("messagingChannel")?;
    let channel = component(state, MetadataType::MessagingChannel, channel)?;
    let mut parts = token.split('.');
    let (head, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let decoded = |part: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let (header, body) = (decoded(head)?, decoded(claims)?);
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let signed = format!("{head}.{claims}");
    let is_now = body["exp"].as_i64()? > now && body["iat"].as_i64()? <= now + 60;
    let authorizations = channel.child("embeddedConfig")?;
    for authorization in &authorizations.children {
        if authorization.text_of("enabled") != Some("true") {
            continue;
        }
        let Some(name) = authorization.text_of("publicKeyCertificateSetName") else {
            continue;
        };
        let Some(keyset) = component(state, MetadataType::PublicKeyCertificateSet, name) else {
            continue;
        };
        let is_issuer = keyset.text_of("jwtIssuer") == body["iss"].as_str();
        let holds = keyset.children.iter().any(|entry| {
            entry
                .text_of("publicKeyCertificate")
                .and_then(|key| component(state, MetadataType::PublicKeyCertificate, key))
                .is_some_and(|key| vouches(&key, &header["kid"], &signed, &signature))
        });
        if is_now && is_issuer && holds {
            let subject = body["sub"].as_str()?;
            return Some(format!("v2/iamessage/AUTH/{name}/uid:{subject}"));
        }
    }
    None
}

/// Whether a key of the org has that id and made that signature.
fn vouches(key: &Node, kid: &Value, signed: &str, signature: &[u8]) -> bool {
    let text = key.text_of("jsonWebKey").unwrap_or_default();
    let jwk: Value = serde_json::from_str(text).unwrap_or_default();
    let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default());
    let (Ok(n), Ok(e)) = (number("n"), number("e")) else {
        return false;
    };
    key.text_of("isActive") != Some("false")
        && jwk["kid"] == *kid
        && RsaPublicKeyComponents { n, e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), signature)
            .is_ok()
}

fn component(state: &State, kind: MetadataType, name: &str) -> Option<Node> {
    let stored = state.component(&ComponentId::new(kind, name.trim()))?;
    Some(stored.tree())
}
