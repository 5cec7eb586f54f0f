//! JSON of `drift --adopt`: what was or would be written, and what has no place. `schema adopt` prints
//! its JSON Schema.

use serde_json::{Value, json};
use similar::TextDiff;

use super::json::FORMAT_VERSION;
use crate::drift::adopt::Adoption;

/// The files that an adoption changes, as the user would name them.
#[derive(Debug, Clone, Copy)]
pub struct AdoptedFiles<'a> {
    /// The config.
    pub config: &'a str,
    /// Its text as it was read.
    pub before: &'a str,
    /// Its new text.
    pub after: &'a str,
    /// The folder of templates.
    pub folder: &'a str,
}

/// How far an adoption has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdoptionStatus {
    /// It was shown.
    Proposed,
    /// It was written.
    Written,
}

/// The JSON Schema of every document of this module.
pub fn adopt_schema() -> &'static str {
    include_str!("adopt.schema.json")
}

/// An org that has nothing to adopt: `clean`, or `undetermined` when not everything could be read.
pub fn nothing_to_adopt(org: &str, config: &str, undetermined: bool) -> String {
    let status = if undetermined {
        "undetermined"
    } else {
        "clean"
    };
    text(&head(status, org, config))
}

/// What was or would be written: status `written`, `proposed`, or `no-place` when nothing of what
/// differs has a place in config or templates.
pub fn adoption(
    adoption: &Adoption,
    org: &str,
    files: AdoptedFiles<'_>,
    status: AdoptionStatus,
) -> String {
    let status = match status {
        _ if adoption.is_empty() => "no-place",
        AdoptionStatus::Proposed => "proposed",
        AdoptionStatus::Written => "written",
    };
    let mut document = head(status, org, files.config);
    if files.before != files.after {
        document["diff"] = unified(files.config, files.before, files.after).into();
    }
    let values = adoption.values.iter().map(|value| {
        json!({
            "key": value.key,
            "line": value.line,
            "was": value.was,
            "value": value.value,
            "alsoFor": value.also_for,
        })
    });
    document["values"] = values.collect();
    let templates = adoption.templates.iter().map(|template| {
        json!({
            "component": template.component.to_string(),
            "file": format!("{}/{}", files.folder, template.path),
            "replaces": template.replaces,
            "keepsValues": template.keeps_values,
            "diff": unified(&template.path, &template.was, &template.text),
        })
    });
    document["templates"] = templates.collect();
    let left = adoption.left.iter().map(|(change, reason)| {
        json!({
            "component": change.component.to_string(),
            "kind": change.kind,
            "why": reason.why,
            "help": reason.help,
        })
    });
    document["left"] = left.collect();
    text(&document)
}

fn head(status: &str, org: &str, config: &str) -> Value {
    json!({
        "formatVersion": FORMAT_VERSION,
        "command": "drift-adopt",
        "status": status,
        "target": org,
        "config": config,
        "values": [],
        "templates": [],
        "left": [],
    })
}

fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

/// A unified diff of a file, with one line around each change.
pub(super) fn unified(name: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    unified.context_radius(1).header(name, name).to_string()
}
