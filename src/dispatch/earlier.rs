//! What earlier runs left open, and what else the org is busy with.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Error, Event, LOCAL, LOOKING, NEVER_RECEIVED, Sink, ended, looking, sought};
use crate::journal::{Entry, Journal, Ledger, Position, Run, Sent};
use crate::metadata::OrgId;
use crate::provenance::{History, Listed};
use crate::sf::{self, DeployId, DeployRequest, Fault, Found, Reader};

/// How far the clocks of an org and of this machine may differ.
const JUST: SignedDuration = SignedDuration::from_mins(1);

/// What came before this run.
#[derive(Debug)]
pub struct Past {
    /// The deploys that the org knows of, the newest first.
    pub requests: Vec<DeployRequest>,
    /// Earlier runs on the same org, oldest first.
    pub runs: Vec<Run>,
    /// Whether no deploy was under way, and none of others had just ended, when the org was asked: then
    /// it can be read at the same time.
    pub was_at_rest: bool,
}

impl Past {
    /// The ids of the deploys that the org knows of.
    pub fn known(&self) -> Vec<DeployId> {
        let requests = self.requests.iter();
        requests.map(|request| request.id.clone()).collect()
    }

    /// What is remembered of deploys to the org.
    pub fn history(&self, now: Timestamp) -> History {
        History {
            deploys: Listed::Deploys(self.requests.clone()),
            runs: self.runs.clone(),
            now,
        }
    }
}

/// Finds out how everything ended that earlier runs on this machine left open, and waits until the
/// org has no other deploy to do: what is planned now must not be planned on sand. `requests` is
/// what the org just said of its deploys.
///
/// # Errors
/// [`Error::Unsettled`] while a request of an earlier run may still arrive, [`Error::Busy`] when
/// the org has something to do for longer than `wait`.
pub async fn settle(
    reader: &Reader,
    org: &OrgId,
    ledger: &Ledger,
    requests: Vec<DeployRequest>,
    wait: Duration,
    sink: &mut Sink<'_>,
) -> Result<Past, Error> {
    let mut requests = requests;
    let mut runs = ledger.runs()?;
    runs.retain(|run| run.begin.org == *org);
    let mut asked = false;
    for run in runs.iter().filter(|run| !run.finished) {
        let mut journal = ledger.resume(run)?;
        asked |= settle_run(reader, run, &mut journal, wait, sink).await?;
        journal.append(&Entry::Finished)?;
    }
    if asked {
        requests = reader.deploy_requests().await?;
        runs = ledger.runs()?;
        runs.retain(|run| run.begin.org == *org);
    }
    let now = reader.clock().wall();
    let is_at_rest = !asked
        && !requests.iter().any(DeployRequest::is_open)
        && !requests
            .iter()
            .any(|request| has_just_ended(request, &runs, now));
    let requests = idle(reader, requests, wait, sink).await?;
    Ok(Past {
        requests,
        runs,
        was_at_rest: is_at_rest,
    })
}

/// Whether a deploy may have ended while this run began to read, by the clocks of the org and of this
/// machine, which differ. One whose end is in a journal ended before.
fn has_just_ended(request: &DeployRequest, runs: &[Run], now: Timestamp) -> bool {
    let is_past = || {
        let mut deploys = runs.iter().flat_map(|run| &run.deploys);
        deploys.any(|deploy| deploy.id == request.id && deploy.success.is_some())
    };
    let dates = [&request.completed, &request.created].into_iter();
    let ended: Option<Timestamp> = dates.flat_map(|date| date.parse()).next();
    !request.check_only
        && ended.is_none_or(|ended| now.duration_since(ended).abs() < JUST)
        && !is_past()
}

/// Whether the org had to be asked.
async fn settle_run(
    reader: &Reader,
    run: &Run,
    journal: &mut Journal,
    wait: Duration,
    sink: &mut Sink<'_>,
) -> Result<bool, Error> {
    let id = match &run.position {
        Position::Settled => return Ok(false),
        Position::Running(id) => {
            sink(Event::Earlier(run));
            Some(id.clone())
        }
        Position::Sending(sent) => {
            sink(Event::Earlier(run));
            find(reader, &run.begin.user, sent, wait).await?
        }
    };
    let Some(id) = id else {
        journal.append(&Entry::NotTaken {
            reason: "the org has no such deploy".to_owned(),
        })?;
        return Ok(true);
    };
    if matches!(run.position, Position::Sending(_)) {
        journal.append(&Entry::Taken {
            id: id.clone(),
            found: true,
        })?;
    }
    let polling = reader.polling(wait);
    let waited = sf::wait_for_deploy(reader, &id, polling, &mut |progress| {
        sink(Event::Progress(progress));
    })
    .await;
    match waited {
        Ok(result) => journal.append(&ended(&id, &result, reader.clock().wall()))?,
        // Results are kept for 30 days; what it did is in the org, and is read there.
        Err(Fault::NotFound { text }) => journal.append(&Entry::NotTaken { reason: text })?,
        Err(fault) => {
            return Err(Error::Fault {
                fault: Box::new(fault),
                started: Some(id),
            });
        }
    }
    Ok(true)
}

/// The request that an earlier run was about to send; `None` when the org never received it.
async fn find(
    reader: &Reader,
    user: &str,
    sent: &Sent,
    wait: Duration,
) -> Result<Option<DeployId>, Error> {
    let never = if reader.session().instance_url.is_loopback() {
        LOCAL
    } else {
        NEVER_RECEIVED
    };
    // A clock that was set back makes the request look young: that is the safe side.
    let age = Duration::try_from(reader.clock().wall().duration_since(sent.at)).unwrap_or_default();
    let rest = never.saturating_sub(age);
    let looked = rest.min(wait.max(LOOKING));
    let unsettled = |candidates, cause| Error::Unsettled { candidates, cause };
    let sought = sought(user, sent);
    let mut found = sf::find_deploy(reader, &sought, looking(reader, looked)).await;
    // In the queue it has no rows yet that would tell whose it is.
    if matches!(found, Ok(Found::Unclear(_))) {
        found = sf::find_deploy(reader, &sought, looking(reader, LOOKING)).await;
    }
    match found {
        Ok(Found::Taken(id)) => Ok(Some(id)),
        Ok(Found::Nothing) if looked >= rest => Ok(None),
        Ok(Found::Nothing) => Err(unsettled(Vec::new(), None)),
        Ok(Found::Unclear(candidates)) => Err(unsettled(candidates, None)),
        Err(fault) => Err(unsettled(Vec::new(), Some(Box::new(fault)))),
    }
}

/// Waits until the org has no deploy to do, and says which it knows then.
async fn idle(
    reader: &Reader,
    mut requests: Vec<DeployRequest>,
    wait: Duration,
    sink: &mut Sink<'_>,
) -> Result<Vec<DeployRequest>, Error> {
    let clock = reader.clock();
    let polling = reader.polling(wait);
    let start = clock.now();
    let mut pause = polling.first;
    while let Some(open) = requests.iter().find(|request| request.is_open()) {
        if clock.now().saturating_sub(start) >= wait {
            return Err(Error::Busy(Box::new(open.clone())));
        }
        sink(Event::Busy(open));
        clock.sleep(pause).await;
        pause = polling.next(pause, 0, 0, 0);
        requests = reader.deploy_requests().await?;
    }
    Ok(requests)
}
