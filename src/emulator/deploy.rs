//! Deploy requests: taken, worked on one at a time, canceled, finished.

mod checks;
mod coverage;
mod execute;
mod package;
mod problem;
mod references;
mod run;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use run::zip_of;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::sf::wire::{DeployOptions, DeployStatus, TestLevel};

use super::condition::Condition;
use super::ids::same_id;
use super::options::{Options, OrgKind};
use super::refusal::Refusal;
use super::state::{Deploy, Stamp, State};

pub use execute::{execute_anonymous, keep_log};

/// Days for which a validation can be deployed (Metadata API guide, `deployRecentValidation()`).
const QUICK_DAYS: i64 = 10;

/// Accepts the deploy of a recent validation, whose tests count; its id.
pub fn quick(state: &mut State, validation: &str, now: Timestamp) -> Result<String, Refusal> {
    let found = get(state, validation)
        .ok_or_else(|| Refusal::new("INVALID_ID_FIELD", "Invalid deploy ID"))?;
    // A deploy ends what was validated before it (Salesforce Help, "Quick Deployments").
    let newest_first = state.deploys.iter().rev();
    let changed_since = newest_first
        .take_while(|deploy| deploy.id != found.id)
        .any(|deploy| !deploy.options.check_only && deploy.outcome.success);
    if changed_since || !is_eligible(state.organization.kind, found, now) {
        return Err(Refusal::new(
            "INVALID_ID_FIELD",
            format!(
                "The validation {validation} cannot be deployed without running its tests again"
            ),
        ));
    }
    let (validated, zip) = (found.id.clone(), found.zip.clone());
    let options = DeployOptions {
        check_only: false,
        run_tests: Vec::new(),
        test_level: None,
        ..found.options.clone()
    };
    Ok(queue(state, options, zip, Some(validated), now))
}

/// Whether a deploy is a validation whose tests ran, passed and covered enough, not long ago.
fn is_eligible(kind: OrgKind, deploy: &Deploy, now: Timestamp) -> bool {
    let tests = deploy.outcome.details.run_test_result.as_ref();
    let ran = tests.is_some_and(|tests| tests.num_tests_run > 0);
    let age = now.as_second() - deploy.completed.unwrap_or(now).as_second();
    deploy.options.check_only
        && deploy.status == DeployStatus::Succeeded
        && deploy.zip.is_some()
        && ran
        && coverage::is_enough(kind, &deploy.options, &deploy.outcome)
        && age <= QUICK_DAYS * 86_400
}

/// Days for which results can be read (Metadata API guide, `deploy()`).
const KEPT_DAYS: i64 = 30;

/// Accepts a deploy; its id.
pub fn submit(
    state: &mut State,
    options: DeployOptions,
    zip: &[u8],
    now: Timestamp,
) -> Result<String, Refusal> {
    refuse_options(state.organization.kind, &options)?;
    let oldest = now.as_second() - KEPT_DAYS * 86_400;
    state
        .deploys
        .retain(|deploy| deploy.created.at.as_second() > oldest);
    let quick = now.as_second() - QUICK_DAYS * 86_400;
    for deploy in &mut state.deploys {
        if deploy.completed.is_some_and(|end| end.as_second() < quick) {
            deploy.zip = None;
        }
    }
    let zip = Some(STANDARD.encode(zip));
    Ok(queue(state, options, zip, None, now))
}

/// A deploy that waits for its turn; its id.
fn queue(
    state: &mut State,
    options: DeployOptions,
    zip: Option<String>,
    validated: Option<String>,
    now: Timestamp,
) -> String {
    // Somebody may still ask for the rows of the one before this.
    let over = state.deploys.iter_mut().filter(|deploy| deploy.done());
    for deploy in over {
        deploy.outcome.put_away();
    }
    let id = state.next_id("0Af");
    let created = Stamp {
        by: state.admin_id(),
        at: now,
    };
    state.deploys.push(Deploy {
        id: id.clone(),
        options,
        created,
        started: None,
        completed: None,
        polls: 0,
        status: DeployStatus::Pending,
        canceled_by: None,
        validated,
        zip,
        outcome: super::state::Outcome::default(),
    });
    id
}

fn refuse_options(kind: OrgKind, options: &DeployOptions) -> Result<(), Refusal> {
    let invalid = |text: &str| Err(Refusal::new("INVALID_OPERATION", text));
    if !options.run_tests.is_empty() && options.test_level != Some(TestLevel::RunSpecifiedTests) {
        return invalid("runTests can be used only with a testLevel of RunSpecifiedTests.");
    }
    if kind == OrgKind::Production && !options.rollback_on_error {
        return invalid("rollbackOnError must be true in production organizations");
    }
    if kind == OrgKind::Production && (options.allow_missing_files || options.auto_update_package) {
        return invalid(
            "allowMissingFiles and autoUpdatePackage must be false in production organizations",
        );
    }
    Ok(())
}

/// The request of that id, 15 or 18 characters.
pub fn get<'a>(state: &'a State, id: &str) -> Option<&'a Deploy> {
    state.deploys.iter().find(|deploy| same_id(&deploy.id, id))
}

/// Answers one status request: moves the deploy on by one step, when it is its turn.
pub fn poll(state: &mut State, id: &str, settings: &Options, now: Timestamp) -> bool {
    let running = state.deploys.iter().position(|deploy| !deploy.done());
    let Some(index) = state
        .deploys
        .iter()
        .position(|deploy| same_id(&deploy.id, id))
    else {
        return false;
    };
    let deploy = &state.deploys[index];
    if deploy.done() || running != Some(index) || state.has(Condition::DeployQueueBusy) {
        return true;
    }
    let deploy = &mut state.deploys[index];
    deploy.polls += 1;
    if deploy.status == DeployStatus::Canceling || deploy.polls > settings.processing.polls {
        finish(state, index, settings, now);
    } else if deploy.polls > 1 && deploy.status == DeployStatus::Pending {
        start(state, index, settings, now);
    }
    true
}

/// Finishes a deploy now.
pub fn complete(state: &mut State, id: &str, settings: &Options, now: Timestamp) {
    let found = state
        .deploys
        .iter()
        .position(|deploy| same_id(&deploy.id, id) && !deploy.done());
    if let Some(index) = found {
        finish(state, index, settings, now);
    }
}

/// Whether time alone has finished a deploy that is still open.
pub fn is_due(state: &State, settings: &Options, now: Timestamp) -> bool {
    !state.has(Condition::DeployQueueBusy)
        && state
            .deploys
            .iter()
            .any(|deploy| !deploy.done() && overdue(deploy, settings, now))
}

/// Finishes what has been open for long enough, in order.
pub fn finish_due(state: &mut State, settings: &Options, now: Timestamp) {
    if state.has(Condition::DeployQueueBusy) {
        return;
    }
    for index in 0..state.deploys.len() {
        let deploy = &state.deploys[index];
        if !deploy.done() && overdue(deploy, settings, now) {
            finish(state, index, settings, now);
        }
    }
}

fn overdue(deploy: &Deploy, settings: &Options, now: Timestamp) -> bool {
    std::time::Duration::try_from(now.duration_since(deploy.created.at))
        .is_ok_and(|age| age >= settings.processing.at_most)
}

/// Cancels a deploy; whether that is done at once.
pub fn cancel(state: &mut State, id: &str, now: Timestamp) -> Result<bool, Refusal> {
    let admin = state.admin_id();
    let deploy = state
        .deploys
        .iter_mut()
        .find(|deploy| same_id(&deploy.id, id))
        .ok_or_else(|| Refusal::new("INVALID_ID_FIELD", "Invalid deploy ID"))?;
    if deploy.done() {
        return Err(Refusal::new(
            "INVALID_ID_FIELD",
            "Deployment already completed",
        ));
    }
    deploy.canceled_by = Some(admin);
    if deploy.status == DeployStatus::Pending {
        deploy.status = DeployStatus::Canceled;
        deploy.completed = Some(now);
        deploy.zip = None;
        return Ok(true);
    }
    deploy.status = DeployStatus::Canceling;
    Ok(false)
}

fn start(state: &mut State, index: usize, settings: &Options, now: Timestamp) {
    let newest = *settings.api_versions.end();
    let deploy = &mut state.deploys[index];
    let total = upload_of(deploy).map(|zip| run::count(&zip, &deploy.options, newest));
    deploy.outcome.total = total.unwrap_or_default();
    deploy.started = Some(now);
    deploy.status = DeployStatus::InProgress;
}

fn finish(state: &mut State, index: usize, settings: &Options, now: Timestamp) {
    let deploy = state.deploys[index].clone();
    let (status, outcome) = if deploy.status == DeployStatus::Canceling {
        (DeployStatus::Canceled, deploy.outcome.clone())
    } else {
        let stamp = Stamp {
            by: deploy.created.by.clone(),
            at: now,
        };
        let zip = upload_of(&deploy).unwrap_or_default();
        let tested = deploy.validated.is_some();
        run::run(state, &deploy.options, &zip, &stamp, settings, tested)
    };
    let deploy = &mut state.deploys[index];
    deploy.started.get_or_insert(now);
    deploy.completed = Some(now);
    deploy.status = status;
    deploy.outcome = outcome;
    if !(deploy.options.check_only && deploy.status == DeployStatus::Succeeded) {
        deploy.zip = None;
    }
}

fn upload_of(deploy: &Deploy) -> Option<Vec<u8>> {
    STANDARD.decode(deploy.zip.as_ref()?).ok()
}
