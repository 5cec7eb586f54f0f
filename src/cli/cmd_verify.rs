//! `verify`: reads the org back and proves that the integration is in place.

use super::Outcome;
use super::args::OrgArgs;
use super::cmd_plan::{survey, target_and_package};
use super::connect::{block_on, connect};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::report;
use crate::verify::{self, Verification};

pub(super) fn run(args: &OrgArgs, context: &mut Context) -> Outcome {
    let (target, package) = target_and_package(args.target_org.as_deref(), context)?;
    let (org, verification) = block_on(async {
        let connected = connect(&target, context).await?;
        let plan = survey(&connected, &target, &package, context).await?.plan;
        let components = plan.steps.into_iter().map(|step| step.change).collect();
        context.terminal.progress("checking what no file shows");
        let verification =
            verify::verify(&connected.reader, &target.integration, &package, components)
                .await
                .map_err(|fault| fault.to_diagnostic(&target.name))?;
        context.detail.requests = Some(connected.reader.requests());
        Ok((plan.org, verification))
    })?;
    let text = if args.json {
        report::json::verification(&org, &verification)
    } else {
        report::human::verification(&org, &verification, context.detail)
    };
    context
        .terminal
        .data(&text)
        .map_err(|error| Failure::output(&error, "nothing was changed in the org"))?;
    Ok(exit(&verification))
}

/// A failed check wins over one that could not be made.
pub(super) fn exit(verification: &Verification) -> Exit {
    if verification.failed() {
        Exit::Failed
    } else if verification.is_undetermined() {
        Exit::Undetermined
    } else {
        Exit::Done
    }
}
