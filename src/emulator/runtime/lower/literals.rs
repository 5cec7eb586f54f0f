//! Literals.

use std::sync::Arc;

use super::super::decimal::Decimal;
use super::super::ir::{Constant, Expr, ExprKind};
use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::super::types::Type;
use super::Lowered;

/// A constant as an expression.
pub fn constant(constant: Constant, ty: Type, at: At) -> Expr {
    Expr {
        kind: ExprKind::Constant(constant),
        ty,
        at,
    }
}

/// The expression of a literal node; none for other nodes. A sign is no part of a number, so the
/// smallest Integer cannot be written.
pub fn literal(node: Node<'_>) -> Option<Lowered<Expr>> {
    let at = node.at();
    let text = node.text();
    Some(Ok(match node.kind() {
        "null_literal" => constant(Constant::Null, Type::Null, at),
        "boolean" => constant(
            Constant::Boolean(text.eq_ignore_ascii_case("true")),
            Type::Boolean,
            at,
        ),
        "int" => match integer(text) {
            Some(value) => value.map_or_else(
                |long| constant(Constant::Long(long), Type::Long, at),
                |short| constant(Constant::Integer(short), Type::Integer, at),
            ),
            None => {
                let long = text.ends_with(['l', 'L']);
                let text = if long {
                    "Illegal long"
                } else {
                    "Illegal integer"
                };
                return Some(Err(Fault::new(at, text)));
            }
        },
        "decimal_floating_point_literal" => return Some(fraction(text, at)),
        "string_literal" => match unquote(text) {
            Some(value) => constant(Constant::String(value), Type::String, at),
            None => {
                return Some(Err(Fault::new(
                    at,
                    format!("Illegal string literal {text}"),
                )));
            }
        },
        _ => return None,
    }))
}

/// The value of a text or whole number as it is written.
pub fn written(text: &str) -> Option<Constant> {
    if text.starts_with('\'') {
        return unquote(text).map(Constant::String);
    }
    let (digits, sign) = match text.strip_prefix('-') {
        Some(digits) => (digits.trim(), -1),
        None => (text, 1),
    };
    Some(match integer(digits)? {
        Ok(short) => Constant::Integer(short * sign),
        Err(long) => Constant::Long(long * i64::from(sign)),
    })
}

// Ok for an Integer... as `Result` so that both widths fit one value: Ok(i32) or Err(i64).
fn integer(text: &str) -> Option<Result<i32, i64>> {
    let digits = text.replace('_', "");
    match digits.strip_suffix(['l', 'L']) {
        Some(long) => long.parse().ok().map(Err),
        None => digits.parse().ok().map(Ok),
    }
}

fn fraction(text: &str, at: At) -> Lowered<Expr> {
    let digits = text.replace('_', "");
    let fault = || Fault::new(at, format!("Illegal decimal: {text}"));
    if let Some(double) = digits.strip_suffix(['d', 'D']) {
        let value = double.parse().map_err(|_| fault())?;
        return Ok(constant(Constant::Double(value), Type::Double, at));
    }
    let value: Decimal = digits.parse().map_err(|_| fault())?;
    Ok(constant(Constant::Decimal(value), Type::Decimal, at))
}

/// The text that a string literal with its quotes stands for.
pub fn unquote(literal: &str) -> Option<Arc<str>> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut text = String::with_capacity(inner.len());
    let mut units = Vec::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        let escaped = characters.next()?;
        if escaped.eq_ignore_ascii_case(&'u') {
            let digits: String = characters.by_ref().take(4).collect();
            units.push(u16::from_str_radix(&digits, 16).ok()?);
            // A pair of surrogates is one character, written as two escapes.
            match String::from_utf16(&units) {
                Ok(decoded) => {
                    text.push_str(&decoded);
                    units.clear();
                }
                Err(_) if units.len() == 1 => {}
                Err(_) => return None,
            }
            continue;
        }
        match escaped {
            'n' | 'N' => text.push('\n'),
            'r' | 'R' => text.push('\r'),
            't' | 'T' => text.push('\t'),
            'b' | 'B' => text.push('\u{8}'),
            'f' | 'F' => text.push('\u{c}'),
            '"' | '\'' | '\\' => text.push(escaped),
            // In SOQL these two keep their backslash, as wildcards that are meant literally.
            '_' | '%' => text.extend(['\\', escaped]),
            _ => return None,
        }
    }
    units.is_empty().then(|| text.into())
}
