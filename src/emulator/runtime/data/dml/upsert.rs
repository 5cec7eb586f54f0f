//! Writing records that may be new: known by their Ids, or by a field that is a key (Apex Developer
//! Guide, "Upserting Records").

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::super::ir::DmlOperation;
use super::super::super::machine::{Before, Machine, Outcome};
use super::super::super::types::ObjectId;
use super::super::super::value::{Record, Value};
use super::super::schema::Schema;
use super::{Problem, RowResult, begin, exception, failures, id_of, name, rows};

/// Standard fields that records may be found by besides their Ids (Object Reference, property
/// `idLookup`).
const LOOKUPS: [(&str, &str); 3] = [
    ("Contact", "Email"),
    ("Lead", "Email"),
    ("User", "Username"),
];

/// The field of an object that is a key for an upsert, as the schema spells it.
pub fn key(schema: &Schema, object: ObjectId, field: &str) -> Option<Arc<str>> {
    let object = schema.object(object);
    let field = object.field(field)?;
    let is_lookup = LOOKUPS.contains(&(&*object.name, &*field.name));
    (&*field.name == "Id" || field.external_id || is_lookup).then(|| field.name.clone())
}

/// What the platform says of a field that is no key.
pub fn no_key(field: &str) -> String {
    format!(
        "Invalid field for upsert, must be an External Id custom or standard indexed field: {field}"
    )
}

/// What became of each record, and whether it is new.
pub fn run(
    machine: &mut Machine<'_>,
    records: &[Rc<Record>],
    key: Option<&str>,
    all_or_none: bool,
) -> Outcome<(Vec<RowResult>, Vec<bool>)> {
    if records.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    begin(machine, records)?;
    let before = Before::now(machine);
    let mut problems: Vec<Option<Problem>> = Vec::with_capacity(records.len());
    let mut known = None;
    // By a key a record is written that has, or gets, the Id of the one that is there.
    let mut given = Vec::with_capacity(records.len());
    for record in records {
        match key.filter(|key| *key != "Id") {
            None => {
                given.push(Rc::clone(record));
                problems.push(None);
            }
            Some(key) => {
                let known = known.get_or_insert_with(|| Known::by(machine, record.object, key));
                let found = known.id_of(record, key);
                given.push(with_id(record, found.as_ref().ok().cloned().flatten()));
                problems.push(found.err());
            }
        }
    }
    let is_new: Vec<bool> = given.iter().map(|record| id_of(record).is_null()).collect();
    let mut results: Vec<RowResult> = problems
        .into_iter()
        .map(|problem| RowResult {
            id: Value::Null,
            problem,
        })
        .collect();
    let mut bad = failures(&results) > 0 && all_or_none;
    for (operation, new) in [(DmlOperation::Insert, true), (DmlOperation::Update, false)] {
        let positions: Vec<usize> = (0..records.len())
            .filter(|index| is_new[*index] == new && results[*index].problem.is_none())
            .collect();
        if bad || positions.is_empty() {
            continue;
        }
        let part: Vec<Rc<Record>> = positions.iter().map(|at| Rc::clone(&given[*at])).collect();
        let found = rows(machine, operation, &part, all_or_none)?;
        bad = all_or_none && failures(&found) > 0;
        for (position, result) in positions.into_iter().zip(found) {
            results[position] = result;
        }
    }
    if bad {
        before.take_back(machine);
        return Err(exception(machine, DmlOperation::Upsert, &results));
    }
    name(records, &results);
    Ok((results, is_new))
}

// The records of an object by their values in a field: texts whatever their case.
struct Known {
    texts: HashMap<String, Vec<Value>>,
    others: Vec<(Value, Value)>,
}

impl Known {
    fn by(machine: &Machine<'_>, object: ObjectId, key: &str) -> Self {
        let mut known = Self {
            texts: HashMap::new(),
            others: Vec::new(),
        };
        for row in machine.store.rows(object) {
            let (Some(value), Some(id)) = (row.get(key), row.get("Id")) else {
                continue;
            };
            match value.as_text() {
                Some(text) => {
                    let ids = known.texts.entry(text.to_lowercase()).or_default();
                    ids.push(id.clone());
                }
                None => known.others.push((value.clone(), id.clone())),
            }
        }
        known
    }

    // The Id of the one record that has the same value.
    fn id_of(&self, record: &Record, key: &str) -> Result<Option<Value>, Problem> {
        let fields = record.fields.borrow();
        let Some(wanted) = fields.get(key).filter(|value| !value.is_null()) else {
            let text = format!("{key} not specified");
            return Err(("MISSING_ARGUMENT", text, Vec::new()));
        };
        let found: Vec<Value> = match wanted.as_text() {
            Some(text) => self
                .texts
                .get(&text.to_lowercase())
                .cloned()
                .unwrap_or_default(),
            None => {
                let same = self.others.iter().filter(|(value, _)| value.equals(wanted));
                same.map(|(_, id)| id.clone()).collect()
            }
        };
        if found.len() > 1 {
            let ids: Vec<Arc<str>> = found.iter().filter_map(Value::as_text).collect();
            let text = format!(
                "{key}: more than one record found for external id field: [{}]",
                ids.join(", ")
            );
            return Err(("DUPLICATE_EXTERNAL_ID", text, Vec::new()));
        }
        Ok(found.into_iter().next())
    }
}

fn with_id(record: &Record, id: Option<Value>) -> Rc<Record> {
    let mut fields = record.fields.borrow().clone();
    match id {
        Some(id) => fields.insert("Id".into(), id),
        None => fields.remove("Id"),
    };
    Record::in_memory(record.object, fields)
}
