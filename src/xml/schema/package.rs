//! `package.xml` and the destructive manifests.

use super::Type;
use super::field::{boolean, choice, list, text};

pub(super) const TYPES: &[Type] = &[
    Type::new(
        "Package",
        &[
            text("fullName"),
            text("module"),
            choice("apiAccessLevel", &["Unrestricted", "Restricted"]),
            text("description"),
            text("namespacePrefix"),
            list("objectPermissions", "ProfileObjectPermissions"),
            text("packageType"),
            text("postInstallClass"),
            text("setupWeblink"),
            list("types", "PackageTypeMembers"),
            text("uninstallClass"),
            text("version").required(),
        ],
    ),
    Type::new(
        "ProfileObjectPermissions",
        &[
            boolean("allowCreate"),
            boolean("allowDelete"),
            boolean("allowEdit"),
            boolean("allowRead"),
            boolean("customizeSetup"),
            boolean("deleteSetup"),
            boolean("modifyAllRecords"),
            text("object").required(),
            boolean("viewAllFields"),
            boolean("viewAllRecords"),
            boolean("viewSetup"),
        ],
    )
    .keyed(&["object"]),
    Type::new(
        "PackageTypeMembers",
        &[text("members").many(), text("name").required()],
    )
    .keyed(&["name"]),
];
