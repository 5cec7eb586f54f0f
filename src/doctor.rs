//! From a symptom to its cause. The org is asked once, in a few requests that run at the same time,
//! and what it said is judged by checks that ask nothing more. A symptom whose causes all lie in the
//! config needs no org. Nothing here can change one.

mod announce;
mod app;
mod app_facts;
mod ask;
mod code;
mod credentials;
mod dns;
mod facts;
mod finding;
mod holders;
mod inbound;
mod limits;
mod login;
mod miaw;
mod outbound;
mod rep_replies;
mod request;
mod scene;
mod send_errors;
mod symptom;
mod threading;
mod token;
mod webhook;
mod wording;

use serde::Serialize;

use crate::config::Integration;
use crate::diag::Code;
use crate::package::Package;
use crate::plan::OrgFacts;
use crate::sf::{Fault, Reader};

pub use credentials::Credentials;
pub(crate) use facts::moment;
pub use finding::{Finding, Group, Verdict};
pub use miaw::{MessagingSettings, messaging_settings};
pub use request::Request;
pub use symptom::{Match, SYMPTOMS, Symptom, recognise};
pub(crate) use threading::is_answer;
pub(crate) use token::{Form as TokenForm, token_form};
pub(crate) use wording::without_addresses;

use scene::Scene;

/// One question about an org, answered from its facts.
struct Check {
    code: Code,
    /// Nothing where the question does not arise.
    judge: fn(&Scene<'_>) -> Option<Finding>,
}

/// All checks, in the order of the report.
const CHECKS: &[Check] = &[
    app::PARTS,
    app::CALLBACK_URL,
    app::PKCE,
    app::SCOPES,
    app::POLICIES,
    app::AGE,
    credentials::SHAPE,
    announce::CASE_TRIGGER,
    announce::HANDLER,
    webhook::CREDENTIAL,
    webhook::CALLOUTS,
    webhook::ACCESS,
    webhook::CALL,
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
    send_errors::ERRORS,
    threading::CODE_HAS_TOKEN,
    threading::SETTINGS,
    threading::ANSWERS,
    inbound::EMAIL_TO_CASE,
    inbound::ROUTING,
    inbound::REPLY_TO,
    limits::MAIL,
    rep_replies::TRIGGERS,
];

/// Checks of one symptom only: elsewhere what they find is as somebody wants it, or looking costs
/// more than it tells.
const WHEN_ASKED: &[Check] = &[
    app::CONNECTED,
    app::BY_HAND,
    login::HOST,
    rep_replies::OFF,
    threading::IN_ROWS,
    inbound::CONFIRMATION,
    miaw::ABSENT,
    inbound::ARRIVALS,
    dns::SPF,
    dns::DMARC,
    dns::DKIM,
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
    /// The name of the org in the config; empty where the config was looked at for no org in particular.
    pub target: String,
    /// The org; nothing where it was not asked.
    pub org: Option<OrgFacts>,
    /// When it was.
    pub at: jiff::Timestamp,
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

    /// Whether something could not be told: the org did not show it.
    pub fn is_undetermined(&self) -> bool {
        self.of(Verdict::Unknown).next().is_some()
    }

    /// The findings with that verdict, in order.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.verdict == verdict)
    }
}

impl Symptom {
    /// Whether an org must be asked; the causes of the others lie in the config.
    pub fn needs_an_org(&self) -> bool {
        !miaw::is_in_settings(self.path)
    }
}

/// Walks the path of a symptom that needs no org.
pub fn examine_config(
    target: &str,
    symptom: &'static Symptom,
    messaging: Option<&MessagingSettings>,
    now: jiff::Timestamp,
) -> Examination {
    Examination {
        target: target.to_owned(),
        org: None,
        at: now,
        symptom: Some(symptom),
        findings: miaw::of_settings(messaging),
    }
}

/// Makes every check on an org that costs nothing but looking.
///
/// # Errors
/// As [`examine`].
pub async fn examine_all(
    reader: &Reader,
    org: &OrgFacts,
    integration: &Integration,
    package: &Package,
    now: jiff::Timestamp,
    messaging: Option<MessagingSettings>,
) -> Result<Examination, Fault> {
    let request = Request::default();
    let org = org.clone();
    examine(reader, org, integration, package, now, request, messaging).await
}

/// Examines an org: everything, or the path of one symptom. What else the request names is done too.
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
    request: Request<'_>,
    messaging: Option<MessagingSettings>,
) -> Result<Examination, Fault> {
    let symptom = request.symptom;
    let mut facts = ask::facts(reader, &org.user_id, integration, package, now, &request).await?;
    if let Some(settings) = &messaging
        && symptom.is_none_or(|symptom| miaw::asks_the_org(symptom.path))
    {
        let org = miaw::ask(reader, integration.api_version, settings).await?;
        facts.messaging_org = Some(org);
    }
    facts.messaging = messaging;
    let scene = Scene::new(&facts, &org, integration, package, &request);
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
        target: org.target.clone(),
        org: Some(org),
        at: now,
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
