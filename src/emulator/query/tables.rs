//! The objects that can be queried: their columns, and where the rows come from.

mod apex;
mod organization;
mod permissions;
mod setup;

pub use permissions::PERMISSIONS;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::clock::rest_date;
use super::super::state::{State, Stored};
use super::Api;

/// A row: column → value.
pub type Row = Map<String, Value>;

/// An object.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The APIs that have it.
    pub apis: &'static [Api],
    /// Its columns.
    pub columns: &'static [Column],
    /// Its rows, with a value for each column that is not null.
    pub rows: fn(&State, Timestamp) -> Vec<Row>,
}

/// A column.
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Whether WHERE and ORDER BY may name it.
    pub filterable: bool,
    /// Whether it may be selected only when the result has one row at most.
    pub one_row: bool,
    /// For an id of another object: the relationship's name and the object.
    pub parent: Option<(&'static str, &'static str)>,
}

const fn column(name: &'static str) -> Column {
    Column {
        name,
        filterable: true,
        one_row: false,
        parent: None,
    }
}

const fn unfilterable(name: &'static str) -> Column {
    Column {
        name,
        filterable: false,
        one_row: false,
        parent: None,
    }
}

const fn one_row(name: &'static str) -> Column {
    Column {
        name,
        filterable: false,
        one_row: true,
        parent: None,
    }
}

const fn parent(name: &'static str, relationship: &'static str, object: &'static str) -> Column {
    Column {
        name,
        filterable: true,
        one_row: false,
        parent: Some((relationship, object)),
    }
}

const BOTH: &[Api] = &[Api::Data, Api::Tooling];
const TOOLING: &[Api] = &[Api::Tooling];
const DATA: &[Api] = &[Api::Data];

static TABLES: [&Table; 14] = [
    &apex::APEX_CLASS,
    &apex::APEX_TRIGGER,
    &apex::APEX_LOG,
    &organization::ORGANIZATION,
    &organization::USER,
    &organization::PROFILE,
    &organization::DEPLOY_REQUEST,
    &setup::NAMED_CREDENTIAL_DATA,
    &setup::NAMED_CREDENTIAL_TOOLING,
    &setup::CUSTOM_FIELD,
    &setup::CUSTOM_PERMISSION,
    &setup::PERMISSION_SET_DATA,
    &setup::PERMISSION_SET_TOOLING,
    &setup::PERMISSION_SET_ASSIGNMENT,
];

/// The object of that name, without regard to case.
pub fn find(api: Api, name: &str) -> Option<&'static Table> {
    TABLES
        .into_iter()
        .find(|table| table.apis.contains(&api) && table.name.eq_ignore_ascii_case(name))
}

/// A row with the values that every component's record has.
fn row_of(stored: &Stored) -> Row {
    let mut row = Row::new();
    row.insert("Id".to_owned(), Value::from(stored.id.as_str()));
    row.insert(
        "CreatedById".to_owned(),
        Value::from(stored.created.by.as_str()),
    );
    row.insert(
        "CreatedDate".to_owned(),
        Value::from(rest_date(stored.created.at)),
    );
    row.insert(
        "LastModifiedById".to_owned(),
        Value::from(stored.modified.by.as_str()),
    );
    row.insert(
        "LastModifiedDate".to_owned(),
        Value::from(rest_date(stored.modified.at)),
    );
    row.insert(
        "SystemModstamp".to_owned(),
        Value::from(rest_date(stored.modified.at)),
    );
    row.insert("ManageableState".to_owned(), Value::from("unmanaged"));
    row
}

/// Adds values to a row.
fn add<const N: usize>(mut row: Row, values: [(&str, Value); N]) -> Row {
    for (name, value) in values {
        row.insert(name.to_owned(), value);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::super::super::options::Options;
    use super::super::super::users;
    use super::*;

    #[test]
    fn every_column_of_every_table_can_be_selected() {
        let state = users::new_org(&Options::default(), Timestamp::UNIX_EPOCH);
        for table in TABLES {
            let mut names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            let text = format!("SELECT {} FROM {}", names.join(", "), table.name);
            let answer = super::super::run(&state, table.apis[0], &text, 66, Timestamp::UNIX_EPOCH);
            assert!(answer.is_ok(), "{text}");
            names.sort_unstable();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{}", table.name);
            for (_, parent) in table.columns.iter().filter_map(|column| column.parent) {
                assert!(
                    table.apis.iter().all(|api| find(*api, parent).is_some()),
                    "{parent}"
                );
            }
        }
    }
}
