//! What Salesforce compares when OpenCX begins to connect: the callback URL, and PKCE.

use super::{CALLBACK, CODES, GLOBAL, Of, check, of, part, repaired, setup};
use crate::doctor::Check;
use crate::doctor::finding::Finding;
use crate::doctor::scene::Scene;
use crate::sf::text::clean;

const CALLBACK_OF: Of = of(CODES[1]);
pub(in crate::doctor) const CALLBACK_URL: Check = check(CALLBACK_OF, callback_url);

fn callback_url(scene: &Scene<'_>) -> Option<Finding> {
    let (app, part) = part(scene, GLOBAL)?;
    let found = part.child_text("callbackUrl").unwrap_or_default();
    // Setup takes several, one per line.
    let urls: Vec<&str> = found
        .split(['\n', '\r'])
        .filter(|url| !url.is_empty())
        .collect();
    if urls.contains(&CALLBACK) {
        return Some(Finding::passed(
            CALLBACK_OF,
            format!(
                "the callback URL of {} is OpenCX's, to the letter",
                app.name
            ),
        ));
    }
    let near = urls.iter().find_map(|url| difference(url));
    let said = match (near, urls.first()) {
        (Some(difference), _) => format!("the callback URL of {} {difference}", app.name),
        (None, None) => format!("{} has no callback URL", app.name),
        (None, Some(url)) => format!("the callback URL of {} is {}", app.name, clean(url)),
    };
    let finding = Finding::failed(CALLBACK_OF, said)
        .effect("Salesforce compares it letter by letter and answers redirect_uri_mismatch")
        .setup(setup(app, "Settings > OAuth Settings > Callback URL"));
    let by_hand = format!("set it to exactly {CALLBACK}, then wait 2 to 10 minutes");
    Some(repaired(scene, app, finding, &by_hand))
}

/// What is wrong with a URL that is nearly the right one.
fn difference(url: &str) -> Option<&'static str> {
    let trimmed = url.trim();
    if trimmed == CALLBACK {
        Some("has a blank before or after it")
    } else if trimmed.trim_end_matches('/') == CALLBACK {
        Some("ends in a slash too many")
    } else if trimmed.strip_prefix("http://") == CALLBACK.strip_prefix("https://") {
        Some("begins with http:// in place of https://")
    } else if trimmed.eq_ignore_ascii_case(CALLBACK) {
        Some("has other upper and lower case than OpenCX's")
    } else {
        None
    }
}

const PKCE_OF: Of = of(CODES[2]);
pub(in crate::doctor) const PKCE: Check = check(PKCE_OF, pkce);

fn pkce(scene: &Scene<'_>) -> Option<Finding> {
    let (app, part) = part(scene, GLOBAL)?;
    let place = setup(app, "Settings > OAuth Settings > Security");
    // Left out, Salesforce takes true for External Client Apps.
    let required = part.child_text("isPkceRequired") != Some("false");
    let wanted = scene.integration.external_client_app.as_ref();
    if let Some(wanted) = wanted
        && wanted.require_pkce != required
    {
        let word = |on| if on { "requires" } else { "does not require" };
        return Some(
            Finding::failed(
                PKCE_OF,
                format!(
                    "{} {} PKCE; by the config it {} it",
                    app.name,
                    word(required),
                    word(wanted.require_pkce)
                ),
            )
            .effect(if required {
                "where OpenCX sends no PKCE challenge, Connect ends in an error about code_challenge"
            } else {
                "the login works, with one protection less than you asked for"
            })
            .fix("look at the plan, then deploy")
            .setup(place)
            .command(scene.run("plan")),
        );
    }
    Some(match (wanted, required) {
        (_, false) => Finding::passed(PKCE_OF, format!("{} does not require PKCE", app.name)),
        (Some(_), true) => Finding::passed(
            PKCE_OF,
            format!("{} requires PKCE, as the config says", app.name),
        ),
        (None, true) => Finding::unknown(
            PKCE_OF,
            format!(
                "{} requires PKCE, which is Salesforce's default; OpenCX's page does not say \
                 whether OpenCX can do that",
                app.name
            ),
        )
        .effect("if it can't, Connect ends in an error about code_challenge")
        .fix("untick Require Proof Key for Code Exchange (PKCE), wait 10 minutes, connect again")
        .setup(place),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_url_that_is_nearly_right_is_told_apart() {
        for (url, said) in [
            (
                " https://api.open.cx/backend/salesforce-case-management/oauth/callback",
                "a blank",
            ),
            (
                "https://api.open.cx/backend/salesforce-case-management/oauth/callback/",
                "a slash",
            ),
            (
                "http://api.open.cx/backend/salesforce-case-management/oauth/callback",
                "http://",
            ),
            (
                "https://api.open.cx/backend/Salesforce-case-management/oauth/callback",
                "case",
            ),
        ] {
            assert!(difference(url).unwrap().contains(said), "{url}");
        }
        assert_eq!(difference("https://app.acme.example/callback"), None);
    }
}
