//! How a run gets into an org: the ways of logging in, from the file's section to what they need.

mod section;

use std::path::PathBuf;

pub(super) use section::{AuthSetting, SECRET_KEYS, auth};

use super::file::{ConfigFile, Org};
use super::reference::Reference;
use super::resolve::{Reported, Resolver};
use super::setting::Setting;
use super::value::Word;
use super::{DEFAULT_API_VERSION, References, SecretRef, Secrets};
use crate::metadata::{ApiVersion, OrgId};
use crate::secret::Secret;

/// Where users of production and Developer Edition orgs log in.
pub const PRODUCTION_LOGIN: &str = "https://login.salesforce.com";

/// How to reach an org.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// The built-in org, its state in this folder (absolute or relative to the working directory).
    Emulator {
        /// Folder of its state.
        state: PathBuf,
    },
    /// `SF_ACCESS_TOKEN` and `SF_INSTANCE_URL` of the environment.
    Environment,
    /// A login of the Salesforce CLI.
    SalesforceCli {
        /// Its alias or user name there.
        alias: String,
    },
    /// An SFDX auth URL, `force://…`.
    SfdxUrl(SecretRef),
    /// OAuth 2.0 JWT bearer flow: a key in place of a password.
    Jwt {
        /// The app.
        app: App,
        /// The user who is logged in.
        username: String,
        /// The private key, PEM.
        key: SecretRef,
    },
    /// OAuth 2.0 client credentials flow: the app's own run-as user.
    ClientCredentials {
        /// The app; its login URL is the org's My Domain.
        app: App,
        /// The app's consumer secret.
        client_secret: SecretRef,
    },
    /// OAuth 2.0 refresh token flow.
    Refresh {
        /// The app.
        app: App,
        /// The app's consumer secret, where it wants one.
        client_secret: Option<SecretRef>,
        /// The refresh token.
        refresh_token: SecretRef,
    },
    /// What `opencx-sf login` has stored.
    Login {
        /// The app in whose name the browser asks; `None` for the Salesforce CLI's.
        client_id: Option<String>,
        /// Where the browser goes.
        login_url: String,
    },
}

/// How one org is reached, without what belongs into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Its name in the config.
    pub name: String,
    /// How to reach it.
    pub auth: Auth,
    /// The id that the org must have, when pinned.
    pub org_id: Option<OrgId>,
    /// Whether the config says that it is a production org.
    pub production: bool,
    /// The version that requests are made with.
    pub api_version: ApiVersion,
}

/// A connected app or External Client App, and where its users log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its consumer key.
    pub client_id: String,
    /// `https://login.salesforce.com`, `https://test.salesforce.com` or a My Domain.
    pub login_url: String,
}

impl Resolver<'_> {
    /// How an org is reached, and nothing more of it.
    pub(super) fn access(&mut self, file: &ConfigFile, org: &Org) -> Result<Access, Reported> {
        let auth = self.reach(org);
        let org_id = self.value(&format!("orgs.{}.org_id", org.name), &org.block.org_id);
        let version = self.value("salesforce.api_version", &file.salesforce.api_version);
        Ok(Access {
            name: org.name.clone(),
            auth: auth?,
            org_id: org_id?,
            production: org.block.production.unwrap_or_default(),
            api_version: version?.unwrap_or(DEFAULT_API_VERSION),
        })
    }

    /// The built-in org's state, or a real org's way of logging in.
    pub(super) fn reach(&mut self, org: &Org) -> Result<Auth, Reported> {
        match &org.block.emulator.0 {
            Some(emulator) => self.emulator(emulator, &org.name),
            None => self.auth(&org.name, &org.block.auth),
        }
    }

    /// How a real org is reached; `org` is its name.
    fn auth(&mut self, org: &str, auth: &AuthSetting) -> Result<Auth, Reported> {
        let base = format!("orgs.{org}.auth");
        let Some(section) = &auth.section else {
            return Ok(match self.value(&base, &auth.word)? {
                Some(section::AuthKind::Login) => Auth::Login {
                    client_id: None,
                    login_url: PRODUCTION_LOGIN.to_owned(),
                },
                _ => Auth::Environment,
            });
        };
        if section.sf.is_present() {
            let alias = self.text(&format!("{base}.sf"), &section.sf)?;
            return Ok(Auth::SalesforceCli {
                alias: alias.unwrap_or_default(),
            });
        }
        if section.sfdx_url.is_present() {
            return self
                .secret(&format!("{base}.sfdx_url"), &section.sfdx_url)
                .map(Auth::SfdxUrl);
        }
        if let Some(jwt) = &section.jwt {
            let app = self.app(&format!("{base}.jwt"), &jwt.client_id, &jwt.login_url);
            let username = self.text(&format!("{base}.jwt.username"), &jwt.username);
            let key = if jwt.key_file.is_present() {
                self.key_file(&format!("{base}.jwt.key_file"), &jwt.key_file)
            } else {
                self.secret(&format!("{base}.jwt.private_key"), &jwt.private_key)
            };
            return Ok(Auth::Jwt {
                app: app?,
                username: username?.unwrap_or_default(),
                key: key?,
            });
        }
        if let Some(credentials) = &section.client_credentials {
            let base = format!("{base}.client_credentials");
            let app = self.app(&base, &credentials.client_id, &credentials.login_url);
            let secret = self.secret(&format!("{base}.client_secret"), &credentials.client_secret);
            return Ok(Auth::ClientCredentials {
                app: app?,
                client_secret: secret?,
            });
        }
        if let Some(refresh) = &section.refresh {
            let base = format!("{base}.refresh");
            let app = self.app(&base, &refresh.client_id, &refresh.login_url);
            let client_secret = refresh
                .client_secret
                .is_present()
                .then(|| self.secret(&format!("{base}.client_secret"), &refresh.client_secret))
                .transpose();
            let token = self.secret(&format!("{base}.refresh_token"), &refresh.refresh_token);
            return Ok(Auth::Refresh {
                app: app?,
                client_secret: client_secret?,
                refresh_token: token?,
            });
        }
        let login = section.login.clone().unwrap_or_default();
        let client_id = self.text(&format!("{base}.login.client_id"), &login.client_id);
        let login_url = self.text(&format!("{base}.login.login_url"), &login.login_url);
        Ok(Auth::Login {
            client_id: client_id?,
            login_url: login_url?.unwrap_or_else(|| PRODUCTION_LOGIN.to_owned()),
        })
    }

    fn app<A: Word, B: Word>(
        &mut self,
        base: &str,
        client_id: &Setting<A>,
        login_url: &Setting<B>,
    ) -> Result<App, Reported> {
        let client_id = self.text(&format!("{base}.client_id"), client_id);
        let login_url = self.text(&format!("{base}.login_url"), login_url);
        Ok(App {
            client_id: client_id?.unwrap_or_default(),
            login_url: login_url?.unwrap_or_else(|| PRODUCTION_LOGIN.to_owned()),
        })
    }

    /// A text that is not needed offline: there a reference stays as it is written.
    fn text<T: Word>(
        &mut self,
        key: &str,
        setting: &Setting<T>,
    ) -> Result<Option<String>, Reported> {
        match setting.reference() {
            Some(reference) if self.secrets == Secrets::Unresolved => Ok(Some(reference.written())),
            _ => Ok(self.value(key, setting)?.map(|value| value.shown())),
        }
    }

    fn secret(
        &mut self,
        key: &str,
        setting: &Setting<section::SecretText>,
    ) -> Result<SecretRef, Reported> {
        let env = match setting.reference() {
            Some(Reference::Env(name)) => Some(name.clone()),
            _ => None,
        };
        if self.secrets == Secrets::Unresolved {
            return Ok(SecretRef { env, value: None });
        }
        let value = self.value(key, setting)?.map(|text| text.0);
        Ok(SecretRef { env, value })
    }

    fn key_file(
        &mut self,
        key: &str,
        setting: &Setting<super::value::LocalPath>,
    ) -> Result<SecretRef, Reported> {
        let unresolved = SecretRef {
            env: None,
            value: None,
        };
        if self.secrets == Secrets::Unresolved {
            return Ok(unresolved);
        }
        let Some(path) = self.value(key, setting)? else {
            return Ok(unresolved);
        };
        let content = content(self.references, key, path.0);
        let content = content.map_err(|problem| self.report(setting.span(), problem))?;
        Ok(SecretRef {
            env: None,
            value: Some(Secret::new(content)),
        })
    }
}

fn content(
    references: &dyn References,
    key: &str,
    path: PathBuf,
) -> Result<String, super::problem::Problem> {
    Reference::File(path).resolve(key, references)
}
