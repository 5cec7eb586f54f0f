//! Users, and the org's first state.

use std::hash::{BuildHasher, Hasher, RandomState};

use jiff::Timestamp;

use crate::metadata::id18;

use super::options::Options;
use super::state::{
    Activity, FORMAT, MailSettings, MessagingSettings, Organization, Stamp, State, User,
};

/// A new org with its administrator.
pub fn new_org(options: &Options, now: Timestamp) -> State {
    let mut state = State {
        format: FORMAT,
        organization: Organization {
            id: id18(&format!("00D{}", random_text(12))),
            name: "Local Org".to_owned(),
            kind: options.kind,
            created: now,
        },
        users: Vec::new(),
        counters: std::collections::BTreeMap::new(),
        components: Vec::new(),
        deploys: Vec::new(),
        retrieves: Vec::new(),
        records: Vec::new(),
        conditions: std::collections::BTreeSet::new(),
        cursors: Vec::new(),
        logs: Vec::new(),
        activity: Activity::default(),
        mail: MailSettings::default(),
        messaging: MessagingSettings::default(),
        played: Vec::new(),
    };
    add_user(&mut state, &options.user_name);
    state
}

/// The stamp of a change made now by the user of that display name, who is added when missing.
pub fn stamp(state: &mut State, name: &str, now: Timestamp) -> Stamp {
    let known = state.users.iter().find(|user| user.name == name);
    let by = match known {
        Some(user) => user.id.clone(),
        None => add_user(state, name),
    };
    Stamp { by, at: now }
}

fn add_user(state: &mut State, name: &str) -> String {
    let id = state.next_id("005");
    let mut login: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '.'
            }
        })
        .collect();
    if state
        .users
        .iter()
        .any(|user| user.username.starts_with(&format!("{login}@")))
    {
        login.push_str(&format!(".{}", state.users.len()));
    }
    state.users.push(User {
        id: id.clone(),
        name: name.to_owned(),
        username: format!("{login}@local.example"),
        email: format!("{login}@local.example"),
        is_minimal: false,
    });
    id
}

/// Letters and digits that differ from run to run. For ids and for the token of a server that
/// only this machine can reach; not for anything that has to withstand an attacker elsewhere.
pub fn random_text(length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let source = RandomState::new();
    (0..length)
        .map(|index| {
            let mut hasher = source.build_hasher();
            hasher.write_usize(index);
            char::from(ALPHABET[(hasher.finish() % 62) as usize])
        })
        .collect()
}
