//! A deploy to many orgs: one table, then what went wrong.

use anstyle::Style;

use super::Detail;
use super::deploy::deploy;
use super::rows::{count, line};
use super::table::table;
use crate::fleet::{Deployment, NotTried, RolledOut};
use crate::plan::Action;
use crate::report::plain;
use crate::report::style::{BAD, BOLD, GOOD, WARN, paint};

const HEAD: [&str; 6] = ["Wave", "Org", "Result", "Changed", "Deploy", "API requests"];

/// The report of a deploy in waves of these names. What stopped an org before there was an outcome
/// is told by its findings.
pub fn waves(
    names: &[String],
    rolled: &RolledOut<NotTried, Deployment>,
    is_good: impl Fn(&Deployment) -> bool,
    detail: Detail,
) -> String {
    let wave = |index: &usize| names.get(*index).cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for (index, org) in &rolled.results {
        rows.push((cells(org, wave(index)), style(org, is_good(org))));
    }
    for (index, org) in &rolled.not_tried {
        let none = String::new;
        let name = plain(&org.target);
        let not_tried = "not tried".to_owned();
        rows.push(([wave(index), name, not_tried, none(), none(), none()], WARN));
    }
    let mut out = table(&HEAD, 2, &rows);
    for (_, org) in &rolled.results {
        if let Ok(outcome) = &org.outcome
            && (!is_good(org) || detail.verbose)
        {
            let requests = Some(org.requests);
            out.push_str(&format!("\n{}\n", paint(BOLD, plain(&org.target))));
            out.push_str(&deploy(outcome, org.sent(), Detail { requests, ..detail }));
        }
    }
    let good = rolled
        .results
        .iter()
        .filter(|(_, org)| is_good(org))
        .count();
    let all = rolled.results.len() + rolled.not_tried.len();
    let parts: Vec<String> = [
        (good, GOOD, "as they should be"),
        (rolled.results.len() - good, BAD, "failed"),
        (rolled.not_tried.len(), WARN, "not tried"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, style, words)| paint(style, format!("{count} {words}")))
    .collect();
    let all = count(all, "org");
    out.push_str(&format!(
        "\n{}",
        line("Fleet", &format!("{all}: {}", parts.join(", ")))
    ));
    if good < rolled.results.len() {
        out.push_str(&line(
            "Next",
            "after the repair run the same command again: orgs that are as they should be stay \
             untouched",
        ));
    }
    out
}

fn style(org: &Deployment, is_good: bool) -> Style {
    match (&org.outcome, is_good) {
        (_, true) => GOOD,
        (Ok(_), false) => BAD,
        (Err(_), false) => WARN,
    }
}

fn cells(org: &Deployment, wave: String) -> [String; 6] {
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
            let stopped =
                code.map_or_else(|| "stopped".to_owned(), |code| format!("stopped: {code}"));
            [wave, name, stopped, String::new(), String::new(), usage]
        }
        Ok(outcome) => {
            let steps = &outcome.plan.steps;
            let changed = steps.iter().filter(|step| step.action != Action::Keep);
            let changed = match changed.count() {
                0 => format!("0 of {}", steps.len()),
                _ if !outcome.deployed() => format!("0 of {}", steps.len()),
                count => format!("{count} of {}", steps.len()),
            };
            let id = outcome.deploy.as_ref().map(|result| plain(&result.id));
            [
                wave,
                name,
                org.status().to_owned(),
                changed,
                id.unwrap_or_default(),
                usage,
            ]
        }
    }
}
