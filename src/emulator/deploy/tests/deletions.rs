//! Deleting what is still used.

use super::super::super::condition::Condition;
use super::*;

const META: &str = "<ApexClass xmlns=\"http://soap.sforce.com/2006/04/metadata\"><apiVersion>66.0</apiVersion></ApexClass>";

fn with_two_classes() -> (State, Options) {
    let (mut state, settings) = org(OrgKind::Developer);
    let manifest = manifest(&[("ApexClass", "Used"), ("ApexClass", "User2")]);
    let files = [
        ("package.xml", manifest.as_str()),
        (
            "classes/Used.cls",
            "public class Used { public static Integer one() { return 1; } }",
        ),
        ("classes/Used.cls-meta.xml", META),
        (
            "classes/User2.cls",
            "public class User2 { Integer count = Used.one(); }",
        ),
        ("classes/User2.cls-meta.xml", META),
    ];
    let deploy = run(&mut state, &settings, single(), &files);
    assert!(deploy.outcome.success, "{:?}", failures(&deploy));
    (state, settings)
}

fn delete(state: &mut State, settings: &Options, members: &[(&str, &str)]) -> Deploy {
    let (empty, deletions) = (manifest(&[]), manifest(members));
    let files = [
        ("package.xml", empty.as_str()),
        ("destructiveChanges.xml", deletions.as_str()),
    ];
    run(state, settings, single(), &files)
}

#[test]
fn a_class_that_is_used_stays() {
    let (mut state, settings) = with_two_classes();
    let refused = delete(&mut state, &settings, &[("ApexClass", "Used")]);
    let rows = &refused.outcome.details.component_failures;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rows[0].problem.as_deref(),
        Some(
            "This apex class is referenced elsewhere in salesforce.com.  Remove the usage and try again. : \
             Apex Class - User2"
        )
    );
    assert_eq!(
        (
            rows[0].component_type.as_str(),
            rows[0].full_name.as_str(),
            rows[0].deleted
        ),
        ("ApexClass", "Used", false)
    );
    assert_eq!(refused.status, DeployStatus::Failed);
    assert_eq!(state.components.len(), 2);
}

#[test]
fn a_class_goes_with_what_uses_it() {
    let (mut state, settings) = with_two_classes();
    let both = [("ApexClass", "Used"), ("ApexClass", "User2")];
    let done = delete(&mut state, &settings, &both);
    assert!(done.outcome.success, "{:?}", failures(&done));
    assert!(state.components.is_empty());
}

#[test]
fn without_email_to_case_nothing_can_refer_to_email_messages() {
    let (mut state, settings) = org(OrgKind::Developer);
    let manifest = manifest(&[("ApexClass", "C")]);
    let files = [
        ("package.xml", manifest.as_str()),
        ("classes/C.cls", "public class C { EmailMessage mail; }"),
        ("classes/C.cls-meta.xml", META),
    ];
    assert!(run(&mut state, &settings, single(), &files).outcome.success);
    state.conditions.insert(Condition::EmailToCaseOff);
    let changed = [
        files[0],
        ("classes/C.cls", "public class C { EmailMessage other; }"),
        files[2],
    ];
    let refused = run(&mut state, &settings, single(), &changed);
    assert_eq!(refused.outcome.errors, 1, "{:?}", failures(&refused));
}

#[test]
fn behind_a_busy_queue_a_deploy_stays_pending() {
    let (mut state, settings) = org(OrgKind::Developer);
    state.conditions.insert(Condition::DeployQueueBusy);
    let manifest = manifest(&[]);
    let files = [("package.xml", manifest.as_str())];
    let deploy = run(&mut state, &settings, single(), &files);
    assert_eq!(deploy.status, DeployStatus::Pending);
    let later = Timestamp::from_second(3600).unwrap();
    finish_due(&mut state, &settings, later);
    assert_eq!(
        get(&state, &deploy.id).unwrap().status,
        DeployStatus::Pending
    );
    assert_eq!(cancel(&mut state, &deploy.id, later), Ok(true));
}
