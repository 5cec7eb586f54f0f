//! What the Salesforce CLI prints about a login. Running it is the command line's affair.

use serde::Deserialize;
use serde_json::Value;

use crate::secret::Secret;
use crate::sf::text::clean;

/// Why a login of the Salesforce CLI can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SalesforceCliError {
    /// There is no `sf` to run.
    #[error("the Salesforce CLI (`sf`) was not found")]
    NotFound,
    /// It did not end in time.
    #[error("the Salesforce CLI did not answer in time")]
    TimedOut,
    /// It knows neither of the commands that show a token.
    #[error("this Salesforce CLI cannot show an access token")]
    TooOld,
    /// It shows a placeholder in the token's place.
    #[error("the Salesforce CLI shows no access token any more, only a placeholder")]
    Redacted,
    /// It has no such login, or the login is dead.
    #[error("the Salesforce CLI has no working login for `{alias}`")]
    Failed {
        /// Alias or user name.
        alias: String,
        /// Its error's name, for example `NamedOrgNotFoundError`.
        name: String,
        /// Its words.
        text: String,
    },
    /// Something else than its JSON.
    #[error("the Salesforce CLI's answer cannot be read")]
    Unreadable,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: Option<i64>,
    name: Option<String>,
    message: Option<String>,
    #[serde(default)]
    result: Value,
}

/// The token in the answer to `sf org auth show-access-token --json`, or to `sf org display --json`
/// of an older CLI.
///
/// # Errors
/// What the CLI says instead. Nothing of a token is in it.
pub fn access_token(stdout: &str, alias: &str) -> Result<Secret, SalesforceCliError> {
    let token = member(stdout, alias, "accessToken")?;
    // From plugin-org 5.11.1 on `sf org display` has a sentence in the token's place.
    if !(token.starts_with("00D") || token.starts_with("eyJ")) {
        return Err(SalesforceCliError::Redacted);
    }
    Ok(Secret::new(token))
}

/// The org's address in the answer to `sf org display --json`.
///
/// # Errors
/// What the CLI says instead.
pub fn instance_url(stdout: &str, alias: &str) -> Result<String, SalesforceCliError> {
    member(stdout, alias, "instanceUrl")
}

fn member(stdout: &str, alias: &str, name: &str) -> Result<String, SalesforceCliError> {
    // Warnings of Node and of plugins can come before the JSON.
    let json = stdout.find('{').map(|at| &stdout[at..]).unwrap_or_default();
    let answer: Answer = serde_json::from_str(json).map_err(|_| SalesforceCliError::Unreadable)?;
    if answer.status.unwrap_or_default() != 0 {
        let error = answer.name.unwrap_or_default();
        let unknown = ["CommandNotFound", "CLIError", "SetupWizard"];
        let text = answer.message.unwrap_or_default();
        if unknown.iter().any(|name| error.starts_with(name)) || text.contains("not a sf command") {
            return Err(SalesforceCliError::TooOld);
        }
        return Err(SalesforceCliError::Failed {
            alias: alias.to_owned(),
            name: clean(&error),
            text: clean(&text),
        });
    }
    answer
        .result
        .get(name)
        .and_then(Value::as_str)
        .map(|text| text.trim().to_owned())
        .ok_or(SalesforceCliError::Unreadable)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_token_of_both_commands() {
        for stdout in [
            r#"{"status":0,"result":{"accessToken":"00D000000000062!AQ.x"},"warnings":[]}"#,
            "Warning: a plugin is linked\n{\"status\":0,\"result\":{\"id\":\"00D\",\
             \"accessToken\":\"00D000000000062!AQ.x\",\"instanceUrl\":\"https://a\"}}",
        ] {
            let token = access_token(stdout, "uat").unwrap();
            assert_eq!(token.expose(), "00D000000000062!AQ.x");
        }
    }

    #[test]
    fn knows_a_placeholder_a_dead_login_and_an_old_cli() {
        let redacted = r#"{"status":0,"result":{"accessToken":"[REDACTED] Use 'sf org auth show-access-token' to view"}}"#;
        assert_eq!(
            access_token(redacted, "uat"),
            Err(SalesforceCliError::Redacted)
        );
        let dead = r#"{"status":1,"name":"NamedOrgNotFoundError","message":"No authorization information found for uat.","exitCode":1}"#;
        assert_eq!(
            access_token(dead, "uat").unwrap_err(),
            SalesforceCliError::Failed {
                alias: "uat".to_owned(),
                name: "NamedOrgNotFoundError".to_owned(),
                text: "No authorization information found for uat.".to_owned(),
            }
        );
        let old = r#"{"status":127,"name":"CommandNotFoundError","message":"x"}"#;
        assert_eq!(access_token(old, "uat"), Err(SalesforceCliError::TooOld));
        assert_eq!(access_token("", "uat"), Err(SalesforceCliError::Unreadable));
    }

    proptest! {
        #[test]
        fn any_output_is_read_or_refused(text in "\\PC{0,40}|\\{\"status\":0,\\PC{0,40}\\}") {
            let _ = (access_token(&text, "a"), instance_url(&text, "a"));
        }
    }
}
