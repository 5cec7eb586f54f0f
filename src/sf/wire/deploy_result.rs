//! How a deploy stands, as a whole and by component.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{RunTestsResult, lenient};

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

/// The WSDL's word, or the unknown one as the org sent it.
impl fmt::Display for DeployStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::SucceededPartial => "SucceededPartial",
            Self::Failed => "Failed",
            Self::Canceling => "Canceling",
            Self::Canceled => "Canceled",
            Self::Finalizing => "Finalizing",
            Self::FinalizingFailed => "FinalizingFailed",
            Self::Other(word) => word,
        })
    }
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
