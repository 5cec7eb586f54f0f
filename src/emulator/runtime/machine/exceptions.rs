//! Exceptions: making them and reading them.

use std::rc::Rc;
use std::sync::Arc;

use super::super::program::ClassKind;
use super::super::value::{Object, Value};
use super::{Machine, Throw};

// Slots of `Exception` in platform/apex/exceptions.apex, in the order of declaration.
const MESSAGE: usize = 0;
const LINE: usize = 2;
const TRACE: usize = 3;

impl Machine<'_> {
    /// An exception of the platform, such as `NullPointerException`.
    pub fn raise(&self, class: &str, message: impl Into<Arc<str>>) -> Throw {
        let value = self.platform_object(
            &format!("system.{class}"),
            &[("message", Value::String(message.into()))],
        );
        let Value::Object(object) = value else {
            return Throw::Unsupported(format!("exception {class}"));
        };
        self.locate(&object);
        if class == "LimitException" || class == "AssertException" {
            Throw::Fatal(object)
        } else {
            Throw::Exception(object)
        }
    }

    /// The exception for using null as an object.
    pub fn null_pointer(&self) -> Throw {
        self.raise(
            "NullPointerException",
            "Attempt to de-reference a null object",
        )
    }

    /// Notes where an exception is made.
    pub fn locate(&self, object: &Rc<Object>) {
        let line = self
            .calls
            .iter()
            .rev()
            .find(|call| call.line > 0)
            .map_or(0, |call| i32::try_from(call.line).unwrap_or_default());
        let mut slots = object.slots.borrow_mut();
        if slots.len() > TRACE {
            slots[LINE] = Value::Integer(line);
            slots[TRACE] = Value::text(self.stack_trace());
        }
    }

    /// Where the program is, innermost call first.
    pub fn stack_trace(&self) -> String {
        let lines: Vec<String> = self
            .calls
            .iter()
            .rev()
            .filter(|call| self.world.class(call.class).namespace.is_none())
            .map(|call| {
                let class = self.world.class(call.class);
                let place = format!("line {}, column 1", call.line);
                if class.kind == ClassKind::Anonymous {
                    return format!("{}: {place}", class.name);
                }
                if class.trigger.is_some() {
                    return format!("Trigger.{}: {place}", class.name);
                }
                let method = call
                    .method
                    .map_or("<clinit>", |id| &self.world.method(id).name);
                format!("Class.{}.{method}: {place}", class.qualified)
            })
            .collect();
        lines.join("\n")
    }

    /// Type name and message of an exception, and its stack trace.
    pub fn describe(&self, object: &Object) -> (String, String, String) {
        let slots = object.slots.borrow();
        let text = |slot: usize| slots.get(slot).and_then(Value::as_text);
        let message = text(MESSAGE).unwrap_or_else(|| "Script-thrown exception".into());
        let trace = text(TRACE).unwrap_or_default();
        (
            self.type_name(object),
            message.to_string(),
            trace.to_string(),
        )
    }

    /// The line that an exception was made at.
    pub fn line_of(&self, object: &Object) -> i64 {
        let slots = object.slots.borrow();
        slots.get(LINE).and_then(Value::as_long).unwrap_or_default()
    }

    /// The name of an object's class, with the platform's namespace.
    pub fn type_name(&self, object: &Object) -> String {
        let class = self.world.class(object.class);
        match class.namespace {
            Some("System") => format!("System.{}", class.qualified),
            _ => class.qualified.to_string(),
        }
    }
}
