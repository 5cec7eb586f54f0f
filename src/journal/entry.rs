//! The lines of a journal.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::metadata::OrgId;
use crate::sf::DeployId;

/// What a request to the org is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Bring the org to the config.
    Deploy,
    /// Find out whether it could be, and change nothing.
    Validate,
    /// Put back what an earlier deploy replaced.
    Rollback,
    /// Remove what is ours.
    Uninstall,
}

/// What a run is about. The first line of its journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// Version of the lines' form.
    pub format: u32,
    /// When it began, by this machine's clock.
    pub at: Timestamp,
    /// The org's name in the config.
    pub target: String,
    /// The org.
    pub org: OrgId,
    /// The id of the user whose token is used.
    pub user: String,
    /// What for.
    pub purpose: Purpose,
    /// SHA-256 of the whole package.
    pub digest: String,
}

/// A request that is about to be sent, or may have reached the org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// When it was about to be sent, by this machine's clock.
    pub at: Timestamp,
    /// The package.
    pub package: String,
    /// SHA-256 of its zip.
    pub digest: String,
    /// Whether it only validates.
    pub check_only: bool,
    /// Whether it runs tests.
    pub runs_tests: bool,
    /// `Type:FullName` of what it brings or removes.
    pub components: BTreeSet<String>,
    /// The deploys that the org knew before.
    pub known: Vec<DeployId>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Entry {
    /// A run begins. The first line.
    Begin(Begin),
    /// What will be replaced was saved.
    BackedUp {
        /// Where.
        place: String,
    },
    /// A package is about to be sent. From here on the org may have it.
    Sending(Sent),
    /// The org has it under this id.
    Taken {
        /// The id.
        id: DeployId,
        /// Whether the answer was lost, and the id was found in the org.
        found: bool,
    },
    /// The org certainly does not have what was to be sent.
    NotTaken {
        /// Why.
        reason: String,
    },
    /// The org is done with it.
    Ended {
        /// The id.
        id: DeployId,
        /// The org's word for how it ended.
        status: String,
        /// Whether the org took it.
        success: bool,
        /// When, by this machine's clock.
        at: Timestamp,
    },
    /// Nothing is left to do or to find out.
    Finished,
}
