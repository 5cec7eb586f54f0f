//! `-meta.xml` of Apex classes and triggers.

use super::Type;
use super::field::{choice, double, integer, list, text};

pub(super) const TYPES: &[Type] = &[
    Type::new(
        "ApexClass",
        &[
            text("fullName"),
            text("module"),
            text("content"),
            double("apiVersion").required(),
            list("packageVersions", "PackageVersion"),
            choice("status", &["Inactive", "Active", "Deleted"])
                .required()
                .default("Active"),
        ],
    ),
    Type::new(
        "PackageVersion",
        &[
            integer("majorNumber").required(),
            integer("minorNumber").required(),
            text("namespace"),
            text("packageId"),
        ],
    )
    .keyed(&["namespace"]),
    Type::new(
        "ApexTrigger",
        &[
            text("fullName"),
            text("module"),
            text("content"),
            double("apiVersion").required(),
            list("packageVersions", "PackageVersion"),
            choice("status", &["Inactive", "Active", "Deleted"])
                .required()
                .default("Active"),
        ],
    ),
];
