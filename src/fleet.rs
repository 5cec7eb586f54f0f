//! Many orgs in one run: which of them, how many at a time, and how each stands. What goes wrong with
//! one org is that org's result and nobody else's.

mod rules;
mod standing;
mod waves;

use std::collections::BTreeMap;
use std::future::Future;
use std::str::FromStr;

use futures_util::StreamExt;
use futures_util::stream;

use crate::config::Pattern;
use crate::deploy;
use crate::diag::{Category, Code, Diagnostic, Place, Snippet};
use crate::drift::Drift;
use crate::metadata::ComponentId;
use crate::package::Package;
use crate::provenance::{Cause, CauseKind};
use crate::render::Origins;
use crate::sf::ApiUsage;

pub use rules::settle_rules;
pub use standing::{Release, holds_nothing_of_ours};
pub use waves::{RolledOut, Wave, WaveError, WaveStep, roll_out, waves};

/// One org after it was looked at.
#[derive(Debug)]
pub struct Inspection {
    /// Its name in the config.
    pub target: String,
    /// The config file, as the user named it.
    pub config: String,
    /// How it stands, or why that is not known.
    pub outcome: Result<Drift, Vec<Diagnostic>>,
    /// The line of the config that made each component that is not equal.
    pub places: BTreeMap<ComponentId, Snippet>,
    /// Where the org stands in the config.
    pub place: Snippet,
    /// HTTP requests that it took.
    pub requests: u32,
    /// What the org said of its daily API requests.
    pub usage: Option<ApiUsage>,
}

impl Inspection {
    /// In one word.
    pub fn state(&self) -> State {
        match &self.outcome {
            Err(_) => State::Failed,
            Ok(drift) if drift.is_undetermined() => State::Undetermined,
            Ok(drift) if drift.differs() => State::Drifted,
            Ok(_) => State::Clean,
        }
    }
}

/// One org after a deploy to many came to it.
#[derive(Debug)]
pub struct Deployment {
    /// Its name in the config.
    pub target: String,
    /// The config file, as the user named it.
    pub config: String,
    /// How it went, or why it came to nothing.
    pub outcome: Result<deploy::Outcome, Vec<Diagnostic>>,
    /// What was to be deployed.
    pub package: Package,
    /// Where its components come from, when something was wrong with them.
    pub origins: Option<Origins>,
    /// HTTP requests that it took.
    pub requests: u32,
    /// What the org said of its daily API requests.
    pub usage: Option<ApiUsage>,
}

/// An org that a deploy to many did not come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTried {
    /// Its name in the config.
    pub target: String,
    /// The config file, as the user named it.
    pub config: String,
}

/// How an org stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Equal, or excused.
    Clean,
    /// It differs.
    Drifted,
    /// Not everything could be read.
    Undetermined,
    /// It could not be looked at.
    Failed,
}

impl State {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Drifted => "drifted",
            Self::Undetermined => "not read in full",
            Self::Failed => "not reached",
        }
    }

    /// As JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Drifted => "drifted",
            Self::Undetermined => "undetermined",
            Self::Failed => "error",
        }
    }
}

/// The share of one machine of several: `2/5` is the second of five.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

impl Shard {
    /// Every item belongs to one shard, whatever its order.
    pub fn of<T>(self, items: Vec<T>) -> Vec<T> {
        let mine = |index: usize| index % self.of == self.index - 1;
        let items = items.into_iter().enumerate();
        items
            .filter(|(index, _)| mine(*index))
            .map(|(_, item)| item)
            .collect()
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text
            .split_once('/')
            .and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        match parsed {
            Some((index, of)) if 1 <= index && index <= of => Ok(Self { index, of }),
            _ => Err("expected a form like 1/4, the first of four"),
        }
    }
}

/// The names that one of the patterns fits, in their order; all when there is none.
///
/// # Errors
/// A pattern that fits no name: a misspelt org must not look like a clean one.
pub fn select(names: &[String], patterns: &[String]) -> Result<Vec<String>, String> {
    if patterns.is_empty() {
        return Ok(names.to_vec());
    }
    let fits = |pattern: &str, name: &String| Pattern::new(pattern).fits(name);
    for pattern in patterns {
        if !names.iter().any(|name| fits(pattern, name)) {
            return Err(pattern.clone());
        }
    }
    let chosen = names
        .iter()
        .filter(|name| patterns.iter().any(|pattern| fits(pattern, name)));
    Ok(chosen.cloned().collect())
}

/// Does the work for every job, at most so many at a time, and tells each result as it comes. Gives
/// all results in the order of the jobs.
pub async fn run<J, R, F: Future<Output = R>>(
    jobs: Vec<J>,
    at_once: usize,
    work: impl Fn(J) -> F,
    mut finished: impl FnMut(&R),
) -> Vec<R> {
    let work = &work;
    let running = jobs
        .into_iter()
        .enumerate()
        .map(|(index, job)| async move { (index, work(job).await) });
    let mut running = stream::iter(running).buffer_unordered(at_once.max(1));
    let mut results = Vec::new();
    while let Some((index, result)) = running.next().await {
        finished(&result);
        results.push((index, result));
    }
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Orgs of several names that turned out to be one: a config that says so by mistake would have one
/// org checked against two packages.
pub fn same_orgs(inspections: &[Inspection]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<&str, &Inspection> = BTreeMap::new();
    let mut found = Vec::new();
    for inspection in inspections {
        let Ok(drift) = &inspection.outcome else {
            continue;
        };
        let Some(known) = first.insert(drift.org.id.as_str(), inspection) else {
            continue;
        };
        let id = drift.org.id.as_str();
        found.push(
            same_org(&known.target, &known.config, &inspection.target, id)
                .at(Place::File(inspection.place.clone())),
        );
    }
    found
}

/// Orgs that hold what another config made, untouched since: most often that of another branch. A hint,
/// which changes no result.
pub fn other_configs(inspections: &[Inspection]) -> Vec<Diagnostic> {
    let hint = |inspection: &Inspection| {
        let drift = inspection.outcome.as_ref().ok()?;
        let differing: Vec<_> = drift
            .components
            .iter()
            .filter(|row| row.is_drift())
            .collect();
        let is_other = |cause: &Cause| cause.kind == CauseKind::OtherConfig;
        let all = differing
            .iter()
            .all(|row| row.cause.as_ref().is_some_and(is_other));
        (all && !differing.is_empty()).then(|| {
            let (org, count) = (&inspection.target, differing.len());
            Diagnostic::warning(
                Code("fleet/other-config"),
                Category::Failed,
                format!("`{org}` was deployed from another config than this one"),
            )
            .at(Place::File(inspection.place.clone()))
            .because(format!(
                "nobody edited what differs ({count} of {}); it is ours, from other settings",
                drift.components.len()
            ))
            .help(
                "run `drift` with the config that this org is deployed from (on the branch that \
                 deploys), or `deploy` this one",
            )
        })
    };
    inspections.iter().filter_map(hint).collect()
}

/// That two names are one org. The first one stands in that config.
pub fn same_org(first: &str, config: &str, second: &str, id: &str) -> Diagnostic {
    Diagnostic::error(
        Code("fleet/same-org"),
        Category::Refused,
        format!("`{first}` and `{second}` are the same org, {id}"),
    )
    .because(format!("`{first}` stands in {config}"))
    .help("keep one of the two; pin `org_id` and a mix-up is found before the org is read")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn every_item_is_in_one_shard() {
        let mut seen: Vec<usize> = Vec::new();
        for index in 1..=3 {
            let shard: Shard = format!("{index}/3").parse().unwrap();
            seen.extend(shard.of((0..10).collect()));
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
        for text in ["0/3", "4/3", "1/0", "1", "a/b", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_that_fits_nothing_is_told() {
        let orgs = names("eu-prod us-prod eu-test");
        assert_eq!(select(&orgs, &[]).unwrap(), orgs);
        assert_eq!(
            select(&orgs, &names("*-prod eu-*")).unwrap(),
            names("eu-prod us-prod eu-test")
        );
        assert_eq!(select(&orgs, &names("us-* ap-*")).unwrap_err(), "ap-*");
    }

    #[tokio::test]
    async fn no_more_than_so_many_run_at_once_and_the_order_is_kept() {
        let (running, most) = (Cell::new(0_u32), Cell::new(0_u32));
        let mut told = 0;
        let results = run(
            (0..20_usize).collect(),
            4,
            |job| {
                let (running, most) = (&running, &most);
                async move {
                    running.set(running.get() + 1);
                    most.set(most.get().max(running.get()));
                    for _ in 0..(20 - job) {
                        tokio::task::yield_now().await;
                    }
                    running.set(running.get() - 1);
                    job
                }
            },
            |_| told += 1,
        )
        .await;
        assert_eq!(results, (0..20).collect::<Vec<_>>());
        assert_eq!((most.get(), told), (4, 20));
    }
}
