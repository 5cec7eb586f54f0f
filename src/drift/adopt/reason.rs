//! Why a difference can't be adopted, and what to do instead.

use super::trial::Trial;
use super::values::references;
use crate::compare::{Change, ChangeKind};
use crate::metadata::ComponentId;

/// Why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Why there is no place for it in config or templates.
    pub why: String,
    /// What to do instead.
    pub help: String,
}

/// Why a difference is left after all that can be adopted.
pub(super) fn why(change: &Change, now: &Trial) -> Reason {
    let id = &change.component;
    let told = |why: &str, help: String| Reason {
        why: why.to_owned(),
        help,
    };
    let rule = |field: Option<&str>| {
        let field = field.map_or_else(String::new, |field| format!("field: \"{field}\", "));
        format!("a rule below drift.ignore: `- {{ component: \"{id}\", {field}reason: … }}`")
    };
    if holds_a_secret(now, id) {
        return told(
            "it holds a secret, which no file may hold",
            "if the org's value is the right one, change the variable or file that the config refers to"
                .to_owned(),
        );
    }
    if let Some((key, written)) = references(now, change).into_iter().next() {
        return Reason {
            why: format!("`{key}` comes from {written}, which is not of this file"),
            help: "change it there".to_owned(),
        };
    }
    let beside = change
        .fields
        .iter()
        .find(|field| ["status", "apiVersion"].contains(&field.field.as_str()));
    match change.kind {
        ChangeKind::Unreadable => told(
            "the org did not show it",
            "see what `drift` says of it".to_owned(),
        ),
        ChangeKind::Foreign => told(
            "somebody else wrote it, and a template of ours would claim it",
            "give ours another name (`email_cases.names`), or keep it and exclude ours".to_owned(),
        ),
        ChangeKind::Incompatible => told(
            "it is of a kind that this config can't make",
            "`drift` says what to delete or rename".to_owned(),
        ),
        ChangeKind::Missing => told(
            "no choice of the config leaves out this component alone",
            format!(
                "`deploy` brings it back; if it is meant to be gone, {}",
                rule(None)
            ),
        ),
        ChangeKind::Leftover => told(
            "no single choice of the config brings it",
            "remove it in Setup, or ask for its feature in the config".to_owned(),
        ),
        _ if beside.is_some() && id.kind.has_source() => {
            let field = beside.map_or("", |field| field.field.as_str());
            Reason {
                why: format!(
                    "`{field}` stands in the -meta.xml that all {} share",
                    if id.kind.name() == "ApexTrigger" {
                        "triggers"
                    } else {
                        "classes"
                    }
                ),
                help: format!(
                    "`deploy` puts it back; if it is meant to be so, {}",
                    rule(Some(field))
                ),
            }
        }
        _ if !change.fields.is_empty() && !id.kind.has_source() => {
            let field = &change.fields[0].field;
            told(
                "no value of the config and no template gives just this",
                format!(
                    "`deploy` puts it back; if it is meant to be so, {}",
                    rule(Some(field))
                ),
            )
        }
        _ => told(
            "no value of the config and no template gives just this",
            format!(
                "`deploy` puts it back; if it is meant to be so, {}",
                rule(None)
            ),
        ),
    }
}

/// Whether a secret stands in what is rendered for it.
pub(super) fn holds_a_secret(now: &Trial, id: &ComponentId) -> bool {
    let mut slots = now.package.secrets.iter();
    slots.any(|slot| slot.component == *id)
}
