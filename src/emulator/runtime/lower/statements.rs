//! Statements.

use super::super::declare::{Modifiers, Place, modifiers};
use super::super::ir::{Catch, Expr, ExprKind, Stmt, StmtKind};
use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::super::types::Type;
use super::{Lower, Lowered, MAX_DEPTH, flow};

impl Lower<'_> {
    /// The statements of a block, in a scope of their own. Faults are collected.
    pub(super) fn block(&mut self, node: Node<'_>) -> Vec<Stmt> {
        self.scoped(|lower| {
            let mut statements: Vec<Stmt> = Vec::new();
            for child in node.children() {
                if child.kind() == "explicit_constructor_invocation" {
                    continue;
                }
                if let Some(name) = declared_name(child) {
                    let is_method = child.kind() == "method_declaration";
                    match node.kind() {
                        // Declarations stand among the statements of anonymous code.
                        "parser_output" => {}
                        _ if is_method && lower.trigger.is_some() => {
                            let gap = Fault::unsupported(name.at(), "a method in a trigger");
                            statements.push(lower.gap(gap));
                        }
                        _ => {
                            let text = format!("Unexpected token '{}'.", name.text());
                            lower.faults.push(Fault::new(name.at(), text));
                        }
                    }
                    continue;
                }
                // Nobody looks for that in triggers.
                let in_trigger = lower.trigger.is_some();
                if !in_trigger
                    && statements
                        .last()
                        .is_some_and(|last| !flow::completes(std::slice::from_ref(last)))
                {
                    lower
                        .faults
                        .push(Fault::new(child.at(), "Unreachable statement"));
                    break;
                }
                match lower.statement(child) {
                    Ok(statement) => statements.push(statement),
                    Err(fault) if fault.is_gap => {
                        let gap = lower.gap(fault);
                        statements.push(gap);
                    }
                    Err(fault) => lower.faults.push(fault),
                }
            }
            statements
        })
    }

    fn statement(&mut self, node: Node<'_>) -> Lowered<Stmt> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::unsupported(
                node.at(),
                "a statement that is nested so deeply",
            ));
        }
        self.depth += 1;
        self.statement_at = node.at();
        let kind = self.statement_kind(node);
        self.depth -= 1;
        Ok(Stmt {
            kind: kind?,
            at: node.at(),
        })
    }

    pub(super) fn nested(&mut self, node: Node<'_>) -> Lowered<Box<Stmt>> {
        self.scoped(|lower| match lower.statement(node) {
            Err(fault) if fault.is_gap => Ok(lower.gap(fault)),
            other => other,
        })
        .map(Box::new)
    }

    fn loop_body(&mut self, node: Node<'_>) -> Lowered<Box<Stmt>> {
        self.loops += 1;
        let body = self
            .required(node, "body")
            .and_then(|body| match body.kind() {
                // `while (i++ < 3);`
                ";" => Ok(Box::new(Stmt {
                    kind: StmtKind::Block(Vec::new()),
                    at: body.at(),
                })),
                _ => self.nested(body),
            });
        self.loops -= 1;
        body
    }

    fn statement_kind(&mut self, node: Node<'_>) -> Lowered<StmtKind> {
        let at = node.at();
        Ok(match node.kind() {
            "expression_statement" => {
                let child = self.only_child(node)?;
                let expr = self.expr(child)?;
                if !is_statement(&expr) {
                    return Err(Fault::new(expr.at, "Expression cannot be a statement."));
                }
                StmtKind::Expr(expr)
            }
            "local_variable_declaration" => self.local_declaration(node)?,
            "block" => StmtKind::Block(self.block(node)),
            "if_statement" => {
                let condition = self.required(node, "condition")?;
                let condition = self.condition(condition)?;
                let consequence = self.required(node, "consequence")?;
                let consequence = self.nested(consequence)?;
                let alternative = match node.field("alternative") {
                    Some(alternative) => Some(self.nested(alternative)?),
                    None => None,
                };
                StmtKind::If(condition, consequence, alternative)
            }
            "while_statement" => {
                let condition = self.required(node, "condition")?;
                let condition = self.condition(condition)?;
                StmtKind::While(condition, self.loop_body(node)?)
            }
            "do_statement" => {
                let body = self.loop_body(node)?;
                let condition = self.required(node, "condition")?;
                StmtKind::DoWhile(body, self.condition(condition)?)
            }
            "for_statement" => self.scoped(|lower| lower.for_statement(node))?,
            "enhanced_for_statement" => self.scoped(|lower| lower.for_each(node))?,
            "return_statement" => self.return_statement(node)?,
            "break_statement" if self.loops == 0 => {
                return Err(Fault::new(at, "Break statement must be in loop"));
            }
            "continue_statement" if self.loops == 0 => {
                return Err(Fault::new(at, "Continue statement must be in loop"));
            }
            "break_statement" => StmtKind::Break,
            "continue_statement" => StmtKind::Continue,
            "throw_statement" => {
                let child = self.only_child(node)?;
                let expr = self.expr(child)?;
                let is_exception =
                    matches!(expr.ty, Type::Class(class) if self.world.is_exception(class));
                if !is_exception {
                    let name = self.name_of(&expr.ty);
                    return Err(self.mismatch(
                        &[&expr.ty],
                        expr.at,
                        format!("Throw expression must be of type exception: {name}"),
                    ));
                }
                StmtKind::Throw(expr)
            }
            "try_statement" => self.try_statement(node)?,
            "switch_expression" => self.switch(node)?,
            "run_as_statement" => {
                let user = self.required(node, "user")?;
                let user = self.expr(user)?;
                let wanted = self.world.schema.find("User").map(Type::Record);
                if Some(&user.ty) != wanted.as_ref() {
                    return Err(Fault::new(
                        at,
                        "runAs requires a single argument of type 'User' or 'Version'",
                    ));
                }
                let block = node
                    .child("block")
                    .ok_or_else(|| Fault::unsupported(at, "System.runAs without a block"))?;
                StmtKind::RunAs(user, self.nested(block)?)
            }
            other => return Err(Fault::unsupported(at, other)),
        })
    }

    fn local_declaration(&mut self, node: Node<'_>) -> Lowered<StmtKind> {
        let type_node = self.required(node, "type")?;
        let ty = self.declared(type_node, node)?;
        let mut statements = Vec::new();
        for declarator in node.fields("declarator") {
            if declarator.field("dimensions").is_some() {
                return Err(Fault::unsupported(
                    declarator.at(),
                    "[] after a variable's name",
                ));
            }
            // The variable exists even where its value is wrong, so that the value's fault is
            // the only one that is reported.
            let value = declarator
                .field("value")
                .map(|value| self.initial_value(value, &ty));
            let name = self.required(declarator, "name")?;
            modifiers::check(node, &Modifiers::of(node), Place::Local, name.at())?;
            if ty == Type::Void {
                let text = "Variables cannot be of type void";
                return Err(Fault::new(type_node.at(), text));
            }
            let slot = self.declare_local(name, ty.clone())?;
            let value = value
                .transpose()
                .map_err(|fault| fault.of_assignment(name.at()))?;
            statements.push(Stmt {
                kind: StmtKind::Local(slot, value),
                at: node.at(),
            });
        }
        Ok(match statements.len() {
            1 => statements.remove(0).kind,
            _ => StmtKind::Block(statements),
        })
    }

    // The type of a local variable. The variable exists even where its type is wrong or not known
    // here, so that its uses are not reported too.
    fn declared(&mut self, type_node: Node<'_>, node: Node<'_>) -> Lowered<Type> {
        self.type_of(type_node).inspect_err(|_| {
            let unknown = Type::Unknown(type_node.text().into());
            let names = node
                .fields("declarator")
                .into_iter()
                .chain([node])
                .filter_map(|declarator| declarator.field("name"));
            for name in names {
                let declared = self.declare(name.text(), unknown.clone(), name.at());
                self.faults.extend(declared.err());
            }
        })
    }

    fn for_statement(&mut self, node: Node<'_>) -> Lowered<StmtKind> {
        let mut init = Vec::new();
        for child in node.fields("init") {
            if child.kind() == "local_variable_declaration" {
                let kind = self.local_declaration(child)?;
                init.push(Stmt {
                    kind,
                    at: At::default(),
                });
            } else {
                let expr = self.expr(child)?;
                init.push(Stmt {
                    kind: StmtKind::Expr(expr),
                    at: At::default(),
                });
            }
        }
        let condition = match node.field("condition") {
            Some(condition) => Some(self.condition(condition)?),
            None => None,
        };
        let mut update = Vec::new();
        for child in node
            .fields("update")
            .into_iter()
            .filter(|child| child.text() != ",")
        {
            update.push(self.expr(child)?);
        }
        let body = self.loop_body(node)?;
        Ok(StmtKind::For {
            init,
            condition,
            update,
            body,
        })
    }

    fn for_each(&mut self, node: Node<'_>) -> Lowered<StmtKind> {
        let type_node = self.required(node, "type")?;
        let ty = self.declared(type_node, node)?;
        let values = self.required(node, "value")?;
        let values = self.expr(values)?;
        let is_query = matches!(values.kind, ExprKind::Query(_));
        let element = match &values.ty {
            Type::List(element) | Type::Set(element) => (**element).clone(),
            other if let Some(element) = self.iterated(other) => element,
            other => {
                let name = self.name_of(other);
                return Err(self.mismatch(
                    &[other],
                    values.at,
                    format!("Loop must iterate over collection: {name}"),
                ));
            }
        };
        // Rows of a query in a text may be of any sObject.
        let is_dynamic = !is_query && self.is_query(&values) && ty.is_record();
        if is_query && node.field("body").is_some_and(|body| body.text() == ";") {
            let text = "Loop with query must provide a statement";
            return Err(Fault::new(node.at(), text));
        }
        let is_list = matches!(&ty, Type::List(inner) if inner.is_record());
        if !is_query && is_list && self.is_query(&values) {
            let construct = "a loop over lists of the rows of a query in a text";
            return Err(Fault::unsupported(node.at(), construct));
        }
        let chunked = is_query && matches!(&ty, Type::List(inner) if **inner == element);
        let fits = ty != Type::Object && self.cost(&element, &ty).is_some();
        if !chunked && is_query && !fits {
            let name = self.name_of(&element);
            let text = format!(
                "Loop variable must be a generic SObject or List or a concrete SObject or List of: {name}"
            );
            return Err(self.mismatch(&[&element, &ty], node.at(), text));
        }
        if !chunked && !is_dynamic && self.cost(&element, &ty).is_none() {
            let text = format!(
                "Invalid loop variable type expected {} was {}",
                self.name_of(&element),
                self.name_of(&ty)
            );
            return Err(self.mismatch(&[&element, &ty], node.at(), text));
        }
        if !chunked && element.is_number() && element != ty {
            return Err(Fault::unsupported(
                node.at(),
                "a loop that converts numbers",
            ));
        }
        let name = self.required(node, "name")?;
        let slot = self.declare_local(name, ty)?;
        let body = self.loop_body(node)?;
        Ok(StmtKind::ForEach {
            slot,
            values,
            chunked,
            body,
        })
    }

    // What an Iterable gives.
    fn iterated(&self, ty: &Type) -> Option<Type> {
        let iterable = self.world.platform_class("system.iterable")?;
        match ty {
            Type::Generic(pair) => (pair.0 == iterable).then(|| pair.1.clone()),
            Type::Class(class) => self.world.generic_argument(*class, iterable).cloned(),
            _ => None,
        }
    }

    fn return_statement(&mut self, node: Node<'_>) -> Lowered<StmtKind> {
        let returns = self.returns.clone();
        match (node.children().first(), returns) {
            _ if self.is_initializer => {
                Err(Fault::new(node.at(), "Return must be called from a method"))
            }
            (None, Type::Void) => Ok(StmtKind::Return(None)),
            (None, ty) => {
                let name = self.name_of(&ty);
                Err(Fault::new(
                    node.at(),
                    format!("Missing return statement required return type: {name}"),
                ))
            }
            (Some(_), Type::Void) if self.is_constructor => Err(Fault::new(
                node.at(),
                "Constructors must not return a value",
            )),
            (Some(_), Type::Void) if self.trigger.is_some() => Err(Fault::new(
                node.at(),
                "Trigger bodies must not return a value",
            )),
            (Some(_), Type::Void) => {
                Err(Fault::new(node.at(), "Void method must not return a value"))
            }
            (Some(value), ty) => {
                let value = self.value(*value, &ty).map_err(|fault| Fault {
                    at: if fault.message.starts_with("Illegal assignment") {
                        node.at()
                    } else {
                        fault.at
                    },
                    message: fault
                        .message
                        .replace("Illegal assignment", "Illegal conversion"),
                    is_gap: fault.is_gap,
                })?;
                Ok(StmtKind::Return(Some(value)))
            }
        }
    }

    fn try_statement(&mut self, node: Node<'_>) -> Lowered<StmtKind> {
        let body = self.required(node, "body")?;
        let body = self.nested(body)?;
        let mut catches = Vec::new();
        for clause in node
            .children()
            .into_iter()
            .filter(|one| one.kind() == "catch_clause")
        {
            let catch = self.scoped(|lower| -> Lowered<Catch> {
                let parameter = clause
                    .child("formal_parameter")
                    .ok_or_else(|| Fault::unsupported(clause.at(), clause.kind()))?;
                let type_node = lower.required(parameter, "type")?;
                let ty = lower.type_of(type_node)?;
                let name = lower.required(parameter, "name")?;
                let class = match ty {
                    Type::Class(class) if lower.world.is_exception(class) => class,
                    ref other => {
                        let text = format!(
                            "Catch block variable must be of type exception: {}",
                            lower.name_of(other)
                        );
                        return Err(lower.mismatch(&[other], name.at(), text));
                    }
                };
                let earlier = catches
                    .iter()
                    .any(|catch: &Catch| lower.world.is_subclass(class, catch.class));
                if earlier {
                    let found = lower.world.class(class);
                    let text = match found.namespace {
                        Some(namespace) => format!("{namespace}.{}", found.name),
                        None => found.qualified.to_string(),
                    };
                    return Err(Fault::new(
                        name.at(),
                        format!("Exception type already caught: {text}"),
                    ));
                }
                let slot = lower.declare_local(name, ty)?;
                let body = lower.required(clause, "body")?;
                let body = *lower.nested(body)?;
                Ok(Catch {
                    class,
                    slot,
                    at: clause.at(),
                    body,
                })
            })?;
            catches.push(catch);
        }
        let finally = match node
            .child("finally_clause")
            .and_then(|clause| clause.child("block"))
        {
            Some(block) => Some(self.nested(block)?),
            None => None,
        };
        Ok(StmtKind::Try {
            body,
            catches,
            finally,
        })
    }
}

// The name of a class or method that stands among statements.
fn declared_name(node: Node<'_>) -> Option<Node<'_>> {
    let kinds = [
        "class_declaration",
        "enum_declaration",
        "interface_declaration",
        "method_declaration",
        "trigger_declaration",
    ];
    kinds
        .contains(&node.kind())
        .then(|| node.field("name").unwrap_or(node))
}

fn is_statement(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Assign { .. }
            | ExprKind::Update { .. }
            | ExprKind::Call(_)
            | ExprKind::New { .. }
            | ExprKind::NewCollection { .. }
            | ExprKind::Dml { .. }
            | ExprKind::Merge(..)
    )
}
