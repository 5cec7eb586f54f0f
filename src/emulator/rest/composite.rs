//! `/composite`, `/composite/batch` and `/composite/sobjects`: several requests in one.

use serde_json::{Value, json};

use super::super::ids::same_id;
use super::super::org::EmulatedOrg;
use super::super::query::Api;
use super::super::refusal::Refusal;
use super::super::runtime::{Given, Operation, Problem};
use super::sobjects::{fields_of, given, write};
use super::{Answer, Body, Request, parameter};

/// REST API guide, "Composite": subrequests in a call.
const MOST: usize = 25;
/// REST API guide, "sObject Collections": records in a call.
const MOST_RECORDS: usize = 200;

/// Answers a request below `composite`.
pub fn respond(org: &EmulatedOrg, request: &Request<'_>, rest: &[&str]) -> Result<Answer, Refusal> {
    match (request.method, rest) {
        ("POST", []) => composite(org, request, &fields_of(&request.body)?),
        ("POST", ["batch"]) => batch(org, request, &fields_of(&request.body)?),
        ("POST" | "PATCH", ["sobjects"]) => {
            let body = fields_of(&request.body)?;
            let operation = if request.method == "POST" {
                Operation::Insert
            } else {
                Operation::Update
            };
            collection(org, operation, &body)
        }
        ("DELETE", ["sobjects"]) => delete(org, request),
        _ => Ok(Answer::not_found()),
    }
}

fn limit(count: usize, most: usize) -> Result<(), Refusal> {
    if count > most {
        let text = format!("{count} requests are more than the limit of {most}");
        return Err(Refusal::new("LIMIT_EXCEEDED", text));
    }
    Ok(())
}

fn composite(org: &EmulatedOrg, request: &Request<'_>, body: &Value) -> Result<Answer, Refusal> {
    let empty = Vec::new();
    let parts = body["compositeRequest"].as_array().unwrap_or(&empty);
    limit(parts.len(), MOST)?;
    let all_or_none = body["allOrNone"] == true;
    let before = org.state()?;
    let held = org.held();
    let mut done: Vec<(String, Value)> = Vec::new();
    let mut answers = Vec::new();
    let mut failed = false;
    for part in parts {
        let name = part["referenceId"].as_str().unwrap_or_default();
        let method = part["method"].as_str().unwrap_or_default();
        let url = filled(part["url"].as_str().unwrap_or_default(), &done);
        let body = match &part["body"] {
            Value::Null => String::new(),
            body => filled(&body.to_string(), &done),
        };
        let answer = if failed && all_or_none {
            halted()
        } else {
            inner(&held, request, method, &url, body)
        };
        failed |= answer.status >= 400;
        let body = value_of(&answer);
        done.push((name.to_owned(), body.clone()));
        answers.push((name.to_owned(), answer.status, body));
    }
    if failed && all_or_none {
        org.update(|state| {
            state.records = before.records.clone();
            state.activity = before.activity.clone();
            Ok::<(), Refusal>(())
        })?;
        for answer in answers.iter_mut().filter(|answer| answer.1 < 400) {
            let halted = halted();
            *answer = (answer.0.clone(), halted.status, value_of(&halted));
        }
    }
    org.announce_work();
    let shown: Vec<Value> = answers
        .into_iter()
        .map(|(name, status, body)| {
            json!({
                "body": body,
                "httpHeaders": {},
                "httpStatusCode": status,
                "referenceId": name,
            })
        })
        .collect();
    Ok(Answer::json(200, &json!({ "compositeResponse": shown })))
}

fn halted() -> Answer {
    Answer::error(
        400,
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
}

fn batch(org: &EmulatedOrg, request: &Request<'_>, body: &Value) -> Result<Answer, Refusal> {
    let empty = Vec::new();
    let parts = body["batchRequests"].as_array().unwrap_or(&empty);
    limit(parts.len(), MOST)?;
    let halts = body["haltOnError"] == true;
    let mut failed = false;
    let mut results = Vec::new();
    for part in parts {
        let answer = if failed && halts {
            Answer::error(
                412,
                "BATCH_PROCESSING_HALTED",
                "Batch processing halted since a previous request failed",
            )
        } else {
            let url = format!(
                "/services/data/{}",
                part["url"].as_str().unwrap_or_default()
            );
            let body = match &part["richInput"] {
                Value::Null => String::new(),
                body => body.to_string(),
            };
            let method = part["method"].as_str().unwrap_or_default();
            inner(org, request, method, &url, body)
        };
        failed |= answer.status >= 400;
        results.push(json!({ "statusCode": answer.status, "result": value_of(&answer) }));
    }
    Ok(Answer::json(
        200,
        &json!({ "hasErrors": failed, "results": results }),
    ))
}

fn inner(org: &EmulatedOrg, outer: &Request<'_>, method: &str, url: &str, body: String) -> Answer {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    // One level: a call within a call within a call is refused by the platform, too.
    if path.contains("/composite") || path.contains("/metadata/") {
        return Answer::not_found();
    }
    super::respond(
        org,
        &Request {
            method,
            path: path.trim_end_matches('/'),
            query,
            authorized: outer.authorized,
            has_token: outer.has_token,
            body: Body::Whole(body.into_bytes()),
            calls: outer.calls,
            instance_url: outer.instance_url,
            batch_size: outer.batch_size,
        },
    )
}

fn value_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or(Value::Null)
}

/// The text with `@{reference.field}` filled in from earlier answers; a reference that leads
/// nowhere stays as it is.
fn filled(text: &str, done: &[(String, Value)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("@{") {
        out.push_str(&rest[..start]);
        let tail = &rest[start..];
        let Some(end) = tail.find('}') else {
            rest = tail;
            break;
        };
        let path = &tail[2..end];
        let (name, field) = path.split_once('.').unwrap_or((path, ""));
        let found = done
            .iter()
            .find(|(known, _)| known == name)
            .and_then(|(_, body)| body.pointer(&pointer(field)));
        match found {
            Some(Value::String(value)) => out.push_str(value),
            Some(Value::Null) | None => out.push_str(&tail[..=end]),
            Some(value) => out.push_str(&value.to_string()),
        }
        rest = &tail[end + 1..];
    }
    out.push_str(rest);
    out
}

// `records[0].Id` as a JSON pointer.
fn pointer(path: &str) -> String {
    path.split(['.', '[', ']'])
        .filter(|part| !part.is_empty())
        .fold(String::new(), |pointer, part| pointer + "/" + part)
}

fn collection(org: &EmulatedOrg, operation: Operation, body: &Value) -> Result<Answer, Refusal> {
    let empty = Vec::new();
    let records = body["records"].as_array().unwrap_or(&empty);
    limit(records.len(), MOST_RECORDS)?;
    let records: Vec<Given> = records
        .iter()
        .map(|record| {
            let object = record["attributes"]["type"].as_str().unwrap_or_default();
            let id = record["Id"].as_str().or_else(|| record["id"].as_str());
            given(
                object,
                id.filter(|_| operation != Operation::Insert),
                record.clone(),
            )
        })
        .collect();
    written(org, operation, &records, body["allOrNone"] == true)
}

fn delete(org: &EmulatedOrg, request: &Request<'_>) -> Result<Answer, Refusal> {
    let ids = parameter(request.query, "ids").unwrap_or_default();
    let all_or_none = parameter(request.query, "allOrNone").as_deref() == Some("true");
    let ids: Vec<&str> = ids.split(',').map(str::trim).collect();
    limit(ids.len(), MOST_RECORDS)?;
    let state = org.state()?;
    let records: Vec<Given> = ids
        .into_iter()
        .map(|id| {
            let known = state.records.iter().find(|record| same_id(&record.id, id));
            // Which object an unknown id belongs to does not matter: it is not there.
            let object = known.map_or("Case", |record| record.object.as_str());
            given(object, Some(id), Value::Null)
        })
        .collect();
    written(org, Operation::Delete, &records, all_or_none)
}

fn written(
    org: &EmulatedOrg,
    operation: Operation,
    records: &[Given],
    all_or_none: bool,
) -> Result<Answer, Refusal> {
    if records.is_empty() {
        return Ok(Answer::json(200, &json!([])));
    }
    let written = write(org, Api::Data, operation, records, all_or_none)?;
    let rows: Vec<Value> = written
        .iter()
        .map(|one| match one {
            Ok(id) => json!({ "id": id, "success": true, "errors": [] }),
            Err(problem) => json!({ "success": false, "errors": [error(problem)] }),
        })
        .collect();
    Ok(Answer::json(200, &json!(rows)))
}

fn error(problem: &Problem) -> Value {
    json!({
        "statusCode": problem.code,
        "message": problem.message,
        "fields": problem.fields,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_filled_from_earlier_answers() {
        let done = vec![
            ("a".to_owned(), json!({ "id": "500", "n": 1 })),
            ("q".to_owned(), json!({ "records": [{ "Id": "003" }] })),
        ];
        for (text, expected) in [
            ("/x/@{a.id}", "/x/500"),
            ("@{q.records[0].Id} and @{a.n}", "003 and 1"),
            ("@{b.id} @{a.nope} @{", "@{b.id} @{a.nope} @{"),
        ] {
            assert_eq!(filled(text, &done), expected);
        }
    }

    proptest! {
        #[test]
        fn filling_never_panics(text in "(@\\{|\\}|a|\\.|\\[|é){0,20}") {
            let _ = filled(&text, &[("a".to_owned(), json!({ "a": [1] }))]);
        }
    }
}
