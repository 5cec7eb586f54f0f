//! Records that come from outside: an API client writes them, the org's triggers see them.

mod field;

use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::data::dml::{self, RowResult};
use super::data::store::Row;
use super::ir::DmlOperation;
use super::machine::{Machine, Throw, Work};
use super::org::OrgData;
use super::types::ObjectId;
use super::value::{Record, Value};
use super::{Program, on_a_large_stack};
use crate::emulator::state;

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
    pub records: Vec<state::Record>,
    /// Last number of a record id.
    pub last_id: u32,
    /// Last number of an auto-number field.
    pub last_number: u32,
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
        org: &OrgData,
        operation: Operation,
        given: &[Given],
        all_or_none: bool,
    ) -> Result<Vec<Result<String, Problem>>, String> {
        let written = on_a_large_stack(|| {
            let mut machine = Machine::new(&self.world, org);
            machine.is_test = false;
            load(&mut machine, database);
            let results = write(&mut machine, operation, given, all_or_none)?;
            save(&mut machine, database);
            Ok(results)
        });
        written.unwrap_or_else(|| Err("a thread to run triggers in".to_owned()))
    }
}

fn write(
    machine: &mut Machine<'_>,
    operation: Operation,
    given: &[Given],
    all_or_none: bool,
) -> Result<Vec<Result<String, Problem>>, String> {
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
        rows = dml::run(machine, dml_of(operation), &records, false)
            .map_err(|throw| unfinished(machine, &throw))?;
    }
    let mut rows = rows.into_iter();
    let mut done: Vec<Result<String, Problem>> = results
        .into_iter()
        .map(|result| result.unwrap_or_else(|| rows.next().map_or_else(rolled_back, outcome)))
        .collect();
    if all_or_none && done.iter().any(Result::is_err) {
        machine.store = before;
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

// Exceptions of triggers become problems of their rows; what is left ends the whole transaction.
fn unfinished(machine: &Machine<'_>, throw: &Throw) -> String {
    match throw {
        Throw::Exception(object) | Throw::Fatal(object) => {
            let (name, message, _) = machine.describe(object);
            format!("{name}: {message}")
        }
        Throw::Unsupported(construct) => construct.clone(),
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
    if let Some(id) = &given.id {
        fields.insert("Id".into(), Value::Id(crate::metadata::id18(id).into()));
    }
    Ok(in_memory(object, fields))
}

fn in_memory(object: ObjectId, fields: Row) -> Rc<Record> {
    Rc::new(Record {
        object,
        fields: fields.into(),
        queried: false,
        errors: Vec::new().into(),
        read_only: false.into(),
    })
}

fn queue(machine: &mut Machine<'_>) {
    let Some(object) = machine.world.schema.find("AsyncApexJob") else {
        return;
    };
    let now = Value::Datetime(machine.org.now.as_millisecond());
    let user = machine.user_id();
    for job in std::mem::take(&mut machine.jobs) {
        let Some(id) = job.id.as_text() else {
            continue;
        };
        let kind = match job.work {
            Work::Queueable(_) => "Queueable",
            Work::Future(..) => "Future",
        };
        let class = match &job.work {
            Work::Queueable(Value::Object(object)) => Some(object.class),
            Work::Queueable(_) => None,
            Work::Future(method, _) => Some(machine.world.method(*method).class),
        };
        let component = class.and_then(|class| machine.world.class(class).component.clone());
        let class = component.and_then(|id| machine.org.record_ids.get(&id));
        let class = class.map_or(Value::Null, |id| Value::Id(id.as_str().into()));
        let fields = [
            ("Id", Value::Id(id.clone())),
            ("ApexClassId", class),
            ("Status", Value::text("Queued")),
            ("JobType", Value::text(kind)),
            ("NumberOfErrors", Value::Integer(0)),
            ("JobItemsProcessed", Value::Integer(0)),
            ("TotalJobItems", Value::Integer(0)),
            ("CreatedDate", now.clone()),
            ("CreatedById", user.clone()),
        ];
        let row = fields
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect();
        machine.store.put(object, id, row);
    }
}

/// Gives a machine the records of the org.
pub(super) fn load(machine: &mut Machine<'_>, database: &Database) {
    let schema = Arc::clone(&machine.world.schema);
    machine
        .store
        .set_counters(database.last_id, database.last_number);
    for record in &database.records {
        // The object or a field may be gone since.
        let Some(object) = schema.find(&record.object) else {
            continue;
        };
        let id: Arc<str> = record.id.as_str().into();
        machine
            .store
            .put(object, id, field::stored(&schema, object, &record.fields));
        if record.deleted {
            machine.store.delete(object, &record.id);
        }
    }
}

/// Takes over what a machine has of records. Jobs that the transaction queued are rows of
/// `AsyncApexJob`: they wait, because nothing works off the queue of an org that is only served.
pub(super) fn save(machine: &mut Machine<'_>, database: &mut Database) {
    queue(machine);
    let schema = &machine.world.schema;
    (database.last_id, database.last_number) = machine.store.counters();
    // Records of objects that are gone are kept, as an org keeps a deleted object's rows.
    let mut records: Vec<state::Record> = std::mem::take(&mut database.records)
        .into_iter()
        .filter(|record| schema.find(&record.object).is_none())
        .collect();
    for name in schema.names() {
        let Some(object) = schema.find(name) else {
            continue;
        };
        let kept = machine.store.rows(object);
        let gone = machine.store.deleted_rows(object);
        let rows = kept.iter().map(|row| (row, false));
        for (row, deleted) in rows.chain(gone.iter().map(|row| (row, true))) {
            let fields = field::shown(schema.object(object), row);
            let id = fields.get("Id").and_then(Json::as_str).unwrap_or_default();
            records.push(state::Record {
                object: name.to_owned(),
                id: id.to_owned(),
                deleted,
                fields,
            });
        }
    }
    // The running number in an id: the order in which records were made, whatever their object.
    records.sort_by(|a, b| a.id.get(3..15).cmp(&b.id.get(3..15)));
    database.records = records;
}
