//! What is remembered of deploys: by the org for a while, and by this machine's journals.

use jiff::{SignedDuration, Timestamp};

use super::{ONE_DEPLOY_SECONDS, moment};
use crate::compare::{Change, Modified};
use crate::journal::{Purpose, Run};
use crate::metadata::OrgId;
use crate::sf::{DeployRequest, Fault, LISTED_DEPLOYS};

/// For so long an org keeps the results of deploys (Metadata API guide, "deploy()").
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The org's list of its deploys, the newest first.
#[derive(Debug)]
pub enum Listed {
    /// Nothing differs of which it could tell more.
    NotAsked,
    /// The org did not give it, for this reason.
    Refused(String),
    /// What it holds.
    Deploys(Vec<DeployRequest>),
}

impl From<Result<Vec<DeployRequest>, Fault>> for Listed {
    fn from(answer: Result<Vec<DeployRequest>, Fault>) -> Self {
        match answer {
            Ok(deploys) => Self::Deploys(deploys),
            Err(fault) => Self::Refused(fault.to_string()),
        }
    }
}

/// The deploys that are remembered, for telling a deploy from an edit.
#[derive(Debug)]
pub struct History {
    /// By the org.
    pub deploys: Listed,
    /// By this machine, of any org.
    pub runs: Vec<Run>,
    /// The time now.
    pub now: Timestamp,
}

/// How far the org's list helps with a moment.
pub(super) enum Reach {
    /// A deploy at that moment would be in it.
    There,
    /// It would not, or need not be, for this reason.
    Not(String),
}

impl History {
    /// The org's deploy by which that user changed something then. One that failed or was canceled
    /// changed nothing. Dates have whole seconds.
    pub(super) fn deploy(&self, modified: &Modified) -> Option<&DeployRequest> {
        let Listed::Deploys(deploys) = &self.deploys else {
            return None;
        };
        let at = moment(modified)?.as_second();
        deploys.iter().find(|deploy| {
            let began = second(&deploy.created).is_some_and(|began| began <= at);
            let ended = second(&deploy.completed).is_none_or(|ended| at <= ended);
            let is_by_user = modified.is_by(&deploy.user_id, &deploy.user_name);
            let is_lost = matches!(deploy.status.as_str(), "Failed" | "Canceled");
            !deploy.check_only && !is_lost && is_by_user && began && ended
        })
    }

    /// Whether this machine knows of a deploy to this org by which that user changed the component then.
    pub(super) fn is_in_a_journal(&self, org: &OrgId, change: &Change) -> bool {
        let Some(modified) = &change.modified else {
            return false;
        };
        let Some(at) = moment(modified) else {
            return false;
        };
        let name = change.component.to_string();
        // The clocks of this machine and of the org are not the same.
        let slack = SignedDuration::from_secs(ONE_DEPLOY_SECONDS);
        let runs = self.runs.iter().filter(|run| {
            run.begin.org == *org
                && run.begin.purpose != Purpose::Validate
                && modified.is_by(&run.begin.user, "")
        });
        runs.flat_map(|run| &run.deploys).any(|deploy| {
            let Some((true, ended)) = deploy.success else {
                return false;
            };
            !deploy.sent.check_only
                && deploy.sent.at - slack <= at
                && at <= ended + slack
                && deploy.sent.components.contains(&name)
        })
    }

    /// Whether the org's list would have a deploy of that moment.
    pub(super) fn reach(&self, at: Timestamp) -> Reach {
        let deploys = match &self.deploys {
            Listed::NotAsked => {
                return Reach::Not("the org's list of deploys was not read".to_owned());
            }
            Listed::Refused(why) => {
                return Reach::Not(format!("the org did not list its deploys ({why})"));
            }
            Listed::Deploys(deploys) => deploys,
        };
        let day = at.strftime("%Y-%m-%d");
        if self.now.duration_since(at) >= KEPT {
            return Reach::Not(format!(
                "it was changed on {day}, and an org lists its deploys of the last 30 days"
            ));
        }
        let oldest = deploys.last().and_then(|deploy| second(&deploy.created));
        if deploys.len() >= LISTED_DEPLOYS && oldest.is_none_or(|oldest| at.as_second() < oldest) {
            return Reach::Not(format!(
                "it was changed on {day}, and the org's newest {LISTED_DEPLOYS} deploys are all younger"
            ));
        }
        Reach::There
    }
}

fn second(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}
