//! What DNS says of the domain that customers answer to.

use std::net::SocketAddr;

use super::Check;
use super::facts::DomainKeyRow;
use super::finding::{Finding, Group};
use super::scene::Scene;
use crate::config::{Delivery, Integration};
use crate::diag::Code;
use crate::dns::{self, MailRecords};
use crate::sf::Told;

type Of = (Code, Group);

const fn of(code: &'static str) -> Of {
    (Code(code), Group::InboundMail)
}

const fn check(of: Of, judge: fn(&Scene<'_>) -> Option<Finding>) -> Check {
    Check { code: of.0, judge }
}

/// The checks for which DNS must be asked.
pub(super) const CODES: [&str; 3] = ["doctor/spf", "doctor/dmarc", "doctor/dkim-record"];

/// Asks for the domain of the reply-to address.
pub(super) async fn look_up(
    integration: &Integration,
    keys: &Told<Vec<DomainKeyRow>>,
    server: Option<SocketAddr>,
) -> MailRecords {
    let address = integration.reply_to.to_ascii_lowercase();
    let domain = address.rsplit('@').next().unwrap_or_default();
    let selectors: Vec<&str> = keys
        .iter()
        .flatten()
        .filter(|key| key.is_active == Some(true))
        .filter(|key| {
            key.domain
                .as_deref()
                .is_some_and(|of| of.eq_ignore_ascii_case(domain))
        })
        .filter_map(|key| key.selector.as_deref())
        .filter(|selector| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            selector.chars().all(fits)
        })
        .collect();
    dns::mail_records(domain, &selectors, server).await
}

/// Nobody answered. The command works on Windows, macOS and Linux.
fn untold(of: Of, what: &str, name: &str, reason: &str) -> Finding {
    let wanted = match of.0.0 {
        "doctor/spf" => "exactly one line begins with v=spf1, and has include:_spf.salesforce.com",
        "doctor/dkim-record" => "a line has p= and a long key",
        _ => "with p=reject or p=quarantine Salesforce must sign (DKIM) or stand in the SPF record",
    };
    Finding::unknown(of, format!("{what} could not be told: {reason}")).fix(format!(
        "look by hand: `nslookup -type=TXT {name}`; {wanted}"
    ))
}

const SPF_OF: Of = of(CODES[0]);
pub(super) const SPF: Check = check(SPF_OF, spf);

fn spf(scene: &Scene<'_>) -> Option<Finding> {
    let records = scene.facts.dns.as_ref()?;
    let domain = &records.domain;
    let found = match records.own.beginning("v=spf1") {
        Ok(found) => found,
        Err(reason) => {
            let what = format!("whether {domain} lets Salesforce send its mail (SPF)");
            return Some(untold(SPF_OF, &what, domain, reason));
        }
    };
    let failed = |said: String| {
        Finding::failed(SPF_OF, said)
            .effect(
                "servers on the way, those of the forwarding among them, may drop mail of this domain \
                 that Salesforce sends, or put it into spam",
            )
            .setup("Email > Deliverability > Send Email Securely, for what Salesforce adds itself")
    };
    let right = format!("v=spf1 include:{} ~all", dns::SALESFORCE);
    if found.len() > 1 {
        return Some(
            failed(format!(
                "{domain} publishes {} SPF records, so none counts",
                found.len()
            ))
            .fix(format!(
                "have whoever runs the domain merge them into one that has include:{}",
                dns::SALESFORCE
            )),
        );
    }
    if found.is_empty() {
        return Some(
            failed(format!("{domain} publishes no SPF record")).fix(format!(
                "have whoever runs the domain publish the TXT record `{right}`"
            )),
        );
    }
    if !matches!(scene.integration.outbound.delivery, Delivery::Salesforce) {
        return Some(Finding::passed(
            SPF_OF,
            format!(
                "{domain} publishes an SPF record; replies leave by a provider, whose name it must have"
            ),
        ));
    }
    Some(match records.includes_salesforce {
        Some(true) => Finding::passed(
            SPF_OF,
            format!("the SPF record of {domain} lets Salesforce send its mail"),
        ),
        Some(false) => failed(format!(
            "the SPF record of {domain} does not include {}",
            dns::SALESFORCE
        ))
        .fix(format!(
            "have whoever runs the domain add include:{} to the record, before its `all`",
            dns::SALESFORCE
        )),
        None => untold(
            SPF_OF,
            &format!("whether the SPF record of {domain} leads to Salesforce's"),
            domain,
            "it includes records that could not be followed",
        ),
    })
}

const DMARC_OF: Of = of(CODES[1]);
pub(super) const DMARC: Check = check(DMARC_OF, dmarc);

fn dmarc(scene: &Scene<'_>) -> Option<Finding> {
    let records = scene.facts.dns.as_ref()?;
    let domain = &records.domain;
    let found = match records.dmarc.beginning("v=DMARC1") {
        Ok(found) => found,
        Err(reason) => {
            let what = format!("what {domain} wants done with mail that is not its own (DMARC)");
            return Some(untold(DMARC_OF, &what, &format!("_dmarc.{domain}"), reason));
        }
    };
    let policy = found.first().and_then(|record| tag(record, "p"));
    let is_signed = scene.facts.dkim_keys.as_ref().is_ok_and(|keys| {
        keys.iter().any(|key| {
            key.is_active == Some(true)
                && key
                    .domain
                    .as_deref()
                    .is_some_and(|of| domain.eq_ignore_ascii_case(of))
        })
    });
    Some(match policy.as_deref() {
        Some(policy @ ("reject" | "quarantine"))
            if !is_signed && records.includes_salesforce == Some(false) =>
        {
            Finding::failed(
                DMARC_OF,
                format!(
                    "{domain} has other servers {} mail that is neither signed nor sent by whom SPF \
                     names, and Salesforce is neither",
                    if policy == "reject" { "refuse" } else { "put aside" }
                ),
            )
            .effect("replies that Salesforce sends for the domain don't arrive")
            .fix(format!(
                "create a DKIM key for {domain} in Salesforce, publish its two records, activate it"
            ))
            .setup("Email > DKIM Keys")
        }
        Some(policy) => Finding::passed(
            DMARC_OF,
            format!("the DMARC policy of {domain} is p={policy}, and mail of Salesforce passes it"),
        ),
        None => Finding::passed(
            DMARC_OF,
            format!("{domain} publishes no DMARC policy: nothing of its mail is refused for that"),
        ),
    })
}

/// The value of a tag in a record, in lower case.
fn tag(record: &str, name: &str) -> Option<String> {
    record.split(';').find_map(|part| {
        let (found, value) = part.split_once('=')?;
        let plain: String = value
            .trim()
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        found.trim().eq_ignore_ascii_case(name).then_some(plain)
    })
}

const DKIM_OF: Of = of(CODES[2]);
pub(super) const DKIM: Check = check(DKIM_OF, dkim);

/// Each active key's record must be published, or its signature is worth nothing.
fn dkim(scene: &Scene<'_>) -> Option<Finding> {
    let records = scene.facts.dns.as_ref()?;
    let (first, _) = records.dkim.first()?;
    let mut untold_of = None;
    for (name, answer) in &records.dkim {
        match answer {
            dns::Answer::Untold(reason) => untold_of = Some((name, reason)),
            dns::Answer::Texts(texts) if !texts.iter().any(|text| text.contains("p=")) => {
                return Some(
                    Finding::failed(
                        DKIM_OF,
                        format!("the org signs mail with a DKIM key whose record {name} is not published"),
                    )
                    .effect("other servers can't check the signature, and take the mail for unsigned")
                    .fix(
                        "have whoever runs the domain publish the CNAME record that Salesforce shows \
                         beside the key",
                    )
                    .setup("Email > DKIM Keys"),
                );
            }
            dns::Answer::Texts(_) => {}
        }
    }
    Some(match untold_of {
        Some((name, reason)) => untold(
            DKIM_OF,
            &format!("whether the DKIM record {name} is published"),
            name,
            reason,
        ),
        None => Finding::passed(
            DKIM_OF,
            format!("the record of the org's DKIM key is published ({first})"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn the_policy_is_read_from_the_record() {
        for (record, policy) in [
            ("v=DMARC1; p=reject; sp=none", Some("reject")),
            ("v=DMARC1;P = Quarantine", Some("quarantine")),
            ("v=DMARC1; sp=reject", None),
            ("v=DMARC1; p", None),
        ] {
            assert_eq!(tag(record, "p").as_deref(), policy, "{record}");
        }
    }
}
