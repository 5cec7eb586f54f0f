//! The Metadata API's messages as types, in the WSDL's names and order, so that one definition
//! serves the JSON of REST and the XML of SOAP, for the client and for the emulator.
//!
//! Source: metadata.wsdl v66 (`DeployOptions`, `DeployResult`, `RetrieveResult`, …).

mod element;
mod lenient;
pub mod rest;
#[cfg(test)]
mod samples;
pub mod soap;

use serde::{Deserialize, Serialize};

/// Why a message cannot be read. Holds what is wrong with it; parsers may quote a word of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not UTF-8.
    #[error("the answer is not UTF-8 text")]
    NotText,
    /// Not well-formed XML, or XML with parts that no answer of Salesforce has.
    #[error("the answer is not the XML that was expected: {reason}")]
    NotXml {
        /// What the parser said.
        reason: String,
    },
    /// Not JSON, or JSON of another shape.
    #[error("the answer is not the JSON that was expected: {reason}")]
    NotJson {
        /// What the parser said.
        reason: String,
    },
    /// A member that every such message has is missing, or has a value that it cannot have.
    #[error("the answer has no usable `{0}`")]
    Missing(&'static str),
}

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

/// WSDL `DeployStatus`. Releases differ in the spelling of the finalizing pair; anything unknown is
/// kept and is not terminal unless `done` says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeployStatus {
    /// Waiting in the org's queue.
    Pending,
    /// Running.
    InProgress,
    /// Done, all of it.
    Succeeded,
    /// Done in part; only without rollbackOnError.
    SucceededPartial,
    /// Nothing was kept.
    Failed,
    /// A cancel was asked for.
    Canceling,
    /// Canceled; nothing was kept.
    Canceled,
    /// Committing (v65+).
    #[serde(alias = "FinalizingDeploy")]
    Finalizing,
    /// The commit failed (v65+).
    #[serde(alias = "FinalizingDeployFailed")]
    FinalizingFailed,
    /// A value this release of the tool does not know.
    #[serde(untagged)]
    Other(String),
}

/// WSDL `DeployResult`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeployResult {
    /// User id.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub canceled_by: Option<String>,
    /// User name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub canceled_by_name: Option<String>,
    /// Whether this only validated.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub check_only: bool,
    /// Absent until finished.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub completed_date: Option<String>,
    /// 15-character user id.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub created_by: Option<String>,
    /// User name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub created_by_name: Option<String>,
    /// When it was asked for.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub created_date: Option<String>,
    /// Per component and test.
    #[serde(default, deserialize_with = "lenient::structure")]
    pub details: DeployDetails,
    /// The only safe sign that nothing more will happen.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub done: bool,
    /// Error of the deploy as a whole.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub error_message: Option<String>,
    /// WSDL `StatusCode`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub error_status_code: Option<String>,
    /// `0Af…`, 18 characters.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// As asked for.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub ignore_warnings: bool,
    /// Last progress.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub last_modified_date: Option<String>,
    /// Failed components.
    #[serde(default, deserialize_with = "lenient::count")]
    pub number_component_errors: u32,
    /// Processed components; not zero on a rolled-back deploy either.
    #[serde(default, deserialize_with = "lenient::count")]
    pub number_components_deployed: u32,
    /// Components in the package.
    #[serde(default, deserialize_with = "lenient::count")]
    pub number_components_total: u32,
    /// Failed tests.
    #[serde(default, deserialize_with = "lenient::count")]
    pub number_test_errors: u32,
    /// Finished tests.
    #[serde(default, deserialize_with = "lenient::count")]
    pub number_tests_completed: u32,
    /// Tests to run; inexact before they start.
    #[serde(default, deserialize_with = "lenient::count")]
    pub number_tests_total: u32,
    /// As asked for.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub rollback_on_error: bool,
    /// Whether tests were asked for.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub run_tests_enabled: bool,
    /// When it left the queue.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub start_date: Option<String>,
    /// What is being worked on.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub state_detail: Option<String>,
    /// Where it stands.
    pub status: DeployStatus,
    /// Whether it succeeded.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub success: bool,
}

/// WSDL `DeployDetails`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeployDetails {
    /// What failed.
    #[serde(deserialize_with = "lenient::list")]
    pub component_failures: Vec<DeployMessage>,
    /// What succeeded, the `package.xml` row included.
    #[serde(deserialize_with = "lenient::list")]
    pub component_successes: Vec<DeployMessage>,
    /// Tests.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_structure"
    )]
    pub run_test_result: Option<RunTestsResult>,
}

/// WSDL `DeployMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeployMessage {
    /// Differs from what the org had.
    #[serde(deserialize_with = "lenient::flag")]
    pub changed: bool,
    /// 1-based.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_count"
    )]
    pub column_number: Option<u32>,
    /// Type name; empty for the `package.xml` row.
    #[serde(deserialize_with = "lenient::text")]
    pub component_type: String,
    /// New in the org.
    #[serde(deserialize_with = "lenient::flag")]
    pub created: bool,
    /// When.
    #[serde(deserialize_with = "lenient::text")]
    pub created_date: String,
    /// Removed from the org.
    #[serde(deserialize_with = "lenient::flag")]
    pub deleted: bool,
    /// Path in the zip.
    #[serde(deserialize_with = "lenient::text")]
    pub file_name: String,
    /// Full name.
    #[serde(deserialize_with = "lenient::text")]
    pub full_name: String,
    /// Record id, absent on failures.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub id: Option<String>,
    /// 1-based.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_count"
    )]
    pub line_number: Option<u32>,
    /// The platform's text.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub problem: Option<String>,
    /// `Warning`, `Error` or `Info`.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub problem_type: Option<String>,
    /// Whether this component is fine.
    #[serde(deserialize_with = "lenient::flag")]
    pub success: bool,
}

/// WSDL `RunTestsResult`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunTestsResult {
    /// Coverage per class and trigger.
    #[serde(deserialize_with = "lenient::list")]
    pub code_coverage: Vec<CodeCoverageResult>,
    /// Coverage rules that were not met, and notes about the run.
    #[serde(deserialize_with = "lenient::list")]
    pub code_coverage_warnings: Vec<CodeCoverageWarning>,
    /// Failed test methods.
    #[serde(deserialize_with = "lenient::list")]
    pub failures: Vec<RunTestFailure>,
    /// Failed tests.
    #[serde(deserialize_with = "lenient::count")]
    pub num_failures: u32,
    /// Tests that ran.
    #[serde(deserialize_with = "lenient::count")]
    pub num_tests_run: u32,
    /// Passed test methods.
    #[serde(deserialize_with = "lenient::list")]
    pub successes: Vec<RunTestSuccess>,
    /// Milliseconds.
    #[serde(deserialize_with = "lenient::decimal")]
    pub total_time: f64,
}

/// WSDL `CodeCoverageResult`, the members that are read here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CodeCoverageResult {
    /// `01p…` or `01q…`.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// Class or trigger.
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    /// Namespace, when any.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub namespace: Option<String>,
    /// Coverable lines; may be zero.
    #[serde(deserialize_with = "lenient::count")]
    pub num_locations: u32,
    /// Those that did not run.
    #[serde(deserialize_with = "lenient::count")]
    pub num_locations_not_covered: u32,
    /// `Class` or `Trigger`.
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: String,
}

/// WSDL `CodeCoverageWarning`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CodeCoverageWarning {
    /// Class or trigger id.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub id: Option<String>,
    /// The platform's text.
    #[serde(deserialize_with = "lenient::text")]
    pub message: String,
    /// `None` for a warning about the whole org.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub name: Option<String>,
    /// Namespace, when any.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub namespace: Option<String>,
}

/// WSDL `RunTestFailure`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunTestFailure {
    /// Class id.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub id: Option<String>,
    /// The exception's text.
    #[serde(deserialize_with = "lenient::text")]
    pub message: String,
    /// Test method.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub method_name: Option<String>,
    /// Test class.
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    /// Where.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub stack_trace: Option<String>,
    /// Milliseconds.
    #[serde(deserialize_with = "lenient::decimal")]
    pub time: f64,
}

/// WSDL `RunTestSuccess`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunTestSuccess {
    /// Class id.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub id: Option<String>,
    /// Test method.
    #[serde(deserialize_with = "lenient::text")]
    pub method_name: String,
    /// Test class.
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    /// Milliseconds.
    #[serde(deserialize_with = "lenient::decimal")]
    pub time: f64,
}

/// WSDL `AsyncResult`, the members that mean something since v31.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsyncResult {
    /// Always false when it is handed out.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub done: bool,
    /// `0Af…` or `09S…`.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// Deprecated, still sent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub state: Option<String>,
}

/// WSDL `RetrieveStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetrieveStatus {
    /// Queued.
    Pending,
    /// Running.
    InProgress,
    /// The zip is there to be read once.
    Succeeded,
    /// It failed.
    Failed,
}

/// WSDL `RetrieveResult`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetrieveResult {
    /// Nothing more will happen.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub done: bool,
    /// Error of the whole.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub error_message: Option<String>,
    /// WSDL `StatusCode`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub error_status_code: Option<String>,
    /// One per component, and one for package.xml.
    #[serde(default, deserialize_with = "lenient::list")]
    pub file_properties: Vec<FileProperties>,
    /// `09S…`.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// Members that were not found, and other remarks.
    #[serde(default, deserialize_with = "lenient::list")]
    pub messages: Vec<RetrieveMessage>,
    /// Where it stands.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::known"
    )]
    pub status: Option<RetrieveStatus>,
    /// Whether it succeeded.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub success: bool,
    /// Base64; read it once, the org deletes it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub zip_file: Option<String>,
}

/// WSDL `RetrieveMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetrieveMessage {
    /// Usually the manifest.
    #[serde(default, deserialize_with = "lenient::text")]
    pub file_name: String,
    /// `Entity of type 'X' named 'Y' cannot be found`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub problem: String,
}

/// WSDL `FileProperties`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileProperties {
    /// User id.
    #[serde(deserialize_with = "lenient::text")]
    pub created_by_id: String,
    /// User name.
    #[serde(deserialize_with = "lenient::text")]
    pub created_by_name: String,
    /// When.
    #[serde(deserialize_with = "lenient::text")]
    pub created_date: String,
    /// Path, `unpackaged/` in front unless singlePackage.
    #[serde(deserialize_with = "lenient::text")]
    pub file_name: String,
    /// Full name.
    #[serde(deserialize_with = "lenient::text")]
    pub full_name: String,
    /// Record id; empty for package.xml.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// User id.
    #[serde(deserialize_with = "lenient::text")]
    pub last_modified_by_id: String,
    /// User name.
    #[serde(deserialize_with = "lenient::text")]
    pub last_modified_by_name: String,
    /// When.
    #[serde(deserialize_with = "lenient::text")]
    pub last_modified_date: String,
    /// `unmanaged` for an org's own.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub manageable_state: Option<String>,
    /// Namespace, when any.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_text"
    )]
    pub namespace_prefix: Option<String>,
    /// Type name.
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: String,
}
