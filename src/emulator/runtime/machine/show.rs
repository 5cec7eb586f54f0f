//! Values as texts: `String.valueOf`, concatenation, messages of assertions.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::value::Value;
use super::{Machine, Outcome, Throw};

/// Values inside of values are shown this deep.
const MAX_DEPTH: usize = 200;

impl Machine<'_> {
    /// The text of a value.
    pub fn show(&mut self, value: &Value) -> Outcome<String> {
        if self.showing >= MAX_DEPTH {
            return Err(Throw::Unsupported(
                "the text of a value that holds itself".to_owned(),
            ));
        }
        self.showing += 1;
        let text = self.show_inside(value);
        self.showing -= 1;
        text
    }

    fn show_inside(&mut self, value: &Value) -> Outcome<String> {
        Ok(match value {
            Value::Null => "null".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Long(value) => value.to_string(),
            Value::Double(value) => show_double(*value),
            Value::Decimal(value) => value.to_string(),
            Value::String(text) | Value::Id(text) => text.to_string(),
            Value::Date(date) => format!("{date} 00:00:00"),
            Value::Datetime(at) => datetime(*at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
            Value::Time(at) => format!("{}Z", clock(*at)),
            Value::Blob(bytes) => format!("Blob[{}]", bytes.len()),
            Value::List(list) => {
                let items = list.items.borrow().clone();
                format!("({})", self.show_all(&items)?)
            }
            Value::Set(set) => {
                let items = set.entries.borrow().keys();
                format!("{{{}}}", self.show_all(&items)?)
            }
            Value::Map(map) => {
                let pairs = map.entries.borrow().pairs();
                let mut parts = Vec::new();
                for (key, value) in pairs {
                    parts.push(format!("{}={}", self.show(&key)?, self.show(&value)?));
                }
                format!("{{{}}}", parts.join(", "))
            }
            Value::Object(_) => {
                let text = self.call_method(value, "tostring", Vec::new())?;
                match text {
                    Value::Null => "null".to_owned(),
                    text => text.as_text().unwrap_or_default().to_string(),
                }
            }
            Value::Enum(class, index) => self.enum_name(*class, *index).to_string(),
            Value::Record(record) => {
                let fields: Vec<_> = record.fields.borrow().clone().into_iter().collect();
                let name = self.world.schema.object(record.object).name.clone();
                let mut parts = Vec::new();
                for (field, value) in fields {
                    parts.push(format!("{field}={}", self.show(&value)?));
                }
                format!("{name}:{{{}}}", parts.join(", "))
            }
            Value::ObjectToken(object) => self.world.schema.object(*object).name.to_string(),
            Value::FieldToken(_, field) => field.to_string(),
            Value::Type(ty) => self.world.name_of(ty),
        })
    }

    fn show_all(&mut self, items: &[Value]) -> Outcome<String> {
        let mut parts = Vec::new();
        for item in items {
            // A Date inside of a collection shows its time too, as it does alone.
            parts.push(self.show(item)?);
        }
        Ok(parts.join(", "))
    }

    /// What `toString` of an object without one gives: the class and its variables.
    pub fn show_object(&mut self, value: &Value) -> Outcome<String> {
        let Value::Object(object) = value else {
            return self.show(value);
        };
        let mut parts = Vec::new();
        let mut lineage = self.world.lineage(object.class);
        lineage.reverse();
        let mut shown = Vec::new();
        for class in lineage {
            for variable in self.world.class(class).variables.values() {
                if !variable.is_static {
                    shown.push((variable.slot, variable.name.clone()));
                }
            }
        }
        shown.sort();
        let slots = object.slots.borrow().clone();
        for (slot, name) in shown {
            let text = match slots.get(slot) {
                // Objects in objects could refer to each other without end.
                Some(Value::Object(inner)) => self.type_name(inner),
                Some(value) => self.show(value)?,
                None => "null".to_owned(),
            };
            parts.push(format!("{name}={text}"));
        }
        let name = self.world.class(object.class).name.clone();
        Ok(format!("{name}:[{}]", parts.join(", ")))
    }
}

fn show_double(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e7 {
        format!("{value:.1}")
    } else {
        format!("{value}")
    }
}

/// A moment in GMT, the time zone of the local org's users.
pub fn datetime(milliseconds: i64) -> jiff::Zoned {
    Timestamp::from_millisecond(milliseconds)
        .unwrap_or_default()
        .to_zoned(TimeZone::UTC)
}

/// `HH:mm:ss.SSS`
pub fn clock(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        milliseconds % 1000
    )
}
