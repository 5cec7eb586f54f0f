//! Named credentials.

use super::super::super::components::Found;
use super::{Problem, at, missing, required, whole};

/// What is wrong with a named credential.
pub fn credential(found: &Found) -> Vec<Problem> {
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
    for parameter in xml
        .children
        .iter()
        .filter(|child| child.name == "namedCredentialParameters")
    {
        if let Some(name) = parameter.text_of("externalCredential") {
            problems.push(at(
                parameter,
                missing("externalCredential", "ExternalCredential", name),
            ));
        }
    }
    problems
}
