//! The Consumer Key and Secret as somebody holds them: looked at for their shape, never shown.

use super::Check;
use super::finding::{Finding, Group};
use super::scene::Scene;
use crate::diag::Code;
use crate::secret::Secret;

/// A Consumer Key and Secret, with every blank that came along.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// "Client ID" in OpenCX.
    pub consumer_key: Secret,
    /// "Client Secret" in OpenCX.
    pub consumer_secret: Secret,
}

const OF: (Code, Group) = (Code("doctor/credentials"), Group::Connection);
pub(super) const SHAPE: Check = Check {
    code: OF.0,
    judge: shape,
};

fn shape(scene: &Scene<'_>) -> Option<Finding> {
    let credentials = scene.request.credentials?;
    let problems = problems(
        credentials.consumer_key.expose(),
        credentials.consumer_secret.expose(),
    );
    if problems.is_empty() {
        return Some(Finding::passed(
            OF,
            "Consumer Key and Secret have the shape that Salesforce gives them; whether they are \
             those of this app only a login shows",
        ));
    }
    Some(
        Finding::failed(OF, problems.join("; "))
            .effect("OpenCX can't save them: Salesforce answers invalid_client_id or invalid_client")
            .fix(
                "copy both anew with the copy buttons beside them, and put the key into Client ID, the \
                 secret into Client Secret",
            )
            .setup(
                "External Client App Manager > your app > Settings > OAuth Settings > Consumer Key \
                 and Secret",
            ),
    )
}

/// What all Consumer Keys begin with.
const KEY_START: &str = "3MVG9";
/// The shortest ones that were seen (patterns of several scanners for leaked secrets).
const SHORTEST_KEY: usize = 85;
/// Secrets are so many hexadecimal digits; those of old apps are numbers.
const SECRET_LENGTH: usize = 64;
const OLD_SECRET_LENGTH: std::ops::RangeInclusive<usize> = 15..=20;

/// What is wrong with the shape of the two, in words that hold nothing of them.
fn problems(key: &str, secret: &str) -> Vec<String> {
    let (bare_key, bare_secret) = (bare(key), bare(secret));
    if bare_key.starts_with(KEY_START) && bare_key == bare_secret {
        return vec!["both are the Consumer Key".to_owned()];
    }
    if is_secret(bare_key) && bare_secret.starts_with(KEY_START) {
        return vec![
            "key and secret are swapped: what was given as the key is the secret".to_owned(),
        ];
    }
    let mut found = Vec::new();
    for (name, given, bare) in [("key", key, bare_key), ("secret", secret, bare_secret)] {
        found.extend(around(name, given, bare));
    }
    found.extend(of_key(bare_key));
    found.extend(of_secret(bare_secret));
    found
}

/// Blanks that are seen, and those that are not.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’')
}

fn bare(text: &str) -> &str {
    text.trim_matches(|c| is_blank(c) || is_quote(c))
}

/// What stands around a value, or in the middle of it, and doesn't belong there.
fn around(name: &str, given: &str, bare: &str) -> Option<String> {
    if bare.is_empty() {
        return Some(format!("the {name} is empty"));
    }
    if given.starts_with(is_blank) {
        return Some(format!("the {name} has a blank before it"));
    }
    if given.ends_with(is_blank) {
        return Some(format!("the {name} has a blank after it"));
    }
    if given != bare {
        return Some(format!("the {name} stands in quotes"));
    }
    bare.contains(is_blank)
        .then(|| format!("the {name} has a blank or a line break in the middle"))
}

fn of_key(key: &str) -> Option<String> {
    let solid: String = key.chars().filter(|c| !is_blank(*c)).collect();
    let length = solid.chars().count();
    if solid.is_empty() {
        return None;
    }
    if !solid.starts_with(KEY_START) {
        return Some(format!(
            "the key does not begin with {KEY_START} as every Consumer Key does"
        ));
    }
    if let Some(bad) = solid
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !"._-+/=".contains(*c))
    {
        return Some(format!(
            "the key has a character that no key has ({})",
            shown(bad)
        ));
    }
    (length < SHORTEST_KEY).then(|| {
        format!("the key is cut off: {length} characters, and {SHORTEST_KEY} is the least")
    })
}

fn is_secret(text: &str) -> bool {
    let hexadecimal =
        text.len() == SECRET_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number =
        OLD_SECRET_LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    hexadecimal || number
}

fn of_secret(secret: &str) -> Option<String> {
    let solid: String = secret.chars().filter(|c| !is_blank(*c)).collect();
    if solid.is_empty() || is_secret(&solid) {
        return None;
    }
    if let Some(bad) = solid.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Some(format!(
            "the secret has a character that no secret has ({}): it is made of 0-9 and A-F",
            shown(bad)
        ));
    }
    Some(format!(
        "the secret has {} characters, and should have {SECRET_LENGTH}",
        solid.len()
    ))
}

/// A kind of character, not the character: it is part of a secret.
fn shown(c: char) -> &'static str {
    match c {
        c if c.is_ascii_alphabetic() => "a letter",
        c if c.is_ascii_punctuation() => "a punctuation mark",
        c if c.is_control() => "one that can't be seen",
        _ => "one beyond ASCII",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of the right shape, and nobody's.
    fn key() -> String {
        format!("3MVG9{}", "Ab1._".repeat(16))
    }

    fn secret() -> String {
        "0123456789ABCDEF".repeat(4)
    }

    #[test]
    fn each_mistake_of_copying_is_named() {
        let (key, secret) = (key(), secret());
        assert_eq!(problems(&key, &secret), [""; 0]);
        assert_eq!(problems(&key, "1234567890123456789"), [""; 0]);
        for (given_key, given_secret, said) in [
            (
                format!(" {key}"),
                secret.clone(),
                "the key has a blank before it",
            ),
            (
                key.clone(),
                format!("{secret}\u{a0}"),
                "the secret has a blank after it",
            ),
            (
                key.clone(),
                format!("\u{200b}{secret}"),
                "the secret has a blank before it",
            ),
            (
                format!("\"{key}\""),
                secret.clone(),
                "the key stands in quotes",
            ),
            (secret.clone(), key.clone(), "key and secret are swapped"),
            (key.clone(), key.clone(), "both are the Consumer Key"),
            (
                key[..60].to_owned(),
                secret.clone(),
                "the key is cut off: 60 characters",
            ),
            (
                key.clone(),
                secret[..63].to_owned(),
                "the secret has 63 characters",
            ),
            (
                key.clone(),
                format!("{}!", &secret[..63]),
                "(a punctuation mark)",
            ),
            (
                "OpenCX".to_owned(),
                secret.clone(),
                "does not begin with 3MVG9",
            ),
            (key.clone(), String::new(), "the secret is empty"),
            (
                format!("{} {}", &key[..40], &key[40..]),
                secret.clone(),
                "in the middle",
            ),
        ] {
            let found = problems(&given_key, &given_secret);
            assert_eq!(found.len(), 1, "{said}: {found:?}");
            assert!(found[0].contains(said), "{found:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_of_them_is_ever_said(key in "\\PC{8,90}", secret in "[A-F0-9]{20,70}|\\PC{8,70}") {
            let said = problems(&key, &secret).join("; ");
            for given in [bare(&key), bare(&secret)] {
                let part: String = given.chars().take(8).collect();
                prop_assert!(part.len() < 8 || !said.contains(&part) , "{said}");
            }
        }
    }
}
