//! One conversation as Salesforce holds it: a Case, its e-mail in order, the jobs of ours that worked
//! on it, and what follows from that. Texts are looked through for tokens and never kept; addresses
//! only when somebody asks for them.

mod ask;
mod judge;
mod key;
mod message;
mod session;

use serde::Serialize;

use crate::config::Integration;
use crate::doctor::{self, Finding, SYMPTOMS, Verdict};
use crate::package::Package;
use crate::plan::OrgFacts;
use crate::sf::wire::rest::RestError;
use crate::sf::{Fault, Reader, Told};

pub use ask::{CaseRow, Job, cases, classes, holders, jobs, messages, quoted_names};
pub use judge::{Stage, is_refused_by_filter, unsent_because};
pub use key::{BadKey, Key};
pub use message::{Message, Token, Writer};
pub use session::{BadSession, SessionKey, Traces, find_session};

/// What may be shown of the people in a conversation. Nothing, unless somebody asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// Addresses of senders and recipients.
    pub addresses: bool,
    /// Subjects and texts.
    pub text: bool,
}

/// A conversation and what follows from it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// The org.
    pub org: OrgFacts,
    /// The Case.
    pub case: CaseRow,
    /// Its e-mail, oldest first; why it is not known otherwise.
    #[serde(serialize_with = "told")]
    pub messages: Told<Vec<Message>>,
    /// Jobs of ours that may be for it, oldest first: a job doesn't say which Case it is for, so those
    /// count that were queued when the Case or a message was saved, and those that name it.
    #[serde(serialize_with = "told")]
    pub jobs: Told<Vec<Job>>,
    /// What was found, the cause of what went wrong first.
    pub findings: Vec<Finding>,
}

fn told<T: Serialize, S: serde::Serializer>(
    told: &Told<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match told {
        Ok(value) => value.serialize(serializer),
        Err(RestError { error_code, .. }) => {
            serde_json::json!({ "notTold": error_code }).serialize(serializer)
        }
    }
}

impl Conversation {
    /// The findings with that verdict, in order.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.verdict == verdict)
    }
}

/// How looking for a Case ended.
#[derive(Debug, Clone)]
pub enum Found {
    /// It is there.
    Case(Box<CaseRow>),
    /// The org shows this user no such Case.
    Nothing,
    /// The org did not answer this question.
    Refused(RestError),
}

/// Looks for a Case.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn find_case(reader: &Reader, key: &Key) -> Result<Found, Fault> {
    let condition = match key {
        Key::Id(id) => format!("Id = '{id}'"),
        Key::Number(number) => format!("CaseNumber = '{number}'"),
    };
    Ok(match cases(reader, &condition, 1).await? {
        Ok(mut rows) if !rows.is_empty() => Found::Case(Box::new(rows.remove(0))),
        Ok(_) => Found::Nothing,
        Err(said) => Found::Refused(said),
    })
}

/// Reads a conversation, and looks at the org for the causes of what went wrong in it.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn examine(
    reader: &Reader,
    org: OrgFacts,
    integration: &Integration,
    package: &Package,
    now: jiff::Timestamp,
    case: CaseRow,
) -> Result<Conversation, Fault> {
    let classes = classes(package);
    let of_case = format!("ParentId = '{}'", case.id);
    let since = case.created.unwrap_or(now);
    let set = judge::sender_set(integration);
    let (messages, jobs, holders, examined) = tokio::try_join!(
        messages(reader, &of_case, integration, Shown::default()),
        jobs(reader, &classes, since),
        holders(reader, &set),
        doctor::examine_all(reader, &org, integration, package, now, None),
    )?;
    let messages = messages.map(|mut rows| {
        if let Ok(holders) = &holders {
            for row in &mut rows {
                row.recognise(holders);
            }
        }
        rows
    });
    let view = judge::View {
        case: &case,
        messages: &messages,
        jobs: &jobs,
        holders: &holders,
        integration,
        target: &org.target,
        now,
    };
    let mut findings = Vec::new();
    for (stage, own) in judge::stages(&view) {
        let went_well = own
            .as_ref()
            .is_some_and(|own| own.verdict == Verdict::Passed);
        if !went_well || stage == Stage::Replies {
            // What failed for this Case is said by itself.
            let path = path_of(stage)
                .iter()
                .filter(|code| !["doctor/failed-jobs", "doctor/answers-thread"].contains(code));
            let causes = path.filter_map(|code| {
                examined
                    .findings
                    .iter()
                    .find(|found| found.code.0 == *code && found.verdict == Verdict::Failed)
            });
            for cause in causes {
                if !findings.contains(cause) {
                    findings.push(cause.clone());
                }
            }
        }
        findings.extend(own);
    }
    let jobs = jobs.map(|jobs| judge::related(jobs, &case, messages.as_deref().unwrap_or(&[])));
    Ok(Conversation {
        org,
        case,
        messages,
        jobs,
        findings,
    })
}

/// The checks on an org that explain why that went wrong, likeliest first.
pub fn path_of(stage: Stage) -> &'static [&'static str] {
    let symptom = match stage {
        Stage::Announcement => "no-case",
        Stage::Replies => "never-received",
        Stage::Threading => "duplicate-case",
    };
    let found = SYMPTOMS.iter().find(|known| known.name == symptom);
    found.map_or(&[], |symptom| symptom.path)
}
