//! What happened in an org that was played with: Cases and their mail, mail that left, callouts,
//! jobs, log lines. Kept with the org's state so that its page can show it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::Fields;

/// One scenario that was played.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Played {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// Whether everything was as expected; none for one that could not be played.
    pub passed: Option<bool>,
    /// What was not as expected, or why it could not be played.
    pub findings: Vec<String>,
    /// The oldest first; of many only the first ones.
    pub cases: Vec<CaseThread>,
    /// Cases beyond those.
    pub more_cases: usize,
    /// Mail that left, the oldest first.
    pub mails: Vec<Mail>,
    /// Callouts, the oldest first.
    pub deliveries: Vec<Delivery>,
    /// Jobs in the order of their start.
    pub jobs: Vec<JobRow>,
    /// Debug lines, the oldest first.
    pub log: Vec<LogLine>,
}

/// A Case with its messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseThread {
    /// `CaseNumber`
    pub number: String,
    /// `Subject`
    pub subject: String,
    /// `Status`
    pub status: String,
    /// `SuppliedEmail`
    pub from: String,
    /// E-mail and comments, the oldest first.
    pub messages: Vec<Message>,
}

impl CaseThread {
    /// A Case with those of the EmailMessages and CaseComments that are on it.
    pub fn of(case: &Fields, mails: &[Fields], comments: &[Fields]) -> Self {
        let id = text(case, "Id");
        let of_case = |row: &&Fields| text(row, "ParentId") == id;
        let mails = mails.iter().filter(of_case).map(|row| Message {
            kind: match row.get("Incoming") {
                Some(Value::Bool(true)) => MessageKind::Received,
                _ => MessageKind::Written,
            },
            at: moment(row, "CreatedDate"),
            from: text(row, "FromAddress"),
            subject: text(row, "Subject"),
            text: text(row, "TextBody"),
        });
        let comments = comments.iter().filter(of_case).map(|row| Message {
            kind: MessageKind::Comment,
            at: moment(row, "CreatedDate"),
            from: String::new(),
            subject: String::new(),
            text: text(row, "CommentBody"),
        });
        let mut messages: Vec<Message> = mails.chain(comments).collect();
        messages.sort_by_key(|message| message.at);
        Self {
            number: text(case, "CaseNumber"),
            subject: text(case, "Subject"),
            status: text(case, "Status"),
            from: text(case, "SuppliedEmail"),
            messages,
        }
    }
}

fn text(row: &Fields, name: &str) -> String {
    let value = row.get(name).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

/// A date as either API spells it.
pub fn moment(row: &Fields, name: &str) -> Timestamp {
    let text = text(row, name).replace("+0000", "Z");
    text.parse().unwrap_or_default()
}

/// An EmailMessage or CaseComment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Whose it is.
    pub kind: MessageKind,
    /// When it was saved.
    pub at: Timestamp,
    /// The sender's address or the author's name.
    pub from: String,
    /// `Subject`
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Where a message comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// E-mail of a customer.
    Received,
    /// E-mail of OpenCX or an agent.
    Written,
    /// A comment on the Case.
    Comment,
}

/// An e-mail that left Salesforce.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// When.
    pub at: Timestamp,
    /// The sender's address.
    pub from: String,
    /// The sender's name.
    pub from_name: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Copies.
    pub cc: Vec<String>,
    /// Blind copies.
    pub bcc: Vec<String>,
    /// Where answers go: the sender's address where nothing else was set.
    pub reply_to: String,
    /// The subject.
    pub subject: String,
    /// The plain text, where it has one.
    pub text: Option<String>,
    /// The HTML, where it has one.
    pub html: Option<String>,
    /// `In-Reply-To`
    pub in_reply_to: Option<String>,
    /// `References`
    pub references: Option<String>,
}

/// A callout and what came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// When.
    pub at: Timestamp,
    /// The Named Credential, or the host of a plain URL.
    pub credential: String,
    /// `POST`, …
    pub method: String,
    /// Headers that Apex set; values of those that authorise are left out.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub problem: Option<String>,
}

/// A job of Apex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// `707…`
    pub id: String,
    /// Its class.
    pub class: String,
    /// When it was enqueued.
    pub enqueued: Timestamp,
    /// When it may start.
    pub due: Timestamp,
    /// Where it stands.
    pub status: JobStatus,
    /// `ExtendedStatus`: the exception that ended it.
    pub detail: Option<String>,
}

/// Where a job stands (`AsyncApexJob.Status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobStatus {
    /// It waits.
    Queued,
    /// It runs.
    Processing,
    /// It ended.
    Completed,
    /// An exception ended it.
    Failed,
}

/// A line that Apex wrote with `System.debug`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// `ERROR`, `DEBUG`, …
    pub level: String,
    /// The text.
    pub text: String,
}
