//! External credentials. Source: metadata.wsdl v66, in the order of its sequences.

use super::{Kind, Type, many, one, required};

/// WSDL `ExternalCredential`.
pub static EXTERNAL_CREDENTIAL: Type = Type {
    name: "ExternalCredential",
    fields: &[
        required(
            "authenticationProtocol",
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
        one("description", Kind::Text),
        many(
            "externalCredentialParameters",
            Kind::Nested(&EXTERNAL_CREDENTIAL_PARAMETER),
        ),
        required("label", Kind::Text),
    ],
};

/// WSDL `ExternalCredentialParameter`.
pub static EXTERNAL_CREDENTIAL_PARAMETER: Type = Type {
    name: "ExternalCredentialParameter",
    fields: &[
        one("authProvider", Kind::Text),
        one("certificate", Kind::Text),
        one("description", Kind::Text),
        one("externalAuthIdentityProvider", Kind::Text),
        one("parameterGroup", Kind::Text),
        required("parameterName", Kind::Text),
        required(
            "parameterType",
            Kind::Enum(
                "ExternalCredentialParamType",
                &[
                    "ParameterGroup",
                    "ExternalAuthIdentityProvider",
                    "AuthProvider",
                    "AuthProviderUrl",
                    "AuthProviderUrlQueryParameter",
                    "SigningCertificate",
                    "FormulaVariable",
                    "AuthProviderAuthParameter",
                    "AuthParameter",
                    "NamedPrincipal",
                    "PerUserPrincipal",
                    "AwsStsPrincipal",
                    "GlobalNamedPrincipal",
                    "SystemUserPrincipal",
                    "AuthContext",
                    "AuthQueryParameter",
                    "AuthHeader",
                    "AuthProtocolVariant",
                    "JwtBodyClaim",
                    "JwtHeaderClaim",
                    "CreatedByNamespace",
                    "AdditionalRefreshStatusCode",
                    "ManagedByFeature",
                    "ManagedByComponent",
                    "SfHttpRequestExtensionName",
                    "TenantPrincipal",
                ],
            ),
        ),
        one("parameterValue", Kind::Text),
        one("sequenceNumber", Kind::Integer),
    ],
};
