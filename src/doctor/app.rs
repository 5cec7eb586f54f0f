//! The app by which OpenCX connects: callback URL, PKCE, scopes, policies, age, and who connected.

mod access;
mod by_hand;
mod callback;
mod connection;
mod parts;

use super::Check;
use super::app_facts::AppFacts;
use super::finding::{Finding, Group};
use super::scene::Scene;
use crate::diag::Code;
use crate::metadata::MetadataType;
use crate::sf::text::clean;
use crate::xml::Element;

pub(super) use access::{POLICIES, SCOPES};
pub(super) use by_hand::BY_HAND;
pub(super) use callback::{CALLBACK_URL, PKCE};
pub(super) use connection::{AGE, CONNECTED};
pub(super) use parts::PARTS;

type Of = (Code, Group);

const fn of(code: &'static str) -> Of {
    (Code(code), Group::Connection)
}

const fn check(of: Of, judge: fn(&Scene<'_>) -> Option<Finding>) -> Check {
    Check { code: of.0, judge }
}

/// The checks for which the app must be retrieved.
pub(super) const CODES: [&str; 7] = [
    "doctor/app",
    "doctor/callback-url",
    "doctor/app-pkce",
    "doctor/app-scopes",
    "doctor/app-policies",
    "doctor/app-age",
    "doctor/connected",
];

/// What OpenCX needs in the app, to the letter.
const CALLBACK: &str = "https://api.open.cx/backend/salesforce-case-management/oauth/callback";

const GLOBAL: MetadataType = MetadataType::ExtlClntAppGlobalOauthSettings;
const OAUTH: MetadataType = MetadataType::ExtlClntAppOauthSettings;
const OAUTH_POLICY: MetadataType = MetadataType::ExtlClntAppOauthConfigurablePolicies;
const POLICY: MetadataType = MetadataType::ExtlClntAppConfigurablePolicies;

/// Where Setup has the app.
fn setup(app: &AppFacts, page: &str) -> String {
    let name = app.label.as_deref().unwrap_or(&app.name);
    format!("External Client App Manager > {} > {page}", clean(name))
}

/// The app, when the org has shown it.
fn shown<'a>(scene: &Scene<'a>) -> Option<&'a AppFacts> {
    scene.facts.app.as_ref()?.as_ref().ok()
}

/// A part of the app as the org has it. One that is missing or not shown is what `doctor/app` says.
fn part<'a>(scene: &Scene<'a>, kind: MetadataType) -> Option<(&'a AppFacts, Element)> {
    let app = shown(scene)?;
    Some((app, app.part(kind).ok()??))
}

fn is(part: &Element, field: &str, wanted: bool) -> Option<bool> {
    let text = part.child_text(field)?;
    Some((text == "true") == wanted)
}

/// A repair: by a deploy where the config has the app, by hand where it doesn't.
fn repaired(scene: &Scene<'_>, app: &AppFacts, finding: Finding, by_hand: &str) -> Finding {
    if app.changes.is_some() {
        finding
            .fix("look at the plan, then deploy")
            .command(scene.run("plan"))
    } else {
        finding.fix(by_hand)
    }
}
