//! What the app allows: its scopes and its policies.

use super::{CODES, GLOBAL, OAUTH, OAUTH_POLICY, Of, check, is, of, part, repaired, setup};
use crate::doctor::Check;
use crate::doctor::finding::Finding;
use crate::doctor::scene::Scene;

const SCOPES_OF: Of = of(CODES[3]);
pub(in crate::doctor) const SCOPES: Check = check(SCOPES_OF, scopes);

fn scopes(scene: &Scene<'_>) -> Option<Finding> {
    let (app, part) = part(scene, OAUTH)?;
    let found = part
        .child_text("commaSeparatedOauthScopes")
        .unwrap_or_default();
    let has = |names: &[&str]| {
        let mut found = found.split(',').map(str::trim);
        found.any(|scope| names.iter().any(|name| scope.eq_ignore_ascii_case(name)))
    };
    let mut missing = Vec::new();
    if !has(&["Full"]) {
        missing.push("Full access (full)");
    }
    // Two words of Salesforce for the same scope.
    if !has(&["RefreshToken", "OfflineAccess"]) {
        missing.push("Perform requests at any time (refresh_token, offline_access)");
    }
    if missing.is_empty() {
        return Some(Finding::passed(
            SCOPES_OF,
            format!("{} has the scopes that OpenCX asks for", app.name),
        ));
    }
    let missing = missing.join(" and ");
    let finding = Finding::failed(SCOPES_OF, format!("{} lacks the scope {missing}", app.name))
        .effect(
            "OpenCX is refused when it connects, or loses the connection when its first token ends",
        )
        .setup(setup(app, "Settings > OAuth Settings > OAuth Scopes"));
    let by_hand = format!("add {missing}, then connect again in OpenCX");
    Some(repaired(scene, app, finding, &by_hand))
}

const POLICIES_OF: Of = of(CODES[4]);
pub(in crate::doctor) const POLICIES: Check = check(POLICIES_OF, policies);

/// Permitted users, IP policy, refresh tokens, and the two secret flags.
fn policies(scene: &Scene<'_>) -> Option<Finding> {
    let (app, policy) = part(scene, OAUTH_POLICY)?;
    let (_, global) = part(scene, GLOBAL)?;
    let text = |field: &str| policy.child_text(field).unwrap_or_default();
    let mut wrong: Vec<(&str, &str, &str, &str)> = Vec::new();
    if text("permittedUsersPolicyType") == "AdminApprovedPreAuthorized" {
        wrong.push((
            "Permitted Users is Admin approved users are pre-authorized",
            "whoever is not given the app by a permission set or profile is refused with \
             invalid_app_access",
            "set it to All users may self-authorize, or give the app to OpenCX's user",
            "Policies > OAuth Policies > Permitted Users",
        ));
    }
    if text("ipRelaxationPolicyType").eq_ignore_ascii_case("Enforce") {
        wrong.push((
            "IP Relaxation is Enforce IP restrictions",
            "OpenCX calls from its own addresses: where the user's profile has login IP ranges it is \
             refused with ip restricted",
            "set it to Relax IP restrictions",
            "Policies > OAuth Policies > IP Relaxation",
        ));
    }
    match text("refreshTokenPolicyType") {
        "" | "Infinite" => {}
        "Zero" => wrong.push((
            "the refresh token is expired at once",
            "OpenCX is disconnected as soon as its first access token ends, after some hours",
            "set it to Refresh token is valid until revoked",
            "Policies > OAuth Policies > Refresh Token Policy",
        )),
        _ => wrong.push((
            "the refresh token ends after a time",
            "one day OpenCX is disconnected, and somebody has to connect it again",
            "set it to Refresh token is valid until revoked",
            "Policies > OAuth Policies > Refresh Token Policy",
        )),
    }
    for (field, good, label) in [
        (
            "isConsumerSecretOptional",
            false,
            "Require Secret for Web Server Flow",
        ),
        (
            "isSecretRequiredForRefreshToken",
            true,
            "Require Secret for Refresh Token Flow",
        ),
    ] {
        if is(&global, field, good) == Some(false) {
            wrong.push((
                label,
                "is not ticked, and OpenCX's page asks for it: whoever has the key alone could log in",
                "tick it",
                "Settings > OAuth Settings > Security",
            ));
        }
    }
    let Some((said, effect, by_hand, page)) = wrong.first().copied() else {
        return Some(Finding::passed(
            POLICIES_OF,
            format!(
                "the policies of {} let OpenCX log in, from its own addresses and for good",
                app.name
            ),
        ));
    };
    let more = match wrong.len() - 1 {
        0 => String::new(),
        _ => {
            let others: Vec<&str> = wrong.iter().skip(1).map(|row| row.0).collect();
            format!(" (and: {})", others.join("; "))
        }
    };
    let finding = Finding::failed(POLICIES_OF, format!("in {}: {said}{more}", app.name))
        .effect(effect)
        .setup(setup(app, page));
    Some(repaired(scene, app, finding, by_hand))
}
