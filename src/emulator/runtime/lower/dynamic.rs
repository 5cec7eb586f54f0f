//! SOQL in a text: the variables that it may bind are handed over with it, and it is compiled when
//! it runs.

use std::collections::HashMap;
use std::sync::Arc;

use tree_sitter::Tree;

use super::super::ir::{Constant, Expr, ExprKind, Query, Search};
use super::super::program::World;
use super::super::resolve::Fault;
use super::super::source::{self, At, Node};
use super::super::types::{ClassId, Type};
use super::literals::constant;
use super::{Lower, Lowered};
use crate::metadata::{ComponentId, MetadataType};

impl Lower<'_> {
    /// A call of `Database.query` and its like with one text; nothing for other calls.
    pub(super) fn dynamic_query(
        &mut self,
        name: &str,
        arguments: &[Expr],
        at: At,
    ) -> Lowered<Option<Expr>> {
        let lower = name.to_ascii_lowercase();
        let native = match lower.as_str() {
            "query" => "queryVisible",
            "countquery" => "countVisible",
            "getquerylocator" => "locateVisible",
            _ => return Ok(None),
        };
        let [text, ..] = arguments else {
            return Ok(None);
        };
        if !matches!(text.ty, Type::String | Type::Null) {
            return Ok(None);
        }
        let mut names: Vec<(&String, &(usize, Type))> = self.scopes.iter().flatten().collect();
        names.sort_by_key(|(name, _)| *name);
        // Local variables hide those of the object and its class.
        let mut members = self.members();
        members.retain(|(name, ..)| !names.iter().any(|(local, _)| *local == name));
        let members: Vec<(Expr, Expr)> = members
            .into_iter()
            .map(|(name, kind, ty)| {
                let key = constant(Constant::String(name.as_str().into()), Type::String, at);
                (key, Expr { kind, ty, at })
            })
            .collect();
        let entries = names
            .into_iter()
            .map(|(name, (slot, ty))| {
                let key = constant(Constant::String(name.as_str().into()), Type::String, at);
                let kind = ExprKind::Local(*slot);
                let ty = ty.clone();
                (key, Expr { kind, ty, at })
            })
            .chain(members)
            .collect();
        let visible = Expr {
            kind: ExprKind::Entries(entries),
            ty: Type::Map(Arc::new((Type::String, Type::Object))),
            at,
        };
        let Some(class) = self.world.platform_class("system.database") else {
            return Ok(None);
        };
        let mut values = vec![text.clone(), visible];
        values.extend(arguments.iter().skip(1).cloned());
        self.static_call(class, &Type::Class(class), native, values, at)
            .map(Some)
    }
}

impl Lower<'_> {
    // Variables of the object and of its classes, without those that code computes.
    fn members(&self) -> Vec<(String, ExprKind, Type)> {
        let mut found: Vec<(String, ExprKind, Type)> = Vec::new();
        let mut around = Some(self.class);
        while let Some(class) = around {
            let is_own = class == self.class;
            for owner in self.world.lineage(class) {
                for (name, variable) in &self.world.class(owner).variables {
                    let is_hidden = found.iter().any(|(known, ..)| known == name);
                    let is_visible = variable.is_static || (is_own && !self.is_static);
                    if is_hidden || !is_visible || variable.getter.is_some() {
                        continue;
                    }
                    let kind = if variable.is_static {
                        ExprKind::Static(owner, variable.slot)
                    } else {
                        ExprKind::Field {
                            object: Box::new(Expr {
                                kind: ExprKind::This,
                                ty: Type::Class(self.class),
                                at: At::default(),
                            }),
                            slot: variable.slot,
                            safe: false,
                        }
                    };
                    found.push((name.clone(), kind, variable.ty.clone()));
                }
            }
            around = self.world.class(class).outer;
        }
        found
    }
}

/// Compiles SOQL for a class whose code binds these variables, in the order of their slots.
pub fn query(
    world: &World,
    class: ClassId,
    text: &str,
    variables: &[(String, Type)],
) -> Result<Query, Fault> {
    let code = in_brackets(text);
    let tree = parsed(&code)?;
    let root = Node::root(&tree, &code);
    let Some(body) = find(root, "soql_query_body") else {
        return Err(Fault::unsupported(
            At::default(),
            format!("the query {text}"),
        ));
    };
    let mut lower = Lower::new(world, class, true, Type::Void);
    let slots: HashMap<String, (usize, Type)> = variables
        .iter()
        .enumerate()
        .map(|(slot, (name, ty))| (name.to_ascii_lowercase(), (slot, ty.clone())))
        .collect();
    lower.scopes = vec![slots];
    lower.query(body, None)
}

/// Compiles SOSL in a text.
pub fn search(world: &World, class: ClassId, text: &str) -> Result<Search, Fault> {
    let code = in_brackets(text);
    let tree = parsed(&code)?;
    let root = Node::root(&tree, &code);
    let Some(body) = find(root, "sosl_query_body") else {
        let text = format!("the search {text}");
        return Err(Fault::unsupported(At::default(), text));
    };
    Lower::new(world, class, true, Type::Void).search(body)
}

fn in_brackets(text: &str) -> String {
    format!("class Q {{ Object o = [{text}]; }}")
}

fn parsed(code: &str) -> Result<Tree, Fault> {
    let component = ComponentId::new(MetadataType::ApexClass, "Q");
    source::parse(&component, code).map_err(|error| Fault::new(At::default(), error.message))
}

fn find<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    if node.kind() == kind {
        return Some(node);
    }
    node.children()
        .into_iter()
        .find_map(|child| find(child, kind))
}
