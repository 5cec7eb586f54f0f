//! Records of setup objects: debug levels, trace flags, permission set assignments. No Apex sees
//! them; what they need is checked here.

mod logging;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::clock::rest_date;
use super::super::condition::Condition;
use super::super::ids::same_id;
use super::super::runtime::{Given, Operation, Problem};
use super::super::state::{Record, State};
use super::Written;

struct Object {
    name: &'static str,
    prefix: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

const OBJECTS: [Object; 3] = [
    Object {
        name: "DebugLevel",
        prefix: "7dl",
        required: &["DeveloperName", "MasterLabel"],
        optional: &[
            "Language",
            "ApexCode",
            "ApexProfiling",
            "Callout",
            "Database",
            "Nba",
            "System",
            "Validation",
            "Visualforce",
            "Wave",
            "Workflow",
        ],
    },
    Object {
        name: "TraceFlag",
        prefix: "7tf",
        required: &["TracedEntityId", "LogType", "DebugLevelId"],
        optional: &["StartDate", "ExpirationDate"],
    },
    Object {
        name: "PermissionSetAssignment",
        prefix: "0Pa",
        required: &["AssigneeId", "PermissionSetId"],
        optional: &["ExpirationDate"],
    },
];

/// Whether records of that object are kept here.
pub fn is_setup(name: &str) -> bool {
    OBJECTS
        .iter()
        .any(|object| object.name.eq_ignore_ascii_case(name))
}

/// Whether it is the object of debug logs, which can be deleted and nothing else.
pub fn is_log(name: &str) -> bool {
    name.eq_ignore_ascii_case("ApexLog")
}

fn problem(code: &'static str, message: impl Into<String>, fields: &[&str]) -> Problem {
    Problem {
        code,
        message: message.into(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    }
}

/// The beginning of the ids of a setup object.
pub fn prefix(name: &str) -> Option<&'static str> {
    let mut known = OBJECTS.iter();
    known
        .find(|object| object.name.eq_ignore_ascii_case(name))
        .map(|object| object.prefix)
}

/// Whether a field of a setup object may be written, and must be.
pub fn field(object: &str, field: &str) -> (bool, bool) {
    let mut known = OBJECTS.iter();
    let Some(object) = known.find(|known| known.name.eq_ignore_ascii_case(object)) else {
        return (false, false);
    };
    let required = object.required.contains(&field);
    (required || object.optional.contains(&field), required)
}

/// Writes one record.
pub fn write(state: &mut State, operation: Operation, given: &Given, now: Timestamp) -> Written {
    if operation == Operation::Delete && is_log(&given.object) {
        return logging::delete_log(state, given.id.as_deref());
    }
    let Some(object) = OBJECTS
        .iter()
        .find(|object| object.name.eq_ignore_ascii_case(&given.object))
    else {
        return Err(problem("INVALID_TYPE", "not a setup object", &[]));
    };
    let place = given.id.as_deref().and_then(|id| {
        state
            .records
            .iter()
            .position(|record| record.object == object.name && same_id(&record.id, id))
    });
    if operation == Operation::Delete {
        let place = place.ok_or_else(gone)?;
        let record = state.records.remove(place);
        // The trace flags of a debug level go with it (Tooling API guide, "DebugLevel").
        state.records.retain(|other| {
            other.fields.get("DebugLevelId").and_then(Value::as_str) != Some(record.id.as_str())
        });
        return Ok(record.id);
    }
    let mut fields = match (operation, place) {
        (Operation::Insert, _) => serde_json::Map::new(),
        (_, Some(place)) => state.records[place].fields.clone(),
        _ => return Err(gone()),
    };
    for (name, value) in given
        .fields
        .iter()
        .filter(|(name, _)| *name != "attributes")
    {
        let known = object
            .required
            .iter()
            .chain(object.optional)
            .find(|known| known.eq_ignore_ascii_case(name));
        let Some(known) = known else {
            let text = format!("No such column '{name}' on sobject of type {}", object.name);
            return Err(problem("INVALID_FIELD", text, &[]));
        };
        fields.insert((*known).to_owned(), dated(known, value));
    }
    let missing: Vec<&str> = object
        .required
        .iter()
        .copied()
        .filter(|name| fields.get(*name).is_none_or(Value::is_null))
        .collect();
    if !missing.is_empty() {
        let text = format!("Required fields are missing: [{}]", missing.join(", "));
        return Err(problem("REQUIRED_FIELD_MISSING", text, &missing));
    }
    if object.name == "TraceFlag" {
        let end = now
            .checked_add(SignedDuration::from_mins(30))
            .unwrap_or(now);
        for (name, time) in [("StartDate", now), ("ExpirationDate", end)] {
            if fields.get(name).is_none_or(Value::is_null) {
                fields.insert(name.to_owned(), json!(rest_date(time)));
            }
        }
    }
    refuse(state, object, &fields, given.id.as_deref())?;
    let user = state.admin_id();
    for (name, value) in [
        ("LastModifiedDate", rest_date(now)),
        ("SystemModstamp", rest_date(now)),
        ("LastModifiedById", user.clone()),
    ] {
        fields.insert(name.to_owned(), json!(value));
    }
    if let (Operation::Update, Some(place)) = (operation, place) {
        state.records[place].fields = fields;
        return Ok(state.records[place].id.clone());
    }
    let id = state.next_id(object.prefix);
    for (name, value) in [
        ("Id", id.clone()),
        ("CreatedDate", rest_date(now)),
        ("CreatedById", user),
    ] {
        fields.insert(name.to_owned(), json!(value));
    }
    if object.name == "PermissionSetAssignment" {
        fields.insert("IsActive".to_owned(), json!(true));
    }
    state.records.push(Record {
        object: object.name.to_owned(),
        id: id.clone(),
        deleted: false,
        fields,
    });
    Ok(id)
}

/// What the platform demands beyond the fields themselves.
fn refuse(
    state: &State,
    object: &Object,
    fields: &serde_json::Map<String, Value>,
    own: Option<&str>,
) -> Result<(), Problem> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let others = || {
        state
            .records
            .iter()
            .filter(|record| record.object == object.name)
            .filter(|record| own.is_none_or(|own| !same_id(&record.id, own)))
    };
    let unknown = |name: &str| {
        problem(
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            &[name],
        )
    };
    let is_user = |id: &str| state.users.iter().any(|user| same_id(&user.id, id));
    let has = |record: &Record, name: &str| {
        let other = record.fields.get(name).and_then(Value::as_str);
        other.is_some_and(|other| same_id(other, text(name)))
    };
    match object.name {
        "DebugLevel" => logging::debug_level(fields, others()),
        "TraceFlag" => logging::trace_flag(state, fields, others()),
        _ => {
            if !is_user(text("AssigneeId")) {
                return Err(unknown("AssigneeId"));
            }
            let set = text("PermissionSetId");
            if !state
                .components
                .iter()
                .any(|stored| same_id(&stored.id, set))
            {
                return Err(unknown("PermissionSetId"));
            }
            if state.has(Condition::SmallUserLicense) {
                return Err(problem(
                    "FIELD_INTEGRITY_EXCEPTION",
                    "Can't assign permission set to user. The user license doesn't allow the \
                     permission: Send Email",
                    &["PermissionSetId"],
                ));
            }
            let twice =
                others().find(|record| has(record, "AssigneeId") && has(record, "PermissionSetId"));
            match twice {
                Some(record) => Err(problem(
                    "DUPLICATE_VALUE",
                    format!(
                        "duplicate value found: <unknown> duplicates value on record with id: {}",
                        record.id.get(..15).unwrap_or_default()
                    ),
                    &[],
                )),
                None => Ok(()),
            }
        }
    }
}

/// Dates as the org shows them, whatever form they came in.
fn dated(name: &str, value: &Value) -> Value {
    let moment = value
        .as_str()
        .filter(|_| name.ends_with("Date"))
        .and_then(|text| text.replace("+0000", "Z").parse::<Timestamp>().ok());
    moment.map_or_else(|| value.clone(), |moment| json!(rest_date(moment)))
}

fn gone() -> Problem {
    problem(
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        &[],
    )
}
