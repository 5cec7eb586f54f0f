//! Values that outlive their transaction: a job waits in the org's state, and the classes may have
//! changed by the time it starts. So everything is kept by name.
//!
//! What is shared in memory has a number, so two variables that hold the same list still do.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map as JsonMap, Value as Json, json};

use super::super::program::{Variable, World};
use super::super::types::{ClassId, ObjectId, Type};
use super::super::value::{Entries, List, Map, Object, Record, Set, Value};

/// Something that cannot be taken back, because it is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not there any more, or has changed")]
pub struct Gone(String);

/// Values as JSON.
pub fn freeze(world: &World, values: &[Value]) -> Json {
    let mut freezer = Freezer {
        world,
        known: BTreeMap::new(),
        nodes: Vec::new(),
    };
    let roots: Vec<Json> = values.iter().map(|value| freezer.value(value)).collect();
    json!({ "roots": roots, "nodes": freezer.nodes })
}

/// The values that [`freeze`] kept.
///
/// # Errors
/// When a class, variable or object that they need is gone.
pub fn thaw(world: &World, frozen: &Json) -> Result<Vec<Value>, Gone> {
    let none = Vec::new();
    let list = |name: &str| frozen[name].as_array().unwrap_or(&none);
    let mut thawer = Thawer {
        world,
        nodes: Vec::new(),
    };
    for node in list("nodes") {
        let empty = thawer.empty(node)?;
        thawer.nodes.push(empty);
    }
    // What a set or map holds decides where it goes, and was found after it.
    for (index, node) in list("nodes").iter().enumerate().rev() {
        thawer.fill(index, node)?;
    }
    list("roots")
        .iter()
        .map(|value| thawer.value(value))
        .collect()
}

/// What a class is known by: the platform's and the org's own may have the same name.
pub fn class_name(world: &World, class: ClassId) -> String {
    let class = world.class(class);
    match class.namespace {
        Some(namespace) => format!("{namespace}:{}", class.qualified),
        None => class.qualified.to_string(),
    }
}

/// The class that [`class_name`] gave that name.
pub fn class_named(world: &World, name: &str) -> Result<ClassId, Gone> {
    let ids = (0..world.classes.len()).filter_map(|index| u32::try_from(index).ok().map(ClassId));
    ids.into_iter()
        .find(|id| class_name(world, *id) == name)
        .ok_or_else(|| Gone(format!("the class {name}")))
}

// Instance variables with the name of the class that declares each.
fn variables(world: &World, class: ClassId) -> Vec<(String, &Variable)> {
    let mut found = Vec::new();
    for id in world.lineage(class) {
        let owner = &world.class(id).qualified;
        let own = world.class(id).variables.iter();
        let own = own.filter(|(_, variable)| !variable.is_static);
        found.extend(own.map(|(name, variable)| (format!("{owner}.{name}"), variable)));
    }
    found
}

struct Freezer<'w> {
    world: &'w World,
    known: BTreeMap<usize, usize>,
    nodes: Vec<Json>,
}

impl Freezer<'_> {
    fn value(&mut self, value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Boolean(value) => json!(value),
            Value::String(text) => json!(text.as_ref()),
            Value::Integer(value) => json!({ "integer": value }),
            Value::Long(value) => json!({ "long": value }),
            // The text of a Double that is no number is not JSON's.
            Value::Double(value) => json!({ "double": value.to_bits() }),
            Value::Decimal(value) => json!({ "decimal": value.to_string() }),
            Value::Id(text) => json!({ "id": text.as_ref() }),
            Value::Date(date) => json!({ "date": date.to_string() }),
            Value::Datetime(at) => json!({ "datetime": at }),
            Value::Time(at) => json!({ "time": at }),
            Value::Blob(bytes) => json!({ "blob": STANDARD.encode(bytes) }),
            Value::Enum(class, index) => {
                let constant = self.world.class(*class).constants.get(usize::from(*index));
                let constant = constant.map(|name| name.as_ref());
                json!({ "enum": class_name(self.world, *class), "constant": constant })
            }
            Value::ObjectToken(object) => json!({ "sobject": self.object(*object) }),
            Value::FieldToken(object, field) => {
                json!({ "fieldOf": self.object(*object), "field": field.as_ref() })
            }
            Value::Type(ty) => json!({ "type": self.ty(ty) }),
            Value::List(list) => self.node(address(list), |freezer| {
                let items = list.items.borrow().clone();
                json!({ "list": freezer.ty(&list.element), "items": freezer.values(&items) })
            }),
            Value::Set(set) => self.node(address(set), |freezer| {
                let items = set.entries.borrow().keys();
                json!({ "set": freezer.ty(&set.element), "items": freezer.values(&items) })
            }),
            Value::Map(map) => self.node(address(map), |freezer| {
                let entries = map.entries.borrow().clone();
                json!({ "map": [freezer.ty(&map.types.0), freezer.ty(&map.types.1)],
                        "keys": freezer.values(&entries.keys()),
                        "items": freezer.values(&entries.values()) })
            }),
            Value::Object(object) => self.node(address(object), |freezer| {
                let slots = object.slots.borrow().clone();
                let mut kept = JsonMap::new();
                for (name, variable) in variables(freezer.world, object.class) {
                    if let Some(value) = slots.get(variable.slot) {
                        kept.insert(name, freezer.value(value));
                    }
                }
                json!({ "object": class_name(freezer.world, object.class), "variables": kept })
            }),
            Value::Record(record) => self.node(address(record), |freezer| {
                let fields = record.fields.borrow().clone();
                let fields: JsonMap<String, Json> = fields
                    .iter()
                    .map(|(name, value)| (name.to_string(), freezer.value(value)))
                    .collect();
                json!({ "record": freezer.object(record.object), "fields": fields,
                        "queried": record.queried, "readOnly": record.read_only.get() })
            }),
        }
    }

    fn values(&mut self, values: &[Value]) -> Vec<Json> {
        values.iter().map(|value| self.value(value)).collect()
    }

    fn node(&mut self, address: usize, make: impl FnOnce(&mut Self) -> Json) -> Json {
        let number = match self.known.get(&address) {
            Some(number) => *number,
            None => {
                let number = self.nodes.len();
                self.known.insert(address, number);
                self.nodes.push(Json::Null);
                self.nodes[number] = make(self);
                number
            }
        };
        json!({ "node": number })
    }

    fn object(&self, object: ObjectId) -> Json {
        json!(self.world.schema.object(object).name.as_ref())
    }

    fn ty(&self, ty: &Type) -> Json {
        match ty {
            Type::Class(class) => json!({ "class": class_name(self.world, *class) }),
            Type::Record(object) => json!({ "record": self.object(*object) }),
            Type::List(element) => json!({ "list": self.ty(element) }),
            Type::Set(element) => json!({ "set": self.ty(element) }),
            Type::Map(pair) => json!({ "map": [self.ty(&pair.0), self.ty(&pair.1)] }),
            Type::Generic(pair) => {
                json!({ "generic": [class_name(self.world, pair.0), self.ty(&pair.1)] })
            }
            Type::Unknown(name) => json!({ "unknown": name.as_ref() }),
            simple => json!(simple.builtin_name()),
        }
    }
}

fn address<T>(shared: &Rc<T>) -> usize {
    Rc::as_ptr(shared).addr()
}

struct Thawer<'w> {
    world: &'w World,
    nodes: Vec<Value>,
}

impl Thawer<'_> {
    fn empty(&self, node: &Json) -> Result<Value, Gone> {
        if let Some(name) = node["object"].as_str() {
            let class = class_named(self.world, name)?;
            let slots = vec![Value::Null; self.world.class(class).instance_slots];
            return Ok(Value::Object(Rc::new(Object {
                class,
                slots: slots.into(),
            })));
        }
        if let Some(name) = node["record"].as_str() {
            return Ok(Value::Record(Rc::new(Record {
                object: self.object(name)?,
                fields: BTreeMap::new().into(),
                queried: node["queried"] == true,
                errors: Vec::new().into(),
                read_only: (node["readOnly"] == true).into(),
            })));
        }
        if let [key, value] = node["map"].as_array().map_or(&[][..], Vec::as_slice) {
            return Ok(Value::Map(Rc::new(Map {
                types: Arc::new((self.ty(key)?, self.ty(value)?)),
                entries: Entries::default().into(),
            })));
        }
        if node.get("set").is_some() {
            return Ok(Value::Set(Rc::new(Set {
                element: self.ty(&node["set"])?,
                entries: Entries::default().into(),
            })));
        }
        Ok(Value::List(Rc::new(List {
            element: self.ty(&node["list"])?,
            items: Vec::new().into(),
        })))
    }

    fn fill(&self, index: usize, node: &Json) -> Result<(), Gone> {
        match &self.nodes[index] {
            Value::List(list) => *list.items.borrow_mut() = self.values(&node["items"])?,
            Value::Set(set) => {
                for item in self.values(&node["items"])? {
                    set.entries.borrow_mut().put(item, Value::Null);
                }
            }
            Value::Map(map) => {
                let values = self.values(&node["items"])?;
                for (key, value) in self.values(&node["keys"])?.into_iter().zip(values) {
                    map.entries.borrow_mut().put(key, value);
                }
            }
            Value::Object(object) => {
                let kept = node["variables"].as_object();
                for (name, variable) in variables(self.world, object.class) {
                    // A variable that is new since then is null.
                    if let Some(value) = kept.and_then(|kept| kept.get(&name)) {
                        let value = self.value(value)?;
                        object.slots.borrow_mut()[variable.slot] = value;
                    }
                }
            }
            Value::Record(record) => {
                for (name, value) in node["fields"].as_object().into_iter().flatten() {
                    let value = self.value(value)?;
                    record
                        .fields
                        .borrow_mut()
                        .insert(name.as_str().into(), value);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn values(&self, list: &Json) -> Result<Vec<Value>, Gone> {
        let list = list.as_array().into_iter().flatten();
        list.map(|value| self.value(value)).collect()
    }

    fn value(&self, kept: &Json) -> Result<Value, Gone> {
        let damaged = || Gone(format!("the value {kept}"));
        let fields = match kept {
            Json::Null => return Ok(Value::Null),
            Json::Bool(value) => return Ok(Value::Boolean(*value)),
            Json::String(text) => return Ok(Value::text(text.as_str())),
            other => other.as_object().ok_or_else(damaged)?,
        };
        let Some((name, value)) = fields.iter().next() else {
            return Err(damaged());
        };
        let found = match name.as_str() {
            "integer" => value
                .as_i64()
                .and_then(|value| i32::try_from(value).ok())
                .map(Value::Integer),
            "long" => value.as_i64().map(Value::Long),
            "double" => value.as_u64().map(f64::from_bits).map(Value::Double),
            "decimal" => parsed(value).map(Value::Decimal),
            "id" => value.as_str().map(|text| Value::Id(text.into())),
            "date" => parsed(value).map(Value::Date),
            "datetime" => value.as_i64().map(Value::Datetime),
            "time" => value.as_i64().map(Value::Time),
            "blob" => value
                .as_str()
                .and_then(|text| STANDARD.decode(text).ok())
                .map(|bytes| Value::Blob(bytes.into())),
            "enum" | "constant" => Some(self.constant(kept)?),
            "sobject" => Some(Value::ObjectToken(self.object(text(value))?)),
            "field" | "fieldOf" => Some(Value::FieldToken(
                self.object(text(&kept["fieldOf"]))?,
                text(&kept["field"]).into(),
            )),
            "type" => Some(Value::Type(self.ty(value)?)),
            "node" => value
                .as_u64()
                .and_then(|number| usize::try_from(number).ok())
                .and_then(|number| self.nodes.get(number).cloned()),
            _ => None,
        };
        found.ok_or_else(damaged)
    }

    fn constant(&self, kept: &Json) -> Result<Value, Gone> {
        let (name, constant) = (text(&kept["enum"]), text(&kept["constant"]));
        let class = class_named(self.world, name)?;
        let constants = self.world.class(class).constants.iter();
        let index = constants
            .enumerate()
            .find(|(_, known)| ***known == *constant)
            .and_then(|(index, _)| u16::try_from(index).ok());
        index
            .map(|index| Value::Enum(class, index))
            .ok_or_else(|| Gone(format!("the constant {name}.{constant}")))
    }

    fn object(&self, name: &str) -> Result<ObjectId, Gone> {
        let found = self.world.schema.find(name);
        found.ok_or_else(|| Gone(format!("the object {name}")))
    }

    fn ty(&self, kept: &Json) -> Result<Type, Gone> {
        let damaged = || Gone(format!("the type {kept}"));
        if let Some(name) = kept.as_str() {
            return match name {
                "null" => Ok(Type::Null),
                name => Type::builtin(name).ok_or_else(damaged),
            };
        }
        let (name, inner) = kept
            .as_object()
            .and_then(|fields| fields.iter().next())
            .ok_or_else(damaged)?;
        Ok(match name.as_str() {
            "class" => Type::Class(class_named(self.world, text(inner))?),
            "record" => Type::Record(self.object(text(inner))?),
            "list" => Type::List(Arc::new(self.ty(inner)?)),
            "set" => Type::Set(Arc::new(self.ty(inner)?)),
            "map" => Type::Map(Arc::new((self.ty(&inner[0])?, self.ty(&inner[1])?))),
            "generic" => Type::generic(
                class_named(self.world, text(&inner[0]))?,
                self.ty(&inner[1])?,
            ),
            "unknown" => Type::Unknown(text(inner).into()),
            _ => return Err(damaged()),
        })
    }
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

fn parsed<T: std::str::FromStr>(value: &Json) -> Option<T> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests;
