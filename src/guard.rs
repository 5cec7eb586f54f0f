//! May a plan be carried out? Pure decisions over facts, and the only way to a [`Writer`].

use std::collections::BTreeSet;

use crate::compare::{Change, ChangeKind};
use crate::config::Target;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::metadata::{ApiVersion, ComponentId, MetadataType, OrgId};
use crate::plan::{Action, OrgFacts, Plan};
use crate::sf::{OrgKind, Reader, Writer};

/// What the person in front of the tool agreed to.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Components that may be overwritten although somebody edited or wrote them.
    pub overwrite: BTreeSet<ComponentId>,
    /// Whether changing a production org was confirmed for this run.
    pub production: bool,
}

/// Why a guard says no. Facts only; [`Refusal::to_diagnostic`] has the words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The org is not the pinned one.
    #[error("the org is {actual}, and the config pins {pinned}")]
    WrongOrg {
        /// From the config.
        pinned: OrgId,
        /// What the org says.
        actual: OrgId,
    },
    /// The org speaks no version this high.
    #[error("the org speaks API {max} at most, and the config pins {wanted}")]
    ApiVersion {
        /// From the config.
        wanted: ApiVersion,
        /// What the org offers.
        max: ApiVersion,
    },
    /// A production org that the config does not call one.
    #[error("this is a production org, and the config does not say `production: true`")]
    ProductionNotDeclared,
    /// A production org, without this run's confirmation.
    #[error("changing a production org was not confirmed")]
    ProductionNotConfirmed,
    /// Somebody else's component of the same name.
    #[error("{component} is in the org and was not written by opencx-sf")]
    Foreign {
        /// Which.
        component: ComponentId,
        /// What is known about it, for example that it is on another object.
        note: Option<String>,
        /// For the trigger on Case: our handler, which the org's own trigger can call.
        handler: Option<String>,
    },
    /// Of that name, and of a kind that no deploy can turn into ours.
    #[error("{component} is in the org, and no deploy can turn it into ours")]
    Incompatible {
        /// Which.
        component: ComponentId,
        /// Why.
        note: Option<String>,
    },
    /// Ours, with somebody's edits.
    #[error("{component} was edited in the org")]
    EditedByHand {
        /// Which.
        component: ComponentId,
        /// `Dana Admin on 2026-11-20T10:00:00Z`.
        who: Option<String>,
    },
    /// The org did not show it, so overwriting could lose something.
    #[error("the org did not show {component}")]
    Unreadable {
        /// Which.
        component: ComponentId,
        /// Why.
        reason: String,
    },
}

impl Refusal {
    /// The finding for people: what was refused and the ways out.
    pub fn to_diagnostic(&self, target: &str) -> Diagnostic {
        let (code, help) = match self {
            Self::WrongOrg { .. } => (
                "guard/wrong-org",
                format!(
                    "log in to the org that `orgs.{target}.org_id` names, or correct the id there"
                ),
            ),
            Self::ApiVersion { max, .. } => (
                "guard/api-version",
                format!("set `salesforce.api_version: \"{max}\"` or lower in the config"),
            ),
            Self::ProductionNotDeclared => (
                "guard/production-not-declared",
                format!("if it is meant, add `production: true` to `orgs.{target}`"),
            ),
            Self::ProductionNotConfirmed => (
                "guard/production-not-confirmed",
                "review `opencx-sf plan`, then run again with `--yes`".to_owned(),
            ),
            Self::Foreign {
                component, handler, ..
            } => ("guard/foreign", foreign_help(component, handler.as_deref())),
            Self::Incompatible { component, .. } => {
                ("guard/incompatible", incompatible_help(component))
            }
            Self::EditedByHand { component, .. } => (
                "guard/edited-by-hand",
                format!(
                    "see the edit with `opencx-sf plan --target-org {target}`; to replace it run \
                     again with `--overwrite {component}`"
                ),
            ),
            Self::Unreadable { .. } => (
                "guard/unreadable",
                "nothing is written over what could not be read: check the user's permissions and \
                 run again"
                    .to_owned(),
            ),
        };
        let category = match self {
            Self::Unreadable { .. } => Category::Undetermined,
            _ => Category::Refused,
        };
        let finding = Diagnostic::error(Code(code), category, self.to_string()).help(help);
        match self {
            Self::Foreign {
                component, note, ..
            }
            | Self::Incompatible { component, note } => {
                let finding = finding.at(place(target, component));
                note.iter()
                    .fold(finding, |finding, note| finding.because(note.clone()))
            }
            Self::EditedByHand { component, who } => {
                let finding = finding.at(place(target, component));
                who.iter()
                    .fold(finding, |finding, who| finding.because(format!("by {who}")))
            }
            Self::Unreadable { component, reason } => {
                finding.at(place(target, component)).because(reason.clone())
            }
            _ => finding.at(Place::Org {
                org: target.to_owned(),
            }),
        }
    }
}

fn foreign_help(component: &ComponentId, handler: Option<&str>) -> String {
    let name = &component.full_name;
    if let Some(handler) = handler {
        return format!(
            "keep both: give ours another name with `email_cases.names: {{ CaseTrigger: \
             OpenCxCaseTrigger }}`; or keep yours alone: set `email_cases.case_trigger: existing`, \
             deploy, and add to the after insert part of your trigger, or to its handler, the line \
             `{handler}.handleAfterInsert(Trigger.new);`; or, if yours may go, run again with \
             `--overwrite {component}`"
        );
    }
    format!(
        "give ours another name with `email_cases.names: {{ {name}: OpenCx{name} }}`, or, if this \
         one may go, run again with `--overwrite {component}`"
    )
}

fn incompatible_help(component: &ComponentId) -> String {
    let name = &component.full_name;
    format!(
        "keep the org's model: set `email_cases.named_credential` to it; or give ours another name \
         with `email_cases.names`; or delete {name} in Setup > Named Credentials (callouts that use \
         it stop until the deploy) and run again"
    )
}

fn place(target: &str, component: &ComponentId) -> Place {
    Place::Component {
        org: Some(target.to_owned()),
        component: component.to_string(),
        line: None,
    }
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
            _ => {}
        }
    }
    refusals
}

fn overwrite_refusal(change: &Change, target: &Target) -> Refusal {
    let component = change.component.clone();
    if change.kind == ChangeKind::Foreign {
        Refusal::Foreign {
            handler: handler_for(&component, target),
            component,
            note: change.note.clone(),
        }
    } else {
        let who = change
            .modified
            .as_ref()
            .map(|last| format!("{} on {}", last.by, last.at));
        Refusal::EditedByHand { component, who }
    }
}

/// The class that a trigger of the org's own can call in place of ours, if this is the one on Case.
fn handler_for(component: &ComponentId, target: &Target) -> Option<String> {
    let names = &target.integration.names;
    let name = |shipped: &str| {
        let renamed = names.get(shipped).map(String::as_str);
        renamed.unwrap_or(shipped).to_owned()
    };
    let ours = ComponentId::new(MetadataType::ApexTrigger, name("CaseTrigger"));
    (*component == ours).then(|| name("OpenSalesforceCaseManagement"))
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
