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
    expiry: Expiry,
    known: Mutex<Known>,
}

/// When access tokens are no longer taken.
#[derive(Debug, Clone, Copy)]
pub enum Expiry {
    /// When the server stops.
    Never,
    /// Each after so many requests.
    After(u32),
    /// Likewise, until one was refused for it: those that are given out then are good for ever.
    OnceAfter(u32),
}

#[derive(Default)]
struct Known {
    /// Each with the requests that it is still good for; `None`: any.
    access: BTreeMap<String, Option<u32>>,
    has_expired: bool,
    refresh: Vec<String>,
    codes: BTreeMap<String, Code>,
}

impl Sessions {
    /// None yet.
    pub fn new(org_id: &str, expiry: Expiry) -> Self {
        Self {
            org: org_id.get(..15).unwrap_or(org_id).to_owned(),
            expiry,
            known: Mutex::default(),
        }
    }

    /// Whether an access token is good, once more.
    pub fn takes(&self, token: &str) -> bool {
        let mut known = self.known();
        match known.access.get_mut(token) {
            None => false,
            Some(None) => true,
            Some(Some(0)) => {
                known.has_expired = true;
                false
            }
            Some(Some(left)) => {
                *left -= 1;
                true
            }
        }
    }

    /// Gives out an access token.
    pub fn new_access(&self) -> String {
        let token = format!("{}!{}", self.org, random_text(64));
        let mut known = self.known();
        let uses = match self.expiry {
            Expiry::After(uses) => Some(uses),
            Expiry::OnceAfter(uses) if !known.has_expired => Some(uses),
            Expiry::OnceAfter(_) | Expiry::Never => None,
        };
        known.access.insert(token.clone(), uses);
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
