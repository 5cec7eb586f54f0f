//! `cancel`: stops a deploy that the org has not finished, and says how it ended.

use std::time::Duration;

use super::Outcome;
use super::args::CancelArgs;
use super::cmd_report::{asked, chosen, tell};
use super::connect::{block_on, connect};
use super::context::Context;
use super::exit::Exit;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::sf::wire::{DeployResult, DeployStatus};
use crate::sf::{Cancel, DeployId, Fault, wait_for_deploy};
use crate::{guard, report};

/// There is nothing to cancel.
fn over(id: &DeployId, result: &DeployResult, name: &str, text: &str) -> Diagnostic {
    Diagnostic::error(
        Code("deploy/not-cancelable"),
        Category::Failed,
        format!("deploy {id} is over, so there is nothing to cancel"),
    )
    .at(Place::Org {
        org: name.to_owned(),
    })
    .because(format!("it ended: {}", report::human::progress(result)))
    .because(text)
    .help(format!(
        "see all of its result with `opencx-sf report {id} --target-org {name}`; `opencx-sf rollback \
         --target-org {name}` undoes a deploy that was sent from here"
    ))
}

pub(super) fn run(args: &CancelArgs, context: &mut Context) -> Outcome {
    let target = context.target(args.org.target_org.as_deref())?;
    let wait = Duration::from_secs(u64::from(args.wait) * 60);
    let name = &target.name;
    let (org, result) = block_on(async {
        let connected = connect(&target, context).await?;
        let reader = &connected.reader;
        let org = asked(reader, &target).await?;
        let id = chosen(args.id.as_deref(), reader, &org, &target, context).await?;
        let writer = guard::authorize_cancel(&target, &org, reader).map_err(|refusals| {
            let findings = refusals.iter().map(|refusal| refusal.to_diagnostic(name));
            findings.collect::<Vec<_>>()
        })?;
        match writer.cancel(&id).await {
            // A lost answer changes nothing: what became of the deploy is asked below.
            Ok(Cancel::Heard) | Err(Fault::OutcomeUnknown { .. }) => {}
            Ok(Cancel::TooLate(text)) => {
                let now = reader.deploy_status(&id).await;
                let now = now.map_err(|fault| fault.to_diagnostic(name))?;
                if now.done {
                    return Err(over(&id, &now, name, &text).into());
                }
                context.terminal.say(&format!(
                    "the org commits deploy {id} and does not stop it any more ({}); waiting for its \
                     end\n",
                    report::plain(&text)
                ));
            }
            Err(fault) => return Err(fault.to_diagnostic(name).into()),
        }
        let result = wait_for_deploy(reader, &id, reader.polling(wait), &mut |progress| {
            let text = report::human::progress(progress);
            context.terminal.progress(&text);
        })
        .await
        .map_err(|fault| fault.to_diagnostic(name))?;
        Ok((org, result))
    })?;
    tell(
        args.org.json,
        &target,
        (&org, &result),
        "the deploy was canceled",
        context,
    )?;
    // Asked to stop, the org may still have finished it.
    Ok(match result.status {
        DeployStatus::Canceled => Exit::Done,
        _ => Exit::Failed,
    })
}
