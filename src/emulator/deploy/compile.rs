//! The Apex of a deploy, compiled together with what the org has.

use std::collections::{BTreeMap, BTreeSet};

use crate::metadata::{ComponentId, MetadataType};

use super::super::runtime::{CompileError, Field, FieldKind, Program, Schema};
use super::super::state::State;
use super::super::tree::{self, Node};

/// A component of a deploy that changes the org: its code and its XML.
pub type Change = (ComponentId, Option<String>, String);

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

// A trigger that is switched off does not run.
fn is_active(xml: &str) -> bool {
    tree::parse(xml).map_or(true, |xml| xml.text_of("status") != Some("Inactive"))
}

fn schema(state: &State, changes: &[Change], deleted: &[ComponentId]) -> Schema {
    let mut schema = Schema::standard();
    let stored = state.of_type(MetadataType::CustomObject);
    let stored = stored.iter().map(|object| object.component_id());
    let new = changes.iter().map(|(id, ..)| id.clone());
    for id in stored.chain(new) {
        if id.kind == MetadataType::CustomObject && !deleted.contains(&id) {
            schema.add_event(id.full_name.as_str());
        }
    }
    let stored = state.of_type(MetadataType::CustomField);
    let stored = stored
        .iter()
        .map(|field| (field.component_id(), field.xml.as_str()))
        .filter(|(id, _)| !deleted.contains(id));
    let new = changes
        .iter()
        .filter(|(id, ..)| id.kind == MetadataType::CustomField)
        .map(|(id, _, xml)| (id.clone(), xml.as_str()));
    for (id, xml) in stored.chain(new) {
        if let (Some((object, name)), Ok(xml)) =
            (id.full_name.as_str().split_once('.'), tree::parse(xml))
            && let Some(field) = field(name, &xml)
        {
            schema.add_field(object, field);
        }
    }
    schema
}

fn field(name: &str, xml: &Node) -> Option<Field> {
    let kind = FieldKind::of_metadata(xml.text_of("type")?.trim())?;
    let length = xml
        .text_of("length")
        .and_then(|text| text.trim().parse().ok());
    let mut field = Field::custom(name, kind, length.unwrap_or_default());
    // A required field without a value of its own is what breaks other people's inserts.
    let is_required = xml
        .text_of("required")
        .is_some_and(|text| text.trim() == "true");
    field.nillable = field.nillable && !is_required;
    field.defaulted = field.defaulted || xml.text_of("defaultValue").is_some();
    Some(field)
}
