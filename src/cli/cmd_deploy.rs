//! `deploy`: brings an org to the config.

use std::path::Path;
use std::time::Duration;

use super::Outcome;
use super::args::{DeployArgs, TestLevelArg};
use super::change::{Agreed, Change};
use super::cmd_rollback;
use super::cmd_verify;
use super::context::Context;
use super::deploy_failure::failure;
use super::deploy_waves;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Target;
use crate::deploy::{self, Options, Tests};
use crate::diag::{Category, Code, Diagnostic, Place, Severity};
use crate::diagnosis::Sent;
use crate::package::Package;
use crate::plan::Saved;
use crate::sf::wire::TestLevel;
use crate::verify::Status;
use crate::{lint, report, rollback};

pub(super) fn run(args: &DeployArgs, context: &mut Context) -> Outcome {
    if args.org.are_several() || !args.waves.wave.is_empty() {
        return deploy_waves::run(args, context);
    }
    let name = args.org.target_org.first();
    let target = context.target(name.map(String::as_str))?;
    let rollout = context.rollout(&target.integration)?;
    refuse_lint_errors(&rollout.whole(), &target)?;
    let options = options(args, &target)?;
    let change = Change::of(target, &rollout, context)?;
    let (outcome, undone) = carry_out(args, &change, &options, context)?;
    tell(args, &change, &outcome, context)?;
    if let Some(undone) = undone {
        let undone = undone?;
        if !args.org.json {
            let text = report::human::rollback(&undone);
            context
                .terminal
                .data(&text)
                .map_err(|error| Failure::output(&error, "the deploy was undone"))?;
        }
        // What was asked for is not in the org, whether or not undoing it worked.
        return Ok(Exit::Failed);
    }
    Ok(exit(&outcome))
}

/// What the arguments mean for one org.
pub(super) fn options(args: &DeployArgs, target: &Target) -> Result<Options, Failure> {
    Ok(Options {
        check_only: args.dry_run,
        detach: args.detach,
        quick: args.quick,
        one_step: args.one_step,
        allow_pending_jobs: args.allow_pending_jobs,
        assign: assignee(args, target)?,
        approved: approved(args.plan.as_deref())?,
        tests: Tests {
            level: args.test_level.map(test_level),
            more: args.tests.clone(),
        },
        wait: Duration::from_secs(u64::from(args.wait) * 60),
    })
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
    outcome: &deploy::Outcome,
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
        report::json::deploy(outcome, sent)
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
    let (Some(file), Some(result)) = (&args.junit, &outcome.deploy) else {
        return Ok(());
    };
    let text = context
        .terminal
        .redactor()
        .redact(&report::junit::deploy(result, sent));
    let path = file.display().to_string();
    std::fs::write(file, text)
        .map_err(|error| Failure::file("deploy/not-written", "written", &path, &error))
}

/// How a deploy ended, as an exit code.
pub(super) fn exit(outcome: &deploy::Outcome) -> Exit {
    let verified = outcome
        .verification
        .as_ref()
        .map_or(Exit::Done, cmd_verify::exit);
    if outcome.running.is_some() {
        return Exit::Done;
    }
    if !outcome.deployed() {
        return Exit::Failed.or_worse(verified);
    }
    let consistent = if outcome.is_contradictory() {
        Exit::Undetermined
    } else {
        Exit::Done
    };
    let covered = outcome.coverage.as_ref().map_or(Exit::Done, |check| {
        if check.status == Status::Failed {
            Exit::Failed
        } else {
            Exit::Done
        }
    });
    let partial = if outcome.is_partial() {
        Exit::Failed
    } else {
        Exit::Done
    };
    let assigned = outcome
        .assignment
        .as_ref()
        .map_or(Exit::Done, |assignment| {
            if assignment.is_refused() {
                Exit::Failed
            } else if assignment.is_unknown() {
                Exit::Undetermined
            } else {
                Exit::Done
            }
        });
    [consistent, covered, partial, assigned]
        .into_iter()
        .fold(verified, Exit::or_worse)
}

/// A package that our own rules call wrong doesn't reach an org.
pub(super) fn refuse_lint_errors(package: &Package, target: &Target) -> Result<(), Failure> {
    let errors: Vec<Diagnostic> = lint::run(package, &target.integration)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.into())
    }
}

pub(super) fn test_level(level: TestLevelArg) -> TestLevel {
    match level {
        TestLevelArg::NoTestRun => TestLevel::NoTestRun,
        TestLevelArg::RunSpecifiedTests => TestLevel::RunSpecifiedTests,
        TestLevelArg::RunLocalTests => TestLevel::RunLocalTests,
        TestLevelArg::RunAllTestsInOrg => TestLevel::RunAllTestsInOrg,
    }
}

/// What was read back is known to be wrong.
fn is_wrong(outcome: &deploy::Outcome) -> bool {
    outcome.deploy.is_some()
        && outcome
            .verification
            .as_ref()
            .is_some_and(crate::verify::Verification::failed)
}

/// Who gets the permission sets.
fn assignee(args: &DeployArgs, target: &Target) -> Result<Option<String>, Failure> {
    let Some(given) = &args.assign else {
        return Ok(None);
    };
    let name = given.clone().or_else(|| target.integration_user.clone());
    let missing = || {
        Diagnostic::error(
            Code("deploy/no-integration-user"),
            Category::Usage,
            "`--assign` needs the username that OpenCX logs in as",
        )
        .help(format!(
            "write `--assign USERNAME`, or `integration_user: USERNAME` under `orgs.{}`",
            target.name
        ))
    };
    name.map(Some).ok_or_else(|| missing().into())
}

/// The plan that was saved for this deploy.
fn approved(path: Option<&Path>) -> Result<Option<Saved>, Failure> {
    let Some(path) = path else {
        return Ok(None);
    };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::file("deploy/no-plan", "read", &shown, &error))?;
    let saved = Saved::parse(&text).map_err(|error| {
        Diagnostic::error(
            Code("deploy/no-plan"),
            Category::Failed,
            format!("`{shown}` could not be used"),
        )
        .at(Place::Path { path: shown })
        .because(error.to_string())
        .help("make one with `opencx-sf plan --out FILE`")
    })?;
    Ok(Some(saved))
}
