//! External Client Apps: the head and the parts that hang on it.

use crate::metadata::MetadataType;

use super::super::super::components::Found;
use super::{Context, Problem, at, missing, required};

/// What is wrong with an app or one of its parts.
pub fn part(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let xml = &found.xml;
    if found.id.kind == MetadataType::ExternalClientApplication {
        return required(xml, &["contactEmail", "label"]);
    }
    let mut problems = required(xml, &["externalClientApplication"]);
    if let Some(app) = xml.child("externalClientApplication") {
        let name = app.text.trim();
        if !name.is_empty() && !context.knows(MetadataType::ExternalClientApplication, name) {
            let kind = "ExternalClientApplication";
            problems.push(at(app, missing("externalClientApplication", kind, name)));
        }
    }
    if found.id.kind == MetadataType::ExtlClntAppConfigurablePolicies {
        problems.extend(required(xml, &["isEnabled"]));
    }
    // The org makes the key, and refuses a file that brings one. Its words are not recorded.
    if let Some(key) = xml.child("consumerKey") {
        problems.push(at(key, "consumerKey can't be specified".to_owned()));
    }
    problems
}
