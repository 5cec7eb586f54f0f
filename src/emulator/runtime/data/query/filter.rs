//! Conditions of queries: what is bound to them, and whether a row fits.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::super::ir::{Filter, FilterOperator};
use super::super::super::machine::{Frame, Machine, Outcome, Throw, order};
use super::super::super::types::ObjectId;
use super::super::super::value::Value;
use super::super::store::Row;
use super::{compare, is_equal, select, value_at};

/// A filter with its bound values.
pub enum Prepared {
    All(Vec<Prepared>),
    Any(Vec<Prepared>),
    Not(Box<Prepared>),
    Compare(Vec<Arc<str>>, FilterOperator, Value),
    In(Vec<Arc<str>>, Listed, bool),
    // From the first moment to the one after the last.
    Days(Vec<Arc<str>>, FilterOperator, Value, Value),
}

/// What a value is to be among.
pub struct Listed {
    values: Vec<Value>,
    // The same, when all of them are Ids.
    ids: Option<BTreeSet<Arc<str>>>,
}

impl Listed {
    fn of(values: Vec<Value>) -> Self {
        let id = |value: &Value| match value {
            Value::Id(id) => Some(id.clone()),
            _ => None,
        };
        let ids = values.iter().map(id).collect();
        Self { values, ids }
    }

    fn has(&self, value: &Value) -> bool {
        match (value, &self.ids) {
            (Value::Id(id), Some(ids)) => ids.contains(id),
            (Value::Null, Some(_)) => false,
            _ => self.values.iter().any(|wanted| is_equal(value, wanted)),
        }
    }
}

/// The Ids of the only records that can fit a filter, where it says so.
pub fn wanted(filter: &Prepared) -> Option<BTreeSet<Arc<str>>> {
    let is_id = |path: &[Arc<str>]| matches!(path, [field] if &**field == "Id");
    match filter {
        Prepared::All(parts) => parts.iter().find_map(wanted),
        Prepared::In(path, listed, false) if is_id(path) => listed.ids.clone(),
        Prepared::Compare(path, FilterOperator::Equal, Value::Id(id)) if is_id(path) => {
            Some(BTreeSet::from([id.clone()]))
        }
        _ => None,
    }
}

/// Evaluates what a filter compares with.
pub fn prepare(machine: &mut Machine<'_>, frame: &mut Frame, filter: &Filter) -> Outcome<Prepared> {
    let all = |machine: &mut Machine<'_>, frame: &mut Frame, parts: &[Filter]| {
        let mut found = Vec::new();
        for part in parts {
            found.push(prepare(machine, frame, part)?);
        }
        Ok(found)
    };
    Ok(match filter {
        Filter::All(parts) => Prepared::All(all(machine, frame, parts)?),
        Filter::Any(parts) => Prepared::Any(all(machine, frame, parts)?),
        Filter::Not(inner) => Prepared::Not(Box::new(prepare(machine, frame, inner)?)),
        Filter::Compare(path, operator, value) => {
            let value = machine.expr(frame, value)?;
            Prepared::Compare(path.clone(), *operator, value)
        }
        Filter::Days(path, operator, days) => {
            let (first, end) = days.moments(machine.org.now);
            let at = |moment: jiff::Timestamp| Value::Datetime(moment.as_millisecond());
            Prepared::Days(path.clone(), *operator, at(first), at(end))
        }
        Filter::Listed(path, values, negated) => {
            let mut found = Vec::new();
            for value in values {
                found.push(machine.expr(frame, value)?);
            }
            Prepared::In(path.clone(), Listed::of(found), *negated)
        }
        Filter::Bound(path, values, negated) => {
            let values = machine.expr(frame, values)?;
            let values = values.elements().unwrap_or_default();
            Prepared::In(path.clone(), Listed::of(ids_of(&values)), *negated)
        }
        Filter::Semijoin(path, query, negated) => {
            let rows = select(machine, frame, query)?;
            let Some(inner) = query.fields.first() else {
                return Err(Throw::Unsupported("a semi-join without a field".to_owned()));
            };
            let values = rows
                .iter()
                .map(|row| value_at(machine, query.object, row, inner))
                .collect();
            Prepared::In(path.clone(), Listed::of(values), *negated)
        }
    })
}

// A collection of records stands for their Ids.
fn ids_of(values: &[Value]) -> Vec<Value> {
    values
        .iter()
        .map(|value| match value {
            Value::Record(record) => record
                .fields
                .borrow()
                .get("Id")
                .cloned()
                .unwrap_or(Value::Null),
            other => other.clone(),
        })
        .collect()
}

/// Whether a row fits.
pub fn matches(
    machine: &Machine<'_>,
    object: ObjectId,
    row: &Row,
    filter: &Prepared,
) -> Outcome<bool> {
    Ok(match filter {
        Prepared::All(parts) => {
            for part in parts {
                if !matches(machine, object, row, part)? {
                    return Ok(false);
                }
            }
            true
        }
        Prepared::Any(parts) => {
            for part in parts {
                if matches(machine, object, row, part)? {
                    return Ok(true);
                }
            }
            false
        }
        Prepared::Not(inner) => !matches(machine, object, row, inner)?,
        Prepared::In(path, listed, negated) => {
            listed.has(&value_at(machine, object, row, path)) != *negated
        }
        Prepared::Days(path, operator, first, end) => {
            let value = match value_at(machine, object, row, path) {
                Value::Date(day) => Value::Datetime(midnight(day)),
                other => other,
            };
            let (Some(from), Some(to)) = (order(&value, first), order(&value, end)) else {
                return Ok(false);
            };
            let is_null = value.is_null();
            let inside = !is_null && from.is_ge() && to.is_lt();
            match operator {
                FilterOperator::Equal => inside,
                FilterOperator::NotEqual => !inside,
                FilterOperator::Less => !is_null && from.is_lt(),
                FilterOperator::LessOrEqual => !is_null && to.is_lt(),
                FilterOperator::Greater => !is_null && to.is_ge(),
                FilterOperator::GreaterOrEqual => !is_null && from.is_ge(),
                FilterOperator::Like => false,
            }
        }
        Prepared::Compare(path, operator, wanted) => {
            let value = value_at(machine, object, row, path);
            match operator {
                FilterOperator::Equal => is_equal(&value, wanted),
                FilterOperator::NotEqual => !is_equal(&value, wanted),
                FilterOperator::Like => {
                    let (Some(text), Some(pattern)) = (value.as_text(), wanted.as_text()) else {
                        return Ok(false);
                    };
                    is_like(&text.to_lowercase(), &pattern.to_lowercase())
                }
                _ if value.is_null() || wanted.is_null() => false,
                _ => {
                    let found = compare(&value, wanted)
                        .ok_or_else(|| Throw::Unsupported("this comparison in SOQL".to_owned()))?;
                    match operator {
                        FilterOperator::Less => found == Ordering::Less,
                        FilterOperator::LessOrEqual => found != Ordering::Greater,
                        FilterOperator::Greater => found == Ordering::Greater,
                        _ => found != Ordering::Less,
                    }
                }
            }
        }
    })
}

fn midnight(day: jiff::civil::Date) -> i64 {
    let at = day.to_zoned(jiff::tz::TimeZone::UTC);
    at.map_or(i64::MAX, |at| at.timestamp().as_millisecond())
}

// `%` stands for any text, `_` for one character, a backslash takes the meaning away.
fn is_like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut wanted = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        wanted.push(match character {
            '%' => None,
            '_' => Some(None),
            '\\' => Some(characters.next()),
            other => Some(Some(other)),
        });
    }
    // Which beginnings of the text fit the pattern so far.
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    for part in wanted {
        let mut next = vec![false; text.len() + 1];
        match part {
            None => {
                let mut any = false;
                for index in 0..=text.len() {
                    any |= fits[index];
                    next[index] = any;
                }
            }
            Some(one) => {
                for index in 0..text.len() {
                    next[index + 1] = fits[index] && one.is_none_or(|wanted| wanted == text[index]);
                }
            }
        }
        fits = next;
    }
    fits[text.len()]
}
