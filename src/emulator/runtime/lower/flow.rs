//! Which statements are come to.

use super::super::ir::{Stmt, StmtKind};

/// Whether what follows these statements can be reached.
pub fn completes(statements: &[Stmt]) -> bool {
    statements.iter().all(|statement| match &statement.kind {
        StmtKind::Return(_) | StmtKind::Throw(_) => false,
        StmtKind::Block(inner) => completes(inner),
        StmtKind::If(_, yes, Some(no)) => {
            completes(std::slice::from_ref(yes)) || completes(std::slice::from_ref(no))
        }
        StmtKind::Try {
            body,
            catches,
            // What `finally` returns doesn't count for the platform.
            ..
        } => {
            completes(std::slice::from_ref(body))
                || catches
                    .iter()
                    .any(|catch| completes(std::slice::from_ref(&catch.body)))
        }
        StmtKind::Switch {
            arms,
            otherwise: Some(otherwise),
            ..
        } => {
            completes(std::slice::from_ref(otherwise))
                || arms
                    .iter()
                    .any(|arm| completes(std::slice::from_ref(&arm.body)))
        }
        _ => true,
    })
}
