//! The app by which OpenCX connects: callback URL, PKCE, scopes, policies, age, and who connected.

use jiff::{SignedDuration, Timestamp};

use super::app_facts::{AppFacts, is_for_opencx};
use super::finding::{Finding, Group, Verdict};
use super::scene::Scene;
use super::{Check, holders, wording};
use crate::compare::{Change, ChangeKind};
use crate::diag::Code;
use crate::metadata::MetadataType;
use crate::sf::text::clean;
use crate::xml::Element;

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

const APP: Of = of(CODES[0]);
pub(super) const PARTS: Check = check(APP, parts);

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

const CALLBACK_OF: Of = of(CODES[1]);
pub(super) const CALLBACK_URL: Check = check(CALLBACK_OF, callback_url);

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
pub(super) const PKCE: Check = check(PKCE_OF, pkce);

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

const SCOPES_OF: Of = of(CODES[3]);
pub(super) const SCOPES: Check = check(SCOPES_OF, scopes);

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
pub(super) const POLICIES: Check = check(POLICIES_OF, policies);

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

const AGE_OF: Of = of(CODES[5]);
pub(super) const AGE: Check = check(AGE_OF, age);

/// Salesforce takes so long, at most, until a change of an app counts (OpenCX: 2 to 10 minutes).
const MINUTES: i64 = 10;

fn age(scene: &Scene<'_>) -> Option<Finding> {
    let app = shown(scene)?;
    let name = &app.name;
    let modified = app.youngest()?;
    let minutes = minutes_since(&modified.at, scene.facts.now)?;
    if minutes >= MINUTES {
        return Some(Finding::passed(
            AGE_OF,
            format!("{name} was not changed in the last {MINUTES} minutes, so it can be used"),
        ));
    }
    let left = MINUTES - minutes;
    Some(
        Finding::failed(
            AGE_OF,
            format!(
                "the app {name} was changed {} ago",
                wording::count(usize::try_from(minutes).unwrap_or_default(), "minute")
            ),
        )
        .effect(
            "Salesforce needs 2 to 10 minutes until an app can be used; earlier, credentials don't \
             save and connecting fails",
        )
        .fix(format!(
            "wait {} more, then try again",
            wording::count(usize::try_from(left).unwrap_or_default(), "minute")
        )),
    )
}

fn minutes_since(at: &str, now: Timestamp) -> Option<i64> {
    let at: Timestamp = at.parse().ok()?;
    Some(now.duration_since(at).max(SignedDuration::ZERO).as_mins())
}

const CONNECTED_OF: Of = of(CODES[6]);
pub(super) const CONNECTED: Check = check(CONNECTED_OF, connected);

/// As whom OpenCX has connected, and whether that user's rows count as OpenCX's.
fn connected(scene: &Scene<'_>) -> Option<Finding> {
    let app = shown(scene)?;
    let place = "Connected Apps OAuth Usage";
    let rows = match &scene.facts.connections {
        Ok(rows) => rows,
        Err(said) => {
            return Some(
                Finding::untold(CONNECTED_OF, "who has connected through the app", said)
                    .fix("look there for the user (seeing others' tokens needs Manage Users)")
                    .setup(place),
            );
        }
    };
    let Some(row) = rows
        .iter()
        .max_by(|one, other| one.last_used_date.cmp(&other.last_used_date))
    else {
        return Some(
            Finding::unknown(
                CONNECTED_OF,
                format!("the org lists no login through {} yet", app.name),
            )
            .effect("OpenCX has not connected, or your user may not see the tokens of others")
            .fix(
                "in OpenCX, Settings > Integrations > Salesforce > Email: Connect to Salesforce, as \
                 the user of OpenCX",
            )
            .setup(place),
        );
    };
    let who = holders::person(row.user.as_ref());
    let used = super::facts::moment(row.last_used_date.as_deref()).map_or_else(String::new, |at| {
        format!(", last used {}", wording::time(at))
    });
    let said = format!("OpenCX has connected as {who}{used}");
    let holds = holders::is_holder(scene, row.user_id.as_deref());
    if let Some((set, false)) = holds {
        return Some(
            Finding::failed(
                CONNECTED_OF,
                format!("{said}, and that user does not hold the permission set {set}"),
            )
            .effect(
                "only what a holder writes counts as a reply of OpenCX, so none of its replies is sent",
            )
            .fix(format!(
                "assign {set} to {who}; if that is a person who writes mail by hand, connect OpenCX \
                 again as a user of its own"
            ))
            .setup(format!("Permission Sets > {set} > Manage Assignments")),
        );
    }
    Some(Finding::passed(CONNECTED_OF, said))
}

const SEEN: Of = of("doctor/app-not-in-config");
pub(super) const BY_HAND: Check = check(SEEN, by_hand);

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
