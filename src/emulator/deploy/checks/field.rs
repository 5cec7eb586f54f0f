//! Custom fields of standard objects.

use super::super::super::components::Found;
use super::{Context, Problem, at, required};

/// What is wrong with a field.
pub fn field(found: &Found, context: &Context<'_>) -> Vec<Problem> {
    let xml = &found.xml;
    let (object, name) = found
        .id
        .full_name
        .as_str()
        .split_once('.')
        .unwrap_or_default();
    if !context.knows_object(object) {
        return vec![at(
            xml,
            format!("Entity Enumeration Or ID: bad value for restricted picklist field: {object}"),
        )];
    }
    if !name.to_ascii_lowercase().ends_with("__c") {
        return vec![at(
            xml,
            format!("Cannot modify standard field: {object}.{name}"),
        )];
    }
    let mut problems = required(xml, &["label", "type"]);
    let kind = xml.text_of("type").unwrap_or_default().trim();
    let needs: &[&str] = match kind {
        "Text" => &["length"],
        "LongTextArea" | "Html" => &["length", "visibleLines"],
        "Checkbox" => &["defaultValue"],
        "Number" | "Currency" | "Percent" => &["precision", "scale"],
        "Picklist" | "MultiselectPicklist" => &["valueSet"],
        _ => &[],
    };
    for name in needs {
        if xml.child(name).is_none() {
            problems.push(at(
                xml,
                format!("Must specify '{name}' for a CustomField of type {kind}"),
            ));
        }
    }
    if let (Some(length), "Text") = (xml.child("length"), kind)
        && !length
            .text
            .trim()
            .parse::<u32>()
            .is_ok_and(|value| (1..=255).contains(&value))
    {
        problems.push(at(
            length,
            "The length of a Text field must be between 1 and 255".to_owned(),
        ));
    }
    if let Some(stored) = context.state.component(&found.id) {
        let before = stored.tree();
        let old = before.text_of("type").unwrap_or_default().to_owned();
        if old != kind {
            problems.push(at(
                xml,
                format!("Cannot change field type from {old} to {kind}"),
            ));
        }
    }
    problems
}
