//! What an org found wrong with a deploy: each problem once, whose it is, where it comes from, why
//! it is so and what helps.
//!
//! A pure reading of the org's result. A result without a package (`report` of any id) is read by
//! what the org says alone.

mod stack;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::advice::{self, Course, UNEXPLAINED};
use crate::diag::Code;
use crate::metadata::ComponentId;
use crate::package::Package;
use crate::render::Origins;
use crate::sf::text;
use crate::sf::wire::{DeployMessage, DeployResult, RunTestFailure};

/// What a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A component that the org does not take.
    Component,
    /// An Apex test that failed.
    Test,
    /// Code that the tests do not cover.
    Coverage,
    /// The deploy as a whole.
    Deploy,
}

/// Whose a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// Of a component of this deploy.
    Ours,
    /// Of what the org has of its own.
    Foreign,
}

/// Where a problem comes from in the config's world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The template's file.
    pub template: String,
    /// The line in it, where it could be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// One problem of a deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind of problem: `org/unknown-field`; `org/unexplained` for a text that nobody knows.
    pub code: Code,
    /// What it is about.
    pub about: Subject,
    /// `ApexClass:Name`, `Name.method` of a test, or nothing for the deploy as a whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub component: String,
    /// Whose it is.
    pub whose: Whose,
    /// The file in the package, with line and column where the org gives them: `classes/A.cls:3:5`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// What the org says, all of it, fit to be shown.
    pub text: String,
    /// Why, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'static str>,
    /// What to do.
    pub help: String,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Config keys that made it, or that help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<String>,
    /// The same deploy may succeed later.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub passes: bool,
    /// It goes with another problem of this deploy.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub follows: bool,
}

/// What was sent, as far as that is known here.
#[derive(Debug, Default, Clone, Copy)]
pub struct Sent<'a> {
    /// The package.
    pub package: Option<&'a Package>,
    /// Where its components come from.
    pub origins: Option<&'a Origins>,
}

/// The problems of a deploy that is over: ours before those of what the org has of its own, causes
/// before what follows from them. Empty for one that succeeded.
pub fn problems(result: &DeployResult, sent: Sent<'_>) -> Vec<Problem> {
    let reading = Reading { result, sent };
    let details = &result.details;
    let mut found: Vec<Problem> = details
        .component_failures
        .iter()
        .map(|row| reading.component(row))
        .collect();
    if let Some(run) = &details.run_test_result {
        found.extend(run.failures.iter().map(|row| reading.test(row)));
        if !result.success {
            let rows = run.code_coverage_warnings.iter();
            found.extend(rows.map(|row| reading.coverage(row.name.as_deref(), &row.message)));
        }
    }
    if let Some(message) = &result.error_message {
        let code = result.error_status_code.as_deref().unwrap_or_default();
        found.push(reading.whole(code, message));
    }
    if found.is_empty() && result.done && !result.success {
        found.extend(reading.silent());
    }
    // The org repeats rows.
    let mut seen = BTreeSet::new();
    found.retain(|problem| {
        let key = (
            problem.component.clone(),
            problem.place.clone(),
            problem.text.clone(),
        );
        seen.insert(key)
    });
    found.sort_by_key(|problem| (problem.whose == Whose::Foreign, problem.follows));
    found
}

/// What the org took and has a remark about: component and words, each once, fit to be shown.
pub fn warnings(result: &DeployResult) -> Vec<(String, String)> {
    let details = &result.details;
    let failed = |row: &DeployMessage| {
        let mut rows = details.component_failures.iter();
        rows.any(|other| {
            other.component_type == row.component_type && other.full_name == row.full_name
        })
    };
    let mut found = Vec::new();
    for row in &details.component_successes {
        let Some(words) = row.problem.as_deref().filter(|words| !words.is_empty()) else {
            continue;
        };
        let component = text::clean(&format!("{}:{}", row.component_type, row.full_name));
        let warning = (component, text::whole(words));
        // A component that failed too has failed.
        if !failed(row) && !found.contains(&warning) {
            found.push(warning);
        }
    }
    found
}

struct Reading<'a> {
    result: &'a DeployResult,
    sent: Sent<'a>,
}

impl Reading<'_> {
    fn component(&self, row: &DeployMessage) -> Problem {
        let words = row.problem.as_deref();
        let words = words.unwrap_or("the org gave no reason");
        let (kind, name) = (row.component_type.as_str(), row.full_name.as_str());
        let mut problem = explained(Subject::Component, kind, words);
        problem.component = text::clean(&match kind {
            "" => name.to_owned(),
            _ => format!("{kind}:{name}"),
        });
        let place = match (row.line_number, row.column_number) {
            (Some(line), Some(column)) => format!(":{line}:{column}"),
            (Some(line), None) => format!(":{line}"),
            _ => String::new(),
        };
        problem.place = text::clean(&format!("{}{place}", row.file_name));
        problem.whose = self.whose(kind, name);
        // A field's line is that of its object's file.
        let own_file = !matches!(kind, "CustomField" | "CustomObject");
        self.trace(
            &mut problem,
            kind,
            name,
            row.line_number.filter(|_| own_file),
        );
        problem
    }

    fn test(&self, row: &RunTestFailure) -> Problem {
        let method = row.method_name.as_deref().unwrap_or_default();
        let mut problem = explained(Subject::Test, "ApexClass", &row.message);
        problem.component = text::clean(&format!("{}.{method}", row.name));
        problem.whose = self.whose("ApexClass", &row.name);
        let trace = row.stack_trace.as_deref().unwrap_or_default();
        // The line that a person can do something about is the innermost of ours.
        let frame = stack::frames(trace).find(|frame| self.is_ours(frame.kind, &frame.name));
        match frame {
            Some(frame) if problem.whose == Whose::Ours => {
                problem.place = text::clean(&format!("{}:{}", frame.name, frame.line));
                self.trace(&mut problem, frame.kind, &frame.name, Some(frame.line));
            }
            _ => self.trace(&mut problem, "ApexClass", &row.name, None),
        }
        if problem.whose == Whose::Foreign && problem.code == UNEXPLAINED.code {
            problem.cause = Some("A test of the org's own fails, whatever is deployed.");
            problem.help =
                "run it in Setup > Apex Test Execution; without `--test-level` a deploy \
                            runs our own tests alone"
                    .to_owned();
        }
        problem
    }

    fn coverage(&self, name: Option<&str>, message: &str) -> Problem {
        let mut problem = explained(Subject::Coverage, "", message);
        let name = name.unwrap_or_default();
        problem.component = text::clean(name);
        let kinds = ["ApexClass", "ApexTrigger"];
        let ours = kinds.iter().any(|kind| self.is_ours(kind, name));
        problem.whose = if ours { Whose::Ours } else { Whose::Foreign };
        problem
    }

    fn whole(&self, code: &str, message: &str) -> Problem {
        let words = if code.is_empty() || message.contains(code) {
            message.to_owned()
        } else {
            format!("{code}: {message}")
        };
        explained(Subject::Deploy, "", &words)
    }

    fn silent(&self) -> Option<Problem> {
        use crate::sf::wire::DeployStatus;

        if self.result.status == DeployStatus::Canceled {
            return None;
        }
        let status = text::clean(&self.result.status.to_string());
        let words = format!("the org names no reason; its status is {status}");
        Some(explained(Subject::Deploy, "", &words))
    }

    fn whose(&self, kind: &str, name: &str) -> Whose {
        // The manifest is ours, and has no type.
        if kind.is_empty() || self.is_ours(kind, name) {
            Whose::Ours
        } else {
            Whose::Foreign
        }
    }

    /// Whether a component came with the deploy.
    fn is_ours(&self, kind: &str, name: &str) -> bool {
        if let Some(package) = self.sent.package {
            let id = kind.parse().map(|kind| ComponentId::new(kind, name));
            return id.is_ok_and(|id| package.components.contains_key(&id));
        }
        // The org has a row for each component of a deploy.
        let rows = &self.result.details;
        let rows = rows
            .component_successes
            .iter()
            .chain(&rows.component_failures);
        rows.clone()
            .any(|row| row.component_type == kind && row.full_name.eq_ignore_ascii_case(name))
    }

    fn trace(&self, problem: &mut Problem, kind: &str, name: &str, line: Option<u32>) {
        let found = self
            .sent
            .origins
            .and_then(|origins| origins.find(kind, name));
        let Some((_, origin)) = found else {
            return;
        };
        let line = line.and_then(|line| origin.line(line));
        problem.source = Some(Source {
            template: origin.template.clone(),
            line,
        });
        // An element's lines don't show what decides that it is there.
        let is_code = matches!(kind, "ApexClass" | "ApexTrigger");
        for key in origin.keys(line.filter(|_| is_code)) {
            if !problem.config.contains(&key) {
                problem.config.push(key);
            }
        }
    }
}

/// A problem with what is known of its text.
fn explained(about: Subject, kind: &str, words: &str) -> Problem {
    let text = text::whole(words);
    let found = advice::find(kind, &text);
    let advice = found.as_ref().map_or(&UNEXPLAINED, |found| found.advice);
    let fix = found.as_ref().map(|found| text::clean(&found.fix));
    Problem {
        code: advice.code,
        about,
        component: String::new(),
        whose: Whose::Ours,
        place: String::new(),
        text,
        cause: found.is_some().then_some(advice.cause),
        help: fix.unwrap_or_else(|| UNEXPLAINED_HELP.to_owned()),
        source: None,
        config: advice.keys.iter().map(|key| (*key).to_owned()).collect(),
        passes: advice.course == Course::Passes,
        follows: advice.course == Course::Follows,
    }
}

/// Less than the page says, as it may stand below many problems.
const UNEXPLAINED_HELP: &str =
    "this tool has no explanation for the text; Setup > Deployment Status shows the same deploy";

#[cfg(test)]
mod tests;
