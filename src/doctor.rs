//! From a symptom to its cause. The org is asked once, in a few requests that run at the same time,
//! and what it said is judged by checks that ask nothing more. Nothing here can change an org.

mod announce;
mod app;
mod ask;
mod code;
mod facts;
mod finding;
mod inbound;
mod limits;
mod miaw;
mod outbound;
mod rep_replies;
mod scene;
mod symptom;
mod threading;
mod wording;

use serde::Serialize;

use crate::config::Integration;
use crate::diag::Code;
use crate::package::Package;
use crate::plan::OrgFacts;
use crate::sf::{Fault, Reader};

pub use finding::{Finding, Group, Verdict};
pub use miaw::{MessagingSettings, messaging_settings};
pub use symptom::{Match, SYMPTOMS, Symptom, recognise};

use scene::Scene;

/// One question about an org, answered from its facts.
struct Check {
    code: Code,
    /// Nothing where the question does not arise.
    judge: fn(&Scene<'_>) -> Option<Finding>,
}

/// All checks, in the order of the report.
const CHECKS: &[Check] = &[
    announce::CASE_TRIGGER,
    announce::HANDLER,
    announce::CREDENTIAL,
    announce::CALLOUTS,
    announce::ACCESS,
    announce::JOBS,
    announce::SILENT,
    outbound::SENDER_TRIGGER,
    outbound::ATTRIBUTION,
    outbound::DELIVERABILITY,
    outbound::SEND_EMAIL,
    outbound::DOMAIN,
    outbound::ORG_WIDE,
    outbound::CLASSES,
    outbound::ROWS,
    threading::CODE_HAS_TOKEN,
    threading::ANSWERS,
    inbound::EMAIL_TO_CASE,
    inbound::ROUTING,
    inbound::REPLY_TO,
    limits::MAIL,
    rep_replies::TRIGGERS,
    app::APP,
];

/// Checks of one symptom only: elsewhere what they find is as somebody wants it.
const WHEN_ASKED: &[Check] = &[
    rep_replies::OFF,
    app::LOGIN,
    app::BY_HAND,
    inbound::CONFIRMATION,
    miaw::ABSENT,
];

fn all() -> impl Iterator<Item = &'static Check> {
    usual().chain(WHEN_ASKED)
}

/// Those of a report without a symptom.
fn usual() -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().chain(miaw::CHECKS.iter().copied().flatten())
}

/// What an examination showed.
#[derive(Debug, Clone, Serialize)]
pub struct Examination {
    /// The org.
    pub org: OrgFacts,
    /// What the user sees, when that was said.
    pub symptom: Option<&'static Symptom>,
    /// In the order of the path of the symptom: likeliest first. Without a symptom by group.
    pub findings: Vec<Finding>,
}

impl Examination {
    /// What was shown to be wrong, likeliest cause first.
    pub fn causes(&self) -> impl Iterator<Item = &Finding> {
        self.of(Verdict::Failed)
    }

    /// Whether something could not be told: the org did not show it, or nothing here looks at it.
    pub fn is_undetermined(&self) -> bool {
        self.of(Verdict::Unknown).next().is_some()
            || self.symptom.is_some_and(|symptom| symptom.path.is_empty())
    }

    /// The findings with that verdict, in order.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.verdict == verdict)
    }
}

/// Examines an org: everything, or the path of one symptom.
///
/// # Errors
/// A [`Fault`] that would meet every question alike. What the org refuses to say becomes a finding
/// with the verdict unknown.
pub async fn examine(
    reader: &Reader,
    org: OrgFacts,
    integration: &Integration,
    package: &Package,
    now: jiff::Timestamp,
    symptom: Option<&'static Symptom>,
    messaging: Option<MessagingSettings>,
) -> Result<Examination, Fault> {
    let with_app = symptom.is_none_or(|symptom| symptom.path.contains(&app::APP.code.0));
    let mut facts = ask::facts(reader, integration, package, now, with_app).await?;
    if let Some(settings) = &messaging
        && symptom.is_none_or(|symptom| miaw::asks_the_org(symptom.path))
    {
        let org = miaw::ask(reader, integration.api_version, settings, now).await?;
        facts.messaging_org = Some(org);
    }
    facts.messaging = messaging;
    let scene = Scene::new(&facts, &org, integration, package);
    let judge = |check: &Check| (check.judge)(&scene);
    let findings = match symptom {
        None => usual().filter_map(judge).collect(),
        Some(symptom) => symptom
            .path
            .iter()
            .filter_map(|code| all().find(|check| check.code.0 == *code))
            .filter_map(judge)
            .collect(),
    };
    Ok(Examination {
        org,
        symptom,
        findings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_leads_over_checks_that_exist() {
        for symptom in SYMPTOMS {
            for code in symptom.path {
                let known = all().filter(|check| check.code.0 == *code);
                assert_eq!(known.count(), 1, "{}: {code}", symptom.name);
            }
        }
    }
}
