//! The app by which OpenCX connects.

use jiff::{SignedDuration, Timestamp};

use super::Check;
use super::finding::{Finding, Group};
use super::scene::Scene;
use crate::compare::{Change, ChangeKind};
use crate::diag::Code;
use crate::sf::OrgKind;

type Of = (Code, Group);

/// What OpenCX needs in the app, to the letter.
const CALLBACK: &str = "https://api.open.cx/backend/salesforce-case-management/oauth/callback";

const PARTS: Of = (Code("doctor/app"), Group::Connection);
pub(super) const APP: Check = Check {
    code: PARTS.0,
    judge: app,
};

fn app(scene: &Scene<'_>) -> Option<Finding> {
    let wanted = scene.integration.external_client_app.as_ref()?;
    let name = &wanted.name;
    let setup = format!("External Client App Manager > {name} > Settings > OAuth Settings");
    let changes = match scene.facts.app.as_ref()? {
        Ok(changes) => changes,
        Err(said) => {
            return Some(
                Finding::untold(PARTS, &format!("the External Client App {name}"), said)
                    .fix(format!(
                        "look whether its callback URL is exactly {CALLBACK}"
                    ))
                    .setup(setup),
            );
        }
    };
    let differing: Vec<&Change> = changes
        .iter()
        .filter(|change| !matches!(change.kind, ChangeKind::Same | ChangeKind::Unreadable))
        .collect();
    if let Some(first) = differing.first() {
        return Some(
            Finding::failed(PARTS, differs(name, first))
                .effect(
                    "OpenCX can't log in: the callback URL, the scopes and the policies must be exactly \
                     those that it expects",
                )
                .fix("look at the plan, then deploy")
                .setup(setup)
                .command(scene.run("plan")),
        );
    }
    if let Some(unread) = changes
        .iter()
        .find(|change| change.kind == ChangeKind::Unreadable)
    {
        let note = unread.note.as_deref().unwrap_or("the org did not show it");
        return Some(
            Finding::unknown(
                PARTS,
                format!("{} could not be read: {note}", unread.component),
            )
            .fix(format!(
                "look whether its callback URL is exactly {CALLBACK}"
            ))
            .setup(setup),
        );
    }
    if let Some(minutes) = youngest(changes, scene.facts.now).filter(|minutes| *minutes < 10) {
        return Some(
            Finding::failed(PARTS, format!("the app {name} was changed {minutes} minutes ago"))
                .effect("Salesforce needs 2 to 10 minutes until an app can be used; earlier, credentials don't save")
                .fix("wait until ten minutes are over, then try again")
                .setup(setup),
        );
    }
    Some(Finding::passed(
        PARTS,
        format!("the app {name} has the callback URL, scopes and policies of the config"),
    ))
}

fn differs(name: &str, change: &Change) -> String {
    if change.kind == ChangeKind::Missing {
        return format!(
            "the app {name} is not all there: the org has no {}",
            change.component
        );
    }
    let fields: Vec<String> = change
        .fields
        .iter()
        .take(3)
        .map(|field| {
            format!(
                "{} is {}, expected {}",
                field.field,
                field.live.as_deref().unwrap_or("absent"),
                field.wanted.as_deref().unwrap_or("absent")
            )
        })
        .collect();
    format!(
        "the app {name} differs from the config: {}",
        fields.join("; ")
    )
}

/// Minutes since a part of the app was changed last.
fn youngest(changes: &[Change], now: Timestamp) -> Option<i64> {
    changes
        .iter()
        .filter_map(|change| change.modified.as_ref()?.at.parse::<Timestamp>().ok())
        .map(|at| now.duration_since(at).max(SignedDuration::ZERO).as_mins())
        .min()
}

const HOST: Of = (Code("doctor/login-url"), Group::Connection);
pub(super) const LOGIN: Check = Check {
    code: HOST.0,
    judge: login,
};

/// What OpenCX was given only its dashboard shows.
fn login(scene: &Scene<'_>) -> Option<Finding> {
    let (kind, url) = match scene.org.kind {
        OrgKind::Sandbox | OrgKind::Scratch => ("a sandbox", "https://test.salesforce.com"),
        OrgKind::Production => ("a production org", "https://login.salesforce.com"),
        OrgKind::Developer => ("a Developer Edition org", "https://login.salesforce.com"),
        OrgKind::Trial => ("a trial org", "https://login.salesforce.com"),
    };
    Some(
        Finding::unknown(
            HOST,
            format!("which Login URL, key and secret OpenCX has can't be seen from here; this is {kind}"),
        )
        .fix(format!(
            "in OpenCX (Settings > Integrations > Salesforce) the Login URL must be {url}; copy the \
             Consumer Key and Secret anew, without a blank before or after"
        ))
        .setup("External Client App Manager > your app > Settings > Consumer Key and Secret"),
    )
}

const SEEN: Of = (Code("doctor/app-not-in-config"), Group::Connection);
pub(super) const BY_HAND: Check = Check {
    code: SEEN.0,
    judge: by_hand,
};

fn by_hand(scene: &Scene<'_>) -> Option<Finding> {
    if scene.integration.external_client_app.is_some() {
        return None;
    }
    Some(
        Finding::unknown(
            SEEN,
            "the app by which OpenCX connects is not in the config, so which one it is isn't known",
        )
        .fix(format!(
            "look whether its callback URL is exactly {CALLBACK}, and its scopes are Full access and \
             Perform requests at any time; or let opencx-sf deploy it: `external_client_app`"
        ))
        .setup("External Client App Manager > your app > Settings > OAuth Settings"),
    )
}
