//! Deploys of platform events.

use super::*;

const LABELS: &str = "<label>E</label><pluralLabel>Es</pluralLabel>";

fn object(name: &str, body: &str) -> Vec<String> {
    let path = format!("objects/{name}.object");
    let file = format!("<CustomObject {NS}>{body}</CustomObject>");
    refused(&[("CustomObject", name)], &[(&path, &file)])
}

fn config(body: &str) -> Vec<String> {
    let file =
        format!("<PlatformEventSubscriberConfig {NS}>{body}</PlatformEventSubscriberConfig>");
    refused(
        &[("PlatformEventSubscriberConfig", "C")],
        &[(
            "PlatformEventSubscriberConfigs/C.platformEventSubscriberConfig",
            &file,
        )],
    )
}

#[test]
fn an_event_needs_its_labels_and_its_ending() {
    assert_eq!(
        object("E__e", "<label>E</label>"),
        ["objects/E__e.object Required field is missing: pluralLabel"]
    );
    assert_eq!(
        object("E__c", LABELS),
        [
            "objects/E__c.object The emulator does not support custom objects other than platform \
             events and custom metadata types: E__c"
        ]
    );
}

#[test]
fn what_an_object_says_must_be_named() {
    let file = format!("<CustomObject {NS}>{LABELS}</CustomObject>");
    let found = refused(
        &[("CustomField", "E__e.A__c")],
        &[("objects/E__e.object", &file)],
    );
    let unnamed = |name: &str| found.iter().any(|text| text.ends_with(name));
    assert!(unnamed("Not in package.xml: label"), "{found:?}");
    assert!(unnamed("Not in package.xml: pluralLabel"), "{found:?}");
}

#[test]
fn settings_need_a_trigger_and_a_possible_size() {
    let path = "PlatformEventSubscriberConfigs/C.platformEventSubscriberConfig";
    let found = config(
        "<batchSize>2001</batchSize><masterLabel>C</masterLabel>\
         <platformEventConsumer>T</platformEventConsumer>",
    );
    assert_eq!(
        found,
        [
            format!("{path} In field: platformEventConsumer - no ApexTrigger named T found"),
            format!("{path} 1:80 The batch size must be between 1 and 2,000"),
        ]
    );
}

#[test]
fn an_event_its_fields_its_trigger_and_its_settings_go_together() {
    let manifest = manifest(&[
        ("ApexTrigger", "T"),
        ("CustomField", "E__e.A__c"),
        ("CustomObject", "E__e"),
        ("PlatformEventSubscriberConfig", "C"),
    ]);
    let object = format!(
        "<CustomObject {NS}><deploymentStatus>Deployed</deploymentStatus><eventType>HighVolume\
         </eventType><fields><fullName>A__c</fullName><label>A</label><length>18</length>\
         <type>Text</type></fields>{LABELS}<publishBehavior>PublishAfterCommit</publishBehavior>\
         </CustomObject>"
    );
    let trigger = format!(
        "<ApexTrigger {NS}><apiVersion>66.0</apiVersion><status>Active</status></ApexTrigger>"
    );
    let config = format!(
        "<PlatformEventSubscriberConfig {NS}><batchSize>200</batchSize><masterLabel>C\
         </masterLabel><platformEventConsumer>T</platformEventConsumer>\
         </PlatformEventSubscriberConfig>"
    );
    let files = [
        ("package.xml", manifest.as_str()),
        ("objects/E__e.object", &object),
        ("triggers/T.trigger", "trigger T on E__e (after insert) {}"),
        ("triggers/T.trigger-meta.xml", &trigger),
        (
            "PlatformEventSubscriberConfigs/C.platformEventSubscriberConfig",
            &config,
        ),
    ];
    let (mut state, settings) = org(OrgKind::Developer);
    let deploy = run(&mut state, &settings, single(), &files);
    assert_eq!(failures(&deploy), [""; 0]);
}
