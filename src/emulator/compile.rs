//! The org's Apex and its sObjects: as they are, and as a deploy would leave them.

use std::collections::{BTreeMap, BTreeSet};

use crate::metadata::{ComponentId, MetadataType};

use super::condition::Condition;
use super::refusal::Refusal;
use super::runtime::{CompileError, Program, Schema};
use super::state::State;
use super::tree;

/// A component of a deploy that changes the org: its code and its XML.
pub type Change = (ComponentId, Option<String>, String);

/// The org's sObjects, with the events and custom fields that were deployed to it.
pub fn org_schema(state: &State) -> Schema {
    schema(state, &[], &[])
}

/// The org's Apex, ready to run.
///
/// # Errors
/// What is wrong with it, as an answer of the platform.
pub fn program(state: &State) -> Result<Program, Refusal> {
    compile(state, &[], &[], &BTreeSet::new()).map_err(|errors| {
        let text = errors.first().map(ToString::to_string).unwrap_or_default();
        Refusal::new("UNKNOWN_EXCEPTION", text)
    })
}

/// The org's Apex as the deploy leaves it.
///
/// # Errors
/// What is wrong with the classes and triggers of `package`. Code of the org that does not compile
/// any more is left out, as an org leaves it invalid.
pub fn compile(
    state: &State,
    changes: &[Change],
    deleted: &[ComponentId],
    package: &BTreeSet<ComponentId>,
) -> Result<Program, Vec<CompileError>> {
    let schema = schema(state, changes, deleted);
    let mut sources = sources(state, changes, deleted);
    loop {
        let list: Vec<(ComponentId, String)> = sources
            .iter()
            .map(|(id, source)| (id.clone(), source.clone()))
            .collect();
        let errors = match Program::compile(&list, &schema) {
            Ok(program) => return Ok(program),
            Err(errors) => errors,
        };
        let (own, foreign): (Vec<_>, Vec<_>) = errors
            .into_iter()
            .partition(|error| package.contains(&error.component));
        if !own.is_empty() {
            return Err(own);
        }
        let before = sources.len();
        for error in &foreign {
            sources.remove(&error.component);
        }
        if sources.len() == before {
            return Err(foreign);
        }
    }
}

/// The classes and triggers that would not compile if a deploy left those of `kept` in the org that
/// it deletes. What it deletes is not among them.
pub fn broken(
    state: &State,
    changes: &[Change],
    deleted: &[ComponentId],
    kept: &[ComponentId],
) -> BTreeSet<ComponentId> {
    let gone: Vec<ComponentId> = deleted
        .iter()
        .filter(|id| !kept.contains(id))
        .cloned()
        .collect();
    let list: Vec<(ComponentId, String)> = sources(state, changes, &gone).into_iter().collect();
    let errors = Program::compile(&list, &schema(state, changes, &gone)).err();
    errors
        .unwrap_or_default()
        .into_iter()
        .map(|error| error.component)
        .filter(|id| !deleted.contains(id))
        .collect()
}

/// The Apex of the org as the deploy leaves it.
fn sources(
    state: &State,
    changes: &[Change],
    deleted: &[ComponentId],
) -> BTreeMap<ComponentId, String> {
    let mut sources: BTreeMap<ComponentId, String> = BTreeMap::new();
    for kind in [MetadataType::ApexClass, MetadataType::ApexTrigger] {
        for stored in state.of_type(kind) {
            let id = stored.component_id();
            if !deleted.contains(&id) && is_active(&stored.xml) {
                sources.insert(id, stored.source.clone().unwrap_or_default());
            }
        }
    }
    for (id, source, xml) in changes {
        sources.remove(id);
        if let Some(source) = source.as_ref().filter(|_| is_active(xml)) {
            sources.insert(id.clone(), source.clone());
        }
    }
    sources
}

// A trigger that is switched off does not run.
fn is_active(xml: &str) -> bool {
    tree::parse(xml).map_or(true, |xml| xml.text_of("status") != Some("Inactive"))
}

/// The sObjects of the org as the deploy leaves it.
pub fn schema(state: &State, changes: &[Change], deleted: &[ComponentId]) -> Schema {
    let stored: Vec<_> = MetadataType::ALL
        .into_iter()
        .filter(|kind| Schema::is_made_of(*kind))
        .flat_map(|kind| state.of_type(kind))
        .map(|stored| (stored.component_id(), stored.xml.as_str()))
        .filter(|(id, _)| !deleted.contains(id))
        .collect();
    let new = changes
        .iter()
        .map(|(id, _, xml)| (id.clone(), xml.as_str()));
    let mut schema = Schema::with_components(stored.into_iter().chain(new));
    if state.has(Condition::EmailToCaseOff) {
        schema.remove("EmailMessage");
    }
    schema
}
