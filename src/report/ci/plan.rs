//! A plan as Markdown, for a comment of a pull request.

use super::markdown::{append_what_fits, block, escaped};
use super::rows::fields;
use crate::compare::ChangeKind;
use crate::metadata::MetadataType;
use crate::plan::{Action, Plan};
use crate::report::human::plan_summary;
use crate::report::{plain, words};

/// The line by which a comment is found again.
pub const PLAN_MARKER: &str = "<!-- opencx-sf plan -->";

/// What a deploy would change: a verdict, what is new by type, and every other change with its diff.
pub fn plan_markdown(plan: &Plan) -> String {
    let mut out = format!(
        "{PLAN_MARKER}\n## {}: {}\n\n{} · {}\n",
        escaped(&plan.org.target),
        plan_summary(plan),
        escaped(&plan.org.name),
        plan.org.id
    );
    out.push_str(&created(plan));
    let sections = plan.steps.iter().filter_map(|step| {
        let words = match step.action {
            Action::Keep | Action::Create => return None,
            Action::Update => "would be updated",
            Action::Activate => "would be switched on only with `--overwrite`",
            Action::Overwrite if step.change.kind == ChangeKind::PerhapsEdited => {
                "may hold somebody's edits: only with `--overwrite`"
            }
            Action::Overwrite => "holds somebody else's work: only with `--overwrite`",
            Action::Blocked => "can't be changed by a deploy",
            Action::Undecided => "could not be read",
        };
        let change = &step.change;
        let mut lines = fields(change);
        lines.extend(change.note.as_deref().map(plain));
        lines.extend(words::modified(change));
        let kind = format!("{}, {words}", words::kind(change.kind));
        let diff = change.diff.as_deref();
        Some(block(&change.component, &kind, &lines, diff))
    });
    let left_out = append_what_fits(&mut out, sections);
    if left_out > 0 {
        out.push_str(&format!(
            "\n{left_out} more did not fit into a comment; `opencx-sf plan` shows them.\n"
        ));
    }
    out.push_str("\n<sub>opencx-sf plan; nothing was changed in the org</sub>\n");
    out
}

fn created(plan: &Plan) -> String {
    let mut out = String::new();
    for kind in MetadataType::ALL {
        let names: Vec<String> = plan
            .with(Action::Create)
            .filter(|step| step.change.component.kind == kind)
            .map(|step| format!("`{}`", step.change.component.full_name))
            .collect();
        if !names.is_empty() {
            out.push_str(&format!("- new {kind}: {}\n", names.join(", ")));
        }
    }
    match out.is_empty() {
        true => out,
        false => format!("\n{out}\n"),
    }
}
