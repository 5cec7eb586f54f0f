//! Which types fit where, and the conversions that assignments and casts make.

use super::super::ir::{Expr, ExprKind};
use super::super::program::ClassKind;
use super::super::resolve::Fault;
use super::super::source::At;
use super::super::types::{ClassId, Type};
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
            (Type::List(from), Type::List(to)) => match (&**from, &**to) {
                (Type::SObject, Type::Record(_)) => Some(4),
                (from, to) => self.cost(from, to),
            },
            // Sets fit only where their elements have the same type, maps where their keys have.
            (Type::Map(from), Type::Map(to)) if from.0 == to.0 => self.cost(&from.1, &to.1),
            (Type::Class(from), Type::Class(to)) => self.world.is_subclass(*from, *to).then(|| {
                let lineage = self.world.lineage(*from);
                let distance = lineage.iter().position(|class| class == to).unwrap_or(5);
                u32::try_from(distance).unwrap_or(5)
            }),
            (Type::List(from) | Type::Set(from), Type::Generic(to)) if self.is_iterable(to.0) => {
                self.cost(from, &to.1).map(|cost| cost + 5)
            }
            (Type::Generic(from), Type::Generic(to))
                if from.0 == to.0 && self.is_iterable(to.0) =>
            {
                self.cost(&from.1, &to.1)
            }
            (Type::Class(from), Type::Generic(to)) => {
                let argument = self.world.generic_argument(*from, to.0)?;
                let fits = *argument == to.1
                    || (self.is_iterable(to.0) && self.cost(argument, &to.1).is_some());
                fits.then_some(5)
            }
            _ => None,
        }
    }

    fn is_iterable(&self, class: ClassId) -> bool {
        self.world.platform_class("system.iterable") == Some(class)
    }

    /// Whether either type fits where the other is wanted, so that values can be compared.
    pub(super) fn are_compatible(&self, one: &Type, other: &Type) -> bool {
        self.cost(one, other).is_some() || self.cost(other, one).is_some()
    }

    // A collection whose elements would have to be of another type: `List<Integer>` as `List<Long>`.
    fn check_elements(&self, from: &Type, to: &Type, at: At) -> Lowered<()> {
        if from != to && !has_same_elements(from, to) {
            let (from, to) = (self.name_of(from), self.name_of(to));
            return Err(Fault::unsupported(at, format!("{from} as {to}")));
        }
        Ok(())
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
        self.check_elements(&expr.ty, to, expr.at)?;
        Ok(self.convert(expr, to))
    }

    // SOQL in brackets or in a text.
    pub(super) fn is_query(&self, expr: &Expr) -> bool {
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
            || matches!((&expr.ty, to), (Type::List(_), Type::List(_)));
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
        if expr.ty == Type::Void {
            let text = "Operation cast is not allowed on type: void";
            return Err(Fault::new(at, text));
        }
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
        self.check_elements(&expr.ty, to, at)?;
        if (&expr.ty, to) == (&Type::Datetime, &Type::Date) {
            // It keeps its time, and nothing says what follows from that.
            return Err(Fault::unsupported(at, "a Datetime as a Date"));
        }
        if expr.ty.is_number() && to.is_number() {
            return Ok(Expr {
                at,
                ..converted(expr, to)
            });
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
        if *from == Type::Void {
            let text = "Operation instanceof is not allowed on type: void";
            return Err(Fault::new(at, text));
        }
        let is_rows = matches!(from, Type::List(element) if element.is_record());
        let is_objects = *to == Type::Object || *to == Type::list(Type::Object);
        let is_list_of_records =
            *from != Type::list(Type::SObject) && *to == Type::list(Type::SObject);
        let is_always = match (from, to) {
            // A text may be an Id or not, and rows of a query have any type.
            (Type::String, Type::Id) => false,
            _ if is_rows => is_list_of_records,
            (from, to) => self.cost(from, to).is_some(),
        };
        let is_never = (is_rows && is_objects) || !self.may_be(from, to);
        if is_always {
            return Err(Fault::new(
                at,
                format!(
                    "Operation instanceof is always true since an instance of {one} is always an instance of {other}"
                ),
            ));
        }
        if is_never {
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

    /// Whether a value of one type can turn out to be of another: any value may be one of a class
    /// that has the interface.
    pub(super) fn may_be(&self, from: &Type, to: &Type) -> bool {
        let is_known = *from != Type::Void && *to != Type::Void;
        is_known
            && (self.is_interface(from) || self.is_interface(to) || self.are_compatible(from, to))
    }

    fn is_interface(&self, ty: &Type) -> bool {
        match ty {
            Type::Generic(_) => true,
            Type::Class(class) => self.world.class(*class).kind == ClassKind::Interface,
            _ => false,
        }
    }
}

fn has_same_elements(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::List(from), Type::List(to)) => is_kept(from, to),
        (Type::Map(from), Type::Map(to)) => is_kept(&from.1, &to.1),
        (Type::List(from) | Type::Set(from), Type::Generic(to)) => is_kept(from, &to.1),
        (Type::Generic(from), Type::Generic(to)) => is_kept(&from.1, &to.1),
        _ => true,
    }
}

// Whether a value of one type is one of the other as it is.
fn is_kept(from: &Type, to: &Type) -> bool {
    let differs = (from.is_number() && to.is_number() && from != to)
        || matches!(
            (from, to),
            (Type::Date, Type::Datetime) | (Type::Datetime, Type::Date)
        );
    !differs && has_same_elements(from, to)
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
