//! Merging records: the losers are deleted and what belonged to them is the winner's (Apex Developer
//! Guide, "Merging Records" and "Triggers and Merge Statements").

use std::rc::Rc;
use std::sync::Arc;

use super::super::super::ir::DmlOperation;
use super::super::super::machine::{Before, Machine, Outcome, Throw};
use super::super::super::types::ObjectId;
use super::super::super::value::{Record, Value};
use super::super::store::Row;
use super::{RowResult, Work, begin, exception, failures, fire, prepare, rows};

/// What may be merged.
const OBJECTS: [&str; 4] = ["Account", "Case", "Contact", "Lead"];

/// What became of the losers, and the records that changed hands.
pub struct Merged {
    /// Of each loser.
    pub results: Vec<RowResult>,
    /// The Ids of records that belonged to each of them and are the winner's now.
    pub moved: Vec<Vec<Value>>,
}

/// `merge x y`
pub fn statement(machine: &mut Machine<'_>, master: &Value, others: &Value) -> Outcome<()> {
    let Value::Record(master) = master else {
        return Err(machine.null_pointer());
    };
    let losers = super::records_of(machine, others)?;
    machine.logged_dml(DmlOperation::Merge, &losers, |machine| {
        run(machine, master, &losers, true).map(|_| ())
    })
}

/// Merges up to two records into another. When one of them cannot be merged, nothing is written; with
/// `all_or_none` that is an exception.
pub fn run(
    machine: &mut Machine<'_>,
    master: &Rc<Record>,
    losers: &[Rc<Record>],
    all_or_none: bool,
) -> Outcome<Merged> {
    let object = master.object;
    let name = machine.world.schema.object(object).name.clone();
    let fits = OBJECTS.contains(&&*name) && losers.iter().all(|loser| loser.object == object);
    if !fits || !(1..=2).contains(&losers.len()) {
        return Err(Throw::Unsupported(format!(
            "a merge of {} records into one of {name}",
            losers.len()
        )));
    }
    let Some(winner) = super::id_of(master).as_text() else {
        return Err(Throw::Unsupported(
            "a merge into a record without an Id".to_owned(),
        ));
    };
    let mut written = vec![Rc::clone(master)];
    written.extend(losers.iter().cloned());
    begin(machine, &written)?;
    let before = Before::now(machine);
    let mut merged = Merged {
        results: losers
            .iter()
            .map(|loser| RowResult {
                id: super::id_of(loser),
                problem: None,
            })
            .collect(),
        moved: vec![Vec::new(); losers.len()],
    };
    lose(machine, object, &winner, losers, &mut merged)?;
    if failures(&merged.results) == 0 {
        let updated = rows(machine, DmlOperation::Update, &[Rc::clone(master)], true)?;
        if let Some(problem) = updated.into_iter().find_map(|result| result.problem) {
            for result in &mut merged.results {
                result.problem = Some(problem.clone());
            }
        }
    }
    if failures(&merged.results) > 0 {
        before.take_back(machine);
        if all_or_none {
            return Err(exception(machine, DmlOperation::Merge, &merged.results));
        }
    }
    Ok(merged)
}

// One delete event for all losers; only after it the old records say who won.
fn lose(
    machine: &mut Machine<'_>,
    object: ObjectId,
    winner: &Arc<str>,
    losers: &[Rc<Record>],
    merged: &mut Merged,
) -> Outcome<()> {
    let mut work = Vec::new();
    for (position, loser) in losers.iter().enumerate() {
        match prepare(machine, DmlOperation::Delete, object, loser) {
            Ok((id, new, old)) => work.push(Work {
                position,
                id,
                new,
                old,
            }),
            Err(problem) => merged.results[position].problem = Some(problem),
        }
    }
    fire(
        machine,
        object,
        "before delete",
        &mut work,
        &mut merged.results,
    )?;
    if failures(&merged.results) > 0 {
        return Ok(());
    }
    for one in &work {
        let field = "MasterRecordId";
        let won = [(field, Value::Id(winner.clone()))];
        machine.store.change(object, &one.id, &won);
        machine.store.delete(object, &one.id);
        if let Some(old) = &one.old {
            let mut fields = old.fields.borrow_mut();
            fields.insert(field.into(), Value::Id(winner.clone()));
        }
        inherit(machine, &one.id, winner, &mut merged.moved[one.position]);
    }
    fire(
        machine,
        object,
        "after delete",
        &mut work,
        &mut merged.results,
    )
}

// What refers to a loser refers to the winner. No triggers run for it.
fn inherit(machine: &mut Machine<'_>, loser: &str, winner: &Arc<str>, moved: &mut Vec<Value>) {
    let schema = &machine.world.schema;
    let objects: Vec<ObjectId> = schema
        .names()
        .filter_map(|name| schema.find(name))
        .collect();
    for object in objects {
        for row in machine.store.rows(object) {
            let refers = |value: &Value| matches!(value, Value::Id(id) if **id == *loser);
            if !row.values().any(refers) {
                continue;
            }
            let mut changed: Row = (*row).clone();
            for value in changed.values_mut().filter(|value| refers(value)) {
                *value = Value::Id(winner.clone());
            }
            if let Some(id) = changed.get("Id").cloned() {
                if let Some(text) = id.as_text() {
                    machine.store.put(object, text, changed);
                }
                moved.push(id);
            }
        }
    }
}
