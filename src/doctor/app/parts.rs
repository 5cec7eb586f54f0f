//! Whether the app is all there and enabled.

use super::{CALLBACK, CODES, GLOBAL, OAUTH, OAUTH_POLICY, POLICY};
use super::{Of, check, is, of, part, repaired, setup};
use crate::compare::{Change, ChangeKind};
use crate::doctor::Check;
use crate::doctor::finding::Finding;
use crate::doctor::scene::Scene;
use crate::sf::text::clean;

const APP: Of = of(CODES[0]);
pub(in crate::doctor) const PARTS: Check = check(APP, parts);

/// Whether it is all there, on, and without a difference that no other check looks at.
fn parts(scene: &Scene<'_>) -> Option<Finding> {
    let app = match scene.facts.app.as_ref()? {
        Ok(app) => app,
        Err(said) => {
            return Some(
                Finding::untold(APP, "the External Client App of OpenCX", said)
                    .fix(format!(
                        "look whether its callback URL is exactly {CALLBACK}"
                    ))
                    .setup("External Client App Manager > your app > Settings > OAuth Settings"),
            );
        }
    };
    let name = &app.name;
    let place = setup(app, "Settings > OAuth Settings");
    let changes = app.changes.as_deref().unwrap_or_default();
    if let Some(change) = changes.iter().find(|one| one.kind == ChangeKind::Missing) {
        return Some(
            Finding::failed(
                APP,
                format!(
                    "the app {name} is not all there: the org has no {}",
                    change.component
                ),
            )
            .effect("OpenCX logs in by this app; without it there is no key and no secret")
            .fix("deploy it")
            .command(scene.run("deploy")),
        );
    }
    for kind in [GLOBAL, OAUTH, OAUTH_POLICY, POLICY] {
        if let Err(reason) = app.part(kind) {
            return Some(
                Finding::unknown(
                    APP,
                    format!(
                        "the {} of {name} could not be read: {}",
                        kind.name(),
                        clean(reason)
                    ),
                )
                .fix(format!(
                    "look whether its callback URL is exactly {CALLBACK}; reading it needs the \
                     permission to view External Client Apps"
                ))
                .setup(place),
            );
        }
    }
    if let Some((_, policy)) = part(scene, POLICY) {
        for (field, what) in [
            ("isEnabled", "the app"),
            ("isOauthPluginEnabled", "its OAuth plugin"),
        ] {
            if is(&policy, field, true) == Some(false) {
                let finding = Finding::failed(APP, format!("{what} is switched off: {name}"))
                    .effect("Salesforce refuses every login through it")
                    .setup(setup(app, "Policies > App Status"));
                return Some(repaired(scene, app, finding, "enable it under Policies"));
            }
        }
    }
    if let Some((change, field)) = other_difference(changes) {
        return Some(
            Finding::failed(
                APP,
                format!(
                    "the app {name} differs from the config: {} is {}, expected {}",
                    field.field,
                    field.live.as_deref().unwrap_or("absent"),
                    field.wanted.as_deref().unwrap_or("absent")
                ),
            )
            .effect(format!("{} was changed in Setup", change.component))
            .fix("look at the plan, then deploy")
            .setup(place)
            .command(scene.run("plan")),
        );
    }
    Some(Finding::passed(
        APP,
        match app.changes {
            Some(_) => format!("the app {name} is all there and enabled"),
            None => format!("the app {name}, made by hand, is there and enabled"),
        },
    ))
}

/// Fields that checks of their own judge.
const JUDGED: [&str; 8] = [
    "callbackUrl",
    "isPkceRequired",
    "isConsumerSecretOptional",
    "isSecretRequiredForRefreshToken",
    "commaSeparatedOauthScopes",
    "permittedUsersPolicyType",
    "ipRelaxationPolicyType",
    "refreshTokenPolicyType",
];

fn other_difference(changes: &[Change]) -> Option<(&Change, &crate::compare::FieldChange)> {
    changes.iter().find_map(|change| {
        let field = change
            .fields
            .iter()
            .find(|field| !JUDGED.iter().any(|judged| field.field.ends_with(judged)))?;
        Some((change, field))
    })
}
