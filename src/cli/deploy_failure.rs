//! What stopped a change of an org, as findings.

use super::failure::Failure;
use crate::config::Target;
use crate::deploy;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::journal;
use crate::sf::{DeployId, Fault};

/// The findings of a change that came to no outcome.
pub(super) fn failure(error: deploy::Error, target: &Target) -> Failure {
    let org = || Place::Org {
        org: target.name.clone(),
    };
    match error {
        deploy::Error::Refused(refusals) => refusals
            .iter()
            .map(|refusal| refusal.to_diagnostic(&target.name))
            .collect::<Vec<_>>()
            .into(),
        deploy::Error::Fault {
            fault,
            started: None,
            earlier,
        } => {
            let finding = fault.to_diagnostic(&target.name);
            taken(finding, &earlier).into()
        }
        deploy::Error::Fault {
            fault,
            started: Some(id),
            earlier,
        } => {
            let why = match *fault {
                Fault::OutcomeUnknown { cause, .. } => *cause,
                fault => fault,
            };
            let text = match why {
                Fault::StillRunning { .. } => format!("the org has not finished deploy {id} yet"),
                _ => format!("contact with the org was lost while deploy {id} was running"),
            };
            let incidents = match why {
                Fault::Unavailable { .. } => {
                    "; https://status.salesforce.com shows maintenance by instance"
                }
                _ => "",
            };
            let finding = Diagnostic::error(
                Code("deploy/contact-lost"),
                Category::Undetermined,
                text,
            )
            .at(org())
            .because(why.to_string())
            .help(format!(
                "the org finishes it by itself; see how it ended with `opencx-sf report {id} \
                 --target-org {}`{incidents}",
                target.name
            ));
            let said = why.to_diagnostic(&target.name).because.into_iter();
            let finding = said.fold(finding, Diagnostic::because);
            taken(finding, &earlier).into()
        }
        deploy::Error::Unsettled { candidates, cause } => {
            unsettled(&candidates, cause.as_deref(), target).into()
        }
        deploy::Error::Journal(error) => no_journal(&error, target),
        deploy::Error::Package(error) => error.to_diagnostic().into(),
        deploy::Error::Backup(error) => Diagnostic::error(
            Code("deploy/no-backup"),
            Category::Failed,
            "the backup could not be written, so nothing was deployed",
        )
        .at(org())
        .because(error.to_string())
        .into(),
        deploy::Error::Output(error) => {
            Failure::output(&error, "the deploy was not started; the org is as it was")
        }
    }
}

/// Says which packages are in the org although a later one was not deployed.
fn taken(finding: Diagnostic, earlier: &[String]) -> Diagnostic {
    if earlier.is_empty() {
        return finding;
    }
    finding.because(format!(
        "the org has taken {}; another `opencx-sf deploy` goes on from there",
        earlier.join(", ")
    ))
}

/// The findings of a journal that can't be written.
pub(super) fn no_journal(error: &journal::Error, target: &Target) -> Failure {
    let place = Place::Org {
        org: target.name.clone(),
    };
    match error {
        journal::Error::Busy => Diagnostic::error(
            Code("deploy/already-running"),
            Category::Refused,
            error.to_string(),
        )
        .help("wait for it; Ctrl-C there detaches from what the org does"),
        journal::Error::File { .. } => Diagnostic::error(
            Code("deploy/no-journal"),
            Category::Failed,
            "the journal could not be written, so nothing was sent",
        )
        .because(error.to_string())
        .help("check that the folder `.opencx` beside the config can be written to"),
    }
    .at(place)
    .into()
}

/// Neither done nor failed: what to do to find out.
fn unsettled(candidates: &[DeployId], cause: Option<&Fault>, target: &Target) -> Diagnostic {
    let name = &target.name;
    let finding = Diagnostic::error(
        Code("deploy/outcome-unknown"),
        Category::Undetermined,
        "it is not known whether the org received the deploy",
    )
    .at(Place::Org { org: name.clone() })
    .help(format!(
        "nothing is sent again before that is known: `opencx-sf report --target-org {name}` finds \
         out; the next `opencx-sf deploy` does so too and goes on from there"
    ));
    let finding = match cause {
        Some(cause) => finding.because(cause.to_string()),
        None => finding.because("an earlier run was sending it, and it may still arrive"),
    };
    if candidates.is_empty() {
        return finding.because("the org shows no such deploy, so far");
    }
    let ids: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    finding.because(format!("it could be any of {}", ids.join(", ")))
}
