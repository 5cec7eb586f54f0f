//! One org read and held against its package: what `plan` and `drift` show, and what a deploy
//! starts from.

pub mod adopt;
mod finding;
mod ignore;
mod leftover;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{self, Either};
use jiff::civil::Date;

use crate::compare::{Live, LiveState, compare};
use crate::config::{IgnoreRule, Target};
use crate::guard::{self, Refusal};
use crate::journal;
use crate::package::{self, Manifest, Package};
use crate::plan::{OrgFacts, Plan};
use crate::provenance::{self, History, Listed};
use crate::sf::{Fault, Reader};

pub use finding::{Drift, Finding, Ignored, StaleRule};

/// Why an org could not be held against its package.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not the org that was meant, or one that cannot take the package.
    #[error("refused")]
    Refused(Vec<Refusal>),
    /// The org did not answer as it should.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The package cannot be written.
    #[error(transparent)]
    Package(#[from] package::Error),
}

/// An org as it was read, and what that means.
#[derive(Debug)]
pub struct Survey {
    /// What would change.
    pub plan: Plan,
    /// What the org holds.
    pub live: Live,
}

impl Survey {
    /// What would change in an org that holds this. What no marker covers is judged by the deploys
    /// that are remembered.
    ///
    /// # Errors
    /// When the package cannot be written.
    pub fn new(
        org: OrgFacts,
        package: &Package,
        live: Live,
        history: &History,
    ) -> Result<Self, package::Error> {
        let mut changes = compare(package, &live);
        provenance::judge(&org, &mut changes, history);
        let plan = Plan::new(org, package.digest()?, changes);
        Ok(Self { plan, live })
    }
}

/// Reads the org, waiting at most that long, and compares. `package` is resolved. The org is read while
/// it says who it is: one that is not the pinned one is compared with nothing. `journals` is the folder
/// where this machine keeps those of the org.
///
/// # Errors
/// See [`Error`].
pub async fn survey(
    reader: &Reader,
    target: &Target,
    package: &Package,
    journals: Option<&Path>,
    wait: Duration,
) -> Result<Survey, Error> {
    reader.begin_reading();
    let manifest = package.manifest();
    let greeting = pin!(greet(reader, target));
    let reading = pin!(reader.live(&manifest, reader.polling(wait)));
    // Why it is not the org is said before why it could not be read.
    let (org, live) = match future::select(greeting, reading).await {
        Either::Left((org, reading)) => (org?, reading.await?),
        Either::Right((live, greeting)) => (greeting.await?, live?),
    };
    let is_asked = provenance::in_question(&org, &compare(package, &live));
    let history = remember(reader, is_asked, journals).await;
    Ok(Survey::new(org, package, live, &history)?)
}

/// Who the org is, unless it is not the one that is meant.
///
/// # Errors
/// See [`Error`].
pub(crate) async fn greet(reader: &Reader, target: &Target) -> Result<OrgFacts, Error> {
    let org = OrgFacts::ask_briefly(reader, target).await?;
    let refusals = guard::check_org(target, &org);
    if refusals.is_empty() {
        Ok(org)
    } else {
        Err(Error::Refused(refusals))
    }
}

/// The deploys that the org and this machine remember. One request, where it tells something.
async fn remember(reader: &Reader, is_asked: bool, journals: Option<&Path>) -> History {
    let (deploys, runs) = if is_asked {
        let runs = journals.and_then(|folder| journal::runs(folder).ok());
        (
            reader.deploy_requests().await.into(),
            runs.unwrap_or_default(),
        )
    } else {
        (Listed::NotAsked, Vec::new())
    };
    History {
        deploys,
        runs,
        now: reader.clock().wall(),
    }
}

/// What [`inspect`] holds an org against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The org that is meant.
    pub target: &'a Target,
    /// What belongs into it, resolved.
    pub package: &'a Package,
    /// The differences that are meant to be.
    pub rules: &'a [IgnoreRule],
    /// The day on which it is asked, for rules that end.
    pub today: Date,
    /// Where this machine keeps the journals of the org.
    pub journals: Option<&'a Path>,
}

/// Reads the org and says how it stands: what differs, why, what is excused, and what an older config
/// left behind.
///
/// Who and what the org is takes one request, and its components one retrieve: starting it, and one or
/// two looks at it unless the org is slow. Other doors would take more requests and tell less. The Tooling
/// API gives `Metadata` for one row of a query only, and a `/composite` has room for five queries;
/// `readMetadata` takes one type and ten names at a time, and no Apex; the settings of an External Client
/// App can only be retrieved. A retrieve has all of it in one zip, with who changed what when, and it
/// alone says of a member that it is not there. One request more lists the org's deploys, when something
/// differs of which that list can tell more.
///
/// # Errors
/// See [`Error`].
pub async fn inspect(
    reader: &Reader,
    expected: Expected<'_>,
    wait: Duration,
) -> Result<Drift, Error> {
    Ok(look(reader, expected, wait).await?.drift)
}

/// How an org stands, and what it holds.
#[derive(Debug)]
pub struct Look {
    /// How it stands.
    pub drift: Drift,
    /// What it was asked for: the package, and what an older config could have left.
    pub asked: Manifest,
    /// What it holds.
    pub live: Live,
}

/// As [`inspect`], with what the org holds.
///
/// # Errors
/// See [`Error`].
pub async fn look(reader: &Reader, expected: Expected<'_>, wait: Duration) -> Result<Look, Error> {
    let Expected {
        target,
        package,
        rules,
        today,
        journals,
    } = expected;
    // By its first answer an org says how many requests it has left, so nothing goes out beside it.
    let org = greet(reader, target).await?;
    reader.spare_last_requests()?;
    let asked = leftover::widened(package);
    let live = read(reader, package, &asked, wait).await?;
    let mut changes = compare(package, &live);
    changes.extend(leftover::leftovers(package, &asked, &live));
    let mut excused = ignore::apply(rules, today, changes.clone());
    let left = excused.changes.iter();
    let left = left.filter_map(|(change, _, is_excused)| (!is_excused).then_some(change));
    // Where the org does not list its deploys, a guess is left.
    let is_asked = provenance::needs_history(&org, left, &changes);
    let history = remember(reader, is_asked, journals).await;
    let causes = provenance::causes(&org, &changes, &history);
    provenance::judge(&org, &mut changes, &history);
    for ((change, _, is_excused), judged) in excused.changes.iter_mut().zip(changes) {
        // Of what is excused the org was not asked.
        if !*is_excused {
            (change.kind, change.note) = (judged.kind, judged.note);
        }
    }
    Ok(Look {
        drift: Drift::new(org, excused, causes),
        asked,
        live,
    })
}

/// What the org holds. When it refuses the question with what an older config could have left, it is
/// asked for the package alone, and the rest counts as not shown.
async fn read(
    reader: &Reader,
    package: &Package,
    asked: &Manifest,
    wait: Duration,
) -> Result<Live, Fault> {
    let polling = reader.polling(wait).sparing();
    let told = reader.live(asked, polling).await;
    let reason = match told {
        Err(fault @ (Fault::RetrieveFailed { .. } | Fault::Soap { .. })) => fault.to_string(),
        told => return told,
    };
    let alone = package.manifest();
    let mut live = reader.live(&alone, polling).await?;
    for id in &asked.members {
        let not_shown = || LiveState::Unreadable {
            reason: reason.clone(),
        };
        live.components.entry(id.clone()).or_insert_with(not_shown);
    }
    Ok(live)
}
