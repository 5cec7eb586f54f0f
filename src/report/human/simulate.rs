//! What playing scenarios came to.

use std::path::Path;

use super::rows::{count, line};
use crate::report::plain;
use crate::report::style::{BAD, BOLD, DIM, GOOD, NAME, WARN, paint};
use crate::simulate::{Scenario, Shown, Simulation, Verdict};

/// How much is told of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Its title and what went wrong.
    InALine,
    /// Every step with what was seen: requests, mails, failed jobs.
    InFull,
}

/// The names of scenarios and what they are about.
pub fn scenarios(scenarios: &[Scenario]) -> String {
    let width = width(scenarios.iter().map(|scenario| scenario.name.as_str()));
    scenarios
        .iter()
        .map(|scenario| {
            let name = paint(NAME, format!("{:width$}", plain(&scenario.name)));
            format!("{name}  {}\n", plain(&scenario.title))
        })
        .collect()
}

/// Each scenario, then the verdict. `state` is where the local org was left.
pub fn simulation(simulation: &Simulation, told: Told, state: &Path) -> String {
    let names = simulation.scenarios.iter().map(|shown| shown.name.as_str());
    let width = width(names);
    let mut out = String::new();
    for shown in &simulation.scenarios {
        out.push_str(&scenario(shown, width, told));
    }
    out.push_str(&line("Result", &result(simulation)));
    let state = state.display();
    out + &line(
        "Look",
        &format!("`opencx-sf emulator start --state {state}` shows it all in a browser"),
    )
}

fn width<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0)
}

fn result(simulation: &Simulation) -> String {
    let of = |style, number: usize, what: &str| {
        (number > 0).then(|| paint(style, format!("{number} {what}")))
    };
    let parts = [
        of(BAD, simulation.count(|v| *v == Verdict::Failed), "failed"),
        of(
            WARN,
            simulation.count(|v| matches!(v, Verdict::Undetermined { .. })),
            "could not be played",
        ),
        of(GOOD, simulation.count(|v| *v == Verdict::Passed), "passed"),
        of(
            DIM,
            simulation.count(|v| matches!(v, Verdict::NotApplicable { .. })),
            "about other configs",
        ),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return count(0, "scenario");
    }
    parts.join(" · ")
}

fn scenario(shown: &Shown, width: usize, told: Told) -> String {
    let name = format!("{:width$}", plain(&shown.name));
    let title = plain(&shown.title);
    let (mark, text) = match &shown.verdict {
        Verdict::Passed => (paint(GOOD, '✓'), title),
        Verdict::Failed => (paint(BAD, '✗'), title),
        Verdict::NotApplicable { reason } => {
            (paint(DIM, '–'), paint(DIM, format!("not played: {reason}")))
        }
        Verdict::Undetermined { reason } => {
            (paint(WARN, '?'), format!("not played: {}", plain(reason)))
        }
    };
    let mut out = format!("  {mark} {}  {text}\n", paint(NAME, name));
    for step in &shown.steps {
        let is_bad = !step.problems.is_empty();
        if told == Told::InALine && !is_bad {
            continue;
        }
        out.push_str(&format!(
            "      {} {}\n",
            paint(BOLD, "when"),
            plain(&step.when)
        ));
        for problem in &step.problems {
            out.push_str(&format!(
                "      {} {}\n",
                paint(BAD, "then"),
                plain(problem)
            ));
        }
        for seen in &step.seen {
            let mut lines = seen.lines();
            let first = lines.next().unwrap_or_default();
            out.push_str(&format!("      {} {}\n", paint(DIM, "seen"), plain(first)));
            for line in lines {
                out.push_str(&format!("           {}\n", paint(DIM, plain(line))));
            }
        }
    }
    if !shown.steps.is_empty() && (told == Told::InFull || shown.verdict == Verdict::Failed) {
        out.push('\n');
    }
    out
}
