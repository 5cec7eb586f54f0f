//! What would change in one org: each difference with what a deploy would do about it.

mod saved;

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::compare::{Change, ChangeKind};
use crate::config::{Auth, Target};
use crate::metadata::{ApiVersion, OrgId};
use crate::sf::{Fault, Identity, OrgKind, Organization, Reader};

pub use saved::{Error as SavedError, Saved};

/// What is known of the org that a plan is for.
#[derive(Debug, Clone, Serialize)]
pub struct OrgFacts {
    /// Its name in the config.
    pub target: String,
    /// Its id.
    pub id: OrgId,
    /// Its name in Setup → Company Information.
    pub name: String,
    /// What kind of org.
    pub kind: OrgKind,
    /// The user that the token belongs to.
    pub username: String,
    /// That user's id.
    #[serde(skip)]
    pub user_id: String,
    /// That user's time zone, `Europe/Berlin`; empty when the org did not say.
    #[serde(skip)]
    pub time_zone: String,
    /// Where its API answers.
    pub instance_url: String,
    /// The newest API version that it is known to speak.
    pub max_api_version: ApiVersion,
    /// When it was made, by its own account; for a sandbox, when it was copied.
    #[serde(skip)]
    pub created: Option<Timestamp>,
    /// Where the built-in org keeps its state; `None` for a real org.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_state: Option<PathBuf>,
}

impl OrgFacts {
    /// Asks the org who and what it is; the three questions go out at the same time.
    ///
    /// # Errors
    /// [`Fault::UnsupportedVersion`] when the org is older than the version that we speak, else the
    /// first question that was not answered.
    pub async fn ask(reader: &Reader, target: &Target) -> Result<Self, Fault> {
        let (identity, versions, organization) =
            tokio::join!(reader.identity(), reader.versions(), reader.organization());
        let wanted = reader.session().api_version;
        let newest = versions.map(|versions| versions.into_iter().max());
        // What is below a version that an org doesn't have is not found.
        if let (Err(Fault::NotFound { .. }), Ok(Some(newest))) = (&organization, &newest)
            && *newest < wanted
        {
            return Err(Fault::UnsupportedVersion {
                text: format!("it speaks {newest} at most, and the config pins {wanted}"),
            });
        }
        Ok(Self::from_answers(
            reader,
            target,
            identity?,
            organization?,
            newest?.unwrap_or(ApiVersion::new(0)),
        ))
    }

    /// The same in one request: an org that answers to the version that we speak has it. The user's
    /// time zone is not asked for.
    ///
    /// # Errors
    /// As [`OrgFacts::ask`].
    pub async fn ask_briefly(reader: &Reader, target: &Target) -> Result<Self, Fault> {
        match reader.who_and_what().await {
            Err(Fault::NotFound { .. } | Fault::UnsupportedVersion { .. } | Fault::Rest { .. }) => {
                Self::ask(reader, target).await
            }
            answers => {
                let (identity, organization) = answers?;
                let version = target.integration.api_version;
                Ok(Self::from_answers(
                    reader,
                    target,
                    identity,
                    organization,
                    version,
                ))
            }
        }
    }

    fn from_answers(
        reader: &Reader,
        target: &Target,
        identity: Identity,
        organization: Organization,
        max_api_version: ApiVersion,
    ) -> Self {
        let local_state = match &target.auth {
            Auth::Emulator { state } => Some(state.clone()),
            _ => None,
        };
        Self {
            target: target.name.clone(),
            id: organization.id,
            name: organization.name,
            kind: organization.kind,
            username: identity.username,
            user_id: identity.user_id,
            time_zone: identity.time_zone,
            instance_url: reader.session().instance_url.to_string(),
            max_api_version,
            created: organization.created,
            local_state,
        }
    }
}

/// What a deploy does about one component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is as it should be.
    Keep,
    /// It is not there yet.
    Create,
    /// Ours, unedited: write the present form.
    Update,
    /// Ours, switched off by somebody: switch it on, only when asked to.
    Activate,
    /// Somebody's work would be lost: only when asked to.
    Overwrite,
    /// No deploy can do it: somebody has to remove or rename something first.
    Blocked,
    /// The org did not show it, so nothing can be decided.
    Undecided,
}

impl Action {
    /// What is to be done about a component that stands like this.
    pub fn for_change(kind: ChangeKind) -> Self {
        match kind {
            // A deploy takes nothing away; `uninstall` does.
            ChangeKind::Same | ChangeKind::Leftover => Self::Keep,
            ChangeKind::Missing => Self::Create,
            ChangeKind::Changed | ChangeKind::Older => Self::Update,
            ChangeKind::Inactive => Self::Activate,
            ChangeKind::EditedByHand | ChangeKind::PerhapsEdited | ChangeKind::Foreign => {
                Self::Overwrite
            }
            ChangeKind::Incompatible => Self::Blocked,
            ChangeKind::Unreadable => Self::Undecided,
        }
    }
}

/// One component of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What a deploy does about it.
    pub action: Action,
    /// How it stands.
    #[serde(flatten)]
    pub change: Change,
}

/// What would change in one org.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The org.
    pub org: OrgFacts,
    /// SHA-256 of the package's zip.
    pub package_digest: String,
    /// Every component of the package.
    pub steps: Vec<Step>,
}

impl Plan {
    /// The plan for these differences.
    pub fn new(org: OrgFacts, package_digest: String, changes: Vec<Change>) -> Self {
        let steps = changes
            .into_iter()
            .map(|change| Step {
                action: Action::for_change(change.kind),
                change,
            })
            .collect();
        Self {
            org,
            package_digest,
            steps,
        }
    }

    /// Whether the org is as it should be, every component shown and equal.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.action == Action::Keep)
    }

    /// Whether something could not be read.
    pub fn is_undecided(&self) -> bool {
        self.with(Action::Undecided).next().is_some()
    }

    /// The steps with that action, in the package's order.
    pub fn with(&self, action: Action) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.action == action)
    }

    /// The components that would be overwritten although somebody else's work is in them, or switched on
    /// although somebody switched them off.
    pub fn needs_consent(&self) -> impl Iterator<Item = &Step> {
        let steps = self.steps.iter();
        steps.filter(|step| matches!(step.action, Action::Overwrite | Action::Activate))
    }
}
