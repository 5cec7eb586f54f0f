//! One conversation and what follows from it, for the administrator who has to act on it.

use super::Detail;
use super::doctor::{advice, wrapped};
use super::rows::{line, org};
use crate::conversation::{Conversation, Job, Message, Token, Writer};
use crate::doctor::{Finding, Verdict};
use crate::report::plain;
use crate::report::style::{BAD, DIM, GOOD, NAME, WARN, paint};

/// The report of `doctor --case`.
pub fn conversation(conversation: &Conversation, detail: Detail) -> String {
    let mut out = line("Org", &org(&conversation.org));
    let case = &conversation.case;
    let made = case.created.map_or_else(String::new, |at| {
        format!(", saved {}", at.strftime("%Y-%m-%d %H:%M UTC"))
    });
    let origin = if case.origin.is_empty() {
        "without an origin".to_owned()
    } else {
        format!("origin {}", case.origin)
    };
    let from = match (&case.from, case.shows_from) {
        (Some(from), _) if from.eq_ignore_ascii_case("opencx") => "; OpenCX made it",
        (_, false) => "; whether OpenCX made it is not shown to your user",
        _ => "",
    };
    let text = format!(
        "{} · {} · {origin}{made} by {}{from}",
        case.number, case.status, case.author
    );
    out.push_str(&line("Case", &wrapped(&text, 11)));
    match &conversation.messages {
        Ok(messages) => out.push_str(&of_messages(messages)),
        Err(said) => out.push_str(&line(
            "E-mail",
            &paint(WARN, format!("not shown: the org said {}", said.error_code)),
        )),
    }
    match &conversation.jobs {
        Ok(jobs) if jobs.is_empty() => {
            out.push_str(&line(
                "Our jobs",
                &paint(DIM, "none that may be for this Case"),
            ));
        }
        Ok(jobs) => out.push_str(&of_jobs(jobs)),
        Err(said) => out.push_str(&line(
            "Our jobs",
            &paint(WARN, format!("not shown: the org said {}", said.error_code)),
        )),
    }
    out.push_str(&findings(conversation));
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

fn of_messages(messages: &[Message]) -> String {
    if messages.is_empty() {
        return line("E-mail", &paint(DIM, "none on this Case"));
    }
    let mut out = line("E-mail", &format!("{}, oldest first", messages.len()));
    for message in messages {
        let at = message
            .created
            .map_or_else(String::new, |at| at.strftime("%m-%d %H:%M:%S").to_string());
        let arrow = if message.incoming { "in " } else { "out" };
        let who = match message.writer {
            Writer::Customer => "the customer".to_owned(),
            Writer::Opencx => format!("OpenCX (as {})", message.author),
            Writer::Stranger => format!("{}, looks like OpenCX", message.author),
            Writer::Composer => format!("{}, sent by Salesforce itself", message.author),
            Writer::Other => message.author.clone(),
        };
        let text = format!(
            "{at}  {arrow}  {:<9} {:<28}  {}",
            message.status,
            plain(&who),
            token(message)
        );
        out.push_str(&format!("  {}\n", text.trim_end()));
    }
    out
}

fn token(message: &Message) -> String {
    match message.tokens.as_slice() {
        [Token::Lightning, ..] => paint(NAME, "token thread::…::"),
        [Token::RefId, ..] => paint(NAME, "token ref:…:ref"),
        [] if message.is_reply() => paint(DIM, "no token in the row: it is added when it is sent"),
        [] => paint(DIM, "no token"),
    }
}

/// The newest ones; an org may have had many since.
fn of_jobs(jobs: &[Job]) -> String {
    const MOST: usize = 12;
    let more = jobs.len().saturating_sub(MOST);
    let mut out = line(
        "Our jobs",
        &match more {
            0 => format!("{} that may be for this Case", jobs.len()),
            _ => format!("{} that may be for this Case; the first {MOST}", jobs.len()),
        },
    );
    for job in jobs.iter().take(MOST) {
        let at = job
            .created
            .map_or_else(String::new, |at| at.strftime("%m-%d %H:%M:%S").to_string());
        let status = if job.has_failed() {
            paint(BAD, plain(&job.status))
        } else {
            plain(&job.status)
        };
        out.push_str(&format!("  {at}  {} {status}", plain(&job.class)));
        if let Some(problem) = &job.problem {
            out.push_str(&format!(": {}", wrapped(problem, 18)));
        }
        out.push('\n');
    }
    out
}

fn findings(conversation: &Conversation) -> String {
    let mut out = String::new();
    for (index, finding) in conversation.of(Verdict::Failed).enumerate() {
        let label = if index == 0 { "Cause" } else { "And also" };
        out.push_str(&line(label, &paint(BAD, wrapped(&finding.found, 11))));
        out.push_str(&advice(finding, 11));
    }
    if out.is_empty() {
        let unknown = conversation.of(Verdict::Unknown).next().is_some();
        let text = if unknown {
            "none found in what the org shows; it did not show everything"
        } else {
            "none: everything that an API shows of this conversation is in order"
        };
        out.push_str(&line(
            "Cause",
            &paint(if unknown { WARN } else { GOOD }, text),
        ));
    }
    let rest = |verdict| conversation.of(verdict);
    for finding in rest(Verdict::Unknown) {
        out.push_str(&row(&paint(WARN, "?"), finding));
        out.push_str(&advice(finding, 6));
    }
    for finding in rest(Verdict::Passed) {
        out.push_str(&row(&paint(GOOD, "✓"), finding));
    }
    out
}

fn row(sign: &str, finding: &Finding) -> String {
    format!("  {sign} {}\n", wrapped(&finding.found, 4))
}
