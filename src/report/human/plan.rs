//! What would change.

use super::Detail;
use super::rows::{component, count, details, kind, line, org, wrapped};
use crate::compare::ChangeKind;
use crate::metadata::MetadataType;
use crate::plan::{Action, Plan, Step};
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};

/// The plan: the org, a summary, and each component that is not as it should be.
pub fn plan(plan: &Plan, detail: Detail) -> String {
    let mut out = line("Org", &org(&plan.org));
    out.push_str(&line("Plan", &summary(plan)));
    if !detail.verbose {
        out.push_str(&created(plan));
    }
    for step in &plan.steps {
        if matches!(step.action, Action::Keep | Action::Create) && !detail.verbose {
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
        if step.action == Action::Activate {
            let id = &step.change.component;
            out.push_str(&format!(
                "      deploy switches it on only with `--overwrite {id}`\n"
            ));
        }
    }
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

/// New components by type: a first deploy has many, and their names are all there is to say.
fn created(plan: &Plan) -> String {
    let mut out = String::new();
    for kind in MetadataType::ALL {
        let names: Vec<&str> = plan
            .with(Action::Create)
            .filter(|step| step.change.component.kind == kind)
            .map(|step| step.change.component.full_name.as_str())
            .collect();
        if !names.is_empty() {
            let kind = kind.to_string();
            let kind = paint(DIM, format!("{kind:<16}"));
            let names = wrapped(names.into_iter(), 21);
            out.push_str(&format!("  {} {kind} {names}\n", paint(GOOD, "+")));
        }
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
pub(in crate::report) fn summary(plan: &Plan) -> String {
    let with = |action| plan.with(action).count();
    let is_doubtful = |step: &&Step| step.change.kind == ChangeKind::PerhapsEdited;
    let doubtful = plan.with(Action::Overwrite).filter(is_doubtful).count();
    let parts: Vec<String> = [
        (with(Action::Create), "to create"),
        (with(Action::Update), "to update"),
        (with(Action::Activate), "switched off in the org"),
        (
            with(Action::Overwrite) - doubtful,
            "with somebody else's work in them",
        ),
        (doubtful, "perhaps with somebody's edits in them"),
        (with(Action::Blocked), "not possible by a deploy"),
        (with(Action::Undecided), "could not be read"),
    ]
    .into_iter()
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
