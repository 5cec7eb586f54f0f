//! What the annotations of a method demand of its signature.

use super::super::program::{ClassKind, Method, World};
use super::super::resolve::Fault;
use super::super::types::Type;
use super::Modifiers;

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
    if modifiers.has("global") && !class.is_global && class.outer.is_none() {
        return refuse("Defining type for global methods must be declared as global".to_owned());
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
    for (annotation, name) in [("istest", "IsTest"), ("testsetup", "TestSetup")] {
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
    }
    if modifiers.is_annotated("future") {
        future(world, method)?;
    }
    if modifiers.is_annotated("invocablemethod") {
        invocable(world, method)?;
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
        Type::Object | Type::SObject | Type::Record(_) | Type::Class(_) | Type::Generic(_) | Type::Void => {
            false
        },
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
