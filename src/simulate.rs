//! The integration's life as scenarios: a mail comes in, OpenCX hears of it and replies, the customer
//! answers, things go wrong. They are played with the package of a config in a fresh local org, which
//! executes its Apex; callouts go out over HTTP to a receiver on loopback.
//!
//! `stage` does what a scenario says, `observe` holds what came of it against what it
//! expects, `receiver` is the world outside.

mod error;
mod facts;
mod keep;
mod observe;
mod receiver;
mod scenario;
mod stage;

pub use error::Error;
pub use scenario::{Malformed, Scenario};

use jiff::Timestamp;
use serde::Serialize;

use crate::config::{CaseTrigger, Integration, SecretRef};
use crate::emulator::activity::Played;
use crate::emulator::runtime::{CompileError, Program, Unknown};
use crate::emulator::{EmulatedOrg, Work};
use crate::metadata::{ComponentId, MetadataType};
use crate::package::Package;
use crate::secret::Secret;
use facts::Facts;
use observe::Before;
use receiver::{PROVIDER_PATH, Receiver, Script, WEBHOOK_PATH};
use stage::Stage;

/// Recipients outside of the org per day in editions with licences (Apex Developer Guide,
/// "Execution Governors and Limits", static limits).
const MAILS_PER_DAY: u32 = 5_000;

/// What playing scenarios came to.
#[derive(Debug, Clone, Serialize)]
pub struct Simulation {
    /// In the order in which they were played.
    pub scenarios: Vec<Shown>,
}

/// What became of one scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Its steps up to the first that was not as expected.
    pub steps: Vec<StepShown>,
}

/// How a scenario ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// All was as expected.
    Passed,
    /// Something was not.
    Failed,
    /// It is about another config.
    NotApplicable {
        /// What the config would have to say.
        reason: String,
    },
    /// It met something that the local org does not have.
    Undetermined {
        /// What.
        reason: String,
    },
}

/// What became of a step.
#[derive(Debug, Clone, Serialize)]
pub struct StepShown {
    /// What happened.
    pub when: String,
    /// What was seen; each may have several lines.
    pub seen: Vec<String>,
    /// What was not as expected.
    pub problems: Vec<String>,
}

impl Simulation {
    /// How many ended in a way.
    pub fn count(&self, of: impl Fn(&Verdict) -> bool) -> usize {
        let verdicts = self.scenarios.iter().map(|shown| &shown.verdict);
        verdicts.filter(|verdict| of(verdict)).count()
    }

    /// Whether one failed.
    pub fn failed(&self) -> bool {
        self.count(|verdict| *verdict == Verdict::Failed) > 0
    }

    /// Whether one could not be played to its end.
    pub fn is_undetermined(&self) -> bool {
        self.count(|verdict| matches!(verdict, Verdict::Undetermined { .. })) > 0
    }
}

/// Why a scenario ends before its last step.
#[derive(Debug)]
enum Stop {
    /// The local org does not have it.
    Unknown(String),
    /// The org's state.
    Org(crate::emulator::Error),
}

impl Stop {
    fn of_compiler(errors: Vec<CompileError>) -> Self {
        Self::Unknown(compiler_says(&errors))
    }
}

impl From<Unknown> for Stop {
    fn from(unknown: Unknown) -> Self {
        Self::Unknown(unknown.to_string())
    }
}

impl From<crate::emulator::Error> for Stop {
    fn from(error: crate::emulator::Error) -> Self {
        Self::Org(error)
    }
}

fn compiler_says(errors: &[CompileError]) -> String {
    errors.first().map_or_else(
        || "its Apex does not compile here".to_owned(),
        ToString::to_string,
    )
}

/// The config with a webhook URL that nobody has: no secret is needed to play with it, and none can
/// leave.
pub fn prepared(integration: &Integration) -> Integration {
    Integration {
        webhook_url: SecretRef {
            env: None,
            value: Some(Secret::new(
                "https://opencx.invalid/webhook/simulated".to_owned(),
            )),
        },
        ..integration.clone()
    }
}

/// Deploys the package of a [`prepared`] config into an org and plays scenarios there, each with records, jobs and a clock
/// of its own that starts at `start`. What happened is kept with the org's state.
///
/// # Errors
/// When the org refuses the package, does not know its Apex, or its state cannot be used.
pub fn run(
    org: &EmulatedOrg,
    integration: &Integration,
    package: &Package,
    scenarios: &[Scenario],
    start: Timestamp,
) -> Result<Simulation, Error> {
    let problems = org.install(&package.resolved()?.zip()?)?;
    if !problems.is_empty() {
        return Err(Error::NotInstalled { problems });
    }
    // Where the org's own trigger has the one line that calls ours, somebody has to have it.
    let mut others = Vec::new();
    if integration.case_trigger == CaseTrigger::Existing {
        let class = facts::name(integration, "OpenSalesforceCaseManagement");
        let id = ComponentId::new(MetadataType::ApexTrigger, "TheirCaseTrigger");
        others.push((
            id,
            format!(
                "trigger TheirCaseTrigger on Case(after insert) {{\n    \
                 {class}.handleAfterInsert(Trigger.new);\n}}\n"
            ),
        ));
    }
    let program = match org.program(&others)? {
        Ok(program) => program,
        Err(errors) => {
            return Err(Error::UnknownApex {
                problem: compiler_says(&errors),
            });
        }
    };
    let facts = Facts::of(integration);
    let mut simulation = Simulation {
        scenarios: Vec::new(),
    };
    let mut kept = Vec::new();
    for scenario in scenarios {
        let (shown, played) = play(org, &program, &facts, scenario, start)?;
        simulation.scenarios.push(shown);
        kept.extend(played);
    }
    org.keep_played(kept)?;
    Ok(simulation)
}

fn play(
    org: &EmulatedOrg,
    program: &Program,
    facts: &Facts,
    scenario: &Scenario,
    start: Timestamp,
) -> Result<(Shown, Option<Played>), Error> {
    let mut shown = Shown {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        verdict: Verdict::Passed,
        steps: Vec::new(),
    };
    if let Some(reason) = facts.unmet(&scenario.needs) {
        shown.verdict = Verdict::NotApplicable { reason };
        return Ok((shown, None));
    }
    let script = Script::default();
    let mut receiver =
        Receiver::start(script.clone()).map_err(|source| Error::Receiver { source })?;
    let mut endpoints = org.endpoints()?;
    for (name, path) in [
        (&facts.webhook, WEBHOOK_PATH),
        (&facts.provider, PROVIDER_PATH),
    ] {
        if let Some(endpoint) = endpoints.get_mut(name) {
            endpoint.url = receiver.url(path);
        }
    }
    receiver.set_endpoints(endpoints);
    let staff = org.staff()?;
    let work = Work {
        deliverable: true,
        mail_capacity: MAILS_PER_DAY,
        start,
        transport: Box::new(receiver),
    };
    let steps = &mut shown.steps;
    let given = &scenario.given.settings;
    let changed = (!given.is_empty())
        .then(|| program.with_custom_metadata(&facts.settings_type, "Default", given));
    let program = changed.as_ref().unwrap_or(program);
    let played = org.work(program, work, |live| {
        let mut stage = Stage::new(live, org, &staff, facts, script);
        let stop = perform(&mut stage, scenario, steps).err();
        (keep::played(stage.org), stop)
    })?;
    let Some((mut played, stop)) = played else {
        shown.verdict = Verdict::Undetermined {
            reason: "no thread could be started".to_owned(),
        };
        return Ok((shown, None));
    };
    let problems: Vec<String> = shown
        .steps
        .iter()
        .flat_map(|step| step.problems.iter().cloned())
        .collect();
    shown.verdict = match stop {
        Some(Stop::Org(error)) => return Err(error.into()),
        Some(Stop::Unknown(reason)) => Verdict::Undetermined { reason },
        None if problems.is_empty() => Verdict::Passed,
        None => Verdict::Failed,
    };
    played.name.clone_from(&shown.name);
    played.title.clone_from(&shown.title);
    played.passed = match &shown.verdict {
        Verdict::Undetermined { .. } => None,
        verdict => Some(*verdict == Verdict::Passed),
    };
    played.findings = match &shown.verdict {
        Verdict::Undetermined { reason } => vec![reason.clone()],
        _ => problems,
    };
    Ok((shown, Some(played)))
}

// Step by step; what follows one that went wrong would say nothing.
fn perform(
    stage: &mut Stage<'_, '_>,
    scenario: &Scenario,
    steps: &mut Vec<StepShown>,
) -> Result<(), Stop> {
    stage.furnish()?;
    stage.set(&scenario.given);
    for step in &scenario.steps {
        let before = Before::of(stage);
        stage.act(&step.when)?;
        let observed = observe::observe(stage, &before, &step.then);
        let went_wrong = !observed.problems.is_empty();
        steps.push(StepShown {
            when: stage::told(&step.when),
            seen: observed.seen,
            problems: observed.problems,
        });
        if went_wrong {
            break;
        }
    }
    Ok(())
}
