//! The tokens that a server gave out, for as long as it runs.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::users::random_text;

/// What an authorization code stands for.
pub struct Code {
    /// The app.
    pub client_id: String,
    /// Where the browser was sent.
    pub redirect_uri: String,
    /// PKCE's challenge; empty without one.
    pub challenge: String,
}

/// The tokens of a server.
pub struct Sessions {
    /// The first 15 characters of the org's id, with which access tokens begin.
    org: String,
    /// After so many requests an access token is no longer taken.
    uses: Option<u32>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Each with the requests that were made with it.
    access: BTreeMap<String, u32>,
    refresh: Vec<String>,
    codes: BTreeMap<String, Code>,
}

impl Sessions {
    /// None yet; access tokens are good for `uses` requests, or as long as the server runs.
    pub fn new(org_id: &str, uses: Option<u32>) -> Self {
        Self {
            org: org_id.get(..15).unwrap_or(org_id).to_owned(),
            uses,
            known: Mutex::default(),
        }
    }

    /// Whether an access token is good, once more.
    pub fn takes(&self, token: &str) -> bool {
        let mut known = self.known();
        let Some(used) = known.access.get_mut(token) else {
            return false;
        };
        *used += 1;
        self.uses.is_none_or(|uses| *used <= uses)
    }

    /// Gives out an access token.
    pub fn new_access(&self) -> String {
        let token = format!("{}!{}", self.org, random_text(64));
        self.known().access.insert(token.clone(), 0);
        token
    }

    /// Gives out a refresh token.
    pub fn new_refresh(&self) -> String {
        let token = format!("5Aep861{}", random_text(60));
        self.known().refresh.push(token.clone());
        token
    }

    /// Whether a refresh token is good.
    pub fn knows_refresh(&self, token: &str) -> bool {
        self.known().refresh.iter().any(|known| known == token)
    }

    /// A new refresh token in place of one.
    pub fn rotate(&self, old: &str) -> String {
        self.known().refresh.retain(|known| known != old);
        self.new_refresh()
    }

    /// Gives out an authorization code.
    pub fn new_code(&self, code: Code) -> String {
        let text = format!("aPrx{}==", random_text(40));
        self.known().codes.insert(text.clone(), code);
        text
    }

    /// Uses a code up.
    pub fn take_code(&self, text: &str) -> Option<Code> {
        self.known().codes.remove(text)
    }

    /// Ends a token; a refresh token takes every access token with it. Whether it was known.
    pub fn revoke(&self, token: &str) -> bool {
        let mut known = self.known();
        if known.access.remove(token).is_some() {
            return true;
        }
        let before = known.refresh.len();
        known.refresh.retain(|refresh| refresh != token);
        let found = known.refresh.len() < before;
        if found {
            known.access.clear();
        }
        found
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
