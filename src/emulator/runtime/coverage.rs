//! Which lines count for code coverage, and which ran.
//!
//! The platform counts lines that hold statements, values, or the head of a method; not comments,
//! lone braces, constant texts or `System.debug` (Apex Developer Guide, "Code Coverage Best
//! Practices").

use std::collections::{BTreeMap, BTreeSet};

use super::ir::{Expr, ExprKind, Stmt, StmtKind};
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

/// Lines that ran, by outermost class or trigger. A line is noted with every statement.
#[derive(Default)]
pub struct Ran(Vec<Vec<bool>>);

impl Ran {
    /// A line ran.
    pub fn note(&mut self, class: ClassId, line: u32) {
        let (class, line) = (class.0 as usize, line as usize);
        if class >= self.0.len() {
            self.0.resize_with(class + 1, Vec::new);
        }
        let lines = &mut self.0[class];
        if line >= lines.len() {
            lines.resize(line + 1, false);
        }
        lines[line] = true;
    }

    /// The lines of each class of which any ran.
    pub fn lines(&self) -> BTreeMap<ClassId, BTreeSet<u32>> {
        let mut found = BTreeMap::new();
        for (class, lines) in (0..).map(ClassId).zip(&self.0) {
            let ran = (0..).zip(lines).filter(|(_, ran)| **ran);
            let ran: BTreeSet<u32> = ran.map(|(line, _)| line).collect();
            if !ran.is_empty() {
                found.insert(class, ran);
            }
        }
        found
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
                Initializer::Variable(_, value, at) => {
                    found.insert(at.line);
                    if at.line > 0 {
                        values(value, found);
                    }
                }
                Initializer::Block(statement) => collect(world, statement, found),
            }
        }
        for method in &world.methods {
            if let (true, Body::Apex(statements)) = (method.class == id, &method.body) {
                if class.trigger.is_none() {
                    found.insert(method.at.line);
                }
                for expr in method.chain.iter().flat_map(|chain| &chain.arguments) {
                    values(expr, found);
                }
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
    let mut exprs: Vec<&Expr> = Vec::new();
    let mut inside: Vec<&Stmt> = Vec::new();
    match &statement.kind {
        StmtKind::Expr(expr) if is_debug(world, expr) => return,
        StmtKind::Expr(expr) | StmtKind::Throw(expr) => exprs.push(expr),
        StmtKind::Local(_, value) | StmtKind::Return(value) => exprs.extend(value),
        StmtKind::Break | StmtKind::Continue => {}
        StmtKind::Block(statements) => inside.extend(statements),
        StmtKind::If(condition, yes, no) => {
            exprs.push(condition);
            inside.push(yes);
            inside.extend(no.as_deref());
        }
        StmtKind::While(expr, body)
        | StmtKind::RunAs(expr, body)
        | StmtKind::ForEach {
            values: expr, body, ..
        } => {
            exprs.push(expr);
            inside.push(body);
        }
        StmtKind::DoWhile(body, condition) => {
            exprs.push(condition);
            inside.push(body);
        }
        StmtKind::For {
            init,
            condition,
            update,
            body,
        } => {
            inside.extend(init);
            exprs.extend(condition);
            exprs.extend(update);
            inside.push(body);
        }
        StmtKind::Try {
            body,
            catches,
            finally,
        } => {
            inside.push(body);
            lines.extend(catches.iter().map(|catch| catch.at.line));
            inside.extend(catches.iter().map(|catch| &catch.body));
            inside.extend(finally.as_deref());
        }
        StmtKind::Switch {
            subject,
            arms,
            otherwise,
        } => {
            exprs.push(subject);
            lines.extend(arms.iter().map(|arm| arm.at.line));
            inside.extend(arms.iter().map(|arm| &arm.body));
            inside.extend(otherwise.as_deref());
        }
    }
    if !matches!(statement.kind, StmtKind::Block(_) | StmtKind::DoWhile(..)) {
        lines.insert(statement.at.line);
    }
    for expr in exprs {
        values(expr, lines);
    }
    for one in inside {
        collect(world, one, lines);
    }
}

fn values(expr: &Expr, lines: &mut BTreeSet<u32>) {
    if expr.counts() {
        lines.insert(expr.at.line);
    }
    for part in expr.parts() {
        values(part, lines);
    }
}

fn is_debug(world: &World, expr: &Expr) -> bool {
    let ExprKind::Call(call) = &expr.kind else {
        return false;
    };
    let method = world.method(call.method);
    let class = world.class(method.class);
    method.name.eq_ignore_ascii_case("debug") && class.namespace == Some("System")
}
