//! GitLab's code quality report: the subset of Code Climate's form that its documentation lists.

use serde_json::{Value, json};

use super::Report;
use super::rows::{Level, rows};

/// What is excused is left out: the form has no word for it, and GitLab would count it.
pub(super) fn report(report: Report<'_>) -> String {
    let rows: Vec<Value> = rows(report)
        .iter()
        .filter(|row| row.excused.is_none())
        .map(|row| {
            json!({
                "description": format!("{}; {}", row.title, row.message),
                "check_name": row.rule,
                "fingerprint": row.fingerprint(),
                "severity": match row.level {
                    Level::Error => "major",
                    Level::Warning => "minor",
                    Level::Note => "info",
                },
                "location": { "path": path(&row.file), "lines": { "begin": row.line } },
            })
        })
        .collect();
    format!("{:#}\n", Value::Array(rows))
}

/// Relative to the repository, which GitLab wants without `./`.
fn path(file: &str) -> String {
    let file = file.replace('\\', "/");
    file.strip_prefix("./").unwrap_or(&file).to_owned()
}
