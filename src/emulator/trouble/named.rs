//! Every trouble that has a name.

use super::On::{Cancel, Every, Questions, Soap, Start, Status};
use super::Play::{Answer, AnswerAfter, Change, CutAfter, CutBefore};
use super::Play::{CutWhileSending, CutWithin, Late, Usage};
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
pub(super) static NAMED: [Trouble; 60] = [
    trouble("reset-once", Questions, 1, CutBefore),
    trouble("reset-always", Every, ALWAYS, CutBefore),
    trouble("reset-start", Start, 1, CutBefore),
    trouble("lost-start", Start, 1, CutAfter),
    trouble("reset-status", Status, 2, CutAfter),
    trouble("late-start", Start, 1, Late(1_500)),
    trouble("reset-while-sending", Start, 1, CutWhileSending),
    trouble("reset-while-reading", Status, 2, CutWithin),
    trouble("reset-while-reading-start", Start, 1, CutWithin),
    trouble("reset-status-always", Status, ALWAYS, CutBefore),
    trouble("gateway-page", Questions, 2, Answer(GATEWAY)),
    trouble("gateway-page-status", Status, 2, Answer(GATEWAY)),
    trouble("gateway-page-503", Questions, 2, Answer(GATEWAY_503)),
    trouble("gateway-page-504", Soap, 2, Answer(GATEWAY_504)),
    trouble("gateway-page-start", Start, 1, AnswerAfter(GATEWAY)),
    trouble("retry-after", Questions, 1, Answer(LATER)),
    trouble("retry-after-date", Questions, 1, Answer(LATER_BY_DATE)),
    trouble("too-many-requests", Status, 1, Answer(TOO_MANY)),
    trouble("no-org", Every, ALWAYS, Answer(NO_ORG)),
    trouble("unknown-exception-once", Questions, 1, Answer(UNKNOWN)),
    trouble("unknown-exception-start", Start, 1, AnswerAfter(UNKNOWN)),
    trouble("soap-fault-500", Soap, 1, Answer(UNKNOWN_SOAP)),
    trouble("soap-fault-200", Soap, ALWAYS, Answer(NOT_ALLOWED_SOAP)),
    trouble("empty-500-once", Status, 1, Answer(EMPTY_500)),
    trouble("bad-message-status", Status, 1, Answer(BAD_MESSAGE)),
    trouble("bad-message-start", Start, ALWAYS, Answer(BAD_MESSAGE)),
    trouble("maintenance", Every, ALWAYS, Answer(MAINTENANCE)),
    trouble("maintenance-status", Status, ALWAYS, Answer(MAINTENANCE)),
    trouble("request-limit", Every, ALWAYS, Answer(LIMIT)),
    trouble("request-limit-status", Status, ALWAYS, Answer(LIMIT)),
    trouble("limit-near", Questions, ALWAYS, Usage(NEARLY_ALL)),
    trouble("limit-near-status", Status, ALWAYS, Usage(NEARLY_ALL)),
    trouble("login-page", Questions, ALWAYS, Answer(LOGIN_PAGE)),
    trouble("json-for-xml", Soap, ALWAYS, Answer(JSON)),
    trouble("xml-for-json", Questions, ALWAYS, Answer(XML)),
    trouble("byte-order-mark", Questions, ALWAYS, Change(MARKED)),
    trouble("half-an-answer-start", Start, 1, AnswerAfter(HALF)),
    trouble("no-id-start", Start, 1, AnswerAfter(NO_ID)),
    trouble("moved", Every, ALWAYS, Answer(MOVED)),
    trouble("token-expires-at-start", Start, ALWAYS, Answer(EXPIRED)),
    trouble(
        "token-expires-in-retrieve",
        Soap,
        ALWAYS,
        Answer(EXPIRED_SOAP),
    ),
    trouble("token-expires-in-poll", Status, ALWAYS, Answer(EXPIRED)),
    trouble("not-allowed-to-deploy", Start, ALWAYS, Answer(NOT_ALLOWED)),
    trouble("locked-twice", Start, 2, Answer(LOCKED)),
    trouble("locked-for-ever", Start, ALWAYS, Answer(LOCKED)),
    trouble("row-locked-twice", Start, 2, Answer(ROW_LOCKED)),
    trouble("aged-out", Status, ALWAYS, Answer(AGED_OUT)),
    trouble("odd-id-once", Status, 2, Answer(ODD_ID)),
    trouble("odd-dates", Status, ALWAYS, Change(ODD_DATES)),
    trouble("pending-for-ever", Status, ALWAYS, Change(PENDING)),
    trouble("counters-go-down", Status, 3, Change(COUNTERS)),
    trouble("finalizing", Status, 3, Change(FINALIZING)),
    trouble(
        "finalizing-failed",
        Status,
        ALWAYS,
        Change(FINALIZING_FAILED),
    ),
    trouble("done-missing", Status, 3, Change(WITHOUT_DONE)),
    trouble(
        "cancel-while-finalizing",
        Cancel,
        ALWAYS,
        Answer(COMMITTING),
    ),
    trouble("no-reason", Status, ALWAYS, Change(NO_REASON)),
    trouble("success-with-failures", Status, ALWAYS, Change(FAILURES)),
    trouble("succeeded-partial", Status, ALWAYS, Change(PARTIAL)),
    trouble("rows-of-others", Status, ALWAYS, Change(OTHERS)),
    trouble(
        "unknown-status-word",
        Status,
        2,
        Change(&[
            ("\"Pending\"", "\"Dreaming\""),
            ("\"InProgress\"", "\"Dreaming\""),
        ]),
    ),
];
