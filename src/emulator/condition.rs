//! States of an org that get in the way of an integration, by name.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::unknown_name::UnknownName;

/// A state of the org that an administrator, a license or a busy day has brought about. It is kept
/// with the org, so every process that opens the org meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Email-to-Case was never enabled, so the org has no EmailMessage object.
    EmailToCaseOff,
    /// Another deployment is running, so new ones stay Pending.
    DeployQueueBusy,
    /// The user may not deploy or retrieve metadata.
    NoMetadataPermission,
    /// The licence of every user lacks a permission that permission sets give.
    SmallUserLicense,
    /// The API calls of the day are used up.
    ApiLimitUsedUp,
    /// The single e-mails of the day are used up.
    MailLimitUsedUp,
    /// E-mail does not leave the org (Setup, Deliverability: "No access").
    DeliverabilityOff,
    /// The org has a trigger of its own that is called `CaseTrigger`.
    ForeignCaseTrigger,
    /// A custom field of Case is required, and has no default.
    RequiredCustomField,
    /// Email-to-Case finds Cases by Ref ID, not by token (Setup, "Insert thread ID in …").
    RefIdThreading,
}

impl Condition {
    /// All of them, by name.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::EmailToCaseOff, "email-to-case-off"),
        (Self::DeployQueueBusy, "deploy-queue-busy"),
        (Self::NoMetadataPermission, "no-metadata-permission"),
        (Self::SmallUserLicense, "small-user-license"),
        (Self::ApiLimitUsedUp, "api-limit-used-up"),
        (Self::MailLimitUsedUp, "mail-limit-used-up"),
        (Self::DeliverabilityOff, "deliverability-off"),
        (Self::ForeignCaseTrigger, "foreign-case-trigger"),
        (Self::RequiredCustomField, "required-custom-field"),
        (Self::RefIdThreading, "ref-id-threading"),
    ];
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL
            .iter()
            .find(|(condition, _)| condition == self)
            .map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

static KNOWN: OnceLock<String> = OnceLock::new();

impl FromStr for Condition {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(condition, _)| *condition)
            .ok_or_else(|| {
                let known = KNOWN.get_or_init(|| Self::ALL.map(|(_, name)| name).join(", "));
                UnknownName::new("condition of an org", text, known)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_listed_in_the_error() {
        let listed = "x".parse::<Condition>().unwrap_err().to_string();
        for (condition, name) in Condition::ALL {
            assert_eq!(name.parse::<Condition>().unwrap(), condition);
            assert_eq!(condition.to_string(), name);
            assert_eq!(serde_json::to_value(condition).unwrap(), name);
            assert!(listed.contains(name), "{listed}");
        }
    }
}
