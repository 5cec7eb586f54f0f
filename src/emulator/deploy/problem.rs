//! What a problem that has a name does to a deploy.

use crate::metadata::{ComponentId, MetadataType};
use crate::sf::wire::{DeployOptions, RunTestFailure, RunTestsResult, TestLevel};

use super::super::options::{Fault, Options, OrgKind};
use super::super::problem::{Problem, With};

/// The test of [`With::ForeignTest`].
const FOREIGN_TEST: &str = "AcmeOrderTest";

fn given(settings: &Options) -> Option<&'static Problem> {
    match settings.fault {
        Some(Fault::Problem(problem)) => Some(problem),
        _ => None,
    }
}

/// What is wrong with a component of the upload; `all` are its components, in their order.
pub(super) fn with_component<'a>(
    id: &ComponentId,
    mut all: impl Iterator<Item = &'a ComponentId>,
    settings: &Options,
) -> Option<&'static str> {
    let problem = given(settings)?;
    let With::Component(kind) = problem.with() else {
        return None;
    };
    let first = all.find(|other| other.kind == kind)?;
    (first == id).then_some(problem.text())
}

/// What a compiler says that has not seen a field of the upload yet: of the first class, in the first
/// deploy that the org has.
pub(super) fn behind<'a>(
    id: &ComponentId,
    all: impl Iterator<Item = &'a ComponentId> + Clone,
    deploys: usize,
    settings: &Options,
) -> Option<String> {
    if settings.fault != Some(Fault::CompilerBehindOnce) || deploys > 1 {
        return None;
    }
    let first = |kind| all.clone().find(|other| other.kind == kind);
    let field = first(MetadataType::CustomField)?.full_name.as_str();
    let field = field.rsplit('.').next().unwrap_or(field);
    let is_first = first(MetadataType::ApexClass) == Some(id);
    is_first.then(|| format!("Variable does not exist: {field}"))
}

/// What is wrong with the deploy as a whole: code and text.
pub(super) fn with_whole(settings: &Options) -> Option<(String, String)> {
    let problem = given(settings)?;
    let With::Whole(code) = problem.with() else {
        return None;
    };
    Some((code.to_owned(), problem.text().to_owned()))
}

/// Whether tests of the org's own run too.
fn runs_local_tests(options: &DeployOptions, settings: &Options) -> bool {
    match options.test_level {
        Some(TestLevel::RunLocalTests | TestLevel::RunAllTestsInOrg) => true,
        None => settings.kind == OrgKind::Production && options.run_tests.is_empty(),
        _ => false,
    }
}

/// Lets the first test that passed fail, or one of the org's own; whether one does.
pub(super) fn with_tests(
    tests: &mut RunTestsResult,
    options: &DeployOptions,
    settings: &Options,
) -> bool {
    let Some(problem) = given(settings) else {
        return false;
    };
    let (name, method) = match problem.with() {
        With::ForeignTest if runs_local_tests(options, settings) => {
            (FOREIGN_TEST.to_owned(), "itWorks".to_owned())
        }
        With::Test if !tests.successes.is_empty() => {
            let passed = tests.successes.remove(0);
            (passed.name, passed.method_name)
        }
        _ => return false,
    };
    tests.failures.push(RunTestFailure {
        message: problem.text().to_owned(),
        stack_trace: Some(format!("Class.{name}.{method}: line 12, column 1")),
        method_name: Some(method),
        name,
        ..RunTestFailure::default()
    });
    tests.num_failures += 1;
    true
}
