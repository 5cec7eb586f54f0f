//! What an administrator sets up for mail: routing addresses of Email-to-Case, domains of senders.

use serde::{Deserialize, Serialize};

/// Mail as it is set up.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct MailSettings {
    /// Setup > Email-to-Case > Routing Addresses.
    pub routing_addresses: Vec<RoutingAddress>,
    /// Domains with an active DKIM key.
    pub signed_domains: Vec<String>,
}

/// A routing address.
#[derive(Clone, Serialize, Deserialize)]
pub struct RoutingAddress {
    /// What customers write to.
    pub address: String,
    /// Whether somebody clicked the link of the verification mail.
    pub is_verified: bool,
}
