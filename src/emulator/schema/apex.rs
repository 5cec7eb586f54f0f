//! The `-meta.xml` of Apex. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, many, one, required};

/// WSDL `ApexClass`.
pub static APEX_CLASS: Type = Type {
    name: "ApexClass",
    fields: &[
        required("apiVersion", Kind::Double),
        many("packageVersions", Kind::Nested(&PACKAGE_VERSION)),
        required(
            "status",
            Kind::Enum("ApexCodeUnitStatus", &["Inactive", "Active", "Deleted"]),
        ),
    ],
};

/// WSDL `PackageVersion`.
pub static PACKAGE_VERSION: Type = Type {
    name: "PackageVersion",
    fields: &[
        required("majorNumber", Kind::Integer),
        required("minorNumber", Kind::Integer),
        one("namespace", Kind::Text),
        one("packageId", Kind::Text),
    ],
};

/// WSDL `ApexTrigger`.
pub static APEX_TRIGGER: Type = Type {
    name: "ApexTrigger",
    fields: &[
        required("apiVersion", Kind::Double),
        many("packageVersions", Kind::Nested(&PACKAGE_VERSION)),
        required(
            "status",
            Kind::Enum("ApexCodeUnitStatus", &["Inactive", "Active", "Deleted"]),
        ),
    ],
};
