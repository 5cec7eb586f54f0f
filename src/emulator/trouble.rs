//! Trouble on the way between a client and the org: what happens to requests by name, or by chance.
//!
//! The names and answers are those that users of Salesforce's own clients have reported: gateways
//! that answer with pages, connections that break, codes that come once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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
}

impl On {
    fn fits(self, request: &str) -> bool {
        let deploy = request.contains("/metadata/deployRequest");
        match self {
            Self::Every => true,
            Self::Questions => !deploy && request.starts_with("GET "),
            Self::Start => deploy && request.starts_with("POST "),
            Self::Status => deploy && request.starts_with("GET "),
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
    /// This is answered, and the org never sees it.
    Answer(Canned),
    /// The org has done it, and this is answered.
    AnswerAfter(Canned),
    /// The org's answer with these texts in place of those.
    Change(&'static [(&'static str, &'static str)]),
}

/// An answer that doesn't come from the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Canned {
    /// HTTP status.
    pub(super) status: u16,
    /// Content type.
    pub(super) content_type: &'static str,
    /// One more header line: name and value.
    pub(super) header: Option<(&'static str, &'static str)>,
    /// Content.
    pub(super) body: &'static str,
}

const fn page(status: u16, body: &'static str) -> Canned {
    Canned {
        status,
        content_type: "text/html;charset=UTF-8",
        header: None,
        body,
    }
}

const fn json(status: u16, body: &'static str) -> Canned {
    Canned {
        status,
        content_type: "application/json;charset=UTF-8",
        header: None,
        body,
    }
}

const GATEWAY: Canned = page(
    502,
    "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>",
);
const MAINTENANCE: Canned = page(
    503,
    "<html><body>We are down for maintenance. SERVER_UNAVAILABLE</body></html>",
);
const LOGIN_PAGE: Canned = page(200, "<html><body>Login | Salesforce</body></html>");
const BAD_MESSAGE: Canned = page(
    400,
    "<h1>Bad Message 400</h1><pre>reason: Bad Request</pre>",
);
const HALF: Canned = json(200, r#"{"id":"0Af"#);
const EMPTY_500: Canned = json(500, "");
const UNKNOWN: Canned = json(
    500,
    r#"[{"message":"An unexpected error occurred. Please include this ErrorId if you contact support: 1-2 (3)","errorCode":"UNKNOWN_EXCEPTION"}]"#,
);
const LATER: Canned = Canned {
    header: Some(("retry-after", "7")),
    ..page(503, "busy")
};
const TOO_MANY: Canned = Canned {
    header: Some(("retry-after", "2")),
    ..json(
        429,
        r#"[{"message":"Too many requests","errorCode":"429"}]"#,
    )
};
const EXPIRED: Canned = json(
    401,
    r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
);
const LIMIT: Canned = json(
    403,
    r#"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#,
);
const LOCKED: Canned = json(
    500,
    r#"[{"message":"The changes you requested require salesforce.com to temporarily lock your organization's administration setup. However, the administration setup has already been locked by another change. Please wait for the previous action to finish, then try again later.","errorCode":"ALREADY_IN_PROCESS"}]"#,
);
const NOT_ALLOWED: Canned = json(
    403,
    r#"[{"message":"insufficient access rights on entity","errorCode":"INSUFFICIENT_ACCESS"}]"#,
);
const AGED_OUT: Canned = json(
    404,
    r#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#,
);
const NO_ORG: Canned = page(420, "");
const MOVED: Canned = Canned {
    header: Some(("location", "https://elsewhere.my.salesforce.com/")),
    ..page(301, "")
};
const ODD_ID: Canned = json(
    500,
    r#"[{"message":"invalid cross reference id","errorCode":"INVALID_CROSS_REFERENCE_KEY"}]"#,
);

/// Trouble that has a name.
#[derive(Debug, PartialEq, Eq)]
pub struct Trouble {
    name: &'static str,
    on: On,
    /// To how many of those requests it happens.
    times: u32,
    play: Play,
}

const ALWAYS: u32 = u32::MAX;

const fn trouble(name: &'static str, on: On, times: u32, play: Play) -> Trouble {
    Trouble {
        name,
        on,
        times,
        play,
    }
}

/// Every one that has a name.
static NAMED: [Trouble; 30] = [
    trouble("reset-once", On::Questions, 1, Play::CutBefore),
    trouble("reset-always", On::Every, ALWAYS, Play::CutBefore),
    trouble("reset-start", On::Start, 1, Play::CutBefore),
    trouble("lost-start", On::Start, 1, Play::CutAfter),
    trouble("reset-status", On::Status, 2, Play::CutAfter),
    trouble("reset-status-always", On::Status, ALWAYS, Play::CutBefore),
    trouble("gateway-page", On::Questions, 2, Play::Answer(GATEWAY)),
    trouble("gateway-page-status", On::Status, 2, Play::Answer(GATEWAY)),
    trouble(
        "gateway-page-start",
        On::Start,
        1,
        Play::AnswerAfter(GATEWAY),
    ),
    trouble("retry-after", On::Questions, 1, Play::Answer(LATER)),
    trouble("too-many-requests", On::Status, 1, Play::Answer(TOO_MANY)),
    trouble("no-org", On::Every, ALWAYS, Play::Answer(NO_ORG)),
    trouble(
        "unknown-exception-once",
        On::Questions,
        1,
        Play::Answer(UNKNOWN),
    ),
    trouble(
        "unknown-exception-start",
        On::Start,
        1,
        Play::AnswerAfter(UNKNOWN),
    ),
    trouble("empty-500-once", On::Status, 1, Play::Answer(EMPTY_500)),
    trouble(
        "bad-message-status",
        On::Status,
        1,
        Play::Answer(BAD_MESSAGE),
    ),
    trouble(
        "bad-message-start",
        On::Start,
        ALWAYS,
        Play::Answer(BAD_MESSAGE),
    ),
    trouble("maintenance", On::Every, ALWAYS, Play::Answer(MAINTENANCE)),
    trouble(
        "maintenance-status",
        On::Status,
        ALWAYS,
        Play::Answer(MAINTENANCE),
    ),
    trouble("request-limit", On::Every, ALWAYS, Play::Answer(LIMIT)),
    trouble(
        "request-limit-status",
        On::Status,
        ALWAYS,
        Play::Answer(LIMIT),
    ),
    trouble(
        "login-page",
        On::Questions,
        ALWAYS,
        Play::Answer(LOGIN_PAGE),
    ),
    trouble(
        "half-an-answer-start",
        On::Start,
        1,
        Play::AnswerAfter(HALF),
    ),
    trouble("moved", On::Every, ALWAYS, Play::Answer(MOVED)),
    trouble(
        "token-expires-in-poll",
        On::Status,
        ALWAYS,
        Play::Answer(EXPIRED),
    ),
    trouble(
        "not-allowed-to-deploy",
        On::Start,
        ALWAYS,
        Play::Answer(NOT_ALLOWED),
    ),
    trouble("locked-twice", On::Start, 2, Play::Answer(LOCKED)),
    trouble("aged-out", On::Status, ALWAYS, Play::Answer(AGED_OUT)),
    trouble("odd-id-once", On::Status, 2, Play::Answer(ODD_ID)),
    trouble(
        "unknown-status-word",
        On::Status,
        2,
        Play::Change(&[
            ("\"Pending\"", "\"Dreaming\""),
            ("\"InProgress\"", "\"Dreaming\""),
        ]),
    ),
];

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

/// Trouble by chance: the same for the same seed and the same requests. It can be given a new seed
/// while the org runs; 0 means none.
#[derive(Debug, Clone, Default)]
pub struct Chance(Arc<Mutex<(u64, BTreeMap<String, u32>)>>);

impl Chance {
    /// Trouble with that seed.
    pub fn new(seed: u64) -> Self {
        let chance = Self::default();
        chance.set(seed);
        chance
    }

    /// From now on with that seed.
    pub fn set(&self, seed: u64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = (seed, BTreeMap::new());
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// What happens to a request, `METHOD /path`; `None`: nothing.
    pub(super) fn play(&self, request: &str) -> Option<Play> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = state.0;
        if seed == 0 {
            return None;
        }
        let turn = state.1.entry(request.to_owned()).or_default();
        *turn += 1;
        let turn = u64::from(*turn);
        let word = request
            .bytes()
            .fold(seed, |word, byte| mixed(word ^ u64::from(byte)));
        let word = mixed(word ^ turn);
        // From hardly any to every other request.
        let percent = mixed(seed) % 50;
        if word % 100 >= percent {
            return None;
        }
        let canned = [
            GATEWAY,
            MAINTENANCE,
            LATER,
            UNKNOWN,
            EMPTY_500,
            HALF,
            LOGIN_PAGE,
        ];
        // An answer such as these may come from a gateway behind which the org has done its work.
        let which = (word >> 32) as usize;
        Some(match (word >> 8) % 4 {
            0 => Play::CutBefore,
            1 => Play::CutAfter,
            2 => Play::Answer(canned[which % canned.len()]),
            _ => Play::AnswerAfter(canned[which % canned.len()]),
        })
    }
}

impl PartialEq for Chance {
    fn eq(&self, other: &Self) -> bool {
        self.seed() == other.seed()
    }
}

impl Eq for Chance {}

/// SplitMix64.
fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
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
