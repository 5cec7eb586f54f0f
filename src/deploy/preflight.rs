//! What would make the org refuse the deploy at its end, looked at before its beginning.

use std::time::Duration;

use super::{Error, Event, Options, Surroundings};
use crate::assign::{self, User};
use crate::guard::Refusal;
use crate::metadata::MetadataType;
use crate::package::Package;
use crate::plan::{Action, Plan};
use crate::sf::{Fault, Reader};

/// For how long jobs are waited for. One of ours takes seconds.
const JOBS: Duration = Duration::from_secs(180);

/// The same for an org on this machine, where nothing takes long.
const LOCAL: Duration = Duration::from_secs(1);

/// What was found out beside the plan.
#[derive(Debug, Default)]
pub(super) struct Found {
    email_messages: Option<bool>,
    user: Option<Option<User>>,
}

/// Asks while the package is read from the org, so that it costs no time.
pub(super) async fn ask(
    reader: &Reader,
    package: &Package,
    options: &Options,
) -> Result<Found, Fault> {
    let needs_messages = package.components.values().any(|component| {
        let source = component.source.as_deref().unwrap_or_default();
        source.contains("EmailMessage")
    });
    let messages = async {
        if needs_messages {
            reader.has_email_messages().await
        } else {
            Ok(None)
        }
    };
    let user = async {
        match &options.assign {
            Some(username) => assign::find_user(reader, username).await.map(Some),
            None => Ok(None),
        }
    };
    let (email_messages, user) = tokio::try_join!(messages, user)?;
    Ok(Found {
        email_messages,
        user,
    })
}

/// The user for the permission sets, unless something speaks against the deploy.
pub(super) fn judge(found: Found, plan: &Plan, options: &Options) -> Result<Option<User>, Error> {
    let mut refusals = Vec::new();
    if found.email_messages == Some(false) && !plan.is_empty() {
        refusals.push(Refusal::NoEmailMessages);
    }
    let name = || options.assign.clone().unwrap_or_default();
    match &found.user {
        Some(None) => refusals.push(Refusal::NoUser(name())),
        Some(Some(user)) if !user.is_active => refusals.push(Refusal::InactiveUser(name())),
        _ => {}
    }
    if refusals.is_empty() {
        Ok(found.user.flatten())
    } else {
        Err(Error::Refused(refusals))
    }
}

/// Waits until no job of a class that would change waits or runs. What the org doesn't show is left
/// to the org to judge.
pub(super) async fn wait_for_jobs(
    reader: &Reader,
    plan: &Plan,
    options: &Options,
    surroundings: &mut dyn Surroundings,
) -> Result<(), Error> {
    let classes: Vec<&str> = plan
        .steps
        .iter()
        .filter(|step| step.change.component.kind == MetadataType::ApexClass)
        .filter(|step| matches!(step.action, Action::Update | Action::Overwrite))
        .map(|step| step.change.component.full_name.as_str())
        .collect();
    if classes.is_empty() || options.allow_pending_jobs {
        return Ok(());
    }
    let longest = if reader.session().instance_url.is_loopback() {
        LOCAL
    } else {
        JOBS
    };
    let wait = options.wait.min(longest);
    let polling = reader.polling(wait);
    let clock = reader.clock();
    let start = clock.now();
    let mut pause = polling.first;
    loop {
        let jobs = match reader.pending_jobs(&classes).await {
            Ok(jobs) => jobs,
            Err(Fault::Rest { .. } | Fault::InsufficientAccess { .. }) => return Ok(()),
            Err(fault) => return Err(fault.into()),
        };
        if jobs.is_empty() {
            return Ok(());
        }
        if clock.now().saturating_sub(start) >= wait {
            return Err(Error::Refused(vec![Refusal::PendingJobs(jobs)]));
        }
        surroundings
            .event(Event::Jobs(jobs.len()))
            .map_err(Error::Output)?;
        clock.sleep(pause).await;
        pause = polling.next(pause, 0, 0, 0);
    }
}
