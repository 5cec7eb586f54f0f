//! How many logins go through one door at a time: an org has a host of its own, but many orgs share a
//! login host, and every login by the Salesforce CLI is a process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Auth;

/// Logins at a time at one host.
const AT_A_HOST: usize = 8;
/// Logins at a time by the Salesforce CLI, each of which starts Node.js.
const BY_THE_CLI: usize = 2;

/// The doors of one run.
#[derive(Debug, Default)]
pub(super) struct Gates(RefCell<BTreeMap<String, Arc<Semaphore>>>);

impl Gates {
    /// Waits for its turn; who holds the answer is inside. A login that shares no door waits for none.
    pub(super) async fn pass(&self, auth: &Auth) -> Option<OwnedSemaphorePermit> {
        // Nobody closes a door, so that there is always a turn.
        self.door(auth)?.acquire_owned().await.ok()
    }

    fn door(&self, auth: &Auth) -> Option<Arc<Semaphore>> {
        let (door, most) = match auth {
            Auth::SalesforceCli { .. } => ("sf", BY_THE_CLI),
            Auth::Jwt { app, .. }
            | Auth::ClientCredentials { app, .. }
            | Auth::Refresh { app, .. } => (app.login_url.as_str(), AT_A_HOST),
            Auth::Login { login_url, .. } => (login_url.as_str(), AT_A_HOST),
            _ => return None,
        };
        let mut doors = self.0.borrow_mut();
        let new = || Arc::new(Semaphore::new(most));
        Some(Arc::clone(doors.entry(door.to_owned()).or_insert_with(new)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::config::App;
    use crate::fleet;

    fn at(host: &str) -> Auth {
        Auth::ClientCredentials {
            app: App {
                client_id: "app".to_owned(),
                login_url: format!("https://{host}"),
            },
            client_secret: crate::config::SecretRef {
                env: None,
                value: None,
            },
        }
    }

    async fn most_at_once(auths: Vec<Auth>) -> usize {
        let gates = Gates::default();
        let (inside, most) = (Cell::new(0_usize), Cell::new(0_usize));
        let work = |auth: Auth| {
            let (gates, inside, most) = (&gates, &inside, &most);
            async move {
                let _turn = gates.pass(&auth).await;
                inside.set(inside.get() + 1);
                most.set(most.get().max(inside.get()));
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                }
                inside.set(inside.get() - 1);
            }
        };
        let count = auths.len();
        assert_eq!(fleet::run(auths, 99, work, |()| ()).await.len(), count);
        most.get()
    }

    #[tokio::test]
    async fn a_host_is_not_overrun_and_other_hosts_do_not_wait() {
        let same = vec![at("login.salesforce.com"); 40];
        assert_eq!(most_at_once(same).await, AT_A_HOST);
        let other = (0..40).map(|org| at(&format!("acme-{org}.my.salesforce.com")));
        assert_eq!(most_at_once(other.collect()).await, 40);
        let alias = || Auth::SalesforceCli {
            alias: "a".to_owned(),
        };
        assert_eq!(
            most_at_once((0..40).map(|_| alias()).collect()).await,
            BY_THE_CLI
        );
        assert_eq!(most_at_once(vec![Auth::Environment; 40]).await, 40);
    }
}
