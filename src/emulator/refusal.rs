//! What the platform answers to a request that it refuses, whichever API it came by.

use super::Error;

/// A request that the platform refuses: a SOAP fault, or an error of REST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// WSDL `ExceptionCode`.
    pub code: &'static str,
    /// The platform's words.
    pub message: String,
}

impl Refusal {
    /// A refusal with that code and text.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(
            "UNKNOWN_EXCEPTION",
            format!("An unexpected error occurred: {error}"),
        )
    }
}

/// What a user hears who may not use the Metadata API.
pub const NO_PERMISSION: &str =
    "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions";
