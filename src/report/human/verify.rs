//! What was proven, what was not, and what a person has to do.

use super::Detail;
use super::rows::{component, count, details, kind, line, org};
use crate::compare::ChangeKind;
use crate::plan::OrgFacts;
use crate::report::plain;
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};
use crate::verify::{Check, Status, Verification};

/// The report of `verify`.
pub fn verification(facts: &OrgFacts, verification: &Verification, detail: Detail) -> String {
    let mut out = line("Org", &org(facts));
    out.push_str(&proof(verification, &[], detail));
    out.push_str(&next(Some(verification), None));
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

/// Components read back, then every check; `more` are checks from elsewhere (a deploy's tests).
pub(super) fn proof(verification: &Verification, more: &[Check], detail: Detail) -> String {
    let total = verification.components.len();
    let same = verification
        .components
        .iter()
        .filter(|change| change.kind == ChangeKind::Same)
        .count();
    let (style, word) = if same == total {
        (GOOD, "Verified")
    } else {
        (BAD, "Not so")
    };
    let summary = format!(
        "{same} of {} read back and equal",
        count(total, "component")
    );
    let mut out = line(word, &paint(style, summary));
    for change in &verification.components {
        match change.kind {
            ChangeKind::Same if !detail.verbose => {}
            ChangeKind::Same => {
                let row = component(&change.component);
                out.push_str(&format!("  {} {row}\n", paint(GOOD, "✓")));
            }
            _ => {
                let row = component(&change.component);
                out.push_str(&format!(
                    "  {} {row}  {}\n",
                    paint(BAD, "✗"),
                    kind(change.kind)
                ));
                out.push_str(&details(change));
            }
        }
    }
    out.extend(verification.checks.iter().chain(more).map(check));
    out
}

/// One check: its outcome, what it is about, what was found, what to do about a failure. What a
/// person has to do anyway stands in [`next`].
pub(super) fn check(check: &Check) -> String {
    let sign = match check.status {
        Status::Passed => paint(GOOD, "✓"),
        Status::Failed => paint(BAD, "✗"),
        Status::Unknown => paint(WARN, "?"),
        Status::NotChecked => paint(DIM, "○ not checked:"),
        Status::ToDo => paint(WARN, "→"),
    };
    let about = check
        .component
        .as_ref()
        .map(|id| format!("{}: ", component(id)));
    let message = plain(&check.message);
    let mut out = format!("  {sign} {}{message}\n", about.unwrap_or_default());
    if let Some(help) = &check.help
        && check.status != Status::ToDo
    {
        out.push_str(&format!("      {}\n", paint(DIM, plain(help))));
    }
    out
}

/// What a person does next: what the checks leave to people, then `more`.
pub(super) fn next(
    verification: Option<&Verification>,
    more: impl IntoIterator<Item = String>,
) -> String {
    let left = verification
        .into_iter()
        .flat_map(|verification| &verification.checks);
    let steps = left
        .filter(|check| check.status == Status::ToDo)
        .filter_map(|check| check.help.as_deref().map(plain))
        .chain(more);
    let mut out = String::new();
    for (index, step) in steps.enumerate() {
        let label = if index == 0 { "Next" } else { "" };
        out.push_str(&line(label, &format!("{}. {step}", index + 1)));
    }
    out
}
