//! The org's compiler lags: a class that uses a field or class of the same package can be refused
//! because the compiler has not seen that yet. The same package, sent again, is taken.

use std::time::Duration;

use serde::Serialize;

use crate::advice;
use crate::package::Package;
use crate::sf::wire::{DeployMessage, DeployResult, DeployStatus};
use crate::sf::{DeployId, Reader};

/// How long the compiler is given.
const PAUSE: Duration = Duration::from_secs(15);

/// A package that was sent a second time, because the org had refused it for what it brings itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repeated {
    /// The deploy that the org refused. Nothing of it was kept.
    pub first: DeployId,
    /// What its compiler did not know.
    pub unseen: String,
}

/// What the org's compiler did not know although the package brings it; `None` when the deploy was
/// refused for anything else too, or was not refused.
pub(super) fn unseen(result: &DeployResult, package: &Package) -> Option<String> {
    let details = &result.details;
    let tests = details.run_test_result.as_ref();
    let failed_tests = tests.is_some_and(|run| !run.failures.is_empty());
    if result.success || result.status != DeployStatus::Failed || failed_tests {
        return None;
    }
    let rows = details.component_failures.iter();
    let mut first = None;
    for row in rows.filter(|row| !follows(row)) {
        let name = missing(row.problem.as_deref()?)?;
        if !brings(package, name) {
            return None;
        }
        first.get_or_insert(name);
    }
    first.map(str::to_owned)
}

pub(super) async fn pause(reader: &Reader) {
    if !reader.session().instance_url.is_loopback() {
        let clock = reader.clock();
        clock.sleep(clock.spread(PAUSE)).await;
    }
}

/// Whether a class fails only because another one does.
fn follows(row: &DeployMessage) -> bool {
    let text = row.problem.as_deref().unwrap_or_default();
    let found = advice::find(&row.component_type, text);
    found.is_some_and(|found| found.advice.course == advice::Course::Follows)
}

/// The name that the compiler does not know.
fn missing(problem: &str) -> Option<&str> {
    let after = |start: &str| {
        let (_, rest) = problem.split_once(start)?;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    };
    after("Variable does not exist: ")
        .or_else(|| after("Invalid type: "))
        .or_else(|| after("No such column '"))
}

/// Whether the package brings a component of that name, or a field.
fn brings(package: &Package, name: &str) -> bool {
    package.components.keys().any(|id| {
        let full = id.full_name.as_str();
        let last = full.rsplit('.').next().unwrap_or(full);
        last.eq_ignore_ascii_case(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::samples;

    fn failed(problems: &[&str]) -> DeployResult {
        let rows: Vec<String> = problems
            .iter()
            .map(|problem| {
                format!(
                    r#"{{"componentType":"ApexClass","fullName":"A","success":false,"problem":"{problem}"}}"#
                )
            })
            .collect();
        let text = format!(
            r#"{{"id":"0Af000000000001","status":"Failed","done":true,"success":false,
            "details":{{"componentFailures":[{}]}}}}"#,
            rows.join(",")
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn only_what_the_package_brings_can_be_unseen() {
        let package = samples::sample();
        let name = package.components.keys().next().unwrap().full_name.clone();
        let last = name.as_str().rsplit('.').next().unwrap();
        let own = format!("Variable does not exist: {last}");
        let follower = "Dependent class is invalid and needs recompilation: Class A : line 3";
        for (problems, expected) in [
            (vec![own.as_str()], Some(last)),
            (vec![follower, own.as_str()], Some(last)),
            (vec![own.as_str(), "Variable does not exist: Other"], None),
            (vec![own.as_str(), "Missing ';' at '}'"], None),
            (vec![follower], None),
            (vec![], None),
        ] {
            let found = unseen(&failed(&problems), &package);
            assert_eq!(found.as_deref(), expected, "{problems:?}");
        }
        let mut taken = failed(&[&own]);
        taken.success = true;
        assert_eq!(unseen(&taken, &package), None);
    }
}
