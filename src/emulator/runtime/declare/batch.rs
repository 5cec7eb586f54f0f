//! What a class needs to be a batch (Apex Developer Guide, "Use Batch Apex"): its methods fit the type
//! argument of `Database.Batchable`, which no other interface has.

use super::super::program::{Access, Method, World};
use super::super::resolve::Fault;
use super::super::types::{ClassId, Type};

/// What is wrong with the methods of a batch.
pub fn check(world: &World, id: ClassId) -> Vec<Fault> {
    let Some(element) = of(world, id) else {
        return Vec::new();
    };
    let class = |name: &str| world.platform_class(name).map(Type::Class);
    let context = class("database.batchablecontext");
    let has_context =
        |method: &Method| method.parameters.first().map(|(_, ty)| ty) == context.as_ref();
    let locator = class("database.querylocator");
    let iterable = world.platform_class("system.iterable");
    let starts = |method: &Method| {
        let gives = match &method.returns {
            Type::Generic(pair) => Some(pair.0) == iterable,
            other => Some(other) == locator.as_ref(),
        };
        method.parameters.len() == 1 && has_context(method) && gives
    };
    let executes = |method: &Method| {
        let scope = method.parameters.get(1).map(|(_, ty)| ty);
        method.parameters.len() == 2
            && has_context(method)
            && method.returns == Type::Void
            && matches!(scope, Some(Type::List(found)) if fits(&element, found))
    };
    let finishes = |method: &Method| {
        method.parameters.len() == 1 && has_context(method) && method.returns == Type::Void
    };
    let name = world.name_of(&element);
    let wanted: [Wanted<'_>; 3] = [
        (
            "start",
            &starts,
            format!(
                "Database.QueryLocator Database.Batchable<{name}>.start(Database.BatchableContext)"
            ),
        ),
        (
            "execute",
            &executes,
            format!(
                "void Database.Batchable<{name}>.execute(Database.BatchableContext, List<{name}>)"
            ),
        ),
        (
            "finish",
            &finishes,
            format!("void Database.Batchable<{name}>.finish(Database.BatchableContext)"),
        ),
    ];
    let class = world.class(id);
    let qualified = &class.qualified;
    let mut faults = Vec::new();
    for (name, fits, signature) in wanted {
        let found = world
            .methods_named(id, name)
            .into_iter()
            .map(|method| world.method(method))
            .find(|method| !method.is_static && fits(method));
        match found {
            None => faults.push(Fault::new(
                class.name_at,
                format!("Class {qualified} must implement the method: {signature}"),
            )),
            Some(method) if method.access != Access::Public => faults.push(Fault::new(
                class.name_at,
                format!(
                    "{qualified}: Overriding implementations of global or public interface methods must be global or public: {signature}"
                ),
            )),
            Some(_) => {}
        }
    }
    faults
}

// A method: its name, whether one fits, and its signature.
type Wanted<'a> = (&'a str, &'a dyn Fn(&Method) -> bool, String);

// The type argument of the interface, which a superclass may have.
fn of(world: &World, id: ClassId) -> Option<Type> {
    let batchable = world.platform_class("database.batchable")?;
    world.generic_argument(id, batchable).cloned()
}

// A batch of sObjects may name the object that it gets.
fn fits(element: &Type, found: &Type) -> bool {
    element == found || (*element == Type::SObject && found.is_record())
}
