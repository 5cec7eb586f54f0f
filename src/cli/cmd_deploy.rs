//! `deploy`: brings an org to the config.

use std::path::Path;
use std::time::Duration;

use super::Outcome;
use super::args::{DeployArgs, TestLevelArg};
use super::cmd_rollback;
use super::cmd_verify;
use super::connect::{Connected, connect};
use super::context::Context;
use super::deploy_failure::{failure, no_journal};
use super::exit::Exit;
use super::failure::Failure;
use super::interrupt::{self, Shared};
use super::person::{Person, journal_folder};
use crate::config::Target;
use crate::deploy::{self, Options, Tests};
use crate::diag::{Category, Code, Diagnostic, Place, Severity};
use crate::guard;
use crate::journal::Ledger;
use crate::package::Package;
use crate::plan::Saved;
use crate::sf::wire::TestLevel;
use crate::verify::Status;
use crate::{lint, report};

pub(super) fn run(args: &DeployArgs, context: &mut Context) -> Outcome {
    let target = context.target(args.org.target_org.as_deref())?;
    let rollout = context.rollout(&target.integration)?;
    refuse_lint_errors(&rollout.whole(), &target)?;
    let rollout = rollout.resolved().map_err(|error| error.to_diagnostic())?;
    let root = context.config_folder()?;
    let options = Options {
        check_only: args.dry_run,
        detach: args.detach,
        quick: args.quick,
        approved: approved(args.plan.as_deref())?,
        tests: Tests {
            level: args.test_level.map(test_level),
            more: args.tests.clone(),
        },
        wait: Duration::from_secs(u64::from(args.wait) * 60),
    };
    let ledger = Ledger::open(&journal_folder(&root, &target))
        .map_err(|error| no_journal(&error, &target))?;
    let shared = Shared::default();
    let work = async {
        let Connected { reader, running } = connect(&target, context).await?;
        let mut terminal = Person {
            overwrite: &args.overwrite,
            yes: args.yes,
            json: args.org.json,
            target: &target,
            root: &root,
            context,
            shared: &shared,
        };
        *shared.writer.borrow_mut() = Some(guard::canceler(&reader));
        let outcome =
            deploy::deploy(&reader, &target, &rollout, &options, &ledger, &mut terminal).await;
        let undone = match &outcome {
            Ok(outcome) if args.rollback_on_verify_failure && is_wrong(outcome) => {
                let settings = Options {
                    tests: Tests::default(),
                    ..options.clone()
                };
                terminal.yes = true;
                Some(
                    cmd_rollback::last(
                        &reader,
                        &target,
                        &rollout,
                        None,
                        &settings,
                        &ledger,
                        &mut terminal,
                    )
                    .await,
                )
            }
            _ => None,
        };
        context.detail.requests = Some(reader.requests());
        drop(running);
        Ok((outcome.map_err(|error| failure(error, &target))?, undone))
    };
    let (outcome, undone) = interrupt::block_on(work, &shared, &target)?;
    let consequence = if outcome.deployed() && outcome.deploy.is_some() && !outcome.check_only {
        "the deploy itself succeeded; `opencx-sf verify` shows the org's state"
    } else {
        "nothing was changed in the org"
    };
    let text = if args.org.json {
        report::json::deploy(&outcome)
    } else {
        report::human::deploy(&outcome, context.detail)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, consequence))?;
    let verified = outcome
        .verification
        .as_ref()
        .map_or(Exit::Done, cmd_verify::exit);
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
    Ok(if outcome.running.is_some() {
        Exit::Done
    } else if outcome.deployed() {
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
        verified.or_worse(consistent).or_worse(covered)
    } else {
        Exit::Failed.or_worse(verified)
    })
}

/// A package that our own rules call wrong doesn't reach an org.
fn refuse_lint_errors(package: &Package, target: &Target) -> Result<(), Failure> {
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
