//! Queries over an org with two users and two named credentials.

use proptest::prelude::*;

use super::super::super::options::Options;
use super::super::super::users;
use super::super::run as answer;
use super::*;
use crate::metadata::{ComponentId, MetadataType};

fn org() -> State {
    let at = |second| Timestamp::from_second(second).unwrap();
    let mut state = users::new_org(&Options::default(), at(0));
    for (name, user, second) in [("Beta", "Maria Garcia", 20), ("alpha", "Local Admin", 10)] {
        let stamp = users::stamp(&mut state, user, at(second));
        let id = ComponentId::new(MetadataType::NamedCredential, name);
        let xml = "<NamedCredential><label>L</label><endpoint>https://x.example</endpoint></NamedCredential>";
        state.put(&id, None, xml.to_owned(), stamp);
    }
    state
}

fn names(soql: &str) -> Vec<String> {
    let body = answer(&org(), Api::Tooling, soql, 66, Timestamp::UNIX_EPOCH).unwrap();
    let records = body["records"].as_array().unwrap().clone();
    records
        .iter()
        .map(|row| row["DeveloperName"].as_str().unwrap().to_owned())
        .collect()
}

fn refusal(soql: &str) -> Refusal {
    answer(&org(), Api::Tooling, soql, 66, Timestamp::UNIX_EPOCH).unwrap_err()
}

#[test]
fn filters_orders_and_limits() {
    let select = |rest: &str| names(&format!("SELECT DeveloperName FROM NamedCredential {rest}"));
    assert_eq!(select("ORDER BY DeveloperName DESC"), ["Beta", "alpha"]);
    assert_eq!(select("ORDER BY CreatedDate LIMIT 1"), ["alpha"]);
    assert_eq!(select("WHERE DeveloperName IN ('ALPHA', 'x')"), ["alpha"]);
    assert_eq!(
        select("WHERE CreatedBy.Name != 'Local Admin' AND NamespacePrefix = null"),
        ["Beta"]
    );
    assert_eq!(
        select("WHERE LastModifiedDate > 1970-01-01T00:00:15Z"),
        ["Beta"]
    );
    assert_eq!(select("WHERE Id = '0XA000000000001'"), ["Beta"]);
    assert_eq!(
        select("WHERE DeveloperName NOT IN ('alpha') AND CalloutStatus = null"),
        ["Beta"]
    );
    assert_eq!(select("WHERE DeveloperName = true"), [""; 0]);
}

#[test]
fn relationships_are_nested_records() {
    let soql =
        "SELECT CreatedBy.Name, CreatedBy.Profile.Name, createdby.id FROM NamedCredential LIMIT 1";
    let body = answer(&org(), Api::Tooling, soql, 66, Timestamp::UNIX_EPOCH).unwrap();
    let user = &body["records"][0]["CreatedBy"];
    assert_eq!(user["Name"], "Local Admin");
    assert_eq!(user["Profile"]["Name"], "System Administrator");
    assert_eq!(user["Id"], "005000000000001AAA");
}

#[test]
fn refuses_as_the_platform_does() {
    let text = "SELECT Metadata FROM NamedCredential";
    assert_eq!(refusal(text).code, "MALFORMED_QUERY");
    assert_eq!(
        refusal("SELECT Id FROM NamedCredential WHERE Endpoint = 'x'").code,
        "INVALID_FIELD"
    );
    assert_eq!(
        refusal("SELECT Nope.Name FROM NamedCredential").code,
        "INVALID_FIELD"
    );
    let unknown = refusal("SELECT Id FROM Accout");
    assert_eq!(unknown.code, "INVALID_TYPE");
    assert!(unknown.message.starts_with(
        "\nSELECT Id FROM Accout\n               ^\nERROR at Row:1:Column:16\nsObject type 'Accout' is not supported."
    ));
    let unknown = refusal("SELECT Foo FROM ApexClass");
    assert!(unknown.message.starts_with(
        "\nSELECT Foo FROM ApexClass\n       ^\nERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'ApexClass'."
    ));
}

proptest! {
    #[test]
    fn never_panics(
        fields in "(Id|DeveloperName|CreatedBy\\.Name|CreatedById|Metadata|Nope|CreatedBy\\.Profile\\.Id)(, (Id|Name|CreatedBy\\.Id))?",
        table in "(NamedCredential|User|ApexTrigger|Organization|PermissionSet|DeployRequest)",
        field in "(Id|CreatedDate|IsActive|Name|CreatedBy\\.Name)",
        operator in "(=|!=|<|<=|>|>=)",
        literal in "(null|true|'x'|1|1970-01-01T00:00:15Z|'')",
    ) {
        let soql = format!("SELECT {fields} FROM {table} WHERE {field} {operator} {literal} ORDER BY {field}");
        let _ = answer(&org(), Api::Tooling, &soql, 66, Timestamp::UNIX_EPOCH);
    }
}
