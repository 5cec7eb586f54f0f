//! `Trigger.new` and its like (Apex Developer Guide, "Trigger Context Variables").

use std::sync::Arc;

use super::super::ir::{Expr, ExprKind, TriggerVariable};
use super::super::resolve::Fault;
use super::super::source::At;
use super::super::types::Type;
use super::{Lower, Lowered};

impl Lower<'_> {
    /// A variable of `Trigger`.
    pub(super) fn trigger_variable(&self, name: &str, at: At) -> Lowered<Expr> {
        let element = self.trigger.map_or(Type::SObject, Type::Record);
        let list = Type::list(element.clone());
        let map = Type::Map(Arc::new((Type::Id, element)));
        let (variable, ty) = match name.to_ascii_lowercase().as_str() {
            "new" => (TriggerVariable::New, list),
            "old" => (TriggerVariable::Old, list),
            "newmap" => (TriggerVariable::NewMap, map),
            "oldmap" => (TriggerVariable::OldMap, map),
            "size" => (TriggerVariable::Size, Type::Integer),
            "isexecuting" => (TriggerVariable::IsExecuting, Type::Boolean),
            "isinsert" => (TriggerVariable::IsInsert, Type::Boolean),
            "isupdate" => (TriggerVariable::IsUpdate, Type::Boolean),
            "isdelete" => (TriggerVariable::IsDelete, Type::Boolean),
            "isundelete" => (TriggerVariable::IsUndelete, Type::Boolean),
            "isbefore" => (TriggerVariable::IsBefore, Type::Boolean),
            "isafter" => (TriggerVariable::IsAfter, Type::Boolean),
            "operationtype" => {
                let class = self.world.platform_class("system.triggeroperation");
                (
                    TriggerVariable::OperationType,
                    class.map_or(Type::Object, Type::Class),
                )
            }
            _ => return Err(Fault::new(at, format!("Variable does not exist: {name}"))),
        };
        Ok(Expr {
            kind: ExprKind::Trigger(variable),
            ty,
            at,
        })
    }
}
