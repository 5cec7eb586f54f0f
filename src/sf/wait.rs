//! Waiting for a deploy to end.

use super::deploy_id::DeployId;
use super::fault::{Fault, FaultClass};
use super::furthest::Furthest;
use super::polling::Polling;
use super::reader::Reader;
use super::wire::DeployResult;

/// How many answers in a row may be beyond understanding. At the moment when a deploy leaves the
/// queue, orgs have been seen to answer `INVALID_CROSS_REFERENCE_KEY` to a good id.
const MOST_ODD_ANSWERS: u32 = 5;

/// Asks until the org says that the deploy is done, and returns what it said then. `on_progress`
/// gets every answer, the last one included; what it is told is done never becomes less.
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
    let mut furthest = Furthest::default();
    reader.connection().begin_phase(polling.deadline);
    loop {
        clock.sleep(pause).await;
        let answer = reader.deploy_status(id).await;
        let waited = clock.now().saturating_sub(start);
        match answer {
            Ok(result) => {
                on_progress(&furthest.shown(&result));
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
                reader.spare_last_requests()?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::sf::scripted::{Play, Scripted, VirtualClock, json};
    use crate::sf::wire::DeployStatus;

    fn status(word: &str, done: bool, components: u32) -> Play {
        json(
            200,
            &format!(
                r#"{{"deployResult":{{"id":"0Afxx00000001VP","status":"{word}","done":{done},
                "numberComponentsDeployed":{components},"numberComponentsTotal":8}}}}"#
            ),
        )
    }

    fn error(status: u16, code: &str) -> Play {
        json(
            status,
            &format!(r#"[{{"message":"m","errorCode":"{code}"}}]"#),
        )
    }

    /// How waiting ends, the statuses that were reported, and the pauses.
    async fn wait(
        script: impl IntoIterator<Item = Play>,
    ) -> (Result<DeployResult, Fault>, Vec<DeployStatus>, Vec<u128>) {
        let server = Scripted::start(script).await;
        let clock = Arc::<VirtualClock>::default();
        let id = "0Afxx00000001VP".parse().unwrap();
        let mut seen = Vec::new();
        let polling = Polling::new(Duration::from_secs(60));
        let result = wait_for_deploy(&server.reader(&clock), &id, polling, &mut |result| {
            seen.push(result.status.clone());
        })
        .await;
        (result, seen, clock.sleeps())
    }

    #[tokio::test]
    async fn follows_progress_to_the_end() {
        let (result, seen, sleeps) = wait([
            status("Pending", false, 0),
            status("InProgress", false, 2),
            status("Dreaming", false, 7),
            status("Succeeded", true, 8),
        ])
        .await;
        assert_eq!(result.unwrap().status, DeployStatus::Succeeded);
        assert_eq!(seen.len(), 4);
        assert_eq!(seen[2], DeployStatus::Other("Dreaming".to_owned()));
        assert_eq!(sleeps, [500, 750, 1125, 500]);
    }

    #[tokio::test]
    async fn a_final_status_without_done_is_not_the_end() {
        let (result, seen, _) =
            wait([status("Succeeded", false, 8), status("Failed", true, 8)]).await;
        assert_eq!(result.unwrap().status, DeployStatus::Failed);
        assert_eq!(seen.len(), 2);
    }

    #[tokio::test]
    async fn bears_odd_answers_but_not_for_ever() {
        let odd = || error(500, "INVALID_CROSS_REFERENCE_KEY");
        let (result, ..) = wait([odd(), odd(), status("Succeeded", true, 8)]).await;
        assert!(result.is_ok());
        let (result, _, sleeps) = wait((0..9).map(|_| odd())).await;
        assert!(matches!(result, Err(Fault::Rest { status: 500, .. })));
        assert_eq!(sleeps.len(), 6);
    }

    #[tokio::test]
    async fn a_good_answer_forgives_the_odd_ones_before_it() {
        let odd = || error(500, "INVALID_CROSS_REFERENCE_KEY");
        let mut script: Vec<Play> = (0..4).map(|_| odd()).collect();
        script.push(status("InProgress", false, 1));
        script.extend((0..4).map(|_| odd()));
        script.push(status("Succeeded", true, 8));
        let (result, seen, _) = wait(script).await;
        assert_eq!(result.unwrap().status, DeployStatus::Succeeded);
        assert_eq!(seen.len(), 2);
    }

    /// Nobody listens any more.
    #[tokio::test]
    async fn a_connection_that_is_refused_while_the_org_works_leaves_the_end_unknown() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nowhere = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let token = crate::secret::Secret::new("00D000000000062!AQ.very.secret");
        let version = crate::metadata::ApiVersion::new(66);
        let session = crate::sf::session::Session::new(&nowhere, token, version).unwrap();
        let clock = Arc::<VirtualClock>::default();
        let deadlines = crate::sf::transport::Deadlines::default();
        let reader = Reader::with(session, deadlines, Arc::clone(&clock) as _).unwrap();
        let polling = Polling::new(Duration::from_secs(60));
        let id = "0Afxx00000001VP".parse().unwrap();
        let result = wait_for_deploy(&reader, &id, polling, &mut |_| {}).await;
        assert!(matches!(
            result,
            Err(Fault::OutcomeUnknown { cause, .. }) if matches!(*cause, Fault::Unreachable { .. })
        ));
        assert!(reader.requests() > 3, "{}", reader.requests());
    }

    #[tokio::test]
    async fn a_dead_token_ends_it_at_once() {
        let (result, seen, sleeps) = wait([error(401, "INVALID_SESSION_ID")]).await;
        assert!(matches!(result, Err(Fault::TokenRefused { .. })));
        assert_eq!((seen.len(), sleeps.len()), (0, 1));
    }

    #[tokio::test]
    async fn says_that_it_still_runs_when_the_time_is_over() {
        let (result, _, sleeps) = wait((0..20).map(|_| status("Pending", false, 0))).await;
        let Err(Fault::StillRunning { waited, status, .. }) = result else {
            panic!("{result:?}");
        };
        assert_eq!(waited, Duration::from_secs(60));
        assert_eq!(status, Some(DeployStatus::Pending));
        assert_eq!(sleeps[..3], [500, 750, 1125]);
    }

    #[tokio::test]
    async fn does_not_know_the_end_when_contact_is_lost() {
        let (result, ..) = wait((0..99).map(|_| Play::Reset)).await;
        assert!(matches!(
            result,
            Err(Fault::OutcomeUnknown { cause, .. }) if matches!(*cause, Fault::ConnectionLost { .. })
        ));
    }
}
