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
        } => taken(lost(&id, &fault, &target.name), &earlier).into(),
        deploy::Error::NotReadBack { fault, ended } => {
            not_read_back(ended.as_ref(), &fault, target).into()
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

/// The org works on a deploy, and its end was not seen.
pub(super) fn lost(id: &DeployId, fault: &Fault, name: &str) -> Diagnostic {
    let at = Place::Org {
        org: name.to_owned(),
    };
    let code = Code("deploy/contact-lost");
    let report = format!("opencx-sf report {id} --target-org {name}");
    if let Fault::StillRunning { waited, .. } = fault {
        let text = format!("the org has not finished deploy {id} yet");
        return Diagnostic::error(code, Category::Undetermined, text)
            .at(at)
            .because(format!("it was waited for {} s", waited.as_secs()))
            .help(format!(
                "the org goes on with it: `{report} --wait 33` waits for its end, `opencx-sf cancel \
                 {id} --target-org {name}` stops it"
            ));
    }
    let (why, help) = reasons(fault, name);
    let text = format!("contact with the org was lost while deploy {id} was running");
    let mut finding = Diagnostic::error(code, Category::Undetermined, text)
        .at(at)
        .help(format!(
            "the org finishes it by itself; see how it ended with `{report}`. {help}"
        ));
    finding.because = why;
    finding
}

/// The org is done with a deploy, and what it holds now was not seen.
fn not_read_back(ended: Option<&DeployId>, fault: &Fault, target: &Target) -> Diagnostic {
    let name = &target.name;
    let (why, help) = reasons(fault, name);
    let which = ended.map_or_else(String::new, |id| format!(" {id}"));
    let mut finding = Diagnostic::error(
        Code("deploy/not-read-back"),
        Category::Undetermined,
        format!("the org is done with deploy{which}, and could not be read after it"),
    )
    .at(Place::Org { org: name.clone() })
    .help(format!(
        "see what it holds with `opencx-sf drift --target-org {name}`. {help}"
    ));
    finding.because = why;
    finding
}

/// Why an org did not answer, outermost first, and what helps against that. That a question was not
/// answered is no reason: what spoiled the last try is.
fn reasons(fault: &Fault, name: &str) -> (Vec<String>, String) {
    let cause = match fault {
        Fault::OutcomeUnknown { cause, .. } => cause,
        other => other,
    };
    let told = cause.to_diagnostic(name);
    let mut why = vec![told.message];
    why.extend(told.because);
    (why, told.help.unwrap_or_default())
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
        Some(cause) => {
            let (why, _) = reasons(cause, name);
            why.into_iter().fold(finding, Diagnostic::because)
        }
        None => finding.because("an earlier run was sending it, and it may still arrive"),
    };
    if candidates.is_empty() {
        return finding.because("the org shows no such deploy, so far");
    }
    let ids: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    finding.because(format!("it could be any of {}", ids.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn id() -> DeployId {
        "0Af000000000001CAA".parse().unwrap()
    }

    #[test]
    fn a_wait_that_is_over_says_how_to_wait_on_and_how_to_stop() {
        let fault = Fault::StillRunning {
            id: id(),
            waited: Duration::from_secs(60),
            status: None,
        };
        let finding = lost(&id(), &fault, "uat");
        assert_eq!(finding.because, ["it was waited for 60 s"]);
        let help = finding.help.unwrap();
        for command in [
            "`opencx-sf report 0Af000000000001CAA --target-org uat --wait 33`",
            "`opencx-sf cancel 0Af000000000001CAA --target-org uat`",
        ] {
            assert!(help.contains(command), "{help}");
        }
    }

    #[test]
    fn what_spoiled_the_last_look_is_the_reason_and_helps() {
        let fault = Fault::OutcomeUnknown {
            what: "the end of the deploy",
            cause: Box::new(Fault::Unavailable {
                status: 503,
                text: "down for maintenance".to_owned(),
            }),
        };
        let finding = lost(&id(), &fault, "uat");
        let reasons = [
            "the org is in maintenance (HTTP 503)",
            "down for maintenance",
        ];
        assert_eq!(finding.because, reasons);
        let help = finding.help.unwrap();
        assert!(help.contains("`opencx-sf report 0Af"), "{help}");
        assert!(help.contains("status.salesforce.com"), "{help}");
    }
}
