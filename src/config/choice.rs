//! Settings with a few fixed words as values.

use schemars::Schema;
use serde_json::json;

use super::value::{ValueError, Word, schema};
use super::{CaseTrigger, CredentialModel};

fn read<T: Copy>(
    text: &str,
    words: &'static [&'static str],
    values: &[T],
) -> Result<T, ValueError> {
    let position = words.iter().position(|word| *word == text);
    position
        .and_then(|position| values.get(position).copied())
        .ok_or_else(|| ValueError::Choice {
            given: text.to_owned(),
            choices: words,
        })
}

impl CredentialModel {
    /// Works for every user who saves a Case, without a permission.
    pub(super) const DEFAULT: Self = Self::Legacy;
    const WORDS: &'static [&'static str] = &["legacy", "secured_endpoint"];

    /// The word that the config and templates have for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::SecuredEndpoint => "secured_endpoint",
        }
    }
}

impl Word for CredentialModel {
    const EXPECTED: &'static str = "legacy or secured_endpoint";

    fn read(text: &str) -> Result<Self, ValueError> {
        read(text, Self::WORDS, &[Self::Legacy, Self::SecuredEndpoint])
    }

    fn shown(&self) -> String {
        self.word().to_owned()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "enum": Self::WORDS }))
    }
}

impl CaseTrigger {
    /// Nothing of the org's own has to be changed.
    pub(super) const DEFAULT: Self = Self::Shipped;
    const WORDS: &'static [&'static str] = &["shipped", "existing"];

    /// The word that the config and templates have for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Existing => "existing",
        }
    }
}

impl Word for CaseTrigger {
    const EXPECTED: &'static str = "shipped or existing";

    fn read(text: &str) -> Result<Self, ValueError> {
        read(text, Self::WORDS, &[Self::Shipped, Self::Existing])
    }

    fn shown(&self) -> String {
        self.word().to_owned()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "enum": Self::WORDS }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_word_is_its_value<T: Word>(words: &[&str]) {
        for word in words {
            assert_eq!(
                T::read(word).map(|value| value.shown()),
                Ok((*word).to_owned())
            );
        }
        assert!(T::read("").is_err());
    }

    #[test]
    fn words_read_and_show_alike() {
        every_word_is_its_value::<CredentialModel>(CredentialModel::WORDS);
        every_word_is_its_value::<CaseTrigger>(CaseTrigger::WORDS);
    }
}
