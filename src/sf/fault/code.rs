//! What the platform's codes mean for whoever sent the request.
//!
//! Source: SOAP API guide, `ExceptionCode` and `StatusCode`; REST API guide, "Status Codes and Error
//! Responses".

use super::{Fault, FaultClass};

/// Whether trying again may help, for the codes that have no [`Fault`] of their own.
pub(super) fn class(code: &str) -> FaultClass {
    match code {
        "UNABLE_TO_LOCK_ROW"
        | "ALREADY_IN_PROCESS"
        | "SERVER_UNAVAILABLE"
        | "REQUEST_RUNNING_TOO_LONG"
        | "QUERY_TIMEOUT"
        | "UNKNOWN_EXCEPTION"
        | "UNKNOWN" => FaultClass::Transient,
        _ => FaultClass::Permanent,
    }
}

/// The fault that a code stands for, wherever it comes from; `None` for codes without one.
pub(super) fn fault(code: &str, text: &str) -> Option<Fault> {
    let (code, text) = (code.to_owned(), text.to_owned());
    Some(match code.as_str() {
        "INVALID_SESSION_ID"
        | "INVALID_AUTH_HEADER"
        | "Bad_OAuth_Token"
        | "Missing_OAuth_Token"
        | "Wrong_Org" => Fault::TokenRefused { code, text },
        "INSUFFICIENT_ACCESS"
        | "INSUFFICIENT_ACCESS_OR_READONLY"
        | "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
        | "FUNCTIONALITY_NOT_ENABLED"
        | "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"
        | "ORG_LOCKED" => Fault::InsufficientAccess { code, text },
        "API_DISABLED_FOR_ORG" | "API_CURRENTLY_DISABLED" => Fault::ApiDisabled { code, text },
        "REQUEST_LIMIT_EXCEEDED" => Fault::RequestLimit { text },
        "UNSUPPORTED_API_VERSION" => Fault::UnsupportedVersion { text },
        "NOT_FOUND" | "ENTITY_IS_DELETED" => Fault::NotFound { text },
        _ => return None,
    })
}
