//! JUnit XML: a suite per org, a test case per component.

use super::Report;
use super::rows::{fields, stale_words};
use crate::compare::ChangeKind;
use crate::drift::{Drift, Finding};
use crate::fleet::Inspection;
use crate::report::junit::escaped;
use crate::report::words;

/// A difference is a failure, what could not be read is an error, what is excused is skipped.
pub(super) fn report(report: Report<'_>) -> String {
    let suites: String = report.orgs.iter().map(|org| suite(org, report)).collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n{suites}</testsuites>\n")
}

fn suite(org: &Inspection, report: Report<'_>) -> String {
    let name = escaped(&format!("opencx-sf drift: {}", org.target));
    let at = report.at.strftime("%Y-%m-%dT%H:%M:%S");
    let head = |tests: usize, failures: usize, errors: usize, skipped: usize| {
        format!(
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" \
             errors=\"{errors}\" skipped=\"{skipped}\" timestamp=\"{at}\">\n"
        )
    };
    let body = match &org.outcome {
        Ok(drift) => {
            let of = |wanted: &dyn Fn(&Finding) -> bool| {
                drift.components.iter().filter(|row| wanted(row)).count()
            };
            let head = head(
                drift.components.len(),
                of(&Finding::is_drift),
                of(&Finding::is_unreadable),
                of(&|row| row.excused),
            );
            let cases: String = drift
                .components
                .iter()
                .map(|finding| case(&org.target, finding))
                .collect();
            format!("{head}{cases}{}", stale(drift))
        }
        Err(findings) => {
            let text: Vec<String> = findings.iter().map(|f| f.message.clone()).collect();
            format!(
                "{}    <testcase classname=\"{}\" name=\"org\">\n      <error message=\"{}\"/>\n    \
                 </testcase>\n",
                head(1, 0, 1, 0),
                escaped(&org.target),
                escaped(&text.join("; "))
            )
        }
    };
    format!("{body}  </testsuite>\n")
}

fn case(org: &str, finding: &Finding) -> String {
    let change = &finding.change;
    let open = format!(
        "    <testcase classname=\"{}\" name=\"{}\"",
        escaped(org),
        escaped(&change.component.to_string())
    );
    let child = |tag: &str, message: &str, text: &str| {
        let message = escaped(message);
        format!(
            "{open}>\n      <{tag} message=\"{message}\">{}</{tag}>\n    </testcase>\n",
            escaped(text)
        )
    };
    let mut lines = fields(change);
    lines.extend(change.note.clone());
    lines.extend(words::modified(change));
    lines.extend(change.diff.clone());
    let text = lines.join("\n");
    match change.kind {
        ChangeKind::Same => format!("{open}/>\n"),
        ChangeKind::Unreadable => child("error", words::kind(change.kind), &text),
        _ if finding.excused => {
            let reason = finding
                .ignored
                .first()
                .map(|ignored| ignored.reason.as_str());
            child("skipped", reason.unwrap_or_default(), "")
        }
        _ => child("failure", words::kind(change.kind), &text),
    }
}

fn stale(drift: &Drift) -> String {
    if drift.stale_rules.is_empty() {
        return String::new();
    }
    let lines = drift.stale_rules.iter().map(|rule| {
        let (_, words) = stale_words(rule);
        format!("line {}: {words}: {}", rule.config_line, rule.component)
    });
    let text: Vec<String> = lines.collect();
    format!(
        "    <system-err>{}</system-err>\n",
        escaped(&text.join("\n"))
    )
}
