//! Live messaging: keys, keysets, queues, channels, deployments of Embedded Service.

use serde_json::Value;

use crate::metadata::MetadataType;

use super::super::super::components::Found;
use super::{Context, Problem, at, missing, required, whole};

/// What is wrong with a component of live messaging.
pub fn part(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let xml = &found.xml;
    match found.id.kind {
        MetadataType::PublicKeyCertificate => key(found),
        MetadataType::PublicKeyCertificateSet => {
            let mut problems = required(xml, &["masterLabel", "type"]);
            let is_list = xml.text_of("type") == Some("JWKS");
            if let (true, Some(url)) = (is_list, xml.child("jwksEndPoint")) {
                problems.push(at(url, "jwksEndPoint is for the type JWKS_URL".to_owned()));
            }
            for key in &xml.children {
                let Some(name) = key.text_of("publicKeyCertificate") else {
                    continue;
                };
                if !context.knows(MetadataType::PublicKeyCertificate, name.trim()) {
                    let text = missing("publicKeyCertificate", "PublicKeyCertificate", name);
                    problems.push(at(key, text));
                }
            }
            problems
        }
        MetadataType::Queue => required(xml, &["name"]),
        MetadataType::Flow => required(xml, &["label"]),
        MetadataType::MessagingChannel => {
            let mut problems = required(
                xml,
                &[
                    "masterLabel",
                    "messagingChannelType",
                    "sessionHandlerType",
                    "sessionHandlerQueue",
                ],
            );
            for (field, kind) in [
                ("sessionHandlerFlow", MetadataType::Flow),
                ("sessionHandlerQueue", MetadataType::Queue),
            ] {
                if let Some(name) = xml.child(field)
                    && !name.text.trim().is_empty()
                    && !context.knows(kind, name.text.trim())
                {
                    problems.push(at(name, missing(field, kind.name(), name.text.trim())));
                }
            }
            problems
        }
        _ => {
            let mut problems =
                required(xml, &["masterLabel", "deploymentFeature", "deploymentType"]);
            // Such a deployment needs a site that only Setup makes.
            if xml.text_of("deploymentType") == Some("Web") && xml.child("site").is_none() {
                problems.push(whole(
                    "This field requires the site type ChatterNetworkPicasso",
                ));
            }
            let channel = xml
                .child("embeddedServiceMessagingChannel")
                .and_then(|part| part.child("messagingChannel"));
            if let Some(channel) = channel
                && !context.knows(MetadataType::MessagingChannel, channel.text.trim())
            {
                let name = channel.text.trim();
                problems.push(at(
                    channel,
                    missing("messagingChannel", "MessagingChannel", name),
                ));
            }
            problems
        }
    }
}

/// Help, "Troubleshooting User Verification": one key, with these four.
fn key(found: &Found) -> Vec<Problem> {
    let mut problems = required(&found.xml, &["masterLabel", "jsonWebKey"]);
    let Some(text) = found.xml.child("jsonWebKey") else {
        return problems;
    };
    let key: Value = serde_json::from_str(&text.text).unwrap_or_default();
    for name in ["kty", "kid", "alg", "x5c"] {
        if key[name].is_null() {
            problems.push(at(text, format!("The JSON web key has no {name}")));
        }
    }
    problems
}
