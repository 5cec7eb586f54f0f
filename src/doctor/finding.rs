//! What a check says: what was found, what that does to people, and the way out.

use serde::Serialize;

use crate::diag::Code;
use crate::sf::wire::rest::RestError;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Shown to be in order.
    Passed,
    /// Shown not to be.
    Failed,
    /// The org did not show it.
    Unknown,
}

/// What part of the integration a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// How OpenCX logs in.
    Connection,
    /// New Cases on their way to OpenCX.
    Announcements,
    /// Replies on their way to customers.
    OutboundMail,
    /// Answers on their way back into their Case.
    InboundMail,
    /// What the org may do in a day.
    Limits,
    /// Chats on their way to the org's people.
    LiveMessaging,
}

impl Group {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 6] = [
        Self::Connection,
        Self::Announcements,
        Self::OutboundMail,
        Self::InboundMail,
        Self::Limits,
        Self::LiveMessaging,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Connection => "Connection",
            Self::Announcements => "New Cases → OpenCX",
            Self::OutboundMail => "Replies → customers",
            Self::InboundMail => "Answers → Cases",
            Self::Limits => "Limits",
            Self::LiveMessaging => "Live messaging",
        }
    }
}

/// The answer to one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Which check; `opencx-sf explain` has a page on it.
    pub code: Code,
    /// What it is about.
    pub group: Group,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found, one sentence without a full stop.
    pub found: String,
    /// What that does to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Where in Setup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// The command of ours that repairs it or shows more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl Finding {
    /// A finding of that verdict.
    pub(crate) fn new(
        (code, group): (Code, Group),
        verdict: Verdict,
        found: impl Into<String>,
    ) -> Self {
        Self {
            code,
            group,
            verdict,
            found: found.into(),
            effect: None,
            fix: None,
            setup: None,
            command: None,
        }
    }

    pub(super) fn passed(of: (Code, Group), found: impl Into<String>) -> Self {
        Self::new(of, Verdict::Passed, found)
    }

    pub(super) fn failed(of: (Code, Group), found: impl Into<String>) -> Self {
        Self::new(of, Verdict::Failed, found)
    }

    pub(super) fn unknown(of: (Code, Group), found: impl Into<String>) -> Self {
        Self::new(of, Verdict::Unknown, found)
    }

    /// The org was asked for something and did not say it.
    pub(crate) fn untold(of: (Code, Group), what: &str, said: &RestError) -> Self {
        let why = match said.error_code.as_str() {
            "INVALID_TYPE" | "INVALID_FIELD" | "NOT_FOUND" => {
                "your user can't see it, or the org has no such feature"
            }
            "INSUFFICIENT_ACCESS" | "INSUFFICIENT_ACCESS_OR_READONLY" => "your user may not see it",
            _ => "the org refused the question",
        };
        Self::unknown(of, format!("{what} could not be read: {why}"))
            .effect(format!("the org said {}", shown(said)))
            .fix("ask again as a user with View Setup and Configuration, or look in Setup")
    }

    /// No row was shown, and whoever asks need not see all.
    pub(super) fn maybe_hidden(of: (Code, Group), what: &str) -> Self {
        Self::unknown(
            of,
            format!("your user sees {what}: there is none, or it may not see them"),
        )
        .effect("without View All Data a user sees the Cases only that are shared with it")
        .fix("ask again as a user with View All Data, best the one who deploys")
    }

    pub(crate) fn effect(mut self, text: impl Into<String>) -> Self {
        self.effect = Some(text.into());
        self
    }

    pub(crate) fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix = Some(text.into());
        self
    }

    pub(crate) fn setup(mut self, text: impl Into<String>) -> Self {
        self.setup = Some(text.into());
        self
    }

    pub(crate) fn command(mut self, text: impl Into<String>) -> Self {
        self.command = Some(text.into());
        self
    }
}

fn shown(said: &RestError) -> String {
    // Errors on queries repeat the query over several lines; the last one says what is wrong.
    let text = said
        .message
        .rsplit("ERROR at Row:")
        .next()
        .unwrap_or_default();
    let text: String = text.chars().take(160).collect();
    if text.is_empty() {
        said.error_code.clone()
    } else {
        format!("{}: {text}", said.error_code)
    }
}
