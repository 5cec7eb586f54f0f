//! `orgs.*.auth` as it is written: the ways, their keys, and what must not stand in the file.

use std::borrow::Cow;

use reqwest::Url;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::json;

use crate::config::problem::Problem;
use crate::config::reference::{Reference, Text};
use crate::config::section::Section;
use crate::config::setting::Setting;
use crate::config::source::Span;
use crate::config::value::{LocalPath, ValueError, Word, schema};
use crate::config::yaml::Value;
use crate::secret::{MASK, Secret};

/// The keys of `auth` whose values are secrets.
pub(in crate::config) const SECRET_KEYS: [&str; 4] =
    ["client_secret", "refresh_token", "private_key", "sfdx_url"];

/// The ways that have keys of their own.
const WAYS: [&str; 6] = [
    "sf",
    "sfdx_url",
    "jwt",
    "client_credentials",
    "refresh",
    "login",
];

/// `auth: env`, `auth: login`, or a section with exactly one way.
#[derive(Debug, Clone, Default)]
pub(in crate::config) struct AuthSetting {
    pub word: Setting<AuthKind>,
    pub section: Option<AuthSection>,
}

impl AuthSetting {
    pub fn is_present(&self) -> bool {
        self.word.is_present() || self.section.is_some()
    }
}

impl JsonSchema for AuthSetting {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AuthSetting".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema(json!({ "anyOf": [
            AuthKind::schema(),
            generator.subschema_for::<Reference>(),
            generator.subschema_for::<AuthSection>(),
        ] }))
    }
}

/// One way of logging in.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(
    rename = "Auth",
    deny_unknown_fields,
    extend("required" = [], "minProperties" = 1, "maxProperties" = 1)
)]
pub(in crate::config) struct AuthSection {
    /// A login of the Salesforce CLI, by its alias or user name: `sf org list` shows them.
    pub sf: Setting<Identifier>,
    /// An SFDX auth URL (`sf org auth show-sfdx-auth-url`), by reference: it is a password.
    #[schemars(with = "Reference")]
    pub sfdx_url: Setting<SecretText>,
    /// A private key in place of a password (OAuth JWT bearer flow): for CI.
    pub jwt: Option<Jwt>,
    /// The app's own run-as user (OAuth client credentials flow).
    pub client_credentials: Option<ClientCredentials>,
    /// A refresh token that you have.
    pub refresh: Option<Refresh>,
    /// The login that `opencx-sf login` has stored on this machine. `auth: login` is the same with
    /// the usual values.
    pub login: Option<Login>,
}

/// A private key in place of a password (OAuth JWT bearer flow): for CI.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["client_id", "username"]))]
pub(in crate::config) struct Jwt {
    /// The app's consumer key.
    pub client_id: Setting<Identifier>,
    /// The user to log in, pre-authorised in the app's policies.
    pub username: Setting<Identifier>,
    /// The file of the private key (PEM), relative to this file's folder.
    pub key_file: Setting<LocalPath>,
    /// The private key (PEM) itself, by reference, in place of `key_file`.
    #[schemars(with = "Reference")]
    pub private_key: Setting<SecretText>,
    /// Where the user logs in. Default https://login.salesforce.com; a sandbox's users log in at
    /// https://test.salesforce.com or at the sandbox's My Domain.
    pub login_url: Setting<LoginUrl>,
}

/// The app's own run-as user (OAuth client credentials flow).
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("required" = ["client_id", "client_secret", "login_url"])
)]
pub(in crate::config) struct ClientCredentials {
    /// The app's consumer key.
    pub client_id: Setting<Identifier>,
    /// The app's consumer secret, by reference.
    #[schemars(with = "Reference")]
    pub client_secret: Setting<SecretText>,
    /// The org's My Domain, https://NAME.my.salesforce.com: the flow works nowhere else.
    pub login_url: Setting<LoginUrl>,
}

/// A refresh token that you have.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["client_id", "refresh_token"]))]
pub(in crate::config) struct Refresh {
    /// The consumer key of the app that the token was given to.
    pub client_id: Setting<Identifier>,
    /// The app's consumer secret, by reference, where the app asks for it.
    #[schemars(with = "Reference")]
    pub client_secret: Setting<SecretText>,
    /// The refresh token, by reference.
    #[schemars(with = "Reference")]
    pub refresh_token: Setting<SecretText>,
    /// Where the user logs in. Default https://login.salesforce.com.
    pub login_url: Setting<LoginUrl>,
}

/// The login that `opencx-sf login` has stored on this machine.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(in crate::config) struct Login {
    /// The consumer key of an app of yours. Default: the Salesforce CLI's app.
    pub client_id: Setting<Identifier>,
    /// Where the browser goes. Default https://login.salesforce.com.
    pub login_url: Setting<LoginUrl>,
}

/// The ways that need nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum AuthKind {
    /// By a token of the environment.
    Environment,
    /// By what `opencx-sf login` has stored.
    Login,
}

impl Word for AuthKind {
    const EXPECTED: &'static str = "`env`, `login` or a section";

    fn read(text: &str) -> Result<Self, ValueError> {
        match text {
            "env" => Ok(Self::Environment),
            "login" => Ok(Self::Login),
            _ => Err(ValueError::Auth(text.to_owned())),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Environment => "env".to_owned(),
            Self::Login => "login".to_owned(),
        }
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "enum": ["env", "login"] }))
    }
}

/// A name without spaces: a consumer key, a user name, an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct Identifier(pub String);

impl Word for Identifier {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Result<Self, ValueError> {
        if text.is_empty() {
            Err(ValueError::Login("it is empty"))
        } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            Err(ValueError::Login("it has a space or another blank"))
        } else if text.starts_with('-') {
            // It becomes an argument of the Salesforce CLI.
            Err(ValueError::Login("it starts with a hyphen"))
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "pattern": "^[^\\s-]\\S*$" }))
    }
}

/// Where users log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct LoginUrl(String);

impl Word for LoginUrl {
    const EXPECTED: &'static str = "a URL";

    fn read(text: &str) -> Result<Self, ValueError> {
        let url = Url::parse(text).map_err(|_| {
            ValueError::Login("it is not a URL such as https://acme.my.salesforce.com")
        })?;
        let host = url.host_str().unwrap_or_default();
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ValueError::Login("it holds a user name or password"));
        }
        match url.scheme() {
            "https" if !host.is_empty() => Ok(Self(text.to_owned())),
            "http" if local => Ok(Self(text.to_owned())),
            _ => Err(ValueError::Login("it is not https")),
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "format": "uri", "pattern": "^https?://" }))
    }
}

/// A secret, which is only taken by reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct SecretText(pub Secret);

impl Word for SecretText {
    const EXPECTED: &'static str = "a reference such as `${env:NAME}`";

    fn read(text: &str) -> Result<Self, ValueError> {
        Ok(Self(Secret::new(text.trim())))
    }

    fn shown(&self) -> String {
        MASK.to_owned()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string" }))
    }
}

/// Reads `auth` of an org's section.
pub(in crate::config) fn auth(section: &mut Section<'_, '_>) -> AuthSetting {
    let Some(entry) = section.entry("auth") else {
        // In a section that is none, the keys are not missing.
        return AuthSetting {
            word: section.setting("auth"),
            section: None,
        };
    };
    if !matches!(entry.node.value, Value::Map(_)) {
        return AuthSetting {
            word: section.setting("auth"),
            section: None,
        };
    }
    let known: Vec<&str> = entry
        .node
        .entries()
        .iter()
        .map(|e| e.key.as_str())
        .collect();
    let given = WAYS.iter().filter(|way| known.contains(way)).count();
    if let ([first, ..], 0) = (known.as_slice(), given) {
        section.refuse(entry, ValueError::Auth((*first).to_owned()));
    } else if given != 1 {
        section.refuse(entry, ValueError::AuthWays);
    }
    if given != 1 {
        return AuthSetting {
            word: Setting::Refused,
            section: None,
        };
    }
    let read = section.below(entry, |mut section| {
        let read = AuthSection {
            sf: section.setting("sf"),
            sfdx_url: secret(&mut section, "sfdx_url"),
            jwt: part(&mut section, "jwt", jwt),
            client_credentials: part(&mut section, "client_credentials", client_credentials),
            refresh: part(&mut section, "refresh", refresh),
            login: part(&mut section, "login", login),
        };
        section.close();
        read
    });
    AuthSetting {
        word: Setting::Absent,
        section: Some(read),
    }
}

fn part<'n, T>(
    section: &mut Section<'n, '_>,
    key: &'static str,
    read: impl FnOnce(Section<'n, '_>, Span) -> T,
) -> Option<T> {
    let entry = section.entry(key)?;
    Some(section.below(entry, |section| read(section, entry.key_span)))
}

fn jwt(mut section: Section<'_, '_>, place: Span) -> Jwt {
    let jwt = Jwt {
        client_id: section.setting("client_id"),
        username: section.setting("username"),
        key_file: section.setting("key_file"),
        private_key: secret(&mut section, "private_key"),
        login_url: section.setting("login_url"),
    };
    needs(&mut section, place, &["client_id", "username"]);
    match (jwt.key_file.is_present(), jwt.private_key.is_present()) {
        (false, false) => needs(&mut section, place, &["key_file"]),
        (true, true) => {
            if let Some(entry) = section.entry("private_key") {
                section.report(entry.key_span, Problem::TwoKeys);
            }
        }
        _ => {}
    }
    section.close();
    jwt
}

fn client_credentials(mut section: Section<'_, '_>, place: Span) -> ClientCredentials {
    let credentials = ClientCredentials {
        client_id: section.setting("client_id"),
        client_secret: secret(&mut section, "client_secret"),
        login_url: section.setting("login_url"),
    };
    needs(
        &mut section,
        place,
        &["client_id", "client_secret", "login_url"],
    );
    section.close();
    credentials
}

fn refresh(mut section: Section<'_, '_>, place: Span) -> Refresh {
    let refresh = Refresh {
        client_id: section.setting("client_id"),
        client_secret: secret(&mut section, "client_secret"),
        refresh_token: secret(&mut section, "refresh_token"),
        login_url: section.setting("login_url"),
    };
    needs(&mut section, place, &["client_id", "refresh_token"]);
    section.close();
    refresh
}

fn login(mut section: Section<'_, '_>, _: Span) -> Login {
    let login = Login {
        client_id: section.setting("client_id"),
        login_url: section.setting("login_url"),
    };
    section.close();
    login
}

/// Reports the keys that are not there.
fn needs(section: &mut Section<'_, '_>, place: Span, keys: &[&'static str]) {
    if section.is_broken() {
        return;
    }
    for key in keys {
        if section.entry(key).is_none() {
            let path = section.path_of(key);
            section.report(place, Problem::AuthLacks(path));
        }
    }
}

fn secret(section: &mut Section<'_, '_>, key: &'static str) -> Setting<SecretText> {
    if let Some(entry) = section.entry(key)
        && matches!(&entry.node.value, Value::Scalar { text, .. }
            if Reference::read(text) == Text::Plain && !entry.node.is_null())
    {
        let key = section.path_of(key);
        section.report(entry.node.span, Problem::InlineSecret { key });
        return Setting::Refused;
    }
    section.setting(key)
}
