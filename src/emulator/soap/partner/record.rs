//! Records between SOAP's elements and the org.

use serde_json::{Map, Value, json};

use super::super::super::ids::same_id;
use super::super::super::query::{Api, Catalog};
use super::super::super::records::Written;
use super::super::super::refusal::Refusal;
use super::super::super::rest::sobjects::by_key::{key, matching};
use super::super::super::rest::sobjects::{given as given_of, write as write_all};
use super::super::super::runtime::{FieldKind, Given, Operation, Problem};
use super::super::super::state::State;
use super::super::super::tree::Node;
use super::Call;

/// The elements of a call that are records or ids.
pub fn given(operation: &Node) -> Vec<&Node> {
    let children = operation.children.iter();
    children
        .filter(|child| matches!(child.name.as_str(), "sObjects" | "ids"))
        .collect()
}

/// Writes the records of a call: the results in the order of the records.
pub fn write(call: &Call<'_>) -> Result<Vec<Node>, Refusal> {
    let state = call.org.state()?;
    let catalog = Catalog::of(&state);
    let external = call.operation.text_of("externalIDFieldName");
    let is_upsert = call.operation.name == "upsert";
    let mut planned = Vec::new();
    for element in given(call.operation) {
        planned.push(match call.operation.name.as_str() {
            "delete" => (Operation::Delete, id_only(&state, element.text.trim())),
            "create" => (Operation::Insert, record(&catalog, element)?),
            "update" => (Operation::Update, record(&catalog, element)?),
            _ => upserted(&state, record(&catalog, element)?, external)?,
        });
    }
    let mut results: Vec<Option<Written>> = planned.iter().map(|_| None).collect();
    // Only upsert has more than one kind of operation in it.
    for operation in [Operation::Insert, Operation::Update, Operation::Delete] {
        let places: Vec<usize> = (0..planned.len())
            .filter(|place| planned[*place].0 == operation)
            .collect();
        if places.is_empty() {
            continue;
        }
        let records: Vec<Given> = places
            .iter()
            .map(|place| planned[*place].1.clone())
            .collect();
        let written = write_all(call.org, Api::Data, operation, &records, call.all_or_none)?;
        for (place, one) in places.into_iter().zip(written) {
            results[place] = Some(one);
        }
    }
    let shown = planned
        .iter()
        .zip(results)
        .map(|((operation, _), written)| {
            let created = is_upsert.then_some(*operation == Operation::Insert);
            result(created, &written.unwrap_or_else(|| Ok(String::new())))
        });
    Ok(shown.collect())
}

/// A record as it came: texts become what its object's fields hold.
fn record(catalog: &Catalog, element: &Node) -> Result<Given, Refusal> {
    let name = element.text_of("type").unwrap_or_default().trim();
    let table = catalog.find(Api::Data, name).ok_or_else(|| {
        let text = format!(
            "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append \
             the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
        );
        Refusal::new("INVALID_TYPE", text)
    })?;
    let mut fields = Map::new();
    let mut id = None;
    for child in element.children.iter().filter(|child| child.name != "type") {
        let text = child.text.as_str();
        if child.name == "fieldsToNull" {
            fields.insert(text.trim().to_owned(), Value::Null);
        } else if child.name.eq_ignore_ascii_case("Id") {
            id = Some(text.trim()).filter(|id| !id.is_empty() && !child.nil);
        } else if !child.nil {
            let columns = table.columns.iter();
            let kind = columns
                .filter(|column| column.name.eq_ignore_ascii_case(&child.name))
                .map(|column| column.kind())
                .next();
            fields.insert(child.name.clone(), typed(kind, text));
        }
    }
    Ok(given_of(name, id, Value::Object(fields)))
}

/// A text as the JSON of that kind; one that does not fit stays as it is and is refused with the record.
fn typed(kind: Option<FieldKind>, text: &str) -> Value {
    let trimmed = text.trim();
    match kind {
        Some(FieldKind::Boolean) => match trimmed {
            "true" | "1" => json!(true),
            "false" | "0" => json!(false),
            _ => json!(text),
        },
        Some(FieldKind::Integer) => trimmed
            .parse::<i64>()
            .map_or(json!(text), |number| json!(number)),
        Some(FieldKind::Double | FieldKind::Currency | FieldKind::Percent) => trimmed
            .parse::<f64>()
            .map_or(json!(text), |number| json!(number)),
        _ => json!(text),
    }
}

/// The record of that id, of whatever object it is; an unknown one is refused as not there.
fn id_only(state: &State, id: &str) -> Given {
    let known = state.records.iter().find(|record| same_id(&record.id, id));
    let object = known.map_or("Case", |record| record.object.as_str());
    given_of(object, Some(id), Value::Null)
}

/// Whether a record of an upsert is there already, by its id or by the field that is named.
fn upserted(
    state: &State,
    mut record: Given,
    external: Option<&str>,
) -> Result<(Operation, Given), Refusal> {
    let external = external.unwrap_or("Id").trim();
    if external.eq_ignore_ascii_case("Id") {
        let operation = match record.id {
            Some(_) => Operation::Update,
            None => Operation::Insert,
        };
        return Ok((operation, record));
    }
    let field = key(state, &record.object, external).ok_or_else(|| {
        let text = format!("Field name provided, {external} does not match an External ID, Salesforce Id, or indexed field for {}", record.object);
        Refusal::new("INVALID_FIELD", text)
    })?;
    let value = record
        .fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&field));
    let value = match value {
        Some((_, Value::String(text))) => text.clone(),
        Some((_, value)) if !value.is_null() => value.to_string(),
        _ => {
            let text = format!("{field} not specified");
            return Err(Refusal::new("MISSING_ARGUMENT", text));
        }
    };
    match matching(state, &record.object, &field, &value).as_slice() {
        [] => Ok((Operation::Insert, record)),
        [id] => {
            record.id = Some(id.clone());
            Ok((Operation::Update, record))
        }
        several => {
            let text =
                format!("{field}: more than one record found for external id field: {several:?}");
            Err(Refusal::new("DUPLICATE_EXTERNAL_ID", text))
        }
    }
}

/// WSDL `SaveResult`, `UpsertResult`, `DeleteResult`.
fn result(created: Option<bool>, written: &Written) -> Node {
    let mut children = Vec::new();
    let created = created.map(|created| created && written.is_ok());
    children.extend(created.map(|created| Node::leaf("created", created.to_string())));
    match written {
        Ok(id) => children.push(Node::leaf("id", id.as_str())),
        Err(problem) => {
            children.push(error(problem));
            children.push(Node::nil("id"));
        }
    }
    children.push(Node::leaf("success", written.is_ok().to_string()));
    Node::with("result", children)
}

fn error(problem: &Problem) -> Node {
    let mut children: Vec<Node> = problem
        .fields
        .iter()
        .map(|field| Node::leaf("fields", field.as_str()))
        .collect();
    children.push(Node::leaf("message", problem.message.as_str()));
    children.push(Node::leaf("statusCode", problem.code));
    Node::with("errors", children)
}

/// A record as the API shows it: its type, its id (once more when it was selected), its fields.
pub fn shown(name: &str, row: &Value) -> Node {
    let kind = row["attributes"]["type"].as_str().unwrap_or_default();
    let is_aggregate = kind == "AggregateResult";
    let mut children = vec![
        Node::leaf("sf:type", kind),
        row["Id"]
            .as_str()
            .map_or_else(|| Node::nil("sf:Id"), |id| Node::leaf("sf:Id", id)),
    ];
    for (field, value) in row.as_object().into_iter().flatten() {
        if field == "attributes" {
            continue;
        }
        let name = format!("sf:{field}");
        children.push(match value {
            Value::Null => Node::nil(&name),
            Value::Object(inner) if inner.contains_key("records") => {
                let records = inner["records"].as_array();
                let records: Vec<&Value> = records.into_iter().flatten().collect();
                let mut parts = vec![Node::leaf("done", "true"), Node::nil("queryLocator")];
                parts.extend(records.iter().map(|row| shown("records", row)));
                parts.push(Node::leaf("size", records.len().to_string()));
                Node {
                    xsi_type: Some("QueryResult".to_owned()),
                    ..Node::with(&name, parts)
                }
            }
            Value::Object(_) => shown(&name, value),
            value => Node {
                xsi_type: is_aggregate.then(|| type_of(value).to_owned()),
                ..Node::leaf(&name, text_of(value))
            },
        });
    }
    Node {
        xsi_type: Some("sf:sObject".to_owned()),
        ..Node::with(name, children)
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "xsd:boolean",
        Value::Number(number) if number.is_f64() => "xsd:double",
        Value::Number(_) => "xsd:int",
        _ => "xsd:string",
    }
}

/// REST writes the zone as `+0000`, SOAP as `Z`.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => match text.strip_suffix("+0000") {
            Some(moment) if moment.len() == 23 && moment.as_bytes()[10] == b'T' => {
                format!("{moment}Z")
            }
            _ => text.clone(),
        },
        other => other.to_string(),
    }
}
