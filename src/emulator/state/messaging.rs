//! What no metadata says of live messaging: what is switched on, and what is published.

use serde::{Deserialize, Serialize};

/// Live messaging as it is set up, beside its components.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct MessagingSettings {
    /// Channels that somebody has activated; a deployed one is not.
    #[serde(default)]
    pub active_channels: Vec<String>,
    /// Deployments that somebody has published.
    #[serde(default)]
    pub published: Vec<String>,
}

impl MessagingSettings {
    /// Whether that channel is active.
    pub fn is_active(&self, channel: &str) -> bool {
        has(&self.active_channels, channel)
    }

    /// Whether that deployment is published.
    pub fn is_published(&self, deployment: &str) -> bool {
        has(&self.published, deployment)
    }
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
