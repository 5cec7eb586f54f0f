//! Markdown for a job summary or a comment. The hidden first line is how a job finds its own comment
//! again and replaces it.

use super::Report;
use super::rows::{fields, stale_words};
use crate::compare::{ChangeKind, Modified};
use crate::drift::Finding;
use crate::fleet::{Inspection, Release, State, holds_nothing_of_ours};
use crate::metadata::ComponentId;
use crate::report::{plain, words};

/// The line by which a comment is found again. Whoever shows several reports adds a name.
pub const MARKER: &str = "<!-- opencx-sf drift -->";

/// GitHub takes comments of 65,536 characters, GitLab of 1,000,000.
const MOST_BYTES: usize = 60_000;

/// A verdict, a table of orgs, and what differs in each.
pub(super) fn report(report: Report<'_>) -> String {
    let mut out = format!("{MARKER}\n## {}\n\n", verdict(report));
    out.push_str(
        "| org | state | differs | ignored | not read | ours | last change | API requests |\n\
         | --- | --- | ---: | ---: | ---: | --- | --- | --- |\n",
    );
    for org in report.orgs {
        out.push_str(&table_row(org));
    }
    for finding in report.findings {
        out.push_str(&format!("\n**{}**\n", escaped(&finding.message)));
    }
    let sections = report.orgs.iter().flat_map(sections);
    let left_out = append_what_fits(&mut out, sections);
    if left_out > 0 {
        out.push_str(&format!(
            "\n{left_out} more did not fit into a comment; the other reports have them.\n"
        ));
    }
    let at = report.at.strftime("%Y-%m-%d %H:%M UTC");
    out.push_str(&format!("\n<sub>opencx-sf drift, {at}</sub>\n"));
    out
}

/// Adds the sections that a comment has room for, and counts the others.
pub(super) fn append_what_fits(
    out: &mut String,
    sections: impl IntoIterator<Item = String>,
) -> usize {
    let mut left_out = 0;
    for section in sections {
        if out.len() + section.len() > MOST_BYTES {
            left_out += 1;
        } else {
            out.push_str(&section);
        }
    }
    left_out
}

fn verdict(report: Report<'_>) -> String {
    let count = |state| {
        report
            .orgs
            .iter()
            .filter(|org| org.state() == state)
            .count()
    };
    let parts: Vec<String> = [
        (State::Drifted, "drifted"),
        (State::Undetermined, "could not be read in full"),
        (State::Failed, "could not be looked at"),
    ]
    .into_iter()
    .filter(|(state, _)| count(*state) > 0)
    .map(|(state, words)| format!("{} {words}", count(state)))
    .collect();
    let all = report.orgs.len();
    let orgs = if all == 1 { "org" } else { "orgs" };
    if parts.is_empty() {
        format!("No drift in {all} {orgs}")
    } else {
        format!("Drift: of {all} {orgs} {}", parts.join(", "))
    }
}

fn table_row(org: &Inspection) -> String {
    let name = escaped(&org.target);
    let Ok(drift) = &org.outcome else {
        let requests = org.requests_in_words();
        return format!("| {name} | could not be looked at | | | | | | {requests} |\n");
    };
    let count =
        |wanted: fn(&Finding) -> bool| drift.components.iter().filter(|r| wanted(r)).count();
    format!(
        "| {name} | {} | {} | {} | {} | {} | {} | {} |\n",
        org.state().word(),
        count(Finding::is_drift),
        drift.ignored(),
        count(Finding::is_unreadable),
        org.release().map_or("", Release::words),
        escaped(&org.last_change().map(last_change).unwrap_or_default()),
        org.requests_in_words()
    )
}

/// Who changed something last, and when.
pub(super) fn last_change(last: &Modified) -> String {
    format!("{}, {}", words::time(&last.at), plain(&last.by))
}

/// What is to be said of an org, part by part, so that whole parts can be left out.
fn sections(org: &Inspection) -> Vec<String> {
    let name = escaped(&org.target);
    match &org.outcome {
        Err(findings) => vec![format!(
            "\n### {name}\n\n{}",
            findings
                .iter()
                .map(|found| {
                    let help = found.help.as_deref().unwrap_or_default();
                    format!("- {} {}\n", escaped(&found.message), escaped(help))
                })
                .collect::<String>()
        )],
        Ok(drift) if holds_nothing_of_ours(drift) => vec![format!(
            "\n### {name}\n\nNothing of ours is in the org: not deployed, or removed again.\n"
        )],
        Ok(drift) => {
            let mut out: Vec<String> = drift
                .components
                .iter()
                .filter(|row| row.change.kind != ChangeKind::Same)
                .map(component)
                .collect();
            out.extend(drift.stale_rules.iter().map(|rule| {
                let (_, words) = stale_words(rule);
                let (component, file) = (escaped(&rule.component), escaped(&org.config));
                format!(
                    "- {words}: {component} ({file} line {})\n",
                    rule.config_line
                )
            }));
            if let Some(first) = out.first_mut() {
                first.insert_str(0, &format!("\n### {name}\n\n"));
            }
            out
        }
    }
}

fn component(finding: &Finding) -> String {
    let change = &finding.change;
    let mut lines: Vec<String> = fields(change);
    lines.extend(change.note.as_deref().map(plain));
    if let Some(cause) = &finding.cause {
        lines.push(format!("{} ({})", words::cause(cause.kind), cause.evidence));
    }
    lines.extend(words::modified(change));
    lines.extend(finding.ignored.iter().map(|ignored| {
        format!(
            "ignored: {} ({})",
            plain(&ignored.difference),
            plain(&ignored.reason)
        )
    }));
    match finding.excused {
        true => block(&change.component, "ignored", &lines, None),
        false => {
            let kind = words::kind(change.kind);
            block(&change.component, kind, &lines, change.diff.as_deref())
        }
    }
}

/// One component, folded: what there is to say of it, and its diff.
pub(super) fn block(id: &ComponentId, kind: &str, lines: &[String], diff: Option<&str>) -> String {
    let items: String = lines
        .iter()
        .map(|line| format!("- {}\n", escaped(line)))
        .collect();
    let diff = diff.map_or_else(String::new, |diff| {
        let fence = fence(diff);
        format!("\n{fence}diff\n{}\n{fence}\n", diff.trim_end())
    });
    format!(
        "<details><summary><code>{}</code> {kind}</summary>\n\n{items}{diff}\n</details>\n\n",
        html(&id.to_string())
    )
}

/// More backticks than stand together anywhere in the text.
fn fence(text: &str) -> String {
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A text of the org on one line, in which nothing is markup, mentions a user or links an issue.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            // A word joiner in between keeps it a text.
            '@' => out.push_str("@\u{2060}"),
            '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_org_stay_texts() {
        assert_eq!(escaped("<b>|@ann `x`\n"), "&lt;b>\\|@\u{2060}ann \\`x\\` ");
        assert_eq!(fence("no"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
