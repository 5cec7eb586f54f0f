//! What the platform demands of debug levels and trace flags (Tooling API guide, "DebugLevel" and
//! "TraceFlag"), and the deletion of debug logs.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::super::super::ids::same_id;
use super::super::super::runtime::log::{Category, Level};
use super::super::super::runtime::{AUTOMATED_PROCESS, Problem};
use super::super::super::state::{Record, State};
use super::super::Written;
use super::{gone, problem};

const LOG_TYPES: [&str; 4] = ["CLASS_TRACING", "DEVELOPER_LOG", "PROFILING", "USER_DEBUG"];

/// Deletes a debug log.
pub fn delete_log(state: &mut State, id: Option<&str>) -> Written {
    let place = id.and_then(|id| state.logs.iter().position(|log| same_id(&log.id, id)));
    place
        .map(|place| state.logs.remove(place).id)
        .ok_or_else(gone)
}

/// What is wrong with a debug level; `others` are those that are there already.
pub fn debug_level<'a>(
    fields: &Map<String, Value>,
    mut others: impl Iterator<Item = &'a Record>,
) -> Result<(), Problem> {
    for (name, value) in fields {
        if let (Some(_), Some(text)) = (Category::parse(name), value.as_str())
            && Level::parse(text).is_none()
        {
            return Err(not_in_list(name, text));
        }
    }
    let name = text(fields, "DeveloperName");
    let same =
        others.find(|record| text(&record.fields, "DeveloperName").eq_ignore_ascii_case(name));
    match same {
        Some(record) => Err(problem(
            "DUPLICATE_DEVELOPER_NAME",
            format!(
                "The developer name you entered is already in use. Please choose another name.: {}",
                record.id
            ),
            &["DeveloperName"],
        )),
        None => Ok(()),
    }
}

/// What is wrong with a trace flag; `others` are those that are there already.
pub fn trace_flag<'a>(
    state: &State,
    fields: &Map<String, Value>,
    mut others: impl Iterator<Item = &'a Record>,
) -> Result<(), Problem> {
    let unknown = |name: &str| {
        let text = "invalid cross reference id";
        Err(problem("INVALID_CROSS_REFERENCE_KEY", text, &[name]))
    };
    let kind = text(fields, "LogType");
    if !LOG_TYPES.contains(&kind) {
        return Err(not_in_list("LogType", kind));
    }
    let level = text(fields, "DebugLevelId");
    let mut levels = state
        .records
        .iter()
        .filter(|record| record.object == "DebugLevel");
    if !levels.any(|record| same_id(&record.id, level)) {
        return unknown("DebugLevelId");
    }
    let traced = text(fields, "TracedEntityId");
    let mut users = state.users.iter().map(|user| user.id.as_str());
    // A class or a trigger can be traced as well.
    let mut code = state
        .components
        .iter()
        .filter(|stored| stored.source.is_some());
    let is_user = users.any(|id| same_id(id, traced)) || same_id(AUTOMATED_PROCESS, traced);
    if !is_user && !code.any(|stored| same_id(&stored.id, traced)) {
        return unknown("TracedEntityId");
    }
    let (Some(start), Some(end)) = (
        moment(fields, "StartDate"),
        moment(fields, "ExpirationDate"),
    ) else {
        return Err(problem(
            "FIELD_INTEGRITY_EXCEPTION",
            "not a date",
            &["ExpirationDate"],
        ));
    };
    if end.duration_since(start) >= SignedDuration::from_hours(24) {
        return Err(problem(
            "FIELD_INTEGRITY_EXCEPTION",
            "Expiration Date must be less than 24 hours from Start Date",
            &["ExpirationDate"],
        ));
    }
    let overlaps = |record: &Record| {
        let other = (
            moment(&record.fields, "StartDate"),
            moment(&record.fields, "ExpirationDate"),
        );
        same_id(text(&record.fields, "TracedEntityId"), traced)
            && matches!(other, (Some(from), Some(until)) if from < end && start < until)
    };
    if others.any(overlaps) {
        return Err(problem(
            "FIELD_INTEGRITY_EXCEPTION",
            "This entity is already being traced by a trace flag with a start and expiration date that overlap \
             this trace flag's start and expiration date.: Traced Entity ID",
            &["TracedEntityId"],
        ));
    }
    Ok(())
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn moment(fields: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    text(fields, name).replace("+0000", "Z").parse().ok()
}

/// A value that a picklist of the platform's own does not have; `LogType` is labelled `Log Type`.
fn not_in_list(name: &str, value: &str) -> Problem {
    let mut label = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !label.is_empty() {
            label.push(' ');
        }
        label.push(character);
    }
    problem(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        format!("{label}: bad value for restricted picklist field: {value}"),
        &[name],
    )
}
