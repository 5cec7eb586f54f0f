//! A template that renders to what the org holds.

use similar::{DiffOp, TextDiff};

use super::reason::holds_a_secret;
use super::trial::Trial;
use super::values::{references, rendered_line, sources};
use super::{AdoptedTemplate, Ground};
use crate::apex::Marker;
use crate::compare::{Change, ChangeKind, LiveState};
use crate::metadata::Component;
use crate::package::parts;
use crate::render::Origin;
use crate::template::{Catalog, Template};
use crate::xml;

/// The template for one difference, and how the org stands with it. `None` where there can be none.
pub(super) fn template<'a>(
    ground: Ground<'a>,
    now: &Trial<'a>,
    change: &Change,
) -> Option<(Trial<'a>, AdoptedTemplate)> {
    if !matches!(
        change.kind,
        ChangeKind::EditedByHand
            | ChangeKind::PerhapsEdited
            | ChangeKind::Changed
            | ChangeKind::Older
            | ChangeKind::Inactive
    ) || holds_a_secret(now, &change.component)
        || !references(now, change).is_empty()
    {
        return None;
    }
    let id = &change.component;
    let origin = now.origin(id)?;
    let in_use = now.catalog.template(&origin.path)?;
    let LiveState::Present { component, .. } = ground.live.components.get(id)? else {
        return None;
    };
    let patched = patched(now, change, origin, in_use).map(|text| (text, true));
    let whole = whole(now, component, in_use.version).map(|text| (text, false));
    for (text, keeps_values) in patched.into_iter().chain(whole) {
        let Ok(template) = Template::parse(&in_use.path, &text) else {
            continue;
        };
        let catalog = now.catalog.replacing(template);
        let Some(tried) = Trial::after(Some(now), ground, &now.text, &catalog) else {
            continue;
        };
        // A line that renders by chance may still be another text: all of the source must fit.
        let fits = match id.kind.has_source() {
            true => sources(&tried, change).is_some_and(|(ours, theirs)| ours == theirs),
            false => tried.weight_of(id) == 0,
        };
        if fits && tried.is_better_than(now) {
            let template = AdoptedTemplate {
                component: id.clone(),
                path: in_use.path.clone(),
                was: in_use.text.clone(),
                text,
                replaces: is_own(&now.catalog, &in_use.path),
                keeps_values,
            };
            return Some((tried, template));
        }
    }
    None
}

fn is_own(catalog: &Catalog, path: &str) -> bool {
    catalog.overrides().iter().any(|own| own.path == path)
}

/// The template in use with the lines changed that differ, so that the config's values stay values.
fn patched(now: &Trial, change: &Change, origin: &Origin, in_use: &Template) -> Option<String> {
    let (ours, theirs) = sources(now, change)?;
    let their_lines: Vec<&str> = theirs.lines().collect();
    let place = |index: usize| origin.line(rendered_line(index));
    let mut lines: Vec<String> = in_use.text.lines().map(str::to_owned).collect();
    let diff = TextDiff::from_lines(&ours, &theirs);
    for op in diff.ops().iter().rev() {
        let (old_index, old_len, new_index, new_len) = match *op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete {
                old_index,
                old_len,
                new_index,
            } => (old_index, old_len, new_index, 0),
            DiffOp::Insert {
                old_index,
                new_index,
                new_len,
            } => (old_index, 0, new_index, new_len),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => (old_index, old_len, new_index, new_len),
        };
        // 1-based lines of the template; they must follow each other as the rendered ones do.
        let start = match old_len {
            0 => place(old_index.checked_sub(1)?)?,
            _ => place(old_index)? - 1,
        };
        for step in 0..old_len {
            if place(old_index + step)? != start + 1 + step {
                return None;
            }
        }
        let new = their_lines[new_index..new_index + new_len].iter();
        let new = new
            .map(|line| literal(line))
            .collect::<Option<Vec<String>>>()?;
        lines.splice(start..start + old_len, new);
    }
    Some(format!("{}\n", lines.join("\n")))
}

/// The org's text as a template without values.
fn whole(now: &Trial, live: &Component, version: u32) -> Option<String> {
    let text = match &live.source {
        Some(source) => crate::apex::normalize(source),
        None => {
            let mut root = xml::parse(&live.xml).ok()?;
            let ours = now.package.components.get(&live.id)?;
            let ours = xml::parse(&ours.xml).ok()?;
            for child in &mut root.children {
                if child.name == "description" {
                    child.text = without_marker(&child.text);
                    // The marker has its place there, so something has to stand before it.
                    if child.text.is_empty() {
                        child.text = without_marker(ours.child_text("description")?);
                    }
                }
            }
            xml::write(&root)
        }
    };
    Some(format!("{{# version: {version} #}}\n{}", literal(&text)?))
}

fn without_marker(description: &str) -> String {
    let text = match Marker::in_description(description) {
        Some(_) => description
            .rfind("opencx-sf template=")
            .map_or(description, |at| &description[..at]),
        None => description,
    };
    parts::without_digests(text.trim())
}

/// A text that the template language takes as it is.
fn literal(text: &str) -> Option<String> {
    if text.contains("endraw") {
        return None;
    }
    Some(if ["{{", "{%", "{#"].iter().any(|tag| text.contains(tag)) {
        format!("{{% raw %}}{text}{{% endraw %}}")
    } else {
        text.to_owned()
    })
}
