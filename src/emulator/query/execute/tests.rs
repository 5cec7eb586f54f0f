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
    assert_eq!(
        select("WHERE DeveloperName = 'alpha' OR DeveloperName = 'beta' ORDER BY Id"),
        ["Beta", "alpha"]
    );
    assert_eq!(select("WHERE NOT DeveloperName LIKE 'AL%'"), ["Beta"]);
    assert_eq!(select("ORDER BY DeveloperName LIMIT 5 OFFSET 1"), ["Beta"]);
    assert_eq!(
        select("WHERE (DeveloperName = 'x' OR CreatedBy.Name LIKE '%Garcia') AND Protocol = null"),
        ["Beta"]
    );
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
fn counts_instead_of_selecting() {
    let soql = "SELECT COUNT() FROM NamedCredential WHERE DeveloperName LIKE '_eta'";
    let body = answer(&org(), Api::Data, soql, 66, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(body, json!({ "totalSize": 1, "done": true, "records": [] }));
}

#[test]
fn children_are_records_of_their_parent() {
    let mut state = org();
    let record = |object: &str, id: &str, fields: Value| super::super::super::record::Record {
        object: object.to_owned(),
        id: id.to_owned(),
        deleted: false,
        fields: fields.as_object().unwrap().clone(),
    };
    state.records = vec![
        record(
            "Case",
            "500000000000001AAA",
            json!({ "Id": "500000000000001AAA", "Subject": "One" }),
        ),
        record(
            "Case",
            "500000000000002AAA",
            json!({ "Id": "500000000000002AAA", "Subject": "Two" }),
        ),
        record(
            "EmailMessage",
            "02s000000000001AAA",
            json!({ "Id": "02s000000000001AAA", "ParentId": "500000000000001AAA", "Subject": "Re" }),
        ),
    ];
    let soql = "SELECT Subject, (SELECT Subject, Parent.Subject FROM EmailMessages) FROM Case ORDER BY Subject";
    let body = answer(&state, Api::Data, soql, 66, Timestamp::UNIX_EPOCH).unwrap();
    let mails = &body["records"][0]["EmailMessages"];
    assert_eq!(mails["totalSize"], 1);
    assert_eq!(mails["records"][0]["Parent"]["Subject"], "One");
    assert_eq!(body["records"][1]["EmailMessages"], Value::Null);
    let wrong = "SELECT Id, (SELECT Id FROM Nope) FROM Case";
    let refused = answer(&state, Api::Data, wrong, 66, Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(refused.code, "INVALID_TYPE");
    assert!(
        refused
            .message
            .contains("Didn't understand relationship 'Nope' in FROM part of query call")
    );
}

#[test]
fn groups_rows_and_counts_them() {
    let mut state = org();
    for (number, status, day) in [(1, "New", 3), (2, "new", 2), (3, "Closed", 1)] {
        let id = format!("50000000000000{number}AAA");
        let fields = json!({ "Id": id, "Status": status, "CreatedDate": format!("2026-03-0{day}T10:00:00.000+0000") });
        state.records.push(super::super::super::record::Record {
            object: "Case".to_owned(),
            id,
            deleted: false,
            fields: fields.as_object().unwrap().clone(),
        });
    }
    let now: Timestamp = "2026-03-03T12:00:00Z".parse().unwrap();
    let rows = |soql: &str| {
        let body = answer(&state, Api::Data, soql, 66, now).unwrap();
        let records = body["records"].as_array().unwrap().clone();
        assert_eq!(body["totalSize"], records.len());
        records
    };
    let found = rows(
        "SELECT Status, COUNT(Id), MAX(CreatedDate) newest FROM Case GROUP BY Status ORDER BY COUNT(Id) DESC",
    );
    let result = |status: &str, count: u32, newest: &str| json!({ "attributes": { "type": "AggregateResult" }, "Status": status, "expr0": count, "newest": newest });
    assert_eq!(
        found,
        [
            result("New", 2, "2026-03-03T10:00:00.000+0000"),
            result("Closed", 1, "2026-03-01T10:00:00.000+0000")
        ]
    );
    let none = rows("SELECT COUNT_DISTINCT(Status), MIN(CreatedDate) FROM Case WHERE Id = null");
    assert_eq!(none.len(), 1);
    let ids = |soql: &str| rows(&format!("SELECT Id FROM Case WHERE CreatedDate {soql}")).len();
    assert_eq!(
        [
            ids("= TODAY"),
            ids("= YESTERDAY"),
            ids("< TODAY"),
            ids(">= LAST_N_DAYS:1"),
            ids("= THIS_MONTH")
        ],
        [1, 1, 2, 2, 3]
    );
    let refused = |soql: &str| {
        let refused = answer(&state, Api::Data, soql, 66, now).unwrap_err();
        (
            refused.code,
            refused.message.lines().last().unwrap().to_owned(),
        )
    };
    assert_eq!(
        refused("SELECT Status, COUNT(Id) FROM Case"),
        (
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Status".to_owned()
        )
    );
    assert_eq!(
        refused("SELECT Id FROM Case WHERE CreatedDate = LAST_N_DAYS").0,
        "MALFORMED_QUERY"
    );
    assert_eq!(
        refused("SELECT Id FROM Case WHERE Subject = TODAY").0,
        "INVALID_FIELD"
    );
}

#[test]
fn refuses_as_the_platform_does() {
    for (condition, code, text) in [
        (
            "DeveloperName = true",
            "INVALID_FIELD",
            "value of filter criterion for field 'DeveloperName' must be of type string and should be \
             enclosed in quotes",
        ),
        (
            "CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be \
             enclosed in quotes",
        ),
        (
            "Id = 5",
            "INVALID_FIELD",
            "value of filter criterion for field 'Id' must be of type string and should be enclosed in quotes",
        ),
        (
            "Id = 'x'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: x",
        ),
    ] {
        let refused = refusal(&format!("SELECT Id FROM NamedCredential WHERE {condition}"));
        assert_eq!(refused.code, code);
        assert_eq!(refused.message.lines().last(), Some(text));
    }

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

fn case(number: u32, fields: &Value) -> super::super::super::record::Record {
    let id = format!("500000000000{number:03}AAA");
    let mut row = json!({ "Id": id, "OwnerId": "005000000000001AAA" });
    for (name, value) in fields.as_object().unwrap() {
        row[name] = value.clone();
    }
    super::super::super::record::Record {
        object: "Case".to_owned(),
        id,
        deleted: false,
        fields: row.as_object().unwrap().clone(),
    }
}

/// An org with three Cases.
fn cases() -> State {
    let mut state = org();
    state.records = vec![
        case(1, &json!({ "Subject": "One", "Status": "New" })),
        case(
            2,
            &json!({ "Subject": "Two", "Status": "New", "ParentId": "500000000000001AAA" }),
        ),
        case(3, &json!({ "Subject": "Three", "Status": "Closed" })),
    ];
    state
}

fn of_cases(soql: &str) -> Result<Value, Refusal> {
    answer(&cases(), Api::Data, soql, 66, Timestamp::UNIX_EPOCH)
        .map(|mut body| body["records"].take())
}

#[test]
fn having_chooses_among_groups() {
    let rows = |having: &str| {
        let soql = format!("SELECT Status, COUNT(Id) n FROM Case GROUP BY Status HAVING {having}");
        let rows = of_cases(&soql).unwrap();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["Status"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(rows("COUNT(Id) > 1"), ["New"]);
    assert_eq!(rows("COUNT(Id) = 1 OR Status = 'new'"), ["Closed", "New"]);
    assert_eq!(rows("NOT MAX(Subject) = 'Two'"), ["Closed"]);
    let ungrouped = "SELECT Status, COUNT(Id) FROM Case GROUP BY Status HAVING Subject = 'x'";
    let refused = of_cases(ungrouped).unwrap_err();
    assert!(
        refused
            .message
            .ends_with("Field must be grouped or aggregated: Subject")
    );
}

#[test]
fn in_takes_a_query() {
    let subjects = |condition: &str| {
        let soql = format!("SELECT Subject FROM Case WHERE {condition} ORDER BY Subject");
        let rows = of_cases(&soql).unwrap();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["Subject"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        subjects("Id IN (SELECT ParentId FROM Case WHERE Subject = 'Two')"),
        ["One"]
    );
    assert_eq!(
        subjects("Id NOT IN (SELECT ParentId FROM Case)"),
        ["Three", "Two"]
    );
    let two = "SELECT Id FROM Case WHERE Id IN (SELECT Id, ParentId FROM Case)";
    assert_eq!(of_cases(two).unwrap_err().code, "MALFORMED_QUERY");
    let unknown = "SELECT Id FROM Case WHERE Id IN (SELECT Id FROM Nope)";
    assert_eq!(of_cases(unknown).unwrap_err().code, "INVALID_TYPE");
}

#[test]
fn fields_stands_for_all_of_a_kind() {
    let rows = of_cases("SELECT FIELDS(ALL) FROM Case LIMIT 1").unwrap();
    assert_eq!(
        (&rows[0]["Subject"], &rows[0]["Priority"]),
        (&json!("One"), &Value::Null)
    );
    assert!(of_cases("SELECT FIELDS(STANDARD) FROM Case").is_ok());
    for (soql, code, text) in [
        (
            "SELECT FIELDS(ALL) FROM Case",
            "MALFORMED_QUERY",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ),
        (
            "SELECT Id, FIELDS(ALL) FROM Case LIMIT 1",
            "INVALID_FIELD",
            "duplicate field selected: Id",
        ),
        (
            "SELECT Id, Subject, id FROM Case",
            "INVALID_FIELD",
            "duplicate field selected: id",
        ),
    ] {
        let refused = of_cases(soql).unwrap_err();
        assert_eq!(
            (refused.code, refused.message.lines().last()),
            (code, Some(text)),
            "{soql}"
        );
    }
}

#[test]
fn the_owner_is_a_name() {
    let rows = of_cases("SELECT c.Owner.Name, c.Owner.Type FROM Case c LIMIT 1 FOR VIEW").unwrap();
    let owner = &rows[0]["Owner"];
    assert_eq!(
        (&owner["attributes"]["type"], &owner["Name"], &owner["Type"]),
        (&json!("Name"), &json!("Local Admin"), &json!("User"))
    );
    let mail = "SELECT OwnerId FROM EmailMessage";
    assert_eq!(of_cases(mail).unwrap_err().code, "INVALID_FIELD");
}

proptest! {
    #[test]
    fn never_panics(
        fields in "(Id|DeveloperName|CreatedBy\\.Name|CreatedById|Metadata|Nope|CreatedBy\\.Profile\\.Id)(, (Id|Name|CreatedBy\\.Id))?",
        table in "(NamedCredential|User|ApexTrigger|Organization|PermissionSet|DeployRequest)",
        field in "(Id|CreatedDate|IsActive|Name|CreatedBy\\.Name)",
        operator in "(=|!=|<|<=|>|>=|LIKE)",
        literal in "(null|true|'x'|1|1970-01-01T00:00:15Z|''|TODAY|LAST_N_YEARS:[0-9]{1,18})",
    ) {
        let soql = format!("SELECT {fields} FROM {table} WHERE {field} {operator} {literal} ORDER BY {field}");
        let _ = answer(&org(), Api::Tooling, &soql, 66, Timestamp::UNIX_EPOCH);
    }
}

fn rows(soql: &str) -> Value {
    let body = answer(&org(), Api::Data, soql, 66, Timestamp::UNIX_EPOCH).unwrap();
    let mut records = body["records"].clone();
    for record in records.as_array_mut().unwrap() {
        record.as_object_mut().unwrap().remove("attributes");
    }
    records
}

#[test]
fn functions_of_dates_group_filter_and_order() {
    let soql = "SELECT CALENDAR_YEAR(CreatedDate) y, DAY_ONLY(CreatedDate), COUNT(Id) FROM NamedCredential \
                WHERE HOUR_IN_DAY(CreatedDate) = 0 AND DAY_ONLY(convertTimezone(CreatedDate)) < 1970-01-02 \
                GROUP BY CALENDAR_YEAR(CreatedDate), DAY_ONLY(CreatedDate) ORDER BY DAY_ONLY(CreatedDate)";
    assert_eq!(
        rows(soql),
        json!([{ "y": 1970, "expr0": "1970-01-01", "expr1": 2 }])
    );
    let soql =
        "SELECT DAY_ONLY(DeveloperName) FROM NamedCredential GROUP BY DAY_ONLY(DeveloperName)";
    assert!(refusal(soql).message.ends_with("needs a field of dates"));
}

#[test]
fn groups_have_subtotals() {
    let soql = "SELECT DeveloperName n, MasterLabel, GROUPING(DeveloperName) g, COUNT(Id) c \
                FROM NamedCredential GROUP BY ROLLUP(MasterLabel, DeveloperName) ORDER BY MasterLabel";
    let row =
        |n: Value, label: Value, g, c| json!({ "n": n, "MasterLabel": label, "g": g, "c": c });
    assert_eq!(
        rows(soql),
        json!([
            row(Value::Null, Value::Null, 1, 2),
            row(json!("alpha"), json!("L"), 0, 1),
            row(json!("Beta"), json!("L"), 0, 1),
            row(Value::Null, json!("L"), 1, 2),
        ])
    );
    let cube = soql
        .replace("ROLLUP", "CUBE")
        .replace("ORDER BY", "HAVING GROUPING(MasterLabel) = 1 ORDER BY");
    assert_eq!(rows(&cube).as_array().unwrap().len(), 3);
}

#[test]
fn parents_are_selected_by_what_they_are() {
    let select = |rest: &str| rows(&format!("SELECT TYPEOF Owner {rest} END FROM Case"));
    assert_eq!(select("WHEN User THEN Email"), json!([]));
    let problem = refusal_of_data("SELECT TYPEOF Owner WHEN Nope THEN Id END FROM Case");
    assert_eq!(problem.code, "INVALID_TYPE");
    let problem = refusal_of_data("SELECT TYPEOF Nope WHEN User THEN Id END FROM Case");
    assert_eq!(problem.code, "INVALID_FIELD");
}

fn refusal_of_data(soql: &str) -> Refusal {
    answer(&org(), Api::Data, soql, 66, Timestamp::UNIX_EPOCH).unwrap_err()
}

#[test]
fn what_a_plain_query_may_not_have() {
    for (soql, code, text) in [
        (
            "SELECT Subject s FROM Case",
            "MALFORMED_QUERY",
            "only aggregate expressions use field aliasing",
        ),
        (
            "SELECT Id FROM Case OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        (
            "SELECT Id FROM Case ORDER BY Description",
            "MALFORMED_QUERY",
            "field 'Description' can not be sorted in a query call",
        ),
        (
            "SELECT CALENDAR_YEAR(CreatedDate) FROM Case",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: CALENDAR_YEAR(CreatedDate)",
        ),
    ] {
        let found = refusal_of_data(soql);
        assert_eq!(found.code, code, "{soql}");
        assert!(found.message.ends_with(text), "{soql}: {}", found.message);
    }
}
