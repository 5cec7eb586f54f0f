//! Replies of OpenCX on their way to customers.

use std::collections::BTreeSet;

use super::finding::{Finding, Group};
use super::holders::{holders, person};
use super::scene::Scene;
use super::{Check, code};
use crate::config::{Delivery, Sender};
use crate::diag::Code;
use crate::metadata::MetadataType;
use crate::sf::{MailPermission, OrgKind};

type Of = (Code, Group);

const fn of(code: &'static str) -> Of {
    (Code(code), Group::OutboundMail)
}

const fn check(of: Of, judge: fn(&Scene<'_>) -> Option<Finding>) -> Check {
    Check { code: of.0, judge }
}

const TRIGGER: Of = of("doctor/sender-trigger");
pub(super) const SENDER_TRIGGER: Check = check(TRIGGER, sender_trigger);

fn sender_trigger(scene: &Scene<'_>) -> Option<Finding> {
    let effect = "replies of OpenCX are stored on the Case and look sent, but nothing sends them";
    code::trigger(scene, TRIGGER, "OpenCxOutboundEmailSender", effect)
}

const CODE: Of = of("doctor/apex-classes");
pub(super) const CLASSES: Check = check(CODE, classes);

/// The other classes of ours, in one finding.
fn classes(scene: &Scene<'_>) -> Option<Finding> {
    let handler = scene.name("OpenSalesforceCaseManagement");
    let differing: Vec<_> = scene
        .differing_classes()
        .filter(|change| {
            !change
                .component
                .full_name
                .as_str()
                .eq_ignore_ascii_case(handler)
        })
        .collect();
    let Some(first) = differing.first() else {
        return Some(Finding::passed(
            CODE,
            "the other classes are as the config says",
        ));
    };
    let more = match differing.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let effect = "replies may not be sent, or not as the config says";
    let mut finding = code::class(scene, CODE, &first.component, effect);
    finding.found.push_str(&more);
    Some(finding)
}

const WHO: Of = of("doctor/attribution");
pub(super) const ATTRIBUTION: Check = check(WHO, attribution);

fn attribution(scene: &Scene<'_>) -> Option<Finding> {
    let set = scene.wanted(MetadataType::PermissionSet, "OpenCX_Integration")?;
    let setup = format!(
        "Permission Sets > {} > Manage Assignments",
        set.id.full_name
    );
    if let Err(said) = &scene.facts.assignments {
        return Some(Finding::untold(WHO, "who holds our permission sets", said).setup(setup));
    }
    let (name, holders) = holders(scene)?;
    let is_holder = |id: &str| {
        holders
            .iter()
            .any(|row| row.assignee_id.as_deref() == Some(id))
    };
    let stranger = scene.facts.outbound.as_ref().ok().and_then(|rows| {
        rows.iter().find(|row| {
            row.looks_like_opencx()
                && row
                    .created_by_id
                    .as_deref()
                    .is_some_and(|id| !is_holder(id))
        })
    });
    let effect = "only rows that a holder writes count as replies of OpenCX; all others are left \
                  alone, so nothing is sent";
    if let Some(row) = stranger {
        let who = person(row.created_by.as_ref());
        return Some(
            Finding::failed(
                WHO,
                format!(
                    "replies are written by {who}, who does not hold the permission set {name}"
                ),
            )
            .effect(effect)
            .fix(format!(
                "assign {name} to {who}, if that is the user as whom OpenCX is connected; it must \
                 not go to people who write mail by hand"
            ))
            .setup(setup),
        );
    }
    if holders.is_empty() {
        return Some(
            Finding::failed(WHO, format!("nobody holds the permission set {name}"))
                .effect(effect)
                .fix(if scene.has_none_of_our_code() {
                    "deploy first, as none of our code is in the org; then assign it to the user as \
                     whom OpenCX is connected, and to nobody else"
                } else {
                    "assign it to the user as whom OpenCX is connected, and to nobody else"
                })
                .setup(setup),
        );
    }
    let inactive = holders
        .iter()
        .find(|row| row.assignee.as_ref().and_then(|user| user.is_active) == Some(false));
    if let (Some(row), 1) = (inactive, holders.len()) {
        let who = person(row.assignee.as_ref());
        return Some(
            Finding::failed(
                WHO,
                format!("{who}, the only holder of {name}, is not active"),
            )
            .effect("OpenCX can't write to the org as a user who is switched off")
            .fix("activate the user, or connect OpenCX as another one and assign the set to it")
            .setup(format!("Users > {who}")),
        );
    }
    let names: Vec<String> = holders
        .iter()
        .map(|row| person(row.assignee.as_ref()))
        .collect();
    Some(Finding::passed(
        WHO,
        format!("{name} is held by {}", names.join(", ")),
    ))
}

const ALL_EMAIL: Of = of("doctor/deliverability");
pub(super) const DELIVERABILITY: Check = check(ALL_EMAIL, deliverability);

fn by_salesforce(scene: &Scene<'_>) -> bool {
    matches!(scene.integration.outbound.delivery, Delivery::Salesforce)
}

fn deliverability(scene: &Scene<'_>) -> Option<Finding> {
    if !by_salesforce(scene) {
        return None;
    }
    let setup = "Email > Deliverability > Access level";
    Some(match &scene.facts.mail {
        Ok(MailPermission::Granted) => {
            Finding::passed(ALL_EMAIL, "the org lets mail leave (access level All email)")
        }
        Ok(MailPermission::UsedUp) => Finding::passed(
            ALL_EMAIL,
            "the access level lets mail leave; today's allowance is used up",
        ),
        Ok(MailPermission::NotPermitted) => {
            let sandbox = match scene.org.kind {
                OrgKind::Sandbox | OrgKind::Scratch => {
                    "; new and refreshed sandboxes start like this"
                }
                _ => "",
            };
            Finding::failed(ALL_EMAIL, "the org does not let mail leave: the access level is not All email")
                .effect(format!(
                    "Salesforce refuses every mail that Apex sends{sandbox}"
                ))
                .fix("set the access level to All email (no API can do that)")
                .setup(setup)
        }
        Err(said) => Finding::untold(ALL_EMAIL, "whether the org lets mail leave", said)
            .fix("look at the access level: it must be All email (asking needs the permission Author Apex)")
            .setup(setup),
    })
}

const MAY_SEND: Of = of("doctor/send-email");
pub(super) const SEND_EMAIL: Check = check(MAY_SEND, send_email);

fn send_email(scene: &Scene<'_>) -> Option<Finding> {
    if !by_salesforce(scene) {
        return None;
    }
    let (set, holders) = holders(scene)?;
    if holders.is_empty() {
        return None;
    }
    let setup = format!("Permission Sets > {set} > System Permissions > Send Email");
    let mailers = match &scene.facts.mailers {
        Ok(rows) => rows,
        Err(said) => {
            return Some(Finding::untold(MAY_SEND, "who may send mail", said).setup(setup));
        }
    };
    let may: BTreeSet<&str> = mailers
        .iter()
        .filter_map(|row| row.assignee_id.as_deref())
        .collect();
    let without = holders.iter().find(|row| {
        row.assignee_id
            .as_deref()
            .is_none_or(|id| !may.contains(id))
    });
    if let Some(row) = without {
        let who = person(row.assignee.as_ref());
        return Some(
            Finding::failed(
                MAY_SEND,
                format!("{who} has the permission Send Email by no profile, set or group"),
            )
            .effect("Salesforce refuses the mail of that user")
            .fix(format!(
                "give the permission: {set} as it is deployed has it"
            ))
            .setup(setup)
            .command(scene.run("plan")),
        );
    }
    let by: BTreeSet<&str> = mailers
        .iter()
        .filter_map(|row| row.permission_set.as_ref()?.name.as_deref())
        .filter(|name| !name.starts_with("X0"))
        .collect();
    let by: Vec<&str> = by.into_iter().collect();
    let by = if by.is_empty() {
        "the profile".to_owned()
    } else {
        by.join(", ")
    };
    Some(Finding::passed(
        MAY_SEND,
        format!("OpenCX's user may send mail (by {by})"),
    ))
}

const FROM: Of = of("doctor/sender-domain");
pub(super) const DOMAIN: Check = check(FROM, domain);

/// Addresses at these need no verification (Salesforce Help, "Requirements to Send Email from
/// Salesforce").
const PUBLIC: [&str; 3] = ["gmail.com", "hotmail.com", "outlook.com"];

/// The address that mail comes from.
fn sender(scene: &Scene<'_>) -> Option<String> {
    match &scene.integration.sender {
        Sender::OrgWideAddress(address) => Some(address.clone()),
        Sender::DisplayName(_) => {
            let (_, holders) = holders(scene)?;
            holders
                .iter()
                .find_map(|row| row.assignee.as_ref()?.email.clone())
        }
    }
}

fn domain(scene: &Scene<'_>) -> Option<Finding> {
    if !by_salesforce(scene) {
        return None;
    }
    let address = sender(scene)?;
    let domain = address
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let setup = "Email > DKIM Keys, or Email > Authorized Email Domains";
    if domain.ends_with(".invalid") {
        return Some(
            Finding::failed(FROM, format!("the address of OpenCX's user ends in .invalid ({domain})"))
                .effect("a new sandbox spoils the addresses of its users; mail from such a one is not delivered")
                .fix("take .invalid off the user's e-mail address and confirm the change")
                .setup("Users > OpenCX's user > Email"),
        );
    }
    if PUBLIC.contains(&domain.as_str()) {
        return Some(Finding::passed(
            FROM,
            format!("mail comes from {domain}, which needs no verification"),
        ));
    }
    let signed = scene.facts.dkim_keys.as_ref().is_ok_and(|keys| {
        keys.iter().any(|key| {
            key.is_active == Some(true)
                && covers(key.domain.as_deref(), key.domain_match.as_deref(), &domain)
        })
    });
    if signed {
        return Some(Finding::passed(
            FROM,
            format!("{domain} has an active DKIM key"),
        ));
    }
    let authorized = scene
        .facts
        .authorized_domains
        .as_ref()
        .is_ok_and(|domains| {
            domains.iter().any(|row| {
                let name = row.domain_name.as_deref().unwrap_or_default();
                row.is_domain_ownership_verified == Some(true) && name.eq_ignore_ascii_case(&domain)
            })
        });
    if authorized {
        return Some(Finding::passed(
            FROM,
            format!("{domain} is a verified authorised e-mail domain"),
        ));
    }
    let fix = format!(
        "create a DKIM key for {domain}, publish its records and activate it; or verify the domain \
         as an authorised e-mail domain"
    );
    let untold = scene.facts.dkim_keys.as_ref().err().or(scene
        .facts
        .authorized_domains
        .as_ref()
        .err());
    if let Some(said) = untold {
        return Some(
            Finding::untold(FROM, &format!("whether {domain} is verified"), said)
                .fix(fix)
                .setup(setup),
        );
    }
    Some(
        Finding::failed(
            FROM,
            format!("{domain}, the domain that replies come from, is not verified in this org"),
        )
        .effect(
            "since Spring '26 Salesforce drops such mail without a word in the org (Email Logs: 550 \
             5.7.1 Delivery not authorized), or sends it from sfcustomeremail.com where Deliverability \
             has that switched on",
        )
        .fix(fix)
        .setup(setup),
    )
}

/// Whether a DKIM key signs mail of that domain.
fn covers(key: Option<&str>, matching: Option<&str>, domain: &str) -> bool {
    let key = key.unwrap_or_default().to_ascii_lowercase();
    let is_it = key == domain;
    let is_below = domain
        .strip_suffix(&key)
        .is_some_and(|rest| rest.ends_with('.'));
    match matching {
        Some("SubdomainsOnly") => is_below,
        Some("DomainAndSubdomains") => is_it || is_below,
        _ => is_it,
    }
}

const ADDRESS: Of = of("doctor/org-wide-address");
pub(super) const ORG_WIDE: Check = check(ADDRESS, org_wide);

fn org_wide(scene: &Scene<'_>) -> Option<Finding> {
    let Sender::OrgWideAddress(wanted) = &scene.integration.sender else {
        return None;
    };
    if !by_salesforce(scene) {
        return None;
    }
    let setup = "Email > Organization-Wide Addresses";
    let rows = match &scene.facts.org_wide {
        Ok(rows) => rows,
        Err(said) => {
            return Some(
                Finding::untold(ADDRESS, "the organisation-wide addresses", said).setup(setup),
            );
        }
    };
    let found = rows.iter().find(|row| {
        row.address
            .as_deref()
            .is_some_and(|address| address.eq_ignore_ascii_case(wanted))
    });
    Some(match found.map(|row| row.is_verified) {
        None => Finding::failed(
            ADDRESS,
            format!("the org has no organisation-wide address {wanted}"),
        )
        .effect("no reply can be sent from it")
        .fix("add it, and click the link in the mail that Salesforce sends to it")
        .setup(setup),
        Some(Some(false)) => Finding::failed(ADDRESS, format!("{wanted} was never verified"))
            .effect("Salesforce refuses mail from it")
            .fix("click Resend, then the link in the mail that arrives there")
            .setup(setup),
        Some(_) => Finding::passed(
            ADDRESS,
            format!("{wanted} is a verified organisation-wide address"),
        ),
    })
}

const WRITTEN: Of = of("doctor/reply-rows");
pub(super) const ROWS: Check = check(WRITTEN, rows);

/// Whether OpenCX writes replies at all: without any the fault is on its side.
fn rows(scene: &Scene<'_>) -> Option<Finding> {
    let rows = match &scene.facts.outbound {
        Ok(rows) => rows,
        Err(said) if said.error_code == "INVALID_TYPE" => return None,
        Err(said) => {
            return Some(
                Finding::untold(WRITTEN, "the mail on Cases", said)
                    .fix("ask again as a user who may read Cases"),
            );
        }
    };
    let replies = rows.iter().filter(|row| row.looks_like_opencx()).count();
    if replies == 0 && scene.may_hide_rows() {
        let what = "no reply of OpenCX in the last 7 days";
        return Some(Finding::maybe_hidden(WRITTEN, what));
    }
    Some(if replies == 0 {
        Finding::passed(
            WRITTEN,
            "no reply of OpenCX was written to a Case in the last 7 days, so there was nothing to send",
        )
    } else {
        Finding::passed(
            WRITTEN,
            format!(
                "{} of OpenCX written to Cases in the last 7 days",
                if replies == 1 {
                    "1 reply".to_owned()
                } else {
                    format!("{replies} replies")
                }
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_key_signs_what_it_says() {
        for (matching, own, below, other) in [
            ("DomainOnly", true, false, false),
            ("SubdomainsOnly", false, true, false),
            ("DomainAndSubdomains", true, true, false),
        ] {
            let signs = |domain| covers(Some("Acme.example"), Some(matching), domain);
            assert_eq!(
                (
                    signs("acme.example"),
                    signs("mail.acme.example"),
                    signs("notacme.example")
                ),
                (own, below, other),
                "{matching}"
            );
        }
    }
}
