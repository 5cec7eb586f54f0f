//! What still uses a component that a deploy deletes. Only Apex is looked at: it is compiled with
//! and without the component.

use crate::metadata::{ComponentId, MetadataType};

use super::super::compile::{self, Change};
use super::super::state::State;

/// The platform's refusal for each deletion of a class or field that Apex of the org still uses.
pub fn refusals(
    state: &State,
    changes: &[Change],
    deleted: &[ComponentId],
) -> Vec<(ComponentId, String)> {
    let looked_at: Vec<&ComponentId> = deleted
        .iter()
        .filter(|id| matches!(id.kind, MetadataType::ApexClass | MetadataType::CustomField))
        .collect();
    if looked_at.is_empty() {
        return Vec::new();
    }
    // Everything that the deploy deletes stays here, so that only uses are told.
    let known = compile::broken(state, changes, deleted, deleted);
    // What outlives all of the deletions outlives each of them: no need to try them one by one.
    if compile::broken(state, changes, deleted, &[]).is_subset(&known) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for id in looked_at {
        let kept: Vec<ComponentId> = deleted
            .iter()
            .filter(|other| *other != id)
            .cloned()
            .collect();
        let users: Vec<String> = compile::broken(state, changes, deleted, &kept)
            .difference(&known)
            .map(|user| {
                let kind = match user.kind {
                    MetadataType::ApexTrigger => "Apex Trigger",
                    _ => "Apex Class",
                };
                format!("{kind} - {}", user.full_name)
            })
            .collect();
        if users.is_empty() {
            continue;
        }
        let users = users.join(", ");
        let text = if id.kind == MetadataType::ApexClass {
            format!(
                "This apex class is referenced elsewhere in salesforce.com.  Remove the usage and try again. : \
                 {users}"
            )
        } else {
            format!("This custom field is referenced elsewhere in salesforce.com. : {users}")
        };
        found.push((id.clone(), text));
    }
    found
}
