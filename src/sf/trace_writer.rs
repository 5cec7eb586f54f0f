//! Debug levels and trace flags: the only thing in an org that a trace changes.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;

use super::fault::Fault;
use super::reader::Reader;
use super::transport::Body;
use super::wire::DecodeError;
use super::wire::rest;

/// Sets and removes trace flags, and nothing else. Only `guard` makes one.
#[derive(Debug)]
pub struct TraceWriter {
    reader: Reader,
}

impl TraceWriter {
    /// Turns a reader into one. For `guard` alone.
    pub(crate) fn open(reader: Reader) -> Self {
        Self { reader }
    }

    /// Reads from the same org by the same connection.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Makes a debug level of that name (Tooling API guide, "DebugLevel"); its id. What is logged is
    /// what a trace tells: code units, methods, debug lines, queries, callouts.
    ///
    /// # Errors
    /// [`Fault::Rest`] with the org's reason; [`Fault::OutcomeUnknown`] when only the org can tell.
    pub async fn create_level(&self, name: &str) -> Result<String, Fault> {
        let fields = json!({
            "DeveloperName": name,
            "MasterLabel": name,
            "ApexCode": "FINE",
            "ApexProfiling": "INFO",
            "Callout": "INFO",
            "Database": "INFO",
            "System": "DEBUG",
            "Validation": "INFO",
            "Visualforce": "NONE",
            "Workflow": "INFO",
        });
        self.create("the making of a debug level", "DebugLevel", fields)
            .await
    }

    /// Traces a user until then, at that debug level; the flag's id.
    ///
    /// # Errors
    /// [`Fault::Rest`] with `FIELD_INTEGRITY_EXCEPTION` when the user is traced already, otherwise as
    /// [`TraceWriter::create_level`].
    pub async fn create_flag(
        &self,
        user_id: &str,
        level_id: &str,
        until: Timestamp,
    ) -> Result<String, Fault> {
        let fields = json!({
            "TracedEntityId": user_id,
            "LogType": "USER_DEBUG",
            "DebugLevelId": level_id,
            "ExpirationDate": date(until),
        });
        self.create("the setting of a trace flag", "TraceFlag", fields)
            .await
    }

    /// Lets a trace flag live longer.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when it is gone; [`Fault::OutcomeUnknown`] when only the org can tell.
    pub async fn extend_flag(&self, id: &str, until: Timestamp) -> Result<(), Fault> {
        let fields = json!({ "ExpirationDate": date(until) });
        self.send(
            "the prolonging of a trace flag",
            Method::PATCH,
            &format!("TraceFlag/{id}"),
            Body::Json(fields.to_string()),
        )
        .await
    }

    /// Removes a trace flag. One that is gone is removed.
    ///
    /// # Errors
    /// As [`TraceWriter::extend_flag`], without what is gone.
    pub async fn delete_flag(&self, id: &str) -> Result<(), Fault> {
        self.delete("the removal of a trace flag", &format!("TraceFlag/{id}"))
            .await
    }

    /// Removes a debug level. One that is gone is removed. The org removes the flags that use it.
    ///
    /// # Errors
    /// As [`TraceWriter::delete_flag`].
    pub async fn delete_level(&self, id: &str) -> Result<(), Fault> {
        self.delete("the removal of a debug level", &format!("DebugLevel/{id}"))
            .await
    }

    async fn create(
        &self,
        what: &'static str,
        object: &str,
        fields: serde_json::Value,
    ) -> Result<String, Fault> {
        let connection = self.reader.connection();
        connection
            .change(
                what,
                Method::POST,
                connection.data_url(&format!("/tooling/sobjects/{object}")),
                Body::Json(fields.to_string()),
                rest::decode_created,
            )
            .await
    }

    async fn delete(&self, what: &'static str, path: &str) -> Result<(), Fault> {
        match self.send(what, Method::DELETE, path, Body::Nothing).await {
            Err(Fault::NotFound { .. }) => Ok(()),
            done => done,
        }
    }

    async fn send(
        &self,
        what: &'static str,
        method: Method,
        path: &str,
        body: Body,
    ) -> Result<(), Fault> {
        let connection = self.reader.connection();
        let url = connection.data_url(&format!("/tooling/sobjects/{path}"));
        // HTTP 204, without a body.
        let nothing = |_: &[u8]| Ok::<(), DecodeError>(());
        connection.change(what, method, url, body, nothing).await
    }
}

fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}
