//! Replies of the org's own people on their way to OpenCX.

use super::finding::{Finding, Group, Verdict};
use super::scene::Scene;
use super::{Check, code};
use crate::diag::Code;

type Of = (Code, Group);

const NONE: Of = (Code("doctor/rep-replies-off"), Group::Announcements);
pub(super) const OFF: Check = Check {
    code: NONE.0,
    judge: off,
};

fn off(scene: &Scene<'_>) -> Option<Finding> {
    let told = &scene.integration.announcements.rep_replies;
    let mut on = Vec::new();
    for (is_on, what) in [
        (told.emails, "e-mails"),
        (told.comments, "comments"),
        (told.case_changes, "changes of Cases"),
    ] {
        if is_on {
            on.push(what);
        }
    }
    if !on.is_empty() {
        return Some(Finding::passed(
            NONE,
            format!("OpenCX is to hear of {}", on.join(", ")),
        ));
    }
    Some(
        Finding::failed(
            NONE,
            "the config has OpenCX hear of nothing that your people write",
        )
        .effect(
            "no trigger looks at their e-mails and comments; the one on Case runs when a Case is \
                 made, so it can't see a reply",
        )
        .fix(
            "ask OpenCX whether its webhook takes these events, then set \
                 `email_cases.rep_replies.emails: true` (and `comments`) and deploy",
        )
        .command(scene.run("deploy")),
    )
}

const CODE: Of = (Code("doctor/rep-reply-triggers"), Group::Announcements);
pub(super) const TRIGGERS: Check = Check {
    code: CODE.0,
    judge: triggers,
};

/// The first of them that is not in order, else that all are.
fn triggers(scene: &Scene<'_>) -> Option<Finding> {
    let effect = "OpenCX hears nothing of what your people write, so the contact doesn't either";
    let mut findings = [
        "OpenCxRepEmailTrigger",
        "OpenCxRepCommentTrigger",
        "OpenCxCaseChangeTrigger",
    ]
    .into_iter()
    .filter_map(|shipped| code::trigger(scene, CODE, shipped, effect))
    .peekable();
    findings.peek()?;
    let wrong = findings.find(|finding| finding.verdict != Verdict::Passed);
    Some(wrong.unwrap_or_else(|| {
        Finding::passed(
            CODE,
            "the triggers on what your people write are active and ours",
        )
    }))
}
