//! Mail of a customer.

use super::{Sign, Telling, no_case, token_note};
use crate::conversation::{Message, Stage};
use crate::diag::Code;
use crate::doctor::{Finding, Group, Verdict};

impl Telling<'_> {
    /// Mail of a customer.
    pub(super) fn received(&mut self, message: &Message) -> (Stage, Finding) {
        let text = format!("an e-mail from outside was saved{}", token_note(message));
        self.step(message.created, Sign::Plain, text);
        self.texts(message);
        let Some(case) = &self.seen.case else {
            return (Stage::Threading, no_case());
        };
        if !self.seen.is_new_case {
            let text = format!("it was put into Case {}, which was there", case.number);
            self.step(message.created, Sign::Good, text);
            let found = Finding::new(
                (Code("trace/answer-threaded"), Group::InboundMail),
                Verdict::Passed,
                "the answer came back into its Case",
            );
            return (Stage::Threading, found);
        }
        let sign = if message.is_answer {
            Sign::Bad
        } else {
            Sign::Plain
        };
        self.step(
            case.created,
            sign,
            format!("it opened Case {}", case.number),
        );
        let announcement = self.announcement(case);
        if !message.is_answer {
            return (Stage::Announcement, announcement);
        }
        let (why, fix) = if message.tokens.is_empty() {
            (
                "it carries no threading token: the reply left without one, or the customer's program \
                 cut it out",
                "see that the code that sends puts the token into subject and body",
            )
        } else {
            (
                "it carries a token, so the Case that it belongs to is gone, or this org uses the other \
                 form",
                "look in Setup > Email-to-Case whether Ref ID is on",
            )
        };
        let found = Finding::new(
            (Code("trace/answer-opened-case"), Group::InboundMail),
            Verdict::Failed,
            "an answer of a customer opened a Case of its own",
        )
        .effect(why)
        .fix(fix)
        .setup("Email-to-Case");
        (Stage::Threading, found)
    }
}
