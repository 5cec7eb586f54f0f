//! The classes of a program and the questions that the compiler and the machine ask about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::data::schema::Schema;
use super::ir::{Expr, Stmt};
use super::source::At;
use super::types::{ClassId, MethodId, Type};
use crate::metadata::ComponentId;

/// What kind of declaration a class is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassKind {
    /// `class`
    Class,
    /// `interface`
    Interface,
    /// `enum`
    Enum,
    /// `trigger`
    Trigger,
    /// Anonymous code.
    Anonymous,
}

/// A class, interface, enum or trigger.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its own name.
    pub name: Arc<str>,
    /// `Outer.Inner`; for platform classes outside `System` with the namespace.
    pub qualified: Arc<str>,
    /// The platform's namespace; none for an org's code.
    pub namespace: Option<&'static str>,
    /// What it is.
    pub kind: ClassKind,
    /// The class around it.
    pub outer: Option<ClassId>,
    /// Inner classes by name in lower case.
    pub inner: BTreeMap<String, ClassId>,
    /// `abstract`
    pub is_abstract: bool,
    /// `virtual` or `abstract`
    pub is_extensible: bool,
    /// `global`
    pub is_global: bool,
    /// `@RestResource`
    pub is_rest: bool,
    /// `@IsTest`, also of the class around it.
    pub is_test: bool,
    /// Type parameters in lower case.
    pub parameters: Vec<String>,
    /// `extends`
    pub superclass: Option<ClassId>,
    /// `implements`, or what an interface extends.
    pub interfaces: Vec<ClassId>,
    /// The generic ones among them, with their type arguments.
    pub generics: Vec<(ClassId, Type)>,
    /// Own variables by name in lower case.
    pub variables: BTreeMap<String, Variable>,
    /// Slots of instances, with those of superclasses first.
    pub instance_slots: usize,
    /// Slots of statics.
    pub static_slots: usize,
    /// Own methods by name in lower case.
    pub methods: BTreeMap<String, Vec<MethodId>>,
    /// Own constructors.
    pub constructors: Vec<MethodId>,
    /// Methods that instances run, by selector.
    pub vtable: BTreeMap<Arc<str>, MethodId>,
    /// Instance initialisers in order.
    pub instance_init: Arc<[Initializer]>,
    /// Static initialisers in order.
    pub static_init: Arc<[Initializer]>,
    /// Frame size that the initialisers need.
    pub init_slots: usize,
    /// Names of an enum's constants.
    pub constants: Vec<Arc<str>>,
    /// The source that declares it; none for platform classes.
    pub component: Option<Arc<ComponentId>>,
    /// What of its declaration is not known here; then it may have members that are not listed.
    pub gap: Option<Arc<str>>,
    /// The object and events of a trigger.
    pub trigger: Option<(super::types::ObjectId, Vec<String>)>,
    /// Where it is declared.
    pub at: At,
    /// Where its name stands.
    pub name_at: At,
}

/// A field or property.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name as declared.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// `static`
    pub is_static: bool,
    /// `final`
    pub is_final: bool,
    /// Its slot among the statics or instance variables.
    pub slot: usize,
    /// The getter of a property, where it has a body.
    pub getter: Option<MethodId>,
    /// The setter of a property, where it has a body.
    pub setter: Option<MethodId>,
    /// Who may read it; nobody a property without `get`.
    pub readable: Option<Access>,
    /// Who may write it; nobody a property without `set`.
    pub writable: Option<Access>,
    /// Where its name is declared.
    pub at: At,
    /// Its initial value as it is written, where that is one literal.
    pub literal: Option<Arc<str>>,
}

/// Visibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Within the outermost class.
    Private,
    /// Private, and visible to test classes.
    TestVisible,
    /// Subclasses too.
    Protected,
    /// Everywhere.
    Public,
}

/// What runs before a constructor's body, or when a class is first used.
#[derive(Debug, Clone)]
pub enum Initializer {
    /// A variable's initial value: slot, value, and the line if it counts for coverage.
    Variable(usize, Expr, At),
    /// An initialiser block.
    Block(Stmt),
}

/// A method, constructor or accessor.
#[derive(Debug, Clone)]
pub struct Method {
    /// Its name; `<init>` for constructors.
    pub name: Arc<str>,
    /// The class that declares it.
    pub class: ClassId,
    /// What it returns.
    pub returns: Type,
    /// Names and types.
    pub parameters: Vec<(Arc<str>, Type)>,
    /// `static`
    pub is_static: bool,
    /// Whether subclasses may override it.
    pub is_virtual: bool,
    /// `override`
    pub is_override: bool,
    /// Declared without a body.
    pub is_abstract: bool,
    /// Who may call it.
    pub access: Access,
    /// Name and parameter types, the same for all that override each other.
    pub selector: Arc<str>,
    /// What it does.
    pub body: Body,
    /// Names and types of its parameters and local variables, by slot.
    pub variables: Arc<[(Arc<str>, Type)]>,
    /// `this(…)` or `super(…)` of a constructor.
    pub chain: Option<Chain>,
    /// Annotations in lower case.
    pub annotations: Vec<String>,
    /// Where it is declared.
    pub at: At,
}

/// The explicit or implicit constructor call that a constructor begins with.
#[derive(Debug, Clone)]
pub struct Chain {
    /// `this(…)`, so that initialisers are left to the other constructor.
    pub same_class: bool,
    /// Which one; none for a superclass without constructors.
    pub constructor: Option<MethodId>,
    /// Arguments.
    pub arguments: Vec<Expr>,
}

/// What a method does.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing can call it.
    Abstract,
    /// Rust code of the platform, by position in the table of natives.
    Native(usize),
    /// Apex.
    Apex(Arc<[Stmt]>),
}

/// Everything that is known about classes.
#[derive(Debug, Clone)]
pub struct World {
    /// Classes by position.
    pub classes: Vec<Class>,
    /// Methods by position.
    pub methods: Vec<Method>,
    /// Outermost classes of the org by name in lower case.
    pub top: BTreeMap<String, ClassId>,
    /// Platform classes by `namespace.name` in lower case.
    pub platform: BTreeMap<String, ClassId>,
    /// The sObjects.
    pub schema: Arc<Schema>,
}

impl World {
    /// A class.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }

    /// A class to be changed.
    pub fn class_mut(&mut self, id: ClassId) -> &mut Class {
        &mut self.classes[id.0 as usize]
    }

    /// A method.
    pub fn method(&self, id: MethodId) -> &Method {
        &self.methods[id.0 as usize]
    }

    /// A method to be changed.
    pub fn method_mut(&mut self, id: MethodId) -> &mut Method {
        &mut self.methods[id.0 as usize]
    }

    /// Adds a method.
    pub fn add_method(&mut self, method: Method) -> MethodId {
        let id = MethodId(u32::try_from(self.methods.len()).unwrap_or(u32::MAX));
        self.methods.push(method);
        id
    }

    /// A platform class by `namespace.name`.
    pub fn platform_class(&self, name: &str) -> Option<ClassId> {
        self.platform.get(&name.to_ascii_lowercase()).copied()
    }

    /// The platform class that declares the methods of a type.
    pub fn class_of(&self, ty: &Type) -> Option<ClassId> {
        match ty {
            Type::Class(id) => Some(*id),
            Type::Generic(pair) => Some(pair.0),
            Type::Record(_) => self.platform_class("system.sobject"),
            Type::Void | Type::Null | Type::Unknown(_) => None,
            other => self.platform_class(&format!("system.{}", other.builtin_name()?)),
        }
    }

    /// How the compiler's messages name a type.
    pub fn name_of(&self, ty: &Type) -> String {
        match ty {
            Type::Class(id) => self.class(*id).qualified.to_string(),
            Type::Generic(pair) => {
                let class = self.class(pair.0);
                let namespace = match class.namespace {
                    Some("System") => "System.",
                    _ => "",
                };
                format!("{namespace}{}<{}>", class.qualified, self.name_of(&pair.1))
            }
            Type::Record(id) => self.schema.object(*id).name.to_string(),
            Type::Unknown(name) => name.to_string(),
            Type::List(element) => format!("List<{}>", self.name_of(element)),
            Type::Set(element) => format!("Set<{}>", self.name_of(element)),
            Type::Map(pair) => {
                format!("Map<{},{}>", self.name_of(&pair.0), self.name_of(&pair.1))
            }
            other => other.builtin_name().unwrap_or_default().to_owned(),
        }
    }

    /// The same as error texts of the compiler have it: classes of the platform with their namespace.
    pub fn full_name(&self, ty: &Type) -> String {
        match ty {
            Type::Class(id) if self.class(*id).namespace == Some("System") => {
                let outermost = self.class(self.outermost(*id));
                let is_root = matches!(
                    &*outermost.qualified,
                    "Database" | "Exception" | "Object" | "System"
                );
                let prefix = if is_root { "" } else { "System." };
                format!("{prefix}{}", self.class(*id).qualified)
            }
            Type::Generic(pair) => {
                let class = self.full_name(&Type::Class(pair.0));
                format!("{class}<{}>", self.full_name(&pair.1))
            }
            Type::List(element) => format!("List<{}>", self.full_name(element)),
            Type::Set(element) => format!("Set<{}>", self.full_name(element)),
            Type::Map(pair) => {
                let (key, value) = (self.full_name(&pair.0), self.full_name(&pair.1));
                format!("Map<{key},{value}>")
            }
            other => self.name_of(other),
        }
    }

    /// Whether a class is another one, extends or implements it.
    pub fn is_subclass(&self, id: ClassId, ancestor: ClassId) -> bool {
        if id == ancestor {
            return true;
        }
        let class = self.class(id);
        class
            .superclass
            .is_some_and(|parent| self.is_subclass(parent, ancestor))
            || class
                .interfaces
                .iter()
                .any(|parent| self.is_subclass(*parent, ancestor))
    }

    /// The type argument with which a class, one that it extends or one of its interfaces has a generic
    /// interface.
    pub fn generic_argument(&self, id: ClassId, interface: ClassId) -> Option<&Type> {
        let class = self.class(id);
        let own = class.generics.iter().find(|(found, _)| *found == interface);
        own.map(|(_, argument)| argument).or_else(|| {
            let parents = class.superclass.iter().chain(&class.interfaces);
            parents
                .filter(|parent| **parent != id)
                .find_map(|parent| self.generic_argument(*parent, interface))
        })
    }

    /// The class and those that it extends, nearest first.
    pub fn lineage(&self, id: ClassId) -> Vec<ClassId> {
        let mut found = vec![id];
        let mut current = id;
        while let Some(parent) = self.class(current).superclass {
            // A cycle of superclasses is reported when classes are declared.
            if found.contains(&parent) {
                break;
            }
            found.push(parent);
            current = parent;
        }
        found
    }

    /// The variable of a class or its superclasses, with the class that declares it.
    pub fn variable(&self, id: ClassId, name: &str) -> Option<(ClassId, &Variable)> {
        let name = name.to_ascii_lowercase();
        self.lineage(id)
            .into_iter()
            .find_map(|class| Some((class, self.class(class).variables.get(&name)?)))
    }

    /// The methods with a name that a class, its superclasses and interfaces declare; one that is
    /// overridden appears once.
    pub fn methods_named(&self, id: ClassId, name: &str) -> Vec<MethodId> {
        let mut found: Vec<MethodId> = Vec::new();
        self.collect_methods(id, &name.to_ascii_lowercase(), &mut found);
        found
    }

    fn collect_methods(&self, id: ClassId, name: &str, found: &mut Vec<MethodId>) {
        let class = self.class(id);
        for method in class.methods.get(name).into_iter().flatten() {
            let selector = &self.method(*method).selector;
            if !found
                .iter()
                .any(|known| self.method(*known).selector == *selector)
            {
                found.push(*method);
            }
        }
        for parent in class.superclass.iter().chain(&class.interfaces) {
            self.collect_methods(*parent, name, found);
        }
    }

    /// The outermost class around a class.
    pub fn outermost(&self, id: ClassId) -> ClassId {
        let mut current = id;
        while let Some(outer) = self.class(current).outer {
            current = outer;
        }
        current
    }

    /// What is not known of a class, its superclasses or the classes around it.
    pub fn gap(&self, id: ClassId) -> Option<&Arc<str>> {
        let mut current = Some(id);
        while let Some(class) = current {
            let found = self
                .lineage(class)
                .into_iter()
                .find_map(|class| self.class(class).gap.as_ref());
            if found.is_some() {
                return found;
            }
            current = self.class(class).outer;
        }
        None
    }

    /// Whether a class is an exception.
    pub fn is_exception(&self, id: ClassId) -> bool {
        self.platform_class("system.exception")
            .is_some_and(|root| self.is_subclass(id, root))
    }
}
