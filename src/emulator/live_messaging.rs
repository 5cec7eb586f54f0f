//! Live messaging in the local org: made as an administrator makes it, and broken in one place.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use crate::metadata::{Component, ComponentId, MetadataType};

use super::Error;
use super::org::EmulatedOrg;
use super::state::State;
use super::tree::Node;
use super::unknown_name::UnknownName;

/// What live messaging is made of.
#[derive(Debug, Clone)]
pub struct LiveMessaging<'a> {
    /// API name of the deployment.
    pub deployment: &'a str,
    /// API name of the channel.
    pub channel: &'a str,
    /// API name of the routing flow.
    pub flow: &'a str,
    /// API name of the keyset.
    pub keyset: &'a str,
    /// Who signs.
    pub issuer: &'a str,
    /// The JSON Web Key, with its certificate.
    pub jwk: &'a str,
    /// What the flow is given about a conversation.
    pub attributes: &'a [&'a str],
}

const QUEUE: &str = "OpenCX_Chat";
const KEY: &str = "OpenCX_Key";
const ADMIN: &str = "Dana Admin";

/// One place in which live messaging is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessagingFault {
    /// The key has another id.
    KeyId,
    /// The key is that of another pair.
    KeyPair,
    /// The key is not active.
    KeyInactive,
    /// The keyset has no key.
    KeysetEmpty,
    /// The channel's user verification names no keyset.
    KeysetNotOnChannel,
    /// The keyset's issuer differs by case.
    IssuerCase,
    /// The deployment's name differs by case.
    DeploymentCase,
    /// The deployment is not enabled.
    DeploymentDisabled,
    /// The deployment is not published.
    Unpublished,
    /// The channel is not active.
    ChannelInactive,
    /// The flow that the channel names is gone.
    HandlerGone,
    /// The queue takes no messaging sessions.
    QueueWithoutMessaging,
    /// The flow has no active version.
    FlowInactive,
    /// An attribute is no input of the flow.
    AttributeUndeclared,
    /// An attribute is an input that the flow doesn't use.
    AttributeUnused,
    /// A parameter of the channel leads nowhere.
    MappingEmpty,
}

impl MessagingFault {
    /// All of them, by name.
    pub const ALL: [(Self, &'static str); 16] = [
        (Self::KeyId, "key-id"),
        (Self::KeyPair, "key-pair"),
        (Self::KeyInactive, "key-inactive"),
        (Self::KeysetEmpty, "keyset-empty"),
        (Self::KeysetNotOnChannel, "keyset-not-on-channel"),
        (Self::IssuerCase, "issuer-case"),
        (Self::DeploymentCase, "deployment-case"),
        (Self::DeploymentDisabled, "deployment-disabled"),
        (Self::Unpublished, "unpublished"),
        (Self::ChannelInactive, "channel-inactive"),
        (Self::HandlerGone, "handler-gone"),
        (Self::QueueWithoutMessaging, "queue-without-messaging"),
        (Self::FlowInactive, "flow-inactive"),
        (Self::AttributeUndeclared, "attribute-undeclared"),
        (Self::AttributeUnused, "attribute-unused"),
        (Self::MappingEmpty, "mapping-empty"),
    ];
}

impl fmt::Display for MessagingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(fault, _)| fault == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

static KNOWN: OnceLock<String> = OnceLock::new();

impl FromStr for MessagingFault {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text);
        found.map(|(fault, _)| *fault).ok_or_else(|| {
            let known = KNOWN.get_or_init(|| Self::ALL.map(|(_, name)| name).join(", "));
            UnknownName::new("fault of live messaging", text, known)
        })
    }
}

impl EmulatedOrg {
    /// Makes everything that live messaging needs, whole and switched on.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn set_up_live_messaging(&mut self, wanted: &LiveMessaging<'_>) -> Result<(), Error> {
        for component in components(wanted) {
            self.put(&component, ADMIN)?;
        }
        self.update(|state| {
            let settings = &mut state.messaging;
            if !settings.is_active(wanted.channel) {
                settings.active_channels.push(wanted.channel.to_owned());
            }
            if !settings.is_published(wanted.deployment) {
                settings.published.push(wanted.deployment.to_owned());
            }
            Ok(())
        })
    }

    /// Breaks it in one place.
    ///
    /// # Errors
    /// [`Error::NoSuchComponent`] when it was not set up.
    pub fn break_live_messaging(&mut self, fault: MessagingFault) -> Result<(), Error> {
        self.update(|state| match fault {
            MessagingFault::Unpublished => {
                state.messaging.published.clear();
                Ok(())
            }
            MessagingFault::ChannelInactive => {
                state.messaging.active_channels.clear();
                Ok(())
            }
            MessagingFault::HandlerGone => {
                let kind = MetadataType::Flow;
                state.components.retain(|stored| stored.kind != kind);
                Ok(())
            }
            MessagingFault::DeploymentCase => {
                let deployment = first(state, MetadataType::EmbeddedServiceConfig)?;
                deployment.full_name = swapped_case(&deployment.full_name);
                Ok(())
            }
            _ => {
                let (kind, change) = change(fault);
                let stored = first(state, kind)?;
                let mut root = stored.tree();
                change(&mut root);
                stored.xml = root.document();
                Ok(())
            }
        })
    }
}

fn first(state: &mut State, kind: MetadataType) -> Result<&mut super::state::Stored, Error> {
    let mut of_kind = state
        .components
        .iter_mut()
        .filter(|stored| stored.kind == kind);
    of_kind
        .next()
        .ok_or_else(|| Error::NoSuchComponent(ComponentId::new(kind, QUEUE)))
}

type Change = fn(&mut Node);

/// The component that a fault is in, and the edit that makes it.
fn change(fault: MessagingFault) -> (MetadataType, Change) {
    use MetadataType::{
        EmbeddedServiceConfig, Flow, MessagingChannel, PublicKeyCertificate,
        PublicKeyCertificateSet, Queue,
    };
    match fault {
        MessagingFault::KeyId => (PublicKeyCertificate, |root| {
            in_text(root, "jsonWebKey", |text| {
                text.replacen("\"kid\": \"", "\"kid\": \"old-", 1)
            });
        }),
        MessagingFault::KeyPair => (PublicKeyCertificate, |root| {
            in_text(root, "jsonWebKey", |text| {
                let (head, number) = text.split_once("\"n\": \"").unwrap_or((text, ""));
                let (first, rest) = number.split_at(usize::from(!number.is_empty()));
                let other = if first == "w" { "x" } else { "w" };
                format!("{head}\"n\": \"{other}{rest}")
            });
        }),
        MessagingFault::KeyInactive => (PublicKeyCertificate, |root| root.set("isActive", "false")),
        MessagingFault::KeysetEmpty => (PublicKeyCertificateSet, |root| {
            root.children
                .retain(|child| child.name != "publicKeyCertificateSetKeys");
        }),
        MessagingFault::IssuerCase => (PublicKeyCertificateSet, |root| {
            in_text(root, "jwtIssuer", swapped_case);
        }),
        MessagingFault::KeysetNotOnChannel => (MessagingChannel, |root| {
            for part in root
                .children
                .iter_mut()
                .filter(|part| part.name == "embeddedConfig")
            {
                part.children
                    .retain(|child| child.name != "messagingAuthorizations");
            }
        }),
        MessagingFault::MappingEmpty => (MessagingChannel, |root| {
            let mut parameters = root
                .children
                .iter_mut()
                .filter(|part| part.name == "customParameters");
            if let Some(parameter) = parameters.next() {
                for mapping in &mut parameter.children {
                    if mapping.name == "actionParameterMappings" {
                        mapping.children.clear();
                    }
                }
            }
        }),
        MessagingFault::DeploymentDisabled => {
            (EmbeddedServiceConfig, |root| root.set("isEnabled", "false"))
        }
        MessagingFault::QueueWithoutMessaging => (Queue, |root| {
            root.children.retain(|child| child.name != "queueSobject");
        }),
        MessagingFault::FlowInactive => (Flow, |root| root.set("status", "Draft")),
        MessagingFault::AttributeUnused => (Flow, |root| {
            let mut assignments = root
                .children
                .iter_mut()
                .filter(|part| part.name == "assignments");
            if let Some(assignment) = assignments.next() {
                let items = &mut assignment.children;
                let last = items
                    .iter()
                    .rposition(|item| item.name == "assignmentItems");
                if let Some(last) = last {
                    items.remove(last);
                }
            }
        }),
        // The others have been dealt with; what is left is this one.
        _ => (Flow, |root| {
            let variables = root
                .children
                .iter_mut()
                .filter(|part| part.name == "variables");
            if let Some(variable) = variables.last() {
                variable.set("isInput", "false");
            }
        }),
    }
}

fn in_text(root: &mut Node, field: &str, edit: impl Fn(&str) -> String) {
    let text = edit(root.text_of(field).unwrap_or_default());
    root.set(field, &text);
}

fn swapped_case(text: &str) -> String {
    let swap = |c: char| {
        if c.is_ascii_lowercase() {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        }
    };
    text.chars().map(swap).collect()
}

fn leaf(name: &str, text: &str) -> Node {
    Node::leaf(name, text)
}

fn components(wanted: &LiveMessaging<'_>) -> Vec<Component> {
    let LiveMessaging {
        deployment,
        channel,
        flow,
        keyset,
        issuer,
        jwk,
        attributes,
    } = wanted;
    let component = |kind: MetadataType, name: &str, children: Vec<Node>| Component {
        id: ComponentId::new(kind, name),
        source: None,
        xml: Node::with(kind.name(), children).document(),
    };
    vec![
        component(
            MetadataType::PublicKeyCertificate,
            KEY,
            vec![
                leaf("isActive", "true"),
                leaf("jsonWebKey", jwk),
                leaf("masterLabel", KEY),
            ],
        ),
        component(
            MetadataType::PublicKeyCertificateSet,
            keyset,
            vec![
                leaf("jwtIssuer", issuer),
                leaf("masterLabel", keyset),
                Node::with(
                    "publicKeyCertificateSetKeys",
                    vec![leaf("publicKeyCertificate", KEY)],
                ),
                leaf("type", "JWKS"),
            ],
        ),
        component(
            MetadataType::Queue,
            QUEUE,
            vec![
                leaf("name", "OpenCX Chat"),
                Node::with(
                    "queueSobject",
                    vec![leaf("sobjectType", "MessagingSession")],
                ),
            ],
        ),
        component(MetadataType::Flow, flow, routing_flow(attributes)),
        component(
            MetadataType::MessagingChannel,
            channel,
            messaging_channel(flow, keyset, attributes),
        ),
        component(
            MetadataType::EmbeddedServiceConfig,
            deployment,
            vec![
                leaf("deploymentFeature", "EmbeddedMessaging"),
                leaf("deploymentType", "API"),
                Node::with(
                    "embeddedServiceMessagingChannel",
                    vec![leaf("isEnabled", "true"), leaf("messagingChannel", channel)],
                ),
                leaf("isEnabled", "true"),
                leaf("masterLabel", deployment),
            ],
        ),
    ]
}

fn messaging_channel(flow: &str, keyset: &str, attributes: &[&str]) -> Vec<Node> {
    let parameter = |name: &&str| {
        Node::with(
            "customParameters",
            vec![
                Node::with(
                    "actionParameterMappings",
                    vec![leaf("actionParameterName", name)],
                ),
                leaf("externalParameterName", name),
                leaf("masterLabel", name),
                leaf("maxLength", "255"),
                leaf("name", name),
                leaf("parameterDataType", "String"),
            ],
        )
    };
    let mut children: Vec<Node> = attributes.iter().map(parameter).collect();
    children.extend([
        Node::with(
            "embeddedConfig",
            vec![
                leaf("authMode", "Auth"),
                Node::with(
                    "messagingAuthorizations",
                    vec![
                        leaf("authIdentifier", keyset),
                        leaf("authorizationType", "PublicKeyCertificateSet"),
                        leaf("enabled", "true"),
                        leaf("publicKeyCertificateSetName", keyset),
                    ],
                ),
            ],
        ),
        leaf("masterLabel", "OpenCX Chat"),
        leaf("messagingChannelType", "EmbeddedMessaging"),
        leaf("sessionHandlerFlow", flow),
        leaf("sessionHandlerQueue", QUEUE),
        leaf("sessionHandlerType", "Flow"),
    ]);
    children
}

/// A flow that writes what it is given about a conversation to its session, and routes it.
fn routing_flow(attributes: &[&str]) -> Vec<Node> {
    let reference = |name: &str| Node::with("value", vec![leaf("elementReference", name)]);
    let mut assignment = vec![
        leaf("name", "Keep_attributes"),
        leaf("label", "Keep attributes"),
    ];
    assignment.extend(attributes.iter().map(|name| {
        Node::with(
            "assignmentItems",
            vec![
                leaf("assignToReference", "summary"),
                leaf("operator", "Add"),
                reference(name),
            ],
        )
    }));
    let variable = |name: &str, is_input: &str| {
        Node::with(
            "variables",
            vec![
                leaf("name", name),
                leaf("dataType", "String"),
                leaf("isCollection", "false"),
                leaf("isInput", is_input),
                leaf("isOutput", "false"),
            ],
        )
    };
    let mut children = vec![
        Node::with(
            "actionCalls",
            vec![
                leaf("name", "Route"),
                leaf("label", "Route"),
                leaf("actionName", "routeWork"),
                leaf("actionType", "routeWork"),
                Node::with(
                    "inputParameters",
                    vec![leaf("name", "recordId"), reference("recordId")],
                ),
            ],
        ),
        leaf("apiVersion", "66.0"),
        Node::with("assignments", assignment),
        leaf("label", "OpenCX Route Chat"),
        leaf("processType", "RoutingFlow"),
        leaf("status", "Active"),
        variable("summary", "false"),
        variable("recordId", "true"),
    ];
    children.extend(attributes.iter().map(|name| variable(name, "true")));
    children
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_listed_in_the_error() {
        let listed = "x".parse::<MessagingFault>().unwrap_err().to_string();
        for (fault, name) in MessagingFault::ALL {
            assert_eq!(name.parse::<MessagingFault>().unwrap(), fault);
            assert_eq!(fault.to_string(), name);
            assert!(listed.contains(name), "{listed}");
        }
    }
}
