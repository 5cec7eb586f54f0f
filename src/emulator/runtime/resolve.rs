//! Names of types: who they mean, seen from a class.

use std::sync::Arc;

use super::data::schema::Schema;
use super::inventory;
use super::program::{ClassKind, World};
use super::source::{At, Node};
use super::types::{ClassId, Type};

/// Something that the compiler refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: At,
    /// The platform's text, or "not supported by the local org: …".
    pub message: String,
    /// Whether the platform may well take it, but this runtime does not have it.
    pub is_gap: bool,
}

/// How the texts of gaps begin.
pub const NOT_SUPPORTED: &str = "not supported by the local org: ";

impl Fault {
    /// A refusal with the platform's text.
    pub fn new(at: At, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            is_gap: false,
        }
    }

    /// The same for a wrong assignment at the place of what is assigned to, where the platform's
    /// compiler reports it.
    pub fn of_assignment(self, at: At) -> Self {
        if self.message.starts_with("Illegal assignment") {
            Self { at, ..self }
        } else {
            self
        }
    }

    /// A construct that this runtime does not have.
    pub fn unsupported(at: At, construct: impl std::fmt::Display) -> Self {
        Self {
            at,
            message: format!("{NOT_SUPPORTED}{construct}"),
            is_gap: true,
        }
    }
}

/// The namespaces of the platform that have classes here.
const NAMESPACES: [&str; 5] = ["system", "schema", "database", "messaging", "eventbus"];

/// Whether a name is a namespace of the platform that has classes here.
pub fn is_namespace(name: &str) -> bool {
    NAMESPACES.contains(&name.to_ascii_lowercase().as_str())
}

/// The type of a declaration. Where this runtime does not have it, that is noted, and whatever uses
/// what is declared is not known either.
pub fn declared_type(
    world: &World,
    from: Option<ClassId>,
    node: Node<'_>,
    gaps: &mut Vec<Fault>,
) -> Result<Type, Fault> {
    match type_of(world, from, node) {
        Err(fault) if fault.is_gap => {
            gaps.push(fault);
            Ok(Type::Unknown(node.text().into()))
        }
        other => other,
    }
}

/// Whether the platform has an sObject that this runtime does not. One that it has but was not found
/// is switched off in this org.
pub fn is_unknown_object(name: &str) -> bool {
    inventory::has_object(name) && !Schema::has_standard(name)
}

/// For a type that is not found: whether the platform has it.
pub fn missing(node: Node<'_>) -> Fault {
    let name: String = node.text().split_whitespace().collect();
    let is_known = inventory::has_class(&name)
        || name
            .strip_prefix("Schema.")
            .map_or_else(|| is_unknown_object(&name), is_unknown_object);
    if is_known {
        Fault::unsupported(node.at(), format!("type {name}"))
    } else {
        Fault::new(node.at(), format!("Invalid type: {name}"))
    }
}

/// The type that a syntax node names.
pub fn type_of(world: &World, from: Option<ClassId>, node: Node<'_>) -> Result<Type, Fault> {
    let invalid = || Fault::new(node.at(), format!("Invalid type: {}", node.text()));
    match node.kind() {
        "void_type" => Ok(Type::Void),
        "boolean_type" => Ok(Type::Boolean),
        "type_identifier" | "identifier" | "scoped_type_identifier" => {
            let parts: Vec<&str> = node.text().split('.').map(str::trim).collect();
            let found = named(world, from, &parts).ok_or_else(|| missing(node))?;
            match &found {
                // `List` without the type of its elements.
                Type::Class(class) if !world.class(*class).parameters.is_empty() => {
                    let (at, token) = node.next_token().unwrap_or((node.at(), "<EOF>"));
                    let is_own = from.is_some_and(|from| world.class(from).namespace.is_some());
                    if is_own {
                        return Ok(found);
                    }
                    if world.class(*class).kind == ClassKind::Interface {
                        let name = world.name_of(&found);
                        return Err(Fault::new(
                            node.at(),
                            format!("No type arguments provided for a parameterized type: {name}"),
                        ));
                    }
                    Err(Fault::new(at, format!("Unexpected token '{token}'.")))
                }
                _ => Ok(found),
            }
        }
        "array_type" => {
            let element = node.field("element").ok_or_else(invalid)?;
            let mut ty = type_of(world, from, element)?;
            let dimensions = node.field("dimensions").map_or("", |found| found.text());
            for _ in 0..dimensions.matches('[').count() {
                ty = Type::list(ty);
            }
            Ok(ty)
        }
        "generic_type" => generic(world, from, node),
        "annotated_type" => {
            let inner = node.children().into_iter().last().ok_or_else(invalid)?;
            type_of(world, from, inner)
        }
        other => Err(Fault::unsupported(node.at(), other)),
    }
}

// How many type arguments may stand in each other, the type itself counted.
const DEEPEST: usize = 8;

fn depth(node: Node<'_>) -> usize {
    let arguments = node.child("type_arguments");
    let arguments = arguments.map_or_else(Vec::new, |list| list.children());
    arguments.into_iter().map(depth).max().unwrap_or_default()
        + usize::from(node.kind() == "generic_type")
}

fn generic(world: &World, from: Option<ClassId>, node: Node<'_>) -> Result<Type, Fault> {
    if depth(node) > DEEPEST {
        let name: String = node.text().split_whitespace().collect();
        let text = format!(
            "Exceeded max parameterized type depth: {name}, depth: {}",
            DEEPEST + 1
        );
        return Err(Fault::new(node.at(), text));
    }
    let children = node.children();
    let (Some(name), Some(list)) = (children.first(), node.child("type_arguments")) else {
        return Err(Fault::new(
            node.at(),
            format!("Invalid type: {}", node.text()),
        ));
    };
    let mut arguments = Vec::new();
    for argument in list.children() {
        arguments.push(type_of(world, from, argument)?);
    }
    let simple = name
        .text()
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match (simple.as_str(), arguments.as_slice()) {
        ("list", [element]) => Ok(Type::list(element.clone())),
        ("set", [element]) => Ok(Type::Set(Arc::new(element.clone()))),
        ("map", [key, value]) => Ok(Type::Map(Arc::new((key.clone(), value.clone())))),
        ("list" | "set" | "map", found) => Err(Fault::new(
            node.at(),
            format!(
                "Invalid type argument count for {}: expected {} but found {}",
                name.text(),
                if simple == "map" { 2 } else { 1 },
                found.len()
            ),
        )),
        (_, [argument])
            if let Some(Type::Class(class)) = type_named(world, from, name)
                && world.class(class).parameters.len() == 1 =>
        {
            Ok(Type::generic(class, argument.clone()))
        }
        _ if let Some(found) = type_named(world, from, name) => Err(Fault::new(
            node.at(),
            format!(
                "Type arguments provided for a non-parameterized type: {}",
                world.name_of(&found)
            ),
        )),
        _ if inventory::has_class(name.text()) => Err(Fault::unsupported(
            node.at(),
            format!("type {}", node.text()),
        )),
        _ => Err(Fault::new(
            node.at(),
            format!("Invalid type: {}", name.text()),
        )),
    }
}

fn type_named(world: &World, from: Option<ClassId>, name: &Node<'_>) -> Option<Type> {
    let parts: Vec<&str> = name.text().split('.').map(str::trim).collect();
    named(world, from, &parts)
}

/// The type that a possibly qualified name means.
pub fn named(world: &World, from: Option<ClassId>, parts: &[&str]) -> Option<Type> {
    let lower: Vec<String> = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
    match lower.as_slice() {
        [name] => simple(world, from, name),
        [rest @ .., last] => {
            let around: Vec<&str> = rest.iter().map(String::as_str).collect();
            if let Some(Type::Class(outer)) = named(world, from, &around)
                && let Some(inner) = inner(world, outer, last)
            {
                return Some(Type::Class(inner));
            }
            match around.as_slice() {
                ["system"] => Type::builtin(last).or_else(|| platform(world, "system", last)),
                ["schema"] => platform(world, "schema", last)
                    .or_else(|| world.schema.find(last).map(Type::Record)),
                [namespace] if is_namespace(namespace) => platform(world, namespace, last),
                _ => None,
            }
        }
        [] => None,
    }
}

fn simple(world: &World, from: Option<ClassId>, name: &str) -> Option<Type> {
    let mut around = from;
    while let Some(id) = around {
        let class = world.class(id);
        if let Some(index) = class
            .parameters
            .iter()
            .position(|parameter| parameter == name)
        {
            return Some(Type::Parameter(u8::try_from(index).unwrap_or(u8::MAX)));
        }
        if class.name.eq_ignore_ascii_case(name) {
            return Some(own_type(world, id));
        }
        if let Some(found) = inner(world, id, name) {
            return Some(Type::Class(found));
        }
        around = class.outer;
    }
    // The platform's own classes see those of their namespace, and none of the org's.
    if let Some(namespace) = from.and_then(|from| world.class(from).namespace)
        && let Some(found) =
            Type::builtin(name).or_else(|| platform(world, &namespace.to_ascii_lowercase(), name))
    {
        return Some(found);
    }
    if let Some(top) = world.top.get(name) {
        return Some(Type::Class(*top));
    }
    Type::builtin(name)
        .or_else(|| platform(world, "system", name))
        .or_else(|| world.schema.find(name).map(Type::Record))
        .or_else(|| platform(world, "schema", name))
}

// A platform class such as String stands for the language's own type.
fn own_type(world: &World, id: ClassId) -> Type {
    let class = world.class(id);
    if class.namespace.is_some() && class.outer.is_none() {
        Type::builtin(&class.name).unwrap_or(Type::Class(id))
    } else {
        Type::Class(id)
    }
}

fn inner(world: &World, id: ClassId, name: &str) -> Option<ClassId> {
    world
        .lineage(id)
        .into_iter()
        .find_map(|class| world.class(class).inner.get(name).copied())
}

fn platform(world: &World, namespace: &str, name: &str) -> Option<Type> {
    world
        .platform_class(&format!("{namespace}.{name}"))
        .map(Type::Class)
}
