//! SOQL in brackets.

use std::ops::Range;
use std::sync::Arc;

use super::super::data::schema::Member;
use super::super::inventory::{self, Known};
use super::super::ir::{Expr, ExprKind, Filter, HIDDEN, Path, Query};
use super::super::resolve::{Fault, is_unknown_object};
use super::super::source::{At, Node};
use super::super::types::{ObjectId, Type};
use super::{Lower, Lowered};

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
            return self.search_expression(node, at);
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
        let (source, alias) = match (source.kind(), &source.children()[..]) {
            ("storage_identifier", _) => (source, None),
            ("storage_alias", [source, alias]) => (*source, Some(alias.text().to_owned())),
            _ => return Err(Fault::unsupported(from.at(), from.text())),
        };
        let around = std::mem::replace(&mut self.alias, alias);
        let query = self.query_of(node, source, parent);
        self.alias = around;
        query
    }

    fn query_of(
        &mut self,
        node: Node<'_>,
        source: Node<'_>,
        parent: Option<ObjectId>,
    ) -> Lowered<Query> {
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
        let mut query = Query::of(object);
        query.all_rows = node.field("all_rows_clause").is_some();
        query.text = logged(node);
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
                let Some(path) = self.field_path(field, object)? else {
                    return Err(Fault::unsupported(field.at(), field.text()));
                };
                self.refuse_long_text(field, object, &path, "grouped")?;
                query.group_by.push(path);
            }
        }
        if let Some((path, _)) = query
            .aliases
            .iter()
            .find(|(path, _)| !query.group_by.contains(path))
        {
            let text = format!(
                "only aggregate expressions use field aliasing: {}",
                path.join(".")
            );
            return Err(Fault::new(node.at(), text));
        }
        self.ordering(node, &mut query)?;
        // What is locked has no order (SOQL and SOSL Reference, "FOR UPDATE").
        if let Some(purpose) = node.field("for_clause")
            && !query.order_by.is_empty()
            && purpose.text().to_ascii_lowercase().contains("update")
        {
            return Err(Fault::unsupported(purpose.at(), "FOR UPDATE with ORDER BY"));
        }
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
        // What has no alias of its own is counted (SOQL and SOSL Reference, "Using Aliases with GROUP
        // BY").
        let mut unnamed = 0;
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
                        if let Some(path) = self.field_path(function, query.object)? {
                            query.aliases.push((path, alias.text().into()));
                            continue;
                        }
                        (function, Arc::from(alias.text()))
                    } else {
                        let implied = Arc::from(format!("expr{unnamed}"));
                        match self.field_path(item, query.object)? {
                            // What is grouped by has a name of its own; `toLabel` keeps the field's.
                            Some(path) if path.last().is_some_and(|last| last.ends_with(')')) => {
                                query.aliases.push((path, implied));
                                unnamed += 1;
                                continue;
                            }
                            Some(path) => {
                                query.fields.push(path);
                                continue;
                            }
                            None => {}
                        }
                        unnamed += 1;
                        (item, implied)
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
    pub(super) fn aggregated(&mut self, node: Node<'_>, query: &mut Query) -> Lowered<Arc<str>> {
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
        match node.field("order_by_clause") {
            Some(clause) => self.order_by(clause, query),
            None => Ok(()),
        }
    }

    pub(super) fn order_by(&mut self, clause: Node<'_>, query: &mut Query) -> Lowered<()> {
        let is_aggregate = !query.aggregates.is_empty() || !query.group_by.is_empty();
        for item in clause.children() {
            let field = self.only_child(item)?;
            let path = match field.kind() {
                "field_identifier" => {
                    let path = self.path(field, query.object)?;
                    self.refuse_long_text(field, query.object, &path, "sorted")?;
                    path
                }
                "function_expression" if is_aggregate => {
                    match self.field_path(field, query.object)? {
                        Some(path) => path,
                        None => vec![self.aggregated(field, query)?],
                    }
                }
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
    pub(super) fn path(&self, node: Node<'_>, object: ObjectId) -> Lowered<Path> {
        let mut parts: Vec<&str> = node.text().split('.').map(str::trim).collect();
        let is_alias = |part: &str| {
            let alias = self.alias.as_deref();
            alias.is_some_and(|alias| alias.eq_ignore_ascii_case(part))
        };
        if parts.len() > 1 && parts.first().is_some_and(|first| is_alias(first)) {
            parts.remove(0);
        }
        let mut current = object;
        let mut path: Path = Vec::new();
        // Whether it may be a queue as well as a user.
        let mut is_owner = false;
        for (index, part) in parts.iter().enumerate() {
            let entity = &self.world.schema.object(current).name;
            let is_last = index + 1 == parts.len();
            match self.world.schema.member(current, part) {
                Some(Member::Field(field)) if is_last => path.push(field.name.clone()),
                Some(Member::Parent(field, Some(parent))) if !is_last => {
                    is_owner = field.target.is_none();
                    path.push(field.relationship.clone().unwrap_or_default());
                    current = parent;
                }
                None if is_last && is_owner && part.eq_ignore_ascii_case("Type") => {
                    path.push("Type".into());
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
}
