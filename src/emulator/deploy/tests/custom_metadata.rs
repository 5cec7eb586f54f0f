//! Deploys of custom metadata types and their records.

use super::*;
use crate::metadata::{ComponentId, MetadataType};

const TYPES: &[(&str, &str)] = &[
    ("CustomObject", "S__mdt"),
    ("CustomField", "S__mdt.On__c"),
    ("CustomMetadata", "S.Default"),
];
const FILE: &str = "customMetadata/S.Default.md";

fn object() -> String {
    format!(
        "<CustomObject {NS}><fields><fullName>On__c</fullName><defaultValue>true</defaultValue>\
         <label>On</label><type>Checkbox</type></fields><label>S</label>\
         <pluralLabel>Ss</pluralLabel></CustomObject>"
    )
}

fn file(body: &str) -> String {
    format!(
        "<CustomMetadata {NS} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">{body}</CustomMetadata>"
    )
}

fn record(body: &str) -> Vec<String> {
    let files = [("objects/S__mdt.object", object()), (FILE, file(body))];
    refused(
        TYPES,
        &files.each_ref().map(|(path, text)| (*path, text.as_str())),
    )
}

fn value(field: &str, value: &str) -> String {
    format!("<label>D</label><values><field>{field}</field>{value}</values>")
}

const ON: &str = "<value xsi:type=\"xsd:boolean\">true</value>";

#[test]
fn a_record_needs_its_label_and_known_fields_with_types() {
    assert_eq!(
        record("<protected>false</protected>"),
        [format!("{FILE} Required field is missing: label")]
    );
    assert_eq!(
        record(&value("Off__c", ON)),
        [format!(
            "{FILE} 1:180 no CustomField named S__mdt.Off__c found"
        )]
    );
    assert_eq!(
        record(&value("On__c", "<value>true</value>")),
        [format!("{FILE} 1:208 The value of On__c has no xsi:type")]
    );
    assert_eq!(
        record(&value(
            "On__c",
            "<value xsi:type=\"xsd:date\">2026-01-31</value>"
        )),
        [format!(
            "{FILE} 1:208 The emulator does not support values of type date in custom metadata"
        )]
    );
}

#[test]
fn a_record_needs_its_type() {
    let file = format!("<CustomMetadata {NS}><label>D</label></CustomMetadata>");
    assert_eq!(
        refused(&[("CustomMetadata", "S.Default")], &[(FILE, &file)]),
        [format!("{FILE} no CustomObject named S__mdt found")]
    );
}

#[test]
fn a_record_comes_back_with_the_types_of_its_values() {
    let (mut state, settings) = org(OrgKind::Developer);
    let text = file(&value("On__c", ON));
    let (manifest, object) = (manifest(TYPES), object());
    let files = [
        ("package.xml", manifest.as_str()),
        ("objects/S__mdt.object", object.as_str()),
        (FILE, text.as_str()),
    ];
    let deploy = run(&mut state, &settings, single(), &files);
    assert_eq!(failures(&deploy), [""; 0]);
    let id = ComponentId::new(MetadataType::CustomMetadata, "S.Default");
    assert_eq!(
        state.component(&id).unwrap().tree().document(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <CustomMetadata xmlns=\"http://soap.sforce.com/2006/04/metadata\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n    <label>D</label>\n    \
         <protected>false</protected>\n    <values>\n        <field>On__c</field>\n        \
         <value xsi:type=\"xsd:boolean\">true</value>\n    </values>\n</CustomMetadata>\n"
    );
}
