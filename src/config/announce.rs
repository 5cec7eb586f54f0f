//! How and of what OpenCX is told: the sections `webhook` and `rep_replies` of `email_cases`.

use schemars::{JsonSchema, Schema};
use serde_json::json;

use super::address::MailAddress;
use super::layer::Layers;
use super::section::Section;
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

impl AsyncContext {
    const WORDS: &'static [&'static str] = &["enqueue", "future_in_queueable", "event", "skip"];
    const ALL: [Self; 4] = [
        Self::Enqueue,
        Self::FutureInQueueable,
        Self::Event,
        Self::Skip,
    ];

    /// The word that the config and templates have for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enqueue => "enqueue",
            Self::FutureInQueueable => "future_in_queueable",
            Self::Event => "event",
            Self::Skip => "skip",
        }
    }
}

impl Word for AsyncContext {
    const EXPECTED: &'static str = "enqueue, future_in_queueable, event or skip";

    fn read(text: &str) -> Result<Self, ValueError> {
        let found = Self::ALL.into_iter().find(|value| value.word() == text);
        found.ok_or_else(|| ValueError::Choice {
            given: text.to_owned(),
            choices: Self::WORDS,
        })
    }

    fn shown(&self) -> String {
        self.word().to_owned()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "enum": Self::WORDS }))
    }
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
        let [
            case_created,
            case_updated,
            case_closed,
            email_sent,
            comment_created,
        ] = EVENTS.map(|event| event.default.to_owned());
        Self {
            case_created,
            case_updated,
            case_closed,
            email_sent,
            comment_created,
        }
    }
}

/// One of the events.
struct Event {
    key: &'static str,
    default: &'static str,
    of: fn(&EventNamesSection) -> &Setting<EventName>,
}

const EVENTS: [Event; 5] = [
    Event {
        key: "case_created",
        default: "case.created",
        of: |names| &names.case_created,
    },
    Event {
        key: "case_updated",
        default: "case.updated",
        of: |names| &names.case_updated,
    },
    Event {
        key: "case_closed",
        default: "case.closed",
        of: |names| &names.case_closed,
    },
    Event {
        key: "email_sent",
        default: "email.sent",
        of: |names| &names.email_sent,
    },
    Event {
        key: "comment_created",
        default: "comment.created",
        of: |names| &names.comment_created,
    },
];

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

/// How Cases are announced to OpenCX.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct Webhook {
    /// What to do when a Case is saved by your own batch, future or queueable Apex, which has a
    /// single job slot. Default `enqueue`: take it; code of yours that enqueues afterwards fails.
    /// `future_in_queueable`: in a queueable leave the slot and use a future method.
    /// `event`: announce every Case by a platform event, which takes no slot anywhere.
    /// `skip`: don't announce such Cases.
    pub async_context: Setting<AsyncContext>,
    /// With `async_context: event`: the username as whom events are worked on. Default:
    /// Salesforce's Automated Process user.
    pub event_user: Setting<MailAddress>,
    /// What OpenCX expects the events to be called.
    pub event_names: EventNamesSection,
}

/// What OpenCX expects the events to be called. OpenCX's documentation doesn't list any names.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "EventNames", deny_unknown_fields, extend("required" = []))]
pub(super) struct EventNamesSection {
    /// A Case was created. Default `case.created`.
    pub case_created: Setting<EventName>,
    /// Status or owner of a Case changed. Default `case.updated`.
    pub case_updated: Setting<EventName>,
    /// A Case was closed. Default `case.closed`.
    pub case_closed: Setting<EventName>,
    /// An agent answered by e-mail. Default `email.sent`.
    pub email_sent: Setting<EventName>,
    /// An agent published a comment. Default `comment.created`.
    pub comment_created: Setting<EventName>,
}

/// Which work of agents OpenCX is told of. All of it is off by default: switch on what OpenCX told
/// you that it understands.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "RepReplies", deny_unknown_fields, extend("required" = []))]
pub(super) struct RepRepliesSection {
    /// E-mails that agents send on Cases. Default false.
    #[schemars(with = "bool")]
    pub emails: Option<bool>,
    /// Comments on Cases that agents publish to the customer. Default false.
    #[schemars(with = "bool")]
    pub comments: Option<bool>,
    /// Changes of a Case's status or owner, and closing. Default false.
    #[schemars(with = "bool")]
    pub case_changes: Option<bool>,
    /// Whether the texts of e-mails and comments are sent along; without them OpenCX gets Ids and
    /// reads the texts by the API. Default false.
    #[schemars(with = "bool")]
    pub include_text: Option<bool>,
}

/// One of the switches of `rep_replies`.
pub(super) struct Switch {
    pub key: &'static str,
    pub of: fn(&RepRepliesSection) -> Option<bool>,
}

pub(super) const SWITCHES: [Switch; 4] = [
    Switch {
        key: "emails",
        of: |replies| replies.emails,
    },
    Switch {
        key: "comments",
        of: |replies| replies.comments,
    },
    Switch {
        key: "case_changes",
        of: |replies| replies.case_changes,
    },
    Switch {
        key: "include_text",
        of: |replies| replies.include_text,
    },
];

/// Reads the section `webhook`.
pub(super) fn webhook(mut section: Section<'_, '_>) -> Webhook {
    let webhook = Webhook {
        async_context: section.setting("async_context"),
        event_user: section.setting("event_user"),
        event_names: section.section("event_names", |mut section| {
            let names = EventNamesSection {
                case_created: section.setting("case_created"),
                case_updated: section.setting("case_updated"),
                case_closed: section.setting("case_closed"),
                email_sent: section.setting("email_sent"),
                comment_created: section.setting("comment_created"),
            };
            section.close();
            names
        }),
    };
    section.close();
    webhook
}

/// Reads the section `rep_replies`.
pub(super) fn rep_replies(mut section: Section<'_, '_>) -> RepRepliesSection {
    let replies = RepRepliesSection {
        emails: section.boolean("emails"),
        comments: section.boolean("comments"),
        case_changes: section.boolean("case_changes"),
        include_text: section.boolean("include_text"),
    };
    section.close();
    replies
}

/// The names that hold, each with its key, its default and the setting that has it.
pub(super) fn event_names<'a>(
    layers: Layers<'a>,
) -> impl Iterator<
    Item = (
        String,
        EventName,
        (&'a Setting<EventName>, super::layer::Origin),
    ),
> {
    EVENTS.into_iter().map(move |event| {
        let key = format!("email_cases.webhook.event_names.{}", event.key);
        let default = EventName(event.default.to_owned());
        let found = layers.pick(|cases| (event.of)(&cases.webhook.event_names));
        (key, default, found)
    })
}

/// The names from their values, in the order of [`event_names`].
pub(super) fn named(values: Vec<String>) -> EventNames {
    let mut values = values.into_iter();
    let mut next = || values.next().unwrap_or_default();
    EventNames {
        case_created: next(),
        case_updated: next(),
        case_closed: next(),
        email_sent: next(),
        comment_created: next(),
    }
}

/// The switches that hold.
pub(super) fn switches(layers: Layers<'_>) -> RepReplies {
    let [emails, comments, case_changes, include_text] = SWITCHES.map(|switch| {
        let (value, _) = layers.switch(switch.of);
        value.unwrap_or_default()
    });
    RepReplies {
        emails,
        comments,
        case_changes,
        include_text,
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

    #[test]
    fn defaults_are_in_the_order_of_the_names() {
        let names = EventNames::default();
        assert_eq!(names.case_closed, "case.closed");
        let values = EVENTS.map(|event| event.default.to_owned());
        assert_eq!(named(values.to_vec()), names);
    }
}
