//! From syntax trees of bodies to [`ir`](super::ir): the compiler's second half.

mod absent;
mod calls;
mod conditions;
mod convert;
mod creation;
mod custom_metadata;
mod describe;
mod dml;
mod dynamic;
mod elements;
mod expressions;
mod flow;
mod literals;
mod names;
mod operators;
mod order;
mod queries;
mod query_fields;
mod searches;
mod statements;
mod switch;
mod trigger;

use std::collections::HashMap;
use std::sync::Arc;

pub use dynamic::{query, search};

use super::declare::{Named, Task, check_name};
use super::ir::{Constant, Expr, ExprKind, Query, Stmt, StmtKind};
use super::program::{Body, Chain, Initializer, World};
use super::resolve::{self, Fault};
use super::source::{At, Node};
use super::types::{ClassId, MethodId, ObjectId, Type};

/// Expressions may be nested this deep.
const MAX_DEPTH: usize = 400;

type Lowered<T> = Result<T, Fault>;

/// What compiling one piece of code gives, and what of it this runtime does not have.
pub type Compiled = Result<(Done, Vec<Fault>), Vec<Fault>>;

/// A compiled piece of code.
pub enum Done {
    /// A body of a method or accessor, with its variables.
    Method(MethodId, Vec<Stmt>, Vec<(Arc<str>, Type)>, Option<Chain>),
    /// An initialiser: class, whether static, frame size.
    Initializer(ClassId, bool, Initializer, usize),
}

/// Compiles one piece of code.
pub fn lower(world: &World, task: &Task<'_>) -> Compiled {
    match task {
        Task::Method(id, node) => method(world, *id, *node, None),
        Task::Accessor(id, node, property) => method(world, *id, *node, Some(property.clone())),
        Task::Variable(class, is_static, name, node) => {
            variable(world, *class, *is_static, name, *node).map_err(|fault| vec![fault])
        }
        Task::Block(class, is_static, node) => {
            let mut lower = Lower::new(world, *class, *is_static, Type::Void);
            lower.may_set_finals = true;
            lower.is_initializer = !*is_static;
            lower.initialized_at = Some(node.at());
            let body = lower.block(*node);
            if !lower.faults.is_empty() {
                return Err(lower.faults);
            }
            let block = Stmt {
                kind: StmtKind::Block(body),
                at: At::default(),
            };
            let done = Done::Initializer(
                *class,
                *is_static,
                Initializer::Block(block),
                lower.variables.len(),
            );
            Ok((done, lower.gaps))
        }
    }
}

fn method(world: &World, id: MethodId, node: Node<'_>, property: Option<String>) -> Compiled {
    let method = world.method(id);
    let mut lower = Lower::new(
        world,
        method.class,
        method.is_static,
        method.returns.clone(),
    );
    lower.property = property;
    lower.heading = method.at;
    lower.trigger = world
        .class(method.class)
        .trigger
        .as_ref()
        .map(|(object, _)| *object);
    for (name, ty) in &method.parameters {
        lower
            .declare(name, ty.clone(), method.at)
            .map_err(|fault| vec![fault])?;
    }
    let mut chain = None;
    if &*method.name == "<init>" {
        lower.may_set_finals = true;
        lower.is_constructor = true;
        chain = match lower.chain(node) {
            Err(fault) if fault.is_gap => {
                let body = vec![lower.gap(fault)];
                let done = Done::Method(id, body, lower.variables, None);
                return Ok((done, lower.gaps));
            }
            other => other.map_err(|fault| vec![fault])?,
        };
    }
    let body = lower.block(node);
    // What is not known here may be a `return`.
    let is_known = lower.faults.is_empty() && lower.gaps.is_empty();
    if is_known && method.returns != Type::Void && flow::completes(&body) {
        let returns = world.full_name(&method.returns);
        // That of a getter is named where its property is.
        let property = lower.property.as_ref();
        let property = property.and_then(|name| world.class(method.class).variables.get(name));
        lower.faults.push(Fault::new(
            property.map_or(method.at, |property| property.at),
            format!("Missing return statement required return type: {returns}"),
        ));
    }
    if lower.faults.is_empty() {
        let done = Done::Method(id, body, lower.variables, chain);
        Ok((done, lower.gaps))
    } else {
        Err(lower.faults)
    }
}

fn variable(
    world: &World,
    class: ClassId,
    is_static: bool,
    name: &str,
    node: Node<'_>,
) -> Lowered<(Done, Vec<Fault>)> {
    let mut lower = Lower::new(world, class, is_static, Type::Void);
    let Some(variable) = world.class(class).variables.get(name) else {
        return Err(Fault::new(
            node.at(),
            format!("Variable does not exist: {name}"),
        ));
    };
    lower.initialized_at = Some(variable.at);
    let value = match lower.initial_value(node, &variable.ty) {
        Err(fault) if fault.is_gap => {
            let at = fault.at;
            let kind = lower.missing(fault);
            Expr {
                kind,
                ty: variable.ty.clone(),
                at,
            }
        }
        other => other?,
    };
    let is_constant = variable.is_static
        && variable.is_final
        && matches!(value.kind, ExprKind::Constant(Constant::String(_)));
    let at = if is_constant {
        At::default()
    } else {
        node.at()
    };
    let initializer = Initializer::Variable(variable.slot, value, at);
    let done = Done::Initializer(class, is_static, initializer, lower.variables.len());
    Ok((done, lower.gaps))
}

/// Writes a compiled body into its method.
pub fn store_method(
    world: &mut World,
    id: MethodId,
    body: Vec<Stmt>,
    variables: Vec<(Arc<str>, Type)>,
    chain: Option<Chain>,
) {
    let method = world.method_mut(id);
    method.body = Body::Apex(Arc::from(body));
    method.variables = Arc::from(variables);
    method.chain = chain;
}

/// The state of compiling one body.
pub struct Lower<'w> {
    world: &'w World,
    class: ClassId,
    is_static: bool,
    returns: Type,
    scopes: Vec<HashMap<String, (usize, Type)>>,
    // Every variable that was declared so far, by slot.
    variables: Vec<(Arc<str>, Type)>,
    loops: usize,
    depth: usize,
    // Whether this is a constructor or initialiser.
    may_set_finals: bool,
    // The property whose storage its own accessor uses.
    property: Option<String>,
    // Where the method that this is stands.
    heading: At,
    // The object of the trigger that this is.
    trigger: Option<ObjectId>,
    // The query whose HAVING this is in.
    grouped: Option<Query>,
    is_constructor: bool,
    // Whether this is an initialiser block of instances.
    is_initializer: bool,
    // Whether these are the arguments of the constructor call that a constructor begins with.
    in_chain: bool,
    // Where the variable is declared whose initial value this is, or where the initialiser block is.
    initialized_at: Option<At>,
    // What the object of a query is called in it.
    alias: Option<String>,
    // Where the statement that is being compiled begins.
    statement_at: At,
    faults: Vec<Fault>,
    // What this runtime does not have.
    gaps: Vec<Fault>,
}

impl<'w> Lower<'w> {
    fn new(world: &'w World, class: ClassId, is_static: bool, returns: Type) -> Self {
        Self {
            world,
            class,
            is_static,
            returns,
            scopes: vec![HashMap::new()],
            variables: Vec::new(),
            loops: 0,
            depth: 0,
            may_set_finals: false,
            property: None,
            heading: At::default(),
            trigger: None,
            grouped: None,
            is_constructor: false,
            is_initializer: false,
            in_chain: false,
            initialized_at: None,
            alias: None,
            statement_at: At::default(),
            faults: Vec::new(),
            gaps: Vec::new(),
        }
    }

    fn declare(&mut self, name: &str, ty: Type, at: At) -> Lowered<usize> {
        let key = name.to_ascii_lowercase();
        if self.scopes.iter().any(|scope| scope.contains_key(&key)) {
            return Err(Fault::new(at, format!("Duplicate variable: {name}")));
        }
        let slot = self.variables.len();
        self.variables.push((name.into(), ty.clone()));
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(key, (slot, ty));
        }
        Ok(slot)
    }

    // A local variable of the code itself, whose name has to be one.
    fn declare_local(&mut self, name: Node<'_>, ty: Type) -> Lowered<usize> {
        check_name(name, Named::Variable)?;
        self.declare(name.text(), ty, name.at())
    }

    fn local(&self, name: &str) -> Option<(usize, Type)> {
        let key = name.to_ascii_lowercase();
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| scope.get(&key).cloned())
    }

    fn scoped<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(HashMap::new());
        let result = inside(self);
        self.scopes.pop();
        result
    }

    /// Notes what this runtime does not have; running the result says so.
    fn missing(&mut self, fault: Fault) -> ExprKind {
        let class = self.world.outermost(self.class);
        let name = &self.world.class(class).qualified;
        let construct = fault.message.trim_start_matches(resolve::NOT_SUPPORTED);
        let text = format!("{construct} ({name}, line {})", fault.at.line);
        self.gaps.push(fault);
        ExprKind::Gap(text.into())
    }

    /// The same as a statement.
    fn gap(&mut self, fault: Fault) -> Stmt {
        let at = fault.at;
        let kind = StmtKind::Expr(Expr {
            kind: self.missing(fault),
            ty: Type::Void,
            at,
        });
        Stmt { kind, at }
    }

    fn may_set_finals(&self) -> bool {
        self.may_set_finals
    }

    fn type_of(&self, node: Node<'_>) -> Lowered<Type> {
        resolve::type_of(self.world, Some(self.class), node)
    }

    fn name_of(&self, ty: &Type) -> String {
        self.world.full_name(ty)
    }

    /// An expression of a type, with the conversion that assignment makes.
    fn value(&mut self, node: Node<'_>, ty: &Type) -> Lowered<Expr> {
        let expr = self.expr(node)?;
        self.assign_to(expr, ty)
    }

    fn initial_value(&mut self, node: Node<'_>, ty: &Type) -> Lowered<Expr> {
        if node.kind() == "array_initializer" {
            return Err(Fault::unsupported(
                node.at(),
                "an initialiser in braces without new",
            ));
        }
        self.value(node, ty)
    }
}
