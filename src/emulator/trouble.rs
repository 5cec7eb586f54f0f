//! Trouble on the way between a client and the org: what happens to requests by name, or by chance.
//!
//! The names and answers are those that users of Salesforce's own clients have reported: gateways
//! that answer with pages, connections that break, codes that come once.

mod answers;
mod chance;
mod named;

use std::sync::{Mutex, PoisonError};

pub use chance::Chance;
use named::NAMED;

/// Which requests are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// All.
    Every,
    /// Those for data, identity and versions: not for a deploy.
    Questions,
    /// The one that starts a deploy.
    Start,
    /// Those for a deploy's status.
    Status,
    /// The one that cancels a deploy.
    Cancel,
    /// Those over SOAP.
    Soap,
}

impl On {
    fn fits(self, request: &str) -> bool {
        let deploy = request.contains("/metadata/deployRequest");
        match self {
            Self::Every => true,
            Self::Questions => {
                let asks = request.starts_with("GET ") || request.contains("/composite/batch");
                !deploy && asks
            }
            Self::Start => deploy && request.starts_with("POST "),
            Self::Status => deploy && request.starts_with("GET "),
            Self::Cancel => deploy && request.starts_with("PATCH "),
            Self::Soap => request.starts_with("POST /services/Soap/m/"),
        }
    }
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Play {
    /// The org never sees it, and the connection breaks.
    CutBefore,
    /// The org has done it, and the connection breaks.
    CutAfter,
    /// The connection breaks before the request is there whole.
    CutWhileSending,
    /// The connection breaks, and the request arrives so many milliseconds later.
    Late(u32),
    /// The org has done it, and the connection breaks in the middle of the answer.
    CutWithin,
    /// This is answered, and the org never sees it.
    Answer(Canned),
    /// The org has done it, and this is answered.
    AnswerAfter(Canned),
    /// The org's answer with these texts in place of those.
    Change(&'static [(&'static str, &'static str)]),
    /// The org's answer, and this said of the day's requests.
    Usage(&'static str),
}

/// `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// In so many seconds.
    In(u32),
    /// At the date that is so many seconds from now.
    At(u32),
}

/// An answer that doesn't come from the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Canned {
    /// HTTP status.
    pub(super) status: u16,
    /// Content type.
    pub(super) content_type: &'static str,
    /// When to come again.
    pub(super) retry: Option<Retry>,
    /// Where to go.
    pub(super) location: Option<&'static str>,
    /// Content.
    pub(super) body: &'static str,
}

/// Trouble that has a name.
#[derive(Debug, PartialEq, Eq)]
pub struct Trouble {
    name: &'static str,
    on: On,
    /// To how many of those requests it happens.
    times: u32,
    play: Play,
}

impl Trouble {
    /// The one of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        NAMED.iter().find(|trouble| trouble.name == name)
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Every name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(Self::name)
    }
}

/// Counts the requests that trouble has happened to.
#[derive(Debug, Default)]
pub(super) struct Toll(Mutex<u32>);

impl Toll {
    /// What happens to a request, `METHOD /path`, under trouble of that name; `None`: nothing.
    pub(super) fn under(&self, trouble: &Trouble, request: &str) -> Option<Play> {
        if !trouble.on.fits(request) {
            return None;
        }
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *times >= trouble.times {
            return None;
        }
        *times += 1;
        Some(trouble.play)
    }
}
