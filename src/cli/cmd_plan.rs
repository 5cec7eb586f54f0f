//! `plan`: what a deploy would change.

use std::path::Path;
use std::time::Duration;

use super::Outcome;
use super::args::PlanArgs;
use super::connect::{Connected, block_on, connect};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::opencx_folder::journal_folder;
use crate::config::Target;
use crate::drift::{self, Survey};
use crate::package::Package;
use crate::plan::Saved;
use crate::report;

/// How long an org may take to show what it holds.
pub(super) const READ_WAIT: Duration = Duration::from_secs(10 * 60);

pub(super) fn run(args: &PlanArgs, context: &mut Context) -> Outcome {
    let (target, package) = target_and_package(args.org.target_org.as_deref(), context)?;
    let Survey { plan, live } = block_on(async {
        let connected = connect(&target, context).await?;
        survey(&connected, &target, &package, context).await
    })?;
    let write = |path: &Path, text: &str| {
        let shown = path.display().to_string();
        std::fs::write(path, text)
            .map_err(|error| Failure::file("cli/not-written", "written", &shown, &error))
    };
    if let Some(path) = &args.out {
        let saved = Saved::new(&plan, &live, jiff::Timestamp::now());
        write(path, &saved.to_json(&plan))?;
    }
    if let Some(path) = &args.markdown {
        let text = report::ci::plan_markdown(&plan);
        write(path, &context.terminal.redactor().redact(&text))?;
    }
    let text = if args.org.json {
        report::json::plan(&plan)
    } else {
        report::human::plan(&plan, context.detail)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing was changed in the org"))?;
    Ok(if plan.is_undecided() {
        Exit::Undetermined
    } else if plan.is_empty() {
        Exit::Done
    } else {
        Exit::Differences
    })
}

/// The org that a command is for, and its package with the secrets in place.
pub(super) fn target_and_package(
    name: Option<&str>,
    context: &mut Context,
) -> Result<(Target, Package), Failure> {
    let target = context.target(name)?;
    let package = context.package(&target.integration)?;
    let package = package.resolved().map_err(|error| error.to_diagnostic())?;
    Ok((target, package))
}

/// Reads the org and compares it with the package.
pub(super) async fn survey(
    connected: &Connected,
    target: &Target,
    package: &Package,
    context: &mut Context,
) -> Result<Survey, Failure> {
    context
        .terminal
        .progress(&format!("reading {}", target.name));
    let journals = journal_folder(&context.config_folder()?, target);
    let journals = Some(journals.as_path());
    let survey = drift::survey(&connected.reader, target, package, journals, READ_WAIT).await;
    context.detail.requests = Some(connected.reader.requests());
    survey.map_err(|error| failure(error, &target.name))
}

/// What stopped the reading of an org, as findings.
pub(super) fn failure(error: drift::Error, target: &str) -> Failure {
    match error {
        drift::Error::Refused(refusals) => refusals
            .iter()
            .map(|refusal| refusal.to_diagnostic(target))
            .collect::<Vec<_>>()
            .into(),
        drift::Error::Fault(fault) => fault.to_diagnostic(target).into(),
        drift::Error::Package(error) => error.to_diagnostic().into(),
    }
}
