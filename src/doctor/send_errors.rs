//! Replies that were refused or came back.

use super::facts::{FailureRow, moment};
use super::finding::{Finding, Group};
use super::scene::Scene;
use super::{Check, wording};
use crate::diag::Code;
use crate::sf::Told;

const OF: (Code, Group) = (Code("doctor/send-errors"), Group::OutboundMail);
pub(super) const ERRORS: Check = Check {
    code: OF.0,
    judge: errors,
};

/// What the last seven days left behind. Without a field for reasons and without bounce management
/// the org keeps neither, and there is nothing to say.
fn errors(scene: &Scene<'_>) -> Option<Finding> {
    if let Some(Ok(rows)) = &scene.facts.send_errors
        && let Some(last) = rows.first()
    {
        let reason = last.send_error.as_deref().unwrap_or_default();
        return Some(
            Finding::failed(
                OF,
                format!(
                    "{} not sent in the last 7 days; the last{}: {}",
                    replies(rows.len(), "was", "were"),
                    at(last),
                    wording::without_addresses(reason)
                ),
            )
            .effect("these replies look sent in OpenCX, and their customers wait for them")
            .fix(advice(reason))
            .setup("Object Manager > Email Message > Fields > OpenCX Send Error, in a report"),
        );
    }
    let bounced = listed(&scene.facts.bounced);
    if let Some(last) = bounced.first() {
        return Some(
            Finding::failed(
                OF,
                format!(
                    "{} back in the last 7 days (bounced); the last{}",
                    replies(bounced.len(), "came", "came"),
                    at(last)
                ),
            )
            .effect("the mail left Salesforce, and the customer's mail server did not take it")
            .fix(
                "look at the bounce message on the Case for the reason: an address that is gone, or a \
                 server that trusts your domain no more (SPF, DKIM, DMARC)",
            )
            .setup("Email Logs"),
        );
    }
    match &scene.facts.send_errors {
        Some(Ok(_)) if scene.may_hide_rows() => Some(Finding::maybe_hidden(
            OF,
            "no reply that was refused or came back",
        )),
        Some(Ok(_)) => Some(Finding::passed(
            OF,
            "no reply of the last 7 days was refused or came back",
        )),
        _ => None,
    }
}

fn listed(rows: &Told<Vec<FailureRow>>) -> &[FailureRow] {
    rows.as_deref().unwrap_or_default()
}

fn replies(count: usize, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 reply {one}")
    } else {
        format!("{count} replies {many}")
    }
}

fn at(row: &FailureRow) -> String {
    moment(row.created_date.as_deref())
        .map_or_else(String::new, |at| format!(", of {}", wording::time(at)))
}

/// What stands behind an error of `Messaging.sendEmail`.
fn advice(reason: &str) -> &'static str {
    let has = |part: &str| reason.to_ascii_uppercase().contains(part);
    if has("SINGLE_EMAIL_LIMIT_EXCEEDED") {
        "the day's allowance was used up: see the finding on the mails of the day"
    } else if has("NO_MASS_MAIL_PERMISSION")
        || has("NO_SINGLE_MAIL_PERMISSION")
        || has("NOT PERMITTED")
    {
        "the org or the user may not send: see the findings on deliverability and on Send Email"
    } else if has("INVALID_EMAIL_ADDRESS") {
        "the customer's address is not one that Salesforce takes: correct it on the contact"
    } else if has("INVALID_ID_FIELD") || has("ORG_WIDE") || has("ORGWIDE") {
        "the organisation-wide address can't be used: see the finding on it"
    } else {
        "the reason is Salesforce's own; the reply can be sent again from OpenCX once it is gone"
    }
}
