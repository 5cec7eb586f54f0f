//! Names of components: which are shipped, what a new one may be, and that no two are the same.

use std::collections::BTreeMap;

use schemars::Schema;
use serde_json::json;

use super::SHIPPED_NAMES;
use super::value::{ValueError, Word, schema};
use crate::apex;

/// A name that a component is given in place of its shipped one. The rule for Apex is the
/// strictest of all types, so it is asked of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ComponentName(pub String);

impl Word for ComponentName {
    const EXPECTED: &'static str = "a name";

    fn read(text: &str) -> Result<Self, ValueError> {
        match apex::check_name(text) {
            Ok(()) => Ok(Self(text.to_owned())),
            Err(error) => Err(ValueError::Name {
                name: text.to_owned(),
                error,
            }),
        }
    }

    fn shown(&self) -> String {
        self.0.clone()
    }

    fn schema() -> Schema {
        schema(json!({ "type": "string", "maxLength": 40, "pattern": "^[A-Za-z][A-Za-z0-9_]*$" }))
    }
}

/// Two components of one name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Collision {
    pub first: &'static str,
    pub second: &'static str,
    pub name: String,
}

/// The pairs of shipped names that are one name after renaming, without regard to case. A class
/// and a trigger of one name are possible in Salesforce, and refused too: nobody could tell which
/// of them a message is about.
pub(super) fn collisions(renamed: &BTreeMap<&'static str, &str>) -> Vec<Collision> {
    let mut taken: BTreeMap<String, &'static str> = BTreeMap::new();
    let mut found = Vec::new();
    for &(shipped, _) in SHIPPED_NAMES {
        let name = renamed.get(shipped).copied().unwrap_or(shipped);
        if let Some(first) = taken.insert(name.to_ascii_lowercase(), shipped) {
            found.push(Collision {
                first,
                second: shipped,
                name: name.to_owned(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_names_are_different_and_valid() {
        assert_eq!(collisions(&BTreeMap::new()), []);
        for (name, _) in SHIPPED_NAMES {
            assert_eq!(
                ComponentName::read(name),
                Ok(ComponentName((*name).to_owned()))
            );
        }
    }

    #[test]
    fn a_new_name_collides_with_new_and_shipped_ones_but_swaps_do_not() {
        let renamed = BTreeMap::from([("CaseTrigger", "opencxoutboundemail")]);
        let collision = Collision {
            first: "CaseTrigger",
            second: "OpenCxOutboundEmail",
            name: "OpenCxOutboundEmail".to_owned(),
        };
        assert_eq!(collisions(&renamed), [collision]);
        let swapped = BTreeMap::from([
            ("CaseTrigger", "OpenCxOutboundEmail"),
            ("OpenCxOutboundEmail", "CaseTrigger"),
        ]);
        assert_eq!(collisions(&swapped), []);
    }
}
