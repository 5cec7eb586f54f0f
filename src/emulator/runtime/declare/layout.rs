//! Slots of instances and the methods that instances run.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::program::{Access, ClassKind, Method, World};
use super::super::resolve::Fault;
use super::super::types::{ClassId, MethodId, Type};
use super::batch;
use super::members::selector;
use super::written::{signature, signature_of};

// What every class inherits without saying so and may override.
const TO_STRING: &str = "tostring()";

/// Gives the variables of a class slots behind those of its superclasses, and finds what each
/// method call on an instance runs. `done` holds the classes that are finished.
pub fn lay_out(
    world: &mut World,
    id: ClassId,
    done: &mut BTreeSet<ClassId>,
    faults: &mut Vec<(ClassId, Fault)>,
) {
    if !done.insert(id) {
        return;
    }
    let mut vtable: BTreeMap<Arc<str>, MethodId> = BTreeMap::new();
    if let Some(parent) = world.class(id).superclass {
        lay_out(world, parent, done, faults);
        let offset = world.class(parent).instance_slots;
        vtable.clone_from(&world.class(parent).vtable);
        let class = world.class_mut(id);
        for variable in class
            .variables
            .values_mut()
            .filter(|variable| !variable.is_static)
        {
            variable.slot += offset;
        }
        class.instance_slots += offset;
    }
    let own: Vec<MethodId> = world
        .class(id)
        .methods
        .values()
        .flatten()
        .copied()
        .collect();
    for method_id in own {
        let method = world.method(method_id);
        if method.is_static {
            continue;
        }
        let inherited = vtable.get(&method.selector).copied();
        let text = || signature(world, method);
        if let Some(parent) = inherited_static(world, id, &method.selector) {
            let (parent, own) = (signature(world, world.method(parent)), text());
            let text = format!("Cannot override static method: {parent} with {own}");
            faults.push((id, Fault::new(world.class(id).name_at, text)));
        }
        match inherited {
            Some(parent) if !world.method(parent).is_virtual => faults.push((
                id,
                Fault::new(
                    method.at,
                    format!(
                        "Non-virtual, non-abstract methods cannot be overridden: {}",
                        text()
                    ),
                ),
            )),
            None if &*method.selector == TO_STRING
                && !method.is_override
                && world.class(id).namespace.is_none() =>
            {
                faults.push((
                    id,
                    Fault::new(
                        method.at,
                        format!("Method must use the override keyword: {}", text()),
                    ),
                ));
            }
            Some(_) if !method.is_override => faults.push((
                id,
                Fault::new(
                    method.at,
                    format!("Method must use the override keyword: {}", text()),
                ),
            )),
            None if &*method.selector == TO_STRING && world.class(id).namespace.is_none() => {
                faults.extend(to_string(world, method).map(|fault| (id, fault)));
            }
            None if method.is_override
                && world.gap(id).is_none()
                && let Some(text) = implements(world, id, &method.selector) =>
            {
                faults.push((id, Fault::new(world.class(id).name_at, text)));
            }
            None if method.is_override
                && &*method.selector != "hashcode()"
                && world.gap(id).is_none()
                && world.class(id).namespace.is_none() =>
            {
                faults.push((
                    id,
                    Fault::new(
                        method.at,
                        format!("@Override specified for non-overriding method: {}", text()),
                    ),
                ));
            }
            Some(parent) if world.method(parent).returns != method.returns => {
                let (own, other) = (&method.returns, &world.method(parent).returns);
                faults.push((
                    id,
                    Fault::new(
                        method.at,
                        format!(
                            "Method return types clash: {} vs {} from the type {}",
                            world.name_of(own),
                            world.name_of(other),
                            world.class(id).qualified
                        ),
                    ),
                ));
            }
            Some(parent) if rank(method.access) < rank(world.method(parent).access) => {
                let text = format!("Cannot reduce the visibility of method: {}", text());
                faults.push((id, Fault::new(method.at, text)));
            }
            _ => {}
        }
        vtable.insert(method.selector.clone(), method_id);
    }
    faults.extend(default_constructor(world, id).map(|fault| (id, fault)));
    require_methods(world, id, &vtable, faults);
    world.class_mut(id).vtable = vtable;
}

// A class without constructors needs one without parameters of its superclass.
fn default_constructor(world: &World, id: ClassId) -> Option<Fault> {
    let class = world.class(id);
    let parent = class.superclass?;
    let needs = class.constructors.is_empty() && !world.is_exception(parent);
    let known = &world.class(parent).constructors;
    let fits = |id: &MethodId| world.method(*id).parameters.is_empty();
    if !needs || known.is_empty() || known.iter().any(fits) {
        return None;
    }
    let name = &world.class(parent).qualified;
    Some(Fault::new(
        class.name_at,
        format!("No default constructor available in super type: {name}"),
    ))
}

// How much code may call a method.
fn rank(access: Access) -> u8 {
    match access {
        Access::Private | Access::TestVisible => 0,
        Access::Protected => 1,
        Access::Public => 2,
    }
}

// A static method of a superclass with the same name and parameters.
fn inherited_static(world: &World, id: ClassId, selector: &str) -> Option<MethodId> {
    let ancestors = world.lineage(id).into_iter().skip(1);
    ancestors
        .flat_map(|class| world.class(class).methods.values().flatten().copied())
        .find(|method| {
            let method = world.method(*method);
            method.is_static && *method.selector == *selector
        })
}

// What is wrong with the `toString` of a class.
fn to_string(world: &World, method: &Method) -> Option<Fault> {
    let text = if method.returns != Type::String {
        let (returns, class) = (
            world.name_of(&method.returns),
            &world.class(method.class).qualified,
        );
        format!("Method return types clash: {returns} vs String from the type {class}")
    } else if method.access != Access::Public {
        let signature = signature(world, method);
        format!("Cannot reduce the visibility of method: {signature}")
    } else {
        return None;
    };
    Some(Fault::new(method.at, text))
}

// For a method that says to override what only an interface asks for: it does not count as that.
fn implements(world: &World, id: ClassId, selector: &str) -> Option<String> {
    let mut wanted = interfaces(world, id)
        .into_iter()
        .flat_map(|interface| world.class(interface).methods.values().flatten())
        .map(|method| with_arguments(world, id, world.method(*method)));
    let (method, of) = wanted.find(|(method, _)| *method.selector == *selector)?;
    let (class, wanted) = (
        &world.class(id).qualified,
        signature_of(world, &method, &of),
    );
    Some(format!("Class {class} must implement the method: {wanted}"))
}

fn interfaces(world: &World, id: ClassId) -> BTreeSet<ClassId> {
    let mut found = BTreeSet::new();
    let mut waiting = world.lineage(id);
    while let Some(next) = waiting.pop() {
        for interface in &world.class(next).interfaces {
            if found.insert(*interface) {
                waiting.push(*interface);
            }
        }
    }
    found
}

// The method of a generic interface as a class has to implement it, and the type that has it.
fn with_arguments<'m>(world: &World, id: ClassId, method: &'m Method) -> (Cow<'m, Method>, Type) {
    let Some(argument) = world.generic_argument(id, method.class) else {
        return (Cow::Borrowed(method), Type::Class(method.class));
    };
    let of = Type::generic(method.class, argument.clone());
    let arguments = std::slice::from_ref(argument);
    let mut method = method.clone();
    method.returns = method.returns.substitute(arguments);
    for (_, ty) in &mut method.parameters {
        *ty = ty.substitute(arguments);
    }
    method.selector = selector(world, &method.name, &method.parameters);
    (Cow::Owned(method), of)
}

// A class that can have instances must have every abstract method.
fn require_methods(
    world: &World,
    id: ClassId,
    vtable: &BTreeMap<Arc<str>, MethodId>,
    faults: &mut Vec<(ClassId, Fault)>,
) {
    let class = world.class(id);
    if class.kind != ClassKind::Class || class.is_abstract || class.namespace.is_some() {
        return;
    }
    faults.extend(batch::check(world, id).into_iter().map(|fault| (id, fault)));
    let from_interfaces = interfaces(world, id)
        .into_iter()
        .flat_map(|interface| world.class(interface).methods.values().flatten().copied());
    for wanted in vtable.values().copied().chain(from_interfaces) {
        let (method, of) = with_arguments(world, id, world.method(wanted));
        let found = vtable
            .get(&method.selector)
            .map(|found| world.method(*found));
        let fault = |text: String| (id, Fault::new(class.name_at, text));
        let (class_name, wanted) = (&class.qualified, signature_of(world, &method, &of));
        let from_interface = world.class(method.class).kind == ClassKind::Interface;
        let fits = found.is_some_and(|found| {
            !found.is_abstract && (!from_interface || found.returns == method.returns)
        });
        if method.is_abstract && !fits {
            let kind = if from_interface { "" } else { "abstract " };
            let text = format!("Class {class_name} must implement the {kind}method: {wanted}");
            // The platform reports a missing abstract method where that is declared.
            let here = world.class(method.class).component == class.component;
            faults.push(if from_interface || !here {
                fault(text)
            } else {
                (id, Fault::new(method.at, text))
            });
            return;
        }
        if from_interface && found.is_some_and(|found| found.access != Access::Public) {
            faults.push(fault(format!(
                "{class_name}: Overriding implementations of global or public interface methods must be global or public: {wanted}"
            )));
            return;
        }
    }
}
