//! Records of custom metadata types.
//!
//! From the first deploy on, what stands in a record belongs to the administrator who changes it in
//! Setup. Ours is that there is one, so nothing in it is compared, and no deploy writes over it.

use super::Type;
use super::field::{Role, boolean, list, text, unlisted};

pub(super) const TYPES: &[Type] = &[
    Type::new(
        "CustomMetadata",
        &[
            text("fullName"),
            text("module"),
            text("description").role(Role::OrgDependent),
            text("label").role(Role::OrgDependent),
            boolean("protected").role(Role::OrgDependent),
            list("values", "CustomMetadataValue").role(Role::OrgDependent),
        ],
    ),
    Type::new(
        "CustomMetadataValue",
        &[
            text("field").required(),
            // `xsi:type` says of which type it is.
            unlisted("value", "anyType").required(),
        ],
    )
    .keyed(&["field"]),
];
