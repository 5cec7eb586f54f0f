//! A conversation is created, but no messages appear: deployment, channel, session handler.

use super::ask::Files;
use super::{Check, org_of, settings_of};
use crate::diag::Code;
use crate::doctor::finding::{Finding, Group};
use crate::doctor::scene::Scene;
use crate::metadata::MetadataType;
use crate::sf::TokenAnswer;

type Of = (Code, Group);

pub(in crate::doctor) const CHECKS: [Check; 4] = [
    Check {
        code: DEPLOYMENT.0,
        judge: deployment,
    },
    Check {
        code: CHANNEL.0,
        judge: channel,
    },
    Check {
        code: HANDLER.0,
        judge: handler,
    },
    Check {
        code: PUBLISHED.0,
        judge: published,
    },
];

const SETUP: &str = "Embedded Service Deployments";

const DEPLOYMENT: Of = (Code("doctor/miaw-deployment"), Group::LiveMessaging);

fn deployment(scene: &Scene<'_>) -> Option<Finding> {
    let wanted = settings_of(scene)?.config.es_developer_name.as_deref()?;
    let rows = match &org_of(scene)?.deployments {
        Ok(rows) => rows,
        Err(said) => {
            return Some(
                Finding::untold(DEPLOYMENT, "the deployments", said)
                    .fix(format!(
                        "look whether one has the API name {wanted}, to the letter"
                    ))
                    .setup(SETUP),
            );
        }
    };
    let name_of = |row: &super::ask::DeploymentRow| row.developer_name.clone().unwrap_or_default();
    let effect = "OpenCX begins a conversation that nobody in Salesforce ever sees";
    let Some(row) = rows
        .iter()
        .find(|row| name_of(row).eq_ignore_ascii_case(wanted))
    else {
        let others: Vec<String> = rows
            .iter()
            .filter(|row| row.deployment_feature.as_deref() == Some("EmbeddedMessaging"))
            .map(name_of)
            .collect();
        let others = if others.is_empty() {
            "the org has none for messaging".to_owned()
        } else {
            format!("the org has {}", others.join(", "))
        };
        return Some(
            Finding::failed(DEPLOYMENT, format!("no deployment has the API name {wanted} ({others})"))
                .effect(effect)
                .fix("copy the API Name of the deployment into ES Developer Name in OpenCX, and into `es_developer_name`")
                .setup(SETUP),
        );
    };
    let name = name_of(row);
    if name != wanted {
        return Some(
            Finding::failed(
                DEPLOYMENT,
                format!("the deployment is called {name}, and ES Developer Name is {wanted}: upper and lower case count"),
            )
            .effect(effect)
            .fix(format!("write {name} into OpenCX and into `es_developer_name`"))
            .setup(SETUP),
        );
    }
    let setup = format!("{SETUP} > {name}");
    let failed = |found: String| {
        Finding::failed(DEPLOYMENT, found)
            .effect(effect)
            .setup(setup.clone())
    };
    match row.deployment_feature.as_deref() {
        Some("EmbeddedMessaging") => {}
        feature => {
            let feature = feature.unwrap_or("unknown");
            return Some(
                failed(format!(
                    "the deployment {name} is not for messaging (its feature is {feature})"
                ))
                .fix(
                    "name a deployment for Messaging for In-App and Web, of the kind Custom Client",
                ),
            );
        }
    }
    if row.is_enabled == Some(false) {
        return Some(
            failed(format!("the deployment {name} is not enabled"))
                .fix("enable it, then publish it"),
        );
    }
    Some(Finding::passed(
        DEPLOYMENT,
        format!("the deployment {name} is there by that very name, for messaging, and enabled"),
    ))
}

const PUBLISHED: Of = (Code("doctor/miaw-published"), Group::LiveMessaging);

/// No API shows it; a token does.
fn published(scene: &Scene<'_>) -> Option<Finding> {
    let name = settings_of(scene)?.config.es_developer_name.as_deref()?;
    let org = org_of(scene)?;
    let unknown = |found: String| {
        Finding::unknown(PUBLISHED, found)
            .fix("press Publish again when in doubt, and wait up to ten minutes")
            .setup(format!("{SETUP} > {name} > Publish"))
            .command(scene.run("doctor no-messages --request-token"))
    };
    Some(
        match org.token.as_ref().map(|tokens| &tokens.anonymous.answer) {
            None => unknown(format!(
                "whether {name} is published no API shows; a token of the messaging service would"
            )),
            Some(TokenAnswer::Unreachable(reason)) => unknown(format!(
                "whether {name} is published could not be told: {reason}"
            )),
            Some(TokenAnswer::Refused(status, text)) => Finding::failed(
                PUBLISHED,
                format!("the messaging service doesn't know {name} (HTTP {status}: {text})"),
            )
            .effect("a deployment that isn't published, or not since the last change, doesn't work")
            .fix("publish it, and wait up to ten minutes")
            .setup(format!("{SETUP} > {name} > Publish")),
            Some(_) => Finding::passed(
                PUBLISHED,
                format!("{name} is published: the messaging service gives a token for it"),
            ),
        },
    )
}

const CHANNEL: Of = (Code("doctor/miaw-channel"), Group::LiveMessaging);

fn channel(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    let org = org_of(scene)?;
    let setup = "Messaging Settings";
    let by_deployment = match &org.files {
        Ok(files) => settings.channel(files),
        Err(said) if settings.config.channel.is_none() => {
            return Some(
                Finding::untold(CHANNEL, "the deployment's channel", said)
                    .fix("look whether the deployment's channel is active")
                    .setup(setup),
            );
        }
        Err(_) => None,
    };
    let name = settings.config.channel.as_deref().or(by_deployment)?;
    let of_deployment = org
        .files
        .as_ref()
        .ok()
        .and_then(|files| files.channel_of(settings.config.es_developer_name.as_deref()?));
    if let Some(other) = of_deployment
        && !other.eq_ignore_ascii_case(name)
    {
        return Some(
            Finding::failed(
                CHANNEL,
                format!("the deployment leads to the channel {other}, and the config names {name}"),
            )
            .effect("what is set up in the one has no effect on the other")
            .fix("correct `live_messaging.channel`, or name the deployment of that channel")
            .setup(setup),
        );
    }
    let rows = match &org.channels {
        Ok(rows) => rows,
        Err(said) => {
            return Some(
                Finding::untold(CHANNEL, &format!("the messaging channel {name}"), said)
                    .fix("look whether it is active")
                    .setup(setup),
            );
        }
    };
    let row = rows.iter().find(|row| {
        row.developer_name
            .as_deref()
            .is_some_and(|known| known.eq_ignore_ascii_case(name))
    });
    Some(match row.map(|row| row.is_active) {
        None => Finding::failed(CHANNEL, format!("the org has no messaging channel {name}"))
            .effect("conversations have nowhere to come in")
            .fix("make the channel, or correct `live_messaging.channel`")
            .setup(setup),
        Some(Some(true)) => {
            Finding::passed(CHANNEL, format!("the messaging channel {name} is active"))
        }
        Some(Some(false)) => Finding::failed(
            CHANNEL,
            format!("the messaging channel {name} is not active"),
        )
        .effect(
            "messages that come in are not delivered; a channel that was deployed starts inactive",
        )
        .fix("press Activate")
        .setup(format!("{setup} > {name}")),
        Some(None) => Finding::unknown(
            CHANNEL,
            format!("the org did not say whether the channel {name} is active"),
        )
        .setup(format!("{setup} > {name}")),
    })
}

const HANDLER: Of = (Code("doctor/miaw-session-handler"), Group::LiveMessaging);

fn handler(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    let org = org_of(scene)?;
    let files = org.files.as_ref().ok()?;
    let name = settings.channel(files)?;
    let root = files.get(MetadataType::MessagingChannel, name)?;
    let text = |field: &str| {
        let text = root.child_text(field).map(str::trim);
        text.filter(|text| !text.is_empty())
    };
    let setup = format!("Messaging Settings > {name} > Omni-Channel Routing");
    let failed = |found: String| {
        Finding::failed(HANDLER, found)
            .effect("conversations come in and reach nobody")
            .setup(setup.clone())
    };
    if let Some(problem) = text("sessionHandlerQueue").and_then(|queue| queue_problem(queue, files))
    {
        return Some(
            failed(problem).fix("let the queue take Messaging Sessions, or choose another"),
        );
    }
    Some(match text("sessionHandlerType") {
        Some("Flow") => match text("sessionHandlerFlow") {
            None => failed(format!("the channel {name} routes by a flow and names none"))
                .fix("choose your Omni-Channel flow"),
            Some(flow) if org.flows.is_ok() && org.flow_row(flow).is_none() => failed(format!(
                "the channel {name} routes by the flow {flow}, and the org has no such Omni-Channel flow"
            ))
            .fix("choose a flow that is there"),
            Some(flow) => match &org.flows {
                Ok(_) => Finding::passed(HANDLER, format!("the channel {name} routes by the flow {flow}")),
                Err(said) => Finding::untold(HANDLER, &format!("the flow {flow}"), said).setup(setup),
            },
        },
        Some("Queue") => match text("sessionHandlerQueue") {
            Some(queue) => Finding::passed(HANDLER, format!("the channel {name} routes to the queue {queue}")),
            None => failed(format!("the channel {name} routes to a queue and names none"))
                .fix("choose a queue"),
        },
        Some(other) => Finding::passed(HANDLER, format!("the channel {name} routes by {other}")),
        None => failed(format!("the channel {name} has no session handler"))
            .fix("choose your Omni-Channel flow or a queue"),
    })
}

/// Why a queue takes no conversations.
fn queue_problem(name: &str, files: &Files) -> Option<String> {
    let Some(root) = files.get(MetadataType::Queue, name) else {
        return Some(format!("the queue {name} is not there"));
    };
    let takes = root
        .children
        .iter()
        .any(|part| part.child_text("sobjectType").map(str::trim) == Some("MessagingSession"));
    (!takes).then(|| format!("the queue {name} takes no Messaging Sessions"))
}
