//! Changing an org.

use reqwest::Method;

use super::deploy_id::DeployId;
use super::fault::Fault;
use super::reader::Reader;
use super::transport::Body;
use super::wire::DeployOptions;
use super::wire::rest;
use crate::metadata::ApiVersion;
use crate::package::MAX_ZIP_BYTES;

const DEPLOY: &str = "the deploy";

/// See [`Writer::cancels_for_certain`].
const CANCEL_IS_CERTAIN: ApiVersion = ApiVersion::new(65);

const CANCEL: &str = "the cancel";

/// Changes one org. Only `guard` makes one, after it has decided that the org may be changed.
#[derive(Debug)]
pub struct Writer {
    reader: Reader,
}

impl Writer {
    /// Turns a reader into a writer. For `guard` alone.
    pub(crate) fn open(reader: Reader) -> Self {
        Self { reader }
    }

    /// Reads from the same org by the same connection.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Hands a zip to the org, which puts it into its queue. All of it or nothing, whatever the
    /// options say: `rollbackOnError` is always set. Sent once, never again.
    ///
    /// # Errors
    /// [`Fault::OutcomeUnknown`] when the org may have received it: then its deploy requests must be
    /// looked through before anything is sent again. Every other fault means that it has not.
    pub async fn deploy(&self, zip: Vec<u8>, options: &DeployOptions) -> Result<DeployId, Fault> {
        self.reader.spare_last_requests()?;
        if zip.len() > MAX_ZIP_BYTES {
            return Err(Fault::TooLarge {
                what: "the zip",
                limit: MAX_ZIP_BYTES,
            });
        }
        let options = DeployOptions {
            rollback_on_error: true,
            ..options.clone()
        };
        let options = rest::encode_deploy_options(&options).map_err(|error| Fault::Setup {
            reason: error.to_string(),
        })?;
        let connection = self.reader.connection();
        let id = connection
            .change(
                DEPLOY,
                Method::POST,
                connection.data_url("/metadata/deployRequest"),
                Body::Deploy { options, zip },
                rest::decode_deploy_id,
            )
            .await?;
        id.parse().map_err(|cause| Fault::OutcomeUnknown {
            what: DEPLOY,
            cause: Box::new(cause),
        })
    }

    /// Makes a validation real that succeeded within the last ten days and ran its tests; the org
    /// runs no tests again. The id is a new one (Metadata API guide, "Deploy a Recently Validated
    /// Component Set Without Tests Using REST"). Sent once, never again.
    ///
    /// # Errors
    /// As [`Writer::deploy`].
    pub async fn quick_deploy(&self, validated: &DeployId) -> Result<DeployId, Fault> {
        let connection = self.reader.connection();
        let id = connection
            .change(
                DEPLOY,
                Method::POST,
                connection.data_url("/metadata/deployRequest"),
                Body::Json(rest::encode_quick_deploy(validated.as_str())),
                rest::decode_deploy_id,
            )
            .await?;
        id.parse().map_err(|cause| Fault::OutcomeUnknown {
            what: DEPLOY,
            cause: Box::new(cause),
        })
    }

    /// Gives a permission set to a user. Sent once, never again.
    ///
    /// # Errors
    /// [`Fault::Rest`] with the org's reason, for example `DUPLICATE_VALUE` when the user has it;
    /// [`Fault::OutcomeUnknown`] when only the org can tell.
    pub async fn assign(&self, user_id: &str, permission_set_id: &str) -> Result<(), Fault> {
        let fields = serde_json::json!({
            "AssigneeId": user_id,
            "PermissionSetId": permission_set_id,
        });
        let connection = self.reader.connection();
        connection
            .change(
                "the assignment of a permission set",
                Method::POST,
                connection.data_url("/sobjects/PermissionSetAssignment"),
                Body::Json(fields.to_string()),
                rest::decode_created,
            )
            .await
            .map(drop)
    }

    /// Whether an org that calls a deploy canceled keeps nothing of it for certain. Below version 65 it
    /// may have committed it all the same (Metadata API guide, "cancelDeploy()").
    pub fn cancels_for_certain(&self) -> bool {
        self.reader.session().api_version >= CANCEL_IS_CERTAIN
    }

    /// Asks the org to stop a deploy, which may still succeed: wait for its end.
    ///
    /// # Errors
    /// [`Fault::OutcomeUnknown`] when the org may have heard it.
    pub async fn cancel(&self, id: &DeployId) -> Result<Cancel, Fault> {
        let connection = self.reader.connection();
        let answer = connection
            .change(
                CANCEL,
                Method::PATCH,
                connection.data_url(&format!("/metadata/deployRequest/{id}")),
                Body::Json(rest::CANCEL.to_owned()),
                rest::decode_deploy_result,
            )
            .await;
        match answer {
            Ok(_) => Ok(Cancel::Heard),
            Err(Fault::Rest { status, errors }) => {
                let mut refusals = errors.iter();
                match refusals.find(|error| error.error_code == TOO_LATE) {
                    Some(error) => Ok(Cancel::TooLate(error.message.clone())),
                    None => Err(Fault::Rest { status, errors }),
                }
            }
            Err(fault) => Err(fault),
        }
    }
}

/// The org's code for a deploy that is over or about to be committed (Metadata API guide, "Cancel a
/// Deployment Request Using REST").
const TOO_LATE: &str = "INVALID_ID_FIELD";

/// What an org answers to a cancel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancel {
    /// It stops the deploy, unless that ends first.
    Heard,
    /// The deploy is over, or about to be committed: the org's words.
    TooLate(String),
}
