//! `uninstall`: removes what is ours, and proves that nothing of it is left.

use super::Outcome;
use super::args::UninstallArgs;
use super::change::{Change, removal};
use super::context::Context;
use super::deploy_failure::failure;
use super::exit::Exit;
use super::failure::Failure;
use crate::{report, uninstall};

pub(super) fn run(args: &UninstallArgs, context: &mut Context) -> Outcome {
    let (change, options, agreed) = removal(&args.org, &args.removal, context)?;
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
