//! The other way round: what an org holds becomes what is wanted, by a value of the config or by a
//! template of the user's own. Nothing is written here; every step is tried by rendering again and
//! comparing, and is taken only when less differs and nothing else begins to.

mod overrides;
mod reason;
mod trial;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;
use serde_json::Value;

use crate::compare::{Change, Live};
use crate::config::{IgnoreRule, References};
use crate::metadata::ComponentId;
use crate::package::Manifest;
use crate::template::Catalog;

pub use reason::Reason;
use trial::Trial;

/// What is adopted from, and into.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The config file, as the user named it.
    pub file: &'a Path,
    /// Its text.
    pub text: &'a str,
    /// The org, by its name in the config.
    pub org: &'a str,
    /// Where the config's references lead.
    pub references: &'a dyn References,
    /// The templates in use.
    pub catalog: &'a Catalog,
    /// What the org holds.
    pub live: &'a Live,
    /// What it was asked for.
    pub asked: &'a Manifest,
    /// The differences that are meant to be: they stay.
    pub rules: &'a [IgnoreRule],
    /// The day on which the rules are applied.
    pub today: Date,
}

/// A value of the config that the org has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedValue {
    /// The key, with its whole path: `orgs.sandbox.email_cases.reply_to`.
    pub key: String,
    /// The line of the new text.
    pub line: usize,
    /// What held before, as `config show` has it.
    pub was: Option<String>,
    /// What the org has.
    pub value: Value,
    /// Orgs for which it holds too, because it stands at the top level.
    pub also_for: Vec<String>,
}

/// A template of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedTemplate {
    /// The component that it is for.
    pub component: ComponentId,
    /// Below the folder of templates: `classes/OpenCxLog.cls`.
    pub path: String,
    /// The template in use until now.
    pub was: String,
    /// The new one.
    pub text: String,
    /// Whether the one in use is the user's own already.
    pub replaces: bool,
    /// Whether it still holds the config's values; else they stand in it as the org has them.
    pub keeps_values: bool,
}

/// What can be adopted, and what can't.
#[derive(Debug)]
pub struct Adoption {
    /// The new text of the config, where it changes.
    pub text: Option<String>,
    /// The values that it changes.
    pub values: Vec<AdoptedValue>,
    /// The templates to write.
    pub templates: Vec<AdoptedTemplate>,
    /// What stays a difference, and why.
    pub left: Vec<(Change, Reason)>,
}

impl Adoption {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.templates.is_empty()
    }
}

/// Finds what has to be written so that what is rendered is what the org holds. `None` when the
/// config of today doesn't render, so that there is nothing to start from.
pub fn adopt(ground: Ground<'_>) -> Option<Adoption> {
    let mut now = Trial::of(ground, ground.text, ground.catalog)?;
    let mut adopted = Vec::new();
    let mut tried = BTreeSet::new();
    while let Some((better, value)) = next_value(ground, &now, &mut tried) {
        now = better;
        adopted.push(value);
    }
    let mut templates = Vec::new();
    let mut left = Vec::new();
    for change in now.differing() {
        match overrides::template(ground, &now, &change) {
            Some((better, template)) => {
                // The rest of this component: a status beside the source, for example.
                let rest = better.differing().into_iter();
                let rest = rest.filter(|rest| rest.component == change.component);
                left.extend(rest.map(|rest| (reason::why(&rest, &better), rest)));
                now = better;
                templates.push(template);
            }
            None => left.push((reason::why(&change, &now), change)),
        }
    }
    let unreadable = now.unreadable().into_iter();
    left.extend(unreadable.map(|change| (reason::why(&change, &now), change)));
    Some(Adoption {
        text: (!adopted.is_empty()).then(|| now.text.clone()),
        values: adopted,
        templates,
        left: left
            .into_iter()
            .map(|(why, change)| (change, why))
            .collect(),
    })
}

/// The first value that makes less differ.
fn next_value<'a>(
    ground: Ground<'a>,
    now: &Trial<'a>,
    tried: &mut BTreeSet<(String, String)>,
) -> Option<(Trial<'a>, AdoptedValue)> {
    for change in now.differing() {
        for (key, value) in values::candidates(now, &change) {
            if !tried.insert((key.clone(), value.to_string())) {
                continue;
            }
            let path = now.config.path_for(ground.org, &key);
            let parts: Vec<&str> = path.iter().map(String::as_str).collect();
            let Some(edit) = now.config.with_value(&now.text, &parts, &value) else {
                continue;
            };
            let Some(better) = Trial::after(Some(now), ground, &edit.text, &now.catalog) else {
                continue;
            };
            if !better.is_better_than(now) {
                continue;
            }
            // Another value may be the right one after this.
            tried.retain(|(other, _)| *other == key);
            let at_top = path.first().is_some_and(|first| first != "orgs");
            let others = now.config.org_names().into_iter();
            let adopted = AdoptedValue {
                key: path.join("."),
                line: edit.line,
                was: now.shown(&key),
                value,
                also_for: others.filter(|name| at_top && name != ground.org).collect(),
            };
            return Some((better, adopted));
        }
    }
    None
}
