//! The org that is served at work: what API clients write and anonymous code does reaches its
//! triggers, its jobs run when they are due, and all of it stays in the org's state.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::metadata::MetadataType;

use super::activity::{Delivery, LogLine, Mail};
use super::callouts::{self, Exchanges};
use super::condition::Condition;
use super::deploy::{self, Refusal};
use super::options::OrgKind;
use super::org::EmulatedOrg;
use super::runtime::{Left, Logged, Pending, Serving, Settings, User};
use super::state::{ApexLog, Kept, State};
use super::{Error, records};

/// Queueables in a chain in Developer Edition and trial orgs (Apex Developer Guide, "Queueable Apex").
const CHAIN_LIMIT: u32 = 5;

/// How much of each is kept, the newest.
const KEPT: usize = 500;

/// Rows of jobs go this long after their end (Apex Reference Guide, `System.purgeOldAsyncJobs`).
const JOBS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Somebody who took work and has not finished it by then is gone.
const ABANDONED: SignedDuration = SignedDuration::from_mins(5);

/// What happened in the org beside its records, and what is to happen.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Activity {
    /// Work that waits.
    #[serde(default)]
    pub pending: Vec<Pending>,
    /// Mail that left.
    #[serde(default)]
    pub mails: Vec<Mail>,
    /// Callouts.
    #[serde(default)]
    pub deliveries: Vec<Delivery>,
    /// Debug lines.
    #[serde(default)]
    pub lines: Vec<LogLine>,
}

impl Activity {
    /// Whether nothing happened and nothing waits.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
            && self.mails.is_empty()
            && self.deliveries.is_empty()
            && self.lines.is_empty()
    }
}

/// How long a chain of queueables may be in that kind of org.
pub fn chain_limit(kind: OrgKind) -> Option<u32> {
    (kind == OrgKind::Developer).then_some(CHAIN_LIMIT)
}

/// How many recipients may get mail in a day, and how many still may today.
pub fn mail_allowance(state: &State, now: Timestamp) -> (u32, u32) {
    let most = state.organization.kind.daily_mails();
    if state.has(Condition::MailLimitUsedUp) {
        return (most, 0);
    }
    let day = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let used: usize = state
        .activity
        .mails
        .iter()
        .filter(|mail| day(mail.at) == day(now))
        .map(|mail| mail.to.len() + mail.cc.len() + mail.bcc.len())
        .sum();
    (
        most,
        most.saturating_sub(u32::try_from(used).unwrap_or(most)),
    )
}

/// Asynchronous Apex that began in the last 24 hours: a batch counts its start, its finish and each of its
/// parts (Apex Developer Guide, "Execution Governors and Limits").
pub fn executions(state: &State, now: Timestamp) -> u64 {
    let since = now.as_second() - 24 * 60 * 60;
    let jobs = state.records.iter().filter(|record| {
        let created = record.fields.get("CreatedDate").and_then(|at| at.as_str());
        let created = created.and_then(|at| at.replace("+0000", "Z").parse::<Timestamp>().ok());
        record.object == "AsyncApexJob" && created.is_some_and(|at| at.as_second() > since)
    });
    jobs.map(|record| match record.fields.get("JobType") {
        Some(kind) if kind == "BatchApex" => {
            let parts = record.fields.get("JobItemsProcessed");
            2 + parts.and_then(|parts| parts.as_u64()).unwrap_or_default()
        }
        _ => 1,
    })
    .sum()
}

/// The custom permissions of the permission sets that a user has.
pub fn permissions(state: &State, user: &str) -> BTreeSet<String> {
    let text = |record: &super::state::Record, name: &str| {
        let value = record.fields.get(name).and_then(|value| value.as_str());
        value.unwrap_or_default().to_owned()
    };
    let assigned: Vec<String> = state
        .records
        .iter()
        .filter(|record| record.object == "PermissionSetAssignment")
        .filter(|record| deploy::same_id(&text(record, "AssigneeId"), user))
        .map(|record| text(record, "PermissionSetId"))
        .collect();
    state
        .of_type(MetadataType::PermissionSet)
        .into_iter()
        .filter(|stored| assigned.iter().any(|id| deploy::same_id(id, &stored.id)))
        .flat_map(super::live_org::granted_by)
        .collect()
}

/// A transaction of the administrator, who is the API user.
pub fn serving(state: &State, callouts: Exchanges, now: Timestamp) -> Serving {
    let mut org = deploy::org_data(state, now);
    let id = org.user_id.to_string();
    org.permissions = permissions(state, &id);
    let user = User {
        name: org.user_name.to_string(),
        email: org.email.to_string(),
        permissions: org.permissions.clone(),
        id,
    };
    Serving {
        settings: Settings {
            org,
            transport: Box::new(callouts),
            deliverable: !state.has(Condition::DeliverabilityOff),
            mail_capacity: mail_allowance(state, now).1,
            chain_limit: chain_limit(state.organization.kind),
        },
        user,
        levels: records::levels_by_user(state, now),
    }
}

/// Keeps a debug log as a row of `ApexLog`; its id.
pub fn keep_log(state: &mut State, log: Logged) -> String {
    state.keep_log(ApexLog {
        id: String::new(),
        user: log.user,
        start: log.start,
        milliseconds: log.milliseconds,
        operation: log.operation,
        status: log.status,
        body: Kept::new(log.body),
    })
}

/// Keeps what a transaction left.
pub fn keep(state: &mut State, left: Left) {
    for log in left.logs {
        keep_log(state, log);
    }
    let activity = &mut state.activity;
    activity
        .pending
        .retain(|pending| !left.aborted.iter().any(|id| pending.is_known_as(id)));
    activity.pending.extend(left.pending);
    newest(&mut activity.mails, left.mails);
    newest(&mut activity.deliveries, left.deliveries);
    newest(&mut activity.lines, left.lines);
}

fn newest<T>(kept: &mut Vec<T>, more: Vec<T>) {
    kept.extend(more);
    let surplus = kept.len().saturating_sub(KEPT);
    kept.drain(..surplus);
}

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
    let left = match deploy::program(state) {
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
    use super::super::state::Record;
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

    #[test]
    fn executions_are_those_of_the_last_24_hours() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let mut state = users::new_org(&Options::default(), now);
        for (kind, created, parts) in [
            ("Queueable", "2026-03-09T11:59:59.000+0000", 0),
            ("Queueable", "2026-03-09T12:00:01.000+0000", 0),
            ("BatchApex", "2026-03-10T11:00:00.000+0000", 3),
        ] {
            let fields =
                json!({ "JobType": kind, "CreatedDate": created, "JobItemsProcessed": parts });
            state.records.push(Record {
                object: "AsyncApexJob".to_owned(),
                id: created.to_owned(),
                deleted: false,
                fields: fields.as_object().cloned().unwrap_or_default(),
            });
        }
        assert_eq!(executions(&state, now), 6);
    }
}
