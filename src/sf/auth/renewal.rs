//! Getting a new token when the org no longer takes the one in use.

use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::{Authority, Grant};
use crate::secret::Secret;
use crate::sf::fault::Fault;

/// A new token.
#[derive(Debug)]
pub struct Renewed {
    /// The token.
    pub access_token: Secret,
    /// The org's address that came with it, where one did.
    pub instance_url: Option<String>,
}

/// A way to log in again without a person.
pub trait Renewal: Send + Sync {
    /// Gets a new token for the same user of the same org.
    fn renew(&self) -> Pin<Box<dyn Future<Output = Result<Renewed, Fault>> + Send + '_>>;
}

/// Renews by an OAuth grant. A refresh token that is rotated is kept for the next time, and handed
/// to `on_rotation` before the new access token is used: the old one is dead.
pub struct OAuthRenewal {
    authority: Authority,
    grant: Mutex<Grant>,
    on_rotation: Box<dyn Fn(&Secret) + Send + Sync>,
}

impl fmt::Debug for OAuthRenewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthRenewal")
            .field("authority", self.authority.url())
            .finish_non_exhaustive()
    }
}

impl OAuthRenewal {
    /// Renews with that grant at that host.
    pub fn new(
        authority: Authority,
        grant: Grant,
        on_rotation: impl Fn(&Secret) + Send + Sync + 'static,
    ) -> Self {
        Self {
            authority,
            grant: Mutex::new(grant),
            on_rotation: Box::new(on_rotation),
        }
    }

    /// The grant that works now.
    fn grant(&self) -> Grant {
        self.grant
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn rotate(&self, new: &Secret) {
        let mut grant = self.grant.lock().unwrap_or_else(PoisonError::into_inner);
        if let Grant::Refresh { refresh_token, .. } = &mut *grant
            && refresh_token != new
        {
            *refresh_token = new.clone();
            (self.on_rotation)(new);
        }
    }
}

impl Renewal for OAuthRenewal {
    fn renew(&self) -> Pin<Box<dyn Future<Output = Result<Renewed, Fault>> + Send + '_>> {
        Box::pin(async {
            let token = self.authority.token(&self.grant()).await?;
            if let Some(new) = &token.refresh_token {
                self.rotate(new);
            }
            Ok(Renewed {
                access_token: token.access_token,
                instance_url: Some(token.instance_url),
            })
        })
    }
}
