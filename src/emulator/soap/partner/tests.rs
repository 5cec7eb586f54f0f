//! Records over SOAP, without HTTP.

use super::super::super::options::Options;
use super::*;

fn answer(org: &EmulatedOrg, header: &str, operation: &str) -> (bool, Node) {
    let text = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><SessionHeader>\
         <sessionId>good</sessionId></SessionHeader>{header}</s:Header><s:Body>{operation}</s:Body></s:Envelope>"
    );
    let answer = respond(org, Some(66), &text, |session| session == "good");
    let Ok(envelope) = tree::parse(&answer.body) else {
        panic!("well-formed: {}", answer.body);
    };
    (
        answer.fault,
        envelope.child("Body").unwrap().children[0].clone(),
    )
}

fn done(org: &EmulatedOrg, operation: &str) -> Vec<Node> {
    let (fault, answer) = answer(org, "", operation);
    assert!(!fault);
    answer.children
}

fn fault(org: &EmulatedOrg, operation: &str) -> (String, String) {
    let (fault, answer) = answer(org, "", operation);
    assert!(fault);
    let detail = answer.child("detail").unwrap().children[0].clone();
    (
        detail.name.clone(),
        detail.text_of("exceptionCode").unwrap().to_owned(),
    )
}

fn text<'a>(node: &'a Node, name: &str) -> &'a str {
    node.text_of(name).unwrap_or_default()
}

#[test]
fn a_record_is_made_changed_found_and_deleted() {
    let org = EmulatedOrg::in_memory(&Options::default()).unwrap();
    let made = done(
        &org,
        "<create><sObjects><type>Case</type><Subject>One</Subject><IsEscalated>true</IsEscalated></sObjects>\
         <sObjects><type>Contact</type><FirstName>Ada</FirstName></sObjects></create>",
    );
    let id = text(&made[0], "id").to_owned();
    assert!(id.starts_with("500") && id.len() == 18, "{id}");
    assert_eq!(text(&made[0], "success"), "true");
    let error = made[1].child("errors").unwrap();
    assert_eq!(text(error, "statusCode"), "REQUIRED_FIELD_MISSING");
    assert_eq!(text(error, "fields"), "LastName");
    assert_eq!(text(&made[1], "success"), "false");

    let update = format!(
        "<update><sObjects><type>Case</type><Id>{id}</Id><fieldsToNull>Subject</fieldsToNull><Status>Working</Status>\
         </sObjects></update>"
    );
    assert_eq!(text(&done(&org, &update)[0], "success"), "true");
    let query = "<query><queryString>SELECT Id, Subject, Status, IsEscalated, Owner.Name FROM Case</queryString></query>";
    let found = done(&org, query);
    assert_eq!(
        (text(&found[0], "done"), text(&found[0], "size")),
        ("true", "1")
    );
    let row = found[0].child("records").unwrap();
    let names: Vec<&str> = row
        .children
        .iter()
        .map(|child| child.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "type",
            "Id",
            "Id",
            "Subject",
            "Status",
            "IsEscalated",
            "Owner"
        ]
    );
    assert_eq!(
        (text(row, "Status"), text(row, "IsEscalated")),
        ("Working", "true")
    );
    assert!(row.child("Subject").unwrap().nil);
    assert_eq!(text(row.child("Owner").unwrap(), "Name"), "Local Admin");

    let retrieve = format!(
        "<retrieve><fieldList>Status</fieldList><sObjectType>Case</sObjectType><ids>{id}</ids>\
         <ids>500000000000999</ids></retrieve>"
    );
    let retrieved = done(&org, &retrieve);
    assert_eq!(text(&retrieved[0], "Status"), "Working");
    assert!(retrieved[1].nil);

    let delete = format!("<delete><ids>{id}</ids></delete>");
    assert_eq!(text(&done(&org, &delete)[0], "success"), "true");
    let again = done(&org, &delete);
    assert_eq!(
        text(again[0].child("errors").unwrap(), "statusCode"),
        "ENTITY_IS_DELETED"
    );
    assert_eq!(text(&done(&org, query)[0], "size"), "0");
    let all = "<queryAll><queryString>SELECT Id FROM Case</queryString></queryAll>";
    assert_eq!(text(&done(&org, all)[0], "size"), "1");
}

#[test]
fn an_upsert_says_what_it_made() {
    let org = EmulatedOrg::in_memory(&Options::default()).unwrap();
    let upsert = |id: &str| {
        format!(
            "<upsert><externalIDFieldName>Id</externalIDFieldName><sObjects><type>Case</type>{id}<Subject>x</Subject>\
             </sObjects></upsert>"
        )
    };
    let made = done(&org, &upsert(""));
    assert_eq!(
        (text(&made[0], "created"), text(&made[0], "success")),
        ("true", "true")
    );
    let again = done(&org, &upsert(&format!("<Id>{}</Id>", text(&made[0], "id"))));
    assert_eq!(
        (text(&again[0], "created"), text(&again[0], "success")),
        ("false", "true")
    );
    let wrong = upsert("").replace(">Id<", ">Subject<");
    assert_eq!(
        fault(&org, &wrong),
        ("InvalidFieldFault".to_owned(), "INVALID_FIELD".to_owned())
    );
}

#[test]
fn all_or_none_keeps_none() {
    let org = EmulatedOrg::in_memory(&Options::default()).unwrap();
    let (fault, made) = answer(
        &org,
        "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>",
        "<create><sObjects><type>Case</type></sObjects><sObjects><type>Contact</type></sObjects></create>",
    );
    assert!(!fault);
    let code = text(made.children[0].child("errors").unwrap(), "statusCode");
    assert_eq!(code, "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    let query = "<query><queryString>SELECT COUNT() FROM Case</queryString></query>";
    assert_eq!(text(&done(&org, query)[0], "size"), "0");
}

#[test]
fn a_long_result_comes_in_parts() {
    let org = EmulatedOrg::in_memory(&Options::default()).unwrap();
    let records = "<sObjects><type>Case</type></sObjects>".repeat(200);
    for _ in 0..2 {
        done(&org, &format!("<create>{records}</create>"));
    }
    let (_, first) = answer(
        &org,
        "<QueryOptions><batchSize>250</batchSize></QueryOptions>",
        "<query><queryString>SELECT Id FROM Case</queryString></query>",
    );
    let first = &first.children[0];
    let rows = |page: &Node| {
        page.children
            .iter()
            .filter(|child| child.name == "records")
            .count()
    };
    assert_eq!(
        (text(first, "done"), text(first, "size"), rows(first)),
        ("false", "400", 250)
    );
    let more = format!(
        "<queryMore><queryLocator>{}</queryLocator></queryMore>",
        text(first, "queryLocator")
    );
    let rest = done(&org, &more);
    assert_eq!((text(&rest[0], "done"), rows(&rest[0])), ("true", 150));
    assert!(rest[0].child("queryLocator").unwrap().nil);
}

#[test]
fn what_is_wrong_is_a_fault_of_its_type() {
    let org = EmulatedOrg::in_memory(&Options::default()).unwrap();
    for (operation, expected) in [
        (
            "<query><queryString>SELECT Id FRM Case</queryString></query>",
            ("MalformedQueryFault", "MALFORMED_QUERY"),
        ),
        (
            "<query><queryString>SELECT Id FROM Nope</queryString></query>",
            ("InvalidSObjectFault", "INVALID_TYPE"),
        ),
        (
            "<query><queryString>SELECT Nope FROM Case</queryString></query>",
            ("InvalidFieldFault", "INVALID_FIELD"),
        ),
        (
            "<queryMore><queryLocator>x</queryLocator></queryMore>",
            ("InvalidQueryLocatorFault", "INVALID_QUERY_LOCATOR"),
        ),
        (
            "<create><sObjects><type>Nope</type></sObjects></create>",
            ("InvalidSObjectFault", "INVALID_TYPE"),
        ),
        (
            "<login><username>a</username><password>b</password></login>",
            ("LoginFault", "INVALID_LOGIN"),
        ),
        (
            &format!(
                "<delete>{}</delete>",
                "<ids>500000000000001</ids>".repeat(201)
            ),
            ("UnexpectedErrorFault", "EXCEEDED_ID_LIMIT"),
        ),
    ] {
        let found = fault(&org, operation);
        assert_eq!(
            (found.0.as_str(), found.1.as_str()),
            expected,
            "{operation}"
        );
    }
    let (is_fault, unknown) = answer(&org, "", "<merge/>");
    assert!(is_fault);
    assert!(text(&unknown, "faultstring").contains("No operation available for request"));
}
