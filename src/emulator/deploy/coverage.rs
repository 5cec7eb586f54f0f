//! Tests and coverage of a deploy.
//!
//! This org does not execute Apex yet, and says so: no test counts as run and no line as covered.
//! Where the platform demands coverage the deploy fails, with the platform's texts.

use crate::metadata::MetadataType;
use crate::sf::wire::{CodeCoverageWarning, DeployOptions, RunTestsResult, TestLevel};

use super::super::options::OrgKind;
use super::super::state::State;
use super::Refusal;

/// The Apex of a package, without test classes.
pub struct Code {
    /// `ApexClass` or `ApexTrigger`.
    pub kind: MetadataType,
    /// Its name.
    pub name: String,
}

/// The test level that counts (Metadata API guide, "Running Tests in a Deployment").
pub fn level(kind: OrgKind, options: &DeployOptions, has_apex: bool) -> TestLevel {
    options
        .test_level
        .unwrap_or(if kind == OrgKind::Production && has_apex {
            TestLevel::RunLocalTests
        } else {
            TestLevel::NoTestRun
        })
}

/// What running the tests came to, and whether the deploy may go on.
pub fn judge(
    state: &State,
    options: &DeployOptions,
    has_apex: bool,
    code: &[Code],
) -> Result<(RunTestsResult, bool), Refusal> {
    let kind = state.organization.kind;
    let level = level(kind, options, has_apex);
    let production = kind == OrgKind::Production;
    let mut result = RunTestsResult::default();
    if level == TestLevel::NoTestRun {
        if production && has_apex {
            return Err(Refusal::new(
                "INVALID_OPERATION",
                "testLevel of NoTestRun cannot be used in production organizations",
            ));
        }
        return Ok((result, true));
    }
    result.code_coverage_warnings.push(warning(
        None,
        "Apex tests were not run: this local org does not execute Apex.",
    ));
    if !production {
        return Ok((result, true));
    }
    if level == TestLevel::RunSpecifiedTests {
        for item in code {
            let label = if item.kind == MetadataType::ApexTrigger {
                "Apex Trigger"
            } else {
                "Apex Class"
            };
            let text = format!(
                "Test coverage of selected {label} is 0%, at least 75% test coverage is required"
            );
            result
                .code_coverage_warnings
                .push(warning(Some(&item.name), &text));
        }
        return Ok((result, code.is_empty()));
    }
    let org_has_apex = !state.of_type(MetadataType::ApexClass).is_empty()
        || !state.of_type(MetadataType::ApexTrigger).is_empty();
    if code.is_empty() && !org_has_apex {
        return Ok((result, true));
    }
    for item in code
        .iter()
        .filter(|item| item.kind == MetadataType::ApexTrigger)
    {
        let text =
            "Test coverage of selected Apex Trigger is 0%, at least 1% test coverage is required";
        result
            .code_coverage_warnings
            .push(warning(Some(&item.name), text));
    }
    result.code_coverage_warnings.push(warning(
        None,
        "Average test coverage across all Apex Classes and Triggers is 0%, at least 75% test coverage is required.",
    ));
    Ok((result, false))
}

fn warning(name: Option<&str>, message: &str) -> CodeCoverageWarning {
    CodeCoverageWarning {
        name: name.map(str::to_owned),
        message: message.to_owned(),
        ..CodeCoverageWarning::default()
    }
}
