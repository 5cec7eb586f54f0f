//! The report as flat rows: everything that a person should look at, with its place in the config.

use sha2::{Digest, Sha256};

use super::Report;
use crate::compare::{Change, ChangeKind};
use crate::diag::{Diagnostic, Place, Severity, Snippet};
use crate::drift::{Finding, StaleRule};
use crate::fleet::Inspection;
use crate::report::{plain, words};

/// How bad a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Error,
    Warning,
    Note,
}

/// One thing to look at.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub org: &'a str,
    /// `drift/edited-by-hand`, or the code of a finding.
    pub rule: String,
    pub level: Level,
    /// `ApexClass:C`, where it is about one.
    pub component: Option<String>,
    pub title: String,
    pub message: String,
    /// The file and 1-based line and column.
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// Why it counts as nothing.
    pub excused: Option<String>,
}

impl Row<'_> {
    /// The same for the same difference in every run, and another for every other one.
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        for part in [self.org, &self.rule, &self.title, &self.file] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        let bytes: [u8; 32] = digest.finalize().into();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Everything of the report.
pub(super) fn rows(report: Report<'_>) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for org in report.orgs {
        match &org.outcome {
            Ok(drift) => {
                let findings = drift.components.iter();
                rows.extend(findings.filter_map(|finding| component(org, finding)));
                rows.extend(drift.stale_rules.iter().map(|rule| stale(org, rule)));
            }
            Err(findings) => rows.extend(findings.iter().map(|found| diagnostic(org, found))),
        }
    }
    if let Some(first) = report.orgs.first() {
        let findings = report.findings.iter();
        rows.extend(findings.map(|found| diagnostic(first, found)));
    }
    rows
}

fn component<'a>(org: &'a Inspection, finding: &Finding) -> Option<Row<'a>> {
    let change = &finding.change;
    if change.kind == ChangeKind::Same {
        return None;
    }
    let place = org.places.get(&change.component).unwrap_or(&org.place);
    let excused = finding.excused.then(|| {
        let reasons = finding.ignored.iter().map(|ignored| ignored.reason.clone());
        let mut reasons: Vec<String> = reasons.collect();
        reasons.dedup();
        reasons.join("; ")
    });
    Some(Row {
        org: &org.target,
        rule: rule(change.kind),
        level: match change.kind {
            _ if finding.excused => Level::Note,
            ChangeKind::Changed
            | ChangeKind::Older
            | ChangeKind::Leftover
            | ChangeKind::Unreadable => Level::Warning,
            _ => Level::Error,
        },
        component: Some(change.component.to_string()),
        title: format!(
            "{} in {}: {}",
            change.component,
            org.target,
            words::kind(change.kind)
        ),
        message: sentence(finding),
        excused,
        ..at(org, place)
    })
}

fn at<'a>(org: &'a Inspection, place: &Snippet) -> Row<'a> {
    Row {
        org: &org.target,
        rule: String::new(),
        level: Level::Error,
        component: None,
        title: String::new(),
        message: String::new(),
        file: place.file.clone(),
        line: place.line,
        column: place.column,
        excused: None,
    }
}

fn stale<'a>(org: &'a Inspection, rule: &StaleRule) -> Row<'a> {
    let (code, title) = stale_words(rule);
    Row {
        rule: code.to_owned(),
        level: Level::Warning,
        title: format!("{title}: {}", plain(&rule.component)),
        message: format!("its reason was: {}", plain(&rule.reason)),
        line: rule.config_line,
        column: 1,
        file: org.config.clone(),
        ..at(org, &org.place)
    }
}

/// Code and words for a rule that did nothing.
pub(super) fn stale_words(rule: &StaleRule) -> (&'static str, String) {
    match rule.expired {
        Some(day) => (
            "drift/rule-expired",
            format!("the ignore rule ended on {day}"),
        ),
        None => (
            "drift/rule-unused",
            "the ignore rule matches nothing".to_owned(),
        ),
    }
}

fn diagnostic<'a>(org: &'a Inspection, found: &Diagnostic) -> Row<'a> {
    let place = match &found.place {
        Some(Place::File(snippet)) => snippet,
        _ => &org.place,
    };
    let mut message: Vec<String> = found.because.clone();
    message.extend(found.help.clone());
    Row {
        rule: found.code.to_string(),
        level: match found.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Note => Level::Note,
        },
        title: format!("{}: {}", org.target, plain(&found.message)),
        message: plain(&message.join("; ")),
        ..at(org, place)
    }
}

/// The name of a kind of difference.
pub(super) fn rule(kind: ChangeKind) -> String {
    let name = serde_json::to_value(kind).unwrap_or_default();
    format!("drift/{}", name.as_str().unwrap_or_default())
}

/// What is known of a difference but its diff, in one line.
fn sentence(finding: &Finding) -> String {
    let change = &finding.change;
    let mut parts = fields(change);
    parts.extend(change.note.as_deref().map(plain));
    if let Some(cause) = &finding.cause {
        parts.push(format!("{} ({})", words::cause(cause.kind), cause.evidence));
    }
    parts.extend(words::modified(change));
    if parts.is_empty() {
        parts.push(words::kind(change.kind).to_owned());
    }
    parts.join("; ")
}

/// `status: Inactive → Active`, field by field.
pub(super) fn fields(change: &Change) -> Vec<String> {
    let value =
        |value: &Option<String>| value.as_deref().map_or_else(|| "absent".to_owned(), plain);
    let fields = change.fields.iter().map(|field| {
        let (live, wanted) = (value(&field.live), value(&field.wanted));
        format!("{}: {live} → {wanted}", plain(&field.field))
    });
    fields.collect()
}
