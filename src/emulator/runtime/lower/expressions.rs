//! Expressions.

use std::sync::Arc;

use super::super::ir::{Call, Constant, Expr, ExprKind};
use super::super::resolve::Fault;
use super::super::source::Node;
use super::super::types::Type;
use super::literals::{self, constant};
use super::names::Term;
use super::{Lower, Lowered, MAX_DEPTH};

impl Lower<'_> {
    /// A child that the grammar guarantees.
    pub(super) fn required<'a>(&self, node: Node<'a>, field: &str) -> Lowered<Node<'a>> {
        node.field(field)
            .ok_or_else(|| Fault::unsupported(node.at(), node.kind()))
    }

    /// Any expression.
    pub(super) fn expr(&mut self, node: Node<'_>) -> Lowered<Expr> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::unsupported(
                node.at(),
                "an expression that is nested so deeply",
            ));
        }
        self.depth += 1;
        let result = self.expr_inside(node);
        self.depth -= 1;
        match result {
            Ok(Expr {
                ty: Type::Unknown(name),
                at,
                ..
            }) => Err(Fault::unsupported(at, format!("type {name}"))),
            other => other,
        }
    }

    fn expr_inside(&mut self, node: Node<'_>) -> Lowered<Expr> {
        if let Some(literal) = literals::literal(node) {
            return literal;
        }
        let at = node.at();
        match node.kind() {
            "identifier" | "field_access" => match self.term(node)? {
                Term::Type(_) | Term::Namespace(_) => Err(Fault::new(
                    at,
                    format!("Variable does not exist: {}", node.text()),
                )),
                term => self.read(term),
            },
            "this" if self.is_static => Err(Fault::new(
                at,
                "This cannot be referenced in a static context",
            )),
            "this" => {
                self.check_instance("this", at)?;
                Ok(self.this(at))
            }
            "parenthesized_expression" => {
                let inner = self.only_child(node)?;
                self.expr(inner)
            }
            "binary_expression" => self.binary_expression(node),
            "unary_expression" => self.unary_expression(node),
            "update_expression" => self.update_expression(node),
            "assignment_expression" => self.assignment(node),
            "ternary_expression" => {
                let condition = self.required(node, "condition")?;
                let condition = self.condition(condition)?;
                let left = self.required(node, "consequence")?;
                let left = self.expr(left)?;
                let right = self.required(node, "alternative")?;
                let right = self.expr(right)?;
                let ty = self.common_type(&left, &right, at)?;
                let left = self.assign_to(left, &ty)?;
                let right = self.assign_to(right, &ty)?;
                let kind = ExprKind::Ternary(Box::new(condition), Box::new(left), Box::new(right));
                Ok(Expr { kind, ty, at })
            }
            "instanceof_expression" => {
                let left = self.required(node, "left")?;
                let left = self.expr(left)?;
                let right = self.required(node, "right")?;
                let ty = self.type_of(right)?;
                self.check_instance_of(&left.ty, &ty, at)?;
                let kind = ExprKind::InstanceOf(Box::new(left), ty);
                Ok(Expr {
                    kind,
                    ty: Type::Boolean,
                    at,
                })
            }
            "cast_expression" => {
                let ty = self.required(node, "type")?;
                let ty = self.type_of(ty)?;
                let value = self.required(node, "value")?;
                let value = self.expr(value)?;
                self.cast(value, &ty, at)
            }
            "array_access" => {
                let list = self.required(node, "array")?;
                let list = self.expr(list)?;
                let Type::List(element) = &list.ty else {
                    let name = self.name_of(&list.ty);
                    return Err(Fault::new(
                        at,
                        format!("Expression must be a list type: {name}"),
                    ));
                };
                let ty = (**element).clone();
                let index = self.required(node, "index")?;
                let index = self.expr(index)?;
                if self.cost(&index.ty, &Type::Integer).is_none() {
                    let name = self.name_of(&index.ty);
                    return Err(Fault::new(
                        index.at,
                        format!("List index must be of type Integer: {name}"),
                    ));
                }
                let index = self.assign_to(index, &Type::Integer)?;
                let kind = ExprKind::Index {
                    list: Box::new(list),
                    index: Box::new(index),
                };
                Ok(Expr { kind, ty, at })
            }
            "method_invocation" => self.invocation(node),
            "object_creation_expression" => self.creation(node),
            "array_creation_expression" => self.array_creation(node),
            "map_creation_expression" => self.map_creation(node),
            "class_literal" => {
                let inner = self.only_child(node)?;
                let named = self.type_of(inner)?;
                let ty = self
                    .world
                    .platform_class("system.type")
                    .map_or(Type::Object, Type::Class);
                Ok(constant(Constant::Type(named), ty, at))
            }
            "query_expression" => {
                let body = self.only_child(node)?;
                self.query_expression(body, at)
            }
            "dml_expression" => self.dml(node),
            other => Err(Fault::unsupported(at, other)),
        }
    }

    pub(super) fn only_child<'a>(&self, node: Node<'a>) -> Lowered<Node<'a>> {
        node.children()
            .into_iter()
            .next()
            .ok_or_else(|| Fault::unsupported(node.at(), node.kind()))
    }

    /// Something that can be assigned to and read, without accessors of its own.
    pub(super) fn place(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let term = self.term(node)?;
        if let Term::Variable(class, variable, ..) = &term
            && (variable.getter.is_some() || variable.setter.is_some())
            && !self.is_inside(*class, &variable.name)
        {
            return Err(Fault::unsupported(
                node.at(),
                "++, -- or op= on a property with accessors",
            ));
        }
        if let Term::Variable(class, variable, ..) = &term {
            self.check_final(*class, variable, node)?;
        }
        let place = self.read(term)?;
        self.check_assignable(&place)?;
        Ok(place)
    }

    fn check_assignable(&self, place: &Expr) -> Lowered<()> {
        match place.kind {
            ExprKind::Local(_)
            | ExprKind::Static(..)
            | ExprKind::Field { safe: false, .. }
            | ExprKind::RecordField { safe: false, .. }
            | ExprKind::Index { .. } => Ok(()),
            _ => Err(Fault::new(place.at, "Expression cannot be assigned")),
        }
    }

    fn assignment(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        let left = self.required(node, "left")?;
        let right = self.required(node, "right")?;
        let symbol: String = node
            .field("operator")
            .map_or("", |found| found.text())
            .split_whitespace()
            .collect();
        if symbol != "=" {
            return self.compound_assignment(&symbol, left, right, node);
        }
        let term = self.term(left)?;
        if let Term::Variable(class, variable, object, ..) = &term
            && let Some(setter) = variable.setter
            && !self.is_inside(*class, &variable.name)
        {
            self.check_writable(*class, variable, left)?;
            let (ty, target) = (variable.ty.clone(), object.clone().map(|object| *object));
            let value = self.value(right, &ty)?;
            let call = Call {
                method: setter,
                target,
                is_virtual: false,
                safe: false,
                arguments: vec![value],
            };
            return Ok(Expr {
                kind: ExprKind::Call(Box::new(call)),
                ty: Type::Void,
                at,
            });
        }
        if let Term::Variable(class, variable, ..) = &term {
            self.check_writable(*class, variable, left)?;
            self.check_final(*class, variable, left)?;
            if variable.getter.is_some() && !self.is_inside(*class, &variable.name) {
                // A property with a getter of its own and a plain `set` is stored as it is.
                let mut plain = variable.clone();
                plain.getter = None;
                if let Term::Variable(class, _, object, safe, at) = term {
                    let target = self.stored(Term::Variable(class, plain, object, safe, at))?;
                    return self.finish_assignment(target, right, node);
                }
                return Err(Fault::unsupported(at, "this assignment"));
            }
        }
        let target = self.stored(term)?;
        self.check_assignable(&target)?;
        self.finish_assignment(target, right, node)
    }

    fn finish_assignment(
        &mut self,
        target: Expr,
        right: Node<'_>,
        node: Node<'_>,
    ) -> Lowered<Expr> {
        let ty = target.ty.clone();
        let value = self
            .value(right, &ty)
            .map_err(|fault| fault.of_assignment(node.at()))?;
        let kind = ExprKind::Assign {
            target: Box::new(target),
            operator: None,
            value: Box::new(value),
        };
        Ok(Expr {
            kind,
            ty,
            at: node.at(),
        })
    }

    // Final variables are set where they are declared, in initialisers and constructors.
    fn check_final(
        &self,
        class: super::super::types::ClassId,
        variable: &super::super::program::Variable,
        node: Node<'_>,
    ) -> Lowered<()> {
        let is_here = class == self.class && (!variable.is_static || self.is_static);
        if variable.is_final && !(is_here && self.may_set_finals()) {
            return Err(Fault::new(
                node.at(),
                format!(
                    "Final members can only be assigned in their declaration, init blocks, or constructors: {}",
                    variable.name
                ),
            ));
        }
        Ok(())
    }

    fn compound_assignment(
        &mut self,
        symbol: &str,
        left: Node<'_>,
        right: Node<'_>,
        node: Node<'_>,
    ) -> Lowered<Expr> {
        let at = node.at();
        let target = self.place(left)?;
        let value = self.expr(right)?;
        let ty = target.ty.clone();
        let combined = self.arithmetic(symbol.trim_end_matches('='), target.clone(), value, at)?;
        let fits = self.cost(&combined.ty, &ty).is_some();
        let ExprKind::Binary {
            operator, right, ..
        } = combined.kind
        else {
            return Err(Fault::unsupported(at, symbol));
        };
        if (&combined.ty, &ty) == (&Type::Decimal, &Type::Double) {
            let construct = format!("{symbol} of a Double and a Decimal");
            return Err(Fault::unsupported(at, construct));
        }
        if !fits || (combined.ty != ty && ty.is_number()) {
            let from = self.name_of(&combined.ty);
            let to = self.name_of(&ty);
            return Err(Fault::new(
                at,
                format!("Illegal assignment from {from} to {to}"),
            ));
        }
        let kind = ExprKind::Assign {
            target: Box::new(target),
            operator: Some(operator),
            value: right,
        };
        Ok(Expr { kind, ty, at })
    }

    fn array_creation(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        let type_node = self.required(node, "type")?;
        let named = self.type_of(type_node)?;
        if let Some(size) = node
            .fields("dimensions")
            .into_iter()
            .find(|one| one.kind() == "dimensions_expr")
        {
            let size = self.only_child(size)?;
            let size = self.expr(size)?;
            let ty = Type::list(named);
            if size.ty != Type::Integer {
                let text = self.wrong_source(&ty, &size.ty).unwrap_or_default();
                return Err(Fault::new(at, text));
            }
            let kind = ExprKind::Sized(Box::new(size));
            return Ok(Expr { kind, ty, at });
        }
        let ty = if node.field("dimensions").is_some() {
            Type::list(named)
        } else {
            named
        };
        let values = self.required(node, "value")?.children();
        let element = match &ty {
            Type::List(element) | Type::Set(element) => element.clone(),
            Type::Map(_) if values.is_empty() => {
                return Ok(Expr {
                    kind: ExprKind::NewCollection { source: None },
                    ty,
                    at,
                });
            }
            other => {
                let name = self.name_of(other);
                return Err(Fault::new(
                    at,
                    format!("Type cannot be constructed with a list: {name}"),
                ));
            }
        };
        let mut elements = Vec::new();
        for value in values {
            elements.push(self.element(value, &element)?);
        }
        Ok(Expr {
            kind: ExprKind::Elements(elements),
            ty,
            at,
        })
    }

    fn element(&mut self, node: Node<'_>, element: &Type) -> Lowered<Expr> {
        let found = self.initial_value(node, element);
        found.map_err(
            |fault| match fault.message.strip_prefix("Illegal assignment from ") {
                Some(types) => {
                    let from = types.split(" to ").next().unwrap_or(types);
                    let to = self.name_of(element);
                    let text = format!(
                        "Initial expression is of incorrect type, expected: {to} but was: {from}"
                    );
                    Fault::new(fault.at, text)
                }
                None => fault,
            },
        )
    }

    // The key or value of a map that is written out.
    fn entry(&mut self, node: Node<'_>, ty: &Type, side: &str) -> Lowered<Expr> {
        let found = self.value(node, ty);
        found.map_err(
            |fault| match fault.message.strip_prefix("Illegal assignment from ") {
                Some(types) => {
                    let from = types.split(" to ").next().unwrap_or(types);
                    let text = format!("Invalid {side} type {from} for {}", self.name_of(ty));
                    Fault::new(fault.at, text)
                }
                None => fault,
            },
        )
    }

    fn map_creation(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        let type_node = self.required(node, "type")?;
        let ty = self.type_of(type_node)?;
        let values = self.required(node, "value")?.children();
        if values.is_empty() {
            let kind = match ty {
                Type::List(_) | Type::Set(_) => ExprKind::Elements(Vec::new()),
                _ => ExprKind::NewCollection { source: None },
            };
            return Ok(Expr { kind, ty, at });
        }
        let Type::Map(pair) = &ty else {
            let name = self.name_of(&ty);
            return Err(Fault::new(
                at,
                format!("Type cannot be constructed with a map: {name}"),
            ));
        };
        let pair = Arc::clone(pair);
        let mut entries = Vec::new();
        for entry in values {
            let [key, value] = entry.children()[..] else {
                return Err(Fault::unsupported(entry.at(), entry.kind()));
            };
            let key = self.entry(key, &pair.0, "key")?;
            entries.push((key, self.entry(value, &pair.1, "value")?));
        }
        Ok(Expr {
            kind: ExprKind::Entries(entries),
            ty,
            at,
        })
    }
}
