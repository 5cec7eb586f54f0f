//! What was taken out of an org, and what is left.

use super::problems::problems;
use super::rows::{count, home, line};
use crate::diagnosis::Sent;
use crate::metadata::ComponentId;
use crate::report::plain;
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};
use crate::sf::DeployId;
use crate::sf::wire::DeployResult;
use crate::{rollback, uninstall};

/// What was removed, what stays and why, and where to look.
pub fn uninstall(outcome: &uninstall::Outcome) -> String {
    let mut out = String::new();
    out.push_str(&results("Remove", &outcome.deploys));
    if let Some(result) = &outcome.deactivation {
        let (style, word) = if result.success {
            (WARN, "the triggers were switched off in place of that")
        } else {
            (BAD, "and the triggers could not be switched off")
        };
        out.push_str(&format!("  {}\n", paint(style, word)));
    }
    if outcome.is_stopped_by_tests() {
        out.push_str(
            "  only Apex tests stop it, which the org runs with a deletion: mend them, or have others of \
             its own run in their place with `--tests CLASS`\n",
        );
    }
    for kept in &outcome.foreign {
        let by = kept.modified.as_ref();
        let by = by.map(|last| format!(", last changed by {}", plain(&last.by)));
        out.push_str(&format!(
            "  {} {} stays: it is not ours{}\n",
            paint(DIM, "○"),
            kept.component,
            by.unwrap_or_default()
        ));
    }
    out.push_str(&listed(BAD, "✗", &outcome.left, "is still in the org"));
    out.push_str(&listed(WARN, "?", &outcome.unknown, "could not be read"));
    if outcome.is_clean() {
        let removed = count(outcome.ours.len(), "component");
        let text = if outcome.ours.is_empty() {
            format!("{} of ours is in the org", paint(GOOD, "nothing"))
        } else {
            format!(
                "{}: {removed} removed, and none of them is in the org",
                paint(GOOD, "clean")
            )
        };
        out.push_str(&line("Proof", &text));
    }
    if let Some(place) = &outcome.backup {
        out.push_str(&line("Backup", &plain(place)));
    }
    out.push_str(&line("Where", &home(&outcome.org)));
    out
}

/// What was undone.
pub fn rollback(outcome: &rollback::Outcome) -> String {
    let mut out = String::new();
    match &outcome.deploy {
        None => {
            let ids: Vec<&str> = outcome.undone.iter().map(DeployId::as_str).collect();
            let text = format!("nothing of deploy {} is left to undo", ids.join(", "));
            out.push_str(&line("Undo", &text));
        }
        Some(result) => out.push_str(&results("Undo", std::slice::from_ref(result))),
    }
    let is_taken = outcome.deploy.as_ref().is_some_and(|result| result.success);
    if is_taken {
        let stands = |ids: &[ComponentId]| -> Vec<ComponentId> {
            let ids = ids.iter().filter(|id| !outcome.wrong.contains(id));
            ids.cloned().collect()
        };
        let (restored, removed) = (stands(&outcome.restored), stands(&outcome.removed));
        out.push_str(&listed(DIM, "↩", &restored, "is as before the deploy"));
        out.push_str(&listed(DIM, "−", &removed, "was new, and is gone"));
    }
    let kept = "stays: its secret is not in the backup";
    out.push_str(&listed(WARN, "○", &outcome.without_secret, kept));
    let wrong = "does not stand as before the deploy";
    out.push_str(&listed(BAD, "✗", &outcome.wrong, wrong));
    if is_taken && outcome.wrong.is_empty() {
        let all = count(outcome.restored.len() + outcome.removed.len(), "component");
        let text = format!("{}: {all} read back", paint(GOOD, "as before"));
        out.push_str(&line("Proof", &text));
    }
    if let Some(place) = &outcome.backup {
        out.push_str(&line("Backup", &plain(place)));
    }
    out.push_str(&line("Where", &home(&outcome.org)));
    out
}

fn results(label: &str, results: &[DeployResult]) -> String {
    let mut out = String::new();
    for result in results {
        let id = paint(DIM, plain(&result.id));
        let word = if result.success {
            paint(GOOD, "succeeded")
        } else {
            format!("{}; nothing of it was done", paint(BAD, "failed"))
        };
        out.push_str(&line(label, &format!("{word}  {id}")));
        out.push_str(&problems(result, Sent::default()));
    }
    out
}

fn listed(style: anstyle::Style, sign: &str, ids: &[ComponentId], what: &str) -> String {
    let lines = ids
        .iter()
        .map(|id| format!("  {} {id} {what}\n", paint(style, sign)));
    lines.collect()
}
