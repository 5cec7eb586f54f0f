//! What may not be used yet: members of an instance in the constructor call that a constructor begins
//! with, fields in the initial values of those before them.

use super::super::declare::signature;
use super::super::program::Variable;
use super::super::resolve::Fault;
use super::super::source::At;
use super::super::types::{ClassId, MethodId};
use super::{Lower, Lowered};

impl Lower<'_> {
    /// Refuses `this` or an instance variable before there is an instance.
    pub(super) fn check_instance(&self, name: &str, at: At) -> Lowered<()> {
        if !self.in_chain {
            return Ok(());
        }
        let text =
            format!("Cannot reference instance variables in a constructor invocation: {name}");
        Err(Fault::new(at, text))
    }

    /// Refuses an instance method before there is an instance.
    pub(super) fn check_instance_method(&self, method: MethodId, at: At) -> Lowered<()> {
        if !self.in_chain {
            return Ok(());
        }
        let method = signature(self.world, self.world.method(method));
        let text =
            format!("Cannot reference instance methods in a constructor invocation: {method}");
        Err(Fault::new(at, text))
    }

    /// Refuses a field in the initial value of one that is declared before it.
    pub(super) fn check_order(&self, owner: ClassId, variable: &Variable, at: At) -> Lowered<()> {
        let Some(own) = self.initialized_at else {
            return Ok(());
        };
        let place = |at: At| (at.line, at.column);
        let is_later = owner == self.class && place(variable.at) >= place(own);
        if is_later {
            let text = format!("Illegal forward reference: {}", variable.name);
            return Err(Fault::new(at, text));
        }
        Ok(())
    }
}
