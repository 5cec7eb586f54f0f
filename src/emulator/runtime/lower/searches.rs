//! SOSL in brackets and in texts.

use std::sync::Arc;

use super::super::ir::{Expr, ExprKind, Query, Search};
use super::super::resolve::Fault;
use super::super::source::{At, Node};
use super::super::types::Type;
use super::{Lower, Lowered};

impl Lower<'_> {
    pub(super) fn search_expression(&mut self, node: Node<'_>, at: At) -> Lowered<Expr> {
        let search = self.search(node)?;
        Ok(Expr {
            kind: ExprKind::Search(Arc::new(search)),
            ty: Type::list(Type::list(Type::SObject)),
            at,
        })
    }

    pub(super) fn search(&mut self, node: Node<'_>) -> Lowered<Search> {
        let mut search = Search {
            term: None,
            returning: Vec::new(),
        };
        for clause in node.children() {
            match clause.kind() {
                "find_clause" => {
                    let bound = clause.child("bound_apex_expression");
                    if let Some(bound) = bound {
                        let inner = self.only_child(bound)?;
                        search.term = Some(Box::new(self.value(inner, &Type::String)?));
                    }
                }
                "in_clause" => {}
                "returning_clause" => {
                    for object in clause.children() {
                        search.returning.push(self.returned(object)?);
                    }
                }
                _ => return Err(Fault::unsupported(clause.at(), clause.text())),
            }
        }
        Ok(search)
    }

    // `Case(Id, Subject WHERE IsClosed = FALSE ORDER BY Subject LIMIT 5)`
    fn returned(&mut self, node: Node<'_>) -> Lowered<Query> {
        let name = self.required_child(node, "identifier")?;
        let Some(object) = self.world.schema.find(name.text()) else {
            let text = format!("sObject type '{}' is not supported.", name.text());
            return Err(Fault::new(name.at(), text));
        };
        let mut query = Query::of(object);
        let fields = node.child("selected_fields").map(|list| list.children());
        for field in fields.unwrap_or_default() {
            match self.field_path(field, object)? {
                Some(path) => query.fields.push(path),
                None => return Err(Fault::unsupported(field.at(), field.text())),
            }
        }
        if let Some(clause) = node.child("where_clause") {
            let condition = self.only_child(clause)?;
            query.filter = Some(self.filter(condition, object)?);
        }
        if let Some(clause) = node.child("order_by_clause") {
            self.order_by(clause, &mut query)?;
        }
        for (clause, target) in [
            ("limit_clause", &mut query.limit),
            ("offset_clause", &mut query.offset),
        ] {
            if let Some(found) = node.child(clause) {
                let value = self.only_child(found)?;
                let value = self.bound_or_literal(value, Some(&Type::Integer))?;
                *target = Some(Box::new(value));
            }
        }
        Ok(query)
    }

    fn required_child<'a>(&self, node: Node<'a>, kind: &str) -> Lowered<Node<'a>> {
        node.child(kind)
            .ok_or_else(|| Fault::unsupported(node.at(), node.text()))
    }
}
