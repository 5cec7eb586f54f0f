//! `deploy`: brings an org to the config.

use std::path::Path;

use super::Outcome;
use super::args::DeployArgs;
use super::change::{Agreed, Change};
use super::cmd_rollback;
use super::context::Context;
use super::deploy_failure::failure;
use super::deploy_terms::{exit, options, refuse_lint_errors};
use super::deploy_waves;
use super::exit::Exit;
use super::failure::Failure;
use super::outputs::openable;
use crate::deploy::{self, Options, Tests};
use crate::diagnosis::Sent;
use crate::{report, rollback};

pub(super) fn run(args: &DeployArgs, context: &mut Context) -> Outcome {
    if args.org.are_several() || !args.waves.wave.is_empty() {
        return deploy_waves::run(args, context);
    }
    if let Some(file) = &args.junit {
        openable(file)?;
    }
    let ended = one(args, context);
    let (Err(failure), Some(file)) = (&ended, &args.junit) else {
        return ended;
    };
    // Whoever reads the file must not take an earlier run's for this one's.
    if let Err(unwritten) = write(file, &report::junit::stopped(failure.findings()), context) {
        let text = report::diagnostics::render_all(unwritten.findings());
        context.terminal.say(&format!("{text}\n"));
    }
    ended
}

fn one(args: &DeployArgs, context: &mut Context) -> Outcome {
    let name = args.org.target_org.first();
    let target = context.target(name.map(String::as_str))?;
    let rollout = context.rollout(&target.integration)?;
    refuse_lint_errors(&rollout.whole(), &target)?;
    let options = options(args, &target)?;
    let change = Change::of(target, &rollout, context)?;
    let (outcome, undone) = carry_out(args, &change, &options, context)?;
    tell(args, &change, (&outcome, &undone), context)?;
    let Some(undone) = undone else {
        return Ok(exit(&outcome));
    };
    let undone = undone?;
    if !args.org.json {
        let text = report::human::rollback(&undone);
        context
            .terminal
            .data(&text)
            .map_err(|error| Failure::output(&error, "the deploy was undone"))?;
    }
    // What was asked for is not in the org, whether or not undoing it worked.
    Ok(Exit::Failed)
}

/// How undoing ended, where that was asked for and needed.
type Undone = Option<Result<rollback::Outcome, Failure>>;

fn carry_out(
    args: &DeployArgs,
    change: &Change,
    options: &Options,
    context: &mut Context,
) -> Result<(deploy::Outcome, Undone), Failure> {
    let agreed = Agreed {
        overwrite: &args.overwrite,
        yes: args.yes,
        json: args.org.json,
    };
    change.run(agreed, context, async |reader, person| {
        let Change {
            target,
            rollout,
            ledger,
            ..
        } = change;
        let outcome = deploy::deploy(reader, target, rollout, options, ledger, person)
            .await
            .map_err(|error| failure(error, target))?;
        if !(args.rollback_on_verify_failure && is_wrong(&outcome)) {
            return Ok((outcome, None));
        }
        let settings = Options {
            assign: None,
            tests: Tests::default(),
            ..options.clone()
        };
        person.yes = true;
        let undone = cmd_rollback::last(reader, change, None, &settings, person).await;
        Ok((outcome, Some(undone)))
    })
}

/// Shows how it went, and writes it down where that was asked for.
fn tell(
    args: &DeployArgs,
    change: &Change,
    (outcome, undone): (&deploy::Outcome, &Undone),
    context: &mut Context,
) -> Result<(), Failure> {
    // Only what failed is traced to its templates.
    let origins = if outcome.deployed() && !outcome.is_partial() {
        None
    } else {
        Some(context.origins(&change.target.integration)?)
    };
    let package = change.rollout.whole();
    let sent = Sent {
        package: Some(&package),
        origins: origins.as_ref(),
    };
    let text = if args.org.json {
        let undone = undone.as_ref();
        let undone = undone.map(|undone| undone.as_ref().map_err(Failure::findings));
        report::json::deploy(outcome, sent, undone)
    } else {
        report::human::deploy(outcome, sent, context.detail)
    };
    let consequence = if outcome.deployed() && outcome.deploy.is_some() && !outcome.check_only {
        "the deploy itself succeeded; `opencx-sf verify` shows the org's state"
    } else {
        "nothing was changed in the org"
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, consequence))?;
    let Some(file) = &args.junit else {
        return Ok(());
    };
    let text = match &outcome.deploy {
        Some(result) => report::junit::deploy(result, sent),
        None => report::junit::nothing_to_deploy(),
    };
    write(file, &text, context)
}

fn write(file: &Path, text: &str, context: &Context) -> Result<(), Failure> {
    let text = context.terminal.redactor().redact(text);
    let path = file.display().to_string();
    std::fs::write(file, text)
        .map_err(|error| Failure::file("deploy/not-written", "written", &path, &error))
}

/// What was read back is known to be wrong.
fn is_wrong(outcome: &deploy::Outcome) -> bool {
    outcome.deploy.is_some()
        && outcome
            .verification
            .as_ref()
            .is_some_and(crate::verify::Verification::failed)
}
