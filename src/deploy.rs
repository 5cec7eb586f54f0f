//! One org from plan to verified: plan → guard → backup → deploy → read back → verify.

mod stages;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::apex::{self, Declaration};
use crate::compare::{LiveState, compare};
use crate::config::Target;
use crate::diag::Code;
use crate::drift::{self, Survey};
use crate::guard::{self, Consent, Refusal};
use crate::metadata::MetadataType;
use crate::package::{self, Package, Rollout};
use crate::plan::Plan;
use crate::sf::wire::{DeployOptions, DeployResult, RunTestsResult, TestLevel};
use crate::sf::{DeployId, Fault, Reader};
use crate::verify::{self, Check, Status, Verification};
use stages::Run;

/// What happens while a deploy runs, for whoever shows progress.
#[derive(Debug)]
pub enum Event<'a> {
    /// The org is asked who it is and what it holds.
    Reading,
    /// What would change is known.
    Planned(&'a Plan),
    /// What will be replaced was written to this place.
    BackedUp(&'a str),
    /// The next of several packages is about to go: its name, which one it is, of how many.
    Package(&'a str, usize, usize),
    /// The org took the deploy under this id.
    Started(&'a DeployId),
    /// Where the deploy stands.
    Progress(&'a DeployResult),
    /// The deploy is over and the org is read again.
    ReadingBack,
}

/// What a deploy needs from the world around it besides the org.
pub trait Surroundings {
    /// Something happened.
    ///
    /// # Errors
    /// Stops the work before the next change, for example when nobody reads the output any more.
    fn event(&mut self, event: Event<'_>) -> std::io::Result<()>;

    /// Asks what may be overwritten and whether production is meant. Called once, with the plan.
    fn consent(&mut self, plan: &Plan) -> Consent;

    /// Keeps the files of a backup (path → content, metadata format) and says where.
    ///
    /// # Errors
    /// The deploy doesn't start when the backup can't be written.
    fn keep_backup(&mut self, files: &BTreeMap<String, String>) -> std::io::Result<String>;
}

/// Settings of one deploy.
#[derive(Debug, Clone)]
pub struct Options {
    /// Validate only: nothing is changed.
    pub check_only: bool,
    /// How long to wait for the org.
    pub wait: Duration,
}

/// Why a deploy did not come to an outcome.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A guard said no; the org is as it was.
    #[error("refused")]
    Refused(Vec<Refusal>),
    /// The org did not answer as it should. `started` holds the id when a deploy is under way.
    #[error("{fault}")]
    Fault {
        /// What went wrong.
        fault: Box<Fault>,
        /// The deploy that the org had taken by then.
        started: Option<DeployId>,
        /// Packages that the org took before.
        earlier: Vec<String>,
    },
    /// The package cannot be written.
    #[error(transparent)]
    Package(#[from] package::Error),
    /// The backup cannot be written; the org is as it was.
    #[error("the backup could not be written: {0}")]
    Backup(std::io::Error),
    /// Nobody reads the output any more; nothing was changed after that.
    #[error("the output could not be written: {0}")]
    Output(std::io::Error),
}

impl From<drift::Error> for Error {
    fn from(error: drift::Error) -> Self {
        match error {
            drift::Error::Refused(refusals) => Self::Refused(refusals),
            drift::Error::Fault(fault) => Self::Fault {
                fault: Box::new(fault),
                started: None,
                earlier: Vec::new(),
            },
            drift::Error::Package(error) => Self::Package(error),
        }
    }
}

/// One of several packages that the org took.
#[derive(Debug, Clone, Serialize)]
pub struct Deployed {
    /// The package.
    pub package: String,
    /// The org's result.
    pub result: DeployResult,
}

/// How a deploy ended.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// What was to change.
    pub plan: Plan,
    /// The org's own result, of several packages that of the last one that was tried; `None` when
    /// there was nothing to change.
    pub deploy: Option<DeployResult>,
    /// The package that `deploy` is about, when there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Packages that the org took before it, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Deployed>,
    /// Packages that were not tried, because `deploy` failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
    /// Where the backup lies, when something was replaced.
    pub backup: Option<String>,
    /// What was read back; `None` after a failed or check-only deploy.
    pub verification: Option<Verification>,
    /// Whether the Apex tests ran and passed; `None` when there was nothing to change.
    pub tests: Option<Check>,
    /// Whether this only validated.
    pub check_only: bool,
}

impl Outcome {
    /// Whether the org took the deploy (or needed none).
    pub fn deployed(&self) -> bool {
        self.deploy.as_ref().is_none_or(|result| result.success)
    }
}

/// Brings one org to its packages, which are resolved: one after the other, each all or nothing,
/// until one fails. Packages that the org holds already are left out, so that a second run goes on
/// where the first one ended.
///
/// A check-only deploy takes all packages as one: what a later one needs of an earlier one is not in
/// the org then.
///
/// # Errors
/// See [`Error`]; a deploy that the org ran and refused is an [`Outcome`], not an error.
pub async fn deploy(
    reader: &Reader,
    target: &Target,
    rollout: &Rollout,
    options: &Options,
    surroundings: &mut dyn Surroundings,
) -> Result<Outcome, Error> {
    let package = &rollout.whole();
    surroundings.event(Event::Reading).map_err(Error::Output)?;
    let Survey { plan, live } = drift::survey(reader, target, package, options.wait).await?;
    surroundings
        .event(Event::Planned(&plan))
        .map_err(Error::Output)?;

    let mut outcome = Outcome {
        plan,
        deploy: None,
        package: None,
        earlier: Vec::new(),
        pending: Vec::new(),
        backup: None,
        verification: None,
        tests: None,
        check_only: options.check_only,
    };
    if outcome.plan.is_empty() {
        let steps = outcome.plan.steps.iter();
        let components = steps.map(|step| step.change.clone()).collect();
        let verification = verify::verify(reader, &target.integration, package, components).await;
        outcome.verification = Some(verification.map_err(|fault| no_deploy(fault, &[]))?);
        return Ok(outcome);
    }

    let consent = surroundings.consent(&outcome.plan);
    let writer =
        guard::authorize(&outcome.plan, target, &consent, reader).map_err(Error::Refused)?;

    if !options.check_only {
        outcome.backup = keep_backup(package, &live, surroundings)?;
    }

    let run = Run {
        reader,
        writer: &writer,
        options,
    };
    let stages = stages::due(rollout, &outcome.plan, options.check_only);
    let last = run.all(stages, &mut outcome, surroundings).await?;

    if outcome.deployed() && !options.check_only {
        let lost = |fault| Error::Fault {
            fault: Box::new(fault),
            started: last.clone(),
            earlier: names(&outcome.earlier),
        };
        // The org has taken everything: a reader that went away must not hide that.
        let _ = surroundings.event(Event::ReadingBack);
        let polling = reader.polling(options.wait);
        let live = reader
            .live(&package.manifest(), polling)
            .await
            .map_err(lost)?;
        let components = compare(package, &live);
        let verification = verify::verify(reader, &target.integration, package, components)
            .await
            .map_err(lost)?;
        outcome.verification = Some(verification);
    }
    Ok(outcome)
}

fn names(earlier: &[Deployed]) -> Vec<String> {
    earlier.iter().map(|done| done.package.clone()).collect()
}

fn no_deploy(fault: Fault, earlier: &[Deployed]) -> Error {
    Error::Fault {
        fault: Box::new(fault),
        started: None,
        earlier: names(earlier),
    }
}

/// The options of our deploys: all or nothing, and our own tests.
fn deploy_options(package: &Package, check_only: bool) -> DeployOptions {
    let run_tests: Vec<String> = package
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

/// Writes what the deploy will replace. Secrets of the live org are left out.
fn keep_backup(
    package: &Package,
    live: &crate::compare::Live,
    surroundings: &mut dyn Surroundings,
) -> Result<Option<String>, Error> {
    let components: BTreeMap<_, _> = package
        .components
        .keys()
        .filter_map(|id| match live.components.get(id) {
            Some(LiveState::Present { component, .. }) => {
                Some((id.clone(), package::without_secrets(component)))
            }
            _ => None,
        })
        .collect();
    if components.is_empty() {
        return Ok(None);
    }
    let snapshot = Package {
        api_version: package.api_version,
        components,
        secrets: Vec::new(),
    };
    let files = snapshot.files(package::Format::Metadata)?;
    let place = surroundings.keep_backup(&files).map_err(Error::Backup)?;
    surroundings
        .event(Event::BackedUp(&place))
        .map_err(Error::Output)?;
    Ok(Some(place))
}

const TESTS: Code = Code("verify/apex-tests");

/// What the org's result says about the tests that were asked for. Tests passed only when the org
/// says that it executed them.
fn check_tests(result: &DeployResult, options: &DeployOptions) -> Check {
    let asked = options.run_tests.len();
    let empty = RunTestsResult::default();
    let run = result.details.run_test_result.as_ref().unwrap_or(&empty);
    if asked == 0 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sf::wire::{CodeCoverageWarning, DeployDetails};

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
        let options = deploy_options(&package, false);
        assert_eq!((options.test_level, options.run_tests), (None, Vec::new()));
        let test = samples::apex_component(
            MetadataType::ApexClass,
            "ATest",
            "@IsTest\nprivate class ATest {\n}\n",
        );
        package.components.insert(test.id.clone(), test);
        let options = deploy_options(&package, false);
        assert_eq!(options.test_level, Some(TestLevel::RunSpecifiedTests));
        assert_eq!(options.run_tests, ["ATest"]);
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
