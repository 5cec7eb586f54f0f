//! Looking up texts in DNS.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use super::Answer;
use crate::sf::text::clean;

/// Asks the machine's DNS servers, or another one.
pub(super) struct Resolver(Result<TokioResolver, String>);

impl Resolver {
    pub(super) fn new(server: Option<SocketAddr>) -> Self {
        Self(resolver(server).map_err(|error| clean(&error.to_string())))
    }

    /// The texts under that name; those of a name that leads to another (CNAME) are that one's.
    pub(super) async fn texts(&self, name: &str) -> Answer {
        let resolver = match &self.0 {
            Ok(resolver) => resolver,
            Err(reason) => return Answer::Untold(reason.clone()),
        };
        // Fully qualified: no search domain of this machine is tried.
        match resolver.txt_lookup(format!("{name}.")).await {
            Ok(found) => Answer::Texts(
                found
                    .answers()
                    .iter()
                    .filter_map(|record| match &record.data {
                        RData::TXT(text) => {
                            Some(clean(&String::from_utf8_lossy(&text.txt_data.concat())))
                        }
                        _ => None,
                    })
                    .collect(),
            ),
            Err(error) if error.is_no_records_found() => Answer::Texts(Vec::new()),
            Err(error) => Answer::Untold(clean(&error.to_string())),
        }
    }
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        None => TokioResolver::builder_tokio()?,
        Some(address) => {
            let at_port = |mut connection: ConnectionConfig| {
                connection.port = address.port();
                connection
            };
            let connections = vec![
                at_port(ConnectionConfig::udp()),
                at_port(ConnectionConfig::tcp()),
            ];
            let server = NameServerConfig::new(address.ip(), true, connections);
            let config = ResolverConfig::from_name_servers(vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    let options = builder.options_mut();
    options.timeout = Duration::from_secs(3);
    options.attempts = 1;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}
