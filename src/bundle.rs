//! What support needs, in one file: versions, config, plan, doctor's result, a conversation, failed
//! jobs, and what debug logs say of our own code. No secrets, no addresses, no texts of mail: every file
//! passes a filter that knows how those look, whoever wrote them. Nothing is sent anywhere.

mod mask;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::config::Target;
use crate::conversation::{self, CaseRow, Conversation, Job};
use crate::doctor::{self, Examination, MessagingSettings};
use crate::package::{self, Package};
use crate::plan::{OrgFacts, Plan};
use crate::secret::Redactor;
use crate::sf::{Fault, Reader, Told};
use crate::trace::{self, Transaction};

pub use mask::mask;

/// How far back jobs and logs are looked at.
const SINCE: SignedDuration = SignedDuration::from_hours(24);

/// What a bundle is made of.
pub struct Material<'a> {
    /// The org.
    pub org: &'a OrgFacts,
    /// What is wanted of it.
    pub target: &'a Target,
    /// The config as it is written.
    pub config: &'a str,
    /// What would change in the org; why it is not known otherwise.
    pub plan: Result<&'a Plan, String>,
    /// What doctor says.
    pub examination: &'a Examination,
    /// One conversation, if one was named.
    pub conversation: Option<&'a Conversation>,
    /// Our jobs of the last day.
    pub jobs: &'a Told<Vec<Job>>,
    /// What the debug logs of the last day say of our code.
    pub logs: &'a Told<Vec<Transaction>>,
}

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name in the archive.
    pub name: String,
    /// What is in it, for whoever decides whether it may be given away.
    pub what: &'static str,
    /// Its size in bytes.
    pub bytes: usize,
}

/// A bundle that is ready to be written.
pub struct Bundle {
    files: BTreeMap<String, String>,
    entries: Vec<Entry>,
}

impl Bundle {
    /// Puts the material together. What is secret in this process is masked by `redactor`.
    pub fn of(material: &Material<'_>, redactor: &Redactor) -> Self {
        let mut bundle = Self {
            files: BTreeMap::new(),
            entries: Vec::new(),
        };
        let mut add = |name: &str, what: &'static str, text: &str| {
            let text = mask(&redactor.redact(text));
            bundle.entries.push(Entry {
                name: name.to_owned(),
                what,
                bytes: text.len(),
            });
            bundle.files.insert(name.to_owned(), text);
        };
        add(
            "versions.json",
            "tool, machine, org and API version",
            &pretty(&versions(material)),
        );
        add(
            "config.yaml",
            "the config, addresses and URLs masked",
            material.config,
        );
        add(
            "plan.json",
            "which components would change; no code",
            &pretty(&plan(material)),
        );
        add(
            "doctor.json",
            "every check on the org with its result",
            &pretty(&material.examination),
        );
        if let Some(conversation) = material.conversation {
            add(
                "conversation.json",
                "the Case's e-mail as a list of times, directions, statuses and tokens",
                &pretty(conversation),
            );
        }
        add(
            "jobs.json",
            "Apex jobs of ours in the last day",
            &pretty(&told(material.jobs)),
        );
        add(
            "logs.json",
            "what debug logs of the last day say of our code: no texts, no foreign lines",
            &pretty(&told(material.logs)),
        );
        bundle
    }

    /// What is in it, in the order in which it is put together.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The archive. Same material, same bytes.
    ///
    /// # Errors
    /// When it can't be packed.
    pub fn zip(&self) -> Result<Vec<u8>, package::Error> {
        package::zip_of(&self.files)
    }
}

fn pretty(value: &impl Serialize) -> String {
    // Serialising cannot fail: all keys are strings.
    let value = serde_json::to_value(value).unwrap_or(Value::Null);
    format!("{value:#}\n")
}

fn told<T: Serialize>(told: &Told<Vec<T>>) -> Value {
    match told {
        Ok(rows) => serde_json::to_value(rows).unwrap_or(Value::Null),
        Err(said) => json!({ "notTold": said.error_code }),
    }
}

fn versions(material: &Material<'_>) -> Value {
    json!({
        "tool": env!("CARGO_PKG_VERSION"),
        "system": std::env::consts::OS,
        "processor": std::env::consts::ARCH,
        "apiVersion": material.target.integration.api_version.to_string(),
        "org": {
            "id": material.org.id.to_string(),
            "kind": material.org.kind,
            "newestApiVersion": material.org.max_api_version.to_string(),
            "production": material.target.production,
        },
    })
}

/// Names and kinds of changes: diffs would hold code of other people.
fn plan(material: &Material<'_>) -> Value {
    match &material.plan {
        Ok(plan) => {
            let steps = plan.steps.iter().map(|step| {
                json!({
                    "component": step.change.component.to_string(),
                    "kind": step.change.kind,
                    "action": step.action,
                })
            });
            json!({ "steps": steps.collect::<Vec<_>>() })
        }
        Err(reason) => json!({ "notRead": reason }),
    }
}

/// What is read of an org for a bundle beside the plan.
pub struct Read {
    /// What doctor says.
    pub examination: Examination,
    /// One conversation.
    pub conversation: Option<Conversation>,
    /// Our jobs of the last day.
    pub jobs: Told<Vec<Job>>,
    /// What the debug logs of the last day say of our code.
    pub logs: Told<Vec<Transaction>>,
}

/// Reads it.
///
/// # Errors
/// Faults that would meet every question alike.
pub async fn read(
    reader: &Reader,
    org: &OrgFacts,
    target: &Target,
    package: &Package,
    now: Timestamp,
    case: Option<CaseRow>,
    messaging: Option<MessagingSettings>,
) -> Result<Read, Fault> {
    let integration = &target.integration;
    let classes = conversation::classes(package);
    let (examination, jobs, logs) = tokio::try_join!(
        doctor::examine_all(reader, org, integration, package, now, messaging),
        conversation::jobs(reader, &classes, now - SINCE),
        trace::recent(reader, now - SINCE),
    )?;
    let conversation = match case {
        Some(case) => {
            Some(conversation::examine(reader, org.clone(), integration, package, now, case).await?)
        }
        None => None,
    };
    let is_ours = |one: &Transaction| {
        !one.happenings.is_empty()
            || one
                .classes
                .iter()
                .any(|class| classes.iter().any(|ours| ours.eq_ignore_ascii_case(class)))
    };
    let logs = logs.map(|logs| logs.into_iter().filter(is_ours).collect());
    Ok(Read {
        examination,
        conversation,
        jobs,
        logs,
    })
}
