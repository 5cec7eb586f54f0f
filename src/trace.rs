//! What happens to one message or Case, told from debug logs: trace flags are set for the users that
//! matter, something is waited for, its logs are read and put into the order of a story, and what was
//! set is removed again, however the wait ends.
//!
//! An entity has one active trace flag (Tooling API guide, "TraceFlag"): one that somebody else has
//! set is used and left as it was; when it ends before the wait does, ours takes its place. Ours live
//! for a few minutes and are prolonged while the wait goes on, so that those of a killed process die by
//! themselves; a later run removes what they left, which it knows by the name of the debug level. Each
//! run has a level of its own, so two in one org leave each other alone.

mod flags;
mod reading;
mod recent;
mod removal;
mod story;
mod users;
mod watch;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::config::Target;
use crate::conversation::{CaseRow, Shown};
use crate::doctor::{self, Finding, Verdict};
use crate::package::Package;
use crate::plan::OrgFacts;
use crate::sf::wire::rest::RestError;
use crate::sf::{Fault, TraceWriter};

pub use flags::{LEVEL_PREFIX, Traced, TracedUser};
pub use reading::{Happening, LoggedUnit, Transaction, What};
pub use recent::recent;
pub use story::{Sign, Step, Story};

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The next e-mail on this Case.
    Case(Box<CaseRow>),
    /// The next e-mail that is saved, whoever saves it.
    NextEmail,
    /// The next Case that is saved.
    NextCase,
}

/// How a trace is made.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How long to wait for something to happen.
    pub wait: Duration,
    /// Usernames to trace beside those that matter anyway.
    pub users: Vec<String>,
    /// What may be shown.
    pub shown: Shown,
}

/// What goes on, as it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// Killed traces had left this.
    Swept {
        /// How many debug levels, each with its flags.
        levels: usize,
    },
    /// For whom logs are kept now.
    Tracing(&'a [TracedUser]),
    /// The wait goes on.
    Waiting {
        /// For how much longer.
        left: Duration,
        /// Something happened, and its end is waited for.
        seen: bool,
    },
    /// What was set is removed.
    Removed,
}

/// Who is told.
pub trait Listener {
    /// Something goes on.
    fn event(&mut self, event: Event<'_>);
}

/// How a trace ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It happened, and was told.
    Told,
    /// Nothing happened in time.
    NothingHappened,
    /// Somebody stopped the wait.
    Interrupted,
}

/// A trace that was made.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The org.
    pub org: OrgFacts,
    /// How it ended.
    pub ending: Ending,
    /// For whom logs were kept.
    pub users: Vec<TracedUser>,
    /// What happened; nothing where nothing did.
    pub story: Option<Story>,
    /// Why something went wrong, by what else the org shows: likeliest first.
    pub causes: Vec<Finding>,
}

impl Outcome {
    /// Whether something was shown to be wrong.
    pub fn has_failed(&self) -> bool {
        let story = self.story.as_ref();
        story.is_some_and(|story| story.conclusion.verdict == Verdict::Failed)
    }

    /// Whether it could not be told how it went.
    pub fn is_undetermined(&self) -> bool {
        self.ending != Ending::Told
            || self
                .story
                .as_ref()
                .is_none_or(|story| story.conclusion.verdict == Verdict::Unknown)
    }
}

/// Why there is no outcome.
#[derive(Debug)]
pub enum Error {
    /// The org could not be asked. What was set is removed.
    Fault(Fault),
    /// The org does not show what is waited for.
    Unreadable {
        /// What it is.
        what: &'static str,
        /// What the org said.
        said: RestError,
    },
    /// Nobody could be traced.
    NoOne {
        /// Each user with the reason.
        users: Vec<TracedUser>,
    },
    /// What was set could not be removed. It ends by itself.
    LeftBehind {
        /// The name of the debug level.
        level: String,
        /// When it ends; nothing when the org gave no time.
        until: Option<Timestamp>,
        /// Why.
        fault: Option<Box<Fault>>,
    },
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// How long a flag of ours lives without being prolonged.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// How often it is prolonged.
const HEARTBEAT: Duration = Duration::from_secs(100);

/// How long after something happened its logs and jobs are waited for.
const SETTLING: Duration = Duration::from_secs(60);

/// How long after something happened the first of them is waited for.
const GRACE: Duration = Duration::from_secs(6);

/// What a trace is made with.
pub struct Scene<'a> {
    /// The only thing that is changed.
    pub writer: &'a TraceWriter,
    /// The org.
    pub org: &'a OrgFacts,
    /// What is wanted of it.
    pub target: &'a Target,
    /// What belongs into it.
    pub package: &'a Package,
}

/// Traces. `stop` ends the wait early, and a second time the removal.
///
/// # Errors
/// See [`Error`]. Whatever it is, the removal was tried.
pub async fn trace(
    scene: &Scene<'_>,
    subject: &Subject,
    options: &Options,
    stop: impl AsyncFn(),
    listener: &mut impl Listener,
) -> Result<Outcome, Error> {
    let mut flags = flags::Flags::new();
    let watched = tokio::select! {
        watched = watched(scene, subject, options, &mut flags, listener) => Some(watched),
        () = stop() => None,
    };
    let removed = tokio::select! {
        removed = removal::remove(scene.writer, &flags.name) => removed.map_err(Some),
        () = stop() => Err(None),
    };
    if let Err(fault) = removed {
        return Err(Error::LeftBehind {
            level: flags.name,
            until: flags.until,
            fault: fault.map(Box::new),
        });
    }
    listener.event(Event::Removed);
    let Some(watched) = watched else {
        return Ok(outcome(
            scene,
            Ending::Interrupted,
            flags.users,
            None,
            Vec::new(),
        ));
    };
    let Some(seen) = watched? else {
        let ending = Ending::NothingHappened;
        return Ok(outcome(scene, ending, flags.users, None, Vec::new()));
    };
    let story = story::tell(&seen, scene.target, &flags.users);
    let causes = causes(scene, &story).await?;
    Ok(outcome(
        scene,
        Ending::Told,
        flags.users,
        Some(story),
        causes,
    ))
}

fn outcome(
    scene: &Scene<'_>,
    ending: Ending,
    users: Vec<TracedUser>,
    story: Option<Story>,
    causes: Vec<Finding>,
) -> Outcome {
    Outcome {
        org: scene.org.clone(),
        ending,
        users,
        story,
        causes,
    }
}

/// Sets the flags and waits; what happened, or nothing in time.
async fn watched(
    scene: &Scene<'_>,
    subject: &Subject,
    options: &Options,
    flags: &mut flags::Flags,
    listener: &mut impl Listener,
) -> Result<Option<watch::Seen>, Error> {
    let reader = scene.writer.reader();
    let levels = flags::set(scene, options, flags).await?;
    if levels > 0 {
        listener.event(Event::Swept { levels });
    }
    if !flags.users.iter().any(TracedUser::is_traced) {
        let users = std::mem::take(&mut flags.users);
        return Err(Error::NoOne { users });
    }
    listener.event(Event::Tracing(&flags.users));
    let clock = reader.clock();
    let (start, mut prolonged) = (clock.now(), clock.now());
    let mut happened: Option<Duration> = None;
    loop {
        let seen = watch::look(scene, subject, options, flags).await?;
        let now = clock.now();
        if seen.is_some() && happened.is_none() {
            happened = Some(now);
        }
        if let (Some(mut seen), Some(since)) = (seen, happened) {
            let waited = now.saturating_sub(since);
            if waited >= SETTLING || waited >= GRACE && seen.has_settled() {
                watch::read_logs(scene, options, &mut seen).await?;
                return Ok(Some(seen));
            }
        }
        let end = happened.map_or(start + options.wait, |since| since + SETTLING);
        let Some(left) = end.checked_sub(now).filter(|left| !left.is_zero()) else {
            return Ok(None);
        };
        listener.event(Event::Waiting {
            left,
            seen: happened.is_some(),
        });
        let is_due = now.saturating_sub(prolonged) >= HEARTBEAT;
        if is_due {
            prolonged = now;
        }
        flags::keep(scene, flags, now.saturating_sub(start), is_due).await?;
        clock.sleep(pause(scene).min(left)).await;
    }
}

/// Between two looks; an org on this machine is asked more often.
fn pause(scene: &Scene<'_>) -> Duration {
    if scene.writer.reader().session().instance_url.is_loopback() {
        Duration::from_secs(1)
    } else {
        Duration::from_secs(3)
    }
}

/// What else the org shows that explains a story without a good end.
async fn causes(scene: &Scene<'_>, story: &Story) -> Result<Vec<Finding>, Fault> {
    if story.conclusion.verdict == Verdict::Passed {
        return Ok(Vec::new());
    }
    let reader = scene.writer.reader();
    let now = reader.clock().wall();
    let integration = &scene.target.integration;
    let examined =
        doctor::examine_all(reader, scene.org, integration, scene.package, now, None).await?;
    let path = crate::conversation::path_of(story.stage);
    // The conclusion has said what the job said.
    let path = path.iter().filter(|code| **code != "doctor/failed-jobs");
    let failed = path.filter_map(|code| {
        examined
            .findings
            .iter()
            .find(|found| found.code.0 == *code && found.verdict == Verdict::Failed)
    });
    Ok(failed.cloned().collect())
}
