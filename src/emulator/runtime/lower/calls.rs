//! Method calls: which method the arguments select.

use std::sync::Arc;

use super::super::declare::signature;
use super::super::ir::{Call, Constant, Expr, ExprKind};
use super::super::program::ClassKind;
use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::super::types::{ClassId, MethodId, Type};
use super::literals::constant;
use super::names::Term;
use super::{Lower, Lowered};

impl Lower<'_> {
    pub(super) fn invocation(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let name_node = self.required(node, "name")?;
        let name = name_node.text();
        let at = name_node.at();
        let arguments = self.arguments(node)?;
        let Some(object) = node.field("object") else {
            return self.unqualified(name, arguments, at);
        };
        let safe = node.child("safe_navigation_operator").is_some();
        if object.kind() == "super" {
            return self.super_call(name, arguments, at);
        }
        match self.term(object)? {
            Term::Namespace(_) | Term::Type(_) if safe => {
                let text = format!("Variable does not exist: {}", object.text());
                Err(Fault::new(object.at(), text))
            }
            Term::Namespace(namespace) => {
                let class = self.world.platform_class(&format!("system.{namespace}"));
                let class = class.ok_or_else(|| {
                    Fault::new(at, format!("Variable does not exist: {}", object.text()))
                })?;
                if namespace.eq_ignore_ascii_case("database")
                    && let Some(expr) = self.dynamic_query(name, &arguments, at)?
                {
                    return Ok(expr);
                }
                self.static_call(class, &Type::Class(class), name, arguments, at)
            }
            Term::Type(ty) => {
                let class = self.world.class_of(&ty).ok_or_else(|| {
                    Fault::new(at, format!("Variable does not exist: {}", object.text()))
                })?;
                if let Some(expr) = self.enum_call(class, &ty, name, &arguments, at) {
                    return Ok(expr);
                }
                if let Some(expr) = self.custom_metadata_call(&ty, name, &arguments, at)? {
                    return Ok(expr);
                }
                self.static_call(class, &ty, name, arguments, at)
            }
            term => {
                let target = self.read(term)?;
                self.instance_call(target, name, arguments, safe, at)
            }
        }
    }

    pub(super) fn arguments(&mut self, node: Node<'_>) -> Lowered<Vec<Expr>> {
        let list = self.required(node, "arguments")?;
        let mut found = Vec::new();
        for argument in list.children() {
            let value = self.expr(argument)?;
            if value.ty == Type::Void {
                return Err(Fault::new(value.at, "Invalid type: void"));
            }
            found.push(value);
        }
        Ok(found)
    }

    // Methods of this class, then static ones of the classes around it.
    fn unqualified(&mut self, name: &str, arguments: Vec<Expr>, at: At) -> Lowered<Expr> {
        let mut around = Some(self.class);
        while let Some(class) = around {
            let candidates = self.world.methods_named(class, name);
            if !candidates.is_empty() {
                let ty = Type::Class(class);
                let method = self.select(&candidates, name, &arguments, &ty, at)?;
                let is_static = self.world.method(method).is_static;
                if !is_static && class != self.class {
                    let own = Type::Class(self.class);
                    return Err(self.no_method(name, &arguments, &own, at));
                }
                if !is_static && self.is_static {
                    return Err(self.not_static(method, at));
                }
                if !is_static {
                    self.check_instance_method(method, at)?;
                }
                let target = (!is_static).then(|| self.this(at));
                return self.call(method, target, &ty, arguments, false, at);
            }
            around = self.world.class(class).outer;
        }
        Err(self.no_method(name, &arguments, &Type::Class(self.class), at))
    }

    fn super_call(&mut self, name: &str, arguments: Vec<Expr>, at: At) -> Lowered<Expr> {
        let parent = self.world.class(self.class).superclass;
        let Some(parent) = parent.filter(|_| !self.is_static) else {
            if self.is_static {
                let text = "Super cannot be referenced in a static context";
                return Err(Fault::new(at, text));
            }
            let types: Vec<String> = arguments.iter().map(|one| self.name_of(&one.ty)).collect();
            let types = types.join(", ");
            let text = format!(
                "Method does not exist or incorrect signature: void {name}({types}) from the type System.ApexBaseClass"
            );
            return Err(Fault::new(at, text));
        };
        let candidates = self.world.methods_named(parent, name);
        let ty = Type::Class(parent);
        let method = self.select(&candidates, name, &arguments, &ty, at)?;
        if self.world.method(method).is_abstract {
            let text = signature(self.world, self.world.method(method));
            return Err(Fault::new(
                at,
                format!("Abstract method cannot be called directly: {text}"),
            ));
        }
        let target = Some(self.this(at));
        let mut expr = self.call(method, target, &ty, arguments, false, at)?;
        if let ExprKind::Call(call) = &mut expr.kind {
            call.is_virtual = false;
        }
        Ok(expr)
    }

    pub(super) fn static_call(
        &mut self,
        class: ClassId,
        ty: &Type,
        name: &str,
        mut arguments: Vec<Expr>,
        at: At,
    ) -> Lowered<Expr> {
        if name.eq_ignore_ascii_case("getQueryLocator")
            && self.world.platform_class("system.database") == Some(class)
            && let Some(ExprKind::Query(query)) = arguments.first_mut().map(|first| &mut first.kind)
        {
            Arc::make_mut(query).is_located = true;
        }
        let candidates: Vec<MethodId> = self.world.methods_named(class, name);
        let statics: Vec<MethodId> = candidates
            .iter()
            .copied()
            .filter(|id| self.world.method(*id).is_static)
            .collect();
        if statics.is_empty() && !candidates.is_empty() {
            let method = self.select(&candidates, name, &arguments, ty, at)?;
            self.check_method_visible(method, at)?;
            return Err(self.not_static(method, at));
        }
        let method = self.select(&statics, name, &arguments, ty, at)?;
        self.call(method, None, ty, arguments, false, at)
    }

    fn not_static(&self, method: MethodId, at: At) -> Fault {
        let found = self.world.method(method);
        let types: Vec<String> = found
            .parameters
            .iter()
            .map(|(_, ty)| self.name_of(ty))
            .collect();
        let returns = self.name_of(&found.returns);
        Fault::new(
            at,
            format!(
                "Non static method cannot be referenced from a static context: {returns} {}.{}({})",
                self.world.class(found.class).qualified,
                found.name,
                types.join(", ")
            ),
        )
    }

    pub(super) fn instance_call(
        &mut self,
        target: Expr,
        name: &str,
        arguments: Vec<Expr>,
        safe: bool,
        at: At,
    ) -> Lowered<Expr> {
        if name.eq_ignore_ascii_case("addError")
            && arguments.len() <= 2
            && !target.ty.is_record()
            && let ExprKind::RecordField {
                record,
                name: field,
                ..
            } = &target.kind
        {
            if safe {
                let text =
                    "Safe navigation operator is not allowed between SObject field and addError";
                return Err(Fault::new(at, text));
            }
            let (record, field) = ((**record).clone(), field.clone());
            return self.field_error(record, field, arguments, at);
        }
        let ty = target.ty.clone();
        let missing = |lower: &Self| lower.no_method(name, &arguments, &ty, at);
        let class = self.world.class_of(&ty).ok_or_else(|| missing(self))?;
        let mut candidates = self.world.methods_named(class, name);
        if self.world.class(class).kind == ClassKind::Enum
            && let Some(root) = self.world.platform_class("system.enum")
        {
            candidates.extend(self.world.methods_named(root, name));
        }
        if let Some(root) = self.world.class_of(&Type::Object)
            && candidates.is_empty()
        {
            candidates.extend(self.world.methods_named(root, name));
        }
        let statics = candidates.clone();
        candidates.retain(|id| !self.world.method(*id).is_static);
        if candidates.is_empty()
            && let Some(found) = self.best(&statics, &arguments, &ty)
        {
            let text = signature(self.world, self.world.method(found));
            return Err(Fault::new(
                at,
                format!("Static method cannot be referenced from a non static context: {text}"),
            ));
        }
        let method = self.select(&candidates, name, &arguments, &ty, at)?;
        self.check_taken(&ty, name, &arguments, at)?;
        let mut expr = self.call(method, Some(target), &ty, arguments, safe, at)?;
        // An sObject's clone has the type of the sObject.
        if ty.is_record() && name.eq_ignore_ascii_case("clone") {
            expr.ty = ty;
        }
        Ok(expr)
    }

    // `row.Field.addError(message)` is a method of the row.
    fn field_error(
        &mut self,
        record: Expr,
        field: Arc<str>,
        arguments: Vec<Expr>,
        at: At,
    ) -> Lowered<Expr> {
        let mut all = vec![constant(Constant::String(field), Type::String, at)];
        all.extend(arguments);
        self.instance_call(record, "addError", all, false, at)
    }

    // `values()` and `valueOf()` of an enum.
    fn enum_call(
        &self,
        class: ClassId,
        ty: &Type,
        name: &str,
        arguments: &[Expr],
        at: At,
    ) -> Option<Expr> {
        let found = self.world.class(class);
        if found.kind != ClassKind::Enum {
            return None;
        }
        match (name.to_ascii_lowercase().as_str(), arguments) {
            ("values", []) => {
                let elements = (0..found.constants.len())
                    .map(|index| u16::try_from(index).unwrap_or(u16::MAX))
                    .map(|index| constant(Constant::Enum(class, index), ty.clone(), at))
                    .collect();
                let ty = Type::list(ty.clone());
                Some(Expr {
                    kind: ExprKind::Elements(elements),
                    ty,
                    at,
                })
            }
            ("valueof", [value]) => {
                let root = self.world.platform_class("system.enum")?;
                let method = *self.world.methods_named(root, "parse").first()?;
                let type_class = self.world.platform_class("system.type")?;
                let token = constant(Constant::Type(ty.clone()), Type::Class(type_class), at);
                let value = self.assign_to(value.clone(), &Type::String).ok()?;
                let call = Call {
                    method,
                    target: None,
                    is_virtual: false,
                    safe: false,
                    arguments: vec![token, value],
                };
                Some(Expr {
                    kind: ExprKind::Call(Box::new(call)),
                    ty: ty.clone(),
                    at,
                })
            }
            _ => None,
        }
    }

    // The overload whose parameters the arguments fit best.
    fn select(
        &self,
        candidates: &[MethodId],
        name: &str,
        arguments: &[Expr],
        receiver: &Type,
        at: At,
    ) -> Lowered<MethodId> {
        if let Some(found) = self.best(candidates, arguments, receiver) {
            if self.is_ambiguous(candidates, arguments, found) {
                let returns = self.name_of(&self.world.method(found).returns);
                let types: Vec<String> = arguments
                    .iter()
                    .map(|argument| match argument.ty {
                        Type::Null => "NULL".to_owned(),
                        _ => self.name_of(&argument.ty),
                    })
                    .collect();
                let text = format!(
                    "Ambiguous method signature: {returns} {name}({})",
                    types.join(", ")
                );
                return Err(Fault::new(at, text));
            }
            return Ok(found);
        }
        let unknown = candidates
            .iter()
            .map(|id| &self.world.method(*id).parameters)
            .filter(|parameters| parameters.len() == arguments.len())
            .flatten()
            .find(|(_, ty)| matches!(ty, Type::Unknown(_)));
        Err(match unknown {
            Some((_, ty)) => Fault::unsupported(at, format!("type {}", self.name_of(ty))),
            None => self.no_method(name, arguments, receiver, at),
        })
    }

    // Whether `null` fits two overloads of the org's own equally well.
    fn is_ambiguous(&self, candidates: &[MethodId], arguments: &[Expr], found: MethodId) -> bool {
        let chosen = self.world.method(found);
        let is_own = self.world.class(chosen.class).namespace.is_none();
        if !is_own || !arguments.iter().any(|argument| argument.ty == Type::Null) {
            return false;
        }
        candidates.iter().any(|id| {
            let other = self.world.method(*id);
            let pairs = || other.parameters.iter().zip(&chosen.parameters);
            let fits = other.parameters.len() == arguments.len()
                && arguments
                    .iter()
                    .zip(&other.parameters)
                    .all(|(argument, (_, ty))| self.cost(&argument.ty, ty).is_some());
            *id != found
                && fits
                && pairs()
                    .zip(arguments)
                    .all(|(((_, a), (_, b)), argument)| a == b || argument.ty == Type::Null)
                && pairs().any(|((_, a), (_, b))| {
                    a != b && self.cost(a, b).is_none() && self.cost(b, a).is_none()
                })
        })
    }

    pub(super) fn best(
        &self,
        candidates: &[MethodId],
        arguments: &[Expr],
        receiver: &Type,
    ) -> Option<MethodId> {
        let generics = receiver.arguments();
        candidates
            .iter()
            .filter_map(|id| {
                let parameters = &self.world.method(*id).parameters;
                if parameters.len() != arguments.len() {
                    return None;
                }
                let mut total = 0;
                for (argument, (_, ty)) in arguments.iter().zip(parameters) {
                    let wanted = ty.substitute(&generics);
                    // A query may stand for its only row.
                    let is_row = matches!(argument.kind, ExprKind::Query(_)) && wanted.is_record();
                    total += if is_row {
                        8
                    } else {
                        self.cost(&argument.ty, &wanted)?
                    };
                }
                Some((total, *id))
            })
            .min_by_key(|(total, _)| *total)
            .map(|(_, id)| id)
    }

    // What a Comparator compares.
    fn compared(&self, ty: &Type) -> Option<Type> {
        let comparator = self.world.platform_class("system.comparator")?;
        match ty {
            Type::Generic(pair) => (pair.0 == comparator).then(|| pair.1.clone()),
            Type::Class(class) => self.world.generic_argument(*class, comparator).cloned(),
            _ => None,
        }
    }

    fn no_method(&self, name: &str, arguments: &[Expr], receiver: &Type, at: At) -> Fault {
        if let (Type::List(_), [Expr { ty, .. }]) = (receiver, arguments)
            && name.eq_ignore_ascii_case("sort")
            && let Some(argument) = self.compared(ty)
        {
            let (argument, list) = (self.name_of(&argument), self.name_of(receiver));
            let text = format!(
                "Incompatible Comparator argument type: {argument}, for collection: {list}"
            );
            return Fault::new(at, text);
        }
        let types: Vec<String> = arguments.iter().map(|one| self.name_of(&one.ty)).collect();
        let (types, receiver_name) = (types.join(", "), self.name_of(receiver));
        self.absent(
            self.knows_method(receiver, name, arguments.len()),
            at,
            &format!("method {receiver_name}.{name}({types})"),
            format!(
                "Method does not exist or incorrect signature: void {name}({types}) from the type {receiver_name}"
            ),
        )
    }

    fn call(
        &mut self,
        method: MethodId,
        target: Option<Expr>,
        receiver: &Type,
        arguments: Vec<Expr>,
        safe: bool,
        at: At,
    ) -> Lowered<Expr> {
        let found = self.world.method(method);
        self.check_method_visible(method, at)?;
        let generics = receiver.arguments();
        let mut converted = Vec::with_capacity(arguments.len());
        for (argument, (_, ty)) in arguments.into_iter().zip(&found.parameters) {
            converted.push(self.assign_to(argument, &ty.substitute(&generics))?);
        }
        let call = Call {
            method,
            is_virtual: target.is_some() && (found.is_virtual || found.is_abstract),
            target,
            safe,
            arguments: converted,
        };
        let ty = found.returns.substitute(&generics);
        Ok(Expr {
            kind: ExprKind::Call(Box::new(call)),
            ty,
            at,
        })
    }

    fn check_method_visible(&self, method: MethodId, at: At) -> Lowered<()> {
        let found = self.world.method(method);
        let types: Vec<String> = found
            .parameters
            .iter()
            .map(|(_, ty)| self.name_of(ty))
            .collect();
        self.check_visible(found.class, found.access, &found.name, at)
            .map_err(|_| {
                let returns = self.name_of(&found.returns);
                let class = &self.world.class(found.class).qualified;
                Fault::new(
                    at,
                    format!(
                        "Method is not visible: {returns} {class}.{}({})",
                        found.name,
                        types.join(", ")
                    ),
                )
            })
    }
}
