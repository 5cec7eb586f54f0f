//! The token endpoint against a server that misbehaves.

use super::*;
use crate::secret::Redactor;
use crate::sf::fault::Fault;
use crate::sf::scripted::{Play, Scripted, answer, json};

const SECRET: &str = "very.secret.secret";

fn credentials() -> Grant {
    Grant::ClientCredentials {
        client_id: "3MVG9.app".to_owned(),
        client_secret: Secret::new(SECRET),
    }
}

fn refresh() -> Grant {
    Grant::Refresh {
        client_id: "3MVG9.app".to_owned(),
        client_secret: None,
        refresh_token: Secret::new(SECRET),
    }
}

/// The fault that asking for a token ends with, and how often it was asked.
async fn refused(grant: Grant, script: impl IntoIterator<Item = Play>) -> (Fault, usize) {
    let server = Scripted::start(script).await;
    let redactor = Redactor::default();
    let authority = Authority::new(&format!("http://{}", server.address), &redactor).unwrap();
    let fault = authority.token(&grant).await.unwrap_err();
    let shown = format!("{fault:?} {:?}", fault.to_diagnostic("uat"));
    assert!(!shown.contains(SECRET), "{shown}");
    (fault, server.seen().len())
}

#[tokio::test]
async fn sends_the_form_of_the_documentation() {
    let server = Scripted::start([json(
        200,
        r#"{"access_token":"00D000000000062!AQ","instance_url":"https://acme.my.salesforce.com"}"#,
    )])
    .await;
    let address = format!("http://{}", server.address);
    let authority = Authority::new(&address, &Redactor::default()).unwrap();
    authority.token(&credentials()).await.unwrap();
    let request = &server.seen()[0];
    assert!(request.starts_with("POST /services/oauth2/token HTTP/1.1\r\n"));
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let expected =
        format!("grant_type=client_credentials&client_id=3MVG9.app&client_secret={SECRET}");
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let redirect = answer(
        302,
        "text/html",
        "Location: https://evil.example/services/oauth2/token\r\n",
        "",
    );
    let (fault, asked) = refused(credentials(), [redirect]).await;
    assert!(matches!(fault, Fault::RedirectRefused { to } if to == "evil.example"));
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_secret_that_the_server_quotes_is_masked() {
    let body = format!(r#"{{"error":"invalid_client","error_description":"bad {SECRET}"}}"#);
    let (fault, _) = refused(credentials(), [json(400, &body)]).await;
    let Fault::Login(error) = fault else {
        panic!("{fault:?}");
    };
    assert!(matches!(*error, LoginError::Refused { text, .. } if text == "bad [redacted]"));
}

#[tokio::test]
async fn a_refresh_token_is_not_shown_twice_when_the_answer_was_lost() {
    let (fault, asked) = refused(refresh(), [Play::Reset, Play::Reset]).await;
    assert!(matches!(fault, Fault::ConnectionLost { .. }));
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn pages_and_half_answers_are_no_tokens() {
    let page = answer(200, "text/html", "", "<html>Login</html>");
    let (fault, _) = refused(refresh(), [page]).await;
    assert!(matches!(fault, Fault::Unparsable { .. }));
    let elsewhere = r#"{"access_token":"00D000000000062!AQ","instance_url":"http://acme.example"}"#;
    let (fault, _) = refused(refresh(), [json(200, elsewhere)]).await;
    assert!(matches!(fault, Fault::BadInstanceUrl { .. }));
}
