//! `cancel`: stops a deploy that the org has not finished, and says how it ended.

use std::time::Duration;

use super::Outcome;
use super::args::CancelArgs;
use super::cmd_report::{asked, chosen, sent_from_here, tell, unseen};
use super::connect::{block_on, connect};
use super::context::Context;
use super::exit::Exit;
use crate::compare::{ChangeKind, compare};
use crate::config::Target;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::sf::wire::{DeployResult, DeployStatus};
use crate::sf::{Cancel, DeployId, Fault, Reader, wait_for_deploy};
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

/// The org was asked to stop a deploy, and how that ended was not seen.
fn asked_to_stop(fault: &Fault, id: &DeployId, name: &str) -> Diagnostic {
    unseen(fault, id, name).because("it was asked to stop; it may still have finished")
}

pub(super) fn run(args: &CancelArgs, context: &mut Context) -> Outcome {
    let target = context.target(args.org.target_org.as_deref())?;
    let wait = Duration::from_secs(u64::from(args.wait) * 60);
    let name = &target.name;
    let (org, result, kept) = block_on(async {
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
                let now = now.map_err(|fault| unseen(&fault, &id, name))?;
                if now.done {
                    return Err(over(&id, &now, name, &text).into());
                }
                context.terminal.say(&format!(
                    "the org commits deploy {id} and does not stop it any more ({}); waiting for its \
                     end\n",
                    report::plain(&text)
                ));
            }
            Err(fault) => return Err(unseen(&fault, &id, name).into()),
        }
        let result = wait_for_deploy(reader, &id, reader.polling(wait), &mut |progress| {
            let text = report::human::progress(progress);
            context.terminal.progress(&text);
        })
        .await
        .map_err(|fault| asked_to_stop(&fault, &id, name))?;
        let kept = if result.status == DeployStatus::Canceled && !writer.cancels_for_certain() {
            is_kept(&result, reader, &target, context).await
        } else {
            Kept::No
        };
        Ok((org, result, kept))
    })?;
    tell(
        args.org.json,
        &target,
        (&org, &result),
        "the deploy was canceled",
        context,
    )?;
    if let Some(warning) = kept.warning(&result.id, name) {
        context.terminal.say(&report::diagnostics::render(&warning));
    }
    // Asked to stop, the org may still have finished it.
    Ok(match (&result.status, kept) {
        (DeployStatus::Canceled, Kept::No) => Exit::Done,
        (DeployStatus::Canceled, Kept::Unknown) => Exit::Undetermined,
        _ => Exit::Failed,
    })
}

/// What an org holds of a deploy that it calls canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    No,
    All,
    /// What was sent is not known here, or the org could not be read.
    Unknown,
}

impl Kept {
    fn warning(self, id: &str, name: &str) -> Option<Diagnostic> {
        let text = match self {
            Self::No => return None,
            Self::All => format!("the org calls deploy {id} canceled, and holds all of it"),
            Self::Unknown => format!(
                "the org calls deploy {id} canceled, and it is not known here whether it kept it"
            ),
        };
        let finding = Diagnostic::warning(
            Code("deploy/canceled-in-doubt"),
            Category::Undetermined,
            text,
        )
        .at(Place::Org {
            org: name.to_owned(),
        })
        .because("below API 65 an org may commit a deploy that it is asked to stop");
        Some(finding.help(format!(
            "`opencx-sf plan --target-org {name}` shows what the org holds, and the next deploy goes on \
             from that"
        )))
    }
}

/// All of a deploy is in the org or nothing: rollbackOnError says so.
async fn is_kept(
    result: &DeployResult,
    reader: &Reader,
    target: &Target,
    context: &mut Context,
) -> Kept {
    // It was still in the queue.
    if result.start_date.is_none() {
        return Kept::No;
    }
    let Some((package, _)) = sent_from_here(result, target, context) else {
        return Kept::Unknown;
    };
    let wait = reader.reading(Duration::ZERO);
    let Ok(live) = reader.live(&package.manifest(), wait).await else {
        return Kept::Unknown;
    };
    let changes = compare(&package, &live);
    let any = |kind| changes.iter().any(|change| change.kind == kind);
    if changes.iter().all(|change| change.kind == ChangeKind::Same) {
        Kept::All
    } else if any(ChangeKind::Unreadable) {
        Kept::Unknown
    } else {
        Kept::No
    }
}
