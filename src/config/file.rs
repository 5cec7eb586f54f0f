//! The config file as it is written: every key, its meaning for people, and its JSON Schema.
//! Their documentation comments are what editors show.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::json;

use super::address::MailAddress;
use super::announce::{RepRepliesSection, Webhook};
use super::auth::AuthSetting;
use super::choice::Whole;
use super::external_client_app::AppName;
use super::ignore::IgnoreRules;
use super::layer::Layers;
use super::live_messaging::LiveMessagingSection;
use super::names::Names;
use super::option::{Optional, section};
use super::outbound::{
    DeliveryKind, FieldName, FieldText, MailDomain, OnFailure, RecipientsFallback, Region,
};
use super::problem::Problem;
use super::section::Section;
use super::setting::Setting;
use super::test_fields::TestCaseFields;
use super::value::{DisplayName, LocalPath, schema};
use super::wave::WaveName;
use super::webhook::WebhookUrl;
use super::{CaseFilter, CaseTrigger, CredentialModel, DEFAULT_API_VERSION};
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
    pub external_client_app: Optional<ExternalClientApp>,
    /// Live messaging (Messaging for In-App and Web), for `doctor` and `miaw`. Leave it out where
    /// OpenCX has no MIAW tab filled in.
    pub live_messaging: Optional<LiveMessagingSection>,
    /// What `drift` looks at.
    pub drift: DriftSection,
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

section! {
    /// What holds for Salesforce as a whole.
    struct Salesforce {
        /// The API version that every component is pinned to, in quotes: "62.0" to "66.0". Default
        /// "66.0".
        api_version: Setting<ApiVersion> = DEFAULT_API_VERSION,
    }
}

section! {
    /// Email Cases: Cases go to OpenCX, answers go out as e-mail.
    struct EmailCases {
        /// The webhook that OpenCX gave you. It holds a token: refer to it, for example
        /// `${env:OPENCX_WEBHOOK_URL}`. Only an org with `emulator` may have it written out.
        webhook_url: Setting<WebhookUrl> where missing("webhook_url: ${env:OPENCX_WEBHOOK_URL}"),
        /// The address that customers answer to: a verified Email-to-Case routing address.
        reply_to: Setting<MailAddress> where missing("reply_to: support@acme.example"),
        /// Which Cases are announced to OpenCX. Default `not_opencx`: every Case but those that OpenCX
        /// made.
        case_filter: Setting<CaseFilter> = CaseFilter::DEFAULT,
        /// How Cases are announced to OpenCX.
        webhook: Webhook,
        /// Which work of agents OpenCX is told of. All of it is off by default.
        rep_replies: RepRepliesSection,
        /// How the Named Credential of the webhook is modelled. Default `legacy`, which works for every
        /// user who saves a Case. With `secured_endpoint` (Salesforce's newer model) every such user,
        /// Email-to-Case's and guests included, needs the permission set `OpenCX_Webhook_Access`. The
        /// model of a credential that is already in the org cannot be changed.
        named_credential: Setting<CredentialModel> = CredentialModel::DEFAULT,
        /// Which trigger announces new Cases. Default `shipped`: ours. With `existing` ours is left out,
        /// and you add to the after insert part of your own trigger on Case, or to its handler:
        /// `OpenSalesforceCaseManagement.handleAfterInsert(Trigger.new);`
        case_trigger: Setting<CaseTrigger> = CaseTrigger::DEFAULT,
        /// How answers leave Salesforce.
        outbound: Outbound,
        /// Whether an administrator can switch the webhook and outbound mail off and choose the log level
        /// in Setup > Custom Metadata Types > OpenCX Setting, without a deploy. Its record is made once;
        /// what stands in it from then on is the administrator's. Default false.
        runtime_settings: Setting<bool> = false,
        /// Values for the Cases that the Apex tests make, by the API name of the field, where your
        /// validation rules or required fields ask for them: `Region__c: EMEA`. Dates are written
        /// 2026-01-31, times 2026-01-31T10:00:00Z. `RecordType` takes the API name of a record type.
        test_case_fields: TestCaseFields,
        /// New names for components, by the shipped name, where yours are taken.
        names: Names,
    }
}

section! {
    /// How answers leave Salesforce.
    struct Outbound {
        /// Who answers come from: exactly one of the two. An org's sender replaces the top level's.
        sender: Sender where missing("sender: { display_name: Acme Support }"),
        /// What happens when an answer can't be sent. `log` (default): a line in the debug log.
        /// `flag`: also the field OpenCX_Send_Error__c of the EmailMessage. `comment`: also an
        /// unpublished comment of the Case. `reject`: mail is sent inside OpenCX's insert, which fails
        /// with the reason.
        on_failure: Setting<OnFailure> = OnFailure::default(),
        /// Who transmits answers. `salesforce` (default), or a mail provider for orgs beyond
        /// Salesforce's daily limit; then `from_address` is needed, and an administrator enters the
        /// provider's key in Setup > Named Credentials > External Credentials.
        delivery: Setting<DeliveryKind> = DeliveryKind::default(),
        /// The sender's address for a mail provider, verified there.
        from_address: Setting<MailAddress>,
        /// Where the mail provider keeps your data. Default `us`.
        region: Setting<Region> = Region::default(),
        /// The sending domain at Mailgun. Default: the domain of `from_address`.
        mailgun_domain: Setting<MailDomain>,
        /// Files that are linked to an answer.
        attachments: Attachments,
        /// Who gets an answer that names no To address. `none` (default): it is not sent.
        /// `case_contact`: the Case's contact, or the address that the Case came from.
        recipients_fallback: Setting<RecipientsFallback> = RecipientsFallback::default(),
        /// Sends only rows in which a field has a value; for the case that OpenCX marks its answers.
        only_when: OnlyWhen,
    }
}

section! {
    /// Files that are linked to an answer.
    struct Attachments {
        /// Whether they go with it. Default false.
        enabled: Setting<bool> = false,
        /// How long to wait for the links, which are made after the answer: 0 to 10 minutes. Default 1.
        delay_minutes: Setting<Whole<0, 10>> = Whole(1),
        /// How much may go with one answer: 1 to 10 megabytes. Default 10. An answer with more is sent
        /// without files.
        max_megabytes: Setting<Whole<1, 10>> = Whole(10),
    }
}

section! {
    /// Sends only rows in which a field has a value; for the case that OpenCX marks its answers.
    #[schemars(extend("dependentRequired" = { "field": ["equals"] }))]
    struct OnlyWhen {
        /// A text or picklist field of EmailMessage, for example AutomationType.
        field: Setting<FieldName>,
        /// The value that it must have. Upper and lower case are the same.
        equals: Setting<FieldText>,
    }
}

section! {
    /// Who answers come from: exactly one of the two. An org's sender replaces the top level's.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
    struct Sender {
        /// The integration user's own address, shown with this name.
        display_name: Setting<DisplayName>,
        /// A verified organisation-wide address.
        org_wide_address: Setting<MailAddress>,
    }
    rules {
        fn check(&self, section: &mut Section<'_, '_>) {
            if self.display_name.is_present()
                && let Some(second) = section.entry("org_wide_address")
            {
                section.report(second.key_span, Problem::TwoSenders);
            }
        }

        /// As a whole: a display name below an org's address would be both.
        fn layered(layers: Layers<'_, Self>) -> Layers<'_, Self> {
            match layers.org {
                Some(org) if org.any() => layers.org_alone(),
                _ => layers,
            }
        }
    }
}

section! {
    /// What `drift` looks at.
    struct DriftSection {
        /// Differences that are meant to be: `{ component: "ApexClass:OpenCxLog", reason: … }`, each
        /// with a reason, and where it fits with `field` or `line`, and an end date `until`. They are
        /// counted and shown, and fail nothing. `*` stands for any text.
        ignore: IgnoreRules,
        /// Adds the permission set `OpenCX_Drift_Reader` for the user that CI logs in as: what reading
        /// takes, and none of the permissions that writing Apex and fields takes besides. Give it to
        /// that user in Setup. Default false.
        reader_permission_set: Setting<bool> = false,
    }
}

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
    /// How a real org is logged in to. `login`: in the browser, once, by `opencx-sf login`. `env`:
    /// SF_ACCESS_TOKEN and SF_INSTANCE_URL of the environment. Or a section with one of `sf`,
    /// `sfdx_url`, `jwt`, `client_credentials`, `refresh` and `login`.
    pub auth: AuthSetting,
    /// The built-in org, which needs no account, in place of a real one.
    pub emulator: EmulatorSetting,
    /// The organisation id that the org must have (Setup > Company Information). Another org is
    /// refused.
    pub org_id: Setting<OrgId>,
    /// The username that OpenCX logs in as: whom `deploy --assign` gives the permission sets.
    pub integration_user: Setting<MailAddress>,
    /// The wave in which a deploy to many orgs comes to this one, for example `canary`. Waves go in the
    /// order in which the file names them first; orgs without one go last.
    pub wave: Setting<WaveName>,
    /// Whether this is a production org. Default false.
    #[schemars(with = "bool")]
    pub production: Option<bool>,
    /// What differs from the top level in this org, key by key.
    pub email_cases: EmailCases,
    /// What differs from the top level in this org, key by key.
    pub external_client_app: Optional<ExternalClientApp>,
    /// What differs from the top level in this org, key by key.
    pub live_messaging: Optional<LiveMessagingSection>,
}

section! {
    /// The External Client App by which OpenCX connects to your org.
    struct ExternalClientApp {
        /// Whom Salesforce writes to about the app: your administrator's address.
        contact_email: Setting<MailAddress> where missing("contact_email: admin@acme.example"),
        /// Whether OpenCX must use PKCE when it connects. Salesforce's own default is true; OpenCX's
        /// documentation doesn't mention PKCE, so ask OpenCX before you write true.
        require_pkce: Setting<bool> where missing("require_pkce: false"),
        /// The app's name for people. Default: its name in the API.
        label: Setting<DisplayName>,
        /// The app's name in the API. Default `OpenCX`. The names of its parts begin with it.
        name: Setting<AppName> = AppName::shipped(),
    }
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
