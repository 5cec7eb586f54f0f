//! The section `live_messaging`: what OpenCX's MIAW tab asks for, and where it is in the org.
//!
//! Nothing of it is deployed. Whether the values are those that OpenCX and Salesforce take is judged
//! by `doctor` and `miaw check`, so that a wrong one stops neither a deploy nor `drift`.

use std::fmt;
use std::path::{Path, PathBuf};

use schemars::Schema;
use serde_json::json;

use super::check;
use super::file::{ConfigFile, Org};
use super::layer::Layers;
use super::option::{Key, section};
use super::reference::Reference;
use super::resolve::{Reported, Resolver};
use super::setting::Setting;
use super::value::{ValueError, Word, schema};
use super::{LiveMessaging, References};
use crate::metadata::OrgId;
use crate::secret::{MASK, Secret};

section! {
    /// Live messaging (Messaging for In-App and Web): the six fields of OpenCX's MIAW tab, and the
    /// parts in the org that they stand for. `doctor` and `miaw check` hold the two together;
    /// nothing of it is deployed.
    #[schemars(rename = "LiveMessaging")]
    struct LiveMessagingSection {
        /// The field Instance URL: your org's My Domain, https://NAME.my.salesforce.com.
        instance_url: Setting<Line>,
        /// The field ES Developer Name: the API name of the Embedded Service deployment, with its
        /// upper and lower case.
        es_developer_name: Setting<ApiName>,
        /// The field Salesforce Org ID (Setup > Company Information).
        organization_id: Setting<OrgId>,
        /// The field Auth Key ID: the `kid` of the key in Salesforce. `opencx-sf miaw keygen` prints it.
        auth_key_id: Setting<Line>,
        /// The field with the public key, PEM: `${file:miaw-keys/public.pem}`.
        public_key: Setting<PublicPem>,
        /// The field with the private key, PEM, by reference: `${file:miaw-keys/private.pem}`. Keep
        /// the file out of version control.
        private_key: Setting<PrivatePem>,
        /// The API name of the messaging channel. Default: the one that the deployment names.
        channel: Setting<ApiName>,
        /// The API name of the Omni-Channel flow. Default: the one that the channel names.
        flow: Setting<ApiName>,
        /// The API name of the keyset. Default: the one that the channel names.
        keyset: Setting<ApiName>,
        /// The issuer (`iss`) of the tokens that OpenCX signs, when OpenCX has told you.
        issuer: Setting<Line>,
    }
}

/// Where a key is. It is read by whoever needs it, and only then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In the config itself.
    Text(Secret),
    /// In an environment variable.
    Env(String),
    /// In a file, relative to the config's folder.
    File(PathBuf),
}

/// Why a key could not be read; says where it should be, and nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyUnread {
    /// No such variable.
    #[error("the environment variable `{0}` is not set")]
    Unset(String),
    /// The file can't be read.
    #[error("the file `{}` cannot be read: {cause}", path.display())]
    File {
        /// As written in the config.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
}

impl KeySource {
    /// The text of the key as it is there.
    ///
    /// # Errors
    /// [`KeyUnread`] when there is none.
    pub fn read(&self, references: &dyn References) -> Result<Secret, KeyUnread> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Env(name) => references
                .env(name)
                .map(Secret::new)
                .ok_or_else(|| KeyUnread::Unset(name.clone())),
            Self::File(path) => {
                let content = references.file(path);
                content.map(Secret::new).map_err(|error| KeyUnread::File {
                    path: path.clone(),
                    cause: error.to_string(),
                })
            }
        }
    }

    /// The file, when it is in one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Text(_) | Self::Env(_) => None,
        }
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("the config"),
            Self::Env(name) => write!(f, "the environment variable `{name}`"),
            Self::File(path) => write!(f, "the file `{}`", path.display()),
        }
    }
}

/// A text on one line. What it should look like is not judged here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line(pub String);

impl Word for Line {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Result<Self, ValueError> {
        if text.trim().is_empty() {
            Err(ValueError::LiveMessaging("it is empty"))
        } else if text.contains(char::is_control) {
            Err(ValueError::LiveMessaging(
                "it has a line break or another control character",
            ))
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "minLength": 1 }))
    }
}

/// The API name of something in the org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiName(pub String);

impl Word for ApiName {
    const EXPECTED: &'static str = "an API name";

    fn read(text: &str) -> Result<Self, ValueError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if text.is_empty() || text.len() > 80 || !text.chars().all(fits) {
            Err(ValueError::LiveMessaging(
                "an API name has letters, digits and underscores only",
            ))
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "pattern": "^[A-Za-z0-9_]{1,80}$" }))
    }
}

/// A public key, PEM or what should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicPem(Secret);

/// A private key, PEM or what should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PrivatePem(Secret);

impl Word for PublicPem {
    const EXPECTED: &'static str = "a key or a reference to one";

    fn read(text: &str) -> Result<Self, ValueError> {
        Ok(Self(Secret::new(text)))
    }

    // Somebody may have put the private key here.
    fn shown(&self) -> String {
        MASK.to_owned()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "minLength": 1 }))
    }
}

impl Word for PrivatePem {
    const EXPECTED: &'static str = "a reference to a key";
    const SECRET: bool = true;

    fn read(text: &str) -> Result<Self, ValueError> {
        Ok(Self(Secret::new(text)))
    }

    fn shown(&self) -> String {
        MASK.to_owned()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "minLength": 1 }))
    }
}

impl Resolver<'_> {
    /// The section as it holds for an org; `None` where neither layer has one.
    pub(super) fn live_messaging(
        &mut self,
        file: &ConfigFile,
        org: Option<&Org>,
    ) -> Result<Option<LiveMessaging>, Reported> {
        type Section = LiveMessagingSection;
        let Some(section) = check::live_messaging(file, org) else {
            return Ok(None);
        };
        let instance_url = self.get(&section, &Section::instance_url());
        let es_developer_name = self.get(&section, &Section::es_developer_name());
        let organization_id = self.get(&section, &Section::organization_id());
        let auth_key_id = self.get(&section, &Section::auth_key_id());
        let channel = self.get(&section, &Section::channel());
        let flow = self.get(&section, &Section::flow());
        let keyset = self.get(&section, &Section::keyset());
        let issuer = self.get(&section, &Section::issuer());
        Ok(Some(LiveMessaging {
            instance_url: instance_url?.map(|line| line.0),
            es_developer_name: es_developer_name?.map(|name| name.0),
            organization_id: organization_id?,
            auth_key_id: auth_key_id?.map(|line| line.0),
            public_key: source(&section, &Section::public_key(), |pem| pem.0)?,
            private_key: source(&section, &Section::private_key(), |pem| pem.0)?,
            channel: channel?.map(|name| name.0),
            flow: flow?.map(|name| name.0),
            keyset: keyset?.map(|name| name.0),
            issuer: issuer?.map(|line| line.0),
        }))
    }
}

/// Where a key is, without looking.
fn source<W: Word, T>(
    section: &Layers<'_, LiveMessagingSection>,
    key: &Key<LiveMessagingSection, Setting<W>, T>,
    text: fn(W) -> Secret,
) -> Result<Option<KeySource>, Reported> {
    match section.setting(key).setting {
        Setting::Absent => Ok(None),
        Setting::Refused => Err(Reported),
        Setting::Literal(value, _) => Ok(Some(KeySource::Text(text(value.clone())))),
        Setting::Reference(Reference::Env(name), _) => Ok(Some(KeySource::Env(name.clone()))),
        Setting::Reference(Reference::File(path), _) => Ok(Some(KeySource::File(path.clone()))),
    }
}
