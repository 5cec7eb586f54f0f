//! Queries against the tables.

mod aggregate;
mod compare;
mod functions;
mod selected;
mod type_of;

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::ids::same_id;
use super::super::refusal::Refusal;
use super::super::state::State;
use super::Api;
use super::parse::{Condition, Field, Filter, Function, Name, Operator, Query, located};
use super::tables::{Catalog, Column, Row, Table};
use compare::{compare, holds, in_order, misfit};

/// What a query works on.
struct Source<'a> {
    state: &'a State,
    catalog: &'a Catalog,
    api: Api,
    text: &'a str,
    version: u16,
    now: Timestamp,
    all: bool,
}

/// The columns that a field path leads through.
type Path<'a> = Vec<Column<'a>>;

/// A WHERE whose fields are known.
enum Known<'a> {
    All(Vec<Known<'a>>),
    Any(Vec<Known<'a>>),
    Not(Box<Known<'a>>),
    One(&'a Condition, Path<'a>),
    Among(&'a Condition, Path<'a>, Vec<Value>),
}

/// What a query found.
pub struct Found {
    /// The object's name.
    pub table: String,
    /// How many rows.
    pub total: usize,
    /// The records; none when they were counted.
    pub records: Vec<Value>,
}

/// Runs a query; `all` finds deleted records, too.
pub fn run(
    state: &State,
    api: Api,
    text: &str,
    query: &Query,
    version: u16,
    now: Timestamp,
    all: bool,
) -> Result<Found, Refusal> {
    let catalog = Catalog::of(state);
    let source = Source {
        state,
        catalog: &catalog,
        api,
        text,
        version,
        now,
        all,
    };
    let table = source.table(query)?;
    let rows = table.rows(state, now, all);
    let (total, records) = source.select(&table, query, rows)?;
    Ok(Found {
        table: table.name.to_owned(),
        total,
        records,
    })
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
    let catalog = Catalog::of(state);
    let source = Source {
        state,
        catalog: &catalog,
        api,
        text: "",
        version,
        now,
        all: false,
    };
    let table = catalog.find(api, name)?;
    let row = table.rows(state, now, false).into_iter().find(|row| {
        row.get("Id")
            .and_then(Value::as_str)
            .is_some_and(|found| same_id(found, id))
    })?;
    let selected: Vec<Path<'_>> = table.columns.iter().map(|column| vec![*column]).collect();
    Some(Value::Object(source.record(&table, &row, &selected)))
}

impl<'a> Source<'a> {
    /// The object that a query is of.
    fn table(&self, query: &Query) -> Result<Table<'a>, Refusal> {
        self.named(&query.object)
    }

    fn named(&self, object: &Name) -> Result<Table<'a>, Refusal> {
        let name = &object.text;
        self.catalog.find(self.api, name).ok_or_else(|| {
            let problem = format!(
                "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure \
                 to append the '__c' after the entity name. Please reference your WSDL or the describe call for \
                 the appropriate names."
            );
            let place = located(self.text, object.at, &problem);
            Refusal::new("INVALID_TYPE", place)
        })
    }

    /// The rows of a table that a query wants: how many, and the records.
    fn select(
        &self,
        table: &Table<'a>,
        query: &'a Query,
        rows: Vec<Row>,
    ) -> Result<(usize, Vec<Value>), Refusal> {
        let mut selected: Vec<Path<'a>> = query
            .fields
            .iter()
            .map(|field| self.resolve(table, field))
            .collect::<Result<_, _>>()?;
        self.refuse_twice(query)?;
        self.refuse_spread(query)?;
        self.refuse_offset(query)?;
        let spread = |column: &&Column<'a>| query.spread.iter().any(|one| one.has(column.name));
        let columns = table.columns.iter().filter(spread);
        selected.extend(columns.map(|column| vec![*column]));
        let filter = query
            .filter
            .as_ref()
            .map(|filter| self.known(table, filter))
            .transpose()?;
        if aggregate::is_grouped(query) {
            let rows = rows.into_iter();
            let rows = rows.filter(|row| {
                filter
                    .as_ref()
                    .is_none_or(|filter| self.fits_row(row, filter))
            });
            return self.grouped(table, query, rows.collect());
        }
        self.refuse_grouping(query)?;
        let mut order = Vec::new();
        for by in &query.order {
            let path = self.resolve(table, &by.field)?;
            self.refuse_order(&path, &by.field)?;
            order.push((path, by));
        }
        let mut rows: Vec<Row> = rows
            .into_iter()
            .filter(|row| {
                filter
                    .as_ref()
                    .is_none_or(|filter| self.fits_row(row, filter))
            })
            .collect();
        rows.sort_by(|a, b| {
            order
                .iter()
                .map(|(path, by)| in_order(&self.value(a, path), &self.value(b, path), by))
                .find(|ordering| ordering.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        rows.drain(..query.offset.min(rows.len()));
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
        if query.counts {
            return Ok((rows.len(), Vec::new()));
        }
        let mut records = Vec::new();
        for row in &rows {
            let mut record = self.record(table, row, &selected);
            self.add_parents(table, row, &query.parents, &mut record)?;
            for child in &query.children {
                let (relationship, found) = self.children(table, row, child)?;
                record.insert(relationship, found);
            }
            records.push(Value::Object(record));
        }
        // A query without rows is refused for what is wrong with its child queries, too.
        if rows.is_empty() {
            self.add_parents(table, &Row::new(), &query.parents, &mut Map::new())?;
            for child in &query.children {
                self.children(table, &Row::new(), child)?;
            }
        }
        Ok((rows.len(), records))
    }

    /// The child records of a row: the relationship's name and what REST shows.
    fn children(
        &self,
        table: &Table<'a>,
        row: &Row,
        query: &'a Query,
    ) -> Result<(String, Value), Refusal> {
        let name = &query.object.text;
        let found = self.catalog.children(table.name, name);
        let Some((child, field)) = found else {
            let problem = format!(
                "Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to \
                 use a custom relationship, be sure to append the '__r' after the custom relationship name. \
                 Please reference your WSDL or the describe call for the appropriate names."
            );
            return Err(Refusal::new(
                "INVALID_TYPE",
                located(self.text, query.object.at, &problem),
            ));
        };
        let Some(table) = self.catalog.find(self.api, child) else {
            return Ok((name.clone(), Value::Null));
        };
        let id = row.get("Id");
        let rows = table
            .rows(self.state, self.now, self.all)
            .into_iter()
            .filter(|row| id.is_some() && row.get(field) == id)
            .collect();
        let (total, records) = self.select(&table, query, rows)?;
        let shown = if total == 0 {
            Value::Null
        } else {
            json!({ "totalSize": total, "done": true, "records": records })
        };
        Ok((name.clone(), shown))
    }

    fn known(&self, table: &Table<'a>, filter: &'a Filter) -> Result<Known<'a>, Refusal> {
        let each = |terms: &'a [Filter]| {
            terms
                .iter()
                .map(|term| self.known(table, term))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(match filter {
            Filter::All(terms) => Known::All(each(terms)?),
            Filter::Any(terms) => Known::Any(each(terms)?),
            Filter::Not(term) => Known::Not(Box::new(self.known(table, term)?)),
            Filter::One(condition) => {
                let path = self.resolve(table, &condition.field)?;
                self.refuse_filter(&path, &condition.field)?;
                if let Some(query) = &condition.among {
                    let found = self.found_by(query)?;
                    return Ok(Known::Among(condition, path, found));
                }
                let counts = matches!(
                    condition.function,
                    Some(Function::Count | Function::CountDistinct | Function::Grouping)
                );
                let column = path.last().filter(|_| !counts);
                let problem = column.and_then(|column| misfit(column, condition));
                if let Some((code, problem)) = problem {
                    let at = condition.field.path.first().map_or(0, |name| name.at);
                    return Err(Refusal::new(code, located(self.text, at, &problem)));
                }
                Known::One(condition, path)
            }
        })
    }

    fn fits_row(&self, row: &Row, filter: &Known<'_>) -> bool {
        self.fits(std::slice::from_ref(row), &[], filter)
    }

    /// Whether a filter holds for a row, or for those of a group that leaves these fields out.
    fn fits(&self, rows: &[Row], without: &[String], filter: &Known<'_>) -> bool {
        let value = |condition: &Condition, path| {
            self.of_group(condition.function, &condition.field, path, (rows, without))
        };
        match filter {
            Known::All(terms) => terms.iter().all(|term| self.fits(rows, without, term)),
            Known::Any(terms) => terms.iter().any(|term| self.fits(rows, without, term)),
            Known::Not(term) => !self.fits(rows, without, term),
            Known::One(condition, path) => holds(condition, &value(condition, path), self.now),
            Known::Among(condition, path, found) => {
                let value = value(condition, path);
                let among = found.iter().any(|one| compare(one, &value).is_eq());
                among == (condition.operator == Operator::In)
            }
        }
    }

    /// The values of the one field that a query in a condition selects.
    fn found_by(&self, query: &'a Query) -> Result<Vec<Value>, Refusal> {
        let table = self.table(query)?;
        let [field] = query.fields.as_slice() else {
            let problem = "a query in a condition selects one field";
            let place = located(self.text, query.object.at, problem);
            return Err(Refusal::new("MALFORMED_QUERY", place));
        };
        let path = self.resolve(&table, field)?;
        let filter = query.filter.as_ref();
        let filter = filter
            .map(|filter| self.known(&table, filter))
            .transpose()?;
        let rows = table.rows(self.state, self.now, self.all).into_iter();
        Ok(rows
            .filter(|row| {
                filter
                    .as_ref()
                    .is_none_or(|filter| self.fits_row(row, filter))
            })
            .map(|row| self.value(&row, &path))
            .filter(|value| !value.is_null())
            .collect())
    }

    /// The columns that a field path leads through.
    fn resolve(&self, table: &Table<'a>, field: &Field) -> Result<Path<'a>, Refusal> {
        let mut table = table.clone();
        let mut path = Vec::new();
        for (index, name) in field.path.iter().enumerate() {
            let last = index + 1 == field.path.len();
            let column = table.columns.iter().copied().find(|column| {
                let called = if last {
                    Some(column.name)
                } else {
                    column.parent.map(|(relationship, _)| relationship)
                };
                called.is_some_and(|called| called.eq_ignore_ascii_case(&name.text))
            });
            let Some(column) = column else {
                if !last {
                    return Err(self.no_relationship(name));
                }
                let problem = format!(
                    "No such column '{}' on entity '{}'. If you are attempting to use a custom field, be \
                         sure to append the '__c' after the custom field name. Please reference your WSDL or \
                         the describe call for the appropriate names.",
                    name.text, table.name
                );
                return Err(Refusal::new(
                    "INVALID_FIELD",
                    located(self.text, name.at, &problem),
                ));
            };
            path.push(column);
            if let (false, Some((_, parent))) = (last, column.parent)
                && let Some(found) = self.catalog.find(self.api, parent)
            {
                table = found;
            }
        }
        if let (Some(function), Some(column)) = (field.function, path.last_mut()) {
            self.refuse_function(column, field)?;
            column.function = Some(function);
        }
        Ok(path)
    }

    fn no_relationship(&self, name: &Name) -> Refusal {
        let problem = format!(
            "Didn't understand relationship '{}' in field path. If you are attempting to use a custom \
             relationship, be sure to append the '__r' after the custom relationship name. Please reference \
             your WSDL or the describe call for the appropriate names.",
            name.text
        );
        Refusal::new("INVALID_FIELD", located(self.text, name.at, &problem))
    }

    fn refuse_filter(&self, path: &[Column<'_>], field: &Field) -> Result<(), Refusal> {
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
    fn parent(&self, row: &Row, column: &Column<'_>) -> Option<(Table<'a>, Row)> {
        let (_, name) = column.parent?;
        let id = row.get(column.name)?.as_str()?;
        let table = self.catalog.find(self.api, name)?;
        let found = table
            .rows(self.state, self.now, self.all)
            .into_iter()
            .find(|row| row.get("Id").and_then(Value::as_str) == Some(id))?;
        Some((table, found))
    }

    fn value(&self, row: &Row, path: &[Column<'_>]) -> Value {
        match path {
            [] => Value::Null,
            [column] => {
                let value = row.get(column.name).cloned().unwrap_or_default();
                match column.function {
                    Some(function) => functions::apply(function, &value),
                    None => value,
                }
            }
            [column, rest @ ..] => self
                .parent(row, column)
                .map_or(Value::Null, |(_, parent)| self.value(&parent, rest)),
        }
    }

    fn record(&self, table: &Table<'_>, row: &Row, selected: &[Path<'_>]) -> Map<String, Value> {
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
                    let inner: Vec<Path<'_>> = selected
                        .iter()
                        .filter(|other| other.len() > 1 && other[0].name == column.name)
                        .map(|other| other[1..].to_vec())
                        .collect();
                    let value = self
                        .parent(row, column)
                        .map_or(Value::Null, |(table, parent)| {
                            Value::Object(self.record(&table, &parent, &inner))
                        });
                    out.insert(relationship.to_owned(), value);
                }
            }
        }
        out
    }

    fn attributes(&self, table: &Table<'_>, row: &Row) -> Value {
        let tooling = if self.api == Api::Tooling {
            "tooling/"
        } else {
            ""
        };
        let id = row.get("Id").and_then(Value::as_str).unwrap_or_default();
        // A `Name` has the address of what it is.
        let object = match (table.name, id.get(..3)) {
            ("Name", Some("005")) => "User",
            ("Name", Some("01p")) => "ApexClass",
            ("Name", Some("01q")) => "ApexTrigger",
            (name, _) => name,
        };
        let version = self.version;
        let url = format!("/services/data/v{version}.0/{tooling}sobjects/{object}/{id}");
        json!({ "type": table.name, "url": url })
    }
}

#[cfg(test)]
mod tests;
