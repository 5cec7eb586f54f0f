//! Reading components as files.
//!
//! The zip can be read once: the call that hands it out deletes it in the org (Metadata API guide,
//! `checkRetrieveStatus`). An answer that gets lost on its way may have held it, and then a later one
//! says "succeeded" and has none: the retrieve starts over.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Fault, Polling, Reader};
use crate::metadata::Component;
use crate::package::{self, Manifest};
use crate::sf::text::clean;
use crate::sf::wire::soap;
use crate::sf::wire::{FileProperties, RetrieveMessage, RetrieveResult, RetrieveStatus};

const WHAT: &str = "the retrieve";

/// How often a retrieve whose zip got lost starts over.
const MOST_RESTARTS: u32 = 2;

/// What an org returned of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrieved {
    /// The components.
    pub components: Vec<Component>,
    /// Who changed them and when, and a row for package.xml.
    pub properties: Vec<FileProperties>,
    /// Members that were not found, and other remarks.
    pub messages: Vec<RetrieveMessage>,
}

impl Reader {
    /// The manifest's components as the org has them. Members that it has not are no error: they are
    /// among the messages.
    ///
    /// # Errors
    /// [`Fault::JwtOverSoap`] for a token that SOAP refuses, [`Fault::RetrieveFailed`],
    /// [`Fault::DeadlinePassed`], [`Fault::Archive`], and any fault of the network.
    pub async fn retrieve(
        &self,
        manifest: &Manifest,
        polling: Polling,
    ) -> Result<Retrieved, Fault> {
        let start = self.connection().clock().now();
        for _ in 0..=MOST_RESTARTS {
            let id = self.start_retrieve(manifest).await?;
            let result = self.finish_retrieve(&id, polling, start).await?;
            if let Some(zip) = result.zip_file.as_deref().filter(|zip| !zip.is_empty()) {
                let components = unpack(zip)?;
                return Ok(Retrieved {
                    components,
                    properties: result.file_properties,
                    messages: result.messages,
                });
            }
        }
        Err(Fault::Inconsistent {
            what: WHAT,
            reason: "it succeeded without a zip, repeatedly",
        })
    }

    async fn start_retrieve(&self, manifest: &Manifest) -> Result<String, Fault> {
        let started = self
            .connection()
            .soap(
                WHAT,
                |caller| soap::encode_retrieve(caller, manifest.api_version, &manifest.members),
                soap::decode_async_result,
            )
            .await?;
        Ok(started.id)
    }

    /// Asks until it is done. Every question asks for the zip too: that saves a round trip, and an
    /// answer with the zip that gets lost is no worse than one that was asked for separately.
    async fn finish_retrieve(
        &self,
        id: &str,
        polling: Polling,
        start: Duration,
    ) -> Result<RetrieveResult, Fault> {
        let clock = self.connection().clock();
        let mut pause = polling.first;
        loop {
            clock.sleep(pause).await;
            let result = self
                .connection()
                .soap(
                    WHAT,
                    |caller| soap::encode_check_retrieve_status(caller, id, true),
                    soap::decode_retrieve_result,
                )
                .await?;
            if result.done {
                return self.succeeded(result);
            }
            let waited = clock.now().saturating_sub(start);
            if waited >= polling.deadline {
                return Err(Fault::DeadlinePassed { what: WHAT, waited });
            }
            pause = polling.next(pause, 0, 0, 0).min(polling.deadline - waited);
        }
    }

    fn succeeded(&self, result: RetrieveResult) -> Result<RetrieveResult, Fault> {
        if result.success && !matches!(result.status, Some(RetrieveStatus::Failed)) {
            return Ok(result);
        }
        let shown = |text: Option<String>| {
            clean(
                &self
                    .connection()
                    .redactor()
                    .redact(&text.unwrap_or_default()),
            )
        };
        Err(Fault::RetrieveFailed {
            code: shown(result.error_status_code),
            text: shown(result.error_message),
        })
    }
}

fn unpack(zip: &str) -> Result<Vec<Component>, Fault> {
    // Line breaks are allowed in xsd:base64Binary.
    let zip: String = zip.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(zip).map_err(|_| Fault::Inconsistent {
        what: WHAT,
        reason: "its zip is not Base64",
    })?;
    let files = package::read_zip(&bytes).map_err(Fault::Archive)?;
    package::components_from_files(&files).map_err(Fault::Archive)
}
