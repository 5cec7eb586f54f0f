//! Rows and headings that several reports share.

use crate::compare::{Change, ChangeKind};
use crate::metadata::ComponentId;
use crate::plan::OrgFacts;
use crate::report::style::{BAD, BOLD, DIM, GOOD, NAME, WARN, paint};
use crate::report::{plain, words};
use crate::sf::OrgKind;

/// `Local Org (built-in Developer Edition) · 00D… · as admin@…`
pub(super) fn org(org: &OrgFacts) -> String {
    let kind = match org.kind {
        OrgKind::Production => "production",
        OrgKind::Sandbox => "sandbox",
        OrgKind::Scratch => "scratch org",
        OrgKind::Developer => "Developer Edition",
        OrgKind::Trial => "trial",
    };
    let built_in = if org.local_state.is_some() {
        "built-in "
    } else {
        ""
    };
    format!(
        "{} {}",
        paint(BOLD, plain(&org.name)),
        paint(
            DIM,
            format!(
                "({built_in}{kind}) · {} · as {}",
                org.id,
                plain(&org.username)
            )
        )
    )
}

/// Where an admin finds what is in the org.
pub(super) fn home(org: &OrgFacts) -> String {
    match &org.local_state {
        Some(state) => format!(
            "on disk in {}; `opencx-sf emulator start` serves it to other tools",
            state.display()
        ),
        None => format!(
            "{}/lightning/setup/SetupOneHome/home (Apex Triggers, Apex Classes, Named Credentials)",
            org.instance_url
        ),
    }
}

/// Names in lines of at most 96 columns, the second and later ones indented.
pub(super) fn wrapped<'a>(names: impl Iterator<Item = &'a str>, indent: usize) -> String {
    const WIDTH: usize = 96;
    let mut out = String::new();
    let mut column = indent;
    for (index, name) in names.enumerate() {
        if index > 0 {
            out.push(',');
            if column + name.len() + 2 > WIDTH {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                column = indent;
            } else {
                out.push(' ');
                column += 2;
            }
        }
        out.push_str(name);
        column += name.len();
    }
    out
}

/// A line `Label      text`.
pub(super) fn line(label: &str, text: &str) -> String {
    format!("{} {text}\n", paint(BOLD, format!("{label:<10}")))
}

/// `CustomField       Case.Case_From__c`
pub(super) fn component(id: &ComponentId) -> String {
    let kind = id.kind.to_string();
    format!("{} {}", paint(DIM, format!("{kind:<16}")), id.full_name)
}

/// `1 component`, `3 components`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// What a change kind is called, and how it looks.
pub(super) fn kind(kind: ChangeKind) -> String {
    let style = match kind {
        ChangeKind::Same => GOOD,
        ChangeKind::Changed | ChangeKind::Older | ChangeKind::Leftover | ChangeKind::Unreadable => {
            WARN
        }
        ChangeKind::Missing
        | ChangeKind::EditedByHand
        | ChangeKind::PerhapsEdited
        | ChangeKind::Inactive
        | ChangeKind::Foreign
        | ChangeKind::Incompatible => BAD,
    };
    paint(style, words::kind(kind))
}

/// What differs in one component: who changed it, a note, fields, the diff.
pub(super) fn details(change: &Change) -> String {
    let mut out = String::new();
    if let Some(text) = words::modified(change) {
        out.push_str(&format!("      {}\n", paint(DIM, text)));
    }
    if let Some(note) = &change.note {
        out.push_str(&format!("      {}\n", plain(note)));
    }
    for field in &change.fields {
        let value =
            |value: &Option<String>| value.as_deref().map_or_else(|| paint(DIM, "absent"), plain);
        out.push_str(&format!(
            "      {}: {} {} {}\n",
            paint(NAME, plain(&field.field)),
            value(&field.live),
            paint(DIM, "→"),
            value(&field.wanted)
        ));
    }
    if let Some(diff) = &change.diff {
        out.push('\n');
        for line in diff.lines() {
            let style = match line.as_bytes().first() {
                Some(b'+') => GOOD,
                Some(b'-') => BAD,
                Some(b'@') => NAME,
                _ => DIM,
            };
            out.push_str(&format!("      {}\n", paint(style, plain(line))));
        }
        out.push('\n');
    }
    out
}
