//! Platform events, their subscribers, and custom metadata types. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, one, required};

/// WSDL `CustomObject`, as far as a platform event or a custom metadata type has it; its fields are components of their own.
pub static CUSTOM_OBJECT: Type = Type {
    name: "CustomObject",
    fields: &[
        one(
            "deploymentStatus",
            Kind::Enum("DeploymentStatus", &["InDevelopment", "Deployed"]),
        ),
        one("description", Kind::Text),
        one(
            "eventType",
            Kind::Enum(
                "PlatformEventType",
                &["HighVolume", "StandardVolume", "ExternalEvent"],
            ),
        ),
        one("label", Kind::Text),
        one("pluralLabel", Kind::Text),
        one(
            "publishBehavior",
            Kind::Enum(
                "PlatformEventPublishBehavior",
                &["PublishAfterCommit", "PublishImmediately"],
            ),
        ),
        one(
            "visibility",
            Kind::Enum(
                "SetupObjectVisibility",
                &["PackageProtected", "Protected", "Public"],
            ),
        ),
    ],
};

/// WSDL `PlatformEventSubscriberConfig`.
pub static PLATFORM_EVENT_SUBSCRIBER_CONFIG: Type = Type {
    name: "PlatformEventSubscriberConfig",
    fields: &[
        one("batchSize", Kind::Integer),
        one("isProtected", Kind::Boolean),
        required("masterLabel", Kind::Text),
        one("numPartitions", Kind::Integer),
        one("partitionKey", Kind::Text),
        required("platformEventConsumer", Kind::Text),
        one("user", Kind::Text),
    ],
};
