//! Records by the value of an external id, upsert among them (REST API guide, "Insert or Update
//! (Upsert) a Record Using an External ID").

use serde_json::{Value, json};

use crate::metadata::{ComponentId, MetadataType};

use super::super::super::ids::same_id;
use super::super::super::org::EmulatedOrg;
use super::super::super::query::{self, Api};
use super::super::super::refusal::Refusal;
use super::super::super::runtime::Operation;
use super::super::super::state::State;
use super::super::{Answer, Request, decoded};
use super::{fields_of, given, refused, saved, unknown_key, write};

/// Answers a request about the record whose external id has that value.
pub fn respond(
    org: &EmulatedOrg,
    request: &Request<'_>,
    (api, version): (Api, u16),
    object: &str,
    field: &str,
    value: &str,
) -> Result<Answer, Refusal> {
    let value = decoded(value);
    let state = org.state()?;
    let Some(field) = key(&state, object, field) else {
        return Ok(unknown_key(field));
    };
    let found = matching(&state, object, &field, &value);
    if found.len() > 1 {
        // More than one record: their addresses.
        let urls = found
            .iter()
            .map(|id| format!("/services/data/v{version}.0/sobjects/{object}/{id}"));
        return Ok(Answer::json(300, &json!(urls.collect::<Vec<_>>())));
    }
    let id = found.into_iter().next();
    match (request.method, id) {
        ("PATCH", id) => upsert(org, request, api, (object, &field, &value), id),
        (_, None) => Ok(Answer::not_found()),
        ("GET", Some(id)) => {
            let now = org.options().clock.now();
            let found = query::record(&state, api, object, &id, version, now);
            Ok(found.map_or_else(Answer::not_found, |row| Answer::json(200, &row)))
        }
        (_, Some(id)) => {
            let given = given(object, Some(&id), Value::Null);
            let mut written = write(org, api, Operation::Delete, &[given], false)?;
            Ok(match written.remove(0) {
                Ok(_) => Answer::empty(),
                Err(problem) => refused(&problem),
            })
        }
    }
}

fn upsert(
    org: &EmulatedOrg,
    request: &Request<'_>,
    api: Api,
    (object, field, value): (&str, &str, &str),
    id: Option<String>,
) -> Result<Answer, Refusal> {
    let mut fields = fields_of(&request.body)?;
    let names = fields.as_object().into_iter().flatten();
    if names
        .into_iter()
        .any(|(name, _)| name.eq_ignore_ascii_case(field))
    {
        let text = format!("The {field} field should not be specified in the sobject data.");
        return Ok(Answer::error(400, "INVALID_FIELD", &text));
    }
    let is_new = id.is_none();
    // A record that has no such Id is not made: Ids are the org's to give.
    if is_new && field == "Id" {
        return Ok(Answer::not_found());
    }
    if is_new {
        fields[field] = json!(value);
    }
    let operation = if is_new {
        Operation::Insert
    } else {
        Operation::Update
    };
    let given = given(object, id.as_deref(), fields);
    let mut written = write(org, api, operation, &[given], false)?;
    Ok(match written.remove(0) {
        Ok(id) => {
            let mut body = saved(api, &id);
            body["created"] = json!(is_new);
            Answer::json(if is_new { 201 } else { 200 }, &body)
        }
        Err(problem) => refused(&problem),
    })
}

/// The field as it is spelled, when records can be found by it.
pub fn key(state: &State, object: &str, field: &str) -> Option<String> {
    if field.eq_ignore_ascii_case("Id") {
        return Some("Id".to_owned());
    }
    let id = ComponentId::new(MetadataType::CustomField, format!("{object}.{field}"));
    let stored = state.component(&id)?;
    let is_key = stored.tree().text_of("externalId") == Some("true");
    let (_, name) = stored.full_name.split_once('.')?;
    is_key.then(|| name.to_owned())
}

/// The ids of the records with that value in that field.
pub fn matching(state: &State, object: &str, field: &str, value: &str) -> Vec<String> {
    let same = |found: &str| match field {
        "Id" => same_id(found, value),
        _ => found.to_lowercase() == value.to_lowercase(),
    };
    state
        .records
        .iter()
        .filter(|record| record.object.eq_ignore_ascii_case(object) && !record.deleted)
        .filter(|record| match record.fields.get(field) {
            Some(Value::String(found)) => same(found),
            Some(Value::Number(found)) => same(&found.to_string()),
            _ => false,
        })
        .map(|record| record.id.clone())
        .collect()
}
