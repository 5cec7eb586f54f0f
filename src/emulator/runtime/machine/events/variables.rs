//! Log events of statements and variables, the finest that there are.

use std::rc::Rc;
use std::sync::Arc;

use super::super::super::log::{Category, Level};
use super::super::super::types::{ClassId, Type};
use super::super::super::value::Value;
use super::super::{Frame, Machine};

impl Machine<'_> {
    /// A statement of the org's own code begins.
    pub(in super::super) fn log_statement(&mut self, frame: &Frame) {
        if let Some(line) = frame.line {
            self.event(Category::ApexCode, Level::Finer, || {
                format!("STATEMENT_EXECUTE|[{line}]")
            });
        }
    }

    /// A method of the org's own code got its object and its arguments.
    pub(in super::super) fn log_arguments(&mut self, frame: &Frame, line: u32) {
        if !self.logs_variables(frame) {
            return;
        }
        if !frame.this.is_null() {
            let class = self.world.class(frame.class).qualified.to_string();
            self.scope(line, "this", &class, true, false);
            self.assigned(line, "this", &frame.this);
        }
        let method = self.calls.last().and_then(|call| call.method);
        let count = method.map_or(0, |id| self.world.method(id).parameters.len());
        for slot in 0..count {
            self.begin_variable(frame, slot, line);
            self.log_local(frame, slot);
        }
    }

    /// A local variable comes into being.
    pub(in super::super) fn log_scope(&mut self, frame: &Frame, slot: usize) {
        if let (true, Some(line)) = (self.logs_variables(frame), frame.line) {
            self.begin_variable(frame, slot, line);
        }
    }

    /// A local variable has another value.
    pub(in super::super) fn log_local(&mut self, frame: &Frame, slot: usize) {
        if !self.logs_variables(frame) {
            return;
        }
        if let Some((name, _)) = self.variable(slot) {
            self.assigned(self.line(), &name, &frame.get(slot));
        }
    }

    /// A static variable has another value.
    pub(in super::super) fn log_static(
        &mut self,
        frame: &Frame,
        class: ClassId,
        slot: usize,
        value: &Value,
    ) {
        if !self.logs_variables(frame) {
            return;
        }
        let class = self.world.class(class);
        let found = class
            .variables
            .values()
            .find(|variable| variable.is_static && variable.slot == slot);
        if let Some(variable) = found {
            let name = format!("{}.{}", class.qualified, variable.name);
            self.assigned(self.line(), &name, value);
        }
    }

    /// A variable of an object, or a field of a record, has another value.
    pub(in super::super) fn log_member(&mut self, frame: &Frame, name: &str, value: &Value) {
        if self.logs_variables(frame) {
            self.assigned(self.line(), &format!("this.{name}"), value);
        }
    }

    /// The name of an instance variable.
    pub(in super::super) fn name_of_slot(&self, class: ClassId, slot: usize) -> Option<Arc<str>> {
        self.world.lineage(class).into_iter().find_map(|class| {
            let mut variables = self.world.class(class).variables.values();
            variables
                .find(|variable| !variable.is_static && variable.slot == slot)
                .map(|variable| variable.name.clone())
        })
    }

    pub(in super::super) fn logs_variables(&self, frame: &Frame) -> bool {
        frame.line.is_some() && self.log.writes(Category::ApexCode, Level::Finest)
    }

    // The variable of the running method in a slot.
    fn variable(&self, slot: usize) -> Option<(Arc<str>, Type)> {
        let method = self.calls.last()?.method?;
        self.world.method(method).variables.get(slot).cloned()
    }

    fn begin_variable(&mut self, frame: &Frame, slot: usize, line: u32) {
        if let Some((name, ty)) = self.variable(slot) {
            let refers = is_reference(&frame.get(slot)) || is_shared(&ty);
            let ty = self.world.name_of(&ty);
            self.scope(line, &name, &ty, refers, false);
        }
    }

    fn scope(&mut self, line: u32, name: &str, ty: &str, refers: bool, is_static: bool) {
        self.event(Category::ApexCode, Level::Finest, || {
            format!("VARIABLE_SCOPE_BEGIN|[{line}]|{name}|{ty}|{refers}|{is_static}")
        });
    }

    fn assigned(&mut self, line: u32, name: &str, value: &Value) {
        let text = self.logged_value(value, true);
        let address = match is_reference(value) {
            true => format!("|{}", self.address(value)),
            false => String::new(),
        };
        self.event(Category::ApexCode, Level::Finest, || {
            format!("VARIABLE_ASSIGNMENT|[{line}]|{name}|{text}{address}")
        });
    }

    // As JSON; what is shared inside of it by its address. No code of the program runs for this.
    fn logged_value(&mut self, value: &Value, outer: bool) -> String {
        if !outer && is_reference(value) {
            return format!("\"{}\"", self.address(value));
        }
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match value {
            Value::Null => "null".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Long(value) => value.to_string(),
            Value::Double(value) => value.to_string(),
            Value::Decimal(value) => value.to_string(),
            Value::String(text) | Value::Id(text) => quoted(text),
            Value::Enum(class, index) => quoted(&self.enum_name(*class, *index)),
            Value::List(_) | Value::Set(_) => {
                let elements = value.elements().unwrap_or_default();
                let parts: Vec<String> = elements
                    .iter()
                    .map(|element| self.logged_value(element, false))
                    .collect();
                format!("[{}]", parts.join(","))
            }
            Value::Map(map) => {
                let pairs = map.entries.borrow().pairs();
                self.logged_members(pairs.iter().map(|(key, value)| (key.clone(), value)))
            }
            Value::Record(record) => {
                let fields = record.fields.borrow().clone();
                let fields = fields
                    .iter()
                    .map(|(name, value)| (Value::String(name.clone()), value));
                self.logged_members(fields)
            }
            Value::Object(object) => {
                let slots = object.slots.borrow().clone();
                let named: Vec<(Value, &Value)> = slots
                    .iter()
                    .enumerate()
                    .filter_map(|(slot, value)| {
                        let name = self.name_of_slot(object.class, slot)?;
                        Some((Value::String(name), value))
                    })
                    .filter(|(_, value)| !value.is_null())
                    .collect();
                self.logged_members(named.into_iter())
            }
            // The text of these needs no code of the program.
            other => self
                .show(other)
                .map_or_else(|_| "null".to_owned(), |text| quoted(&text)),
        }
    }

    fn logged_members<'v>(&mut self, members: impl Iterator<Item = (Value, &'v Value)>) -> String {
        let parts: Vec<String> = members
            .map(|(key, value)| {
                let key = match key.as_text() {
                    Some(text) => serde_json::Value::from(&*text).to_string(),
                    None => format!("\"{}\"", self.logged_value(&key, false).trim_matches('"')),
                };
                format!("{key}:{}", self.logged_value(value, false))
            })
            .collect();
        format!("{{{}}}", parts.join(","))
    }

    // A number of its own for each object, in the order in which the log meets them: the same in
    // every run.
    fn address(&mut self, value: &Value) -> String {
        let key = match value {
            Value::List(list) => Rc::as_ptr(list).addr(),
            Value::Set(set) => Rc::as_ptr(set).addr(),
            Value::Map(map) => Rc::as_ptr(map).addr(),
            Value::Object(object) => Rc::as_ptr(object).addr(),
            Value::Record(record) => Rc::as_ptr(record).addr(),
            _ => 0,
        };
        let next = self.addresses.len() + 1;
        // What has an address is kept, so that nothing else gets its place.
        let (number, _) = self
            .addresses
            .entry(key)
            .or_insert_with(|| (next, value.clone()));
        format!("0x{:08x}", 0x1000_0000 + *number * 16)
    }
}

fn is_reference(value: &Value) -> bool {
    matches!(
        value,
        Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Object(_) | Value::Record(_)
    )
}

fn is_shared(ty: &Type) -> bool {
    matches!(
        ty,
        Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Class(_)
            | Type::Generic(_)
            | Type::Record(_)
    )
}
