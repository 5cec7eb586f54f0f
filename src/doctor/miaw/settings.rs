//! The six fields, judged without an org.

use super::{Check, MessagingSettings, Read, settings_of};
use crate::config::KeySource;
use crate::diag::Code;
use crate::doctor::finding::{Finding, Group};
use crate::messaging::{KeyProblem, PrivateKey, PublicKey, check_instance_url};

type Of = (Code, Group);
type Judge = fn(&MessagingSettings) -> Option<Finding>;

const WHERE: &str = "OpenCX: Settings > Integrations > Salesforce > MIAW";
const NOT_SAVED: &str = "OpenCX doesn't save the MIAW tab with it, or can't log in to Salesforce";

/// The checks, in the order in which they are looked at.
pub(in crate::doctor) const CHECKS: [Check; 5] = [
    Check {
        code: FIELDS.0,
        judge: |scene| fields(settings_of(scene)?),
    },
    Check {
        code: URL.0,
        judge: |scene| instance_url(settings_of(scene)?),
    },
    Check {
        code: PRIVATE.0,
        judge: |scene| private_key(settings_of(scene)?),
    },
    Check {
        code: PUBLIC.0,
        judge: |scene| public_key(settings_of(scene)?),
    },
    Check {
        code: PAIR.0,
        judge: |scene| pair(settings_of(scene)?),
    },
];

pub(super) const JUDGES: [Judge; 5] = [fields, instance_url, private_key, public_key, pair];

const FIELDS: Of = (Code("doctor/miaw-fields"), Group::LiveMessaging);

fn fields(settings: &MessagingSettings) -> Option<Finding> {
    let config = &settings.config;
    let missing: Vec<&str> = [
        (
            config.instance_url.is_some(),
            "Instance URL (`instance_url`)",
        ),
        (
            config.es_developer_name.is_some(),
            "ES Developer Name (`es_developer_name`)",
        ),
        (
            config.organization_id.is_some(),
            "Salesforce Org ID (`organization_id`)",
        ),
        (config.auth_key_id.is_some(), "Auth Key ID (`auth_key_id`)"),
        (config.public_key.is_some(), "public key (`public_key`)"),
        (config.private_key.is_some(), "private key (`private_key`)"),
    ]
    .into_iter()
    .filter(|(is_there, _)| !is_there)
    .map(|(_, name)| name)
    .collect();
    if missing.is_empty() {
        return Some(Finding::passed(
            FIELDS,
            "all six fields of the MIAW tab are in the config",
        ));
    }
    Some(
        Finding::failed(
            FIELDS,
            format!(
                "{} of the six fields are missing in `live_messaging`: {}",
                missing.len(),
                missing.join(", ")
            ),
        )
        .effect("OpenCX needs all six, and what isn't in the config can't be checked")
        .fix(format!(
            "write into the config what you enter in {WHERE}; `opencx-sf miaw keygen` makes the keys \
             and their id"
        )),
    )
}

const URL: Of = (Code("doctor/miaw-instance-url"), Group::LiveMessaging);

fn instance_url(settings: &MessagingSettings) -> Option<Finding> {
    let text = settings.config.instance_url.as_ref()?;
    Some(match check_instance_url(text) {
        Ok(_) => Finding::passed(URL, format!("the Instance URL {text} is a My Domain")),
        Err((problem, meant)) => {
            let fix = match meant {
                Some(meant) => format!("write {meant}, in OpenCX and in `instance_url`"),
                None => "copy it from Setup: https://, then Current My Domain URL, then nothing"
                    .to_owned(),
            };
            Finding::failed(URL, format!("the Instance URL can't be used: {problem}"))
                .effect(NOT_SAVED)
                .fix(fix)
                .setup("My Domain > Current My Domain URL")
        }
    })
}

const PRIVATE: Of = (Code("doctor/miaw-private-key"), Group::LiveMessaging);

fn private_key(settings: &MessagingSettings) -> Option<Finding> {
    let source = settings.config.private_key.as_ref()?;
    key(PRIVATE, "private", source, &settings.private_key, |text| {
        PrivateKey::from_pem(text).map(|key| key.bits())
    })
}

const PUBLIC: Of = (Code("doctor/miaw-public-key"), Group::LiveMessaging);

fn public_key(settings: &MessagingSettings) -> Option<Finding> {
    let source = settings.config.public_key.as_ref()?;
    key(PUBLIC, "public", source, &settings.public_key, |text| {
        PublicKey::from_pem(text).map(|key| key.bits())
    })
}

fn key(
    of: Of,
    which: &str,
    source: &KeySource,
    read: &Read,
    bits: fn(&str) -> Result<usize, KeyProblem>,
) -> Option<Finding> {
    let text = match read.as_ref()? {
        Ok(text) => text,
        Err(unread) => {
            return Some(
                Finding::unknown(
                    of,
                    format!("the {which} key could not be looked at: {unread}"),
                )
                .fix(format!(
                    "correct `live_messaging.{which}_key`, or run this where it is"
                )),
            );
        }
    };
    Some(match bits(text.expose()) {
        Ok(bits) => Finding::passed(
            of,
            format!("the {which} key is RSA with {bits} bits, in PEM"),
        ),
        Err(problem) => Finding::failed(
            of,
            format!("the {which} key in {source} can't be used: {problem}"),
        )
        .effect(NOT_SAVED)
        .fix(fix(problem, which, source)),
    })
}

fn fix(problem: KeyProblem, which: &str, source: &KeySource) -> String {
    let file = source
        .file()
        .map_or_else(|| format!("{which}.pem"), |path| path.display().to_string());
    match problem {
        KeyProblem::Pkcs1 if which == "private" => format!(
            "write it in the form that OpenCX wants: `openssl pkcs8 -topk8 -nocrypt -in {file} -out \
             private-pkcs8.pem`"
        ),
        KeyProblem::Pkcs1 => format!(
            "write it in the form that OpenCX wants: `openssl rsa -RSAPublicKey_in -pubout -in {file} \
             -out public-spki.pem`"
        ),
        KeyProblem::Encrypted => format!(
            "take the passphrase off: `openssl pkcs8 -topk8 -nocrypt -in {file} -out \
             private-pkcs8.pem`"
        ),
        KeyProblem::Certificate if which == "public" => format!(
            "take the key out of it: `openssl x509 -pubkey -noout -in {file} -out public.pem`"
        ),
        KeyProblem::PrivateForPublic => {
            "put the public key here; if the private one was shown to anybody, make a new pair with \
             `opencx-sf miaw keygen`"
                .to_owned()
        }
        KeyProblem::OneLine => {
            "copy the whole file with its line breaks, or give the file itself: \
             `${file:miaw-keys/private.pem}`"
                .replace("private", which)
        }
        KeyProblem::Empty
        | KeyProblem::NoHeader(_)
        | KeyProblem::NoFooter(_)
        | KeyProblem::Mismatched
        | KeyProblem::Damaged
        | KeyProblem::NotAKey => {
            "copy the whole file, its first and its last line included; if it is lost, make a new pair \
             with `opencx-sf miaw keygen`"
                .to_owned()
        }
        KeyProblem::PublicForPrivate
        | KeyProblem::Certificate
        | KeyProblem::OpenSsh
        | KeyProblem::NotRsa
        | KeyProblem::SomethingElse
        | KeyProblem::TooSmall(_) => {
            "name the right file, or make a new pair with `opencx-sf miaw keygen`".to_owned()
        }
    }
}

const PAIR: Of = (Code("doctor/miaw-key-pair"), Group::LiveMessaging);

/// Where either can't be read, another check has said so.
fn pair(settings: &MessagingSettings) -> Option<Finding> {
    let (private, public) = (settings.private()?, settings.public()?);
    if private.belongs_to(&public) {
        return Some(Finding::passed(
            PAIR,
            "the private and the public key belong together",
        ));
    }
    Some(
        Finding::failed(
            PAIR,
            "the private and the public key are halves of different pairs",
        )
        .effect("what OpenCX signs with the one can't be checked with the other")
        .fix(
            "give both from the same pair; `openssl pkey -in private.pem -pubout` shows the public \
                 half of a private key, and `opencx-sf miaw keygen` makes a new pair",
        ),
    )
}
