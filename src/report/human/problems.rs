//! What an org found wrong with a deploy: the problems with one cause together, then why, what to
//! do, and where to read more.

use crate::diagnosis::{self, Problem, Sent, Subject, Whose};
use crate::report::plain;
use crate::report::style::{BAD, DIM, NAME, WARN, paint};
use crate::sf::wire::DeployResult;

/// Every problem of a result; nothing for a deploy that has none.
pub(super) fn problems(result: &DeployResult, sent: Sent<'_>) -> String {
    let found = diagnosis::problems(result, sent);
    let (ours, foreign): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|problem| problem.whose == Whose::Ours || problem.about == Subject::Deploy);
    let mut out = together(ours);
    if !foreign.is_empty() {
        out.push_str("  of what the org has of its own, not of this package:\n");
        out.push_str(&together(foreign));
    }
    for (component, words) in diagnosis::warnings(result) {
        let (component, words) = (plain(&component), plain(&words));
        out.push_str(&format!("  {} {component}: {words}\n", paint(WARN, "!")));
    }
    out
}

/// Problems with one cause stand together.
fn together(mut left: Vec<Problem>) -> String {
    let mut out = String::new();
    while let Some(first) = left.first() {
        let (cause, help) = (first.cause, first.help.clone());
        let (together, others): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|problem| problem.cause == cause && problem.help == help);
        left = others;
        out.extend(together.iter().map(found));
        if let Some(problem) = together.last() {
            out.push_str(&explained(problem));
        }
    }
    out
}

/// One problem: what it is about, where, the org's words, and where it comes from.
fn found(problem: &Problem) -> String {
    let sign = if problem.follows {
        paint(WARN, "·")
    } else {
        paint(BAD, "✗")
    };
    let mut about = plain(&problem.component);
    if !problem.place.is_empty() {
        about.push_str(&paint(DIM, format!(" {}", plain(&problem.place))));
    }
    if !about.is_empty() {
        about.push_str(": ");
    }
    let mut out = format!("  {sign} {about}{}\n", plain(&problem.text));
    if let Some(source) = &problem.source {
        let line = source.line.map(|line| format!(":{line}"));
        let from = format!("{}{}", plain(&source.template), line.unwrap_or_default());
        out.push_str(&row("from", &paint(NAME, from)));
    }
    if !problem.config.is_empty() {
        out.push_str(&row("config", &problem.config.join(", ")));
    }
    out
}

fn explained(problem: &Problem) -> String {
    let mut out = String::new();
    if let Some(cause) = problem.cause {
        out.push_str(&row("why", cause));
    }
    out.push_str(&row("do", &plain(&problem.help)));
    if problem.cause.is_some() {
        let more = format!("opencx-sf explain {}", problem.code);
        out.push_str(&row("more", &paint(DIM, more)));
    }
    out
}

fn row(label: &str, text: &str) -> String {
    format!("      {} {text}\n", paint(DIM, format!("{label:<6}")))
}
