//! Names of components: which are shipped, what a new one may be, and that no two are the same.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::SHIPPED_NAMES;
use super::layer::{Layers, Origin};
use super::option::{Key, Part, Shown};
use super::section::Section;
use super::setting::Setting;
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

/// New names by the shipped name.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(pub BTreeMap<&'static str, Setting<ComponentName>>);

impl JsonSchema for Names {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = generator.subschema_for::<NewName>();
        let properties: Map<String, Value> = SHIPPED_NAMES
            .iter()
            .map(|(shipped, _)| ((*shipped).to_owned(), name.clone().to_value()))
            .collect();
        schema(json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        }))
    }
}

/// A new name, described once for all components.
#[derive(JsonSchema)]
#[schemars(transparent)]
#[expect(dead_code, reason = "only its schema is used")]
struct NewName(Setting<ComponentName>);

impl Part for Names {
    type Value = Infallible;

    fn read(section: &mut Section<'_, '_>, key: &'static str) -> Self {
        section.section(key, |mut section| {
            let names = SHIPPED_NAMES.iter().filter_map(|&(shipped, _)| {
                let name: Setting<ComponentName> = section.setting(shipped);
                name.is_present().then_some((shipped, name))
            });
            let names = Self(names.collect());
            section.close();
            names
        })
    }

    fn json(default: Infallible) -> Value {
        match default {}
    }

    fn is_present(&self) -> bool {
        !self.0.is_empty()
    }

    fn show<S, T>(layers: &Layers<'_, S>, key: &Key<S, Self, T>, list: &mut Vec<Shown>) {
        let layers = layers.below(key);
        for (shipped, name, origin) in layers.renamed() {
            if let Some(name) = name.shown() {
                list.push((layers.path_of(shipped), name, origin));
            }
        }
    }
}

impl<'a> Layers<'a, Names> {
    /// The new names that hold, by shipped name.
    pub fn renamed(
        &self,
    ) -> impl Iterator<Item = (&'static str, &'a Setting<ComponentName>, Origin)> + use<'a> {
        let (top, org) = (self.top, self.org);
        SHIPPED_NAMES.iter().filter_map(move |&(shipped, _)| {
            let org = org.and_then(|names| names.0.get(shipped));
            let org = org.map(|name| (shipped, name, Origin::OrgBlock));
            let top = top.and_then(|names| names.0.get(shipped));
            org.or(top.map(|name| (shipped, name, Origin::TopLevel)))
        })
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
