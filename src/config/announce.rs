//! How and of what OpenCX is told: the sections `webhook` and `rep_replies` of `email_cases`.

use schemars::Schema;
use serde_json::json;

use super::address::MailAddress;
use super::choice::Choice;
use super::option::{Key, section};
use super::setting::Setting;
use super::value::{ValueError, Word, schema};

/// What happens when a Case is saved in a batch, future or queueable, which have one job slot or
/// none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsyncContext {
    /// The slot is taken, as in any other transaction. The default.
    #[default]
    Enqueue,
    /// In a queueable a future method is used, which leaves the slot; elsewhere the slot is taken.
    FutureInQueueable,
    /// Platform events are published in every transaction, and no slot is taken in any.
    Event,
    /// Nothing is announced.
    Skip,
}

impl Choice for AsyncContext {
    const EXPECTED: &'static str = "enqueue, future_in_queueable, event or skip";
    const WORDS: &'static [&'static str] = &["enqueue", "future_in_queueable", "event", "skip"];
    const ALL: &'static [Self] = &[
        Self::Enqueue,
        Self::FutureInQueueable,
        Self::Event,
        Self::Skip,
    ];
}

/// What an event is called in the webhook's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EventName(pub String);

impl EventName {
    /// It stands in a header and in a text field of the platform event together with an Id.
    const LONGEST: usize = 60;
}

impl Word for EventName {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Result<Self, ValueError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=Self::LONGEST).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ValueError::EventName(text.to_owned()))
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{1,60}$" }))
    }
}

/// What the events are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventNames {
    /// A Case was created.
    pub case_created: String,
    /// Status or owner of a Case changed.
    pub case_updated: String,
    /// A Case was closed.
    pub case_closed: String,
    /// An agent answered by e-mail.
    pub email_sent: String,
    /// An agent published a comment.
    pub comment_created: String,
}

impl Default for EventNames {
    fn default() -> Self {
        let name = |key: Key<EventNamesSection, Setting<EventName>, EventName>| {
            let name = key.default();
            name.map(|name| name.0).unwrap_or_default()
        };
        Self {
            case_created: name(EventNamesSection::case_created()),
            case_updated: name(EventNamesSection::case_updated()),
            case_closed: name(EventNamesSection::case_closed()),
            email_sent: name(EventNamesSection::email_sent()),
            comment_created: name(EventNamesSection::comment_created()),
        }
    }
}

/// Which work of agents OpenCX is told of, beside new Cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RepReplies {
    /// E-mails that agents send on Cases.
    pub emails: bool,
    /// Comments on Cases that agents publish.
    pub comments: bool,
    /// Changes of status or owner, and closing.
    pub case_changes: bool,
    /// Whether the texts of e-mails and comments are sent along.
    pub include_text: bool,
}

impl RepReplies {
    /// Whether anything is announced beside new Cases.
    pub fn any(self) -> bool {
        self.emails || self.comments || self.case_changes
    }
}

/// How and of what OpenCX is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Announcements {
    /// What happens in batches, futures and queueables.
    pub async_context: AsyncContext,
    /// As whom the trigger on platform events runs; Salesforce's own automated user for none.
    pub event_user: Option<String>,
    /// What the events are called.
    pub event_names: EventNames,
    /// Which work of agents is announced.
    pub rep_replies: RepReplies,
}

section! {
    /// How Cases are announced to OpenCX.
    struct Webhook {
        /// What to do when a Case is saved by your own batch, future or queueable Apex, which has a
        /// single job slot. Default `enqueue`: take it; code of yours that enqueues afterwards fails.
        /// `future_in_queueable`: in a queueable leave the slot and use a future method.
        /// `event`: announce every Case by a platform event, which takes no slot anywhere.
        /// `skip`: don't announce such Cases.
        async_context: Setting<AsyncContext> = AsyncContext::default(),
        /// With `async_context: event`: the username as whom events are worked on. Default:
        /// Salesforce's Automated Process user.
        event_user: Setting<MailAddress>,
        /// What OpenCX expects the events to be called.
        event_names: EventNamesSection,
    }
}

section! {
    /// What OpenCX expects the events to be called. OpenCX's documentation doesn't list any names.
    #[schemars(rename = "EventNames")]
    struct EventNamesSection {
        /// A Case was created. Default `case.created`.
        case_created: Setting<EventName> = EventName("case.created".to_owned()),
        /// Status or owner of a Case changed. Default `case.updated`.
        case_updated: Setting<EventName> = EventName("case.updated".to_owned()),
        /// A Case was closed. Default `case.closed`.
        case_closed: Setting<EventName> = EventName("case.closed".to_owned()),
        /// An agent answered by e-mail. Default `email.sent`.
        email_sent: Setting<EventName> = EventName("email.sent".to_owned()),
        /// An agent published a comment. Default `comment.created`.
        comment_created: Setting<EventName> = EventName("comment.created".to_owned()),
    }
}

section! {
    /// Which work of agents OpenCX is told of. All of it is off by default: switch on what OpenCX told
    /// you that it understands.
    #[schemars(rename = "RepReplies")]
    struct RepRepliesSection {
        /// E-mails that agents send on Cases. Default false.
        emails: Setting<bool> = false,
        /// Comments on Cases that agents publish to the customer. Default false.
        comments: Setting<bool> = false,
        /// Changes of a Case's status or owner, and closing. Default false.
        case_changes: Setting<bool> = false,
        /// Whether the texts of e-mails and comments are sent along; without them OpenCX gets Ids and
        /// reads the texts by the API. Default false.
        include_text: Setting<bool> = false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_and_show_alike() {
        for word in AsyncContext::WORDS {
            let read = AsyncContext::read(word).map(|value| value.shown());
            assert_eq!(read, Ok((*word).to_owned()));
        }
        assert!(AsyncContext::read("Event").is_err());
    }

    #[test]
    fn event_names_stay_in_a_header() {
        for good in ["case.created", "A", "new_activity-2"] {
            assert_eq!(EventName::read(good), Ok(EventName(good.to_owned())));
        }
        for bad in ["", "a b", "a:b", "é", "a\nb", &"x".repeat(61)] {
            assert!(EventName::read(bad).is_err(), "{bad:?}");
        }
    }
}
