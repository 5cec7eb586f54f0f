//! Integer, Long, Double, Decimal and Math.

use super::super::decimal::{Decimal, Rounding};
use super::super::machine::{Machine, Outcome, Throw, order};
use super::super::value::Value;
use super::{Table, unsettled};

/// The natives here.
pub const TABLE: Table = &[
    ("Integer.valueOf", |m, _, a| {
        let value = whole(m, &a[0], "Integer")?;
        match i32::try_from(value) {
            Ok(value) => Ok(Value::Integer(value)),
            Err(_) => Err(m.raise("TypeException", format!("Invalid integer: {value}"))),
        }
    }),
    ("Integer.format", |m, t, _| grouped(m, t)),
    ("Integer.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Long.valueOf", |m, _, a| {
        whole(m, &a[0], "Long").map(Value::Long)
    }),
    ("Long.intValue", |m, t, _| int_value(m, t)),
    ("Long.format", |m, t, _| grouped(m, t)),
    ("Long.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Double.valueOf", |m, _, a| {
        decimal_of(m, &a[0]).map(|value| Value::Double(value.to_double()))
    }),
    ("Double.intValue", |m, t, _| int_value(m, t)),
    ("Double.longValue", |m, t, _| long_value(m, t)),
    ("Double.round", |m, t, _| rounded(m, t, Rounding::HalfUp)),
    ("Double.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Decimal.valueOf", |m, _, a| {
        decimal_of(m, &a[0]).map(Value::Decimal)
    }),
    ("Decimal.intValue", |m, t, _| int_value(m, t)),
    ("Decimal.longValue", |m, t, _| long_value(m, t)),
    ("Decimal.doubleValue", |m, t, _| {
        Ok(Value::Double(decimal(m, t)?.to_double()))
    }),
    ("Decimal.abs", |m, t, _| {
        Ok(Value::Decimal(decimal(m, t)?.abs()))
    }),
    ("Decimal.scale", |m, t, _| {
        Ok(Value::Integer(
            i32::try_from(decimal(m, t)?.scale()).unwrap_or(i32::MAX),
        ))
    }),
    ("Decimal.precision", |m, t, _| {
        Ok(Value::Integer(
            i32::try_from(decimal(m, t)?.precision()).unwrap_or(i32::MAX),
        ))
    }),
    ("Decimal.round", |m, t, a| {
        // Without a mode the platform rounds half to even.
        let mode = rounding(m, a.first(), Rounding::HalfEven)?;
        rounded(m, t, mode)
    }),
    ("Decimal.setScale", |m, t, a| {
        // Half to the even neighbour without a mode (Apex Reference Guide, "Decimal Class").
        let mode = rounding(m, a.get(1), Rounding::HalfEven)?;
        let scale = scale(m, &a[0])?;
        decimal(m, t)?
            .set_scale(scale, mode)
            .map(Value::Decimal)
            .ok_or_else(too_long)
    }),
    ("Decimal.stripTrailingZeros", |m, t, _| {
        Ok(Value::Decimal(decimal(m, t)?.strip_zeros()))
    }),
    ("Decimal.divide", |m, t, a| {
        let divisor = decimal(m, &a[0])?;
        if divisor.is_zero() {
            return Err(m.raise("MathException", "Divide by 0"));
        }
        let mode = rounding(m, a.get(2), Rounding::HalfUp)?;
        let scale = scale(m, &a[1])?;
        let quotient = decimal(m, t)?.divide(divisor);
        quotient
            .and_then(|value| value.set_scale(scale, mode))
            .map(Value::Decimal)
            .ok_or_else(too_long)
    }),
    ("Decimal.pow", |m, t, a| {
        let exponent = a[0].as_long().ok_or_else(|| m.null_pointer())?;
        if !(0..=32_768).contains(&exponent) {
            let text = "Exponent must be between 0 and 32,768";
            return Err(m.raise("MathException", text));
        }
        let base = decimal(m, t)?;
        let mut result = Decimal::from(1);
        for _ in 0..exponent {
            result = result.multiply(base).ok_or_else(too_long)?;
        }
        Ok(Value::Decimal(result))
    }),
    ("Decimal.toPlainString", |m, t, _| {
        m.show(t).map(Value::text)
    }),
    ("Decimal.toString", |m, t, _| m.show(t).map(Value::text)),
    ("Math.abs", |m, _, a| {
        Ok(match &a[0] {
            Value::Integer(value) => Value::Integer(value.wrapping_abs()),
            Value::Long(value) => Value::Long(value.wrapping_abs()),
            Value::Double(value) => Value::Double(value.abs()),
            other => Value::Decimal(decimal(m, other)?.abs()),
        })
    }),
    ("Math.ceil", |m, _, a| to_whole(m, &a[0], Rounding::Ceiling)),
    ("Math.floor", |m, _, a| to_whole(m, &a[0], Rounding::Floor)),
    ("Math.max", |m, _, a| {
        extreme(m, a, std::cmp::Ordering::Greater)
    }),
    ("Math.min", |m, _, a| {
        extreme(m, a, std::cmp::Ordering::Less)
    }),
    ("Math.mod", |m, _, a| match (&a[0], &a[1]) {
        (_, Value::Integer(0) | Value::Long(0)) => Err(m.raise("MathException", "Divide by 0")),
        (Value::Integer(x), Value::Integer(y)) => Ok(Value::Integer(x.wrapping_rem(*y))),
        (Value::Long(x), Value::Long(y)) => Ok(Value::Long(x.wrapping_rem(*y))),
        _ => Err(m.null_pointer()),
    }),
    ("Math.exp", |m, _, a| real(m, &a[0], f64::exp)),
    ("Math.log", |m, _, a| real(m, &a[0], f64::ln)),
    ("Math.log10", |m, _, a| real(m, &a[0], f64::log10)),
    ("Math.cbrt", |m, _, a| real(m, &a[0], f64::cbrt)),
    ("Math.sin", |m, _, a| real(m, &a[0], f64::sin)),
    ("Math.cos", |m, _, a| real(m, &a[0], f64::cos)),
    ("Math.tan", |m, _, a| real(m, &a[0], f64::tan)),
    ("Math.asin", |m, _, a| real(m, &a[0], f64::asin)),
    ("Math.acos", |m, _, a| real(m, &a[0], f64::acos)),
    ("Math.atan", |m, _, a| real(m, &a[0], f64::atan)),
    ("Math.atan2", |m, _, a| match &a[1] {
        Value::Double(x) => real(m, &a[0], |y| y.atan2(*x)),
        _ => Err(m.null_pointer()),
    }),
    ("Math.random", |m, _, _| {
        // The 53 bits that a Double holds exactly.
        let bits = m.random() >> 11;
        #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
        let fraction = bits as f64 / (1_u64 << 53) as f64;
        Ok(Value::Double(fraction))
    }),
    ("Math.pow", |m, _, a| match (&a[0], &a[1]) {
        (Value::Double(x), Value::Double(y)) => Ok(Value::Double(x.powf(*y))),
        _ => Err(m.null_pointer()),
    }),
    ("Math.sqrt", |m, _, a| match &a[0] {
        Value::Double(x) => Ok(Value::Double(x.sqrt())),
        _ => Err(m.null_pointer()),
    }),
    ("Math.round", |m, _, a| {
        let value = rounded(m, &a[0], Rounding::HalfEven)?;
        int_value(m, &value)
    }),
    ("Math.roundToLong", |m, _, a| {
        rounded(m, &a[0], Rounding::HalfEven)
    }),
    ("Math.signum", |m, _, a| match &a[0] {
        Value::Integer(value) => Ok(Value::Integer(value.signum())),
        Value::Double(value) if *value == 0.0 => Ok(Value::Double(0.0)),
        Value::Double(value) => Ok(Value::Double(value.signum())),
        other => {
            let zero = Decimal::from(0);
            let value = decimal(m, other)?;
            // 1.0 and -1.0, but 0 (Apex Reference Guide, "Math Class").
            let one = |number: i64| Decimal::from(number).set_scale(1, Rounding::HalfUp);
            let sign = match value.cmp(&zero) {
                std::cmp::Ordering::Less => one(-1),
                std::cmp::Ordering::Equal => Some(zero),
                std::cmp::Ordering::Greater => one(1),
            };
            Ok(sign.map_or(Value::Null, Value::Decimal))
        }
    }),
];

fn real(machine: &Machine<'_>, value: &Value, function: impl Fn(f64) -> f64) -> Outcome<Value> {
    match value {
        Value::Double(value) => Ok(Value::Double(function(*value))),
        _ => Err(machine.null_pointer()),
    }
}

fn too_long() -> Throw {
    Throw::Unsupported("a Decimal of more than 38 digits".to_owned())
}

fn decimal(machine: &Machine<'_>, value: &Value) -> Outcome<Decimal> {
    value.as_decimal().ok_or_else(|| machine.null_pointer())
}

// A number from a text or another number.
fn decimal_of(machine: &Machine<'_>, value: &Value) -> Outcome<Decimal> {
    match value.as_text() {
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| machine.raise("TypeException", format!("Invalid decimal: {text}"))),
        None => decimal(machine, value),
    }
}

fn whole(machine: &Machine<'_>, value: &Value, kind: &str) -> Outcome<i64> {
    if value.is_null() {
        return Err(unsettled(&format!("{kind}.valueOf(null)")));
    }
    if let Some(text) = value.as_text() {
        let word = kind.to_lowercase();
        let parsed = text
            .parse::<i64>()
            .ok()
            .filter(|value| kind == "Long" || i32::try_from(*value).is_ok());
        return parsed
            .ok_or_else(|| machine.raise("TypeException", format!("Invalid {word}: {text}")));
    }
    let value = decimal(machine, value)?;
    i64::try_from(value.truncate()).map_err(|_| too_long())
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the platform cuts the upper bits off"
)]
fn int_value(machine: &Machine<'_>, value: &Value) -> Outcome<Value> {
    Ok(Value::Integer(match value {
        Value::Long(value) => *value as i32,
        other => decimal(machine, other)?.truncate() as i32,
    }))
}

fn long_value(machine: &Machine<'_>, value: &Value) -> Outcome<Value> {
    let value = decimal(machine, value)?.truncate();
    i64::try_from(value)
        .map(Value::Long)
        .map_err(|_| too_long())
}

fn rounded(machine: &Machine<'_>, value: &Value, mode: Rounding) -> Outcome<Value> {
    let value = decimal(machine, value)?
        .set_scale(0, mode)
        .ok_or_else(too_long)?;
    i64::try_from(value.truncate())
        .map(Value::Long)
        .map_err(|_| too_long())
}

fn to_whole(machine: &Machine<'_>, value: &Value, mode: Rounding) -> Outcome<Value> {
    decimal(machine, value)?
        .set_scale(0, mode)
        .map(Value::Decimal)
        .ok_or_else(too_long)
}

fn scale(machine: &Machine<'_>, value: &Value) -> Outcome<u32> {
    let digits = value.as_long().ok_or_else(|| machine.null_pointer())?;
    u32::try_from(digits)
        .ok()
        .filter(|digits| *digits <= 33)
        .ok_or_else(too_long)
}

fn rounding(machine: &Machine<'_>, value: Option<&Value>, default: Rounding) -> Outcome<Rounding> {
    let Some(value) = value else {
        return Ok(default);
    };
    let Value::Enum(class, index) = value else {
        return Err(machine.null_pointer());
    };
    Ok(match &*machine.enum_name(*class, *index) {
        "CEILING" => Rounding::Ceiling,
        "DOWN" => Rounding::Down,
        "FLOOR" => Rounding::Floor,
        "HALF_DOWN" => Rounding::HalfDown,
        "HALF_EVEN" => Rounding::HalfEven,
        "HALF_UP" => Rounding::HalfUp,
        "UP" => Rounding::Up,
        _ => return Err(Throw::Unsupported("RoundingMode.UNNECESSARY".to_owned())),
    })
}

fn extreme(machine: &Machine<'_>, values: &[Value], wanted: std::cmp::Ordering) -> Outcome<Value> {
    let [a, b] = values else {
        return Err(machine.null_pointer());
    };
    if a.is_null() || b.is_null() {
        return Err(machine.null_pointer());
    }
    Ok(if order(a, b) == Some(wanted) {
        a.clone()
    } else {
        b.clone()
    })
}

fn grouped(machine: &mut Machine<'_>, value: &Value) -> Outcome<Value> {
    let text = machine.show(value)?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    let groups: Vec<_> = groups.into_iter().map(String::from_utf8_lossy).collect();
    Ok(Value::text(format!("{sign}{}", groups.join(","))))
}
