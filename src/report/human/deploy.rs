//! How a deploy went.

use super::Detail;
use super::rows::{count, home, line};
use super::verify::{check, next, proof};
use crate::deploy::Outcome;
use crate::plan::OrgFacts;
use crate::report::plain;
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};
use crate::sf::wire::{DeployMessage, DeployResult, DeployStatus};

/// What came after the plan: the org's result, what was read back, and where to look.
pub fn deploy(outcome: &Outcome, detail: Detail) -> String {
    let mut out = String::new();
    for done in &outcome.earlier {
        let text = format!("{}: {}", done.package, headline(&done.result, outcome));
        out.push_str(&line("Deploy", &text));
    }
    if let Some(result) = &outcome.deploy {
        let name = outcome.package.as_ref().map(|name| format!("{name}: "));
        let text = headline(result, outcome);
        out.push_str(&line(
            "Deploy",
            &format!("{}{text}", name.unwrap_or_default()),
        ));
        out.push_str(&failures(result));
    }
    if let Some(id) = &outcome.running {
        let text = format!(
            "{} to the org  {}",
            paint(WARN, "left"),
            paint(DIM, id.as_str())
        );
        out.push_str(&line("Deploy", &text));
        out.push_str(&format!(
            "  see how it ends with `opencx-sf report {id} --target-org {}`\n",
            outcome.plan.org.target
        ));
    }
    if outcome.is_contradictory() {
        out.push_str(&format!(
            "  {} the org says success, and that something failed; what it holds is below\n",
            paint(WARN, "?")
        ));
    }
    if !outcome.pending.is_empty() {
        let text = format!("{}: not tried", outcome.pending.join(", "));
        out.push_str(&line("Deploy", &text));
    }
    if !outcome.deployed() && !outcome.earlier.is_empty() {
        out.push_str("  after the repair run `opencx-sf deploy` again: it goes on from here\n");
    }
    let tests = outcome.tests.iter().chain(&outcome.coverage);
    let tests: Vec<_> = tests.cloned().collect();
    match &outcome.verification {
        Some(verification) => out.push_str(&proof(verification, &tests, detail)),
        None => out.extend(tests.iter().map(check)),
    }
    if outcome.deployed() && !outcome.check_only && outcome.running.is_none() {
        out.push_str(&line("Where", &home(&outcome.plan.org)));
        let watch = format!(
            "`opencx-sf drift --target-org {}` finds what anybody changes from now on",
            outcome.plan.org.target
        );
        out.push_str(&next(outcome.verification.as_ref(), Some(watch)));
    }
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

/// `report` and `cancel`: how a deploy stands or ended.
pub fn report(org: &OrgFacts, result: &DeployResult) -> String {
    let id = paint(DIM, plain(&result.id));
    let what = if result.check_only {
        "validation"
    } else {
        "deploy"
    };
    let state = match (result.done, result.success, &result.status) {
        (false, ..) => format!("{} {}", paint(WARN, "not over"), progress(result)),
        (true, true, _) => paint(GOOD, "succeeded"),
        (true, false, DeployStatus::Canceled) => {
            format!("{}; nothing of it is in the org", paint(WARN, "canceled"))
        }
        (true, false, DeployStatus::SucceededPartial) => format!(
            "{}: what did not fail is in the org",
            paint(BAD, "succeeded in part")
        ),
        (true, false, status) => {
            let word = plain(&status.to_string());
            format!(
                "{} ({word}); nothing of it is in the org",
                paint(BAD, "failed")
            )
        }
    };
    let seconds = duration(result)
        .map(|text| format!(" in {text}"))
        .unwrap_or_default();
    let mut out = line("Deploy", &format!("{what} {state}{seconds}  {id}"));
    let by = result.created_by_name.as_deref().unwrap_or_default();
    let created = result.created_date.as_deref().unwrap_or_default();
    out.push_str(&line("By", &plain(&format!("{by} on {created}"))));
    out.push_str(&failures(result));
    out.push_str(&line("Where", &home(org)));
    out
}

fn headline(result: &DeployResult, outcome: &Outcome) -> String {
    let id = paint(DIM, &result.id);
    let components = count(result.number_components_total as usize, "component");
    let seconds = duration(result)
        .map(|text| format!(" in {text}"))
        .unwrap_or_default();
    let left = if outcome.earlier.is_empty() {
        "the org is as it was"
    } else {
        "nothing of it is in the org"
    };
    match (result.success, &result.status) {
        (true, _) if outcome.check_only => {
            format!(
                "{} {components}{seconds}, nothing was changed  {id}",
                paint(GOOD, "validated")
            )
        }
        (true, _) => format!("{} {components}{seconds}  {id}", paint(GOOD, "succeeded")),
        (false, DeployStatus::Canceled) => {
            format!("{}; {left}  {id}", paint(WARN, "canceled"))
        }
        _ => format!("{}; {left}  {id}", paint(BAD, "failed")),
    }
}

fn duration(result: &DeployResult) -> Option<String> {
    let parse = |text: &str| -> Option<jiff::Timestamp> { text.replace("+0000", "Z").parse().ok() };
    let start = parse(result.start_date.as_deref()?)?;
    let end = parse(result.completed_date.as_deref()?)?;
    let milliseconds = end.as_millisecond().checked_sub(start.as_millisecond())?;
    let tenths = (milliseconds.max(0) + 50) / 100;
    Some(format!("{}.{} s", tenths / 10, tenths % 10))
}

/// Each problem once: the org repeats rows.
pub(super) fn failures(result: &DeployResult) -> String {
    let mut out = String::new();
    let mut seen = std::collections::BTreeSet::new();
    for row in &result.details.component_failures {
        let text = failure(row);
        if seen.insert(text.clone()) {
            out.push_str(&format!("  {} {text}\n", paint(BAD, "✗")));
        }
    }
    if let Some(run) = &result.details.run_test_result {
        for row in &run.failures {
            let method = row.method_name.as_deref().unwrap_or_default();
            let name = plain(&format!("{}.{method}", row.name));
            let message = plain(&row.message);
            let whose = if is_of_package(&row.name, result) {
                ""
            } else {
                " (a test of the org's own, not of this package)"
            };
            out.push_str(&format!("  {} {name}{whose}: {message}\n", paint(BAD, "✗")));
        }
        if !result.success {
            for row in &run.code_coverage_warnings {
                let name = row.name.as_deref().map(|name| format!("{}: ", plain(name)));
                let message = plain(&row.message);
                let name = name.unwrap_or_default();
                out.push_str(&format!("  {} {name}{message}\n", paint(BAD, "✗")));
            }
        }
    }
    if out.is_empty() && result.error_message.is_none() && result.done && !result.success {
        let status = plain(&result.status.to_string());
        out.push_str(&format!(
            "  {} the org names no reason; its status is {status}\n",
            paint(BAD, "✗")
        ));
    }
    if let Some(message) = &result.error_message {
        out.push_str(&format!("  {} {}\n", paint(BAD, "✗"), plain(message)));
    }
    out
}

/// Whether a test class came with the deploy, which has a row for each of its components.
fn is_of_package(class: &str, result: &DeployResult) -> bool {
    let rows = &result.details;
    let mut names = rows
        .component_successes
        .iter()
        .chain(&rows.component_failures)
        .map(|row| row.full_name.as_str());
    names.any(|name| name.eq_ignore_ascii_case(class))
}

fn failure(row: &DeployMessage) -> String {
    let place = match (row.line_number, row.column_number) {
        (Some(line), Some(column)) => format!(":{line}:{column}"),
        (Some(line), None) => format!(":{line}"),
        _ => String::new(),
    };
    let problem = row.problem.as_deref().unwrap_or("the org gave no reason");
    plain(&format!(
        "{}{place} ({}): {problem}",
        row.file_name, row.full_name
    ))
}

/// One line about where a running deploy stands.
pub fn progress(result: &DeployResult) -> String {
    let status = match &result.status {
        DeployStatus::Pending => "waiting in the org's queue".to_owned(),
        DeployStatus::InProgress => "in progress".to_owned(),
        DeployStatus::Succeeded => "succeeded".to_owned(),
        DeployStatus::SucceededPartial => "succeeded in part".to_owned(),
        DeployStatus::Failed => "failed".to_owned(),
        DeployStatus::Canceling => "canceling".to_owned(),
        DeployStatus::Canceled => "canceled".to_owned(),
        DeployStatus::Finalizing => "finalizing".to_owned(),
        DeployStatus::FinalizingFailed => "finalizing failed".to_owned(),
        DeployStatus::Other(text) => plain(text),
    };
    let mut out = format!(
        "{status}: {}/{} components",
        result.number_components_deployed, result.number_components_total
    );
    if result.run_tests_enabled && result.number_tests_total > 0 {
        let (done, total) = (result.number_tests_completed, result.number_tests_total);
        out.push_str(&format!(", {done}/{total} tests"));
    }
    if let Some(detail) = &result.state_detail {
        out.push_str(&format!(", {}", plain(detail)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_of_the_org_are_told_from_those_of_the_package() {
        let result: DeployResult = serde_json::from_str(
            r#"{"id":"0Af","status":"Failed","success":false,"done":true,"details":{
                "componentSuccesses":[{"componentType":"ApexClass","fullName":"OurTest"}],
                "runTestResult":{"failures":[
                    {"name":"OurTest","methodName":"a","message":"x"},
                    {"name":"TheirTest","methodName":"b","message":"y"}]}}}"#,
        )
        .unwrap();
        let text = anstream::adapter::strip_str(&failures(&result)).to_string();
        assert_eq!(
            text,
            "  ✗ OurTest.a: x\n  ✗ TheirTest.b (a test of the org's own, not of this package): y\n"
        );
    }

    #[test]
    fn a_failure_without_a_reason_names_its_status() {
        let result: DeployResult = serde_json::from_str(
            r#"{"id":"0Af","status":"FinalizingDeployFailed","success":false,"done":true}"#,
        )
        .unwrap();
        let text = anstream::adapter::strip_str(&failures(&result)).to_string();
        assert_eq!(
            text,
            "  ✗ the org names no reason; its status is FinalizingFailed\n"
        );
    }
}
