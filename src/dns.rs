//! What a domain says in DNS of its own mail: who may send it (SPF), how it is signed (DKIM), and what
//! becomes of mail that is neither (DMARC).
//!
//! Looking up needs the feature `dns`. Without it every answer is [`Answer::Untold`], and the names
//! are there to be looked up by hand.

#[cfg(feature = "dns")]
mod resolver;

use std::net::SocketAddr;

/// What DNS answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The texts under that name, none where there is no such name.
    Texts(Vec<String>),
    /// Nobody answered, for that reason.
    Untold(String),
}

impl Answer {
    /// The texts that begin like that; letters count as equal in upper and lower case.
    ///
    /// # Errors
    /// Why nobody answered.
    pub fn beginning(&self, start: &str) -> Result<Vec<&str>, &str> {
        match self {
            Self::Untold(reason) => Err(reason),
            Self::Texts(texts) => Ok(texts
                .iter()
                .map(|text| text.trim())
                .filter(|text| {
                    text.get(..start.len())
                        .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
                })
                .collect()),
        }
    }
}

/// The records on the mail of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRecords {
    /// The domain.
    pub domain: String,
    /// Its own texts, the SPF record among them.
    pub own: Answer,
    /// Whether the SPF record leads to Salesforce's, by itself or by what it includes; nothing where
    /// that could not be followed to its end.
    pub includes_salesforce: Option<bool>,
    /// The texts under `_dmarc`, of the domain or of the one above it.
    pub dmarc: Answer,
    /// The texts of each key's selector.
    pub dkim: Vec<(String, Answer)>,
}

/// What an SPF record includes so that Salesforce may send for the domain.
pub const SALESFORCE: &str = "_spf.salesforce.com";

/// More than these SPF itself does not look up (RFC 7208, section 4.6.4).
const MOST_LOOKUPS: usize = 10;

/// Looks the records up. `selectors` are the names of the DKIM keys that the org has for the domain.
pub async fn mail_records(
    domain: &str,
    selectors: &[&str],
    server: Option<SocketAddr>,
) -> MailRecords {
    let resolver = Resolver::new(server);
    let own = resolver.texts(domain).await;
    let includes_salesforce = leads_to_salesforce(&resolver, &own).await;
    let mut dmarc = resolver.texts(&format!("_dmarc.{domain}")).await;
    // The domain of an organisation speaks for those below it (RFC 7489, section 6.6.3).
    if let Some(above) = above(domain)
        && dmarc
            .beginning("v=DMARC1")
            .is_ok_and(|found| found.is_empty())
    {
        dmarc = resolver.texts(&format!("_dmarc.{above}")).await;
    }
    let mut dkim = Vec::new();
    for selector in selectors {
        let name = format!("{selector}._domainkey.{domain}");
        let answer = resolver.texts(&name).await;
        dkim.push((name, answer));
    }
    MailRecords {
        domain: domain.to_owned(),
        own,
        includes_salesforce,
        dmarc,
        dkim,
    }
}

/// The domain above, unless that is a top level one.
fn above(domain: &str) -> Option<&str> {
    let (_, above) = domain.split_once('.')?;
    above.contains('.').then_some(above)
}

/// Follows `include` and `redirect`, as a mail server does.
async fn leads_to_salesforce(resolver: &Resolver, own: &Answer) -> Option<bool> {
    let mut open: Vec<String> = own
        .beginning("v=spf1")
        .ok()?
        .into_iter()
        .flat_map(others)
        .collect();
    let mut seen: Vec<String> = Vec::new();
    let mut is_certain = true;
    while let Some(name) = open.pop() {
        if name == SALESFORCE {
            return Some(true);
        }
        if seen.contains(&name) {
            continue;
        }
        if seen.len() == MOST_LOOKUPS {
            return None;
        }
        match resolver.texts(&name).await.beginning("v=spf1") {
            Ok(found) => open.extend(found.into_iter().flat_map(others)),
            Err(_) => is_certain = false,
        }
        seen.push(name);
    }
    is_certain.then_some(false)
}

/// The domains that an SPF record hands on to.
fn others(record: &str) -> Vec<String> {
    record
        .split_whitespace()
        .filter_map(|term| {
            let lower = term.to_ascii_lowercase();
            let lower = lower.trim_start_matches('+');
            lower
                .strip_prefix("include:")
                .or_else(|| lower.strip_prefix("redirect="))
                .map(|name| name.trim_end_matches('.').to_owned())
        })
        .collect()
}

#[cfg(feature = "dns")]
use resolver::Resolver;

/// Stands in where this build can't look anything up.
#[cfg(not(feature = "dns"))]
struct Resolver;

#[cfg(not(feature = "dns"))]
impl Resolver {
    fn new(_: Option<SocketAddr>) -> Self {
        Self
    }

    async fn texts(&self, _: &str) -> Answer {
        Answer::Untold("this build of opencx-sf asks no DNS".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spf_records_are_read_like_a_mail_server_does() {
        assert_eq!(
            others(
                "v=spf1 ip4:192.0.2.1 INCLUDE:_spf.Salesforce.com. +include:a.example redirect=b.example -all"
            ),
            ["_spf.salesforce.com", "a.example", "b.example"]
        );
        let answer = Answer::Texts(vec![
            "V=SPF1 -all".to_owned(),
            "other".to_owned(),
            "é".to_owned(),
        ]);
        assert_eq!(answer.beginning("v=spf1"), Ok(vec!["V=SPF1 -all"]));
        assert_eq!(above("mail.acme.example"), Some("acme.example"));
        assert_eq!(above("acme.example"), None);
    }
}
