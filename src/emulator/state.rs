//! What the org knows: its identity, users, components and requests. Saved as JSON by `store`.

mod activity;
mod kept;
mod logs;
mod mail;
mod messaging;
mod outcome;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::metadata::{ComponentId, MetadataType, id18};
use crate::sf::wire::{DeployOptions, DeployStatus};

use super::activity::Played;
use super::condition::Condition;
use super::options::OrgKind;
use super::runtime::AUTOMATED_PROCESS;

pub use super::record::Record;
pub use activity::Activity;
pub use kept::Kept;
pub use logs::ApexLog;
pub use mail::{MailSettings, RoutingAddress};
pub use messaging::MessagingSettings;
pub use outcome::Outcome;

/// Layout of `org.json`.
pub const FORMAT: u64 = 1;

/// The state as a whole. It has no `Debug`: components may hold webhook URLs with tokens in them.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    /// Version of this layout.
    pub format: u64,
    /// The one row of `Organization`.
    pub organization: Organization,
    /// The first is the administrator, who is the API user.
    pub users: Vec<User>,
    /// Last number used, by id prefix.
    pub counters: BTreeMap<String, u64>,
    /// By type and name.
    pub components: Vec<Stored>,
    /// In order of submission.
    pub deploys: Vec<Deploy>,
    /// In order of submission.
    pub retrieves: Vec<Retrieve>,
    /// Records of sObjects, in the order in which they were made.
    #[serde(default)]
    pub records: Vec<Record>,
    /// What gets in the way of the integration.
    #[serde(default)]
    pub conditions: BTreeSet<Condition>,
    /// Queries whose result is handed out in parts.
    #[serde(default)]
    pub cursors: Vec<Cursor>,
    /// In order of time.
    #[serde(default)]
    pub logs: Vec<ApexLog>,
    /// What happened beside the records, and what is to happen.
    #[serde(default, skip_serializing_if = "Activity::is_empty")]
    pub activity: Activity,
    /// What an administrator has set up for mail.
    #[serde(default)]
    pub mail: MailSettings,
    /// What an administrator has switched on for live messaging.
    #[serde(default)]
    pub messaging: MessagingSettings,
    /// What was played with the org last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub played: Vec<Played>,
}

/// The org itself.
#[derive(Clone, Serialize, Deserialize)]
pub struct Organization {
    /// 18 characters.
    pub id: String,
    /// Company name.
    pub name: String,
    /// What kind of org.
    pub kind: OrgKind,
    /// When it was made.
    pub created: Timestamp,
}

/// A user.
#[derive(Clone, Serialize, Deserialize)]
pub struct User {
    /// `005…`
    pub id: String,
    /// Display name.
    pub name: String,
    /// Login name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Whether the profile is one that may do nothing but what permission sets add.
    #[serde(default)]
    pub is_minimal: bool,
}

/// Who did something and when.
#[derive(Clone, Serialize, Deserialize)]
pub struct Stamp {
    /// User id.
    pub by: String,
    /// The time.
    pub at: Timestamp,
}

/// A component in the org.
#[derive(Clone, Serialize, Deserialize)]
pub struct Stored {
    /// Its type.
    #[serde(with = "type_name")]
    pub kind: MetadataType,
    /// Its full name, as it was first given.
    pub full_name: String,
    /// Record id, 18 characters.
    pub id: String,
    /// Apex code, as it was deployed.
    pub source: Option<String>,
    /// The metadata XML in the org's form (`normal`).
    pub xml: String,
    /// First deployed or made.
    pub created: Stamp,
    /// Last changed.
    pub modified: Stamp,
}

impl Stored {
    /// What identifies it.
    pub fn component_id(&self) -> ComponentId {
        ComponentId::new(self.kind, self.full_name.clone())
    }
}

/// A query whose result is handed out in parts.
#[derive(Clone, Serialize, Deserialize)]
pub struct Cursor {
    /// `01g…`
    pub id: String,
    /// Whether it went to the Tooling API.
    pub tooling: bool,
    /// Whether deleted records are found, too.
    pub all: bool,
    /// The query.
    pub text: String,
    /// Records in a part.
    pub batch: usize,
    /// When.
    pub created: Timestamp,
}

/// A deploy request.
#[derive(Clone, Serialize, Deserialize)]
pub struct Deploy {
    /// `0Af…`
    pub id: String,
    /// As asked for.
    pub options: DeployOptions,
    /// Who asked, and when.
    pub created: Stamp,
    /// Left the queue.
    pub started: Option<Timestamp>,
    /// Ended.
    pub completed: Option<Timestamp>,
    /// Status requests so far.
    pub polls: u32,
    /// Where it stands.
    pub status: DeployStatus,
    /// Who canceled it.
    pub canceled_by: Option<String>,
    /// The validation that a quick deploy relies on.
    #[serde(default)]
    pub validated: Option<String>,
    /// Base64. A validation keeps it for as long as a quick deploy may follow.
    pub zip: Option<String>,
    /// What it came to; while it runs, the number of components alone.
    pub outcome: Outcome,
}

impl Deploy {
    /// Whether nothing more will happen.
    pub fn done(&self) -> bool {
        self.completed.is_some()
    }
}

/// A retrieve request.
#[derive(Clone, Serialize, Deserialize)]
pub struct Retrieve {
    /// `09S…`
    pub id: String,
    /// When.
    pub created: Timestamp,
    /// Status requests so far.
    pub polls: u32,
    /// package.xml at the root.
    pub single_package: bool,
    /// API version of the files.
    pub version: u16,
    /// Type names and members, as asked for.
    pub types: Vec<(String, Vec<String>)>,
    /// Installed packages that were asked for; there are none in this org.
    pub packages: Vec<String>,
    /// Files that are wanted; none means all.
    #[serde(default)]
    pub files: Vec<String>,
    /// The zip was handed out: it can be read once.
    pub taken: bool,
}

impl User {
    /// The user that every org has beside those that are made, and that no list in Setup shows.
    pub fn automated_process() -> Self {
        Self {
            id: AUTOMATED_PROCESS.to_owned(),
            name: "Automated Process".to_owned(),
            username: "autoproc@local.example".to_owned(),
            email: "autoproc@local.example".to_owned(),
            is_minimal: false,
        }
    }
}

impl State {
    /// Whether the org is in that condition.
    pub fn has(&self, condition: Condition) -> bool {
        self.conditions.contains(&condition)
    }

    /// The administrator's id.
    pub fn admin_id(&self) -> String {
        self.users
            .first()
            .map(|user| user.id.clone())
            .unwrap_or_default()
    }

    /// The display name of a user.
    pub fn user_name(&self, id: &str) -> String {
        let process = User::automated_process();
        self.users
            .iter()
            .chain([&process])
            .find(|user| user.id == id)
            .map(|user| user.name.clone())
            .unwrap_or_default()
    }

    /// A new 18-character record id. Same history, same ids.
    pub fn next_id(&mut self, prefix: &str) -> String {
        let counter = self.counters.entry(prefix.to_owned()).or_default();
        *counter += 1;
        id18(&format!("{prefix}{:012}", *counter))
    }

    /// The component of that name.
    pub fn component(&self, id: &ComponentId) -> Option<&Stored> {
        self.components
            .iter()
            .find(|stored| stored.component_id() == *id)
    }

    /// The component of that name, to be changed.
    pub fn component_mut(&mut self, id: &ComponentId) -> Option<&mut Stored> {
        self.components
            .iter_mut()
            .find(|stored| stored.component_id() == *id)
    }

    /// The components of one type, by name.
    pub fn of_type(&self, kind: MetadataType) -> Vec<&Stored> {
        let mut found: Vec<&Stored> = self
            .components
            .iter()
            .filter(|stored| stored.kind == kind)
            .collect();
        found.sort_by_key(|stored| stored.full_name.to_ascii_lowercase());
        found
    }

    /// Creates or replaces a component. Its id and its creation stay when it was there.
    pub fn put(&mut self, id: &ComponentId, source: Option<String>, xml: String, stamp: Stamp) {
        if let Some(stored) = self.component_mut(id) {
            stored.source = source;
            stored.xml = xml;
            stored.modified = stamp;
            return;
        }
        let record = self.next_id(id_prefix(id.kind));
        self.components.push(Stored {
            kind: id.kind,
            full_name: id.full_name.as_str().to_owned(),
            id: record,
            source,
            xml,
            created: stamp.clone(),
            modified: stamp,
        });
        self.components
            .sort_by_key(|stored| (stored.kind, stored.full_name.to_ascii_lowercase()));
    }

    /// Removes a component; whether it was there.
    pub fn remove(&mut self, id: &ComponentId) -> bool {
        let before = self.components.len();
        self.components
            .retain(|stored| stored.component_id() != *id);
        self.components.len() < before
    }
}

/// Key prefix of a type's records.
pub fn id_prefix(kind: MetadataType) -> &'static str {
    match kind {
        MetadataType::CustomObject => "01I",
        MetadataType::CustomField => "00N",
        // Each custom metadata type has a prefix of its own, counted from m00.
        MetadataType::CustomMetadata => "m00",
        MetadataType::CustomPermission => "0CP",
        MetadataType::ExternalCredential => "0pT",
        MetadataType::NamedCredential => "0XA",
        MetadataType::PermissionSet => "0PS",
        MetadataType::ApexClass => "01p",
        MetadataType::ApexTrigger => "01q",
        MetadataType::PlatformEventSubscriberConfig => "0ka",
        // The prefixes of these are not recorded anywhere; they only have to differ.
        MetadataType::ExternalClientApplication => "0xI",
        MetadataType::ExtlClntAppGlobalOauthSettings => "0xJ",
        MetadataType::ExtlClntAppOauthSettings => "0xK",
        MetadataType::ExtlClntAppOauthConfigurablePolicies => "0xL",
        MetadataType::ExtlClntAppConfigurablePolicies => "0xM",
        MetadataType::Queue => "00G",
        MetadataType::Flow => "301",
        MetadataType::MessagingChannel => "0Mj",
        MetadataType::EmbeddedServiceConfig => "04I",
        // Not recorded either.
        MetadataType::PublicKeyCertificate => "1PK",
        MetadataType::PublicKeyCertificateSet => "1PS",
    }
}

mod type_name {
    //! `MetadataType` by its name.
    use super::MetadataType;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub fn serialize<S: Serializer>(kind: &MetadataType, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(kind.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<MetadataType, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
