//! One org read and held against its package: what `plan` and `drift` show, and what a deploy
//! starts from.

pub mod adopt;
mod cause;
mod finding;
mod ignore;
mod leftover;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::civil::Date;

use crate::compare::{Live, LiveState, compare};
use crate::config::{IgnoreRule, Target};
use crate::guard::{self, Refusal};
use crate::package::{self, Manifest, Package};
use crate::plan::{OrgFacts, Plan};
use crate::sf::{Fault, Reader};

pub use cause::{Cause, CauseKind};
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

/// Reads the org, waiting at most that long, and compares. `package` is resolved. Nothing of the integration is read from an
/// org that is not the pinned one.
///
/// # Errors
/// See [`Error`].
pub async fn survey(
    reader: &Reader,
    target: &Target,
    package: &Package,
    wait: Duration,
) -> Result<Survey, Error> {
    reader.begin_reading();
    let org = OrgFacts::ask_briefly(reader, target).await?;
    let refusals = guard::check_org(target, &org);
    if !refusals.is_empty() {
        return Err(Error::Refused(refusals));
    }
    compare_with(reader, org, package, wait).await
}

/// The same for an org that has said who it is and may be read.
///
/// # Errors
/// See [`Error`].
pub async fn compare_with(
    reader: &Reader,
    org: OrgFacts,
    package: &Package,
    wait: Duration,
) -> Result<Survey, Error> {
    let live = reader
        .live(&package.manifest(), reader.polling(wait))
        .await?;
    let plan = Plan::new(org, package.digest()?, compare(package, &live));
    Ok(Survey { plan, live })
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
    } = expected;
    let org = OrgFacts::ask_briefly(reader, target).await?;
    let refusals = guard::check_org(target, &org);
    if !refusals.is_empty() {
        return Err(Error::Refused(refusals));
    }
    reader.spare_last_requests()?;
    let asked = leftover::widened(package);
    let live = read(reader, package, &asked, wait).await?;
    let mut changes = compare(package, &live);
    changes.extend(leftover::leftovers(package, &asked, &live));
    let excused = ignore::apply(rules, today, changes.clone());
    // One request more, and only where it tells something: a refusal leaves a guess.
    let left = excused.changes.iter();
    let left = left.filter_map(|(change, _, is_excused)| (!is_excused).then_some(change));
    let deploys = match cause::needs_history(&org, left, &changes) {
        true => reader.deploy_requests().await.ok(),
        false => None,
    };
    let history = deploys.as_deref().map(|deploys| cause::History {
        deploys,
        now: reader.clock().wall(),
    });
    let causes = cause::causes(&org, &changes, history.as_ref());
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
    let told = reader.live(asked, reader.polling(wait)).await;
    let reason = match told {
        Err(fault @ (Fault::RetrieveFailed { .. } | Fault::Soap { .. })) => fault.to_string(),
        told => return told,
    };
    let alone = package.manifest();
    let mut live = reader.live(&alone, reader.polling(wait)).await?;
    for id in &asked.members {
        let not_shown = || LiveState::Unreadable {
            reason: reason.clone(),
        };
        live.components.entry(id.clone()).or_insert_with(not_shown);
    }
    Ok(live)
}
