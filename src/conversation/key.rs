//! How people name a Case.

use std::str::FromStr;

use crate::metadata::id18;

/// A Case: by id or by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// 18 characters, `500…`.
    Id(String),
    /// `00001026`
    Number(String),
}

/// Why a text names no Case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// The id of another object.
    #[error("`{id}` is the id of {what}, not of a Case")]
    OtherObject {
        /// The id.
        id: String,
        /// Whose.
        what: &'static str,
    },
    /// Its last three characters don't belong to the others.
    #[error("`{id}` has a wrong letter somewhere: its checksum doesn't fit")]
    Checksum {
        /// The id.
        id: String,
    },
    /// Neither an id nor a number.
    #[error("`{text}` is neither the id nor the number of a Case")]
    Neither {
        /// The text.
        text: String,
    },
}

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let text = text.trim();
        // The address of a Case's page holds its id.
        let id = text.split(['/', '?']).find(|part| is_id(part));
        if let Some(id) = id {
            return of_id(id);
        }
        let is_number = (1..=12).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
        if is_number {
            return Ok(Self::Number(text.to_owned()));
        }
        Err(BadKey::Neither {
            text: crate::sf::text::clean(text),
        })
    }
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

fn of_id(id: &str) -> Result<Key, BadKey> {
    if !id.starts_with("500") {
        return Err(BadKey::OtherObject {
            id: id.to_owned(),
            what: object_of(id),
        });
    }
    let long = id18(id.get(..15).unwrap_or(id));
    // Programs that lose the case of letters lose the id.
    if id.len() == 18 && long != id {
        return Err(BadKey::Checksum { id: id.to_owned() });
    }
    Ok(Key::Id(long))
}

/// The object of an id, by its first three characters (Salesforce Help, "Standard Field Record ID
/// Prefix Decoder").
fn object_of(id: &str) -> &'static str {
    match id.get(..3) {
        Some("001") => "an Account",
        Some("003") => "a Contact",
        Some("005") => "a User",
        Some("00D") => "an org",
        Some("02s") => "an Email Message; its Case stands on its page as Parent Case",
        Some("00a") => "a Case Comment",
        Some("0Mw") => "a Messaging Session; look for it with --session",
        Some("707") => "an Apex job",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cases_are_named_by_id_number_or_address() {
        let long = id18("5005f000001ABCD");
        for text in [
            "5005f000001ABCD",
            &long,
            "https://acme.lightning.force.com/lightning/r/Case/5005f000001ABCD/view",
        ] {
            assert_eq!(text.parse(), Ok(Key::Id(long.clone())), "{text}");
        }
        assert_eq!(" 00001026 ".parse(), Ok(Key::Number("00001026".to_owned())));
    }

    #[test]
    fn what_is_no_case_is_said() {
        let said = |text: &str| text.parse::<Key>().unwrap_err().to_string();
        assert!(said("02s5f000001ABCD").contains("an Email Message"));
        assert!(said("0Mw5f000001ABCD").contains("--session"));
        let lower = id18("5005f000001ABCD").to_lowercase();
        assert!(said(&lower).contains("wrong letter"));
        assert!(said("help' OR Id != '").contains("neither"));
        assert!(said("").contains("neither"));
    }

    proptest! {
        #[test]
        fn no_text_gets_into_a_query(text in "(500|[0-9a-zA-Z' /?]|\\PC){0,20}") {
            if let Ok(Key::Id(key) | Key::Number(key)) = text.parse() {
                prop_assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            }
        }
    }
}
