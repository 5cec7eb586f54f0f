//! `/sobjects` and `/tooling/sobjects`: describe, and single records.

pub mod by_key;
mod describe;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::org::EmulatedOrg;
use super::super::query::{self, Api, Catalog};
use super::super::records::{self, Written};
use super::super::refusal::Refusal;
use super::super::runtime::{Given, Operation, Problem};
use super::super::state::State;
use super::{Answer, Body, Request, parameter};

/// Answers a request below `sobjects`.
pub fn respond(
    org: &EmulatedOrg,
    request: &Request<'_>,
    api: Api,
    version: u16,
    rest: &[&str],
) -> Result<Answer, Refusal> {
    match (request.method, rest) {
        ("GET", []) => {
            let catalog = Catalog::of(&*org.state()?);
            Ok(Answer::json(200, &describe::all(&catalog, api, version)))
        }
        ("GET", [name]) => described(org, api, name, |catalog, name| {
            let object = describe::summary(catalog, api, name, version)?;
            Some(json!({ "objectDescribe": object, "recentItems": [] }))
        }),
        ("GET", [name, "describe"]) => described(org, api, name, |catalog, name| {
            describe::object(catalog, api, name, version)
        }),
        ("GET", ["ApexLog", id, "Body"]) => Ok(org
            .log_body(id)?
            .map_or_else(Answer::not_found, |text| Answer::text(200, &text))),
        ("GET", [name, id]) => {
            let now = org.options().clock.now();
            let state = org.state()?;
            let found = match parameter(request.query, "fields") {
                Some(fields) => some_fields(&state, (api, version), name, id, &fields, now)?,
                None => query::record(&state, api, name, id, version, now),
            };
            Ok(found.map_or_else(Answer::not_found, |value| Answer::json(200, &value)))
        }
        ("POST", [name]) => {
            let given = given(name, None, fields_of(&request.body)?);
            let mut written = write(org, api, Operation::Insert, &[given], false)?;
            Ok(match written.remove(0) {
                Ok(id) => Answer::json(201, &saved(api, &id)),
                Err(problem) => refused(&problem),
            })
        }
        ("PATCH" | "DELETE", [name, id]) => {
            if !is_id(id) {
                return Ok(unknown_key(id));
            }
            let (operation, fields) = if request.method == "PATCH" {
                (Operation::Update, fields_of(&request.body)?)
            } else {
                (Operation::Delete, Value::Null)
            };
            let given = given(name, Some(id), fields);
            let mut written = write(org, api, operation, &[given], false)?;
            Ok(match written.remove(0) {
                Ok(_) => Answer::empty(),
                Err(problem) => refused(&problem),
            })
        }
        ("GET" | "PATCH" | "DELETE", [name, field, value]) => {
            by_key::respond(org, request, (api, version), name, field, value)
        }
        _ => Ok(Answer::not_found()),
    }
}

/// The record with the fields that are named, and its id.
fn some_fields(
    state: &State,
    (api, version): (Api, u16),
    name: &str,
    id: &str,
    fields: &str,
    now: Timestamp,
) -> Result<Option<Value>, Refusal> {
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    let mut fields: Vec<&str> = fields.split(',').map(str::trim).collect();
    if !is_name(name) || !is_id(id) || !fields.iter().all(|field| is_name(field)) {
        return Ok(None);
    }
    if !fields.iter().any(|field| field.eq_ignore_ascii_case("Id")) {
        fields.push("Id");
    }
    let text = format!("SELECT {} FROM {name} WHERE Id = '{id}'", fields.join(","));
    let found = query::find(state, api, &text, version, now, false)?;
    Ok(found.records.into_iter().next())
}

fn described(
    org: &EmulatedOrg,
    api: Api,
    name: &str,
    show: impl Fn(&Catalog, &str) -> Option<Value>,
) -> Result<Answer, Refusal> {
    let catalog = Catalog::of(&*org.state()?);
    let known = catalog.find(api, name).map(|table| table.name.to_owned());
    let shown = known.and_then(|name| show(&catalog, &name));
    Ok(shown.map_or_else(Answer::not_found, |value| Answer::json(200, &value)))
}

/// A record as a client sends it.
pub fn given(object: &str, id: Option<&str>, fields: Value) -> Given {
    Given {
        object: object.to_owned(),
        id: id.map(str::to_owned),
        fields: match fields {
            Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        },
    }
}

/// Writes records of one API.
pub fn write(
    org: &EmulatedOrg,
    api: Api,
    operation: Operation,
    given: &[Given],
    all_or_none: bool,
) -> Result<Vec<Written>, Refusal> {
    let now = org.options().clock.now();
    org.transact(|state, callouts| {
        records::write(state, api, operation, given, all_or_none, now, callouts)
    })
}

/// The JSON object in a body.
pub fn fields_of(body: &Body) -> Result<Value, Refusal> {
    let Body::Whole(bytes) = body else {
        return Err(Refusal::new("JSON_PARSER_ERROR", "a JSON body is needed"));
    };
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::new("JSON_PARSER_ERROR", error.to_string()))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Refusal::new(
            "JSON_PARSER_ERROR",
            "The HTTP entity body is required, but this request has no entity body.",
        ))
    }
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn unknown_key(field: &str) -> Answer {
    Answer::error(
        404,
        "NOT_FOUND",
        &format!("Provided external ID field does not exist or is not accessible: {field}"),
    )
}

fn saved(api: Api, id: &str) -> Value {
    let mut body = json!({ "id": id, "success": true, "errors": [] });
    if api == Api::Tooling {
        body["warnings"] = json!([]);
        body["infos"] = json!([]);
    }
    body
}

/// An error of one record. For a record that is not there it is HTTP's own.
pub fn refused(problem: &Problem) -> Answer {
    if problem.code == "INVALID_CROSS_REFERENCE_KEY" && problem.fields.is_empty() {
        return Answer::not_found();
    }
    let status = if problem.code == "ENTITY_IS_DELETED" && problem.fields.is_empty() {
        404
    } else {
        400
    };
    let mut error = json!({ "message": problem.message, "errorCode": problem.code });
    if status == 400 && problem.code != "JSON_PARSER_ERROR" && problem.code != "INVALID_FIELD" {
        error["fields"] = json!(problem.fields);
    }
    Answer::json(status, &json!([error]))
}
