//! Back to what an org held before a deploy: what was replaced is put back from the backup, what was
//! new is removed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use crate::compare::LiveState;
use crate::config::Target;
use crate::deploy::removal::{Removal, Tools};
use crate::deploy::{self, Error, Surroundings, Tests};
use crate::dispatch::{Content, Request};
use crate::guard::Touched;
use crate::journal::{Ledger, Purpose, Run};
use crate::metadata::{Component, ComponentId};
use crate::package::{self, Package};
use crate::plan::OrgFacts;
use crate::sf::wire::DeployResult;
use crate::sf::{DeployId, Reader};

/// How a rollback ended.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The org.
    pub org: OrgFacts,
    /// The deploys that were undone.
    pub undone: Vec<DeployId>,
    /// What was put back.
    pub restored: Vec<ComponentId>,
    /// What was removed, because it was new.
    pub removed: Vec<ComponentId>,
    /// What stays as it is: the backup holds no secrets, so it can't be put back whole.
    pub without_secret: Vec<ComponentId>,
    /// The org's result; `None` when there was nothing to undo.
    pub deploy: Option<DeployResult>,
    /// Where what was there before the rollback is saved.
    pub backup: Option<String>,
    /// What does not stand as before the deploy, read from the org at the end.
    pub wrong: Vec<ComponentId>,
}

impl Outcome {
    /// Whether the org took the rollback, and was seen to hold what it held before.
    pub fn is_done(&self) -> bool {
        let taken = self.deploy.as_ref().is_none_or(|result| result.success);
        taken && self.wrong.is_empty()
    }
}

/// An org in which something is to be undone: what came before is settled, and the org is read.
pub struct Undoing<'a>(Removal<'a>);

impl<'a> Undoing<'a> {
    /// Settles what earlier runs left open, and reads the org. `whole` is all that is ours.
    ///
    /// # Errors
    /// As [`deploy::deploy`]; nothing was sent.
    pub async fn begin(
        reader: &'a Reader,
        target: &'a Target,
        whole: &'a Package,
        ledger: &'a Ledger,
        wait: Duration,
        surroundings: &mut dyn Surroundings,
    ) -> Result<Self, Error> {
        let tools = Tools {
            reader,
            target,
            whole,
            ledger,
            wait,
        };
        Ok(Self(Removal::survey(tools, surroundings).await?))
    }

    /// The runs of this machine on the org, oldest first. How their deploys ended is known now, also
    /// where a run was killed before it could write that down.
    pub fn runs(&self) -> &[Run] {
        &self.0.past.runs
    }

    /// Undoes a run's deploys. `replaced` is its backup. What stands as before already is left
    /// alone, so that undoing twice changes nothing.
    ///
    /// # Errors
    /// As [`deploy::deploy`]; a rollback that the org refused is an [`Outcome`].
    pub async fn undo(
        &self,
        run: &Run,
        replaced: Vec<Component>,
        tests: &Tests,
        surroundings: &mut dyn Surroundings,
    ) -> Result<Outcome, Error> {
        let removal = &self.0;
        let Tools {
            reader,
            whole,
            wait,
            ..
        } = removal.tools;
        let brought: BTreeSet<&String> = run
            .deploys
            .iter()
            .filter(|deploy| deploy.has_changed_the_org())
            .flat_map(|deploy| &deploy.sent.components)
            .collect();
        let (back, without_secret): (Vec<Component>, Vec<Component>) = replaced
            .into_iter()
            .filter(|component| brought.contains(&component.id.to_string()))
            .partition(package::is_whole);
        let kept: BTreeSet<ComponentId> = without_secret.into_iter().map(|lost| lost.id).collect();
        let back: BTreeMap<ComponentId, Component> = back
            .into_iter()
            .map(|component| (component.id.clone(), component))
            .collect();
        let as_before = |component: &Component| {
            let live = removal.live.components.get(&component.id);
            matches!(live, Some(LiveState::Present { component: live, .. })
                if package::without_secrets(live) == *component)
        };
        let new: Vec<ComponentId> = whole
            .components
            .keys()
            .filter(|id| brought.contains(&id.to_string()))
            .filter(|id| !back.contains_key(id) && !kept.contains(id))
            .filter(|id| {
                matches!(
                    removal.live.components.get(id),
                    Some(LiveState::Present { .. })
                )
            })
            .cloned()
            .collect();
        let mut outcome = Outcome {
            org: removal.plan.org.clone(),
            undone: run
                .deploys
                .iter()
                .filter(|deploy| !deploy.sent.check_only)
                .map(|deploy| deploy.id.clone())
                .collect(),
            restored: Vec::new(),
            removed: new,
            without_secret: kept.into_iter().collect(),
            deploy: None,
            backup: None,
            wrong: Vec::new(),
        };
        let back: BTreeMap<ComponentId, Component> = back
            .into_iter()
            .filter(|(_, component)| !as_before(component))
            .collect();
        outcome.restored = back.keys().cloned().collect();
        if outcome.restored.is_empty() && outcome.removed.is_empty() {
            return Ok(outcome);
        }
        let touched = Touched {
            removed: &outcome.removed,
            restored: &outcome.restored,
            values: &removal.values(&outcome.removed).await,
        };
        let writer = removal.authorize(touched, surroundings)?;
        removal
            .wait_for_jobs(&outcome.removed, surroundings)
            .await?;
        let touched: Vec<ComponentId> = touched.all().cloned().collect();
        let (mut dispatcher, backup) = removal.begin(Purpose::Rollback, &writer, surroundings)?;
        outcome.backup = backup;
        let before = Package {
            api_version: whole.api_version,
            components: back,
            secrets: Vec::new(),
        };
        let request = Request {
            package: "rollback".to_owned(),
            digest: before.digest_deleting(&[], &outcome.removed)?,
            content: Content::Zip(before.zip_deleting(&[], &outcome.removed)?),
            options: deploy::given_tests(tests),
            components: touched.iter().map(ToString::to_string).collect(),
        };
        let result = deploy::carry_out(&mut dispatcher, &request, surroundings).await?;
        let success = result.success;
        outcome.deploy = Some(result);
        if success {
            let read = reader.live(&whole.manifest(), reader.polling(wait)).await;
            let read =
                read.map_err(|fault| Error::after_the_end(fault, outcome.deploy.as_ref()))?;
            let stands = |id: &ComponentId| match read.components.get(id) {
                Some(LiveState::Absent) => outcome.removed.contains(id),
                Some(LiveState::Present { component, .. }) => before
                    .components
                    .get(id)
                    .is_some_and(|wanted| package::without_secrets(component) == *wanted),
                Some(LiveState::Unreadable { .. }) | None => false,
            };
            outcome.wrong = touched.iter().filter(|id| !stands(id)).cloned().collect();
        }
        dispatcher.finish(&mut |_| {});
        Ok(outcome)
    }
}
