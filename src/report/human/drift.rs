//! How an org stands to its package.

use super::Detail;
use super::rows::{component, count, details, kind, line, org};
use crate::compare::ChangeKind;
use crate::drift::{Drift, Finding};
use crate::fleet::holds_nothing_of_ours;
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};
use crate::report::{plain, words};

/// The report of `drift`: a verdict, then every component that differs with what, who and why.
pub fn drift(drift: &Drift, detail: Detail) -> String {
    let mut out = line("Org", &org(&drift.org));
    if holds_nothing_of_ours(drift) && !detail.verbose {
        let all = count(drift.components.len(), "component");
        let text = format!("nothing of ours is in the org ({all}): not deployed, or removed again");
        out.push_str(&line("Drift", &paint(BAD, text)));
    } else {
        out.push_str(&line("Drift", &verdict(drift)));
        for finding in &drift.components {
            out.push_str(&row(finding, detail));
        }
    }
    for rule in &drift.stale_rules {
        let why = match rule.expired {
            Some(day) => format!("ended on {day}"),
            None => "matches nothing".to_owned(),
        };
        out.push_str(&format!(
            "  {} the ignore rule for {} (line {} of the config) {why}: {}\n",
            paint(WARN, "!"),
            plain(&rule.component),
            rule.config_line,
            plain(&rule.reason)
        ));
    }
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    out
}

/// What to do about it, where something differs.
pub fn drift_next(drift: &Drift) -> String {
    match drift.differs() {
        true => line("Next", &next(drift)),
        false => String::new(),
    }
}

fn next(drift: &Drift) -> String {
    let differing = || drift.components.iter().filter(|row| row.is_drift());
    let leftovers = differing().filter(|row| row.change.kind == ChangeKind::Leftover);
    if leftovers.count() == differing().count() {
        return "remove what is left in Setup, or ask for it in the config again".to_owned();
    }
    let deploy = format!("opencx-sf deploy --target-org {}", plain(&drift.org.target));
    let mut asked = differing().filter(|row| needs_consent(row));
    match (asked.next(), asked.next()) {
        _ if holds_nothing_of_ours(drift) => deploy,
        (None, _) => format!("{deploy}   repairs it"),
        (Some(only), None) => format!(
            "{deploy}   repairs what is ours and asks about what somebody edited, wrote or switched \
             off; where nobody can be asked: --overwrite {}",
            only.change.component
        ),
        _ => format!(
            "{deploy}   repairs what is ours and asks about what somebody edited, wrote or switched \
             off; where nobody can be asked: --overwrite COMPONENT, for each"
        ),
    }
}

/// Whether a deploy leaves it as it is until somebody asks for it by name.
fn needs_consent(row: &Finding) -> bool {
    matches!(
        row.change.kind,
        ChangeKind::EditedByHand
            | ChangeKind::PerhapsEdited
            | ChangeKind::Inactive
            | ChangeKind::Foreign
    )
}

/// `2 of 39 components differ`, with what could not be read and what is ignored.
pub(super) fn verdict(drift: &Drift) -> String {
    let total = count(drift.components.len(), "component");
    let of = |wanted: fn(&Finding) -> bool| {
        let rows = drift.components.iter();
        rows.filter(|row| wanted(row)).count()
    };
    let differing = of(Finding::is_drift);
    let unread = of(Finding::is_unreadable);
    let mut text = match (differing, unread) {
        (0, 0) => paint(GOOD, format!("none: {total} as configured")),
        (0, _) => paint(
            WARN,
            format!("cannot be told: {unread} of {total} could not be read"),
        ),
        (_, 0) => paint(BAD, format!("{differing} of {total} differ")),
        _ => paint(
            BAD,
            format!("{differing} of {total} differ, {unread} could not be read"),
        ),
    };
    if drift.ignored() > 0 {
        let ignored = count(drift.ignored(), "difference");
        text.push_str(&format!(", {ignored} ignored"));
    }
    text
}

fn row(finding: &Finding, detail: Detail) -> String {
    let change = &finding.change;
    if change.kind == ChangeKind::Same {
        return match detail.verbose {
            true => format!("  {} {}\n", paint(DIM, "="), component(&change.component)),
            false => String::new(),
        };
    }
    let sign = match change.kind {
        _ if finding.excused => paint(DIM, "-"),
        ChangeKind::Unreadable => paint(WARN, "?"),
        _ => paint(BAD, "✗"),
    };
    let mut out = format!(
        "  {sign} {}  {}{}\n",
        component(&change.component),
        kind(change.kind),
        if finding.excused { ", ignored" } else { "" }
    );
    for ignored in &finding.ignored {
        let until = ignored
            .until
            .map_or_else(String::new, |day| format!(", until {day}"));
        let text = format!(
            "ignored: {} ({}{until})",
            plain(&ignored.difference),
            plain(&ignored.reason)
        );
        out.push_str(&format!("      {}\n", paint(DIM, text)));
    }
    if finding.excused && !detail.verbose {
        return out;
    }
    if let Some(cause) = &finding.cause {
        let text = format!("{}: {}", words::cause(cause.kind), cause.evidence);
        out.push_str(&format!("      {}\n", paint(DIM, text)));
    }
    out.push_str(&details(change));
    out
}
