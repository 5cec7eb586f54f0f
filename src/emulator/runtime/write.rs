//! Records that come from outside: an API client writes them, the org's triggers see them.

mod field;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Program;
use super::data::dml::{self, RowResult};
use super::data::schema::Schema;
use super::data::store::{Row, Store};
use super::ir::DmlOperation;
use super::live::{Left, Serving, serve};
use super::machine::{Machine, Outcome};
use super::types::ObjectId;
use super::value::{Record, Value};
use crate::emulator::record;

/// What is to be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// It is new.
    Insert,
    /// Some of its fields change.
    Update,
    /// It goes to the recycle bin.
    Delete,
}

/// A record as a client sends it.
#[derive(Debug, Clone)]
pub struct Given {
    /// The sObject, in any case.
    pub object: String,
    /// 15 or 18 characters; none when it is new.
    pub id: Option<String>,
    /// Fields by name, in any case.
    pub fields: Map<String, Json>,
}

/// Why a record was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// SOAP API `StatusCode`.
    pub code: &'static str,
    /// The platform's words.
    pub message: String,
    /// The fields that it is about.
    pub fields: Vec<String>,
}

/// The records of an org, and how far its counters are.
#[derive(Default)]
pub struct Database {
    /// In the order in which they were made.
    pub records: Vec<record::Record>,
    /// Last numbers of record ids, of auto-number fields and of platform events.
    pub counters: [u32; 3],
}

impl Program {
    /// Writes records in one transaction: the ids of those that were written, or what is wrong with
    /// each. With `all_or_none` nothing is written when something is wrong.
    ///
    /// # Errors
    /// What this runtime lacks, when a trigger uses it.
    pub fn write(
        &self,
        database: &mut Database,
        serving: Serving,
        operation: Operation,
        given: &[Given],
        all_or_none: bool,
    ) -> Result<(Vec<Result<String, Problem>>, Left), String> {
        let user = serving.user.clone();
        let written = serve(&self.world, database, serving, |org| {
            org.of_user(&user, "Api", |machine| {
                write(machine, operation, given, all_or_none)
            })
        });
        let Some((written, left)) = written else {
            return Err("a thread to run triggers in".to_owned());
        };
        match written.map_err(|unknown| unknown.to_string())? {
            Ok(results) => Ok((results, left)),
            // Exceptions of triggers became problems of their rows; what is left ends everything.
            Err(text) => {
                let problem = |_| {
                    Err(Problem {
                        code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                        message: text.clone(),
                        fields: Vec::new(),
                    })
                };
                Ok((given.iter().map(problem).collect(), left))
            }
        }
    }
}

fn write(
    machine: &mut Machine<'_>,
    operation: Operation,
    given: &[Given],
    all_or_none: bool,
) -> Outcome<Vec<Result<String, Problem>>> {
    let mut results: Vec<Option<Result<String, Problem>>> = Vec::new();
    let mut records = Vec::new();
    for one in given {
        match record(machine, operation, one) {
            Ok(record) => {
                records.push(record);
                results.push(None);
            }
            Err(problem) => results.push(Some(Err(problem))),
        }
    }
    let before = machine.store.clone();
    let mut rows = Vec::new();
    if !(all_or_none && records.len() < given.len()) {
        rows = dml::run(machine, dml_of(operation), &records, false)?;
    }
    let mut rows = rows.into_iter();
    let mut done: Vec<Result<String, Problem>> = results
        .into_iter()
        .map(|result| result.unwrap_or_else(|| rows.next().map_or_else(rolled_back, outcome)))
        .collect();
    if all_or_none && done.iter().any(Result::is_err) {
        machine.store = before;
        machine.jobs.clear();
        machine.events.clear();
        for result in done.iter_mut().filter(|result| result.is_ok()) {
            *result = rolled_back();
        }
    }
    Ok(done)
}

fn dml_of(operation: Operation) -> DmlOperation {
    match operation {
        Operation::Insert => DmlOperation::Insert,
        Operation::Update => DmlOperation::Update,
        Operation::Delete => DmlOperation::Delete,
    }
}

fn rolled_back() -> Result<String, Problem> {
    Err(Problem {
        code: "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        message: "Record rolled back because not all records were valid and the request was using \
                  AllOrNone header"
            .to_owned(),
        fields: Vec::new(),
    })
}

fn outcome(row: RowResult) -> Result<String, Problem> {
    match row.problem {
        Some((code, message, fields)) => Err(Problem {
            code,
            message,
            fields: fields.iter().map(|field| field.to_string()).collect(),
        }),
        None => Ok(row.id.as_text().unwrap_or_default().to_string()),
    }
}

fn record(
    machine: &Machine<'_>,
    operation: Operation,
    given: &Given,
) -> Result<Rc<Record>, Problem> {
    let schema = &machine.world.schema;
    let object = schema.find(&given.object).ok_or_else(|| Problem {
        code: "INVALID_TYPE",
        message: format!("sObject type '{}' is not supported.", given.object),
        fields: Vec::new(),
    })?;
    let mut fields = match operation {
        Operation::Delete => Row::new(),
        Operation::Insert => field::read(schema, object, &given.fields, |field| field.createable)?,
        Operation::Update => field::read(schema, object, &given.fields, |field| field.updateable)?,
    };
    refuse_unknown_parents(machine, object, &fields)?;
    if let Some(id) = &given.id {
        fields.insert("Id".into(), Value::Id(crate::metadata::id18(id).into()));
    }
    Ok(Record::in_memory(object, fields))
}

/// Lookups must lead to a record that is there. What the org keeps elsewhere (users, components) is
/// not looked for.
fn refuse_unknown_parents(
    machine: &Machine<'_>,
    object: ObjectId,
    fields: &Row,
) -> Result<(), Problem> {
    const KEPT_ELSEWHERE: [&str; 3] = ["ApexClass", "Profile", "User"];
    let schema = &machine.world.schema;
    for (name, value) in fields {
        let (Some(field), Value::Id(id)) = (schema.object(object).field(name), value) else {
            continue;
        };
        let target = field.target.as_deref();
        let target = target.filter(|target| !KEPT_ELSEWHERE.contains(target));
        let Some(parent) = target.and_then(|target| schema.find(target)) else {
            continue;
        };
        let id = crate::metadata::id18(id);
        if machine.store.contains(parent, &id) {
            continue;
        }
        let (code, message) = if machine.store.is_deleted(parent, &id) {
            ("ENTITY_IS_DELETED", "entity is deleted")
        } else {
            ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        };
        return Err(Problem {
            code,
            message: message.to_owned(),
            fields: vec![field.name.to_string()],
        });
    }
    Ok(())
}

/// The rows of an org's records as they were given to a store, by object and Id, each with the position of
/// its record.
pub(super) type Loaded = HashMap<(ObjectId, Arc<str>), (Rc<Row>, usize)>;

/// Gives a store the records of the org.
pub(super) fn load(schema: &Schema, store: &mut Store, database: &Database) -> Loaded {
    store.set_counters(database.counters);
    let mut loaded = Loaded::new();
    for (position, record) in database.records.iter().enumerate() {
        // The object or a field may be gone since.
        let Some(object) = schema.find(&record.object) else {
            continue;
        };
        let id: Arc<str> = record.id.as_str().into();
        let row = Rc::new(field::stored(schema, object, &record.fields));
        store.put_shared(object, id.clone(), Rc::clone(&row));
        if record.deleted {
            store.delete(object, &record.id);
        }
        // What isn't whole is written anew.
        if row.len() == record.fields.len() {
            loaded.insert((object, id), (row, position));
        }
    }
    loaded
}

/// Takes over what a store has of records; those that did not change stay as they are.
pub(super) fn save(schema: &Schema, store: &Store, loaded: &Loaded, database: &mut Database) {
    database.counters = store.counters();
    let mut before: Vec<Option<record::Record>> = std::mem::take(&mut database.records)
        .into_iter()
        .map(Some)
        .collect();
    let mut unchanged = |object: ObjectId, row: &Rc<Row>, deleted: bool| {
        let id = row.get("Id").and_then(Value::as_text)?;
        let (known, position) = loaded.get(&(object, id))?;
        let record = before.get_mut(*position)?;
        let is_same = Rc::ptr_eq(known, row)
            && record
                .as_ref()
                .is_some_and(|record| record.deleted == deleted);
        is_same.then(|| record.take()).flatten()
    };
    let mut records: Vec<record::Record> = Vec::new();
    for name in schema.names() {
        let Some(object) = schema.find(name) else {
            continue;
        };
        let kept = store.rows(object);
        let gone = store.deleted_rows(object);
        let rows = kept.iter().map(|row| (row, false));
        for (row, deleted) in rows.chain(gone.iter().map(|row| (row, true))) {
            if let Some(record) = unchanged(object, row, deleted) {
                records.push(record);
                continue;
            }
            let fields = field::shown(schema.object(object), row);
            let id = fields.get("Id").and_then(Json::as_str).unwrap_or_default();
            records.push(record::Record {
                object: name.to_owned(),
                id: id.to_owned(),
                deleted,
                fields,
            });
        }
    }
    // Records of objects that are gone are kept, as an org keeps a deleted object's rows.
    let rest = before.into_iter().flatten();
    records.extend(rest.filter(|record| schema.find(&record.object).is_none()));
    // The running number in an id: the order in which records were made, whatever their object.
    records.sort_by(|a, b| a.id.get(3..15).cmp(&b.id.get(3..15)));
    database.records = records;
}
