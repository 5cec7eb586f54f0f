//! A transaction of the org's Apex that works on the state: what it begins with, and what is kept of what
//! it leaves.

use jiff::Timestamp;

use super::callouts::Exchanges;
use super::condition::Condition;
use super::debug_levels::levels_by_user;
use super::org_data::{chain_limit, mail_allowance, org_data, permissions};
use super::runtime::{Left, Logged, Serving, Settings, User};
use super::state::{ApexLog, Kept, State};

/// How much of each is kept, the newest.
const KEPT: usize = 500;

/// A transaction of the administrator, who is the API user.
pub fn serving(state: &State, callouts: Exchanges, now: Timestamp) -> Serving {
    let mut org = org_data(state, now);
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
        levels: levels_by_user(state, now),
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
