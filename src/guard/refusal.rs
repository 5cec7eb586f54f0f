//! Why a change is refused, and what a person can do then.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Rename;
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::metadata::{ApiVersion, ComponentId, MetadataType, OrgId};
use crate::package::Excess;
use crate::sf::{DeployRequest, PendingJob};

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
        /// Whether the org is a sandbox, which gets another id with each refresh.
        is_sandbox: bool,
        /// When it was made, where that is known.
        created: Option<Timestamp>,
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
        /// Another name for ours, where it can have one.
        rename: Option<Box<Rename>>,
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
    /// The org works on another deploy.
    #[error("the org is busy with deploy {} of {}, received {}", .0.id, .0.user_name, .0.created)]
    Busy(Box<DeployRequest>),
    /// What was looked at is not what would be done now.
    #[error("the saved plan no longer holds: {what}")]
    StalePlan {
        /// What has changed.
        what: &'static str,
    },
    /// Nobody confirmed that something is to be removed.
    #[error("removing components from an org was not confirmed")]
    RemovalNotConfirmed,
    /// There is no validation that could be made real.
    #[error("this package can't be deployed without running its tests again: {reason}")]
    NoValidation {
        /// Why not.
        reason: &'static str,
    },
    /// Email-to-Case was never enabled.
    #[error("the org has no EmailMessage object, or the deploying user may not see it")]
    NoEmailMessages,
    /// The org does not replace code under its jobs.
    #[error(
        "Apex jobs of classes that would change, or that use those, wait or run in the org: {}",
        names(.0)
    )]
    PendingJobs(Vec<PendingJob>),
    /// No deploy can be that large.
    #[error("the package {package} is too large: {}", .excess.what)]
    TooLarge {
        /// Which package.
        package: String,
        /// What there is too much of.
        excess: Excess,
    },
    /// Nobody has that username.
    #[error("the org shows no user `{0}`")]
    NoUser(String),
    /// The user may not log in.
    #[error("the user `{0}` is not active")]
    InactiveUser(String),
    /// Ours, with somebody's edits.
    #[error("{component} {} edited in the org", .doubt.as_ref().map_or("was", |_| "may have been"))]
    EditedByHand {
        /// Which.
        component: ComponentId,
        /// `Dana Admin on 2026-11-20T10:00:00Z`.
        who: Option<String>,
        /// Where it can't be told whether a person changed it: why not.
        doubt: Option<String>,
        /// What would become of the edit.
        fate: Fate,
    },
    /// Ours, and somebody switched it off.
    #[error("{component} is switched off in the org")]
    SwitchedOff {
        /// Which.
        component: ComponentId,
        /// Who changed it last, and when: `Dana Admin on 2026-11-20T10:00:00Z`.
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

/// What would become of an edit that somebody made in an org. It is in the backup in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A deploy writes what the config says.
    Replaced,
    /// The component is taken out of the org.
    Removed,
    /// What a backup holds is put in its place.
    PutBack,
}

impl Refusal {
    /// The finding for people: what was refused and the ways out.
    pub fn to_diagnostic(&self, target: &str) -> Diagnostic {
        let (code, help) = match self {
            Self::WrongOrg {
                actual,
                is_sandbox: true,
                ..
            } => (
                "guard/wrong-org",
                format!(
                    "was `{target}` refreshed (its owner knows, and Setup > Sandboxes in production)? \
                     Then write `org_id: {actual}` under `orgs.{target}`: `opencx-sf drift \
                     --target-org {target}` shows what it holds now, and `deploy` repairs it. Else \
                     log in to the org that is pinned"
                ),
            ),
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
                format!(
                    "if another org is meant, log in to that one; if it is this one, add \
                     `production: true` to `orgs.{target}`"
                ),
            ),
            Self::ProductionNotConfirmed => (
                "guard/production-not-confirmed",
                format!(
                    "see what would change with `opencx-sf plan --target-org {target}`, then run again \
                     and type `{target}` when asked, or give `--yes` where nobody can answer (CI)"
                ),
            ),
            Self::Busy(request) => (
                "guard/org-busy",
                format!(
                    "run again when it is over, or allow more time with `--wait`; `opencx-sf cancel \
                     {} --target-org {target}` stops it",
                    request.id
                ),
            ),
            Self::StalePlan { .. } => (
                "guard/stale-plan",
                format!(
                    "look at what would be done now: `opencx-sf plan --target-org {target} --out \
                     FILE`"
                ),
            ),
            Self::RemovalNotConfirmed => (
                "guard/removal-not-confirmed",
                format!(
                    "see what is to go or to be put back in the list above, then run again and type \
                     `{target}` when asked, or give `--yes` where nobody can answer (CI)"
                ),
            ),
            Self::NoValidation { .. } => (
                "guard/no-validation",
                format!(
                    "validate with `opencx-sf deploy --dry-run --target-org {target}`, or deploy \
                     without `--quick`"
                ),
            ),
            Self::NoEmailMessages => (
                "guard/no-email-messages",
                "enable Setup > Email-to-Case, which brings the object; or give the user a licence \
                 and permissions for Cases"
                    .to_owned(),
            ),
            Self::PendingJobs(jobs) => ("guard/jobs-pending", pending_help(jobs)),
            Self::TooLarge { excess, .. } => (
                "guard/package-too-large",
                format!(
                    "make the templates that you override smaller; the largest files are {}",
                    largest(excess)
                ),
            ),
            Self::NoUser(_) => (
                "guard/no-user",
                format!(
                    "write the username as Setup > Users has it; sandboxes append their name. It \
                     stands in `orgs.{target}.integration_user`, or after `--assign`"
                ),
            ),
            Self::InactiveUser(_) => (
                "guard/inactive-user",
                "activate the user in Setup > Users, or name another one".to_owned(),
            ),
            Self::Foreign {
                component,
                rename,
                handler,
                ..
            } => (
                "guard/foreign",
                foreign_help(component, rename.as_deref(), handler.as_deref()),
            ),
            Self::Incompatible { component, .. } => {
                ("guard/incompatible", incompatible_help(component))
            }
            Self::EditedByHand {
                component, fate, ..
            } => (
                "guard/edited-by-hand",
                edited_help(target, component, *fate),
            ),
            Self::SwitchedOff { component, .. } => (
                "guard/switched-off",
                format!(
                    "ask why it was switched off; a deploy switches it on: where that is meant run \
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
            Self::WrongOrg {
                is_sandbox: true,
                created,
                ..
            } => {
                let made = created.map_or_else(String::new, |created| {
                    let day = created.strftime("%Y-%m-%d");
                    format!("; the sandbox that you are logged in to was made on {day}")
                });
                let text = format!("a sandbox gets another id when it is refreshed{made}");
                let place = Place::Org {
                    org: target.to_owned(),
                };
                finding.at(place).because(text)
            }
            Self::Foreign {
                component, note, ..
            }
            | Self::Incompatible { component, note } => {
                let finding = finding.at(place(target, component));
                note.iter()
                    .fold(finding, |finding, note| finding.because(note.clone()))
            }
            Self::EditedByHand {
                component,
                who,
                doubt,
                ..
            } => {
                let finding = finding.at(place(target, component));
                let who = who.iter().map(|who| match doubt {
                    Some(_) => format!("last changed by {who}"),
                    None => format!("by {who}"),
                });
                let reasons = who.chain(doubt.clone());
                reasons.fold(finding, |finding, reason| finding.because(reason))
            }
            Self::SwitchedOff { component, who } => {
                let finding = finding.at(place(target, component));
                let who = who.iter().map(|who| format!("last changed by {who}"));
                who.fold(finding, |finding, reason| finding.because(reason))
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

/// The ways out for an edit.
fn edited_help(target: &str, component: &ComponentId, fate: Fate) -> String {
    let see = format!("see the edit with `opencx-sf plan --target-org {target}`");
    let again = format!("run again with `--overwrite {component}`");
    match fate {
        Fate::Replaced => format!(
            "{see}; to keep it, take it over with `opencx-sf drift --adopt --target-org {target}`; to \
             replace it, {again}"
        ),
        Fate::Removed => {
            format!("{see}; the edit goes along with it, after a backup: if it may go, {again}")
        }
        Fate::PutBack => format!(
            "{see}; what was there before would take its place, after a backup: if it may go, {again}"
        ),
    }
}

/// `classes/A.cls (45 MB), …`.
fn largest(excess: &Excess) -> String {
    let size = |bytes: u64| match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    };
    let files = excess.largest.iter();
    let files = files.map(|(path, bytes)| format!("{path} ({})", size(*bytes)));
    files.collect::<Vec<_>>().join(", ")
}

/// Jobs that are alike, each once, with their number: `2 of OpenCxCaseWebhookJob (Queueable, Queued)`.
fn names(jobs: &[PendingJob]) -> String {
    let mut counts: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for job in jobs {
        *counts
            .entry((&job.class, &job.kind, &job.status))
            .or_default() += 1;
    }
    let counts = counts
        .iter()
        .map(|((class, kind, status), count)| format!("{count} of {class} ({kind}, {status})"));
    counts.collect::<Vec<_>>().join(", ")
}

/// A schedule never ends, so waiting for it is no way out.
fn pending_help(jobs: &[PendingJob]) -> String {
    let schedules = jobs.iter().any(PendingJob::is_schedule);
    let first = if schedules {
        "delete the schedule in Setup > Scheduled Jobs, deploy, and schedule it again"
    } else {
        "run again when they are over (Setup > Apex Jobs, where they can be aborted too)"
    };
    format!(
        "{first}; where Setup > Deployment Settings allows deployments with pending Apex jobs, run \
         again with `--allow-pending-jobs`"
    )
}

/// The ways out for a name that is taken.
fn foreign_help(component: &ComponentId, rename: Option<&Rename>, handler: Option<&str>) -> String {
    let mut ways = Vec::new();
    if let Some(Rename { shipped, to }) = rename {
        ways.push(format!(
            "give ours another name with `email_cases.names: {{ {shipped}: {to} }}`"
        ));
    } else if component.kind == MetadataType::ExternalClientApplication
        || component.kind.belongs_to_app()
    {
        ways.push("give ours another name with `external_client_app.name`".to_owned());
    }
    if let Some(handler) = handler {
        ways.push(format!(
            "keep yours alone: set `email_cases.case_trigger: existing`, deploy, and add to the \
             after insert part of your trigger, or to its handler, the line \
             `{handler}.handleAfterInsert(Trigger.new);`"
        ));
    }
    ways.push(format!(
        "if the one in the org may be replaced, run again with `--overwrite {component}`"
    ));
    ways.join("; or ")
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
