//! Arithmetic and comparison of values.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

use super::super::decimal::Decimal;
use super::super::ir::{Comparison, Operator};
use super::super::value::{Entries, Value};
use super::{Machine, Outcome, Throw};

const DAY: i64 = 86_400_000;

impl Machine<'_> {
    /// An operator on values that the compiler brought to one type.
    pub(super) fn operate(
        &mut self,
        operator: Operator,
        left: &Value,
        right: &Value,
    ) -> Outcome<Value> {
        if operator == Operator::Concat {
            let text = self.show(left)? + &self.show(right)?;
            self.allocate(text.len())?;
            return Ok(Value::text(text));
        }
        match (left, right) {
            (Value::Null, _) | (_, Value::Null) => Err(self.null_pointer()),
            (Value::Integer(a), Value::Integer(b)) => self.integer(operator, *a, *b),
            (Value::Integer(a), Value::Long(b)) => Ok(self
                .shift(operator, i64::from(*a), *b, 32)
                .map_or(Value::Null, |value| {
                    Value::Integer(i32::try_from(value).unwrap_or_default())
                })),
            (Value::Long(a), Value::Long(b)) => self.long(operator, *a, *b),
            (Value::Double(a), Value::Double(b)) => self.double(operator, *a, *b),
            (Value::Decimal(a), Value::Decimal(b)) => self.decimal(operator, *a, *b),
            (Value::Boolean(a), Value::Boolean(b)) => Ok(Value::Boolean(match operator {
                Operator::And => a & b,
                Operator::Or => a | b,
                _ => a ^ b,
            })),
            (Value::Date(date), days) => {
                let days = days.as_long().unwrap_or_default();
                let days = if operator == Operator::Subtract {
                    -days
                } else {
                    days
                };
                self.add_days(*date, days)
            }
            (Value::Datetime(at), days) => {
                let days = days.as_decimal().unwrap_or_else(|| Decimal::from(0));
                let span = days
                    .multiply(Decimal::from(DAY))
                    .map_or(0, Decimal::truncate);
                let span = i64::try_from(span).unwrap_or_default();
                let sign = if operator == Operator::Subtract {
                    -1
                } else {
                    1
                };
                Ok(Value::Datetime(at.saturating_add(sign * span)))
            }
            _ => Err(Throw::Unsupported("this arithmetic".to_owned())),
        }
    }

    /// A Date some days later.
    pub fn add_days(&self, date: jiff::civil::Date, days: i64) -> Outcome<Value> {
        jiff::Span::new()
            .try_days(days)
            .and_then(|span| date.checked_add(span))
            .map(Value::Date)
            .map_err(|_| self.raise("TypeException", "Invalid date"))
    }

    fn zero(&self) -> Throw {
        self.raise("MathException", "Divide by 0")
    }

    // 32 bits that wrap; division cuts off.
    fn integer(&self, operator: Operator, a: i32, b: i32) -> Outcome<Value> {
        let value = match operator {
            Operator::Add => a.wrapping_add(b),
            Operator::Subtract => a.wrapping_sub(b),
            Operator::Multiply => a.wrapping_mul(b),
            Operator::Divide | Operator::Modulo if b == 0 => return Err(self.zero()),
            Operator::Divide => a.wrapping_div(b),
            Operator::Modulo => a.wrapping_rem(b),
            Operator::And => a & b,
            Operator::Or => a | b,
            Operator::Xor => a ^ b,
            _ => return self.long(operator, i64::from(a), i64::from(b)),
        };
        Ok(Value::Integer(value))
    }

    fn long(&self, operator: Operator, a: i64, b: i64) -> Outcome<Value> {
        let value = match operator {
            Operator::Add => a.wrapping_add(b),
            Operator::Subtract => a.wrapping_sub(b),
            Operator::Multiply => a.wrapping_mul(b),
            Operator::Divide | Operator::Modulo if b == 0 => return Err(self.zero()),
            Operator::Divide => a.wrapping_div(b),
            Operator::Modulo => a.wrapping_rem(b),
            Operator::And => a & b,
            Operator::Or => a | b,
            Operator::Xor => a ^ b,
            _ => self.shift(operator, a, b, 64).unwrap_or_default(),
        };
        Ok(Value::Long(value))
    }

    // The distance counts modulo the width, as in Java.
    fn shift(&self, operator: Operator, a: i64, b: i64, width: u32) -> Option<i64> {
        let distance = u32::try_from(b.rem_euclid(i64::from(width))).ok()?;
        if width == 64 {
            return Some(match operator {
                Operator::ShiftLeft => a.wrapping_shl(distance),
                Operator::ShiftRight => a.wrapping_shr(distance),
                _ => a.cast_unsigned().wrapping_shr(distance).cast_signed(),
            });
        }
        let short = i32::try_from(a).ok()?;
        Some(i64::from(match operator {
            Operator::ShiftLeft => short.wrapping_shl(distance),
            Operator::ShiftRight => short.wrapping_shr(distance),
            _ => short.cast_unsigned().wrapping_shr(distance).cast_signed(),
        }))
    }

    fn double(&self, operator: Operator, a: f64, b: f64) -> Outcome<Value> {
        Ok(Value::Double(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide if b == 0.0 => return Err(self.zero()),
            Operator::Divide => a / b,
            _ => a % b,
        }))
    }

    fn decimal(&self, operator: Operator, a: Decimal, b: Decimal) -> Outcome<Value> {
        let value = match operator {
            Operator::Add => a.add(b),
            Operator::Subtract => a.subtract(b),
            Operator::Multiply => a.multiply(b),
            Operator::Divide if b.is_zero() => return Err(self.zero()),
            Operator::Divide => a.divide(b),
            _ => return Err(Throw::Unsupported("% of Decimals".to_owned())),
        };
        value
            .map(Value::Decimal)
            .ok_or_else(|| Throw::Unsupported("a Decimal of more than 38 digits".to_owned()))
    }

    /// A comparison operator.
    pub(super) fn compare(
        &mut self,
        operator: Comparison,
        left: &Value,
        right: &Value,
    ) -> Outcome<bool> {
        Ok(match operator {
            Comparison::Equal => self.is_equal(left, right)?,
            Comparison::NotEqual => !self.is_equal(left, right)?,
            Comparison::Same => is_same(left, right),
            Comparison::NotSame => !is_same(left, right),
            _ => {
                if left.is_null() || right.is_null() {
                    return Err(self.null_pointer());
                }
                let order = order(left, right)
                    .ok_or_else(|| Throw::Unsupported("this comparison".to_owned()))?;
                match operator {
                    Comparison::Less => order == Ordering::Less,
                    Comparison::LessOrEqual => order != Ordering::Greater,
                    Comparison::Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }
            }
        })
    }

    /// `==`: texts without regard to case, objects by their `equals` if they have one.
    pub fn is_equal(&mut self, left: &Value, right: &Value) -> Outcome<bool> {
        if let (Value::String(a), Value::String(b)) = (left, right) {
            return Ok(a.to_lowercase() == b.to_lowercase());
        }
        self.equals(left, right)
    }

    /// The key of a Set or Map that a value is equal to by an `equals` of its class, or the value.
    pub fn known_key(&mut self, entries: &RefCell<Entries>, value: &Value) -> Outcome<Value> {
        let Value::Object(object) = value else {
            return Ok(value.clone());
        };
        let vtable = &self.world.class(object.class).vtable;
        if !vtable.contains_key("equals(object)") || !vtable.contains_key("hashcode()") {
            return Ok(value.clone());
        }
        let keys = entries.borrow().keys();
        for key in keys {
            if self.equals(&key, value)? {
                return Ok(key);
            }
        }
        Ok(value.clone())
    }

    /// `equals`, also that of a class.
    pub fn equals(&mut self, left: &Value, right: &Value) -> Outcome<bool> {
        if let Value::Object(object) = left
            && let Some(method) = self.world.class(object.class).vtable.get("equals(object)")
        {
            let method = *method;
            let result = self.invoke(method, left.clone(), vec![right.clone()])?;
            return Ok(matches!(result, Value::Boolean(true)));
        }
        Ok(left.equals(right))
    }
}

/// `===`: the same object, or equal values.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(a), Value::List(b)) => Rc::ptr_eq(a, b),
        (Value::Set(a), Value::Set(b)) => Rc::ptr_eq(a, b),
        (Value::Map(a), Value::Map(b)) => Rc::ptr_eq(a, b),
        (Value::Record(a), Value::Record(b)) => Rc::ptr_eq(a, b),
        (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
        _ => left.equals(right),
    }
}

/// The order of two values of one kind; nulls come first.
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b)?,
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Datetime(a), Value::Datetime(b)) | (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Enum(a, first), Value::Enum(b, second)) if a == b => first.cmp(second),
        _ => match (left.as_text(), right.as_text()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => left.as_decimal()?.cmp(&right.as_decimal()?),
        },
    })
}
