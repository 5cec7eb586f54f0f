//! Requests that arrive later than they were sent, when nobody hears the answer any more.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::http::request::Parts;
use jiff::Timestamp;

use super::Body;

/// A request on its way.
pub(super) struct Late {
    due: Timestamp,
    pub(super) parts: Parts,
    pub(super) path: String,
    pub(super) body: Body,
}

/// All that are on their way.
#[derive(Default)]
pub(super) struct Underway(Mutex<Vec<Late>>);

impl Underway {
    /// A request that arrives so many milliseconds after that time.
    pub(super) fn add(
        &self,
        now: Timestamp,
        milliseconds: u32,
        parts: &Parts,
        path: &str,
        body: Body,
    ) {
        let late = Late {
            due: now + Duration::from_millis(milliseconds.into()),
            parts: parts.clone(),
            path: path.to_owned(),
            body,
        };
        let mut underway = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        underway.push(late);
    }

    /// Those that have arrived by that time.
    pub(super) fn arrived(&self, now: Timestamp) -> Vec<Late> {
        let mut underway = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        underway.extract_if(.., |late| late.due <= now).collect()
    }
}
