//! SFDX auth URLs: `force://CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN@HOST`, what
//! `sf org auth show-sfdx-auth-url` prints (forcedotcom/sfdx-core, `sfdxUrl`).

use super::Grant;
use super::refusal::LoginError;
use crate::secret::Secret;
use crate::sf::session::InstanceUrl;

/// A login in one line.
#[derive(Debug)]
pub struct SfdxUrl {
    /// The host that gives tokens.
    pub login: InstanceUrl,
    /// What is shown to it.
    pub grant: Grant,
}

impl SfdxUrl {
    /// Reads one. A host of this machine is reached by http, any other by https.
    ///
    /// # Errors
    /// [`LoginError::BadSfdxUrl`], which shows nothing of it.
    pub fn parse(text: &Secret) -> Result<Self, LoginError> {
        let refuse = |reason| LoginError::BadSfdxUrl { reason };
        let rest = text
            .expose()
            .trim()
            .strip_prefix("force://")
            .ok_or_else(|| refuse("it does not start with force://"))?;
        let (credentials, host) = rest
            .rsplit_once('@')
            .ok_or_else(|| refuse("it names no host behind an @"))?;
        let mut parts = credentials.split(':');
        let (Some(client_id), Some(client_secret), Some(refresh_token), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(refuse(
                "it has not the three parts client id, client secret and refresh token",
            ));
        };
        if client_id.is_empty() || refresh_token.is_empty() {
            return Err(refuse("its client id or refresh token is empty"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-=".contains(c);
        if !credentials.chars().all(|c| allowed(c) || c == ':') {
            return Err(refuse("it has a character that none of its parts can have"));
        }
        let login = InstanceUrl::parse(&format!("https://{host}"))
            .and_then(|url| {
                if url.is_loopback() {
                    InstanceUrl::parse(&format!("http://{host}"))
                } else {
                    Ok(url)
                }
            })
            .map_err(|_| refuse("what stands behind the @ is not the host of an org's API"))?;
        Ok(Self {
            login,
            grant: Grant::Refresh {
                client_id: client_id.to_owned(),
                client_secret: (!client_secret.is_empty()).then(|| Secret::new(client_secret)),
                refresh_token: Secret::new(refresh_token),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_the_cli_prints() {
        for (text, host, secret) in [
            (
                "force://PlatformCLI::5Aep861.x_Y-z==@acme.my.salesforce.com",
                "https://acme.my.salesforce.com",
                None,
            ),
            (
                " force://3MVG9.a:s3cret:5Aep@acme--uat.sandbox.my.salesforce.com\n",
                "https://acme--uat.sandbox.my.salesforce.com",
                Some("s3cret"),
            ),
            ("force://a::b@localhost:8080", "http://localhost:8080", None),
        ] {
            let url = SfdxUrl::parse(&Secret::new(text)).unwrap();
            assert_eq!(url.login.to_string(), host);
            let Grant::Refresh { client_secret, .. } = url.grant else {
                panic!("{text}");
            };
            assert_eq!(client_secret.as_ref().map(Secret::expose), secret);
        }
    }

    #[test]
    fn refuses_the_rest_without_showing_it() {
        for text in [
            "",
            "https://acme.my.salesforce.com",
            "force://PlatformCLI::t0pSecret",
            "force://PlatformCLI:t0pSecret@acme.my.salesforce.com",
            "force://::t0pSecret@acme.my.salesforce.com",
            "force://a:b:t0pSecret:c@acme.my.salesforce.com",
            "force://a::t0p Secret@acme.my.salesforce.com",
            "force://a::t0pSecret@acme.lightning.force.com",
            "force://a::t0pSecret@",
            "[REDACTED] Use 'sf org auth show-sfdx-auth-url' to view",
        ] {
            let error = SfdxUrl::parse(&Secret::new(text)).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("Secret"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in "\\PC{0,40}|force://\\PC{0,40}") {
            let _ = SfdxUrl::parse(&Secret::new(text));
        }
    }
}
