//! `orgs` as a table.

use crate::report::OrgLine;
use crate::report::style::{BOLD, plain};
use crate::sf::OrgKind;

use super::super::style::paint;

const HEAD: [&str; 6] = ["NAME", "KIND", "ORG ID", "USER", "API", "REMARKS"];

/// A line for each org.
pub fn orgs(lines: &[OrgLine]) -> String {
    if lines.is_empty() {
        return "the config has no orgs\n".to_owned();
    }
    let rows: Vec<[String; 6]> = lines.iter().map(row).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let written = |cells: &[String; 6]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        line.trim_end().to_owned()
    };
    let mut text = paint(BOLD, written(&HEAD.map(str::to_owned))) + "\n";
    for row in &rows {
        text.push_str(&written(row));
        text.push('\n');
    }
    text
}

fn row(line: &OrgLine) -> [String; 6] {
    let unknown = || "?".to_owned();
    let remarks = line.remarks().join("; ");
    let Ok(standing) = &line.standing else {
        return [
            line.name.clone(),
            "unknown (treated as production)".to_owned(),
            unknown(),
            unknown(),
            unknown(),
            plain(&remarks),
        ];
    };
    [
        line.name.clone(),
        kind(standing.kind).to_owned(),
        standing.org_id.to_string(),
        plain(&standing.username),
        standing
            .api_version
            .map_or_else(unknown, |version| version.to_string()),
        plain(&remarks),
    ]
}

fn kind(kind: Option<OrgKind>) -> &'static str {
    match kind {
        Some(OrgKind::Production) => "production",
        Some(OrgKind::Sandbox) => "sandbox",
        Some(OrgKind::Scratch) => "scratch",
        Some(OrgKind::Developer) => "developer",
        Some(OrgKind::Trial) => "trial",
        None => "unknown (treated as production)",
    }
}
