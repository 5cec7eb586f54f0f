//! `new`, and the constructor that a constructor begins with.

use std::sync::Arc;

use super::super::inventory::Known;
use super::super::ir::{Constant, Expr, ExprKind};
use super::super::program::{Chain, ClassKind};
use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::super::types::{ClassId, MethodId, Type};
use super::literals::constant;
use super::{Lower, Lowered};

impl Lower<'_> {
    pub(super) fn creation(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        if node.child("class_body").is_some() {
            return Err(Fault::unsupported(at, "a class body after new"));
        }
        let type_node = self.required(node, "type")?;
        let ty = self.type_of(type_node)?;
        if let Type::Record(_) = ty {
            return self.record_creation(node, ty);
        }
        let arguments = self.arguments(node)?;
        match &ty {
            Type::List(_) | Type::Set(_) | Type::Map(_) => {
                self.collection_creation(ty, arguments, at)
            }
            Type::Class(class) => {
                let (class, found) = (*class, self.world.class(*class));
                if found.is_abstract {
                    let name = &found.qualified;
                    let text = format!("Abstract classes cannot be constructed: {name}");
                    return Err(Fault::new(at, text));
                }
                let is_root = self.world.platform_class("system.exception") == Some(class);
                if found.kind != ClassKind::Class || is_root {
                    let name = &found.qualified;
                    return Err(Fault::new(
                        at,
                        format!("Type cannot be constructed: {name}"),
                    ));
                }
                let (constructor, arguments) = self.constructor(class, arguments, at)?;
                Ok(Expr {
                    kind: ExprKind::New {
                        class,
                        constructor,
                        arguments,
                    },
                    ty,
                    at,
                })
            }
            other => {
                let name = self.name_of(other);
                Err(Fault::new(
                    at,
                    format!("Type cannot be constructed: {name}"),
                ))
            }
        }
    }

    // Which constructor fits; a class without any has one without parameters, and exceptions
    // inherit those of the platform's.
    fn constructor(
        &mut self,
        class: ClassId,
        arguments: Vec<Expr>,
        at: At,
    ) -> Lowered<(Option<MethodId>, Vec<Expr>)> {
        let found = self.world.class(class);
        if found.constructors.is_empty() && arguments.is_empty() {
            return Ok((None, arguments));
        }
        let mut candidates = found.constructors.clone();
        if self.world.is_exception(class)
            && let Some(root) = self.world.platform_class("system.exception")
        {
            candidates.extend(&self.world.class(root).constructors);
        }
        let Some(constructor) = self.best(&candidates, &arguments, &Type::Void) else {
            let types: Vec<String> = arguments.iter().map(|one| self.name_of(&one.ty)).collect();
            let name = &found.qualified;
            // All that exceptions of the platform have are here.
            let known = match self.world.is_exception(class) {
                true => Known::No,
                false => self.knows_method(&Type::Class(class), "<init>", arguments.len()),
            };
            let name = match found.namespace {
                Some("System") => format!("System.{name}"),
                _ => name.to_string(),
            };
            let types = types.join(", ");
            return Err(self.absent(
                known,
                at,
                &format!("new {name}({types})"),
                format!("Constructor not defined: [{name}].<Constructor>({types})"),
            ));
        };
        let method = self.world.method(constructor);
        if self.world.class(method.class).namespace.is_none()
            && self
                .check_visible(method.class, method.access, "<Constructor>", at)
                .is_err()
        {
            let types: Vec<String> = method
                .parameters
                .iter()
                .map(|(_, ty)| self.name_of(ty))
                .collect();
            let name = &found.qualified;
            return Err(Fault::new(
                at,
                format!(
                    "Method is not visible: void {name}.<init>({})",
                    types.join(", ")
                ),
            ));
        }
        let mut converted = Vec::new();
        for (argument, (_, ty)) in arguments.into_iter().zip(&method.parameters) {
            converted.push(self.assign_to(argument, ty)?);
        }
        Ok((Some(constructor), converted))
    }

    fn collection_creation(&self, ty: Type, arguments: Vec<Expr>, at: At) -> Lowered<Expr> {
        let mut arguments = arguments.into_iter();
        let source = arguments.next();
        if let (Type::List(_), Some(Type::Integer)) = (&ty, source.as_ref().map(|one| &one.ty)) {
            return Err(Fault::unsupported(at, "new List with a size"));
        }
        let wrong = source
            .as_ref()
            .and_then(|source| self.wrong_source(&ty, &source.ty));
        if let Some(text) = wrong {
            return Err(self.mismatch(&[&ty], at, text));
        }
        if arguments.next().is_some() {
            let name = self.name_of(&ty);
            return Err(Fault::new(
                at,
                format!("Constructor not defined: [{name}].<Constructor>"),
            ));
        }
        let kind = ExprKind::NewCollection {
            source: source.map(Box::new),
        };
        Ok(Expr { kind, ty, at })
    }

    fn record_creation(&mut self, node: Node<'_>, ty: Type) -> Lowered<Expr> {
        let at = node.at();
        let Type::Record(object) = ty else {
            return Err(Fault::unsupported(at, node.kind()));
        };
        let mut fields: Vec<(Arc<str>, Expr)> = Vec::new();
        for argument in self.required(node, "arguments")?.children() {
            let (Some(left), Some(right)) = (argument.field("left"), argument.field("right"))
            else {
                let name = self.name_of(&ty);
                return Err(Fault::new(
                    at,
                    format!("Type requires name=value pair construction: {name}"),
                ));
            };
            let target = {
                let record = constant(Constant::Null, ty.clone(), at);
                self.record_member(record, object, left).map_err(|fault| {
                    let object = self.name_of(&ty);
                    let text = format!("Field does not exist: {} on {object}", left.text());
                    if fault.is_gap {
                        fault
                    } else {
                        Fault::new(at, text)
                    }
                })?
            };
            let value = self
                .value(right, &target.ty)
                .map_err(|fault| fault.of_assignment(at))?;
            if let ExprKind::RecordField { name, .. } = target.kind {
                if fields.iter().any(|(known, _)| *known == name) {
                    return Err(Fault::new(
                        at,
                        format!("Duplicate field initialization: {name}"),
                    ));
                }
                fields.push((name, value));
            }
        }
        Ok(Expr {
            kind: ExprKind::NewRecord { object, fields },
            ty,
            at,
        })
    }

    /// The explicit `this(…)` or `super(…)` of a constructor body, or the implicit `super()`.
    pub(super) fn chain(&mut self, body: Node<'_>) -> Lowered<Option<Chain>> {
        let parent = self.world.class(self.class).superclass;
        let Some(node) = body.child("explicit_constructor_invocation") else {
            let Some(parent) = parent else {
                return Ok(None);
            };
            let at = self.heading;
            let found = self.constructor(parent, Vec::new(), at);
            let (constructor, arguments) = found.map_err(|fault| {
                let name = self.name_of(&Type::Class(parent));
                let text = format!("No default constructor available in super type: {name}");
                if fault.is_gap {
                    fault
                } else {
                    Fault::new(at, text)
                }
            })?;
            return Ok(Some(Chain {
                same_class: false,
                constructor,
                arguments,
            }));
        };
        let same_class = node
            .field("constructor")
            .is_some_and(|word| word.kind() == "this");
        let class = if same_class { Some(self.class) } else { parent };
        let Some(class) = class else {
            let name = self.name_of(&Type::Class(self.class));
            let text = format!("No super type defined: {name}");
            return Err(Fault::new(node.at(), text));
        };
        self.in_chain = true;
        let arguments = self.arguments(node);
        self.in_chain = false;
        let arguments = arguments?;
        let (constructor, arguments) = self.constructor(class, arguments, node.at())?;
        Ok(Some(Chain {
            same_class,
            constructor,
            arguments,
        }))
    }
}
