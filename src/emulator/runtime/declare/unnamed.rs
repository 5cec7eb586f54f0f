//! Code without a method of its own: the body of a trigger, anonymous code.

use std::sync::Arc;

use super::super::program::{Access, Body, Method, World};
use super::super::resolve::{self, Fault};
use super::super::source::Node;
use super::super::types::Type;
use super::members::method;
use super::{Declared, Task};

/// The object, the events and the code of a trigger.
pub fn trigger<'a>(
    world: &mut World,
    declared: Declared<'a>,
    body: Node<'a>,
    tasks: &mut Vec<Task<'a>>,
) -> Result<(), Fault> {
    let id = declared.class;
    let object = declared.node.field("object").unwrap_or(declared.node);
    let block = body.child("block").unwrap_or(body);
    let Some(found) = world.schema.find(object.text()) else {
        // Nothing here can fire it, but its code is compiled.
        unnamed(world, declared, "invoke", block, tasks);
        let fault = resolve::missing(object);
        return Err(Fault {
            message: fault
                .message
                .replace("Invalid type: ", "Invalid type: Schema."),
            ..fault
        });
    };
    let events: Vec<String> = declared
        .node
        .fields("events")
        .iter()
        .filter(|event| event.kind() == "trigger_event")
        .map(|event| {
            event
                .text()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .map(|event| event.to_ascii_lowercase())
        .collect();
    for (index, event) in events.iter().enumerate() {
        if events[..index].contains(event) {
            let text = format!("Duplicate Trigger Usage: {}", event.to_ascii_uppercase());
            let at = declared.node.field("name").unwrap_or(declared.node).at();
            return Err(Fault::new(at, text));
        }
    }
    world.class_mut(id).trigger = Some((found, events));
    unnamed(world, declared, "invoke", block, tasks);
    Ok(())
}

// The method that holds the statements of a trigger or of anonymous code.
fn unnamed<'a>(
    world: &mut World,
    declared: Declared<'a>,
    name: &str,
    block: Node<'a>,
    tasks: &mut Vec<Task<'a>>,
) {
    let id = declared.class;
    let method = world.add_method(Method {
        name: name.into(),
        class: id,
        returns: Type::Void,
        parameters: Vec::new(),
        is_static: true,
        is_virtual: false,
        is_override: false,
        is_abstract: false,
        access: Access::Public,
        selector: format!("{name}()").into(),
        body: Body::Abstract,
        variables: Arc::default(),
        chain: None,
        annotations: Vec::new(),
        at: declared.node.at(),
    });
    world
        .class_mut(id)
        .methods
        .entry(name.to_owned())
        .or_default()
        .push(method);
    tasks.push(Task::Method(method, block));
}

/// Anonymous code. Methods may stand among its statements; all belong to the block as a whole.
pub fn anonymous<'a>(
    world: &mut World,
    declared: Declared<'a>,
    tasks: &mut Vec<Task<'a>>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for node in declared.node.children() {
        if node.kind() == "method_declaration" {
            let result = method(world, declared.class, node, tasks, &mut faults);
            faults.extend(result.err());
        }
    }
    for list in world.class(declared.class).methods.clone().values() {
        for id in list {
            world.method_mut(*id).is_static = true;
        }
    }
    unnamed(world, declared, "<anonymous>", declared.node, tasks);
    faults
}
