//! Whether a trigger or class of ours is there, on, and what we wrote.

use super::finding::{Finding, Group};
use super::scene::Scene;
use crate::apex::{self, Declaration};
use crate::compare::{Change, ChangeKind};
use crate::diag::Code;
use crate::metadata::{ComponentId, MetadataType};

/// The verdict on a trigger; nothing when the config has none of that name.
pub(super) fn trigger(
    scene: &Scene<'_>,
    of: (Code, Group),
    shipped: &'static str,
    effect: &str,
) -> Option<Finding> {
    let wanted = scene.wanted(MetadataType::ApexTrigger, shipped)?;
    let name = wanted.id.full_name.as_str();
    let Some(Declaration::Trigger { object, .. }) =
        apex::parse(wanted.source.as_deref().unwrap_or_default()).declaration
    else {
        return Some(Finding::unknown(
            of,
            format!("our own source of {name} does not parse"),
        ));
    };
    let setup = format!("Object Manager > {object} > Triggers > {name}");
    let change = scene.change(&wanted.id)?;
    if change.kind == ChangeKind::Same {
        let found = format!("{name} is active on {object}, and as the config says");
        return Some(Finding::passed(of, found));
    }
    // What is on the wrong object or off does no work, whoever wrote it.
    let row = scene
        .facts
        .triggers
        .as_ref()
        .ok()
        .and_then(|rows| rows.iter().find(|row| row.code.is(name)));
    if let Some(row) = row {
        if row.code.status.as_deref() != Some("Active") {
            return Some(
                Finding::failed(of, format!("{name} is switched off{}", by(change)))
                    .effect(effect)
                    .fix("ask why; a deploy switches it on (Setup can't, in a production org)")
                    .setup(setup)
                    .command(overwriting(scene, change)),
            );
        }
        let live = row.table_enum_or_id.as_deref().unwrap_or_default();
        if !live.eq_ignore_ascii_case(&object) || !row.usage_after_insert {
            let found = format!("{name} runs on {live}, and should run on {object} after insert");
            return Some(
                Finding::failed(of, found)
                    .effect(effect)
                    .fix("see whose trigger it is, and rename ours under `email_cases.names`")
                    .setup(format!("Object Manager > {live} > Triggers > {name}"))
                    .command(scene.run("plan")),
            );
        }
    }
    Some(differs(scene, of, change, effect).setup(setup))
}

/// The verdict on a class.
pub(super) fn class(
    scene: &Scene<'_>,
    of: (Code, Group),
    id: &ComponentId,
    effect: &str,
) -> Finding {
    let name = id.full_name.as_str();
    match scene.change(id) {
        None => Finding::unknown(of, format!("the class {name} was not asked for")),
        Some(change) if change.kind == ChangeKind::Same => {
            Finding::passed(of, format!("the class {name} is as the config says"))
        }
        Some(change) => differs(scene, of, change, effect).setup(format!("Apex Classes > {name}")),
    }
}

/// The deploy that puts ours in place of what somebody changed or switched off.
fn overwriting(scene: &Scene<'_>, change: &Change) -> String {
    format!("{} --overwrite {}", scene.run("deploy"), change.component)
}

fn differs(scene: &Scene<'_>, of: (Code, Group), change: &Change, effect: &str) -> Finding {
    let name = change.component.full_name.as_str();
    let what = match change.component.kind {
        MetadataType::ApexTrigger => "trigger",
        _ => "class",
    };
    let deploy = scene.run("deploy");
    let overwrite = overwriting(scene, change);
    match change.kind {
        ChangeKind::Missing => Finding::failed(of, format!("the org has no {what} {name}"))
            .effect(effect)
            .fix("deploy it")
            .command(deploy),
        ChangeKind::Inactive => {
            Finding::failed(of, format!("{name} is switched off{}", by(change)))
                .effect(effect)
                .fix("ask why; a deploy switches it on")
                .command(overwrite)
        }
        ChangeKind::Older => {
            let note = change.note.as_deref().unwrap_or("an older version of ours");
            Finding::failed(of, format!("{name} is older than this release: {note}"))
                .effect("it works as the older release did, with its mistakes")
                .fix("deploy the present one")
                .command(deploy)
        }
        ChangeKind::Changed | ChangeKind::PerhapsEdited => {
            Finding::failed(of, format!("{name} is not what the config says now"))
                .effect("a change of the config was not deployed yet")
                .fix("look at the plan, then deploy")
                .command(scene.run("plan"))
        }
        ChangeKind::EditedByHand => {
            Finding::failed(of, format!("{name} was edited by hand{}", by(change)))
                .effect(
                    "what it does now is not what was tested; the plan shows the edit line by line",
                )
                .fix("take the edit over into the config or a template, then replace it")
                .command(overwrite)
        }
        ChangeKind::Leftover => Finding::failed(
            of,
            format!("{name} is ours, and the config does not ask for it any more"),
        )
        .effect("it goes on working beside what replaced it")
        .fix("look at the plan, then remove it in Setup or ask for it again in the config")
        .command(scene.run("plan")),
        ChangeKind::Unreadable => Finding::unknown(
            of,
            format!(
                "{name} could not be read: {}",
                change.note.as_deref().unwrap_or("the org did not show it")
            ),
        )
        .fix("ask again as a user with View Setup and Configuration"),
        ChangeKind::Foreign | ChangeKind::Incompatible | ChangeKind::Same => Finding::failed(
            of,
            format!(
                "the {what} {name} in the org was not written by opencx-sf{}",
                by(change)
            ),
        )
        .effect(
            "whether it does what it should can't be told; it may be pasted from a page or older",
        )
        .fix("look at the plan; replace it, or rename ours under `email_cases.names`")
        .command(overwrite),
    }
}

/// ` (last changed by Dana Admin on 2026-11-22)`.
fn by(change: &Change) -> String {
    change
        .modified
        .as_ref()
        .map_or_else(String::new, |modified| {
            let day = modified.at.split('T').next().unwrap_or_default();
            format!(" (last changed by {} on {day})", modified.by)
        })
}
