//! Statements that write records.

use super::super::data::dml::{self, merge};
use super::super::ir::ExprKind;
use super::super::value::Value;
use super::{Frame, Machine, Outcome};

impl Machine<'_> {
    pub(super) fn dml(&mut self, frame: &mut Frame, kind: &ExprKind) -> Outcome<Value> {
        match kind {
            ExprKind::Dml {
                operation,
                target,
                key,
            } => {
                let target = self.expr(frame, target)?;
                dml::statement(self, *operation, &target, key.as_deref())?;
            }
            ExprKind::Merge(master, others) => {
                let master = self.expr(frame, master)?;
                let others = self.expr(frame, others)?;
                merge::statement(self, &master, &others)?;
            }
            _ => {}
        }
        Ok(Value::Null)
    }
}
