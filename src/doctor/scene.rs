//! The facts beside what the config wants: what every check looks at.

use std::collections::BTreeMap;

use super::facts::{Facts, Named};
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
    /// How each trigger and class of ours stands; none where the org did not show its code.
    changes: BTreeMap<ComponentId, Change>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        facts: &'a Facts,
        org: &'a OrgFacts,
        integration: &'a Integration,
        package: &'a Package,
    ) -> Self {
        Self {
            facts,
            org,
            integration,
            package,
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
fn modified(by: Option<&Named>, at: Option<&str>) -> Option<Modified> {
    let at = super::facts::moment(at)?;
    Some(Modified {
        by: clean(by?.name.as_deref()?),
        at: at.to_string(),
    })
}

/// What an org holds of a piece of Apex, as a component.
fn component(
    id: &ComponentId,
    body: Option<&str>,
    status: Option<&str>,
    api_version: Option<f64>,
) -> Component {
    let kind = id.kind.name();
    // Statuses are words of the platform; anything else would not be one.
    let status: String = status
        .unwrap_or("Active")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    Component {
        id: id.clone(),
        source: body.map(str::to_owned),
        xml: format!(
            "<{kind} xmlns=\"{}\"><apiVersion>{:.1}</apiVersion><status>{status}</status></{kind}>",
            crate::metadata::NAMESPACE,
            api_version.unwrap_or_default()
        ),
    }
}

fn changes(facts: &Facts, package: &Package) -> BTreeMap<ComponentId, Change> {
    let mut wanted = package.clone();
    wanted
        .components
        .retain(|id, component| id.kind.has_source() && !is_test(component));
    wanted.secrets.clear();
    let mut live = Live::default();
    for id in wanted.components.keys() {
        let is = |name: &str| name.eq_ignore_ascii_case(id.full_name.as_str());
        let found = match id.kind {
            MetadataType::ApexTrigger => look(&facts.triggers, |row| {
                is(&row.name).then(|| LiveState::Present {
                    component: component(
                        id,
                        row.body.as_deref(),
                        row.status.as_deref(),
                        row.api_version,
                    ),
                    modified: modified(
                        row.last_modified_by.as_ref(),
                        row.last_modified_date.as_deref(),
                    ),
                })
            }),
            _ => look(&facts.classes, |row| {
                is(&row.name).then(|| LiveState::Present {
                    component: component(
                        id,
                        row.body.as_deref(),
                        row.status.as_deref(),
                        row.api_version,
                    ),
                    modified: modified(
                        row.last_modified_by.as_ref(),
                        row.last_modified_date.as_deref(),
                    ),
                })
            }),
        };
        live.components.insert(id.clone(), found);
    }
    compare(&wanted, &live)
        .into_iter()
        .map(|change| (change.component.clone(), change))
        .collect()
}

fn look<T>(rows: &Told<Vec<T>>, is: impl Fn(&T) -> Option<LiveState>) -> LiveState {
    match rows {
        Ok(rows) => rows.iter().find_map(is).unwrap_or(LiveState::Absent),
        Err(said) => LiveState::Unreadable {
            reason: format!("{}: {}", said.error_code, said.message),
        },
    }
}
