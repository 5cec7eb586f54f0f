//! What a deploy of one org starts from, and what its end means: alone and among many.

use std::path::Path;
use std::time::Duration;

use super::args::DeployArgs;
use super::cmd_verify;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::Target;
use crate::deploy::{self, Options, Tests};
use crate::diag::{Category, Code, Diagnostic, Place, Severity};
use crate::lint;
use crate::package::Package;
use crate::plan::Saved;
use crate::verify::Status;

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
            level: args.test_level.map(Into::into),
            more: args.tests.clone(),
        },
        wait: Duration::from_secs(u64::from(args.wait) * 60),
    })
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
