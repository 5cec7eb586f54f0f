//! Writing records for the APIs: those of sObjects through the org's triggers, those of setup
//! objects directly.

pub mod setup;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::callouts::Exchanges;
use super::compile;
use super::query::{Api, Catalog, Rows};
use super::refusal::Refusal;
use super::runtime::{Database, Given, Operation, Problem};
use super::serving;
use super::state::State;

/// What became of a record: its id, or what is wrong with it.
pub type Written = Result<String, Problem>;

/// Names of the counters in the state: record ids, auto-number fields, platform events.
const COUNTERS: [&str; 3] = ["record", "CaseNumber", "event"];

/// Writes records in one transaction.
///
/// # Errors
/// When the object's records cannot be written, or a trigger needs something that the local org
/// does not have.
pub fn write(
    state: &mut State,
    api: Api,
    operation: Operation,
    given: &[Given],
    all_or_none: bool,
    now: Timestamp,
    callouts: &Exchanges,
) -> Result<Vec<Written>, Refusal> {
    let catalog = Catalog::of(state);
    let mut names = BTreeSet::new();
    for one in given {
        let table = catalog.find(api, &one.object).ok_or_else(not_found)?;
        let is_deletion_of_log = operation == Operation::Delete && setup::is_log(table.name);
        if matches!(table.rows, Rows::Derived(_)) && !is_deletion_of_log {
            return Err(Refusal::new(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                format!("entity type cannot be changed here: {}", table.name),
            ));
        }
        names.insert(table.name.to_owned());
    }
    if names
        .iter()
        .any(|name| setup::is_setup(name) || setup::is_log(name))
    {
        return Ok(given
            .iter()
            .map(|one| setup::write(state, operation, one, now))
            .collect());
    }
    let program = compile::program(state)?;
    let serving = serving::serving(state, callouts.clone(), now);
    let written = with_database(state, |database| {
        program.write(database, serving, operation, given, all_or_none)
    });
    let (written, left) = written.map_err(|construct| {
        Refusal::new(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            format!("A trigger needs what this local org lacks: {construct}"),
        )
    })?;
    serving::keep(state, left);
    Ok(written)
}

/// Writes one record of a setup object, as the API does.
pub fn write_setup(
    state: &mut State,
    operation: Operation,
    given: &Given,
    now: Timestamp,
) -> Written {
    setup::write(state, operation, given, now)
}

/// Lets Apex work on the org's records. What setup objects hold is not among them.
pub fn with_database<T>(state: &mut State, work: impl FnOnce(&mut Database) -> T) -> T {
    let before = COUNTERS.map(|name| {
        let number = state.counters.get(name).copied().unwrap_or_default();
        u32::try_from(number).unwrap_or(u32::MAX)
    });
    let (records, others) = std::mem::take(&mut state.records)
        .into_iter()
        .partition(|record| !setup::is_setup(&record.object));
    let mut database = Database {
        records,
        counters: before,
    };
    let done = work(&mut database);
    state.records = others;
    state.records.append(&mut database.records);
    for ((name, before), number) in COUNTERS.into_iter().zip(before).zip(database.counters) {
        if number != before {
            state.counters.insert(name.to_owned(), number.into());
        }
    }
    done
}

/// The answer for what is not there.
pub fn not_found() -> Refusal {
    Refusal::new("NOT_FOUND", "The requested resource does not exist")
}

#[cfg(test)]
mod tests;
