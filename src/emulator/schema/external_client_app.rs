//! External Client Apps. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, many, one, required};

/// WSDL `ExternalClientApplication`.
pub static EXTERNAL_CLIENT_APPLICATION: Type = Type {
    name: "ExternalClientApplication",
    fields: &[
        one("contactEmail", Kind::Text),
        one("contactPhone", Kind::Text),
        one("description", Kind::Text),
        one(
            "distributionState",
            Kind::Enum(
                "ExtlClntAppDistState",
                &["Local", "Packaged", "Managed", "AutoInstalled"],
            ),
        ),
        one("iconUrl", Kind::Text),
        one("infoUrl", Kind::Text),
        one("isProtected", Kind::Boolean),
        one("label", Kind::Text),
        one("logoUrl", Kind::Text),
        one(
            "managedType",
            Kind::Enum("ExtlClntAppManagedType", &["Local", "Global"]),
        ),
        one("orgScopedExternalApp", Kind::Text),
    ],
};

/// WSDL `ExtlClntAppGlobalOauthSettings`.
pub static EXTL_CLNT_APP_GLOBAL_OAUTH_SETTINGS: Type = Type {
    name: "ExtlClntAppGlobalOauthSettings",
    fields: &[
        one("callbackUrl", Kind::Text),
        one("certificate", Kind::Text),
        one("consumerKey", Kind::Text),
        one("consumerSecret", Kind::Text),
        required("externalClientApplication", Kind::Text),
        one("idTokenConfig", Kind::Unchecked),
        one("isClientCredentialsFlowEnabled", Kind::Boolean),
        one("isCodeCredFlowEnabled", Kind::Boolean),
        one("isCodeCredPostOnly", Kind::Boolean),
        one("isConsumerSecretOptional", Kind::Boolean),
        one("isDeviceFlowEnabled", Kind::Boolean),
        one("isIntrospectAllTokens", Kind::Boolean),
        one("isNamedUserJwtEnabled", Kind::Boolean),
        one("isPkceRequired", Kind::Boolean),
        one("isRefreshTokenRotationEnabled", Kind::Boolean),
        one("isSecretRequiredForRefreshToken", Kind::Boolean),
        one("isSecretRequiredForTokenExchange", Kind::Boolean),
        one("isTokenExchangeEnabled", Kind::Boolean),
        one("label", Kind::Text),
        one("shouldRotateConsumerKey", Kind::Boolean),
        one("shouldRotateConsumerSecret", Kind::Boolean),
    ],
};

/// WSDL `ExtlClntAppOauthSettings`.
pub static EXTL_CLNT_APP_OAUTH_SETTINGS: Type = Type {
    name: "ExtlClntAppOauthSettings",
    fields: &[
        one("areAttributesIncludedInAssetToken", Kind::Boolean),
        one("areCustomPermsIncludedInAssetToken", Kind::Boolean),
        one("assetTokenAudiences", Kind::Text),
        one("assetTokenSigningCertificate", Kind::Text),
        one("assetTokenValidity", Kind::Integer),
        one("clientAssertionCertificate", Kind::Text),
        one("commaSeparatedCustomScopes", Kind::Text),
        one("commaSeparatedOauthScopes", Kind::Text),
        many("customAttributes", Kind::Unchecked),
        required("externalClientApplication", Kind::Text),
        one("isFirstPartyAppEnabled", Kind::Boolean),
        one("label", Kind::Text),
        one("oauthLink", Kind::Text),
        one("singleLogoutUrl", Kind::Text),
        many("trustedIpRanges", Kind::Unchecked),
    ],
};

/// WSDL `ExtlClntAppOauthConfigurablePolicies`.
pub static EXTL_CLNT_APP_OAUTH_CONFIGURABLE_POLICIES: Type = Type {
    name: "ExtlClntAppOauthConfigurablePolicies",
    fields: &[
        one("apexHandler", Kind::Text),
        one("clientCredentialsFlowUser", Kind::Text),
        one("commaSeparatedCustomScopes", Kind::Text),
        one("commaSeparatedPermissionSet", Kind::Text),
        one("commaSeparatedProfile", Kind::Text),
        many("customAttributes", Kind::Unchecked),
        one("executeHandlerAs", Kind::Text),
        required("externalClientApplication", Kind::Text),
        one(
            "guestJwtSessionTimeoutType",
            Kind::Enum("JWTSessionTimeoutType", &["UserSession", "Custom"]),
        ),
        one("guestJwtTimeout", Kind::Integer),
        one("ipRelaxationPolicyType", Kind::Text),
        one("isClientCredentialsFlowEnabled", Kind::Boolean),
        one("isGuestCodeCredFlowEnabled", Kind::Boolean),
        one("isTokenExchangeFlowEnabled", Kind::Boolean),
        one("label", Kind::Text),
        one(
            "namedUserJwtSessionTimeoutType",
            Kind::Enum("JWTSessionTimeoutType", &["UserSession", "Custom"]),
        ),
        one("namedUserJwtTimeout", Kind::Integer),
        one(
            "permittedUsersPolicyType",
            Kind::Enum(
                "PermittedUsersPolicyType",
                &["AllSelfAuthorized", "AdminApprovedPreAuthorized"],
            ),
        ),
        one(
            "policyAction",
            Kind::Enum("PolicyAction", &["Block", "RaiseSessionLevel"]),
        ),
        one(
            "refreshTokenPolicyType",
            Kind::Enum(
                "RefreshTokenPolicyType",
                &["Infinite", "Zero", "SpecificLifetime", "SpecificInactivity"],
            ),
        ),
        one("refreshTokenValidityPeriod", Kind::Integer),
        one("refreshTokenValidityUnit", Kind::Text),
        one(
            "requiredSessionLevel",
            Kind::Enum(
                "SessionSecurityLevel",
                &["LOW", "STANDARD", "HIGH_ASSURANCE"],
            ),
        ),
        one("sessionTimeoutInMinutes", Kind::Integer),
        one("singleLogoutUrl", Kind::Text),
        one("startUrl", Kind::Text),
    ],
};

/// WSDL `ExtlClntAppConfigurablePolicies`.
pub static EXTL_CLNT_APP_CONFIGURABLE_POLICIES: Type = Type {
    name: "ExtlClntAppConfigurablePolicies",
    fields: &[
        required("externalClientApplication", Kind::Text),
        one("isCanvasPluginEnabled", Kind::Boolean).since(65),
        required("isEnabled", Kind::Boolean),
        one("isMobilePluginEnabled", Kind::Boolean),
        one("isNotificationPluginEnabled", Kind::Boolean),
        one("isOauthPluginEnabled", Kind::Boolean),
        one("isPushPluginEnabled", Kind::Boolean),
        one("isSamlPluginEnabled", Kind::Boolean).since(63),
        one("label", Kind::Text),
        one(
            "startPage",
            Kind::Enum("ExtlClntAppStartPage", &["None", "Custom", "OAuth", "SAML"]),
        ),
        one("startUrl", Kind::Text),
    ],
};
