//! Apex's `Decimal`: exact decimal numbers.
//!
//! The platform's has arbitrary precision; this one has 38 digits and reports an overflow instead
//! of rounding silently.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Digits behind the point that a division gives at most.
const DIVISION_DIGITS: u32 = 33;

/// A number `unscaled / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    unscaled: i128,
    scale: u32,
}

/// How a Decimal is rounded (`System.RoundingMode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names are those of Apex, which documents them"
)]
pub enum Rounding {
    Ceiling,
    Down,
    Floor,
    HalfDown,
    HalfEven,
    HalfUp,
    Up,
}

/// A text that is not a number, or a number that doesn't fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid;

impl Decimal {
    /// Digits behind the point.
    pub fn scale(self) -> u32 {
        self.scale
    }

    /// All digits.
    pub fn precision(self) -> usize {
        self.unscaled.unsigned_abs().to_string().len()
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.unscaled == 0
    }

    /// The sum.
    pub fn add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self {
            unscaled: a.checked_add(b)?,
            scale,
        })
    }

    /// The difference.
    pub fn subtract(self, other: Self) -> Option<Self> {
        self.add(other.negate())
    }

    /// The product.
    pub fn multiply(self, other: Self) -> Option<Self> {
        let scale = self.scale.checked_add(other.scale)?;
        power(scale)?;
        Some(Self {
            unscaled: self.unscaled.checked_mul(other.unscaled)?,
            scale,
        })
    }

    /// The quotient, with as many digits as there is room for, without trailing zeros; none for a
    /// division by zero or an overflow.
    pub fn divide(self, other: Self) -> Option<Self> {
        if other.unscaled == 0 {
            return None;
        }
        let mut scale = i64::from(self.scale) - i64::from(other.scale);
        let mut quotient = self.unscaled / other.unscaled;
        let mut rest = self.unscaled % other.unscaled;
        while rest != 0 && scale < i64::from(DIVISION_DIGITS) {
            let (Some(longer), Some(next)) = (quotient.checked_mul(10), rest.checked_mul(10))
            else {
                break;
            };
            quotient = longer + next / other.unscaled;
            rest = next % other.unscaled;
            scale += 1;
        }
        while scale < 0 {
            quotient = quotient.checked_mul(10)?;
            scale += 1;
        }
        Some(Self {
            unscaled: quotient,
            scale: u32::try_from(scale).ok()?,
        })
    }

    /// The opposite number.
    pub fn negate(self) -> Self {
        Self {
            unscaled: self.unscaled.saturating_neg(),
            ..self
        }
    }

    /// The number without its sign.
    pub fn abs(self) -> Self {
        Self {
            unscaled: self.unscaled.saturating_abs(),
            ..self
        }
    }

    /// The number with this many digits behind the point.
    pub fn set_scale(self, scale: u32, mode: Rounding) -> Option<Self> {
        if scale >= self.scale {
            let unscaled = self.unscaled.checked_mul(power(scale - self.scale)?)?;
            return Some(Self { unscaled, scale });
        }
        let divisor = power(self.scale - scale)?;
        let quotient = self.unscaled / divisor;
        let rest = self.unscaled % divisor;
        let sign = if self.unscaled < 0 { -1 } else { 1 };
        let half = (rest.abs() * 2).cmp(&divisor);
        let away = rest != 0
            && match mode {
                Rounding::Ceiling => sign > 0,
                Rounding::Floor => sign < 0,
                Rounding::Down => false,
                Rounding::Up => true,
                Rounding::HalfDown => half == Ordering::Greater,
                Rounding::HalfUp => half != Ordering::Less,
                Rounding::HalfEven => {
                    half == Ordering::Greater || (half == Ordering::Equal && quotient % 2 != 0)
                }
            };
        Some(Self {
            unscaled: if away { quotient + sign } else { quotient },
            scale,
        })
    }

    /// Without the digits behind the point.
    pub fn truncate(self) -> i128 {
        power(self.scale).map_or(0, |divisor| self.unscaled / divisor)
    }

    /// Without zeros at the end of the fraction.
    pub fn strip_zeros(mut self) -> Self {
        while self.scale > 0 && self.unscaled % 10 == 0 {
            self.unscaled /= 10;
            self.scale -= 1;
        }
        self
    }

    /// The nearest Double.
    pub fn to_double(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The Decimal with the digits that a Double is written with.
    pub fn from_double(value: f64) -> Option<Self> {
        value
            .is_finite()
            .then(|| format!("{value}").parse().ok())
            .flatten()
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let a = self.unscaled.checked_mul(power(scale - self.scale)?)?;
        let b = other.unscaled.checked_mul(power(scale - other.scale)?)?;
        Some((a, b, scale))
    }
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self {
            unscaled: i128::from(value),
            scale: 0,
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(*other) {
            Some((a, b, _)) => a.cmp(&b),
            // One of them is so large that the other's fraction makes no difference.
            None => self.truncate().cmp(&other.truncate()),
        }
    }
}

impl FromStr for Decimal {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| Invalid)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
        let all = digits.chars().chain(fraction.chars());
        if digits.len() + fraction.len() == 0 || !all.clone().all(|one| one.is_ascii_digit()) {
            return Err(Invalid);
        }
        let number: String = all.collect();
        let mut unscaled: i128 = number.parse().map_err(|_| Invalid)?;
        if whole.starts_with('-') {
            unscaled = -unscaled;
        }
        let scale = i64::try_from(fraction.len()).map_err(|_| Invalid)? - i64::from(exponent);
        if scale >= 0 {
            let scale = u32::try_from(scale).map_err(|_| Invalid)?;
            power(scale).ok_or(Invalid)?;
            return Ok(Self { unscaled, scale });
        }
        let factor = u32::try_from(-scale).ok().and_then(power).ok_or(Invalid)?;
        Ok(Self {
            unscaled: unscaled.checked_mul(factor).ok_or(Invalid)?,
            scale: 0,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.unscaled.unsigned_abs().to_string();
        let sign = if self.unscaled < 0 { "-" } else { "" };
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Decimal, Rounding};

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["0", "1.50", "-0.05", "123456789012345678901234567890"] {
            assert_eq!(decimal(text).to_string(), text);
        }
        assert_eq!(decimal("1.5e2").to_string(), "150");
        assert_eq!(decimal("15e-1").to_string(), "1.5");
        for text in ["", "-", ".", "1.2.3", "1e", "x", "1_0"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn halves_are_rounded_by_mode() {
        let rounded = |text: &str, mode| decimal(text).set_scale(0, mode).unwrap().to_string();
        assert_eq!(rounded("2.5", Rounding::HalfUp), "3");
        assert_eq!(rounded("2.5", Rounding::HalfEven), "2");
        assert_eq!(rounded("2.5", Rounding::HalfDown), "2");
        assert_eq!(rounded("-2.1", Rounding::Up), "-3");
        assert_eq!(rounded("-2.1", Rounding::Ceiling), "-2");
        assert_eq!(rounded("-2.1", Rounding::Floor), "-3");
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_none(text in ".*") {
            let _ = text.parse::<Decimal>();
        }

        #[test]
        fn sums_and_products_are_exact(a in -1_000_000_000_i64.., b in any::<i32>(), c in 0_u32..6) {
            let scaled = |value: i64| decimal(&format!("{value}e-{c}"));
            let (x, y) = (scaled(a), scaled(i64::from(b)));
            prop_assert_eq!(x.add(y).unwrap().subtract(y).unwrap(), x);
            if b != 0 {
                let product = x.multiply(y).unwrap();
                prop_assert_eq!(product.divide(y).unwrap(), x);
            }
        }
    }
}
