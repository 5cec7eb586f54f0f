//! What a program knows of the org that it runs in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::live::User;
use crate::metadata::ComponentId;

/// Who runs the triggers on platform events: a user that every org has and nobody makes.
pub const AUTOMATED_PROCESS: &str = "0050000000000APAAY";

/// What debug logs tell of a Named Credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// `0XA…`
    pub id: String,
    /// The host of its URL, whose rest may hold a token.
    pub endpoint: String,
    /// The authentication protocol of its External Credential, where it has one.
    pub kind: Option<String>,
}

/// The org, its running user and the time.
#[derive(Debug, Clone)]
pub struct OrgData {
    /// 18 characters.
    pub organization_id: Arc<str>,
    /// Company name.
    pub organization_name: Arc<str>,
    /// The running user: `005…`.
    pub user_id: Arc<str>,
    /// Display name.
    pub user_name: Arc<str>,
    /// Login name.
    pub username: Arc<str>,
    /// E-mail address.
    pub email: Arc<str>,
    /// Who runs the triggers on platform events: `005…`.
    pub automated_process_id: Arc<str>,
    /// Who runs which of those triggers instead, by the trigger's name in lower case.
    pub event_users: BTreeMap<String, User>,
    /// What `System.now()` says. It does not advance while a test runs.
    pub now: Timestamp,
    /// Custom permissions of the running user.
    pub permissions: BTreeSet<String>,
    /// Whether e-mail may leave (Setup, Deliverability: "All email").
    pub deliverable: bool,
    /// Recipients outside the org that may still get mail today.
    pub mail_capacity: u32,
    /// Named Credentials by name, for debug logs.
    pub credentials: BTreeMap<String, Credential>,
    /// Scheduled jobs that may wait: 100, in Developer Edition 5 (Apex Developer Guide, "Execution
    /// Governors and Limits").
    pub max_scheduled_jobs: usize,
    /// Record ids of the classes and triggers, for debug logs.
    pub record_ids: BTreeMap<ComponentId, String>,
}

impl Default for OrgData {
    fn default() -> Self {
        Self {
            organization_id: "00D000000000001EAA".into(),
            organization_name: "Local Org".into(),
            user_id: "005000000000001AAA".into(),
            user_name: "Local Admin".into(),
            username: "admin@local.example".into(),
            email: "admin@local.example".into(),
            automated_process_id: AUTOMATED_PROCESS.into(),
            event_users: BTreeMap::new(),
            now: Timestamp::UNIX_EPOCH,
            permissions: BTreeSet::new(),
            deliverable: true,
            mail_capacity: 5_000,
            credentials: BTreeMap::new(),
            max_scheduled_jobs: 100,
            record_ids: BTreeMap::new(),
        }
    }
}
