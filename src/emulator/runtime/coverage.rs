//! Which lines count for code coverage, and which ran.
//!
//! The platform counts lines of statements, not comments, declarations, lone braces or
//! `System.debug` (Apex Developer Guide, "Code Coverage Best Practices").

use std::collections::{BTreeMap, BTreeSet};

use super::ir::{ExprKind, Stmt, StmtKind};
use super::program::{Body, Initializer, World};
use super::types::ClassId;
use crate::metadata::ComponentId;

/// The lines of one class or trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The class or trigger.
    pub component: ComponentId,
    /// Lines that ran.
    pub covered: BTreeSet<u32>,
    /// Lines that did not.
    pub uncovered: BTreeSet<u32>,
}

impl Coverage {
    /// Whole percent, cut off; 100 where no line counts.
    pub fn percent(&self) -> usize {
        let all = self.covered.len() + self.uncovered.len();
        (self.covered.len() * 100).checked_div(all).unwrap_or(100)
    }
}

/// The coverage of all classes and triggers that are not tests.
pub fn measure(world: &World, ran: &BTreeMap<ClassId, BTreeSet<u32>>) -> Vec<Coverage> {
    let mut lines: BTreeMap<ClassId, BTreeSet<u32>> = BTreeMap::new();
    for index in 0..world.classes.len() {
        let Ok(index) = u32::try_from(index) else {
            break;
        };
        let id = ClassId(index);
        let outermost = world.outermost(id);
        if !super::is_counted(world.class(outermost)) {
            continue;
        }
        let found = lines.entry(outermost).or_default();
        let class = world.class(id);
        for initializer in class.static_init.iter().chain(class.instance_init.iter()) {
            match initializer {
                Initializer::Variable(_, _, at) => {
                    found.insert(at.line);
                }
                Initializer::Block(statement) => collect(world, statement, found),
            }
        }
        for method in &world.methods {
            if let (true, Body::Apex(statements)) = (method.class == id, &method.body) {
                for statement in statements.iter() {
                    collect(world, statement, found);
                }
            }
        }
    }
    let none = BTreeSet::new();
    let mut rows: Vec<Coverage> = lines
        .into_iter()
        .filter_map(|(id, mut lines)| {
            lines.remove(&0);
            let ran = ran.get(&id).unwrap_or(&none);
            Some(Coverage {
                component: (**world.class(id).component.as_ref()?).clone(),
                covered: lines.intersection(ran).copied().collect(),
                uncovered: lines.difference(ran).copied().collect(),
            })
        })
        .collect();
    rows.sort_by(|a, b| a.component.cmp(&b.component));
    rows
}

fn collect(world: &World, statement: &Stmt, lines: &mut BTreeSet<u32>) {
    let counts = match &statement.kind {
        StmtKind::Block(_) | StmtKind::Try { .. } | StmtKind::Local(_, None) => false,
        StmtKind::Expr(expr) => match &expr.kind {
            ExprKind::Call(call) => {
                let method = world.method(call.method);
                let class = world.class(method.class);
                !(method.name.eq_ignore_ascii_case("debug") && class.namespace == Some("System"))
            }
            _ => true,
        },
        _ => true,
    };
    if counts {
        lines.insert(statement.at.line);
    }
    let mut inside: Vec<&Stmt> = Vec::new();
    match &statement.kind {
        StmtKind::Block(statements) => inside.extend(statements),
        StmtKind::If(_, yes, no) => {
            inside.push(yes);
            inside.extend(no.as_deref());
        }
        StmtKind::While(_, body)
        | StmtKind::DoWhile(body, _)
        | StmtKind::For { body, .. }
        | StmtKind::ForEach { body, .. }
        | StmtKind::RunAs(_, body) => inside.push(body),
        StmtKind::Try { body, catches, finally } => {
            inside.push(body);
            inside.extend(catches.iter().map(|catch| &catch.body));
            inside.extend(finally.as_deref());
        }
        StmtKind::Switch { arms, otherwise, .. } => {
            inside.extend(arms.iter().map(|arm| &arm.body));
            inside.extend(otherwise.as_deref());
        }
        _ => {}
    }
    for one in inside {
        collect(world, one, lines);
    }
}
