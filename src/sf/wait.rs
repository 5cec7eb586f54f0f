//! Waiting for a deploy to end.

use super::deploy_id::DeployId;
use super::fault::{Fault, FaultClass};
use super::polling::Polling;
use super::reader::Reader;
use super::wire::DeployResult;

/// How many answers in a row may be beyond understanding. At the moment when a deploy leaves the
/// queue, orgs have been seen to answer `INVALID_CROSS_REFERENCE_KEY` to a good id.
const MOST_ODD_ANSWERS: u32 = 5;

/// Asks until the org says that the deploy is done, and returns what it said then. `on_progress`
/// gets every answer, the last one included.
///
/// Losing contact does not end the waiting: the org goes on without us. Every look retries by
/// itself, and only the deadline or a fault that time does not heal ends it.
///
/// # Errors
/// [`Fault::StillRunning`] when the time is over and the last look brought an answer,
/// [`Fault::OutcomeUnknown`] when it brought none, [`Fault::TokenRefused`] and other permanent
/// faults as they are: the deploy goes on, and can be waited for again.
pub async fn wait_for_deploy(
    reader: &Reader,
    id: &DeployId,
    polling: Polling,
    on_progress: &mut dyn FnMut(&DeployResult),
) -> Result<DeployResult, Fault> {
    let clock = reader.connection().clock();
    let start = clock.now();
    let mut pause = polling.first;
    let mut before = 0;
    let mut odd_answers = 0;
    loop {
        clock.sleep(pause).await;
        let answer = reader.deploy_status(id).await;
        let waited = clock.now().saturating_sub(start);
        match answer {
            Ok(result) => {
                on_progress(&result);
                if result.done {
                    return Ok(result);
                }
                if waited >= polling.deadline {
                    return Err(Fault::StillRunning {
                        id: id.clone(),
                        waited,
                        status: Some(result.status),
                    });
                }
                odd_answers = 0;
                let (done, total) = progress(&result);
                pause = polling
                    .next(pause, before, done, total)
                    .min(polling.deadline - waited);
                before = done;
            }
            Err(fault) => {
                odd_answers += u32::from(is_odd(&fault));
                let heals = fault.class() == FaultClass::Transient
                    || is_odd(&fault) && odd_answers <= MOST_ODD_ANSWERS;
                if !heals {
                    return Err(fault);
                }
                if waited >= polling.deadline {
                    return Err(Fault::OutcomeUnknown {
                        what: "the end of the deploy",
                        cause: Box::new(fault),
                    });
                }
                pause = polling.next(pause, 0, 0, 0).min(polling.deadline - waited);
            }
        }
    }
}

/// Steps done and steps in all. Both totals grow: tests are counted when the components are in.
fn progress(result: &DeployResult) -> (u32, u32) {
    let done = [
        result.number_components_deployed,
        result.number_component_errors,
        result.number_tests_completed,
        result.number_test_errors,
    ];
    let done = done.into_iter().fold(0, u32::saturating_add);
    let total = result
        .number_components_total
        .saturating_add(result.number_tests_total);
    (done, total)
}

fn is_odd(fault: &Fault) -> bool {
    match fault {
        Fault::Rest { errors, .. } => errors
            .iter()
            .any(|error| error.error_code == "INVALID_CROSS_REFERENCE_KEY"),
        Fault::Unparsable { .. } | Fault::UnexpectedContent { .. } => true,
        _ => false,
    }
}
