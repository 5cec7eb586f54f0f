//! `uninstall`: removes what is ours, and proves that nothing of it is left.

use std::time::Duration;

use super::Outcome;
use super::args::{RemovalArgs, UninstallArgs};
use super::change::{Agreed, Change};
use super::cmd_deploy::test_level;
use super::context::Context;
use super::deploy_failure::failure;
use super::exit::Exit;
use super::failure::Failure;
use crate::deploy::{Options, Tests};
use crate::{report, uninstall};

pub(super) fn run(args: &UninstallArgs, context: &mut Context) -> Outcome {
    let target = context.target(args.org.target_org.as_deref())?;
    let rollout = context.rollout(&target.integration)?;
    let change = Change::of(target, &rollout, context)?;
    let options = options(&args.removal);
    let agreed = Agreed {
        overwrite: &args.removal.overwrite,
        yes: args.removal.yes,
        json: args.org.json,
    };
    let outcome = change.run(agreed, context, async |reader, person| {
        let Change {
            target,
            rollout,
            ledger,
            ..
        } = &change;
        uninstall::uninstall(reader, target, rollout, &options, ledger, person)
            .await
            .map_err(|error| failure(error, target))
    })?;
    let text = if args.org.json {
        report::json::uninstall(&outcome)
    } else {
        report::human::uninstall(&outcome)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "run again to see what is left"))?;
    Ok(if !outcome.left.is_empty() {
        Exit::Failed
    } else if !outcome.unknown.is_empty() {
        Exit::Undetermined
    } else {
        Exit::Done
    })
}

/// The settings of a change that takes away.
pub(super) fn options(args: &RemovalArgs) -> Options {
    Options {
        check_only: false,
        detach: false,
        quick: false,
        one_step: true,
        allow_pending_jobs: true,
        assign: None,
        approved: None,
        tests: Tests {
            level: args.test_level.map(test_level),
            more: Vec::new(),
        },
        wait: Duration::from_secs(u64::from(args.wait) * 60),
    }
}
