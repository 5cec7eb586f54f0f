//! How a trigger on platform events runs.

use super::Type;
use super::field::{boolean, integer, text};

pub(super) const TYPES: &[Type] = &[Type::new(
    "PlatformEventSubscriberConfig",
    &[
        text("fullName"),
        text("module"),
        integer("batchSize"),
        boolean("isProtected").default("false"),
        text("masterLabel").required(),
        integer("numPartitions"),
        text("partitionKey"),
        text("platformEventConsumer").required(),
        text("user"),
    ],
)];
