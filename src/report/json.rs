//! The JSON that scripts read: one object per run, with the version of its form.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use crate::bundle::Entry;
use crate::compare::{Change, ChangeKind};
use crate::conversation::Conversation;
use crate::deploy::Outcome;
use crate::diag::Diagnostic;
use crate::diagnosis::{self, Sent};
use crate::doctor::{Examination, Finding, Verdict};
use crate::forwarding::Confirmation;
use crate::plan::{OrgFacts, Plan};
use crate::report::OrgLine;
use crate::sf::wire::{DeployResult, DeployStatus};
use crate::simulate::Simulation;
use crate::verify::{Status, Verification};
use crate::{rollback, trace, uninstall};

/// Version of every form in this module; a member may be added within a version, none is removed
/// or changes its meaning.
pub const FORMAT_VERSION: u32 = 1;

/// The JSON Schema of what every command prints with `--json`, but for `drift`.
pub fn commands_schema() -> &'static str {
    include_str!("commands.schema.json")
}

fn document(command: &str, status: &str, body: Value) -> String {
    let mut document = json!({
        "formatVersion": FORMAT_VERSION,
        "command": command,
        "status": status,
    });
    if let (Value::Object(document), Value::Object(body)) = (&mut document, body) {
        document.extend(body);
    }
    // Serialising a `Value` cannot fail: its keys are strings.
    format!("{document:#}\n")
}

/// What the org found wrong, explained.
fn problems(result: &DeployResult, sent: Sent<'_>) -> Value {
    value(&diagnosis::problems(result, sent))
}

fn all_problems<'a>(results: impl Iterator<Item = &'a DeployResult>) -> Value {
    let found = results.flat_map(|result| diagnosis::problems(result, Sent::default()));
    value(&found.collect::<Vec<_>>())
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or(Value::Null)
}

/// `plan`: status `no-changes`, `changes` or `undetermined`.
pub fn plan(plan: &Plan) -> String {
    let status = if plan.is_undecided() {
        "undetermined"
    } else if plan.is_empty() {
        "no-changes"
    } else {
        "changes"
    };
    document("plan", status, value(plan))
}

/// `simulate`: status `passed`, `failed` or `undetermined`.
pub fn simulation(simulation: &Simulation) -> String {
    let status = if simulation.failed() {
        "failed"
    } else if simulation.is_undetermined() {
        "undetermined"
    } else {
        "passed"
    };
    document("simulate", status, value(simulation))
}

/// `doctor`: status `passed`, `failed` or `undetermined`.
pub fn examination(examination: &Examination) -> String {
    let has = |verdict| examination.of(verdict).next().is_some();
    let status = if has(Verdict::Failed) {
        "failed"
    } else if examination.is_undetermined() {
        "undetermined"
    } else {
        "passed"
    };
    document("doctor", status, value(examination))
}

/// `miaw check`: status `passed`, `failed` or `undetermined`.
pub fn messaging_settings(findings: &[Finding]) -> String {
    let has = |verdict| findings.iter().any(|finding| finding.verdict == verdict);
    let status = if has(Verdict::Failed) {
        "failed"
    } else if has(Verdict::Unknown) {
        "undetermined"
    } else {
        "passed"
    };
    document(
        "miaw check",
        status,
        json!({ "findings": value(&findings) }),
    )
}

/// `doctor --case`: status `passed`, `failed` or `undetermined`.
pub fn conversation(conversation: &Conversation) -> String {
    let has = |verdict| conversation.of(verdict).next().is_some();
    let status = if has(Verdict::Failed) {
        "failed"
    } else if has(Verdict::Unknown) {
        "undetermined"
    } else {
        "passed"
    };
    document(
        "doctor",
        status,
        json!({ "conversation": value(conversation) }),
    )
}

/// `trace`: status `passed`, `failed`, `undetermined`, `nothing-happened` or `interrupted`.
pub fn trace(outcome: &trace::Outcome) -> String {
    let status = match outcome.ending {
        trace::Ending::NothingHappened => "nothing-happened",
        trace::Ending::Interrupted => "interrupted",
        trace::Ending::Told if outcome.has_failed() => "failed",
        trace::Ending::Told if outcome.is_undetermined() => "undetermined",
        trace::Ending::Told => "passed",
    };
    document("trace", status, value(outcome))
}

/// `support-bundle`: status `written` or `listed`.
pub fn bundle(path: Option<&Path>, entries: &[Entry]) -> String {
    let status = if path.is_some() { "written" } else { "listed" };
    let path = path.map(|path| path.display().to_string());
    let body = json!({ "path": path, "files": value(&entries) });
    document("support-bundle", status, body)
}

/// `forwarding-code`: status `found`.
pub fn forwarding_code(confirmation: &Confirmation, at: &str) -> String {
    let body = json!({ "confirmation": value(confirmation), "received": at });
    document("forwarding-code", "found", body)
}

/// `orgs`: status `reached`, or `incomplete` when one of them was not.
pub fn orgs(lines: &[OrgLine]) -> String {
    let reached = lines.iter().all(|line| line.standing.is_ok());
    let orgs: Vec<Value> = lines
        .iter()
        .map(|line| {
            let production = match &line.standing {
                Ok(standing) => standing.is_production(),
                Err(_) => true,
            };
            json!({
                "target": line.name,
                "treatedAsProduction": production,
                "declaredProduction": line.declared_production,
                "pinnedOrgId": line.pinned.as_ref().map(ToString::to_string),
                "standing": line.standing.as_ref().ok(),
                "findings": line.standing.as_ref().err().map_or(&[][..], Vec::as_slice),
            })
        })
        .collect();
    let status = if reached { "reached" } else { "incomplete" };
    document("orgs", status, json!({ "orgs": orgs }))
}

/// `verify`: status `passed`, `failed` or `undetermined`.
pub fn verification(org: &OrgFacts, verification: &Verification) -> String {
    let status = verification_status(verification);
    document(
        "verify",
        status,
        json!({ "org": value(org), "verification": value(verification) }),
    )
}

fn low_coverage(outcome: &Outcome) -> bool {
    let coverage = outcome.coverage.as_ref();
    coverage.is_some_and(|check| check.status == Status::Failed)
}

fn is_not_assigned(outcome: &Outcome) -> bool {
    let assignment = outcome.assignment.as_ref();
    assignment.is_some_and(|assignment| assignment.is_refused() || assignment.is_unknown())
}

/// How a deploy ended, in a word: `deployed`, `validated`, `unchanged`, `running`, `failed`,
/// `partly-deployed`, `verify-failed`, `coverage-too-low`, `not-assigned` or `undetermined`.
pub fn deploy_status(outcome: &Outcome) -> &'static str {
    match (&outcome.deploy, &outcome.verification) {
        _ if outcome.running.is_some() => "running",
        _ if outcome.is_contradictory() => "undetermined",
        _ if outcome.is_partial() => "partly-deployed",
        (Some(result), _) if !result.success => "failed",
        (_, Some(verification)) if verification.failed() => "verify-failed",
        (_, Some(verification)) if verification.is_undetermined() => "undetermined",
        _ if low_coverage(outcome) => "coverage-too-low",
        _ if is_not_assigned(outcome) => "not-assigned",
        (None, _) => "unchanged",
        _ if outcome.check_only => "validated",
        _ => "deployed",
    }
}

/// `deploy`: its outcome under the status of [`deploy_status`]. One that was undone says how that went.
pub fn deploy(
    outcome: &Outcome,
    sent: Sent<'_>,
    undone: Option<Result<&rollback::Outcome, &[Diagnostic]>>,
) -> String {
    let mut body = deploy_body(outcome, sent);
    if let Some(undone) = undone {
        body["rollback"] = match undone {
            Ok(undone) => rollback_body(undone),
            Err(findings) => json!({ "status": "error", "findings": value(&findings) }),
        };
    }
    document("deploy", deploy_status(outcome), body)
}

/// What `deploy` says beside its status.
pub(super) fn deploy_body(outcome: &Outcome, sent: Sent<'_>) -> Value {
    let mut body = value(outcome);
    if let Some(result) = &outcome.deploy {
        body["problems"] = problems(result, sent);
        let warnings = diagnosis::warnings(result).into_iter();
        body["warnings"] = warnings
            .map(|(component, text)| json!({ "component": component, "text": text }))
            .collect();
    }
    body
}

/// `uninstall`: status `removed`, `left` or `undetermined`.
pub fn uninstall(outcome: &uninstall::Outcome) -> String {
    let status = match (outcome.left.is_empty(), outcome.unknown.is_empty()) {
        (true, true) => "removed",
        (false, _) => "left",
        (true, false) => "undetermined",
    };
    let mut body = value(outcome);
    body["problems"] = all_problems(outcome.deploys.iter().chain(&outcome.deactivation));
    document("uninstall", status, body)
}

/// `rollback`: status `undone`, `nothing-to-undo` or `failed`.
pub fn rollback(outcome: &rollback::Outcome) -> String {
    let body = rollback_body(outcome);
    document("rollback", rollback_status(outcome), body)
}

fn rollback_status(outcome: &rollback::Outcome) -> &'static str {
    match (outcome.is_done(), &outcome.deploy) {
        (true, None) => "nothing-to-undo",
        (true, Some(_)) => "undone",
        (false, _) => "failed",
    }
}

fn rollback_body(outcome: &rollback::Outcome) -> Value {
    let mut body = value(outcome);
    body["status"] = rollback_status(outcome).into();
    body["problems"] = all_problems(outcome.deploy.iter());
    body
}

/// `report` and `cancel`: status `running`, `succeeded`, `failed` or `canceled`.
pub fn report(org: &OrgFacts, result: &DeployResult, sent: Sent<'_>) -> String {
    let status = match (&result.status, result.done, result.success) {
        (_, false, _) => "running",
        (_, true, true) => "succeeded",
        (DeployStatus::Canceled, ..) => "canceled",
        _ => "failed",
    };
    document(
        "report",
        status,
        json!({
            "org": value(org),
            "deploy": value(result),
            "problems": problems(result, sent),
        }),
    )
}

/// `lint`: status `passed` or `findings`.
pub fn lint(findings: &[Diagnostic]) -> String {
    let status = if findings.is_empty() {
        "passed"
    } else {
        "findings"
    };
    document("lint", status, json!({ "findings": value(&findings) }))
}

/// `render --check`: status `same` or `different`, with the paths.
pub fn render_check(differences: &[(String, &'static str)]) -> String {
    let rows: Vec<Value> = differences
        .iter()
        .map(|(path, difference)| json!({ "path": path, "difference": difference }))
        .collect();
    let status = if rows.is_empty() { "same" } else { "different" };
    document("render", status, json!({ "files": rows }))
}

/// Any command that ended before it had a result.
pub fn failure(command: &str, findings: &[Diagnostic]) -> String {
    document(command, "error", json!({ "findings": value(&findings) }))
}

fn verification_status(verification: &Verification) -> &'static str {
    if verification.failed() {
        "failed"
    } else if verification.is_undetermined() {
        "undetermined"
    } else {
        "passed"
    }
}

/// How many components of a list stand in each way, for one-line summaries.
pub fn count(changes: &[Change], kind: ChangeKind) -> usize {
    changes.iter().filter(|change| change.kind == kind).count()
}
