//! The text of a first config: what `init` writes.

use std::fmt;
use std::str::FromStr;

/// How the first config logs in to one org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StarterAuth {
    /// In the browser, by `login`.
    Login,
    /// By the token in `SF_ACCESS_TOKEN`.
    Environment,
    /// By a login of the Salesforce CLI, named by its alias or username.
    SalesforceCli(String),
}

/// A word that names no way of logging in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write `login`, `env` or `sf:ALIAS`")]
pub struct NotAnAuth;

impl FromStr for StarterAuth {
    type Err = NotAnAuth;

    fn from_str(word: &str) -> Result<Self, NotAnAuth> {
        match (word, word.strip_prefix("sf:")) {
            ("login", _) => Ok(Self::Login),
            ("env", _) => Ok(Self::Environment),
            (_, Some(alias)) if !alias.trim().is_empty() => {
                Ok(Self::SalesforceCli(alias.trim().to_owned()))
            }
            _ => Err(NotAnAuth),
        }
    }
}

/// The value of `auth` as it stands in the file.
impl fmt::Display for StarterAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login => f.write_str("login"),
            Self::Environment => f.write_str("env"),
            Self::SalesforceCli(alias) => write!(f, "{{ sf: {} }}", quoted(alias)),
        }
    }
}

/// What a person has to say for a first config; everything else keeps its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starter {
    /// The address that customers answer to.
    pub reply_to: String,
    /// The name that customers see beside it.
    pub display_name: String,
    /// How the sandbox is logged in to.
    pub sandbox: StarterAuth,
    /// How production is logged in to.
    pub production: StarterAuth,
}

impl Starter {
    /// The config with comments, as YAML. What was said is quoted, not checked:
    /// [`Config::parse`](super::Config::parse) does that. `schema` is where an editor finds the
    /// JSON Schema, as a path relative to the config.
    pub fn yaml(&self, schema: &str) -> String {
        format!(
            r#"# yaml-language-server: $schema={schema}
#
# OpenCX Email Cases in Salesforce: new Cases go to OpenCX, its answers go out as e-mail.
# Every key, with its default: `opencx-sf schema` or the README.

version: 1

email_cases:
  # The webhook that OpenCX gave you (Settings > Integrations > Salesforce). It holds a token, so it
  # is read from the environment and never stands in this file.
  webhook_url: ${{env:OPENCX_WEBHOOK_URL}}

  # The address that customers answer to. It must be a verified routing address:
  # Setup > Email-to-Case > Routing Addresses.
  reply_to: {reply_to}

  # Which new Cases OpenCX is told of: all, not_opencx (all but those it made itself), only_opencx.
  case_filter: not_opencx

  outbound:
    # What customers see beside the address of the user that OpenCX logs in as. Instead of it:
    # `org_wide_address`, one of Setup > Organization-Wide Addresses.
    sender: {{ display_name: {display_name} }}

orgs:
  # A Salesforce org that is built in: try everything here first, no account needed. Nothing leaves
  # your machine, so its webhook may be written out.
  local:
    emulator: {{}}
    email_cases:
      webhook_url: https://opencx.invalid/webhook/local-demo

  # Add `org_id: 00D…` to each (`opencx-sf orgs` prints it), and no other org can be hit by mistake.
  sandbox:
    auth: {sandbox}

  # Changed only when you say so on the command line too.
  production:
    auth: {production}
    production: true
"#,
            reply_to = quoted(&self.reply_to),
            display_name = quoted(&self.display_name),
            sandbox = self.sandbox,
            production = self.production,
        )
    }
}

/// A text in double quotes: YAML 1.2 takes every JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;

    fn starter() -> Starter {
        Starter {
            reply_to: "support@acme.example".to_owned(),
            display_name: "Acme Support".to_owned(),
            sandbox: StarterAuth::Login,
            production: StarterAuth::SalesforceCli("acme-prod".to_owned()),
        }
    }

    fn parsed(starter: &Starter) -> Result<Config, Vec<String>> {
        Config::parse(Path::new("opencx.yaml"), &starter.yaml("schema.json")).map_err(|findings| {
            findings
                .iter()
                .map(|finding| finding.code.0.to_owned())
                .collect()
        })
    }

    #[test]
    fn a_first_config_is_a_config() {
        let config = parsed(&starter()).unwrap();
        assert_eq!(config.org_names(), ["local", "sandbox", "production"]);
        let without = Starter {
            production: StarterAuth::Environment,
            ..starter()
        };
        parsed(&without).unwrap();
    }

    #[test]
    fn what_is_wrong_in_an_answer_is_found_by_the_config() {
        let wrong = Starter {
            reply_to: "support at acme".to_owned(),
            ..starter()
        };
        assert_eq!(parsed(&wrong).unwrap_err(), ["config/bad-address"]);
    }

    #[test]
    fn ways_of_logging_in_are_read() {
        assert_eq!("login".parse(), Ok(StarterAuth::Login));
        assert_eq!("env".parse(), Ok(StarterAuth::Environment));
        assert_eq!(
            "sf:uat".parse(),
            Ok(StarterAuth::SalesforceCli("uat".to_owned()))
        );
        for wrong in ["", "sf:", "sf: ", "password", "LOGIN"] {
            assert_eq!(wrong.parse::<StarterAuth>(), Err(NotAnAuth));
        }
    }

    proptest! {
        /// No answer leaves its place in the file: the only findings are those of its own value.
        #[test]
        fn no_answer_leaves_its_place(name in any::<String>(), address in any::<String>(), alias in any::<String>()) {
            let starter = Starter {
                reply_to: address,
                display_name: name,
                sandbox: StarterAuth::SalesforceCli(alias),
                production: StarterAuth::Login,
            };
            for code in parsed(&starter).err().unwrap_or_default() {
                prop_assert!(
                    ["config/bad-address", "config/bad-auth", "config/bad-text", "config/bad-display-name", "config/malformed-reference"].contains(&code.as_str()),
                    "{}", code
                );
            }
        }
    }
}
