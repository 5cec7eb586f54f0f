//! SOQL over what the org knows, for `/query` and `/tooling/query`.

mod execute;
mod parse;
mod tables;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::deploy::Refusal;
use super::state::State;

/// Which API a query is sent to. Some objects are in one of them only, or have other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// `/query`
    Data,
    /// `/tooling/query`
    Tooling,
}

/// Runs a query; the body of the answer.
pub fn run(
    state: &State,
    api: Api,
    text: &str,
    version: u16,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let query = parse::parse(text)?;
    let (table, records) = execute::run(state, api, text, &query, version, now)?;
    let count = records.len();
    Ok(match api {
        Api::Data => json!({ "totalSize": count, "done": true, "records": records }),
        Api::Tooling => json!({
            "size": count,
            "totalSize": count,
            "done": true,
            "queryLocator": null,
            "entityTypeName": (count > 0).then_some(table),
            "records": records,
        }),
    })
}

/// What `columns=true` answers: the columns of the query instead of its rows.
pub fn columns(state: &State, api: Api, text: &str, now: Timestamp) -> Result<Value, Refusal> {
    let query = parse::parse(text)?;
    let (table, _) = execute::run(
        state,
        api,
        text,
        &query,
        *super::Options::default().api_versions.end(),
        now,
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
        json!({ "columnMetadata": columns, "entityName": table, "groupBy": false, "idSelected": false }),
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
