//! Evaluating expressions.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::data;
use super::super::decimal::Decimal;
use super::super::ir::{Constant, Expr, ExprKind, Operator, TriggerVariable};
use super::super::types::Type;
use super::super::value::{Entries, Record, Set, Value};
use super::heap::CELL;
use super::{Frame, Machine, Outcome, Throw};

impl Machine<'_> {
    pub(super) fn truth(&mut self, frame: &mut Frame, expr: &Expr) -> Outcome<bool> {
        match self.expr(frame, expr)? {
            Value::Boolean(value) => Ok(value),
            _ => Err(self.null_pointer()),
        }
    }

    /// Evaluates an expression.
    pub fn expr(&mut self, frame: &mut Frame, expr: &Expr) -> Outcome<Value> {
        self.step()?;
        if expr.counts() {
            self.reach(frame, expr.at.line);
        }
        match &expr.kind {
            ExprKind::Constant(constant) => Ok(constant_value(constant)),
            ExprKind::Local(slot) => Ok(frame.get(*slot)),
            ExprKind::This => Ok(frame.this.clone()),
            ExprKind::Static(class, slot) => self.static_value(*class, *slot),
            ExprKind::Field { object, slot, safe } => match self.expr(frame, object)? {
                Value::Object(object) => Ok(object
                    .slots
                    .borrow()
                    .get(*slot)
                    .cloned()
                    .unwrap_or(Value::Null)),
                Value::Null if *safe => Ok(Value::Null),
                _ => Err(self.null_pointer()),
            },
            ExprKind::RecordField { record, name, safe } => {
                let is_parent = matches!(record.kind, ExprKind::RecordField { .. });
                match self.expr(frame, record)? {
                    Value::Record(record) => self.record_field(&record, name, &expr.ty),
                    // A parent that isn't there has fields that are null.
                    Value::Null if *safe || is_parent => Ok(Value::Null),
                    _ => Err(self.null_pointer()),
                }
            }
            ExprKind::Index { list, index } => {
                let list = self.expr(frame, list)?;
                let index = self.expr(frame, index)?;
                self.element(&list, &index)
            }
            ExprKind::Call(call) => self.call(frame, call, expr.at.line),
            ExprKind::New {
                class,
                constructor,
                arguments,
            } => {
                let values = self.all(frame, arguments)?;
                self.reach(frame, expr.at.line);
                self.construct(*class, *constructor, values)
            }
            ExprKind::NewRecord { object, fields } => {
                let mut values = BTreeMap::new();
                for (name, value) in fields {
                    values.insert(name.clone(), self.expr(frame, value)?);
                }
                self.allocate(CELL * (values.len() + 1))?;
                Ok(Value::record(*object, values, false))
            }
            ExprKind::NewCollection { source } => {
                let source = match source {
                    Some(source) => Some(self.expr(frame, source)?),
                    None => None,
                };
                let made = self.collection(&expr.ty, source)?;
                self.allocate_value(&made)?;
                Ok(made)
            }
            ExprKind::Elements(elements) => {
                let values = self.all(frame, elements)?;
                self.allocate(CELL * (values.len() + 1))?;
                Ok(match &expr.ty {
                    Type::Set(element) => self.set_of((**element).clone(), values)?,
                    ty => {
                        let element = ty.arguments().into_iter().next().unwrap_or(Type::Object);
                        Value::list(element, values)
                    }
                })
            }
            ExprKind::Entries(entries) => {
                let mut pairs = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    pairs.push((self.expr(frame, key)?, self.expr(frame, value)?));
                }
                self.allocate(2 * CELL * (pairs.len() + 1))?;
                Ok(Value::map(map_types(&expr.ty), pairs))
            }
            ExprKind::Sized(size) => {
                let size = self.expr(frame, size)?.as_long().unwrap_or_default();
                let size = usize::try_from(size).unwrap_or_default();
                self.allocate(CELL.saturating_mul(size))?;
                let element = expr
                    .ty
                    .arguments()
                    .into_iter()
                    .next()
                    .unwrap_or(Type::Object);
                Ok(Value::list(element, vec![Value::Null; size]))
            }
            ExprKind::Assign {
                target,
                operator,
                value,
            } => self.assign(frame, target, *operator, value),
            ExprKind::Update { target, by, prefix } => {
                let before = self.expr(frame, target)?;
                let one = match before {
                    Value::Integer(_) => Value::Integer(*by),
                    Value::Long(_) => Value::Long(i64::from(*by)),
                    Value::Double(_) => Value::Double(f64::from(*by)),
                    Value::Null => return Err(self.null_pointer()),
                    _ => Value::Decimal(Decimal::from(i64::from(*by))),
                };
                let after = self.operate(Operator::Add, &before, &one)?;
                self.store_value(frame, target, after.clone())?;
                Ok(if *prefix { after } else { before })
            }
            ExprKind::Negate(inner) => match self.expr(frame, inner)? {
                Value::Integer(value) => Ok(Value::Integer(value.wrapping_neg())),
                Value::Long(value) => Ok(Value::Long(value.wrapping_neg())),
                Value::Double(value) => Ok(Value::Double(-value)),
                Value::Decimal(value) => Ok(Value::Decimal(value.negate())),
                _ => Err(self.null_pointer()),
            },
            ExprKind::Not(inner) => Ok(Value::Boolean(!self.truth(frame, inner)?)),
            ExprKind::Complement(inner) => match self.expr(frame, inner)? {
                Value::Integer(value) => Ok(Value::Integer(!value)),
                Value::Long(value) => Ok(Value::Long(!value)),
                _ => Err(self.null_pointer()),
            },
            ExprKind::Binary {
                operator,
                left,
                right,
            } => {
                let left = self.expr(frame, left)?;
                let right = self.expr(frame, right)?;
                self.operate(*operator, &left, &right)
            }
            ExprKind::Compare {
                operator,
                left,
                right,
            } => {
                let left = self.expr(frame, left)?;
                let right = self.expr(frame, right)?;
                self.compare(*operator, &left, &right).map(Value::Boolean)
            }
            ExprKind::And(left, right) => Ok(Value::Boolean(
                self.truth(frame, left)? && self.truth(frame, right)?,
            )),
            ExprKind::Or(left, right) => Ok(Value::Boolean(
                self.truth(frame, left)? || self.truth(frame, right)?,
            )),
            ExprKind::Ternary(condition, yes, no) => {
                if self.truth(frame, condition)? {
                    self.expr(frame, yes)
                } else {
                    self.expr(frame, no)
                }
            }
            ExprKind::Coalesce(left, right) => match self.expr(frame, left)? {
                Value::Null => self.expr(frame, right),
                value => Ok(value),
            },
            ExprKind::InstanceOf(inner, ty) => {
                let value = self.expr(frame, inner)?;
                Ok(Value::Boolean(self.is_instance(&value, ty)))
            }
            ExprKind::Convert(inner) => {
                let value = self.expr(frame, inner)?;
                self.converted(value, &expr.ty)
            }
            ExprKind::Cast(inner) => {
                let value = self.expr(frame, inner)?;
                self.cast(value, &expr.ty)
            }
            ExprKind::Query(query) => {
                let rows = data::query::run(self, frame, query)?;
                // A locator reads its rows when they are asked for.
                if !query.is_located {
                    self.allocate_value(&rows)?;
                }
                Ok(rows)
            }
            ExprKind::Search(search) => {
                let found = data::search::run(self, frame, search)?;
                self.allocate_value(&found)?;
                Ok(found)
            }
            ExprKind::Dml { .. } | ExprKind::Merge(..) => self.dml(frame, &expr.kind),
            ExprKind::Gap(construct) => Err(Throw::Unsupported(construct.to_string())),
            ExprKind::Trigger(variable) => self.trigger_variable(*variable, &expr.ty),
        }
    }

    fn all(&mut self, frame: &mut Frame, exprs: &[Expr]) -> Outcome<Vec<Value>> {
        let mut values = Vec::with_capacity(exprs.len());
        for expr in exprs {
            values.push(self.expr(frame, expr)?);
        }
        Ok(values)
    }

    /// `list[index]`
    pub fn element(&self, list: &Value, index: &Value) -> Outcome<Value> {
        let (Value::List(list), Some(position)) = (list, index.as_long()) else {
            return Err(self.null_pointer());
        };
        let items = list.items.borrow();
        usize::try_from(position)
            .ok()
            .and_then(|position| items.get(position).cloned())
            .ok_or_else(|| self.out_of_bounds(position))
    }

    /// The exception for a wrong index.
    pub fn out_of_bounds(&self, index: i64) -> Throw {
        self.raise(
            "ListException",
            format!("List index out of bounds: {index}"),
        )
    }

    /// A field, parent or child list of a record.
    pub fn record_field(&self, record: &Record, name: &Arc<str>, ty: &Type) -> Outcome<Value> {
        if let Some(value) = record.fields.borrow().get(name) {
            return Ok(value.clone());
        }
        if let Type::List(element) = ty {
            // Children that no query asked for are an empty list.
            return Ok(Value::list((**element).clone(), Vec::new()));
        }
        let object = self.world.schema.object(record.object);
        if record.queried && object.field(name).is_some() && &**name != "Id" {
            return Err(self.raise(
                "SObjectException",
                format!(
                    "SObject row was retrieved via SOQL without querying the requested field: {}.{name}",
                    object.name
                ),
            ));
        }
        Ok(Value::Null)
    }

    fn collection(&mut self, ty: &Type, source: Option<Value>) -> Outcome<Value> {
        if source.as_ref().is_some_and(Value::is_null) {
            return Err(self.null_pointer());
        }
        Ok(match ty {
            Type::List(element) => Value::list(
                (**element).clone(),
                source
                    .and_then(|source| source.elements())
                    .unwrap_or_default(),
            ),
            Type::Set(element) => {
                let items = source.and_then(|source| source.elements());
                self.set_of((**element).clone(), items.unwrap_or_default())?
            }
            _ => {
                let pairs = match source {
                    Some(Value::Map(map)) => map.entries.borrow().pairs(),
                    Some(Value::List(list)) => self.by_id(&list.items.borrow())?,
                    _ => Vec::new(),
                };
                Value::map(map_types(ty), pairs)
            }
        })
    }

    // A Set, whose elements may have an `equals` of their own.
    fn set_of(&mut self, element: Type, items: Vec<Value>) -> Outcome<Value> {
        let entries = RefCell::new(Entries::default());
        for item in items {
            let key = self.known_key(&entries, &item)?;
            if !entries.borrow().contains(&key) {
                entries.borrow_mut().put(key, Value::Null);
            }
        }
        Ok(Value::Set(Rc::new(Set { element, entries })))
    }

    /// Records with their Ids as keys.
    pub fn by_id(&self, records: &[Value]) -> Outcome<Vec<(Value, Value)>> {
        let mut pairs = Vec::new();
        for record in records {
            let Value::Record(found) = record else {
                return Err(self.null_pointer());
            };
            let id = found
                .fields
                .borrow()
                .get("Id")
                .cloned()
                .unwrap_or(Value::Null);
            if id.is_null() {
                return Err(self.raise("ListException", "Row with null Id at index: 0"));
            }
            pairs.push((id, record.clone()));
        }
        Ok(pairs)
    }

    fn assign(
        &mut self,
        frame: &mut Frame,
        target: &Expr,
        operator: Option<Operator>,
        value: &Expr,
    ) -> Outcome<Value> {
        let value = match operator {
            None => self.expr(frame, value)?,
            Some(operator) => {
                let before = self.expr(frame, target)?;
                let value = self.expr(frame, value)?;
                self.operate(operator, &before, &value)?
            }
        };
        self.store_value(frame, target, value.clone())?;
        Ok(value)
    }

    fn store_value(&mut self, frame: &mut Frame, target: &Expr, value: Value) -> Outcome<()> {
        match &target.kind {
            ExprKind::Local(slot) => {
                frame.set(*slot, value);
                self.log_local(frame, *slot);
            }
            ExprKind::Static(class, slot) => {
                self.initialize(*class)?;
                self.log_static(frame, *class, *slot, &value);
                self.set_static(*class, *slot, value);
            }
            ExprKind::Field { object, slot, .. } => match self.expr(frame, object)? {
                Value::Object(object) => {
                    if self.logs_variables(frame)
                        && let Some(name) = self.name_of_slot(object.class, *slot)
                    {
                        self.log_member(frame, &name, &value);
                    }
                    if let Some(place) = object.slots.borrow_mut().get_mut(*slot) {
                        *place = value;
                    }
                }
                _ => return Err(self.null_pointer()),
            },
            ExprKind::RecordField { record, name, .. } => match self.expr(frame, record)? {
                Value::Record(record) => {
                    self.set_record_field(&record, name, value.clone())?;
                    self.log_member(frame, name, &value);
                }
                _ => return Err(self.null_pointer()),
            },
            ExprKind::Index { list, index } => {
                let list = self.expr(frame, list)?;
                let index = self.expr(frame, index)?;
                self.set_element(&list, &index, value)?;
            }
            _ => {
                return Err(Throw::Unsupported(
                    "assigning to this expression".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Sets a field of a record.
    pub fn set_record_field(&self, record: &Record, name: &Arc<str>, value: Value) -> Outcome<()> {
        if record.read_only.get() {
            return Err(self.raise("FinalException", "Record is read-only"));
        }
        record.fields.borrow_mut().insert(name.clone(), value);
        Ok(())
    }

    /// `list[index] = value`
    pub fn set_element(&self, list: &Value, index: &Value, value: Value) -> Outcome<()> {
        let (Value::List(list), Some(position)) = (list, index.as_long()) else {
            return Err(self.null_pointer());
        };
        let mut items = list.items.borrow_mut();
        match usize::try_from(position)
            .ok()
            .and_then(|position| items.get_mut(position))
        {
            Some(place) => {
                *place = value;
                Ok(())
            }
            None => Err(self.out_of_bounds(position)),
        }
    }

    fn trigger_variable(&self, variable: TriggerVariable, ty: &Type) -> Outcome<Value> {
        let context = self.triggers.last();
        let event = context.map_or("", |context| context.event);
        let rows = |new: bool| {
            context.map_or(Value::Null, |context| {
                if new {
                    context.new.clone()
                } else {
                    context.old.clone()
                }
            })
        };
        let keyed = |map: &OnceCell<Value>, rows: &Value| {
            let made = map.get_or_init(|| match rows {
                // Before an insert rows have no Ids.
                Value::List(list) => match self.by_id(&list.items.borrow()) {
                    Ok(pairs) => Value::map(map_types(ty), pairs),
                    Err(_) => Value::Null,
                },
                other => other.clone(),
            });
            made.clone()
        };
        Ok(match variable {
            TriggerVariable::New => rows(true),
            TriggerVariable::Old => rows(false),
            TriggerVariable::NewMap => {
                context.map_or(Value::Null, |context| keyed(&context.new_map, &context.new))
            }
            TriggerVariable::OldMap => {
                context.map_or(Value::Null, |context| keyed(&context.old_map, &context.old))
            }
            TriggerVariable::Size => {
                let list = if rows(true).is_null() {
                    rows(false)
                } else {
                    rows(true)
                };
                let size = match &list {
                    Value::List(list) => list.items.borrow().len(),
                    _ => 0,
                };
                Value::Integer(i32::try_from(size).unwrap_or(i32::MAX))
            }
            TriggerVariable::IsExecuting => Value::Boolean(context.is_some()),
            TriggerVariable::IsInsert => Value::Boolean(event.ends_with(" insert")),
            TriggerVariable::IsUpdate => Value::Boolean(event.ends_with(" update")),
            TriggerVariable::IsDelete => Value::Boolean(event.ends_with(" delete")),
            TriggerVariable::IsUndelete => Value::Boolean(event.ends_with(" undelete")),
            TriggerVariable::IsBefore => Value::Boolean(event.starts_with("before")),
            TriggerVariable::IsAfter => Value::Boolean(event.starts_with("after")),
            TriggerVariable::OperationType => {
                self.platform_enum("system.triggeroperation", &event.replace(' ', "_"))
            }
        })
    }
}

/// The value of a constant.
pub fn constant_value(constant: &Constant) -> Value {
    match constant {
        Constant::Null => Value::Null,
        Constant::Boolean(value) => Value::Boolean(*value),
        Constant::Date(day) => Value::Date(*day),
        Constant::Datetime(at) => Value::Datetime(*at),
        Constant::Integer(value) => Value::Integer(*value),
        Constant::Long(value) => Value::Long(*value),
        Constant::Double(value) => Value::Double(*value),
        Constant::Decimal(value) => Value::Decimal(*value),
        Constant::String(text) => Value::String(text.clone()),
        Constant::Enum(class, index) => Value::Enum(*class, *index),
        Constant::Object(object) => Value::ObjectToken(*object),
        Constant::Field(object, name) => Value::FieldToken(*object, name.clone()),
        Constant::Type(ty) => Value::Type(ty.clone()),
    }
}

fn map_types(ty: &Type) -> Arc<(Type, Type)> {
    match ty {
        Type::Map(types) => types.clone(),
        _ => Arc::new((Type::Object, Type::Object)),
    }
}
