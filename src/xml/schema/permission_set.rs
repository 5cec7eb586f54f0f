//! Permission sets.

use super::Type;
use super::field::{boolean, choice, list, text};

pub(super) const TYPES: &[Type] = &[
    Type::new(
        "PermissionSet",
        &[
            text("fullName"),
            text("module"),
            list("agentAccesses", "PermissionSetAgentAccess"),
            list(
                "applicationVisibilities",
                "PermissionSetApplicationVisibility",
            ),
            list("classAccesses", "PermissionSetApexClassAccess"),
            list(
                "customMetadataTypeAccesses",
                "PermissionSetCustomMetadataTypeAccess",
            ),
            list("customPermissions", "PermissionSetCustomPermissions"),
            list("customSettingAccesses", "PermissionSetCustomSettingAccess"),
            list("dataspaceScopes", "DataspaceScopeAccess"),
            text("description"),
            list(
                "emailRoutingAddressAccesses",
                "PermissionSetEmailRoutingAddressAccess",
            ),
            list(
                "externalCredentialPrincipalAccesses",
                "PermissionSetExternalCredentialPrincipalAccess",
            ),
            list(
                "externalDataSourceAccesses",
                "PermissionSetExternalDataSourceAccess",
            ),
            list("fieldPermissions", "PermissionSetFieldPermissions"),
            list("flowAccesses", "PermissionSetFlowAccess"),
            list(
                "genComputingSummaryDefAccesses",
                "PermissionSetGenComputingSummaryDefAccess",
            ),
            boolean("hasActivationRequired").default("false"),
            text("label").required(),
            text("license"),
            list("objectPermissions", "PermissionSetObjectPermissions"),
            list("pageAccesses", "PermissionSetApexPageAccess"),
            list(
                "recordTypeVisibilities",
                "PermissionSetRecordTypeVisibility",
            ),
            list(
                "servicePresenceStatusAccesses",
                "PermissionSetServicePresenceStatusAccess",
            ),
            list("tabSettings", "PermissionSetTabSetting"),
            list("userPermissions", "PermissionSetUserPermission"),
        ],
    ),
    Type::new(
        "PermissionSetAgentAccess",
        &[text("agentName").required(), boolean("enabled").required()],
    )
    .keyed(&["agentName"])
    .grants(),
    Type::new(
        "PermissionSetApplicationVisibility",
        &[
            text("application").required(),
            boolean("visible").required(),
        ],
    )
    .keyed(&["application"])
    .grants(),
    Type::new(
        "PermissionSetApexClassAccess",
        &[text("apexClass").required(), boolean("enabled").required()],
    )
    .keyed(&["apexClass"])
    .grants(),
    Type::new(
        "PermissionSetCustomMetadataTypeAccess",
        &[boolean("enabled").required(), text("name").required()],
    )
    .keyed(&["name"])
    .grants(),
    Type::new(
        "PermissionSetCustomPermissions",
        &[boolean("enabled").required(), text("name").required()],
    )
    .keyed(&["name"])
    .grants(),
    Type::new(
        "PermissionSetCustomSettingAccess",
        &[boolean("enabled").required(), text("name").required()],
    )
    .keyed(&["name"])
    .grants(),
    Type::new(
        "DataspaceScopeAccess",
        &[
            boolean("customizeActivationDefinitions"),
            boolean("customizeAllDefinitions"),
            boolean("customizeCalculatedInsightDefinitions"),
            boolean("customizeDataActionDefinitions"),
            boolean("customizeDataApplicationDefinitions").required(),
            boolean("customizeDataObjSecondaryIndexDefinitions").required(),
            boolean("customizeDataShareDefinitions").required(),
            boolean("customizeFTestDataspaceScopedDefinition").required(),
            boolean("customizeIdentityResolutionDefinitions"),
            boolean("customizeMLPredictionDefinitions").required(),
            boolean("customizeSegmentationDefinitions"),
            boolean("customizeSemanticSearchDefinitions").required(),
            text("dataAccessLevel"),
            text("dataspaceScope").required(),
            text("objectAccessLevel"),
            boolean("viewActivationDefinitions"),
            boolean("viewCalculatedInsightDefinitions"),
            boolean("viewDataActionDefinitions"),
            boolean("viewDataApplicationDefinitions").required(),
            boolean("viewDataObjSecondaryIndexDefinitions").required(),
            boolean("viewDataShareDefinitions").required(),
            boolean("viewFTestDataspaceScopedDefinition").required(),
            boolean("viewIdentityResolutionDefinitions"),
            boolean("viewMLPredictionDefinitions").required(),
            boolean("viewSegmentationDefinitions"),
            boolean("viewSemanticSearchDefinitions").required(),
        ],
    )
    .keyed(&["dataspaceScope"])
    .grants(),
    Type::new(
        "PermissionSetEmailRoutingAddressAccess",
        &[boolean("enabled").required(), text("name").required()],
    )
    .keyed(&["name"])
    .grants(),
    Type::new(
        "PermissionSetExternalCredentialPrincipalAccess",
        &[
            boolean("enabled").required(),
            text("externalCredentialPrincipal").required(),
        ],
    )
    .keyed(&["externalCredentialPrincipal"])
    .grants(),
    Type::new(
        "PermissionSetExternalDataSourceAccess",
        &[
            boolean("enabled").required(),
            text("externalDataSource").required(),
        ],
    )
    .keyed(&["externalDataSource"])
    .grants(),
    Type::new(
        "PermissionSetFieldPermissions",
        &[
            boolean("editable").required(),
            text("field").required(),
            boolean("readable").default("false"),
        ],
    )
    .keyed(&["field"])
    .grants(),
    Type::new(
        "PermissionSetFlowAccess",
        &[boolean("enabled").required(), text("flow").required()],
    )
    .keyed(&["flow"])
    .grants(),
    Type::new(
        "PermissionSetGenComputingSummaryDefAccess",
        &[text("configName").required(), boolean("enabled").required()],
    )
    .keyed(&["configName"])
    .grants(),
    Type::new(
        "PermissionSetObjectPermissions",
        &[
            boolean("allowCreate").required().default("false"),
            boolean("allowDelete").required().default("false"),
            boolean("allowEdit").required().default("false"),
            boolean("allowRead").required().default("false"),
            boolean("customizeSetup"),
            boolean("deleteSetup"),
            boolean("modifyAllRecords").required().default("false"),
            text("object").required(),
            boolean("viewAllFields").default("false"),
            boolean("viewAllRecords").required().default("false"),
            boolean("viewSetup"),
        ],
    )
    .keyed(&["object"])
    .grants(),
    Type::new(
        "PermissionSetApexPageAccess",
        &[text("apexPage").required(), boolean("enabled").required()],
    )
    .keyed(&["apexPage"])
    .grants(),
    Type::new(
        "PermissionSetRecordTypeVisibility",
        &[text("recordType").required(), boolean("visible").required()],
    )
    .keyed(&["recordType"])
    .grants(),
    Type::new(
        "PermissionSetServicePresenceStatusAccess",
        &[
            boolean("enabled").required(),
            text("servicePresenceStatus").required(),
        ],
    )
    .keyed(&["servicePresenceStatus"])
    .grants(),
    Type::new(
        "PermissionSetTabSetting",
        &[
            text("tab").required(),
            choice("visibility", &["None", "Available", "Visible"]).required(),
        ],
    )
    .keyed(&["tab"])
    .grants(),
    Type::new(
        "PermissionSetUserPermission",
        &[boolean("enabled").required(), text("name").required()],
    )
    .keyed(&["name"])
    .grants(),
];
