//! What an administrator does in Setup.

use tempfile::TempDir;

use super::super::query::{self, Api};
use super::*;
use crate::metadata::{Component, MetadataType};

fn component(kind: MetadataType, name: &str, source: Option<&str>, body: &str) -> Component {
    Component {
        id: ComponentId::new(kind, name),
        source: source.map(str::to_owned),
        xml: format!("<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{body}</{kind}>"),
    }
}

fn opened() -> (TempDir, EmulatedOrg) {
    let folder = TempDir::new().unwrap();
    let org = EmulatedOrg::open(folder.path(), &Options::default()).unwrap();
    (folder, org)
}

#[test]
fn edits_are_recorded_under_the_users_name() {
    let (folder, mut org) = opened();
    let credential = component(
        MetadataType::NamedCredential,
        "N",
        None,
        "<label>L</label><endpoint>https://a.example</endpoint>",
    );
    org.put(&credential, "Local Admin").unwrap();
    // Another handle on the same folder sees it and changes it.
    let mut other = EmulatedOrg::open(folder.path(), &Options::default()).unwrap();
    other
        .set_endpoint("n", "https://b.example", "Maria Garcia")
        .unwrap();
    other
        .set_callouts_enabled("N", false, "Maria Garcia")
        .unwrap();
    let state = org.state().unwrap();
    let soql =
        "SELECT Endpoint, CalloutStatus, CreatedBy.Name, LastModifiedBy.Name FROM NamedCredential";
    let body = query::run(&state, Api::Tooling, soql, 66, jiff::Timestamp::UNIX_EPOCH).unwrap();
    let row = &body["records"][0];
    assert_eq!(
        [
            &row["Endpoint"],
            &row["CalloutStatus"],
            &row["CreatedBy"]["Name"],
            &row["LastModifiedBy"]["Name"]
        ],
        [
            "https://b.example",
            "Disabled",
            "Local Admin",
            "Maria Garcia"
        ]
    );
}

#[test]
fn code_and_trigger_status_can_be_edited() {
    let (_folder, mut org) = opened();
    let source = "trigger T on Case (after insert) {}";
    let trigger = component(
        MetadataType::ApexTrigger,
        "T",
        Some(source),
        "<apiVersion>66.0</apiVersion>",
    );
    org.put(&trigger, "Local Admin").unwrap();
    org.set_trigger_status("T", false, "Maria Garcia").unwrap();
    org.replace_in_source(&trigger.id, "{}", "{ return; }", "Maria Garcia")
        .unwrap();
    let stored = org.state().unwrap().components[0].clone();
    assert_eq!(stored.tree().text_of("status"), Some("Inactive"));
    assert_eq!(
        stored.source.as_deref(),
        Some("trigger T on Case (after insert) { return; }")
    );
    org.edit_source(&trigger.id, "x", "Maria Garcia").unwrap();
    let missing = org.replace_in_source(&trigger.id, "nope", "", "Maria Garcia");
    assert!(matches!(missing, Err(Error::TextNotFound(_))));
    org.delete(&trigger.id, "Maria Garcia").unwrap();
    assert!(matches!(
        org.delete(&trigger.id, "x"),
        Err(Error::NoSuchComponent(_))
    ));
}

#[test]
fn an_org_keeps_its_identity() {
    let (folder, org) = opened();
    let id = org.org_id().unwrap();
    let again = EmulatedOrg::open(folder.path(), &Options::default()).unwrap();
    assert_eq!(again.org_id().unwrap(), id);
    assert!(id.parse::<crate::metadata::OrgId>().is_ok());
    assert_eq!(id.len(), 18);
    assert!(EmulatedOrg::reset(folder.path()).unwrap());
    let new = EmulatedOrg::open(folder.path(), &Options::default()).unwrap();
    assert_ne!(new.org_id().unwrap(), id);
}

#[test]
fn refuses_what_does_not_fit_the_type() {
    let (_folder, mut org) = opened();
    let no_code = component(MetadataType::ApexClass, "C", None, "");
    assert!(matches!(org.put(&no_code, "x"), Err(Error::Unfit { .. })));
    let broken = Component {
        xml: "<a>".to_owned(),
        ..component(MetadataType::CustomPermission, "C", None, "")
    };
    assert!(matches!(org.put(&broken, "x"), Err(Error::Unfit { .. })));
}
