//! `lint`: config, Apex and metadata, offline.

use super::Outcome;
use super::args::LintArgs;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Secrets;
use crate::diag::Severity;
use crate::{lint, report};

pub(super) fn run(args: &LintArgs, context: &mut Context) -> Outcome {
    let integration = context.integration(args.target_org.as_deref(), Secrets::Unresolved)?;
    let package = context.package(&integration)?;
    let findings = lint::run(&package, &integration);
    let text = if args.json {
        report::json::lint(&findings)
    } else {
        report::human::lint(&findings, package.components.len())
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing else was to be done"))?;
    let errors: Vec<_> = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    Ok(Exit::of(&errors))
}
