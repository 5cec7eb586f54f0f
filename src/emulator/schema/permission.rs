//! Permission sets and custom permissions. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, many, one, required};

/// WSDL `PermissionSet`.
pub static PERMISSION_SET: Type = Type {
    name: "PermissionSet",
    fields: &[
        many("agentAccesses", Kind::Nested(&PERMISSION_SET_AGENT_ACCESS)).since(64),
        many(
            "applicationVisibilities",
            Kind::Nested(&PERMISSION_SET_APPLICATION_VISIBILITY),
        ),
        many(
            "classAccesses",
            Kind::Nested(&PERMISSION_SET_APEX_CLASS_ACCESS),
        ),
        many(
            "customMetadataTypeAccesses",
            Kind::Nested(&PERMISSION_SET_CUSTOM_METADATA_TYPE_ACCESS),
        ),
        many(
            "customPermissions",
            Kind::Nested(&PERMISSION_SET_CUSTOM_PERMISSIONS),
        ),
        many(
            "customSettingAccesses",
            Kind::Nested(&PERMISSION_SET_CUSTOM_SETTING_ACCESS),
        ),
        many("dataspaceScopes", Kind::Unchecked),
        one("description", Kind::Text),
        many(
            "emailRoutingAddressAccesses",
            Kind::Nested(&PERMISSION_SET_EMAIL_ROUTING_ADDRESS_ACCESS),
        )
        .since(62),
        many(
            "externalCredentialPrincipalAccesses",
            Kind::Nested(&PERMISSION_SET_EXTERNAL_CREDENTIAL_PRINCIPAL_ACCESS),
        ),
        many(
            "externalDataSourceAccesses",
            Kind::Nested(&PERMISSION_SET_EXTERNAL_DATA_SOURCE_ACCESS),
        ),
        many(
            "fieldPermissions",
            Kind::Nested(&PERMISSION_SET_FIELD_PERMISSIONS),
        ),
        many("flowAccesses", Kind::Nested(&PERMISSION_SET_FLOW_ACCESS)),
        many(
            "genComputingSummaryDefAccesses",
            Kind::Nested(&PERMISSION_SET_GEN_COMPUTING_SUMMARY_DEF_ACCESS),
        )
        .since(66),
        one("hasActivationRequired", Kind::Boolean),
        required("label", Kind::Text),
        one("license", Kind::Text),
        many(
            "objectPermissions",
            Kind::Nested(&PERMISSION_SET_OBJECT_PERMISSIONS),
        ),
        many(
            "pageAccesses",
            Kind::Nested(&PERMISSION_SET_APEX_PAGE_ACCESS),
        ),
        many(
            "recordTypeVisibilities",
            Kind::Nested(&PERMISSION_SET_RECORD_TYPE_VISIBILITY),
        ),
        many(
            "servicePresenceStatusAccesses",
            Kind::Nested(&PERMISSION_SET_SERVICE_PRESENCE_STATUS_ACCESS),
        )
        .since(64),
        many("tabSettings", Kind::Nested(&PERMISSION_SET_TAB_SETTING)),
        many(
            "userPermissions",
            Kind::Nested(&PERMISSION_SET_USER_PERMISSION),
        ),
    ],
};

/// WSDL `PermissionSetAgentAccess`.
pub static PERMISSION_SET_AGENT_ACCESS: Type = Type {
    name: "PermissionSetAgentAccess",
    fields: &[
        required("agentName", Kind::Text),
        required("enabled", Kind::Boolean),
    ],
};

/// WSDL `PermissionSetApplicationVisibility`.
pub static PERMISSION_SET_APPLICATION_VISIBILITY: Type = Type {
    name: "PermissionSetApplicationVisibility",
    fields: &[
        required("application", Kind::Text),
        required("visible", Kind::Boolean),
    ],
};

/// WSDL `PermissionSetApexClassAccess`.
pub static PERMISSION_SET_APEX_CLASS_ACCESS: Type = Type {
    name: "PermissionSetApexClassAccess",
    fields: &[
        required("apexClass", Kind::Text),
        required("enabled", Kind::Boolean),
    ],
};

/// WSDL `PermissionSetCustomMetadataTypeAccess`.
pub static PERMISSION_SET_CUSTOM_METADATA_TYPE_ACCESS: Type = Type {
    name: "PermissionSetCustomMetadataTypeAccess",
    fields: &[
        required("enabled", Kind::Boolean),
        required("name", Kind::Text),
    ],
};

/// WSDL `PermissionSetCustomPermissions`.
pub static PERMISSION_SET_CUSTOM_PERMISSIONS: Type = Type {
    name: "PermissionSetCustomPermissions",
    fields: &[
        required("enabled", Kind::Boolean),
        required("name", Kind::Text),
    ],
};

/// WSDL `PermissionSetCustomSettingAccess`.
pub static PERMISSION_SET_CUSTOM_SETTING_ACCESS: Type = Type {
    name: "PermissionSetCustomSettingAccess",
    fields: &[
        required("enabled", Kind::Boolean),
        required("name", Kind::Text),
    ],
};

/// WSDL `PermissionSetEmailRoutingAddressAccess`.
pub static PERMISSION_SET_EMAIL_ROUTING_ADDRESS_ACCESS: Type = Type {
    name: "PermissionSetEmailRoutingAddressAccess",
    fields: &[
        required("enabled", Kind::Boolean),
        required("name", Kind::Text),
    ],
};

/// WSDL `PermissionSetExternalCredentialPrincipalAccess`.
pub static PERMISSION_SET_EXTERNAL_CREDENTIAL_PRINCIPAL_ACCESS: Type = Type {
    name: "PermissionSetExternalCredentialPrincipalAccess",
    fields: &[
        required("enabled", Kind::Boolean),
        required("externalCredentialPrincipal", Kind::Text),
    ],
};

/// WSDL `PermissionSetExternalDataSourceAccess`.
pub static PERMISSION_SET_EXTERNAL_DATA_SOURCE_ACCESS: Type = Type {
    name: "PermissionSetExternalDataSourceAccess",
    fields: &[
        required("enabled", Kind::Boolean),
        required("externalDataSource", Kind::Text),
    ],
};

/// WSDL `PermissionSetFieldPermissions`.
pub static PERMISSION_SET_FIELD_PERMISSIONS: Type = Type {
    name: "PermissionSetFieldPermissions",
    fields: &[
        required("editable", Kind::Boolean),
        required("field", Kind::Text),
        one("readable", Kind::Boolean),
    ],
};

/// WSDL `PermissionSetFlowAccess`.
pub static PERMISSION_SET_FLOW_ACCESS: Type = Type {
    name: "PermissionSetFlowAccess",
    fields: &[
        required("enabled", Kind::Boolean),
        required("flow", Kind::Text),
    ],
};

/// WSDL `PermissionSetGenComputingSummaryDefAccess`.
pub static PERMISSION_SET_GEN_COMPUTING_SUMMARY_DEF_ACCESS: Type = Type {
    name: "PermissionSetGenComputingSummaryDefAccess",
    fields: &[
        required("configName", Kind::Text),
        required("enabled", Kind::Boolean),
    ],
};

/// WSDL `PermissionSetObjectPermissions`.
pub static PERMISSION_SET_OBJECT_PERMISSIONS: Type = Type {
    name: "PermissionSetObjectPermissions",
    fields: &[
        required("allowCreate", Kind::Boolean),
        required("allowDelete", Kind::Boolean),
        required("allowEdit", Kind::Boolean),
        required("allowRead", Kind::Boolean),
        one("customizeSetup", Kind::Boolean),
        one("deleteSetup", Kind::Boolean),
        required("modifyAllRecords", Kind::Boolean),
        required("object", Kind::Text),
        one("viewAllFields", Kind::Boolean).since(63),
        required("viewAllRecords", Kind::Boolean),
        one("viewSetup", Kind::Boolean),
    ],
};

/// WSDL `PermissionSetApexPageAccess`.
pub static PERMISSION_SET_APEX_PAGE_ACCESS: Type = Type {
    name: "PermissionSetApexPageAccess",
    fields: &[
        required("apexPage", Kind::Text),
        required("enabled", Kind::Boolean),
    ],
};

/// WSDL `PermissionSetRecordTypeVisibility`.
pub static PERMISSION_SET_RECORD_TYPE_VISIBILITY: Type = Type {
    name: "PermissionSetRecordTypeVisibility",
    fields: &[
        required("recordType", Kind::Text),
        required("visible", Kind::Boolean),
    ],
};

/// WSDL `PermissionSetServicePresenceStatusAccess`.
pub static PERMISSION_SET_SERVICE_PRESENCE_STATUS_ACCESS: Type = Type {
    name: "PermissionSetServicePresenceStatusAccess",
    fields: &[
        required("enabled", Kind::Boolean),
        required("servicePresenceStatus", Kind::Text),
    ],
};

/// WSDL `PermissionSetTabSetting`.
pub static PERMISSION_SET_TAB_SETTING: Type = Type {
    name: "PermissionSetTabSetting",
    fields: &[
        required("tab", Kind::Text),
        required(
            "visibility",
            Kind::Enum(
                "PermissionSetTabVisibility",
                &["None", "Available", "Visible"],
            ),
        ),
    ],
};

/// WSDL `PermissionSetUserPermission`.
pub static PERMISSION_SET_USER_PERMISSION: Type = Type {
    name: "PermissionSetUserPermission",
    fields: &[
        required("enabled", Kind::Boolean),
        required("name", Kind::Text),
    ],
};

/// WSDL `CustomPermission`.
pub static CUSTOM_PERMISSION: Type = Type {
    name: "CustomPermission",
    fields: &[
        one("connectedApp", Kind::Text),
        one("description", Kind::Text),
        one("externalClientApplication", Kind::Text),
        required("isLicensed", Kind::Boolean),
        required("label", Kind::Text),
        many(
            "requiredPermission",
            Kind::Nested(&CUSTOM_PERMISSION_DEPENDENCY_REQUIRED),
        ),
    ],
};

/// WSDL `CustomPermissionDependencyRequired`.
pub static CUSTOM_PERMISSION_DEPENDENCY_REQUIRED: Type = Type {
    name: "CustomPermissionDependencyRequired",
    fields: &[
        required("customPermission", Kind::Text),
        required("dependency", Kind::Boolean),
    ],
};
