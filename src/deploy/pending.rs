//! Apex jobs that a deploy would pull the code away from: the org refuses that, at the end of a deploy
//! that has run all its tests. So they are waited for before it begins.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Error, Event, Surroundings};
use crate::guard::Refusal;
use crate::metadata::MetadataType;
use crate::package::Package;
use crate::plan::{Action, Plan};
use crate::sf::{Fault, PendingJob, Reader};

/// For how long jobs are waited for. One of ours takes seconds.
const LONGEST: Duration = Duration::from_secs(180);

/// The same for an org on this machine, where nothing takes long.
const LOCAL: Duration = Duration::from_secs(1);

/// The classes under whose jobs the org replaces no code: those that would change, and those that
/// use them, directly or through others. A job locks every class that its own refers to (Apex
/// Developer Guide, "Apex Scheduler").
pub(super) fn locked(plan: &Plan, package: &Package) -> Vec<String> {
    let sources: Vec<(&str, &str)> = package
        .components
        .iter()
        .filter(|(id, _)| id.kind == MetadataType::ApexClass)
        .map(|(id, component)| {
            let source = component.source.as_deref().unwrap_or_default();
            (id.full_name.as_str(), source)
        })
        .collect();
    let changed = plan
        .steps
        .iter()
        .filter(|step| step.change.component.kind == MetadataType::ApexClass)
        .filter(|step| matches!(step.action, Action::Update | Action::Overwrite));
    let mut due: Vec<&str> = changed
        .map(|step| step.change.component.full_name.as_str())
        .collect();
    let mut locked: BTreeSet<&str> = due.iter().copied().collect();
    while let Some(class) = due.pop() {
        for (user, source) in &sources {
            if !locked.contains(user) && mentions(source, class) {
                locked.insert(user);
                due.push(user);
            }
        }
    }
    locked.into_iter().map(str::to_owned).collect()
}

/// Whether a name stands in a source as a word. One in a comment counts too: that is the safe side.
fn mentions(source: &str, name: &str) -> bool {
    let mut words = source.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words.any(|word| word.eq_ignore_ascii_case(name))
}

/// Waits until no job of these classes waits or runs, for a while. Those that are left are
/// returned: a schedule at once, as it does not end by itself. `jobs` is what the org has just said.
/// What it doesn't show is left to the org to judge.
pub(super) async fn wait(
    reader: &Reader,
    jobs: Vec<PendingJob>,
    classes: &[String],
    most: Duration,
    surroundings: &mut dyn Surroundings,
) -> Result<Vec<PendingJob>, Error> {
    let mut jobs = jobs;
    // Names are asked for in the package's spelling, and come in the org's.
    jobs.retain(|job| {
        let mut classes = classes.iter();
        classes.any(|class| class.eq_ignore_ascii_case(&job.class))
    });
    let longest = if reader.session().instance_url.is_loopback() {
        LOCAL
    } else {
        LONGEST
    };
    let most = most.min(longest);
    let polling = reader.polling(most);
    let clock = reader.clock();
    let start = clock.now();
    let mut pause = polling.first;
    let names: Vec<&str> = classes.iter().map(String::as_str).collect();
    while !jobs.is_empty() {
        let waited = clock.now().saturating_sub(start);
        if waited >= most || jobs.iter().any(PendingJob::is_schedule) {
            break;
        }
        surroundings
            .event(Event::Jobs(jobs.len()))
            .map_err(Error::Output)?;
        clock.sleep(pause).await;
        pause = polling.next(pause, 0, 0, 0);
        jobs = match reader.pending_jobs(&names).await {
            Ok(jobs) => jobs,
            Err(Fault::Rest { .. } | Fault::InsufficientAccess { .. }) => Vec::new(),
            Err(fault) => return Err(fault.into()),
        };
    }
    Ok(jobs)
}

/// Waits likewise, and refuses to go on with the jobs that are left.
pub(super) async fn wait_or_refuse(
    reader: &Reader,
    jobs: Vec<PendingJob>,
    classes: &[String],
    most: Duration,
    surroundings: &mut dyn Surroundings,
) -> Result<(), Error> {
    let left = wait(reader, jobs, classes, most, surroundings).await?;
    if left.is_empty() {
        Ok(())
    } else {
        Err(Error::Refused(vec![Refusal::PendingJobs(left)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_in_any_case() {
        let source = "public class A { Object o = new opencxlog(); /* B */ OpenCxLogs c; }";
        assert!(mentions(source, "OpenCxLog"));
        assert!(mentions(source, "B"));
        assert!(!mentions(source, "OpenCx"));
        assert!(!mentions(source, "C2"));
    }
}
