//! What an org holds of the components that are ours.

use std::collections::BTreeMap;

use super::{Fault, Polling, Reader, Retrieved};
use crate::compare::{Live, LiveState, Modified};
use crate::metadata::{Component, ComponentId};
use crate::package::Manifest;
use crate::sf::text::clean;
use crate::sf::wire::FileProperties;

/// What stands in place of the code of a managed package.
const HIDDEN: &str = "(hidden)";

impl Reader {
    /// The live state of every member of the manifest. A component is absent only where the org
    /// says so; one that it neither returns nor misses is unreadable.
    ///
    /// # Errors
    /// As [`Reader::retrieve`].
    pub async fn live(&self, manifest: &Manifest, polling: Polling) -> Result<Live, Fault> {
        let retrieved = self.retrieve(manifest, polling).await?;
        Ok(live(&manifest.members, retrieved))
    }
}

fn live(members: &[ComponentId], retrieved: Retrieved) -> Live {
    let modified: BTreeMap<ComponentId, Modified> = retrieved
        .properties
        .iter()
        .filter_map(|row| Some((component_id(row)?, modified(row)?)))
        .collect();
    let mut present: BTreeMap<ComponentId, Component> = retrieved
        .components
        .into_iter()
        .map(|component| (component.id.clone(), component))
        .collect();
    let problems: Vec<&str> = retrieved
        .messages
        .iter()
        .map(|message| message.problem.as_str())
        .collect();
    let components = members
        .iter()
        .map(|member| {
            let state = match present.remove(member) {
                Some(component) => read(component, modified.get(member)),
                None => unread(member, &problems),
            };
            (member.clone(), state)
        })
        .collect();
    Live { components }
}

fn read(component: Component, modified: Option<&Modified>) -> LiveState {
    let hidden = component
        .source
        .as_deref()
        .is_some_and(|source| source.trim() == HIDDEN);
    if hidden {
        return LiveState::Unreadable {
            reason: "the org hides its code: it belongs to a managed package".to_owned(),
        };
    }
    LiveState::Present {
        component,
        modified: modified.cloned(),
    }
}

fn unread(member: &ComponentId, problems: &[&str]) -> LiveState {
    if problems
        .iter()
        .any(|problem| missing(problem).is_some_and(|missing| missing == *member))
    {
        return LiveState::Absent;
    }
    let quoted = format!("'{}'", member.full_name);
    let reason = problems
        .iter()
        .find(|problem| problem.contains(&quoted))
        .map_or_else(
            || "the org did not return it and did not say that it is missing".to_owned(),
            |problem| clean(problem),
        );
    LiveState::Unreadable { reason }
}

/// The component in `Entity of type 'X' named 'Y' cannot be found`.
fn missing(problem: &str) -> Option<ComponentId> {
    let (kind, name) = problem
        .trim()
        .strip_prefix("Entity of type '")?
        .strip_suffix("' cannot be found")?
        .split_once("' named '")?;
    Some(ComponentId::new(kind.parse().ok()?, name))
}

fn component_id(row: &FileProperties) -> Option<ComponentId> {
    Some(ComponentId::new(row.kind.parse().ok()?, &*row.full_name))
}

/// Standard fields have rows without a name and with the epoch as date: nobody changed them.
fn modified(row: &FileProperties) -> Option<Modified> {
    let at: jiff::Timestamp = row.last_modified_date.parse().ok()?;
    (!row.last_modified_by_name.is_empty()).then(|| Modified {
        by: clean(&row.last_modified_by_name),
        at: at.to_string(),
    })
}
