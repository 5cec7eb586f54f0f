//! The records of a test.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::types::ObjectId;
use super::super::value::Value;
use crate::metadata::id18;

/// A record as the database holds it.
pub type Row = BTreeMap<Arc<str>, Value>;

// Rows by Id, shared by the copies of a store until one of them writes.
type Table = Rc<BTreeMap<Arc<str>, Rc<Row>>>;

/// All records. Copies share tables and rows, so a savepoint is cheap.
#[derive(Clone, Default)]
pub struct Store {
    tables: BTreeMap<ObjectId, Table>,
    deleted: BTreeMap<ObjectId, Table>,
    // Ids are never given twice, also not after a rollback.
    last_id: Rc<std::cell::Cell<u32>>,
    last_case: Rc<std::cell::Cell<u32>>,
    last_event: Rc<std::cell::Cell<u32>>,
}

impl Store {
    /// A new Id of 18 characters.
    pub fn new_id(&self, prefix: &str) -> Arc<str> {
        self.last_id.set(self.last_id.get() + 1);
        id18(&format!("{prefix}Fk0000{:06}", self.last_id.get())).into()
    }

    /// The next number of an auto-number field.
    pub fn new_number(&self) -> String {
        self.last_case.set(self.last_case.get() + 1);
        format!("{:08}", 1000 + self.last_case.get())
    }

    /// Last numbers of record Ids, of auto-number fields and of platform events.
    pub fn counters(&self) -> [u32; 3] {
        [&self.last_id, &self.last_case, &self.last_event].map(|last| last.get())
    }

    /// Goes on from these numbers.
    pub fn set_counters(&mut self, [id, number, event]: [u32; 3]) {
        self.last_id.set(id);
        self.last_case.set(number);
        self.last_event.set(event);
    }

    /// The next number of a platform event.
    pub fn new_event(&self) -> u32 {
        self.last_event.set(self.last_event.get() + 1);
        self.last_event.get()
    }

    /// A record that isn't deleted.
    pub fn get(&self, object: ObjectId, id: &str) -> Option<&Rc<Row>> {
        self.tables.get(&object)?.get(id)
    }

    /// Whether there is a record that isn't deleted.
    pub fn contains(&self, object: ObjectId, id: &str) -> bool {
        self.get(object, id).is_some()
    }

    /// Whether a record is in the recycle bin.
    pub fn is_deleted(&self, object: ObjectId, id: &str) -> bool {
        self.deleted
            .get(&object)
            .is_some_and(|rows| rows.contains_key(id))
    }

    /// The records of an object by Id.
    pub fn rows(&self, object: ObjectId) -> Vec<Rc<Row>> {
        self.tables
            .get(&object)
            .map(|rows| rows.values().cloned().collect())
            .unwrap_or_default()
    }

    /// The deleted records of an object.
    pub fn deleted_rows(&self, object: ObjectId) -> Vec<Rc<Row>> {
        self.deleted
            .get(&object)
            .map(|rows| rows.values().cloned().collect())
            .unwrap_or_default()
    }

    /// Writes a record.
    pub fn put(&mut self, object: ObjectId, id: Arc<str>, row: Row) {
        self.put_shared(object, id, Rc::new(row));
    }

    /// Changes what a record says, where there is one.
    pub fn change(&mut self, object: ObjectId, id: &str, changes: &[(&str, Value)]) {
        let Some(mut row) = self.get(object, id).map(|row| (**row).clone()) else {
            return;
        };
        for (name, value) in changes {
            row.insert((*name).into(), value.clone());
        }
        self.put(object, id.into(), row);
    }

    /// Writes a record that others hold too.
    pub fn put_shared(&mut self, object: ObjectId, id: Arc<str>, row: Rc<Row>) {
        insert(&mut self.tables, object, id, row);
    }

    /// Moves a record to the recycle bin.
    pub fn delete(&mut self, object: ObjectId, id: &str) {
        if let Some((id, row)) = remove(&mut self.tables, object, id) {
            insert(&mut self.deleted, object, id, marked(row, true));
        }
    }

    /// Takes a record back out of the recycle bin.
    pub fn undelete(&mut self, object: ObjectId, id: &str) {
        if let Some((id, row)) = remove(&mut self.deleted, object, id) {
            insert(&mut self.tables, object, id, marked(row, false));
        }
    }
}

// A row says itself whether it is in the recycle bin.
fn marked(mut row: Rc<Row>, deleted: bool) -> Rc<Row> {
    const FIELD: &str = "IsDeleted";
    if matches!(row.get(FIELD), Some(Value::Boolean(known)) if *known != deleted) {
        Rc::make_mut(&mut row).insert(FIELD.into(), Value::Boolean(deleted));
    }
    row
}

fn insert(tables: &mut BTreeMap<ObjectId, Table>, object: ObjectId, id: Arc<str>, row: Rc<Row>) {
    Rc::make_mut(tables.entry(object).or_default()).insert(id, row);
}

fn remove(
    tables: &mut BTreeMap<ObjectId, Table>,
    object: ObjectId,
    id: &str,
) -> Option<(Arc<str>, Rc<Row>)> {
    let table = tables.get_mut(&object)?;
    if table.contains_key(id) {
        Rc::make_mut(table).remove_entry(id)
    } else {
        None
    }
}
