//! Queries against the tables.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::deploy::{Refusal, same_id};
use super::super::state::State;
use super::Api;
use super::parse::{Condition, Field, Literal, Operator, Query, located};
use super::tables::{self, Column, Row, Table};

/// What a query works on.
struct Source<'a> {
    state: &'a State,
    api: Api,
    text: &'a str,
    version: u16,
    now: Timestamp,
}

/// The object's name and the records.
pub fn run(
    state: &State,
    api: Api,
    text: &str,
    query: &Query,
    version: u16,
    now: Timestamp,
) -> Result<(&'static str, Vec<Value>), Refusal> {
    let source = Source {
        state,
        api,
        text,
        version,
        now,
    };
    let table = tables::find(api, &query.object.text).ok_or_else(|| {
        let problem = format!(
            "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to \
             append the '__c' after the entity name. Please reference your WSDL or the describe call for \
             the appropriate names.",
            query.object.text
        );
        Refusal::new("INVALID_TYPE", located(text, query.object.at, &problem))
    })?;
    let selected: Vec<Vec<&Column>> = query
        .fields
        .iter()
        .map(|field| source.resolve(table, field))
        .collect::<Result<_, _>>()?;
    let mut conditions = Vec::new();
    for condition in &query.conditions {
        let path = source.resolve(table, &condition.field)?;
        source.refuse_filter(&path, &condition.field)?;
        conditions.push((condition, path));
    }
    let mut order = Vec::new();
    for (field, descending) in &query.order {
        let path = source.resolve(table, field)?;
        source.refuse_filter(&path, field)?;
        order.push((path, *descending));
    }
    let mut rows: Vec<Row> = (table.rows)(state, now)
        .into_iter()
        .filter(|row| {
            conditions
                .iter()
                .all(|(condition, path)| holds(condition, &source.value(row, path)))
        })
        .collect();
    rows.sort_by(|a, b| {
        order
            .iter()
            .map(|(path, descending)| {
                let ordering = compare(&source.value(a, path), &source.value(b, path));
                if *descending {
                    ordering.reverse()
                } else {
                    ordering
                }
            })
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    rows.truncate(query.limit.unwrap_or(usize::MAX));
    if rows.len() > 1 && selected.iter().flatten().any(|column| column.one_row) {
        return Err(Refusal::new(
            "MALFORMED_QUERY",
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify \
             no more than one row for retrieval. Result size: "
                .to_owned()
                + &rows.len().to_string(),
        ));
    }
    let records = rows
        .iter()
        .map(|row| source.record(table, row, &selected))
        .collect();
    Ok((table.name, records))
}

/// One record with all columns.
pub fn record(
    state: &State,
    api: Api,
    name: &str,
    id: &str,
    version: u16,
    now: Timestamp,
) -> Option<Value> {
    let source = Source {
        state,
        api,
        text: "",
        version,
        now,
    };
    let table = tables::find(api, name)?;
    let row = (table.rows)(state, now).into_iter().find(|row| {
        row.get("Id")
            .and_then(Value::as_str)
            .is_some_and(|found| same_id(found, id))
    })?;
    let selected: Vec<Vec<&Column>> = table.columns.iter().map(|column| vec![column]).collect();
    Some(source.record(table, &row, &selected))
}

impl Source<'_> {
    /// The columns that a field path leads through.
    fn resolve(
        &self,
        table: &'static Table,
        field: &Field,
    ) -> Result<Vec<&'static Column>, Refusal> {
        let mut table = table;
        let mut path = Vec::new();
        for (index, name) in field.path.iter().enumerate() {
            let last = index + 1 == field.path.len();
            let column = table.columns.iter().find(|column| {
                let called = if last {
                    Some(column.name)
                } else {
                    column.parent.map(|(relationship, _)| relationship)
                };
                called.is_some_and(|called| called.eq_ignore_ascii_case(&name.text))
            });
            let Some(column) = column else {
                let problem = if last {
                    format!(
                        "No such column '{}' on entity '{}'. If you are attempting to use a custom field, be \
                         sure to append the '__c' after the custom field name. Please reference your WSDL or \
                         the describe call for the appropriate names.",
                        name.text, table.name
                    )
                } else {
                    format!(
                        "Didn't understand relationship '{}' in field path. If you are attempting to use a \
                         custom relationship, be sure to append the '__r' after the custom relationship name. \
                         Please reference your WSDL or the describe call for the appropriate names.",
                        name.text
                    )
                };
                return Err(Refusal::new(
                    "INVALID_FIELD",
                    located(self.text, name.at, &problem),
                ));
            };
            path.push(column);
            if let (false, Some((_, parent))) = (last, column.parent) {
                table = tables::find(self.api, parent).unwrap_or(table);
            }
        }
        Ok(path)
    }

    fn refuse_filter(&self, path: &[&Column], field: &Field) -> Result<(), Refusal> {
        match path.last() {
            Some(column) if !column.filterable => Err(Refusal::new(
                "INVALID_FIELD",
                located(
                    self.text,
                    field.path.first().map_or(0, |name| name.at),
                    &format!(
                        "field '{}' can not be filtered in a query call",
                        column.name
                    ),
                ),
            )),
            _ => Ok(()),
        }
    }

    /// The row that a reference leads to.
    fn parent(&self, row: &Row, column: &Column) -> Option<(&'static Table, Row)> {
        let (_, name) = column.parent?;
        let id = row.get(column.name)?.as_str()?;
        let table = tables::find(self.api, name)?;
        let found = (table.rows)(self.state, self.now)
            .into_iter()
            .find(|row| row.get("Id").and_then(Value::as_str) == Some(id))?;
        Some((table, found))
    }

    fn value(&self, row: &Row, path: &[&Column]) -> Value {
        match path {
            [] => Value::Null,
            [column] => row.get(column.name).cloned().unwrap_or_default(),
            [column, rest @ ..] => self
                .parent(row, column)
                .map_or(Value::Null, |(_, parent)| self.value(&parent, rest)),
        }
    }

    fn record(&self, table: &Table, row: &Row, selected: &[Vec<&Column>]) -> Value {
        let mut out = Map::new();
        out.insert("attributes".to_owned(), self.attributes(table, row));
        for path in selected {
            match path.as_slice() {
                [] => {}
                [column] => {
                    out.insert(
                        column.name.to_owned(),
                        row.get(column.name).cloned().unwrap_or_default(),
                    );
                }
                [column, ..] => {
                    let relationship = column.parent.map(|(name, _)| name).unwrap_or_default();
                    if out.contains_key(relationship) {
                        continue;
                    }
                    let inner: Vec<Vec<&Column>> = selected
                        .iter()
                        .filter(|other| other.len() > 1 && other[0].name == column.name)
                        .map(|other| other[1..].to_vec())
                        .collect();
                    let value = self
                        .parent(row, column)
                        .map_or(Value::Null, |(table, parent)| {
                            self.record(table, &parent, &inner)
                        });
                    out.insert(relationship.to_owned(), value);
                }
            }
        }
        Value::Object(out)
    }

    fn attributes(&self, table: &Table, row: &Row) -> Value {
        let tooling = if self.api == Api::Tooling {
            "tooling/"
        } else {
            ""
        };
        let id = row.get("Id").and_then(Value::as_str).unwrap_or_default();
        let url = format!(
            "/services/data/v{}.0/{tooling}sobjects/{}/{id}",
            self.version, table.name
        );
        json!({ "type": table.name, "url": url })
    }
}

fn holds(condition: &Condition, value: &Value) -> bool {
    let any = |want: fn(Ordering) -> bool| {
        condition
            .values
            .iter()
            .any(|literal| order_to(value, literal).is_some_and(want))
    };
    match condition.operator {
        Operator::Equal | Operator::In => any(Ordering::is_eq),
        Operator::NotEqual | Operator::NotIn => !any(Ordering::is_eq),
        Operator::Less => any(Ordering::is_lt),
        Operator::LessOrEqual => any(Ordering::is_le),
        Operator::Greater => any(Ordering::is_gt),
        Operator::GreaterOrEqual => any(Ordering::is_ge),
    }
}

/// How a value stands to a literal; `None` when they cannot be compared. Text is compared without
/// regard to case, as SOQL does, and ids by their first 15 characters.
fn order_to(value: &Value, literal: &Literal) -> Option<Ordering> {
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
        (Value::String(value), Literal::Date(literal)) => value
            .replace("+0000", "Z")
            .parse::<Timestamp>()
            .ok()
            .map(|value| value.cmp(literal)),
        _ => None,
    }
}

/// Nulls first, as SOQL orders by default.
fn compare(a: &Value, b: &Value) -> Ordering {
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
mod tests;
