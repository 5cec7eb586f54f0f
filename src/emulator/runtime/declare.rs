//! From syntax trees to classes with members; bodies come later.

mod batch;
mod layout;
mod members;
pub mod modifiers;
mod signatures;
mod unnamed;
mod words;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::anonymous;
use super::program::{Class, ClassKind, World};
use super::resolve::{self, Fault};
use super::source::Node;
use super::types::{ClassId, MethodId, Type};
use crate::metadata::ComponentId;

pub use layout::lay_out;
pub use members::{CALLS_OUT, members};
pub use modifiers::Place;
pub use words::{Named, check as check_name};
pub use written::signature;

/// A class and its syntax.
#[derive(Clone, Copy)]
pub struct Declared<'a> {
    /// The class.
    pub class: ClassId,
    /// Its declaration.
    pub node: Node<'a>,
}

/// Code that is still to be compiled.
pub enum Task<'a> {
    /// A method, constructor or accessor body.
    Method(MethodId, Node<'a>),
    /// The body of a property's accessor: method, body, property in lower case.
    Accessor(MethodId, Node<'a>, String),
    /// A variable's initial value: class, whether static, variable in lower case, value.
    Variable(ClassId, bool, String, Node<'a>),
    /// An initialiser block: class, whether static, block.
    Block(ClassId, bool, Node<'a>),
}

/// The annotations and modifiers of a declaration, all in lower case.
#[derive(Default)]
pub struct Modifiers {
    /// Keywords such as `static` and `with sharing`.
    pub words: Vec<String>,
    /// Annotations without `@` and arguments.
    pub annotations: Vec<String>,
}

impl Modifiers {
    /// Reads those of a declaration.
    pub fn of(node: Node<'_>) -> Self {
        let mut found = Self::default();
        for child in node
            .child("modifiers")
            .map(|list| list.children())
            .unwrap_or_default()
        {
            if child.kind() == "annotation" {
                let name = child.field("name").map_or("", |name| name.text());
                found.annotations.push(name.to_ascii_lowercase());
            } else {
                let words: Vec<&str> = child.text().split_whitespace().collect();
                found.words.push(words.join(" ").to_ascii_lowercase());
            }
        }
        found
    }

    /// Whether a keyword is among them.
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|found| found == word)
    }

    /// Whether an annotation is among them.
    pub fn is_annotated(&self, name: &str) -> bool {
        self.annotations.iter().any(|found| found == name)
    }
}

/// What a class belongs to.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// The platform's namespace.
    pub namespace: Option<&'static str>,
    /// The org's component.
    pub component: Option<&'a Arc<ComponentId>>,
    /// Statements instead of a class.
    pub anonymous: bool,
}

/// Adds the classes of a source, with empty bodies.
pub fn register<'a>(
    world: &mut World,
    root: Node<'a>,
    origin: Origin<'_>,
    declared: &mut Vec<Declared<'a>>,
) -> Result<(), Fault> {
    if origin.anonymous {
        return register_one(world, root, None, origin, declared);
    }
    for node in root.children() {
        register_one(world, node, None, origin, declared)?;
    }
    Ok(())
}

fn register_one<'a>(
    world: &mut World,
    node: Node<'a>,
    outer: Option<ClassId>,
    origin: Origin<'_>,
    declared: &mut Vec<Declared<'a>>,
) -> Result<(), Fault> {
    let kind = match node.kind() {
        "class_declaration" => ClassKind::Class,
        "interface_declaration" => ClassKind::Interface,
        "enum_declaration" => ClassKind::Enum,
        "trigger_declaration" => ClassKind::Trigger,
        "parser_output" => ClassKind::Anonymous,
        _ if outer.is_some() => return Ok(()),
        _ => {
            let text = node.text().split_whitespace().next().unwrap_or_default();
            return Err(Fault::new(node.at(), format!("Unexpected token '{text}'.")));
        }
    };
    let name: Arc<str> = match kind {
        ClassKind::Anonymous => anonymous::NAME.into(),
        _ => node.field("name").map_or("", |name| name.text()).into(),
    };
    let modifiers = Modifiers::of(node);
    if origin.namespace.is_none() {
        check_type(world, node, kind, outer, &modifiers)?;
    }
    let qualified = match (outer, origin.namespace) {
        // The classes of anonymous code are known by their own names.
        (Some(outer), _) if world.class(outer).kind != ClassKind::Anonymous => {
            format!("{}.{name}", world.class(outer).qualified).into()
        }
        (None, Some(namespace)) if namespace != "System" => format!("{namespace}.{name}").into(),
        _ => name.clone(),
    };
    let id = ClassId(u32::try_from(world.classes.len()).unwrap_or(u32::MAX));
    let outer_is_test = outer.is_some_and(|outer| world.class(outer).is_test);
    world.classes.push(Class {
        name: name.clone(),
        qualified,
        namespace: origin.namespace,
        kind,
        outer,
        inner: BTreeMap::new(),
        is_abstract: modifiers.has("abstract"),
        is_extensible: modifiers.has("abstract") || modifiers.has("virtual"),
        is_global: modifiers.has("global"),
        is_rest: modifiers.is_annotated("restresource"),
        is_test: outer_is_test || modifiers.is_annotated("istest"),
        parameters: parameters(node),
        superclass: None,
        interfaces: Vec::new(),
        generics: Vec::new(),
        variables: BTreeMap::new(),
        instance_slots: 0,
        static_slots: 0,
        methods: BTreeMap::new(),
        constructors: Vec::new(),
        vtable: BTreeMap::new(),
        instance_init: Arc::from([]),
        static_init: Arc::from([]),
        init_slots: 0,
        constants: Vec::new(),
        component: origin.component.cloned(),
        gap: None,
        trigger: None,
        at: node.at(),
        name_at: node.field("name").unwrap_or(node).at(),
    });
    declared.push(Declared { class: id, node });
    let key = name.to_ascii_lowercase();
    match (outer, origin.namespace, kind) {
        (Some(outer), ..) => {
            let in_use = world.class(outer).name.eq_ignore_ascii_case(&name);
            if in_use || world.class_mut(outer).inner.insert(key, id).is_some() {
                let qualified = if in_use {
                    &world.class(outer).qualified
                } else {
                    &world.class(id).qualified
                };
                return Err(Fault::new(
                    node.field("name").unwrap_or(node).at(),
                    format!("Type name already in use: {qualified}"),
                ));
            }
        }
        (None, Some(namespace), _) => {
            world
                .platform
                .insert(format!("{}.{key}", namespace.to_ascii_lowercase()), id);
        }
        // A trigger may have the name of a class.
        (None, None, ClassKind::Trigger | ClassKind::Anonymous) => {}
        (None, None, _) => {
            world.top.insert(key, id);
        }
    }
    let body = match kind {
        ClassKind::Anonymous => Some(node),
        _ => node.field("body"),
    };
    if let Some(body) = body {
        for member in body.children() {
            register_one(world, member, Some(id), origin, declared)?;
        }
    }
    Ok(())
}

// The rules for a declaration of the org's own code.
fn check_type(
    world: &World,
    node: Node<'_>,
    kind: ClassKind,
    outer: Option<ClassId>,
    modifiers: &Modifiers,
) -> Result<(), Fault> {
    if matches!(kind, ClassKind::Trigger | ClassKind::Anonymous) {
        return Ok(());
    }
    let name = node.field("name").unwrap_or(node);
    check_name(name, Named::Type)?;
    modifiers::check(node, modifiers, Place::Class, name.at())?;
    if modifiers.is_annotated("restresource") && !modifiers.has("global") {
        let text = "RestResource classes must be declared as global";
        return Err(Fault::new(name.at(), text));
    }
    if let Some(outer) = outer
        && modifiers.has("global")
        && !world.class(outer).is_global
    {
        return Err(Fault::new(
            world.class(outer).name_at,
            "Enclosing type for global classes in apex classes must be declared as global",
        ));
    }
    if outer.is_some_and(|outer| world.class(outer).outer.is_some()) {
        return Err(Fault::new(
            node.at(),
            "Inner types are not allowed to have inner types",
        ));
    }
    let is_open = modifiers.has("public") || modifiers.has("global");
    if outer.is_none() && !is_open && !modifiers.is_annotated("istest") {
        return Err(Fault::new(
            name.at(),
            "Top-level type must have public or global visibility",
        ));
    }
    Ok(())
}

fn parameters(node: Node<'_>) -> Vec<String> {
    node.field("type_parameters")
        .map(|list| {
            list.children()
                .iter()
                .map(|one| one.text().to_ascii_lowercase())
                .collect()
        })
        .unwrap_or_default()
}

// The platform starts these by the names of their classes.
const TOP_LEVEL: [&str; 2] = ["database.batchable", "messaging.inboundemailhandler"];

fn check_interface(
    world: &World,
    id: ClassId,
    interface: ClassId,
    argument: Option<&Type>,
) -> Result<(), Fault> {
    let class = world.class(id);
    let name = || match argument {
        Some(argument) => world.name_of(&Type::generic(interface, argument.clone())),
        None => world.class(interface).qualified.to_string(),
    };
    if class.namespace.is_some() {
        return Ok(());
    }
    if class.interfaces.contains(&interface) {
        let text = format!("Interface already implemented: {}", name());
        return Err(Fault::new(class.name_at, text));
    }
    let is_inner = class
        .outer
        .is_some_and(|outer| world.class(outer).kind != ClassKind::Anonymous);
    let is_restricted = TOP_LEVEL
        .iter()
        .any(|known| world.platform_class(known) == Some(interface));
    if is_inner && is_restricted {
        let text = format!("Only top-level classes can implement {}", name());
        return Err(Fault::new(class.name_at, text));
    }
    Ok(())
}

/// Finds the superclass and interfaces of a class.
pub fn supertypes(world: &mut World, declared: Declared<'_>) -> Result<(), Fault> {
    let result = ancestors(world, declared);
    if let Err(fault) = &result
        && fault.is_gap
    {
        world.class_mut(declared.class).gap = Some(fault.message.as_str().into());
    }
    result
}

/// Types that extend each other in a circle, and those above which there is one. What they extend is
/// taken from them, so that nobody walks in circles afterwards.
pub fn circles(world: &mut World, declared: &[ClassId]) -> Vec<(ClassId, Fault)> {
    let mut found = Vec::new();
    for id in declared {
        let class = world.class(*id);
        let mut parents = class.superclass.iter().chain(&class.interfaces);
        if let Some(parent) = parents.find(|parent| is_below_circle(world, &mut vec![**parent])) {
            let text = format!("Circular definition: {}", world.class(*parent).qualified);
            found.push((*id, Fault::new(class.name_at, text)));
        }
    }
    for (id, _) in &found {
        let class = world.class_mut(*id);
        class.superclass = None;
        class.interfaces.clear();
        class.generics.clear();
    }
    found
}

// The way leads from a type to what it extends, to what that extends, and so on.
fn is_below_circle(world: &World, way: &mut Vec<ClassId>) -> bool {
    let Some(last) = way.last() else {
        return false;
    };
    let class = world.class(*last);
    class
        .superclass
        .iter()
        .chain(&class.interfaces)
        .any(|next| {
            if way.contains(next) {
                return true;
            }
            way.push(*next);
            let is_below = is_below_circle(world, way);
            way.pop();
            is_below
        })
}

fn ancestors(world: &mut World, declared: Declared<'_>) -> Result<(), Fault> {
    let from = Some(declared.class);
    let class_of = |world: &World, node: Node<'_>| match resolve::type_of(world, from, node)? {
        Type::Class(id) => Ok((id, None)),
        Type::Generic(pair) => Ok((pair.0, Some(pair.1.clone()))),
        _ => Err(Fault::unsupported(
            node.at(),
            format!("extending {}", node.text()),
        )),
    };
    if let Some(node) = declared
        .node
        .field("superclass")
        .and_then(|list| list.children().pop())
    {
        let (parent, _) = class_of(world, node)?;
        let found = world.class(parent);
        if found.kind != ClassKind::Class {
            let text = format!("Invalid class: {}", node.text());
            return Err(Fault::new(node.at(), text));
        }
        let is_itself = parent == declared.class;
        if !(found.is_extensible || world.is_exception(parent) || is_itself) {
            return Err(Fault::new(
                node.at(),
                format!(
                    "Non-virtual and non-abstract type cannot be extended: {}",
                    found.qualified
                ),
            ));
        }
        let class = world.class(declared.class);
        if world.is_exception(parent) && !class.name.to_ascii_lowercase().ends_with("exception") {
            return Err(Fault::new(
                class.at,
                format!(
                    "Classes extending Exception must have a name ending in Exception: {}",
                    class.qualified
                ),
            ));
        }
        world.class_mut(declared.class).superclass = Some(parent);
    }
    let class = world.class(declared.class);
    let is_named = class.name.to_ascii_lowercase().ends_with("exception");
    if class.kind == ClassKind::Class
        && class.namespace.is_none()
        && is_named
        && !world.is_exception(declared.class)
    {
        let text = format!(
            "Exception class must extend another Exception class: {}",
            class.qualified
        );
        return Err(Fault::new(class.name_at, text));
    }
    let lists = [
        declared.node.field("interfaces"),
        declared.node.child("extends_interfaces"),
    ];
    for node in lists
        .into_iter()
        .flatten()
        .filter_map(|list| list.child("type_list"))
    {
        for name in node.children() {
            let (parent, argument) = class_of(world, name)?;
            if world.class(parent).kind != ClassKind::Interface {
                return Err(Fault::new(
                    name.at(),
                    format!("Invalid interface: {}", name.text()),
                ));
            }
            check_interface(world, declared.class, parent, argument.as_ref())?;
            let class = world.class_mut(declared.class);
            class.interfaces.push(parent);
            class
                .generics
                .extend(argument.map(|argument| (parent, argument)));
        }
    }
    Ok(())
}
