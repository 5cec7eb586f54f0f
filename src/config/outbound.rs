//! How answers leave Salesforce: the values of `email_cases.outbound` and what doesn't go together.

use schemars::Schema;
use serde_json::json;

use super::address::domain_flaw;
use super::choice::Choice;
use super::value::{ValueError, Word, schema};

/// What happens when an answer can't be sent, beside a line in the debug log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Nothing else. The default.
    #[default]
    Log,
    /// The reason is written into a custom field of the EmailMessage.
    Flag,
    /// The reason is written into an unpublished comment of the Case.
    Comment,
    /// The insert is refused with the reason, so that OpenCX sees it. Mail is sent inside the
    /// insert then.
    Reject,
}

impl Choice for OnFailure {
    const EXPECTED: &'static str = "log, flag, comment or reject";
    const WORDS: &'static [&'static str] = &["log", "flag", "comment", "reject"];
    const ALL: &'static [Self] = &[Self::Log, Self::Flag, Self::Comment, Self::Reject];
}

/// Who gets an answer that names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecipientsFallback {
    /// Nobody: it is not sent. The default.
    #[default]
    None,
    /// The Case's contact.
    CaseContact,
}

impl Choice for RecipientsFallback {
    const EXPECTED: &'static str = "none or case_contact";
    const WORDS: &'static [&'static str] = &["none", "case_contact"];
    const ALL: &'static [Self] = &[Self::None, Self::CaseContact];
}

/// Where answers are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum DeliveryKind {
    #[default]
    Salesforce,
    Provider(Provider),
}

/// A mail provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Twilio SendGrid.
    Sendgrid,
    /// Postmark.
    Postmark,
    /// Sinch Mailgun.
    Mailgun,
}

impl Choice for DeliveryKind {
    const EXPECTED: &'static str = "salesforce, sendgrid, postmark or mailgun";
    const WORDS: &'static [&'static str] = &["salesforce", "sendgrid", "postmark", "mailgun"];
    const ALL: &'static [Self] = &[
        Self::Salesforce,
        Self::Provider(Provider::Sendgrid),
        Self::Provider(Provider::Postmark),
        Self::Provider(Provider::Mailgun),
    ];
}

/// Where a provider keeps its customers' data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Region {
    #[default]
    Us,
    Eu,
}

impl Choice for Region {
    const EXPECTED: &'static str = "us or eu";
    const WORDS: &'static [&'static str] = &["us", "eu"];
    const ALL: &'static [Self] = &[Self::Us, Self::Eu];
}

/// Who transmits answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Delivery {
    /// Salesforce, by `Messaging.sendEmail`. The default.
    #[default]
    Salesforce,
    /// A mail provider, over HTTP.
    Provider {
        /// Which one.
        provider: Provider,
        /// The sender's address, which the provider has to know as verified.
        from_address: String,
        /// Where the provider takes a message, without any secret.
        url: String,
    },
}

/// Files that are linked to an answer go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attachments {
    /// How long the job waits for the links, which come after the row: 0 to 10 minutes.
    pub delay_minutes: u8,
    /// How much may be attached to one message: 1 to 10 megabytes.
    pub max_megabytes: u8,
}

/// A condition on the EmailMessage: only rows that meet it are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlyWhen {
    /// A text or picklist field of EmailMessage.
    pub field: String,
    /// The value that it has, without regard to case.
    pub equals: String,
}

/// How answers leave Salesforce, beside their sender.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbound {
    /// What happens when one can't be sent.
    pub on_failure: OnFailure,
    /// Who transmits them.
    pub delivery: Delivery,
    /// Whether files go with them.
    pub attachments: Option<Attachments>,
    /// Who gets one that names nobody.
    pub recipients_fallback: RecipientsFallback,
    /// Which rows are sent at all.
    pub only_when: Option<OnlyWhen>,
}

impl Provider {
    /// Where it takes a message. SendGrid: Mail Send v3; Postmark: Send a single email; Mailgun:
    /// Messages v3. Postmark has one region.
    pub(super) fn url(self, region: Region, domain: &str) -> String {
        match (self, region) {
            (Self::Sendgrid, Region::Us) => "https://api.sendgrid.com/v3/mail/send".to_owned(),
            (Self::Sendgrid, Region::Eu) => "https://api.eu.sendgrid.com/v3/mail/send".to_owned(),
            (Self::Postmark, _) => "https://api.postmarkapp.com/email".to_owned(),
            (Self::Mailgun, Region::Us) => format!("https://api.mailgun.net/v3/{domain}/messages"),
            (Self::Mailgun, Region::Eu) => {
                format!("https://api.eu.mailgun.net/v3/{domain}/messages")
            }
        }
    }
}

/// The API name of a field as Apex has it. No path: a trigger has only the row itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldName(pub String);

impl Word for FieldName {
    const EXPECTED: &'static str = "a field's API name";

    fn read(text: &str) -> Result<Self, ValueError> {
        let parts: Vec<&str> = text.split("__").collect();
        let is_part = |part: &&str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !part.ends_with('_')
        };
        let flaw = match parts.as_slice() {
            _ if text.len() > 60 => Some("it is too long"),
            _ if text.contains('.') => Some("it must be a field of EmailMessage itself"),
            [_] | [_, "c"] | [_, _, "c"] if parts.iter().all(is_part) => None,
            _ => Some("it has another form than AutomationType or Source__c"),
        };
        match flaw {
            Some(flaw) => Err(ValueError::Field(flaw)),
            None => Ok(Self(text.to_owned())),
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "maxLength": 60, "pattern": "^[A-Za-z][A-Za-z0-9_]*$" }))
    }
}

/// What a text field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldText(pub String);

impl Word for FieldText {
    const EXPECTED: &'static str = "a text in quotes";

    fn read(text: &str) -> Result<Self, ValueError> {
        if text.is_empty() || text.chars().count() > 255 || text.contains(char::is_control) {
            return Err(ValueError::Field(
                "the value needs 1 to 255 characters on one line",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "minLength": 1, "maxLength": 255 }))
    }
}

/// A mail domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailDomain(pub String);

impl Word for MailDomain {
    const EXPECTED: &'static str = "a domain";

    fn read(text: &str) -> Result<Self, ValueError> {
        match domain_flaw(text) {
            Some(flaw) => Err(ValueError::Domain(flaw)),
            None => Ok(Self(text.to_owned())),
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "format": "hostname" }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_standard_custom_or_of_a_namespace() {
        for good in [
            "AutomationType",
            "Source__c",
            "My_Source__c",
            "acme__Source__c",
        ] {
            assert_eq!(FieldName::read(good), Ok(FieldName(good.to_owned())));
        }
        for bad in [
            "",
            "_A",
            "A_",
            "1A",
            "A__x",
            "A__c__c__c",
            "__c",
            "A b",
            "A'",
            "Parent.Subject",
            "Ä",
        ] {
            assert!(FieldName::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_provider_has_its_address() {
        let mailgun = Provider::Mailgun.url(Region::Eu, "mg.acme.example");
        assert_eq!(
            mailgun,
            "https://api.eu.mailgun.net/v3/mg.acme.example/messages"
        );
        let sendgrid = Provider::Sendgrid.url(Region::Us, "");
        assert_eq!(sendgrid, "https://api.sendgrid.com/v3/mail/send");
    }
}
