//! Custom objects as Apex sees them.

use super::*;
use crate::emulator::runtime::{OrgData, Outcome, Program};

const TYPE: &str = "<CustomObject><label>S</label></CustomObject>";
const FLAG: &str = "<CustomField><type>Checkbox</type></CustomField>";
const RECORD: &str = "<CustomMetadata><label>The default</label>\
    <values><field>On__c</field><value>true</value></values></CustomMetadata>";

fn outcome(schema: &Schema, body: &str) -> Outcome {
    let source = format!("@IsTest private class T {{ @IsTest static void t() {{ {body} }} }}");
    let id = ComponentId::new(MetadataType::ApexClass, "T");
    let program = Program::compile(&[(id, source)], schema).unwrap();
    let run = program.run_tests(&["T".to_owned()], &OrgData::default());
    run.results[0].outcome.clone()
}

fn settings() -> Schema {
    let mut schema = Schema::with_components([
        (ComponentId::new(MetadataType::CustomObject, "S__mdt"), TYPE),
        (
            ComponentId::new(MetadataType::CustomField, "S__mdt.On__c"),
            FLAG,
        ),
    ]);
    let object = schema.find("S__mdt").unwrap();
    let record = custom_metadata(object, "Default", &tree::parse(RECORD).unwrap());
    schema.custom_metadata.push(record);
    schema
}

#[test]
fn records_of_custom_metadata_are_read_without_a_query() {
    let body = "S__mdt one = S__mdt.getInstance('Default');
        System.assertEquals(true, one.On__c);
        System.assertEquals('The default', one.MasterLabel);
        System.assertEquals(null, S__mdt.getInstance('Other'));
        System.assertEquals(new Set<String>{ 'Default' }, S__mdt.getAll().keySet());
        System.assertEquals(one.Id, [SELECT Id FROM S__mdt WHERE On__c = TRUE].Id);
        System.assertEquals(0, Limits.getQueries());";
    assert_eq!(outcome(&settings(), body), Outcome::Passed);
}

#[test]
fn records_of_custom_metadata_are_not_written() {
    let found = outcome(&settings(), "insert new S__mdt(DeveloperName = 'x');");
    let expected = "DML on S__mdt";
    assert!(
        matches!(&found, Outcome::Unsupported { construct, .. } if construct == expected),
        "{found:?}"
    );
}

fn event(behavior: &str) -> Schema {
    let xml = format!("<CustomObject><publishBehavior>{behavior}</publishBehavior></CustomObject>");
    let id = ComponentId::new(MetadataType::CustomObject, "E__e");
    Schema::with_components([(id, xml.as_str())])
}

// Apex Developer Guide, "Execution Governors and Limits": 150 calls that publish at once.
#[test]
fn events_that_leave_at_once_have_a_limit_of_their_own() {
    let publish = |times: u32| {
        let body = format!(
            "try {{ for (Integer i = 0; i < {times}; i++) {{ EventBus.publish(new E__e()); }} }}
            catch (Exception e) {{ return; }}
            System.assertEquals({times}, Limits.getPublishImmediateDML());
            System.assertEquals(0, Limits.getDmlStatements());"
        );
        outcome(&event("PublishImmediately"), &body)
    };
    assert_eq!(publish(150), Outcome::Passed);
    let found = publish(151);
    assert!(
        matches!(&found, Outcome::Failed(failure) if failure.exception == "System.LimitException"),
        "{found:?}"
    );
}

#[test]
fn an_event_leaves_as_its_type_says() {
    let body = "EventBus.publish(new E__e());
        System.assertEquals(DML, Limits.getDmlStatements());
        System.assertEquals(AT_ONCE, Limits.getPublishImmediateDML());";
    for (behavior, dml, at_once) in [
        ("PublishAfterCommit", "1", "0"),
        ("PublishImmediately", "0", "1"),
    ] {
        let body = body
            .replace("DML,", &format!("{dml},"))
            .replace("AT_ONCE", at_once);
        assert_eq!(
            outcome(&event(behavior), &body),
            Outcome::Passed,
            "{behavior}"
        );
    }
}
