//! What lint found.

use super::rows::{count, line};
use crate::diag::Diagnostic;
use crate::report::diagnostics;
use crate::report::style::{BAD, GOOD, paint};

/// Every finding, then the verdict over that many components.
pub fn lint(findings: &[Diagnostic], components: usize) -> String {
    let total = count(components, "component");
    if findings.is_empty() {
        return line("Lint", &paint(GOOD, format!("no findings in {total}")));
    }
    let number = count(findings.len(), "finding");
    format!(
        "{}\n\n{}",
        diagnostics::render_all(findings),
        line("Lint", &paint(BAD, format!("{number} in {total}")))
    )
}
