//! The token in use, and its replacement when the org no longer takes it.

use std::sync::{Arc, PoisonError, RwLock};

use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

use super::Fault;
use crate::secret::{Redactor, Secret};
use crate::sf::auth::{LoginError, Renewal, Renewed};
use crate::sf::session::{InstanceUrl, Session};

/// A token, ready to be sent.
pub(super) struct Token {
    pub text: Secret,
    pub bearer: HeaderValue,
}

impl Token {
    fn new(text: &Secret) -> Result<Self, Fault> {
        let bearer = Secret::new(format!("Bearer {}", text.expose()));
        let mut bearer = HeaderValue::from_str(bearer.expose()).map_err(|_| Fault::BadToken {
            reason: "it holds characters that no token has",
        })?;
        bearer.set_sensitive(true);
        Ok(Self {
            text: text.clone(),
            bearer,
        })
    }

    /// The org's id where the token says it: `00D…!…`.
    fn org(&self) -> Option<&str> {
        let (org, _) = self.text.expose().split_once('!')?;
        org.get(..15)
    }
}

/// The token of one connection.
pub(super) struct Credentials {
    instance_url: InstanceUrl,
    current: RwLock<Arc<Token>>,
    renewal: Option<Arc<dyn Renewal>>,
    redactor: Redactor,
    /// Requests that are refused at the same time log in once.
    turn: Mutex<()>,
}

impl Credentials {
    pub fn new(session: &Session) -> Result<Self, Fault> {
        session.redactor.add(&session.token);
        Ok(Self {
            instance_url: session.instance_url.clone(),
            current: RwLock::new(Arc::new(Token::new(&session.token)?)),
            renewal: session.renewal.clone(),
            redactor: session.redactor.clone(),
            turn: Mutex::default(),
        })
    }

    pub fn current(&self) -> Arc<Token> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Another token in place of the one that was refused; `None` when there is no way to get one.
    pub async fn instead_of(&self, refused: &Arc<Token>) -> Result<Option<Arc<Token>>, Fault> {
        let Some(renewal) = &self.renewal else {
            return Ok(None);
        };
        let _turn = self.turn.lock().await;
        let current = self.current();
        if !Arc::ptr_eq(&current, refused) {
            return Ok(Some(current));
        }
        let renewed = renewal.renew().await?;
        self.redactor.add(&renewed.access_token);
        let token = Arc::new(Token::new(&renewed.access_token)?);
        self.same_place(refused, &token, &renewed)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&token);
        Ok(Some(token))
    }

    /// The run goes on where it began: never in another org, and no token goes to another host.
    fn same_place(&self, old: &Token, new: &Token, renewed: &Renewed) -> Result<(), Fault> {
        let moved = |from: &str, to: &str| -> Result<(), Fault> {
            Err(LoginError::Moved {
                from: from.to_owned(),
                to: to.to_owned(),
            }
            .into())
        };
        if let (Some(from), Some(to)) = (old.org(), new.org())
            && from != to
        {
            return moved(from, to);
        }
        if let Some(url) = &renewed.instance_url {
            let url = InstanceUrl::parse(url)?;
            if url != self.instance_url {
                return moved(self.instance_url.host(), url.host());
            }
        }
        Ok(())
    }
}

/// Whether another token may help. Some refusals are about the kind of session, not its age.
pub(super) fn is_expired(fault: &Fault) -> bool {
    match fault {
        Fault::TokenRefused { code, text } => {
            code != "Wrong_Org"
                && !text.contains("not valid for use with")
                && !text.contains("not attached to Agent")
        }
        _ => false,
    }
}
