//! An answer that is not the one hoped for → the fact that it states.

use super::{Fault, code};
use crate::secret::Redactor;
use crate::sf::text::{beginning, clean};
use crate::sf::wire::rest::{self, RestError};
use crate::sf::wire::soap::SoapFault;

/// An HTTP answer that is no success, or has content that the API doesn't send.
pub(in crate::sf) struct Refusal<'a> {
    /// The host that answered.
    pub host: &'a str,
    /// HTTP status.
    pub status: u16,
    /// Its content type; empty without one.
    pub content_type: &'a str,
    /// The host that it sends on to.
    pub location: Option<&'a str>,
    /// Its content.
    pub body: &'a [u8],
}

/// What the answer says. `redactor` knows the token.
pub(in crate::sf) fn from_http(refusal: &Refusal<'_>, redactor: &Redactor) -> Fault {
    let status = refusal.status;
    if (300..400).contains(&status) {
        return Fault::RedirectRefused {
            to: refusal.location.map_or_else(
                || "an unnamed host".to_owned(),
                |to| clean(&redactor.redact(to)),
            ),
        };
    }
    // Salesforce's edge answers so for hosts without an org; no registered status.
    if status == 420 {
        return Fault::NoOrg {
            host: refusal.host.to_owned(),
        };
    }
    let start = || {
        let text = String::from_utf8_lossy(refusal.body);
        clean(&redactor.redact(&text))
    };
    if let Some(errors) = rest::decode_errors(refusal.body) {
        let errors: Vec<RestError> = errors
            .into_iter()
            .take(20)
            .map(|error| RestError {
                error_code: clean(&redactor.redact(&error.error_code)),
                message: clean(&redactor.redact(&error.message)),
            })
            .collect();
        return from_errors(status, errors);
    }
    // Userinfo says what is wrong with a token in one word of plain text.
    let text = start();
    if matches!(status, 401 | 403) {
        let word = text.split([' ', ':']).next().unwrap_or_default();
        if let Some(fault) = code::fault(word, &text) {
            return fault;
        }
        if status == 401 {
            return Fault::TokenRefused {
                code: "401".to_owned(),
                text,
            };
        }
    }
    match status {
        429 | 500.. => Fault::Unavailable { status, text },
        414 | 431 => Fault::TooLarge {
            what: "the request's address and headers",
            limit: crate::sf::transport::LONGEST_HEAD,
        },
        413 => Fault::TooLarge {
            what: "the request",
            limit: crate::package::MAX_ZIP_BYTES,
        },
        404 => Fault::NotFound { text },
        _ => Fault::UnexpectedContent {
            host: refusal.host.to_owned(),
            status,
            content_type: clean(&redactor.redact(refusal.content_type)),
            start: beginning(&text),
        },
    }
}

fn from_errors(status: u16, errors: Vec<RestError>) -> Fault {
    let first = errors.first();
    let (first_code, text) = first.map_or(("", ""), |error| {
        (error.error_code.as_str(), error.message.as_str())
    });
    if let Some(fault) = code::fault(first_code, text) {
        return fault;
    }
    match status {
        401 => Fault::TokenRefused {
            code: first_code.to_owned(),
            text: text.to_owned(),
        },
        429 | 502..=504 => Fault::Unavailable {
            status,
            text: text.to_owned(),
        },
        404 => Fault::NotFound {
            text: text.to_owned(),
        },
        _ => Fault::Rest { status, errors },
    }
}

/// What a SOAP fault says.
pub(in crate::sf) fn from_soap(fault: &SoapFault, redactor: &Redactor) -> Fault {
    let code = clean(&redactor.redact(&fault.code));
    let text = clean(&redactor.redact(&fault.text));
    code::fault(&code, &text).unwrap_or(Fault::Soap { code, text })
}
