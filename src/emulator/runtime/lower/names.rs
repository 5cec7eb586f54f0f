//! Names in expressions: variables, fields, properties, types and namespaces.

use std::sync::Arc;

use super::super::data::schema::Member;
use super::super::inventory::{self, Known};
use super::super::ir::{Call, Constant, Expr, ExprKind};
use super::super::program::{Access, ClassKind, Variable};
use super::super::resolve::{self, Fault};
use super::super::source::{At, Node};
use super::super::types::{ClassId, ObjectId, Type};
use super::literals::constant;
use super::{Lower, Lowered};

/// What a name or dotted name means.
pub(super) enum Term {
    /// A value.
    Value(Expr),
    /// A variable or property of a class.
    Variable(ClassId, Box<Variable>, Option<Box<Expr>>, bool, At),
    /// A type.
    Type(Type),
    /// A namespace of the platform.
    Namespace(String),
}

impl Lower<'_> {
    /// The meaning of the part in front of a dot, or of a whole expression.
    pub(super) fn term(&mut self, node: Node<'_>) -> Lowered<Term> {
        match node.kind() {
            "identifier" => self.identifier(node),
            "field_access" => self.field_access(node),
            _ => self.expr(node).map(Term::Value),
        }
    }

    fn identifier(&mut self, node: Node<'_>) -> Lowered<Term> {
        let name = node.text();
        let at = node.at();
        if let Some((slot, ty)) = self.local(name) {
            return Ok(Term::Value(Expr {
                kind: ExprKind::Local(slot),
                ty,
                at,
            }));
        }
        let mut around = Some(self.class);
        while let Some(class) = around {
            if let Some((owner, variable)) = self.world.variable(class, name) {
                self.check_order(owner, variable, at)?;
                let object = self.implicit_object(class, variable.is_static, name, at)?;
                return Ok(Term::Variable(
                    owner,
                    Box::new(variable.clone()),
                    object,
                    false,
                    at,
                ));
            }
            around = self.world.class(class).outer;
        }
        let is_own_class = self.world.top.contains_key(&name.to_ascii_lowercase());
        if resolve::is_namespace(name) && !is_own_class {
            return Ok(Term::Namespace(name.to_ascii_lowercase()));
        }
        resolve::named(self.world, Some(self.class), &[name])
            .map(Term::Type)
            .ok_or_else(|| {
                let text = format!("Variable does not exist: {name}");
                self.absent(self.knows_name(name), at, name, text)
            })
    }

    // `this`, for an instance variable that is named without an object.
    fn implicit_object(
        &self,
        class: ClassId,
        is_static: bool,
        name: &str,
        at: At,
    ) -> Lowered<Option<Box<Expr>>> {
        if is_static {
            return Ok(None);
        }
        // Inner classes have no instance of the class around them.
        if self.is_static || class != self.class {
            return Err(Fault::new(at, format!("Variable does not exist: {name}")));
        }
        self.check_instance(name, at)?;
        Ok(Some(Box::new(self.this(at))))
    }

    pub(super) fn this(&self, at: At) -> Expr {
        Expr {
            kind: ExprKind::This,
            ty: self.own_type(),
            at,
        }
    }

    // Inside the platform's own classes String and so on stand for the language's types.
    fn own_type(&self) -> Type {
        let class = self.world.class(self.class);
        match (class.namespace, class.outer) {
            (Some(_), None) => Type::builtin(&class.name).unwrap_or(Type::Class(self.class)),
            _ => Type::Class(self.class),
        }
    }

    fn field_access(&mut self, node: Node<'_>) -> Lowered<Term> {
        let object = self.required(node, "object")?;
        let field = self.required(node, "field")?;
        let safe = node.child("safe_navigation_operator").is_some();
        let name = field.text();
        let at = field.at();
        if object.kind() == "identifier"
            && object.text().eq_ignore_ascii_case("trigger")
            && self.local("trigger").is_none()
        {
            return self.trigger_variable(name, at).map(Term::Value);
        }
        if object.kind() == "super" {
            return Err(Fault::unsupported(at, "super in front of a field"));
        }
        let is_class = name.eq_ignore_ascii_case("class");
        let term = self.term(object).map_err(|fault| Fault {
            message: match fault.message.strip_prefix("Variable does not exist: ") {
                Some(unknown) if is_class => format!("Invalid type: {unknown}"),
                _ => fault.message,
            },
            ..fault
        });
        match term? {
            Term::Namespace(_) | Term::Type(_) if safe => {
                let text = format!("Variable does not exist: {}", object.text());
                Err(Fault::new(object.at(), text))
            }
            Term::Namespace(namespace) => self.in_namespace(&namespace, name, object, at),
            Term::Type(named) if is_class => {
                let ty = self
                    .world
                    .platform_class("system.type")
                    .map_or(Type::Object, Type::Class);
                Ok(Term::Value(constant(Constant::Type(named), ty, at)))
            }
            Term::Type(ty) => {
                if let Type::Class(class) = ty
                    && let Some(described) = self.described(class, name, at)
                {
                    return described.map(Term::Value);
                }
                self.of_type(&ty, name, at)
            }
            term => {
                let object = self.read(term)?;
                self.of_value(object, name, safe, at)
            }
        }
    }

    fn in_namespace(&self, namespace: &str, name: &str, object: Node<'_>, at: At) -> Lowered<Term> {
        if let Some(ty) = resolve::named(self.world, Some(self.class), &[namespace, name]) {
            return Ok(Term::Type(ty));
        }
        let class = self.world.platform_class(&format!("system.{namespace}"));
        match class.and_then(|class| self.world.variable(class, name)) {
            Some((owner, variable)) if variable.is_static => Ok(Term::Variable(
                owner,
                Box::new(variable.clone()),
                None,
                false,
                at,
            )),
            _ => {
                let known = match class {
                    _ if inventory::has_class(&format!("{namespace}.{name}")) => Known::Yes,
                    Some(class) => self.knows_variable(class, name),
                    None => Known::No,
                };
                let name = format!("{}.{name}", object.text());
                let text = format!("Variable does not exist: {name}");
                Err(self.absent(known, object.at(), &name, text))
            }
        }
    }

    fn of_type(&self, ty: &Type, name: &str, at: At) -> Lowered<Term> {
        let missing = || {
            let known = match (ty, self.world.class_of(ty)) {
                (Type::Record(object), _) => {
                    let object = &self.world.schema.object(*object).name;
                    // The tokens of field sets, and the fields by their names.
                    match name.to_ascii_lowercase().as_str() {
                        "fields" | "fieldsets" => Known::Yes,
                        _ => inventory::has_field(object, name),
                    }
                }
                (_, Some(class)) => self.knows_variable(class, name),
                _ => Known::No,
            };
            let construct = format!("{}.{name}", self.name_of(ty));
            self.absent(
                known,
                at,
                &construct,
                format!("Variable does not exist: {name}"),
            )
        };
        if let Type::Record(object) = ty {
            return self
                .token(*object, name, at)
                .map(Term::Value)
                .ok_or_else(missing);
        }
        let class = self.world.class_of(ty).ok_or_else(missing)?;
        let found = self.world.class(class);
        if found.kind == ClassKind::Enum
            && let Some(index) = found
                .constants
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name))
        {
            let index = u16::try_from(index).unwrap_or(u16::MAX);
            return Ok(Term::Value(constant(
                Constant::Enum(class, index),
                ty.clone(),
                at,
            )));
        }
        if let Some((owner, variable)) = self.world.variable(class, name)
            && variable.is_static
        {
            return Ok(Term::Variable(
                owner,
                Box::new(variable.clone()),
                None,
                false,
                at,
            ));
        }
        let inner = self.world.lineage(class).into_iter().find_map(|class| {
            self.world
                .class(class)
                .inner
                .get(&name.to_ascii_lowercase())
                .copied()
        });
        inner
            .map(|inner| Term::Type(Type::Class(inner)))
            .ok_or_else(missing)
    }

    fn token(&self, object: ObjectId, name: &str, at: At) -> Option<Expr> {
        if name.eq_ignore_ascii_case("SObjectType") {
            let ty = Type::Class(self.world.platform_class("schema.sobjecttype")?);
            return Some(constant(Constant::Object(object), ty, at));
        }
        let field = self.world.schema.object(object).field(name)?;
        let ty = Type::Class(self.world.platform_class("schema.sobjectfield")?);
        Some(constant(
            Constant::Field(object, field.name.clone()),
            ty,
            at,
        ))
    }

    fn of_value(&mut self, object: Expr, name: &str, safe: bool, at: At) -> Lowered<Term> {
        // A field of a query is that of its only row.
        let row = match (&object.kind, &object.ty) {
            (ExprKind::Query(_), Type::List(element)) => Some((**element).clone()),
            _ => None,
        };
        let object = match row {
            Some(row) => self.assign_to(object, &row)?,
            None => object,
        };
        if let Some(described) = self.described_field(&object, name, at) {
            return described.map(Term::Value);
        }
        match &object.ty {
            Type::SObject if name.eq_ignore_ascii_case("Id") => {
                let kind = ExprKind::RecordField {
                    record: Box::new(object),
                    name: "Id".into(),
                    safe,
                };
                let ty = Type::Id;
                Ok(Term::Value(Expr { kind, ty, at }))
            }
            Type::Record(id) => {
                let id = *id;
                self.record_field(object, id, name, safe, at)
                    .map(Term::Value)
            }
            Type::Class(class) => match self.world.variable(*class, name) {
                Some((owner, variable)) if !variable.is_static => {
                    let variable = Box::new(variable.clone());
                    Ok(Term::Variable(
                        owner,
                        variable,
                        Some(Box::new(object)),
                        safe,
                        at,
                    ))
                }
                _ => {
                    let construct = format!("{}.{name}", self.name_of(&object.ty));
                    let text = self.no_variable(*class, name);
                    Err(self.absent(self.knows_variable(*class, name), at, &construct, text))
                }
            },
            ty => {
                let text = format!("Variable does not exist: {name}");
                Err(self.mismatch(&[ty], at, text))
            }
        }
    }

    fn record_field(
        &self,
        record: Expr,
        object: ObjectId,
        name: &str,
        safe: bool,
        at: At,
    ) -> Lowered<Expr> {
        let (name, ty): (Arc<str>, Type) = match self.world.schema.member(object, name) {
            Some(Member::Field(field)) => (field.name.clone(), field.kind.apex_type()),
            Some(Member::Parent(field, parent)) => (
                field.relationship.clone().unwrap_or_default(),
                parent.map_or(Type::SObject, Type::Record),
            ),
            Some(Member::Children(name, child, _)) => {
                (name.clone(), Type::list(Type::Record(child)))
            }
            None => {
                let object = &self.world.schema.object(object).name;
                let text = format!("Variable does not exist: {name}");
                let known = inventory::has_field(object, name);
                return Err(self.absent(known, at, &format!("field {object}.{name}"), text));
            }
        };
        Ok(Expr {
            kind: ExprKind::RecordField {
                record: Box::new(record),
                name,
                safe,
            },
            ty,
            at,
        })
    }

    /// A field of an sObject by a node that names it.
    pub(super) fn record_member(
        &self,
        record: Expr,
        object: ObjectId,
        name: Node<'_>,
    ) -> Lowered<Expr> {
        self.record_field(record, object, name.text(), false, name.at())
    }

    /// The value that a term stands for.
    pub(super) fn read(&mut self, term: Term) -> Lowered<Expr> {
        if let Term::Variable(class, variable, _, _, at) = &term
            && !self.is_inside(*class, &variable.name)
        {
            match variable.readable {
                Some(access) => self.check_visible(*class, access, &variable.name, *at)?,
                None => return Err(self.not_visible(*class, &variable.name, *at)),
            }
        }
        self.stored(term)
    }

    /// Refuses an assignment to a property that has no setter, or none that is visible here.
    pub(super) fn check_writable(
        &self,
        class: ClassId,
        variable: &Variable,
        node: Node<'_>,
    ) -> Lowered<()> {
        let at = node.field("field").unwrap_or(node).at();
        match variable.writable {
            _ if self.is_inside(class, &variable.name) => Ok(()),
            Some(access) => self.check_visible(class, access, &variable.name, at),
            None => Err(self.not_visible(class, &variable.name, at)),
        }
    }

    /// The value or place that a term stands for, whoever may read it.
    pub(super) fn stored(&mut self, term: Term) -> Lowered<Expr> {
        let (class, variable, object, safe, at) = match term {
            Term::Value(expr) => {
                return match &expr.ty {
                    Type::Unknown(name) => Err(Fault::unsupported(expr.at, format!("type {name}"))),
                    _ => Ok(expr),
                };
            }
            Term::Type(ty) => {
                let name = self.name_of(&ty);
                return Err(Fault::new(
                    self.statement_at,
                    format!("Variable does not exist: {name}"),
                ));
            }
            Term::Namespace(name) => {
                return Err(Fault::new(
                    self.statement_at,
                    format!("Variable does not exist: {name}"),
                ));
            }
            Term::Variable(class, variable, object, safe, at) => {
                (class, variable, object, safe, at)
            }
        };
        let ty = variable.ty.clone();
        if let Type::Unknown(name) = &ty {
            return Err(Fault::unsupported(at, format!("type {name}")));
        }
        if let Some(getter) = variable
            .getter
            .filter(|_| !self.is_inside(class, &variable.name))
        {
            let call = Call {
                method: getter,
                target: object.map(|object| *object),
                is_virtual: false,
                safe,
                arguments: Vec::new(),
            };
            return Ok(Expr {
                kind: ExprKind::Call(Box::new(call)),
                ty,
                at,
            });
        }
        let kind = match object {
            Some(object) => ExprKind::Field {
                object,
                slot: variable.slot,
                safe,
            },
            None => ExprKind::Static(class, variable.slot),
        };
        Ok(Expr { kind, ty, at })
    }

    /// Whether this is the body of the property's own accessor, which uses its storage.
    pub(super) fn is_inside(&self, class: ClassId, name: &str) -> bool {
        class == self.class
            && self
                .property
                .as_ref()
                .is_some_and(|property| property.eq_ignore_ascii_case(name))
    }

    /// Refuses what the declaration hides.
    pub(super) fn check_visible(
        &self,
        class: ClassId,
        access: Access,
        name: &str,
        at: At,
    ) -> Lowered<()> {
        let same_file = self.world.outermost(class) == self.world.outermost(self.class);
        let visible = match access {
            Access::Public => true,
            Access::Private => same_file,
            Access::TestVisible => same_file || self.world.class(self.class).is_test,
            Access::Protected => same_file || self.world.is_subclass(self.class, class),
        };
        if visible {
            Ok(())
        } else {
            Err(self.not_visible(class, name, at))
        }
    }

    fn not_visible(&self, class: ClassId, name: &str, at: At) -> Fault {
        let found = self.world.class(class);
        // How the platform's classes keep their state is nobody's business.
        if found.namespace.is_some() {
            return Fault::new(at, format!("Variable does not exist: {name}"));
        }
        let class = &found.qualified;
        Fault::new(at, format!("Variable is not visible: {class}.{name}"))
    }
}
