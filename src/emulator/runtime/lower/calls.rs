//! Method calls and `new`: which method or constructor the arguments select.

use std::sync::Arc;

use super::super::ir::{Call, Constant, Expr, ExprKind};
use super::super::program::{Chain, ClassKind};
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
            Term::Namespace(namespace) => {
                let class = self.world.platform_class(&format!("system.{namespace}"));
                let class = class.ok_or_else(|| {
                    Fault::new(at, format!("Variable does not exist: {}", object.text()))
                })?;
                self.static_call(class, &Type::Class(class), name, arguments, at)
            }
            Term::Type(ty) => {
                let class = self.world.class_of(&ty).ok_or_else(|| {
                    Fault::new(at, format!("Variable does not exist: {}", object.text()))
                })?;
                if let Some(expr) = self.enum_call(class, &ty, name, &arguments, at) {
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

    fn arguments(&mut self, node: Node<'_>) -> Lowered<Vec<Expr>> {
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
                if !is_static && (self.is_static || class != self.class) {
                    return Err(self.not_static(method, at));
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
            return Err(Fault::new(at, "super cannot be referenced here"));
        };
        let candidates = self.world.methods_named(parent, name);
        let ty = Type::Class(parent);
        let method = self.select(&candidates, name, &arguments, &ty, at)?;
        let target = Some(self.this(at));
        let mut expr = self.call(method, target, &ty, arguments, false, at)?;
        if let ExprKind::Call(call) = &mut expr.kind {
            call.is_virtual = false;
        }
        Ok(expr)
    }

    fn static_call(
        &mut self,
        class: ClassId,
        ty: &Type,
        name: &str,
        arguments: Vec<Expr>,
        at: At,
    ) -> Lowered<Expr> {
        let candidates: Vec<MethodId> = self.world.methods_named(class, name);
        let statics: Vec<MethodId> =
            candidates.iter().copied().filter(|id| self.world.method(*id).is_static).collect();
        if statics.is_empty() && !candidates.is_empty() {
            let method = self.select(&candidates, name, &arguments, ty, at)?;
            return Err(self.not_static(method, at));
        }
        let method = self.select(&statics, name, &arguments, ty, at)?;
        self.call(method, None, ty, arguments, false, at)
    }

    fn not_static(&self, method: MethodId, at: At) -> Fault {
        let found = self.world.method(method);
        let types: Vec<String> = found.parameters.iter().map(|(_, ty)| self.name_of(ty)).collect();
        let returns = self.name_of(&found.returns);
        Fault::new(
            at,
            format!(
                "Non static method cannot be referenced from a static context: {returns} {}({})",
                found.name,
                types.join(", ")
            ),
        )
    }

    fn instance_call(
        &mut self,
        target: Expr,
        name: &str,
        arguments: Vec<Expr>,
        safe: bool,
        at: At,
    ) -> Lowered<Expr> {
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
        candidates.retain(|id| !self.world.method(*id).is_static);
        let method = self.select(&candidates, name, &arguments, &ty, at)?;
        let mut expr = self.call(method, Some(target), &ty, arguments, safe, at)?;
        // An sObject's clone has the type of the sObject.
        if ty.is_record() && name.eq_ignore_ascii_case("clone") {
            expr.ty = ty;
        }
        Ok(expr)
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
                Some(Expr { kind: ExprKind::Elements(elements), ty, at })
            }
            ("valueof", [value]) => {
                let root = self.world.platform_class("system.enum")?;
                let method = *self.world.methods_named(root, "parse").first()?;
                let type_class = self.world.platform_class("system.type")?;
                let token =
                    constant(Constant::Type(ty.clone()), Type::Class(type_class), at);
                let value = self.assign_to(value.clone(), &Type::String).ok()?;
                let call = Call {
                    method,
                    target: None,
                    is_virtual: false,
                    safe: false,
                    arguments: vec![token, value],
                };
                Some(Expr { kind: ExprKind::Call(Box::new(call)), ty: ty.clone(), at })
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
        self.best(candidates, arguments, receiver)
            .ok_or_else(|| self.no_method(name, arguments, receiver, at))
    }

    fn best(
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
                    total += if is_row { 8 } else { self.cost(&argument.ty, &wanted)? };
                }
                Some((total, *id))
            })
            .min_by_key(|(total, _)| *total)
            .map(|(_, id)| id)
    }

    fn no_method(&self, name: &str, arguments: &[Expr], receiver: &Type, at: At) -> Fault {
        let types: Vec<String> = arguments.iter().map(|one| self.name_of(&one.ty)).collect();
        let class = self.world.class_of(receiver);
        // A platform class that is only partly there must not look like the user's mistake.
        if class.is_some_and(|class| self.world.class(class).namespace.is_some()) {
            return Fault::unsupported(
                at,
                format!("method {}.{name}({})", self.name_of(receiver), types.join(", ")),
            );
        }
        Fault::new(
            at,
            format!(
                "Method does not exist or incorrect signature: void {name}({}) from the type {}",
                types.join(", "),
                self.name_of(receiver)
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
        Ok(Expr { kind: ExprKind::Call(Box::new(call)), ty, at })
    }

    fn check_method_visible(&self, method: MethodId, at: At) -> Lowered<()> {
        let found = self.world.method(method);
        let types: Vec<String> = found.parameters.iter().map(|(_, ty)| self.name_of(ty)).collect();
        self.check_visible(found.class, found.access, &found.name, at).map_err(|_| {
            let returns = self.name_of(&found.returns);
            let class = &self.world.class(found.class).qualified;
            Fault::new(
                at,
                format!("Method is not visible: {returns} {class}.{}({})", found.name, types.join(", ")),
            )
        })
    }

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
                if found.is_abstract || found.kind != ClassKind::Class {
                    let name = &found.qualified;
                    return Err(Fault::new(at, format!("Type cannot be constructed: {name}")));
                }
                let (constructor, arguments) = self.constructor(class, arguments, at)?;
                Ok(Expr { kind: ExprKind::New { class, constructor, arguments }, ty, at })
            }
            other => {
                let name = self.name_of(other);
                Err(Fault::new(at, format!("Type cannot be constructed: {name}")))
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
            return Err(Fault::new(
                at,
                format!("Constructor not defined: [{name}].<Constructor>({})", types.join(", ")),
            ));
        };
        let method = self.world.method(constructor);
        if self.world.class(method.class).namespace.is_none()
            && self.check_visible(method.class, method.access, "<Constructor>", at).is_err()
        {
            let types: Vec<String> =
                method.parameters.iter().map(|(_, ty)| self.name_of(ty)).collect();
            let name = &found.qualified;
            return Err(Fault::new(
                at,
                format!("Constructor is not visible: [{name}].<Constructor>({})", types.join(", ")),
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
        let fits = match (&ty, source.as_ref().map(|source| &source.ty)) {
            (_, None) => true,
            (Type::List(_), Some(Type::Integer)) => {
                return Err(Fault::unsupported(at, "new List with a size"));
            }
            (Type::List(to) | Type::Set(to), Some(Type::List(from) | Type::Set(from))) => {
                self.may_be(from, to)
            }
            (Type::Map(to), Some(Type::Map(from))) => {
                self.may_be(&from.0, &to.0) && self.may_be(&from.1, &to.1)
            }
            // Records by their Ids.
            (Type::Map(to), Some(Type::List(from))) => {
                matches!(to.0, Type::Id | Type::String)
                    && from.is_record()
                    && self.may_be(from, &to.1)
            }
            _ => false,
        };
        if !fits || arguments.next().is_some() {
            let name = self.name_of(&ty);
            return Err(Fault::new(at, format!("Constructor not defined: [{name}].<Constructor>")));
        }
        let kind = ExprKind::NewCollection { source: source.map(Box::new) };
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
                return Err(Fault::new(
                    argument.at(),
                    "Fields of a new sObject are given as name = value",
                ));
            };
            let target = {
                let record = constant(Constant::Null, ty.clone(), at);
                self.record_member(record, object, left)?
            };
            let value = self.value(right, &target.ty)?;
            if let ExprKind::RecordField { name, .. } = target.kind {
                if fields.iter().any(|(known, _)| *known == name) {
                    return Err(Fault::new(left.at(), format!("Duplicate field: {name}")));
                }
                fields.push((name, value));
            }
        }
        Ok(Expr { kind: ExprKind::NewRecord { object, fields }, ty, at })
    }

    /// The explicit `this(…)` or `super(…)` of a constructor body, or the implicit `super()`.
    pub(super) fn chain(&mut self, body: Node<'_>) -> Lowered<Option<Chain>> {
        let parent = self.world.class(self.class).superclass;
        let Some(node) = body.child("explicit_constructor_invocation") else {
            let Some(parent) = parent else {
                return Ok(None);
            };
            let (constructor, arguments) = self.constructor(parent, Vec::new(), body.at())?;
            return Ok(Some(Chain { same_class: false, constructor, arguments }));
        };
        let same_class = node.field("constructor").is_some_and(|word| word.kind() == "this");
        let class = if same_class { Some(self.class) } else { parent };
        let Some(class) = class else {
            return Err(Fault::new(node.at(), "This class has no superclass"));
        };
        let arguments = self.arguments(node)?;
        let (constructor, arguments) = self.constructor(class, arguments, node.at())?;
        Ok(Some(Chain { same_class, constructor, arguments }))
    }
}
