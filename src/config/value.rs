//! The kinds of text that the config takes: how each is read, shown and described to editors.

use std::path::PathBuf;

use schemars::Schema;
use serde_json::json;

use super::CaseFilter;
use super::problem::{nearest, shown};
use crate::apex::NameError;
use crate::metadata::{ApiVersion, OrgId};

/// A kind of text.
pub(super) trait Word: Clone {
    /// What a person should write, after "must be".
    const EXPECTED: &'static str;

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
    #[error("is not a path: {0}")]
    Path(&'static str),
    #[error("cannot be `{}` yet", shown(.0))]
    Auth(String),
    #[error("is {}, which this version of opencx-sf does not read", shown(.0))]
    Format(String),
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
            Self::Path(_) => "config/bad-path",
            Self::Auth(_) => "config/unknown-auth",
            Self::Format(_) => "config/bad-version",
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
            Self::Path(_) => "not a path",
            Self::Auth(_) => "not available",
            Self::Format(_) => "unknown version",
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
            Self::Path(_) => return None,
            Self::Auth(_) => "available now: `auth: env`, which takes SF_ACCESS_TOKEN and \
                              SF_INSTANCE_URL from the environment"
                .to_owned(),
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

impl CaseFilter {
    /// Breaks the loop in which OpenCX is told of the Cases that it made itself.
    pub(super) const DEFAULT: Self = Self::NotOpencx;
    const CHOICES: &'static [&'static str] = &["all", "not_opencx", "only_opencx"];
}

impl Word for CaseFilter {
    const EXPECTED: &'static str = "all, not_opencx or only_opencx";

    fn read(text: &str) -> Result<Self, ValueError> {
        match text {
            "all" => Ok(Self::All),
            "not_opencx" => Ok(Self::NotOpencx),
            "only_opencx" => Ok(Self::OnlyOpencx),
            _ => Err(ValueError::Choice {
                given: text.to_owned(),
                choices: Self::CHOICES,
            }),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::All => "all",
            Self::NotOpencx => "not_opencx",
            Self::OnlyOpencx => "only_opencx",
        }
        .to_owned()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "enum": Self::CHOICES }))
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

/// How a real org is authenticated to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthKind {
    /// By a token of the environment.
    Environment,
}

impl Word for AuthKind {
    const EXPECTED: &'static str = "`env`";

    fn read(text: &str) -> Result<Self, ValueError> {
        match text {
            "env" => Ok(Self::Environment),
            _ => Err(ValueError::Auth(text.to_owned())),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Environment => "env".to_owned(),
        }
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "enum": ["env"] }))
    }
}

/// A schema from a JSON object.
pub(super) fn schema(value: serde_json::Value) -> Schema {
    Schema::try_from(value).unwrap_or_default()
}
