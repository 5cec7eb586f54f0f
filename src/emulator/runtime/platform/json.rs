//! `System.JSON`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::super::data::schema::Member;
use super::super::machine::{Machine, Outcome, Throw, clock};
use super::super::types::{ObjectId, Type};
use super::super::value::Value;
use super::Table;
use super::dates::{iso, parse_iso};
use super::strings::text;

/// Values may be nested this deep.
const MAX_DEPTH: usize = 100;

/// The natives here.
pub const TABLE: Table = &[
    ("JSON.serialize", |m, _, a| {
        let suppress = matches!(a.get(1), Some(Value::Boolean(true)));
        let json = to_json(m, &a[0], suppress, 0)?;
        Ok(Value::text(json.to_string()))
    }),
    ("JSON.serializePretty", |m, _, a| {
        let json = to_json(m, &a[0], false, 0)?;
        Ok(Value::text(format!("{json:#}").replace("\": ", "\" : ")))
    }),
    ("JSON.deserialize", |m, _, a| {
        let Value::Type(ty) = &a[1] else {
            return Err(m.null_pointer());
        };
        let json = parse(m, &a[0])?;
        typed(m, &json, ty)
    }),
    ("JSONParser.tokenize", |m, _, a| {
        let json = parse(m, &a[0])?;
        let mut found = Vec::new();
        tokens(&json, None, &mut found);
        let values = found.into_iter().flat_map(|token| {
            let name = token.name.map_or(Value::Null, Value::text);
            let value = match token.json {
                _ if token.kind == "FIELD_NAME" => name.clone(),
                Json::Object(_) => Value::text(if token.kind == "START_OBJECT" {
                    "{"
                } else {
                    "}"
                }),
                Json::Array(_) => Value::text(if token.kind == "START_ARRAY" {
                    "["
                } else {
                    "]"
                }),
                json => untyped(json),
            };
            [m.platform_enum("system.jsontoken", token.kind), name, value]
        });
        Ok(Value::list(Type::Object, values.collect()))
    }),
    ("JSONParser.valueAt", |m, _, a| {
        let (Some(index), Value::Type(ty)) = (a[1].as_long(), &a[2]) else {
            return Err(m.null_pointer());
        };
        let json = parse(m, &a[0])?;
        let mut found = Vec::new();
        tokens(&json, None, &mut found);
        let token = usize::try_from(index)
            .ok()
            .and_then(|index| found.get(index));
        match token {
            Some(token) => typed(m, token.json, ty),
            None => Err(m.raise("JSONException", "There is no current token")),
        }
    }),
    ("JSON.deserializeUntyped", |m, _, a| {
        let json = parse(m, &a[0])?;
        Ok(untyped(&json))
    }),
];

// A token of JSON, with the name of the field that it belongs to.
struct Token<'j> {
    kind: &'static str,
    name: Option<&'j str>,
    json: &'j Json,
}

fn tokens<'j>(json: &'j Json, name: Option<&'j str>, found: &mut Vec<Token<'j>>) {
    let token = |kind| Token { kind, name, json };
    match json {
        Json::Null => found.push(token("VALUE_NULL")),
        Json::Bool(true) => found.push(token("VALUE_TRUE")),
        Json::Bool(false) => found.push(token("VALUE_FALSE")),
        Json::String(_) => found.push(token("VALUE_STRING")),
        Json::Number(number) => found.push(token(if number.is_f64() {
            "VALUE_NUMBER_FLOAT"
        } else {
            "VALUE_NUMBER_INT"
        })),
        Json::Array(items) => {
            found.push(token("START_ARRAY"));
            for item in items {
                tokens(item, None, found);
            }
            found.push(token("END_ARRAY"));
        }
        Json::Object(fields) => {
            found.push(token("START_OBJECT"));
            for (field, value) in fields {
                let name = Some(field.as_str());
                found.push(Token {
                    kind: "FIELD_NAME",
                    name,
                    json: value,
                });
                tokens(value, name, found);
            }
            found.push(token("END_OBJECT"));
        }
    }
}

fn parse(machine: &Machine<'_>, value: &Value) -> Outcome<Json> {
    let text = text(machine, value)?;
    serde_json::from_str(&text).map_err(|cause| {
        machine.raise(
            "JSONException",
            format!("Unexpected character in JSON: {cause}"),
        )
    })
}

fn to_json(
    machine: &mut Machine<'_>,
    value: &Value,
    suppress: bool,
    depth: usize,
) -> Outcome<Json> {
    if depth > MAX_DEPTH {
        return Err(machine.raise(
            "JSONException",
            "Maximum depth reached: the data refers to itself",
        ));
    }
    Ok(match value {
        Value::Null => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Integer(value) => Json::from(*value),
        Value::Long(value) => Json::from(*value),
        Value::Double(value) => Json::from(*value),
        Value::Decimal(value) => serde_json::from_str(&value.to_string()).unwrap_or(Json::Null),
        Value::Date(date) => Json::from(date.to_string()),
        Value::Datetime(at) => Json::from(iso(*at)),
        Value::Time(at) => Json::from(format!("{}Z", clock(*at))),
        Value::List(_) | Value::Set(_) => {
            let mut items = Vec::new();
            for item in value.elements().unwrap_or_default() {
                items.push(to_json(machine, &item, suppress, depth + 1)?);
            }
            Json::Array(items)
        }
        Value::Map(map) => {
            let mut object = serde_json::Map::new();
            for (key, value) in map.entries.borrow().pairs() {
                let key = machine.show(&key)?;
                // The switch for nulls doesn't look into maps.
                object.insert(key, to_json(machine, &value, suppress, depth + 1)?);
            }
            Json::Object(object)
        }
        Value::Record(record) => {
            let name = machine.world.schema.object(record.object).name.to_string();
            let mut object = serde_json::Map::new();
            object.insert("attributes".to_owned(), serde_json::json!({ "type": name }));
            let fields = record.fields.borrow().clone();
            for (field, value) in fields {
                let mut json = to_json(machine, &value, suppress, depth + 1)?;
                if let Json::Array(records) = json {
                    json = serde_json::json!({
                        "totalSize": records.len(), "done": true, "records": records
                    });
                }
                object.insert(field.to_string(), json);
            }
            Json::Object(object)
        }
        Value::Object(found) => {
            let mut object = serde_json::Map::new();
            if machine.world.class(found.class).namespace.is_some() {
                let name = machine.type_name(found);
                return Err(Throw::Unsupported(format!("JSON.serialize of {name}")));
            }
            let mut variables = Vec::new();
            for class in machine.world.lineage(found.class) {
                let class = machine.world.class(class);
                let own = class.variables.values().filter(|one| !one.is_static);
                variables.extend(own.map(|one| (one.slot, one.name.clone())));
            }
            variables.sort();
            let slots = found.slots.borrow().clone();
            for (slot, name) in variables {
                let value = slots.get(slot).cloned().unwrap_or(Value::Null);
                if !(suppress && value.is_null()) {
                    object.insert(
                        name.to_string(),
                        to_json(machine, &value, suppress, depth + 1)?,
                    );
                }
            }
            Json::Object(object)
        }
        Value::Blob(_) | Value::ObjectToken(_) | Value::FieldToken(..) | Value::Type(_) => {
            return Err(Throw::Unsupported(
                "JSON.serialize of this value".to_owned(),
            ));
        }
        Value::String(_) | Value::Id(_) | Value::Enum(..) => Json::from(machine.show(value)?),
    })
}

fn untyped(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(*value),
        Json::String(text) => Value::text(text.as_str()),
        Json::Number(number) => {
            if let Some(value) = number.as_i64() {
                return i32::try_from(value).map_or(Value::Long(value), Value::Integer);
            }
            number
                .to_string()
                .parse()
                .map_or(Value::Null, Value::Decimal)
        }
        Json::Array(items) => Value::list(Type::Object, items.iter().map(untyped).collect()),
        Json::Object(object) => {
            let types = Arc::new((Type::String, Type::Object));
            let pairs = object.iter();
            let pairs = pairs.map(|(key, value)| (Value::text(key.as_str()), untyped(value)));
            Value::map(types, pairs.collect())
        }
    }
}

fn typed(machine: &mut Machine<'_>, json: &Json, ty: &Type) -> Outcome<Value> {
    let illegal = |machine: &Machine<'_>| {
        let wanted = machine.world.name_of(ty);
        machine.raise(
            "JSONException",
            format!("Illegal value for {wanted}: {json}"),
        )
    };
    Ok(match (json, ty) {
        (Json::Null, _) => Value::Null,
        (_, Type::Object) => untyped(json),
        (Json::Bool(value), Type::Boolean) => Value::Boolean(*value),
        (Json::String(text), Type::String) => Value::text(text.as_str()),
        (Json::String(text), Type::Id) => machine.id(text)?,
        (Json::Number(number), Type::Integer) => {
            let value = number.as_i64().and_then(|value| i32::try_from(value).ok());
            value.map(Value::Integer).ok_or_else(|| illegal(machine))?
        }
        (Json::Number(number), Type::Long) => number
            .as_i64()
            .map(Value::Long)
            .ok_or_else(|| illegal(machine))?,
        (Json::Number(number), Type::Double) => number
            .as_f64()
            .map(Value::Double)
            .ok_or_else(|| illegal(machine))?,
        (Json::Number(number), Type::Decimal) => {
            let value = number.to_string().parse();
            value.map(Value::Decimal).map_err(|_| illegal(machine))?
        }
        (Json::String(text), Type::Date) => {
            let day = text.get(..10).unwrap_or(text).parse();
            day.map(Value::Date).map_err(|_| illegal(machine))?
        }
        (Json::String(text), Type::Datetime) => parse_iso(text)
            .map(Value::Datetime)
            .ok_or_else(|| illegal(machine))?,
        (Json::Array(items), Type::List(element) | Type::Set(element)) => {
            let mut values = Vec::new();
            for item in items {
                values.push(typed(machine, item, element)?);
            }
            match ty {
                Type::Set(_) => Value::set((**element).clone(), values),
                _ => Value::list((**element).clone(), values),
            }
        }
        (Json::Object(object), Type::Map(types)) => {
            let mut pairs = Vec::new();
            for (key, value) in object {
                let key = typed(machine, &Json::from(key.as_str()), &types.0)?;
                pairs.push((key, typed(machine, value, &types.1)?));
            }
            Value::map(types.clone(), pairs)
        }
        (Json::Object(object), Type::Record(id)) => record(machine, object, *id)?,
        (Json::Object(object), Type::SObject) => {
            let name = object.get("attributes").and_then(|found| found.get("type"));
            let name = name.and_then(Json::as_str).unwrap_or_default();
            match machine.world.schema.find(name) {
                Some(id) => record(machine, object, id)?,
                None => return Err(illegal(machine)),
            }
        }
        (Json::Object(_), Type::Class(class)) => {
            let found = machine.world.class(*class);
            if found.namespace.is_some() {
                let name = found.qualified.clone();
                return Err(Throw::Unsupported(format!("JSON.deserialize to {name}")));
            }
            instance(machine, json, *class)?
        }
        (Json::String(text), Type::Class(class)) => {
            let constants = &machine.world.class(*class).constants;
            let index = constants.iter().position(|known| **known == **text);
            let index = index.and_then(|index| u16::try_from(index).ok());
            Value::Enum(*class, index.ok_or_else(|| illegal(machine))?)
        }
        _ => return Err(illegal(machine)),
    })
}

fn record(
    machine: &mut Machine<'_>,
    object: &serde_json::Map<String, Json>,
    id: ObjectId,
) -> Outcome<Value> {
    let mut fields: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    let world = machine.world;
    for (key, value) in object.iter().filter(|(key, _)| *key != "attributes") {
        let (name, value) = match world.schema.member(id, key) {
            Some(Member::Field(field)) => (
                field.name.clone(),
                typed(machine, value, &field.kind.apex_type())?,
            ),
            Some(Member::Parent(field, parent)) => {
                let ty = parent.map_or(Type::SObject, Type::Record);
                let name = field.relationship.clone().unwrap_or_default();
                (name, typed(machine, value, &ty)?)
            }
            Some(Member::Children(name, child, _)) => {
                let records = value.get("records").unwrap_or(&Json::Null);
                let ty = Type::list(Type::Record(child));
                (name.clone(), typed(machine, records, &ty)?)
            }
            None => {
                let object = &world.schema.object(id).name;
                return Err(machine.raise(
                    "JSONException",
                    format!("No such column '{key}' on sobject of type {object}"),
                ));
            }
        };
        fields.insert(name, value);
    }
    Ok(Value::record(id, fields, false))
}

// Variables by name; no constructor runs, and unknown names are left out.
fn instance(
    machine: &mut Machine<'_>,
    json: &Json,
    class: super::super::types::ClassId,
) -> Outcome<Value> {
    let world = machine.world;
    let mut slots = vec![Value::Null; world.class(class).instance_slots];
    for (key, value) in json.as_object().into_iter().flatten() {
        if let Some((_, variable)) = world.variable(class, key)
            && !variable.is_static
        {
            slots[variable.slot] = typed(machine, value, &variable.ty)?;
        }
    }
    Ok(Value::Object(std::rc::Rc::new(
        super::super::value::Object {
            class,
            slots: slots.into(),
        },
    )))
}
