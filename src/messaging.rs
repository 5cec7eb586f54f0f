//! Messaging for In-App and Web: the key pair and the settings that OpenCX's MIAW tab asks for.
//!
//! OpenCX signs with the private key who a customer is; Salesforce looks the signature up in a
//! keyset. Nothing here needs an org.

mod certificate;
mod der;
mod identity;
mod instance_url;
mod jwk;
mod keys;

pub use certificate::{Made, NotMade, make, remake};
pub use identity::{Claims, identity_token};
pub use instance_url::{InstanceUrlProblem, check_instance_url, messaging_host};
pub use jwk::{Jwk, JwkProblem};
pub use keys::{KeyProblem, PrivateKey, PublicKey, SMALLEST_BITS};

/// What OpenCX sends about a conversation, to be read by the Omni-Channel flow (OpenCX's
/// troubleshooting page).
pub const ROUTING_ATTRIBUTES: [&str; 5] = [
    "OpencxSessionId",
    "Chat_Consumer_Type",
    "Origin",
    "Priority",
    "Chat_language",
];
