//! The transport against a server that misbehaves.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::secret::Secret;
use crate::sf::fault::Fault;
use crate::sf::scripted::{Play, Scripted, TOKEN, VirtualClock, answer, json, soap};
use crate::sf::session::Session;
use crate::sf::transport::{ApiUsage, Deadlines, parse_usage};
use crate::sf::{Cancel, Reader, SystemClock, Writer};

const VERSIONS: &str = r#"[{"label":"Spring '26","url":"/services/data/v66.0","version":"66.0"}]"#;

const DEPLOYED: &str =
    r#"{"id":"0Afxx00000001VPCAY","deployResult":{"id":"0Afxx00000001VPCAY","status":"Pending"}}"#;

/// The fault that a read ends with, and how often it was tried.
async fn read(script: impl IntoIterator<Item = Play>) -> (Fault, usize) {
    let server = Scripted::start(script).await;
    let clock = Arc::<VirtualClock>::default();
    let fault = server.reader(&clock).identity().await.unwrap_err();
    let shown = format!("{fault:?} {:?}", fault.to_diagnostic("uat"));
    assert!(!shown.contains("very.secret"), "{shown}");
    (fault, server.seen().len())
}

/// The fault that a deploy ends with. It is never tried twice.
async fn deploy(play: Play) -> Fault {
    let server = Scripted::start([play, json(201, DEPLOYED)]).await;
    let writer = Writer::open(server.reader(&Arc::default()));
    let fault = writer
        .deploy(b"PK".to_vec(), &Default::default())
        .await
        .unwrap_err();
    assert_eq!(server.seen().len(), 1);
    fault
}

#[tokio::test]
async fn sends_who_asks_and_remembers_the_limits() {
    let server = Scripted::start([answer(
        200,
        "application/json",
        "Sforce-Limit-Info: api-usage=18/5000; per-app-api-usage=17/250(appName=x)\r\n",
        VERSIONS,
    )])
    .await;
    let reader = server.reader(&Arc::default());
    reader.versions().await.unwrap();
    let seen = &server.seen()[0].to_ascii_lowercase();
    let version = env!("CARGO_PKG_VERSION");
    for line in [
        "get /services/data/ http/1.1".to_owned(),
        format!("authorization: bearer {}", TOKEN.to_ascii_lowercase()),
        format!("user-agent: opencx-sf/{version}"),
        format!("sforce-call-options: client=opencx-sf/{version}"),
        "accept-encoding: gzip".to_owned(),
    ] {
        assert!(seen.lines().any(|seen| seen == line), "{line}\n{seen}");
    }
    assert_eq!(reader.requests(), 1);
    assert_eq!(
        reader.usage(),
        Some(ApiUsage {
            used: 18,
            allowed: 5000
        })
    );
}

#[tokio::test]
async fn reads_again_after_passing_trouble() {
    let server = Scripted::start([
        Play::Reset,
        answer(503, "text/html", "Retry-After: 9\r\n", "<html>Down</html>"),
        json(500, r#"[{"message":"x","errorCode":"UNKNOWN_EXCEPTION"}]"#),
        Play::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{".to_vec()),
        json(200, VERSIONS),
    ])
    .await;
    let clock = Arc::<VirtualClock>::default();
    let reader = server.reader(&clock);
    assert_eq!(reader.versions().await.unwrap().len(), 1);
    assert_eq!(clock.sleeps(), [500, 9000, 2000, 4000]);
    assert_eq!(reader.requests(), 5);
}

#[tokio::test]
async fn gives_up_after_five_retries() {
    let (fault, tries) = read((0..9).map(|_| answer(502, "text/plain", "", "Bad"))).await;
    assert!(matches!(fault, Fault::Unavailable { status: 502, .. }));
    assert_eq!(tries, 6);
}

#[tokio::test]
async fn does_not_wait_beyond_its_deadline() {
    let retry = "Retry-After: 3600\r\n";
    let (fault, tries) = read([answer(503, "text/html", retry, "Down")]).await;
    assert!(matches!(fault, Fault::Unavailable { status: 503, .. }));
    assert_eq!(tries, 1);
}

#[tokio::test]
async fn tells_refusals_apart() {
    let error = |code| format!(r#"[{{"message":"Text","errorCode":"{code}"}}]"#);
    let token_echoed = format!(r#"[{{"message":"bad {TOKEN}","errorCode":"INVALID_SESSION_ID"}}]"#);
    let (fault, tries) = read([json(401, &token_echoed)]).await;
    assert_eq!(tries, 1);
    assert!(
        matches!(&fault, Fault::TokenRefused { text, .. } if text == "bad [redacted]"),
        "{fault:?}"
    );
    let (fault, _) = read([answer(403, "text/html", "", "Bad_OAuth_Token")]).await;
    assert!(matches!(fault, Fault::TokenRefused { code, .. } if code == "Bad_OAuth_Token"));
    let (fault, _) = read([json(403, &error("REQUEST_LIMIT_EXCEEDED"))]).await;
    assert!(matches!(fault, Fault::RequestLimit { .. }));
    let (fault, _) = read([json(403, &error("API_DISABLED_FOR_ORG"))]).await;
    assert!(matches!(fault, Fault::ApiDisabled { .. }));
    let (fault, _) = read([json(403, &error("INSUFFICIENT_ACCESS"))]).await;
    assert!(matches!(fault, Fault::InsufficientAccess { .. }));
    let (fault, _) = read([json(404, &error("NOT_FOUND"))]).await;
    assert!(matches!(fault, Fault::NotFound { .. }));
    let (fault, tries) = read((0..9).map(|_| answer(420, "text/html", "", ""))).await;
    assert!(matches!(fault, Fault::NoOrg { .. }));
    assert_eq!(tries, 2);
    let (fault, _) = read([json(400, &error("MALFORMED_QUERY"))]).await;
    assert!(matches!(fault, Fault::Rest { status: 400, .. }));
}

#[tokio::test]
async fn does_not_take_pages_for_data() {
    let page = format!("<html>\u{1b}[2J Login {TOKEN}</html>");
    let (fault, tries) = read([answer(200, "text/html; charset=UTF-8", "", &page)]).await;
    assert_eq!(tries, 1);
    assert!(
        matches!(
            &fault,
            Fault::UnexpectedContent { status: 200, start, content_type, .. }
                if start == "<html> [2J Login [redacted]</html>"
                    && content_type == "text/html; charset=UTF-8"
        ),
        "{fault:?}"
    );
    let (fault, _) = read([json(200, r#"{"user_id": "#)]).await;
    let begins = |start: &str| start == r#"{"user_id":"#;
    assert!(matches!(&fault, Fault::Unparsable { start, .. } if begins(start)));
    let because = fault.to_diagnostic("uat").because;
    assert_eq!(because[1], r#"it begins: {"user_id":"#);
    let long = format!("\"\u{1b}[2J{TOKEN} {}", "x".repeat(999));
    let (fault, _) = read([json(200, &long)]).await;
    let Fault::Unparsable { start, .. } = fault else {
        panic!("{fault:?}");
    };
    assert_eq!(start, format!("\" [2J[redacted] {}…", "x".repeat(184)));
    let wrong_shape = format!(r#"{{"user_id":"005","organization_id":["{TOKEN}"]}}"#);
    let (fault, _) = read([json(200, &wrong_shape)]).await;
    assert!(matches!(fault, Fault::Unparsable { .. }));
}

/// Some gateways put it there.
#[tokio::test]
async fn reads_what_stands_behind_a_byte_order_mark() {
    let server = Scripted::start([json(200, &format!("\u{feff}{VERSIONS}"))]).await;
    let reader = server.reader(&Arc::default());
    assert_eq!(reader.versions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn xml_in_place_of_json_and_json_in_place_of_xml_are_named_with_how_they_begin() {
    let (fault, tries) = read([soap(200, "<x/>")]).await;
    assert_eq!(tries, 1);
    assert!(matches!(
        &fault,
        Fault::UnexpectedContent { start, .. } if start.starts_with("<?xml version=")
    ));
    // Also with the content type of the other.
    let (fault, _) = read([json(200, "<?xml version=\"1.0\"?><x/>")]).await;
    assert!(matches!(
        &fault,
        Fault::Unparsable { start, .. } if start.starts_with("<?xml version=")
    ));
    for play in [
        json(200, r#"{"id":"09S"}"#),
        answer(200, "text/xml", "", r#"{"id":"09S"}"#),
        answer(200, "text/xml", "", "<soapenv:Envelope><soapenv:Bo"),
    ] {
        let server = Scripted::start([play]).await;
        let reader = server.reader(&Arc::default());
        let manifest = crate::package::Manifest {
            api_version: crate::metadata::ApiVersion::new(66),
            members: Vec::new(),
        };
        let polling = reader.polling(Duration::from_secs(1));
        let fault = reader.retrieve(&manifest, polling).await.unwrap_err();
        let because = fault.to_diagnostic("uat").because;
        assert!(because[1].starts_with("it begins: "), "{because:?}");
        assert_eq!(server.seen().len(), 1, "{fault:?}");
    }
}

/// The beginning of a gzip stream, with nothing behind its head.
#[tokio::test]
async fn a_compressed_answer_that_ends_in_the_middle_is_asked_for_again() {
    let head = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03];
    let mut cut = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
        Content-Encoding: gzip\r\nContent-Length: 10\r\nConnection: close\r\n\r\n"
        .to_vec();
    cut.extend(head);
    let server = Scripted::start([Play::Send(cut), json(200, VERSIONS)]).await;
    let clock = Arc::<VirtualClock>::default();
    let reader = server.reader(&clock);
    assert_eq!(reader.versions().await.unwrap().len(), 1);
    assert_eq!(clock.sleeps(), [500]);
}

/// A queue of connections that is full lets nobody in.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_host_that_takes_no_connection_has_received_nothing() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let patience = Duration::from_millis(100);
    while let Ok(stream) =
        tokio::time::timeout(patience, tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(stream.unwrap());
    }
    let deadlines = Deadlines {
        connect: patience,
        ..Deadlines::default()
    };
    let version = crate::metadata::ApiVersion::new(66);
    let url = format!("http://{address}");
    let session = Session::new(&url, Secret::new(TOKEN), version).unwrap();
    let clock = Arc::<VirtualClock>::default();
    let reader = Reader::with(session, deadlines, clock).unwrap();
    let writer = Writer::open(reader);
    let fault = writer
        .deploy(Vec::new(), &Default::default())
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::ConnectTimedOut { .. }), "{fault:?}");
}

#[tokio::test]
async fn follows_no_redirect() {
    let location = "Location: https://evil.example/services/oauth2/userinfo?x=1\r\n";
    let (fault, tries) = read([answer(302, "text/html", location, "")]).await;
    assert!(matches!(fault, Fault::RedirectRefused { to } if to == "evil.example"));
    assert_eq!(tries, 1);
}

#[tokio::test]
async fn tells_timeouts_and_dead_ends_apart() {
    let server = Scripted::start([Play::Silence]).await;
    let deadlines = Deadlines {
        connect: Duration::from_millis(100),
        request: Duration::from_millis(100),
        ..Deadlines::default()
    };
    let clock = Arc::<SystemClock>::default();
    let reader = Reader::with(server.session(), deadlines, clock).unwrap();
    let fault = reader.versions().await.unwrap_err();
    assert!(matches!(fault, Fault::AnswerTimedOut { .. }), "{fault:?}");

    // Byte after byte is no answer either: the deadline is that of the whole.
    let Play::Send(bytes) = json(200, "[]") else {
        unreachable!("an answer is bytes");
    };
    let server = Scripted::start([Play::Drip(bytes)]).await;
    let clock = Arc::<SystemClock>::default();
    let reader = Reader::with(server.session(), deadlines, clock).unwrap();
    let fault = reader.versions().await.unwrap_err();
    assert!(matches!(fault, Fault::AnswerTimedOut { .. }), "{fault:?}");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let version = crate::metadata::ApiVersion::new(66);
    let session = Session::new(&nowhere, Secret::new(TOKEN), version).unwrap();
    let clock = Arc::<VirtualClock>::default();
    let reader = Reader::with(session, deadlines, clock).unwrap();
    let writer = Writer::open(reader);
    let fault = writer
        .deploy(Vec::new(), &Default::default())
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Unreachable { .. }), "{fault:?}");
}

#[tokio::test]
async fn reading_an_org_has_an_end() {
    // Each request alone would be tried again for longer.
    let busy = || answer(503, "text/plain", "Retry-After: 50\r\n", "busy");
    let server = Scripted::start((0..9).map(|_| busy())).await;
    let clock = Arc::<VirtualClock>::default();
    let reader = server.reader(&clock);
    reader.begin_reading();
    for _ in 0..3 {
        reader.versions().await.unwrap_err();
    }
    // Two pauses for each of three requests, and no more after 300 s.
    assert_eq!(clock.sleeps().iter().sum::<u128>(), 300_000);
    let before = reader.requests();
    reader.versions().await.unwrap_err();
    assert_eq!(reader.requests(), before + 1);
}

#[tokio::test]
async fn speaks_no_tls_with_a_server_that_has_none() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let https = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    });
    let version = crate::metadata::ApiVersion::new(66);
    let session = Session::new(&https, Secret::new(TOKEN), version).unwrap();
    let clock = Arc::<VirtualClock>::default();
    let reader = Reader::with(session, Deadlines::default(), clock).unwrap();
    let fault = reader.versions().await.unwrap_err();
    assert!(matches!(fault, Fault::Tls { .. }), "{fault:?}");
}

#[tokio::test]
async fn deploys_as_the_guide_says() {
    let server = Scripted::start([json(201, DEPLOYED)]).await;
    let writer = Writer::open(server.reader(&Arc::default()));
    let options = crate::sf::wire::DeployOptions {
        check_only: true,
        rollback_on_error: false,
        ..Default::default()
    };
    let id = writer
        .deploy(b"PK\x03\x04".to_vec(), &options)
        .await
        .unwrap();
    assert_eq!(id.as_str(), "0Afxx00000001VPCAY");
    let request = &server.seen()[0];
    assert!(request.starts_with("POST /services/data/v66.0/metadata/deployRequest HTTP/1.1\r\n"));
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let boundary = body.lines().next().unwrap();
    assert_eq!(
        body,
        format!(
            "{boundary}\r\nContent-Disposition: form-data; name=\"json\"\r\n\
             Content-Type: application/json\r\n\r\n\
             {{\"deployOptions\":{{\"allowMissingFiles\":false,\"autoUpdatePackage\":false,\
             \"checkOnly\":true,\"ignoreWarnings\":false,\"performRetrieve\":false,\
             \"purgeOnDelete\":false,\"rollbackOnError\":true,\"singlePackage\":true}}}}\r\n\
             {boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"deploy.zip\"\r\nContent-Type: application/zip\r\n\r\n\
             PK\x03\x04\r\n{boundary}--\r\n"
        )
    );
}

#[tokio::test]
async fn says_when_a_deploy_may_have_arrived() {
    for play in [
        Play::Reset,
        Play::Send(Vec::new()),
        Play::Send(b"HTTP/1.1 201 Created\r\nContent-Length: 90\r\n\r\n{\"id\"".to_vec()),
        json(201, "{}"),
        json(201, r#"{"id":"not an id"}"#),
        answer(200, "text/html", "", "<html>"),
        answer(503, "text/html", "", "<html>"),
        json(500, r#"[{"message":"x","errorCode":"UNKNOWN_EXCEPTION"}]"#),
    ] {
        let fault = deploy(play).await;
        assert!(matches!(fault, Fault::OutcomeUnknown { .. }), "{fault:?}");
    }
    let no = r#"[{"message":"x","errorCode":"INVALID_SESSION_ID"}]"#;
    assert!(matches!(
        deploy(json(401, no)).await,
        Fault::TokenRefused { .. }
    ));
    let no = r#"[{"message":"x","errorCode":"INVALID_TYPE"}]"#;
    assert!(matches!(deploy(json(400, no)).await, Fault::Rest { .. }));
    let to = "Location: https://evil.example/\r\n";
    let redirected = deploy(answer(307, "text/html", to, "")).await;
    assert!(matches!(redirected, Fault::RedirectRefused { .. }));
}

#[tokio::test]
async fn cancels() {
    let body = r#"{"id":"0Afxx00000001VPCAY","deployResult":{"id":"0Afxx00000001VPCAY","status":"Canceling","done":false}}"#;
    let refusal = |code: &str| json(400, &format!(r#"[{{"message":"m","errorCode":"{code}"}}]"#));
    let script = [
        json(202, body),
        refusal("INVALID_ID_FIELD"),
        refusal("INVALID_TYPE"),
    ];
    let server = Scripted::start(script).await;
    let writer = Writer::open(server.reader(&Arc::default()));
    let id = "0Afxx00000001VPCAY".parse().unwrap();
    assert_eq!(writer.cancel(&id).await.unwrap(), Cancel::Heard);
    let too_late = writer.cancel(&id).await.unwrap();
    assert_eq!(too_late, Cancel::TooLate("m".to_owned()));
    assert!(matches!(writer.cancel(&id).await, Err(Fault::Rest { .. })));
    let request = &server.seen()[0];
    assert!(request.starts_with(
        "PATCH /services/data/v66.0/metadata/deployRequest/0Afxx00000001VPCAY HTTP/1.1\r\n"
    ));
    assert!(request.ends_with("\r\n\r\n{\"deployResult\":{\"status\":\"Canceling\"}}"));
}

#[tokio::test]
async fn sends_no_jwt_over_soap() {
    let server = Scripted::start([soap(200, "")]).await;
    let mut session = server.session();
    session.token = Secret::new("eyJhbGciOiJSUzI1NiJ9.e30.sig");
    let reader = Reader::new(session).unwrap();
    let manifest = crate::package::Manifest {
        api_version: crate::metadata::ApiVersion::new(66),
        members: Vec::new(),
    };
    let polling = reader.polling(Duration::from_secs(1));
    let fault = reader.retrieve(&manifest, polling).await.unwrap_err();
    assert!(matches!(fault, Fault::JwtOverSoap));
    assert_eq!(reader.requests(), 0);
}

#[tokio::test]
async fn asks_again_for_the_rest_of_the_rows() {
    let server = Scripted::start([
        json(
            200,
            r#"{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2000","records":[{"Id":"1"}]}"#,
        ),
        json(200, r#"{"totalSize":2,"done":true,"records":[{"Id":"2"}]}"#),
        json(
            200,
            r#"{"totalSize":2,"done":false,"nextRecordsUrl":"https://evil.example/services/data/","records":[]}"#,
        ),
    ])
    .await;
    let reader = server.reader(&Arc::default());
    let soql = "SELECT Id FROM User WHERE Name = 'a&b'";
    let rows: Vec<serde_json::Value> = reader.tooling_query(soql).await.unwrap();
    assert_eq!(
        rows,
        [
            serde_json::json!({"Id": "1"}),
            serde_json::json!({"Id": "2"})
        ]
    );
    let first: Vec<String> = server
        .seen()
        .iter()
        .map(|request| request.lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(
        first,
        [
            "GET /services/data/v66.0/tooling/query?q=SELECT+Id+FROM+User+WHERE+Name+%3D+%27a%26b%27 HTTP/1.1",
            "GET /services/data/v66.0/query/01g-2000 HTTP/1.1"
        ]
    );
    let fault = reader.query::<serde_json::Value>(soql).await.unwrap_err();
    assert!(matches!(fault, Fault::Inconsistent { .. }));
    let long = "x".repeat(17_000);
    let fault = reader.query::<serde_json::Value>(&long).await.unwrap_err();
    assert!(matches!(fault, Fault::TooLarge { .. }));
    assert_eq!(reader.requests(), 3);
}

#[test]
fn reads_the_limit_header_or_nothing() {
    assert_eq!(
        parse_usage("api-usage=1/2").map(|usage| usage.allowed),
        Some(2)
    );
    assert_eq!(parse_usage("per-app-api-usage=1/2"), None);
    assert_eq!(parse_usage("api-usage=1"), None);
    assert_eq!(parse_usage("api-usage=x/2"), None);
}
