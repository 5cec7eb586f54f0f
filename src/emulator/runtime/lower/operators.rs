//! Operators: which types they take and what they give.

use super::super::ir::{Comparison, Constant, Expr, ExprKind, Operator};
use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::super::types::Type;
use super::literals;
use super::{Lower, Lowered};

impl Lower<'_> {
    pub(super) fn binary_expression(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        let left = self.required(node, "left")?;
        let right = self.required(node, "right")?;
        let symbol = node
            .field("operator")
            .map_or("", |operator| operator.text());
        let symbol: String = symbol.split_whitespace().collect();
        match symbol.as_str() {
            "&&" | "||" => {
                let text = "Logical operator can only be applied to Boolean";
                let left = self.truth(left, at, text)?;
                let right = self.truth(right, at, text)?;
                let (left, right) = (Box::new(left), Box::new(right));
                let kind = if symbol == "&&" {
                    ExprKind::And(left, right)
                } else {
                    ExprKind::Or(left, right)
                };
                Ok(Expr {
                    kind,
                    ty: Type::Boolean,
                    at,
                })
            }
            "??" => {
                let left = self.expr(left)?;
                let right = self.expr(right)?;
                let ty = self.common_type(&left, &right, at).map_err(|fault| {
                    let (one, other) = (self.name_of(&left.ty), self.name_of(&right.ty));
                    Fault {
                        message: format!(
                            "Incompatible types in null coalescing operator: {one}, {other}"
                        ),
                        ..fault
                    }
                })?;
                let left = self.assign_to(left, &ty)?;
                let right = self.assign_to(right, &ty)?;
                Ok(Expr {
                    kind: ExprKind::Coalesce(Box::new(left), Box::new(right)),
                    ty,
                    at,
                })
            }
            _ => {
                let left = self.expr(left)?;
                let right = self.expr(right)?;
                match comparison(&symbol) {
                    Some(operator) => self.compare(operator, left, right, at),
                    None => self.arithmetic(&symbol, left, right, at),
                }
            }
        }
    }

    // A Boolean operand.
    fn truth(&mut self, node: Node<'_>, at: At, text: &str) -> Lowered<Expr> {
        let expr = self.expr(node)?;
        if expr.ty == Type::Boolean {
            Ok(expr)
        } else {
            Err(Fault::new(at, text))
        }
    }

    /// A Boolean.
    pub(super) fn condition(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let expr = self.expr(node)?;
        if expr.ty == Type::Boolean {
            Ok(expr)
        } else {
            let name = self.name_of(&expr.ty);
            Err(Fault::new(
                expr.at,
                format!("Condition expression must be of type Boolean: {name}"),
            ))
        }
    }

    fn compare(&self, operator: Comparison, left: Expr, right: Expr, at: At) -> Lowered<Expr> {
        let equality = !matches!(
            operator,
            Comparison::Less
                | Comparison::LessOrEqual
                | Comparison::Greater
                | Comparison::GreaterOrEqual
        );
        let fault = || {
            let names = format!("{}, {}", self.name_of(&left.ty), self.name_of(&right.ty));
            self.mismatch(
                &[&left.ty, &right.ty],
                at,
                format!("Comparison arguments must be compatible types: {names}"),
            )
        };
        let is_ordered = |ty: &Type| {
            ty.is_number()
                || matches!(
                    ty,
                    Type::String | Type::Id | Type::Date | Type::Datetime | Type::Time | Type::Null
                )
        };
        if !equality && (left.ty == Type::Null || right.ty == Type::Null) {
            return Err(fault());
        }
        if !(equality || is_ordered(&left.ty) && is_ordered(&right.ty)) {
            let wider = [&left.ty, &right.ty];
            let fits = |wider: &&&Type| {
                self.cost(&left.ty, wider).is_some() && self.cost(&right.ty, wider).is_some()
            };
            return Err(match wider.iter().find(fits) {
                Some(wider) => {
                    let name = self.name_of(wider);
                    let text = format!("Inequality operator not allowed for this type: {name}");
                    self.mismatch(&[&left.ty, &right.ty], at, text)
                }
                None => fault(),
            });
        }
        if matches!(operator, Comparison::Same | Comparison::NotSame) {
            let is_value = |ty: &Type| {
                ty.is_number()
                    || matches!(
                        ty,
                        Type::String
                            | Type::Id
                            | Type::Boolean
                            | Type::Date
                            | Type::Datetime
                            | Type::Time
                            | Type::Blob
                    )
            };
            if left.ty == Type::Null || right.ty == Type::Null {
                let name = |ty: &Type| match ty {
                    Type::Null => "NULL".to_owned(),
                    other => self.name_of(other),
                };
                let text = format!(
                    "Comparison arguments must be compatible types: {}, {}",
                    name(&left.ty),
                    name(&right.ty)
                );
                return Err(Fault::new(at, text));
            }
            let is_compatible = self.are_compatible(&left.ty, &right.ty);
            if is_compatible && is_value(&left.ty) && is_value(&right.ty) {
                let name = self.name_of(&left.ty);
                let text =
                    format!("Exact equality operator only allowed for reference types: {name}");
                return Err(Fault::new(at, text));
            }
        }
        if !self.are_compatible(&left.ty, &right.ty) {
            return Err(fault());
        }
        let (left, right) = self.promote(left, right);
        let kind = ExprKind::Compare {
            operator,
            left: Box::new(left),
            right: Box::new(right),
        };
        Ok(Expr {
            kind,
            ty: Type::Boolean,
            at,
        })
    }

    // Numbers become the wider of both types, Ids and Strings are compared as Ids or texts.
    fn promote(&self, left: Expr, right: Expr) -> (Expr, Expr) {
        match (left.ty.number_rank(), right.ty.number_rank()) {
            (Some(a), Some(b)) if a < b => {
                let ty = right.ty.clone();
                (self.convert(left, &ty), right)
            }
            (Some(a), Some(b)) if b < a => {
                let ty = left.ty.clone();
                (left, self.convert(right, &ty))
            }
            _ => match (&left.ty, &right.ty) {
                (Type::Date, Type::Datetime) => (self.convert(left, &Type::Datetime), right),
                (Type::Datetime, Type::Date) => {
                    let right = self.convert(right, &Type::Datetime);
                    (left, right)
                }
                _ => (left, right),
            },
        }
    }

    pub(super) fn arithmetic(
        &self,
        symbol: &str,
        left: Expr,
        right: Expr,
        at: At,
    ) -> Lowered<Expr> {
        if symbol == "+" && (left.ty == Type::String || right.ty == Type::String) {
            if left.ty == Type::Void || right.ty == Type::Void {
                let text = "Arithmetic expressions are not allowed on void types";
                return Err(Fault::new(at, text));
            }
            // Constant texts are put together by the compiler, which shows in coverage.
            if let (
                ExprKind::Constant(Constant::String(first)),
                ExprKind::Constant(Constant::String(second)),
            ) = (&left.kind, &right.kind)
            {
                let text = format!("{first}{second}").into();
                return Ok(literals::constant(
                    Constant::String(text),
                    Type::String,
                    left.at,
                ));
            }
            return Ok(binary(Operator::Concat, left, right, Type::String, at));
        }
        let operator =
            operator(symbol).ok_or_else(|| Fault::unsupported(at, format!("operator {symbol}")))?;
        let is_bitwise = matches!(
            operator,
            Operator::And
                | Operator::Or
                | Operator::Xor
                | Operator::ShiftLeft
                | Operator::ShiftRight
                | Operator::ShiftRightUnsigned
        );
        let is_shift =
            is_bitwise && !matches!(operator, Operator::And | Operator::Or | Operator::Xor);
        let whole: fn(&Type) -> bool = |ty| matches!(ty, Type::Integer | Type::Long);
        let both = |fits: fn(&Type) -> bool| fits(&left.ty) && fits(&right.ty);
        if is_bitwise && !both(whole) && (is_shift || !both(|ty| *ty == Type::Boolean)) {
            let text = if is_shift {
                format!("{symbol} operation can only be applied to Integer or Long types")
            } else {
                format!(
                    "{symbol} operator can only be applied to Boolean expressions or to Integer or Long expressions"
                )
            };
            return Err(Fault::new(at, text));
        }
        if is_shift {
            let ty = left.ty.clone();
            let right = self.convert(right, &Type::Long);
            return Ok(binary(operator, left, right, ty, at));
        }
        if is_bitwise && left.ty == Type::Boolean && right.ty == Type::Boolean {
            return Ok(binary(operator, left, right, Type::Boolean, at));
        }
        let fits = if is_bitwise {
            whole(&left.ty) && whole(&right.ty)
        } else {
            left.ty.is_number() && right.ty.is_number()
        };
        if fits {
            let (left, right) = self.promote(left, right);
            let ty = left.ty.clone();
            return Ok(binary(operator, left, right, ty, at));
        }
        let adds = matches!(operator, Operator::Add | Operator::Subtract);
        if adds && left.ty == Type::Date && whole(&right.ty) {
            return Ok(binary(operator, left, right, Type::Date, at));
        }
        if adds && left.ty == Type::Time && whole(&right.ty) {
            let construct = format!("{symbol} of Time and {}", self.name_of(&right.ty));
            return Err(Fault::unsupported(at, construct));
        }
        if adds && left.ty == Type::Datetime && right.ty.is_number() && right.ty != Type::Long {
            let right = self.convert(right, &Type::Decimal);
            return Ok(binary(operator, left, right, Type::Datetime, at));
        }
        let is_text = right.ty == Type::String;
        let text = match left.ty {
            Type::Date if adds && !is_text => "Date expressions must use Integer or Long",
            Type::Time if adds && !is_text => "Time expressions must use Integer or Long",
            Type::Datetime if adds && !is_text => {
                "Date/time expressions must use Integer or Double or Decimal"
            }
            _ => "Arithmetic expressions must use numeric arguments",
        };
        Err(Fault::new(at, text))
    }

    pub(super) fn unary_expression(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        let operand = self.required(node, "operand")?;
        let symbol = node
            .field("operator")
            .map_or("", |operator| operator.text());
        if symbol == "!" {
            let text = "! operator can only be applied to boolean expressions";
            let inner = self.truth(operand, at, text)?;
            return Ok(Expr {
                kind: ExprKind::Not(Box::new(inner)),
                ty: Type::Boolean,
                at,
            });
        }
        let inner = self.expr(operand)?;
        let ty = inner.ty.clone();
        match symbol {
            "-" if ty.is_number() => Ok(Expr {
                kind: ExprKind::Negate(Box::new(inner)),
                ty,
                at,
            }),
            "+" if ty.is_number() => Ok(inner),
            "~" if matches!(ty, Type::Integer | Type::Long) => Ok(Expr {
                kind: ExprKind::Complement(Box::new(inner)),
                ty,
                at,
            }),
            "~" => {
                let name = self.name_of(&ty);
                let text = format!("Invalid type for bitwise negate: {name}");
                Err(Fault::new(at, text))
            }
            "-" => Err(Fault::new(at, "Unary negation must use a numeric argument")),
            _ => Err(Fault::unsupported(
                at,
                format!("{symbol} of {}", self.name_of(&ty)),
            )),
        }
    }

    pub(super) fn update_expression(&mut self, node: Node<'_>) -> Lowered<Expr> {
        let at = node.at();
        let operand = self.required(node, "operand")?;
        let symbol = node
            .field("operator")
            .map_or("", |operator| operator.text());
        let prefix = node
            .tokens()
            .first()
            .is_some_and(|first| first.text() == symbol);
        let target = self.place(operand)?;
        if !target.ty.is_number() {
            let name = self.name_of(&target.ty);
            let kind = match (prefix, symbol) {
                (true, "++") => "Unary prefix increment",
                (true, _) => "Unary prefix decrement",
                _ => "Unary postfix increment/decrement",
            };
            return Err(Fault::new(
                at,
                format!("{kind} can only be applied to numeric expressions: {name}"),
            ));
        }
        let ty = target.ty.clone();
        let by = if symbol == "++" { 1 } else { -1 };
        Ok(Expr {
            kind: ExprKind::Update {
                target: Box::new(target),
                by,
                prefix,
            },
            ty,
            at,
        })
    }

    /// The type of `c ? left : right`.
    pub(super) fn common_type(&self, left: &Expr, right: &Expr, at: At) -> Lowered<Type> {
        // Of Decimal and Double, which are assigned to each other, Decimal is the wider.
        let narrows =
            |from: &Type, to: &Type| to.is_number() && from.number_rank() > to.number_rank();
        if self.cost(&left.ty, &right.ty).is_some() && !narrows(&left.ty, &right.ty) {
            return Ok(right.ty.clone());
        }
        if self.cost(&right.ty, &left.ty).is_some() {
            return Ok(left.ty.clone());
        }
        // The compiler names them in this order.
        let (first, second) = (self.name_of(&right.ty), self.name_of(&left.ty));
        Err(self.mismatch(
            &[&left.ty, &right.ty],
            at,
            format!("Incompatible types in ternary operator: {first}, {second}"),
        ))
    }
}

fn binary(operator: Operator, left: Expr, right: Expr, ty: Type, at: At) -> Expr {
    let kind = ExprKind::Binary {
        operator,
        left: Box::new(left),
        right: Box::new(right),
    };
    Expr { kind, ty, at }
}

fn comparison(symbol: &str) -> Option<Comparison> {
    Some(match symbol {
        "==" => Comparison::Equal,
        "!=" | "<>" => Comparison::NotEqual,
        "===" => Comparison::Same,
        "!==" => Comparison::NotSame,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn operator(symbol: &str) -> Option<Operator> {
    Some(match symbol {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "%" => Operator::Modulo,
        "&" => Operator::And,
        "|" => Operator::Or,
        "^" => Operator::Xor,
        "<<" => Operator::ShiftLeft,
        ">>" => Operator::ShiftRight,
        ">>>" => Operator::ShiftRightUnsigned,
        _ => return None,
    })
}
