//! Quick deploys of validations.

use super::*;
use crate::emulator::deploy_words::runs_tests;

const META: &str = "<ApexClass xmlns=\"http://soap.sforce.com/2006/04/metadata\"><apiVersion>66.0</apiVersion></ApexClass>";
const TESTED: &str = "public class A { public static Integer one() { return 1; } }";
const TEST: &str = "@IsTest private class ATest { @IsTest static void one() { System.assertEquals(1, A.one()); } }";

fn validate(state: &mut State, settings: &Options, level: TestLevel) -> Deploy {
    let manifest = manifest(&[("ApexClass", "A"), ("ApexClass", "ATest")]);
    let files = [
        ("package.xml", manifest.as_str()),
        ("classes/A.cls", TESTED),
        ("classes/A.cls-meta.xml", META),
        ("classes/ATest.cls", TEST),
        ("classes/ATest.cls-meta.xml", META),
    ];
    let options = DeployOptions {
        check_only: true,
        test_level: Some(level),
        ..single()
    };
    let deploy = run(state, settings, options, &files);
    assert!(deploy.outcome.success, "{:?}", failures(&deploy));
    assert!(state.components.is_empty());
    deploy
}

#[test]
fn a_validation_is_deployed_without_its_tests() {
    let (mut state, settings) = org(OrgKind::Production);
    let validation = validate(&mut state, &settings, TestLevel::RunLocalTests);
    let id = quick(&mut state, &validation.id, Timestamp::UNIX_EPOCH).unwrap();
    assert_ne!(id, validation.id);
    assert!(poll(&mut state, &id, &settings, Timestamp::UNIX_EPOCH));
    let done = get(&state, &id).unwrap().clone();
    assert_eq!(done.status, DeployStatus::Succeeded);
    assert!(!runs_tests(&state, &done));
    let tests = done.outcome.details.run_test_result.unwrap();
    assert_eq!(tests.num_tests_run, 0);
    assert_eq!(state.components.len(), 2);
}

/// Salesforce Help, "Quick Deployments".
#[test]
fn a_validation_counts_until_the_org_takes_a_deploy() {
    let (mut state, settings) = org(OrgKind::Production);
    let first = validate(&mut state, &settings, TestLevel::RunLocalTests);
    let second = validate(&mut state, &settings, TestLevel::RunLocalTests);
    let now = Timestamp::UNIX_EPOCH;
    let id = quick(&mut state, &second.id, now).unwrap();
    // One that has not ended has changed nothing.
    assert!(quick(&mut state, &first.id, now).is_ok());
    assert!(poll(&mut state, &id, &settings, now));
    for validation in [&first.id, &second.id] {
        let refusal = quick(&mut state, validation, now).err().unwrap();
        assert_eq!(refusal.code, "INVALID_ID_FIELD");
    }
}

#[test]
fn what_does_not_qualify_is_refused() {
    let (mut state, settings) = org(OrgKind::Developer);
    let untested = validate(&mut state, &settings, TestLevel::NoTestRun);
    let tested = validate(&mut state, &settings, TestLevel::RunLocalTests);
    let refusal = |state: &mut State, id: &str, second: i64| {
        quick(state, id, Timestamp::from_second(second).unwrap())
            .err()
            .map(|refusal| refusal.code)
    };
    let code = Some("INVALID_ID_FIELD");
    assert_eq!(refusal(&mut state, "0Af000000000999", 0), code);
    assert_eq!(refusal(&mut state, &untested.id, 0), code);
    assert_eq!(refusal(&mut state, &tested.id, 11 * 86_400), code);
    assert_eq!(refusal(&mut state, &tested.id, 9 * 86_400), None);
}
