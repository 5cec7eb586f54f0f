//! Which value of which key could be what the org has.

use std::collections::BTreeSet;

use serde_json::Value;
use similar::{DiffOp, TextDiff};

use super::trial::Trial;
use crate::apex;
use crate::compare::{Change, ChangeKind, LiveState};
use crate::config;
use crate::secret::MASK;

/// Keys with values to try for one difference: those that the org's text names first, then every
/// other choice of the keys that had a part in the component.
pub(super) fn candidates(now: &Trial, change: &Change) -> Vec<(String, Value)> {
    let id = &change.component;
    let Some(origin) = now.origin(id) else {
        // Nothing renders it today: what an older config left behind.
        let is_left = change.kind == ChangeKind::Leftover;
        let keys = config::keys_with_choices();
        return keys
            .into_iter()
            .filter(|_| is_left)
            .flat_map(|key| other_choices(now, key))
            .collect();
    };
    if matches!(change.kind, ChangeKind::Foreign | ChangeKind::Incompatible) {
        return Vec::new();
    }
    let mut found = texts(now, change);
    for field in &change.fields {
        if field.field == "apiVersion"
            && let Some(live) = &field.live
        {
            let key = "salesforce.api_version".to_owned();
            found.push((key, Value::String(live.clone())));
        }
    }
    let choices = origin.keys(None).into_iter();
    found.extend(choices.flat_map(|key| other_choices(now, key)));
    found
}

/// The choices of a key but the one that holds.
fn other_choices(now: &Trial, key: String) -> Vec<(String, Value)> {
    let held = now.shown(&key);
    // Where a reference decides, no choice here would.
    if held.as_ref().is_some_and(|held| held.starts_with("${")) {
        return Vec::new();
    }
    let word = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    config::choices(&key)
        .into_iter()
        .filter(|value| held.as_ref() != Some(&word(value)))
        .map(|value| (key.clone(), value))
        .collect()
}

/// A pair of texts in one place: ours, and the org's.
struct Pair {
    ours: String,
    theirs: String,
    keys: Vec<String>,
}

/// Values that stand in the org's text where one of the config stands in ours.
fn texts(now: &Trial, change: &Change) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for pair in pairs(now, change) {
        for key in &pair.keys {
            let Some(held) = now.shown(key).filter(|held| !held.starts_with("${")) else {
                continue;
            };
            let value = if config::is_number(key) {
                in_place(&pair, &held).and_then(|text| text.parse::<u64>().ok().map(Value::from))
            } else if change.component.kind.has_source() {
                let literal = apex::string_literal(&held).ok();
                let theirs = literal.and_then(|literal| in_place(&pair, &literal));
                theirs
                    .and_then(|theirs| apex::parse_string_literal(&theirs))
                    .map(Value::String)
            } else {
                in_place(&pair, &held).map(Value::String)
            };
            found.extend(value.map(|value| (key.clone(), value)));
        }
    }
    found
}

/// What stands in the org's text in the place of a part of ours.
fn in_place(pair: &Pair, part: &str) -> Option<String> {
    let mut places = pair.ours.match_indices(part);
    places.find_map(|(at, _)| {
        let (before, after) = (&pair.ours[..at], &pair.ours[at + part.len()..]);
        let rest = pair.theirs.strip_prefix(before)?.strip_suffix(after)?;
        (!rest.is_empty() && !rest.contains(MASK)).then(|| rest.to_owned())
    })
}

fn pairs(now: &Trial, change: &Change) -> Vec<Pair> {
    let id = &change.component;
    let Some(origin) = now.origin(id) else {
        return Vec::new();
    };
    if !id.kind.has_source() {
        let of_all = origin.keys(None);
        let both = change.fields.iter().filter_map(|field| {
            Some(Pair {
                ours: field.wanted.clone()?,
                theirs: field.live.clone()?,
                keys: of_all.clone(),
            })
        });
        return both.collect();
    }
    let Some((ours, theirs)) = sources(now, change) else {
        return Vec::new();
    };
    let (our_lines, their_lines): (Vec<&str>, Vec<&str>) =
        (ours.lines().collect(), theirs.lines().collect());
    let diff = TextDiff::from_lines(&ours, &theirs);
    let mut found = Vec::new();
    for op in diff.ops() {
        let DiffOp::Replace {
            old_index,
            old_len,
            new_index,
            new_len,
        } = *op
        else {
            continue;
        };
        for step in 0..old_len.min(new_len) {
            let (old, new) = (old_index + step, new_index + step);
            found.push(Pair {
                ours: our_lines[old].to_owned(),
                theirs: their_lines[new].to_owned(),
                keys: origin.keys(origin.line(rendered_line(old))),
            });
        }
    }
    found
}

/// The 1-based line of what was rendered, which begins with the marker, for one of its normal form.
pub(super) fn rendered_line(index: usize) -> u32 {
    u32::try_from(index + 2).unwrap_or(u32::MAX)
}

/// Our source and the org's, in normal form.
pub(super) fn sources(now: &Trial, change: &Change) -> Option<(String, String)> {
    let ours = now.package.components.get(&change.component)?;
    let LiveState::Present { component, .. } = now.live.get(&change.component)? else {
        return None;
    };
    Some((
        apex::normalize(ours.source.as_deref()?),
        apex::normalize(component.source.as_deref()?),
    ))
}

/// The references that decide what stands in the lines that differ, as they are written: the value
/// belongs where they lead.
pub(super) fn references(now: &Trial, change: &Change) -> BTreeSet<(String, String)> {
    let keys = pairs(now, change).into_iter().flat_map(|pair| pair.keys);
    keys.filter(|key| config::choices(key).is_empty())
        .filter_map(|key| {
            let held = now.shown(&key)?;
            held.starts_with("${").then_some((key, held))
        })
        .collect()
}
