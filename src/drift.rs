//! One org read and held against its package: what `plan` and `drift` show, and what a deploy
//! starts from.

use std::time::Duration;

use serde::Serialize;

use crate::compare::{Change, ChangeKind, Live, compare};
use crate::config::Target;
use crate::guard::{self, Refusal};
use crate::package::{self, Package};
use crate::plan::{OrgFacts, Plan};
use crate::sf::{Fault, Reader};

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
    let org = OrgFacts::ask(reader, target).await?;
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

/// How an org stands to its package.
#[derive(Debug, Clone, Serialize)]
pub struct Drift {
    /// The org.
    pub org: OrgFacts,
    /// Every component of the package.
    pub components: Vec<Change>,
}

impl Drift {
    /// Everything was read and is equal.
    pub fn is_clean(&self) -> bool {
        self.components
            .iter()
            .all(|change| change.kind == ChangeKind::Same)
    }

    /// Something could not be read, so "clean" can't be said.
    pub fn is_undetermined(&self) -> bool {
        self.components
            .iter()
            .any(|change| change.kind == ChangeKind::Unreadable)
    }
}

impl From<Survey> for Drift {
    fn from(survey: Survey) -> Self {
        let components = survey
            .plan
            .steps
            .into_iter()
            .map(|step| step.change)
            .collect();
        Self {
            org: survey.plan.org,
            components,
        }
    }
}
