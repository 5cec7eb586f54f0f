//! Tokens that the org no longer takes, in the middle of a run.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::metadata::ApiVersion;
use crate::secret::{Redactor, Secret};
use crate::sf::auth::{LoginError, Renewal, Renewed};
use crate::sf::fault::Fault;
use crate::sf::scripted::{Play, Scripted, TOKEN, VirtualClock, json};
use crate::sf::session::Session;
use crate::sf::transport::Deadlines;
use crate::sf::{Reader, Writer};

const USER: &str = r#"{"user_id":"005xx000001Sv6AAAS","organization_id":"00D000000000062EAA",
    "preferred_username":"ci@acme.example","name":"CI"}"#;

/// Gives the same token again and again, and counts.
struct Gives {
    token: &'static str,
    host: Option<&'static str>,
    times: AtomicU32,
}

impl Renewal for Gives {
    fn renew(&self) -> Pin<Box<dyn Future<Output = Result<Renewed, Fault>> + Send + '_>> {
        self.times.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(Renewed {
            access_token: Secret::new(self.token),
            instance_url: self.host.map(str::to_owned),
        })))
    }
}

fn expired() -> Play {
    json(
        401,
        r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
    )
}

fn reader(server: &Scripted, renewal: &Arc<Gives>, redactor: &Redactor) -> Reader {
    let session: Session = server
        .session()
        .masked_by(redactor)
        .renewed_by(Arc::clone(renewal) as _);
    let clock = Arc::<VirtualClock>::default();
    Reader::with(session, Deadlines::default(), clock).unwrap()
}

fn gives(token: &'static str, host: Option<&'static str>) -> Arc<Gives> {
    Arc::new(Gives {
        token,
        host,
        times: AtomicU32::new(0),
    })
}

const NEW: &str = "00D000000000062!AQ.brand.new";

#[tokio::test]
async fn a_read_goes_on_with_the_new_token_which_is_masked_from_then_on() {
    let server = Scripted::start([expired(), json(200, USER), json(200, USER)]).await;
    let (renewal, redactor) = (gives(NEW, None), Redactor::default());
    let reader = reader(&server, &renewal, &redactor);
    reader.identity().await.unwrap();
    reader.identity().await.unwrap();
    let tokens: Vec<bool> = server
        .seen()
        .iter()
        .map(|request| request.contains(NEW))
        .collect();
    assert_eq!(tokens, [false, true, true]);
    assert_eq!(renewal.times.load(Ordering::Relaxed), 1);
    let shown = redactor.redact(&format!("{TOKEN} {NEW}"));
    assert_eq!(shown, "[redacted] [redacted]");
}

#[tokio::test]
async fn one_renewal_for_one_request() {
    let server = Scripted::start([expired(), json(503, ""), expired(), json(200, USER)]).await;
    let renewal = gives(NEW, None);
    let refused = reader(&server, &renewal, &Redactor::default())
        .identity()
        .await;
    assert!(matches!(refused, Err(Fault::TokenRefused { .. })));
    assert_eq!(renewal.times.load(Ordering::Relaxed), 1);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_deploy_that_was_refused_is_sent_once_more() {
    let deployed = r#"{"id":"0Afxx00000001VPCAY","deployResult":{"id":"0Afxx00000001VPCAY","status":"Pending"}}"#;
    let server = Scripted::start([expired(), json(201, deployed)]).await;
    let renewal = gives(NEW, None);
    let writer = Writer::open(reader(&server, &renewal, &Redactor::default()));
    let id = writer
        .deploy(b"PK".to_vec(), &Default::default())
        .await
        .unwrap();
    assert_eq!(id.to_string(), "0Afxx00000001VPCAY");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn another_org_or_host_ends_the_run_before_anything_is_sent_there() {
    for renewal in [
        gives("00D000000000099!AQ.other", None),
        gives(NEW, Some("https://other.my.salesforce.com")),
    ] {
        let server = Scripted::start([expired(), json(200, USER)]).await;
        let fault = reader(&server, &renewal, &Redactor::default())
            .identity()
            .await
            .unwrap_err();
        assert!(
            matches!(&fault, Fault::Login(error) if matches!(**error, LoginError::Moved { .. })),
            "{fault:?}"
        );
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_about_age_is_final() {
    let other = r#"[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]"#;
    let server = Scripted::start([json(401, other)]).await;
    let renewal = gives(NEW, None);
    let refused = reader(&server, &renewal, &Redactor::default())
        .identity()
        .await;
    assert!(matches!(refused, Err(Fault::TokenRefused { .. })));
    assert_eq!(renewal.times.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn without_a_way_to_log_in_again_the_refusal_stands() {
    let server = Scripted::start([expired()]).await;
    let token = Secret::new(TOKEN);
    let address = format!("http://{}", server.address);
    let session = Session::new(&address, token, ApiVersion::new(66)).unwrap();
    let refused = Reader::new(session).unwrap().identity().await;
    assert!(matches!(refused, Err(Fault::TokenRefused { .. })));
}
