//! Runs the Salesforce CLI (`sf`) to use a login that it has.

use std::pin::Pin;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::secret::{Redactor, Secret};
use crate::sf::Fault;
use crate::sf::auth::{
    LoginError, Renewal, Renewed, SalesforceCliError, access_token, instance_url,
};

/// Node takes a second to start, and a slow org some more to refresh a token.
const PATIENCE: Duration = Duration::from_secs(90);

/// One login of the Salesforce CLI.
pub(super) struct SalesforceCli {
    alias: String,
    redactor: Redactor,
}

/// What it gives.
pub(super) struct CliLogin {
    pub(super) instance_url: String,
    pub(super) access_token: Secret,
}

impl SalesforceCli {
    /// The login of that alias or user name.
    pub(super) fn new(alias: &str, redactor: &Redactor) -> Self {
        Self {
            alias: alias.to_owned(),
            redactor: redactor.clone(),
        }
    }

    /// Token and address.
    pub(super) async fn login(&self) -> Result<CliLogin, Fault> {
        let shown = self.run(&["org", "display"]).await?;
        let instance_url = instance_url(&shown, &self.alias).map_err(fault)?;
        let access_token = match access_token(&shown, &self.alias) {
            Ok(token) => token,
            Err(SalesforceCliError::Redacted) => self.token().await?,
            Err(error) => return Err(fault(error)),
        };
        self.redactor.add(&access_token);
        Ok(CliLogin {
            instance_url,
            access_token,
        })
    }

    /// A token that the CLI has made sure of.
    async fn token(&self) -> Result<Secret, Fault> {
        let shown = self.run(&["org", "auth", "show-access-token"]).await?;
        access_token(&shown, &self.alias).map_err(fault)
    }

    /// What a command of the CLI prints on stdout. Its exit code says no more than the JSON.
    async fn run(&self, command: &[&str]) -> Result<String, Fault> {
        // Windows starts the CLI by a batch file.
        let program = if cfg!(windows) { "sf.cmd" } else { "sf" };
        let mut process = Command::new(program);
        process
            .args(command)
            .args(["--target-org", &self.alias, "--json"])
            .env("NO_COLOR", "1")
            .env_remove("FORCE_COLOR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let output = match tokio::time::timeout(PATIENCE, process.output()).await {
            Err(_) => return Err(fault(SalesforceCliError::TimedOut)),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(fault(SalesforceCliError::NotFound));
            }
            Ok(Err(_)) => return Err(fault(SalesforceCliError::Unreadable)),
            Ok(Ok(output)) => output,
        };
        // An older CLI knows no such command, and says so on stderr only.
        if output.status.code() == Some(127) || output.status.code() == Some(2) {
            return Err(fault(SalesforceCliError::TooOld));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn fault(error: SalesforceCliError) -> Fault {
    LoginError::SalesforceCli(error).into()
}

impl Renewal for SalesforceCli {
    fn renew(&self) -> Pin<Box<dyn Future<Output = Result<Renewed, Fault>> + Send + '_>> {
        Box::pin(async {
            let login = match self.token().await {
                Ok(access_token) => {
                    return Ok(Renewed {
                        access_token,
                        instance_url: None,
                    });
                }
                Err(Fault::Login(error)) if is_too_old(&error) => self.login().await?,
                Err(other) => return Err(other),
            };
            Ok(Renewed {
                access_token: login.access_token,
                instance_url: Some(login.instance_url),
            })
        })
    }
}

fn is_too_old(error: &LoginError) -> bool {
    matches!(
        error,
        LoginError::SalesforceCli(SalesforceCliError::TooOld | SalesforceCliError::Unreadable)
    )
}
