//! An app that somebody made by hand, and that isn't found by its name.

use super::{CALLBACK, Of, check, of};
use crate::doctor::app_facts::is_for_opencx;
use crate::doctor::finding::{Finding, Verdict};
use crate::doctor::scene::Scene;
use crate::doctor::{Check, wording};
use crate::sf::text::clean;

const SEEN: Of = of("doctor/app-not-in-config");
pub(in crate::doctor) const BY_HAND: Check = check(SEEN, by_hand);

fn by_hand(scene: &Scene<'_>) -> Option<Finding> {
    if scene.integration.external_client_app.is_some() || scene.facts.app.is_some() {
        return None;
    }
    let fix = format!(
        "look whether its callback URL is exactly {CALLBACK}, and its scopes are Full access and \
         Perform requests at any time; or let opencx-sf deploy it: `external_client_app`"
    );
    let place = "External Client App Manager > your app > Settings > OAuth Settings";
    let said = match &scene.facts.apps {
        Err(said) => {
            return Some(
                Finding::untold(SEEN, "the External Client Apps", said)
                    .fix(fix)
                    .setup(place),
            );
        }
        Ok(apps) if apps.is_empty() => {
            return Some(
                Finding::failed(SEEN, "the org has no External Client App")
                    .effect(
                        "OpenCX logs in by one; only a Connected App from before Winter '26 could \
                         stand in for it",
                    )
                    .fix("write `external_client_app` into the config and deploy")
                    .setup("External Client App Manager")
                    .command(scene.run("deploy")),
            );
        }
        Ok(apps) => {
            let named = apps.iter().filter(|row| is_for_opencx(row)).count();
            if named > 1 {
                format!("{named} apps are called after OpenCX, so which one it uses isn't known")
            } else {
                let names: Vec<String> = apps
                    .iter()
                    .take(5)
                    .map(|row| clean(row.master_label.as_deref().unwrap_or(&row.developer_name)))
                    .collect();
                format!(
                    "none of the org's {} is called after OpenCX, so which one it uses isn't known \
                     ({})",
                    wording::count(apps.len(), "External Client App"),
                    names.join(", ")
                )
            }
        }
    };
    Some(
        Finding::new(SEEN, Verdict::Unknown, said)
            .fix(fix)
            .setup(place),
    )
}
