//! `uninstall`: removes what is ours, and proves that nothing of it is left.

use std::time::Duration;

use super::Outcome;
use super::args::{RemovalArgs, UninstallArgs};
use super::cmd_deploy::test_level;
use super::connect::connect;
use super::context::Context;
use super::deploy_failure::{failure, no_journal};
use super::exit::Exit;
use super::failure::Failure;
use super::interrupt::{self, Shared};
use super::person::{Person, journal_folder};
use crate::deploy::{Options, Tests};
use crate::journal::Ledger;
use crate::{guard, report, uninstall};

pub(super) fn run(args: &UninstallArgs, context: &mut Context) -> Outcome {
    let target = context.target(args.org.target_org.as_deref())?;
    let rollout = context.rollout(&target.integration)?;
    let rollout = rollout.resolved().map_err(|error| error.to_diagnostic())?;
    let root = context.config_folder()?;
    let options = options(&args.removal);
    let ledger = Ledger::open(&journal_folder(&root, &target))
        .map_err(|error| no_journal(&error, &target))?;
    let shared = Shared::default();
    let work = async {
        let connected = connect(&target, context).await?;
        let reader = &connected.reader;
        *shared.writer.borrow_mut() = Some(guard::canceler(reader));
        let mut person = Person {
            overwrite: &args.removal.overwrite,
            yes: args.removal.yes,
            json: args.org.json,
            target: &target,
            root: &root,
            context,
            shared: &shared,
        };
        uninstall::uninstall(reader, &target, &rollout, &options, &ledger, &mut person)
            .await
            .map_err(|error| failure(error, &target))
    };
    let outcome = interrupt::block_on(work, &shared, &target)?;
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
        approved: None,
        tests: Tests {
            level: args.test_level.map(test_level),
            more: Vec::new(),
        },
        wait: Duration::from_secs(u64::from(args.wait) * 60),
    }
}
