//! Differences that are meant to be. A rule takes a field or a line out of what counts; it never
//! makes a component that could not be read count as equal.

use jiff::civil::Date;

use super::finding::{Ignored, StaleRule};
use crate::compare::{Change, ChangeKind, FieldChange};
use crate::config::IgnoreRule;

/// What is left when the rules have been applied.
pub(super) struct Excused {
    /// Each change without the fields that are excused, what is excused of it, and whether that is
    /// all of it.
    pub changes: Vec<(Change, Vec<Ignored>, bool)>,
    /// Rules that have ended, and rules that nothing needed.
    pub stale: Vec<StaleRule>,
}

/// Applies the rules that hold today.
pub(super) fn apply(rules: &[IgnoreRule], today: Date, changes: Vec<Change>) -> Excused {
    let holds = |rule: &IgnoreRule| rule.until.is_none_or(|until| today <= until);
    let mut used = vec![false; rules.len()];
    let changes = changes
        .into_iter()
        .map(|change| {
            if !change.is_difference() {
                return (change, Vec::new(), false);
            }
            let name = change.component.to_string();
            let about: Vec<(usize, &IgnoreRule)> = rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| holds(rule) && rule.component.fits(&name))
                .collect();
            excuse(change, &about, &mut used)
        })
        .collect();
    let stale = rules
        .iter()
        .zip(used)
        .filter(|(_, used)| !used)
        .map(|(rule, _)| StaleRule {
            component: rule.component.as_str().to_owned(),
            reason: rule.reason.clone(),
            expired: rule.until.filter(|_| !holds(rule)),
            config_line: rule.config_line,
        })
        .collect();
    Excused { changes, stale }
}

fn excuse(
    mut change: Change,
    rules: &[(usize, &IgnoreRule)],
    used: &mut [bool],
) -> (Change, Vec<Ignored>, bool) {
    let mut ignored = Vec::new();
    let mut take = |found: Option<&(usize, &IgnoreRule)>, difference: String| {
        let Some((index, rule)) = found else {
            return false;
        };
        used[*index] = true;
        ignored.push(Ignored {
            difference,
            reason: rule.reason.clone(),
            until: rule.until,
            config_line: rule.config_line,
        });
        true
    };
    let whole = rules
        .iter()
        .find(|(_, rule)| rule.field.is_none() && rule.line.is_none());
    if take(whole, "component".to_owned()) {
        return (change, ignored, true);
    }
    // What is not there, or cannot become ours, has no fields to excuse.
    if matches!(
        change.kind,
        ChangeKind::Missing | ChangeKind::Incompatible | ChangeKind::Leftover
    ) {
        return (change, ignored, false);
    }
    let differs = !change.fields.is_empty() || change.diff.is_some();
    change.fields.retain(|field| {
        let fits = |rule: &IgnoreRule| rule.field.as_ref().is_some_and(|p| p.fits(&field.field));
        !take(rules.iter().find(|(_, rule)| fits(rule)), field_text(field))
    });
    let mut all = differs && change.fields.is_empty();
    // The diff of a component without source shows its fields once more.
    if change.component.kind.has_source() {
        for line in changed_lines(change.diff.as_deref().unwrap_or_default()) {
            let fits =
                |rule: &IgnoreRule| rule.line.as_ref().is_some_and(|p| p.fits(line[1..].trim()));
            all &= take(
                rules.iter().find(|(_, rule)| fits(rule)),
                format!("line {line}"),
            );
        }
    } else if ignored.is_empty() {
        all = false;
    }
    (change, ignored, all)
}

fn field_text(field: &FieldChange) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
    format!(
        "field {}: {} → {}",
        field.field,
        value(&field.live),
        value(&field.wanted)
    )
}

/// The lines that a unified diff takes away or adds.
fn changed_lines(diff: &str) -> impl Iterator<Item = &str> {
    diff.lines()
        .skip(2)
        .filter(|line| line.starts_with(['-', '+']))
}
