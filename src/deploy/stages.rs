//! Packages that go to an org one after the other.

use std::collections::BTreeSet;

use super::apex_tests::{check_coverage, check_tests, deploy_options, tested_by};
use super::compiler::{self, Repeated};
use super::{Deployed, Error, Event, Options, Outcome, Status, Surroundings, names};
use crate::dispatch::{self, Content, Dispatcher, Request};
use crate::metadata::ComponentId;
use crate::package::{Rollout, Stage};
use crate::plan::{Action, Plan};
use crate::sf::wire::{DeployOptions, DeployResult};
use crate::sf::{DeployId, Fault, Reader};

/// The packages that there is something to do for, without what an administrator may have changed.
pub(super) fn due(rollout: &Rollout, plan: &Plan, check_only: bool) -> Vec<Stage> {
    let mut due = if check_only {
        vec![Stage {
            name: rollout.stages()[0].name.clone(),
            package: rollout.whole(),
        }]
    } else {
        differing(rollout, plan)
    };
    // A deploy writes every component of its package, also those that are as they should be.
    let kept = plan.steps.iter().filter(|step| step.action == Action::Keep);
    for step in kept.filter(|step| step.change.component.kind.is_the_administrators()) {
        for stage in &mut due {
            stage.package.components.remove(&step.change.component);
        }
    }
    due
}

/// A part without a marker takes the component along that keeps a digest of it: that must not speak
/// of what was there before.
fn differing(rollout: &Rollout, plan: &Plan) -> Vec<Stage> {
    let steps = plan.steps.iter();
    let written: Vec<&ComponentId> = steps
        .filter(|step| step.action != Action::Keep)
        .flat_map(|step| {
            let last = step.change.last_applied.as_ref();
            let keeper = last.filter(|last| !last.is_current);
            std::iter::once(&step.change.component).chain(keeper.map(|last| &last.keeper))
        })
        .collect();
    let is_due = |stage: &&Stage| {
        let mut written = written.iter();
        written.any(|id| stage.package.components.contains_key(*id))
    };
    rollout.stages().iter().filter(is_due).cloned().collect()
}

/// The whole package.
fn whole(stage: &Stage, options: DeployOptions) -> Result<Request, Error> {
    Ok(Request {
        package: stage.name.clone(),
        content: Content::Zip(stage.package.zip()?),
        digest: stage.package.digest()?,
        options,
        components: components(stage),
    })
}

/// A validation of the package, to be made real. The org runs no tests again.
fn quick(stage: &Stage, validated: &DeployId) -> Result<Request, Error> {
    Ok(Request {
        package: stage.name.clone(),
        content: Content::Validated(validated.clone()),
        digest: stage.package.digest()?,
        options: DeployOptions::default(),
        components: components(stage),
    })
}

fn components(stage: &Stage) -> BTreeSet<String> {
    let components = stage.package.components.keys();
    components.map(ToString::to_string).collect()
}

/// Apex is in one of the packages: what the others say of tests tells nothing.
fn judge_tests(result: &DeployResult, request: &Request, stage: &Stage, outcome: &mut Outcome) {
    let tests = check_tests(result, &request.options);
    if outcome.tests.is_none() || tests.status != Status::NotChecked {
        if tests.status == Status::Passed {
            outcome.coverage = check_coverage(result, &stage.package);
        }
        outcome.tests = Some(tests);
    }
}

/// What the deploy of packages needs.
pub(super) struct Run<'a> {
    pub(super) reader: &'a Reader,
    pub(super) dispatcher: Dispatcher<'a>,
    pub(super) options: &'a Options,
    /// The validation of the only package, to be made real.
    pub(super) validated: Option<DeployId>,
    /// Whether a package with tests is validated first, and that made real.
    pub(super) validates_first: bool,
}

impl Run<'_> {
    /// Deploys one package after the other, until one fails, and notes in the outcome what became
    /// of each. There is at least one. Returns the id of the last deploy.
    pub(super) async fn all(
        &mut self,
        due: Vec<Stage>,
        outcome: &mut Outcome,
        surroundings: &mut dyn Surroundings,
    ) -> Result<Option<DeployId>, Error> {
        let count = due.len();
        let mut last = None;
        let mut due = due.into_iter().enumerate();
        for (index, stage) in due.by_ref() {
            if count > 1 {
                // The plan was shown; from here on a reader that went away stops nothing.
                let _ = surroundings.event(Event::Package(&stage.name, index + 1, count));
                outcome.package = Some(stage.name.clone());
            }
            let done = self.stage(&stage, outcome, surroundings).await;
            let id = done.map_err(|error| error.after(names(&outcome.earlier)))?;
            last = Some(id);
            let failed = outcome.deploy.as_ref().is_none_or(|result| !result.success);
            if failed || index + 1 == count {
                break;
            }
            outcome
                .earlier
                .extend(outcome.deploy.take().map(|result| Deployed {
                    package: stage.name,
                    result,
                }));
        }
        outcome.pending = due.map(|(_, stage)| stage.name).collect();
        Ok(last)
    }

    /// Deploys one package and waits for its end, unless it is to be left to the org.
    async fn stage(
        &mut self,
        stage: &Stage,
        outcome: &mut Outcome,
        surroundings: &mut dyn Surroundings,
    ) -> Result<DeployId, Error> {
        if let Some(validated) = self.validated.clone() {
            let request = quick(stage, &validated)?;
            let id = self.send(&request, surroundings).await?;
            if !self.left(&id, outcome) {
                let result = self.follow(&id, surroundings).await?;
                outcome.tests = Some(tested_by(&validated));
                outcome.validation = Some(validated);
                outcome.deploy = Some(result);
            }
            return Ok(id);
        }
        let options = deploy_options(&stage.package, self.options.check_only, &self.options.tests);
        if self.validates_first && dispatch::runs_tests(&options) {
            return self
                .in_two_steps(stage, options, outcome, surroundings)
                .await;
        }
        let request = whole(stage, options)?;
        if self.options.detach {
            let id = self.send(&request, surroundings).await?;
            self.left(&id, outcome);
            return Ok(id);
        }
        let (id, result) = self
            .send_and_follow(&request, stage, outcome, surroundings)
            .await?;
        judge_tests(&result, &request, stage, outcome);
        outcome.deploy = Some(result);
        Ok(id)
    }

    /// Sends a package and waits for its end. One that the org refused for what its compiler had not
    /// seen yet is sent once more: the org has ended the first and kept nothing of it.
    async fn send_and_follow(
        &mut self,
        request: &Request,
        stage: &Stage,
        outcome: &mut Outcome,
        surroundings: &mut dyn Surroundings,
    ) -> Result<(DeployId, DeployResult), Error> {
        let id = self.send(request, surroundings).await?;
        let result = self.follow(&id, surroundings).await?;
        let unseen = compiler::unseen(&result, &stage.package);
        let Some(unseen) = unseen.filter(|_| outcome.repeated.is_none()) else {
            return Ok((id, result));
        };
        let _ = surroundings.event(Event::CompilerBehind(&unseen));
        outcome.repeated = Some(Repeated { first: id, unseen });
        compiler::pause(self.reader).await;
        let id = self.send(request, surroundings).await?;
        let result = self.follow(&id, surroundings).await?;
        Ok((id, result))
    }

    /// Validates, and makes the validation real: what the org has seen to work is what it gets, and
    /// until then nothing of it was in the org.
    async fn in_two_steps(
        &mut self,
        stage: &Stage,
        options: DeployOptions,
        outcome: &mut Outcome,
        surroundings: &mut dyn Surroundings,
    ) -> Result<DeployId, Error> {
        let check_only = DeployOptions {
            check_only: true,
            ..options.clone()
        };
        let request = whole(stage, check_only)?;
        let (validation, result) = self
            .send_and_follow(&request, stage, outcome, surroundings)
            .await?;
        judge_tests(&result, &request, stage, outcome);
        if !result.success {
            outcome.deploy = Some(result);
            return Ok(validation);
        }
        // The package was validated: a reader of the output that went away stops nothing now.
        let _ = surroundings.event(Event::Validated);
        let id = match self.send(&quick(stage, &validation)?, surroundings).await {
            Ok(id) => {
                outcome.validation = Some(validation);
                id
            }
            // The org has certainly not taken it: it asks for the package and its tests again.
            Err(dispatch::Error::Fault {
                fault,
                started: None,
            }) if matches!(&*fault, Fault::Rest { .. } | Fault::NotFound { .. }) => {
                self.send(&whole(stage, options)?, surroundings).await?
            }
            Err(error) => return Err(error.into()),
        };
        outcome.deploy = Some(self.follow(&id, surroundings).await?);
        Ok(id)
    }

    /// Whether the rest is left to the org.
    fn left(&self, id: &DeployId, outcome: &mut Outcome) -> bool {
        if self.options.detach {
            outcome.running = Some(id.clone());
        }
        self.options.detach
    }

    // Once a request is sent the org works by itself: a reader of the output that went away must not
    // hide the result. So what the sink says is not listened to.
    async fn send(
        &mut self,
        request: &Request,
        surroundings: &mut dyn Surroundings,
    ) -> Result<DeployId, dispatch::Error> {
        let sink =
            &mut |event: dispatch::Event<'_>| drop(surroundings.event(Event::Request(event)));
        self.dispatcher.send(request, sink).await
    }

    async fn follow(
        &mut self,
        id: &DeployId,
        surroundings: &mut dyn Surroundings,
    ) -> Result<DeployResult, dispatch::Error> {
        let sink =
            &mut |event: dispatch::Event<'_>| drop(surroundings.event(Event::Request(event)));
        self.dispatcher.follow(id, sink).await
    }
}
