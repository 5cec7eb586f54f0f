//! The browser's part of the web server flow: where it is sent, and what it brings back.
//!
//! PKCE (RFC 7636) proves to the token endpoint that it is the same program that asked, and `state`
//! proves to this program that the answer belongs to its question.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use sha2::{Digest, Sha256};

use super::Grant;
use super::refusal::{Flow, LoginError};
use crate::secret::Secret;
use crate::sf::session::InstanceUrl;
use crate::sf::text::clean;

/// What is asked for: to call APIs, and to log in again without the browser.
const SCOPE: &str = "api web refresh_token";

/// One attempt to log in.
#[derive(Debug)]
pub struct Attempt {
    client_id: String,
    redirect_uri: String,
    verifier: Secret,
    state: Secret,
}

/// What the browser brought back.
#[derive(Debug)]
pub enum Callback {
    /// The code, as a grant for the token endpoint.
    Granted(Grant),
    /// The user or the org said no.
    Refused(LoginError),
    /// Not the answer to this attempt: another path, or a `state` that is not ours.
    Foreign,
}

impl Attempt {
    /// Begins: `redirect_uri` is where this program listens.
    ///
    /// # Errors
    /// [`LoginError::NoRandomness`] when the system gives no random numbers.
    pub fn new(client_id: &str, redirect_uri: &str) -> Result<Self, LoginError> {
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            verifier: random()?,
            state: random()?,
        })
    }

    /// The address that the browser opens.
    pub fn authorize_url(&self, login: &InstanceUrl) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()));
        let mut url = login.at("/services/oauth2/authorize");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("state", self.state.expose())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "login");
        url.into()
    }

    /// Reads what came to the callback: the path and query of the browser's request.
    pub fn callback(&self, target: &str) -> Callback {
        let (Ok(expected), Ok(got)) = (
            Url::parse(&self.redirect_uri),
            Url::parse("http://localhost").and_then(|base| base.join(target)),
        ) else {
            return Callback::Foreign;
        };
        let field = |name: &str| {
            got.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let state = field("state").unwrap_or_default();
        if got.path() != expected.path() || state != self.state.expose() {
            return Callback::Foreign;
        }
        if let Some(error) = field("error") {
            return Callback::Refused(LoginError::Refused {
                flow: Flow::Browser,
                host: String::new(),
                error: clean(&error),
                text: clean(&field("error_description").unwrap_or_default()),
                skew: None,
            });
        }
        match field("code").filter(|code| !code.is_empty()) {
            Some(code) => Callback::Granted(Grant::Code {
                client_id: self.client_id.clone(),
                code: Secret::new(code),
                redirect_uri: self.redirect_uri.clone(),
                verifier: self.verifier.clone(),
            }),
            None => Callback::Foreign,
        }
    }
}

/// 43 characters, which is what RFC 7636 asks of a verifier at least: 256 random bits.
fn random() -> Result<Secret, LoginError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| LoginError::NoRandomness)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REDIRECT: &str = "http://localhost:1717/OauthRedirect";

    fn attempt() -> Attempt {
        Attempt {
            client_id: "PlatformCLI".to_owned(),
            redirect_uri: REDIRECT.to_owned(),
            // RFC 7636, Appendix B.
            verifier: Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            state: Secret::new("s7ate"),
        }
    }

    #[test]
    fn asks_with_the_challenge_of_the_rfc() {
        let login = InstanceUrl::parse("https://login.salesforce.com").unwrap();
        assert_eq!(
            attempt().authorize_url(&login),
            "https://login.salesforce.com/services/oauth2/authorize?response_type=code&\
             client_id=PlatformCLI&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect&\
             scope=api+web+refresh_token&state=s7ate&\
             code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&\
             code_challenge_method=S256&prompt=login"
        );
    }

    #[test]
    fn takes_only_the_answer_to_its_own_question() {
        let granted = attempt().callback("/OauthRedirect?code=aPrx%3D%3D&state=s7ate");
        assert!(matches!(
            granted,
            Callback::Granted(Grant::Code { code, .. }) if code.expose() == "aPrx=="
        ));
        for foreign in [
            "/OauthRedirect?code=aPrx",
            "/OauthRedirect?code=aPrx&state=other",
            "/OauthRedirect?state=s7ate",
            "/favicon.ico?code=aPrx&state=s7ate",
            "//evil.example/OauthRedirect?state=other",
            "",
        ] {
            let callback = attempt().callback(foreign);
            assert!(matches!(callback, Callback::Foreign), "{foreign}");
        }
        assert!(matches!(
            attempt().callback("/OauthRedirect?error=access_denied&state=s7ate"),
            Callback::Refused(LoginError::Refused { error, .. }) if error == "access_denied"
        ));
    }

    #[test]
    fn no_two_attempts_are_alike() {
        let (one, two) = (
            Attempt::new("a", REDIRECT).unwrap(),
            Attempt::new("a", REDIRECT).unwrap(),
        );
        assert_ne!(one.verifier, two.verifier);
        assert_ne!(one.state, two.state);
        assert_eq!(one.verifier.expose().len(), 43);
    }

    proptest! {
        #[test]
        fn any_request_is_answered(target in "\\PC{0,60}|/OauthRedirect\\?\\PC{0,40}") {
            prop_assert!(!matches!(attempt().callback(&target), Callback::Granted(_)));
        }
    }
}
