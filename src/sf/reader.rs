//! Asking an org. Nothing here changes one.

mod live;
mod log;
mod mail;
mod organization;
mod query;
mod ready;
mod requests;
mod retrieve;
mod standing;

use std::sync::Arc;
use std::time::Duration;

use super::clock::{Clock, SystemClock};
use super::deploy_id::DeployId;
use super::fault::Fault;
use super::polling::Polling;
use super::session::Session;
use super::transport::{ApiUsage, Connection, Deadlines};
use super::wire::DeployResult;
use super::wire::rest;
use crate::metadata::{ApiVersion, OrgId};

pub use mail::MailPermission;
pub use organization::{OrgKind, Organization};
pub use query::{Question, Told, rows_told};
pub use ready::{PendingJob, email_messages_question, has_email_messages};
pub use requests::{DeployRequest, LISTED_DEPLOYS};
pub use retrieve::Retrieved;
pub use standing::Standing;

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `005…`.
    pub user_id: String,
    /// The org that the token belongs to.
    pub organization_id: OrgId,
    /// The user name, which has the form of an e-mail address.
    pub username: String,
    /// The person's name.
    pub name: String,
    /// The person's time zone, `Europe/Berlin`; empty when the org did not say.
    pub time_zone: String,
}

/// For how long an org may take to be read at least, whatever else is waited for.
const LEAST_READING: Duration = Duration::from_secs(300);

/// Reads from one org, with one session. What it sends can be repeated without harm, and is, when
/// the network or the org has a bad moment.
#[derive(Clone)]
pub struct Reader {
    connection: Arc<Connection>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reader")
            .field(&self.session().instance_url)
            .finish()
    }
}

impl Reader {
    /// A reader with the usual deadlines, on the machine's clock. Sends nothing yet.
    ///
    /// # Errors
    /// [`Fault::Setup`] when the machine's certificates or proxies can't be used.
    pub fn new(session: Session) -> Result<Self, Fault> {
        Self::with(session, Deadlines::default(), Arc::<SystemClock>::default())
    }

    /// A reader with other deadlines or another clock.
    ///
    /// # Errors
    /// As [`Reader::new`].
    pub fn with(
        session: Session,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        Connection::new(session, deadlines, clock).map(|connection| Self {
            connection: Arc::new(connection),
        })
    }

    /// By which session.
    pub fn session(&self) -> &Session {
        self.connection.session()
    }

    /// How many requests were sent so far, retries included.
    pub fn requests(&self) -> u32 {
        self.connection.requests()
    }

    /// What the org's last answer said of its daily API requests, when it said so.
    pub fn usage(&self) -> Option<ApiUsage> {
        self.connection.usage()
    }

    /// Leaves the org's last requests to others.
    ///
    /// # Errors
    /// [`Fault::RequestsNearlySpent`] when the org's last answer spoke of hardly any.
    pub fn spare_last_requests(&self) -> Result<(), Fault> {
        match self.usage() {
            Some(usage) if usage.is_nearly_spent() => Err(Fault::RequestsNearlySpent {
                used: usage.used,
                allowed: usage.allowed,
            }),
            _ => Ok(()),
        }
    }

    /// From now on, and until something else is waited for, the org is read: no request is tried
    /// again when the time for that is over.
    pub fn begin_reading(&self) {
        self.connection.begin_reading();
    }

    /// The polling that fits the org: an emulated one on this machine is asked more often.
    pub fn polling(&self, deadline: Duration) -> Polling {
        if self.session().instance_url.is_loopback() {
            Polling::local(deadline)
        } else {
            Polling::new(deadline)
        }
    }

    /// The same for what is read before and after a deploy: who waits shortly for a deploy still wants
    /// the org read, as nothing can be said without that.
    pub fn reading(&self, wait: Duration) -> Polling {
        self.polling(wait.max(LEAST_READING))
    }

    /// Whose token it is (OpenID Connect's userinfo).
    ///
    /// # Errors
    /// [`Fault::TokenRefused`] when it is nobody's, and any fault of the network.
    pub async fn identity(&self) -> Result<Identity, Fault> {
        const WHAT: &str = "the request for the token's user";
        let url = self.session().instance_url.at("/services/oauth2/userinfo");
        let user = self
            .connection
            .get(WHAT, url, rest::decode_user_info)
            .await?;
        Ok(Identity {
            organization_id: user
                .organization_id
                .parse()
                .map_err(|_| Fault::Inconsistent {
                    what: WHAT,
                    reason: "its organization_id is not the id of an org",
                })?,
            user_id: user.user_id,
            username: user.preferred_username,
            name: user.name,
            time_zone: user.zoneinfo,
        })
    }

    /// The API versions that the org has, lowest first.
    ///
    /// # Errors
    /// Any fault of the network.
    pub async fn versions(&self) -> Result<Vec<ApiVersion>, Fault> {
        let url = self.session().instance_url.at("/services/data/");
        self.connection
            .get("the request for API versions", url, rest::decode_versions)
            .await
    }

    /// How a deploy stands, with its components and tests.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when the org doesn't know it: results are kept for 30 days.
    pub async fn deploy_status(&self, id: &DeployId) -> Result<DeployResult, Fault> {
        let mut url = self
            .connection
            .data_url(&format!("/metadata/deployRequest/{id}"));
        url.set_query(Some("includeDetails=true"));
        self.connection
            .get(
                "the request for a deploy's status",
                url,
                rest::decode_deploy_result,
            )
            .await
    }

    /// The clock that its waiting goes by.
    pub fn clock(&self) -> &dyn Clock {
        self.connection.clock()
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}
