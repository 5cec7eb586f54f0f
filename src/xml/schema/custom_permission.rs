//! Permissions that Apex asks for by name.

use super::Type;
use super::field::{boolean, list, text};

pub(super) const TYPES: &[Type] = &[
    Type::new(
        "CustomPermission",
        &[
            text("fullName"),
            text("module"),
            text("connectedApp"),
            text("description"),
            text("externalClientApplication"),
            boolean("isLicensed").required().default("false"),
            text("label").required(),
            list("requiredPermission", "CustomPermissionDependencyRequired"),
        ],
    ),
    Type::new(
        "CustomPermissionDependencyRequired",
        &[
            text("customPermission").required(),
            boolean("dependency").required(),
        ],
    )
    .keyed(&["customPermission"]),
];
