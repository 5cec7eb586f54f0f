//! Running SOQL.

mod aggregate;
mod functions;

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::super::ir::{Filter, FilterOperator, Query};
use super::super::limits::Limit;
use super::super::machine::{Frame, Machine, Outcome, Throw, order};
use super::super::types::{ObjectId, Type};
use super::super::value::Value;
use super::schema::Member;
use super::store::Row;

/// Runs a query of the program: the records, the count, or aggregate rows.
pub fn run(machine: &mut Machine<'_>, frame: &mut Frame, query: &Query) -> Outcome<Value> {
    // Queries of custom metadata don't count (Apex Developer Guide, "Custom Metadata Types").
    if !machine.world.schema.object(query.object).is_custom_metadata {
        machine.spend(Limit::Queries, 1)?;
        // A subquery counts among them, once for all rows.
        machine.spend(Limit::AggregateQueries, query.children.len() as u64)?;
    }
    let line = machine.log_query(query);
    let is_aggregate = !query.aggregates.is_empty() || !query.group_by.is_empty();
    let rows = if is_aggregate {
        fitting(machine, frame, query)?
    } else {
        select(machine, frame, query)?
    };
    machine.log_rows(line, if query.counts { 1 } else { rows.len() });
    if query.counts {
        machine.spend(Limit::AggregateQueries, 1)?;
        machine.spend(Limit::QueryRows, 1)?;
        return Ok(Value::Integer(
            i32::try_from(rows.len()).unwrap_or(i32::MAX),
        ));
    }
    let limit = match query.is_located {
        true => Limit::QueryLocatorRows,
        false => Limit::QueryRows,
    };
    machine.spend(limit, rows.len() as u64)?;
    if is_aggregate {
        machine.spend(Limit::AggregateQueries, 1)?;
        return aggregate::run(machine, frame, query, &rows);
    }
    records(machine, frame, query, &rows)
}

/// The records with these Ids that fit a query, told as it wants them.
pub fn among(
    machine: &mut Machine<'_>,
    frame: &mut Frame,
    query: &Query,
    ids: &[Value],
) -> Outcome<Value> {
    let mut rows = ordered(machine, frame, query)?;
    let is_one = |row: &Row| {
        let id = row.get("Id");
        id.is_some_and(|id| ids.iter().any(|wanted| wanted.equals(id)))
    };
    rows.retain(|row| is_one(row));
    let rows = part(machine, frame, query, rows)?;
    records(machine, frame, query, &rows)
}

// The rows that fit, in order.
fn select(machine: &mut Machine<'_>, frame: &mut Frame, query: &Query) -> Outcome<Vec<Rc<Row>>> {
    let rows = ordered(machine, frame, query)?;
    part(machine, frame, query, rows)
}

fn ordered(machine: &mut Machine<'_>, frame: &mut Frame, query: &Query) -> Outcome<Vec<Rc<Row>>> {
    let mut rows = fitting(machine, frame, query)?;
    for (path, descending, nulls_last) in query.order_by.iter().rev() {
        rows.sort_by(|a, b| {
            let a = value_at(machine, query.object, a, path);
            let b = value_at(machine, query.object, b, path);
            in_order(&a, &b, *descending, *nulls_last)
        });
    }
    Ok(rows)
}

fn in_order(a: &Value, b: &Value, descending: bool, nulls_last: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) if nulls_last => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, true) if nulls_last => Ordering::Less,
        (false, true) => Ordering::Greater,
        _ => {
            let found = compare(a, b).unwrap_or(Ordering::Equal);
            if descending { found.reverse() } else { found }
        }
    }
}

// The rows that fit.
fn fitting(machine: &mut Machine<'_>, frame: &mut Frame, query: &Query) -> Outcome<Vec<Rc<Row>>> {
    let metadata = machine.world.schema.metadata_rows(query.object);
    let mut candidates = metadata.unwrap_or_else(|| machine.store.rows(query.object));
    if query.all_rows {
        candidates.extend(machine.store.deleted_rows(query.object));
    }
    let filter = match &query.filter {
        Some(filter) => Some(prepare(machine, frame, filter)?),
        None => None,
    };
    let mut rows = Vec::new();
    for row in candidates {
        let fits = match &filter {
            Some(filter) => matches(machine, query.object, &row, filter)?,
            None => true,
        };
        if fits {
            rows.push(row);
        }
    }
    Ok(rows)
}

// What OFFSET and LIMIT leave.
fn part<T>(
    machine: &mut Machine<'_>,
    frame: &mut Frame,
    query: &Query,
    mut rows: Vec<T>,
) -> Outcome<Vec<T>> {
    let mut count = |expr: &Option<Box<super::super::ir::Expr>>| -> Outcome<Option<usize>> {
        let Some(expr) = expr else {
            return Ok(None);
        };
        match machine.expr(frame, expr)?.as_long() {
            Some(count) => Ok(Some(usize::try_from(count).unwrap_or_default())),
            None => Err(machine.null_pointer()),
        }
    };
    if let Some(offset) = count(&query.offset)? {
        rows.drain(..offset.min(rows.len()));
    }
    if let Some(limit) = count(&query.limit)? {
        rows.truncate(limit);
    }
    Ok(rows)
}

// A filter with its bound values.
enum Prepared {
    All(Vec<Prepared>),
    Any(Vec<Prepared>),
    Not(Box<Prepared>),
    Compare(Vec<Arc<str>>, FilterOperator, Value),
    In(Vec<Arc<str>>, Vec<Value>, bool),
    // From the first moment to the one after the last.
    Days(Vec<Arc<str>>, FilterOperator, Value, Value),
}

fn prepare(machine: &mut Machine<'_>, frame: &mut Frame, filter: &Filter) -> Outcome<Prepared> {
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
            Prepared::In(path.clone(), found, *negated)
        }
        Filter::Bound(path, values, negated) => {
            let values = machine.expr(frame, values)?;
            let values = values.elements().unwrap_or_default();
            Prepared::In(path.clone(), ids_of(&values), *negated)
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
            Prepared::In(path.clone(), values, *negated)
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

fn matches(machine: &Machine<'_>, object: ObjectId, row: &Row, filter: &Prepared) -> Outcome<bool> {
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
        Prepared::In(path, values, negated) => {
            let value = value_at(machine, object, row, path);
            values.iter().any(|wanted| is_equal(&value, wanted)) != *negated
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

// Texts are compared without regard to case.
fn is_equal(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(a), Value::String(b)) => a.to_lowercase() == b.to_lowercase(),
        (Value::String(text), Value::Null) | (Value::Null, Value::String(text)) => text.is_empty(),
        _ => value.equals(wanted),
    }
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        _ => order(a, b),
    }
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

/// The value at the end of a path of relationships.
fn value_at(machine: &Machine<'_>, object: ObjectId, row: &Row, path: &[Arc<str>]) -> Value {
    match path {
        [] => Value::Null,
        [field] => match function_of(field) {
            Some((function, field)) => match row.get(field) {
                Some(value) => functions::apply(function, value),
                None => Value::Null,
            },
            None => row.get(field).cloned().unwrap_or(Value::Null),
        },
        [relationship, rest @ ..] => match parent(machine, object, row, relationship) {
            // What an owner is (Object Reference, "Name").
            Some((parent, row)) if is_type(rest) && !row.contains_key("Type") => {
                Value::String(machine.world.schema.object(parent).name.clone())
            }
            Some((parent, row)) => value_at(machine, parent, &row, rest),
            None => Value::Null,
        },
    }
}

fn is_type(path: &[Arc<str>]) -> bool {
    matches!(path, [field] if &**field == "Type")
}

// `calendar_year(CreatedDate)`
fn function_of(field: &str) -> Option<(&str, &str)> {
    field.strip_suffix(')')?.split_once('(')
}

fn parent(
    machine: &Machine<'_>,
    object: ObjectId,
    row: &Row,
    relationship: &str,
) -> Option<(ObjectId, Rc<Row>)> {
    let Some(Member::Parent(field, Some(parent))) =
        machine.world.schema.member(object, relationship)
    else {
        return None;
    };
    let id = row.get(&field.name)?.as_text()?;
    // An owner may be a queue as well as a user.
    let parent = match machine.object_of_id(&id) {
        Some(found) if field.target.is_none() => found,
        _ => parent,
    };
    Some((parent, machine.store.get(parent, &id)?.clone()))
}

fn records(
    machine: &mut Machine<'_>,
    frame: &mut Frame,
    query: &Query,
    rows: &[Rc<Row>],
) -> Outcome<Value> {
    let mut families = Vec::new();
    for (_, by, inner) in &query.children {
        let mut by_parent: HashMap<Arc<str>, Vec<Rc<Row>>> = HashMap::new();
        for child in ordered(machine, frame, inner)? {
            if let Some(parent) = child.get(by).and_then(Value::as_text) {
                by_parent.entry(parent).or_default().push(child);
            }
        }
        families.push(by_parent);
    }
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let mut fields = selected(machine, query.object, row, &query.fields);
        let id = row.get("Id").and_then(Value::as_text).unwrap_or_default();
        for ((relationship, _, inner), family) in query.children.iter().zip(&mut families) {
            // A subquery's LIMIT is for the children of each parent.
            let children = family.remove(&id).unwrap_or_default();
            let children = part(machine, frame, inner, children)?;
            machine.spend(Limit::QueryRows, children.len() as u64)?;
            let children = records(machine, frame, inner, &children)?;
            fields.insert(relationship.clone(), children);
        }
        found.push(Value::record(query.object, fields, true));
    }
    Ok(Value::list(Type::Record(query.object), found))
}

// The fields of one record, and its parents with theirs. Every record has its Id.
fn selected(
    machine: &Machine<'_>,
    object: ObjectId,
    row: &Row,
    paths: &[Vec<Arc<str>>],
) -> BTreeMap<Arc<str>, Value> {
    let mut fields = BTreeMap::new();
    fields.insert("Id".into(), row.get("Id").cloned().unwrap_or(Value::Null));
    let mut parents: BTreeMap<Arc<str>, Vec<Vec<Arc<str>>>> = BTreeMap::new();
    for path in paths {
        match path.as_slice() {
            [field] => {
                fields.insert(
                    field.clone(),
                    row.get(field).cloned().unwrap_or(Value::Null),
                );
            }
            [relationship, rest @ ..] => {
                parents
                    .entry(relationship.clone())
                    .or_default()
                    .push(rest.to_vec());
            }
            [] => {}
        }
    }
    for (relationship, paths) in parents {
        let value = match parent(machine, object, row, &relationship) {
            Some((parent, row)) => {
                Value::record(parent, selected(machine, parent, &row, &paths), true)
            }
            None => Value::Null,
        };
        fields.insert(relationship, value);
    }
    fields
}
