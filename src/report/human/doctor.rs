//! What an examination showed, for the administrator who has to act on it.

use super::Detail;
use super::rows::{line, org};
use crate::doctor::{Examination, Finding, Group, SYMPTOMS, Symptom, Verdict};
use crate::report::plain;
use crate::report::style::{BAD, BOLD, DIM, GOOD, NAME, WARN, paint};

const WIDTH: usize = 96;

/// The report of `doctor`.
pub fn examination(examination: &Examination, detail: Detail) -> String {
    let mut out = match &examination.org {
        Some(facts) => line("Org", &org(facts)),
        None => line("Config", "the config and its files; no org was asked"),
    };
    match examination.symptom {
        Some(symptom) => out.push_str(&of_symptom(examination, symptom)),
        None => out.push_str(&by_group(examination)),
    }
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

/// The path of one symptom: the likeliest cause in full, then the others, then what is in order.
fn of_symptom(examination: &Examination, symptom: &Symptom) -> String {
    let mut out = line("Symptom", symptom.title);
    let causes: Vec<&Finding> = examination.causes().collect();
    for (index, finding) in causes.iter().enumerate() {
        let label = match index {
            0 => "Cause",
            1 => "And also",
            _ => "",
        };
        out.push_str(&line(label, &paint(BAD, wrapped(&finding.found, 11))));
        out.push_str(&advice(finding, 11));
    }
    if causes.is_empty() {
        let text = match (examination.is_undetermined(), &examination.org) {
            (true, Some(_)) => "none found in what the org shows; it did not show everything",
            (false, Some(_)) => "none found: everything that an API shows is in order",
            (true, None) => "none found in what could be looked at",
            (false, None) => "none found: everything that the config shows is in order",
        };
        out.push_str(&line("Cause", &paint(WARN, text)));
    }
    for finding in examination.of(Verdict::Unknown) {
        out.push_str(&format!(
            "  {} {}\n",
            paint(WARN, "?"),
            wrapped(&finding.found, 4)
        ));
        out.push_str(&advice(finding, 6));
    }
    for finding in examination.of(Verdict::Passed) {
        out.push_str(&format!(
            "  {} {}\n",
            paint(GOOD, "✓"),
            wrapped(&finding.found, 4)
        ));
    }
    if let (true, Some((command, what))) = (causes.is_empty(), symptom.next) {
        let text = format!(
            "`opencx-sf {command} --target-org {}` {what}",
            examination.target
        );
        out.push_str(&line("Next", &wrapped(&text, 11)));
    }
    for (index, step) in symptom.by_hand.iter().enumerate() {
        let label = if index == 0 { "By hand" } else { "" };
        out.push_str(&line(
            label,
            &format!("{}. {}", index + 1, wrapped(step, 14)),
        ));
    }
    if let Some(note) = symptom.note {
        out.push_str(&line("Note", &paint(DIM, wrapped(note, 11))));
    }
    out
}

fn by_group(examination: &Examination) -> String {
    let mut out = String::new();
    for group in Group::ALL {
        let mut findings = examination
            .findings
            .iter()
            .filter(|finding| finding.group == group)
            .peekable();
        if findings.peek().is_none() {
            continue;
        }
        out.push_str(&format!("{}\n", paint(BOLD, group.title())));
        for finding in findings {
            out.push_str(&one(finding));
        }
    }
    let count = |verdict| examination.of(verdict).count();
    let (failed, unknown) = (count(Verdict::Failed), count(Verdict::Unknown));
    let summary = match (failed, unknown) {
        (0, 0) => paint(GOOD, "everything that an API shows is in order"),
        (0, unknown) => paint(
            WARN,
            format!("nothing wrong was found; {unknown} could not be told"),
        ),
        (failed, 0) => paint(BAD, format!("{failed} to repair")),
        (failed, unknown) => paint(
            BAD,
            format!("{failed} to repair, {unknown} could not be told"),
        ),
    };
    out.push_str(&line("Result", &summary));
    out
}

/// A finding with its sign, and what to do about it.
pub(super) fn one(finding: &Finding) -> String {
    let (style, sign) = match finding.verdict {
        Verdict::Passed => (GOOD, "✓"),
        Verdict::Failed => (BAD, "✗"),
        Verdict::Unknown => (WARN, "?"),
    };
    let found = wrapped(&finding.found, 4);
    format!("  {} {found}\n{}", paint(style, sign), advice(finding, 6))
}

/// What it does to people, the way out, where, and the command.
pub(super) fn advice(finding: &Finding, indent: usize) -> String {
    let mut out = String::new();
    if finding.verdict == Verdict::Passed {
        return out;
    }
    let pad = " ".repeat(indent);
    if let Some(effect) = &finding.effect {
        out.push_str(&format!("{pad}{}\n", wrapped(effect, indent)));
    }
    let rows = [
        ("Fix", finding.fix.clone()),
        (
            "Setup",
            finding
                .setup
                .as_ref()
                .map(|setup| format!("Setup > {setup}")),
        ),
        (
            "Run",
            finding
                .command
                .as_ref()
                .map(|command| format!("`{command}`")),
        ),
        (
            "More",
            Some(format!("`opencx-sf explain {}`", finding.code)),
        ),
    ];
    for (label, text) in rows {
        if let Some(text) = text {
            // A command that is broken into lines could not be copied.
            let text = match label {
                "Run" => plain(&text),
                _ => wrapped(&text, indent + 7),
            };
            out.push_str(&format!(
                "{pad}{} {text}\n",
                paint(DIM, format!("{label:<6}"))
            ));
        }
    }
    out
}

/// Text in lines of at most 96 columns; the second and later ones are indented.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut column = indent;
    for word in plain(text).split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// The symptoms that can be named.
pub fn symptoms() -> String {
    let mut out = String::new();
    for symptom in SYMPTOMS {
        out.push_str(&format!(
            "  {} {}\n",
            paint(NAME, format!("{:<16}", symptom.name)),
            symptom.title
        ));
    }
    out
}
