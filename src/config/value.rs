//! The kinds of text that the config takes: how each is read, shown and described to editors.

use std::path::PathBuf;

use schemars::Schema;
use serde_json::json;

use super::problem::{nearest, shown};
use crate::apex::NameError;
use crate::metadata::{ApiVersion, OrgId};

/// A kind of text.
pub(super) trait Word: Clone {
    /// What a person should write, after "must be".
    const EXPECTED: &'static str;
    /// What YAML takes a plain value of this kind for.
    const KIND: &'static str = "a text";
    /// Whether it must not stand in the file.
    const SECRET: bool = false;

    /// Reads and checks a text.
    fn read(text: &str) -> Result<Self, ValueError>;

    /// The value for people, secrets masked.
    fn shown(&self) -> String;

    /// The JSON Schema of a text of this kind, references aside.
    fn schema() -> Schema;
}

/// Why a text is not a value of its kind. Never holds a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum ValueError {
    #[error("is not an e-mail address: {0}")]
    Address(&'static str),
    #[error("is not a usable webhook URL: {0}")]
    Url(&'static str),
    #[error("cannot be `{}`: the name {error}", shown(.name))]
    Name { name: String, error: NameError },
    #[error("has more than 30 characters")]
    AppName,
    #[error("cannot be `{}`", shown(.given))]
    Choice {
        given: String,
        choices: &'static [&'static str],
    },
    #[error("is not a display name: {0}")]
    DisplayName(&'static str),
    #[error("cannot be `{}`: expected a form like \"66.0\"", shown(.0))]
    NotAVersion(String),
    #[error("cannot be {0}: this version of opencx-sf knows 62.0 to 66.0")]
    VersionRange(ApiVersion),
    #[error("is `{}`: expected 15 or 18 letters and digits starting with `00D`", shown(.0))]
    OrgId(String),
    #[error("cannot be `{}`", shown(.0))]
    EventName(String),
    #[error("cannot be set: {0}")]
    TestField(&'static str),
    #[error("is not a path: {0}")]
    Path(&'static str),
    #[error("cannot be `{}`", shown(.0))]
    Auth(String),
    #[error("must name one way of logging in")]
    AuthWays,
    #[error("is not usable: {0}")]
    Login(&'static str),
    #[error("must be from {min} to {max}")]
    Range { min: u8, max: u8 },
    #[error("is not usable as a condition: {0}")]
    Field(&'static str),
    #[error("is not a domain: {0}")]
    Domain(&'static str),
    #[error("is {}, which this version of opencx-sf does not read", shown(.0))]
    Format(String),
    #[error("is not usable: {0}")]
    Rule(&'static str),
    #[error("is not usable: {0}")]
    LiveMessaging(&'static str),
    #[error("is not a day")]
    Day,
    #[error("is `{}`, which is no name of a wave", shown(.0))]
    Wave(String),
}

impl ValueError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "config/bad-address",
            Self::Url(_) => "config/bad-webhook-url",
            Self::Name { .. } | Self::AppName => "config/bad-name",
            Self::Choice { .. } => "config/bad-choice",
            Self::DisplayName(_) => "config/bad-display-name",
            Self::NotAVersion(_) | Self::VersionRange(_) => "config/bad-api-version",
            Self::OrgId(_) => "config/bad-org-id",
            Self::EventName(_) => "config/bad-event-name",
            Self::TestField(_) => "config/bad-test-field",
            Self::Path(_) => "config/bad-path",
            Self::Auth(_) => "config/unknown-auth",
            Self::AuthWays | Self::Login(_) => "config/bad-auth",
            Self::Range { .. } => "config/bad-number",
            Self::Field(_) => "config/bad-condition",
            Self::Domain(_) => "config/bad-domain",
            Self::LiveMessaging(_) => "config/bad-live-messaging",
            Self::Format(_) => "config/bad-version",
            Self::Rule(_) | Self::Day => "config/bad-rule",
            Self::Wave(_) => "config/bad-wave",
        }
    }

    pub fn label(&self) -> &'static str {
        match self {
            Self::Address(_) => "not an address",
            Self::Url(_) => "not a webhook URL",
            Self::Name { .. } | Self::AppName => "not a name",
            Self::Choice { .. } => "not a choice",
            Self::DisplayName(_) => "not a display name",
            Self::NotAVersion(_) => "not a version",
            Self::VersionRange(_) => "out of range",
            Self::OrgId(_) => "not an organisation id",
            Self::EventName(_) => "not an event name",
            Self::TestField(_) => "not possible",
            Self::Path(_) => "not a path",
            Self::Auth(_) => "no way of logging in",
            Self::AuthWays => "exactly one",
            Self::Login(_) => "not usable",
            Self::Range { .. } => "out of range",
            Self::Field(_) => "not a condition",
            Self::Domain(_) => "not a domain",
            Self::LiveMessaging(_) => "not usable",
            Self::Format(_) => "unknown version",
            Self::Rule(_) => "not usable",
            Self::Day => "not a day",
            Self::Wave(_) => "not a wave",
        }
    }

    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Address(_) => {
                "write one plain address, for example support@acme.example".to_owned()
            }
            Self::Url(_) => "copy the webhook's address from OpenCX as it is; it starts with \
                             https://"
                .to_owned(),
            Self::Name { .. } => {
                "use up to 40 letters, digits and single underscores, starting with a letter"
                    .to_owned()
            }
            Self::AppName => {
                "use up to 30 letters, digits and single underscores, starting with a \
                              letter: the parts of the app get this name and a suffix"
                    .to_owned()
            }
            Self::Choice { given, choices } => match nearest(given, *choices) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the choices are {}", choices.join(", ")),
            },
            Self::DisplayName(_) => "write 1 to 80 characters on one line".to_owned(),
            Self::NotAVersion(_) | Self::VersionRange(_) => {
                "write \"66.0\", or an older version from \"62.0\" on".to_owned()
            }
            Self::OrgId(_) => "copy it from Setup > Company Information".to_owned(),
            Self::Range { min, max } => format!("write a whole number from {min} to {max}"),
            Self::Field(_) => {
                "write the API name of a text or picklist field of EmailMessage, and \
                               the value that OpenCX gives it"
                    .to_owned()
            }
            Self::Domain(_) => "write one domain, for example mg.acme.example".to_owned(),
            Self::EventName(_) => {
                "use 1 to 60 letters, digits, dots, hyphens and underscores".to_owned()
            }
            Self::TestField(_) => {
                "write `Field__c: value` with the field's API name and a text, a \
                 number, true, false or a date"
                    .to_owned()
            }
            Self::Rule(_) => "write a text on one line; `*` stands for any text".to_owned(),
            Self::Day => "write the last day as 2026-12-31".to_owned(),
            Self::Wave(_) => {
                "begin with a letter, and go on with letters, digits, dots, hyphens and underscores; \
                 `rest` is the wave of the orgs that name none"
                    .to_owned()
            }
            Self::Path(_) => return None,
            Self::Auth(_) | Self::AuthWays => {
                "the ways are `env`, `login`, and the sections `sf`, `sfdx_url`, `jwt`, \
                 `client_credentials`, `refresh` and `login`"
                    .to_owned()
            }
            Self::Login(_) => return None,
            Self::LiveMessaging(_) => {
                "copy it from Salesforce, where it stands beside the label".to_owned()
            }
            Self::Format(_) => "write `version: 1`, or update opencx-sf".to_owned(),
        })
    }
}

impl Word for ApiVersion {
    const EXPECTED: &'static str = "an API version in quotes";

    fn read(text: &str) -> Result<Self, ValueError> {
        let version: Self = text
            .parse()
            .map_err(|_| ValueError::NotAVersion(text.to_owned()))?;
        if (super::OLDEST_API_VERSION..=super::NEWEST_API_VERSION).contains(&version) {
            Ok(version)
        } else {
            Err(ValueError::VersionRange(version))
        }
    }

    fn shown(&self) -> String {
        self.to_string()
    }

    fn schema() -> Schema {
        let known = super::OLDEST_API_VERSION.major()..=super::NEWEST_API_VERSION.major();
        let known: Vec<String> = known.map(|major| Self::new(major).to_string()).collect();
        schema(json!({ "type": "string", "enum": known }))
    }
}

impl Word for OrgId {
    const EXPECTED: &'static str = "an organisation id";

    fn read(text: &str) -> Result<Self, ValueError> {
        text.parse().map_err(|_| ValueError::OrgId(text.to_owned()))
    }

    fn shown(&self) -> String {
        self.to_string()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "pattern": "^00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$" }))
    }
}

/// The name that outbound mail shows beside its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DisplayName(pub String);

impl DisplayName {
    const LONGEST: usize = 80;
}

impl Word for DisplayName {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Result<Self, ValueError> {
        // U+2028 and U+2029 end a line in some mail programs without being control characters.
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if text.trim().is_empty() {
            Err(ValueError::DisplayName("it is empty"))
        } else if text.chars().count() > Self::LONGEST {
            Err(ValueError::DisplayName("it has more than 80 characters"))
        } else if text.contains(breaks) {
            Err(ValueError::DisplayName(
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
        schema(json!({ "type": "string", "minLength": 1, "maxLength": Self::LONGEST }))
    }
}

/// A file or folder, relative to the folder of the config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LocalPath(pub PathBuf);

impl Word for LocalPath {
    const EXPECTED: &'static str = "a path";

    fn read(text: &str) -> Result<Self, ValueError> {
        if text.is_empty() {
            Err(ValueError::Path("it is empty"))
        } else if text.contains(char::is_control) {
            Err(ValueError::Path("it has a control character"))
        } else {
            Ok(Self(text.into()))
        }
    }

    fn shown(&self) -> String {
        self.0.display().to_string()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "minLength": 1 }))
    }
}

/// A schema from a JSON object.
pub(super) fn schema(value: serde_json::Value) -> Schema {
    Schema::try_from(value).unwrap_or_default()
}
