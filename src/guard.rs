//! May a plan be carried out? Pure decisions over facts, and the only way to a [`Writer`].

mod refusal;
mod rename;

use std::collections::BTreeSet;

use crate::compare::{Change, ChangeKind};
use crate::config::Target;
use crate::journal::Run;
use crate::metadata::{ComponentId, MetadataType};
use crate::package::Stage;
use crate::plan::{Action, OrgFacts, Plan};
use crate::sf::{DeployId, OrgKind, Reader, TraceWriter, Writer};

pub use refusal::{Fate, Refusal};
pub use rename::Rename;

/// What the person in front of the tool agreed to.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Components that may be overwritten although somebody edited or wrote them.
    pub overwrite: BTreeSet<ComponentId>,
    /// Whether changing a production org was confirmed for this run.
    pub production: bool,
    /// Whether taking components out of the org was confirmed for this run.
    pub removal: bool,
}

/// Everything that speaks against reading and comparing this org at all: a wrong org, a version it
/// does not speak. Checked before anything is read.
pub fn check_org(target: &Target, org: &OrgFacts) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if let Some(pinned) = &target.org_id
        && *pinned != org.id
    {
        refusals.push(Refusal::WrongOrg {
            pinned: pinned.clone(),
            actual: org.id.clone(),
            is_sandbox: matches!(org.kind, OrgKind::Sandbox | OrgKind::Scratch),
            created: org.created,
        });
    }
    if org.max_api_version < target.integration.api_version {
        refusals.push(Refusal::ApiVersion {
            wanted: target.integration.api_version,
            max: org.max_api_version,
        });
    }
    refusals
}

/// Everything that speaks against carrying the plan out, all at once.
pub fn check(plan: &Plan, target: &Target, consent: &Consent) -> Vec<Refusal> {
    let mut refusals = check_org(target, &plan.org);
    if plan.org.kind == OrgKind::Production && !target.production {
        refusals.push(Refusal::ProductionNotDeclared);
    } else if target.production && !consent.production {
        refusals.push(Refusal::ProductionNotConfirmed);
    }
    for step in &plan.steps {
        let component = &step.change.component;
        match step.action {
            Action::Blocked => refusals.push(Refusal::Incompatible {
                component: component.clone(),
                note: step.change.note.clone(),
            }),
            Action::Undecided => refusals.push(Refusal::Unreadable {
                component: component.clone(),
                reason: step.change.note.clone().unwrap_or_default(),
            }),
            Action::Overwrite if !consent.overwrite.contains(component) => {
                refusals.push(overwrite_refusal(&step.change, target));
            }
            Action::Activate if !consent.overwrite.contains(component) => {
                refusals.push(Refusal::SwitchedOff {
                    component: component.clone(),
                    who: last_change(&step.change),
                });
            }
            _ => {}
        }
    }
    refusals
}

fn overwrite_refusal(change: &Change, target: &Target) -> Refusal {
    let component = change.component.clone();
    if change.kind == ChangeKind::Foreign {
        let rename = Rename::of(&component, target);
        Refusal::Foreign {
            handler: handler_for(&component, rename.as_ref(), target),
            rename: rename.map(Box::new),
            component,
            note: change.note.clone(),
        }
    } else {
        let who = last_change(change);
        let is_doubtful = change.kind == ChangeKind::PerhapsEdited;
        Refusal::EditedByHand {
            component,
            who,
            doubt: change.note.clone().filter(|_| is_doubtful),
            fate: Fate::Replaced,
        }
    }
}

/// `Dana Admin on 2026-11-20T10:00:00Z`.
fn last_change(change: &Change) -> Option<String> {
    let last = change.modified.as_ref()?;
    Some(format!("{} on {}", last.by, last.at))
}

/// The class that a trigger of the org's own can call in place of ours, if this is the one on Case.
fn handler_for(
    component: &ComponentId,
    rename: Option<&Rename>,
    target: &Target,
) -> Option<String> {
    let is_on_case = component.kind == MetadataType::ApexTrigger
        && rename.is_some_and(|rename| rename.shipped == "CaseTrigger");
    let handler = "OpenSalesforceCaseManagement";
    let names = &target.integration.names;
    is_on_case.then(|| {
        names
            .get(handler)
            .map_or(handler, String::as_str)
            .to_owned()
    })
}

/// The only maker of a [`Writer`]: hands one out when nothing speaks against the plan.
///
/// # Errors
/// Every refusal, when there is at least one.
pub fn authorize(
    plan: &Plan,
    target: &Target,
    consent: &Consent,
    reader: &Reader,
) -> Result<Writer, Vec<Refusal>> {
    let refusals = check(plan, target, consent);
    if refusals.is_empty() {
        Ok(Writer::open(reader.clone()))
    } else {
        Err(refusals)
    }
}

/// What taking components out of an org, or putting others in their place, does to it.
#[derive(Debug, Clone, Copy)]
pub struct Touched<'a> {
    /// What goes.
    pub removed: &'a [ComponentId],
    /// What is put back as it was.
    pub restored: &'a [ComponentId],
    /// Of the fields that go: what goes with them. No backup holds it.
    pub values: &'a [FieldValues],
}

/// What records hold in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValues {
    /// The field.
    pub field: ComponentId,
    /// The records that have a value in it; `None` where the org did not say.
    pub records: Option<u64>,
}

impl Touched<'_> {
    /// All of it, what is put back first.
    pub fn all(&self) -> impl Iterator<Item = &ComponentId> {
        self.restored.iter().chain(self.removed)
    }
}

/// A writer for taking components out of an org or putting others in their place. What is not touched is
/// no reason against it: what has our names and is not ours, and edits of something else. With what goes
/// nothing is lost that somebody only switched off.
///
/// # Errors
/// Every refusal, when there is at least one.
pub fn authorize_removal(
    plan: &Plan,
    target: &Target,
    consent: &Consent,
    touched: Touched<'_>,
    reader: &Reader,
) -> Result<Writer, Vec<Refusal>> {
    let mut refusals = check(plan, target, consent);
    refusals.retain_mut(|refusal| match refusal {
        Refusal::Foreign { .. } | Refusal::Incompatible { .. } => false,
        Refusal::EditedByHand {
            component, fate, ..
        } => {
            *fate = match touched.restored.contains(component) {
                true => Fate::PutBack,
                false => Fate::Removed,
            };
            touched.all().any(|id| id == component)
        }
        Refusal::SwitchedOff { component, .. } => touched.restored.contains(component),
        _ => true,
    });
    if !consent.removal {
        // One answer confirms both.
        refusals.retain(|refusal| *refusal != Refusal::ProductionNotConfirmed);
        refusals.push(Refusal::RemovalNotConfirmed);
    }
    if refusals.is_empty() {
        Ok(Writer::open(reader.clone()))
    } else {
        Err(refusals)
    }
}

/// A writer that a person who interrupts a deploy can cancel it with. The org was checked before
/// there was a deploy.
pub fn canceler(reader: &Reader) -> Writer {
    Writer::open(reader.clone())
}

/// A writer for canceling: it stops what is under way and changes nothing else.
///
/// # Errors
/// Every reason why this org is not the one that is meant.
pub fn authorize_cancel(
    target: &Target,
    org: &OrgFacts,
    reader: &Reader,
) -> Result<Writer, Vec<Refusal>> {
    let refusals = check_org(target, org);
    if refusals.is_empty() {
        Ok(Writer::open(reader.clone()))
    } else {
        Err(refusals)
    }
}

/// What sets trace flags: it changes what an org logs for a while, and nothing else.
///
/// # Errors
/// Every reason why this org is not the one that is meant.
pub fn authorize_trace(
    target: &Target,
    org: &OrgFacts,
    reader: &Reader,
) -> Result<TraceWriter, Vec<Refusal>> {
    let refusals = check_org(target, org);
    if refusals.is_empty() {
        Ok(TraceWriter::open(reader.clone()))
    } else {
        Err(refusals)
    }
}

/// For how long a validation can be made real (Metadata API guide, `deployRecentValidation()`).
const VALIDATION_DAYS: i64 = 10;

/// The validation that a quick deploy of these packages makes real: the newest one of exactly this
/// content that succeeded and ran tests. It counts for ten days, and until the org takes a deploy
/// (Salesforce Help, "Quick Deployments").
///
/// # Errors
/// [`Refusal::NoValidation`] with the reason.
pub fn validation(
    runs: &[Run],
    stages: &[Stage],
    now: jiff::Timestamp,
) -> Result<DeployId, Vec<Refusal>> {
    let refuse = |reason| Err(vec![Refusal::NoValidation { reason }]);
    let [stage] = stages else {
        return refuse("it consists of several that must go one after the other");
    };
    let Ok(digest) = stage.package.digest() else {
        return refuse("it can't be written");
    };
    let mut deploys = runs.iter().rev().flat_map(|run| run.deploys.iter().rev());
    let mut changed_since = false;
    let found = deploys.find(|deploy| {
        changed_since |= deploy.has_changed_the_org();
        deploy.sent.check_only
    });
    let Some(found) = found else {
        return refuse("none was validated from this folder");
    };
    if found.sent.digest != digest {
        return refuse("what was validated last was another content");
    }
    match found.success {
        Some((true, _)) if !found.sent.runs_tests => refuse("its validation ran no tests"),
        Some((true, at)) if now.as_second() - at.as_second() >= VALIDATION_DAYS * 86_400 => {
            refuse("its validation is older than ten days")
        }
        Some((true, _)) if changed_since => {
            refuse("the org has taken a deploy since it was validated, be it this very one")
        }
        Some((true, _)) => Ok(found.id.clone()),
        _ => refuse("its validation did not succeed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(component: &str, rename: Option<(&str, &str)>, handler: Option<&str>) -> String {
        let refusal = Refusal::Foreign {
            component: component.parse().unwrap(),
            note: None,
            rename: rename.map(|(shipped, to)| {
                Box::new(Rename {
                    shipped: shipped.to_owned(),
                    to: to.to_owned(),
                })
            }),
            handler: handler.map(str::to_owned),
        };
        refusal.to_diagnostic("dev").help.unwrap()
    }

    #[test]
    fn every_way_out_of_a_taken_name_can_be_walked() {
        assert_eq!(
            help("CustomField:Case.Case_From__c", None, None),
            "if the one in the org may be replaced, run again with `--overwrite \
             CustomField:Case.Case_From__c`"
        );
        assert_eq!(
            help(
                "PermissionSet:OpenCX_Integration",
                Some(("OpenCX_Integration", "Acme_Integration")),
                None
            ),
            "give ours another name with `email_cases.names: { OpenCX_Integration: \
             Acme_Integration }`; or if the one in the org may be replaced, run again with \
             `--overwrite PermissionSet:OpenCX_Integration`"
        );
        assert_eq!(
            help("ExtlClntAppOauthSettings:OpenCX_oauth", None, None),
            "give ours another name with `external_client_app.name`; or if the one in the org may \
             be replaced, run again with `--overwrite ExtlClntAppOauthSettings:OpenCX_oauth`"
        );
        assert_eq!(
            help(
                "ApexTrigger:X",
                Some(("CaseTrigger", "OpenCxCaseTrigger")),
                Some("Y")
            ),
            "give ours another name with `email_cases.names: { CaseTrigger: OpenCxCaseTrigger }`; \
             or keep yours alone: set `email_cases.case_trigger: existing`, deploy, and add to the \
             after insert part of your trigger, or to its handler, the line \
             `Y.handleAfterInsert(Trigger.new);`; or if the one in the org may be replaced, run \
             again with `--overwrite ApexTrigger:X`"
        );
    }
}
