//! Rows in groups: GROUP BY, HAVING and the aggregate functions (SOQL and SOSL Reference, "Aggregate
//! Functions").

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::super::refusal::Refusal;
use super::super::parse::{Field, Filter, Function, Query, Subtotals, located};
use super::super::tables::{Row, Table};
use super::compare::{compare, in_order};
use super::{Path, Source};

/// Whether a query answers with groups instead of records.
pub fn is_grouped(query: &Query) -> bool {
    !query.groups.is_empty() || !query.aggregates.is_empty()
}

/// Rows that have the same values in the fields that are not left out.
struct Group {
    rows: Vec<Row>,
    without: Vec<String>,
}

/// Which fields each kind of group leaves out, by their positions: the groups themselves leave out none.
fn left_out(subtotals: Subtotals, fields: usize) -> Vec<Vec<usize>> {
    match subtotals {
        Subtotals::None => vec![Vec::new()],
        Subtotals::Rollup => (0..=fields)
            .map(|count| (fields - count..fields).collect())
            .collect(),
        Subtotals::Cube => (0_u32..1 << fields)
            .map(|set| (0..fields).filter(|at| set & (1 << at) != 0).collect())
            .collect(),
    }
}

impl<'a> Source<'a> {
    /// What a query says of the groups of these rows.
    pub(super) fn grouped(
        &self,
        table: &Table<'a>,
        query: &'a Query,
        mut rows: Vec<Row>,
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
        self.refuse_subtotals(query)?;
        let mut groups = Vec::new();
        let mut sets = left_out(query.subtotals, keys.len()).into_iter().peekable();
        while let Some(left_out) = sets.next() {
            let rows = match sets.peek() {
                Some(_) => rows.clone(),
                None => std::mem::take(&mut rows),
            };
            let without: Vec<String> = left_out
                .iter()
                .map(|at| query.groups[*at].text().to_lowercase())
                .collect();
            let kept = keys.iter().enumerate();
            let kept: Vec<Path<'a>> = kept
                .filter(|(at, _)| !left_out.contains(at))
                .map(|(_, path)| path.clone())
                .collect();
            let found = self.groups(&kept, rows).into_iter();
            groups.extend(found.map(|rows| Group {
                rows,
                without: without.clone(),
            }));
        }
        groups.retain(|group| {
            let having = having.as_ref();
            having.is_none_or(|having| self.fits(&group.rows, &group.without, having))
        });
        // Without GROUP BY everything is one group, also nothing.
        if keys.is_empty() && groups.is_empty() {
            groups.push(Group {
                rows: Vec::new(),
                without: Vec::new(),
            });
        }
        groups.sort_by(|a, b| {
            let mut pairs = query.order.iter().zip(&order);
            pairs
                .find_map(|(by, path)| {
                    let value = |group: &Group| {
                        let group = (&*group.rows, &*group.without);
                        self.of_group(by.function, &by.field, path, group)
                    };
                    Some(in_order(&value(a), &value(b), by)).filter(|order| order.is_ne())
                })
                .unwrap_or(Ordering::Equal)
        });
        groups.drain(..query.offset.min(groups.len()));
        groups.truncate(query.limit.unwrap_or(usize::MAX));
        let records: Vec<Value> = groups
            .iter()
            .map(|group| self.result(table, query, &summed, group))
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
        group: &Group,
    ) -> Value {
        let mut out = Map::new();
        out.insert(
            "attributes".to_owned(),
            json!({ "type": "AggregateResult" }),
        );
        let around = (&*group.rows, &*group.without);
        let mut fields = query.fields.iter();
        let mut aggregates = query.aggregates.iter().zip(summed).peekable();
        // What has no name is counted, in the order of the select list.
        let mut unnamed = 0;
        let mut number = || {
            unnamed += 1;
            format!("expr{}", unnamed - 1)
        };
        for position in 0..query.fields.len() + query.aggregates.len() {
            let next = aggregates.next_if(|(aggregate, _)| aggregate.position == position);
            if let Some((aggregate, path)) = next {
                let value = self.of_group(Some(aggregate.function), &aggregate.field, path, around);
                out.insert(aggregate.alias.clone().unwrap_or_else(&mut number), value);
                continue;
            }
            let Some(field) = fields.next() else {
                continue;
            };
            let path = self.resolve(table, field).unwrap_or_default();
            let name = match (&field.alias, field.function) {
                (Some(alias), _) => alias.clone(),
                (None, Some(_)) => number(),
                (None, None) => path.last().map_or("", |column| column.name).to_owned(),
            };
            out.insert(name, self.of_group(None, field, &path, around));
        }
        Value::Object(out)
    }

    /// What a field, or a function of it, is for a group of rows that leaves these fields out.
    pub(super) fn of_group(
        &self,
        function: Option<Function>,
        field: &Field,
        path: &Path<'a>,
        (rows, without): (&[Row], &[String]),
    ) -> Value {
        let is_left_out = || without.contains(&field.text().to_lowercase());
        match (function, rows.first()) {
            (Some(Function::Grouping), _) => json!(i32::from(is_left_out())),
            (Some(function), _) => self.aggregate(function, path, rows),
            (None, Some(row)) if !is_left_out() => self.value(row, path),
            (None, _) => Value::Null,
        }
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
            Function::Grouping => Value::Null,
            Function::Max => values.into_iter().max_by(compare).unwrap_or_default(),
        }
    }

    /// Three fields at most have subtotals (SOQL and SOSL Reference, "GROUP BY ROLLUP"), and only what has
    /// them knows of `GROUPING`.
    fn refuse_subtotals(&self, query: &Query) -> Result<(), Refusal> {
        if query.subtotals != Subtotals::None && query.groups.len() > 3 {
            let at = query.groups[3].at();
            // The platform's text for it is nowhere documented.
            let problem = "at most three fields in GROUP BY ROLLUP or CUBE";
            let place = located(self.text, at, problem);
            return Err(Refusal::new("MALFORMED_QUERY", place));
        }
        for aggregate in &query.aggregates {
            if aggregate.function == Function::Grouping {
                self.refuse_ungrouped(query, &aggregate.field)?;
            }
        }
        Ok(())
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
