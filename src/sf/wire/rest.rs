//! JSON messages of REST: queries, versions, identity, `deployRequest`, errors.
//!
//! Source: REST API guide (`versions`, `query`, status codes and error responses), Metadata API
//! guide ("REST Resources"), and OpenID Connect's userinfo.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DecodeError, DeployOptions, DeployResult, lenient};
use crate::metadata::ApiVersion;

/// One page of a query, of data or of Tooling.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryPage<T> {
    /// Whether this is the last page.
    pub done: bool,
    /// The path of the next page, when there is one.
    #[serde(default = "none")]
    pub next_records_url: Option<String>,
    /// The rows. Each has an `attributes` member beside the selected fields.
    pub records: Vec<T>,
}

fn none<T>() -> Option<T> {
    None
}

/// What userinfo says of the token's user, the members that are read here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserInfo {
    /// `005…`.
    pub user_id: String,
    /// `00D…`, 18 characters.
    pub organization_id: String,
    /// The user name, which has the form of an e-mail address.
    #[serde(default, deserialize_with = "lenient::text")]
    pub preferred_username: String,
    /// The person's name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// The person's time zone, `Europe/Berlin`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub zoneinfo: String,
}

/// What Connect REST says of a user ("User Detail"), the members that are read here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChatterUser {
    /// `005…`.
    pub id: String,
    /// The user name, which has the form of an e-mail address.
    pub username: String,
    /// The person's name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
}

/// One error of REST's array of errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestError {
    /// `INVALID_SESSION_ID`, `NOT_FOUND`, …
    #[serde(default, deserialize_with = "lenient::text")]
    pub error_code: String,
    /// The platform's text.
    #[serde(default, deserialize_with = "lenient::text")]
    pub message: String,
}

/// The `json` part of a deploy: `{"deployOptions": …}`.
///
/// # Errors
/// None in practice: the options have no map with other keys than text.
pub fn encode_deploy_options(options: &DeployOptions) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Envelope<'a> {
        deploy_options: &'a DeployOptions,
    }
    serde_json::to_vec(&Envelope {
        deploy_options: options,
    })
}

/// The body that asks for a running deploy to be canceled.
pub const CANCEL: &str = r#"{"deployResult":{"status":"Canceling"}}"#;

/// The body that asks for a validation to be made real.
pub fn encode_quick_deploy(validated: &str) -> String {
    serde_json::json!({ "validatedDeployRequestId": validated }).to_string()
}

/// The id in the answer to a deploy, `0Af…`.
///
/// # Errors
/// When the answer has none.
pub fn decode_deploy_id(body: &[u8]) -> Result<String, DecodeError> {
    #[derive(Deserialize)]
    struct Started {
        id: String,
    }
    json::<Started>(body).map(|started| started.id)
}

/// The id in the answer to a record that was created.
///
/// # Errors
/// When the answer has none.
pub fn decode_created(body: &[u8]) -> Result<String, DecodeError> {
    decode_deploy_id(body)
}

/// The result in the answer to a status request or a cancel.
///
/// # Errors
/// When the answer has none.
pub fn decode_deploy_result(body: &[u8]) -> Result<DeployResult, DecodeError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Status {
        deploy_result: DeployResult,
    }
    json::<Status>(body).map(|status| status.deploy_result)
}

/// The versions that an org offers, lowest first. Entries that are no version are left out.
///
/// # Errors
/// When the answer is not a list with at least one version.
pub fn decode_versions(body: &[u8]) -> Result<Vec<ApiVersion>, DecodeError> {
    #[derive(Deserialize)]
    struct Version {
        version: String,
    }
    let mut versions: Vec<ApiVersion> = json::<Vec<Version>>(body)?
        .iter()
        .filter_map(|entry| entry.version.parse().ok())
        .collect();
    if versions.is_empty() {
        return Err(DecodeError::Missing("version"));
    }
    // The server's order is that of the text, where 9.0 comes after 66.0.
    versions.sort_unstable();
    versions.dedup();
    Ok(versions)
}

/// The answer to userinfo.
///
/// # Errors
/// When it is not such an answer.
pub fn decode_user_info(body: &[u8]) -> Result<UserInfo, DecodeError> {
    json(body)
}

/// One page of a query.
///
/// # Errors
/// When it is not such an answer, or its rows have not the fields of `T`.
pub fn decode_query<T: DeserializeOwned>(body: &[u8]) -> Result<QueryPage<T>, DecodeError> {
    json(body)
}

/// The body that asks several questions at once (REST API guide, "Batch"); each is a path below
/// `/services/data/`.
pub fn encode_batch(paths: &[String]) -> String {
    let requests: Vec<Value> = paths
        .iter()
        .map(|path| serde_json::json!({ "method": "GET", "url": path }))
        .collect();
    serde_json::json!({ "batchRequests": requests }).to_string()
}

/// One answer of a batch.
pub type BatchAnswer = Result<Value, RestError>;

/// The answers to a batch, in the order of the questions.
///
/// # Errors
/// When it is not such an answer.
pub fn decode_batch(body: &[u8]) -> Result<Vec<BatchAnswer>, DecodeError> {
    #[derive(Deserialize)]
    struct Batch {
        results: Vec<One>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct One {
        status_code: u16,
        #[serde(default)]
        result: Value,
    }
    let batch: Batch = json(body)?;
    let answer = |one: One| {
        if (200..300).contains(&one.status_code) {
            return Ok(one.result);
        }
        let errors = decode_errors(one.result.to_string().as_bytes());
        Err(errors.into_iter().flatten().next().unwrap_or(RestError {
            error_code: format!("HTTP {}", one.status_code),
            message: String::new(),
        }))
    };
    Ok(batch.results.into_iter().map(answer).collect())
}

/// What came of anonymous Apex (tooling.wsdl, `ExecuteAnonymousResult`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnonymousResult {
    /// Whether it was compiled.
    pub compiled: bool,
    /// Whether it ran to its end.
    pub success: bool,
    /// Why it was not compiled.
    #[serde(default, deserialize_with = "lenient::text")]
    pub compile_problem: String,
    /// What ended it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub exception_message: String,
}

/// The answer to anonymous Apex.
///
/// # Errors
/// When it is not such an answer.
pub fn decode_anonymous(body: &[u8]) -> Result<AnonymousResult, DecodeError> {
    json(body)
}

/// The errors of a refused request: an array as documented, or the single object that OAuth and
/// some gateways send. `None` when the body is neither.
pub fn decode_errors(body: &[u8]) -> Option<Vec<RestError>> {
    let errors = match serde_json::from_slice(body).ok()? {
        Value::Array(items) => items
            .into_iter()
            .map(serde_json::from_value)
            .collect::<Result<Vec<RestError>, _>>()
            .ok()?,
        Value::Object(object) => {
            let word = |name: &str| {
                object
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            let first = |names: [&str; 2]| {
                let text = word(names[0]);
                if text.is_empty() {
                    word(names[1])
                } else {
                    text
                }
            };
            vec![RestError {
                error_code: first(["error", "errorCode"]),
                message: first(["error_description", "message"]),
            }]
        }
        _ => return None,
    };
    errors
        .iter()
        .any(|error| !(error.error_code.is_empty() && error.message.is_empty()))
        .then_some(errors)
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(body).map_err(|error| DecodeError::NotJson {
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
