//! What must not leave the house, by how it looks: addresses of mail, what URLs hold behind their host,
//! session ids and tokens, keys.

use crate::secret::{MASK, mask_url};

/// The text without them. Line by line, so that the file keeps its form.
pub fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_key = false;
    for line in text.split_inclusive('\n') {
        if line.contains("-----BEGIN") {
            in_key = true;
        }
        if in_key {
            if line.contains("-----END") {
                in_key = false;
                out.push_str(MASK);
                out.push('\n');
            }
            continue;
        }
        masked_line(line, &mut out);
    }
    if in_key {
        out.push_str(MASK);
    }
    out
}

fn masked_line(line: &str, out: &mut String) {
    let mut word = String::new();
    for c in line.chars() {
        if is_part(c) {
            word.push(c);
        } else {
            out.push_str(&masked_word(&word));
            word.clear();
            out.push(c);
        }
    }
    out.push_str(&masked_word(&word));
}

/// What words are made of: everything but blanks, quotes, and brackets.
fn is_part(c: char) -> bool {
    !(c.is_whitespace()
        || matches!(
            c,
            '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '[' | ']' | ','
        ))
}

fn masked_word(word: &str) -> String {
    // References to variables and files name secrets and hold none.
    if (word.starts_with("${") || word.starts_with("{{")) && !holds_address(word) {
        return word.to_owned();
    }
    if word.contains("://") {
        let url = mask_url(word);
        return if holds_address(&url) {
            MASK.to_owned()
        } else {
            url
        };
    }
    if holds_address(word) {
        return "[mail address]".to_owned();
    }
    if is_token(word) {
        return MASK.to_owned();
    }
    word.to_owned()
}

/// Whether something stands on both sides of an `@`; `@IsTest` is no address.
fn holds_address(word: &str) -> bool {
    word.match_indices('@').any(|(at, _)| {
        let (name, host) = (&word[..at], &word[at + 1..]);
        !name.trim_start_matches('@').is_empty() && host.contains(char::is_alphanumeric)
    })
}

/// `00D…!…` of a session, `eyJ…` of a JWT, `3MVG9…` of a consumer key, and anything as long and as mixed
/// as a secret. Ids have 18 characters, names of classes few digits.
fn is_token(word: &str) -> bool {
    let is_session = word.starts_with("00D") && word.contains('!');
    let is_known = word.starts_with("eyJ") || word.starts_with("3MVG9");
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_plain = word.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=' | b'.')
    });
    let is_mixed = word.len() >= 28 && digits >= 4 && letters >= 4 && is_plain && !is_date(word);
    is_session || (is_known && word.len() > 20) || is_mixed
}

/// `2026-11-28T19:27:34.000Z` is no secret.
fn is_date(word: &str) -> bool {
    word.as_bytes().get(4) == Some(&b'-') && word.as_bytes().get(10) == Some(&b'T')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_must_not_leave_is_masked_and_the_rest_stays() {
        for (text, expected) in [
            (
                "reply_to: support@acme.example\n",
                "reply_to: [mail address]\n",
            ),
            (
                "to \"Ann <ann@acme.example>\", now",
                "to \"Ann <[mail address]>\", now",
            ),
            (
                "https://api.open.cx/hook/t0ken?x=1 said",
                "https://api.open.cx/[redacted] said",
            ),
            ("00D000000000001!AQ.x", "[redacted]"),
            ("eyJhbGciOiJSUzI1NiJ9.eyJ.x", "[redacted]"),
            ("a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4", "[redacted]"),
            (
                "url: ${env:OPENCX_WEBHOOK_URL}",
                "url: ${env:OPENCX_WEBHOOK_URL}",
            ),
            (
                "500Fk0000000001IAA OpenCxOutboundEmailFinalizerTest",
                "500Fk0000000001IAA OpenCxOutboundEmailFinalizerTest",
            ),
            ("2026-11-28T19:27:34.000Z", "2026-11-28T19:27:34.000Z"),
            ("@IsTest name@", "@IsTest name@"),
            ("@ann@acme.example", "[mail address]"),
            ("${ann@acme.example}", "[mail address]"),
            ("x://ann@acme.example/y", "x://acme.example/[redacted]"),
        ] {
            assert_eq!(mask(text), expected);
        }
        let key =
            "a: |\n  -----BEGIN PRIVATE KEY-----\n  MIIE\n  -----END PRIVATE KEY-----\nb: 1\n";
        assert_eq!(mask(key), "a: |\n[redacted]\nb: 1\n");
    }

    proptest! {
        #[test]
        fn no_address_survives(
            before in "\\PC{0,6}",
            name in "[a-z0-9.+-]{1,8}",
            host in "[a-z]{1,8}\\.example",
            after in "[ \n\",>)]?",
        ) {
            let address = format!("{name}@{host}");
            let masked = mask(&format!("{before}{address}{after}"));
            prop_assert!(!masked.contains(&address), "{masked}");
        }
    }
}
