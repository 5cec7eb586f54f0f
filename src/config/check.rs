//! What only the whole file can show: values that are missing everywhere, ids and names that are
//! taken twice.

use std::collections::BTreeMap;

use super::conflict;
use super::file::{ConfigFile, EmailCases, ExternalClientApp, Org};
use super::layer::Layers;
use super::live_messaging::LiveMessagingSection;
use super::names::{Collision, Names, collisions};
use super::option::{Fields, Missing};
use super::problem::{Findings, Problem};
use super::source::Span;

impl Missing {
    /// As a mistake; `orgs` are those that lack it, none for all.
    pub fn problem(self, orgs: Vec<String>) -> Problem {
        Problem::MissingKey {
            key: self.key,
            orgs,
            example: self.example,
        }
    }
}

/// The section `email_cases`: the top level's and, for an org, the one over it.
pub(super) fn email_cases<'a>(
    file: &'a ConfigFile,
    org: Option<&'a Org>,
) -> Layers<'a, EmailCases> {
    let org = org.map(|org| &org.block.email_cases);
    Layers::new("email_cases", Some(&file.email_cases), org)
}

/// The section `external_client_app`; `None` when neither layer has it.
pub(super) fn external_client_app<'a>(
    file: &'a ConfigFile,
    org: Option<&'a Org>,
) -> Option<Layers<'a, ExternalClientApp>> {
    let top = file.external_client_app.section();
    let org = org.and_then(|org| org.block.external_client_app.section());
    (top.is_some() || org.is_some()).then(|| Layers::new("external_client_app", top, org))
}

/// The section `live_messaging`; `None` when neither layer has it.
pub(super) fn live_messaging<'a>(
    file: &'a ConfigFile,
    org: Option<&'a Org>,
) -> Option<Layers<'a, LiveMessagingSection>> {
    let top = file.live_messaging.section();
    let org = org.and_then(|org| org.block.live_messaging.section());
    (top.is_some() || org.is_some()).then(|| Layers::new("live_messaging", top, org))
}

/// Reports what is wrong with the file as a whole. `place` is where missing keys belong.
pub(super) fn whole(file: &ConfigFile, place: Span, findings: &mut Findings) {
    missing(file, place, findings);
    incomplete_apps(file, findings);
    same_pins(&file.orgs.0, findings);
    same_names(file, findings);
    conflict::written(file, findings);
}

fn lacking<F: Fields>(layers: &Layers<'_, F>) -> Vec<Missing> {
    let mut missing = Vec::new();
    F::lacking(layers, &mut missing);
    missing
}

/// A value may be given for all orgs or for each; without orgs the top level must be complete.
fn missing(file: &ConfigFile, place: Span, findings: &mut Findings) {
    let orgs = &file.orgs.0;
    for missing in lacking(&email_cases(file, None)) {
        let lack = |org: &&Org| lacking(&email_cases(file, Some(org))).contains(&missing);
        let names: Vec<String> = orgs
            .iter()
            .filter(lack)
            .map(|org| org.name.clone())
            .collect();
        if names.is_empty() && !orgs.is_empty() {
            continue;
        }
        let all = names.len() == orgs.len();
        findings.add(place, missing.problem(if all { Vec::new() } else { names }));
    }
}

/// The top level's section counts where it stands for itself, an org's where it has one of its own.
fn incomplete_apps(file: &ConfigFile, findings: &mut Findings) {
    let orgs = &file.orgs.0;
    let own = |org: &&Org| org.block.external_client_app.section().is_some();
    let inherits = orgs.is_empty() || !orgs.iter().all(|org| own(&org));
    let top = inherits.then_some(None);
    for org in top.into_iter().chain(orgs.iter().filter(own).map(Some)) {
        let Some(layers) = external_client_app(file, org) else {
            continue;
        };
        let place = org.and_then(|org| org.block.external_client_app.place());
        let place = place.or(file.external_client_app.place());
        for missing in lacking(&layers) {
            let orgs = org.map(|org| org.name.clone()).into_iter().collect();
            findings.add(place.unwrap_or_default(), missing.problem(orgs));
        }
    }
}

fn same_pins(orgs: &[Org], findings: &mut Findings) {
    for (index, org) in orgs.iter().enumerate() {
        let Some((id, span)) = org.block.org_id.literal() else {
            continue;
        };
        let same = |other: &&Org| {
            let pinned = other.block.org_id.literal();
            pinned.is_some_and(|(pinned, _)| pinned == id)
        };
        if let Some(first) = orgs[..index].iter().find(same) {
            findings.add(span, Problem::SamePin(first.name.clone(), org.name.clone()));
        }
    }
}

/// A collision of the top level is reported once, and not again for every org that inherits it.
fn same_names(file: &ConfigFile, findings: &mut Findings) {
    let names = |org| email_cases(file, org).below(&EmailCases::names());
    let top = collide(&names(None), None, &[], findings);
    for org in &file.orgs.0 {
        collide(&names(Some(org)), Some(&org.name), &top, findings);
    }
}

fn collide(
    names: &Layers<'_, Names>,
    org: Option<&String>,
    known: &[Collision],
    findings: &mut Findings,
) -> Vec<Collision> {
    let literals: BTreeMap<&'static str, (&str, Span)> = names
        .renamed()
        .filter_map(|(shipped, setting, _)| {
            let (name, span) = setting.literal()?;
            Some((shipped, (name.0.as_str(), span)))
        })
        .collect();
    let renamed = literals
        .iter()
        .map(|(shipped, (name, _))| (*shipped, *name));
    let found = collisions(&renamed.collect());
    for collision in found.iter().filter(|found| !known.contains(found)) {
        let places = [collision.second, collision.first];
        let place = places.iter().find_map(|shipped| literals.get(shipped));
        let span = place.map(|(_, span)| *span).unwrap_or_default();
        findings.add(span, collision.problem(org));
    }
    found
}

impl Collision {
    /// As a mistake of the top level or of an org.
    pub fn problem(&self, org: Option<&String>) -> Problem {
        Problem::SameName {
            name: self.name.clone(),
            first: self.first,
            second: self.second,
            org: org.cloned(),
        }
    }
}
