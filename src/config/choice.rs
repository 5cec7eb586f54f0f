//! Words out of a few, numbers of a range, and true or false: the plain kinds of values.

use schemars::Schema;
use serde_json::json;

use super::value::{ValueError, Word, schema};
use super::{CaseFilter, CaseTrigger, CredentialModel};

/// A word out of a few.
pub(super) trait Choice: Copy + PartialEq + 'static {
    /// The words as a sentence has them.
    const EXPECTED: &'static str;
    /// The words.
    const WORDS: &'static [&'static str];
    /// What the words stand for, in the same order.
    const ALL: &'static [Self];
}

impl<T: Choice> Word for T {
    const EXPECTED: &'static str = <T as Choice>::EXPECTED;

    fn read(text: &str) -> Result<Self, ValueError> {
        let mut choices = T::WORDS.iter().zip(T::ALL);
        let found = choices.find(|(word, _)| **word == text);
        found
            .map(|(_, choice)| *choice)
            .ok_or_else(|| ValueError::Choice {
                given: text.to_owned(),
                choices: T::WORDS,
            })
    }

    fn shown(&self) -> String {
        self.word().to_owned()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "enum": T::WORDS }))
    }
}

impl CaseFilter {
    /// Breaks the loop in which OpenCX is told of the Cases that it made itself.
    pub(super) const DEFAULT: Self = Self::NotOpencx;
}

impl Choice for CaseFilter {
    const EXPECTED: &'static str = "all, not_opencx or only_opencx";
    const WORDS: &'static [&'static str] = &["all", "not_opencx", "only_opencx"];
    const ALL: &'static [Self] = &[Self::All, Self::NotOpencx, Self::OnlyOpencx];
}

impl CredentialModel {
    /// Works for every user who saves a Case, without a permission.
    pub(super) const DEFAULT: Self = Self::Legacy;
}

impl Choice for CredentialModel {
    const EXPECTED: &'static str = "legacy or secured_endpoint";
    const WORDS: &'static [&'static str] = &["legacy", "secured_endpoint"];
    const ALL: &'static [Self] = &[Self::Legacy, Self::SecuredEndpoint];
}

impl CaseTrigger {
    /// Nothing of the org's own has to be changed.
    pub(super) const DEFAULT: Self = Self::Shipped;
}

impl Choice for CaseTrigger {
    const EXPECTED: &'static str = "shipped or existing";
    const WORDS: &'static [&'static str] = &["shipped", "existing"];
    const ALL: &'static [Self] = &[Self::Shipped, Self::Existing];
}

/// The word of a choice.
pub trait Named {
    /// As the config and templates have it.
    fn word(&self) -> &'static str;
}

impl<T: Choice> Named for T {
    fn word(&self) -> &'static str {
        let mut choices = T::WORDS.iter().zip(T::ALL);
        let found = choices.find(|(_, choice)| *choice == self);
        found.map_or("", |(word, _)| word)
    }
}

/// A whole number within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whole<const MIN: u8, const MAX: u8>(pub u8);

impl<const MIN: u8, const MAX: u8> Word for Whole<MIN, MAX> {
    const EXPECTED: &'static str = "a whole number";
    const KIND: &'static str = "a number";

    fn read(text: &str) -> Result<Self, ValueError> {
        let number = text.parse().ok();
        number
            .filter(|number| (MIN..=MAX).contains(number))
            .map(Self)
            .ok_or(ValueError::Range { min: MIN, max: MAX })
    }

    fn shown(&self) -> String {
        self.0.to_string()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "integer", "minimum": MIN, "maximum": MAX }))
    }
}

impl Word for bool {
    const EXPECTED: &'static str = "true or false";
    const KIND: &'static str = "a true/false value";

    fn read(text: &str) -> Result<Self, ValueError> {
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(ValueError::Choice {
                given: text.to_owned(),
                choices: &["true", "false"],
            }),
        }
    }

    fn shown(&self) -> String {
        self.to_string()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "boolean" }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_within_their_bounds() {
        type Small = Whole<1, 10>;
        assert_eq!(Small::read("1"), Ok(Whole(1)));
        assert_eq!(Small::read("10"), Ok(Whole(10)));
        for bad in ["0", "11", "-1", "1.5", "256", "0x1", ""] {
            let range = ValueError::Range { min: 1, max: 10 };
            assert_eq!(Small::read(bad), Err(range), "{bad}");
        }
    }
}
