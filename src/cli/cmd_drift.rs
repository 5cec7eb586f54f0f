//! `drift`: what differs between an org and the config, for people and CI.

use super::Outcome;
use super::args::OrgArgs;
use super::cmd_plan::{survey, target_and_package};
use super::connect::{block_on, connect};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::drift::Drift;
use crate::report;

pub(super) fn run(args: &OrgArgs, context: &mut Context) -> Outcome {
    let (target, package) = target_and_package(args.target_org.as_deref(), context)?;
    let drift = block_on(async {
        let connected = connect(&target, context).await?;
        Ok(Drift::from(
            survey(&connected, &target, &package, context).await?,
        ))
    })?;
    let text = if args.json {
        report::json::drift(&drift)
    } else {
        report::human::drift(&drift, context.detail)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing was changed in the org"))?;
    Ok(if drift.is_undetermined() {
        Exit::Undetermined
    } else if drift.is_clean() {
        Exit::Done
    } else {
        Exit::Differences
    })
}
