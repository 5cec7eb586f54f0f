//! What the tests of a deploy brought.

use serde::{Deserialize, Serialize};

use super::lenient;

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
