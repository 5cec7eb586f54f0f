//! Named credentials. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, many, one, required};

/// WSDL `NamedCredential`.
pub static NAMED_CREDENTIAL: Type = Type {
    name: "NamedCredential",
    fields: &[
        one("allowMergeFieldsInBody", Kind::Boolean),
        one("allowMergeFieldsInHeader", Kind::Boolean),
        one("authProvider", Kind::Text),
        one("authTokenEndpointUrl", Kind::Text),
        one("awsAccessKey", Kind::Text),
        one("awsAccessSecret", Kind::Text),
        one("awsRegion", Kind::Text),
        one("awsService", Kind::Text),
        one(
            "calloutStatus",
            Kind::Enum("CalloutStatus", &["Enabled", "Disabled"]),
        ),
        one("certificate", Kind::Text),
        one("description", Kind::Text).since(64),
        one("endpoint", Kind::Text),
        one("generateAuthorizationHeader", Kind::Boolean),
        one("jwtAudience", Kind::Text),
        one("jwtFormulaSubject", Kind::Text),
        one("jwtIssuer", Kind::Text),
        one("jwtSigningCertificate", Kind::Text),
        one("jwtTextSubject", Kind::Text),
        one("jwtValidityPeriodSeconds", Kind::Integer),
        required("label", Kind::Text),
        many(
            "namedCredentialParameters",
            Kind::Nested(&NAMED_CREDENTIAL_PARAMETER),
        ),
        one(
            "namedCredentialType",
            Kind::Enum(
                "NamedCredentialType",
                &[
                    "Legacy",
                    "AnonymousEndpoint",
                    "SecuredEndpoint",
                    "PrivateEndpoint",
                    "Credentials",
                    "Standard",
                ],
            ),
        ),
        one("oauthRefreshToken", Kind::Text),
        one("oauthScope", Kind::Text),
        one("oauthToken", Kind::Text),
        one("outboundNetworkConnection", Kind::Text),
        one("password", Kind::Text),
        one(
            "principalType",
            Kind::Enum(
                "ExternalPrincipalType",
                &["Anonymous", "PerUser", "NamedUser", "UserWithImpersonation"],
            ),
        ),
        one(
            "protocol",
            Kind::Enum(
                "AuthenticationProtocol",
                &[
                    "NoAuthentication",
                    "Certificate",
                    "Oauth",
                    "Password",
                    "NTLM",
                    "AwsSv4",
                    "Jwt",
                    "JwtExchange",
                    "C2c",
                    "ApiKey",
                    "Custom",
                    "InternalOAuth",
                    "OrgJwt",
                    "Basic",
                ],
            ),
        ),
        one("username", Kind::Text),
    ],
};

/// WSDL `NamedCredentialParameter`.
pub static NAMED_CREDENTIAL_PARAMETER: Type = Type {
    name: "NamedCredentialParameter",
    fields: &[
        one("certificate", Kind::Text),
        one("description", Kind::Text),
        one("externalCredential", Kind::Text),
        one("globalNamedPrincipalCredential", Kind::Boolean),
        one("managedFeatureEnabledCallout", Kind::Boolean),
        one("outboundNetworkConnection", Kind::Text),
        required("parameterName", Kind::Text),
        required(
            "parameterType",
            Kind::Enum(
                "NamedCredentialParamType",
                &[
                    "Url",
                    "UrlQueryParameter",
                    "HttpHeader",
                    "HttpCookie",
                    "ClientCertificate",
                    "ServerCertificate",
                    "FormulaVariable",
                    "Authentication",
                    "OutboundNetworkConnection",
                    "AllowedManagedPackageNamespaces",
                    "CreatedByNamespace",
                    "CustomParameter",
                    "StandardNamedCredentialType",
                    "ManagedByFeature",
                    "ManagedByComponent",
                    "ConnectionStatus",
                    "SfHttpRequestExtensionName",
                    "NamedCredentialOptions",
                    "ManagedByNamespace",
                ],
            ),
        ),
        one("parameterValue", Kind::Text),
        one("readOnlyNamedCredential", Kind::Boolean),
        one("sequenceNumber", Kind::Integer),
        one("systemUserNamedCredential", Kind::Boolean),
    ],
};
