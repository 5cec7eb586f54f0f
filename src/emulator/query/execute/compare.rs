//! Values against literals, and against each other.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::super::super::runtime::FieldKind;
use super::super::parse::{Condition, Literal, Operator, Order};
use super::super::tables::Column;

/// What is wrong with comparing a column to these literals: the error's code and text.
pub fn misfit(column: &Column<'_>, condition: &Condition) -> Option<(&'static str, String)> {
    let name = column.name;
    let wrong = |kind: &str, quotes: &str| {
        let text = format!(
            "value of filter criterion for field '{name}' must be of type {kind} and should {quotes}be \
             enclosed in quotes"
        );
        Some(("INVALID_FIELD", text))
    };
    for literal in &condition.values {
        let found = match (column.kind(), literal) {
            (_, Literal::Null) => None,
            (FieldKind::Boolean, Literal::Boolean(_)) => None,
            (FieldKind::Boolean, _) => wrong("boolean", "not "),
            (FieldKind::DateTime, Literal::Date(_) | Literal::Span(_)) => None,
            (FieldKind::DateTime, _) => wrong("dateTime", "not "),
            (FieldKind::Date, Literal::Day(_) | Literal::Span(_)) => None,
            (FieldKind::Date, _) => wrong("date", "not "),
            (
                FieldKind::Integer | FieldKind::Double | FieldKind::Currency | FieldKind::Percent,
                Literal::Text(_)
                | Literal::Boolean(_)
                | Literal::Date(_)
                | Literal::Day(_)
                | Literal::Span(_),
            ) => wrong(number(column.kind()), "not "),
            (FieldKind::Id | FieldKind::Reference, Literal::Text(id)) if !is_id(id) => Some((
                "INVALID_QUERY_FILTER_OPERATOR",
                format!("invalid ID field: {id}"),
            )),
            (
                FieldKind::Id
                | FieldKind::Reference
                | FieldKind::String
                | FieldKind::TextArea
                | FieldKind::Email
                | FieldKind::Phone
                | FieldKind::Url
                | FieldKind::Picklist,
                Literal::Boolean(_)
                | Literal::Number(_)
                | Literal::Date(_)
                | Literal::Day(_)
                | Literal::Span(_),
            ) => wrong("string", ""),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn number(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Integer => "int",
        FieldKind::Currency => "currency",
        FieldKind::Percent => "percent",
        _ => "double",
    }
}

// An empty text compares like null.
fn is_id(text: &str) -> bool {
    text.is_empty()
        || matches!(text.len(), 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a text fits a LIKE pattern: `%` is any text, `_` one character, `\\` takes the next as
/// it is.
fn like(text: &str, pattern: &str) -> bool {
    // Where the last `%` was met: the pattern after it, and the text that it has not taken yet.
    let mut again: Option<(&str, &str)> = None;
    let (mut text, mut pattern) = (text, pattern);
    loop {
        let mut wanted = pattern.chars();
        let mut given = text.chars();
        let fits = match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some('%'), _) => {
                pattern = wanted.as_str();
                again = Some((pattern, text));
                continue;
            }
            (Some('_'), Some(_)) => true,
            (Some('\\'), Some(found)) => wanted.next() == Some(found),
            (Some(character), Some(found)) => character == found,
            _ => false,
        };
        if fits {
            (text, pattern) = (given.as_str(), wanted.as_str());
            continue;
        }
        let Some((rest, from)) = again else {
            return false;
        };
        let mut left = from.chars();
        if left.next().is_none() {
            return false;
        }
        again = Some((rest, left.as_str()));
        (text, pattern) = (left.as_str(), rest);
    }
}

/// The order of two values. Nulls are first unless the query says otherwise, whatever the direction.
pub fn in_order(a: &Value, b: &Value, by: &Order) -> Ordering {
    let ordering = compare(a, b);
    if a.is_null() != b.is_null() {
        return if by.nulls_last {
            ordering.reverse()
        } else {
            ordering
        };
    }
    if by.descending {
        ordering.reverse()
    } else {
        ordering
    }
}

/// Whether a condition holds for a value now.
pub fn holds(condition: &Condition, value: &Value, now: Timestamp) -> bool {
    let any = |want: fn(Ordering) -> bool| {
        condition
            .values
            .iter()
            .any(|literal| order_to(value, literal, now).is_some_and(want))
    };
    match condition.operator {
        Operator::Equal | Operator::In => any(Ordering::is_eq),
        Operator::NotEqual | Operator::NotIn => !any(Ordering::is_eq),
        Operator::Less => any(Ordering::is_lt),
        Operator::LessOrEqual => any(Ordering::is_le),
        Operator::Greater => any(Ordering::is_gt),
        Operator::GreaterOrEqual => any(Ordering::is_ge),
        Operator::Like => match (value, condition.values.first()) {
            (Value::String(value), Some(Literal::Text(pattern))) => {
                like(&value.to_lowercase(), &pattern.to_lowercase())
            }
            _ => false,
        },
    }
}

/// How a value stands to a literal; `None` when they cannot be compared. Text is compared without
/// regard to case, as SOQL does, and ids by their first 15 characters.
fn order_to(value: &Value, literal: &Literal, now: Timestamp) -> Option<Ordering> {
    match (value, literal) {
        (Value::Null, Literal::Null) => Some(Ordering::Equal),
        (Value::Bool(value), Literal::Boolean(literal)) => Some(value.cmp(literal)),
        (Value::Number(value), Literal::Number(literal)) => value.as_f64()?.partial_cmp(literal),
        (Value::String(value), Literal::Text(literal)) => {
            if value.len() == 18
                && literal.len() == 15
                && value.is_ascii()
                && value.starts_with(literal.as_str())
            {
                return Some(Ordering::Equal);
            }
            Some(value.to_lowercase().cmp(&literal.to_lowercase()))
        }
        (Value::String(value), Literal::Date(literal)) => {
            moment(value).map(|value| value.cmp(literal))
        }
        (Value::String(value), Literal::Day(day)) => {
            value.parse::<Date>().ok().map(|value| value.cmp(day))
        }
        (Value::String(value), Literal::Span(span)) => match value.parse::<Date>() {
            Ok(day) if value.len() == 10 => {
                let today = now.to_zoned(TimeZone::UTC).date();
                Some(within(day, span.days(today)))
            }
            _ => moment(value).map(|value| within(value, span.moments(now))),
        },
        _ => None,
    }
}

/// A moment as records have it.
pub fn moment(text: &str) -> Option<Timestamp> {
    text.replace("+0000", "Z").parse().ok()
}

/// Before a span, in it, or behind it.
fn within<T: Ord>(value: T, (first, end): (T, T)) -> Ordering {
    if value < first {
        Ordering::Less
    } else if value < end {
        Ordering::Equal
    } else {
        Ordering::Greater
    }
}

/// The order of two values.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a
            .as_f64()
            .partial_cmp(&b.as_f64())
            .unwrap_or(Ordering::Equal),
        (Value::String(a), Value::String(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn like_takes_any_text_or_one_character() {
        for (text, pattern, fits) in [
            ("opencxagent", "opencx%", true),
            ("opencxagent", "%agent", true),
            ("opencxagent", "%cx%ge%", true),
            ("opencxagent", "opencx", false),
            ("abc", "a_c", true),
            ("abc", "a__c", false),
            ("100%", "100\\%", true),
            ("100x", "100\\%", false),
            ("", "%", true),
            ("aab", "%ab", true),
        ] {
            assert_eq!(like(text, pattern), fits, "{text} {pattern}");
        }
    }

    proptest! {
        #[test]
        fn like_ends(text in "[ab%]{0,12}", pattern in "[ab%_\\\\]{0,12}") {
            let _ = like(&text, &pattern);
        }
    }
}
