//! `MessagingChannel`, `EmbeddedServiceConfig`, `FlowDefinitionView`, `Flow`, `Group`,
//! `QueueSobject`.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::json;

use crate::metadata::{MetadataType, id18};

use super::super::super::state::{State, Stored};
use super::setup::metadata;
use super::{DATA, Row, Rows, TOOLING, Table, add, column, components, one_row, parent};

fn of(state: &State, kind: MetadataType) -> impl Iterator<Item = &Stored> {
    state.of_type(kind).into_iter()
}

/// Messaging channels (Object Reference, "MessagingChannel").
pub static MESSAGING_CHANNEL: Table<'static> = Table {
    name: "MessagingChannel",
    apis: DATA,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("DeveloperName"),
        column("MasterLabel"),
        column("MessageType"),
        column("IsActive"),
        column("SessionHandlerId"),
        column("FallbackQueueId"),
        column("ChannelAddressIdentifier"),
    ]),
    rows: Rows::Derived(channels),
};

fn channels(state: &State, _now: Timestamp) -> Vec<Row> {
    let id_of = |kind, name: Option<&str>| {
        let name = name?.trim();
        of(state, kind)
            .find(|stored| stored.full_name.eq_ignore_ascii_case(name))
            .map(|stored| stored.id.clone())
    };
    components(state, MetadataType::MessagingChannel, |stored, tree| {
        let queue = id_of(MetadataType::Queue, tree.text_of("sessionHandlerQueue"));
        let flow = id_of(MetadataType::Flow, tree.text_of("sessionHandlerFlow"));
        let handler = match tree.text_of("sessionHandlerType") {
            Some("Flow") => flow,
            _ => queue.clone(),
        };
        [
            ("DeveloperName", json!(stored.full_name)),
            ("MasterLabel", json!(tree.text_of("masterLabel"))),
            ("MessageType", json!(tree.text_of("messagingChannelType"))),
            (
                "IsActive",
                json!(state.messaging.is_active(&stored.full_name)),
            ),
            ("SessionHandlerId", json!(handler)),
            ("FallbackQueueId", json!(queue)),
            ("ChannelAddressIdentifier", json!(stored.id)),
        ]
    })
}

/// Deployments of Embedded Service (Tooling API guide, "EmbeddedServiceConfig").
pub static EMBEDDED_SERVICE_CONFIG: Table<'static> = Table {
    name: "EmbeddedServiceConfig",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("DeveloperName"),
        column("MasterLabel"),
        column("DeploymentFeature"),
        column("DeploymentType"),
        column("IsEnabled"),
        one_row("FullName"),
        one_row("Metadata"),
    ]),
    rows: Rows::Derived(|state, _| {
        components(
            state,
            MetadataType::EmbeddedServiceConfig,
            |stored, tree| {
                [
                    ("DeveloperName", json!(stored.full_name)),
                    ("FullName", json!(stored.full_name)),
                    ("MasterLabel", json!(tree.text_of("masterLabel"))),
                    (
                        "DeploymentFeature",
                        json!(tree.text_of("deploymentFeature")),
                    ),
                    ("DeploymentType", json!(tree.text_of("deploymentType"))),
                    (
                        "IsEnabled",
                        json!(tree.text_of("isEnabled") == Some("true")),
                    ),
                    ("Metadata", metadata(stored)),
                ]
            },
        )
    }),
};

/// Flows by name; the local org keeps one version of each (Object Reference, "FlowDefinitionView").
pub static FLOW_DEFINITION_VIEW: Table<'static> = Table {
    name: "FlowDefinitionView",
    apis: DATA,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("ApiName"),
        column("Label"),
        column("ProcessType"),
        column("IsActive"),
        column("ActiveVersionId"),
        column("LatestVersionId"),
        column("VersionNumber"),
    ]),
    rows: Rows::Derived(|state, _| {
        components(state, MetadataType::Flow, |stored, tree| {
            let is_active = tree.text_of("status") == Some("Active");
            [
                ("Id", json!(definition_id(&stored.id))),
                ("ApiName", json!(stored.full_name)),
                ("Label", json!(tree.text_of("label"))),
                ("ProcessType", json!(tree.text_of("processType"))),
                ("IsActive", json!(is_active)),
                ("ActiveVersionId", json!(is_active.then_some(&stored.id))),
                ("LatestVersionId", json!(stored.id)),
                ("VersionNumber", json!("1")),
            ]
        })
    }),
};

/// A flow's own id beside that of its version.
fn definition_id(version: &str) -> String {
    id18(&format!("300{}", version.get(3..15).unwrap_or_default()))
}

/// Versions of flows (Tooling API guide, "Flow").
pub static FLOW: Table<'static> = Table {
    name: "Flow",
    apis: TOOLING,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("MasterLabel"),
        column("ProcessType"),
        column("Status"),
        column("VersionNumber"),
        one_row("FullName"),
        one_row("Metadata"),
    ]),
    rows: Rows::Derived(|state, _| {
        components(state, MetadataType::Flow, |stored, tree| {
            [
                ("MasterLabel", json!(tree.text_of("label"))),
                ("ProcessType", json!(tree.text_of("processType"))),
                ("Status", json!(tree.text_of("status"))),
                ("VersionNumber", json!("1")),
                ("FullName", json!(format!("{}-1", stored.full_name))),
                ("Metadata", metadata(stored)),
            ]
        })
    }),
};

/// Queues are groups (Object Reference, "Group").
pub static GROUP: Table<'static> = Table {
    name: "Group",
    apis: DATA,
    columns: Cow::Borrowed(&[
        column("Id"),
        column("DeveloperName"),
        column("Name"),
        column("Type"),
    ]),
    rows: Rows::Derived(|state, _| {
        components(state, MetadataType::Queue, |stored, tree| {
            [
                ("DeveloperName", json!(stored.full_name)),
                ("Name", json!(tree.text_of("name"))),
                ("Type", json!("Queue")),
            ]
        })
    }),
};

/// What may be in a queue (Object Reference, "QueueSobject").
pub static QUEUE_SOBJECT: Table<'static> = Table {
    name: "QueueSobject",
    apis: DATA,
    columns: Cow::Borrowed(&[
        column("Id"),
        parent("QueueId", "Queue", "Group"),
        column("SobjectType"),
    ]),
    rows: Rows::Derived(|state, _| {
        let mut rows = Vec::new();
        for queue in of(state, MetadataType::Queue) {
            let tree = queue.tree();
            let objects = tree
                .children
                .iter()
                .filter(|child| child.name == "queueSobject");
            for object in objects {
                rows.push(add(
                    Row::new(),
                    [
                        ("Id", json!(format!("03g{:012}AAA", rows.len()))),
                        ("QueueId", json!(queue.id)),
                        ("SobjectType", json!(object.text_of("sobjectType"))),
                    ],
                ));
            }
        }
        rows
    }),
};
