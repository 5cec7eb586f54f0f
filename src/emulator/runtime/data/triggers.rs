//! Firing triggers.

use std::cell::OnceCell;
use std::rc::Rc;

use super::super::log::{Category, Level};
use super::super::machine::{Machine, Outcome, Throw, TriggerContext};
use super::super::program::ClassKind;
use super::super::types::{MethodId, ObjectId};
use super::super::value::{Record, Value};

/// The deepest that triggers may fire each other (Apex Developer Guide, "Execution Governors and
/// Limits").
const MAX_DEPTH: usize = 16;

/// Runs the triggers of an event in the order of their names. An exception in one of them gives
/// the message that the failing rows get.
pub fn fire(
    machine: &mut Machine<'_>,
    object: ObjectId,
    event: &'static str,
    new: Option<&[Rc<Record>]>,
    old: Option<&[Rc<Record>]>,
) -> Outcome<Result<(), String>> {
    let depth = machine.calls.len();
    let triggers = machine.triggers.len();
    match run(machine, object, event, new, old) {
        Ok(()) => Ok(Ok(())),
        Err(Throw::Exception(exception)) => {
            let (kind, message, trace) = machine.describe(&exception);
            let phase: String = event
                .split(' ')
                .map(|word| word[..1].to_uppercase() + &word[1..])
                .collect();
            let name = machine
                .calls
                .get(depth)
                .map(|call| machine.world.class(call.class).name.clone())
                .unwrap_or_default();
            machine.calls.truncate(depth);
            machine.triggers.truncate(triggers);
            Ok(Err(format!(
                "{name}: execution of {phase}\n\ncaused by: {kind}: {message}\n\n{trace}"
            )))
        }
        Err(other) => Err(other),
    }
}

/// Runs the triggers of an event in the order of their names, until one throws.
pub fn run(
    machine: &mut Machine<'_>,
    object: ObjectId,
    event: &'static str,
    new: Option<&[Rc<Record>]>,
    old: Option<&[Rc<Record>]>,
) -> Outcome<()> {
    let found = listening(machine, object, event);
    if found.is_empty() || new.or(old).is_none_or(<[_]>::is_empty) {
        return Ok(());
    }
    if machine.triggers.len() >= MAX_DEPTH {
        return Err(machine.raise("LimitException", "Maximum trigger depth exceeded"));
    }
    let list = |records: Option<&[Rc<Record>]>| match records {
        Some(records) => Value::list(
            super::super::types::Type::Record(object),
            records.iter().cloned().map(Value::Record).collect(),
        ),
        None => Value::Null,
    };
    machine.triggers.push(TriggerContext {
        event,
        new: list(new),
        old: list(old),
        new_map: OnceCell::new(),
        old_map: OnceCell::new(),
    });
    // What an API client saves runs its triggers in a code unit around them.
    let is_outermost = machine.calls.is_empty();
    if is_outermost {
        machine.event(Category::ApexCode, Level::Error, || {
            "CODE_UNIT_STARTED|[EXTERNAL]|TRIGGERS".to_owned()
        });
    }
    let mut result = Ok(());
    for trigger in found {
        result = machine
            .run_method(trigger, Value::Null, Vec::new())
            .map(|_| ());
        if let Err(thrown) = &result {
            if let Throw::Exception(object) | Throw::Fatal(object) = thrown {
                machine.log_fatal(object);
            }
            machine.log_method(trigger, false);
            break;
        }
    }
    machine.triggers.pop();
    if is_outermost {
        machine.event(Category::ApexCode, Level::Error, || {
            "CODE_UNIT_FINISHED|TRIGGERS".to_owned()
        });
    }
    result
}

fn listening(machine: &Machine<'_>, object: ObjectId, event: &str) -> Vec<MethodId> {
    let mut found: Vec<_> = machine
        .world
        .classes
        .iter()
        .filter(|class| class.kind == ClassKind::Trigger)
        .filter(|class| {
            class.trigger.as_ref().is_some_and(|(on, events)| {
                *on == object && events.iter().any(|known| known == event)
            })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
        .into_iter()
        .filter_map(|class| class.methods.get("invoke")?.first().copied())
        .collect()
}
