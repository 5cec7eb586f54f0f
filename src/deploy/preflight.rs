//! What would make the org refuse the deploy at its end, looked at before its beginning.

use std::time::Duration;

use super::{Error, Event, Options, Surroundings};
use crate::assign::User;
use crate::guard::Refusal;
use crate::metadata::MetadataType;
use crate::package::{Package, Rollout};
use crate::plan::{Action, Plan};
use crate::sf::{self, Fault, PendingJob, Question, Reader};

/// For how long jobs are waited for. One of ours takes seconds.
const JOBS: Duration = Duration::from_secs(180);

/// The same for an org on this machine, where nothing takes long.
const LOCAL: Duration = Duration::from_secs(1);

/// What was found out beside the plan.
#[derive(Debug, Default)]
pub(super) struct Found {
    email_messages: Option<bool>,
    user: Option<User>,
    /// Jobs of classes of the package; `None` when the org did not say.
    jobs: Option<Vec<PendingJob>>,
}

/// Refuses a package that no org takes, before one is asked anything.
pub(super) fn fits(rollout: &Rollout) -> Result<(), Error> {
    for stage in rollout.stages() {
        if let Some(excess) = stage.package.excess()? {
            let package = stage.name.clone();
            return Err(Error::Refused(vec![Refusal::TooLarge { package, excess }]));
        }
    }
    Ok(())
}

/// Asks, in one request, while the package is read from the org, so that it costs no time.
pub(super) async fn ask(
    reader: &Reader,
    package: &Package,
    options: &Options,
) -> Result<Found, Fault> {
    let needs_messages = package.components.values().any(|component| {
        let source = component.source.as_deref().unwrap_or_default();
        source.contains("EmailMessage")
    });
    let classes: Vec<&str> = package
        .components
        .keys()
        .filter(|id| id.kind == MetadataType::ApexClass && !options.allow_pending_jobs)
        .map(|id| id.full_name.as_str())
        .collect();
    let messages = needs_messages.then(sf::email_messages_question);
    let user = options.assign.as_deref().map(User::question);
    let jobs = (!classes.is_empty()).then(|| PendingJob::question(&classes));
    let questions: Vec<Question> = [&messages, &user, &jobs]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    if questions.is_empty() {
        return Ok(Found::default());
    }
    let answers = match reader.batch(&questions).await {
        Ok(answers) => answers,
        // Whoever may not ask finds out from the deploy; who is to get the permission sets must be
        // known.
        Err(fault) if user.is_some() => return Err(fault),
        Err(fault) => return fault.into_silence().map(|_| Found::default()),
    };
    let mut answers = answers.iter();
    let mut next = |asked: &Option<Question>| asked.as_ref().and_then(|_| answers.next());
    Ok(Found {
        email_messages: next(&messages).and_then(sf::has_email_messages),
        user: next(&user).map_or(Ok(None), User::answer)?,
        jobs: next(&jobs).and_then(PendingJob::answer),
    })
}

/// The user for the permission sets, unless something speaks against the deploy.
pub(super) fn judge(found: &Found, plan: &Plan, options: &Options) -> Result<Option<User>, Error> {
    let mut refusals = Vec::new();
    if found.email_messages == Some(false) && !plan.is_empty() {
        refusals.push(Refusal::NoEmailMessages);
    }
    if let Some(name) = &options.assign {
        match &found.user {
            None => refusals.push(Refusal::NoUser(name.clone())),
            Some(user) if !user.is_active => refusals.push(Refusal::InactiveUser(name.clone())),
            Some(_) => {}
        }
    }
    if refusals.is_empty() {
        Ok(found.user.clone())
    } else {
        Err(Error::Refused(refusals))
    }
}

/// Waits until no job of a class that would change waits or runs. What the org doesn't show is left
/// to the org to judge.
pub(super) async fn wait_for_jobs(
    reader: &Reader,
    found: Found,
    plan: &Plan,
    options: &Options,
    surroundings: &mut dyn Surroundings,
) -> Result<(), Error> {
    let Some(mut jobs) = found.jobs else {
        return Ok(());
    };
    let classes: Vec<&str> = plan
        .steps
        .iter()
        .filter(|step| step.change.component.kind == MetadataType::ApexClass)
        .filter(|step| matches!(step.action, Action::Update | Action::Overwrite))
        .map(|step| step.change.component.full_name.as_str())
        .collect();
    // Names are asked for in the package's spelling, and come in the org's.
    let is_meant = |job: &PendingJob| {
        let mut classes = classes.iter();
        classes.any(|class| class.eq_ignore_ascii_case(&job.class))
    };
    jobs.retain(is_meant);
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
    while !jobs.is_empty() {
        if clock.now().saturating_sub(start) >= wait {
            return Err(Error::Refused(vec![Refusal::PendingJobs(jobs)]));
        }
        surroundings
            .event(Event::Jobs(jobs.len()))
            .map_err(Error::Output)?;
        clock.sleep(pause).await;
        pause = polling.next(pause, 0, 0, 0);
        jobs = match reader.pending_jobs(&classes).await {
            Ok(jobs) => jobs,
            Err(Fault::Rest { .. } | Fault::InsufficientAccess { .. }) => return Ok(()),
            Err(fault) => return Err(fault.into()),
        };
    }
    Ok(())
}
