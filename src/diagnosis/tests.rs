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
        assert_eq!(
            code.0,
            format!("org/{}", staged.name()),
            "{}",
            staged.text()
        );
    }
}
