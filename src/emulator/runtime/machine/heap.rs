//! How much memory a transaction holds.
//!
//! The limit is documented (Apex Developer Guide, "Execution Governors and Limits"), what a value takes is
//! not. Here a reference, number, date or Boolean takes 8 bytes, a text or Blob its bytes, a collection,
//! object or record what is in it. Only what the running code can still reach counts. What is allocated is
//! added up, and what can be reached is measured when the sum passes the limit; so a transaction ends at the
//! latest a sixteenth of the limit beyond it.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::super::limits::Limit;
use super::super::types::ClassId;
use super::super::value::Value;
use super::{Machine, Outcome, Work};

/// What a reference or a number takes.
pub const CELL: usize = 8;

// What a transaction takes that holds nothing.
const BASE: u64 = 1_000;

/// What was allocated, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Heap {
    noted: u64,
    due: u64,
}

impl Default for Heap {
    fn default() -> Self {
        Self {
            noted: 0,
            due: Limit::HeapSize.allowed(false),
        }
    }
}

impl Machine<'_> {
    /// Counts what is allocated; beyond the limit the transaction ends.
    pub fn allocate(&mut self, bytes: usize) -> Outcome<()> {
        if bytes == 0 {
            return Ok(());
        }
        self.log_allocation(bytes);
        self.heap.noted = self.heap.noted.saturating_add(bytes as u64);
        if self.heap.noted <= self.heap.due {
            return Ok(());
        }
        let allowed = Limit::HeapSize.allowed(self.is_asynchronous());
        let reached = self.heap_size();
        // What is being made is not reachable yet.
        let size = reached.saturating_add(bytes as u64);
        if size > allowed {
            return Err(self.raise(
                "LimitException",
                format!("Apex heap size too large: {size}"),
            ));
        }
        self.heap.noted = reached;
        self.heap.due = allowed.max(reached + allowed / 16);
        Ok(())
    }

    /// Counts a value that nothing else refers to yet.
    pub fn allocate_value(&mut self, value: &Value) -> Outcome<()> {
        let cells = |items: &[Value]| items.iter().map(|item| CELL + new_bytes(item)).sum();
        let bytes = match value {
            Value::List(list) if Rc::strong_count(list) == 1 => cells(&list.items.borrow()),
            Value::Set(set) if Rc::strong_count(set) == 1 => cells(&set.entries.borrow().keys()),
            Value::Map(map) if Rc::strong_count(map) == 1 => {
                2 * cells(&map.entries.borrow().keys())
            }
            other => new_bytes(other),
        };
        self.allocate(bytes)
    }

    /// What the running code can reach, in bytes.
    pub fn heap_size(&self) -> u64 {
        let mut measure = Measure {
            locator: self.world.platform_class("database.querylocator"),
            ..Measure::default()
        };
        for call in &self.calls {
            measure.note(&call.this);
            measure.note_all(call.locals.borrow().iter());
        }
        measure.note_all(self.statics.iter().flatten().flatten());
        for context in &self.triggers {
            measure.note_all([&context.new, &context.old]);
            measure.note_all(
                context
                    .new_map
                    .get()
                    .into_iter()
                    .chain(context.old_map.get()),
            );
        }
        for job in &self.jobs {
            match &job.work {
                Work::Queueable(value) | Work::Batch(value, _) | Work::Scheduled { value, .. } => {
                    measure.note(value);
                }
                Work::Future(_, values) => measure.note_all(values),
            }
        }
        BASE + measure.total()
    }
}

// A text, Blob or record that is referred to once.
fn new_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) if Arc::strong_count(text) == 1 => text.len(),
        Value::Blob(bytes) if Arc::strong_count(bytes) == 1 => bytes.len(),
        Value::Record(record) if Rc::strong_count(record) == 1 => {
            let fields = record.fields.borrow();
            fields
                .values()
                .map(|value| match value {
                    Value::String(text) => CELL + text.len(),
                    _ => CELL,
                })
                .sum()
        }
        _ => 0,
    }
}

#[derive(Default)]
struct Measure {
    // Collections, objects and records whose contents are not counted yet.
    waiting: Vec<Value>,
    // Where the values are that were counted and that several refer to.
    seen: HashSet<usize>,
    // The class whose objects hold rows that are not read yet.
    locator: Option<ClassId>,
    bytes: usize,
}

impl Measure {
    fn total(mut self) -> u64 {
        while let Some(value) = self.waiting.pop() {
            self.contents(&value);
        }
        self.bytes as u64
    }

    fn note_all<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        for value in values {
            self.note(value);
        }
    }

    // Counts a reference, and what it refers to when it is the first one.
    fn note(&mut self, value: &Value) {
        if value.is_null() {
            return;
        }
        self.bytes += CELL;
        let (address, references) = match value {
            Value::String(text) => (text.as_ptr().addr(), Arc::strong_count(text)),
            Value::Blob(bytes) => (bytes.as_ptr().addr(), Arc::strong_count(bytes)),
            Value::List(list) => (Rc::as_ptr(list).addr(), Rc::strong_count(list)),
            Value::Set(set) => (Rc::as_ptr(set).addr(), Rc::strong_count(set)),
            Value::Map(map) => (Rc::as_ptr(map).addr(), Rc::strong_count(map)),
            Value::Object(object) => (Rc::as_ptr(object).addr(), Rc::strong_count(object)),
            Value::Record(record) => (Rc::as_ptr(record).addr(), Rc::strong_count(record)),
            _ => return,
        };
        if references > 1 && !self.seen.insert(address) {
            return;
        }
        match value {
            Value::String(text) => self.bytes += text.len(),
            Value::Blob(bytes) => self.bytes += bytes.len(),
            _ => self.waiting.push(value.clone()),
        }
    }

    fn contents(&mut self, value: &Value) {
        match value {
            Value::List(list) => self.note_all(list.items.borrow().iter()),
            Value::Set(set) => {
                for (key, _) in set.entries.borrow().iter() {
                    self.note(key);
                }
            }
            Value::Map(map) => {
                for (key, value) in map.entries.borrow().iter() {
                    self.note(key);
                    self.note(value);
                }
            }
            Value::Object(object) if Some(object.class) == self.locator => {}
            Value::Object(object) => self.note_all(object.slots.borrow().iter()),
            Value::Record(record) => self.note_all(record.fields.borrow().values()),
            _ => {}
        }
    }
}
