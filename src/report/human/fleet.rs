//! Many orgs: one table, then what differs in each.

use anstyle::Style;

use super::Detail;
use super::drift::drift;
use super::rows::{count, line};
use super::table::table;
use crate::compare::ChangeKind;
use crate::drift::{CauseKind, Drift};
use crate::fleet::{Inspection, State};
use crate::report::style::{BAD, BOLD, GOOD, WARN, paint};
use crate::report::{plain, words};

/// The report of `drift` over many orgs. What stopped an org is told by its findings.
pub fn fleet(orgs: &[Inspection], detail: Detail) -> String {
    let rows: Vec<([String; 6], Style)> = orgs
        .iter()
        .map(|org| (cells(org), style(org.state())))
        .collect();
    let mut out = table(&HEAD, 1, &rows);
    for org in orgs {
        if let Ok(found) = &org.outcome
            && (org.state() != State::Clean || !found.stale_rules.is_empty() || detail.verbose)
        {
            let requests = Some(org.requests);
            out.push_str(&format!("\n{}\n", paint(BOLD, plain(&org.target))));
            out.push_str(&drift(found, Detail { requests, ..detail }));
        }
    }
    let counted = |state| orgs.iter().filter(|org| org.state() == state).count();
    let parts: Vec<String> = [
        (State::Clean, GOOD, "clean"),
        (State::Drifted, BAD, "drifted"),
        (State::Undetermined, WARN, "not read in full"),
        (State::Failed, WARN, "not reached"),
    ]
    .into_iter()
    .filter(|(state, ..)| counted(*state) > 0)
    .map(|(state, style, words)| paint(style, format!("{} {words}", counted(state))))
    .collect();
    let all = count(orgs.len(), "org");
    out.push_str(&format!(
        "\n{}",
        line("Fleet", &format!("{all}: {}", parts.join(", ")))
    ));
    out
}

const HEAD: [&str; 6] = [
    "Org",
    "State",
    "Differs",
    "Ours",
    "Last change",
    "API requests",
];

fn style(state: State) -> Style {
    match state {
        State::Clean => GOOD,
        State::Drifted => BAD,
        State::Undetermined | State::Failed => WARN,
    }
}

fn cells(org: &Inspection) -> [String; 6] {
    let usage = org.usage.map_or_else(
        || format!("{} here", org.requests),
        |usage| {
            format!(
                "{} here, {} of {} today",
                org.requests, usage.used, usage.allowed
            )
        },
    );
    let name = plain(&org.target);
    match &org.outcome {
        Err(findings) => {
            let code = findings.first().map(|found| found.code.to_string());
            let none = || String::new();
            [
                name,
                "not reached".to_owned(),
                none(),
                code.unwrap_or_default(),
                none(),
                usage,
            ]
        }
        Ok(drift) => {
            let differs = drift.components.iter().filter(|row| row.is_drift()).count();
            let state = match org.state() {
                State::Undetermined => "not read in full",
                state => state.word(),
            };
            [
                name,
                state.to_owned(),
                format!("{differs} of {}", drift.components.len()),
                release(drift).to_owned(),
                last_change(drift),
                usage,
            ]
        }
    }
}

/// Whose release wrote what the org holds.
fn release(drift: &Drift) -> &'static str {
    let any = |kind| {
        let mut causes = drift.components.iter().filter_map(|row| row.cause.as_ref());
        causes.any(|cause| cause.kind == kind)
    };
    if any(CauseKind::NeverDeployed) {
        "none"
    } else if any(CauseKind::NewerRelease) {
        "newer release"
    } else if any(CauseKind::OlderRelease) {
        "older release"
    } else {
        "this release"
    }
}

fn last_change(drift: &Drift) -> String {
    let rows = drift.components.iter();
    let rows = rows.filter(|row| row.change.kind != ChangeKind::Unreadable);
    let last = rows
        .filter_map(|row| row.change.modified.as_ref())
        .max_by(|a, b| a.at.cmp(&b.at));
    last.map_or_else(String::new, |last| {
        format!("{}, {}", words::time(&last.at), plain(&last.by))
    })
}
