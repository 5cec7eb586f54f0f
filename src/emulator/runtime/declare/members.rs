//! Variables, properties, methods, constructors and constants of a class.

use std::sync::Arc;

use super::super::platform;
use super::super::program::{Access, Body, ClassKind, Method, Variable, World};
use super::super::resolve::{self, Fault};
use super::super::source::Node;
use super::super::types::{ClassId, MethodId, Type};
use super::modifiers::{self, Place};
use super::unnamed::{anonymous, trigger};
use super::words::{self, Named};
use super::written::{signature, types};
use super::{Declared, Modifiers, Task, signatures};

/// Stands among the annotations of a method for `@Future(callout=true)`.
pub const CALLS_OUT: &str = "future(callout=true)";

/// Adds the members of a class and lists the code that they hold.
pub fn members<'a>(
    world: &mut World,
    declared: Declared<'a>,
    tasks: &mut Vec<Task<'a>>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let id = declared.class;
    if world.class(id).kind == ClassKind::Anonymous {
        return anonymous(world, declared, tasks);
    }
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
            "enum_constant" => enum_constant(world, id, member),
            _ if world.class(id).kind == ClassKind::Interface
                && let Some(fault) = signatures::in_interface(member) =>
            {
                Err(fault)
            }
            _ if let Some(fault) = signatures::in_inner_class(world, id, member) => Err(fault),
            "field_declaration" | "constant_declaration" => {
                field(world, id, member, tasks, &mut faults)
            }
            "method_declaration" => method(world, id, member, tasks, &mut faults),
            "constructor_declaration" => constructor(world, id, member, tasks, &mut faults),
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
        // What it declares is missing, so that names that are not found may be that.
        if let Err(fault) = &result
            && fault.is_gap
        {
            world.class_mut(id).gap = Some(fault.message.as_str().into());
        }
        faults.extend(result.err());
    }
    faults
}

fn enum_constant(world: &mut World, id: ClassId, node: Node<'_>) -> Result<(), Fault> {
    let name_node = node.field("name").unwrap_or(node);
    let name = name_node.text();
    let constants = &mut world.class_mut(id).constants;
    if constants
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
    {
        return Err(Fault::new(
            name_node.at(),
            format!("Duplicate field: {name}"),
        ));
    }
    constants.push(name.into());
    Ok(())
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
    gaps: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let modifiers = Modifiers::of(node);
    let type_node = node
        .field("type")
        .ok_or_else(|| Fault::unsupported(node.at(), "a field without a type"))?;
    let ty = resolve::declared_type(world, Some(id), type_node, gaps)?;
    let is_static = modifiers.has("static");
    let is_platform = world.class(id).namespace.is_some();
    for declarator in node.fields("declarator") {
        let name_node = declarator.field("name").unwrap_or(declarator);
        let name = name_node.text();
        if !is_platform {
            words::check(name_node, Named::Variable)?;
            modifiers::check(node, &modifiers, Place::Field, name_node.at())?;
            if modifiers.has("global") && !world.class(id).is_global {
                let text = "Defining type for global fields must be declared as global";
                return Err(Fault::new(name_node.at(), text));
            }
            if ty == Type::Void {
                let what = node
                    .child("accessor_list")
                    .map_or("Variables", |_| "Properties");
                let text = format!("{what} cannot be of type void");
                return Err(Fault::new(type_node.at(), text));
            }
            let is_top = world.class(id).outer.is_none();
            let in_anonymous = |outer: ClassId| world.class(outer).kind == ClassKind::Anonymous;
            if is_static && !is_top && !world.class(id).outer.is_some_and(in_anonymous) {
                let text = "static can only be used on fields of a top level type";
                return Err(Fault::new(name_node.at(), text));
            }
        }
        let key = name.to_ascii_lowercase();
        if world.class(id).variables.contains_key(&key) {
            return Err(Fault::new(
                declarator.at(),
                format!("Duplicate field: {name}"),
            ));
        }
        let mut getter = None;
        let mut setter = None;
        let own = access(&modifiers, Access::Private);
        let (mut readable, mut writable) = (Some(own), Some(own));
        if let Some(list) = node.child("accessor_list") {
            (readable, writable) = (None, None);
            for accessor in list.children() {
                let word = accessor.field("accessor").unwrap_or(accessor);
                let side = if word.text().eq_ignore_ascii_case("get") {
                    &mut readable
                } else {
                    &mut writable
                };
                if side.is_some() {
                    let text = format!("Missing '}}' at '{}'", word.text());
                    return Err(Fault::new(word.at(), text));
                }
                let given = Modifiers::of(accessor);
                if !is_platform {
                    signatures::narrows(&given, &modifiers, name_node.at())?;
                }
                *side = Some(access(&given, own));
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
                slot,
                getter,
                setter,
                readable,
                writable,
                at: name_node.at(),
                literal: declarator.field("value").and_then(literal),
            },
        );
        if let Some(value) = declarator.field("value") {
            tasks.push(Task::Variable(id, is_static, key, value));
        }
    }
    Ok(())
}

fn literal(value: Node<'_>) -> Option<Arc<str>> {
    let is_literal = match value.kind() {
        "unary_expression" => value.child("int").is_some(),
        kind => matches!(kind, "int" | "string_literal"),
    };
    is_literal.then(|| value.text().into())
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
        variables: Arc::default(),
        chain: None,
        annotations: Vec::new(),
        at: node.at(),
    }
}

fn parameters(
    world: &World,
    id: ClassId,
    node: Node<'_>,
    gaps: &mut Vec<Fault>,
) -> Result<Vec<(Arc<str>, Type)>, Fault> {
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
        let ty = resolve::declared_type(world, Some(id), ty, gaps)?;
        signatures::parameter(&ty, name)?;
        if world.class(id).namespace.is_none() {
            words::check(name, Named::Variable)?;
            modifiers::check(
                parameter,
                &Modifiers::of(parameter),
                Place::Parameter,
                name.at(),
            )?;
        }
        found.push((name.text().into(), ty));
    }
    Ok(found)
}

pub(super) fn selector(world: &World, name: &str, parameters: &[(Arc<str>, Type)]) -> Arc<str> {
    let types: Vec<String> = parameters.iter().map(|(_, ty)| world.name_of(ty)).collect();
    format!("{name}({})", types.join(","))
        .to_ascii_lowercase()
        .into()
}

pub(super) fn method<'a>(
    world: &mut World,
    id: ClassId,
    node: Node<'a>,
    tasks: &mut Vec<Task<'a>>,
    gaps: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let modifiers = Modifiers::of(node);
    let name_node = node.field("name").unwrap_or(node);
    let name = name_node.text();
    let returns = match node.field("type") {
        Some(ty) => resolve::declared_type(world, Some(id), ty, gaps)?,
        None => Type::Void,
    };
    let parameters = parameters(world, id, node, gaps)?;
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
    if !is_platform {
        words::check(name_node, Named::Method)?;
        modifiers::check(node, &modifiers, Place::Method, name_node.at())?;
    }
    // Since API version 65.
    for word in ["override", "abstract"] {
        let is_open = ["global", "public", "protected"]
            .iter()
            .any(|open| modifiers.has(open));
        // That one hides what it overrides is seen when that is known.
        let hides = word == "override" && modifiers.has("private");
        if modifiers.has(word) && !is_open && !is_platform && !hides {
            return Err(Fault::new(
                name_node.at(),
                format!(
                    "{word} methods require at least one of the following global, public, protected"
                ),
            ));
        }
    }
    let mut annotations = modifiers.annotations.clone();
    if signatures::calls_out(node) {
        annotations.push(CALLS_OUT.to_owned());
    }
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
        variables: Arc::default(),
        chain: None,
        annotations,
        at: name_node.at(),
    };
    signatures::check(world, &method, &modifiers, body.is_some())?;
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
        return Err(already_defined(world, &method, name_node));
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

fn already_defined(world: &World, method: &Method, name: Node<'_>) -> Fault {
    let class = &world.class(method.class).qualified;
    let text = signature(world, method);
    Fault::new(
        name.at(),
        format!(
            "Method already defined: {} {text} from the type {class}",
            method.name
        ),
    )
}

fn constructor<'a>(
    world: &mut World,
    id: ClassId,
    node: Node<'a>,
    tasks: &mut Vec<Task<'a>>,
    gaps: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let modifiers = Modifiers::of(node);
    let name = node.field("name").unwrap_or(node);
    if !name.text().eq_ignore_ascii_case(&world.class(id).name) {
        return Err(Fault::new(
            name.at(),
            format!("Invalid constructor name: {}", name.text()),
        ));
    }
    if world.class(id).namespace.is_none() {
        modifiers::check(node, &modifiers, Place::Constructor, name.at())?;
    }
    let parameters = parameters(world, id, node, gaps)?;
    signatures::constructor(world, id, &parameters, &modifiers, name)?;
    let selector = selector(world, "<init>", &parameters);
    if world
        .class(id)
        .constructors
        .iter()
        .any(|one| world.method(*one).selector == selector)
    {
        let text = format!(
            "Method already defined: <init> void {class}.<init>({}) from the type {class}",
            types(world, &parameters),
            class = world.class(id).qualified
        );
        return Err(Fault::new(name.at(), text));
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
        variables: Arc::default(),
        chain: None,
        annotations: modifiers.annotations.clone(),
        at: node.at(),
    });
    world.class_mut(id).constructors.push(found);
    found
}
