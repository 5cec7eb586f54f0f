//! The HTTP client below a connection.

use std::time::Duration;

use reqwest::Client;

use super::{CLIENT, Deadlines, failure};
use crate::sf::fault::Fault;
use crate::sf::session::InstanceUrl;

/// The HTTP client for one host, which follows no redirect: tokens go nowhere else.
pub(in crate::sf) fn http_client(
    host: &InstanceUrl,
    deadlines: Deadlines,
) -> Result<Client, Fault> {
    let mut builder = Client::builder()
        .user_agent(CLIENT)
        .connect_timeout(deadlines.connect)
        .timeout(deadlines.request)
        // An idle connection that the org has closed meanwhile would make a deploy's outcome
        // unknown for nothing.
        .pool_idle_timeout(Duration::from_secs(15))
        .redirect(reqwest::redirect::Policy::none())
        // Retries are decided here, by what a request does.
        .retry(reqwest::retry::never());
    if host.is_loopback() {
        builder = builder.no_proxy();
        if !host.is_secure() {
            // Reading the machine's certificates takes longer than all requests to a local org.
            builder = builder.tls_certs_only([]);
        }
    } else {
        builder = builder.https_only(true);
    }
    builder.build().map_err(|error| Fault::Setup {
        reason: failure::reason(&error),
    })
}
