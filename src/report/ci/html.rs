//! One page that needs nothing else.

use super::Report;
use super::markdown::last_change;
use super::rows::{fields, stale_words};
use crate::compare::ChangeKind;
use crate::drift::{Drift, Finding};
use crate::fleet::{Inspection, Release, State, holds_nothing_of_ours};
use crate::report::page::{escaped, page, tile};
use crate::report::words;

/// The page.
pub(super) fn report(report: Report<'_>) -> String {
    let count = |state| {
        report
            .orgs
            .iter()
            .filter(|org| org.state() == state)
            .count()
    };
    let tiles: String = [
        State::Clean,
        State::Drifted,
        State::Undetermined,
        State::Failed,
    ]
    .into_iter()
    .map(|state| tile(count(state), state.words(), class(state)))
    .collect();
    let findings: String = report
        .findings
        .iter()
        .map(|found| format!("<p class=\"finding\">{}</p>\n", escaped(&found.message)))
        .collect();
    let table: String = report.orgs.iter().enumerate().map(table_row).collect();
    let at = report.at.strftime("%Y-%m-%d %H:%M UTC");
    let head: String = HEAD
        .iter()
        .map(|(name, class)| format!("<th{class}>{name}"))
        .collect();
    let body = format!(
        "<div class=\"tiles\">\n{tiles}</div>\n{findings}\
         <table class=\"orgs\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{table}</tbody></table>\n{}",
        sections(report.orgs)
    );
    let title = format!("Drift of {} orgs", report.orgs.len());
    page(&title, "Drift", &at.to_string(), &body)
}

/// The columns of the table of orgs. On a narrow screen each cell has its column's name beside it.
const HEAD: [(&str, &str); 8] = [
    ("Org", ""),
    ("State", ""),
    ("Differs", " class=\"n\""),
    ("Ignored", " class=\"n\""),
    ("Not read", " class=\"n\""),
    ("Ours", ""),
    ("Last change", ""),
    ("API requests", ""),
];

/// What is to be looked at first, and the clean orgs folded away.
fn sections(orgs: &[Inspection]) -> String {
    let (quiet, others): (Vec<_>, Vec<_>) = orgs.iter().enumerate().partition(|(_, org)| {
        let drift = org.outcome.as_ref();
        org.state() == State::Clean
            && drift.is_ok_and(|drift| drift.stale_rules.is_empty() && drift.ignored() == 0)
    });
    let mut out: String = others.into_iter().map(section).collect();
    if !quiet.is_empty() {
        let count = quiet.len();
        let sections: String = quiet.into_iter().map(section).collect();
        let words = if count == 1 {
            "clean org"
        } else {
            "clean orgs"
        };
        out.push_str(&format!(
            "<details class=\"clean\"><summary>{count} {words}</summary>\n{sections}</details>\n"
        ));
    }
    out
}

fn class(state: State) -> &'static str {
    match state {
        State::Clean => "good",
        State::Drifted => "bad",
        State::Undetermined | State::Failed => "warn",
    }
}

fn badge(state: State) -> String {
    let (class, words) = (class(state), state.words());
    format!("<span class=\"badge {class}\">{words}</span>")
}

fn table_row((index, org): (usize, &Inspection)) -> String {
    let mut cells = vec![
        format!("<a href=\"#org{index}\">{}</a>", escaped(&org.target)),
        badge(org.state()),
    ];
    match &org.outcome {
        Ok(drift) => {
            let count = |wanted: fn(&Finding) -> bool| {
                let rows = drift.components.iter();
                rows.filter(|row| wanted(row)).count().to_string()
            };
            let last = org.last_change().map(last_change).unwrap_or_default();
            cells.extend([
                count(Finding::is_drift),
                drift.ignored().to_string(),
                count(Finding::is_unreadable),
                org.release().map_or("", Release::words).to_owned(),
                escaped(&last),
            ]);
        }
        Err(findings) => {
            cells.extend([const { String::new() }; 4]);
            let code = findings.first().map(|found| found.code.to_string());
            cells.push(escaped(&code.unwrap_or_default()));
        }
    }
    cells.push(org.requests_in_words());
    let cells: String = HEAD
        .iter()
        .zip(&cells)
        .map(|((name, class), cell)| match cell.as_str() {
            // Left out on a narrow screen.
            "" | "0" => format!("<td class=\"n none\">{cell}"),
            _ => format!("<td{class} data-name=\"{name}\">{cell}"),
        })
        .collect();
    format!("<tr>{cells}</tr>\n")
}

fn section((index, org): (usize, &Inspection)) -> String {
    let body = match &org.outcome {
        Err(findings) => findings
            .iter()
            .map(|found| {
                let more: Vec<String> = found.because.iter().chain(&found.help).cloned().collect();
                format!(
                    "<p class=\"finding\">{} <code>{}</code><br><span class=\"dim\">{}</span></p>\n",
                    escaped(&found.message),
                    escaped(&found.code.to_string()),
                    escaped(&more.join("; "))
                )
            })
            .collect(),
        Ok(drift) => org_body(org, drift),
    };
    format!(
        "<section id=\"org{index}\">\n<h2>{} {}</h2>\n{body}</section>\n",
        escaped(&org.target),
        badge(org.state())
    )
}

fn org_body(org: &Inspection, drift: &Drift) -> String {
    let facts = &drift.org;
    let mut out = format!(
        "<p class=\"dim\">{} · {} · {} · {} components · {} requests</p>\n",
        escaped(&facts.name),
        escaped(facts.id.as_str()),
        escaped(&facts.username),
        drift.components.len(),
        org.requests
    );
    let differing = drift
        .components
        .iter()
        .filter(|row| row.change.kind != ChangeKind::Same);
    let blocks: String = differing.map(|finding| component(org, finding)).collect();
    out.push_str(&match holds_nothing_of_ours(drift) {
        true => format!(
            "<p class=\"finding\">Nothing of ours is in the org: not deployed, or removed again.</p>\n\
             <details><summary>what is missing</summary>\n{blocks}</details>\n"
        ),
        false => blocks,
    });
    out.extend(drift.stale_rules.iter().map(|rule| {
        let (_, words) = stale_words(rule);
        format!(
            "<p class=\"finding\">{}: <code>{}</code> ({} line {})</p>\n",
            escaped(&words),
            escaped(&rule.component),
            escaped(&org.config),
            rule.config_line
        )
    }));
    out
}

fn component(org: &Inspection, finding: &Finding) -> String {
    let change = &finding.change;
    let (class, kind) = match change.kind {
        _ if finding.excused => ("none", "ignored"),
        ChangeKind::Unreadable | ChangeKind::Leftover | ChangeKind::Older | ChangeKind::Changed => {
            ("warn", words::kind(change.kind))
        }
        other => ("bad", words::kind(other)),
    };
    let mut lines = fields(change);
    lines.extend(change.note.clone());
    if let Some(cause) = &finding.cause {
        lines.push(format!("{} ({})", words::cause(cause.kind), cause.evidence));
    }
    lines.extend(words::modified(change));
    lines.extend(finding.ignored.iter().map(|ignored| {
        let until = ignored
            .until
            .map_or_else(String::new, |day| format!(", until {day}"));
        format!(
            "ignored: {} ({}{until})",
            ignored.difference, ignored.reason
        )
    }));
    if let Some(place) = org.places.get(&change.component) {
        lines.push(format!("made by {} line {}", place.file, place.line));
    }
    let items: String = lines
        .iter()
        .map(|line| format!("<li>{}</li>\n", escaped(line)))
        .collect();
    let diff = change.diff.as_deref().map(side_by_side).unwrap_or_default();
    let open = if finding.excused { "" } else { " open" };
    format!(
        "<details{open}>\n<summary><code>{}</code> <span class=\"badge {class}\">{kind}</span>\
         </summary>\n<ul>\n{items}</ul>\n{diff}</details>\n",
        escaped(&change.component.to_string())
    )
}

/// A unified diff as two columns: the org's left, ours right. Lines that were taken away and added in
/// one place stand beside each other.
fn side_by_side(diff: &str) -> String {
    let mut out = String::from(
        "<div class=\"scroll\"><table class=\"diff\">\n<thead><tr><th>in the org<th>as configured\
         </tr></thead>\n<tbody>\n",
    );
    let (mut removed, mut added): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for line in diff.lines().skip(2) {
        if let Some(text) = line.strip_prefix('-') {
            removed.push(text);
        } else if let Some(text) = line.strip_prefix('+') {
            added.push(text);
        } else {
            flush(&mut removed, &mut added, &mut out);
            if line.starts_with("@@") {
                out.push_str(&format!(
                    "<tr class=\"hunk\"><td colspan=\"2\">{}</tr>\n",
                    escaped(line)
                ));
            } else {
                let text = code(line.strip_prefix(' ').unwrap_or(line));
                out.push_str(&format!("<tr><td>{text}<td class=\"twin\">{text}</tr>\n"));
            }
        }
    }
    flush(&mut removed, &mut added, &mut out);
    out.push_str("</tbody></table></div>\n");
    out
}

fn flush(removed: &mut Vec<&str>, added: &mut Vec<&str>, out: &mut String) {
    let cell = |line: Option<&&str>, class: &str| match line {
        Some(text) => format!("<td class=\"{class}\">{}", code(text)),
        None => "<td class=\"empty\">".to_owned(),
    };
    for index in 0..removed.len().max(added.len()) {
        out.push_str(&format!(
            "<tr>{}{}</tr>\n",
            cell(removed.get(index), "old"),
            cell(added.get(index), "new")
        ));
    }
    removed.clear();
    added.clear();
}

/// A line of code; an empty one keeps its height.
fn code(line: &str) -> String {
    if line.is_empty() {
        "&nbsp;".to_owned()
    } else {
        escaped(line)
    }
}
