//! What is ours leaves an org: by deletions, all or nothing per package, and then it is read again
//! whether anything is left.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::{ChangeKind, Live, LiveState, Modified};
use crate::config::Target;
use crate::deploy::removal::{Removal, Tools};
use crate::deploy::{self, Error, Surroundings};
use crate::dispatch::{Content, Request};
use crate::guard::Touched;
use crate::journal::{Ledger, Purpose};
use crate::metadata::{Component, ComponentId, MetadataType};
use crate::package::{Package, Rollout, Stage};
use crate::plan::{OrgFacts, Plan};
use crate::sf::Reader;
use crate::sf::wire::DeployResult;

/// A component that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Which.
    pub component: ComponentId,
    /// Who changed it last, where the org said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<Modified>,
}

/// How removing ended.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The org.
    pub org: OrgFacts,
    /// What was to be removed.
    pub ours: Vec<ComponentId>,
    /// Of the same names, and not ours.
    pub foreign: Vec<Kept>,
    /// Where the backup lies.
    pub backup: Option<String>,
    /// The org's results, package by package, in their order; after a failure the rest is not tried.
    pub deploys: Vec<DeployResult>,
    /// The result of switching our triggers off, tried when the org refused to delete them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deactivation: Option<DeployResult>,
    /// What is still there, read from the org at the end.
    pub left: Vec<ComponentId>,
    /// What could not be read at the end.
    pub unknown: Vec<ComponentId>,
}

impl Outcome {
    /// Nothing speaks against the last deletion but Apex tests, which the org runs with it.
    pub fn is_stopped_by_tests(&self) -> bool {
        let Some(result) = self.deploys.last().filter(|result| !result.success) else {
            return false;
        };
        let details = &result.details;
        let tests = details.run_test_result.as_ref();
        let failed = tests
            .is_some_and(|run| !run.failures.is_empty() || !run.code_coverage_warnings.is_empty());
        failed && details.component_failures.is_empty() && result.error_message.is_none()
    }

    /// Nothing of ours is in the org, and that was seen.
    pub fn is_clean(&self) -> bool {
        self.left.is_empty() && self.unknown.is_empty()
    }
}

/// Removes what is ours from an org. What has our names and not our marker stays.
///
/// # Errors
/// As [`deploy::deploy`]; a deletion that the org refused is an [`Outcome`].
pub async fn uninstall(
    reader: &Reader,
    target: &Target,
    rollout: &Rollout,
    options: &deploy::Options,
    ledger: &Ledger,
    surroundings: &mut dyn Surroundings,
) -> Result<Outcome, Error> {
    let whole = &rollout.whole();
    let tools = Tools {
        reader,
        target,
        whole,
        ledger,
        wait: options.wait,
    };
    let removal = Removal::survey(tools, surroundings).await?;
    let mut outcome = outcome(&removal.plan);
    if outcome.ours.is_empty() {
        outcome.unknown = with_kind(&removal.plan, ChangeKind::Unreadable);
        return Ok(outcome);
    }
    let touched = Touched {
        removed: &outcome.ours,
        restored: &[],
        values: &removal.values(&outcome.ours).await,
    };
    let writer = removal.authorize(touched, surroundings)?;
    removal.wait_for_jobs(&outcome.ours, surroundings).await?;
    let (mut dispatcher, backup) = removal.begin(Purpose::Uninstall, &writer, surroundings)?;
    outcome.backup = backup;
    // What came last needs what came before it.
    for stage in rollout.stages().iter().rev() {
        let ours: Vec<ComponentId> = stage
            .package
            .components
            .keys()
            .filter(|id| outcome.ours.contains(id))
            .cloned()
            .collect();
        if ours.is_empty() {
            continue;
        }
        let request = deletion(stage, &ours, options)?;
        let result = deploy::carry_out(&mut dispatcher, &request, surroundings).await?;
        let success = result.success;
        outcome.deploys.push(result);
        if !success {
            // Switching off is a deploy too, and would meet the same tests.
            if !outcome.is_stopped_by_tests()
                && let Some(request) = deactivation(whole, &removal.live, &outcome.ours, options)?
            {
                let result = deploy::carry_out(&mut dispatcher, &request, surroundings).await?;
                outcome.deactivation = Some(result);
            }
            break;
        }
    }
    let read = reader
        .live(&whole.manifest(), reader.reading(options.wait))
        .await
        .map_err(|fault| Error::after_the_end(fault, outcome.deploys.last()))?;
    for id in &outcome.ours {
        match read.components.get(id) {
            Some(LiveState::Absent) => {}
            Some(LiveState::Present { .. }) => outcome.left.push(id.clone()),
            Some(LiveState::Unreadable { .. }) | None => outcome.unknown.push(id.clone()),
        }
    }
    dispatcher.finish(&mut |_| {});
    Ok(outcome)
}

fn outcome(plan: &Plan) -> Outcome {
    let foreign = plan
        .steps
        .iter()
        .filter(|step| is_foreign(step.change.kind));
    Outcome {
        org: plan.org.clone(),
        ours: plan
            .steps
            .iter()
            .filter(|step| is_ours(step.change.kind))
            .map(|step| step.change.component.clone())
            .collect(),
        foreign: foreign
            .map(|step| Kept {
                component: step.change.component.clone(),
                modified: step.change.modified.clone(),
            })
            .collect(),
        backup: None,
        deploys: Vec::new(),
        deactivation: None,
        left: Vec::new(),
        unknown: Vec::new(),
    }
}

fn is_ours(kind: ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::Same
            | ChangeKind::Changed
            | ChangeKind::Older
            | ChangeKind::Inactive
            | ChangeKind::EditedByHand
            | ChangeKind::PerhapsEdited
    )
}

fn is_foreign(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::Foreign | ChangeKind::Incompatible)
}

fn with_kind(plan: &Plan, kind: ChangeKind) -> Vec<ComponentId> {
    let steps = plan.steps.iter().filter(|step| step.change.kind == kind);
    steps.map(|step| step.change.component.clone()).collect()
}

/// Whether others of ours refer to components of this type, so that it goes after them. Both parts
/// go in one deploy: `destructiveChangesPre.xml`, then `destructiveChangesPost.xml`.
fn is_referred_to(kind: MetadataType) -> bool {
    matches!(
        kind,
        MetadataType::CustomObject
            | MetadataType::CustomField
            | MetadataType::CustomPermission
            | MetadataType::ExternalCredential
            | MetadataType::ExternalClientApplication
    )
}

fn deletion(
    stage: &Stage,
    ours: &[ComponentId],
    options: &deploy::Options,
) -> Result<Request, Error> {
    let (after, before): (Vec<_>, Vec<_>) =
        ours.iter().cloned().partition(|id| is_referred_to(id.kind));
    let empty = Package {
        components: BTreeMap::new(),
        ..stage.package.clone()
    };
    Ok(Request {
        package: stage.name.clone(),
        digest: empty.digest_deleting(&before, &after)?,
        content: Content::Zip(empty.zip_deleting(&before, &after)?),
        // Our own tests go with the rest.
        options: deploy::given_tests(&options.tests),
        components: ours.iter().map(ToString::to_string).collect(),
    })
}

/// Our triggers as they are, switched off; `None` when there are none.
fn deactivation(
    whole: &Package,
    live: &Live,
    ours: &[ComponentId],
    options: &deploy::Options,
) -> Result<Option<Request>, Error> {
    let triggers: BTreeMap<_, _> = ours
        .iter()
        .filter(|id| id.kind == MetadataType::ApexTrigger)
        .filter_map(|id| match live.components.get(id) {
            Some(LiveState::Present { component, .. }) => {
                Some((id.clone(), switched_off(component)))
            }
            _ => None,
        })
        .collect();
    if triggers.is_empty() {
        return Ok(None);
    }
    let package = Package {
        api_version: whole.api_version,
        components: triggers,
        secrets: Vec::new(),
    };
    Ok(Some(Request {
        package: "deactivation".to_owned(),
        digest: package.digest()?,
        content: Content::Zip(package.zip()?),
        options: deploy::given_tests(&options.tests),
        components: package.components.keys().map(ToString::to_string).collect(),
    }))
}

fn switched_off(trigger: &Component) -> Component {
    let (on, off) = ("<status>Active</status>", "<status>Inactive</status>");
    Component {
        xml: trigger.xml.replace(on, off),
        ..trigger.clone()
    }
}
