//! Methods as the platform's error texts write them.

use std::sync::Arc;

use super::super::program::{Method, World};
use super::super::types::Type;

/// `Integer, String`
pub(super) fn types(world: &World, parameters: &[(Arc<str>, Type)]) -> String {
    let types: Vec<String> = parameters.iter().map(|(_, ty)| world.name_of(ty)).collect();
    types.join(", ")
}

/// `void Class.foo(Integer, String)`
pub fn signature(world: &World, method: &Method) -> String {
    signature_of(world, method, &Type::Class(method.class))
}

/// The same for a method of a type, which may be a generic interface.
pub(super) fn signature_of(world: &World, method: &Method, of: &Type) -> String {
    format!(
        "{} {}.{}({})",
        full_name(world, &method.returns),
        full_name(world, of),
        method.name,
        method
            .parameters
            .iter()
            .map(|(_, ty)| full_name(world, ty))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

// Classes of the platform with their namespace.
fn full_name(world: &World, ty: &Type) -> String {
    match ty {
        Type::Class(class) if world.class(*class).namespace == Some("System") => {
            format!("System.{}", world.class(*class).qualified)
        }
        other => world.name_of(other),
    }
}
