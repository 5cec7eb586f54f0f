//! One debug log, reduced to what a story needs. Exceptions keep their type and status codes, mail its
//! number, callouts their status: nothing of a customer, unless somebody asks for it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::watch::LogRow;
use crate::conversation::Shown;
use crate::debug_log::{self, DebugLog, Event, UnitKind};
use crate::doctor::without_addresses;
use crate::secret::mask_url;

/// A transaction, as its log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// The log, `07L…`.
    pub log_id: String,
    /// `ApexLog.Operation`: `/services/…`, `QueueableHandler`, …
    pub operation: String,
    /// `Success`, or the type of the exception.
    pub status: String,
    /// Whose.
    #[serde(skip)]
    pub user_id: String,
    /// When it began.
    pub start: Option<Timestamp>,
    /// Triggers and other code units, in order.
    pub units: Vec<LoggedUnit>,
    /// Classes of which the log names a method or code unit.
    #[serde(skip)]
    pub classes: Vec<String>,
    /// What happened, in order.
    pub happenings: Vec<Happening>,
    /// Whether the org left something out of the log.
    pub is_truncated: bool,
}

/// A code unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedUnit {
    /// The trigger's name, or the unit's.
    pub name: String,
    /// Its object, for a trigger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
}

/// Something that a story tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Happening {
    /// When.
    pub at: Option<Timestamp>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", content = "of", rename_all = "kebab-case")]
pub enum What {
    /// A line of our own code.
    Line(String),
    /// A mail was handed to Salesforce; its fields, when they were asked for.
    Mail(Option<String>),
    /// A request left.
    Request(String),
    /// An answer came, with that status.
    Answer(Option<u16>),
    /// An exception: its type and status codes, or all of it when that was asked for.
    Exception(String),
    /// An exception that ended the transaction.
    Fatal(String),
}

/// The mark of our own lines.
const OURS: &str = "OpenCX: ";

pub(super) fn read(row: &LogRow, text: &str, shown: Shown) -> Transaction {
    let log = debug_log::parse(text);
    let mut happenings: Vec<Happening> = Vec::new();
    let mut callouts = Callouts::default();
    for event in &log.events {
        let Some(what) = what(event, shown) else {
            continue;
        };
        let is_repeated = match &what {
            What::Line(_) | What::Mail(_) => false,
            What::Request(_) | What::Answer(_) => !callouts.is_new(event.name, &what),
            What::Exception(_) | What::Fatal(_) => {
                happenings.last().is_some_and(|last| last.what == what)
            }
        };
        // What ends a transaction was thrown a moment before.
        if let (What::Fatal(text), Some(What::Exception(thrown))) =
            (&what, happenings.last().map(|last| &last.what))
            && text == thrown
        {
            happenings.pop();
        }
        if !is_repeated {
            let at = row.start.map(|start| {
                let passed = i64::try_from(event.nanoseconds).unwrap_or_default();
                start + SignedDuration::from_nanos(passed)
            });
            happenings.push(Happening { at, what });
        }
    }
    Transaction {
        log_id: row.id.clone(),
        operation: row.operation.clone(),
        status: exception(&row.status, Shown::default()),
        user_id: row.user_id.clone(),
        start: row.start,
        units: log.units.iter().map(unit).collect(),
        classes: classes(&log),
        happenings,
        is_truncated: log.is_truncated(),
    }
}

/// A callout by a Named Credential is noted by Apex and by the credential's own events, and its answer by
/// two of these at the finer levels; what stands between them differs. So the first request that Apex
/// notes is the first that the credential notes, and so on.
#[derive(Default)]
struct Callouts<'a> {
    noted: Vec<(What, Vec<(&'a str, usize)>)>,
}

impl<'a> Callouts<'a> {
    fn is_new(&mut self, event: &'a str, what: &What) -> bool {
        let known = self.noted.iter().position(|(known, _)| known == what);
        let index = known.unwrap_or_else(|| {
            self.noted.push((what.clone(), Vec::new()));
            self.noted.len() - 1
        });
        let counts = &mut self.noted[index].1;
        let told = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
        let own = counts.iter().position(|(name, _)| *name == event);
        let own = own.unwrap_or_else(|| {
            counts.push((event, 0));
            counts.len() - 1
        });
        counts[own].1 += 1;
        counts[own].1 > told
    }
}

fn unit(unit: &debug_log::Unit<'_>) -> LoggedUnit {
    let milliseconds = unit.nanoseconds.map(|time| time / 1_000_000);
    match &unit.kind {
        UnitKind::Trigger { name, object, .. } => LoggedUnit {
            name: crate::sf::text::clean(name),
            object: Some(crate::sf::text::clean(object)),
            milliseconds,
        },
        UnitKind::Other => LoggedUnit {
            name: crate::sf::text::clean(unit.name),
            object: None,
            milliseconds,
        },
    }
}

/// `METHOD_ENTRY|[3]|01p…|OpenCxOutboundEmailJob.execute(…)`, and units that bear a class's name.
fn classes(log: &DebugLog<'_>) -> Vec<String> {
    let word = |text: &str| {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let mut found: Vec<String> = log
        .events
        .iter()
        .filter(|event| event.name == "METHOD_ENTRY")
        .filter_map(|event| event.fields().last())
        .map(word)
        .chain(log.units.iter().map(|unit| word(unit.name)))
        .filter(|name| !name.is_empty())
        .collect();
    found.sort();
    found.dedup();
    found
}

fn what(event: &Event<'_>, shown: Shown) -> Option<What> {
    match event.name {
        "USER_DEBUG" => {
            let (_, text) = event.debug()?;
            let line = text.strip_prefix(OURS)?;
            Some(What::Line(without_addresses(line)))
        }
        "EMAIL_QUEUE" => {
            let fields = shown_mail(event.detail(), shown);
            Some(What::Mail(fields.filter(|text| !text.is_empty())))
        }
        "CALLOUT_REQUEST" => {
            let request = debug_log::request(event.detail())?;
            Some(What::Request(endpoint(request.endpoint)))
        }
        "NAMED_CREDENTIAL_REQUEST" => {
            let name = debug_log::named_callout(event.text)?;
            Some(What::Request(endpoint(&format!("callout:{name}"))))
        }
        "CALLOUT_RESPONSE" => Some(What::Answer(debug_log::answer(event.detail()))),
        "NAMED_CREDENTIAL_RESPONSE" | "NAMED_CREDENTIAL_RESPONSE_DETAIL" => {
            let status = debug_log::status_of_named(event.text)?;
            Some(What::Answer(Some(status)))
        }
        "EXCEPTION_THROWN" => Some(What::Exception(exception(event.detail(), shown))),
        "FATAL_ERROR" => Some(What::Fatal(exception(event.text, shown))),
        _ => None,
    }
}

/// A credential by name is no secret; of a URL only the host is shown.
fn endpoint(text: &str) -> String {
    if text.starts_with("callout:") {
        let name = text.split(['/', '?']).next().unwrap_or_default();
        crate::sf::text::clean(name)
    } else {
        mask_url(text)
    }
}

fn shown_mail(detail: &str, shown: Shown) -> Option<String> {
    match (shown.text, shown.addresses) {
        (true, true) => Some(crate::sf::text::clean(detail)),
        (true, false) => Some(without_addresses(detail)),
        (false, true) => {
            let addresses: Vec<&str> = detail
                .split([' ', ',', ';', '[', ']', '<', '>', '=', '\n'])
                .filter(|word| word.contains('@'))
                .collect();
            Some(crate::sf::text::clean(&addresses.join(", ")))
        }
        (false, false) => None,
    }
}

/// `System.EmailException (SINGLE_EMAIL_LIMIT_EXCEEDED)`: messages of exceptions quote values.
fn exception(text: &str, shown: Shown) -> String {
    if shown.text {
        let text = crate::sf::text::clean(text);
        return if shown.addresses {
            text
        } else {
            without_addresses(&text)
        };
    }
    let name = text.split([':', '\n', '|']).next().unwrap_or_default();
    let is_name = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    let name = if is_name && !name.is_empty() {
        crate::sf::text::clean(name)
    } else {
        "an exception".to_owned()
    };
    let is_code = |word: &&str| {
        word.len() > 5
            && word.contains('_')
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let mut codes: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(is_code)
        .collect();
    codes.dedup();
    codes.truncate(2);
    if codes.is_empty() {
        name
    } else {
        format!("{name} ({})", codes.join(", "))
    }
}

#[cfg(test)]
mod tests;
