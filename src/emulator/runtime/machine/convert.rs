//! Conversions and casts while running.

use std::sync::Arc;

use super::super::types::{ObjectId, Type};
use super::super::value::Value;
use super::{Machine, Outcome, Throw};
use crate::metadata::id18;

impl Machine<'_> {
    /// The conversion that an assignment makes, or the cast of a number to a narrower type, which
    /// drops what does not fit.
    pub(super) fn converted(&mut self, value: Value, to: &Type) -> Outcome<Value> {
        Ok(match (value, to) {
            (Value::Null, _) => Value::Null,
            (Value::Integer(value), Type::Long) => Value::Long(i64::from(value)),
            (Value::Integer(value), Type::Double) => Value::Double(f64::from(value)),
            #[allow(clippy::cast_precision_loss, reason = "as the platform does")]
            (Value::Long(value), Type::Double) => Value::Double(value as f64),
            (Value::Decimal(value), Type::Double) => Value::Double(value.to_double()),
            (
                value @ (Value::Long(_) | Value::Double(_) | Value::Decimal(_)),
                Type::Integer | Type::Long,
            ) => narrowed(value, to),
            (value @ (Value::Integer(_) | Value::Long(_) | Value::Double(_)), Type::Decimal) => {
                value
                    .as_decimal()
                    .map(Value::Decimal)
                    .ok_or_else(|| Throw::Unsupported("a Double that is not a number".to_owned()))?
            }
            (Value::Id(text), Type::String) => Value::String(text),
            (Value::String(text), Type::Id) => self.id(&text)?,
            (Value::Date(date), Type::Datetime) => {
                let at = date.to_zoned(jiff::tz::TimeZone::UTC);
                Value::Datetime(at.map_or(0, |at| at.timestamp().as_millisecond()))
            }
            // A query where a record is wanted gives its only row.
            (Value::List(list), to) if to.is_record() => {
                let items = list.items.borrow();
                match items.as_slice() {
                    [only] => only.clone(),
                    [] => {
                        return Err(self.raise(
                            "QueryException",
                            "List has no rows for assignment to SObject",
                        ));
                    }
                    _ => {
                        return Err(self.raise(
                            "QueryException",
                            "List has more than 1 row for assignment to SObject",
                        ));
                    }
                }
            }
            (value, _) => value,
        })
    }

    /// An Id from a text of 15 or 18 characters.
    pub fn id(&self, text: &str) -> Outcome<Value> {
        let fits =
            matches!(text.len(), 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits {
            Ok(Value::Id(Arc::from(id18(text))))
        } else {
            Err(self.raise("StringException", format!("Invalid id: {text}")))
        }
    }

    /// `(T) value`
    pub(super) fn cast(&mut self, value: Value, to: &Type) -> Outcome<Value> {
        if value.is_null() || self.is_instance(&value, to) {
            return Ok(value);
        }
        // Numbers in an Object are widened, a text may be an Id.
        match (&value, to) {
            (Value::Integer(_), Type::Long | Type::Double | Type::Decimal)
            | (Value::Long(_) | Value::Double(_), Type::Decimal)
            | (Value::Id(_), Type::String)
            | (Value::String(_), Type::Id) => return self.converted(value, to),
            _ => {}
        }
        let from = self.runtime_name(&value);
        let to = self.qualified_name(to);
        Err(self.raise(
            "TypeException",
            format!("Invalid conversion from runtime type {from} to {to}"),
        ))
    }

    /// `value instanceof T`
    pub fn is_instance(&self, value: &Value, ty: &Type) -> bool {
        match (value, ty) {
            (Value::Null, _) => false,
            (_, Type::Object)
            | (Value::Boolean(_), Type::Boolean)
            | (Value::Integer(_), Type::Integer)
            | (Value::Long(_), Type::Long)
            | (Value::Double(_), Type::Double)
            | (Value::Decimal(_), Type::Decimal)
            | (Value::String(_), Type::String)
            | (Value::Id(_), Type::Id)
            | (Value::Date(_), Type::Date)
            | (Value::Datetime(_), Type::Datetime)
            | (Value::Time(_), Type::Time)
            | (Value::Blob(_), Type::Blob)
            | (Value::Record(_), Type::SObject) => true,
            (Value::Record(record), Type::Record(object)) => record.object == *object,
            (Value::List(list), Type::List(element)) => fits(&list.element, element),
            (Value::Set(set), Type::Set(element)) => fits(&set.element, element),
            (Value::Map(map), Type::Map(types)) => {
                fits(&map.types.0, &types.0) && fits(&map.types.1, &types.1)
            }
            (Value::Object(object), Type::Class(class)) => {
                self.world.is_subclass(object.class, *class)
            }
            (Value::Object(object), Type::Generic(pair)) => {
                let argument = self.world.generic_argument(object.class, pair.0);
                argument == Some(&pair.1)
            }
            (Value::List(_) | Value::Set(_), Type::Generic(pair)) => {
                let is_iterable = Some(pair.0) == self.world.platform_class("system.iterable");
                let element = self.type_of_value(value).arguments().pop();
                is_iterable && element.is_some_and(|element| fits(&element, &pair.1))
            }
            (Value::Enum(class, _), Type::Class(wanted)) => class == wanted,
            (value, Type::Class(class)) => {
                let name = &self.world.class(*class).qualified;
                matches!(
                    (value, &**name),
                    (Value::ObjectToken(_), "Schema.SObjectType")
                        | (Value::FieldToken(..), "Schema.SObjectField")
                        | (Value::Type(_), "Type")
                )
            }
            _ => false,
        }
    }

    /// The type of a value as exceptions name it.
    pub fn runtime_name(&self, value: &Value) -> String {
        match value {
            Value::Object(object) => self.type_name(object),
            other => self.qualified_name(&self.type_of_value(other)),
        }
    }

    fn qualified_name(&self, ty: &Type) -> String {
        match ty {
            Type::Class(_)
            | Type::Generic(_)
            | Type::Record(_)
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_) => self.world.name_of(ty),
            other => other.builtin_name().unwrap_or_default().to_owned(),
        }
    }

    /// The type of a value; `Object` for null.
    pub fn type_of_value(&self, value: &Value) -> Type {
        match value {
            Value::Null => Type::Object,
            Value::Boolean(_) => Type::Boolean,
            Value::Integer(_) => Type::Integer,
            Value::Long(_) => Type::Long,
            Value::Double(_) => Type::Double,
            Value::Decimal(_) => Type::Decimal,
            Value::String(_) => Type::String,
            Value::Id(_) => Type::Id,
            Value::Date(_) => Type::Date,
            Value::Datetime(_) => Type::Datetime,
            Value::Time(_) => Type::Time,
            Value::Blob(_) => Type::Blob,
            Value::List(list) => Type::list(list.element.clone()),
            Value::Set(set) => Type::Set(Arc::new(set.element.clone())),
            Value::Map(map) => Type::Map(map.types.clone()),
            Value::Object(object) => Type::Class(object.class),
            Value::Enum(class, _) => Type::Class(*class),
            Value::Record(record) => Type::Record(record.object),
            Value::ObjectToken(_) => self.platform_type("schema.sobjecttype"),
            Value::FieldToken(..) => self.platform_type("schema.sobjectfield"),
            Value::Type(_) => self.platform_type("system.type"),
        }
    }

    fn platform_type(&self, name: &str) -> Type {
        self.world
            .platform_class(name)
            .map_or(Type::Object, Type::Class)
    }

    /// The object of an Id, by its first three characters.
    pub fn object_of_id(&self, id: &str) -> Option<ObjectId> {
        self.world.schema.of_prefix(id.get(..3)?)
    }
}

// sObject collections may be of a concrete sObject or of any.
fn fits(from: &Type, to: &Type) -> bool {
    from == to
        || (from.is_record() && to.is_record() && (*to == Type::SObject || *from == Type::SObject))
        || *to == Type::Object
}

// The cast of a number to a narrower type.
#[allow(clippy::cast_possible_truncation, reason = "as the platform does")]
fn narrowed(value: Value, to: &Type) -> Value {
    match (value, to) {
        (Value::Long(value), Type::Integer) => Value::Integer(value as i32),
        (Value::Double(value), Type::Integer) => Value::Integer(value as i32),
        (Value::Double(value), Type::Long) => Value::Long(value as i64),
        (Value::Decimal(value), Type::Integer) => Value::Integer(value.truncate() as i32),
        (Value::Decimal(value), Type::Long) => Value::Long(value.truncate() as i64),
        (value, _) => value,
    }
}
