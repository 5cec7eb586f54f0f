//! What only the whole file can show: values that are missing everywhere, ids and names that are
//! taken twice.

use std::collections::BTreeMap;

use super::external_client_app;
use super::file::{ConfigFile, EmailCases, Org};
use super::layer::Layers;
use super::names::{Collision, collisions};
use super::problem::{Findings, Problem};
use super::source::Span;

/// A value without a default.
pub(super) struct Required {
    pub key: &'static str,
    pub example: &'static str,
    pub is_present: fn(&EmailCases) -> bool,
}

pub(super) const WEBHOOK_URL: Required = Required {
    key: "email_cases.webhook_url",
    example: "webhook_url: ${env:OPENCX_WEBHOOK_URL}",
    is_present: |cases| cases.webhook_url.is_present(),
};

pub(super) const REPLY_TO: Required = Required {
    key: "email_cases.reply_to",
    example: "reply_to: support@acme.example",
    is_present: |cases| cases.reply_to.is_present(),
};

pub(super) const SENDER: Required = Required {
    key: "email_cases.outbound.sender",
    example: "sender: { display_name: Acme Support }",
    is_present: |cases| cases.outbound.sender.is_present(),
};

impl Required {
    /// As a mistake; `orgs` are those that lack it, none for all.
    pub fn missing(&self, orgs: Vec<String>) -> Problem {
        Problem::MissingKey {
            key: self.key,
            orgs,
            example: self.example,
        }
    }
}

/// Reports what is wrong with the file as a whole. `place` is where missing keys belong.
pub(super) fn whole(file: &ConfigFile, place: Span, findings: &mut Findings) {
    missing(file, place, findings);
    external_client_app::check(file, findings);
    same_pins(&file.orgs.0, findings);
    same_names(file, findings);
}

/// A value may be given for all orgs or for each; without orgs the top level must be complete.
fn missing(file: &ConfigFile, place: Span, findings: &mut Findings) {
    for required in [WEBHOOK_URL, REPLY_TO, SENDER] {
        if (required.is_present)(&file.email_cases) {
            continue;
        }
        let orgs = &file.orgs.0;
        let lacking = orgs
            .iter()
            .filter(|org| !(required.is_present)(&org.block.email_cases));
        let lacking: Vec<String> = lacking.map(|org| org.name.clone()).collect();
        if lacking.is_empty() && !orgs.is_empty() {
            continue;
        }
        let all = lacking.len() == orgs.len();
        let orgs = if all { Vec::new() } else { lacking };
        findings.add(place, required.missing(orgs));
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
    let top = collide(Layers::new(&file.email_cases, None), None, &[], findings);
    for org in &file.orgs.0 {
        let layers = Layers::new(&file.email_cases, Some(&org.block.email_cases));
        collide(layers, Some(&org.name), &top, findings);
    }
}

fn collide(
    layers: Layers<'_>,
    org: Option<&String>,
    known: &[Collision],
    findings: &mut Findings,
) -> Vec<Collision> {
    let literals: BTreeMap<&'static str, (&str, Span)> = layers
        .names()
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
