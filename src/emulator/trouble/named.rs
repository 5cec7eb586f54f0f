//! Every trouble that has a name.

use super::answers::*;
use super::{On, Play, Trouble};

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
pub(super) static NAMED: [Trouble; 37] = [
    trouble("reset-once", On::Questions, 1, Play::CutBefore),
    trouble("reset-always", On::Every, ALWAYS, Play::CutBefore),
    trouble("reset-start", On::Start, 1, Play::CutBefore),
    trouble("lost-start", On::Start, 1, Play::CutAfter),
    trouble("reset-status", On::Status, 2, Play::CutAfter),
    trouble("reset-while-sending", On::Start, 1, Play::CutWhileSending),
    trouble("reset-while-reading", On::Status, 2, Play::CutWithin),
    trouble("reset-while-reading-start", On::Start, 1, Play::CutWithin),
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
    trouble(
        "retry-after-date",
        On::Questions,
        1,
        Play::Answer(LATER_BY_DATE),
    ),
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
    trouble("limit-near", On::Questions, ALWAYS, Play::Usage(NEARLY_ALL)),
    trouble(
        "limit-near-status",
        On::Status,
        ALWAYS,
        Play::Usage(NEARLY_ALL),
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
    trouble("odd-dates", On::Status, ALWAYS, Play::Change(ODD_DATES)),
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
