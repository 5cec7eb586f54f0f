//! Calling methods and making objects.

use std::rc::Rc;

use super::super::ir;
use super::super::limits::{BATCH_ROWS, Limit, STEPS_PER_MILLISECOND};
use super::super::platform;
use super::super::program::{Body, Chain, Class, ClassKind, Initializer};
use super::super::types::{ClassId, MethodId, Type};
use super::super::value::{Object, Value};
use super::heap::CELL;
use super::statements::Flow;
use super::{
    BatchStep, Call, Frame, Job, Locals, MAX_CALLS, Machine, Outcome, Running, Throw, Work,
};

impl Machine<'_> {
    pub(super) fn call(&mut self, frame: &mut Frame, call: &ir::Call, line: u32) -> Outcome<Value> {
        let this = match &call.target {
            Some(target) => {
                let this = self.expr(frame, target)?;
                if this.is_null() {
                    return if call.safe {
                        Ok(Value::Null)
                    } else {
                        Err(self.null_pointer())
                    };
                }
                this
            }
            None => Value::Null,
        };
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(self.expr(frame, argument)?);
        }
        self.reach(frame, line);
        let method = match &this {
            Value::Object(object) => {
                let selector = &self.world.method(call.method).selector;
                let vtable = &self.world.class(object.class).vtable;
                if call.is_virtual
                    || matches!(&**selector, "tostring()" | "equals(object)" | "hashcode()")
                {
                    vtable.get(selector).copied().unwrap_or(call.method)
                } else {
                    call.method
                }
            }
            _ => call.method,
        };
        if !self.test.stubs.is_empty()
            && let Some(answer) = platform::stubs::answer(self, &this, method, &arguments)
        {
            let returns = self.world.method(method).returns.clone();
            return match returns {
                Type::Void => answer.map(|_| Value::Null),
                returns => self.cast(answer?, &returns),
            };
        }
        // A class has the methods of a generic interface with the types that it names, and the language's
        // own collections are Iterables.
        let found = self.world.method(method);
        if matches!(found.body, Body::Abstract)
            && !self.world.class(found.class).parameters.is_empty()
        {
            return self.call_method(&this, &found.name, arguments);
        }
        self.invoke(method, this, arguments)
    }

    /// Calls a method with arguments of its parameters' types.
    pub fn invoke(&mut self, id: MethodId, this: Value, arguments: Vec<Value>) -> Outcome<Value> {
        let world = self.world;
        let method = world.method(id);
        if method.annotations.iter().any(|name| name == "future") {
            self.later(id, arguments)?;
            return Ok(Value::Null);
        }
        self.run_method(id, this, arguments)
    }

    /// Runs a method now, also one that is annotated `@Future`.
    pub fn run_method(
        &mut self,
        id: MethodId,
        this: Value,
        arguments: Vec<Value>,
    ) -> Outcome<Value> {
        let world = self.world;
        let method = world.method(id);
        if world.class(method.class).component.is_none() {
            self.log_system_method(id, true);
            let value = self.run_body(id, this, arguments)?;
            self.log_system_method(id, false);
            return Ok(value);
        }
        self.run_body(id, this, arguments)
    }

    fn run_body(&mut self, id: MethodId, this: Value, arguments: Vec<Value>) -> Outcome<Value> {
        let world = self.world;
        let method = world.method(id);
        match &method.body {
            Body::Abstract => Err(Throw::Unsupported(format!(
                "calling {} without a body",
                method.name
            ))),
            Body::Native(index) => match platform::native_at(*index) {
                Some(native) => {
                    let value = native(self, &this, &arguments)?;
                    self.allocate(arguments.len() * CELL)?;
                    self.allocate_value(&value)?;
                    Ok(value)
                }
                None => Err(Throw::Unsupported(format!(
                    "platform method {}",
                    method.name
                ))),
            },
            Body::Apex(statements) => {
                if method.is_static {
                    self.initialize(method.class)?;
                }
                self.log_method(id, true);
                self.enter(Some(id), method.class)?;
                let mut locals = arguments;
                locals.resize(method.variables.len(), Value::Null);
                let mut frame = self.frame(method.class, locals, this);
                if has_heading(world.class(method.class)) {
                    self.reach(&mut frame, method.at.line);
                }
                self.log_arguments(&frame, method.at.line);
                let flow = self.block(&mut frame, statements);
                // The calls stay listed while an exception is on its way: `catch` cuts them.
                let flow = flow?;
                self.calls.pop();
                self.log_method(id, false);
                Ok(match flow {
                    Flow::Return(value) => value,
                    _ => Value::Null,
                })
            }
        }
    }

    fn enter(&mut self, method: Option<MethodId>, class: ClassId) -> Outcome<()> {
        if self.calls.len() >= MAX_CALLS {
            return Err(self.raise(
                "LimitException",
                format!("Maximum stack depth reached: {}", MAX_CALLS + 1),
            ));
        }
        self.calls.push(Call {
            method,
            class,
            line: 0,
            locals: Locals::default(),
            this: Value::Null,
        });
        Ok(())
    }

    /// Calls a method by name, the way that the platform calls `execute` or `respond`.
    pub fn call_method(
        &mut self,
        this: &Value,
        name: &str,
        arguments: Vec<Value>,
    ) -> Outcome<Value> {
        let world = self.world;
        let fits = |id: &MethodId| {
            let method = world.method(*id);
            method.name.eq_ignore_ascii_case(name) && method.parameters.len() == arguments.len()
        };
        let found = match this {
            Value::Null => return Err(self.null_pointer()),
            Value::Object(object) => {
                let vtable = &world.class(object.class).vtable;
                vtable.values().copied().find(fits)
            }
            other => world
                .class_of(&self.type_of_value(other))
                .and_then(|class| world.methods_named(class, name).into_iter().find(fits)),
        };
        let found = found.or_else(|| {
            let root = world.platform_class("system.object")?;
            world.methods_named(root, name).first().copied()
        });
        match found {
            Some(method) => self.invoke(method, this.clone(), arguments),
            None => Err(Throw::Unsupported(format!("calling {name} of this object"))),
        }
    }

    // A future method is queued instead of called.
    fn later(&mut self, method: MethodId, arguments: Vec<Value>) -> Outcome<()> {
        if matches!(self.running, Running::Future | Running::Batch(_)) {
            let found = self.world.method(method);
            let class = &self.world.class(found.class).qualified;
            return Err(self.raise(
                "AsyncException",
                format!(
                    "Future method cannot be called from a future or batch method: {class}.{}",
                    found.name
                ),
            ));
        }
        self.spend(Limit::FutureCalls, 1)?;
        let id = self.store.new_id("707");
        self.queue(Job {
            id: Value::Id(id),
            work: Work::Future(method, arguments),
            depth: 1,
            max_depth: None,
            delay_minutes: 0,
            signature: None,
            in_test_context: self.test.started && !self.test.stopped,
        });
        Ok(())
    }

    /// Runs the static initialisers of a class, once.
    pub(super) fn initialize(&mut self, class: ClassId) -> Outcome<()> {
        let index = class.0 as usize;
        if self.statics.get(index).is_none_or(Option::is_some) {
            return Ok(());
        }
        let world = self.world;
        let found = world.class(class);
        self.statics[index] = Some(vec![Value::Null; found.static_slots]);
        self.log_class(class, true);
        self.run_static_init(class)?;
        self.log_class(class, false);
        Ok(())
    }

    fn run_static_init(&mut self, class: ClassId) -> Outcome<()> {
        let world = self.world;
        let found = world.class(class);
        if found.static_init.is_empty() {
            return Ok(());
        }
        self.enter(None, class)?;
        let locals = vec![Value::Null; found.init_slots];
        let mut frame = self.frame(class, locals, Value::Null);
        for initializer in found.static_init.iter() {
            match initializer {
                Initializer::Variable(slot, value, at) => {
                    self.reach(&mut frame, at.line);
                    let value = self.expr(&mut frame, value)?;
                    self.log_static(&frame, class, *slot, &value);
                    self.set_static(class, *slot, value);
                }
                Initializer::Block(statement) => {
                    self.block(&mut frame, std::slice::from_ref(statement))?;
                }
            }
        }
        self.calls.pop();
        Ok(())
    }

    pub(super) fn static_value(&mut self, class: ClassId, slot: usize) -> Outcome<Value> {
        self.initialize(class)?;
        let values = self.statics.get(class.0 as usize).and_then(Option::as_ref);
        Ok(values
            .and_then(|values| values.get(slot))
            .cloned()
            .unwrap_or(Value::Null))
    }

    pub(super) fn set_static(&mut self, class: ClassId, slot: usize, value: Value) {
        let values = self
            .statics
            .get_mut(class.0 as usize)
            .and_then(Option::as_mut);
        if let Some(place) = values.and_then(|values| values.get_mut(slot)) {
            *place = value;
        }
    }

    /// `new` of a class.
    pub fn construct(
        &mut self,
        class: ClassId,
        constructor: Option<MethodId>,
        arguments: Vec<Value>,
    ) -> Outcome<Value> {
        let found = self.world.class(class);
        let slots = vec![Value::Null; found.instance_slots];
        self.allocate(CELL * (slots.len() + 1))?;
        let object = Rc::new(Object {
            class,
            slots: slots.into(),
        });
        if self.world.is_exception(class) {
            self.locate(&object);
        }
        let this = Value::Object(object);
        self.initialize(class)?;
        self.run_constructor(class, constructor, &this, arguments)?;
        Ok(this)
    }

    fn run_constructor(
        &mut self,
        class: ClassId,
        constructor: Option<MethodId>,
        this: &Value,
        arguments: Vec<Value>,
    ) -> Outcome<()> {
        let world = self.world;
        let Some(id) = constructor else {
            if let Some(parent) = world.class(class).superclass {
                let implicit = world
                    .class(parent)
                    .constructors
                    .iter()
                    .copied()
                    .find(|id| world.method(*id).parameters.is_empty());
                self.run_constructor(parent, implicit, this, Vec::new())?;
            }
            return self.initialize_instance(class, this);
        };
        let method = world.method(id);
        // An exception without constructors of its own uses those of the platform's.
        let declaring = method.class;
        if declaring != class {
            self.initialize_instance(class, this)?;
        }
        let Body::Apex(statements) = &method.body else {
            return Err(Throw::Unsupported(
                "a constructor without a body".to_owned(),
            ));
        };
        self.log_constructor(id, true);
        self.enter(Some(id), declaring)?;
        let mut locals = arguments;
        locals.resize(method.variables.len(), Value::Null);
        let mut frame = self.frame(declaring, locals, this.clone());
        self.reach(&mut frame, method.at.line);
        self.log_arguments(&frame, method.at.line);
        match &method.chain {
            Some(Chain {
                same_class,
                constructor,
                arguments,
            }) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.expr(&mut frame, argument)?);
                }
                let next = if *same_class {
                    Some(declaring)
                } else {
                    world.class(declaring).superclass
                };
                if let Some(next) = next {
                    self.run_constructor(next, *constructor, this, values)?;
                }
                if !same_class {
                    self.initialize_instance(declaring, this)?;
                }
            }
            None => self.initialize_instance(declaring, this)?,
        }
        self.block(&mut frame, statements)?;
        self.calls.pop();
        self.log_constructor(id, false);
        Ok(())
    }

    fn initialize_instance(&mut self, class: ClassId, this: &Value) -> Outcome<()> {
        let world = self.world;
        let found = world.class(class);
        if found.instance_init.is_empty() {
            return Ok(());
        }
        self.enter(None, class)?;
        let locals = vec![Value::Null; found.init_slots];
        let mut frame = self.frame(class, locals, this.clone());
        for initializer in found.instance_init.iter() {
            match initializer {
                Initializer::Variable(slot, value, at) => {
                    self.reach(&mut frame, at.line);
                    let value = self.expr(&mut frame, value)?;
                    if let Value::Object(object) = this {
                        object.slots.borrow_mut()[*slot] = value;
                    }
                }
                Initializer::Block(statement) => {
                    self.block(&mut frame, std::slice::from_ref(statement))?;
                }
            }
        }
        self.calls.pop();
        Ok(())
    }

    /// Whether the running transaction has the limits of asynchronous ones.
    pub fn is_asynchronous(&self) -> bool {
        // A scheduled job has the limits of synchronous Apex.
        !matches!(self.running, Running::Nothing | Running::Scheduled)
    }

    /// The most of a limit that the running transaction may use.
    pub fn allowed(&self, limit: Limit) -> u64 {
        match (limit, self.running) {
            (Limit::FutureCalls, Running::Future | Running::Batch(_)) => 0,
            (Limit::QueryLocatorRows, Running::Batch(BatchStep::Start)) => BATCH_ROWS,
            _ => limit.allowed(self.is_asynchronous()),
        }
    }

    /// Uses some of a limit; beyond it the transaction ends.
    pub fn spend(&mut self, limit: Limit, amount: u64) -> Outcome<()> {
        self.usage.add(limit, amount);
        let mut used = self.usage.used(limit);
        if used > self.allowed(limit) {
            // Rows are counted as they come: the first that is too many ends it.
            if limit == Limit::QueryRows {
                used = self.allowed(limit) + 1;
            }
            return Err(self.raise(
                "LimitException",
                format!("Too many {}: {used}", limit.plural()),
            ));
        }
        Ok(())
    }

    pub(super) fn step(&mut self) -> Outcome<()> {
        self.usage.steps += 1;
        self.ticks += 1;
        if self.usage.steps.is_multiple_of(STEPS_PER_MILLISECOND)
            && self.usage.used(Limit::CpuTime) > Limit::CpuTime.allowed(self.is_asynchronous())
        {
            return Err(self.raise("LimitException", Limit::CpuTime.plural()));
        }
        Ok(())
    }
}

// Statements of triggers and of anonymous code have no line that declares them.
fn has_heading(class: &Class) -> bool {
    !matches!(class.kind, ClassKind::Trigger | ClassKind::Anonymous)
}
