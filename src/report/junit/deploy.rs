//! A deploy as JUnit XML: each Apex test is a case, and so is each component that failed.

use super::escaped;
use crate::diag::Diagnostic;
use crate::diagnosis::{self, Problem, Sent, Subject};
use crate::sf::wire::DeployResult;

/// The tests and the problems of a deploy. What went well and is no test is not listed.
pub fn deploy(result: &DeployResult, sent: Sent<'_>) -> String {
    let problems = diagnosis::problems(result, sent);
    let passed = result.details.run_test_result.iter();
    let passed = passed.flat_map(|run| &run.successes).map(|test| {
        let (class, method) = (escaped(&test.name), escaped(&test.method_name));
        let time = test.time / 1000.0;
        format!("    <testcase classname=\"{class}\" name=\"{method}\" time=\"{time:.3}\"/>\n")
    });
    let passed: Vec<String> = passed.collect();
    let failed: String = problems.iter().map(case).collect();
    let (tests, failures) = (passed.len() + problems.len(), problems.len());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \
         <testsuite name=\"opencx-sf deploy {}\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"0\" skipped=\"0\">\n{}{failed}  </testsuite>\n</testsuites>\n",
        escaped(&result.id),
        passed.concat(),
    )
}

/// A deploy that had nothing to change: a suite without cases.
pub fn nothing_to_deploy() -> String {
    suite(0, "")
}

/// A deploy that came to no result: what stopped it, as errors.
pub fn stopped(findings: &[Diagnostic]) -> String {
    let cases: String = findings
        .iter()
        .map(|finding| {
            let text: Vec<&str> = finding
                .because
                .iter()
                .chain(&finding.help)
                .map(String::as_str)
                .collect();
            format!(
                "    <testcase classname=\"deploy\" name=\"{code}\">\n      <error message=\"{}\" \
                 type=\"{code}\">{}</error>\n    </testcase>\n",
                escaped(&finding.message),
                escaped(&text.join("\n")),
                code = finding.code
            )
        })
        .collect();
    suite(findings.len(), &cases)
}

fn suite(errors: usize, cases: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \
         <testsuite name=\"opencx-sf deploy\" tests=\"{errors}\" failures=\"0\" \
         errors=\"{errors}\" skipped=\"0\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn case(problem: &Problem) -> String {
    let (class, name) = match (problem.about, problem.component.split_once('.')) {
        (Subject::Test, Some((class, method))) => (class, method),
        (Subject::Component, _) => problem
            .component
            .split_once(':')
            .unwrap_or(("component", &problem.component)),
        (Subject::Coverage, _) => ("coverage", problem.component.as_str()),
        _ => ("deploy", problem.component.as_str()),
    };
    let mut text = String::new();
    let mut line = |label: &str, words: &str| {
        if !words.is_empty() {
            text.push_str(&format!("{label}: {words}\n"));
        }
    };
    line("at", &problem.place);
    if let Some(source) = &problem.source {
        let place = source.line.map(|line| format!(":{line}"));
        line(
            "from",
            &format!("{}{}", source.template, place.unwrap_or_default()),
        );
    }
    line("config", &problem.config.join(", "));
    line("why", problem.cause.unwrap_or_default());
    line("do", &problem.help);
    format!(
        "    <testcase classname=\"{}\" name=\"{}\">\n      <failure message=\"{}\" \
         type=\"{}\">{}</failure>\n    </testcase>\n",
        escaped(class),
        escaped(name),
        escaped(&problem.text),
        problem.code,
        escaped(text.trim_end())
    )
}
