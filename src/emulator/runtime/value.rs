//! Values of a running program.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::decimal::Decimal;
use super::types::{ClassId, ObjectId, Type};

/// A value. Collections, objects and records are shared, as in Apex.
#[derive(Clone)]
pub enum Value {
    /// `null`
    Null,
    /// Boolean
    Boolean(bool),
    /// Integer
    Integer(i32),
    /// Long
    Long(i64),
    /// Double
    Double(f64),
    /// Decimal
    Decimal(Decimal),
    /// String
    String(Arc<str>),
    /// Id, of 18 characters
    Id(Arc<str>),
    /// Date
    Date(jiff::civil::Date),
    /// Datetime, in milliseconds since 1970
    Datetime(i64),
    /// Time, in milliseconds since midnight
    Time(i64),
    /// Blob
    Blob(Arc<[u8]>),
    /// List
    List(Rc<List>),
    /// Set
    Set(Rc<Set>),
    /// Map
    Map(Rc<Map>),
    /// An instance of a class
    Object(Rc<Object>),
    /// A constant of an enum
    Enum(ClassId, u16),
    /// An sObject
    Record(Rc<Record>),
    /// `Schema.SObjectType`
    ObjectToken(ObjectId),
    /// `Schema.SObjectField`
    FieldToken(ObjectId, Arc<str>),
    /// `System.Type`
    Type(Type),
}

/// A List.
pub struct List {
    /// The type of the elements.
    pub element: Type,
    /// The elements.
    pub items: RefCell<Vec<Value>>,
}

/// A Set.
pub struct Set {
    /// The type of the elements.
    pub element: Type,
    /// The elements, as keys and values.
    pub entries: RefCell<Entries>,
}

/// A Map.
pub struct Map {
    /// The types of keys and values.
    pub types: Arc<(Type, Type)>,
    /// The entries.
    pub entries: RefCell<Entries>,
}

/// An instance of a class.
pub struct Object {
    /// Its class.
    pub class: ClassId,
    /// Its variables by slot.
    pub slots: RefCell<Vec<Value>>,
}

/// An sObject in memory.
pub struct Record {
    /// Which sObject.
    pub object: ObjectId,
    /// Fields, parents and child lists that are set, by name as the schema spells it.
    pub fields: RefCell<BTreeMap<Arc<str>, Value>>,
    /// Whether a query made it: fields that were not selected cannot be read.
    pub queried: bool,
    /// What `addError` said.
    pub errors: RefCell<Vec<RowError>>,
    /// Whether a trigger has it as a row that cannot be changed any more.
    pub read_only: Cell<bool>,
}

impl Record {
    /// A record that code made or was handed, with these fields set.
    pub fn in_memory(object: ObjectId, fields: BTreeMap<Arc<str>, Value>) -> Rc<Self> {
        Rc::new(Self {
            object,
            fields: fields.into(),
            queried: false,
            errors: Vec::new().into(),
            read_only: false.into(),
        })
    }
}

/// What `addError` said of a record or one of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The text.
    pub message: Arc<str>,
    /// The field.
    pub field: Option<Arc<str>>,
}

/// Entries in the order in which their keys were first put.
#[derive(Clone, Default)]
pub struct Entries {
    order: BTreeMap<u64, (Value, Value)>,
    index: HashMap<String, u64>,
    next: u64,
}

impl Entries {
    /// The value of a key.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.order
            .get(self.index.get(&hash_key(key))?)
            .map(|(_, value)| value)
    }

    /// Whether a key is there.
    pub fn contains(&self, key: &Value) -> bool {
        self.index.contains_key(&hash_key(key))
    }

    /// Puts an entry and gives the value that it replaces.
    pub fn put(&mut self, key: Value, value: Value) -> Option<Value> {
        let hash = hash_key(&key);
        if let Some(position) = self.index.get(&hash)
            && let Some(entry) = self.order.get_mut(position)
        {
            return Some(std::mem::replace(&mut entry.1, value));
        }
        self.index.insert(hash, self.next);
        self.order.insert(self.next, (key, value));
        self.next += 1;
        None
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        let position = self.index.remove(&hash_key(key))?;
        self.order.remove(&position).map(|(_, value)| value)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// The keys in order.
    pub fn keys(&self) -> Vec<Value> {
        self.order.values().map(|(key, _)| key.clone()).collect()
    }

    /// The values in order.
    pub fn values(&self) -> Vec<Value> {
        self.order
            .values()
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// Keys and values in order, where they are.
    pub fn iter(&self) -> impl Iterator<Item = &(Value, Value)> {
        self.order.values()
    }

    /// Keys and values in order.
    pub fn pairs(&self) -> Vec<(Value, Value)> {
        self.order.values().cloned().collect()
    }
}

/// A text that is the same for values that are equal as elements of a Set: texts with regard to
/// case, Ids in their long form, collections and records by content.
pub fn hash_key(value: &Value) -> String {
    keyed(value, 0)
}

// A collection may hold itself; below this depth contents make no difference.
const MAX_DEPTH: usize = 40;

fn keyed(value: &Value, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return "...".to_owned();
    }
    let hash_key = |value: &Value| keyed(value, depth + 1);
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => format!("b{value}"),
        Value::Integer(value) => format!("n{value}"),
        Value::Long(value) => format!("n{value}"),
        Value::Double(value) => format!("d{value}"),
        Value::Decimal(value) => format!("n{}", value.strip_zeros()),
        // Ids and texts are interchangeable in collections.
        Value::String(text) | Value::Id(text) => format!("s{text}"),
        Value::Date(date) => format!("D{date}"),
        Value::Datetime(at) => format!("T{at}"),
        Value::Time(at) => format!("t{at}"),
        Value::Blob(bytes) => format!("B{bytes:?}"),
        Value::List(list) => joined('[', list.items.borrow().iter().map(hash_key)),
        Value::Set(set) => {
            let mut keys: Vec<String> = set.entries.borrow().index.keys().cloned().collect();
            keys.sort();
            joined('{', keys.into_iter())
        }
        Value::Map(map) => {
            let mut pairs: Vec<String> = map
                .entries
                .borrow()
                .order
                .values()
                .map(|(key, value)| format!("{}={}", hash_key(key), hash_key(value)))
                .collect();
            pairs.sort();
            joined('(', pairs.into_iter())
        }
        Value::Object(object) => format!("o{:p}", Rc::as_ptr(object)),
        Value::Enum(class, index) => format!("e{}.{index}", class.0),
        Value::Record(record) => {
            let fields = record.fields.borrow();
            let pairs = fields
                .iter()
                .map(|(name, value)| format!("{name}={}", hash_key(value)));
            format!("r{}{}", record.object.0, joined('(', pairs))
        }
        Value::ObjectToken(object) => format!("O{}", object.0),
        Value::FieldToken(object, field) => format!("F{}.{field}", object.0),
        Value::Type(ty) => format!("Y{ty:?}"),
    }
}

// Lengths keep texts with separators in them apart.
fn joined(open: char, parts: impl Iterator<Item = String>) -> String {
    let mut text = String::from(open);
    for part in parts {
        text.push_str(&format!("{}:{part},", part.len()));
    }
    text
}

impl Value {
    /// A String.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A List.
    pub fn list(element: Type, items: Vec<Self>) -> Self {
        Self::List(Rc::new(List {
            element,
            items: RefCell::new(items),
        }))
    }

    /// A Set.
    pub fn set(element: Type, items: Vec<Self>) -> Self {
        let mut entries = Entries::default();
        for item in items {
            entries.put(item, Self::Null);
        }
        Self::Set(Rc::new(Set {
            element,
            entries: RefCell::new(entries),
        }))
    }

    /// A Map.
    pub fn map(types: Arc<(Type, Type)>, pairs: Vec<(Self, Self)>) -> Self {
        let mut entries = Entries::default();
        for (key, value) in pairs {
            entries.put(key, value);
        }
        Self::Map(Rc::new(Map {
            types,
            entries: RefCell::new(entries),
        }))
    }

    /// A record.
    pub fn record(object: ObjectId, fields: BTreeMap<Arc<str>, Self>, queried: bool) -> Self {
        Self::Record(Rc::new(Record {
            object,
            fields: RefCell::new(fields),
            queried,
            errors: RefCell::default(),
            read_only: Cell::new(false),
        }))
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A whole number.
    pub fn as_long(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(i64::from(*value)),
            Self::Long(value) => Some(*value),
            _ => None,
        }
    }

    /// A number as a Decimal.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(value) => Some(Decimal::from(i64::from(*value))),
            Self::Long(value) => Some(Decimal::from(*value)),
            Self::Double(value) => Decimal::from_double(*value),
            Self::Decimal(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of a String or Id.
    pub fn as_text(&self) -> Option<Arc<str>> {
        match self {
            Self::String(text) | Self::Id(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The elements of a List or Set.
    pub fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(list) => Some(list.items.borrow().clone()),
            Self::Set(set) => Some(set.entries.borrow().keys()),
            _ => None,
        }
    }

    /// Whether `equals` says so: texts with regard to case, collections by content.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Double(a), b) | (b, Self::Double(a)) => match b {
                Self::Double(b) => a == b,
                _ => b.as_decimal().is_some_and(|b| b.to_double() == *a),
            },
            (a, b) if a.as_decimal().is_some() && b.as_decimal().is_some() => {
                a.as_decimal() == b.as_decimal()
            }
            (Self::Id(a), Self::String(b)) | (Self::String(b), Self::Id(a)) => {
                **a == *crate::metadata::id18(b)
            }
            _ => hash_key(self) == hash_key(other),
        }
    }
}
