//! The wave in which an org gets its deploy when many do.

use schemars::Schema;
use serde_json::json;

use super::References;
use super::value::{ValueError, Word, schema};
use super::{Config, Secrets};
use crate::diag::Diagnostic;

/// The wave of the orgs that name none.
pub const REST: &str = "rest";

/// A name of a wave: it begins with a letter, so that it can't be taken for a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WaveName(pub String);

impl Word for WaveName {
    const EXPECTED: &'static str = "the name of a wave";

    fn read(text: &str) -> Result<Self, ValueError> {
        let good = text != REST
            && text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(ValueError::Wave(text.to_owned()))
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(
            json!({ "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9._-]{0,63}$", "not": { "const": REST } }),
        )
    }
}

impl Config {
    /// The wave that an org names; `None` when it names none.
    ///
    /// # Errors
    /// An unknown org, and a reference that leads nowhere.
    pub fn wave(
        &self,
        name: &str,
        references: &dyn References,
    ) -> Result<Option<String>, Vec<Diagnostic>> {
        let Some(org) = self.org(name) else {
            return Err(vec![self.unknown_org(name)]);
        };
        self.resolve(references, Secrets::Unresolved, |resolver| {
            let wave = resolver.value(&format!("orgs.{name}.wave"), &org.block.wave)?;
            Ok(wave.map(|wave| wave.0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_size() {
        for good in ["canary", "Early-2", "a"] {
            assert_eq!(WaveName::read(good), Ok(WaveName(good.to_owned())));
        }
        for bad in ["", "rest", "1", "10", "-a", "a b", "é"] {
            assert!(WaveName::read(bad).is_err(), "{bad}");
        }
    }
}
