//! Handoff fails with an access token error: the org's key, keyset and user verification, and what
//! the messaging service says.

use super::ask::Files;
use super::{Check, MessagingSettings, org_of, settings_of};
use crate::diag::Code;
use crate::doctor::finding::{Finding, Group};
use crate::doctor::scene::Scene;
use crate::messaging::{Jwk, check_instance_url};
use crate::metadata::MetadataType;
use crate::sf::{TokenAnswer, TokenReport};
use crate::xml::Element;

type Of = (Code, Group);

const VERIFICATION: &str = "Enhanced Chat User Verification";
const EFFECT: &str = "Salesforce doesn't believe who OpenCX says the customer is, and the handoff fails or the \
                      customer is unknown";

pub(in crate::doctor) const CHECKS: [Check; 6] = [
    Check {
        code: ORG.0,
        judge: same_org,
    },
    Check {
        code: KEY.0,
        judge: key,
    },
    Check {
        code: KEYSET.0,
        judge: in_keyset,
    },
    Check {
        code: ISSUER.0,
        judge: issuer,
    },
    Check {
        code: CLOCK.0,
        judge: clock,
    },
    Check {
        code: TOKEN.0,
        judge: token,
    },
];

/// The keyset by the config, else by the channel; with its name.
pub(super) fn keyset<'a>(
    settings: &'a MessagingSettings,
    files: &'a Files,
) -> Option<(&'a str, &'a Element)> {
    let kind = MetadataType::PublicKeyCertificateSet;
    let found = |name: &'a str| Some((name, files.get(kind, name)?));
    if let Some(name) = settings.config.keyset.as_deref() {
        return found(name);
    }
    let channel = files.get(MetadataType::MessagingChannel, settings.channel(files)?)?;
    keysets_of(channel).find_map(found)
}

/// The keysets that a channel's user verification names.
fn keysets_of(channel: &Element) -> impl Iterator<Item = &str> {
    let config = channel
        .children
        .iter()
        .filter(|part| part.name == "embeddedConfig");
    config
        .flat_map(|config| &config.children)
        .filter(|part| part.name == "messagingAuthorizations")
        .filter(|part| part.child_text("enabled") != Some("false"))
        .filter_map(|part| part.child_text("publicKeyCertificateSetName"))
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

const ORG: Of = (Code("doctor/miaw-org-id"), Group::LiveMessaging);

/// The two fields that say which org it is, against the org.
fn same_org(scene: &Scene<'_>) -> Option<Finding> {
    let config = &settings_of(scene)?.config;
    let named = config.instance_url.as_deref();
    let named = named.and_then(|url| check_instance_url(url).ok());
    // What the session has is My Domain, or this machine for a local org.
    let own = check_instance_url(scene.org.instance_url.trim_end_matches('/')).ok();
    if let (Some(named), Some(own)) = (named, own)
        && named != own
    {
        return Some(
            Finding::failed(
                ORG,
                format!("the Instance URL is {named}, and this org is at {own}"),
            )
            .effect("OpenCX asks another org for the conversation, and gets no token")
            .fix(format!(
                "write https://{own} into OpenCX and into `instance_url`"
            ))
            .setup("My Domain > Current My Domain URL"),
        );
    }
    let given = config.organization_id.as_ref()?;
    let id = &scene.org.id;
    Some(if given == id {
        Finding::passed(ORG, format!("the Salesforce Org ID is this org's, {given}"))
    } else {
        Finding::failed(
            ORG,
            format!("the Salesforce Org ID is {given}, and this org is {id}"),
        )
        .effect("OpenCX asks another org for the conversation, and gets no token")
        .fix(format!("write {id} into OpenCX and into `organization_id`"))
        .setup("Company Information > Salesforce.com Organization ID")
    })
}

const KEY: Of = (Code("doctor/miaw-key-id"), Group::LiveMessaging);

fn key(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    let kid = settings.config.auth_key_id.as_deref()?;
    let files = match &org_of(scene)?.files {
        Ok(files) => files,
        Err(said) => {
            return Some(
                Finding::untold(KEY, "the org's public keys", said)
                    .fix(format!("look whether a key's `kid` is {kid} to the letter"))
                    .setup(VERIFICATION),
            );
        }
    };
    let keys: Vec<(&str, &Element, Jwk)> = files
        .of_type(MetadataType::PublicKeyCertificate)
        .filter_map(|(name, root)| {
            let text = root.child_text("jsonWebKey")?;
            Some((name, root, Jwk::parse(text).ok()?))
        })
        .collect();
    let failed = |found: String| {
        Some(
            Finding::failed(KEY, found)
                .effect(EFFECT)
                .setup(VERIFICATION),
        )
    };
    let Some((name, root, jwk)) = keys.iter().find(|(.., jwk)| jwk.kid == kid) else {
        let public = settings.public();
        let same = keys.iter().find(|(.., jwk)| {
            public
                .as_ref()
                .is_some_and(|key| jwk.holds(key) == Some(true))
        });
        if let Some((name, _, jwk)) = same {
            return failed(format!(
                "the Auth Key ID is {kid}, and the key {name} in the org, which is yours, has the id {}",
                jwk.kid
            ))
            .map(|finding| finding.fix(format!("write {} as Auth Key ID into OpenCX and into `auth_key_id`", jwk.kid)));
        }
        let others: Vec<&str> = keys.iter().map(|(.., jwk)| jwk.kid.as_str()).collect();
        let others = if others.is_empty() {
            "the org has no key".to_owned()
        } else {
            format!("the org has {}", others.join(", "))
        };
        return failed(format!("no key in the org has the id {kid} ({others})")).map(|finding| {
            finding.fix(
                "upload key.json of `opencx-sf miaw keygen` as a new key, or write the id of the key \
                 that is there as Auth Key ID",
            )
        });
    };
    if root.child_text("isActive") == Some("false") {
        return failed(format!("the key {name} with the id {kid} is not active"))
            .map(|finding| finding.fix("make it active"));
    }
    match settings.public().map(|key| jwk.holds(&key)) {
        Some(Some(false)) => failed(format!(
            "the key {name} in the org has the id {kid}, but is not your public key"
        ))
        .map(|finding| {
            finding.fix(
                "one of the two is of an older pair: upload the key.json that was made with the \
                 public key that OpenCX has",
            )
        }),
        Some(Some(true)) => Some(Finding::passed(
            KEY,
            format!("the key {name} in the org is yours, active, and has the id {kid}"),
        )),
        _ => Some(
            Finding::unknown(
                KEY,
                format!("the org has a key with the id {kid}; whether it is your public key can't be told"),
            )
            .fix("give `public_key` in the config, then ask again")
            .setup(VERIFICATION),
        ),
    }
}

const KEYSET: Of = (Code("doctor/miaw-keyset"), Group::LiveMessaging);

fn in_keyset(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    // Where nothing could be read, the check of the key has said so.
    let files = org_of(scene)?.files.as_ref().ok()?;
    let channel_name = settings.channel(files)?;
    let channel = files.get(MetadataType::MessagingChannel, channel_name)?;
    let setup = format!("Messaging Settings > {channel_name} > User Verification");
    let named: Vec<&str> = keysets_of(channel).collect();
    let wanted = settings.config.keyset.as_deref();
    let on_channel = match wanted {
        Some(wanted) => named.iter().find(|name| name.eq_ignore_ascii_case(wanted)),
        None => named.first(),
    };
    let Some(name) = on_channel else {
        let which = wanted.map_or_else(
            || "a keyset".to_owned(),
            |name| format!("the keyset {name}"),
        );
        return Some(
            Finding::failed(
                KEYSET,
                format!("the channel {channel_name} doesn't verify users by {which}"),
            )
            .effect(EFFECT)
            .fix("turn on user verification for the channel and choose the keyset with your key")
            .setup(setup),
        );
    };
    let Some((_, root)) = keyset(settings, files) else {
        return Some(
            Finding::failed(
                KEYSET,
                format!("the channel {channel_name} names the keyset {name}, which is not there"),
            )
            .effect(EFFECT)
            .fix("make the keyset with your key, and choose it in the channel")
            .setup(setup),
        );
    };
    // A keyset with an address gets its keys from there, and no API shows them.
    if root.child_text("type") == Some("JWKS_URL") {
        return Some(
            Finding::unknown(
                KEYSET,
                format!("the keyset {name} takes its keys from an address, so which they are can't be told"),
            )
            .fix("look whether what the address answers has a key with your Auth Key ID as `kid`")
            .setup(VERIFICATION),
        );
    }
    let kid = settings.config.auth_key_id.as_deref()?;
    let is_named = |key: &Element| {
        let jwk = key.child_text("jsonWebKey").map(Jwk::parse);
        matches!(jwk, Some(Ok(jwk)) if jwk.kid == kid)
    };
    // Where the org has no such key at all, the check of the key has said so.
    let mut keys = files.of_type(MetadataType::PublicKeyCertificate);
    if !keys.any(|(_, key)| is_named(key)) {
        return None;
    }
    let has_key = root
        .children
        .iter()
        .filter_map(|entry| entry.child_text("publicKeyCertificate"))
        .filter_map(|key| files.get(MetadataType::PublicKeyCertificate, key))
        .any(is_named);
    Some(if has_key {
        Finding::passed(
            KEYSET,
            format!(
                "the channel {channel_name} verifies users by the keyset {name}, which has the key {kid}"
            ),
        )
    } else {
        Finding::failed(
            KEYSET,
            format!("the keyset {name} has no key with the id {kid}"),
        )
        .effect(EFFECT)
        .fix("add the key to the keyset")
        .setup(format!("{VERIFICATION} > {name}"))
    })
}

const ISSUER: Of = (Code("doctor/miaw-issuer"), Group::LiveMessaging);

fn issuer(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    let files = org_of(scene)?.files.as_ref().ok()?;
    let (name, root) = keyset(settings, files)?;
    let live = root.child_text("jwtIssuer").unwrap_or_default();
    let setup = format!("{VERIFICATION} > {name}");
    Some(match settings.config.issuer.as_deref() {
        Some(wanted) if wanted == live => {
            Finding::passed(ISSUER, format!("the keyset {name} expects the issuer {live}"))
        }
        Some(wanted) => Finding::failed(
            ISSUER,
            format!("the keyset {name} expects the issuer `{live}`, and OpenCX signs as `{wanted}`"),
        )
        .effect(EFFECT)
        .fix(format!("write {wanted} into the keyset; upper and lower case count"))
        .setup(setup),
        None => Finding::unknown(
            ISSUER,
            format!("the keyset {name} expects the issuer `{live}`; as whom OpenCX signs can't be seen from here"),
        )
        .fix("ask OpenCX for the issuer (`iss`) of its tokens, and write it into `live_messaging.issuer`")
        .setup(setup),
    })
}

/// Seconds; more is a cause.
const TOLERATED: i64 = 60;

const CLOCK: Of = (Code("doctor/miaw-clock"), Group::LiveMessaging);

/// Only the messaging service's answer says what time it is there, and OpenCX's clock shows nowhere.
fn clock(scene: &Scene<'_>) -> Option<Finding> {
    let tokens = org_of(scene)?.token.as_ref()?;
    let Some(ahead) = tokens.anonymous.ahead else {
        return Some(
            Finding::unknown(
                CLOCK,
                "the messaging service did not say what time it is, so this machine's clock could not \
                 be compared",
            )
            .fix("look whether this machine's clock is right; a token is only good for some minutes"),
        );
    };
    let far = ahead.abs();
    if far <= TOLERATED {
        return Some(Finding::passed(
            CLOCK,
            format!("this machine's clock is that of Salesforce, but for {far} seconds"),
        ));
    }
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    Some(
        Finding::unknown(
            CLOCK,
            format!("this machine's clock is {far} seconds {way} Salesforce's, so its own token proves little"),
        )
        .effect("a token that is not good yet, or not any more, is refused like one of a wrong key")
        .fix("set this machine's clock, then ask again; OpenCX's own clock can't be seen from here"),
    )
}

const TOKEN: Of = (Code("doctor/miaw-token"), Group::LiveMessaging);

fn token(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    if !settings.request_token {
        // Among all checks it is one that nobody asked for; on its own path it is the one that decides.
        scene.request.symptom?;
        return Some(
            Finding::unknown(
                TOKEN,
                "whether the messaging service takes a token of yours was not tried: that asks it for \
                 tokens, which begins no chat",
            )
            .fix("have it tried")
            .command(scene.run("doctor access-token --request-token")),
        );
    }
    let Some(tokens) = org_of(scene)?.token.as_ref() else {
        return Some(
            Finding::unknown(TOKEN, "no token was asked for: the Instance URL, Org ID or ES Developer Name is missing or wrong")
                .fix("correct what is said above, then ask again"),
        );
    };
    let Some(TokenReport { answer, .. }) = &tokens.verified else {
        return Some(match &tokens.anonymous.answer {
            TokenAnswer::Refused(..) | TokenAnswer::Unreachable(_) => {
                judged(&tokens.anonymous.answer, scene)
            }
            _ => Finding::unknown(
                TOKEN,
                "the messaging service gives tokens; none could be signed for a known customer, because \
                 the private key, the Auth Key ID or the issuer isn't known",
            ),
        });
    };
    let ahead = tokens.anonymous.ahead.unwrap_or_default();
    if *answer == TokenAnswer::Anonymous && ahead.abs() > TOLERATED {
        return Some(
            Finding::unknown(
                TOKEN,
                "the messaging service did not know the customer by a token of yours; this machine's \
                 clock alone would explain that",
            )
            .fix("set this machine's clock, then ask again"),
        );
    }
    Some(judged(answer, scene))
}

fn judged(answer: &TokenAnswer, scene: &Scene<'_>) -> Finding {
    match answer {
        TokenAnswer::Verified => Finding::passed(
            TOKEN,
            "the messaging service took a token signed with your key, and knew the customer by it",
        ),
        TokenAnswer::Anonymous => Finding::failed(
            TOKEN,
            "the messaging service took a token signed with your key, but treats the customer as unknown",
        )
        .effect("it does so without an error when key, key id, issuer or keyset don't fit together")
        .fix("repair what else is said here, and wait ten minutes after a change in Salesforce")
        .command(scene.run("doctor access-token")),
        TokenAnswer::Unclear => Finding::unknown(
            TOKEN,
            "the messaging service gave a token that doesn't say whether the customer is known by it",
        ),
        TokenAnswer::Refused(status, text) => Finding::failed(
            TOKEN,
            format!("the messaging service gives no token (HTTP {status}: {text})"),
        )
        .effect("no chat can begin")
        .fix(
            "with a 4xx: look at Org ID and ES Developer Name, and publish the deployment; with a 5xx \
             try again later",
        )
        .setup("Embedded Service Deployments > your deployment > Publish"),
        TokenAnswer::Unreachable(reason) => Finding::unknown(
            TOKEN,
            format!("the messaging service could not be reached: {reason}"),
        )
        .fix("look at the Instance URL, and whether this machine may reach *.my.salesforce-scrt.com"),
    }
}
