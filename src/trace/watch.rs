//! What happens while flags are set: rows of messages, Cases, jobs and logs.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::flags::{self, Flags};
use super::reading::{Transaction, read};
use super::{Error, Options, Scene, Subject};
use crate::config::AsyncContext;
use crate::conversation::{self, CaseRow, Job, Message};
use crate::doctor::moment;
use crate::sf::text::clean;
use crate::sf::{Fault, Told};

/// Logs beyond these are not read: something else keeps the org busy.
const MOST_LOGS: usize = 30;

/// What happened.
#[derive(Debug)]
pub(super) struct Seen {
    /// The message, if that is what happened.
    pub message: Option<Message>,
    /// The Case: the new one, or the message's.
    pub case: Option<CaseRow>,
    /// Whether the Case came into being with it.
    pub is_new_case: bool,
    /// Jobs of ours since then.
    pub jobs: Told<Vec<Job>>,
    /// Logs since then.
    pub logs: Vec<LogRow>,
    /// What they say; filled at the end.
    pub transactions: Vec<Transaction>,
    /// Logs that could not be read, with the reason.
    pub unread: Vec<String>,
    /// Whether it is announced by a platform event.
    pub comes_by_event: bool,
    /// Who holds the permission set by which replies are recognised.
    pub holders: Told<BTreeSet<String>>,
}

/// A row of `ApexLog`.
#[derive(Debug, Clone)]
pub(super) struct LogRow {
    pub id: String,
    pub operation: String,
    pub status: String,
    pub user_id: String,
    pub start: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawLog {
    id: String,
    operation: Option<String>,
    status: Option<String>,
    log_user_id: Option<String>,
    start_time: Option<String>,
}

impl Seen {
    /// When it happened, by the org's clock.
    pub(super) fn at(&self) -> Option<Timestamp> {
        match &self.message {
            Some(message) => message.created,
            None => self.case.as_ref().and_then(|case| case.created),
        }
    }

    /// Who saved it.
    pub(super) fn author_id(&self) -> &str {
        match (&self.message, &self.case) {
            (Some(message), _) => &message.author_id,
            (None, Some(case)) => &case.author_id,
            _ => "",
        }
    }

    /// Whether nothing more is to come: every job has ended, or a later try of it waits its minutes. A
    /// platform event has its job made when it is delivered, which takes its time.
    pub(super) fn has_settled(&self) -> bool {
        let Ok(jobs) = &self.jobs else {
            return true;
        };
        if jobs.is_empty() && self.comes_by_event {
            return false;
        }
        jobs.iter().enumerate().all(|(index, job)| {
            job.has_ended()
                || jobs[..index]
                    .iter()
                    .any(|earlier| earlier.class == job.class && earlier.has_ended())
        })
    }
}

/// Looks once.
pub(super) async fn look(
    scene: &Scene<'_>,
    subject: &Subject,
    options: &Options,
    flags: &Flags,
) -> Result<Option<Seen>, Error> {
    let reader = scene.writer.reader();
    let Some(began) = flags.began else {
        return Ok(None);
    };
    let integration = &scene.target.integration;
    let since = format!("CreatedDate >= {}", began.strftime("%Y-%m-%dT%H:%M:%SZ"));
    let (message, case) = match subject {
        Subject::NextCase => {
            let rows = conversation::cases(reader, &since, 1).await?;
            (None, awaited("Cases", rows)?)
        }
        Subject::NextEmail | Subject::Case(_) => {
            let condition = match subject {
                Subject::Case(case) => format!("ParentId = '{}' AND {since}", case.id),
                _ => since,
            };
            let rows =
                conversation::messages(reader, &condition, integration, options.shown).await?;
            let message = awaited("the e-mail on Cases", rows)?;
            let case = match (&message, subject) {
                (Some(_), Subject::Case(case)) => Some((**case).clone()),
                (Some(message), _) => match &message.case_id {
                    Some(id) => {
                        let condition = format!("Id = '{id}'");
                        first(conversation::cases(reader, &condition, 1).await?)
                    }
                    None => None,
                },
                (None, _) => None,
            };
            (message, case)
        }
    };
    let at = match (&message, &case) {
        (Some(message), _) => message.created,
        (None, Some(case)) => case.created,
        (None, None) => return Ok(None),
    };
    let classes = conversation::classes(scene.package);
    let set = integration
        .names
        .get("OpenCX_Integration")
        .map_or("OpenCX_Integration", String::as_str);
    let questions: Vec<_> = flags::logs_question(flags).into_iter().collect();
    let (jobs, holders, answers) = tokio::try_join!(
        conversation::jobs(reader, &classes, at.unwrap_or(began)),
        conversation::holders(reader, set),
        reader.batch(&questions),
    )?;
    let is_new_case = case.as_ref().is_some_and(|case| {
        message.is_none()
            || case
                .created
                .zip(at)
                .is_some_and(|(case, at)| at.duration_since(case).abs().as_secs() <= 5)
    });
    let is_announced = case
        .as_ref()
        .is_some_and(|case| conversation::is_refused_by_filter(case, integration).is_none());
    Ok(Some(Seen {
        comes_by_event: is_new_case
            && is_announced
            && integration.announcements.async_context == AsyncContext::Event,
        message,
        case,
        is_new_case,
        jobs,
        logs: answers
            .into_iter()
            .next()
            .and_then(Result::ok)
            .map(rows)
            .unwrap_or_default(),
        transactions: Vec::new(),
        unread: Vec::new(),
        holders,
    }))
}

/// The rows in the answer to a query of `ApexLog`.
pub(super) fn rows(mut answer: serde_json::Value) -> Vec<LogRow> {
    let rows: Vec<RawLog> = serde_json::from_value(answer["records"].take()).unwrap_or_default();
    rows.into_iter().map(log_row).collect()
}

fn log_row(row: RawLog) -> LogRow {
    let plain = |text: Option<String>| clean(text.as_deref().unwrap_or_default());
    LogRow {
        id: row.id,
        operation: plain(row.operation),
        status: plain(row.status),
        user_id: row.log_user_id.unwrap_or_default(),
        start: moment(row.start_time.as_deref()),
    }
}

/// Of what can't be seen nobody may say that it did not happen.
fn awaited<T>(what: &'static str, told: Told<Vec<T>>) -> Result<Option<T>, Error> {
    match told {
        Ok(rows) => Ok(rows.into_iter().next()),
        Err(said) => Err(Error::Unreadable { what, said }),
    }
}

fn first<T>(told: Told<Vec<T>>) -> Option<T> {
    told.ok().and_then(|rows| rows.into_iter().next())
}

/// Reads the logs that may belong to it, oldest first.
pub(super) async fn read_logs(
    scene: &Scene<'_>,
    options: &Options,
    seen: &mut Seen,
) -> Result<(), Fault> {
    let reader = scene.writer.reader();
    let early = SignedDuration::from_secs(-5);
    let at = seen.at();
    let candidates: Vec<LogRow> = seen
        .logs
        .iter()
        .filter(|row| match (row.start, at) {
            (Some(start), Some(at)) => start.duration_since(at) >= early,
            _ => true,
        })
        .take(MOST_LOGS)
        .cloned()
        .collect();
    for row in candidates {
        match reader.log_body(&row.id).await? {
            Ok(text) => seen.transactions.push(read(&row, &text, options.shown)),
            Err(said) => seen.unread.push(clean(&said.error_code)),
        }
    }
    Ok(())
}
