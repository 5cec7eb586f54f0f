//! Running SOQL.

mod aggregate;
mod filter;
mod functions;

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::super::ir::Query;
use super::super::limits::Limit;
use super::super::machine::{Frame, Machine, Outcome, order};
use super::super::types::{ObjectId, Type};
use super::super::value::Value;
use super::schema::Member;
use super::store::Row;
use filter::{matches, prepare, wanted};

pub use functions::{DATE_FUNCTIONS, part as date_part};

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

/// The most that OFFSET may leave out (SOQL and SOSL Reference, "OFFSET").
const MOST_OFFSET: usize = 2_000;

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
    let filter = match &query.filter {
        Some(filter) => Some(prepare(machine, frame, filter)?),
        None => None,
    };
    let wanted = filter.as_ref().and_then(wanted).filter(|_| !query.all_rows);
    let metadata = machine.world.schema.metadata_rows(query.object);
    let mut candidates = match (metadata, wanted) {
        (Some(rows), _) => rows,
        (None, Some(ids)) => ids
            .iter()
            .filter_map(|id| machine.store.get(query.object, id).cloned())
            .collect(),
        (None, None) => machine.store.rows(query.object),
    };
    if query.all_rows {
        candidates.extend(machine.store.deleted_rows(query.object));
    }
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
        if offset > MOST_OFFSET {
            let text = format!("Maximum SOQL offset allowed is {MOST_OFFSET}");
            return Err(machine.raise("QueryException", text));
        }
        rows.drain(..offset.min(rows.len()));
    }
    if let Some(limit) = count(&query.limit)? {
        rows.truncate(limit);
    }
    Ok(rows)
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
