//! `Organization`, `User`, `Profile`, `DeployRequest`.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::clock::rest_date;
use super::super::super::deploy_words;
use super::super::super::deploy_words::status_word;
use super::super::super::options::OrgKind;
use super::super::super::state::{Deploy, State, User};
use super::{BOTH, DATA, Row, Rows, TOOLING, Table, add, column, parent};

/// The org; one row.
pub static ORGANIZATION: Table<'static> = Table {
    name: "Organization",
    apis: BOTH,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("Name"),
        column("OrganizationType"),
        column("IsSandbox"),
        column("InstanceName"),
        column("TrialExpirationDate"),
        column("NamespacePrefix"),
        column("LanguageLocaleKey"),
        column("CreatedDate"),
    ]),
    rows: Rows::Derived(|state, _| {
        let org = &state.organization;
        vec![add(
            Row::new(),
            [
                ("Id", json!(org.id)),
                ("Name", json!(org.name)),
                ("OrganizationType", json!(org.kind.organization_type())),
                ("IsSandbox", json!(org.kind == OrgKind::Sandbox)),
                ("InstanceName", json!("LOCAL")),
                ("LanguageLocaleKey", json!("en_US")),
                ("CreatedDate", json!(rest_date(org.created))),
            ],
        )]
    }),
};

/// The profiles: id, the id of their own permission set, name.
pub const PROFILES: [(&str, &str, &str); 2] = [
    (
        "00e000000000001AAA",
        "0PS000000000P01AAA",
        "System Administrator",
    ),
    (
        "00e000000000002AAA",
        "0PS000000000P02AAA",
        "Minimum Access - Salesforce",
    ),
];

/// Which of the profiles a user has.
pub fn profile_of(user: &User) -> usize {
    usize::from(user.is_minimal)
}

/// Who owns a record, a user or a queue: the platform calls it `Name`.
pub static OWNER: Table<'static> = Table {
    name: "Name",
    apis: DATA,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("Name"),
        column("Type"),
        column("Email"),
        column("Username"),
        column("IsActive"),
        parent("ProfileId", "Profile", "Profile"),
    ]),
    rows: Rows::Derived(|state, now| {
        let users = USER.rows(state, now, false).into_iter();
        users
            .map(|user| add(user, [("Type", json!("User"))]))
            .collect()
    }),
};

/// Users.
pub static USER: Table<'static> = Table {
    name: "User",
    apis: BOTH,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("Name"),
        column("Username"),
        column("Alias"),
        column("Email"),
        column("IsActive"),
        column("UserType"),
        parent("ProfileId", "Profile", "Profile"),
    ]),
    rows: Rows::Derived(|state, _| {
        let profile = |user: &User| json!(PROFILES[profile_of(user)].0);
        let mut rows: Vec<Row> = state
            .users
            .iter()
            .map(|user| user_row(user, &alias(&user.name), "Standard", profile(user)))
            .collect();
        let process = User::automated_process();
        rows.push(user_row(
            &process,
            "autoproc",
            "AutomatedProcess",
            Value::Null,
        ));
        rows
    }),
};

fn user_row(user: &User, alias: &str, kind: &str, profile: Value) -> Row {
    add(
        Row::new(),
        [
            ("Id", json!(user.id)),
            ("Name", json!(user.name)),
            ("Username", json!(user.username)),
            ("Alias", json!(alias)),
            ("Email", json!(user.email)),
            ("IsActive", json!(true)),
            ("UserType", json!(kind)),
            ("ProfileId", profile),
        ],
    )
}

/// As Setup proposes it: the first letter of the first name, four of the last.
fn alias(name: &str) -> String {
    match name.split_once(' ') {
        Some((first, last)) => first.chars().take(1).chain(last.chars().take(4)).collect(),
        None => name.chars().take(5).collect(),
    }
}

/// Most users here are administrators.
pub static PROFILE: Table<'static> = Table {
    name: "Profile",
    apis: BOTH,
    columns: Cow::Borrowed(&[column("Id"), column("Name"), column("UserType")]),
    rows: Rows::Derived(|_, _| {
        let row = |(id, _, name): &(&str, &str, &str)| {
            let values = [
                ("Id", json!(id)),
                ("Name", json!(name)),
                ("UserType", json!("Standard")),
            ];
            add(Row::new(), values)
        };
        PROFILES.iter().map(row).collect()
    }),
};

/// Deploys, those that are under way included.
pub static DEPLOY_REQUEST: Table<'static> = Table {
    name: "DeployRequest",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("Status"),
        column("CheckOnly"),
        column("RollbackOnError"),
        column("RunTestsEnabled"),
        column("TestLevel"),
        column("SinglePackage"),
        column("PurgeOnDelete"),
        column("IgnoreWarnings"),
        column("NumberComponentErrors"),
        column("NumberComponentsDeployed"),
        column("NumberComponentsTotal"),
        column("NumberTestErrors"),
        column("NumberTestsCompleted"),
        column("NumberTestsTotal"),
        column("ErrorMessage"),
        column("ErrorStatusCode"),
        column("StateDetail"),
        column("StartDate"),
        column("CompletedDate"),
        column("CreatedDate"),
        parent("CreatedById", "CreatedBy", "User"),
        parent("CanceledById", "CanceledBy", "User"),
        column("LastModifiedDate"),
        column("SystemModstamp"),
        column("ChangeSetName"),
        column("Type"),
    ]),
    rows: Rows::Derived(|state: &State, _: Timestamp| {
        state
            .deploys
            .iter()
            .map(|deploy| request(state, deploy))
            .collect()
    }),
};

fn request(state: &State, deploy: &Deploy) -> Row {
    let outcome = &deploy.outcome;
    let tests = outcome.details.run_test_result.as_ref();
    let error = outcome.error.as_ref();
    add(
        Row::new(),
        [
            ("Id", json!(deploy.id)),
            ("Status", json!(status_word(&deploy.status))),
            ("CheckOnly", json!(deploy.options.check_only)),
            ("RollbackOnError", json!(deploy.options.rollback_on_error)),
            (
                "RunTestsEnabled",
                json!(deploy_words::runs_tests(state, deploy)),
            ),
            ("TestLevel", json!(deploy.options.test_level)),
            ("SinglePackage", json!(deploy.options.single_package)),
            ("PurgeOnDelete", json!(deploy.options.purge_on_delete)),
            ("IgnoreWarnings", json!(deploy.options.ignore_warnings)),
            ("NumberComponentErrors", json!(outcome.errors)),
            ("NumberComponentsDeployed", json!(outcome.deployed)),
            ("NumberComponentsTotal", json!(outcome.total)),
            (
                "NumberTestErrors",
                json!(tests.map_or(0, |tests| tests.num_failures)),
            ),
            (
                "NumberTestsCompleted",
                json!(tests.map_or(0, |tests| tests.num_tests_run)),
            ),
            (
                "NumberTestsTotal",
                json!(tests.map_or(0, |tests| tests.num_tests_run)),
            ),
            ("ErrorMessage", json!(error.map(|(_, text)| text))),
            ("ErrorStatusCode", json!(error.map(|(code, _)| code))),
            ("StateDetail", json!(deploy_words::state_detail(deploy))),
            ("StartDate", date(deploy.started)),
            ("CompletedDate", date(deploy.completed)),
            ("CreatedDate", date(Some(deploy.created.at))),
            ("CreatedById", json!(deploy.created.by)),
            ("CanceledById", json!(deploy.canceled_by)),
            (
                "LastModifiedDate",
                date(Some(deploy_words::last_modified(deploy))),
            ),
            (
                "SystemModstamp",
                date(Some(deploy_words::last_modified(deploy))),
            ),
            ("Type", json!("Api")),
        ],
    )
}

fn date(time: Option<Timestamp>) -> Value {
    json!(time.map(rest_date))
}
