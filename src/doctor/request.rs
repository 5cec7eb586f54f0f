//! What is to be examined, and what beyond looking at the org somebody has asked for.

use std::net::SocketAddr;

use super::credentials::Credentials;
use super::symptom::Symptom;

/// What is to be examined. Without anything set: everything that an org shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The symptom whose path is walked.
    pub symptom: Option<&'static Symptom>,
    /// The Consumer Key and Secret as somebody wants to give them to OpenCX.
    pub credentials: Option<&'a Credentials>,
    /// The Login URL as it stands in OpenCX.
    pub login_url: Option<&'a str>,
    /// Whether the webhook is to be called once.
    pub call_webhook: bool,
    /// The DNS server to ask in place of the machine's.
    pub dns_server: Option<SocketAddr>,
}

impl Request<'_> {
    /// Whether the check of that code belongs to what is examined. Those of one symptom only do when
    /// that symptom is named.
    pub(super) fn covers(&self, code: &str) -> bool {
        match self.symptom {
            Some(symptom) => symptom.path.contains(&code),
            None => super::usual().any(|check| check.code.0 == code),
        }
    }
}
