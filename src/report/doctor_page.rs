//! What an examination showed, as a page that an administrator can send on.

use super::page::{escaped, page, tile};
use super::style::plain;
use crate::doctor::{Examination, Finding, Group, Symptom, Verdict};
use crate::help;

/// The page.
pub fn examination_page(examination: &Examination) -> String {
    let count = |verdict| examination.of(verdict).count();
    let mut body = match &examination.org {
        Some(org) => format!(
            "<p class=\"dim\">{} · {} · examined as {} · nothing was changed</p>\n",
            escaped(&org.name),
            escaped(org.id.as_str()),
            escaped(&org.username),
        ),
        None => "<p class=\"dim\">the config and its files were looked at; no org was asked</p>\n"
            .to_owned(),
    };
    body.push_str("<div class=\"tiles\">\n");
    for (verdict, words, class) in [
        (Verdict::Failed, "to repair", "bad"),
        (Verdict::Unknown, "could not be told", "warn"),
        (Verdict::Passed, "in order", "good"),
    ] {
        body.push_str(&tile(count(verdict), words, class));
    }
    body.push_str("</div>\n");
    if let Some(symptom) = examination.symptom {
        body.push_str(&format!("<h2>“{}”</h2>\n", escaped(symptom.title)));
    }
    body.push_str(&failed(examination));
    body.push_str(&section(
        "Could not be told",
        &cards(examination.of(Verdict::Unknown)),
    ));
    body.push_str(&passed(examination));
    if let Some(symptom) = examination.symptom {
        body.push_str(&next(examination, symptom));
        body.push_str(&beside(symptom));
    }
    let at = examination.at.strftime("%Y-%m-%d %H:%M UTC");
    let of = match examination.target.as_str() {
        "" => "the config",
        target => target,
    };
    let title = format!("opencx-sf doctor: {of}");
    let heading = format!("What is wrong in {of}");
    page(&title, &heading, &at.to_string(), &body)
}

/// The likeliest cause by itself, then the others.
fn failed(examination: &Examination) -> String {
    let mut causes = examination.causes();
    let Some(first) = causes.next() else {
        let (class, text) = if examination.is_undetermined() {
            (
                "",
                "Nothing was shown to be wrong, but not everything could be told.",
            )
        } else {
            (" good", "Nothing is wrong, as far as an API shows.")
        };
        return format!("<p class=\"finding{class}\">{text}</p>\n");
    };
    if examination.symptom.is_none() {
        return section("To repair", &cards(examination.causes()));
    }
    section("The likeliest cause", &card(first)) + &section("And also", &cards(causes))
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() {
        String::new()
    } else {
        format!("<h2>{title}</h2>\n{body}")
    }
}

fn cards<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    findings.map(card).collect()
}

fn card(finding: &Finding) -> String {
    let class = match finding.verdict {
        Verdict::Failed => "bad",
        Verdict::Unknown => "warn",
        Verdict::Passed => "good",
    };
    let mut rows = String::new();
    let mut row = |name: &str, value: String| {
        rows.push_str(&format!("<dt>{name}<dd>{value}\n"));
    };
    if let Some(effect) = &finding.effect {
        row("Effect", capital(effect));
    }
    if let Some(fix) = &finding.fix {
        row("Fix", capital(fix));
    }
    if let Some(setup) = &finding.setup {
        row("Where", format!("Setup &gt; {}", escaped(setup)));
    }
    if let Some(command) = &finding.command {
        row("Command", format!("<code>{}</code>", escaped(command)));
    }
    format!(
        "<section class=\"card {class}\">\n<h3>{}</h3>\n<dl>\n{rows}</dl>\n{}</section>\n",
        capital(&finding.found),
        explanation(finding)
    )
}

/// The page of `explain`, for readers who don't have the tool.
fn explanation(finding: &Finding) -> String {
    let Some(page) = help::page(finding.code.0) else {
        return String::new();
    };
    let paragraphs: String = page
        .text
        .split("\n\n")
        .map(|paragraph| format!("<p>{}</p>\n", marked(paragraph)))
        .collect();
    format!(
        "<details>\n<summary>More on <code>{}</code></summary>\n{paragraphs}</details>\n",
        escaped(finding.code.0)
    )
}

fn passed(examination: &Examination) -> String {
    let mut lists = String::new();
    for group in Group::ALL {
        let items: String = examination
            .of(Verdict::Passed)
            .filter(|finding| finding.group == group)
            .map(|finding| format!("<li>{}</li>\n", capital(&finding.found)))
            .collect();
        if !items.is_empty() {
            lists.push_str(&format!(
                "<h3 class=\"dim\">{}</h3>\n<ul class=\"ticks\">\n{items}</ul>\n",
                escaped(group.title())
            ));
        }
    }
    section("In order", &lists)
}

/// What shows more, where nothing was found.
fn next(examination: &Examination, symptom: &Symptom) -> String {
    let has_cause = examination.causes().next().is_some();
    let Some((command, what)) = symptom.next.filter(|_| !has_cause) else {
        return String::new();
    };
    let target = &examination.target;
    let text = marked(&format!(
        "`opencx-sf {command} --target-org {target}` {what}"
    ));
    section("Next", &format!("<p>{text}</p>\n"))
}

fn beside(symptom: &Symptom) -> String {
    let steps: String = symptom
        .by_hand
        .iter()
        .map(|step| format!("<li>{}</li>\n", marked(step)))
        .collect();
    let steps = if steps.is_empty() {
        steps
    } else {
        format!("<ol>\n{steps}</ol>\n")
    };
    let note = symptom
        .note
        .map_or_else(String::new, |note| format!("<p>{}</p>\n", capital(note)));
    section("To look at by hand", &steps) + &section("OpenCX's page and Salesforce", &note)
}

/// Text whose first letter is a capital, as it begins a sentence. Names of code stay as they are.
fn capital(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_word = word
        .chars()
        .all(|c| c.is_lowercase() || matches!(c, ',' | ';'));
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if is_word => marked(&(first.to_uppercase().to_string() + letters.as_str())),
        _ => marked(text),
    }
}

/// Text with what stands between backticks as code.
fn marked(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in plain(text).split('`').enumerate() {
        if index % 2 == 1 {
            out.push_str(&format!("<code>{}</code>", escaped(part)));
        } else {
            out.push_str(&escaped(part));
        }
    }
    out
}
