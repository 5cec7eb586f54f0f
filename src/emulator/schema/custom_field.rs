//! Custom fields. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, many, one, required};

/// WSDL `CustomField`.
pub static CUSTOM_FIELD: Type = Type {
    name: "CustomField",
    fields: &[
        one("fullName", Kind::Text),
        one("businessOwnerGroup", Kind::Text),
        one("businessOwnerUser", Kind::Text),
        one("businessStatus", Kind::Text),
        one("caseSensitive", Kind::Boolean),
        one("complianceGroup", Kind::Text),
        one("customDataType", Kind::Text),
        one("defaultValue", Kind::Text),
        one(
            "deleteConstraint",
            Kind::Enum("DeleteConstraint", &["Cascade", "Restrict", "SetNull"]),
        ),
        one("deprecated", Kind::Boolean),
        one("description", Kind::Text),
        one("displayFormat", Kind::Text),
        one("displayLocationInDecimal", Kind::Boolean),
        one("elementType", Kind::Enum("ElementType", &["Float", "Text"])),
        one(
            "encryptionScheme",
            Kind::Enum(
                "EncryptionScheme",
                &[
                    "None",
                    "ProbabilisticEncryption",
                    "CaseSensitiveDeterministicEncryption",
                    "CaseInsensitiveDeterministicEncryption",
                ],
            ),
        ),
        one("escapeMarkup", Kind::Boolean),
        one("externalDeveloperName", Kind::Text),
        one("externalId", Kind::Boolean),
        one(
            "fieldManageability",
            Kind::Enum(
                "FieldManageability",
                &["DeveloperControlled", "SubscriberControlled", "Locked"],
            ),
        ),
        one("formula", Kind::Text),
        one(
            "formulaTreatBlanksAs",
            Kind::Enum("TreatBlanksAs", &["BlankAsBlank", "BlankAsZero"]),
        ),
        one("inlineHelpText", Kind::Text),
        one("isAIPredictionField", Kind::Boolean),
        one("isConvertLeadDisabled", Kind::Boolean),
        one("isFilteringDisabled", Kind::Boolean),
        one("isNameField", Kind::Boolean),
        one("isSortingDisabled", Kind::Boolean),
        one("label", Kind::Text),
        one("length", Kind::Integer),
        one("lookupFilter", Kind::Nested(&LOOKUP_FILTER)),
        one(
            "maskChar",
            Kind::Enum("EncryptedFieldMaskChar", &["asterisk", "X"]),
        ),
        one(
            "maskType",
            Kind::Enum(
                "EncryptedFieldMaskType",
                &["all", "creditCard", "ssn", "lastFour", "sin", "nino"],
            ),
        ),
        one("metadataRelationshipControllingField", Kind::Text),
        one("mktDataLakeFieldAttributes", Kind::Unchecked),
        one("mktDataModelFieldAttributes", Kind::Unchecked),
        one("picklist", Kind::Unchecked),
        one("populateExistingRows", Kind::Boolean),
        one("precision", Kind::Integer),
        one("readOnlyProxy", Kind::Boolean),
        one("referenceTargetField", Kind::Text),
        one("referenceTo", Kind::Text),
        one("relationshipLabel", Kind::Text),
        one("relationshipName", Kind::Text),
        one("relationshipOrder", Kind::Integer),
        one("reparentableMasterDetail", Kind::Boolean),
        one("required", Kind::Boolean),
        one("restrictedAdminField", Kind::Boolean),
        one("scale", Kind::Integer),
        one("securityClassification", Kind::Text),
        one("startingNumber", Kind::Integer),
        one("stripMarkup", Kind::Boolean),
        one("summarizedField", Kind::Text),
        many("summaryFilterItems", Kind::Nested(&FILTER_ITEM)),
        one("summaryForeignKey", Kind::Text),
        one(
            "summaryOperation",
            Kind::Enum("SummaryOperations", &["count", "sum", "min", "max"]),
        ),
        one("trackFeedHistory", Kind::Boolean),
        one("trackHistory", Kind::Boolean),
        one("trackTrending", Kind::Boolean),
        one("translateData", Kind::Boolean),
        one(
            "type",
            Kind::Enum(
                "FieldType",
                &[
                    "AutoNumber",
                    "Lookup",
                    "MasterDetail",
                    "Checkbox",
                    "Currency",
                    "Date",
                    "DateTime",
                    "Email",
                    "Number",
                    "Percent",
                    "Phone",
                    "Picklist",
                    "MultiselectPicklist",
                    "Text",
                    "TextArea",
                    "LongTextArea",
                    "Html",
                    "Url",
                    "EncryptedText",
                    "Summary",
                    "Hierarchy",
                    "File",
                    "MetadataRelationship",
                    "Location",
                    "ExternalLookup",
                    "IndirectLookup",
                    "CustomDataType",
                    "Time",
                    "Address",
                    "Array",
                    "Integer",
                    "Long",
                ],
            ),
        ),
        one("unique", Kind::Boolean),
        one("valueSet", Kind::Nested(&VALUE_SET)),
        one("visibleLines", Kind::Integer),
        one("writeRequiresMasterRead", Kind::Boolean),
    ],
};

/// WSDL `LookupFilter`.
pub static LOOKUP_FILTER: Type = Type {
    name: "LookupFilter",
    fields: &[
        required("active", Kind::Boolean),
        one("booleanFilter", Kind::Text),
        one("description", Kind::Text),
        one("errorMessage", Kind::Text),
        many("filterItems", Kind::Nested(&FILTER_ITEM)),
        one("infoMessage", Kind::Text),
        required("isOptional", Kind::Boolean),
    ],
};

/// WSDL `FilterItem`.
pub static FILTER_ITEM: Type = Type {
    name: "FilterItem",
    fields: &[
        required("field", Kind::Text),
        required(
            "operation",
            Kind::Enum(
                "FilterOperation",
                &[
                    "equals",
                    "notEqual",
                    "lessThan",
                    "greaterThan",
                    "lessOrEqual",
                    "greaterOrEqual",
                    "contains",
                    "notContain",
                    "startsWith",
                    "includes",
                    "excludes",
                    "within",
                ],
            ),
        ),
        one("value", Kind::Text),
        one("valueField", Kind::Text),
    ],
};

/// WSDL `ValueSet`.
pub static VALUE_SET: Type = Type {
    name: "ValueSet",
    fields: &[
        one("controllingField", Kind::Text),
        one("restricted", Kind::Boolean),
        one(
            "valueSetDefinition",
            Kind::Nested(&VALUE_SET_VALUES_DEFINITION),
        ),
        one("valueSetName", Kind::Text),
        many("valueSettings", Kind::Nested(&VALUE_SETTINGS)),
    ],
};

/// WSDL `ValueSetValuesDefinition`.
pub static VALUE_SET_VALUES_DEFINITION: Type = Type {
    name: "ValueSetValuesDefinition",
    fields: &[
        required("sorted", Kind::Boolean),
        many("value", Kind::Nested(&CUSTOM_VALUE)),
    ],
};

/// WSDL `CustomValue`.
pub static CUSTOM_VALUE: Type = Type {
    name: "CustomValue",
    fields: &[
        one("fullName", Kind::Text),
        one("color", Kind::Text),
        required("default", Kind::Boolean),
        one("description", Kind::Text),
        one("isActive", Kind::Boolean),
        one("label", Kind::Text),
    ],
};

/// WSDL `ValueSettings`.
pub static VALUE_SETTINGS: Type = Type {
    name: "ValueSettings",
    fields: &[
        many("controllingFieldValue", Kind::Text),
        required("valueName", Kind::Text),
    ],
};
