//! Live messaging: the six fields of OpenCX's MIAW tab, and the parts of the org that they stand for.

mod ask;
mod deployment;
mod key;
mod routing;
mod settings;

use crate::config::{KeySource, KeyUnread, LiveMessaging, References};
use crate::messaging::{PrivateKey, PublicKey};
use crate::secret::Secret;

use super::Check;
use super::finding::{Finding, Group};
use super::scene::Scene;
use crate::diag::Code;

/// The checks, row by row of the page.
pub(super) const CHECKS: [&[Check]; 4] = [
    &settings::CHECKS,
    &key::CHECKS,
    &deployment::CHECKS,
    &routing::CHECKS,
];

pub(super) use ask::{Org, ask};

/// Whether a path needs more than the settings.
pub(super) fn asks_the_org(path: &[&str]) -> bool {
    let mut checks = CHECKS.iter().skip(1).copied().flatten();
    checks.any(|check| path.contains(&check.code.0))
}

/// Whether the settings tell all that a path looks at.
pub(super) fn is_in_settings(path: &[&str]) -> bool {
    path.iter().all(|code| {
        let mut known = settings::CHECKS.iter().map(|check| check.code.0);
        *code == SEEN.0.0 || known.any(|known| known == *code)
    })
}

/// What the settings tell, or that there are none.
pub(super) fn of_settings(settings: Option<&MessagingSettings>) -> Vec<Finding> {
    settings.map_or_else(|| vec![missing()], messaging_settings)
}

const SEEN: (Code, Group) = (Code("doctor/miaw-not-in-config"), Group::LiveMessaging);
pub(super) const ABSENT: Check = Check {
    code: SEEN.0,
    judge: absent,
};

/// Without the section there is nothing to hold the org against.
fn absent(scene: &Scene<'_>) -> Option<Finding> {
    settings_of(scene).is_none().then(missing)
}

fn missing() -> Finding {
    Finding::unknown(
        SEEN,
        "the config has no `live_messaging`, so which deployment, channel and key OpenCX uses isn't known",
    )
    .fix(
        "add `live_messaging` with what stands in OpenCX (Settings > Integrations > Salesforce > \
         MIAW), then ask again",
    )
    .setup("Messaging Settings, Embedded Service Deployments, Enhanced Chat User Verification")
}

/// What a key's place holds.
type Read = Option<Result<Secret, KeyUnread>>;

/// The section `live_messaging` with its keys read.
#[derive(Debug, Clone)]
pub struct MessagingSettings {
    /// The section.
    pub config: LiveMessaging,
    /// Whether the messaging service is to be asked for tokens.
    pub request_token: bool,
    public_key: Read,
    private_key: Read,
}

impl MessagingSettings {
    /// Reads the keys that the section names.
    pub fn read(config: &LiveMessaging, references: &dyn References) -> Self {
        let read = |source: &Option<KeySource>| {
            let source = source.as_ref()?;
            Some(source.read(references))
        };
        Self {
            public_key: read(&config.public_key),
            private_key: read(&config.private_key),
            config: config.clone(),
            request_token: false,
        }
    }

    /// The private key as it was read.
    pub fn private_key_text(&self) -> Option<&Secret> {
        self.private_key.as_ref()?.as_ref().ok()
    }

    /// The keys that were read, for hiding them from output.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.private_key.iter().flatten()
    }

    /// The public key, where it is one.
    pub(super) fn public(&self) -> Option<PublicKey> {
        let text = self.public_key.as_ref()?.as_ref().ok()?;
        PublicKey::from_pem(text.expose()).ok()
    }

    /// The private key, where it is one.
    pub(super) fn private(&self) -> Option<PrivateKey> {
        let text = self.private_key.as_ref()?.as_ref().ok()?;
        PrivateKey::from_pem(text.expose()).ok()
    }
}

/// What OpenCX's MIAW tab would refuse, and what it would take: without an org.
pub fn messaging_settings(settings: &MessagingSettings) -> Vec<Finding> {
    settings::JUDGES
        .iter()
        .filter_map(|judge| judge(settings))
        .collect()
}

/// The settings of a scene whose config has the section.
fn settings_of<'a>(scene: &Scene<'a>) -> Option<&'a MessagingSettings> {
    scene.facts.messaging.as_ref()
}

/// What the org said of live messaging, when it was asked.
fn org_of<'a>(scene: &Scene<'a>) -> Option<&'a Org> {
    scene.facts.messaging_org.as_ref()
}
