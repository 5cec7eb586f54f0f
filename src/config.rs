//! YAML → validated config → the integration of one org.
//!
//! A file becomes a tree of places (`yaml`), the tree becomes the types of the file (`read`,
//! `file`), and these become one org's [`Target`] (`resolve`). Each step reports everything that
//! is wrong, with line and column, and no step shows a secret.

mod address;
mod announce;
mod auth;
mod check;
mod choice;
mod conflict;
mod edit;
mod external_client_app;
mod file;
mod ignore;
mod layer;
mod live_messaging;
mod names;
mod option;
mod origin;
mod outbound;
mod place;
mod problem;
mod read;
mod reference;
mod resolve;
mod schema;
mod section;
mod setting;
mod source;
mod starter;
mod test_fields;
#[cfg(test)]
mod tests;
mod value;
mod wave;
mod webhook;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::diag::{Diagnostic, Place};
use crate::metadata::{ApiVersion, MetadataType, OrgId};
use crate::secret::Secret;

pub use announce::{Announcements, AsyncContext, EventNames, RepReplies};
pub use auth::{Access, App, Auth, PRODUCTION_LOGIN};
pub use choice::Named;
pub use edit::{Edit, choices, is_number, is_of_org, keys_with_choices};
pub use ignore::{IgnoreRule, Pattern};
pub use layer::Origin;
pub use live_messaging::{KeySource, KeyUnread};
pub use outbound::{
    Attachments, Delivery, OnFailure, OnlyWhen, Outbound, Provider, RecipientsFallback,
};
pub use reference::resolve_secret;
pub use starter::{NotAnAuth, Starter, StarterAuth};
pub use test_fields::TestValue;
pub use wave::REST;

/// The names of the components that can be renamed, as they are shipped, with their types. The
/// permission set and the External Credential of a Named Credential's name are renamed with it. `Case_From__c` is not among
/// them: OpenCX writes the field under that name.
pub const SHIPPED_NAMES: &[(&str, MetadataType)] = &[
    ("CaseTrigger", MetadataType::ApexTrigger),
    ("OpenCxOutboundEmailSender", MetadataType::ApexTrigger),
    ("OpenCxCaseChangeTrigger", MetadataType::ApexTrigger),
    ("OpenCxCaseEventTrigger", MetadataType::ApexTrigger),
    ("OpenCxRepCommentTrigger", MetadataType::ApexTrigger),
    ("OpenCxRepEmailTrigger", MetadataType::ApexTrigger),
    ("OpenCxAccess", MetadataType::ApexClass),
    ("OpenCxAttachments", MetadataType::ApexClass),
    ("OpenCxAnnouncer", MetadataType::ApexClass),
    ("OpenCxAnnouncerTest", MetadataType::ApexClass),
    ("OpenCxCaseEvent", MetadataType::ApexClass),
    ("OpenCxCaseEventBus", MetadataType::ApexClass),
    ("OpenCxCaseEventBusTest", MetadataType::ApexClass),
    ("OpenCxCasePayload", MetadataType::ApexClass),
    ("OpenCxCaseWebhookFinalizer", MetadataType::ApexClass),
    ("OpenCxCaseWebhookJob", MetadataType::ApexClass),
    ("OpenCxCaseWebhookJobTest", MetadataType::ApexClass),
    ("OpenCxCaseWebhookRun", MetadataType::ApexClass),
    ("OpenCxEmailAddresses", MetadataType::ApexClass),
    ("OpenCxLog", MetadataType::ApexClass),
    ("OpenCxMailer", MetadataType::ApexClass),
    ("OpenCxOutboundEmail", MetadataType::ApexClass),
    ("OpenCxOutboundEmailFinalizer", MetadataType::ApexClass),
    ("OpenCxOutboundEmailJob", MetadataType::ApexClass),
    ("OpenCxOutboundEmailJobTest", MetadataType::ApexClass),
    ("OpenCxOutboundEmailTest", MetadataType::ApexClass),
    ("OpenCxOutboundMessage", MetadataType::ApexClass),
    ("OpenCxOutboundMessageTest", MetadataType::ApexClass),
    ("OpenCxOutboundRows", MetadataType::ApexClass),
    ("OpenCxProvider", MetadataType::ApexClass),
    ("OpenCxProviderFinalizer", MetadataType::ApexClass),
    ("OpenCxProviderJob", MetadataType::ApexClass),
    ("OpenCxProviderJobTest", MetadataType::ApexClass),
    ("OpenCxProviderMessage", MetadataType::ApexClass),
    ("OpenCxRecipients", MetadataType::ApexClass),
    ("OpenCxRepReplies", MetadataType::ApexClass),
    ("OpenCxRepRepliesTest", MetadataType::ApexClass),
    ("OpenCxRetryAfter", MetadataType::ApexClass),
    ("OpenCxRuntimeSettings", MetadataType::ApexClass),
    ("OpenCxRuntimeSettingsTest", MetadataType::ApexClass),
    ("OpenCxSendAdvice", MetadataType::ApexClass),
    ("OpenCxSendFailures", MetadataType::ApexClass),
    ("OpenCxSendFailuresTest", MetadataType::ApexClass),
    ("OpenCxSenderIdentity", MetadataType::ApexClass),
    ("OpenCxTestData", MetadataType::ApexClass),
    ("OpenCxThreadingToken", MetadataType::ApexClass),
    ("OpenCxThreadingTokenJob", MetadataType::ApexClass),
    ("OpenCxWebhook", MetadataType::ApexClass),
    ("OpenCxWebhookTest", MetadataType::ApexClass),
    ("OpenSalesforceCaseManagement", MetadataType::ApexClass),
    ("OpenSalesforceCaseManagementTest", MetadataType::ApexClass),
    ("OpenCX_Case_Event", MetadataType::CustomObject),
    ("OpenCX_Setting", MetadataType::CustomObject),
    (
        "OpenCxCaseEventConfig",
        MetadataType::PlatformEventSubscriberConfig,
    ),
    ("OpenCX_Integration", MetadataType::NamedCredential),
    ("OpenCX_Webhook", MetadataType::ExternalCredential),
    ("OpenCX_Webhook_Access", MetadataType::PermissionSet),
    ("OpenCX_Mail_Provider", MetadataType::NamedCredential),
    ("OpenCX_Send_Errors", MetadataType::PermissionSet),
    ("OpenCX_Drift_Reader", MetadataType::PermissionSet),
    ("OpenCX_Outbound_Sender", MetadataType::CustomPermission),
    ("OpenCX_Bypass", MetadataType::CustomPermission),
];

/// The oldest API version that the templates are written for.
pub const OLDEST_API_VERSION: ApiVersion = ApiVersion::new(62);
/// The newest API version that the templates were tried with.
pub const NEWEST_API_VERSION: ApiVersion = ApiVersion::new(66);
/// Stays the same for format version 1, so that a newer opencx-sf renders the same package.
const DEFAULT_API_VERSION: ApiVersion = ApiVersion::new(66);
/// More than thousands of orgs need, and little enough to read at once.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Where references in a config lead: the command line gives the real ones, tests give maps.
pub trait References {
    /// The value of an environment variable.
    fn env(&self, name: &str) -> Option<String>;
    /// The content of a file, relative to the config's folder.
    fn file(&self, path: &Path) -> std::io::Result<String>;
}

/// A config file that was read and checked.
#[derive(Clone)]
pub struct Config {
    source: source::Source,
    root: yaml::Node,
    file: file::ConfigFile,
}

/// Without the tree, in which secrets of local orgs stand as they are.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("source", &self.source)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Reads and checks a config. `file` is the name shown in findings and the base of relative
    /// paths. All mistakes at once; warnings alone do not make it fail.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Vec<Diagnostic>> {
        if text.len() > MAX_BYTES {
            let problem = problem::Problem::TooLarge {
                size: text.len(),
                limit: MAX_BYTES,
            };
            return Err(vec![problem.into_diagnostic().at(Place::Path {
                path: file.display().to_string(),
            })]);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut source = source::Source::new(file, text);
        let mut findings = problem::Findings::default();
        let Some(root) = yaml::parse(text, &source, &mut findings) else {
            for key in [read::SECRET_KEY].into_iter().chain(auth::SECRET_KEYS) {
                source.mask_after(key);
            }
            return Err(findings.into_diagnostics(&source));
        };
        for span in read::secrets(&root) {
            source.mask(span);
        }
        let file = read::config_file(&root, &mut findings);
        check::whole(&file, place_of_missing(&root), &mut findings);
        if findings.is_empty() {
            Ok(Self { source, root, file })
        } else {
            Err(findings.into_diagnostics(&source))
        }
    }

    /// The differences that are meant to be, in the order of the file.
    pub fn ignore_rules(&self) -> Vec<IgnoreRule> {
        let rules = self.file.drift.ignore.0.iter();
        rules
            .filter_map(|rule| rule.resolved(self.source.line_number(rule.place.start)))
            .collect()
    }

    /// The names of the orgs in the order of the file.
    pub fn org_names(&self) -> Vec<String> {
        let orgs = self.file.orgs.0.iter();
        orgs.map(|org| org.name.clone()).collect()
    }

    /// The integration of one org: its block laid over the top level, references resolved.
    /// An unknown name is a finding with "did you mean".
    pub fn target(
        &self,
        name: &str,
        references: &dyn References,
        secrets: Secrets,
    ) -> Result<Target, Vec<Diagnostic>> {
        let Some(org) = self.org(name) else {
            return Err(vec![self.unknown_org(name)]);
        };
        self.resolve(references, secrets, |resolver| {
            resolver.target(&self.file, org)
        })
    }

    /// How one org is reached, without what belongs into it: nothing else of its block need
    /// resolve.
    pub fn access(
        &self,
        name: &str,
        references: &dyn References,
    ) -> Result<Access, Vec<Diagnostic>> {
        let Some(org) = self.org(name) else {
            return Err(vec![self.unknown_org(name)]);
        };
        self.resolve(references, Secrets::Required, |resolver| {
            resolver.access(&self.file, org)
        })
    }

    /// The integration of the top level alone, for offline work without an org.
    pub fn integration(
        &self,
        references: &dyn References,
        secrets: Secrets,
    ) -> Result<Integration, Vec<Diagnostic>> {
        self.resolve(references, secrets, |resolver| {
            resolver.integration(&self.file, None)
        })
    }

    /// Key path, value and origin of everything that holds for an org, in the order of the file:
    /// secrets masked, references as they are written. `None` for an unknown org.
    pub fn origins(&self, name: &str) -> Option<Vec<(String, String, Origin)>> {
        let org = self.org(name)?;
        Some(origin::origins(&self.file, org))
    }

    fn org(&self, name: &str) -> Option<&file::Org> {
        self.file.orgs.0.iter().find(|org| org.name == name)
    }

    fn unknown_org(&self, name: &str) -> Diagnostic {
        let known = self.org_names();
        let problem = problem::Problem::UnknownOrg {
            name: name.to_owned(),
            near: problem::nearest(name, known.clone()),
            known,
        };
        problem.into_diagnostic().at(Place::Path {
            path: self.source.file().display().to_string(),
        })
    }

    fn resolve<T>(
        &self,
        references: &dyn References,
        secrets: Secrets,
        read: impl FnOnce(&mut resolve::Resolver<'_>) -> Result<T, resolve::Reported>,
    ) -> Result<T, Vec<Diagnostic>> {
        let mut resolver = resolve::Resolver {
            folder: self.source.file().parent().unwrap_or(Path::new("")),
            references,
            secrets,
            findings: problem::Findings::default(),
        };
        read(&mut resolver).map_err(|_| resolver.findings.into_diagnostics(&self.source))
    }
}

/// Keys that are missing belong below `email_cases`, or into the file where that is missing too.
fn place_of_missing(root: &yaml::Node) -> source::Span {
    let section = root
        .entries()
        .iter()
        .find(|entry| entry.key == "email_cases");
    section.map(|entry| entry.key_span).unwrap_or_default()
}

/// The JSON Schema of the config file, pretty-printed, made from the types that read it.
pub fn schema() -> String {
    schema::text()
}

/// Whether secret references must resolve now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// An unset variable is an error: the value goes to the org.
    Required,
    /// Leave unresolved references as they are: the value is not written anywhere.
    Unresolved,
}

/// One org and what belongs into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name in the config.
    pub name: String,
    /// How to reach it.
    pub auth: Auth,
    /// The id that the org must have, when pinned.
    pub org_id: Option<OrgId>,
    /// The username that OpenCX logs in as.
    pub integration_user: Option<String>,
    /// Whether the config says that it is a production org.
    pub production: bool,
    /// What belongs into it.
    pub integration: Integration,
}

/// Which Cases are announced to OpenCX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseFilter {
    /// Every Case.
    All,
    /// Every Case but those that OpenCX made (`Case_From__c` = `opencx`). The default.
    NotOpencx,
    /// Only those that OpenCX made.
    OnlyOpencx,
}

/// How the Named Credential of the webhook is modelled in Salesforce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialModel {
    /// The older model: works for every user who saves a Case. The default.
    Legacy,
    /// The newer model, with an External Credential: every user who saves a Case needs access to
    /// its principal by a permission set.
    SecuredEndpoint,
}

/// Which trigger announces new Cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseTrigger {
    /// Ours. The default.
    Shipped,
    /// One that the org already has: somebody adds a line to it that calls our handler.
    Existing,
}

/// The External Client App by which OpenCX connects to the org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalClientApp {
    /// Its name in the API; the names of its parts begin with it.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// Whom Salesforce writes to about it.
    pub contact_email: String,
    /// Whether OpenCX must prove with PKCE that it began the login.
    pub require_pkce: bool,
}

/// Live messaging: the six fields of OpenCX's MIAW tab, and where they are in the org. Each may be
/// missing; `doctor` says which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveMessaging {
    /// The org's My Domain.
    pub instance_url: Option<String>,
    /// The Embedded Service deployment's API name.
    pub es_developer_name: Option<String>,
    /// The org's id.
    pub organization_id: Option<OrgId>,
    /// The `kid` of the key in Salesforce.
    pub auth_key_id: Option<String>,
    /// Where the public key is.
    pub public_key: Option<KeySource>,
    /// Where the private key is.
    pub private_key: Option<KeySource>,
    /// The messaging channel's API name, where it is not to be the deployment's.
    pub channel: Option<String>,
    /// The Omni-Channel flow's API name, where it is not to be the channel's.
    pub flow: Option<String>,
    /// The keyset's API name, where it is not to be the channel's.
    pub keyset: Option<String>,
    /// The issuer of the tokens that OpenCX signs.
    pub issuer: Option<String>,
}

/// A secret value of the config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    /// The environment variable it comes from, when it comes from one.
    pub env: Option<String>,
    /// The value, unless it was left unresolved.
    pub value: Option<Secret>,
}

/// Who outbound mail comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// The integration user's address with this display name.
    DisplayName(String),
    /// An organisation-wide address.
    OrgWideAddress(String),
}

/// What belongs into one org: complete, no options left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// The API version that everything is pinned to.
    pub api_version: ApiVersion,
    /// OpenCX's webhook.
    pub webhook_url: SecretRef,
    /// The verified Email-to-Case routing address that customers answer to.
    pub reply_to: String,
    /// Which Cases are announced.
    pub case_filter: CaseFilter,
    /// Who outbound mail comes from.
    pub sender: Sender,
    /// How and of what OpenCX is told.
    pub announcements: Announcements,
    /// Values of fields that the Apex tests give to the Cases they make, by API name; `RecordType`
    /// stands for the API name of a record type.
    pub test_case_fields: BTreeMap<String, TestValue>,
    /// How the Named Credential of the webhook is modelled.
    pub named_credential: CredentialModel,
    /// Which trigger announces new Cases.
    pub case_trigger: CaseTrigger,
    /// The app by which OpenCX connects, when it is to be deployed.
    pub external_client_app: Option<ExternalClientApp>,
    /// What live messaging is set up with, when it is.
    pub live_messaging: Option<LiveMessaging>,
    /// How outbound mail leaves.
    pub outbound: Outbound,
    /// Whether an administrator can switch parts of it in Setup, by a record of custom metadata.
    pub runtime_settings: bool,
    /// Whether the permission set for the user of CI belongs to the package.
    pub drift_reader: bool,
    /// Names in use, by the shipped name: `CaseTrigger` → `OpenCxCaseTrigger`. Only renamed ones.
    pub names: BTreeMap<String, String>,
    /// Overriding templates, when configured.
    pub templates: Option<PathBuf>,
}
