//! The files that a report is written to.

use std::collections::BTreeSet;
use std::path::Path;

use super::args::OutputFile;
use super::failure::Failure;
use super::terminal::Terminal;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::report::ci::Report;

/// Finds out before any org is asked whether the files can be written. What is there stays as it is.
pub(super) fn check(outputs: &[OutputFile]) -> Result<(), Failure> {
    if let Some(twice) = named_twice(outputs) {
        return Err(Diagnostic::error(
            Code("cli/same-output"),
            Category::Usage,
            format!("two reports go to `{}`", twice.display()),
        )
        .help("give each format a file of its own: `--output junit=drift.xml,html=drift.html`")
        .into());
    }
    let findings: Vec<Diagnostic> = outputs
        .iter()
        .filter(|output| !is_stdout(&output.path))
        .filter_map(|output| openable(&output.path).err())
        .flat_map(Failure::into_findings)
        .collect();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(findings.into())
    }
}

/// Writes every form; one that fails keeps none of the others back.
pub(super) fn write(
    outputs: &[OutputFile],
    report: Report<'_>,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let mut findings = Vec::new();
    for output in outputs {
        let text = output.format.render(report);
        let written = if is_stdout(&output.path) {
            terminal
                .data(&text)
                .map_err(|error| Failure::output(&error, "nothing was changed in any org"))
        } else {
            let text = terminal.redactor().redact(&text);
            std::fs::write(&output.path, text.as_bytes())
                .map_err(|error| not_written(&output.path, &error))
        };
        findings.extend(written.err().into_iter().flat_map(Failure::into_findings));
    }
    if findings.is_empty() {
        Ok(())
    } else {
        Err(findings.into())
    }
}

fn named_twice(outputs: &[OutputFile]) -> Option<&Path> {
    let mut paths = BTreeSet::new();
    let mut paths_of = outputs.iter().map(|output| output.path.as_path());
    paths_of.find(|path| !paths.insert(*path))
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

/// Finds out whether a file can be written, before there is something to write.
pub(super) fn openable(path: &Path) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| not_written(path, &error))?;
    }
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map(drop)
        .map_err(|error| not_written(path, &error))
}

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display().to_string();
    Diagnostic::error(
        Code("cli/not-written"),
        Category::Failed,
        format!("`{path}` could not be written"),
    )
    .at(Place::Path { path })
    .because(error.to_string())
    .help("name a file in a folder that can be written to")
    .into()
}
