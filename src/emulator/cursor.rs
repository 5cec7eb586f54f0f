//! Results in parts: what is left of a query is asked for with its cursor.

use super::org::EmulatedOrg;
use super::query::{Api, Found, find};
use super::refusal::Refusal;
use super::state::Cursor;

/// A cursor lives this long (REST API guide, "Query").
const LIFETIME_SECONDS: i64 = 2 * 24 * 60 * 60;

/// Runs a query; with more than `size` records there is a cursor to the rest.
pub fn open(
    org: &EmulatedOrg,
    api: Api,
    version: u16,
    text: &str,
    all: bool,
    size: usize,
) -> Result<(Found, Option<String>), Refusal> {
    let now = org.options().clock.now();
    let found = find(&*org.state()?, api, text, version, now, all)?;
    if found.records.len() <= size {
        return Ok((found, None));
    }
    let cursor = org.update(|state| {
        let oldest = now.as_second() - LIFETIME_SECONDS;
        state
            .cursors
            .retain(|cursor| cursor.created.as_second() > oldest);
        let id = state.next_id("01g");
        state.cursors.push(Cursor {
            id: id.clone(),
            tooling: api == Api::Tooling,
            all,
            text: text.to_owned(),
            batch: size,
            created: now,
        });
        Ok::<String, Refusal>(id)
    })?;
    Ok((found, Some(cursor)))
}

/// What a cursor leads to.
pub struct Rest {
    /// All records of the query.
    pub found: Found,
    /// The first one that was not handed out.
    pub first: usize,
    /// At most so many are handed out.
    pub size: usize,
    /// The cursor's id.
    pub cursor: String,
}

/// The rest of a result: `01g…-2000` is a cursor and the number of records that were handed out.
pub fn more(org: &EmulatedOrg, api: Api, version: u16, locator: &str) -> Result<Rest, Refusal> {
    let invalid = || Refusal::new("INVALID_QUERY_LOCATOR", "invalid query locator");
    let (id, start) = locator.rsplit_once('-').ok_or_else(invalid)?;
    let start: usize = start.parse().map_err(|_| invalid())?;
    let state = org.state()?;
    let cursor = state
        .cursors
        .iter()
        .find(|cursor| cursor.id == id && cursor.tooling == (api == Api::Tooling))
        .ok_or_else(invalid)?;
    let now = org.options().clock.now();
    let found = find(&state, api, &cursor.text, version, now, cursor.all)?;
    Ok(Rest {
        first: start.min(found.records.len()),
        found,
        size: cursor.batch,
        cursor: id.to_owned(),
    })
}
