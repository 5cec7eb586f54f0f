//! Deploys with Apex in them.

mod logs;

use super::super::super::query::{self, Api};
use super::*;
use crate::metadata::{ComponentId, MetadataType};
use crate::sf::wire::RunTestsResult;

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

const TESTED: &str = "public class C {
    public static Integer half(Integer value) {
        if (value < 0) {
            return 0;
        }
        return value / 2;
    }
}
";

const TEST: &str = "@IsTest
private class CTest {
    @IsTest
    static void halves() {
        System.Assert.areEqual(2, C.half(5), 'Cut off');
    }
}
";

fn with_tests(kind: OrgKind, level: Option<TestLevel>, class: &str, test: &str) -> (Deploy, State) {
    let (mut state, settings) = org(kind);
    let deploy = deploy_tests(&mut state, &settings, level, class, test);
    (deploy, state)
}

fn deploy_tests(
    state: &mut State,
    settings: &Options,
    level: Option<TestLevel>,
    class: &str,
    test: &str,
) -> Deploy {
    let manifest = manifest(&[("ApexClass", "*")]);
    let specified = level == Some(TestLevel::RunSpecifiedTests);
    let options = DeployOptions {
        test_level: level,
        run_tests: if specified {
            vec!["CTest".to_owned()]
        } else {
            Vec::new()
        },
        ..single()
    };
    let files = [
        ("package.xml", manifest.as_str()),
        ("classes/C.cls", class),
        ("classes/C.cls-meta.xml", META),
        ("classes/CTest.cls", test),
        ("classes/CTest.cls-meta.xml", META),
    ];
    run(state, settings, options, &files)
}

fn tests_of(deploy: &Deploy) -> RunTestsResult {
    deploy.outcome.details.run_test_result.clone().unwrap()
}

fn warnings(deploy: &Deploy) -> Vec<(Option<String>, String)> {
    let warnings = tests_of(deploy).code_coverage_warnings.into_iter();
    warnings.map(|item| (item.name, item.message)).collect()
}

#[test]
fn tests_are_executed_and_their_lines_counted() {
    for level in [TestLevel::RunSpecifiedTests, TestLevel::RunLocalTests] {
        let (deploy, state) = with_tests(OrgKind::Sandbox, Some(level), TESTED, TEST);
        assert_eq!(
            (&deploy.status, state.components.len()),
            (&DeployStatus::Succeeded, 2)
        );
        let tests = tests_of(&deploy);
        assert_eq!((tests.num_tests_run, tests.num_failures), (1, 0));
        assert_eq!(tests.successes[0].method_name, "halves");
        let row = &tests.code_coverage[0];
        assert_eq!(tests.code_coverage.len(), 1, "test classes are not counted");
        assert_eq!(
            (
                row.name.as_str(),
                row.num_locations,
                row.num_locations_not_covered
            ),
            ("C", 4, 1)
        );
    }
    let (deploy, _) = with_tests(OrgKind::Sandbox, None, TESTED, TEST);
    assert_eq!(
        tests_of(&deploy).num_tests_run,
        0,
        "a sandbox runs none unasked"
    );
}

#[test]
fn a_failed_test_fails_the_deploy() {
    let wrong = TESTED.replace("value / 2", "value / 3");
    let level = Some(TestLevel::RunSpecifiedTests);
    let (deploy, state) = with_tests(OrgKind::Sandbox, level, &wrong, TEST);
    assert_eq!(
        (&deploy.status, state.components.len()),
        (&DeployStatus::Failed, 0)
    );
    let failure = &tests_of(&deploy).failures[0];
    assert_eq!(
        failure.message,
        "System.AssertException: Assertion Failed: Cut off: Expected: 2, Actual: 1"
    );
    assert_eq!(
        failure.stack_trace.as_deref(),
        Some("Class.CTest.halves: line 5, column 1")
    );
}

#[test]
fn a_test_class_that_is_not_there_fails_the_deploy() {
    let level = Some(TestLevel::RunSpecifiedTests);
    let test = "@IsTest private class CTest {}";
    let (deploy, _) = with_tests(OrgKind::Sandbox, level, TESTED, test);
    assert_eq!(deploy.status, DeployStatus::Failed);
    assert_eq!(
        tests_of(&deploy).failures[0].message,
        "No test class named CTest found"
    );
}

#[test]
fn names_and_types_are_checked() {
    let (deploy, state) = with_tests(
        OrgKind::Developer,
        None,
        "public class C {\n    Integer one = missing;\n    Nope two;\n}\n",
        "@IsTest private class CTest { static void t() { C.nothing(); } }",
    );
    assert_eq!(state.components.len(), 0);
    assert_eq!(failures(&deploy), ["classes/C.cls 3:5 Invalid type: Nope"]);
    let (deploy, _) = with_tests(
        OrgKind::Developer,
        None,
        "public class C {\n    Integer one = missing;\n}\n",
        "@IsTest private class CTest { static void t() { C.nothing(); } }",
    );
    assert_eq!(
        failures(&deploy),
        [
            "classes/C.cls 2:19 Variable does not exist: missing",
            "classes/CTest.cls 1:51 Method does not exist or incorrect signature: void nothing() \
             from the type C"
        ]
    );
    assert_eq!((deploy.outcome.errors, deploy.outcome.deployed), (2, 0));
}

const PARTLY_KNOWN: &str = "public class C {
    public static Integer known() {
        return 1;
    }
    public static Integer unknown() {
        Auth.JWT token = new Auth.JWT();
        token.setIss('x');
        return [FIND 'x' RETURNING Case].size();
    }
    public static Boolean member(Case record) {
        return 'a'.unescapeJava().isAlpha() && record.SlaExitDate == null;
    }
}
";

const PARTLY_TEST: &str = "@IsTest
private class CTest {
    @IsTest
    static void known() {
        System.Assert.areEqual(1, C.known());
    }
    @IsTest
    static void unknown() {
        C.unknown();
    }
}
";

#[test]
fn what_the_local_org_lacks_is_deployed_and_its_tests_are_not_executed() {
    let level = Some(TestLevel::RunLocalTests);
    let (deploy, state) = with_tests(OrgKind::Sandbox, level, PARTLY_KNOWN, PARTLY_TEST);
    assert_eq!(failures(&deploy), Vec::<String>::new());
    assert_eq!(
        (&deploy.status, state.components.len()),
        (&DeployStatus::Succeeded, 2)
    );
    let tests = tests_of(&deploy);
    assert_eq!((tests.num_tests_run, tests.num_failures), (1, 0));
    assert_eq!(tests.successes[0].method_name, "known");
    let text = "CTest.unknown was not executed: this local org lacks type Auth.JWT (C, line 6), at \
                Class.C.unknown: line 6, column 1";
    assert_eq!(warnings(&deploy), [(None, text.to_owned())]);
}

#[test]
fn what_does_not_exist_is_refused_beside_what_the_local_org_lacks() {
    let wrong = PARTLY_KNOWN
        .replace("token.setIss('x')", "missing = 1")
        .replace("unescapeJava", "isNumber")
        .replace("SlaExitDate", "SlaExitDat");
    let (deploy, _) = with_tests(OrgKind::Developer, None, &wrong, PARTLY_TEST);
    assert_eq!(
        failures(&deploy),
        [
            "classes/C.cls 7:9 Variable does not exist: missing",
            "classes/C.cls 11:20 Method does not exist or incorrect signature: void isNumber() from \
             the type String",
        ]
    );
}

#[test]
fn production_says_what_it_could_not_judge() {
    let level = Some(TestLevel::RunSpecifiedTests);
    let (deploy, _) = with_tests(OrgKind::Production, level, PARTLY_KNOWN, PARTLY_TEST);
    assert_eq!(deploy.status, DeployStatus::Failed);
    let found = warnings(&deploy);
    assert_eq!(found.len(), 2);
    assert!(found[0].1.starts_with("CTest.unknown was not executed: "));
    let selected = "Test coverage of selected Apex Class is 50%, at least 75% test coverage is \
                    required (not judged: 1 test that this local org could not execute)";
    assert_eq!(found[1], (Some("C".to_owned()), selected.to_owned()));
    // What the other tests cover may be enough.
    let small = "public class C {
        public static Integer known() { return 1; }
        public static void unknown() { new Auth.JWT(); }
        static Integer a = 1;
        static Integer b = 1;
        static Integer c = 1;
    }";
    let (deploy, _) = with_tests(OrgKind::Production, level, small, PARTLY_TEST);
    assert_eq!(deploy.status, DeployStatus::Succeeded);
    assert_eq!(warnings(&deploy).len(), 1);
}

#[test]
fn production_demands_coverage() {
    let half = TESTED.replace(
        "        return value / 2;",
        "        if (value > 9) {\n            return 9;\n        }\n        return value / 2;",
    );
    let level = Some(TestLevel::RunSpecifiedTests);
    let (deploy, state) = with_tests(OrgKind::Production, level, &half, TEST);
    assert_eq!(
        (&deploy.status, state.components.len()),
        (&DeployStatus::Failed, 0)
    );
    let selected =
        "Test coverage of selected Apex Class is 66%, at least 75% test coverage is required";
    assert_eq!(
        warnings(&deploy),
        [(Some("C".to_owned()), selected.to_owned())]
    );
    let (deploy, _) = with_tests(OrgKind::Production, None, &half, TEST);
    let average = "Average test coverage across all Apex Classes and Triggers is 66%, at least 75% test \
                   coverage is required.";
    assert_eq!(warnings(&deploy), [(None, average.to_owned())]);
    let (deploy, state) = with_tests(OrgKind::Production, level, TESTED, TEST);
    assert_eq!(
        (&deploy.status, state.components.len()),
        (&DeployStatus::Succeeded, 2)
    );
    let (deploy, _) = with_tests(
        OrgKind::Production,
        Some(TestLevel::NoTestRun),
        TESTED,
        TEST,
    );
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

#[test]
fn what_the_local_org_lacks_is_no_compile_error() {
    let (mut state, settings) = org(OrgKind::Developer);
    let source =
        "public class C {\n    void run() {\n        Database.Cursor all = null;\n    }\n}\n";
    let manifest = manifest(&[("ApexClass", "C")]);
    let files = [
        ("package.xml", manifest.as_str()),
        ("classes/C.cls", source),
        ("classes/C.cls-meta.xml", META),
    ];
    let deploy = run(&mut state, &settings, single(), &files);
    assert_eq!(deploy.status, DeployStatus::Succeeded);
    let rows = &deploy.outcome.details.component_successes;
    let row = rows.iter().find(|row| row.full_name == "C").unwrap();
    assert_eq!(
        row.problem.as_deref(),
        Some("not supported by the local org: type Database.Cursor")
    );
    assert_eq!(row.problem_type.as_deref(), Some("Info"));
    assert_eq!((row.line_number, row.column_number), (Some(3), Some(9)));
    assert!(row.success);
}
