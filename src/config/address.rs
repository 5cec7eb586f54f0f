//! One plain e-mail address.

use schemars::Schema;
use serde_json::json;

use super::value::{ValueError, Word, schema};

/// An address that can stand in mail headers, Apex and XML without surprises: RFC 5321's form
/// without quoted local parts, comments, literals or characters beyond ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailAddress(pub String);

impl Word for MailAddress {
    const EXPECTED: &'static str = "an e-mail address";

    fn read(text: &str) -> Result<Self, ValueError> {
        match flaw(text) {
            Some(flaw) => Err(ValueError::Address(flaw)),
            None => Ok(Self(text.to_owned())),
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "format": "email" }))
    }
}

/// Lengths are those of RFC 5321, 4.5.3.1.
fn flaw(text: &str) -> Option<&'static str> {
    let Some((local, domain)) = text.split_once('@') else {
        return Some("it has no @");
    };
    if domain.contains('@') {
        return Some("it has more than one @");
    }
    if text.len() > 254 {
        return Some("it has more than 254 characters");
    }
    local_flaw(local).or_else(|| domain_flaw(domain))
}

fn local_flaw(local: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".+-_'&=~".contains(c);
    if local.is_empty() {
        Some("nothing stands before the @")
    } else if local.len() > 64 {
        Some("more than 64 characters stand before the @")
    } else if !local.chars().all(allowed) {
        Some("a character before the @ is not allowed")
    } else if local.split('.').any(str::is_empty) {
        Some("a dot before the @ has no neighbour")
    } else {
        None
    }
}

/// Why a text is not a host name with a dot.
pub(super) fn domain_flaw(domain: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    match domain.rsplit_once('.') {
        None => Some("the domain has no dot"),
        Some(_) if !domain.split('.').all(is_label) => Some("the domain is not a host name"),
        Some((_, top)) if top.len() < 2 || !top.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Some("the domain has no top-level domain")
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_plain_addresses() {
        for good in [
            "support@acme.example",
            "o'neil+cases@mail.acme.co.uk",
            "a_b-c.d=e@xn--bcher-kva.example",
        ] {
            assert_eq!(MailAddress::read(good), Ok(MailAddress(good.to_owned())));
        }
    }

    #[test]
    fn refuses_everything_else_with_the_reason() {
        let long_local = format!("{}@acme.example", "a".repeat(65));
        let long_domain = format!("a@{}example", "a.".repeat(130));
        for (bad, reason) in [
            ("", "it has no @"),
            (
                "Acme <support@acme.example>",
                "a character before the @ is not allowed",
            ),
            ("a@b@acme.example", "it has more than one @"),
            ("a@acme.example, b@acme.example", "it has more than one @"),
            ("@acme.example", "nothing stands before the @"),
            ("a..b@acme.example", "a dot before the @ has no neighbour"),
            (".a@acme.example", "a dot before the @ has no neighbour"),
            (
                "a'; delete c; //@acme.example",
                "a character before the @ is not allowed",
            ),
            (
                "a*/@acme.example",
                "a character before the @ is not allowed",
            ),
            (
                "\"a\"@acme.example",
                "a character before the @ is not allowed",
            ),
            (
                "a\nBcc: x@acme.example",
                "a character before the @ is not allowed",
            ),
            (
                "bücher@acme.example",
                "a character before the @ is not allowed",
            ),
            ("a@localhost", "the domain has no dot"),
            ("a@acme..example", "the domain is not a host name"),
            ("a@-acme.example", "the domain is not a host name"),
            ("a@acme.example\n", "the domain is not a host name"),
            ("a@[127.0.0.1]", "the domain is not a host name"),
            ("a@127.0.0.1", "the domain has no top-level domain"),
            (&long_local, "more than 64 characters stand before the @"),
            (&long_domain, "it has more than 254 characters"),
        ] {
            assert_eq!(
                MailAddress::read(bad),
                Err(ValueError::Address(reason)),
                "{bad:?}"
            );
        }
    }
}
