//! Reading components as files.
//!
//! The zip can be read once: the call that hands it out deletes it in the org (Metadata API guide,
//! `checkRetrieveStatus`). An answer that gets lost on its way may have held it, and then a later one
//! says "succeeded" and has none: the retrieve starts over.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Fault, Polling, Reader, Told};
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
        let result = self.fetch(manifest, polling).await?;
        Ok(Retrieved {
            components: unpack(result.zip_file.as_deref().unwrap_or_default())?,
            properties: result.file_properties,
            messages: result.messages,
        })
    }

    /// As [`Reader::retrieve`], with what the org says against this one question as an answer.
    ///
    /// # Errors
    /// Faults that would meet every question alike.
    pub async fn retrieve_told(
        &self,
        manifest: &Manifest,
        polling: Polling,
    ) -> Result<Told<Retrieved>, Fault> {
        match self.retrieve(manifest, polling).await {
            Ok(retrieved) => Ok(Ok(retrieved)),
            Err(fault) => fault.into_silence().map(Err),
        }
    }

    /// The result of a retrieve, with its zip.
    async fn fetch(&self, manifest: &Manifest, polling: Polling) -> Result<RetrieveResult, Fault> {
        let start = self.connection().clock().now();
        for _ in 0..=MOST_RESTARTS {
            let id = self.start_retrieve(manifest).await?;
            let result = self.finish_retrieve(&id, polling, start).await?;
            if result
                .zip_file
                .as_deref()
                .is_some_and(|zip| !zip.is_empty())
            {
                return Ok(result);
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
    ///
    /// A retrieve shows no progress by which the next look could be timed.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::metadata::{ApiVersion, ComponentId, MetadataType};
    use crate::sf::scripted::{Play, Scripted, VirtualClock, soap};

    const FINISHED: &str = "<done>true</done><status>Succeeded</status><success>true</success>";

    fn manifest() -> Manifest {
        Manifest {
            api_version: ApiVersion::new(66),
            members: vec![ComponentId::new(MetadataType::ApexTrigger, "CaseTrigger")],
        }
    }

    fn started(id: &str) -> Play {
        soap(
            200,
            &format!("<retrieveResponse><result><id>{id}</id></result></retrieveResponse>"),
        )
    }

    fn status(members: &str) -> Play {
        soap(
            200,
            &format!(
                "<checkRetrieveStatusResponse><result><id>09S1</id>{members}</result>\
                 </checkRetrieveStatusResponse>"
            ),
        )
    }

    async fn fetch(
        script: impl IntoIterator<Item = Play>,
    ) -> (Result<RetrieveResult, Fault>, Vec<String>, Vec<u128>) {
        let server = Scripted::start(script).await;
        let clock = Arc::<VirtualClock>::default();
        let polling = Polling::new(Duration::from_secs(4));
        let result = server.reader(&clock).fetch(&manifest(), polling).await;
        (result, server.seen(), clock.sleeps())
    }

    fn asked_for(seen: &[String], id: &str) -> usize {
        let id = format!("<asyncProcessId>{id}</asyncProcessId><includeZip>true</includeZip>");
        seen.iter().filter(|request| request.contains(&id)).count()
    }

    #[tokio::test]
    async fn two_round_trips_when_it_is_quick() {
        let script = [
            started("09S1"),
            status(&format!("{FINISHED}<zipFile>UEs=</zipFile>")),
        ];
        let (result, seen, sleeps) = fetch(script).await;
        assert_eq!(result.unwrap().zip_file.as_deref(), Some("UEs="));
        assert_eq!((seen.len(), asked_for(&seen, "09S1")), (2, 1));
        assert_eq!(sleeps, [500]);
        let head = seen[0].to_ascii_lowercase();
        assert!(
            head.starts_with("post /services/soap/m/66.0 http/1.1\r\n"),
            "{head}"
        );
        assert!(head.contains("\r\nsoapaction: \"\"\r\n"));
        assert!(!head.contains("\r\nauthorization:"));
    }

    #[tokio::test]
    async fn starts_over_when_the_zip_got_lost() {
        let (result, seen, _) = fetch([
            started("09S1"),
            Play::Reset,
            status(&format!("{FINISHED}<zipFile xsi:nil=\"true\"/>")),
            started("09S2"),
            status(&format!("{FINISHED}<zipFile>UEs=</zipFile>")),
        ])
        .await;
        assert_eq!(result.unwrap().zip_file.as_deref(), Some("UEs="));
        assert_eq!((asked_for(&seen, "09S1"), asked_for(&seen, "09S2")), (2, 1));
    }

    #[tokio::test]
    async fn does_not_start_over_for_ever() {
        let script = (0..9).flat_map(|_| [started("09S1"), status(FINISHED)]);
        let (result, seen, _) = fetch(script).await;
        assert!(matches!(result, Err(Fault::Inconsistent { .. })));
        assert_eq!(seen.len(), 6);
    }

    #[tokio::test]
    async fn stops_at_its_deadline() {
        let pending = || status("<done>false</done><status>InProgress</status>");
        let (result, _, sleeps) =
            fetch(std::iter::once(started("09S1")).chain((0..9).map(|_| pending()))).await;
        assert!(matches!(result, Err(Fault::DeadlinePassed { .. })));
        assert_eq!(sleeps, [500, 750, 1125, 1625]);
    }

    #[tokio::test]
    async fn a_failed_one_says_why() {
        let (result, ..) = fetch([
            started("09S1"),
            status(
                "<done>true</done><errorMessage>No package named &apos;X&apos; found</errorMessage>\
                 <errorStatusCode>INVALID_CROSS_REFERENCE_KEY</errorStatusCode>\
                 <status>Failed</status><success>false</success><zipFile xsi:nil=\"true\"/>",
            ),
        ])
        .await;
        let Err(Fault::RetrieveFailed { code, text }) = result else {
            panic!("{result:?}");
        };
        assert_eq!(code, "INVALID_CROSS_REFERENCE_KEY");
        assert_eq!(text, "No package named 'X' found");
    }

    #[tokio::test]
    async fn faults_are_told_apart() {
        let fault = |code: &str| {
            soap(
                500,
                &format!(
                    "<soapenv:Fault><faultcode>sf:{code}</faultcode>\
                     <faultstring>{code}: why</faultstring></soapenv:Fault>"
                ),
            )
        };
        let (result, ..) = fetch([fault("INVALID_SESSION_ID")]).await;
        assert!(matches!(result, Err(Fault::TokenRefused { .. })));
        let (result, ..) = fetch([fault("INSUFFICIENT_ACCESS")]).await;
        assert!(matches!(result, Err(Fault::InsufficientAccess { .. })));
        let (result, ..) = fetch([fault("UNSUPPORTED_API_VERSION")]).await;
        assert!(matches!(result, Err(Fault::UnsupportedVersion { .. })));
        let (result, ..) = fetch([fault("INVALID_TYPE")]).await;
        assert!(matches!(result, Err(Fault::Soap { text, .. }) if text == "why"));
        let (result, seen, sleeps) = fetch([
            fault("SERVER_UNAVAILABLE"),
            started("09S1"),
            status(&format!("{FINISHED}<zipFile>UEs=</zipFile>")),
        ])
        .await;
        assert!(result.is_ok());
        assert_eq!((seen.len(), sleeps), (3, vec![500, 500]));
    }

    #[test]
    fn a_zip_that_is_none_is_refused() {
        assert!(matches!(unpack("%"), Err(Fault::Inconsistent { .. })));
    }
}
