//! Packages that go to an org one after the other.

use super::{
    Deployed, Error, Event, Options, Outcome, Surroundings, check_tests, deploy_options, names,
    no_deploy,
};
use crate::package::{Rollout, Stage};
use crate::plan::{Action, Plan};
use crate::sf::wire::DeployResult;
use crate::sf::{self, DeployId, Reader, Writer};
use crate::verify::{Check, Status};

/// The packages that there is something to do for.
pub(super) fn due(rollout: &Rollout, plan: &Plan, check_only: bool) -> Vec<Stage> {
    if check_only {
        return vec![Stage {
            name: rollout.stages()[0].name.clone(),
            package: rollout.whole(),
        }];
    }
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

/// What the deploy of one package needs.
pub(super) struct Run<'a> {
    pub(super) reader: &'a Reader,
    pub(super) writer: &'a Writer,
    pub(super) options: &'a Options,
}

impl Run<'_> {
    /// Deploys one package after the other, until one fails, and notes in the outcome what became
    /// of each. There is at least one. Returns the id of the last deploy.
    pub(super) async fn all(
        &self,
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
            let (id, result, tests) = self.stage(&stage, surroundings, &outcome.earlier).await?;
            // Apex is in one of the packages.
            if outcome.tests.is_none() || tests.status != Status::NotChecked {
                outcome.tests = Some(tests);
            }
            last = Some(id);
            if !result.success || index + 1 == count {
                outcome.deploy = Some(result);
                break;
            }
            outcome.earlier.push(Deployed {
                package: stage.name,
                result,
            });
        }
        outcome.pending = due.map(|(_, stage)| stage.name).collect();
        Ok(last)
    }

    /// Deploys one package and waits for its end.
    async fn stage(
        &self,
        stage: &Stage,
        surroundings: &mut dyn Surroundings,
        earlier: &[Deployed],
    ) -> Result<(DeployId, DeployResult, Check), Error> {
        let deploy_options = deploy_options(&stage.package, self.options.check_only);
        let zip = stage.package.zip()?;
        let id = self
            .writer
            .deploy(zip, &deploy_options)
            .await
            .map_err(|fault| no_deploy(fault, earlier))?;
        // From here on the org works by itself: a reader that went away must not hide its result.
        let mut shown = surroundings.event(Event::Started(&id));
        let polling = self.reader.polling(self.options.wait);
        let result = sf::wait_for_deploy(self.reader, &id, polling, &mut |progress| {
            if shown.is_ok() {
                shown = surroundings.event(Event::Progress(progress));
            }
        })
        .await
        .map_err(|fault| Error::Fault {
            fault: Box::new(fault),
            started: Some(id.clone()),
            earlier: names(earlier),
        })?;
        let tests = check_tests(&result, &deploy_options);
        Ok((id, result, tests))
    }
}
