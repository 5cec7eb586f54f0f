//! How an org stands to its package.

use super::Detail;
use super::rows::{component, count, details, kind, line, org};
use crate::compare::ChangeKind;
use crate::drift::Drift;
use crate::report::style::{BAD, DIM, GOOD, WARN, paint};

/// The report of `drift`: a verdict, then every component that differs with what and who.
pub fn drift(drift: &Drift, detail: Detail) -> String {
    let mut out = line("Org", &org(&drift.org));
    let total = count(drift.components.len(), "component");
    let of = |wanted: fn(ChangeKind) -> bool| {
        drift
            .components
            .iter()
            .filter(|change| wanted(change.kind))
            .count()
    };
    let differing = of(|kind| !matches!(kind, ChangeKind::Same | ChangeKind::Unreadable));
    let unread = of(|kind| kind == ChangeKind::Unreadable);
    let verdict = match (differing, unread) {
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
    out.push_str(&line("Drift", &verdict));
    for change in &drift.components {
        if change.kind == ChangeKind::Same {
            if detail.verbose {
                let row = component(&change.component);
                out.push_str(&format!("  {} {row}\n", paint(DIM, "=")));
            }
            continue;
        }
        let sign = if change.kind == ChangeKind::Unreadable {
            paint(WARN, "?")
        } else {
            paint(BAD, "✗")
        };
        out.push_str(&format!(
            "  {sign} {}  {}\n",
            component(&change.component),
            kind(change.kind)
        ));
        out.push_str(&details(change));
    }
    if let (true, Some(requests)) = (detail.verbose, detail.requests) {
        out.push_str(&paint(DIM, format!("{requests} HTTP requests\n")));
    }
    if differing > 0 {
        out.push_str(&line(
            "Next",
            &format!(
                "opencx-sf deploy --target-org {}   repairs what is ours, asks before it \
                 replaces what somebody edited",
                drift.org.target
            ),
        ));
    }
    out
}
