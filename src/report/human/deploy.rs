//! How a deploy went.

use super::Detail;
use super::problems::problems;
use super::rows::{count, home, line};
use super::verify::{check, next, proof};
use crate::assign::{Assignment, State};
use crate::deploy::{Outcome, Repeated};
use crate::diagnosis::Sent;
use crate::plan::OrgFacts;
use crate::report::plain;
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};
use crate::sf::wire::{DeployResult, DeployStatus};

/// What came after the plan: the org's result, what was read back, and where to look.
pub fn deploy(outcome: &Outcome, sent: Sent<'_>, detail: Detail) -> String {
    let mut out = String::new();
    for done in &outcome.earlier {
        let text = format!("{}: {}", done.package, headline(&done.result, outcome));
        out.push_str(&line("Deploy", &text));
    }
    if let Some(Repeated { first, unseen }) = &outcome.repeated {
        let text = format!(
            "{}: the org's compiler did not know {} yet, which the package brings; sent once more  {}",
            paint(WARN, "refused"),
            plain(unseen),
            paint(DIM, first.as_str())
        );
        out.push_str(&line("Deploy", &text));
    }
    if let Some(result) = &outcome.deploy {
        let name = outcome.package.as_ref().map(|name| format!("{name}: "));
        let text = headline(result, outcome);
        out.push_str(&line(
            "Deploy",
            &format!("{}{text}", name.unwrap_or_default()),
        ));
        out.push_str(&problems(result, sent));
    }
    if let Some(id) = &outcome.running {
        let text = format!(
            "{} to the org  {}",
            paint(WARN, "left"),
            paint(DIM, id.as_str())
        );
        out.push_str(&line("Deploy", &text));
        out.push_str(&format!(
            "  see how it ends with `opencx-sf report {id} --target-org {}`\n",
            outcome.plan.org.target
        ));
    }
    if outcome.is_partial() {
        out.push_str(&format!(
            "  {} the org took a part of it; what it holds now is below\n",
            paint(BAD, "✗")
        ));
    }
    if outcome.is_contradictory() {
        out.push_str(&format!(
            "  {} the org says success, and that something failed; what it holds is below\n",
            paint(WARN, "?")
        ));
    }
    if !outcome.pending.is_empty() {
        let text = format!("{}: not tried", outcome.pending.join(", "));
        out.push_str(&line("Deploy", &text));
    }
    if !outcome.deployed() && !outcome.earlier.is_empty() {
        out.push_str("  after the repair run `opencx-sf deploy` again: it goes on from here\n");
    }
    let tests = outcome.tests.iter().chain(&outcome.coverage);
    let tests: Vec<_> = tests.cloned().collect();
    match &outcome.verification {
        Some(verification) => out.push_str(&proof(verification, &tests, detail)),
        None => out.extend(tests.iter().map(check)),
    }
    if let Some(assignment) = &outcome.assignment {
        out.push_str(&given(assignment));
    }
    if outcome.deployed() && !outcome.check_only && outcome.running.is_none() {
        out.push_str(&line("Where", &home(&outcome.plan.org)));
        let target = &outcome.plan.org.target;
        let then = [
            format!(
                "`opencx-sf doctor --target-org {target}` looks at the rest of the way: routing address, users, limits"
            ),
            format!(
                "`opencx-sf drift --target-org {target}` finds what anybody changes from now on"
            ),
        ];
        out.push_str(&next(outcome.verification.as_ref(), then));
    }
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

/// What the integration user was given.
fn given(assignment: &Assignment) -> String {
    let user = plain(&assignment.username);
    let mut out = String::new();
    for set in &assignment.sets {
        let name = set.component.full_name.as_str();
        let text = match &set.state {
            State::Held => format!("{name}: {user} had it"),
            State::Given => format!("{name}: {} to {user}", paint(GOOD, "given")),
            State::Refused { text, .. } => {
                format!(
                    "{name}: {} to {user}: {}",
                    paint(BAD, "not given"),
                    plain(text)
                )
            }
            State::Unknown { reason } => format!(
                "{name}: {} whether {user} has it: {}",
                paint(WARN, "not known"),
                plain(reason)
            ),
        };
        out.push_str(&line("Assign", &text));
        if let State::Refused { help, .. } = &set.state {
            out.push_str(&format!("      {}\n", paint(DIM, plain(help))));
        }
    }
    out
}

/// `report` and `cancel`: how a deploy stands or ended.
pub fn report(org: &OrgFacts, result: &DeployResult, sent: Sent<'_>) -> String {
    let id = paint(DIM, plain(&result.id));
    let what = if result.check_only {
        "Validation"
    } else {
        "Deploy"
    };
    let state = match (result.done, result.success, &result.status) {
        (false, ..) => format!("{}: {}", paint(WARN, "not over"), progress(result)),
        (true, true, _) => paint(GOOD, "succeeded"),
        // Only what was still in the queue is certainly not in the org.
        (true, false, DeployStatus::Canceled) if result.start_date.is_some() => format!(
            "{}; an org keeps nothing of it as a rule: `opencx-sf plan` shows what it holds",
            paint(WARN, "canceled")
        ),
        (true, false, DeployStatus::Canceled) => {
            format!("{}; nothing of it is in the org", paint(WARN, "canceled"))
        }
        (true, false, DeployStatus::SucceededPartial) => format!(
            "{}: what did not fail is in the org",
            paint(BAD, "succeeded in part")
        ),
        (true, false, status) => {
            let word = plain(&status.to_string());
            format!(
                "{} ({word}); nothing of it is in the org",
                paint(BAD, "failed")
            )
        }
    };
    let seconds = duration(result)
        .map(|text| format!(" in {text}"))
        .unwrap_or_default();
    let mut out = line(what, &format!("{state}{seconds}  {id}"));
    let by = result.created_by_name.as_deref().unwrap_or_default();
    let created = result.created_date.as_deref().unwrap_or_default();
    out.push_str(&line("By", &plain(&format!("{by} on {created}"))));
    out.push_str(&problems(result, sent));
    out.push_str(&line("Where", &home(org)));
    if !result.done {
        let next = format!(
            "ask again, or stop it with `opencx-sf cancel {} --target-org {}`",
            plain(&result.id),
            org.target
        );
        out.push_str(&line("Next", &next));
    }
    out
}

fn headline(result: &DeployResult, outcome: &Outcome) -> String {
    let id = paint(DIM, &result.id);
    let components = count(result.number_components_total as usize, "component");
    let seconds = duration(result)
        .map(|text| format!(" in {text}"))
        .unwrap_or_default();
    let left = if outcome.earlier.is_empty() {
        "the org is as it was"
    } else {
        "nothing of it is in the org"
    };
    match (result.success, &result.status) {
        (true, _) if outcome.check_only => {
            format!(
                "{} {components}{seconds}, nothing was changed  {id}",
                paint(GOOD, "validated")
            )
        }
        (_, DeployStatus::SucceededPartial) => {
            format!(
                "{} {components}{seconds}  {id}",
                paint(BAD, "succeeded in part")
            )
        }
        (true, _) => format!("{} {components}{seconds}  {id}", paint(GOOD, "succeeded")),
        (false, DeployStatus::Canceled) if outcome.is_canceled_in_doubt() => format!(
            "{}; below API 65 an org may have kept it: what it holds is below  {id}",
            paint(WARN, "canceled")
        ),
        (false, DeployStatus::Canceled) => {
            format!("{}; {left}  {id}", paint(WARN, "canceled"))
        }
        _ => format!("{}; {left}  {id}", paint(BAD, "failed")),
    }
}

fn duration(result: &DeployResult) -> Option<String> {
    let parse = |text: &str| -> Option<jiff::Timestamp> { text.replace("+0000", "Z").parse().ok() };
    let start = parse(result.start_date.as_deref()?)?;
    let end = parse(result.completed_date.as_deref()?)?;
    // An end before the start tells nothing.
    let milliseconds = end.as_millisecond().checked_sub(start.as_millisecond())?;
    let tenths = (u64::try_from(milliseconds).ok()? + 50) / 100;
    Some(format!("{}.{} s", tenths / 10, tenths % 10))
}

/// One line about where a running deploy stands.
pub fn progress(result: &DeployResult) -> String {
    let status = match &result.status {
        DeployStatus::Pending => "waiting in the org's queue".to_owned(),
        DeployStatus::InProgress => "in progress".to_owned(),
        DeployStatus::Succeeded => "succeeded".to_owned(),
        DeployStatus::SucceededPartial => "succeeded in part".to_owned(),
        DeployStatus::Failed => "failed".to_owned(),
        DeployStatus::Canceling => "canceling".to_owned(),
        DeployStatus::Canceled => "canceled".to_owned(),
        DeployStatus::Finalizing => "finalizing".to_owned(),
        DeployStatus::FinalizingFailed => "finalizing failed".to_owned(),
        DeployStatus::Other(text) => plain(text),
    };
    let mut out = format!(
        "{status}: {}/{} components",
        result.number_components_deployed, result.number_components_total
    );
    if result.run_tests_enabled && result.number_tests_total > 0 {
        let (done, total) = (result.number_tests_completed, result.number_tests_total);
        out.push_str(&format!(", {done}/{total} tests"));
    }
    if let Some(detail) = &result.state_detail {
        out.push_str(&format!(", {}", plain(detail)));
    }
    out
}
