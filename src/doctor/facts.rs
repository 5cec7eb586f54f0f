//! What an org said, as it said it: rows of queries, or why there are none.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::app_facts::AppFacts;
use super::miaw::{self, MessagingSettings};
use crate::dns::MailRecords;
use crate::sf::{Knock, MailPermission, Told};

/// Everything that the checks judge.
#[derive(Debug)]
pub(super) struct Facts {
    pub now: Timestamp,
    /// Whether whoever asks sees every row, by View All Data; nothing where the org did not say.
    pub sees_all: Option<bool>,
    pub mail_allowance: Told<Option<Allowance>>,
    pub triggers: Told<Vec<TriggerRow>>,
    pub classes: Told<Vec<CodeRow>>,
    pub jobs: Told<Vec<JobRow>>,
    pub assignments: Told<Vec<AssignmentRow>>,
    pub outbound: Told<Vec<MessageRow>>,
    pub received: Told<Vec<ReceivedRow>>,
    pub cases: Told<Vec<CaseRow>>,
    pub org_wide: Told<Vec<OrgWideRow>>,
    pub dkim_keys: Told<Vec<DomainKeyRow>>,
    pub authorized_domains: Told<Vec<AuthorizedDomainRow>>,
    pub credential: Told<Vec<CredentialRow>>,
    pub email_to_case: Told<EmailToCase>,
    pub mail: Told<MailPermission>,
    /// The External Client Apps of the org, by name only.
    pub apps: Told<Vec<AppRow>>,
    /// The one by which OpenCX logs in; nothing where it isn't known, or doesn't matter.
    pub app: Option<Told<AppFacts>>,
    /// Who has connected through it.
    pub connections: Told<Vec<ConnectionRow>>,
    /// Which of the users that matter may send mail.
    pub mailers: Told<Vec<MailerRow>>,
    /// What live messaging is set up with; nothing where the config has none.
    pub messaging: Option<MessagingSettings>,
    /// What the org said of it; nothing where it was not asked.
    pub messaging_org: Option<miaw::Org>,
    /// The last outbound mail, with its texts; nothing where they don't matter.
    pub sent_texts: Option<Told<Vec<TextRow>>>,
    /// Outbound mail that came back.
    pub bounced: Told<Vec<FailureRow>>,
    /// Replies with the reason why they were not sent; nothing where the config has no field for it.
    pub send_errors: Option<Told<Vec<FailureRow>>>,
    /// What came of calling the webhook; nothing where nobody asked for it.
    pub call: Option<Call>,
    /// What DNS says of the domain of the reply-to address; nothing where it doesn't matter.
    pub dns: Option<MailRecords>,
}

/// What came of calling the webhook.
#[derive(Debug)]
pub(super) enum Call {
    /// Nothing was sent, for that reason.
    NotMade(&'static str),
    /// What the host answered, or why it did not.
    Made(Knock),
}

/// How much of something a day allows (`limits`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Allowance {
    pub max: i64,
    pub remaining: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    pub name: Option<String>,
}

/// Row of `ApexClass`, and what a row of `ApexTrigger` has like it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CodeRow {
    pub name: String,
    pub status: Option<String>,
    pub api_version: Option<f64>,
    pub body: Option<String>,
    pub last_modified_date: Option<String>,
    pub last_modified_by: Option<Named>,
}

impl CodeRow {
    /// Whether it has that name; Apex knows no case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The code; empty where the org shows none.
    pub(super) fn text(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }
}

/// Row of `ApexTrigger`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TriggerRow {
    #[serde(flatten)]
    pub code: CodeRow,
    pub table_enum_or_id: Option<String>,
    #[serde(default)]
    pub usage_after_insert: bool,
}

/// Row of `PermissionSetAssignment` of whoever asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RightsRow {
    pub permission_set: Option<Rights>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rights {
    #[serde(default)]
    pub permissions_view_all_data: bool,
    #[serde(default)]
    pub permissions_modify_all_data: bool,
}

/// Row of `AsyncApexJob`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct JobRow {
    pub apex_class: Option<Named>,
    pub status: Option<String>,
    pub extended_status: Option<String>,
    pub created_date: Option<String>,
}

/// Row of `PermissionSetAssignment`, for the permission sets of ours.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AssignmentRow {
    pub assignee_id: Option<String>,
    pub assignee: Option<UserRow>,
    pub permission_set: Option<Named>,
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserRow {
    pub name: Option<String>,
    pub username: Option<String>,
    pub email: Option<String>,
    pub is_active: Option<bool>,
}

/// Row of `PermissionSetAssignment`, for users whose right to send mail matters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MailerRow {
    pub assignee_id: Option<String>,
    pub permission_set: Option<Named>,
}

/// Row of `EmailMessage`: outbound, without any text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MessageRow {
    pub created_date: Option<String>,
    pub created_by_id: Option<String>,
    pub created_by: Option<UserRow>,
    pub status: Option<String>,
    pub message_identifier: Option<String>,
    pub parent_id: Option<String>,
}

impl MessageRow {
    /// Whether it looks like a reply of OpenCX: on a Case, counts as sent, and no mail server has
    /// given it an identifier.
    pub(super) fn looks_like_opencx(&self) -> bool {
        let is_case = self
            .parent_id
            .as_deref()
            .is_some_and(|id| id.starts_with("500"));
        let unsent = self.message_identifier.as_deref().is_none_or(str::is_empty);
        is_case && unsent && self.status.as_deref() == Some("3")
    }
}

/// Row of `EmailMessage`: inbound. Its texts are looked through and never shown.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceivedRow {
    pub created_date: Option<String>,
    pub from_address: Option<String>,
    pub subject: Option<String>,
    pub text_body: Option<String>,
    pub parent: Option<ParentRow>,
}

/// The Case of a message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ParentRow {
    pub case_number: Option<String>,
    pub created_date: Option<String>,
}

/// Row of `EmailMessage`: outbound, for what its texts hold. They are never shown.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TextRow {
    pub subject: Option<String>,
    pub text_body: Option<String>,
    pub html_body: Option<String>,
}

/// Row of `EmailMessage`: outbound, and something went wrong.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FailureRow {
    pub created_date: Option<String>,
    #[serde(rename = "OpenCX_Send_Error__c")]
    pub send_error: Option<String>,
}

/// Row of `ExternalClientApplication`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AppRow {
    pub developer_name: String,
    pub master_label: Option<String>,
}

/// Row of `OauthToken`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConnectionRow {
    pub user_id: Option<String>,
    pub user: Option<UserRow>,
    pub last_used_date: Option<String>,
}

/// Row of `Case`.
#[derive(Debug, Deserialize)]
pub(super) struct CaseRow {
    #[serde(rename = "CreatedDate")]
    pub created_date: Option<String>,
    #[serde(rename = "CreatedById")]
    pub created_by_id: Option<String>,
    #[serde(rename = "CreatedBy")]
    pub created_by: Option<Named>,
    #[serde(rename = "Case_From__c")]
    pub from: Option<String>,
}

/// Row of `OrgWideEmailAddress`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OrgWideRow {
    pub address: Option<String>,
    pub is_verified: Option<bool>,
}

/// Row of `EmailDomainKey`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DomainKeyRow {
    pub domain: Option<String>,
    pub domain_match: Option<String>,
    pub selector: Option<String>,
    pub is_active: Option<bool>,
}

/// Row of `AuthorizedEmailDomain`, Tooling API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AuthorizedDomainRow {
    pub domain_name: Option<String>,
    pub is_domain_ownership_verified: Option<bool>,
}

/// Row of `NamedCredential`, Tooling API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CredentialRow {
    pub endpoint: Option<String>,
    pub callout_status: Option<String>,
    pub named_credential_type: Option<String>,
    #[serde(default)]
    pub metadata: Value,
}

impl CredentialRow {
    /// Where it leads, in whichever model it is.
    pub(super) fn url(&self) -> Option<&str> {
        let parameter = self.metadata["namedCredentialParameters"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|parameter| parameter["parameterType"] == "Url")
            .and_then(|parameter| parameter["parameterValue"].as_str());
        self.endpoint
            .as_deref()
            .filter(|url| !url.is_empty())
            .or(parameter)
            .or_else(|| self.metadata["endpoint"].as_str())
    }
}

/// Row of `CaseSettings`, Tooling API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CaseSettingsRow {
    pub metadata: Option<CaseSettings>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaseSettings {
    pub email_to_case: Option<EmailToCase>,
}

/// Setup > Email-to-Case.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EmailToCase {
    pub enable_email_to_case: Option<bool>,
    #[serde(default)]
    pub routing_addresses: Option<Vec<RoutingRow>>,
    /// Ref ID threading, the older form: "Insert thread ID in …".
    #[serde(rename = "enableThreadIDInBody")]
    pub ref_id_in_body: Option<bool>,
    #[serde(rename = "enableThreadIDInSubject")]
    pub ref_id_in_subject: Option<bool>,
    /// Lightning threading: "Insert email threading token in …".
    #[serde(rename = "enableThreadTokenInBody")]
    pub token_in_body: Option<bool>,
    #[serde(rename = "enableThreadTokenInSubject")]
    pub token_in_subject: Option<bool>,
    /// "Use email headers for threading".
    #[serde(rename = "useEmailHeadersForThreading")]
    pub by_headers: Option<bool>,
}

/// A routing address.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoutingRow {
    pub email_address: Option<String>,
    pub email_services_address: Option<String>,
    pub is_verified: Option<bool>,
}

/// A moment as REST writes it, `2026-11-22T19:04:05.000+0000`.
pub(crate) fn moment(text: Option<&str>) -> Option<Timestamp> {
    text?.replace("+0000", "Z").parse().ok()
}
