//! SOQL in brackets.

use std::ops::Range;
use std::sync::Arc;

use super::super::super::query::DateSpan;
use super::super::data::schema::Member;
use super::super::inventory::{self, Known};
use super::super::ir::{Expr, ExprKind, Filter, FilterOperator, HIDDEN, Path, Query};
use super::super::resolve::{Fault, is_unknown_object};
use super::super::source::{At, Node};
use super::super::types::{ObjectId, Type};
use super::{Lower, Lowered, MAX_DEPTH};

const AGGREGATES: [&str; 5] = ["count", "sum", "min", "max", "avg"];

/// The text of a query in one line, with names of the platform's choice for what is bound.
fn logged(node: Node<'_>) -> Arc<str> {
    let mut bound = Vec::new();
    collect_bound(node, &mut bound);
    let start = node.range().start;
    let source = node.text();
    let mut text = String::new();
    let mut from = 0;
    for (index, range) in bound.iter().enumerate() {
        let to = range.start.saturating_sub(start);
        text.push_str(source.get(from..to).unwrap_or_default());
        text.push_str(&format!(":tmpVar{}", index + 1));
        from = range.end.saturating_sub(start);
    }
    text.push_str(source.get(from..).unwrap_or_default());
    in_one_line(&text).into()
}

fn collect_bound(node: Node<'_>, found: &mut Vec<Range<usize>>) {
    for child in node.children() {
        if child.kind() == "bound_apex_expression" {
            found.push(child.range());
        } else {
            collect_bound(child, found);
        }
    }
}

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

// Spaces in texts stay.
fn in_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if quoted && character == '\\' {
            line.push(character);
            line.extend(characters.next());
            continue;
        }
        quoted ^= character == '\'';
        if quoted || !character.is_whitespace() {
            line.push(character);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.trim().to_owned()
}

impl Lower<'_> {
    pub(super) fn query_expression(&mut self, node: Node<'_>, at: At) -> Lowered<Expr> {
        if node.kind() != "soql_query_body" {
            return Err(Fault::unsupported(node.at(), "SOSL"));
        }
        let query = self.query(node, None)?;
        let ty = if query.counts {
            Type::Integer
        } else if query.aggregates.is_empty() && query.group_by.is_empty() {
            Type::list(Type::Record(query.object))
        } else {
            let rows = self.world.schema.find("AggregateResult");
            Type::list(rows.map_or(Type::SObject, Type::Record))
        };
        Ok(Expr {
            kind: ExprKind::Query(Arc::new(query)),
            ty,
            at,
        })
    }

    pub(super) fn query(&mut self, node: Node<'_>, parent: Option<ObjectId>) -> Lowered<Query> {
        for clause in ["using_clause", "update_clause"] {
            if let Some(found) = node.field(clause) {
                return Err(Fault::unsupported(found.at(), found.text()));
            }
        }
        let from = self.required(node, "from_clause")?;
        let [source] = from.children()[..] else {
            return Err(Fault::unsupported(from.at(), "FROM with several objects"));
        };
        if source.kind() != "storage_identifier" {
            return Err(Fault::unsupported(from.at(), "an alias in FROM"));
        }
        let name = source.text();
        let object = match parent {
            Some(parent) => match self.world.schema.member(parent, name) {
                Some(Member::Children(_, child, _)) => Some(child),
                _ => None,
            },
            None => self.world.schema.find(name),
        };
        let object = object.ok_or_else(|| {
            let known = match parent {
                Some(parent) => {
                    inventory::has_field(&self.world.schema.object(parent).name, name)
                }
                None if is_unknown_object(name) => Known::Yes,
                None => Known::No,
            };
            let text = match parent {
                Some(_) => format!(
                    "Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
                ),
                None => format!("sObject type '{name}' is not supported."),
            };
            self.absent(known, source.at(), &format!("{name} in SOQL"), text)
        })?;
        let mut query = Query {
            object,
            fields: Vec::new(),
            counts: false,
            aggregates: Vec::new(),
            group_by: Vec::new(),
            having: None,
            aliases: Vec::new(),
            children: Vec::new(),
            is_located: false,
            filter: None,
            order_by: Vec::new(),
            limit: None,
            offset: None,
            all_rows: node.field("all_rows_clause").is_some(),
            text: logged(node),
        };
        self.selected(node, &mut query)?;
        if let Some(clause) = node.field("where_clause") {
            let condition = self.only_child(clause)?;
            query.filter = Some(self.filter(condition, object)?);
        }
        if let Some(clause) = node.field("with_clause") {
            let mode: String = clause
                .text()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            // This runtime has no users with fewer rights, so the modes make no difference.
            let known = [
                "with system_mode",
                "with user_mode",
                "with security_enforced",
            ];
            if !known.contains(&mode.to_ascii_lowercase().as_str()) {
                return Err(Fault::unsupported(clause.at(), mode));
            }
        }
        if let Some(clause) = node.field("group_by_clause") {
            for field in clause.children() {
                if field.kind() == "having_clause" {
                    query.having = Some(self.having(field, &mut query)?);
                    continue;
                }
                if field.kind() != "field_identifier" {
                    return Err(Fault::unsupported(field.at(), field.text()));
                }
                query.group_by.push(self.path(field, object)?);
            }
        }
        if let Some((path, _)) = query
            .aliases
            .iter()
            .find(|(path, _)| !query.group_by.contains(path))
        {
            let text = format!("an alias of {} that is not grouped by", path.join("."));
            return Err(Fault::unsupported(node.at(), text));
        }
        self.ordering(node, &mut query)?;
        for (clause, target) in [
            ("limit_clause", &mut query.limit),
            ("offset_clause", &mut query.offset),
        ] {
            if let Some(found) = node.field(clause) {
                let value = self.only_child(found)?;
                *target = Some(Box::new(
                    self.bound_or_literal(value, Some(&Type::Integer))?,
                ));
            }
        }
        Ok(query)
    }

    fn selected(&mut self, node: Node<'_>, query: &mut Query) -> Lowered<()> {
        let clause = self.required(node, "select_clause")?;
        for item in clause.children() {
            match item.kind() {
                "count_expression" => query.counts = true,
                "field_identifier" => query.fields.push(self.path(item, query.object)?),
                "subquery" => {
                    let body = self.only_child(item)?;
                    let inner = self.query(body, Some(query.object))?;
                    let from = self.required(body, "from_clause")?;
                    let name = self.only_child(from)?.text();
                    let Some(Member::Children(name, _, field)) =
                        self.world.schema.member(query.object, name)
                    else {
                        return Err(Fault::unsupported(item.at(), item.text()));
                    };
                    query.children.push((name.clone(), field.clone(), inner));
                }
                "function_expression" | "alias_expression" => {
                    let (function, alias) = if item.kind() == "alias_expression" {
                        let [function, alias] = item.children()[..] else {
                            return Err(Fault::unsupported(item.at(), item.text()));
                        };
                        if function.kind() == "field_identifier" {
                            let path = self.path(function, query.object)?;
                            query.aliases.push((path, alias.text().into()));
                            continue;
                        }
                        (function, Arc::from(alias.text()))
                    } else {
                        (item, Arc::from(format!("expr{}", query.aggregates.len())))
                    };
                    let name = function
                        .field("function_name")
                        .map_or(String::new(), |name| name.text().to_ascii_lowercase());
                    if !AGGREGATES.contains(&name.as_str()) {
                        return Err(Fault::unsupported(item.at(), item.text()));
                    }
                    let field = function.child("field_identifier");
                    let field = match field {
                        Some(field) => Some(self.path(field, query.object)?),
                        None => None,
                    };
                    query.aggregates.push((name.into(), field, alias));
                }
                _ => return Err(Fault::unsupported(item.at(), item.text())),
            }
        }
        Ok(())
    }

    // The name of an aggregate that is used outside of the selection.
    fn aggregated(&mut self, node: Node<'_>, query: &mut Query) -> Lowered<Arc<str>> {
        let function = node.field("function_name").map_or("", |name| name.text());
        let function = function.to_ascii_lowercase();
        if !AGGREGATES.contains(&function.as_str()) {
            return Err(Fault::unsupported(node.at(), node.text()));
        }
        let field = match node.child("field_identifier") {
            Some(field) => Some(self.path(field, query.object)?),
            None => None,
        };
        let mut known = query.aggregates.iter();
        let same = known.find(|(name, path, _)| **name == *function && *path == field);
        if let Some((.., alias)) = same {
            return Ok(alias.clone());
        }
        let alias: Arc<str> = format!("{HIDDEN}{}", query.aggregates.len()).into();
        query
            .aggregates
            .push((function.into(), field, alias.clone()));
        Ok(alias)
    }

    fn having(&mut self, node: Node<'_>, query: &mut Query) -> Lowered<Filter> {
        let condition = self.only_child(node)?;
        self.grouped = Some(query.clone());
        let filter = self.filter(condition, query.object);
        if let Some(found) = self.grouped.take() {
            *query = found;
        }
        filter
    }

    fn ordering(&mut self, node: Node<'_>, query: &mut Query) -> Lowered<()> {
        let Some(clause) = node.field("order_by_clause") else {
            return Ok(());
        };
        let is_aggregate = !query.aggregates.is_empty() || !query.group_by.is_empty();
        for item in clause.children() {
            let field = self.only_child(item)?;
            let path = match field.kind() {
                "field_identifier" => self.path(field, query.object)?,
                "function_expression" if is_aggregate => vec![self.aggregated(field, query)?],
                _ => return Err(Fault::unsupported(item.at(), item.text())),
            };
            let descending = item
                .child("order_direction")
                .is_some_and(|word| word.text().eq_ignore_ascii_case("desc"));
            let nulls_last = item
                .child("order_null_direction")
                .is_some_and(|word| word.text().to_ascii_lowercase().ends_with("last"));
            query.order_by.push((path, descending, nulls_last));
        }
        Ok(())
    }

    // Relationship names and a field, as the schema spells them.
    fn path(&self, node: Node<'_>, object: ObjectId) -> Lowered<Path> {
        let parts: Vec<&str> = node.text().split('.').map(str::trim).collect();
        let mut current = object;
        let mut path: Path = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let entity = &self.world.schema.object(current).name;
            let is_last = index + 1 == parts.len();
            match self.world.schema.member(current, part) {
                Some(Member::Field(field)) if is_last => path.push(field.name.clone()),
                Some(Member::Parent(field, Some(parent))) if !is_last => {
                    path.push(field.relationship.clone().unwrap_or_default());
                    current = parent;
                }
                Some(Member::Parent(..)) if !is_last => {
                    return Err(Fault::unsupported(
                        node.at(),
                        format!("{} in SOQL", node.text()),
                    ));
                }
                _ if inventory::has_field(entity, part) != Known::No => {
                    return Err(Fault::unsupported(
                        node.at(),
                        format!("field {entity}.{part}"),
                    ));
                }
                _ if is_last => {
                    return Err(Fault::new(
                        node.at(),
                        format!(
                            "No such column '{part}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
                        ),
                    ));
                }
                _ => {
                    return Err(Fault::new(
                        node.at(),
                        format!(
                            "Didn't understand relationship '{part}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
                        ),
                    ));
                }
            }
        }
        Ok(path)
    }

    fn filter(&mut self, node: Node<'_>, object: ObjectId) -> Lowered<Filter> {
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
            ("field_identifier", grouped) => {
                self.grouped = grouped;
                self.path(field, object)?
            }
            _ => return Err(Fault::unsupported(field.at(), field.text())),
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

    fn bound_or_literal(&mut self, node: Node<'_>, ty: Option<&Type>) -> Lowered<Expr> {
        let expr = match node.kind() {
            "bound_apex_expression" => {
                let inner = self.only_child(node)?;
                self.expr(inner)?
            }
            "int" | "string_literal" | "boolean" | "null_literal" => self.expr(node)?,
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
