//! Routing attributes are missing in Salesforce: the flow, its inputs, and what the channel maps to
//! them.

use serde_json::Value;

use super::{Check, org_of, settings_of};
use crate::diag::Code;
use crate::doctor::finding::{Finding, Group};
use crate::doctor::scene::Scene;
use crate::messaging::ROUTING_ATTRIBUTES;
use crate::metadata::MetadataType;
use crate::xml::Element;

type Of = (Code, Group);

pub(in crate::doctor) const CHECKS: [Check; 3] = [
    Check {
        code: FLOW.0,
        judge: flow,
    },
    Check {
        code: MAPPINGS.0,
        judge: mappings,
    },
    Check {
        code: ATTRIBUTES.0,
        judge: attributes,
    },
];

const EFFECT: &str = "what OpenCX sends about a conversation is lost on its way: routing can't go by it, and \
                      the session doesn't show it";

const FLOW: Of = (Code("doctor/miaw-flow"), Group::LiveMessaging);

fn flow(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    let org = org_of(scene)?;
    let files = match &org.files {
        Ok(files) => files,
        Err(said) => {
            return Some(Finding::untold(FLOW, "the channel and its flow", said).setup("Flows"));
        }
    };
    let channel_name = settings.channel(files)?;
    let Some(name) = settings.flow(files) else {
        let channel = files.get(MetadataType::MessagingChannel, channel_name)?;
        let kind = channel
            .child_text("sessionHandlerType")
            .unwrap_or("nothing");
        return Some(
            Finding::failed(
                FLOW,
                format!(
                    "the channel {channel_name} routes by {kind}, so no flow reads the attributes"
                ),
            )
            .effect(EFFECT)
            .fix("choose an Omni-Channel flow that has the attributes as inputs")
            .setup(format!(
                "Messaging Settings > {channel_name} > Omni-Channel Routing"
            )),
        );
    };
    let setup = format!("Flows > {name}");
    if let Err(said) = &org.flows {
        return Some(Finding::untold(FLOW, &format!("the flow {name}"), said).setup(setup));
    }
    let failed = |found: String| {
        Finding::failed(FLOW, found)
            .effect(EFFECT)
            .setup(setup.clone())
    };
    Some(match org.flow_row(name) {
        None => failed(format!("the org has no Omni-Channel flow {name}"))
            .fix("choose a flow that is there, in the channel and in `live_messaging.flow`"),
        Some(row) if row.active_version_id.as_deref().is_none_or(str::is_empty) => {
            failed(format!("the flow {name} has no active version")).fix(
                "activate it: in production a flow that was deployed stays inactive unless the org \
                 allows otherwise",
            )
        }
        Some(row) => {
            let kind = row.process_type.as_deref().unwrap_or("RoutingFlow");
            Finding::passed(
                FLOW,
                format!("the flow {name} ({kind}) has an active version"),
            )
        }
    })
}

const MAPPINGS: Of = (Code("doctor/miaw-mappings"), Group::LiveMessaging);

fn mappings(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    let files = org_of(scene)?.files.as_ref().ok()?;
    let name = settings.channel(files)?;
    let channel = files.get(MetadataType::MessagingChannel, name)?;
    let mut missing = Vec::new();
    let mut empty = Vec::new();
    for attribute in ROUTING_ATTRIBUTES {
        match parameter(channel, attribute) {
            None => missing.push(attribute),
            Some(parameter) if variable(parameter).is_none() => empty.push(attribute),
            Some(_) => {}
        }
    }
    let setup = format!("Messaging Settings > {name} > Custom Parameters, Parameter Mappings");
    if !missing.is_empty() {
        return Some(
            Finding::failed(
                MAPPINGS,
                format!("the channel {name} has no custom parameter {}", missing.join(", ")),
            )
            .effect(EFFECT)
            .fix("add each as a parameter of that very name, type String, mapped to the flow's variable")
            .setup(setup),
        );
    }
    if !empty.is_empty() {
        return Some(
            Finding::failed(
                MAPPINGS,
                format!("the channel {name} maps {} to nothing", empty.join(", ")),
            )
            .effect(format!("{EFFECT}; Setup can show a mapping that is empty in truth"))
            .fix("map it to the flow's variable again and save; make sure that the flow is active first")
            .setup(setup),
        );
    }
    Some(Finding::passed(
        MAPPINGS,
        format!("the channel {name} maps each of the five attributes"),
    ))
}

fn parameter<'a>(channel: &'a Element, attribute: &str) -> Option<&'a Element> {
    let mut parameters = channel
        .children
        .iter()
        .filter(|part| part.name == "customParameters");
    parameters
        .find(|part| part.child_text("externalParameterName").map(str::trim) == Some(attribute))
}

/// The variable of the flow that a parameter is mapped to.
fn variable(parameter: &Element) -> Option<&str> {
    let mut mappings = parameter
        .children
        .iter()
        .filter(|part| part.name == "actionParameterMappings")
        .filter_map(|mapping| mapping.child_text("actionParameterName"))
        .map(str::trim);
    mappings.find(|name| !name.is_empty())
}

const ATTRIBUTES: Of = (Code("doctor/miaw-attributes"), Group::LiveMessaging);

fn attributes(scene: &Scene<'_>) -> Option<Finding> {
    let settings = settings_of(scene)?;
    let org = org_of(scene)?;
    let files = org.files.as_ref().ok()?;
    let name = settings.flow(files)?;
    let setup = format!("Flows > {name} > Manager > Variables");
    let metadata = match &org.flow {
        Ok(metadata) => metadata.as_ref()?,
        Err(said) => {
            return Some(
                Finding::untold(ATTRIBUTES, &format!("the active version of {name}"), said)
                    .setup(setup),
            );
        }
    };
    let channel = files.get(MetadataType::MessagingChannel, settings.channel(files)?);
    let mut undeclared = Vec::new();
    let mut unused = Vec::new();
    for attribute in ROUTING_ATTRIBUTES {
        let mapped = channel.and_then(|channel| variable(parameter(channel, attribute)?));
        let wanted = mapped.unwrap_or(attribute);
        if !is_input(metadata, wanted) {
            undeclared.push(wanted);
        } else if !is_used(metadata, wanted) {
            unused.push(wanted);
        }
    }
    let failed = |found: String| {
        Finding::failed(ATTRIBUTES, found)
            .effect(EFFECT)
            .setup(setup.clone())
    };
    if !undeclared.is_empty() {
        return Some(
            failed(format!(
                "the active version of {name} has no variable {} that is available for input",
                undeclared.join(", ")
            ))
            .fix("add each as a Text variable, tick Available for input, save as a new version, activate it"),
        );
    }
    if !unused.is_empty() {
        return Some(
            failed(format!(
                "the active version of {name} takes {}, and does nothing with it",
                unused.join(", ")
            ))
            .fix("use it: in a decision that routes, or to update the Messaging Session; then activate"),
        );
    }
    Some(Finding::passed(
        ATTRIBUTES,
        format!("the active version of {name} takes each of the five attributes and uses it"),
    ))
}

fn is_input(metadata: &Value, name: &str) -> bool {
    let variables = metadata["variables"].as_array().into_iter().flatten();
    variables
        .filter(|variable| variable["name"] == name)
        .any(|variable| variable["isInput"] == true)
}

/// Whether anything but its declaration speaks of a variable: as a reference, `Origin` or
/// `Origin.Name`, or in a text, `{!Origin}`.
fn is_used(metadata: &Value, name: &str) -> bool {
    let Some(parts) = metadata.as_object() else {
        return false;
    };
    let others = parts.iter().filter(|(part, _)| *part != "variables");
    others.into_iter().any(|(_, part)| mentions(part, name))
}

fn mentions(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => {
            text == name
                || text
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('.'))
                || text.contains(&format!("{{!{name}}}"))
                || text.contains(&format!("{{!{name}."))
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, name)),
        // A node's own name and label are no use of a variable.
        Value::Object(fields) => fields
            .iter()
            .filter(|(field, _)| !matches!(field.as_str(), "name" | "label" | "description"))
            .any(|(_, field)| mentions(field, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_declaration_is_no_use() {
        let variables = json!([{ "name": "Origin", "isInput": true }, { "name": "Other" }]);
        let with = |part: Value| json!({ "variables": variables, "decisions": [part] });
        let flow = with(json!({ "name": "Origin", "label": "Origin" }));
        assert!(is_input(&flow, "Origin") && !is_input(&flow, "Other"));
        assert!(!is_used(&flow, "Origin"));
        for part in [
            json!({ "leftValueReference": "Origin" }),
            json!({ "value": { "elementReference": "Origin" } }),
            json!({ "text": "from {!Origin} with love" }),
        ] {
            assert!(is_used(&with(part.clone()), "Origin"), "{part}");
        }
        assert!(!is_used(
            &with(json!({ "leftValueReference": "OriginOther" })),
            "Origin"
        ));
    }
}
