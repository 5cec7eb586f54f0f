//! A config and templates tried: rendered, and held against what the org holds.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Ground;
use crate::compare::{Change, ChangeKind, Live, LiveState, compare};
use crate::config::{Config, Integration, Secrets};
use crate::drift::{ignore, leftover};
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::Package;
use crate::render::{self, Origin, Origins};
use crate::template::Catalog;

/// One config with its templates, and how the org stands to it.
pub(super) struct Trial<'a> {
    pub text: String,
    pub config: Config,
    pub catalog: Catalog,
    /// Secrets in place.
    pub package: Package,
    integration: Integration,
    /// Looked up only where something is tried from here: it costs more than the rest.
    origins: OnceCell<Option<Origins>>,
    /// What the org holds.
    pub live: &'a BTreeMap<ComponentId, LiveState>,
    /// Key path and shown value of all that holds for the org.
    shown: BTreeMap<String, String>,
    /// Every change, before the rules.
    compared: Vec<Change>,
    changes: Vec<Change>,
    weights: BTreeMap<ComponentId, usize>,
}

impl<'a> Trial<'a> {
    /// `None` when the text is no config, or does not render.
    pub fn of(ground: Ground<'a>, text: &str, catalog: &Catalog) -> Option<Self> {
        Self::after(None, ground, text, catalog)
    }

    /// As [`Trial::of`]; what renders as it did before stands as it did.
    pub fn after(
        before: Option<&Trial<'_>>,
        ground: Ground<'a>,
        text: &str,
        catalog: &Catalog,
    ) -> Option<Self> {
        let config = Config::parse(ground.file, text).ok()?;
        let target = config
            .target(ground.org, ground.references, Secrets::Required)
            .ok()?;
        let package = render::render(&target.integration, catalog).ok()?;
        let package = package.resolved().ok()?;
        let mut changes = compared(&package, ground.live, before);
        changes.extend(leftover::leftovers(&package, ground.asked, ground.live));
        let compared = changes.clone();
        let excused = ignore::apply(ground.rules, ground.today, changes);
        let changes: Vec<Change> = excused
            .changes
            .into_iter()
            .filter(|(change, _, excused)| !excused && change.kind != ChangeKind::Same)
            .map(|(change, ..)| change)
            .collect();
        let weights = changes.iter().map(|change| {
            let weight = weight(change);
            (change.component.clone(), weight)
        });
        let shown = config.origins(ground.org).unwrap_or_default();
        Some(Self {
            text: text.to_owned(),
            weights: weights.collect(),
            shown: shown
                .into_iter()
                .map(|(key, value, _)| (key, value))
                .collect(),
            catalog: catalog.clone(),
            live: &ground.live.components,
            config,
            compared,
            package,
            integration: target.integration,
            origins: OnceCell::new(),
            changes,
        })
    }

    /// Where a component comes from.
    pub fn origin(&self, id: &ComponentId) -> Option<&Origin> {
        let origins = self
            .origins
            .get_or_init(|| Origins::of(&self.integration, &self.catalog).ok());
        let found = origins
            .as_ref()?
            .find(id.kind.name(), id.full_name.as_str());
        found.map(|(_, origin)| origin)
    }

    /// What differs and no rule excuses.
    pub fn differing(&self) -> Vec<Change> {
        let changes = self.changes.iter();
        changes.filter(|c| c.is_difference()).cloned().collect()
    }

    /// What the org did not show.
    pub fn unreadable(&self) -> Vec<Change> {
        let changes = self.changes.iter();
        changes.filter(|c| !c.is_difference()).cloned().collect()
    }

    /// Less differs than in the other, and no component more.
    pub fn is_better_than(&self, other: &Self) -> bool {
        let total = |trial: &Self| trial.weights.values().sum::<usize>();
        total(self) < total(other)
            && self
                .weights
                .iter()
                .all(|(id, weight)| other.weights.get(id).is_some_and(|before| weight <= before))
    }

    /// How far one component is from what the org holds.
    pub fn weight_of(&self, id: &ComponentId) -> usize {
        self.weights.get(id).copied().unwrap_or_default()
    }

    /// The value that holds for a key: a reference as it is written.
    pub fn shown(&self, key: &str) -> Option<String> {
        self.shown.get(key).cloned()
    }
}

/// The changes of a package; those of components that are as in the trial before are taken from it.
fn compared(package: &Package, live: &Live, before: Option<&Trial<'_>>) -> Vec<Change> {
    let Some(before) = before else {
        return compare(package, live);
    };
    let mut rest = package.clone();
    let is_new =
        |component: &Component| before.package.components.get(&component.id) != Some(component);
    // The parts of an app are judged together.
    let of_app = |id: &ComponentId| {
        id.kind == MetadataType::ExternalClientApplication || id.kind.belongs_to_app()
    };
    let app_is_new = rest.components.values().any(|c| of_app(&c.id) && is_new(c));
    rest.components
        .retain(|id, component| is_new(component) || (app_is_new && of_app(id)));
    let mut changes = compare(&rest, live);
    let known = before.compared.iter().filter(|change| {
        package.components.contains_key(&change.component)
            && !rest.components.contains_key(&change.component)
    });
    changes.extend(known.cloned());
    changes.sort_by(|a, b| a.component.cmp(&b.component));
    changes
}

/// Whether a component is there at all counts for more than all of its lines.
const PRESENCE: usize = 100_000;

/// How many lines and fields differ, at least one.
fn weight(change: &Change) -> usize {
    if matches!(change.kind, ChangeKind::Missing | ChangeKind::Leftover) {
        return PRESENCE;
    }
    let lines = change.diff.as_deref().map_or(0, |diff| {
        let lines = diff.lines().skip(2);
        lines.filter(|line| line.starts_with(['+', '-'])).count()
    });
    match change.component.kind.has_source() {
        true => lines + change.fields.len(),
        false => change.fields.len(),
    }
    .max(1)
}
