//! From `orgs.*.auth` to a session with the org: each way of logging in, and how it is repeated
//! when the org no longer takes the token.

use std::path::Path;
use std::sync::Arc;

use super::environment::env;
use super::failure::Failure;
use super::login_store::{self, Stored};
use super::salesforce_cli::SalesforceCli;
use crate::config::{App, Auth, SecretRef};
use crate::diag::{Category, Code, Diagnostic, Place};
use crate::metadata::ApiVersion;
use crate::secret::{Redactor, Secret};
use crate::sf::auth::{Authority, Grant, LoginError, OAuthRenewal, PrivateKey, Renewal, SfdxUrl};
use crate::sf::{Fault, Session};

/// Who logs in where.
pub(super) struct LogIn<'a> {
    /// The org's name in the config.
    pub(super) org: &'a str,
    /// How.
    pub(super) auth: &'a Auth,
    /// The version that requests are made with.
    pub(super) api_version: ApiVersion,
    /// The folder of the config, which names a stored login.
    pub(super) folder: &'a Path,
    /// What masks every token that comes up.
    pub(super) redactor: &'a Redactor,
}

impl LogIn<'_> {
    /// Logs in. `auth` is that of a real org.
    pub(super) async fn session(&self) -> Result<Session, Failure> {
        match self.auth {
            Auth::Environment => {
                let token = Secret::new(self.required("SF_ACCESS_TOKEN")?);
                let instance_url = self.required("SF_INSTANCE_URL")?;
                self.session_of(&instance_url, token, None)
            }
            Auth::SalesforceCli { alias } => {
                let cli = SalesforceCli::new(alias, self.redactor);
                let login = cli.login().await.map_err(|fault| self.failed(&fault))?;
                self.session_of(&login.instance_url, login.access_token, Some(Arc::new(cli)))
            }
            Auth::SfdxUrl(url) => {
                let url = SfdxUrl::parse(&self.secret(url)?).map_err(|error| self.login(error))?;
                self.by_grant(&url.login.to_string(), url.grant, |_| ())
                    .await
            }
            Auth::Jwt { app, username, key } => {
                let key = PrivateKey::from_pem(&self.secret(key)?)
                    .map_err(|problem| self.login(LoginError::Key(problem)))?;
                let grant = Grant::Jwt {
                    client_id: app.client_id.clone(),
                    username: username.clone(),
                    key,
                };
                self.by_grant(&app.login_url, grant, |_| ()).await
            }
            Auth::ClientCredentials { app, client_secret } => {
                let grant = Grant::ClientCredentials {
                    client_id: app.client_id.clone(),
                    client_secret: self.secret(client_secret)?,
                };
                self.by_grant(&app.login_url, grant, |_| ()).await
            }
            Auth::Refresh {
                app,
                client_secret,
                refresh_token,
            } => self.by_refresh(app, client_secret, refresh_token).await,
            Auth::Login { .. } => self.by_stored().await,
            // The built-in org has a token of its own.
            Auth::Emulator { .. } => Err(self.not_logged_in("it is the built-in org")),
        }
    }

    async fn by_refresh(
        &self,
        app: &App,
        client_secret: &Option<SecretRef>,
        refresh_token: &SecretRef,
    ) -> Result<Session, Failure> {
        let client_secret = client_secret
            .as_ref()
            .map(|secret| self.secret(secret))
            .transpose()?;
        let grant = Grant::Refresh {
            client_id: app.client_id.clone(),
            client_secret,
            refresh_token: self.secret(refresh_token)?,
        };
        self.by_grant(&app.login_url, grant, |_| ()).await
    }

    async fn by_stored(&self) -> Result<Session, Failure> {
        let stored = login_store::read(self.folder, self.org)?
            .ok_or_else(|| self.not_logged_in("nobody has logged in on this machine"))?;
        let grant = Grant::Refresh {
            client_id: stored.client_id.clone(),
            client_secret: None,
            refresh_token: stored.refresh_token.clone(),
        };
        let (folder, org) = (self.folder.to_path_buf(), self.org.to_owned());
        let login_url = stored.login_url.clone();
        self.by_grant(&login_url, grant, move |new| {
            // A file that cannot be written costs the next run its login, not this run its work.
            let _ = login_store::write(
                &folder,
                &org,
                Stored {
                    refresh_token: new.clone(),
                    ..stored.clone()
                },
            );
        })
        .await
    }

    /// Logs in by a grant, and by the same again when the token runs out.
    async fn by_grant(
        &self,
        login_url: &str,
        grant: Grant,
        on_rotation: impl Fn(&Secret) + Send + Sync + 'static,
    ) -> Result<Session, Failure> {
        let authority =
            Authority::new(login_url, self.redactor).map_err(|fault| self.failed(&fault))?;
        let renewal = OAuthRenewal::new(authority, grant, on_rotation);
        let first = renewal.renew().await.map_err(|fault| self.failed(&fault))?;
        let instance_url = first.instance_url.unwrap_or_default();
        self.session_of(&instance_url, first.access_token, Some(Arc::new(renewal)))
    }

    fn session_of(
        &self,
        instance_url: &str,
        token: Secret,
        renewal: Option<Arc<dyn Renewal>>,
    ) -> Result<Session, Failure> {
        self.redactor.add(&token);
        let session = Session::new(instance_url, token, self.api_version)
            .map_err(|fault| self.failed(&fault))?
            .masked_by(self.redactor);
        Ok(match renewal {
            Some(renewal) => session.renewed_by(renewal),
            None => session,
        })
    }

    fn secret(&self, secret: &SecretRef) -> Result<Secret, Failure> {
        let value = secret
            .value
            .clone()
            .ok_or_else(|| self.not_logged_in("a secret of `auth` is not set"))?;
        self.redactor.add(&value);
        Ok(value)
    }

    fn required(&self, variable: &str) -> Result<String, Failure> {
        env(variable)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Diagnostic::error(
                    Code("auth/not-logged-in"),
                    Category::Auth,
                    format!("`{variable}` is not set"),
                )
                .at(self.place())
                .help(format!(
                    "`orgs.{}.auth` is `env`: set SF_ACCESS_TOKEN and SF_INSTANCE_URL; with the \
                     Salesforce CLI write `auth: {{ sf: ALIAS }}` instead",
                    self.org
                ))
                .into()
            })
    }

    fn not_logged_in(&self, why: &str) -> Failure {
        Diagnostic::error(
            Code("auth/not-logged-in"),
            Category::Auth,
            format!("no login for the org `{}`: {why}", self.org),
        )
        .at(self.place())
        .help(format!("`opencx-sf login --target-org {}`", self.org))
        .into()
    }

    fn login(&self, error: LoginError) -> Failure {
        self.failed(&Fault::from(error))
    }

    fn failed(&self, fault: &Fault) -> Failure {
        fault.to_diagnostic(self.org).into()
    }

    fn place(&self) -> Place {
        Place::Org {
            org: self.org.to_owned(),
        }
    }
}
