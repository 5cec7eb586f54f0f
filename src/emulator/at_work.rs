//! The org that is served at work: what API clients write and anonymous code does reaches its
//! triggers, its jobs run when they are due, and all of it stays in the org's state.

use jiff::{SignedDuration, Timestamp};

use super::callouts::{self, Exchanges};
use super::compile;
use super::org::EmulatedOrg;
use super::refusal::Refusal;
use super::runtime::{Left, Pending};
use super::serving::{keep, serving};
use super::state::State;
use super::{Error, records};

/// Rows of jobs go this long after their end (Apex Reference Guide, `System.purgeOldAsyncJobs`).
const JOBS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Somebody who took work and has not finished it by then is gone.
const ABANDONED: SignedDuration = SignedDuration::from_mins(5);

/// A transaction that was not committed.
enum Undone<E> {
    WaitsForAnswer,
    Failed(E),
}

impl<E: From<Error>> From<Error> for Undone<E> {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

impl EmulatedOrg {
    /// Changes the state by Apex whose callouts leave. Work that it queued is announced.
    pub(super) fn transact<T, E: From<Error>>(
        &self,
        change: impl Fn(&mut State, &Exchanges) -> Result<T, E>,
    ) -> Result<T, E> {
        let exchanges = Exchanges::default();
        loop {
            exchanges.rewind();
            let mut waits = false;
            let done = self.update(|state| {
                let done = change(state, &exchanges).map_err(Undone::Failed)?;
                if exchanges.wanted().is_some() {
                    return Err(Undone::WaitsForAnswer);
                }
                waits = !state.activity.pending.is_empty();
                Ok(done)
            });
            match (done, exchanges.wanted()) {
                (Ok(done), _) => {
                    if waits {
                        self.announce_work();
                    }
                    return Ok(done);
                }
                (Err(Undone::Failed(error)), _) => return Err(error),
                (Err(Undone::WaitsForAnswer), Some(call)) => {
                    let reply = callouts::send(&self.endpoints()?, &call);
                    exchanges.answer(call, reply);
                }
                (Err(Undone::WaitsForAnswer), None) => {}
            }
        }
    }

    /// Runs all jobs and delivers all events that are due, one after the other until it is to stop;
    /// when the next one is due.
    pub(super) fn work_off(&self, stops: impl Fn() -> bool) -> Result<Option<Timestamp>, Error> {
        loop {
            if stops() {
                return Ok(None);
            }
            let now = self.options().clock.now();
            let next = self.state()?.activity.pending.clone();
            if !next.iter().any(|pending| is_free(pending, now)) {
                return Ok(next.iter().map(|pending| pending.due.max(now)).min());
            }
            let Some(claimed) = self.update(|state| Ok::<_, Error>(claim(state, now)))? else {
                continue;
            };
            self.transact(|state, exchanges| {
                perform(state, &claimed, exchanges.clone(), now);
                Ok::<(), Error>(())
            })?;
        }
    }
}

fn is_free(pending: &Pending, now: Timestamp) -> bool {
    pending.due <= now
        && pending
            .claimed
            .is_none_or(|since| now.duration_since(since) > ABANDONED)
}

/// Takes what is due first, so that nobody else does; its job is shown as running.
fn claim(state: &mut State, now: Timestamp) -> Option<Pending> {
    let pending = state
        .activity
        .pending
        .iter_mut()
        .filter(|pending| is_free(pending, now))
        .min_by_key(|pending| pending.due)?;
    pending.claimed = Some(now);
    let claimed = pending.clone();
    let row = claimed.job().and_then(|job| {
        let mut records = state.records.iter_mut();
        records.find(|record| record.id == job.id)
    });
    if let Some(row) = row {
        row.fields.insert("Status".to_owned(), "Processing".into());
    }
    Some(claimed)
}

fn perform(state: &mut State, claimed: &Pending, exchanges: Exchanges, now: Timestamp) {
    state.activity.pending.retain(|pending| pending != claimed);
    let left = match compile::program(state) {
        Ok(program) => {
            let serving = serving(state, exchanges, now);
            records::with_database(state, |database| {
                program.work_off(database, serving, claimed)
            })
        }
        Err(refusal) => Left::failed(now, &refusal_text(&refusal)),
    };
    keep(state, left);
    forget_old_jobs(state, now);
}

fn forget_old_jobs(state: &mut State, now: Timestamp) {
    state.records.retain(|record| {
        let ended = || {
            let text = record.fields.get("CompletedDate")?.as_str()?;
            text.replace("+0000", "Z").parse::<Timestamp>().ok()
        };
        record.object != "AsyncApexJob"
            || ended().is_none_or(|end| now.duration_since(end) <= JOBS_KEPT_FOR)
    });
}

fn refusal_text(refusal: &Refusal) -> String {
    format!("a job was not run: {}", refusal.message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::options::Options;
    use super::super::record::Record;
    use super::super::users;
    use super::*;

    #[test]
    fn jobs_that_ended_long_ago_are_forgotten() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let mut state = users::new_org(&Options::default(), now);
        let ends = [
            json!("2026-03-03T11:59:59.000+0000"),
            json!("2026-03-03T12:00:00.000+0000"),
            json!(null),
        ];
        for (number, end) in ends.into_iter().enumerate() {
            let fields = json!({ "CompletedDate": end });
            state.records.push(Record {
                object: "AsyncApexJob".to_owned(),
                id: number.to_string(),
                deleted: false,
                fields: fields.as_object().cloned().unwrap_or_default(),
            });
        }
        forget_old_jobs(&mut state, now);
        let left: Vec<&str> = state.records.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(left, ["1", "2"]);
    }
}
