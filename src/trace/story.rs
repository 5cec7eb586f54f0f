//! From rows and logs to a story in order, and what it comes to.

mod announced;
mod received;
mod sent;

use jiff::Timestamp;
use serde::Serialize;

use super::flags::TracedUser;
use super::reading::{Transaction, What};
use super::watch::Seen;
use crate::config::{Integration, Target};
use crate::conversation::{CaseRow, Job, Message, Stage, Token};
use crate::diag::Code;
use crate::doctor::{Finding, Group, Verdict};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Story {
    /// What the story is about, for a heading.
    pub title: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What it comes to.
    pub conclusion: Finding,
    /// Which part of a conversation's life it tells of.
    #[serde(skip)]
    pub stage: Stage,
    /// The transactions behind it.
    pub transactions: Vec<Transaction>,
    /// The message, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// Its Case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseRow>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// When, by the org's clock.
    pub at: Option<Timestamp>,
    /// How it went.
    pub sign: Sign,
    /// What, one sentence without a full stop.
    pub text: String,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// As it should.
    Good,
    /// Not as it should.
    Bad,
    /// It could not be seen.
    Unsure,
    /// Neither.
    Plain,
}

/// What is known while the story is told.
struct Telling<'a> {
    seen: &'a Seen,
    target: &'a Target,
    users: &'a [TracedUser],
    steps: Vec<Step>,
}

/// Tells it.
pub(super) fn tell(seen: &Seen, target: &Target, users: &[TracedUser]) -> Story {
    let mut telling = Telling {
        seen,
        target,
        users,
        steps: Vec::new(),
    };
    let number = seen.case.as_ref().map_or("?", |case| case.number.as_str());
    let (title, stage, conclusion) = match &seen.message {
        Some(message) if message.incoming => {
            let (stage, conclusion) = telling.received(message);
            (
                format!("an e-mail that came in, Case {number}"),
                stage,
                conclusion,
            )
        }
        Some(message) => (
            format!("an e-mail that goes out, Case {number}"),
            Stage::Replies,
            telling.sent(message),
        ),
        None => (
            format!("the new Case {number}"),
            Stage::Announcement,
            telling.announced(),
        ),
    };
    Story {
        title,
        steps: telling.steps,
        conclusion,
        stage,
        transactions: seen.transactions.clone(),
        message: seen.message.clone(),
        case: seen.case.clone(),
    }
}

const OUT: Group = Group::OutboundMail;
const NEW: Group = Group::Announcements;

impl<'a> Telling<'a> {
    fn integration(&self) -> &'a Integration {
        &self.target.integration
    }

    fn name(&self, shipped: &'a str) -> &'a str {
        let names = &self.integration().names;
        names.get(shipped).map_or(shipped, String::as_str)
    }

    fn step(&mut self, at: Option<Timestamp>, sign: Sign, text: impl Into<String>) {
        self.steps.push(Step {
            at,
            sign,
            text: text.into(),
        });
    }

    /// The transaction in which it was saved.
    fn insert(&self, object: &str, trigger: &str) -> Option<&'a Transaction> {
        let author = self.seen.author_id();
        let of_author = || {
            self.seen
                .transactions
                .iter()
                .filter(move |one| same_id(&one.user_id, author) && !is_job(one))
        };
        let runs = |one: &&Transaction, name: &str| {
            one.units
                .iter()
                .any(|unit| unit.name.eq_ignore_ascii_case(name))
        };
        // A save without a trigger of its object is known by its time alone; one in which triggers of
        // other objects ran is another save.
        let distance = |one: &Transaction| {
            let (start, at) = (one.start?, self.seen.at()?);
            let apart = at.duration_since(start).abs();
            let is_other = one.units.iter().any(|unit| unit.object.is_some());
            (apart.as_secs() <= 5 && !is_other).then_some(apart)
        };
        of_author()
            .find(|one| runs(one, trigger))
            .or_else(|| {
                of_author().find(|one| {
                    one.units
                        .iter()
                        .any(|unit| unit.object.as_deref() == Some(object))
                })
            })
            .or_else(|| {
                of_author()
                    .filter_map(|one| Some((distance(one)?, one)))
                    .min_by_key(|(apart, _)| *apart)
                    .map(|(_, one)| one)
            })
    }

    /// Says who saved it, and whether the trigger ran; none where no log tells.
    fn trigger(&mut self, object: &str, shipped: &'a str) -> Option<bool> {
        let name = self.name(shipped);
        let Some(transaction) = self.insert(object, name) else {
            let text = self.why_no_log();
            self.step(self.seen.at(), Sign::Unsure, text);
            return None;
        };
        let unit = transaction
            .units
            .iter()
            .find(|unit| unit.name.eq_ignore_ascii_case(name));
        let ran = unit.is_some();
        let at = transaction.start;
        match unit {
            Some(unit) => {
                let time = match unit.milliseconds {
                    Some(time) if time > 0 => format!(" ({time} ms)"),
                    _ => String::new(),
                };
                self.step(at, Sign::Good, format!("our trigger {name} ran{time}"));
            }
            None if transaction.is_truncated => self.step(
                at,
                Sign::Unsure,
                format!("{name} is not in the log, of which the org left a part out"),
            ),
            None => self.step(
                at,
                Sign::Bad,
                format!("our trigger {name} did not run when it was saved"),
            ),
        }
        let others: Vec<&str> = transaction
            .units
            .iter()
            .filter(|unit| !unit.name.eq_ignore_ascii_case(name))
            .filter(|unit| unit.object.is_some() || unit.name.starts_with("Flow:"))
            .map(|unit| unit.name.as_str())
            .take(5)
            .collect();
        if !others.is_empty() {
            let text = format!("in the same save also ran: {}", others.join(", "));
            self.step(at, Sign::Plain, text);
        }
        self.happenings(transaction);
        (ran || !transaction.is_truncated).then_some(ran)
    }

    fn why_no_log(&self) -> String {
        let author = self.seen.author_id();
        let name = match (&self.seen.message, &self.seen.case) {
            (Some(message), _) => message.author.as_str(),
            (None, Some(case)) => case.author.as_str(),
            _ => "",
        };
        let traced = self
            .users
            .iter()
            .any(|user| user.is_traced() && same_id(&user.id, author));
        if traced {
            "the org kept no log of that save: nothing of Apex ran, or its logs are full (Setup > \
             Debug Logs)"
                .to_owned()
        } else {
            format!("no log was kept for {name}, who saved it: name the user with --user")
        }
    }

    /// What a transaction's log says, in order.
    fn happenings(&mut self, transaction: &Transaction) {
        for happening in &transaction.happenings {
            let (sign, text) = match &happening.what {
                What::Line(line) => (Sign::Bad, format!("our code says: {line}")),
                What::Mail(None) => (Sign::Good, "Salesforce took the mail".to_owned()),
                What::Mail(Some(text)) => (Sign::Good, format!("Salesforce took the mail: {text}")),
                What::Request(to) => (Sign::Plain, format!("a request left for {to}")),
                What::Answer(None) => (Sign::Unsure, "an answer came without a status".to_owned()),
                What::Answer(Some(status)) if (200..300).contains(status) => {
                    (Sign::Good, format!("the answer was HTTP {status}"))
                }
                What::Answer(Some(status)) => (Sign::Bad, format!("the answer was HTTP {status}")),
                What::Exception(text) => (Sign::Unsure, format!("an error was met: {text}")),
                What::Fatal(text) => (Sign::Bad, format!("it ended with an error: {text}")),
            };
            self.step(happening.at, sign, text);
        }
    }

    /// The jobs of a class since then, with what their logs say.
    fn jobs(&mut self, shipped: &'a str) -> Vec<&'a Job> {
        let class = self.name(shipped);
        let Ok(jobs) = &self.seen.jobs else {
            return Vec::new();
        };
        let ours: Vec<&Job> = jobs
            .iter()
            .filter(|job| job.class.eq_ignore_ascii_case(class))
            .collect();
        let logs: Vec<&Transaction> = self
            .seen
            .transactions
            .iter()
            .filter(|one| {
                is_job(one)
                    && one
                        .classes
                        .iter()
                        .any(|name| name.eq_ignore_ascii_case(class))
            })
            .collect();
        let first = ours.first().map(|job| job.created);
        if let Some(at) = first {
            self.step(
                at,
                Sign::Good,
                format!("it was taken: the job {class} was queued"),
            );
        }
        for log in logs {
            // What comes after a job is worth a line only when it has something to say.
            let is_after = log.operation.contains("Finalizer");
            if !is_after {
                self.step(log.start, Sign::Plain, format!("the job {class} began"));
            } else if !log.happenings.is_empty() {
                self.step(log.start, Sign::Plain, "after it its finalizer ran");
            }
            self.happenings(log);
        }
        for (index, job) in ours.iter().enumerate() {
            if job.has_failed() {
                let problem = job.problem.as_deref().unwrap_or("no reason given");
                let is_said = self.lines().any(|line| problem.contains(line));
                let text = if is_said {
                    "the job stands as failed in Setup > Apex Jobs".to_owned()
                } else {
                    format!("the job failed: {problem}")
                };
                self.step(None, Sign::Bad, text);
            } else if !job.has_ended() && index > 0 {
                self.step(None, Sign::Plain, "a later try is queued".to_owned());
            } else if !job.has_ended() {
                let text = format!("the job has not ended: {}", job.status);
                self.step(None, Sign::Unsure, text);
            }
        }
        ours
    }

    fn lines(&self) -> impl Iterator<Item = &'a str> {
        self.seen
            .transactions
            .iter()
            .flat_map(|one| &one.happenings)
            .filter_map(|happening| match &happening.what {
                What::Line(line) => Some(line.as_str()),
                _ => None,
            })
    }

    fn setup_of(&self, object: &str, shipped: &'a str) -> String {
        format!(
            "Object Manager > {object} > Triggers > {}",
            self.name(shipped)
        )
    }

    /// Addresses and texts, where somebody asked for them.
    fn texts(&mut self, message: &Message) {
        if let Some([from, to]) = &message.addresses {
            self.step(None, Sign::Plain, format!("from {from} to {to}"));
        }
        if let Some([subject, text]) = &message.text {
            self.step(None, Sign::Plain, format!("subject: {subject}"));
            self.step(None, Sign::Plain, format!("text: {text}"));
        }
    }
}

fn no_case() -> Finding {
    Finding::new(
        (Code("trace/no-log"), Group::InboundMail),
        Verdict::Unknown,
        "the e-mail is on no Case that your user can see",
    )
    .fix("ask again as a user who may read Cases")
}

fn token_note(message: &Message) -> &'static str {
    match (message.tokens.first(), message.incoming) {
        (Some(Token::Lightning), _) => ", with a threading token (thread::…::)",
        (Some(Token::RefId), _) => ", with a threading token (ref:…:ref)",
        (None, true) => ", without a threading token",
        // Ours is added to the mail that leaves, not to the row.
        (None, false) => "",
    }
}

fn is_job(transaction: &Transaction) -> bool {
    ["Queueable", "Future", "Finalizer", "Batch"]
        .iter()
        .any(|word| transaction.operation.contains(word))
}

fn same_id(one: &str, other: &str) -> bool {
    one.len() >= 15 && other.len() >= 15 && one.get(..15) == other.get(..15)
}
