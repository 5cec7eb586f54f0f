//! Which Apex tests a deploy runs, and what the org's result says of them.

use super::Tests;
use crate::apex::{self, Declaration};
use crate::diag::Code;
use crate::metadata::MetadataType;
use crate::package::Package;
use crate::sf::DeployId;
use crate::sf::wire::{DeployOptions, DeployResult, RunTestsResult, TestLevel};
use crate::verify::{Check, Status};

/// The options of our deploys: all or nothing, and our own tests unless others are asked for.
pub(super) fn deploy_options(package: &Package, check_only: bool, tests: &Tests) -> DeployOptions {
    let mut run_tests: Vec<String> = package
        .components
        .values()
        .filter(|component| component.id.kind == MetadataType::ApexClass)
        .filter(|component| {
            matches!(
                apex::parse(component.source.as_deref().unwrap_or_default()).declaration,
                Some(Declaration::Class { is_test: true, .. })
            )
        })
        .map(|component| component.id.full_name.to_string())
        .collect();
    match tests.level {
        None | Some(TestLevel::RunSpecifiedTests) => run_tests.extend(tests.more.iter().cloned()),
        Some(level) => {
            return DeployOptions {
                check_only,
                test_level: Some(level),
                ..Default::default()
            };
        }
    }
    // Without tests the org's own rule is the right one: none for a package without Apex, and in
    // production all local ones for one with it, where NoTestRun would be refused.
    let test_level = (!run_tests.is_empty()).then_some(TestLevel::RunSpecifiedTests);
    DeployOptions {
        check_only,
        run_tests,
        test_level,
        ..Default::default()
    }
}

/// The options where our own tests are no help: what runs is what the org asks for, or the person.
pub(crate) fn given_tests(tests: &Tests) -> DeployOptions {
    let run_tests = tests.more.clone();
    DeployOptions {
        test_level: match (tests.level, run_tests.is_empty()) {
            (None, false) => Some(TestLevel::RunSpecifiedTests),
            (level, _) => level,
        },
        run_tests,
        ..Default::default()
    }
}

const TESTS: Code = Code("verify/apex-tests");

/// What the org's result says about the tests that were asked for. Tests passed only when the org
/// says that it executed them.
pub(super) fn check_tests(result: &DeployResult, options: &DeployOptions) -> Check {
    let asked = options.run_tests.len();
    let empty = RunTestsResult::default();
    let run = result.details.run_test_result.as_ref().unwrap_or(&empty);
    let level = options.test_level;
    if level == Some(TestLevel::NoTestRun) {
        return Check::new(TESTS, Status::NotChecked, "no Apex tests were to run");
    }
    if asked == 0 && run.num_tests_run == 0 {
        return Check::new(TESTS, Status::NotChecked, "the package has no Apex tests");
    }
    if run.num_tests_run == 0 {
        let remark = run
            .code_coverage_warnings
            .iter()
            .find(|warning| warning.name.is_none())
            .map_or("the org ran none", |warning| warning.message.as_str());
        return Check::new(
            TESTS,
            Status::NotChecked,
            format!("{asked} Apex test classes were not executed: {remark}"),
        );
    }
    if run.num_failures > 0 {
        return Check::new(
            TESTS,
            Status::Failed,
            format!(
                "{} of {} Apex tests failed",
                run.num_failures, run.num_tests_run
            ),
        );
    }
    let passed = format!("{} Apex tests passed", run.num_tests_run);
    let left_out: Vec<&str> = run
        .code_coverage_warnings
        .iter()
        .filter(|warning| warning.name.is_none())
        .map(|warning| warning.message.as_str())
        .collect();
    match left_out.first() {
        None => Check::new(TESTS, Status::Passed, passed),
        Some(first) => Check::new(
            TESTS,
            Status::NotChecked,
            format!(
                "{passed}, and not all were executed ({}): {first}",
                left_out.len()
            ),
        ),
    }
}

/// The org makes a validation real only when its tests ran, passed and covered enough.
pub(super) fn tested_by(validation: &DeployId) -> Check {
    let message = format!("the Apex tests passed when {validation} validated this package");
    Check::new(TESTS, Status::Passed, message)
}

const COVERAGE: Code = Code("verify/apex-coverage");

/// Below this production refuses a class or trigger (Apex Developer Guide, "Code Coverage"; Metadata
/// API guide, "Run Specified Tests").
const LEAST_PERCENT: u64 = 75;

/// Whether production would take the package with this coverage, class by class, as it does with
/// `RunSpecifiedTests`. `None` where the org counted nothing.
pub(super) fn check_coverage(result: &DeployResult, package: &Package) -> Option<Check> {
    let run = result.details.run_test_result.as_ref()?;
    let ours = |name: &str| {
        let mut ids = package.components.keys();
        ids.any(|id| id.kind.has_source() && id.full_name.as_str().eq_ignore_ascii_case(name))
    };
    let counted: Vec<(&str, u64)> = run
        .code_coverage
        .iter()
        .filter(|row| row.namespace.is_none() && ours(&row.name))
        .map(|row| {
            (
                row.name.as_str(),
                percent(row.num_locations, row.num_locations_not_covered),
            )
        })
        .collect();
    let low: Vec<String> = counted
        .iter()
        .filter(|(_, percent)| *percent < LEAST_PERCENT)
        .map(|(name, percent)| format!("{name} {percent} %"))
        .collect();
    let lowest = counted.iter().map(|(_, percent)| percent).min()?;
    Some(if low.is_empty() {
        let message = format!("every class and trigger is covered by at least {lowest} %");
        Check::new(COVERAGE, Status::Passed, message)
    } else {
        let message = format!(
            "production takes {LEAST_PERCENT} % of each class and trigger: {}",
            low.join(", ")
        );
        Check::new(COVERAGE, Status::Failed, message)
    })
}

/// Rounded down, as a rule that is just missed is missed. Nothing to cover is covered.
fn percent(locations: u32, not_covered: u32) -> u64 {
    let covered = u64::from(locations.saturating_sub(not_covered));
    (covered * 100)
        .checked_div(u64::from(locations))
        .unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sf::wire::{CodeCoverageResult, CodeCoverageWarning, DeployDetails};

    fn result(run: RunTestsResult) -> DeployResult {
        let mut result: DeployResult =
            serde_json::from_str(r#"{"id":"0Af","status":"Succeeded","success":true}"#).unwrap();
        result.details = DeployDetails {
            run_test_result: Some(run),
            ..Default::default()
        };
        result
    }

    fn asked() -> DeployOptions {
        DeployOptions {
            run_tests: vec!["ATest".into()],
            ..Default::default()
        }
    }

    #[test]
    fn tests_that_did_not_run_did_not_pass() {
        let run = RunTestsResult {
            code_coverage_warnings: vec![CodeCoverageWarning {
                message: "Apex tests were not run.".into(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let check = check_tests(&result(run), &asked());
        assert_eq!(check.status, Status::NotChecked);
        assert_eq!(
            check.message,
            "1 Apex test classes were not executed: Apex tests were not run."
        );
    }

    #[test]
    fn a_package_without_tests_leaves_the_test_level_to_the_org() {
        use crate::package::samples;

        let mut package = samples::sample();
        package.components.retain(|id, _| !id.kind.has_source());
        let options = deploy_options(&package, false, &Tests::default());
        assert_eq!((options.test_level, options.run_tests), (None, Vec::new()));
        let test = samples::apex_component(
            MetadataType::ApexClass,
            "ATest",
            "@IsTest\nprivate class ATest {\n}\n",
        );
        package.components.insert(test.id.clone(), test);
        let options = deploy_options(&package, false, &Tests::default());
        assert_eq!(options.test_level, Some(TestLevel::RunSpecifiedTests));
        assert_eq!(options.run_tests, ["ATest"]);
    }

    #[test]
    fn another_test_level_takes_the_place_of_our_tests() {
        let package = crate::package::samples::sample();
        let tests = Tests {
            level: Some(TestLevel::RunLocalTests),
            more: Vec::new(),
        };
        let options = deploy_options(&package, true, &tests);
        assert_eq!(options.test_level, Some(TestLevel::RunLocalTests));
        assert_eq!(options.run_tests, [""; 0]);
        let tests = Tests {
            level: None,
            more: vec!["TheirTest".to_owned()],
        };
        let options = deploy_options(&package, true, &tests);
        assert_eq!(options.test_level, Some(TestLevel::RunSpecifiedTests));
        assert_eq!(
            options.run_tests.last().map(String::as_str),
            Some("TheirTest")
        );
    }

    #[test]
    fn coverage_is_judged_class_by_class() {
        use crate::package::samples;

        let mut package = samples::sample();
        package.components.clear();
        for name in ["Low", "Good", "Empty"] {
            let source = format!("public class {name} {{\n}}\n");
            let class = samples::apex_component(MetadataType::ApexClass, name, &source);
            package.components.insert(class.id.clone(), class);
        }
        let row = |name: &str, locations, not_covered| CodeCoverageResult {
            name: name.to_owned(),
            num_locations: locations,
            num_locations_not_covered: not_covered,
            ..Default::default()
        };
        let of = |rows: Vec<CodeCoverageResult>| {
            let run = RunTestsResult {
                code_coverage: rows,
                ..Default::default()
            };
            check_coverage(&result(run), &package)
        };
        assert_eq!(of(vec![]), None);
        assert_eq!(of(vec![row("Theirs", 100, 100)]), None);
        let good = of(vec![row("good", 4, 1), row("Empty", 0, 0)]).unwrap();
        assert_eq!(good.status, Status::Passed);
        let low = of(vec![row("Good", 1000, 0), row("Low", 1000, 251)]).unwrap();
        assert_eq!(low.status, Status::Failed);
        assert_eq!(
            low.message,
            "production takes 75 % of each class and trigger: Low 74 %"
        );
    }

    #[test]
    fn tests_pass_only_when_executed_without_failures() {
        let run = |run, failed| RunTestsResult {
            num_tests_run: run,
            num_failures: failed,
            ..Default::default()
        };
        assert_eq!(
            check_tests(&result(run(3, 0)), &asked()).status,
            Status::Passed
        );
        assert_eq!(
            check_tests(&result(run(3, 1)), &asked()).status,
            Status::Failed
        );
    }
}
