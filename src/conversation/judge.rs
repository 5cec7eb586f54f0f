//! What follows from a conversation's rows, stage by stage.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::ask::{CaseRow, Job};
use super::message::{Message, Writer};
use crate::config::{CaseFilter, CaseTrigger, Integration, OnFailure};
use crate::diag::Code;
use crate::doctor::{Finding, Group, Verdict};
use crate::sf::Told;

/// Salesforce deletes rows of jobs after that (Apex Developer Guide, "Using Batch Apex": seven days).
const JOBS_ARE_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A job that a trigger queued is saved with its transaction.
const SAME_MOMENT: SignedDuration = SignedDuration::from_secs(10);

const ANNOUNCED: Code = Code("doctor/case-announced");
const REPLIES: Code = Code("doctor/replies-of-case");
const DUPLICATE: Code = Code("doctor/case-is-duplicate");

/// A part of a conversation's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// OpenCX hears of the Case.
    Announcement,
    /// Replies of OpenCX leave.
    Replies,
    /// Answers come back into the Case.
    Threading,
}

/// What is judged.
pub(super) struct View<'a> {
    pub case: &'a CaseRow,
    pub messages: &'a Told<Vec<Message>>,
    pub jobs: &'a Told<Vec<Job>>,
    pub holders: &'a Told<BTreeSet<String>>,
    pub integration: &'a Integration,
    pub target: &'a str,
    pub now: Timestamp,
}

impl View<'_> {
    fn jobs_are_gone(&self, at: Option<Timestamp>) -> bool {
        at.is_none_or(|at| self.now.duration_since(at) > JOBS_ARE_KEPT)
    }

    fn jobs_near<'j>(
        &self,
        jobs: &'j [Job],
        class: &str,
        at: Option<Timestamp>,
    ) -> impl Iterator<Item = &'j Job> {
        let class = name(self.integration, class).to_owned();
        jobs.iter().filter(move |job| {
            job.class.eq_ignore_ascii_case(&class) && is_same_moment(at, job.created)
        })
    }
}

fn is_same_moment(at: Option<Timestamp>, job: Option<Timestamp>) -> bool {
    match (at, job) {
        (Some(at), Some(job)) => {
            let after = job.duration_since(at);
            after >= SignedDuration::from_secs(-2) && after <= SAME_MOMENT
        }
        _ => false,
    }
}

/// Those of the jobs that may be for that conversation.
pub(super) fn related(mut jobs: Vec<Job>, case: &CaseRow, messages: &[Message]) -> Vec<Job> {
    let short = case.id.get(..15).unwrap_or(&case.id);
    jobs.retain(|job| {
        is_same_moment(case.created, job.created)
            || messages
                .iter()
                .any(|message| is_same_moment(message.created, job.created))
            || job
                .problem
                .as_deref()
                .is_some_and(|text| text.contains(short))
    });
    jobs
}

fn name<'a>(integration: &'a Integration, shipped: &'a str) -> &'a str {
    let names = &integration.names;
    names.get(shipped).map_or(shipped, String::as_str)
}

/// The permission set by whose holders replies are recognised.
pub(super) fn sender_set(integration: &Integration) -> String {
    name(integration, "OpenCX_Integration").to_owned()
}

/// What was found on each stage that the conversation has come to.
pub(super) fn stages(view: &View<'_>) -> Vec<(Stage, Option<Finding>)> {
    let mut stages = vec![(Stage::Announcement, Some(announcement(view)))];
    let has_replies = view
        .messages
        .as_ref()
        .is_ok_and(|messages| messages.iter().any(Message::is_reply));
    if has_replies || view.messages.is_err() {
        stages.push((Stage::Replies, Some(replies(view))));
    }
    if let Some(found) = threading(view) {
        stages.push((Stage::Threading, Some(found)));
    }
    stages
}

/// Why the config leaves a Case out, if it does.
pub fn is_refused_by_filter(case: &CaseRow, integration: &Integration) -> Option<&'static str> {
    let ours = case
        .from
        .as_deref()
        .is_some_and(|from| from.eq_ignore_ascii_case("opencx"));
    match integration.case_filter {
        CaseFilter::NotOpencx if ours => {
            Some("OpenCX made this Case itself, and `case_filter: not_opencx` leaves those out")
        }
        CaseFilter::OnlyOpencx if !ours && case.shows_from => {
            Some("OpenCX did not make this Case, and `case_filter: only_opencx` leaves those out")
        }
        _ => None,
    }
}

fn announcement(view: &View<'_>) -> Finding {
    let of = (ANNOUNCED, Group::Announcements);
    if let Some(why) = is_refused_by_filter(view.case, view.integration) {
        return Finding::new(
            of,
            Verdict::Passed,
            format!("not announced, as meant: {why}"),
        );
    }
    let jobs = match view.jobs {
        Ok(jobs) => jobs,
        Err(said) => return Finding::untold(of, "the Apex jobs", said).setup("Apex Jobs"),
    };
    let names_case = |job: &&Job| {
        let short = view.case.id.get(..15).unwrap_or(&view.case.id);
        job.problem
            .as_deref()
            .is_some_and(|text| text.contains(short))
    };
    let refused = jobs.iter().filter(|job| job.has_failed()).find(names_case);
    if let Some(problem) = refused.and_then(|job| job.problem.as_deref()) {
        return Finding::new(
            of,
            Verdict::Failed,
            format!("OpenCX did not take this Case: {problem}"),
        )
        .effect("OpenCX doesn't know the Case, so nobody there works on it")
        .fix(format!(
            "repair what the message names, then {}",
            again(view)
        ))
        .setup("Apex Jobs");
    }
    let mut near = view.jobs_near(jobs, "OpenCxCaseWebhookJob", view.case.created);
    let Some(job) = near.next() else {
        if view.jobs_are_gone(view.case.created) {
            return Finding::new(
                of,
                Verdict::Unknown,
                "whether OpenCX was told of this Case can't be seen any more: Salesforce keeps jobs \
                 for seven days",
            )
            .fix("look for the Case in OpenCX's Inbox");
        }
        return Finding::new(
            of,
            Verdict::Failed,
            "no job of ours ran when this Case was saved, so OpenCX was not told of it",
        )
        .effect("OpenCX doesn't know the Case, so nobody there works on it")
        .fix(format!("{}; {}", not_announced(view), again(view)))
        .setup("Apex Jobs");
    };
    match (job.has_failed(), job.has_ended()) {
        (true, _) => Finding::new(
            of,
            Verdict::Failed,
            format!(
                "the job that was to tell OpenCX of this Case failed: {}",
                job.problem.as_deref().unwrap_or("no reason given")
            ),
        )
        .effect("OpenCX doesn't know the Case, unless a later try went through")
        .fix(format!(
            "repair what the message names, then {}",
            again(view)
        ))
        .setup("Apex Jobs"),
        (_, false) => Finding::new(
            of,
            Verdict::Unknown,
            format!(
                "the job that tells OpenCX of this Case has not ended: {}",
                job.status
            ),
        )
        .fix("look again in a minute; failed calls are tried again after 1, 2, 5 and 10 minutes")
        .setup("Apex Jobs"),
        _ => Finding::new(
            of,
            Verdict::Passed,
            "a job of ours ran when this Case was saved, and ended without an error",
        ),
    }
}

fn not_announced(view: &View<'_>) -> &'static str {
    match view.integration.case_trigger {
        CaseTrigger::Existing => "see that your own trigger on Case calls our handler",
        CaseTrigger::Shipped => {
            "with every check on the org in order, the user who saved the Case may have the custom \
             permission OpenCX_Bypass, or the trigger came after the Case"
        }
    }
}

/// How an administrator announces a Case that was missed.
fn again(view: &View<'_>) -> String {
    format!(
        "announce it again: Developer Console > Debug > Open Execute Anonymous Window, \
         {}.announce(new List<Id>{{ '{}' }});",
        name(view.integration, "OpenSalesforceCaseManagement"),
        view.case.id
    )
}

/// Why a row as OpenCX inserts them was not picked, by what the row says.
pub fn unsent_because(
    message: &Message,
    holders: &Told<BTreeSet<String>>,
    integration: &Integration,
) -> Option<String> {
    let set = name(integration, "OpenCX_Integration");
    if message.incoming {
        return Some("it came from outside".to_owned());
    }
    if message.has_identifier {
        return Some(
            "a mail server has it already: Salesforce's composer or a flow sent it".to_owned(),
        );
    }
    if message.status != "sent" {
        return Some(format!("its status is {}, not sent", message.status));
    }
    if message.case_id.is_none() {
        return Some("it is not on a Case".to_owned());
    }
    match holders {
        Ok(holders) if !holders.contains(&message.author_id) => Some(format!(
            "{} wrote it, who does not hold the permission set {set}",
            author(message)
        )),
        _ => None,
    }
}

fn author(message: &Message) -> &str {
    if message.author.is_empty() {
        "a user without a name"
    } else {
        &message.author
    }
}

fn replies(view: &View<'_>) -> Finding {
    let of = (REPLIES, Group::OutboundMail);
    let messages = match view.messages {
        Ok(messages) => messages,
        Err(said) => return Finding::untold(of, "the e-mail of the Case", said),
    };
    let replies: Vec<&Message> = messages
        .iter()
        .filter(|message| message.is_reply())
        .collect();
    let judged: Vec<(Verdict, String, &'static str)> =
        replies.iter().map(|reply| of_reply(view, reply)).collect();
    let worst = |verdict| {
        let mut found = judged.iter().zip(&replies).rev();
        found.find(|((of, ..), _)| *of == verdict)
    };
    let count = |verdict| judged.iter().filter(|(of, ..)| *of == verdict).count();
    for verdict in [Verdict::Failed, Verdict::Unknown] {
        if let Some(((_, why, fix), reply)) = worst(verdict) {
            let number = count(verdict);
            let which = if replies.len() == 1 {
                format!("the reply {}", reply.id)
            } else {
                format!(
                    "{number} of {} replies, the newest {},",
                    replies.len(),
                    reply.id
                )
            };
            let text = match verdict {
                Verdict::Failed => format!("{which} did not leave: {why}"),
                _ => format!("whether {which} left can't be told: {why}"),
            };
            return Finding::new(of, verdict, text)
                .effect("it stands on the Case as sent, whether or not it ever left")
                .fix(*fix)
                .command(format!(
                    "opencx-sf trace --case {} --target-org {}",
                    view.case.number, view.target
                ));
        }
    }
    Finding::new(
        of,
        Verdict::Passed,
        format!(
            "{}: a job of ours worked on each and ended without an error",
            match replies.len() {
                1 => "1 reply of OpenCX".to_owned(),
                count => format!("{count} replies of OpenCX"),
            }
        ),
    )
}

fn of_reply(view: &View<'_>, reply: &Message) -> (Verdict, String, &'static str) {
    if let Some(error) = reply.send_error.as_deref().filter(|text| !text.is_empty()) {
        let text = crate::doctor::without_addresses(error);
        return (
            Verdict::Failed,
            text,
            "repair what it says, and send it again from OpenCX",
        );
    }
    if let Some(why) = unsent_because(reply, view.holders, view.integration) {
        return (
            Verdict::Failed,
            why,
            "connect OpenCX as the integration user, or give that user the permission set",
        );
    }
    if view.integration.outbound.on_failure == OnFailure::Reject {
        return (
            Verdict::Passed,
            "it was sent while it was saved".to_owned(),
            "",
        );
    }
    let jobs = match view.jobs {
        Ok(jobs) => jobs,
        Err(said) => {
            let text = format!("the jobs could not be read ({})", said.error_code);
            return (
                Verdict::Unknown,
                text,
                "ask again as a user with View Setup and Configuration",
            );
        }
    };
    let classes = ["OpenCxOutboundEmailJob", "OpenCxThreadingTokenJob"];
    let mut near = classes
        .iter()
        .flat_map(|class| view.jobs_near(jobs, class, reply.created));
    match near.next() {
        Some(job) if job.has_failed() => (
            Verdict::Failed,
            job.problem
                .clone()
                .unwrap_or_else(|| "its job failed without a reason".to_owned()),
            "repair what the message names, and send it again from OpenCX",
        ),
        Some(job) if !job.has_ended() => (
            Verdict::Unknown,
            format!("its job has not ended: {}", job.status),
            "look again in a minute",
        ),
        Some(_) => (Verdict::Passed, String::new(), ""),
        None if view.jobs_are_gone(reply.created) => (
            Verdict::Unknown,
            "Salesforce keeps jobs for seven days, and it is older".to_owned(),
            "look into Setup > Email Log Files, or let OpenCX send a new one and trace it",
        ),
        None => (
            Verdict::Failed,
            "no job of ours worked on it when it was saved".to_owned(),
            "see that the trigger that sends was there and active then; send it again from OpenCX",
        ),
    }
}

/// Whether the Case is one that an answer opened.
fn threading(view: &View<'_>) -> Option<Finding> {
    let of = (DUPLICATE, Group::InboundMail);
    let messages = view.messages.as_ref().ok()?;
    let first = messages
        .first()
        .filter(|first| first.writer == Writer::Customer)?;
    let opened = is_same_moment(view.case.created, first.created) && first.is_answer;
    if !opened {
        let answers = messages
            .iter()
            .skip(1)
            .filter(|message| message.incoming)
            .count();
        return (answers > 0).then(|| {
            let text = match answers {
                1 => "1 answer of the customer came back into this Case".to_owned(),
                count => format!("{count} answers of the customer came back into this Case"),
            };
            Finding::new(of, Verdict::Passed, text)
        });
    }
    let (why, fix) = if first.tokens.is_empty() {
        (
            "the answer carries no threading token: the reply left without one, or the customer's \
             program cut it out",
            "see that the code that sends puts the token into subject and body; what left before \
             stays without one",
        )
    } else {
        (
            "the answer carries a token, so the Case that it belongs to is gone, or this org uses the \
             other form",
            "look in Setup > Email-to-Case whether Ref ID is on, and whether the first Case still \
             exists",
        )
    };
    Some(
        Finding::new(
            of,
            Verdict::Failed,
            "this Case was opened by an answer to an earlier mail",
        )
        .effect(why)
        .fix(fix)
        .setup("Email-to-Case"),
    )
}
