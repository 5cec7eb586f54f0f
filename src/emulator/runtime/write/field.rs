//! Fields between JSON as the REST API has it and values of Apex.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::super::data::schema::{Field, FieldKind, Object, Schema};
use super::super::data::store::Row;
use super::super::decimal::Decimal;
use super::super::types::ObjectId;
use super::super::value::Value;
use super::Problem;
use crate::emulator::clock::rest_date;

/// A JSON value that the field's type does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Misfit;

/// Reads the fields that a client sends.
pub fn read(
    schema: &Schema,
    object: ObjectId,
    given: &Map<String, Json>,
    writable: impl Fn(&Field) -> bool,
) -> Result<Row, Problem> {
    let object = schema.object(object);
    let mut row = Row::new();
    for (name, value) in given {
        if name.eq_ignore_ascii_case("attributes") || name.eq_ignore_ascii_case("id") {
            continue;
        }
        let field = object.field(name).ok_or_else(|| Problem {
            code: "INVALID_FIELD",
            message: format!("No such column '{name}' on sobject of type {}", object.name),
            fields: Vec::new(),
        })?;
        if !writable(field) {
            return Err(Problem {
                code: "INVALID_FIELD_FOR_INSERT_UPDATE",
                message: format!(
                    "Unable to create/update fields: {}. Please check the security settings of this field \
                     and verify that it is read/write for your profile or permission set.",
                    field.name
                ),
                fields: vec![field.name.to_string()],
            });
        }
        let value = value_of(field.kind, value).map_err(|Misfit| misfit(field, value))?;
        if let (Value::Id(id), Some(target)) = (&value, &field.target) {
            let prefix = schema.find(target).map(|id| &schema.object(id).prefix);
            if prefix.is_some_and(|prefix| !id.starts_with(&**prefix)) {
                return Err(wrong_id(field, id));
            }
        }
        row.insert(field.name.clone(), value);
    }
    Ok(row)
}

fn wrong_id(field: &Field, id: &str) -> Problem {
    let label = field
        .name
        .strip_suffix("Id")
        .map_or_else(|| field.name.to_string(), |name| format!("{name} ID"));
    Problem {
        code: "MALFORMED_ID",
        message: format!("{label}: id value of incorrect type: {id}"),
        fields: vec![field.name.to_string()],
    }
}

fn misfit(field: &Field, value: &Json) -> Problem {
    if matches!(field.kind, FieldKind::Id | FieldKind::Reference) {
        return wrong_id(field, value.as_str().unwrap_or_default());
    }
    let (kind, token) = match (field.kind, value) {
        (FieldKind::Boolean, _) => ("boolean", token_of(value)),
        (FieldKind::Date, _) => ("date", token_of(value)),
        (FieldKind::DateTime, _) => ("datetime", token_of(value)),
        (FieldKind::Time, _) => ("time", token_of(value)),
        (FieldKind::Integer, _) => ("int", token_of(value)),
        (FieldKind::Double | FieldKind::Currency | FieldKind::Percent, _) => {
            ("double", token_of(value))
        }
        _ => ("string", token_of(value)),
    };
    let text = match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    Problem {
        code: "JSON_PARSER_ERROR",
        message: format!(
            "Cannot deserialize instance of {kind} from {token} value {text} or request may be missing a \
             required field"
        ),
        fields: Vec::new(),
    }
}

fn token_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "VALUE_NULL",
        Json::Bool(true) => "VALUE_TRUE",
        Json::Bool(false) => "VALUE_FALSE",
        Json::Number(number) if number.is_f64() => "VALUE_NUMBER_FLOAT",
        Json::Number(_) => "VALUE_NUMBER_INT",
        Json::String(_) => "VALUE_STRING",
        Json::Array(_) => "START_ARRAY",
        Json::Object(_) => "START_OBJECT",
    }
}

/// The value of a field of that kind.
fn value_of(kind: FieldKind, value: &Json) -> Result<Value, Misfit> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let text = || value.as_str().ok_or(Misfit);
    Ok(match kind {
        FieldKind::Base64 => Value::Blob(STANDARD.decode(text()?).map_err(|_| Misfit)?.into()),
        FieldKind::Boolean => Value::Boolean(value.as_bool().ok_or(Misfit)?),
        FieldKind::Integer => {
            let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
            Value::Integer(number.ok_or(Misfit)?)
        }
        FieldKind::Currency | FieldKind::Double | FieldKind::Percent => {
            let number = value.as_f64().and_then(Decimal::from_double);
            Value::Decimal(number.ok_or(Misfit)?)
        }
        FieldKind::Date => {
            let date = text()?.get(..10).and_then(|date| date.parse().ok());
            Value::Date(date.ok_or(Misfit)?)
        }
        FieldKind::DateTime => Value::Datetime(moment(text()?).ok_or(Misfit)?),
        FieldKind::Time => {
            let time: jiff::civil::Time =
                text()?.trim_end_matches('Z').parse().map_err(|_| Misfit)?;
            let seconds = i64::from(time.hour()) * 3600
                + i64::from(time.minute()) * 60
                + i64::from(time.second());
            Value::Time(seconds * 1000 + i64::from(time.millisecond()))
        }
        FieldKind::Id | FieldKind::Reference => {
            let id = text()?;
            let fits =
                matches!(id.len(), 15 | 18) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !fits && !id.is_empty() {
                return Err(Misfit);
            }
            if id.is_empty() {
                Value::Null
            } else {
                Value::Id(crate::metadata::id18(id).into())
            }
        }
        _ => match value {
            Json::String(text) => Value::text(text.as_str()),
            Json::Bool(_) | Json::Number(_) => Value::text(value.to_string()),
            _ => return Err(Misfit),
        },
    })
}

/// A dateTime with an offset, also without its colon, or a date alone.
fn moment(text: &str) -> Option<i64> {
    let text = text.replace("+0000", "Z");
    let full = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text
    };
    full.parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_millisecond)
}

/// The fields of a stored record; those that do not exist any more are left out.
pub fn stored(schema: &Schema, object: ObjectId, fields: &Map<String, Json>) -> Row {
    let object = schema.object(object);
    fields
        .iter()
        .filter_map(|(name, value)| {
            let field = object.field(name)?;
            let value = value_of(field.kind, value).ok()?;
            Some((field.name.clone(), value))
        })
        .collect()
}

/// A record's fields as REST shows them; the id first, nulls left out.
pub fn shown(object: &Object, row: &Row) -> Map<String, Json> {
    let mut fields = Map::new();
    let id: Arc<str> = "Id".into();
    let others = row.iter().filter(|(name, _)| **name != id);
    for (name, value) in row.get_key_value(&id).into_iter().chain(others) {
        if object.field(name).is_none() {
            continue;
        }
        if let Some(value) = json_of(value) {
            fields.insert(name.to_string(), value);
        }
    }
    fields
}

fn json_of(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Boolean(value) => json!(value),
        Value::Integer(value) => json!(value),
        Value::Long(value) => json!(value),
        Value::Double(value) => json!(value),
        Value::Decimal(value) => json!(value.to_double()),
        Value::String(text) | Value::Id(text) => json!(&**text),
        Value::Blob(bytes) => json!(STANDARD.encode(bytes)),
        Value::Date(date) => json!(date.to_string()),
        Value::Datetime(at) => json!(rest_date(Timestamp::from_millisecond(*at).ok()?)),
        Value::Time(at) => {
            let (hours, rest) = (at / 3_600_000, at % 3_600_000);
            let (minutes, rest) = (rest / 60_000, rest % 60_000);
            json!(format!(
                "{hours:02}:{minutes:02}:{:02}.{:03}Z",
                rest / 1000,
                rest % 1000
            ))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_json() -> impl Strategy<Value = Json> {
        prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(|number| json!(number)),
            "\\PC{0,20}".prop_map(Json::from),
            "[0-9TZ:.+-]{0,24}".prop_map(Json::from),
            Just(json!([1])),
        ]
    }

    #[test]
    fn what_is_shown_can_be_stored() {
        let schema = Schema::standard();
        let case = schema.find("Case").unwrap();
        let given = json!({
            "Subject": "Printer", "IsEscalated": true, "ContactId": "003000000000001",
            "attributes": { "type": "Case" },
        });
        let given = given.as_object().unwrap();
        let Ok(row) = read(&schema, case, given, |field| field.createable) else {
            panic!("every field is right");
        };
        let shown = shown(schema.object(case), &row);
        assert_eq!(
            Json::Object(shown.clone()),
            json!({ "ContactId": "003000000000001AAA", "IsEscalated": true, "Subject": "Printer" })
        );
        let again = stored(&schema, case, &shown);
        assert_eq!(super::shown(schema.object(case), &again), shown);
    }

    #[test]
    fn says_what_is_wrong_with_a_field() {
        let schema = Schema::standard();
        let case = schema.find("Case").unwrap();
        let problem = |given: Json| {
            let given = given.as_object().unwrap().clone();
            read(&schema, case, &given, |field| field.createable)
                .err()
                .map(|problem| (problem.code, problem.message))
                .unwrap()
        };
        assert_eq!(
            problem(json!({ "Nope": 1 })),
            (
                "INVALID_FIELD",
                "No such column 'Nope' on sobject of type Case".to_owned()
            )
        );
        assert_eq!(
            problem(json!({ "ContactId": "500000000000001" })),
            (
                "MALFORMED_ID",
                "Contact ID: id value of incorrect type: 500000000000001AAA".to_owned()
            )
        );
        assert_eq!(
            problem(json!({ "CaseNumber": "1" })).0,
            "INVALID_FIELD_FOR_INSERT_UPDATE"
        );
        assert_eq!(
            problem(json!({ "IsEscalated": "yes" })).0,
            "JSON_PARSER_ERROR"
        );
    }

    proptest! {
        #[test]
        fn any_json_is_taken_or_refused(field in 0_usize..40, value in any_json()) {
            let schema = Schema::standard();
            let case = schema.find("Case").unwrap();
            let names: Vec<_> = schema.object(case).fields.values().map(|field| field.name.clone()).collect();
            let given = Map::from_iter([(names[field % names.len()].to_string(), value)]);
            let _ = read(&schema, case, &given, |_| true);
        }
    }
}
