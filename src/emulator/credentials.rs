//! Named Credentials of the org: where each leads, and what debug logs tell of it.

use std::collections::BTreeMap;

use crate::metadata::MetadataType;
use crate::secret::mask_url;

use super::runtime::Credential;
use super::state::State;
use super::tree::Node;

/// The URL of a credential; it may hold a token. Legacy ones have an element of their own for it.
pub fn url_of(root: &Node) -> &str {
    parameter(root, "Url", "parameterValue")
        .or_else(|| root.text_of("endpoint"))
        .unwrap_or_default()
}

/// What logs tell of the org's credentials, by name.
pub fn logged(state: &State) -> BTreeMap<String, Credential> {
    let protocol = |name: &str| {
        let found = state.of_type(MetadataType::ExternalCredential);
        let found = found.into_iter().find(|stored| stored.full_name == name)?;
        let protocol = found.tree().text_of("authenticationProtocol")?.to_owned();
        Some(protocol)
    };
    let found = state.of_type(MetadataType::NamedCredential);
    found
        .into_iter()
        .map(|stored| {
            let root = stored.tree();
            let external = parameter(&root, "Authentication", "externalCredential");
            let credential = Credential {
                id: stored.id.clone(),
                endpoint: mask_url(url_of(&root)),
                kind: external.and_then(protocol),
            };
            (stored.full_name.clone(), credential)
        })
        .collect()
}

fn parameter<'a>(root: &'a Node, kind: &str, field: &str) -> Option<&'a str> {
    let mut parameters = root.children.iter();
    parameters
        .find(|child| child.text_of("parameterType") == Some(kind))
        .and_then(|child| child.text_of(field))
}
