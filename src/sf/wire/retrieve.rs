//! How a retrieve is started and stands.

use serde::{Deserialize, Serialize};

use super::lenient;

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
