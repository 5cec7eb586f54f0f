//! What SOAP, REST and queries say of a deploy, in the words of the Metadata API.

use jiff::Timestamp;

use crate::sf::wire::{DeployOptions, DeployStatus, TestLevel};

use super::options::OrgKind;
use super::refusal::Refusal;
use super::state::{Deploy, State};

/// The enum's word for a status.
pub fn status_word(status: &DeployStatus) -> String {
    match status {
        DeployStatus::Other(word) => word.clone(),
        known => format!("{known:?}"),
    }
}

/// WSDL `TestLevel`.
pub fn test_level(text: &str) -> Result<TestLevel, Refusal> {
    match text {
        "NoTestRun" => Ok(TestLevel::NoTestRun),
        "RunSpecifiedTests" => Ok(TestLevel::RunSpecifiedTests),
        "RunLocalTests" => Ok(TestLevel::RunLocalTests),
        "RunAllTestsInOrg" => Ok(TestLevel::RunAllTestsInOrg),
        _ => Err(Refusal::new(
            "INVALID_TYPE",
            format!("'{text}' is not a valid value for the enum 'TestLevel'"),
        )),
    }
}

/// When a deploy last moved.
pub fn last_modified(deploy: &Deploy) -> Timestamp {
    deploy
        .completed
        .or(deploy.started)
        .unwrap_or(deploy.created.at)
}

/// Whether tests were asked for, by the request or by the org's default.
pub fn runs_tests(state: &State, deploy: &Deploy) -> bool {
    if deploy.validated.is_some() {
        return false;
    }
    let has_apex = deploy.outcome.has_apex();
    test_level_of(state.organization.kind, &deploy.options, has_apex) != TestLevel::NoTestRun
}

/// What a running deploy is doing.
pub fn state_detail(deploy: &Deploy) -> Option<&'static str> {
    (deploy.status == DeployStatus::InProgress).then_some("Processing Type: Apex Component")
}

/// The test level that counts (Metadata API guide, "Running Tests in a Deployment").
pub fn test_level_of(kind: OrgKind, options: &DeployOptions, has_apex: bool) -> TestLevel {
    options
        .test_level
        .unwrap_or(if kind == OrgKind::Production && has_apex {
            TestLevel::RunLocalTests
        } else {
            TestLevel::NoTestRun
        })
}
