//! SOQL over what the org knows, for `/query` and `/tooling/query`.

mod execute;
mod parse;
mod tables;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::state::State;

pub use execute::Found;
pub use tables::{Catalog, Column, Rows};

/// Which API a query is sent to. Some objects are in one of them only, or have other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// `/query`
    Data,
    /// `/tooling/query`
    Tooling,
}

/// Runs a query; the body of the answer with all of its records.
#[cfg(test)]
pub fn run(
    state: &State,
    api: Api,
    text: &str,
    version: u16,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let found = find(state, api, text, version, now, false)?;
    let total = found.total;
    Ok(page(
        api,
        version,
        found,
        &Page {
            first: 0,
            size: total,
            cursor: "",
        },
    ))
}

/// Runs a query; `all` finds deleted records, too.
pub fn find(
    state: &State,
    api: Api,
    text: &str,
    version: u16,
    now: Timestamp,
    all: bool,
) -> Result<Found, Refusal> {
    let query = parse::parse(text)?;
    execute::run(state, api, text, &query, version, now, all)
}

/// A part of a result.
pub struct Page<'a> {
    /// The first record of it.
    pub first: usize,
    /// At most so many records.
    pub size: usize,
    /// What the rest is asked for with.
    pub cursor: &'a str,
}

/// The body of the answer with that part of the records.
pub fn page(api: Api, version: u16, found: Found, part: &Page<'_>) -> Value {
    let total = found.total;
    let records: Vec<Value> = found
        .records
        .into_iter()
        .skip(part.first)
        .take(part.size)
        .collect();
    let end = part.first + part.size;
    let done = end >= total;
    let mut body = match api {
        Api::Data => json!({ "totalSize": total, "done": done }),
        Api::Tooling => json!({
            "size": records.len(),
            "totalSize": total,
            "done": done,
            "queryLocator": null,
            "entityTypeName": (total > 0).then_some(found.table),
        }),
    };
    if !done {
        let tooling = if api == Api::Tooling { "tooling/" } else { "" };
        let (cursor, url) = (
            part.cursor,
            format!("/services/data/v{version}.0/{tooling}query"),
        );
        body["nextRecordsUrl"] = json!(format!("{url}/{cursor}-{end}"));
    }
    body["records"] = Value::Array(records);
    body
}

/// What `columns=true` answers: the columns of the query instead of its rows.
pub fn columns(state: &State, api: Api, text: &str, now: Timestamp) -> Result<Value, Refusal> {
    let query = parse::parse(text)?;
    let found = execute::run(
        state,
        api,
        text,
        &query,
        *super::Options::default().api_versions.end(),
        now,
        false,
    )?;
    let columns: Vec<Value> = query
        .fields
        .iter()
        .map(|field| {
            json!({
                "columnName": field.text(),
                "displayName": field.text(),
                "aggregate": false,
                "booleanType": false,
                "custom": false,
                "foreignKeyName": null,
                "insertable": false,
                "joinColumns": [],
                "numberType": false,
                "textType": true,
                "updatable": false,
            })
        })
        .collect();
    Ok(
        json!({ "columnMetadata": columns, "entityName": found.table, "groupBy": false, "idSelected": false }),
    )
}

/// One record with all of its columns; `None` when there is no such object or record.
pub fn record(
    state: &State,
    api: Api,
    name: &str,
    id: &str,
    version: u16,
    now: Timestamp,
) -> Option<Value> {
    execute::record(state, api, name, id, version, now)
}

/// The names that user permissions have in metadata.
pub fn user_permissions() -> Vec<&'static str> {
    tables::PERMISSIONS
        .iter()
        .filter_map(|column| column.strip_prefix("Permissions"))
        .collect()
}
