//! Running statements.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::data::dml;
use super::super::ir::{Catch, Constant, DmlOperation, Stmt, StmtKind};
use super::super::limits::Limit;
use super::super::types::ClassId;
use super::super::value::{Record, Value};
use super::{Frame, Machine, Outcome, Throw};

/// How a statement ends.
pub enum Flow {
    /// The next one follows.
    Next,
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `return`
    Return(Value),
}

// Rows that a query loop with a list variable gets at a time.
const CHUNK: usize = 200;

impl Machine<'_> {
    pub(super) fn block(&mut self, frame: &mut Frame, statements: &[Stmt]) -> Outcome<Flow> {
        for statement in statements {
            match self.statement(frame, statement)? {
                Flow::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    /// Notes that a line is reached, in the user's code.
    pub(super) fn reach(&mut self, frame: &mut Frame, line: u32) {
        if line == 0 || frame.line.is_none_or(|last| last == line) {
            return;
        }
        frame.line = Some(line);
        if let Some(call) = self.calls.last_mut() {
            call.line = line;
        }
        let class = self.world.outermost(frame.class);
        self.covered.note(class, line);
    }

    /// A frame for code of a class, whose call begins.
    pub(super) fn frame(&mut self, class: ClassId, locals: Vec<Value>, this: Value) -> Frame {
        let is_platform = self.world.class(class).namespace.is_some();
        let locals = Rc::new(RefCell::new(locals));
        if let Some(call) = self.calls.last_mut() {
            call.locals = Rc::clone(&locals);
            call.this = this.clone();
        }
        Frame {
            locals,
            this,
            class,
            line: (!is_platform).then_some(0),
        }
    }

    fn statement(&mut self, frame: &mut Frame, statement: &Stmt) -> Outcome<Flow> {
        if !matches!(statement.kind, StmtKind::Block(_)) {
            self.reach(frame, statement.at.line);
            self.log_statement(frame);
        }
        match &statement.kind {
            StmtKind::Expr(expr) => {
                self.expr(frame, expr)?;
            }
            StmtKind::Local(slot, value) => {
                self.log_scope(frame, *slot);
                let value = match value {
                    Some(value) => self.expr(frame, value)?,
                    None => Value::Null,
                };
                frame.set(*slot, value);
                self.log_local(frame, *slot);
            }
            StmtKind::Block(statements) => return self.block(frame, statements),
            StmtKind::If(condition, yes, no) => {
                if self.truth(frame, condition)? {
                    return self.statement(frame, yes);
                } else if let Some(no) = no {
                    return self.statement(frame, no);
                }
            }
            StmtKind::While(condition, body) => {
                while self.truth(frame, condition)? {
                    match self.statement(frame, body)? {
                        Flow::Break => break,
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                        Flow::Next | Flow::Continue => {}
                    }
                }
            }
            StmtKind::DoWhile(body, condition) => loop {
                match self.statement(frame, body)? {
                    Flow::Break => break,
                    Flow::Return(value) => return Ok(Flow::Return(value)),
                    Flow::Next | Flow::Continue => {}
                }
                if !self.truth(frame, condition)? {
                    break;
                }
            },
            StmtKind::For {
                init,
                condition,
                update,
                body,
            } => {
                self.block(frame, init)?;
                loop {
                    if let Some(condition) = condition
                        && !self.truth(frame, condition)?
                    {
                        break;
                    }
                    match self.statement(frame, body)? {
                        Flow::Break => break,
                        Flow::Return(value) => return Ok(Flow::Return(value)),
                        Flow::Next | Flow::Continue => {}
                    }
                    for expr in update {
                        self.expr(frame, expr)?;
                    }
                }
            }
            StmtKind::ForEach {
                slot,
                values,
                chunked,
                body,
            } => {
                let values = self.expr(frame, values)?;
                return self.for_each(frame, *slot, &values, *chunked, body);
            }
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.expr(frame, value)?,
                    None => Value::Null,
                };
                return Ok(Flow::Return(value));
            }
            StmtKind::Break => return Ok(Flow::Break),
            StmtKind::Continue => return Ok(Flow::Continue),
            StmtKind::Throw(value) => {
                let value = self.expr(frame, value)?;
                let Value::Object(object) = value else {
                    return Err(self.null_pointer());
                };
                let is_final = ["System.LimitException", "System.AssertException"]
                    .contains(&self.type_name(&object).as_str());
                return Err(if is_final {
                    Throw::Fatal(object)
                } else {
                    Throw::Exception(object)
                });
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => {
                let depth = self.calls.len();
                let mut result = self.statement(frame, body);
                if let Err(Throw::Exception(object)) = &result {
                    self.log_exception(&object.clone());
                    result = self.catch(frame, result, catches, depth);
                }
                if let Some(finally) = finally
                    && !matches!(result, Err(Throw::Fatal(_) | Throw::Unsupported(_)))
                {
                    self.calls.truncate(depth);
                    match self.statement(frame, finally)? {
                        Flow::Next => {}
                        other => return Ok(other),
                    }
                }
                return result;
            }
            StmtKind::Switch {
                subject,
                arms,
                otherwise,
                ..
            } => {
                let subject = self.expr(frame, subject)?;
                for arm in arms {
                    self.reach(frame, arm.at.line);
                    if let Some((object, slot)) = arm.record {
                        if matches!(&subject, Value::Record(record) if record.object == object) {
                            frame.set(slot, subject);
                            return self.statement(frame, &arm.body);
                        }
                        continue;
                    }
                    if arm.values.iter().any(|value| matches_when(&subject, value)) {
                        return self.statement(frame, &arm.body);
                    }
                }
                if let Some(otherwise) = otherwise {
                    return self.statement(frame, otherwise);
                }
            }
            StmtKind::RunAs(user, body) => {
                self.spend(Limit::DmlStatements, 1)?;
                let user = self.expr(frame, user)?;
                let Value::Record(record) = user else {
                    return Err(self.null_pointer());
                };
                // A user that was not saved is saved by running as it (Apex Developer Guide, "Using the
                // runAs Method").
                let id = |record: &Record| record.fields.borrow().get("Id").cloned();
                if id(&record).is_none() {
                    dml::run(self, DmlOperation::Insert, &[Rc::clone(&record)], true)?;
                }
                let id = id(&record).unwrap_or(Value::Null);
                // What is written within may be of another kind (the same, "Mixed DML Operations in
                // Test Methods").
                let wrote = self.wrote.take();
                self.run_as.push(id);
                let result = self.statement(frame, body);
                self.run_as.pop();
                self.wrote = wrote;
                return result;
            }
        }
        Ok(Flow::Next)
    }

    fn catch(
        &mut self,
        frame: &mut Frame,
        result: Outcome<Flow>,
        catches: &[Catch],
        depth: usize,
    ) -> Outcome<Flow> {
        let Err(Throw::Exception(object)) = &result else {
            return result;
        };
        let found = catches
            .iter()
            .find(|catch| self.world.is_subclass(object.class, catch.class));
        match found {
            Some(catch) => {
                self.calls.truncate(depth);
                self.reach(frame, catch.at.line);
                frame.set(catch.slot, Value::Object(object.clone()));
                self.log_scope(frame, catch.slot);
                self.log_local(frame, catch.slot);
                self.statement(frame, &catch.body)
            }
            None => result,
        }
    }

    // A loop over an Iterable of the org's own (Apex Developer Guide, "Custom Iterators").
    fn for_each_next(
        &mut self,
        frame: &mut Frame,
        slot: usize,
        iterable: &Value,
        body: &Stmt,
    ) -> Outcome<Flow> {
        let iterator = self.call_method(iterable, "iterator", Vec::new())?;
        loop {
            match self.call_method(&iterator, "hasNext", Vec::new())? {
                Value::Boolean(true) => {}
                Value::Boolean(false) => return Ok(Flow::Next),
                _ => return Err(self.null_pointer()),
            }
            let item = self.call_method(&iterator, "next", Vec::new())?;
            frame.set(slot, item);
            self.log_local(frame, slot);
            match self.statement(frame, body)? {
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
        }
    }

    fn for_each(
        &mut self,
        frame: &mut Frame,
        slot: usize,
        values: &Value,
        chunked: bool,
        body: &Stmt,
    ) -> Outcome<Flow> {
        if values.is_null() {
            return Err(self.null_pointer());
        }
        if let (true, Value::List(list)) = (chunked, values) {
            let items = list.items.borrow().clone();
            for chunk in items.chunks(CHUNK) {
                frame.set(slot, Value::list(list.element.clone(), chunk.to_vec()));
                match self.statement(frame, body)? {
                    Flow::Break => break,
                    Flow::Return(value) => return Ok(Flow::Return(value)),
                    Flow::Next | Flow::Continue => {}
                }
            }
            return Ok(Flow::Next);
        }
        if let Value::Object(_) = values {
            return self.for_each_next(frame, slot, values, body);
        }
        let items = values.elements().unwrap_or_default();
        let count = items.len();
        for item in items {
            frame.set(slot, item);
            self.log_local(frame, slot);
            match self.statement(frame, body)? {
                Flow::Break => break,
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
            // A List or Set must stay as it is while a loop goes over it.
            let now = match values {
                Value::List(list) => list.items.borrow().len(),
                Value::Set(set) => set.entries.borrow().len(),
                _ => count,
            };
            if now != count {
                return Err(self.raise(
                    "FinalException",
                    "Cannot modify a collection while it is being iterated.",
                ));
            }
        }
        Ok(Flow::Next)
    }
}

impl Frame {
    /// The value of a local variable.
    pub fn get(&self, slot: usize) -> Value {
        self.locals
            .borrow()
            .get(slot)
            .cloned()
            .unwrap_or(Value::Null)
    }

    /// Sets a local variable.
    pub fn set(&self, slot: usize, value: Value) {
        if let Some(place) = self.locals.borrow_mut().get_mut(slot) {
            *place = value;
        }
    }
}

// Texts in `when` are compared with regard to case, unlike `==`.
fn matches_when(subject: &Value, constant: &Constant) -> bool {
    match (subject, constant) {
        (Value::Null, Constant::Null) => true,
        (Value::Integer(a), Constant::Integer(b)) => a == b,
        (Value::Long(a), Constant::Long(b)) => a == b,
        (Value::String(a), Constant::String(b)) => a == b,
        (Value::Enum(a, first), Constant::Enum(b, second)) => a == b && first == second,
        _ => false,
    }
}
