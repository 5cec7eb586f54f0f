//! What is logged of whose Apex: the trace flags that are in force.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::ids::same_id;
use super::record::Record;
use super::runtime::AUTOMATED_PROCESS;
use super::runtime::log::{Category, Level, LogLevels};
use super::state::State;

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
                .is_some_and(|id| same_id(user, id))
            && moment(record, "StartDate").is_some_and(|start| start <= now)
            && moment(record, "ExpirationDate").is_some_and(|end| now < end)
    });
    let level = in_force
        .and_then(|flag| flag.fields.get("DebugLevelId")?.as_str())
        .and_then(|id| {
            state
                .records
                .iter()
                .find(|record| record.object == "DebugLevel" && same_id(&record.id, id))
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
