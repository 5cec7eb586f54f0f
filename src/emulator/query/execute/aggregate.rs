//! Rows in groups: GROUP BY, HAVING and the aggregate functions (SOQL and SOSL Reference, "Aggregate
//! Functions").

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::super::deploy::Refusal;
use super::super::parse::{Field, Filter, Function, Query, located};
use super::super::tables::{Row, Table};
use super::compare::{compare, in_order};
use super::{Path, Source};

/// Whether a query answers with groups instead of records.
pub fn is_grouped(query: &Query) -> bool {
    !query.groups.is_empty() || !query.aggregates.is_empty()
}

impl<'a> Source<'a> {
    /// What a query says of the groups of these rows.
    pub(super) fn grouped(
        &self,
        table: &Table<'a>,
        query: &'a Query,
        rows: Vec<Row>,
    ) -> Result<(usize, Vec<Value>), Refusal> {
        let keys: Vec<Path<'a>> = query
            .groups
            .iter()
            .map(|field| self.resolve(table, field))
            .collect::<Result<_, _>>()?;
        let ordered = query.order.iter().filter(|by| by.function.is_none());
        for field in query.fields.iter().chain(ordered.map(|by| &by.field)) {
            self.resolve(table, field)?;
            self.refuse_ungrouped(query, field)?;
        }
        let summed: Vec<Path<'a>> = query
            .aggregates
            .iter()
            .map(|aggregate| self.resolve(table, &aggregate.field))
            .collect::<Result<_, _>>()?;
        let order: Vec<Path<'a>> = query
            .order
            .iter()
            .map(|by| self.resolve(table, &by.field))
            .collect::<Result<_, _>>()?;
        let having = query.having.as_ref();
        if let Some(filter) = having {
            self.refuse_ungrouped_in(query, filter)?;
        }
        let having = having.map(|filter| self.known(table, filter)).transpose()?;
        let mut groups = self.groups(&keys, rows);
        groups.retain(|rows| having.as_ref().is_none_or(|having| self.fits(rows, having)));
        // Without GROUP BY everything is one group, also nothing.
        if keys.is_empty() && groups.is_empty() {
            groups.push(Vec::new());
        }
        groups.sort_by(|a, b| {
            let mut pairs = query.order.iter().zip(&order);
            pairs
                .find_map(|(by, path)| {
                    let value = |rows: &[Row]| match by.function {
                        Some(function) => self.aggregate(function, path, rows),
                        None => rows
                            .first()
                            .map_or(Value::Null, |row| self.value(row, path)),
                    };
                    Some(in_order(&value(a), &value(b), by)).filter(|order| order.is_ne())
                })
                .unwrap_or(Ordering::Equal)
        });
        groups.drain(..query.offset.min(groups.len()));
        groups.truncate(query.limit.unwrap_or(usize::MAX));
        let records: Vec<Value> = groups
            .iter()
            .map(|rows| self.result(table, query, &summed, rows))
            .collect();
        Ok((records.len(), records))
    }

    fn groups(&self, keys: &[Path<'a>], rows: Vec<Row>) -> Vec<Vec<Row>> {
        let mut groups: Vec<(Vec<Value>, Vec<Row>)> = Vec::new();
        for row in rows {
            let key: Vec<Value> = keys.iter().map(|path| self.value(&row, path)).collect();
            // Texts that differ in case only are one group, as they are equal in SOQL.
            let known = groups.iter_mut().find(|(other, _)| {
                let mut pairs = other.iter().zip(&key);
                pairs.all(|(a, b)| compare(a, b).is_eq())
            });
            match known {
                Some((_, rows)) => rows.push(row),
                None => groups.push((key, vec![row])),
            }
        }
        groups.sort_by(|(a, _), (b, _)| {
            let mut pairs = a.iter().zip(b).map(|(a, b)| compare(a, b));
            pairs.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        groups.into_iter().map(|(_, rows)| rows).collect()
    }

    fn result(
        &self,
        table: &Table<'a>,
        query: &'a Query,
        summed: &[Path<'a>],
        rows: &[Row],
    ) -> Value {
        let mut out = Map::new();
        out.insert(
            "attributes".to_owned(),
            json!({ "type": "AggregateResult" }),
        );
        for field in &query.fields {
            let path = self.resolve(table, field).unwrap_or_default();
            let name = path.last().map(|column| column.name).unwrap_or_default();
            let value = rows
                .first()
                .map_or(Value::Null, |row| self.value(row, &path));
            out.insert(name.to_owned(), value);
        }
        let mut unnamed = 0;
        for (aggregate, path) in query.aggregates.iter().zip(summed) {
            let name = aggregate.alias.clone().unwrap_or_else(|| {
                unnamed += 1;
                format!("expr{}", unnamed - 1)
            });
            out.insert(name, self.aggregate(aggregate.function, path, rows));
        }
        Value::Object(out)
    }

    pub(super) fn aggregate(&self, function: Function, path: &Path<'a>, rows: &[Row]) -> Value {
        let values: Vec<Value> = rows
            .iter()
            .map(|row| self.value(row, path))
            .filter(|value| !value.is_null())
            .collect();
        let sum: f64 = values.iter().filter_map(Value::as_f64).sum();
        match function {
            Function::Count => json!(values.len()),
            Function::CountDistinct => {
                let texts = values.iter().map(|value| value.to_string().to_lowercase());
                json!(texts.collect::<BTreeSet<_>>().len())
            }
            _ if values.is_empty() => Value::Null,
            Function::Sum => json!(sum),
            Function::Avg => {
                let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
                json!(sum / f64::from(count))
            }
            Function::Min => values.into_iter().min_by(compare).unwrap_or_default(),
            Function::Max => values.into_iter().max_by(compare).unwrap_or_default(),
        }
    }

    fn refuse_ungrouped_in(&self, query: &Query, filter: &Filter) -> Result<(), Refusal> {
        match filter {
            Filter::All(terms) | Filter::Any(terms) => terms
                .iter()
                .try_for_each(|term| self.refuse_ungrouped_in(query, term)),
            Filter::Not(term) => self.refuse_ungrouped_in(query, term),
            Filter::One(condition) if condition.function.is_none() => {
                self.refuse_ungrouped(query, &condition.field)
            }
            Filter::One(_) => Ok(()),
        }
    }

    fn refuse_ungrouped(&self, query: &Query, field: &Field) -> Result<(), Refusal> {
        let text = field.text();
        let known = query.groups.iter();
        let mut known = known.map(Field::text);
        if known.any(|group| group.eq_ignore_ascii_case(&text)) {
            return Ok(());
        }
        let at = field.path.first().map_or(0, |name| name.at);
        let problem = format!("Field must be grouped or aggregated: {text}");
        Err(Refusal::new(
            "MALFORMED_QUERY",
            located(self.text, at, &problem),
        ))
    }
}
