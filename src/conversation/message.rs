//! An e-mail of a Case, without what it says.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Shown;
use crate::doctor::{TokenForm, is_answer, moment, token_form};
use crate::sf::text::clean;

/// An `EmailMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// `02s…`
    pub id: String,
    /// Its Case; nothing on another record.
    pub case_id: Option<String>,
    /// When it was saved.
    pub created: Option<Timestamp>,
    /// Whether it came from outside.
    pub incoming: bool,
    /// `new`, `read`, `replied`, `sent`, `forwarded`, `draft`.
    pub status: String,
    /// The forms of threading token that its subject or text holds.
    pub tokens: Vec<Token>,
    /// Whether a mail server has given it an identifier: Salesforce's own composer or Email-to-Case
    /// did, a row that a program inserted has none.
    pub has_identifier: bool,
    /// Whether it looks like an answer.
    pub is_answer: bool,
    /// Who wrote it.
    pub writer: Writer,
    /// The name of the user who saved it.
    pub author: String,
    /// That user's id.
    #[serde(skip)]
    pub author_id: String,
    /// Why our code did not send it, where the config keeps that in the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_error: Option<String>,
    /// Sender and recipients; only when somebody asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<[String; 2]>,
    /// Subject and text; only when somebody asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<[String; 2]>,
}

/// The forms that threading tokens have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Token {
    /// `thread::…::`, of Lightning threading.
    Lightning,
    /// `ref:_…:ref` and `ref:!…:ref`, the older ones.
    RefId,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writer {
    /// Somebody outside.
    Customer,
    /// A row as OpenCX inserts them, by a user whose rows are sent.
    Opencx,
    /// A row as OpenCX inserts them, by a user whose rows are left alone.
    Stranger,
    /// Somebody with Salesforce's composer, or a flow: a mail server has it already.
    Composer,
    /// A draft, or a row in another state.
    Other,
}

impl Message {
    /// Decides whose an outgoing row is, now that those are known whose rows are sent.
    pub(super) fn recognise(&mut self, holders: &BTreeSet<String>) {
        if self.writer == Writer::Stranger && holders.contains(&self.author_id) {
            self.writer = Writer::Opencx;
        }
    }

    /// Whether it is a row as OpenCX inserts them.
    pub fn is_reply(&self) -> bool {
        matches!(self.writer, Writer::Opencx | Writer::Stranger)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Row {
    id: String,
    parent_id: Option<String>,
    created_date: Option<String>,
    created_by_id: Option<String>,
    created_by: Option<Author>,
    #[serde(default)]
    incoming: bool,
    status: Option<String>,
    message_identifier: Option<String>,
    subject: Option<String>,
    text_body: Option<String>,
    html_body: Option<String>,
    from_address: Option<String>,
    to_address: Option<String>,
    #[serde(rename = "OpenCX_Send_Error__c")]
    send_error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Author {
    name: Option<String>,
}

impl Row {
    /// What is kept of it.
    pub(super) fn reduced(self, shown: Shown) -> Message {
        let texts = [&self.subject, &self.text_body, &self.html_body];
        let mut tokens: Vec<Token> = texts
            .into_iter()
            .filter_map(|text| token_form(text.as_deref()?))
            .map(|form| match form {
                TokenForm::Lightning => Token::Lightning,
                TokenForm::RefId => Token::RefId,
            })
            .collect();
        tokens.sort();
        tokens.dedup();
        let has_identifier = self
            .message_identifier
            .as_deref()
            .is_some_and(|text| !text.trim().is_empty());
        let on_case = self
            .parent_id
            .as_deref()
            .is_some_and(|id| id.starts_with("500"));
        let writer = match (self.incoming, has_identifier, self.status.as_deref()) {
            (true, ..) => Writer::Customer,
            (false, true, _) => Writer::Composer,
            (false, false, Some("3")) if on_case => Writer::Stranger,
            _ => Writer::Other,
        };
        let plain = |text: &Option<String>| clean(text.as_deref().unwrap_or_default());
        Message {
            case_id: self.parent_id.clone().filter(|_| on_case),
            created: moment(self.created_date.as_deref()),
            incoming: self.incoming,
            status: status(self.status.as_deref()).to_owned(),
            tokens,
            has_identifier,
            is_answer: is_answer(self.subject.as_deref(), self.text_body.as_deref()),
            writer,
            author: plain(&self.created_by.and_then(|user| user.name)),
            author_id: self.created_by_id.unwrap_or_default(),
            send_error: self.send_error.as_deref().map(clean),
            addresses: shown
                .addresses
                .then(|| [plain(&self.from_address), plain(&self.to_address)]),
            text: shown
                .text
                .then(|| [plain(&self.subject), plain(&self.text_body)]),
            id: self.id,
        }
    }
}

/// `EmailMessage.Status` (Object Reference, "EmailMessage").
fn status(number: Option<&str>) -> &'static str {
    match number {
        Some("0") => "new",
        Some("1") => "read",
        Some("2") => "replied",
        Some("3") => "sent",
        Some("4") => "forwarded",
        Some("5") => "draft",
        _ => "unknown",
    }
}
