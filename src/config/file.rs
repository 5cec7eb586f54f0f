//! The config file as it is written: every key, its meaning for people, and its JSON Schema.
//! `read` fills these types; their documentation comments are what editors show.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::address::MailAddress;
use super::external_client_app::AppName;
use super::names::ComponentName;
use super::setting::Setting;
use super::source::Span;
use super::value::{AuthKind, DisplayName, LocalPath, schema};
use super::webhook::WebhookUrl;
use super::{CaseFilter, CaseTrigger, CredentialModel, SHIPPED_NAMES};
use crate::metadata::{ApiVersion, OrgId};

/// What the OpenCX integration is and which Salesforce orgs it belongs into.
///
/// Any text may be a reference instead: `${env:NAME}` for an environment variable, `${file:path}`
/// for a file's content (relative to this file's folder).
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "opencx.yaml", deny_unknown_fields, extend("required" = ["version"]))]
pub(super) struct ConfigFile {
    /// The version of this file's format: 1.
    #[expect(
        dead_code,
        reason = "there is one version; only the schema needs the field"
    )]
    pub version: FormatVersion,
    /// A folder whose templates replace the built-in ones of the same name.
    pub templates: Setting<LocalPath>,
    /// What holds for Salesforce as a whole.
    pub salesforce: Salesforce,
    /// Email Cases: Cases go to OpenCX, answers go out as e-mail.
    pub email_cases: EmailCases,
    /// The External Client App by which OpenCX connects to your org. Leave it out to make the app
    /// by hand.
    pub external_client_app: ExternalClientAppSetting,
    /// The orgs, by a name of your choice.
    pub orgs: Orgs,
}

/// The version of the file's format, once it has been read: nothing but 1.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FormatVersion;

impl JsonSchema for FormatVersion {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "FormatVersion".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema(json!({ "const": 1 }))
    }
}

/// What holds for Salesforce as a whole.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct Salesforce {
    /// The API version that every component is pinned to, in quotes: "62.0" to "66.0". Default
    /// "66.0".
    pub api_version: Setting<ApiVersion>,
}

/// Email Cases: Cases go to OpenCX, answers go out as e-mail.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct EmailCases {
    /// The webhook that OpenCX gave you. It holds a token: refer to it, for example
    /// `${env:OPENCX_WEBHOOK_URL}`. Only an org with `emulator` may have it written out.
    pub webhook_url: Setting<WebhookUrl>,
    /// The address that customers answer to: a verified Email-to-Case routing address.
    pub reply_to: Setting<MailAddress>,
    /// Which Cases are announced to OpenCX. Default `not_opencx`: every Case but those that OpenCX
    /// made.
    pub case_filter: Setting<CaseFilter>,
    /// How the Named Credential of the webhook is modelled. Default `legacy`, which works for every
    /// user who saves a Case. With `secured_endpoint` (Salesforce's newer model) every such user,
    /// Email-to-Case's and guests included, needs the permission set `OpenCX_Webhook_Access`. The
    /// model of a credential that is already in the org cannot be changed.
    pub named_credential: Setting<CredentialModel>,
    /// Which trigger announces new Cases. Default `shipped`: ours. With `existing` ours is left out,
    /// and you add to the after insert part of your own trigger on Case, or to its handler:
    /// `OpenSalesforceCaseManagement.handleAfterInsert(Trigger.new);`
    pub case_trigger: Setting<CaseTrigger>,
    /// How answers leave Salesforce.
    pub outbound: Outbound,
    /// New names for components, by the shipped name, where yours are taken.
    pub names: Names,
}

/// How answers leave Salesforce.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct Outbound {
    /// Who answers come from: exactly one of the two. An org's sender replaces the top level's.
    pub sender: Sender,
}

/// Who answers come from: exactly one of the two. An org's sender replaces the top level's.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("required" = [], "minProperties" = 1, "maxProperties" = 1)
)]
pub(super) struct Sender {
    /// The integration user's own address, shown with this name.
    pub display_name: Setting<DisplayName>,
    /// A verified organisation-wide address.
    pub org_wide_address: Setting<MailAddress>,
}

impl Sender {
    pub fn is_present(&self) -> bool {
        self.display_name.is_present() || self.org_wide_address.is_present()
    }
}

/// New names by the shipped name.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(pub BTreeMap<&'static str, Setting<ComponentName>>);

impl JsonSchema for Names {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = generator.subschema_for::<NewName>();
        let properties: Map<String, Value> = SHIPPED_NAMES
            .iter()
            .map(|(shipped, _)| ((*shipped).to_owned(), name.clone().to_value()))
            .collect();
        schema(json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        }))
    }
}

/// A new name, described once for all components.
#[derive(JsonSchema)]
#[schemars(transparent)]
#[expect(dead_code, reason = "only its schema is used")]
struct NewName(Setting<ComponentName>);

/// The orgs in the order of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Orgs(pub Vec<Org>);

impl JsonSchema for Orgs {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Orgs".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema(json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" },
            "additionalProperties": generator.subschema_for::<OrgBlock>(),
        }))
    }
}

/// A block under `orgs`.
#[derive(Debug, Clone)]
pub(super) struct Org {
    pub name: String,
    pub block: OrgBlock,
}

/// One org: how it is reached, what it is, and what differs in it.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(
    rename = "Org",
    deny_unknown_fields,
    extend(
        "required" = [],
        "oneOf" = [{ "required": ["auth"] }, { "required": ["emulator"] }]
    )
)]
pub(super) struct OrgBlock {
    /// How a real org is authenticated to. `env` takes SF_ACCESS_TOKEN and SF_INSTANCE_URL from
    /// the environment.
    pub auth: Setting<AuthKind>,
    /// The built-in org, which needs no account, in place of a real one.
    pub emulator: EmulatorSetting,
    /// The organisation id that the org must have (Setup > Company Information). Another org is
    /// refused.
    pub org_id: Setting<OrgId>,
    /// Whether this is a production org. Default false.
    #[schemars(with = "bool")]
    pub production: Option<bool>,
    /// What differs from the top level in this org, key by key.
    pub email_cases: EmailCases,
    /// What differs from the top level in this org, key by key.
    pub external_client_app: ExternalClientAppSetting,
}

/// An `external_client_app` section or its absence.
#[derive(Debug, Clone, Default)]
pub(super) struct ExternalClientAppSetting(pub Option<ExternalClientApp>);

impl JsonSchema for ExternalClientAppSetting {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ExternalClientAppSetting".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<ExternalClientApp>()
    }
}

/// The External Client App by which OpenCX connects to your org.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct ExternalClientApp {
    /// Whom Salesforce writes to about the app: your administrator's address.
    pub contact_email: Setting<MailAddress>,
    /// Whether OpenCX must use PKCE when it connects. Salesforce's own default is true; OpenCX's
    /// documentation doesn't mention PKCE, so ask OpenCX before you write true.
    #[schemars(with = "bool")]
    pub require_pkce: Option<bool>,
    /// The app's name for people. Default: its name in the API.
    pub label: Setting<DisplayName>,
    /// The app's name in the API. Default `OpenCX`. The names of its parts begin with it.
    pub name: Setting<AppName>,
    /// Where the section stands.
    #[schemars(skip)]
    pub place: Span,
    /// Whether something else than true or false stands under `require_pkce`.
    #[schemars(skip)]
    pub refused_pkce: bool,
}

/// An `emulator` section or its absence.
#[derive(Debug, Clone, Default)]
pub(super) struct EmulatorSetting(pub Option<Emulator>);

impl JsonSchema for EmulatorSetting {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EmulatorSetting".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Emulator>()
    }
}

/// The built-in org, which needs no account.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct Emulator {
    /// The folder of its state. Default `.opencx/emulator/<name of the org>`.
    pub state: Setting<LocalPath>,
}
