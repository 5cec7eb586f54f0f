//! Writing records for the APIs: those of sObjects through the org's triggers, those of setup
//! objects directly.

pub mod setup;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::at_work;
use super::callouts::Exchanges;
use super::deploy::{self, Refusal};
use super::query::{Api, Catalog, Rows};
use super::runtime::log::{Category, Level, LogLevels};
use super::runtime::{AUTOMATED_PROCESS, Database, Given, Operation, Problem};
use super::state::{Record, State};

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
    let program = deploy::program(state)?;
    let serving = at_work::serving(state, callouts.clone(), now);
    let written = with_database(state, |database| {
        program.write(database, serving, operation, given, all_or_none)
    });
    let (written, left) = written.map_err(|construct| {
        Refusal::new(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            format!("A trigger needs what this local org lacks: {construct}"),
        )
    })?;
    at_work::keep(state, left);
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

/// What is logged now of the Apex of everybody who runs any, by user id.
pub fn levels_by_user(state: &State, now: Timestamp) -> BTreeMap<String, LogLevels> {
    let users = state.users.iter().map(|user| user.id.as_str());
    users
        .chain([AUTOMATED_PROCESS])
        .map(|user| (user.to_owned(), log_levels(state, user, now)))
        .collect()
}

/// What is logged of a user's Apex now: the debug level of the trace flag that is in force, else
/// nothing.
pub fn log_levels(state: &State, user: &str, now: Timestamp) -> LogLevels {
    let moment = |record: &Record, name: &str| {
        let text = record.fields.get(name)?.as_str()?;
        text.replace("+0000", "Z").parse::<Timestamp>().ok()
    };
    let in_force = state.records.iter().find(|record| {
        record.object == "TraceFlag"
            && record
                .fields
                .get("TracedEntityId")
                .and_then(Value::as_str)
                .is_some_and(|id| deploy::same_id(user, id))
            && moment(record, "StartDate").is_some_and(|start| start <= now)
            && moment(record, "ExpirationDate").is_some_and(|end| now < end)
    });
    let level = in_force
        .and_then(|flag| flag.fields.get("DebugLevelId")?.as_str())
        .and_then(|id| {
            state
                .records
                .iter()
                .find(|record| record.object == "DebugLevel" && deploy::same_id(&record.id, id))
        });
    let fields = level.map(|level| level.fields.iter()).into_iter().flatten();
    fields.fold(LogLevels::default(), |levels, (name, value)| {
        let level = value.as_str().and_then(Level::parse);
        match (Category::parse(name), level) {
            (Some(category), Some(level)) => levels.with(category, level),
            _ => levels,
        }
    })
}

/// The answer for what is not there.
pub fn not_found() -> Refusal {
    Refusal::new("NOT_FOUND", "The requested resource does not exist")
}

#[cfg(test)]
mod tests;
