//! What would make the org refuse the deploy at its end, looked at before its beginning.

use super::{Error, Options};
use crate::assign::User;
use crate::guard::Refusal;
use crate::metadata::MetadataType;
use crate::package::{Package, Rollout};
use crate::plan::Plan;
use crate::sf::{self, Fault, PendingJob, Question, Reader};

/// What was found out beside the plan.
#[derive(Debug, Default)]
pub(super) struct Found {
    email_messages: Option<bool>,
    user: Option<User>,
    /// Jobs of classes of the package; `None` when the org did not say.
    pub(super) jobs: Option<Vec<PendingJob>>,
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
