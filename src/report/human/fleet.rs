//! Many orgs: one table, then what differs in each.

use anstyle::Style;

use super::Detail;
use super::drift::{drift, drift_next};
use super::rows::{count, line};
use super::table::table;
use crate::fleet::{Inspection, Release, State};
use crate::report::style::{BAD, BOLD, GOOD, WARN, paint};
use crate::report::{plain, words};

/// The report of `drift` over many orgs. What stopped an org is told by its findings.
pub fn fleet(orgs: &[Inspection], detail: Detail) -> String {
    if orgs.is_empty() {
        return line("Fleet", "no org falls to this machine's share");
    }
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
            out.push_str(&drift_next(found));
        }
    }
    let counted = |state| orgs.iter().filter(|org| org.state() == state).count();
    let parts: Vec<String> = [
        (State::Clean, GOOD),
        (State::Drifted, BAD),
        (State::Undetermined, WARN),
        (State::Failed, WARN),
    ]
    .into_iter()
    .filter(|(state, _)| counted(*state) > 0)
    .map(|(state, style)| paint(style, format!("{} {}", counted(state), state.words())))
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
    let usage = org.requests_in_words();
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
            [
                name,
                org.state().words().to_owned(),
                format!("{differs} of {}", drift.components.len()),
                org.release().map_or("", Release::words).to_owned(),
                last_change(org),
                usage,
            ]
        }
    }
}

fn last_change(org: &Inspection) -> String {
    org.last_change().map_or_else(String::new, |last| {
        format!("{}, {}", words::time(&last.at), plain(&last.by))
    })
}
