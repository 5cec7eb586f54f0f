//! Whether the org lets mail leave, asked without sending any.

use super::{Fault, Reader, Told};
use crate::sf::text::clean;
use crate::sf::wire::rest::{self, AnonymousResult, RestError};

/// Reserves room for one message and sends none. What is reserved is free again when the
/// transaction ends (Apex Reference Guide, `Messaging.reserveSingleEmailCapacity`).
const PROBE: &str = "Messaging.reserveSingleEmailCapacity(1);";

/// What the org says when it is asked for room for one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailPermission {
    /// It may leave.
    Granted,
    /// The org's access level does not let mail leave.
    NotPermitted,
    /// The mail of the day is used up.
    UsedUp,
}

impl Reader {
    /// Whether Apex may send mail in this org. Sends nothing.
    ///
    /// # Errors
    /// Faults that would meet every request alike.
    pub async fn mail_permission(&self) -> Result<Told<MailPermission>, Fault> {
        let mut url = self.connection().data_url("/tooling/executeAnonymous/");
        url.query_pairs_mut().append_pair("anonymousBody", PROBE);
        let answer = self
            .connection()
            .get("anonymous Apex", url, rest::decode_anonymous)
            .await;
        match answer {
            Ok(result) => Ok(judge(&result)),
            Err(fault) => fault.into_silence().map(Err),
        }
    }
}

fn judge(result: &AnonymousResult) -> Told<MailPermission> {
    let exception = &result.exception_message;
    if result.compiled && result.success {
        Ok(MailPermission::Granted)
    } else if exception.starts_with("System.NoAccessException") {
        Ok(MailPermission::NotPermitted)
    } else if exception.starts_with("System.HandledException") {
        Ok(MailPermission::UsedUp)
    } else {
        let text = if result.compiled {
            exception
        } else {
            &result.compile_problem
        };
        Err(RestError {
            error_code: "APEX".to_owned(),
            message: clean(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_exception_means_something_else() {
        let judged = |compiled, success, exception: &str| {
            judge(&AnonymousResult {
                compiled,
                success,
                compile_problem: "unexpected token".to_owned(),
                exception_message: exception.to_owned(),
            })
        };
        assert_eq!(judged(true, true, ""), Ok(MailPermission::Granted));
        assert_eq!(
            judged(true, false, "System.NoAccessException: The organization …"),
            Ok(MailPermission::NotPermitted)
        );
        assert_eq!(
            judged(true, false, "System.HandledException: The daily limit …"),
            Ok(MailPermission::UsedUp)
        );
        let other = judged(true, false, "System.LimitException: Too many").unwrap_err();
        assert_eq!(other.message, "System.LimitException: Too many");
        assert_eq!(
            judged(false, false, "").unwrap_err().message,
            "unexpected token"
        );
    }
}
