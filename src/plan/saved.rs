//! A plan in a file: what was looked at is what is carried out, or nothing is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Plan;
use crate::compare::{Live, LiveState};
use crate::metadata::OrgId;

/// Version of the file's form.
const FORMAT_VERSION: u32 = 1;

/// What a plan was made from. It holds digests only, no content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Saved {
    /// Version of the file's form.
    pub format_version: u32,
    /// When it was made.
    pub made: Timestamp,
    /// The org's name in the config.
    pub target: String,
    /// The org.
    pub org: OrgId,
    /// SHA-256 of the package's zip.
    pub package_digest: String,
    /// SHA-256 of all that the org held of the package's components.
    pub live_digest: String,
}

/// Why a file is not a plan.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is something else.
    #[error("it is not a saved plan: {0}")]
    NotAPlan(#[from] serde_json::Error),
    /// A release of another time wrote it.
    #[error("it is a saved plan of form {0}, and this release reads form {FORMAT_VERSION}")]
    OtherForm(u32),
}

impl Saved {
    /// What is to be kept of a plan.
    pub fn new(plan: &Plan, live: &Live, made: Timestamp) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            made,
            target: plan.org.target.clone(),
            org: plan.org.id.clone(),
            package_digest: plan.package_digest.clone(),
            live_digest: digest(live),
        }
    }

    /// The file: this, and the plan itself for whoever reads it.
    pub fn to_json(&self, plan: &Plan) -> String {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        document["plan"] = serde_json::to_value(plan).unwrap_or_default();
        format!("{document:#}\n")
    }

    /// Reads the file.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let saved: Self = serde_json::from_str(text)?;
        if saved.format_version == FORMAT_VERSION {
            Ok(saved)
        } else {
            Err(Error::OtherForm(saved.format_version))
        }
    }

    /// What has changed since it was made; `None` when it still holds.
    pub fn stale(&self, plan: &Plan, live: &Live) -> Option<&'static str> {
        if self.org != plan.org.id {
            Some("it was made for another org")
        } else if self.target != plan.org.target {
            Some("it was made for another target of the config")
        } else if self.package_digest != plan.package_digest {
            Some("the config or the templates have changed since")
        } else if self.live_digest != digest(live) {
            Some("the org has changed since")
        } else {
            None
        }
    }
}

/// Content, not dates: an org that holds the same again is the same.
fn digest(live: &Live) -> String {
    let mut hash = Sha256::new();
    for (id, state) in &live.components {
        let (word, source, xml) = match state {
            LiveState::Present { component, .. } => (
                "present",
                component.source.as_deref().unwrap_or_default(),
                component.xml.as_str(),
            ),
            LiveState::Absent => ("absent", "", ""),
            LiveState::Unreadable { .. } => ("unreadable", "", ""),
        };
        for part in [id.to_string().to_lowercase().as_str(), word, source, xml] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    let hash = hash.finalize();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_file_is_read_or_refused(text in "\\PC{0,80}") {
            prop_assert!(Saved::parse(&text).is_err());
        }
    }

    #[test]
    fn a_later_form_is_refused_by_its_number() {
        let text = r#"{"formatVersion":2,"made":"2026-11-20T10:00:00Z","target":"dev",
            "org":"00D000000000062EAA","packageDigest":"p","liveDigest":"l"}"#;
        let error = Saved::parse(text).unwrap_err().to_string();
        assert_eq!(
            error,
            "it is a saved plan of form 2, and this release reads form 1"
        );
        let saved = Saved::parse(&text.replace(":2,", ":1,")).unwrap();
        assert_eq!(saved.target, "dev");
    }
}
