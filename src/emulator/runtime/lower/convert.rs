//! Which types fit where, and the conversions that assignments and casts make.

use super::super::ir::{Expr, ExprKind};
use super::super::resolve::Fault;
use super::super::source::At;
use super::super::types::Type;
use super::{Lower, Lowered};

impl Lower<'_> {
    /// What passing a type where another is wanted costs; none where it doesn't fit. Among
    /// overloads the cheapest wins.
    pub(super) fn cost(&self, from: &Type, to: &Type) -> Option<u32> {
        if from == to {
            return Some(0);
        }
        if let (Some(source), Some(target)) = (from.number_rank(), to.number_rank()) {
            // Decimal and Double are assigned to each other.
            return if target > source {
                Some(u32::from(target - source))
            } else {
                (source == 3 && target == 2).then_some(4)
            };
        }
        match (from, to) {
            (Type::Void, _) | (_, Type::Void) => None,
            (Type::Null, Type::Object) => Some(9),
            (Type::Null, _) => Some(1),
            (_, Type::Object | Type::Parameter(_)) => Some(20),
            (Type::Id, Type::String) | (Type::String, Type::Id) => Some(2),
            (Type::Date, Type::Datetime) => Some(2),
            (Type::Record(_), Type::SObject) => Some(3),
            (Type::List(from), Type::List(to)) | (Type::Set(from), Type::Set(to)) => {
                self.element_cost(from, to)
            }
            (Type::Map(from), Type::Map(to)) => {
                // Unlike lists, maps of any records are none of one sObject's.
                let narrows = |from: &Type, to: &Type| {
                    *from == Type::SObject && matches!(to, Type::Record(_))
                };
                if narrows(&from.0, &to.0) || narrows(&from.1, &to.1) {
                    return None;
                }
                Some(self.element_cost(&from.0, &to.0)? + self.element_cost(&from.1, &to.1)?)
            }
            (Type::Class(from), Type::Class(to)) => self.world.is_subclass(*from, *to).then(|| {
                let lineage = self.world.lineage(*from);
                let distance = lineage.iter().position(|class| class == to).unwrap_or(5);
                u32::try_from(distance).unwrap_or(5)
            }),
            (Type::List(from) | Type::Set(from), Type::Generic(to)) => {
                let is_iterable = Some(to.0) == self.world.platform_class("system.iterable");
                self.element_cost(from, &to.1)
                    .filter(|_| is_iterable)
                    .map(|cost| cost + 5)
            }
            (Type::Generic(from), Type::Generic(to)) if from.0 == to.0 => {
                self.element_cost(&from.1, &to.1)
            }
            (Type::Class(from), Type::Generic(to)) => self
                .world
                .generic_argument(*from, to.0)
                .filter(|argument| **argument == to.1)
                .map(|_| 5),
            _ => None,
        }
    }

    // Elements are not converted, so only what has the same values fits.
    fn element_cost(&self, from: &Type, to: &Type) -> Option<u32> {
        match (from, to) {
            (Type::SObject, Type::Record(_)) => Some(4),
            (from, to) if from.is_number() && to.is_number() && from != to => None,
            (Type::Date, Type::Datetime) => None,
            _ => self.cost(from, to),
        }
    }

    /// Converts a value for a variable, parameter or result of a type.
    pub(super) fn assign_to(&self, expr: Expr, to: &Type) -> Lowered<Expr> {
        let fault = || {
            let from = self.name_of(&expr.ty);
            self.mismatch(
                &[&expr.ty, to],
                expr.at,
                format!("Illegal assignment from {from} to {}", self.name_of(to)),
            )
        };
        // A query gives its only row where a record is wanted.
        if let (true, Type::List(element), true) = (self.is_query(&expr), &expr.ty, to.is_record())
        {
            return if **element == *to || *to == Type::SObject || **element == Type::SObject {
                Ok(converted(expr, to))
            } else {
                Err(fault())
            };
        }
        if self.cost(&expr.ty, to).is_none() {
            return Err(fault());
        }
        Ok(self.convert(expr, to))
    }

    // SOQL in brackets or in a text.
    fn is_query(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Query(_) => true,
            ExprKind::Call(call) => {
                let method = self.world.method(call.method);
                let is_query = matches!(&*method.name, "queryVisible" | "queryWithBinds");
                is_query && self.world.class(method.class).namespace.is_some()
            }
            _ => false,
        }
    }

    /// Wraps a value that is known to fit.
    pub(super) fn convert(&self, expr: Expr, to: &Type) -> Expr {
        if expr.ty == *to {
            return expr;
        }
        let changes_value = matches!(
            (&expr.ty, to),
            (Type::String, Type::Id) | (Type::Id, Type::String) | (Type::Date, Type::Datetime)
        ) || (expr.ty.is_number() && to.is_number())
            || matches!(
                (&expr.ty, to),
                (Type::List(_), Type::List(_)) | (Type::Set(_), Type::Set(_))
            );
        if changes_value || depends_on_type(&expr.kind) {
            converted(expr, to)
        } else {
            Expr {
                ty: to.clone(),
                ..expr
            }
        }
    }

    /// `(T) value`
    pub(super) fn cast(&self, expr: Expr, to: &Type, at: At) -> Lowered<Expr> {
        let is_query_row = self.is_query(&expr) && to.is_record();
        if is_query_row || self.cost(&expr.ty, to).is_some() {
            let inner = self.assign_to(expr, to)?;
            return Ok(Expr { at, ..inner });
        }
        if !self.may_be(&expr.ty, to) {
            let text = format!(
                "Incompatible types since an instance of {} is never an instance of {}",
                self.name_of(&expr.ty),
                self.name_of(to)
            );
            return Err(self.mismatch(&[&expr.ty, to], at, text));
        }
        Ok(Expr {
            kind: ExprKind::Cast(Box::new(expr)),
            ty: to.clone(),
            at,
        })
    }

    /// Refuses `instanceof` where the answer is known beforehand.
    pub(super) fn check_instance_of(&self, from: &Type, to: &Type, at: At) -> Lowered<()> {
        let (one, other) = (self.name_of(from), self.name_of(to));
        let is_always = match (from, to) {
            (Type::Class(from), Type::Class(to)) => self.world.is_subclass(*from, *to),
            (from, to) => from == to,
        };
        if is_always {
            return Err(Fault::new(
                at,
                format!(
                    "Operation instanceof is always true since an instance of {one} is always an instance of {other}"
                ),
            ));
        }
        if !self.may_be(from, to) {
            return Err(self.mismatch(
                &[from, to],
                at,
                format!(
                    "Operation instanceof is always false since an instance of {one} is never an instance of {other}"
                ),
            ));
        }
        Ok(())
    }

    /// Whether a value of one type can turn out to be of another.
    pub(super) fn may_be(&self, from: &Type, to: &Type) -> bool {
        if self.cost(from, to).is_some() && from != &Type::Void {
            return true;
        }
        match (from, to) {
            (Type::Object, _) | (Type::SObject, Type::Record(_)) => true,
            (Type::List(from), Type::List(to)) => self.may_be(from, to),
            (Type::Map(from), Type::Map(to)) => {
                self.may_be(&from.0, &to.0) && self.may_be(&from.1, &to.1)
            }
            (Type::Class(_) | Type::Generic(_), Type::Class(_) | Type::Generic(_)) => {
                let (Some(from), Some(to)) = (self.world.class_of(from), self.world.class_of(to))
                else {
                    return false;
                };
                let (from, to) = (&from, &to);
                let interface = super::super::program::ClassKind::Interface;
                self.world.is_subclass(*to, *from)
                    || self.world.class(*from).kind == interface
                    || self.world.class(*to).kind == interface
            }
            _ => false,
        }
    }
}

// What is made of these follows from their type, so that has to stay.
fn depends_on_type(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::NewCollection { .. }
            | ExprKind::Elements(_)
            | ExprKind::Entries(_)
            | ExprKind::Sized(_)
            | ExprKind::Convert(_)
            | ExprKind::Cast(_)
            | ExprKind::RecordField { .. }
            | ExprKind::Trigger(_)
    )
}

fn converted(expr: Expr, to: &Type) -> Expr {
    let at = expr.at;
    Expr {
        kind: ExprKind::Convert(Box::new(expr)),
        ty: to.clone(),
        at,
    }
}
