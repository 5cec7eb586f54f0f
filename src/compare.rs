//! Wanted package and live org → changes. One normaliser for both sides.
//!
//! Three ways, without a state file: what we want, what the org holds, and, by the marker in what
//! the org holds, what we wrote there. So a component is told apart that the config changed, that
//! a new release changed, that somebody edited, and that was never ours.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::apex::Marker;
use crate::metadata::{Component, ComponentId};
use crate::package::Package;
use crate::xml;

mod app_part;
mod credential;
mod diff;
mod fields;
mod three_way;

#[cfg(test)]
mod tests;

/// Who changed a component last, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Modified {
    /// The user's name.
    pub by: String,
    /// The user's id; empty when the org did not say. Two users may have one name.
    #[serde(skip)]
    pub by_id: String,
    /// RFC 3339, UTC.
    pub at: String,
    /// Who made it, and when, where the org said so.
    #[serde(skip)]
    pub made: Option<Made>,
}

/// Who made a component, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The user's id.
    pub by_id: String,
    /// RFC 3339, UTC.
    pub at: String,
}

impl Modified {
    /// Whether it was the user of that id, or of that name where one of the ids is not known.
    pub fn is_by(&self, id: &str, name: &str) -> bool {
        if self.by_id.is_empty() || id.is_empty() {
            self.by == name
        } else {
            // 15 and 18 characters name the same one.
            self.by_id.get(..15) == id.get(..15)
        }
    }

    /// Whether one user made both changes.
    pub fn is_by_the_same_user(&self, other: &Self) -> bool {
        self.is_by(&other.by_id, &other.by)
    }
}

/// What the marker in an org's component says that we wrote last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The template: `classes/OpenCxLog.cls`.
    pub template: String,
    /// Its version.
    pub version: u32,
}

/// What a component of ours says of a part that has no place for a marker; see
/// [`crate::package::parts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastApplied {
    /// The component that says so.
    pub keeper: ComponentId,
    /// How the part stands to what was written last.
    pub part: Applied,
    /// Whether a deploy of the wanted package would leave what is said there as it is.
    pub is_current: bool,
}

/// How a part stands to what we wrote last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is as we wrote it.
    AsWritten,
    /// We wrote something else.
    Otherwise,
    /// That was not noted, or the part is not there.
    NotKnown,
}

/// What an org holds of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveState {
    /// It is there.
    Present {
        /// Its content as the org returned it.
        component: Component,
        /// Who and when, where the org said so.
        modified: Option<Modified>,
    },
    /// The org said that it is not there.
    Absent,
    /// The org did not say. Never green.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// What an org holds of every component that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Live {
    /// By component. One that is missing here counts as unreadable.
    pub components: BTreeMap<ComponentId, LiveState>,
}

/// How a live component stands to the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Nothing to do.
    Same,
    /// Not in the org.
    Missing,
    /// Ours as we wrote it, but the config asks for something else now.
    Changed,
    /// Ours as we wrote it, by an older version of the template.
    Older,
    /// Ours, but the content no longer fits its marker: somebody edited it.
    EditedByHand,
    /// Ours, and no marker covers what differs: somebody may have edited it. Never from a comparison
    /// alone, which has no evidence.
    PerhapsEdited,
    /// Ours, and switched off since (a trigger with status Inactive, a Named Credential with callouts
    /// disabled), perhaps of an older version or another config besides.
    Inactive,
    /// Of that name, and not ours (no marker).
    Foreign,
    /// Of that name, and of a kind that no deploy can turn into ours.
    Incompatible,
    /// Ours, and the config does not ask for it any more.
    Leftover,
    /// The org did not show it.
    Unreadable,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// For example `status`, `fields.length`, `userPermissions[EmailSingle]`.
    pub field: String,
    /// The org's value; `None` when absent. Masked where the field can hold a secret.
    pub live: Option<String>,
    /// Our value; `None` when absent. Masked where the field can hold a secret.
    pub wanted: Option<String>,
}

/// How one component differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which component.
    pub component: ComponentId,
    /// How it stands.
    pub kind: ChangeKind,
    /// Fields of its metadata that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// Unified diff from the org's content to ours (Apex source, or canonical XML with secrets masked).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<Modified>,
    /// For a part that has no place for a marker: what the org says of how it was written last.
    #[serde(skip)]
    pub last_applied: Option<LastApplied>,
    /// Since which version of ours it differs: what we wrote last, where the org's content says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Written>,
    /// For `Unreadable`: why. For `Older`: "template version 2, this release writes 3". For a
    /// trigger on another object: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Change {
    /// Whether the org is known to differ from the package. An unreadable component is neither
    /// equal nor different.
    pub fn is_difference(&self) -> bool {
        !matches!(self.kind, ChangeKind::Same | ChangeKind::Unreadable)
    }

    /// Whether deploying would overwrite somebody else's work.
    pub fn needs_consent(&self) -> bool {
        matches!(
            self.kind,
            ChangeKind::EditedByHand
                | ChangeKind::PerhapsEdited
                | ChangeKind::Inactive
                | ChangeKind::Foreign
        )
    }
}

/// Holds the wanted package (resolved) against the org. One change per wanted component, in the
/// package's order.
///
/// `description` decides nothing, since it holds the marker; it is in no diff either.
pub fn compare(wanted: &Package, live: &Live) -> Vec<Change> {
    let mut changes: Vec<Change> = wanted
        .components
        .values()
        .map(|component| match live.components.get(&component.id) {
            Some(LiveState::Present {
                component: found,
                modified,
            }) => {
                let change = three_way::change(component, found);
                Change {
                    modified: modified.clone(),
                    note: change.note.clone().or_else(|| spelling(component, found)),
                    ..change
                }
            }
            Some(LiveState::Absent) => Change::new(component, ChangeKind::Missing, None),
            Some(LiveState::Unreadable { reason }) => {
                Change::new(component, ChangeKind::Unreadable, Some(reason.clone()))
            }
            None => {
                let note = "the org was not asked for it".to_owned();
                Change::new(component, ChangeKind::Unreadable, Some(note))
            }
        })
        .collect();
    app_part::judge(wanted, live, &mut changes);
    changes
}

/// Names that differ in case alone name one component, which is worth a note: files have the org's.
fn spelling(wanted: &Component, found: &Component) -> Option<String> {
    let (wanted, found) = (wanted.id.full_name.as_str(), found.id.full_name.as_str());
    (wanted != found).then(|| format!("the org spells its name `{found}`"))
}

/// What the marker of a component says that we wrote; none for what is not ours.
pub fn marker(component: &Component) -> Option<Marker> {
    match &component.source {
        Some(source) => Marker::in_source(source),
        None => Marker::in_description(xml::parse(&component.xml).ok()?.child_text("description")?),
    }
}

impl Change {
    /// A component that stands like this, with nothing to compare.
    pub fn bare(component: ComponentId, kind: ChangeKind, note: Option<String>) -> Self {
        Self {
            component,
            kind,
            fields: Vec::new(),
            diff: None,
            modified: None,
            last_applied: None,
            written: None,
            note,
        }
    }

    fn new(component: &Component, kind: ChangeKind, note: Option<String>) -> Self {
        Self::bare(component.id.clone(), kind, note)
    }
}
