//! Queries, whose results come in parts when they are long.

use super::super::cursor;
use super::super::org::EmulatedOrg;
use super::super::query::{self, Api, Page};
use super::super::refusal::Refusal;
use super::{Answer, Request, parameter};

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
    if parameter(request.query, "columns").as_deref() == Some("true") {
        let now = org.options().clock.now();
        let columns = query::columns(&*org.state()?, api, &text, now)?;
        return Ok(Answer::json(200, &columns));
    }
    let size = request.batch_size;
    let (found, cursor) = cursor::open(org, api, version, &text, all, size)?;
    let part = Page {
        first: 0,
        size,
        cursor: cursor.as_deref().unwrap_or_default(),
    };
    Ok(Answer::json(200, &query::page(api, version, found, &part)))
}

/// The next part.
pub fn next(org: &EmulatedOrg, api: Api, version: u16, text: &str) -> Result<Answer, Refusal> {
    let rest = cursor::more(org, api, version, text)?;
    let part = Page {
        first: rest.first,
        size: rest.size,
        cursor: &rest.cursor,
    };
    let page = query::page(api, version, rest.found, &part);
    Ok(Answer::json(200, &page))
}
