//! How a folder differs from what would be rendered.

use std::time::Duration;

use super::rows::{count, line};
use crate::report::plain;
use crate::report::style::{BAD, DIM, GOOD, NAME, paint};

/// `differences`: path, what is wrong, text on disk, text that would be written.
pub fn render_check(differences: &[(&str, &'static str, String, String)], files: usize) -> String {
    if differences.is_empty() {
        return line(
            "Render",
            &paint(GOOD, format!("{} up to date", count(files, "file"))),
        );
    }
    let mut out = String::new();
    for (path, difference, found, wanted) in differences {
        out.push_str(&format!("  {} {path}  {difference}\n", paint(BAD, "✗")));
        if *difference == "different" {
            let mut config = similar::TextDiff::configure();
            config.timeout(Duration::from_millis(500));
            let diff = config.diff_lines(found.as_str(), wanted.as_str());
            for row in diff.unified_diff().context_radius(3).to_string().lines() {
                let style = match row.as_bytes().first() {
                    Some(b'+') => GOOD,
                    Some(b'-') => BAD,
                    Some(b'@') => NAME,
                    _ => DIM,
                };
                out.push_str(&format!("      {}\n", paint(style, plain(row))));
            }
        }
    }
    let number = count(differences.len(), "difference");
    out.push_str(&line("Render", &paint(BAD, number)));
    out
}
