//! One org from plan to verified: settle what came before → plan → guard → backup → send → read
//! back → verify.

mod apex_tests;
mod app;
mod arrival;
mod backup;
mod compiler;
mod error;
mod pending;
mod preflight;
pub(crate) mod removal;
mod stages;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::assign::{self, Assignment, User};
use crate::compare::{Live, compare};
use crate::config::Target;
use crate::dispatch::{self, Dispatcher, Request};
use crate::drift::Survey;
use crate::guard::{self, Consent, Touched};
use crate::journal::{Begin, Entry, FORMAT_VERSION, Journal, Ledger, Purpose};
use crate::package::{Package, Rollout};
use crate::plan::{OrgFacts, Plan, Saved};
use crate::sf::wire::{DeployResult, DeployStatus, TestLevel};
use crate::sf::{DeployId, Fault, OrgKind, Reader, Writer};
use crate::verify::{self, Check, Status, Verification};
pub(crate) use apex_tests::given_tests;
pub(crate) use arrival::{Arrival, Host, arrive};
use backup::keep_backup;
pub use compiler::Repeated;
pub use error::Error;
use stages::Run;

/// What happens while a deploy runs, for whoever shows progress.
#[derive(Debug)]
pub enum Event<'a> {
    /// The org is asked who it is and what it holds.
    Reading,
    /// What would change is known.
    Planned(&'a Plan),
    /// So many jobs of classes that would change are waited for.
    Jobs(usize),
    /// What will be replaced was written to this place.
    BackedUp(&'a str),
    /// The next of several packages is about to go: its name, which one it is, of how many.
    Package(&'a str, usize, usize),
    /// Something about a request, an earlier one or this run's.
    Request(dispatch::Event<'a>),
    /// The org's compiler did not know this yet, which the package brings: it is sent once more.
    CompilerBehind(&'a str),
    /// The org has validated the package, and is asked to make that real.
    Validated,
    /// The deploy is over and the org is read again.
    ReadingBack,
    /// A new External Client App is waited for.
    LinkingApp,
}

/// What a deploy needs from the world around it besides the org.
pub trait Surroundings {
    /// Something happened.
    ///
    /// # Errors
    /// Stops the work before the next change, for example when nobody reads the output any more.
    fn event(&mut self, event: Event<'_>) -> std::io::Result<()>;

    /// Asks what may be overwritten and whether production is meant. Called once, with the plan.
    fn consent(&mut self, plan: &Plan) -> Consent;

    /// Asks whether these components are to be removed or put back as they were, what may be lost
    /// with somebody's edits, and whether production is meant. Called once.
    fn consent_to_removal(&mut self, org: &OrgFacts, touched: Touched<'_>, plan: &Plan) -> Consent;

    /// Keeps the files of a backup (path → content, metadata format) and says where.
    ///
    /// # Errors
    /// The deploy doesn't start when the backup can't be written.
    fn keep_backup(&mut self, files: &BTreeMap<String, String>) -> std::io::Result<String>;
}

/// Which tests run besides, or in place of, our own.
#[derive(Debug, Clone, Default)]
pub struct Tests {
    /// `None`: our own tests. Another level than `RunSpecifiedTests` takes their place.
    pub level: Option<TestLevel>,
    /// Test classes that run besides ours.
    pub more: Vec<String>,
}

/// Settings of one deploy.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Validate only: nothing is changed.
    pub check_only: bool,
    /// Return when the org has the deploy, not when it is done with it.
    pub detach: bool,
    /// Make the last validation of this very package real, in place of sending it again.
    pub quick: bool,
    /// The plan that was approved: nothing else is carried out.
    pub approved: Option<Saved>,
    /// Go to production without a validation first.
    pub one_step: bool,
    /// Don't wait for Apex jobs of classes that would change.
    pub allow_pending_jobs: bool,
    /// The username that gets the permission sets when all is well.
    pub assign: Option<String>,
    /// Which tests run.
    pub tests: Tests,
    /// How long to wait for the org.
    pub wait: Duration,
}

/// One of several packages that the org took.
#[derive(Debug, Clone, Serialize)]
pub struct Deployed {
    /// The package.
    pub package: String,
    /// The org's result.
    pub result: DeployResult,
}

/// How a deploy ended.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// What was to change.
    pub plan: Plan,
    /// The org's own result, of several packages that of the last one that was tried; `None` when
    /// there was nothing to change.
    pub deploy: Option<DeployResult>,
    /// The package that `deploy` is about, when there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Packages that the org took before it, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Deployed>,
    /// Packages that were not tried, because `deploy` failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
    /// Where the backup lies, when something was replaced.
    pub backup: Option<String>,
    /// What was read back; `None` after a failed or check-only deploy.
    pub verification: Option<Verification>,
    /// Whether the Apex tests ran and passed; `None` when there was nothing to change.
    pub tests: Option<Check>,
    /// Whether production would take the package with its test coverage; `None` when the org
    /// counted nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Check>,
    /// The validation that was made real, when there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<DeployId>,
    /// The first try, when the org's compiler lagged and the package was sent a second time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
    /// The permission sets that the integration user was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Assignment>,
    /// The deploy that was left to the org.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<DeployId>,
    /// Whether this only validated.
    pub check_only: bool,
}

impl Outcome {
    fn new(plan: Plan, check_only: bool) -> Self {
        Self {
            plan,
            deploy: None,
            package: None,
            earlier: Vec::new(),
            pending: Vec::new(),
            backup: None,
            verification: None,
            tests: None,
            coverage: None,
            validation: None,
            repeated: None,
            assignment: None,
            running: None,
            check_only,
        }
    }

    /// Whether the org took the deploy (or needed none).
    pub fn deployed(&self) -> bool {
        let taken = |result: &DeployResult| {
            result.success || result.status == DeployStatus::SucceededPartial
        };
        self.deploy.as_ref().is_none_or(taken)
    }

    /// Whether it was canceled and looked for all the same: the org may have kept it.
    pub fn is_canceled_in_doubt(&self) -> bool {
        self.is_canceled() && self.verification.is_some()
    }

    fn is_canceled(&self) -> bool {
        let status = self.deploy.as_ref().map(|result| &result.status);
        status == Some(&DeployStatus::Canceled)
    }

    /// Whether the org took some of it and refused the rest.
    pub fn is_partial(&self) -> bool {
        let status = self.deploy.as_ref().map(|result| &result.status);
        status == Some(&DeployStatus::SucceededPartial)
    }

    /// Whether the org's result contradicts itself: it says success, and that something failed.
    pub fn is_contradictory(&self) -> bool {
        self.deploy.as_ref().is_some_and(|result| {
            result.success
                && !self.is_partial()
                && (result.status != DeployStatus::Succeeded
                    || !result.details.component_failures.is_empty()
                    || result.number_component_errors > 0)
        })
    }
}

/// Brings one org to its packages, which are resolved: one after the other, each all or nothing,
/// until one fails. Packages that the org holds already are left out, so that a second run goes on
/// where the first one ended.
///
/// A check-only deploy takes all packages as one: what a later one needs of an earlier one is not in
/// the org then.
///
/// # Errors
/// See [`Error`]; a deploy that the org ran and refused is an [`Outcome`], not an error.
pub async fn deploy(
    reader: &Reader,
    target: &Target,
    rollout: &Rollout,
    options: &Options,
    ledger: &Ledger,
    surroundings: &mut dyn Surroundings,
) -> Result<Outcome, Error> {
    preflight::fits(rollout)?;
    let package = &rollout.whole();
    let integration = &target.integration;
    let manifest = package.manifest();
    // What an org very likely holds already is verified at once. A fault there is met again later.
    let is_likely_there = ledger.last_brought(&package.digest()?)?;
    let check = async || match is_likely_there {
        true => verify::checks(reader, integration, package).await.ok(),
        false => None,
    };
    let read = async || {
        tokio::try_join!(
            reader.live(&manifest, reader.reading(options.wait)),
            preflight::ask(reader, package, options),
            async { Ok(check().await) },
        )
    };
    let host = Host {
        reader,
        target,
        ledger,
        wait: options.wait,
    };
    let (Arrival { org, past }, (live, found, checks)) = arrive(host, read, surroundings).await?;
    let history = past.history(reader.clock().wall());
    let Survey { plan, live } = Survey::new(org, package, live, &history)?;
    if let Some(approved) = &options.approved
        && let Some(what) = approved.stale(&plan, &live)
    {
        return Err(Error::Refused(vec![guard::Refusal::StalePlan { what }]));
    }
    surroundings
        .event(Event::Planned(&plan))
        .map_err(Error::Output)?;
    let user = preflight::judge(&found, &plan, options)?;

    let mut outcome = Outcome::new(plan, options.check_only);
    if outcome.plan.is_empty() {
        let steps = outcome.plan.steps.iter();
        let components = steps.map(|step| step.change.clone()).collect();
        let checks = match checks {
            Some(checks) => checks,
            None => verify::checks(reader, integration, package).await?,
        };
        outcome.verification = Some(Verification::new(components, checks));
        if let Some(user) = user {
            let consent = surroundings.consent(&outcome.plan);
            let writer = guard::authorize(&outcome.plan, target, &consent, reader)
                .map_err(Error::Refused)?;
            give(&writer, target, package, &user, &mut outcome).await;
        }
        return Ok(outcome);
    }
    if let Some(jobs) = found.jobs {
        let locked = pending::locked(&outcome.plan, package);
        pending::wait_or_refuse(reader, jobs, &locked, options.wait, surroundings).await?;
    }

    let consent = surroundings.consent(&outcome.plan);
    let writer =
        guard::authorize(&outcome.plan, target, &consent, reader).map_err(Error::Refused)?;
    let stages = stages::due(rollout, &outcome.plan, options.check_only);
    let validated = if options.quick {
        let found = guard::validation(&past.runs, &stages, reader.clock().wall());
        Some(found.map_err(Error::Refused)?)
    } else {
        None
    };

    let purpose = if options.check_only {
        Purpose::Validate
    } else {
        Purpose::Deploy
    };
    let replaced = (package, &live);
    let (journal, backup) = open_journal(
        purpose,
        &outcome.plan,
        target,
        replaced,
        ledger,
        reader.clock().wall(),
        surroundings,
    )?;
    outcome.backup = backup;
    let user_id = outcome.plan.org.user_id.clone();
    let mut run = Run {
        reader,
        dispatcher: Dispatcher::new(&writer, &user_id, past.known(), journal, options.wait),
        options,
        validated,
        validates_first: outcome.plan.org.kind == OrgKind::Production
            && !(options.check_only || options.one_step || options.detach),
    };
    let last = run.all(stages, &mut outcome, surroundings).await?;
    if outcome.running.is_some() {
        return Ok(outcome);
    }

    let in_doubt = outcome.is_canceled() && !writer.cancels_for_certain();
    if (outcome.deployed() || in_doubt) && !options.check_only {
        let read = read_back(reader, target, package, options, &outcome, surroundings).await;
        let verification = read.map_err(|fault| Error::NotReadBack {
            fault: Box::new(fault),
            ended: last,
        })?;
        outcome.verification = Some(verification);
        if let Some(user) = user.filter(|_| outcome.deployed()) {
            give(&writer, target, package, &user, &mut outcome).await;
        }
    }
    run.dispatcher
        .finish(&mut |event: dispatch::Event<'_>| drop(surroundings.event(Event::Request(event))));
    Ok(outcome)
}

/// Reads the org after the deploy, and holds what it has against the package.
async fn read_back(
    reader: &Reader,
    target: &Target,
    package: &Package,
    options: &Options,
    outcome: &Outcome,
    surroundings: &mut dyn Surroundings,
) -> Result<Verification, Fault> {
    // The org has taken everything: a reader that went away must not hide that.
    let _ = surroundings.event(Event::ReadingBack);
    reader.begin_reading();
    let manifest = package.manifest();
    let (mut live, checks) = tokio::try_join!(
        reader.live(&manifest, reader.reading(options.wait)),
        verify::checks(reader, &target.integration, package),
    )?;
    if outcome.deployed() {
        app::wait(reader, package, &mut live, outcome, options, surroundings).await?;
    }
    let components = compare(package, &live);
    let mut verification = Verification::new(components, checks);
    app::say_when(&mut verification, &live, outcome);
    Ok(verification)
}

/// Gives the user the permission sets, unless what was read back is wrong.
async fn give(
    writer: &Writer,
    target: &Target,
    package: &Package,
    user: &User,
    outcome: &mut Outcome,
) {
    let Some(verification) = &mut outcome.verification else {
        return;
    };
    if verification.failed() {
        return;
    }
    let integration = &target.integration;
    let assignment = assign::assign(writer, integration, package, user).await;
    outcome.assignment = Some(assignment);
    // Without an answer the older checks stand: that nobody holds a set is then said once too often.
    if let Ok(checks) = verify::assignments(writer.reader(), integration, package).await {
        verification.renew(checks);
    }
}

/// Sends a request and waits for its end.
pub(crate) async fn carry_out(
    dispatcher: &mut Dispatcher<'_>,
    request: &Request,
    surroundings: &mut dyn Surroundings,
) -> Result<DeployResult, Error> {
    let sink = &mut |event: dispatch::Event<'_>| drop(surroundings.event(Event::Request(event)));
    let id = dispatcher.send(request, sink).await?;
    Ok(dispatcher.follow(&id, sink).await?)
}

/// Writes down that a run begins, and keeps what the org holds of the package unless the run only
/// validates. Where the backup lies, if there was anything to keep.
pub(crate) fn open_journal(
    purpose: Purpose,
    plan: &Plan,
    target: &Target,
    replaced: (&Package, &Live),
    ledger: &Ledger,
    at: jiff::Timestamp,
    surroundings: &mut dyn Surroundings,
) -> Result<(Journal, Option<String>), Error> {
    let mut journal = ledger.begin(Begin {
        format: FORMAT_VERSION,
        at,
        target: target.name.clone(),
        org: plan.org.id.clone(),
        user: plan.org.user_id.clone(),
        purpose,
        digest: plan.package_digest.clone(),
    })?;
    if purpose == Purpose::Validate {
        return Ok((journal, None));
    }
    let (package, live) = replaced;
    let backup = keep_backup(package, live, surroundings)?;
    if let Some(place) = backup.clone() {
        journal.append(&Entry::BackedUp { place })?;
    }
    Ok((journal, backup))
}

fn names(earlier: &[Deployed]) -> Vec<String> {
    earlier.iter().map(|done| done.package.clone()).collect()
}
