//! Custom metadata types and their records.

use crate::metadata::MetadataType;

use super::super::super::components::Found;
use super::{Context, Problem, at, required, whole};

/// The ending of the name of a custom metadata type.
const ENDING: &str = "__mdt";

/// Whether a custom object is a custom metadata type.
pub fn is_type(found: &Found) -> bool {
    let name = found.id.full_name.as_str().to_ascii_lowercase();
    name.ends_with(ENDING)
}

/// What is wrong with a record: its type and fields must be there, and each value needs its
/// `xsi:type`, as Salesforce's page on `CustomMetadata` says.
pub fn record(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let name = found.id.full_name.as_str();
    let Some((of, _)) = name.split_once('.') else {
        return vec![whole(format!(
            "Full name {name} of a custom metadata record needs a type and a name"
        ))];
    };
    let of = format!("{of}{ENDING}");
    if !context.knows(MetadataType::CustomObject, &of) {
        return vec![whole(format!("no CustomObject named {of} found"))];
    }
    let mut problems = required(&found.xml, &["label"]);
    for entry in found
        .xml
        .children
        .iter()
        .filter(|child| child.name == "values")
    {
        let field = entry.text_of("field").unwrap_or_default().trim();
        if !context.knows(MetadataType::CustomField, &format!("{of}.{field}")) {
            problems.push(at(
                entry,
                format!("no CustomField named {of}.{field} found"),
            ));
        }
        let Some(value) = entry.child("value").filter(|value| !value.nil) else {
            continue;
        };
        let of = value.xsi_type.as_deref().unwrap_or_default();
        match of.split_once(':').map_or(of, |(_, of)| of) {
            "" => problems.push(at(value, format!("The value of {field} has no xsi:type"))),
            "string" | "boolean" | "double" | "int" => {}
            other => problems.push(at(
                value,
                format!("The emulator does not support values of type {other} in custom metadata"),
            )),
        }
    }
    problems
}
