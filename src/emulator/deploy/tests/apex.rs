//! Deploys with Apex in them.

use super::super::super::query::{self, Api};
use super::*;
use crate::metadata::{ComponentId, MetadataType};

const META: &str = "<ApexClass xmlns=\"http://soap.sforce.com/2006/04/metadata\"><apiVersion>66.0</apiVersion></ApexClass>";

fn trigger_meta(status: &str) -> String {
    format!(
        "<ApexTrigger {NS}><apiVersion>66.0</apiVersion><status>{status}</status></ApexTrigger>"
    )
}

fn class(source: &str) -> Vec<String> {
    refused(
        &[("ApexClass", "C")],
        &[("classes/C.cls", source), ("classes/C.cls-meta.xml", META)],
    )
}

fn trigger(state: &mut State, settings: &Options, source: &str, status: &str) -> Deploy {
    let manifest = manifest(&[("ApexTrigger", "T")]);
    let meta = trigger_meta(status);
    let files = [
        ("package.xml", manifest.as_str()),
        ("triggers/T.trigger", source),
        ("triggers/T.trigger-meta.xml", &meta),
    ];
    run(state, settings, single(), &files)
}

#[test]
fn a_class_must_parse_and_carry_its_files_name() {
    let broken = class("public class C {\n  void run() {\n    Integer x = 1\n  }\n}\n");
    assert_eq!(broken.len(), 1);
    assert!(
        broken[0].starts_with("classes/C.cls 4:") || broken[0].starts_with("classes/C.cls 3:"),
        "{broken:?}"
    );
    assert_eq!(
        class("public class D {}"),
        ["classes/C.cls 1:1 Class name must match file name: D"]
    );
    assert_eq!(
        class("trigger C on Case (after insert) {}"),
        ["classes/C.cls 1:1 Unexpected declaration: the file is not that of an ApexClass"]
    );
}

#[test]
fn the_xml_of_a_class_is_checked() {
    let deploy = |meta: &str| {
        refused(
            &[("ApexClass", "C")],
            &[
                ("classes/C.cls", "public class C {}"),
                ("classes/C.cls-meta.xml", meta),
            ],
        )
    };
    assert_eq!(
        deploy("<ApexClass><apiVersion>67.0</apiVersion></ApexClass>"),
        ["classes/C.cls The (C) apiVersion can't be \"67.0\""]
    );
    assert_eq!(
        deploy("<ApexClass><apiVersion>66.0</apiVersion><status>On</status></ApexClass>"),
        [
            "classes/C.cls-meta.xml 1:41 Error parsing file: 'On' is not a valid value for the enum 'ApexCodeUnitStatus'"
        ]
    );
    assert_eq!(
        refused(
            &[("ApexClass", "C")],
            &[("classes/C.cls", "public class C {}")]
        ),
        ["classes/C.cls Metadata file is missing: classes/C.cls-meta.xml"]
    );
}

#[test]
fn a_trigger_keeps_its_object_and_starts_active() {
    let (mut state, settings) = org(OrgKind::Developer);
    let on_case = "trigger T on Case (after insert, before update) {}";
    let early = trigger(&mut state, &settings, on_case, "Inactive");
    assert_eq!(
        failures(&early),
        [
            "triggers/T.trigger A trigger must be deployed with status Active before it can be Inactive"
        ]
    );
    let unknown = trigger(
        &mut state,
        &settings,
        "trigger T on Nope__c (after insert) {}",
        "Active",
    );
    assert_eq!(
        failures(&unknown),
        ["triggers/T.trigger 1:1 Invalid type: Nope__c"]
    );
    assert_eq!(
        trigger(&mut state, &settings, on_case, "Active").status,
        DeployStatus::Succeeded
    );
    let moved = trigger(
        &mut state,
        &settings,
        "trigger T on Lead (after insert) {}",
        "Active",
    );
    assert_eq!(
        failures(&moved),
        ["triggers/T.trigger Cannot change the object of a trigger from Case to Lead"]
    );
    assert_eq!(
        trigger(&mut state, &settings, on_case, "Inactive").status,
        DeployStatus::Succeeded
    );
    let soql = "SELECT Status, TableEnumOrId, UsageAfterInsert, UsageBeforeUpdate, UsageAfterDelete, Body \
                FROM ApexTrigger WHERE NamespacePrefix = null AND Name IN ('T')";
    let body = query::run(&state, Api::Data, soql, 66, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(
        body["records"][0].to_string(),
        format!(
            "{{\"attributes\":{{\"type\":\"ApexTrigger\",\"url\":\"/services/data/v66.0/sobjects/ApexTrigger/\
             01q000000000001AAA\"}},\"Status\":\"Inactive\",\"TableEnumOrId\":\"Case\",\"UsageAfterInsert\":true,\
             \"UsageBeforeUpdate\":true,\"UsageAfterDelete\":false,\"Body\":\"{on_case}\"}}"
        )
    );
}

fn with_tests(kind: OrgKind, level: Option<TestLevel>) -> (Deploy, State) {
    let (mut state, settings) = org(kind);
    let manifest = manifest(&[("ApexClass", "*")]);
    let options = DeployOptions {
        test_level: level,
        ..single()
    };
    let files = [
        ("package.xml", manifest.as_str()),
        ("classes/C.cls", "public class C {}"),
        ("classes/C.cls-meta.xml", META),
        ("classes/CTest.cls", "@IsTest private class CTest {}"),
        ("classes/CTest.cls-meta.xml", META),
    ];
    let deploy = run(&mut state, &settings, options, &files);
    (deploy, state)
}

fn warnings(deploy: &Deploy) -> Vec<(Option<String>, String)> {
    let tests = deploy.outcome.details.run_test_result.clone().unwrap();
    assert_eq!((tests.num_tests_run, tests.successes.len()), (0, 0));
    tests
        .code_coverage_warnings
        .into_iter()
        .map(|item| (item.name, item.message))
        .collect()
}

const NOT_RUN: &str = "Apex tests were not run: this local org does not execute Apex.";

#[test]
fn tests_that_did_not_run_are_not_called_passed() {
    let (deploy, state) = with_tests(OrgKind::Sandbox, Some(TestLevel::RunSpecifiedTests));
    assert_eq!(
        (&deploy.status, state.components.len()),
        (&DeployStatus::Succeeded, 2)
    );
    assert_eq!(warnings(&deploy), [(None, NOT_RUN.to_owned())]);
    let (deploy, _) = with_tests(OrgKind::Sandbox, None);
    assert_eq!(warnings(&deploy), []);
}

#[test]
fn production_demands_coverage() {
    let (deploy, state) = with_tests(OrgKind::Production, Some(TestLevel::RunSpecifiedTests));
    assert_eq!(
        (&deploy.status, state.components.len()),
        (&DeployStatus::Failed, 0)
    );
    let selected =
        "Test coverage of selected Apex Class is 0%, at least 75% test coverage is required";
    assert_eq!(
        warnings(&deploy),
        [
            (None, NOT_RUN.to_owned()),
            (Some("C".to_owned()), selected.to_owned())
        ]
    );
    assert_eq!(deploy.outcome.errors, 0);
    let (deploy, _) = with_tests(OrgKind::Production, None);
    let average = "Average test coverage across all Apex Classes and Triggers is 0%, at least 75% test \
                   coverage is required.";
    assert_eq!(
        warnings(&deploy),
        [(None, NOT_RUN.to_owned()), (None, average.to_owned())]
    );
    let (deploy, _) = with_tests(OrgKind::Production, Some(TestLevel::NoTestRun));
    let text = "testLevel of NoTestRun cannot be used in production organizations";
    assert_eq!(
        deploy.outcome.error,
        Some(("INVALID_OPERATION".to_owned(), text.to_owned()))
    );
    assert_eq!(deploy.status, DeployStatus::Failed);
}

#[test]
fn apex_is_kept_as_it_was() {
    let (mut state, settings) = org(OrgKind::Developer);
    let source = "// é\r\npublic class C {\r\n}";
    let manifest = manifest(&[("ApexClass", "C")]);
    let files = [
        ("package.xml", manifest.as_str()),
        ("classes/C.cls", source),
        ("classes/C.cls-meta.xml", META),
    ];
    run(&mut state, &settings, single(), &files);
    let stored = state
        .component(&ComponentId::new(MetadataType::ApexClass, "c"))
        .unwrap();
    assert_eq!(stored.source.as_deref(), Some(source));
    assert_eq!(stored.tree().text_of("status"), Some("Active"));
}
