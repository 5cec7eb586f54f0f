use super::*;

fn result(details: &str) -> DeployResult {
    let text = format!(
        r#"{{"id":"0Af","status":"Failed","success":false,"done":true,"details":{details}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn texts(result: &DeployResult) -> Vec<(Whose, String)> {
    let found = problems(result, Sent::default()).into_iter();
    found.map(|found| (found.whose, found.text)).collect()
}

#[test]
fn tests_of_the_org_are_told_from_those_of_the_deploy() {
    let result = result(
        r#"{"componentSuccesses":[{"componentType":"ApexClass","fullName":"OurTest"}],
            "runTestResult":{"failures":[
                {"name":"OurTest","methodName":"a","message":"x"},
                {"name":"TheirTest","methodName":"b","message":"y"}]}}"#,
    );
    assert_eq!(
        texts(&result),
        [
            (Whose::Ours, "x".to_owned()),
            (Whose::Foreign, "y".to_owned())
        ]
    );
    let found = problems(&result, Sent::default());
    assert_eq!(found[1].component, "TheirTest.b");
    assert!(found[1].help.contains("Apex Test Execution"));
}

#[test]
fn a_failure_without_a_reason_names_its_status() {
    let result: DeployResult = serde_json::from_str(
        r#"{"id":"0Af","status":"FinalizingDeployFailed","success":false,"done":true}"#,
    )
    .unwrap();
    let text = "the org names no reason; its status is FinalizingFailed".to_owned();
    assert_eq!(texts(&result), [(Whose::Ours, text)]);
}

#[test]
fn problems_are_told_once_and_causes_first() {
    let row = |name: &str, problem: &str| {
        format!(
            r#"{{"componentType":"ApexClass","fullName":"{name}","fileName":"classes/{name}.cls",
                "lineNumber":3,"columnNumber":5,"problem":"{problem}"}}"#
        )
    };
    let follows = row(
        "B",
        "Dependent class is invalid and needs recompilation: Class A : line 3",
    );
    let cause = row("A", "Variable does not exist: x\\u001b[2J\\u202e");
    let result = result(&format!(
        r#"{{"componentFailures":[{follows},{cause},{cause}]}}"#
    ));
    let found = problems(&result, Sent::default());
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].text, "Variable does not exist: x [2J");
    assert_eq!(found[0].place, "classes/A.cls:3:5");
    assert_eq!(found[0].code.0, "org/unknown-variable");
    assert!(found[1].follows);
}

#[test]
fn what_was_not_sent_comes_after_what_was() {
    use crate::package::samples;

    let package = samples::sample();
    let ours = package.components.keys().next().unwrap();
    let (kind, name) = (ours.kind.name(), ours.full_name.as_str());
    let result = result(&format!(
        r#"{{"componentFailures":[
            {{"componentType":"ApexClass","fullName":"AcmeOrders","problem":"theirs"}},
            {{"componentType":"{kind}","fullName":"{name}"}}]}}"#
    ));
    let sent = Sent {
        package: Some(&package),
        origins: None,
    };
    let found = problems(&result, sent);
    assert_eq!(
        found.iter().map(|found| found.whose).collect::<Vec<_>>(),
        [Whose::Ours, Whose::Foreign]
    );
    // Without any words of the org the component's name is what there is.
    assert_eq!(found[0].component, format!("{kind}:{name}"));
    assert_eq!(found[0].text, "the org gave no reason");
}

#[test]
fn a_remark_on_what_was_taken_is_a_warning_unless_it_failed_too() {
    let row = |name: &str, problem: &str| {
        format!(
            r#"{{"componentType":"ApexClass","fullName":"{name}","success":true,
                "problemType":"Warning","problem":"{problem}"}}"#
        )
    };
    let (one, two) = (row("A", "old\\u0007 version"), row("B", "x"));
    let result = result(&format!(
        r#"{{"componentSuccesses":[{one},{one},{two}],"componentFailures":[{two}]}}"#
    ));
    let expected = ("ApexClass:A".to_owned(), "old version".to_owned());
    assert_eq!(warnings(&result), [expected]);
}

#[test]
fn the_number_of_an_internal_error_is_named_for_the_support_case() {
    let result = result(
        r#"{"runTestResult":{"failures":[{"name":"T","methodName":"m","message":
            "System.UnexpectedException: Salesforce System Error: 17365-144 (14389)"}]}}"#,
    );
    let found = problems(&result, Sent::default());
    assert_eq!(found[0].code.0, "org/internal-error");
    assert!(
        found[0].help.ends_with("the number 17365-144 (14389)"),
        "{}",
        found[0].help
    );
}

#[test]
fn an_unknown_text_is_shown_whole() {
    let long = "wort ".repeat(300);
    let result = result(&format!(
        r#"{{"componentFailures":[{{"componentType":"CustomField","fullName":"Case.X__c",
            "fileName":"objects/Case.object","problem":"{long}"}}]}}"#
    ));
    let found = problems(&result, Sent::default());
    assert_eq!(found[0].code.0, "org/unexplained");
    assert_eq!(found[0].text, long.trim());
    assert_eq!(found[0].cause, None);
}

#[test]
fn a_success_has_no_problems() {
    let result: DeployResult =
        serde_json::from_str(r#"{"id":"0Af","status":"Succeeded","success":true,"done":true}"#)
            .unwrap();
    assert_eq!(problems(&result, Sent::default()), []);
}

#[test]
fn every_problem_that_the_local_org_can_have_is_explained() {
    use crate::emulator::Problem as Staged;

    for staged in Staged::all() {
        let found = advice::find(staged.component_type(), staged.text());
        let code = found.map_or(UNEXPLAINED.code, |found| found.advice.code);
        let name = staged.name();
        assert_eq!(
            code.0,
            format!("org/{}", name.strip_suffix("-in-test").unwrap_or(name)),
            "{}",
            staged.text()
        );
    }
}
