//! Named and external credentials.

use crate::metadata::MetadataType;

use super::super::super::components::Found;
use super::super::super::schema;
use super::super::super::tree::Node;
use super::{Context, Problem, at, missing, required, whole};

/// What is wrong with a named credential.
pub fn credential(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let xml = &found.xml;
    let mut problems = required(xml, &["label"]);
    let kind = xml
        .text_of("namedCredentialType")
        .unwrap_or("Legacy")
        .trim();
    if kind == "Legacy" {
        match xml.child("endpoint") {
            None => problems.extend(required(xml, &["endpoint"])),
            Some(endpoint) => {
                let url = endpoint.text.trim();
                if !(url.starts_with("https://") || url.starts_with("http://")) {
                    problems.push(at(endpoint, "Endpoint: invalid URL".to_owned()));
                } else if url.chars().count() > 1000 {
                    problems.push(at(
                        endpoint,
                        "Endpoint: data value too large: max length=1000".to_owned(),
                    ));
                }
            }
        }
    } else if xml.child("endpoint").is_some() {
        problems.push(whole(format!(
            "Endpoint can't be specified for a named credential of type {kind}"
        )));
    }
    let parameters: Vec<&Node> = xml
        .children
        .iter()
        .filter(|child| child.name == "namedCredentialParameters")
        .collect();
    problems.extend(lacking_in(MetadataType::NamedCredential, &parameters));
    for parameter in &parameters {
        if let Some(name) = parameter.text_of("externalCredential")
            && !context.knows(MetadataType::ExternalCredential, name.trim())
        {
            problems.push(at(
                parameter,
                missing("externalCredential", "ExternalCredential", name),
            ));
        }
    }
    // The texts of these refusals are not recorded anywhere.
    let has = |kind: &str| {
        parameters
            .iter()
            .any(|parameter| parameter.text_of("parameterType").map(str::trim) == Some(kind))
    };
    if kind == "SecuredEndpoint" && !(has("Url") && has("Authentication")) {
        problems.push(whole(
            "A named credential of type SecuredEndpoint needs a URL and an external credential",
        ));
    }
    if let Some(stored) = context.state.component(&found.id) {
        let before = stored.tree();
        let old = before.text_of("namedCredentialType").unwrap_or("Legacy");
        if old != kind {
            problems.push(whole(format!(
                "Cannot change the type of a named credential from {old} to {kind}"
            )));
        }
    }
    problems
}

/// What is wrong with an external credential.
pub fn external(found: &Found) -> Vec<Problem> {
    let mut problems = required(&found.xml, &["label", "authenticationProtocol"]);
    let parameters: Vec<&Node> = found
        .xml
        .children
        .iter()
        .filter(|child| child.name == "externalCredentialParameters")
        .collect();
    problems.extend(lacking_in(MetadataType::ExternalCredential, &parameters));
    problems
}

/// Parameters without the fields that the WSDL requires of them.
fn lacking_in(kind: MetadataType, parameters: &[&Node]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for parameter in parameters {
        let definition = schema::definition(kind)
            .fields
            .iter()
            .find(|field| field.name == parameter.name);
        if let Some(schema::Kind::Nested(definition)) = definition.map(|field| &field.kind)
            && let Some(name) = schema::missing(definition, parameter).first()
        {
            problems.push(at(parameter, format!("Required field is missing: {name}")));
        }
    }
    problems
}
