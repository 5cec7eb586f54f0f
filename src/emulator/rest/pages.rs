//! Queries, whose results come in parts when they are long.

use super::super::deploy::Refusal;
use super::super::org::EmulatedOrg;
use super::super::query::{self, Api, Page};
use super::super::state::Cursor;
use super::{Answer, Request, parameter};

/// A cursor lives this long (REST API guide, "Query").
const LIFETIME_SECONDS: i64 = 2 * 24 * 60 * 60;

/// Runs a query and answers with the first part of its result; `all` finds deleted records, too.
pub fn first(
    org: &EmulatedOrg,
    request: &Request<'_>,
    api: Api,
    version: u16,
    all: bool,
) -> Result<Answer, Refusal> {
    let Some(text) = parameter(request.query, "q") else {
        return Err(Refusal::new(
            "MALFORMED_QUERY",
            "A query string has to be specified",
        ));
    };
    let now = org.options().clock.now();
    let state = org.state()?;
    if parameter(request.query, "columns").as_deref() == Some("true") {
        return Ok(Answer::json(200, &query::columns(&state, api, &text, now)?));
    }
    let found = query::find(&state, api, &text, version, now, all)?;
    let size = request.batch_size;
    let mut cursor = String::new();
    if found.records.len() > size {
        cursor = org.update(|state| {
            let oldest = now.as_second() - LIFETIME_SECONDS;
            state
                .cursors
                .retain(|cursor| cursor.created.as_second() > oldest);
            let id = state.next_id("01g");
            state.cursors.push(Cursor {
                id: id.clone(),
                tooling: api == Api::Tooling,
                all,
                text: text.clone(),
                batch: size,
                created: now,
            });
            Ok::<String, Refusal>(id)
        })?;
    }
    let part = Page {
        first: 0,
        size,
        cursor: &cursor,
    };
    Ok(Answer::json(200, &query::page(api, version, found, &part)))
}

/// The next part: `01g…-2000` is a cursor and the number of records that were handed out.
pub fn next(org: &EmulatedOrg, api: Api, version: u16, text: &str) -> Result<Answer, Refusal> {
    let invalid = || Refusal::new("INVALID_QUERY_LOCATOR", "invalid query locator");
    let (id, start) = text.rsplit_once('-').ok_or_else(invalid)?;
    let start: usize = start.parse().map_err(|_| invalid())?;
    let state = org.state()?;
    let cursor = state
        .cursors
        .iter()
        .find(|cursor| cursor.id == id && cursor.tooling == (api == Api::Tooling))
        .ok_or_else(invalid)?;
    let now = org.options().clock.now();
    let found = query::find(&state, api, &cursor.text, version, now, cursor.all)?;
    let part = Page {
        first: start.min(found.records.len()),
        size: cursor.batch,
        cursor: id,
    };
    Ok(Answer::json(200, &query::page(api, version, found, &part)))
}
