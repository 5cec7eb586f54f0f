//! Permission sets: what they grant has to be there.

use crate::metadata::MetadataType;

use super::super::super::components::Found;
use super::super::super::query;
use super::super::super::schema;
use super::super::super::tree::Node;
use super::{Context, Problem, at, missing, required};

/// What is wrong with a permission set.
pub fn permission_set(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let mut problems = required(&found.xml, &["label"]);
    for entry in &found.xml.children {
        if let Some(definition) = nested(&entry.name) {
            let lacking = schema::missing(definition, entry);
            if let Some(name) = lacking.first() {
                problems.push(at(entry, format!("Required field is missing: {name}")));
                continue;
            }
        }
        if let Some(text) = entry_problem(entry, context) {
            problems.push(at(entry, text));
        }
    }
    problems
}

fn nested(name: &str) -> Option<&'static schema::Type> {
    // Files that deploy leave the booleans of object permissions out, so those are not demanded.
    if name == "objectPermissions" {
        return None;
    }
    schema::definition(MetadataType::PermissionSet)
        .fields
        .iter()
        .find(|field| field.name == name)
        .and_then(|field| match field.kind {
            schema::Kind::Nested(inner) => Some(inner),
            _ => None,
        })
}

fn entry_problem(entry: &Node, context: &Context<'_>) -> Option<String> {
    let text = |name: &str| entry.text_of(name).unwrap_or_default().trim();
    match entry.name.as_str() {
        "classAccesses" => {
            let name = text("apexClass");
            (!context.knows(MetadataType::ApexClass, name))
                .then(|| missing("apexClass", "ApexClass", name))
        }
        "customPermissions" => {
            let name = text("name");
            (!context.knows(MetadataType::CustomPermission, name))
                .then(|| missing("customPermission", "CustomPermission", name))
        }
        "fieldPermissions" => field_permission(text("field"), context),
        "objectPermissions" => object_permission(entry, context),
        "externalCredentialPrincipalAccesses" => {
            let name = text("externalCredentialPrincipal");
            (!context.knows_principal(name)).then(|| {
                missing(
                    "externalCredentialPrincipal",
                    "ExternalCredentialPrincipal",
                    name,
                )
            })
        }
        "userPermissions" => {
            let name = text("name");
            let known = query::user_permissions().contains(&name);
            (!known).then(|| format!("Unknown user permission: {name}"))
        }
        _ => None,
    }
}

fn field_permission(name: &str, context: &Context<'_>) -> Option<String> {
    let (object, field) = name.split_once('.').unwrap_or((name, ""));
    let custom = field.to_ascii_lowercase().ends_with("__c");
    let known = if custom {
        context.knows(MetadataType::CustomField, name)
    } else {
        context.knows_object(object) && !field.is_empty()
    };
    (!known).then(|| missing("field", "CustomField", name))
}

/// A right on an object: its element, and its name in messages.
type Right = (&'static str, &'static str);

const CREATE: Right = ("allowCreate", "Create");
const READ: Right = ("allowRead", "Read");
const EDIT: Right = ("allowEdit", "Edit");
const DELETE: Right = ("allowDelete", "Delete");
const VIEW_ALL: Right = ("viewAllRecords", "View All");
const MODIFY_ALL: Right = ("modifyAllRecords", "Modify All");

/// What a right presupposes, as Setup ticks it along.
const PRESUPPOSED: [(Right, &[Right]); 5] = [
    (CREATE, &[READ]),
    (EDIT, &[READ]),
    (DELETE, &[READ, EDIT]),
    (VIEW_ALL, &[READ]),
    (MODIFY_ALL, &[READ, EDIT, DELETE, VIEW_ALL]),
];

fn object_permission(entry: &Node, context: &Context<'_>) -> Option<String> {
    let object = entry.text_of("object").unwrap_or_default().trim();
    if !context.knows_object(object) {
        return Some(missing("object", "CustomObject", object));
    }
    let on = |(flag, _): &Right| {
        entry
            .text_of(flag)
            .is_some_and(|text| matches!(text.trim(), "true" | "1"))
    };
    PRESUPPOSED
        .iter()
        .filter(|(right, _)| on(right))
        .find_map(|((_, name), needs)| {
            let lacking: Vec<String> = needs
                .iter()
                .filter(|right| !on(right))
                .map(|(_, need)| format!("{need} {object}"))
                .collect();
            let lacking = lacking.join(", ");
            (!lacking.is_empty())
                .then(|| format!("Permission {name} {object} depends on permission(s): {lacking}"))
        })
}
