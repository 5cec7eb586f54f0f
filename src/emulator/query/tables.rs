//! The objects that can be queried: their columns, and where the rows come from.

/// The columns of a table: its own, and by whom and when a row was made and changed.
macro_rules! stamped {
    ($($own:expr),* $(,)?) => {
        std::borrow::Cow::Borrowed(&[
            $($own,)*
            super::column("CreatedDate"),
            super::parent("CreatedById", "CreatedBy", "User"),
            super::column("LastModifiedDate"),
            super::parent("LastModifiedById", "LastModifiedBy", "User"),
            super::column("SystemModstamp"),
        ])
    };
}

mod apex;
mod connected;
mod logging;
mod mail;
mod messaging;
mod organization;
mod permissions;
mod setup;
mod test_runs;

pub use permissions::PERMISSIONS;

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::metadata::MetadataType;

use super::super::clock::rest_date;
use super::super::compile::org_schema;
use super::super::runtime::{Field, FieldKind, Object, Schema};
use super::super::state::{State, Stored};
use super::super::tree::Node;
use super::Api;

/// A row: column → value.
pub type Row = Map<String, Value>;

/// An object.
#[derive(Clone)]
pub struct Table<'a> {
    /// Its name.
    pub name: &'a str,
    /// The APIs that have it.
    pub apis: &'static [Api],
    /// Its columns.
    pub columns: Cow<'a, [Column<'a>]>,
    /// Its rows.
    pub rows: Rows,
}

impl Table<'_> {
    /// Its rows, with a value for each column that is not null.
    /// `all` are those in the recycle bin, too.
    pub fn rows(&self, state: &State, now: Timestamp, all: bool) -> Vec<Row> {
        match self.rows {
            Rows::Derived(rows) => rows(state, now),
            Rows::Records => self.records(state, all),
            Rows::RecordsAnd(rows) => {
                let mut found = rows(state, now);
                found.extend(self.records(state, all));
                found
            }
        }
    }

    fn records(&self, state: &State, all: bool) -> Vec<Row> {
        state
            .records
            .iter()
            .filter(|record| all || !record.deleted)
            .filter(|record| record.object.eq_ignore_ascii_case(self.name))
            .map(|record| record.fields.clone())
            .collect()
    }
}

/// Where rows come from.
#[derive(Clone, Copy)]
pub enum Rows {
    /// What else the org knows, seen as rows.
    Derived(fn(&State, Timestamp) -> Vec<Row>),
    /// The records that somebody made.
    Records,
    /// Both.
    RecordsAnd(fn(&State, Timestamp) -> Vec<Row>),
}

/// A column.
#[derive(Clone, Copy)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether WHERE and ORDER BY may name it.
    pub filterable: bool,
    /// Whether it may be selected only when the result has one row at most.
    pub one_row: bool,
    /// For an id of another object: the relationship's name and the object.
    pub parent: Option<(&'a str, &'a str)>,
    /// The function of dates that a query has around it, in lower case.
    pub function: Option<&'static str>,
    /// What it holds, where that is not said by its name.
    declared: Option<FieldKind>,
}

impl Column<'_> {
    /// What it holds.
    pub fn kind(&self) -> FieldKind {
        match self.function {
            Some("day_only") => FieldKind::Date,
            Some(_) => FieldKind::Integer,
            None => self.declared.unwrap_or_else(|| kind_by_name(self)),
        }
    }
}

// The columns of setup objects follow the platform's naming; a test holds this against the rows.
fn kind_by_name(column: &Column<'_>) -> FieldKind {
    const INTEGERS: [&str; 12] = [
        "Classes",
        "Methods",
        "RunTime",
        "TestTime",
        "PercentCovered",
        "NumberComponent",
        "NumberTest",
        "Length",
        "LogLength",
        "DurationMilliseconds",
        "NumLines",
        "UseCount",
    ];
    const FLAGS: [&str; 11] = [
        "Is",
        "Has",
        "Permissions",
        "Usage",
        "CheckOnly",
        "ShouldSkip",
        "RollbackOnError",
        "RunTestsEnabled",
        "SinglePackage",
        "PurgeOnDelete",
        "IgnoreWarnings",
    ];
    let starts = |prefixes: &[&str]| {
        prefixes
            .iter()
            .any(|prefix| column.name.starts_with(prefix))
    };
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| column.name.ends_with(suffix));
    if column.name == "Id" {
        FieldKind::Id
    } else if column.parent.is_some() {
        FieldKind::Reference
    } else if matches!(column.name, "ApiVersion" | "BodyCrc") {
        FieldKind::Double
    } else if column.name == "CalloutOptionsGenerateAuthorizationHeader" {
        FieldKind::Boolean
    } else if ends(&[
        "Date",
        "SystemModstamp",
        "StartTime",
        "EndTime",
        "TestTimestamp",
    ]) {
        FieldKind::DateTime
    } else if starts(&INTEGERS) {
        FieldKind::Integer
    } else if starts(&FLAGS) {
        FieldKind::Boolean
    } else {
        FieldKind::String
    }
}

const fn column(name: &'static str) -> Column<'static> {
    Column {
        name,
        filterable: true,
        one_row: false,
        parent: None,
        function: None,
        declared: None,
    }
}

const fn unfilterable(name: &'static str) -> Column<'static> {
    Column {
        filterable: false,
        ..column(name)
    }
}

const fn one_row(name: &'static str) -> Column<'static> {
    Column {
        one_row: true,
        ..unfilterable(name)
    }
}

const fn parent(
    name: &'static str,
    relationship: &'static str,
    object: &'static str,
) -> Column<'static> {
    Column {
        parent: Some((relationship, object)),
        ..column(name)
    }
}

const BOTH: &[Api] = &[Api::Data, Api::Tooling];
const TOOLING: &[Api] = &[Api::Tooling];
const DATA: &[Api] = &[Api::Data];

static TABLES: [&Table<'static>; 35] = [
    &apex::APEX_CLASS,
    &apex::APEX_TRIGGER,
    &apex::APEX_LOG,
    &connected::EXTERNAL_CLIENT_APPLICATION,
    &connected::OAUTH_TOKEN,
    &logging::DEBUG_LEVEL,
    &logging::TRACE_FLAG,
    &mail::CASE_SETTINGS,
    &mail::EMAIL_DOMAIN_KEY,
    &mail::AUTHORIZED_EMAIL_DOMAIN,
    &messaging::MESSAGING_CHANNEL,
    &messaging::EMBEDDED_SERVICE_CONFIG,
    &messaging::FLOW_DEFINITION_VIEW,
    &messaging::FLOW,
    &messaging::GROUP,
    &messaging::QUEUE_SOBJECT,
    &organization::ORGANIZATION,
    &organization::USER,
    &organization::OWNER,
    &organization::PROFILE,
    &organization::DEPLOY_REQUEST,
    &setup::NAMED_CREDENTIAL_DATA,
    &setup::NAMED_CREDENTIAL_TOOLING,
    &setup::CUSTOM_FIELD,
    &setup::CUSTOM_PERMISSION,
    &setup::PERMISSION_SET_DATA,
    &setup::PERMISSION_SET_TOOLING,
    &setup::PERMISSION_SET_ASSIGNMENT,
    &test_runs::APEX_TEST_RUN_RESULT,
    &test_runs::APEX_TEST_QUEUE_ITEM,
    &test_runs::APEX_TEST_RESULT,
    &test_runs::APEX_CODE_COVERAGE,
    &test_runs::APEX_CODE_COVERAGE_AGGREGATE,
    &test_runs::APEX_ORG_WIDE_COVERAGE,
    &test_runs::NAME,
];

/// The objects of an org: those that show what else it knows, and those that hold records.
pub struct Catalog {
    schema: Schema,
}

impl Catalog {
    /// The objects of that org, with its custom fields.
    pub fn of(state: &State) -> Self {
        Self {
            schema: org_schema(state),
        }
    }

    /// The object of that name, without regard to case.
    pub fn find(&self, api: Api, name: &str) -> Option<Table<'_>> {
        let fixed = TABLES
            .into_iter()
            .find(|table| table.apis.contains(&api) && table.name.eq_ignore_ascii_case(name));
        if let Some(table) = fixed {
            let columns: Vec<Column<'_>> = table.columns.to_vec();
            return Some(Table {
                name: table.name,
                apis: table.apis,
                columns: columns.into(),
                rows: table.rows,
            });
        }
        if api == Api::Tooling || name.eq_ignore_ascii_case("AggregateResult") {
            return None;
        }
        let object = self.schema.object(self.schema.find(name)?);
        // Events are published, never kept; the records of custom metadata types are components.
        if object.name.ends_with("__e") || object.name.ends_with("__mdt") {
            return None;
        }
        let mut columns: Vec<Column<'_>> = object.fields.values().map(column_of).collect();
        columns.sort_by_key(|column| column.name != "Id");
        Some(Table {
            name: &object.name,
            apis: DATA,
            columns: columns.into(),
            rows: Rows::Records,
        })
    }

    /// The child object of a relationship and its field that leads back.
    pub fn children(&self, object: &str, relationship: &str) -> Option<(&str, &str)> {
        let object = self.schema.object(self.schema.find(object)?);
        object
            .children
            .iter()
            .find(|(name, ..)| name.eq_ignore_ascii_case(relationship))
            .map(|(_, child, field)| (&**child, &**field))
    }

    /// The names of the objects of an API, and for those that hold records their schema.
    pub fn names(&self, api: Api) -> Vec<&str> {
        let mut names: Vec<&str> = TABLES
            .into_iter()
            .filter(|table| table.apis.contains(&api))
            .map(|table| table.name)
            .collect();
        if api == Api::Data {
            names.extend(
                self.schema
                    .names()
                    .filter(|name| *name != "AggregateResult"),
            );
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What is known of an object that holds records.
    pub fn object(&self, name: &str) -> Option<&Object> {
        Some(self.schema.object(self.schema.find(name)?))
    }
}

fn column_of(field: &Field) -> Column<'_> {
    // What may be of several objects leads to `Name`.
    let target = field.target.as_deref().unwrap_or("Name");
    let relationship = field.relationship.as_deref().map(|name| (name, target));
    let long = field.kind == FieldKind::TextArea && field.length > 255;
    Column {
        name: &field.name,
        filterable: !long,
        one_row: false,
        parent: relationship,
        function: None,
        declared: Some(field.kind),
    }
}

/// The rows of a type's components: what every one has, and these values.
fn components<const N: usize>(
    state: &State,
    kind: MetadataType,
    values: impl Fn(&Stored, &Node) -> [(&'static str, Value); N],
) -> Vec<Row> {
    state
        .of_type(kind)
        .into_iter()
        .map(|stored| add(row_of(stored), values(stored, &stored.tree())))
        .collect()
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
    use crate::metadata::{ComponentId, MetadataType};

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
                    table
                        .apis
                        .iter()
                        .all(|api| Catalog::of(&state).find(*api, parent).is_some()),
                    "{parent}"
                );
            }
        }
    }

    #[test]
    fn columns_hold_what_their_names_say() {
        let mut state = users::new_org(&Options::default(), Timestamp::UNIX_EPOCH);
        let stamp = users::stamp(&mut state, "Local Admin", Timestamp::UNIX_EPOCH);
        for (kind, xml) in [
            (
                MetadataType::ApexClass,
                "<ApexClass><apiVersion>66.0</apiVersion></ApexClass>",
            ),
            (
                MetadataType::NamedCredential,
                "<NamedCredential><label>L</label></NamedCredential>",
            ),
            (
                MetadataType::PermissionSet,
                "<PermissionSet><label>L</label></PermissionSet>",
            ),
        ] {
            let source = kind.has_source().then(String::new);
            state.put(
                &ComponentId::new(kind, "A"),
                source,
                xml.to_owned(),
                stamp.clone(),
            );
        }
        for table in TABLES {
            for row in table.rows(&state, Timestamp::UNIX_EPOCH, false) {
                for column in &*table.columns {
                    let (name, kind) = (column.name, column.kind());
                    let fits = match row.get(name) {
                        None | Some(Value::Null | Value::Object(_)) => true,
                        Some(Value::Bool(_)) => kind == FieldKind::Boolean,
                        Some(Value::Number(_)) => {
                            matches!(kind, FieldKind::Integer | FieldKind::Double)
                        }
                        Some(Value::String(text)) => match kind {
                            FieldKind::DateTime => text.ends_with("+0000"),
                            FieldKind::Id | FieldKind::Reference => text.len() == 18,
                            kind => kind == FieldKind::String,
                        },
                        Some(Value::Array(_)) => false,
                    };
                    assert!(fits, "{}.{name} is not {kind:?}", table.name);
                }
            }
        }
    }
}
