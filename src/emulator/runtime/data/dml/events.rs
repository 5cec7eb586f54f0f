//! Platform events on their way out.

use std::rc::Rc;

use super::super::super::ir::DmlOperation;
use super::super::super::machine::Machine;
use super::super::super::value::{Record, Value};
use super::{Problem, checks};
use crate::metadata::id18;

/// The event that a trigger will see, or why it can't be published.
pub fn as_event(machine: &Machine<'_>, record: &Record) -> Result<Rc<Record>, Problem> {
    let object = record.object;
    let event = Record::in_memory(object, record.fields.borrow().clone());
    checks::fill_defaults(machine, object, &mut event.fields.borrow_mut());
    if let Some(problem) = checks::check(machine, object, &event, DmlOperation::Insert) {
        return Err(problem);
    }
    let number = machine.store.new_event();
    let now = Value::Datetime(machine.org.now.as_millisecond());
    let mut fields = event.fields.borrow_mut();
    for (name, value) in [
        ("Id", Value::Id(id18(&format!("e00xx{number:010}")).into())),
        (
            "EventUuid",
            Value::text(format!("00000000-0000-4000-8000-{number:012}")),
        ),
        ("ReplayId", Value::text(number.to_string())),
        ("CreatedDate", now),
        ("CreatedById", machine.user_id()),
    ] {
        fields.insert(name.into(), value);
    }
    drop(fields);
    event.read_only.set(true);
    Ok(event)
}
