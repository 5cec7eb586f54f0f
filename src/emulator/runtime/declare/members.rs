//! Variables, properties, methods, constructors and constants of a class.

use std::sync::Arc;

use super::super::platform;
use super::super::program::{Access, Body, ClassKind, Method, Variable, World};
use super::super::resolve::{self, Fault};
use super::super::source::Node;
use super::super::types::{ClassId, MethodId, Type};
use super::{Declared, Modifiers, Task};

/// Adds the members of a class and lists the code that they hold.
pub fn members<'a>(
    world: &mut World,
    declared: Declared<'a>,
    tasks: &mut Vec<Task<'a>>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let id = declared.class;
    let Some(body) = declared.node.field("body") else {
        return faults;
    };
    if world.class(id).kind == ClassKind::Trigger {
        if let Err(fault) = trigger(world, declared, body, tasks) {
            faults.push(fault);
        }
        return faults;
    }
    for member in body.children() {
        let result = match member.kind() {
            "enum_constant" => {
                let name = member.field("name").map_or("", |name| name.text());
                world.class_mut(id).constants.push(name.into());
                Ok(())
            }
            "field_declaration" | "constant_declaration" => field(world, id, member, tasks),
            "method_declaration" => method(world, id, member, tasks),
            "constructor_declaration" => constructor(world, id, member, tasks),
            "static_initializer" => {
                let block = member.child("block").unwrap_or(member);
                tasks.push(Task::Block(id, true, block));
                Ok(())
            }
            "block" => {
                tasks.push(Task::Block(id, false, member));
                Ok(())
            }
            "class_declaration" | "interface_declaration" | "enum_declaration" => Ok(()),
            other => Err(Fault::unsupported(member.at(), other)),
        };
        faults.extend(result.err());
    }
    faults
}

fn access(modifiers: &Modifiers, default: Access) -> Access {
    if modifiers.has("public") || modifiers.has("global") {
        Access::Public
    } else if modifiers.has("protected") {
        Access::Protected
    } else if modifiers.is_annotated("testvisible") {
        Access::TestVisible
    } else if modifiers.has("private") {
        Access::Private
    } else {
        default
    }
}

fn field<'a>(
    world: &mut World,
    id: ClassId,
    node: Node<'a>,
    tasks: &mut Vec<Task<'a>>,
) -> Result<(), Fault> {
    let modifiers = Modifiers::of(node);
    let type_node = node
        .field("type")
        .ok_or_else(|| Fault::unsupported(node.at(), "a field without a type"))?;
    let ty = resolve::type_of(world, Some(id), type_node)?;
    let is_static = modifiers.has("static");
    for declarator in node.fields("declarator") {
        let name = declarator.field("name").map_or("", |name| name.text());
        let key = name.to_ascii_lowercase();
        if world.class(id).variables.contains_key(&key) {
            return Err(Fault::new(
                declarator.at(),
                format!("Duplicate field: {name}"),
            ));
        }
        let mut getter = None;
        let mut setter = None;
        if let Some(list) = node.child("accessor_list") {
            for accessor in list.children() {
                let Some(body) = accessor.field("body") else {
                    continue;
                };
                let is_getter = accessor
                    .field("accessor")
                    .is_some_and(|word| word.text().eq_ignore_ascii_case("get"));
                let method = accessor_method(name, &ty, is_getter, &modifiers, id, accessor);
                let method = world.add_method(method);
                tasks.push(Task::Accessor(method, body, key.clone()));
                if is_getter {
                    getter = Some(method);
                } else {
                    setter = Some(method);
                }
            }
        }
        let class = world.class_mut(id);
        let slots = if is_static {
            &mut class.static_slots
        } else {
            &mut class.instance_slots
        };
        let slot = *slots;
        *slots += 1;
        class.variables.insert(
            key.clone(),
            Variable {
                name: name.into(),
                ty: ty.clone(),
                is_static,
                is_final: modifiers.has("final"),
                access: access(&modifiers, Access::Private),
                slot,
                getter,
                setter,
            },
        );
        if let Some(value) = declarator.field("value") {
            tasks.push(Task::Variable(id, is_static, key, value));
        }
    }
    Ok(())
}

fn accessor_method(
    name: &str,
    ty: &Type,
    is_getter: bool,
    modifiers: &Modifiers,
    class: ClassId,
    node: Node<'_>,
) -> Method {
    let prefix = if is_getter {
        "__sfdc_get_"
    } else {
        "__sfdc_set_"
    };
    let name: Arc<str> = format!("{prefix}{name}").into();
    Method {
        selector: name.to_ascii_lowercase().into(),
        name,
        class,
        returns: if is_getter { ty.clone() } else { Type::Void },
        parameters: if is_getter {
            Vec::new()
        } else {
            vec![("value".into(), ty.clone())]
        },
        is_static: modifiers.has("static"),
        is_virtual: false,
        is_override: false,
        is_abstract: false,
        access: Access::Public,
        body: Body::Abstract,
        slots: 0,
        chain: None,
        annotations: Vec::new(),
        at: node.at(),
    }
}

fn parameters(world: &World, id: ClassId, node: Node<'_>) -> Result<Vec<(Arc<str>, Type)>, Fault> {
    let mut found: Vec<(Arc<str>, Type)> = Vec::new();
    for parameter in node
        .field("parameters")
        .map(|list| list.children())
        .unwrap_or_default()
    {
        let (Some(ty), Some(name)) = (parameter.field("type"), parameter.field("name")) else {
            return Err(Fault::unsupported(parameter.at(), parameter.kind()));
        };
        if found
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name.text()))
        {
            return Err(Fault::new(
                name.at(),
                format!("Duplicate variable: {}", name.text()),
            ));
        }
        found.push((name.text().into(), resolve::type_of(world, Some(id), ty)?));
    }
    Ok(found)
}

fn selector(world: &World, name: &str, parameters: &[(Arc<str>, Type)]) -> Arc<str> {
    let types: Vec<String> = parameters.iter().map(|(_, ty)| world.name_of(ty)).collect();
    format!("{name}({})", types.join(","))
        .to_ascii_lowercase()
        .into()
}

fn method<'a>(
    world: &mut World,
    id: ClassId,
    node: Node<'a>,
    tasks: &mut Vec<Task<'a>>,
) -> Result<(), Fault> {
    let modifiers = Modifiers::of(node);
    let name_node = node.field("name").unwrap_or(node);
    let name = name_node.text();
    let returns = match node.field("type") {
        Some(ty) => resolve::type_of(world, Some(id), ty)?,
        None => Type::Void,
    };
    let parameters = parameters(world, id, node)?;
    let selector = selector(world, name, &parameters);
    let class = world.class(id);
    let in_interface = class.kind == ClassKind::Interface;
    let is_platform = class.namespace.is_some();
    let body = node.field("body");
    let is_abstract = in_interface || modifiers.has("abstract");
    let code = if body.is_none() && !is_abstract && is_platform {
        let native = format!("{}.{name}", class.qualified);
        Body::Native(platform::native(&native).ok_or_else(|| {
            Fault::unsupported(name_node.at(), format!("platform method {native}"))
        })?)
    } else {
        Body::Abstract
    };
    if body.is_none() && !is_abstract && !is_platform {
        return Err(Fault::new(
            name_node.at(),
            format!(
                "Method must have a body: {}",
                signature(world, &returns, name, &parameters)
            ),
        ));
    }
    // Since API version 65.
    for word in ["override", "abstract"] {
        let is_open = ["global", "public", "protected"]
            .iter()
            .any(|open| modifiers.has(open));
        if modifiers.has(word) && !is_open && !is_platform {
            return Err(Fault::new(
                name_node.at(),
                format!(
                    "{word} methods require at least one of the following global, public, protected"
                ),
            ));
        }
    }
    let mut annotations = modifiers.annotations.clone();
    if modifiers.has("testmethod") {
        annotations.push("istest".to_owned());
    }
    let default = if in_interface || is_platform {
        Access::Public
    } else {
        Access::Private
    };
    let method = Method {
        name: name.into(),
        class: id,
        returns,
        parameters,
        is_static: modifiers.has("static"),
        is_virtual: is_abstract || modifiers.has("virtual") || modifiers.has("override"),
        is_override: modifiers.has("override"),
        is_abstract,
        access: access(&modifiers, default),
        selector: selector.clone(),
        body: code,
        slots: 0,
        chain: None,
        annotations,
        at: name_node.at(),
    };
    let key = name.to_ascii_lowercase();
    let own = world
        .class(id)
        .methods
        .get(&key)
        .cloned()
        .unwrap_or_default();
    if own
        .iter()
        .any(|known| world.method(*known).selector == selector)
    {
        let text = signature(world, &method.returns, name, &method.parameters);
        return Err(Fault::new(
            name_node.at(),
            format!("Method already defined: {text}"),
        ));
    }
    let found = world.add_method(method);
    world
        .class_mut(id)
        .methods
        .entry(key)
        .or_default()
        .push(found);
    if let Some(body) = body {
        tasks.push(Task::Method(found, body));
    }
    Ok(())
}

/// `void foo(Integer, String)`
pub fn signature(
    world: &World,
    returns: &Type,
    name: &str,
    parameters: &[(Arc<str>, Type)],
) -> String {
    let types: Vec<String> = parameters.iter().map(|(_, ty)| world.name_of(ty)).collect();
    format!("{} {name}({})", world.name_of(returns), types.join(", "))
}

fn constructor<'a>(
    world: &mut World,
    id: ClassId,
    node: Node<'a>,
    tasks: &mut Vec<Task<'a>>,
) -> Result<(), Fault> {
    let modifiers = Modifiers::of(node);
    let name = node.field("name").unwrap_or(node);
    if !name.text().eq_ignore_ascii_case(&world.class(id).name) {
        return Err(Fault::new(
            name.at(),
            format!("Invalid constructor name: {}", name.text()),
        ));
    }
    let parameters = parameters(world, id, node)?;
    let selector = selector(world, "<init>", &parameters);
    if world
        .class(id)
        .constructors
        .iter()
        .any(|one| world.method(*one).selector == selector)
    {
        return Err(Fault::new(
            name.at(),
            format!(
                "Constructor already defined: [{}].<Constructor>",
                world.class(id).qualified
            ),
        ));
    }
    let found = add_constructor(world, id, parameters, selector, &modifiers, node);
    if let Some(body) = node.field("body") {
        tasks.push(Task::Method(found, body));
    }
    Ok(())
}

fn add_constructor(
    world: &mut World,
    id: ClassId,
    parameters: Vec<(Arc<str>, Type)>,
    selector: Arc<str>,
    modifiers: &Modifiers,
    node: Node<'_>,
) -> MethodId {
    let found = world.add_method(Method {
        name: "<init>".into(),
        class: id,
        returns: Type::Void,
        parameters,
        is_static: false,
        is_virtual: false,
        is_override: false,
        is_abstract: false,
        access: access(modifiers, Access::Private),
        selector,
        body: Body::Abstract,
        slots: 0,
        chain: None,
        annotations: modifiers.annotations.clone(),
        at: node.at(),
    });
    world.class_mut(id).constructors.push(found);
    found
}

fn trigger<'a>(
    world: &mut World,
    declared: Declared<'a>,
    body: Node<'a>,
    tasks: &mut Vec<Task<'a>>,
) -> Result<(), Fault> {
    let id = declared.class;
    let object = declared.node.field("object").unwrap_or(declared.node);
    let found = world
        .schema
        .find(object.text())
        .ok_or_else(|| Fault::new(object.at(), format!("Invalid type: {}", object.text())))?;
    let events = declared
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
    world.class_mut(id).trigger = Some((found, events));
    let method = world.add_method(Method {
        name: "invoke".into(),
        class: id,
        returns: Type::Void,
        parameters: Vec::new(),
        is_static: true,
        is_virtual: false,
        is_override: false,
        is_abstract: false,
        access: Access::Public,
        selector: "invoke()".into(),
        body: Body::Abstract,
        slots: 0,
        chain: None,
        annotations: Vec::new(),
        at: declared.node.at(),
    });
    world
        .class_mut(id)
        .methods
        .entry("invoke".to_owned())
        .or_default()
        .push(method);
    let block = body.child("block").unwrap_or(body);
    tasks.push(Task::Method(method, block));
    Ok(())
}
