//! Where an org is and who asks: a host, a token, an API version.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use reqwest::Url;

use super::auth::Renewal;
use super::fault::Fault;
use super::text;
use crate::metadata::ApiVersion;
use crate::secret::{Redactor, Secret, mask_url};

/// The address of an org's API: a scheme and a host, and a port where it is not the usual one.
#[derive(Clone, PartialEq, Eq)]
pub struct InstanceUrl(Url);

impl InstanceUrl {
    /// Takes an address with or without path and trailing slash, and keeps the host.
    ///
    /// # Errors
    /// [`Fault::BadInstanceUrl`] for anything that can't be an org's API: no `https` (but for
    /// this machine), a user name in it, or a host of the user interface (Lightning and Setup
    /// hosts answer with pages, not data).
    pub fn parse(address: &str) -> Result<Self, Fault> {
        let refuse = |reason| Fault::BadInstanceUrl {
            url: text::clean(&mask_url(address)),
            reason,
        };
        let mut url = Url::parse(address.trim())
            .map_err(|_| refuse("it is not a URL such as https://acme.my.salesforce.com"))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        if host.is_empty() {
            return Err(refuse("it names no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it holds a user name or password"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(refuse("http would send the access token in the clear")),
            _ => return Err(refuse("it is not an https address")),
        }
        if host.ends_with(".lightning.force.com") || host.ends_with(".salesforce-setup.com") {
            return Err(refuse(
                "that is the host of the user interface; the API's is the one that ends in \
                 .my.salesforce.com",
            ));
        }
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The host, without scheme and port.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether it is this machine, that is: an emulated org.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// Whether it is spoken to by TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The URL of a path on this host; `path` starts with one slash and has no query.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for InstanceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for InstanceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// All that a request needs to know.
#[derive(Clone)]
pub struct Session {
    /// Where the org is.
    pub instance_url: InstanceUrl,
    /// The access token.
    pub token: Secret,
    /// The version in every path.
    pub api_version: ApiVersion,
    /// How to log in again when the token is no longer taken.
    pub(super) renewal: Option<Arc<dyn Renewal>>,
    /// What masks the token, and every later one.
    pub(super) redactor: Redactor,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("instance_url", &self.instance_url)
            .field("token", &self.token)
            .field("api_version", &self.api_version)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session with that org, by that token.
    ///
    /// # Errors
    /// [`Fault::BadInstanceUrl`], and [`Fault::BadToken`] for a text that is no token, for example
    /// the sentence that `sf org display` prints in its place.
    pub fn new(instance_url: &str, token: Secret, api_version: ApiVersion) -> Result<Self, Fault> {
        let instance_url = InstanceUrl::parse(instance_url)?;
        let text = token.expose();
        if text.is_empty() {
            return Err(Fault::BadToken {
                reason: "it is empty",
            });
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Fault::BadToken {
                reason: "it holds spaces, line ends or characters that no token has",
            });
        }
        Ok(Self {
            instance_url,
            token,
            api_version,
            renewal: None,
            redactor: Redactor::default(),
        })
    }

    /// The same session, which logs in again that way when the org no longer takes its token.
    #[must_use]
    pub fn renewed_by(mut self, renewal: Arc<dyn Renewal>) -> Self {
        self.renewal = Some(renewal);
        self
    }

    /// The same session, whose tokens are masked wherever a clone of `redactor` is used.
    #[must_use]
    pub fn masked_by(mut self, redactor: &Redactor) -> Self {
        self.redactor = redactor.clone();
        self
    }
}

/// Whether a token is a JWT, which REST takes and SOAP refuses.
pub(super) fn is_jwt(token: &Secret) -> bool {
    token.expose().starts_with("eyJ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_the_host_alone() {
        for (given, kept) in [
            (
                "https://acme.my.salesforce.com",
                "https://acme.my.salesforce.com",
            ),
            (
                "https://acme.my.salesforce.com//services/Soap/?x#y",
                "https://acme.my.salesforce.com",
            ),
            (
                " https://ACME.my.salesforce.com:8443/ ",
                "https://acme.my.salesforce.com:8443",
            ),
            ("http://127.0.0.1:4000/", "http://127.0.0.1:4000"),
            ("http://localhost:4000", "http://localhost:4000"),
            ("http://[::1]:4000", "http://[::1]:4000"),
        ] {
            assert_eq!(InstanceUrl::parse(given).unwrap().to_string(), kept);
        }
    }

    #[test]
    fn refuses_what_is_no_api_host() {
        for bad in [
            "",
            "acme.my.salesforce.com",
            "ftp://acme.my.salesforce.com",
            "http://acme.my.salesforce.com",
            "http://127.0.0.1.example.com",
            "https://acme.lightning.force.com/lightning/page/home",
            "https://acme.my.salesforce-setup.com",
            "https://user:secretsecret@acme.my.salesforce.com",
            "data:text/plain,x",
        ] {
            let fault = InstanceUrl::parse(bad).unwrap_err();
            assert!(matches!(fault, Fault::BadInstanceUrl { .. }), "{bad}");
            assert!(!fault.to_string().contains("secretsecret"));
        }
    }

    #[test]
    fn refuses_what_is_no_token_and_does_not_show_it() {
        for bad in [
            "",
            "[REDACTED] Use 'sf org auth show-access-token' to view",
            "00D!x\n",
        ] {
            let token = Secret::new(bad);
            let fault = Session::new("http://localhost", token, ApiVersion::new(66)).unwrap_err();
            assert!(matches!(fault, Fault::BadToken { .. }));
            assert!(!format!("{fault} {fault:?}").contains("REDACTED]"));
        }
        let session = Session::new(
            "http://localhost",
            Secret::new("00D000000000062!AQ.secret"),
            ApiVersion::new(66),
        )
        .unwrap();
        assert!(!format!("{session:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn any_address_is_taken_or_refused(address in "\\PC{0,40}|https?://\\PC{0,30}") {
            if let Ok(url) = InstanceUrl::parse(&address) {
                prop_assert_eq!(InstanceUrl::parse(&url.to_string()).unwrap(), url);
            }
        }
    }
}
