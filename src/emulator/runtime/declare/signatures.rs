//! What the annotations of a method demand of its signature.

use std::sync::Arc;

use super::super::program::{ClassKind, Method, World};
use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::super::types::{ClassId, Type};
use super::Modifiers;

const MOST_PARAMETERS: usize = 32;

/// Refuses a method that its annotations, modifiers or class do not allow. `has_body` says whether
/// it was declared with one.
pub fn check(
    world: &World,
    method: &Method,
    modifiers: &Modifiers,
    has_body: bool,
) -> Result<(), Fault> {
    let at = method.at;
    let refuse = |text: String| Err(Fault::new(at, text));
    let class = world.class(method.class);
    if class.namespace.is_some() || class.kind == ClassKind::Interface {
        return Ok(());
    }
    let is_around = |outer: ClassId| world.class(outer).is_global;
    if modifiers.has("global") && !class.is_global && class.outer.is_none_or(is_around) {
        return refuse("Defining type for global methods must be declared as global".to_owned());
    }
    if let Some(outer) = class.outer.map(|outer| world.class(outer))
        && modifiers.has("global")
        && !outer.is_global
    {
        let text = "Enclosing type for global methods in apex classes must be declared as global";
        return Err(Fault::new(outer.name_at, text));
    }
    if method.parameters.len() > MOST_PARAMETERS {
        return refuse(format!(
            "Invalid number of parameters exceeds: {MOST_PARAMETERS}"
        ));
    }
    if modifiers.has("protected") && !method.is_override && !class.is_extensible {
        let text = "New protected methods cannot be defined in non-virtual classes";
        return refuse(text.to_owned());
    }
    if modifiers.has("webservice") && !class.is_global {
        return refuse(
            "Defining type for webService methods must be declared as global".to_owned(),
        );
    }
    if method.is_static
        && class
            .outer
            .is_some_and(|outer| world.class(outer).kind != ClassKind::Anonymous)
    {
        return refuse("static can only be used on methods of a top level type".to_owned());
    }
    if method.is_abstract {
        if has_body {
            return refuse("Abstract methods cannot have a body".to_owned());
        }
        if !class.is_abstract {
            let text = "Defining type for abstract methods must be declared as abstract";
            return refuse(text.to_owned());
        }
    } else if !has_body {
        return refuse("Method must have a body".to_owned());
    }
    let once = [
        ("testsetup", "TestSetup"),
        ("invocablemethod", "InvocableMethod"),
        ("httpdelete", "HttpDelete"),
        ("httpget", "HttpGet"),
        ("httppatch", "HttpPatch"),
        ("httppost", "HttpPost"),
        ("httpput", "HttpPut"),
    ];
    for (annotation, name) in once {
        let has = |method: &Method| method.annotations.iter().any(|found| found == annotation);
        let mut others = class.methods.values().flatten();
        if has(method) && others.any(|other| has(world.method(*other))) {
            let text = format!("Only one method per type can be defined with: {name}");
            return Err(Fault::new(class.name_at, text));
        }
    }
    for (annotation, name) in &once[2..] {
        if modifiers.is_annotated(annotation) {
            rest(world, method, name)?;
        }
    }
    let is_open = modifiers.has("public") || modifiers.has("global");
    if modifiers.is_annotated("invocablemethod") && !is_open {
        let text = "InvocableMethod methods require at least one of the following global, public";
        return refuse(text.to_owned());
    }
    let is_aura = modifiers.is_annotated("auraenabled") && !method.is_static;
    if is_aura && !method.parameters.is_empty() {
        return refuse("Non static AuraEnabled methods may not have parameters".to_owned());
    }
    let is_getter = method.name.to_ascii_lowercase().starts_with("get");
    if is_aura && !is_getter {
        let text = "Non static AuraEnabled methods must be named with a prefix 'get'";
        return refuse(text.to_owned());
    }
    let word = if modifiers.has("testmethod") {
        "testMethod"
    } else {
        "IsTest"
    };
    for (annotation, name) in [("istest", word), ("testsetup", "TestSetup")] {
        if !method.annotations.iter().any(|found| found == annotation) {
            continue;
        }
        if !method.is_static {
            return refuse(format!("{name} methods must be declared as static"));
        }
        if !class.is_test {
            return refuse(format!(
                "Defining type for {name} methods must be declared as IsTest"
            ));
        }
        if !method.parameters.is_empty() {
            return refuse("Test methods must have no arguments".to_owned());
        }
        if name == "TestSetup" && method.returns != Type::Void {
            return refuse("Test setup method must return void".to_owned());
        }
    }
    if modifiers.is_annotated("future") {
        future(world, method)?;
    }
    if modifiers.is_annotated("invocablemethod") {
        invocable(world, method)?;
    }
    Ok(())
}

/// What an inner class may not hold.
pub fn in_inner_class(world: &World, id: ClassId, node: Node<'_>) -> Option<Fault> {
    let outer = world.class(id).outer?;
    let is_refused = node.kind() == "static_initializer"
        && world.class(outer).kind != ClassKind::Anonymous
        && world.class(id).namespace.is_none();
    let text = "Inner types are not allowed to have static blocks";
    is_refused.then(|| Fault::new(node.at(), text))
}

/// Refuses a parameter that has no value.
pub fn parameter(ty: &Type, node: Node<'_>) -> Result<(), Fault> {
    match ty {
        Type::Void => Err(Fault::new(node.at(), "Parameters cannot be of type void")),
        _ => Ok(()),
    }
}

/// Refuses a constructor that nobody could use, and one that every exception has (Apex Reference Guide,
/// "Exception Class and Built-In Exceptions").
pub fn constructor(
    world: &World,
    id: ClassId,
    parameters: &[(Arc<str>, Type)],
    modifiers: &Modifiers,
    node: Node<'_>,
) -> Result<(), Fault> {
    let class = world.class(id);
    if class.namespace.is_none() && modifiers.has("protected") && !class.is_extensible {
        let text = "New protected methods cannot be defined in non-virtual classes";
        return Err(Fault::new(node.at(), text));
    }
    let types: Vec<String> = parameters
        .iter()
        .map(|(_, ty)| world.full_name(ty))
        .collect();
    let types = types.join(", ");
    let is_given = matches!(
        types.as_str(),
        "" | "String" | "Exception" | "String, Exception"
    );
    if world.class(id).namespace.is_none() && world.is_exception(id) && is_given {
        let text = format!("System exception constructor already defined: void <init>({types})");
        return Err(Fault::new(node.at(), text));
    }
    Ok(())
}

/// What an interface may not hold: fields, bodies, modifiers.
pub fn in_interface(node: Node<'_>) -> Option<Fault> {
    match node.kind() {
        "constant_declaration" | "field_declaration" => {
            let (at, token) = node.fields("declarator").last()?.next_token()?;
            Some(Fault::new(at, format!("Expecting '(' but was: '{token}'")))
        }
        "method_declaration" => {
            let modifiers = node.child("modifiers");
            let scope = modifiers.and_then(|list| {
                let mut words = list.children().into_iter();
                words.find(|word| word.kind() != "annotation")
            });
            if let Some(word) = scope {
                let text = format!("Missing '}}' at '{}'", word.text());
                return Some(Fault::new(word.at(), text));
            }
            let body = node.field("body")?;
            Some(Fault::new(body.at(), "Expecting ';' but was: '{'"))
        }
        _ => None,
    }
}

/// Refuses an accessor that more code may use than its property.
pub fn narrows(accessor: &Modifiers, property: &Modifiers, at: At) -> Result<(), Fault> {
    const SCOPES: [&str; 4] = ["private", "protected", "public", "global"];
    let rank = |modifiers: &Modifiers| SCOPES.iter().position(|word| modifiers.has(word));
    let own = rank(property).unwrap_or_default();
    match rank(accessor) {
        Some(given) if given > own => Err(Fault::new(
            at,
            format!(
                "Cannot declare {} accessor on {} property",
                SCOPES[given], SCOPES[own]
            ),
        )),
        _ => Ok(()),
    }
}

/// Whether a future method may call out.
pub fn calls_out(node: Node<'_>) -> bool {
    let list = node.child("modifiers").map(|list| list.children());
    list.into_iter().flatten().any(|annotation| {
        let text: String = annotation.text().split_whitespace().collect();
        text.eq_ignore_ascii_case("@future(callout=true)")
    })
}

// A method that answers requests to the class's address.
fn rest(world: &World, method: &Method, name: &str) -> Result<(), Fault> {
    let refuse = |text: String| Err(Fault::new(method.at, text));
    if !method.is_static {
        return refuse(format!("{name} methods must be declared as static"));
    }
    if !world.class(method.class).is_rest {
        return refuse(format!(
            "Defining type for {name} methods must be declared as RestResource"
        ));
    }
    let takes_none = matches!(name, "HttpGet" | "HttpDelete");
    if takes_none && !method.parameters.is_empty() {
        return refuse(format!("{name} methods do not support parameters"));
    }
    Ok(())
}

fn future(world: &World, method: &Method) -> Result<(), Fault> {
    if !method.is_static {
        return Err(Fault::new(
            method.at,
            "Future methods must be declared as static",
        ));
    }
    if method.returns != Type::Void {
        let name = world.name_of(&method.returns);
        return Err(Fault::new(
            method.at,
            format!("Future methods do not support return type of {name}"),
        ));
    }
    for (_, ty) in &method.parameters {
        if !is_plain(ty) {
            let name = world.name_of(ty);
            return Err(Fault::new(
                method.at,
                format!("Future methods do not support parameter type of {name}"),
            ));
        }
    }
    Ok(())
}

// Primitive types and collections of them.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::List(inner) | Type::Set(inner) => is_plain(inner),
        Type::Map(pair) => is_plain(&pair.0) && is_plain(&pair.1),
        Type::Object
        | Type::SObject
        | Type::Record(_)
        | Type::Class(_)
        | Type::Generic(_)
        | Type::Void => false,
        _ => true,
    }
}

fn invocable(world: &World, method: &Method) -> Result<(), Fault> {
    if !method.is_static {
        return Err(Fault::new(
            method.at,
            "InvocableMethod methods must be declared as static",
        ));
    }
    if method.parameters.len() > 1 {
        return Err(Fault::new(
            method.at,
            "Only one parameter is supported on methods with @Invocable annotation",
        ));
    }
    match method.parameters.first() {
        Some((_, ty)) if !matches!(ty, Type::List(_) | Type::Unknown(_)) => {
            let name = world.name_of(ty);
            Err(Fault::new(
                method.at,
                format!(
                    "Unsupported parameter type {name}. Valid invocable parameters must be List types like List<T> where T is a supported type"
                ),
            ))
        }
        _ => Ok(()),
    }
}
