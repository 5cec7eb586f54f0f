//! Records written by a client.

use serde_json::{Map, Value, json};

use super::super::debug_levels::log_levels;
use super::super::options::Options;
use super::super::query;
use super::super::runtime::log::{Category, Level, LogLevels};
use super::super::users;
use super::*;
use crate::metadata::{ComponentId, MetadataType};

fn now() -> Timestamp {
    "2026-05-09T17:00:41Z".parse().unwrap()
}

fn org() -> State {
    let mut state = users::new_org(&Options::default(), now());
    let stamp = users::stamp(&mut state, "Local Admin", now());
    let trigger = "trigger Greet on Case(before insert, before update) {\n\
                   for (Case c : Trigger.new) {\n\
                   if (c.Subject == 'bad') c.addError('Not like this');\n\
                   if (c.Subject == null) c.Subject = 'Hello';\n} }";
    let xml = "<ApexTrigger><apiVersion>66.0</apiVersion><status>Active</status></ApexTrigger>";
    let id = ComponentId::new(MetadataType::ApexTrigger, "Greet");
    state.put(&id, Some(trigger.to_owned()), xml.to_owned(), stamp);
    state
}

fn given(object: &str, id: Option<&str>, fields: Value) -> Given {
    Given {
        object: object.to_owned(),
        id: id.map(str::to_owned),
        fields: fields.as_object().cloned().unwrap_or_default(),
    }
}

fn one(state: &mut State, operation: Operation, given: Given) -> Written {
    let mut written = write(
        state,
        Api::Data,
        operation,
        &[given],
        false,
        now(),
        &Exchanges::default(),
    )
    .unwrap();
    written.remove(0)
}

fn rows(state: &State, api: Api, soql: &str) -> Vec<Map<String, Value>> {
    let body = query::run(state, api, soql, 66, now()).unwrap();
    let records = body["records"].as_array().unwrap();
    records
        .iter()
        .map(|row| {
            let mut row = row.as_object().unwrap().clone();
            row.remove("attributes");
            row
        })
        .collect()
}

#[test]
fn a_record_goes_through_triggers_and_comes_back() {
    let mut state = org();
    let case = given("case", None, json!({ "Origin": "Email" }));
    let id = one(&mut state, Operation::Insert, case).unwrap();
    assert!(id.starts_with("500") && id.len() == 18, "{id}");
    let soql = "SELECT Id, CaseNumber, Subject, Origin, Status, IsClosed, Owner.Name, CreatedDate FROM Case";
    let expected = json!({
        "Id": id, "CaseNumber": "00001001", "Subject": "Hello", "Origin": "Email", "Status": "New",
        "IsClosed": false, "CreatedDate": "2026-05-09T17:00:41.000+0000",
    });
    let soql_without_owner = soql.replace(" Owner.Name,", "");
    assert_eq!(
        json!(rows(&state, Api::Data, &soql_without_owner)),
        json!([expected])
    );
    let closed = given("Case", Some(&id[..15]), json!({ "Status": "Closed" }));
    assert_eq!(one(&mut state, Operation::Update, closed).unwrap(), id);
    let found = rows(
        &state,
        Api::Data,
        "SELECT IsClosed FROM Case WHERE IsClosed = true",
    );
    assert_eq!(found.len(), 1);
    let gone = given("Case", Some(&id), json!(null));
    assert_eq!(
        one(&mut state, Operation::Delete, gone.clone()).unwrap(),
        id
    );
    assert!(rows(&state, Api::Data, "SELECT Id FROM Case").is_empty());
    let all = query::find(&state, Api::Data, "SELECT Id FROM Case", 66, now(), true).unwrap();
    assert_eq!(all.total, 1);
    let again = one(&mut state, Operation::Delete, gone).unwrap_err();
    assert_eq!(again.code, "ENTITY_IS_DELETED");
}

#[test]
fn ids_and_numbers_go_on_after_a_restart() {
    let mut state = org();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let text = serde_json::to_string(&state).unwrap();
        state = serde_json::from_str(&text).unwrap();
        let case = given("Case", None, json!({}));
        ids.push(one(&mut state, Operation::Insert, case).unwrap());
    }
    assert_ne!(ids[0], ids[1]);
    let numbers = rows(
        &state,
        Api::Data,
        "SELECT CaseNumber FROM Case ORDER BY CaseNumber",
    );
    assert_eq!(
        json!(numbers),
        json!([{ "CaseNumber": "00001001" }, { "CaseNumber": "00001002" }])
    );
}

#[test]
fn a_refused_record_says_why() {
    let mut state = org();
    let refused = |state: &mut State, object: &str, fields: Value| {
        let problem = one(state, Operation::Insert, given(object, None, fields)).unwrap_err();
        (problem.code, problem.message)
    };
    assert_eq!(
        refused(&mut state, "Contact", json!({})),
        (
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName]".to_owned()
        )
    );
    assert_eq!(
        refused(&mut state, "Case", json!({ "Subject": "bad" })),
        (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Not like this".to_owned()
        )
    );
    assert!(state.records.is_empty());
    let unknown = given("Nope", None, json!({}));
    let refusal = write(
        &mut state,
        Api::Data,
        Operation::Insert,
        &[unknown],
        false,
        now(),
        &Exchanges::default(),
    );
    assert_eq!(refusal.unwrap_err().code, "NOT_FOUND");
}

#[test]
fn a_job_that_a_trigger_queues_waits() {
    let mut state = org();
    let stamp = users::stamp(&mut state, "Local Admin", now());
    for (kind, name, source, xml) in [
        (
            MetadataType::ApexClass,
            "Later",
            "public class Later implements Queueable { public void execute(QueueableContext c) {} }",
            "<ApexClass><apiVersion>66.0</apiVersion></ApexClass>",
        ),
        (
            MetadataType::ApexTrigger,
            "Enqueue",
            "trigger Enqueue on Contact(after insert) { if (!Test.isRunningTest()) System.enqueueJob(new Later()); }",
            "<ApexTrigger><apiVersion>66.0</apiVersion><status>Active</status></ApexTrigger>",
        ),
    ] {
        let id = ComponentId::new(kind, name);
        state.put(&id, Some(source.to_owned()), xml.to_owned(), stamp.clone());
    }
    let contact = given("Contact", None, json!({ "LastName": "Lovelace" }));
    one(&mut state, Operation::Insert, contact).unwrap();
    let jobs = rows(
        &state,
        Api::Data,
        "SELECT JobType, Status FROM AsyncApexJob",
    );
    assert_eq!(
        json!(jobs),
        json!([{ "JobType": "Queueable", "Status": "Queued" }])
    );
}

#[test]
fn all_or_none_takes_back_what_was_right() {
    let mut state = org();
    let both = [
        given("Case", None, json!({ "Subject": "good" })),
        given("Case", None, json!({ "Subject": "bad" })),
    ];
    let written = write(
        &mut state,
        Api::Data,
        Operation::Insert,
        &both,
        true,
        now(),
        &Exchanges::default(),
    )
    .unwrap();
    let codes: Vec<&str> = written
        .iter()
        .map(|one| {
            one.as_ref()
                .map_or_else(|problem| problem.code, |_| "saved")
        })
        .collect();
    assert_eq!(
        codes,
        [
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        ]
    );
    assert!(state.records.is_empty());
    let written = write(
        &mut state,
        Api::Data,
        Operation::Insert,
        &both,
        false,
        now(),
        &Exchanges::default(),
    )
    .unwrap();
    assert!(written[0].is_ok() && written[1].is_err());
    assert_eq!(state.records.len(), 1);
}

#[test]
fn a_trace_flag_needs_its_debug_level_and_goes_with_it() {
    let mut state = org();
    let user = state.admin_id();
    let tooling = |state: &mut State, operation, given: Given| {
        write(
            state,
            Api::Tooling,
            operation,
            &[given],
            false,
            now(),
            &Exchanges::default(),
        )
        .unwrap()
        .remove(0)
    };
    let flag = |level: &str, end: &str| {
        given(
            "TraceFlag",
            None,
            json!({ "TracedEntityId": user, "LogType": "DEVELOPER_LOG", "DebugLevelId": level,
                    "StartDate": "2026-05-09T17:00:00Z", "ExpirationDate": end }),
        )
    };
    let early = "2026-05-09T18:00:00.000+0000";
    let refused = tooling(
        &mut state,
        Operation::Insert,
        flag("7dl000000000009", early),
    );
    assert_eq!(refused.unwrap_err().code, "INVALID_CROSS_REFERENCE_KEY");
    let level = given(
        "DebugLevel",
        None,
        json!({ "DeveloperName": "SFDC_DevConsole", "MasterLabel": "SFDC_DevConsole", "ApexCode": "DEBUG" }),
    );
    let id = tooling(&mut state, Operation::Insert, level.clone()).unwrap();
    let twice = tooling(&mut state, Operation::Insert, level).unwrap_err();
    assert_eq!(twice.code, "DUPLICATE_DEVELOPER_NAME");
    let late = tooling(
        &mut state,
        Operation::Insert,
        flag(&id, "2026-05-10T17:00:00Z"),
    );
    assert_eq!(late.unwrap_err().code, "FIELD_INTEGRITY_EXCEPTION");
    tooling(&mut state, Operation::Insert, flag(&id, early)).unwrap();
    let soql = "SELECT DebugLevel.ApexCode, ExpirationDate FROM TraceFlag WHERE TracedEntity.Name = 'Local Admin'";
    let found = rows(&state, Api::Tooling, soql);
    assert_eq!(found[0]["ExpirationDate"], early);
    let levels = LogLevels::default().with(Category::ApexCode, Level::Debug);
    assert_eq!(log_levels(&state, &user, now()), levels);
    let later = "2026-05-09T18:00:01Z".parse().unwrap();
    assert_eq!(log_levels(&state, &user, later), LogLevels::default());
    let level = given("DebugLevel", Some(&id), json!(null));
    tooling(&mut state, Operation::Delete, level).unwrap();
    assert!(rows(&state, Api::Tooling, "SELECT Id FROM TraceFlag").is_empty());
}

#[test]
fn a_permission_set_is_assigned_once() {
    let mut state = org();
    let stamp = users::stamp(&mut state, "Local Admin", now());
    let id = ComponentId::new(MetadataType::PermissionSet, "OpenCx");
    let xml = "<PermissionSet><label>L</label></PermissionSet>";
    state.put(&id, None, xml.to_owned(), stamp);
    let set = state.component(&id).unwrap().id.clone();
    let assignment = given(
        "PermissionSetAssignment",
        None,
        json!({ "AssigneeId": state.admin_id(), "PermissionSetId": set }),
    );
    one(&mut state, Operation::Insert, assignment.clone()).unwrap();
    let twice = one(&mut state, Operation::Insert, assignment).unwrap_err();
    assert_eq!(twice.code, "DUPLICATE_VALUE");
    let soql = "SELECT Assignee.Name, PermissionSet.Name FROM PermissionSetAssignment WHERE IsActive = true \
                AND PermissionSet.IsOwnedByProfile = false";
    assert_eq!(rows(&state, Api::Data, soql).len(), 1);
}
