//! What would change.

use super::Detail;
use super::rows::{component, count, details, kind, line, org};
use crate::plan::{Action, Plan};
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};

/// The plan: the org, a summary, and each component that is not as it should be.
pub fn plan(plan: &Plan, detail: Detail) -> String {
    let mut out = line("Org", &org(&plan.org));
    out.push_str(&line("Plan", &summary(plan)));
    for step in &plan.steps {
        if step.action == Action::Keep && !detail.verbose {
            continue;
        }
        out.push_str(&format!(
            "  {} {}",
            sign(step.action),
            component(&step.change.component)
        ));
        match step.action {
            Action::Keep | Action::Create => out.push('\n'),
            _ => {
                out.push_str(&format!("  {}\n", kind(step.change.kind)));
                out.push_str(&details(&step.change));
            }
        }
    }
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

fn sign(action: Action) -> String {
    match action {
        Action::Keep => paint(DIM, "="),
        Action::Create => paint(GOOD, "+"),
        Action::Update => paint(WARN, "~"),
        Action::Activate => paint(WARN, "↑"),
        Action::Overwrite => paint(BAD, "!"),
        Action::Blocked => paint(BAD, "✗"),
        Action::Undecided => paint(WARN, "?"),
    }
}

/// `11 to create, 1 to update` or `no changes`.
pub(super) fn summary(plan: &Plan) -> String {
    let parts: Vec<String> = [
        (Action::Create, "to create"),
        (Action::Update, "to update"),
        (Action::Activate, "to switch on"),
        (Action::Overwrite, "only on request (someone else's work)"),
        (Action::Blocked, "not possible by a deploy"),
        (Action::Undecided, "could not be read"),
    ]
    .into_iter()
    .map(|(action, words)| (plan.with(action).count(), words))
    .filter(|(number, _)| *number > 0)
    .map(|(number, words)| format!("{number} {words}"))
    .collect();
    if parts.is_empty() {
        format!(
            "nothing to change: {} as configured",
            count(plan.steps.len(), "component")
        )
    } else {
        parts.join(", ")
    }
}
