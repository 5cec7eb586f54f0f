//! Conditions of queries: `WHERE` and `HAVING`.

use super::super::ir::{Constant, Expr, Filter, FilterOperator};
use super::super::resolve::Fault;
use super::super::source::Node;
use super::super::types::{ObjectId, Type};
use super::literals::constant;
use super::{Lower, Lowered, MAX_DEPTH};
use crate::emulator::date_span::DateSpan;

// `TODAY`, `LAST_N_DAYS:5` and their like.
fn date_span(node: Node<'_>) -> Option<DateSpan> {
    if !matches!(node.kind(), "date_literal" | "date_literal_with_param") {
        return None;
    }
    let (name, count) = match node.text().split_once(':') {
        Some((name, count)) => (name, Some(count.trim().parse().ok()?)),
        None => (node.text(), None),
    };
    let mut span = DateSpan::named(name.trim())?;
    if span.is_counted() != count.is_some() {
        return None;
    }
    span.count = count.unwrap_or(span.count);
    Some(span)
}

// `2026-01-31`, `2026-01-31T00:00:00Z`
fn moment(node: Node<'_>) -> Option<Expr> {
    let (text, at) = (node.text(), node.at());
    if node.kind() == "date" {
        let day = Constant::Date(text.parse().ok()?);
        return Some(constant(day, Type::Date, at));
    }
    let moment: jiff::Timestamp = text.parse().ok()?;
    let moment = Constant::Datetime(moment.as_millisecond());
    Some(constant(moment, Type::Datetime, at))
}

impl Lower<'_> {
    pub(super) fn filter(&mut self, node: Node<'_>, object: ObjectId) -> Lowered<Filter> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::unsupported(
                node.at(),
                "a condition that is nested so deeply",
            ));
        }
        self.depth += 1;
        let filter = self.filter_inside(node, object);
        self.depth -= 1;
        filter
    }

    fn filter_inside(&mut self, node: Node<'_>, object: ObjectId) -> Lowered<Filter> {
        match node.kind() {
            "and_expression" | "or_expression" => {
                let mut parts = Vec::new();
                for child in node.children() {
                    parts.push(self.filter(child, object)?);
                }
                Ok(if node.kind() == "and_expression" {
                    Filter::All(parts)
                } else {
                    Filter::Any(parts)
                })
            }
            "not_expression" => {
                let inner = self.only_child(node)?;
                Ok(Filter::Not(Box::new(self.filter(inner, object)?)))
            }
            "comparison_expression" => self.comparison(node, object),
            _ => Err(Fault::unsupported(node.at(), node.text())),
        }
    }

    fn comparison(&mut self, node: Node<'_>, object: ObjectId) -> Lowered<Filter> {
        let [field, operator, value] = node.children()[..] else {
            return Err(Fault::unsupported(node.at(), node.text()));
        };
        let path = match (field.kind(), self.grouped.take()) {
            ("function_expression", Some(mut query)) => {
                let name = self.aggregated(field, &mut query);
                self.grouped = Some(query);
                vec![name?]
            }
            (_, grouped) => {
                self.grouped = grouped;
                match self.field_path(field, object)? {
                    Some(path) => {
                        self.refuse_long_text(field, object, &path, "filtered")?;
                        path
                    }
                    None => return Err(Fault::unsupported(field.at(), field.text())),
                }
            }
        };
        let symbol = operator
            .text()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let symbol = symbol.to_ascii_lowercase();
        if operator.kind() == "set_comparison_operator" {
            let negated = match symbol.as_str() {
                "in" => false,
                "not in" => true,
                other => return Err(Fault::unsupported(operator.at(), other)),
            };
            return match value.kind() {
                "comparable_list" => {
                    let mut values = Vec::new();
                    for item in value.children() {
                        values.push(self.bound_or_literal(item, None)?);
                    }
                    Ok(Filter::Listed(path, values, negated))
                }
                "subquery" => {
                    let body = self.only_child(value)?;
                    let inner = self.query(body, None)?;
                    Ok(Filter::Semijoin(path, Box::new(inner), negated))
                }
                _ => {
                    let bound = self.bound_or_literal(value, None)?;
                    if !matches!(bound.ty, Type::List(_) | Type::Set(_)) {
                        return Err(Fault::unsupported(value.at(), "IN with a single value"));
                    }
                    Ok(Filter::Bound(path, bound, negated))
                }
            };
        }
        let operator = match symbol.as_str() {
            "=" => FilterOperator::Equal,
            "!=" | "<>" => FilterOperator::NotEqual,
            "<" => FilterOperator::Less,
            "<=" => FilterOperator::LessOrEqual,
            ">" => FilterOperator::Greater,
            ">=" => FilterOperator::GreaterOrEqual,
            "like" => FilterOperator::Like,
            other => return Err(Fault::unsupported(operator.at(), other)),
        };
        if let Some(days) = date_span(value) {
            return match operator {
                FilterOperator::Like => Err(Fault::unsupported(value.at(), value.text())),
                _ => Ok(Filter::Days(path, operator, days)),
            };
        }
        Ok(Filter::Compare(
            path,
            operator,
            self.bound_or_literal(value, None)?,
        ))
    }

    pub(super) fn bound_or_literal(&mut self, node: Node<'_>, ty: Option<&Type>) -> Lowered<Expr> {
        let expr = match node.kind() {
            "bound_apex_expression" => {
                let inner = self.only_child(node)?;
                self.expr(inner)?
            }
            "int" | "string_literal" | "boolean" | "null_literal" => self.expr(node)?,
            "date" | "date_time" if let Some(found) = moment(node) => found,
            _ => {
                return Err(Fault::unsupported(
                    node.at(),
                    format!("{} in SOQL", node.text()),
                ));
            }
        };
        match ty {
            Some(ty) => self.assign_to(expr, ty),
            None => Ok(expr),
        }
    }
}
