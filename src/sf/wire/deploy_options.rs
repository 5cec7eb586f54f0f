//! What a deploy is asked to do.

use serde::{Deserialize, Serialize};

use super::lenient;

/// How tests run in a deploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TestLevel {
    /// No tests; refused by production when the package has Apex.
    NoTestRun,
    /// The named classes.
    RunSpecifiedTests,
    /// All tests that are not from installed packages.
    RunLocalTests,
    /// All tests.
    RunAllTestsInOrg,
}

/// WSDL `DeployOptions`. `rollbackOnError` is always written: its documented default differs
/// between two pages of the guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeployOptions {
    /// Deploy although package.xml names files that are not in the zip.
    #[serde(deserialize_with = "lenient::flag")]
    pub allow_missing_files: bool,
    /// Reserved.
    #[serde(deserialize_with = "lenient::flag")]
    pub auto_update_package: bool,
    /// Validate only.
    #[serde(deserialize_with = "lenient::flag")]
    pub check_only: bool,
    /// Treat warnings as successes.
    #[serde(deserialize_with = "lenient::flag")]
    pub ignore_warnings: bool,
    /// Reserved.
    #[serde(deserialize_with = "lenient::flag")]
    pub perform_retrieve: bool,
    /// Skip the Recycle Bin for deleted components.
    #[serde(deserialize_with = "lenient::flag")]
    pub purge_on_delete: bool,
    /// All or nothing.
    #[serde(deserialize_with = "lenient::flag")]
    pub rollback_on_error: bool,
    /// Test class names, with `RunSpecifiedTests` only: with another level even an empty list is
    /// better left out.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "lenient::list"
    )]
    pub run_tests: Vec<String>,
    /// package.xml lies at the zip's root.
    #[serde(deserialize_with = "lenient::flag")]
    pub single_package: bool,
    /// `None`: the org's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_level: Option<TestLevel>,
}

impl Default for DeployOptions {
    fn default() -> Self {
        Self {
            allow_missing_files: false,
            auto_update_package: false,
            check_only: false,
            ignore_warnings: false,
            perform_retrieve: false,
            purge_on_delete: false,
            rollback_on_error: true,
            run_tests: Vec::new(),
            single_package: true,
            test_level: None,
        }
    }
}
