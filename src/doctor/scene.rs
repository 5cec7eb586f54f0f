//! The facts beside what the config wants: what every check looks at.

use std::collections::BTreeMap;

use super::facts::{CodeRow, Facts};
use super::request::Request;
use crate::compare::{Change, ChangeKind, Live, LiveState, Modified, compare};
use crate::config::Integration;
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::Package;
use crate::plan::OrgFacts;
use crate::sf::Told;
use crate::sf::text::clean;

/// What is and what should be.
pub(super) struct Scene<'a> {
    pub facts: &'a Facts,
    pub org: &'a OrgFacts,
    pub integration: &'a Integration,
    pub package: &'a Package,
    pub request: &'a Request<'a>,
    /// How each trigger and class of ours stands; none where the org did not show its code.
    changes: BTreeMap<ComponentId, Change>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        facts: &'a Facts,
        org: &'a OrgFacts,
        integration: &'a Integration,
        package: &'a Package,
        request: &'a Request<'a>,
    ) -> Self {
        Self {
            facts,
            org,
            integration,
            package,
            request,
            changes: changes(facts, package),
        }
    }

    /// The name in use of a component that is shipped under that one.
    pub(super) fn name(&self, shipped: &'a str) -> &'a str {
        name_of(self.integration, shipped)
    }

    /// A trigger or class of the package, by its shipped name.
    pub(super) fn wanted(&self, kind: MetadataType, shipped: &str) -> Option<&'a Component> {
        let name = name_of(self.integration, shipped);
        self.package.components.get(&ComponentId::new(kind, name))
    }

    /// How a trigger or class stands to the package.
    pub(super) fn change(&self, id: &ComponentId) -> Option<&Change> {
        self.changes.get(id)
    }

    /// Our classes that work, not the tests, that differ from the package.
    pub(super) fn differing_classes(&self) -> impl Iterator<Item = &Change> {
        self.changes.values().filter(|change| {
            change.component.kind == MetadataType::ApexClass && change.kind != ChangeKind::Same
        })
    }

    /// Whether none of our triggers and classes is in the org.
    pub(super) fn has_none_of_our_code(&self) -> bool {
        let mut changes = self.changes.values().peekable();
        changes.peek().is_some() && changes.all(|change| change.kind == ChangeKind::Missing)
    }

    /// Whether rows may be there that whoever asks is not shown: then none is no proof.
    pub(super) fn may_hide_rows(&self) -> bool {
        self.facts.sees_all == Some(false)
    }

    /// `opencx-sf COMMAND --target-org NAME`.
    pub(super) fn run(&self, command: &str) -> String {
        format!("opencx-sf {command} --target-org {}", self.org.target)
    }
}

/// The name in use of a component that is shipped under that one.
pub(super) fn name_of<'a>(integration: &'a Integration, shipped: &'a str) -> &'a str {
    integration
        .names
        .get(shipped)
        .map_or(shipped, String::as_str)
}

/// Whether a class is a test or helps tests.
pub(super) fn is_test(component: &Component) -> bool {
    component
        .source
        .as_deref()
        .is_some_and(|source| source.to_ascii_lowercase().contains("@istest"))
}

/// Who changed a row last, and when.
fn modified(row: &CodeRow) -> Option<Modified> {
    let at = super::facts::moment(row.last_modified_date.as_deref())?;
    Some(Modified {
        by: clean(row.last_modified_by.as_ref()?.name.as_deref()?),
        by_id: String::new(),
        at: at.to_string(),
        made: None,
    })
}

/// What an org holds of a piece of Apex, as a component.
fn component(id: &ComponentId, row: &CodeRow) -> Component {
    let kind = id.kind.name();
    // Statuses are words of the platform; anything else would not be one.
    let status: String = row
        .status
        .as_deref()
        .unwrap_or("Active")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    Component {
        id: id.clone(),
        source: row.body.clone(),
        xml: format!(
            "<{kind} xmlns=\"{}\"><apiVersion>{:.1}</apiVersion><status>{status}</status></{kind}>",
            crate::metadata::NAMESPACE,
            row.api_version.unwrap_or_default()
        ),
    }
}

fn changes(facts: &Facts, package: &Package) -> BTreeMap<ComponentId, Change> {
    let mut wanted = package.clone();
    wanted
        .components
        .retain(|id, component| id.kind.has_source() && !is_test(component));
    wanted.secrets.clear();
    let live = wanted.components.keys().map(|id| {
        let found = match id.kind {
            MetadataType::ApexTrigger => look(id, &facts.triggers, |row| &row.code),
            _ => look(id, &facts.classes, |row| row),
        };
        (id.clone(), found)
    });
    let live = Live {
        components: live.collect(),
    };
    compare(&wanted, &live)
        .into_iter()
        .map(|change| (change.component.clone(), change))
        .collect()
}

/// What the org holds under that name, among rows that have code.
fn look<T>(id: &ComponentId, rows: &Told<Vec<T>>, code: impl Fn(&T) -> &CodeRow) -> LiveState {
    let rows = match rows {
        Ok(rows) => rows,
        Err(said) => {
            return LiveState::Unreadable {
                reason: format!("{}: {}", said.error_code, said.message),
            };
        }
    };
    let mut rows = rows.iter().map(code);
    rows.find(|row| row.is(id.full_name.as_str()))
        .map_or(LiveState::Absent, |row| LiveState::Present {
            component: component(id, row),
            modified: modified(row),
        })
}
