//! Records of custom metadata types. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, many, one, required};

/// WSDL `CustomMetadata`.
pub static CUSTOM_METADATA: Type = Type {
    name: "CustomMetadata",
    fields: &[
        one("description", Kind::Text),
        one("label", Kind::Text),
        one("protected", Kind::Boolean),
        many("values", Kind::Nested(&CUSTOM_METADATA_VALUE)),
    ],
};

/// WSDL `CustomMetadataValue`.
pub static CUSTOM_METADATA_VALUE: Type = Type {
    name: "CustomMetadataValue",
    fields: &[
        required("field", Kind::Text),
        // `anyType`: its `xsi:type` is held against the field by the deploy's own checks.
        required("value", Kind::Unchecked),
    ],
};
