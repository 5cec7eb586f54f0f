//! What an org holds of the components that are ours.

use std::collections::BTreeMap;

use super::{Fault, Polling, Reader, Retrieved, Told};
use crate::compare::{Live, LiveState, Made, Modified};
use crate::metadata::{Component, ComponentId};
use crate::package::Manifest;
use crate::sf::text::clean;
use crate::sf::wire::FileProperties;

/// What stands in place of the code of a managed package.
const HIDDEN: &str = "(hidden)";

impl Reader {
    /// As [`Reader::live`], with what the org says against this one question as an answer.
    ///
    /// # Errors
    /// Faults that would meet every question alike.
    pub async fn live_told(
        &self,
        manifest: &Manifest,
        polling: Polling,
    ) -> Result<Told<Live>, Fault> {
        match self.live(manifest, polling).await {
            Ok(live) => Ok(Ok(live)),
            Err(fault) => fault.into_silence().map(Err),
        }
    }

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
    let kind = format!("'{}'", member.kind);
    // `Entity type: 'X' is unknown` holds for every member of the type.
    let of_type =
        |problem: &str| problem.trim().starts_with("Entity type") && problem.contains(&kind);
    let reason = problems
        .iter()
        .find(|problem| problem.contains(&quoted) || of_type(problem))
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
    let made = (row.created_date.parse().ok()).filter(|_| !row.created_by_id.is_empty());
    let made = made.map(|at: jiff::Timestamp| Made {
        by_id: clean(&row.created_by_id),
        at: at.to_string(),
    });
    (!row.last_modified_by_name.is_empty()).then(|| Modified {
        by: clean(&row.last_modified_by_name),
        by_id: clean(&row.last_modified_by_id),
        at: at.to_string(),
        made,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metadata::MetadataType;
    use crate::sf::wire::RetrieveMessage;

    fn trigger(source: &str) -> Component {
        Component {
            id: ComponentId::new(MetadataType::ApexTrigger, "CaseTrigger"),
            source: Some(source.to_owned()),
            xml: "<ApexTrigger/>".to_owned(),
        }
    }

    fn state(components: Vec<Component>, problem: &str, row: FileProperties) -> LiveState {
        let member = trigger("").id;
        let retrieved = Retrieved {
            components,
            properties: vec![row],
            messages: vec![RetrieveMessage {
                file_name: "package.xml".to_owned(),
                problem: problem.to_owned(),
            }],
        };
        let mut live = live(std::slice::from_ref(&member), retrieved);
        assert_eq!(live.components.len(), 1);
        live.components.remove(&member).unwrap()
    }

    fn unreadable(reason: &str) -> LiveState {
        LiveState::Unreadable {
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn what_came_is_present_with_who_and_when() {
        let row = FileProperties {
            kind: "ApexTrigger".to_owned(),
            full_name: "casetrigger".to_owned(),
            last_modified_by_name: "Dana\u{1b}".to_owned(),
            last_modified_by_id: "005000000000001".to_owned(),
            created_by_id: "005000000000002".to_owned(),
            created_date: "2026-01-01T03:04:05.000Z".to_owned(),
            last_modified_date: "2026-01-02T03:04:05.000Z".to_owned(),
            ..FileProperties::default()
        };
        let expected = LiveState::Present {
            component: trigger("code"),
            modified: Some(Modified {
                by: "Dana".to_owned(),
                by_id: "005000000000001".to_owned(),
                at: "2026-01-02T03:04:05Z".to_owned(),
                made: Some(Made {
                    by_id: "005000000000002".to_owned(),
                    at: "2026-01-01T03:04:05Z".to_owned(),
                }),
            }),
        };
        assert_eq!(state(vec![trigger("code")], "", row), expected);
        let nobody = LiveState::Present {
            component: trigger("code"),
            modified: None,
        };
        assert_eq!(
            state(vec![trigger("code")], "", FileProperties::default()),
            nobody
        );
    }

    #[test]
    fn only_the_org_says_that_something_is_absent() {
        let none = || FileProperties::default();
        let said = |problem| state(Vec::new(), problem, none());
        let silent = unreadable("the org did not return it and did not say that it is missing");
        assert_eq!(
            said("Entity of type 'ApexTrigger' named 'CaseTrigger' cannot be found"),
            LiveState::Absent
        );
        assert_eq!(said(""), silent);
        assert_eq!(
            said("Entity of type 'ApexClass' named 'Other' cannot be found"),
            silent
        );
        assert_eq!(
            said("Entity type: 'ApexTrigger' is unknown"),
            unreadable("Entity type: 'ApexTrigger' is unknown")
        );
        assert_eq!(
            said("You may not see \u{7}'CaseTrigger'"),
            unreadable("You may not see 'CaseTrigger'")
        );
    }

    #[test]
    fn hidden_code_is_unreadable() {
        assert_eq!(
            state(vec![trigger("(hidden)\n")], "", FileProperties::default()),
            unreadable("the org hides its code: it belongs to a managed package")
        );
    }

    #[test]
    fn dates_are_utc_whatever_their_form() {
        for (given, expected) in [
            ("2026-01-02T03:04:05.000+0000", Some("2026-01-02T03:04:05Z")),
            ("2026-01-02T03:04:05.000+0100", Some("2026-01-02T02:04:05Z")),
            ("yesterday", None),
        ] {
            let row = FileProperties {
                last_modified_by_name: "Dana".to_owned(),
                last_modified_date: given.to_owned(),
                ..FileProperties::default()
            };
            let at = modified(&row).map(|modified| modified.at);
            assert_eq!(at.as_deref(), expected);
        }
    }

    proptest! {
        #[test]
        fn any_problem_is_read_or_not(problem in any::<String>(), name in "[^']*") {
            let _ = missing(&problem);
            let problem = format!("Entity of type 'CustomField' named '{name}' cannot be found");
            let expected = ComponentId::new(MetadataType::CustomField, name);
            prop_assert_eq!(missing(&problem), Some(expected));
        }
    }
}
