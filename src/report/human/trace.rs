//! What happened to one message or Case, for the administrator who waited for it.

use super::Detail;
use super::doctor::{advice, wrapped};
use super::rows::{line, org};
use crate::doctor::{Finding, Verdict};
use crate::report::plain;
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};
use crate::trace::{Outcome, Sign, Story, Traced, TracedUser};

/// The report of `trace`.
pub fn trace(outcome: &Outcome, detail: Detail) -> String {
    let mut out = line("Org", &org(&outcome.org));
    if let Some(story) = &outcome.story {
        out.push_str(&told(story));
        out.push_str(&result(&story.conclusion));
        for (index, cause) in outcome.causes.iter().enumerate() {
            let label = if index == 0 { "Because" } else { "And also" };
            out.push_str(&line(label, &paint(BAD, wrapped(&cause.found, 11))));
            out.push_str(&advice(cause, 11));
        }
        let cut = story.transactions.iter().any(|one| one.is_truncated);
        if cut {
            let text =
                "Salesforce left parts out of the logs (they were too long): a step may be missing";
            out.push_str(&line("Note", &paint(DIM, text)));
        }
        if detail.verbose {
            for one in &story.transactions {
                let text = format!("{} {} ({})", one.log_id, one.operation, one.status);
                out.push_str(&line("Log", &paint(DIM, plain(&text))));
            }
        }
    }
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

fn told(story: &Story) -> String {
    let mut out = line("Happened", &plain(&story.title));
    for step in &story.steps {
        let time = step
            .at
            .map_or_else(String::new, |at| at.strftime("%H:%M:%S").to_string());
        let sign = match step.sign {
            Sign::Good => paint(GOOD, "✓"),
            Sign::Bad => paint(BAD, "✗"),
            Sign::Unsure => paint(WARN, "?"),
            Sign::Plain => paint(DIM, "·"),
        };
        out.push_str(&format!(
            "  {} {sign} {}\n",
            paint(DIM, format!("{time:<8}")),
            wrapped(&step.text, 13)
        ));
    }
    out
}

fn result(conclusion: &Finding) -> String {
    let style = match conclusion.verdict {
        Verdict::Passed => GOOD,
        Verdict::Failed => BAD,
        Verdict::Unknown => WARN,
    };
    let mut out = line("Result", &paint(style, wrapped(&conclusion.found, 11)));
    if conclusion.verdict == Verdict::Passed {
        if let Some(fix) = &conclusion.fix {
            out.push_str(&format!("           {}\n", wrapped(fix, 11)));
        }
    } else {
        out.push_str(&advice(conclusion, 11));
    }
    out
}

/// For whom logs are kept, for stderr.
pub fn traced_users(users: &[TracedUser]) -> String {
    let mut out = String::from("Logs are kept for\n");
    for user in users {
        let how = match &user.traced {
            Traced::Ours => String::new(),
            Traced::Theirs { .. } if user.traced.is_of_another_trace() => {
                ", by another trace that runs in this org; when that ends, this one goes on by itself"
                    .to_owned()
            }
            Traced::Theirs {
                level,
                until,
                is_enough,
            } => {
                let until = until.map_or_else(String::new, |until| {
                    format!(" until {}", until.strftime("%H:%M UTC"))
                });
                let enough = if *is_enough {
                    ""
                } else {
                    "; it logs too little to tell everything"
                };
                format!(
                    ", by a trace flag that was there ({level}{until}), which stays as it is{enough}"
                )
            }
            Traced::Not { reason } => format!(": not traced, {reason}"),
        };
        let text = plain(&format!("{} ({}){how}", user.name, user.role));
        out.push_str(&format!("  {text}\n"));
    }
    out
}
