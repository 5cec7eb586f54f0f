//! The webhook of OpenCX: the Named Credential that leads to it, who may use that, and whether
//! anything answers there.

use std::time::Duration;

use super::facts::{Call, CredentialRow};
use super::finding::{Finding, Group};
use super::scene::Scene;
use super::{Check, holders, wording};
use crate::config::CredentialModel;
use crate::diag::Code;
use crate::metadata::MetadataType;
use crate::secret::{Secret, mask_url};
use crate::sf::{Deadlines, Fault, Knock, Told, knock};

type Of = (Code, Group);

const fn of(code: &'static str) -> Of {
    (Code(code), Group::Announcements)
}

const fn check(of: Of, judge: fn(&Scene<'_>) -> Option<Finding>) -> Check {
    Check { code: of.0, judge }
}

const URL: Of = of("doctor/webhook-url");
pub(super) const CREDENTIAL: Check = check(URL, webhook_url);

fn webhook_url(scene: &Scene<'_>) -> Option<Finding> {
    let name = scene.name("OpenCX_Integration");
    let setup = format!("Named Credentials > {name}");
    let row = match credential(scene, URL)? {
        Ok(row) => row,
        Err(finding) => return Some(finding),
    };
    let wanted = match scene.integration.named_credential {
        CredentialModel::Legacy => "Legacy",
        CredentialModel::SecuredEndpoint => "SecuredEndpoint",
    };
    let found = row.named_credential_type.as_deref().unwrap_or(wanted);
    if found != wanted {
        return Some(
            Finding::failed(
                URL,
                format!("{name} is of the model {found}; the config says {wanted}"),
            )
            .effect("a credential can't change its model, so deploys of it are refused")
            .fix(format!(
                "delete {name} in Setup and deploy again, or write the model into \
                     `email_cases.named_credential`"
            ))
            .setup(setup),
        );
    }
    let Some(url) = row.url() else {
        return Some(
            Finding::unknown(URL, format!("the org did not show where {name} leads"))
                .fix("compare the URL with the one that OpenCX shows")
                .setup(setup),
        );
    };
    let Some(ours) = &scene.integration.webhook_url.value else {
        let variable = scene.integration.webhook_url.env.as_deref();
        let variable = variable.unwrap_or("the webhook URL");
        return Some(
            Finding::unknown(
                URL,
                format!(
                    "{name} leads to {}; whether that is the right URL can't be told: {variable} \
                     is not set here",
                    mask_url(url)
                ),
            )
            .fix(format!("set {variable} and run this again"))
            .setup(setup),
        );
    };
    if url == ours.expose() {
        return Some(Finding::passed(
            URL,
            format!(
                "{name} leads to the webhook of the config ({})",
                mask_url(url)
            ),
        ));
    }
    Some(
        Finding::failed(URL, differing(name, url, ours.expose()))
            .effect("new Cases are sent there, and OpenCX never sees them")
            .fix(
                "copy the URL anew from OpenCX (Settings > Integrations > Salesforce), put it where \
                 the config takes it from, and deploy",
            )
            .setup(setup)
            .command(scene.run("deploy")),
    )
}

/// How the URL of the org differs, without showing what is secret in it.
fn differing(name: &str, found: &str, wanted: &str) -> String {
    let host = |url: &str| mask_url(url).replace(crate::secret::MASK, "…");
    let same = |one: &str, other: &str| one.trim_end_matches('/') == other.trim_end_matches('/');
    if found.trim() == wanted || same(found.trim(), wanted.trim()) {
        format!("{name} has a blank or a slash too many around the webhook URL")
    } else if host(found) == host(wanted) {
        format!(
            "{name} leads to another webhook URL of {} than the config: one of the two is stale",
            host(found)
        )
    } else {
        format!(
            "{name} leads to {}, the config to {}",
            host(found),
            host(wanted)
        )
    }
}

/// The row of the webhook's Named Credential, or what is to be said in its place.
fn credential<'a>(scene: &Scene<'a>, of: Of) -> Option<Result<&'a CredentialRow, Finding>> {
    let name = scene.name("OpenCX_Integration");
    scene.wanted(MetadataType::NamedCredential, "OpenCX_Integration")?;
    let what = format!("the Named Credential {name}");
    Some(match &scene.facts.credential {
        Err(said) => Err(Finding::untold(of, &what, said).setup("Named Credentials")),
        Ok(rows) => rows.first().ok_or_else(|| {
            Finding::failed(of, format!("the org has no Named Credential {name}"))
                .effect("our Apex has nowhere to send new Cases to")
                .fix("deploy it; it holds the webhook URL of OpenCX")
                .setup("Named Credentials")
                .command(scene.run("deploy"))
        }),
    })
}

const CALLOUTS_ON: Of = of("doctor/callouts-enabled");
pub(super) const CALLOUTS: Check = check(CALLOUTS_ON, callouts);

fn callouts(scene: &Scene<'_>) -> Option<Finding> {
    // A credential that is missing or not shown is reported with its URL.
    let row = credential(scene, CALLOUTS_ON)?.ok()?;
    let name = scene.name("OpenCX_Integration");
    let setup = format!("Named Credentials > {name} > Callout Status");
    Some(match row.callout_status.as_deref() {
        Some("Enabled") => Finding::passed(CALLOUTS_ON, format!("{name} allows callouts")),
        Some(_) => Finding::failed(CALLOUTS_ON, format!("{name} does not allow callouts"))
            .effect("every call to OpenCX fails before it leaves the org")
            .fix("ask why; then tick Enabled for Callouts, or deploy")
            .setup(setup)
            .command(format!(
                "{} --overwrite NamedCredential:{name}",
                scene.run("deploy")
            )),
        None => Finding::unknown(
            CALLOUTS_ON,
            format!("the org did not say whether {name} allows callouts"),
        )
        .fix("look whether Enabled for Callouts is ticked")
        .setup(setup),
    })
}

const PRINCIPAL: Of = of("doctor/webhook-access");
pub(super) const ACCESS: Check = check(PRINCIPAL, access);

/// With the newer model of credentials every user who saves Cases needs access.
fn access(scene: &Scene<'_>) -> Option<Finding> {
    let set = scene.wanted(MetadataType::PermissionSet, "OpenCX_Webhook_Access")?;
    let name = set.id.full_name.as_str();
    let setup = format!("Permission Sets > {name} > Manage Assignments");
    if let Err(said) = &scene.facts.assignments {
        return Some(
            Finding::untold(PRINCIPAL, "who holds our permission sets", said).setup(setup),
        );
    }
    let (_, held) = holders::of_set(scene, "OpenCX_Webhook_Access")?;
    let fix = "assign it to every user who saves Cases; with Email-to-Case the Automated Case \
               User, with web forms and sites the guest user";
    if held.is_empty() {
        return Some(
            Finding::failed(PRINCIPAL, format!("nobody holds the permission set {name}"))
                .effect("nobody may use the credential, so no Case of anybody is announced")
                .fix(fix)
                .setup(setup),
        );
    }
    let holds = |id: &str| {
        held.iter()
            .any(|row| row.assignee_id.as_deref() == Some(id))
    };
    let cases = scene.facts.cases.as_deref().unwrap_or_default();
    let mut without: Vec<String> = cases
        .iter()
        .filter(|row| row.created_by_id.as_deref().is_some_and(|id| !holds(id)))
        .filter_map(|row| row.created_by.as_ref()?.name.as_deref())
        .map(crate::sf::text::clean)
        .collect();
    without.sort();
    without.dedup();
    if !without.is_empty() {
        let more = match without.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        without.truncate(3);
        return Some(
            Finding::failed(
                PRINCIPAL,
                format!(
                    "Cases were saved by users who do not hold {name}: {}{more}",
                    without.join(", ")
                ),
            )
            .effect("they may not use the credential, so their Cases are not announced")
            .fix(fix)
            .setup(setup),
        );
    }
    Some(Finding::passed(
        PRINCIPAL,
        format!(
            "{} may use the credential",
            wording::count(held.len(), "user")
        ),
    ))
}

const CALLED: Of = of("doctor/webhook-call");
pub(super) const CALL: Check = check(CALLED, called);

/// As long as our Apex waits for the webhook.
const PATIENCE: Duration = Duration::from_secs(10);
/// Slower than this is worth a word: three tries and their pauses must fit into a job.
const SLOW: Duration = Duration::from_secs(5);

/// What is sent. No Case, no name, no address: OpenCX can do nothing with it.
const BODY: &str = "{}";

/// Calls the webhook once, where the org's own credential leads.
pub(super) async fn call(credential: &Told<Vec<CredentialRow>>) -> Result<Call, Fault> {
    let row = credential.as_deref().ok().and_then(<[_]>::first);
    let Some(url) = row.and_then(CredentialRow::url) else {
        return Ok(Call::NotMade(
            "the org did not show where the Named Credential leads",
        ));
    };
    let deadlines = Deadlines {
        connect: PATIENCE,
        request: PATIENCE,
        ..Deadlines::default()
    };
    match knock(&Secret::new(url), BODY, deadlines).await {
        Ok(knock) => Ok(Call::Made(knock)),
        Err(Fault::BadInstanceUrl { .. }) => Ok(Call::NotMade(
            "the URL in the org is not one that a webhook can have: not https, or not whole",
        )),
        Err(fault) => Err(fault),
    }
}

fn called(scene: &Scene<'_>) -> Option<Finding> {
    let name = scene.name("OpenCX_Integration");
    let setup = format!("Named Credentials > {name}");
    let stale = "copy the URL anew from OpenCX (Settings > Integrations > Salesforce), put it where \
                 the config takes it from, and deploy";
    let call = match scene.facts.call.as_ref()? {
        Call::Made(call) => call,
        Call::NotMade(why) => {
            return Some(
                Finding::unknown(CALLED, format!("the webhook was not called: {why}"))
                    .fix(stale)
                    .setup(setup),
            );
        }
    };
    match &call.answer {
        Ok(status) => Some(answered(call, *status, stale, &scene.run("deploy")).setup(setup)),
        Err(fault) => Some(unanswered(&call.host, fault).setup(setup)),
    }
}

/// What an answer means.
fn answered(call: &Knock, status: u16, stale: &str, deploy: &str) -> Finding {
    let host = &call.host;
    let refused = |what: &str, effect: &str| {
        Finding::failed(CALLED, format!("{host} answered {status}: {what}")).effect(effect)
    };
    match status {
        200..=299 if call.took >= SLOW => Finding::failed(
            CALLED,
            format!(
                "{host} answered {status}, but only after {} seconds",
                call.took.as_secs()
            ),
        )
        .effect("our Apex waits 10 seconds at most, then tries again later; some announcements come late")
        .fix("ask OpenCX whether the webhook is slow today"),
        // Something that knows the URL has read the body and found it empty.
        200..=299 | 400 | 415 | 422 => Finding::passed(
            CALLED,
            format!(
                "called from this machine, {host} answered {status}: the URL is known there \
                 (whether Salesforce's servers reach it too, only failed jobs show)"
            ),
        ),
        401 | 403 | 404 | 410 => refused(
            match status {
                401 => "the token in the URL is not, or no longer, one of OpenCX's",
                403 => "the token in the URL may not do this, or a firewall of OpenCX refuses this machine",
                404 => "OpenCX knows no such webhook: the URL is stale, or not copied whole",
                _ => "OpenCX has withdrawn this webhook: the URL is stale",
            },
            "new Cases are sent there, and OpenCX takes none",
        )
        .fix(stale)
        .command(deploy),
        405 => refused(
            "nothing there takes a POST: the URL leads to a page, not to the webhook",
            "new Cases are sent there, and OpenCX takes none",
        )
        .fix(stale)
        .command(deploy),
        300..=399 => refused(
            "it sends callers on to another address, most likely a login page: the URL is not the \
             webhook's",
            "new Cases are sent there, and OpenCX takes none",
        )
        .fix(stale)
        .command(deploy),
        408 | 429 => refused(
            "it has too much to do at the moment",
            "our Apex tries three times, then the job fails",
        )
        .fix("wait, then look at Setup > Apex Jobs whether jobs of ours fail"),
        500..=599 => refused(
            "the fault is on OpenCX's side, not in the URL",
            "our Apex tries three times, then the job fails and the Case is not announced",
        )
        .fix("look at OpenCX's status page, or write to OpenCX with the time of this call"),
        _ => Finding::unknown(CALLED, format!("{host} answered {status}, which says nothing here"))
            .fix("ask OpenCX what its webhook means by it"),
    }
}

/// Nothing came back.
fn unanswered(host: &str, fault: &Fault) -> Finding {
    let here = "the fault may lie between this machine and OpenCX; Salesforce goes another way";
    let failed = |found: String| Finding::failed(CALLED, found).effect(here);
    match fault {
        Fault::HostNotFound { .. } => failed(format!("no host is called {host}"))
            .effect("the URL is not OpenCX's, or this machine's DNS doesn't know it")
            .fix("compare the host with the one that OpenCX shows"),
        Fault::Tls { reason, .. } => failed(format!("no secure connection to {host}: {reason}"))
            .fix(
                "if a proxy of your company stands between, call from outside; else ask OpenCX: \
                 Salesforce refuses such a certificate too",
            ),
        Fault::AnswerTimedOut { .. } => failed(format!("{host} did not answer within 10 seconds"))
            .effect("our Apex waits as long, tries three times, then the job fails")
            .fix("ask OpenCX whether the webhook is slow or down"),
        Fault::Proxy { reason, .. } => Finding::unknown(
            CALLED,
            format!("this machine's proxy led nowhere: {reason}"),
        )
        .effect(here)
        .fix("call from a machine without that proxy"),
        Fault::Unreachable { reason, .. } => failed(format!("no connection to {host}: {reason}"))
            .fix("call from another network; if that fails too, ask OpenCX"),
        Fault::ConnectTimedOut { .. } => failed(format!(
            "{host} did not take the connection within 10 seconds"
        ))
        .fix("call from another network; if that fails too, ask OpenCX"),
        other => Finding::unknown(CALLED, format!("calling {host} brought no answer: {other}"))
            .effect(here)
            .fix("run this again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_slow_answer_is_a_cause_and_a_quick_one_is_not() {
        let after = |seconds, status| {
            let call = Knock {
                host: "api.open.cx".to_owned(),
                answer: Ok(status),
                took: Duration::from_secs(seconds),
            };
            answered(&call, status, "copy the URL anew", "opencx-sf deploy")
        };
        let slow = after(6, 200);
        assert_eq!(
            slow.found,
            "api.open.cx answered 200, but only after 6 seconds"
        );
        assert!(slow.effect.is_some_and(|text| text.contains("10 seconds")));
        for (finding, verdict) in [
            (after(4, 200), Verdict::Passed),
            (after(4, 422), Verdict::Passed),
            (after(1, 405), Verdict::Failed),
            (after(1, 429), Verdict::Failed),
            (after(1, 418), Verdict::Unknown),
        ] {
            assert_eq!(finding.verdict, verdict, "{}", finding.found);
            assert!(verdict == Verdict::Passed || finding.fix.is_some());
        }
    }

    #[test]
    fn what_keeps_an_answer_away_is_told_apart() {
        let host = "api.open.cx".to_owned();
        let reason = "expired".to_owned();
        for (fault, said) in [
            (
                Fault::HostNotFound { host: host.clone() },
                "no host is called api.open.cx",
            ),
            (
                Fault::AnswerTimedOut { host: host.clone() },
                "within 10 seconds",
            ),
            (
                Fault::ConnectTimedOut { host: host.clone() },
                "did not take the connection",
            ),
            (
                Fault::Tls {
                    host: host.clone(),
                    reason: reason.clone(),
                },
                "secure connection",
            ),
            (
                Fault::Proxy {
                    host: host.clone(),
                    reason,
                },
                "proxy",
            ),
        ] {
            let finding = unanswered(&host, &fault);
            assert!(finding.found.contains(said), "{}", finding.found);
            assert!(finding.fix.is_some(), "{said}");
        }
    }
}
