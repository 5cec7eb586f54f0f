//! Answers of customers on their way back: Email-to-Case, routing address, reply-to.

use super::facts::{CodeRow, moment};
use super::finding::{Finding, Group};
use super::scene::Scene;
use super::{Check, wording};
use crate::apex;
use crate::diag::Code;
use crate::forwarding;

type Of = (Code, Group);

const ON: Of = (Code("doctor/email-to-case"), Group::InboundMail);
pub(super) const EMAIL_TO_CASE: Check = Check {
    code: ON.0,
    judge: email_to_case,
};

fn email_to_case(scene: &Scene<'_>) -> Option<Finding> {
    let off = || {
        Finding::failed(ON, "Email-to-Case is not enabled")
            .effect(
                "mail of customers makes no Case, and the org has no Email Message object for ours",
            )
            .fix("enable Email-to-Case (it can't be switched off again), then deploy")
            .setup("Email-to-Case > Edit > Enable Email-to-Case")
    };
    Some(match &scene.facts.email_to_case {
        Ok(settings) => match settings.enable_email_to_case {
            Some(true) => Finding::passed(ON, "Email-to-Case is enabled"),
            Some(false) => off(),
            None => Finding::unknown(ON, "the org did not say whether Email-to-Case is enabled")
                .setup("Email-to-Case"),
        },
        // Without it the object itself is not there.
        Err(_) if matches!(&scene.facts.received, Err(said) if said.error_code == "INVALID_TYPE") => {
            off()
        }
        Err(_) if scene.facts.received.is_ok() => {
            Finding::passed(ON, "Email-to-Case is enabled: the org has Email Messages")
        }
        Err(said) => {
            Finding::untold(ON, "the settings of Email-to-Case", said).setup("Email-to-Case")
        }
    })
}

const ADDRESS: Of = (Code("doctor/routing-address"), Group::InboundMail);
pub(super) const ROUTING: Check = Check {
    code: ADDRESS.0,
    judge: routing,
};

fn routing(scene: &Scene<'_>) -> Option<Finding> {
    let wanted = &scene.integration.reply_to;
    let setup = "Email-to-Case > Routing Addresses";
    let settings = match &scene.facts.email_to_case {
        Ok(settings) if settings.enable_email_to_case == Some(false) => return None,
        Ok(settings) => settings,
        Err(said) => {
            return Some(
                Finding::untold(ADDRESS, "the routing addresses", said)
                    .fix(format!("look whether {wanted} is listed and verified"))
                    .setup(setup),
            );
        }
    };
    let rows = settings.routing_addresses.as_deref().unwrap_or_default();
    let found = rows.iter().find(|row| {
        row.email_address
            .as_deref()
            .is_some_and(|address| address.eq_ignore_ascii_case(wanted))
    });
    let Some(row) = found else {
        let others: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.email_address.as_deref())
            .collect();
        let others = if others.is_empty() {
            "the org has none".to_owned()
        } else {
            format!("the org has {}", others.join(", "))
        };
        return Some(
            Finding::failed(
                ADDRESS,
                format!("{wanted} is no routing address ({others})"),
            )
            .effect("answers of customers go there, and Salesforce makes nothing of them")
            .fix(
                "add it, click the link in the verification mail, and forward the mailbox to the \
                     long address that Salesforce shows; or write the right address into \
                     `email_cases.reply_to`",
            )
            .setup(setup),
        );
    };
    let services = row
        .email_services_address
        .as_deref()
        .unwrap_or("the long address beside it");
    Some(match row.is_verified {
        Some(true) => Finding::passed(ADDRESS, format!("{wanted} is a verified routing address")),
        Some(false) => Finding::failed(
            ADDRESS,
            format!("{wanted} is a routing address, but not verified"),
        )
        .effect("Salesforce drops what is forwarded to it, without a word")
        .fix(format!(
            "send the verification mail again and click its link; the mailbox must forward to \
                 {services}"
        ))
        .setup(setup),
        None => Finding::unknown(
            ADDRESS,
            format!("the org did not say whether {wanted} is verified"),
        )
        .fix("look at the column Verified")
        .setup(setup),
    })
}

const FORWARDED: Of = (Code("doctor/forwarded-mail"), Group::InboundMail);
pub(super) const ARRIVALS: Check = Check {
    code: FORWARDED.0,
    judge: arrivals,
};

/// Whether the forwarding brings anything: mail that came lately, or none at all.
fn arrivals(scene: &Scene<'_>) -> Option<Finding> {
    // Without Email-to-Case there is no such mail; that has a finding of its own.
    let rows = scene.facts.received.as_ref().ok()?;
    let newest = rows
        .first()
        .and_then(|row| moment(row.created_date.as_deref()));
    if let Some(at) = newest {
        let days = scene.facts.now.duration_since(at).as_hours() / 24;
        let text = format!("the newest mail of a customer came {}", wording::time(at));
        if days < 7 {
            return Some(Finding::passed(
                FORWARDED,
                format!("{text}, so forwarding works for some at least"),
            ));
        }
        return Some(
            Finding::unknown(FORWARDED, format!("{text}, {days} days ago"))
                .fix(way_to_try(scene))
                .setup("Email Logs"),
        );
    }
    if scene.may_hide_rows() {
        return Some(Finding::maybe_hidden(FORWARDED, "no mail of a customer"));
    }
    Some(
        Finding::unknown(
            FORWARDED,
            "no mail of a customer has ever come by Email-to-Case",
        )
        .effect("the mailbox forwards nothing, or what it forwards is dropped on its way")
        .fix(way_to_try(scene))
        .setup("Email Logs"),
    )
}

fn way_to_try(scene: &Scene<'_>) -> String {
    format!(
        "send a mail to {} from outside and wait 30 minutes: a Case means that forwarding works; no \
         line in the Email Logs means that it fails before it reaches Salesforce",
        scene.integration.reply_to
    )
}

const REPLY: Of = (Code("doctor/reply-to"), Group::InboundMail);
pub(super) const REPLY_TO: Check = Check {
    code: REPLY.0,
    judge: reply_to,
};

/// The address in the org's code against that of the config.
fn reply_to(scene: &Scene<'_>) -> Option<Finding> {
    let wanted = &scene.integration.reply_to;
    let class = scene.name("OpenCxSenderIdentity");
    let setup = format!("Apex Classes > {class}");
    let (classes, triggers) = match (&scene.facts.classes, &scene.facts.triggers) {
        (Ok(classes), Ok(triggers)) => (classes, triggers),
        (Err(said), _) | (_, Err(said)) => {
            return Some(Finding::untold(REPLY, "the Apex code", said).setup(setup));
        }
    };
    let trigger = scene.name("OpenCxOutboundEmailSender");
    let bodies = classes
        .iter()
        .filter(|row| row.is(class))
        .chain(
            triggers
                .iter()
                .map(|row| &row.code)
                .filter(|row| row.is(trigger)),
        )
        .map(CodeRow::text);
    let found = bodies.into_iter().find_map(address_in);
    let effect =
        "without it answers go to the mailbox of OpenCX's user, and never reach Email-to-Case";
    Some(match found {
        Some(address) if address.eq_ignore_ascii_case(wanted) => {
            Finding::passed(REPLY, format!("replies ask for answers to {wanted}"))
        }
        Some(address) => Finding::failed(
            REPLY,
            format!("replies ask for answers to {address}; the config says {wanted}"),
        )
        .effect("answers of customers go to that address")
        .fix("deploy, or correct `email_cases.reply_to`")
        .setup(setup)
        .command(scene.run("deploy")),
        None => Finding::failed(REPLY, "no REPLY_TO_ADDRESS is set in the org's code")
            .effect(effect)
            .fix("deploy: ours has it")
            .setup(setup)
            .command(scene.run("deploy")),
    })
}

const CODE: Of = (Code("doctor/forwarding-mail"), Group::InboundMail);
pub(super) const CONFIRMATION: Check = Check {
    code: CODE.0,
    judge: confirmation,
};

/// Whether the mail with the confirmation code has arrived.
fn confirmation(scene: &Scene<'_>) -> Option<Finding> {
    let rows = match &scene.facts.received {
        Ok(rows) => rows,
        Err(said) => return Some(Finding::untold(CODE, "the mail that came", said)),
    };
    let found = rows.iter().find_map(|row| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let code = forwarding::confirmation(
            &text(&row.from_address),
            &text(&row.subject),
            &text(&row.text_body),
        )?;
        Some((code, moment(row.created_date.as_deref())?))
    });
    Some(match found {
        Some((confirmation, at)) => Finding::failed(
            CODE,
            format!(
                "{} asks for a confirmation that is still to be given: its mail came {}",
                confirmation.from,
                wording::time(at)
            ),
        )
        .effect("until then nothing is forwarded; the mail became a Case like any other")
        .fix("read the code from the mail and type it in where you set up the forwarding")
        .command(scene.run("forwarding-code")),
        None if rows.is_empty() && scene.may_hide_rows() => {
            Finding::maybe_hidden(CODE, "no mail that came in").command(scene.run("forwarding-code"))
        }
        None => Finding::unknown(CODE, "no confirmation mail is among the last 50 that came")
            .effect("it was never sent, or it did not reach the org")
            .fix(
                "have it sent again (Gmail: Settings > Forwarding and POP/IMAP > Re-send email), and \
                 look whether the address there is the long one beside the routing address. Microsoft \
                 365, iCloud and Fastmail send none: there forwarding works at once or, in Microsoft \
                 365, not before its administrator allows it (550 5.7.520)",
            )
            .setup("Email-to-Case > Routing Addresses")
            .command(format!("{} --wait 10", scene.run("forwarding-code"))),
    })
}

/// The value of the constant `REPLY_TO_ADDRESS`.
fn address_in(body: &str) -> Option<String> {
    let source = apex::Source::parse(body);
    let binding = source
        .bindings()
        .into_iter()
        .find(|binding| binding.name.eq_ignore_ascii_case("REPLY_TO_ADDRESS"))?;
    apex::parse_string_literal(binding.value.span.text.trim())
}

#[cfg(test)]
mod tests {
    use super::address_in;

    #[test]
    fn the_address_is_read_from_the_code() {
        let of = |value: &str| {
            address_in(&format!(
                "public class A {{ public static final String Reply_To_Address = {value}; }}"
            ))
        };
        assert_eq!(of("'a@b.example'").as_deref(), Some("a@b.example"));
        assert_eq!(of("Label.Address"), None);
        assert_eq!(address_in("// REPLY_TO_ADDRESS = 'a@b.example'"), None);
    }
}
