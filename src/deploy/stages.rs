//! Packages that go to an org one after the other.

use super::apex_tests::{check_coverage, check_tests, deploy_options};
use super::{Deployed, Error, Event, Options, Outcome, Status, Surroundings, names};
use crate::dispatch::{self, Content, Dispatcher, Request};
use crate::package::{Rollout, Stage};
use crate::plan::{Action, Plan};
use crate::sf::DeployId;

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

fn differing(rollout: &Rollout, plan: &Plan) -> Vec<Stage> {
    let is_due = |stage: &&Stage| {
        plan.steps.iter().any(|step| {
            step.action != Action::Keep
                && stage
                    .package
                    .components
                    .contains_key(&step.change.component)
        })
    };
    rollout.stages().iter().filter(is_due).cloned().collect()
}

/// What the deploy of packages needs.
pub(super) struct Run<'a> {
    pub(super) dispatcher: Dispatcher<'a>,
    pub(super) options: &'a Options,
    /// The validation of the only package, to be made real.
    pub(super) validated: Option<DeployId>,
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
        let options = deploy_options(&stage.package, self.options.check_only, &self.options.tests);
        let components = stage.package.components.keys();
        let request = Request {
            package: stage.name.clone(),
            content: match &self.validated {
                Some(id) => Content::Validated(id.clone()),
                None => Content::Zip(stage.package.zip()?),
            },
            digest: stage.package.digest()?,
            options,
            components: components.map(ToString::to_string).collect(),
        };
        // Once the request is sent the org works by itself: a reader of the output that went away
        // must not hide the result.
        let sink =
            &mut |event: dispatch::Event<'_>| drop(surroundings.event(Event::Request(event)));
        let id = self.dispatcher.send(&request, sink).await?;
        if self.options.detach {
            outcome.running = Some(id.clone());
            return Ok(id);
        }
        let result = self.dispatcher.follow(&id, sink).await?;
        let tests = check_tests(&result, &request.options);
        // Apex is in one of the packages.
        if outcome.tests.is_none() || tests.status != Status::NotChecked {
            if tests.status == Status::Passed {
                outcome.coverage = check_coverage(&result, &stage.package);
            }
            outcome.tests = Some(tests);
        }
        outcome.deploy = Some(result);
        Ok(id)
    }
}
