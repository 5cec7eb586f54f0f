//! Live messaging. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, many, one, required};

/// WSDL `Queue`.
pub static QUEUE: Type = Type {
    name: "Queue",
    fields: &[
        one("description", Kind::Text),
        one("doesSendEmailToMembers", Kind::Boolean),
        one("email", Kind::Text),
        required("name", Kind::Text),
        one("queueMembers", Kind::Unchecked),
        one("queueRoutingConfig", Kind::Text),
        many("queueSobject", Kind::Nested(&QUEUE_SOBJECT)),
    ],
};

/// WSDL `Flow`.
pub static FLOW: Type = Type {
    name: "Flow",
    fields: &[
        many("actionCalls", Kind::Unchecked),
        many("apexPluginCalls", Kind::Unchecked),
        one("apiVersion", Kind::Double),
        one("areMetricsLoggedToDataCloud", Kind::Boolean),
        many("assignments", Kind::Unchecked),
        many("choices", Kind::Unchecked),
        many("collectionFilterCriteria", Kind::Unchecked),
        many("collectionProcessors", Kind::Unchecked),
        many("constants", Kind::Unchecked),
        many("customErrors", Kind::Unchecked),
        many("customProperties", Kind::Unchecked),
        one("dataSpace", Kind::Text),
        many("decisions", Kind::Unchecked),
        one("description", Kind::Text),
        many("dynamicChoiceSets", Kind::Unchecked),
        many(
            "environments",
            Kind::Enum("FlowEnvironment", &["Default", "Slack", "Offline"]),
        ),
        many("exitRules", Kind::Unchecked),
        many("experiments", Kind::Unchecked),
        many("formulas", Kind::Unchecked),
        many("groups", Kind::Unchecked),
        one("interviewLabel", Kind::Text),
        one("isAdditionalPermissionRequiredToRun", Kind::Boolean),
        one("isOverridable", Kind::Boolean),
        one("isTemplate", Kind::Boolean),
        required("label", Kind::Text),
        many("loops", Kind::Unchecked),
        one("migratedFromWorkflowRuleName", Kind::Text),
        many("orchestratedStages", Kind::Unchecked),
        one("overriddenFlow", Kind::Text),
        many("processMetadataValues", Kind::Unchecked),
        one(
            "processType",
            Kind::Enum(
                "FlowProcessType",
                &[
                    "AutoLaunchedFlow",
                    "Flow",
                    "Workflow",
                    "CustomEvent",
                    "InvocableProcess",
                    "LoginFlow",
                    "ActionPlan",
                    "JourneyBuilderIntegration",
                    "UserProvisioningFlow",
                    "Survey",
                    "SurveyEnrich",
                    "Appointments",
                    "FSCLending",
                    "DigitalForm",
                    "FieldServiceMobile",
                    "OrchestrationFlow",
                    "FieldServiceWeb",
                    "TransactionSecurityFlow",
                    "ContactRequestFlow",
                    "ManagedContentFlow",
                    "CheckoutFlow",
                    "CartAsyncFlow",
                    "DataCaptureFlow",
                    "CustomerLifecycle",
                    "Journey",
                    "RecommendationStrategy",
                    "Orchestrator",
                    "RoutingFlow",
                    "ServiceCatalogItemFlow",
                    "EvaluationFlow",
                    "LoyaltyManagementFlow",
                    "ManagedContentAuthoringWorkflow",
                    "ActionCadenceAutolaunchedFlow",
                    "ActionCadenceStepFlow",
                    "IndicatorResultFlow",
                    "IndividualObjectLinkingFlow",
                    "PromptFlow",
                    "ApprovalWorkflow",
                    "DcvrFrameworkDataCaptureFlow",
                    "ActivityObjectMatchingFlow",
                    "ActionableEventManagementFlow",
                    "StageManagementEvaluationFlow",
                    "IdentityUserRegistrationFlow",
                    "AgxBackgroundFlow",
                    "AgxScreenDataFlow",
                    "AgxScreenFlow",
                    "AgxOrchestrationFlow",
                    "UnifiedSchedulingFlow",
                    "MultiPageExperienceFlow",
                ],
            ),
        ),
        many("recordCreates", Kind::Unchecked),
        many("recordDeletes", Kind::Unchecked),
        many("recordLookups", Kind::Unchecked),
        many("recordRollbacks", Kind::Unchecked),
        many("recordUpdates", Kind::Unchecked),
        one(
            "runInMode",
            Kind::Enum(
                "FlowRunInMode",
                &[
                    "DefaultMode",
                    "SystemModeWithSharing",
                    "SystemModeWithoutSharing",
                ],
            ),
        ),
        many("screens", Kind::Unchecked),
        one("sourceTemplate", Kind::Text),
        many("stages", Kind::Unchecked),
        one("start", Kind::Unchecked),
        one("startElementReference", Kind::Text),
        one(
            "status",
            Kind::Enum(
                "FlowVersionStatus",
                &["Active", "Draft", "Obsolete", "InvalidDraft", "UnderReview"],
            ),
        ),
        many("steps", Kind::Unchecked),
        many("subflows", Kind::Unchecked),
        many("textTemplates", Kind::Unchecked),
        one("timeZoneSidKey", Kind::Text),
        many("transforms", Kind::Unchecked),
        one("triggerOrder", Kind::Integer),
        many("variables", Kind::Nested(&FLOW_VARIABLE)),
        many("waits", Kind::Unchecked),
    ],
};

/// WSDL `PublicKeyCertificate`.
pub static PUBLIC_KEY_CERTIFICATE: Type = Type {
    name: "PublicKeyCertificate",
    fields: &[
        one("description", Kind::Text),
        one("isActive", Kind::Boolean),
        one("jsonWebKey", Kind::Text),
        required("masterLabel", Kind::Text),
    ],
};

/// WSDL `PublicKeyCertificateSet`.
pub static PUBLIC_KEY_CERTIFICATE_SET: Type = Type {
    name: "PublicKeyCertificateSet",
    fields: &[
        one("description", Kind::Text),
        one("jwksEndPoint", Kind::Text),
        one("jwtIssuer", Kind::Text),
        required("masterLabel", Kind::Text),
        many(
            "publicKeyCertificateSetKeys",
            Kind::Nested(&PUBLIC_KEY_CERTIFICATE_SET_KEY),
        ),
        required(
            "type",
            Kind::Enum("PublicKeyCertificateSetType", &["JWKS", "JWKS_URL"]),
        ),
    ],
};

/// WSDL `MessagingChannel`.
pub static MESSAGING_CHANNEL: Type = Type {
    name: "MessagingChannel",
    fields: &[
        many("automatedResponses", Kind::Unchecked),
        many("channelUsages", Kind::Unchecked),
        one("countryCode", Kind::Text),
        many(
            "customParameters",
            Kind::Nested(&MESSAGING_CHANNEL_CUSTOM_PARAMETER),
        ),
        one("description", Kind::Text),
        one("embeddedConfig", Kind::Nested(&EMBEDDED_MESSAGING_CHANNEL)),
        one("externalAccountId", Kind::Text),
        one("isEstimatedWaitTimeEnabled", Kind::Boolean),
        one("isQueuePositionEnabled", Kind::Boolean),
        one("isSynchronousChatEnabled", Kind::Boolean),
        one("isVoiceModeEnabled", Kind::Boolean),
        required("masterLabel", Kind::Text),
        required(
            "messagingChannelType",
            Kind::Enum(
                "MessagingChannelType",
                &[
                    "EmbeddedMessaging",
                    "InternalCopilot",
                    "Voice",
                    "Custom",
                    "Facebook",
                    "Line",
                    "WhatsApp",
                    "AppleMessagesForBusiness",
                    "VoiceIntegrationPilot",
                    "Text",
                    "PstnVoice",
                    "WhatsAppVoice",
                    "SipVoice",
                    "Email",
                ],
            ),
        ),
        many("messagingKeywords", Kind::Unchecked),
        one("platformKey", Kind::Text),
        one("queueRoutingConfig", Kind::Text),
        one("sessionHandlerAsa", Kind::Text),
        one("sessionHandlerFlow", Kind::Text),
        one("sessionHandlerQueue", Kind::Text),
        required(
            "sessionHandlerType",
            Kind::Enum(
                "MessagingSessionHandlerType",
                &["Queue", "Flow", "User", "AgentforceServiceAgent"],
            ),
        ),
        one("sessionHandlerUser", Kind::Text),
        many(
            "standardParameters",
            Kind::Nested(&MESSAGING_CHANNEL_STANDARD_PARAMETER),
        ),
    ],
};

/// WSDL `EmbeddedServiceConfig`.
pub static EMBEDDED_SERVICE_CONFIG: Type = Type {
    name: "EmbeddedServiceConfig",
    fields: &[
        one("areGuestUsersAllowed", Kind::Boolean),
        one(
            "authMethod",
            Kind::Enum(
                "EmbeddedServiceAuthMethod",
                &["CommunitiesLogin", "CustomLogin"],
            ),
        ),
        one("branding", Kind::Text),
        one(
            "clientVersion",
            Kind::Enum("EmbeddedServiceClientVersion", &["WebV1", "WebV2"]),
        ),
        required(
            "deploymentFeature",
            Kind::Enum(
                "EmbeddedServiceDeploymentFeature",
                &[
                    "None",
                    "EmbeddedMessaging",
                    "LiveAgent",
                    "Flows",
                    "FieldService",
                ],
            ),
        ),
        required(
            "deploymentType",
            Kind::Enum(
                "EmbeddedServiceDeploymentType",
                &["Web", "Mobile", "API", "InternalCopilot"],
            ),
        ),
        one("embeddedServiceAppointmentSettings", Kind::Unchecked),
        many("embeddedServiceCustomComponents", Kind::Unchecked),
        many("embeddedServiceCustomLabels", Kind::Unchecked),
        many("embeddedServiceCustomizations", Kind::Unchecked),
        one("embeddedServiceFlowConfig", Kind::Unchecked),
        many("embeddedServiceFlows", Kind::Unchecked),
        many("embeddedServiceForms", Kind::Unchecked),
        many("embeddedServiceLayouts", Kind::Unchecked),
        one(
            "embeddedServiceMessagingChannel",
            Kind::Nested(&EMBEDDED_SERVICE_MESSAGING_CHANNEL),
        ),
        one("isEnabled", Kind::Boolean),
        one("isTermsAndConditionsEnabled", Kind::Boolean),
        one("isTermsAndConditionsRequired", Kind::Boolean),
        required("masterLabel", Kind::Text),
        one("shouldHideAuthDialog", Kind::Boolean),
        one("site", Kind::Text),
    ],
};

/// WSDL `EmbeddedMessagingChannel`.
static EMBEDDED_MESSAGING_CHANNEL: Type = Type {
    name: "EmbeddedMessagingChannel",
    fields: &[
        one("allowedFileTypes", Kind::Text),
        one("anonymousUserJwtExpirationTime", Kind::Integer),
        required(
            "authMode",
            Kind::Enum("EmbeddedServiceAuthModeType", &["Auth", "UnAuth"]),
        ),
        one("connectedApp", Kind::Text),
        required("isAgentAvlCheckEnabled", Kind::Boolean),
        one("isAbandonedChatsEnabled", Kind::Boolean),
        one("isAttachmentUploadEnabled", Kind::Boolean),
        one("isEstimatedWaitTimeEnabled", Kind::Boolean),
        one("isFallbackMessageEnabled", Kind::Boolean),
        one("isFileAttachmentExtUnrestricted", Kind::Boolean),
        one("isSaveTranscriptEnabled", Kind::Boolean),
        one("maxFileSize", Kind::Integer),
        many(
            "messagingAuthorizations",
            Kind::Nested(&MESSAGING_AUTHORIZATION),
        ),
        required(
            "queueLimitType",
            Kind::Enum(
                "EmbeddedMsgQueueLimitType",
                &["QueueLength", "QueueLengthPerAgent"],
            ),
        ),
        required("queueThreshold", Kind::Integer),
        one("presenceTimeout", Kind::Integer),
        one("verifiedUserJwtExpirationTime", Kind::Integer),
    ],
};

/// WSDL `EmbeddedServiceMessagingChannel`.
static EMBEDDED_SERVICE_MESSAGING_CHANNEL: Type = Type {
    name: "EmbeddedServiceMessagingChannel",
    fields: &[
        one("businessHours", Kind::Text),
        one("displayNameFormat", Kind::Text),
        many("embdMsgChannelInvitationConditions", Kind::Unchecked),
        one("formula", Kind::Text),
        one("isChatInvitationCustomizable", Kind::Boolean),
        required("isEnabled", Kind::Boolean),
        one("isInvitationEnabled", Kind::Boolean),
        one("isSendInvtAllowedAfterAccept", Kind::Boolean),
        one("isSendInvtAllowedAfterReject", Kind::Boolean),
        required("messagingChannel", Kind::Text),
        required("shouldShowAgentforceTagline", Kind::Boolean),
        required("shouldShowDeliveryReceipts", Kind::Boolean),
        required("shouldShowEmojiSelection", Kind::Boolean),
        required("shouldShowReadReceipts", Kind::Boolean),
        required("shouldShowTypingIndicators", Kind::Boolean),
        required("shouldStartNewLineOnEnter", Kind::Boolean),
    ],
};

/// WSDL `FlowVariable`.
static FLOW_VARIABLE: Type = Type {
    name: "FlowVariable",
    fields: &[
        many("processMetadataValues", Kind::Unchecked),
        one("description", Kind::Text),
        one("name", Kind::Text),
        one("apexClass", Kind::Text),
        required(
            "dataType",
            Kind::Enum(
                "FlowDataType",
                &[
                    "Currency",
                    "Date",
                    "Number",
                    "String",
                    "Boolean",
                    "SObject",
                    "DateTime",
                    "Time",
                    "Picklist",
                    "Multipicklist",
                    "Apex",
                ],
            ),
        ),
        one("isCollection", Kind::Boolean),
        one("isInput", Kind::Boolean),
        one("isOutput", Kind::Boolean),
        one("objectType", Kind::Text),
        one("scale", Kind::Integer),
        one("value", Kind::Unchecked),
    ],
};

/// WSDL `MessagingAuthorization`.
static MESSAGING_AUTHORIZATION: Type = Type {
    name: "MessagingAuthorization",
    fields: &[
        required("authIdentifier", Kind::Text),
        one("authProviderName", Kind::Text),
        required(
            "authorizationType",
            Kind::Enum(
                "MessagingAuthorizationType",
                &["PublicKeyCertificateSet", "AuthProvider"],
            ),
        ),
        one("enabled", Kind::Boolean),
        one("publicKeyCertificateSetName", Kind::Text),
    ],
};

/// WSDL `MessagingChannelActionParameterMapping`.
static MESSAGING_CHANNEL_ACTION_PARAMETER_MAPPING: Type = Type {
    name: "MessagingChannelActionParameterMapping",
    fields: &[required("actionParameterName", Kind::Text)],
};

/// WSDL `MessagingChannelCustomParameter`.
static MESSAGING_CHANNEL_CUSTOM_PARAMETER: Type = Type {
    name: "MessagingChannelCustomParameter",
    fields: &[
        many(
            "actionParameterMappings",
            Kind::Nested(&MESSAGING_CHANNEL_ACTION_PARAMETER_MAPPING),
        ),
        required("externalParameterName", Kind::Text),
        required("masterLabel", Kind::Text),
        one("maxLength", Kind::Integer),
        required("name", Kind::Text),
        required(
            "parameterDataType",
            Kind::Enum(
                "FlowDataType",
                &[
                    "Currency",
                    "Date",
                    "Number",
                    "String",
                    "Boolean",
                    "SObject",
                    "DateTime",
                    "Time",
                    "Picklist",
                    "Multipicklist",
                    "Apex",
                ],
            ),
        ),
        many("parameterValueMappings", Kind::Unchecked),
    ],
};

/// WSDL `MessagingChannelStandardParameter`.
static MESSAGING_CHANNEL_STANDARD_PARAMETER: Type = Type {
    name: "MessagingChannelStandardParameter",
    fields: &[
        many(
            "actionParameterMappings",
            Kind::Nested(&MESSAGING_CHANNEL_ACTION_PARAMETER_MAPPING),
        ),
        required(
            "parameterType",
            Kind::Enum(
                "MessagingChannelStandardParameterType",
                &["FirstName", "LastName", "Email", "Subject"],
            ),
        ),
        many("parameterValueMappings", Kind::Unchecked),
    ],
};

/// WSDL `PublicKeyCertificateSetKey`.
static PUBLIC_KEY_CERTIFICATE_SET_KEY: Type = Type {
    name: "PublicKeyCertificateSetKey",
    fields: &[required("publicKeyCertificate", Kind::Text)],
};

/// WSDL `QueueSobject`.
static QUEUE_SOBJECT: Type = Type {
    name: "QueueSobject",
    fields: &[required("sobjectType", Kind::Text)],
};
