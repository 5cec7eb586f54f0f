//! Aggregate queries: `GROUP BY`, `HAVING` and functions such as `COUNT`.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::super::decimal::Decimal;
use super::super::super::ir::{HIDDEN, Query};
use super::super::super::machine::{Frame, Machine, Outcome, Throw};
use super::super::super::types::Type;
use super::super::super::value::Value;
use super::super::store::Row;
use super::filter::{matches, prepare};
use super::{compare, in_order, is_equal, part, value_at};

/// Groups the rows that fit.
pub fn run(
    machine: &mut Machine<'_>,
    frame: &mut Frame,
    query: &Query,
    found: &[Rc<Row>],
) -> Outcome<Value> {
    let mut rows = groups(machine, query, found)?;
    if let Some(having) = &query.having {
        let having = prepare(machine, frame, having)?;
        let mut kept = Vec::new();
        for row in rows {
            if matches(machine, query.object, &row, &having)? {
                kept.push(row);
            }
        }
        rows = kept;
    }
    for (path, descending, nulls_last) in query.order_by.iter().rev() {
        let name = column(query, path);
        let value = |row: &Row| name.and_then(|name| row.get(name).cloned());
        rows.sort_by(|a, b| {
            let (a, b) = (
                value(a).unwrap_or(Value::Null),
                value(b).unwrap_or(Value::Null),
            );
            in_order(&a, &b, *descending, *nulls_last)
        });
    }
    let mut rows = part(machine, frame, query, rows)?;
    for row in &mut rows {
        row.retain(|name, _| !name.starts_with(HIDDEN));
    }
    let results = machine.world.schema.find("AggregateResult");
    let object = results.unwrap_or(query.object);
    let rows = rows
        .into_iter()
        .map(|row| Value::record(object, row, false));
    Ok(Value::list(Type::Record(object), rows.collect()))
}

// The name of a grouped field in a row of an aggregate query.
fn column<'q>(query: &'q Query, path: &'q [Arc<str>]) -> Option<&'q Arc<str>> {
    let alias = query.aliases.iter().find(|(known, _)| known == path);
    alias.map(|(_, alias)| alias).or(path.last())
}

// A row for each group.
fn groups(machine: &Machine<'_>, query: &Query, rows: &[Rc<Row>]) -> Outcome<Vec<Row>> {
    let mut groups: Vec<(Vec<Value>, Vec<&Rc<Row>>)> = Vec::new();
    for row in rows {
        let key: Vec<Value> = query
            .group_by
            .iter()
            .map(|path| value_at(machine, query.object, row, path))
            .collect();
        let same = |known: &Vec<Value>| known.iter().zip(&key).all(|(a, b)| is_equal(a, b));
        match groups.iter_mut().find(|(known, _)| same(known)) {
            Some((_, members)) => members.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    if groups.is_empty() && query.group_by.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    groups.sort_by(|(a, _), (b, _)| {
        a.iter()
            .zip(b)
            .filter_map(|(a, b)| compare(a, b))
            .find(|found| found.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    let mut found = Vec::new();
    for (key, members) in groups {
        let mut fields: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (path, value) in query.group_by.iter().zip(key) {
            if let Some(name) = column(query, path) {
                fields.insert(name.clone(), value);
            }
        }
        for (function, path, alias) in &query.aggregates {
            let values: Vec<Value> = match path {
                Some(path) => members
                    .iter()
                    .map(|row| value_at(machine, query.object, row, path))
                    .filter(|value| !value.is_null())
                    .collect(),
                None => vec![Value::Boolean(true); members.len()],
            };
            fields.insert(alias.clone(), combine(function, &values)?);
        }
        found.push(fields);
    }
    Ok(found)
}

fn combine(function: &str, values: &[Value]) -> Outcome<Value> {
    let sum = || {
        values
            .iter()
            .try_fold(Decimal::from(0), |sum, value| sum.add(value.as_decimal()?))
    };
    let result = match function {
        "count" => Some(Value::Integer(
            i32::try_from(values.len()).unwrap_or(i32::MAX),
        )),
        "sum" => sum().map(Value::Decimal),
        "avg" if values.is_empty() => Some(Value::Null),
        "avg" => {
            let count = i64::try_from(values.len()).unwrap_or(1);
            sum()
                .and_then(|sum| sum.divide(Decimal::from(count)))
                .map(Value::Decimal)
        }
        _ => Some(
            values
                .iter()
                .max_by(|a, b| {
                    let found = compare(a, b).unwrap_or(Ordering::Equal);
                    if function == "max" {
                        found
                    } else {
                        found.reverse()
                    }
                })
                .cloned()
                .unwrap_or(Value::Null),
        ),
    };
    result.ok_or_else(|| Throw::Unsupported(format!("{function} of these values")))
}
