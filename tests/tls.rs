//! Certificates, proxies and what the environment says of them, with the real binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[path = "common/served.rs"]
mod served;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use common::{Place, Ran};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use served::Served;

const TOKEN: &str = "00D000000000062!c4naryc4nary";

/// A company's certificate authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// What a server with a certificate for that host needs.
    fn server(&self, host: &str, expired: bool) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// Serves every connection, as an org is asked several things at once, and keeps what comes through
/// them in the clear.
fn serve(config: Arc<ServerConfig>) -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let seen = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut request = [0; 4096];
            // A client that doesn't like the certificate goes away.
            let length = stream.read(&mut request).unwrap_or_default();
            let text = String::from_utf8_lossy(&request[..length]);
            heard.lock().unwrap().push_str(&text);
            let body = r#"[{"message":"Session expired","errorCode":"INVALID_SESSION_ID"}]"#;
            let _ = write!(
                stream,
                "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (url, seen)
}

fn plan(place: &Place, url: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = place.command(&["plan", "-o", "dev"]);
    command
        .env("SF_INSTANCE_URL", url)
        .env("SF_ACCESS_TOKEN", TOKEN)
        .env_remove("SSL_CERT_FILE")
        .env_remove("SSL_CERT_DIR")
        .envs(variables.iter().copied());
    let ran = Ran::from(command.output().unwrap());
    assert!(!ran.err.contains("c4nary"), "{}", ran.err);
    ran
}

/// The only finding has that code, and the run that exit code. Its text.
#[track_caller]
fn finds(ran: Ran, code: &str, exit: i32) -> String {
    let finding = format!("error[{code}]: ");
    assert!(ran.err.contains(&finding), "{}", ran.err);
    assert_eq!(ran.err.matches("error[").count(), 1, "{}", ran.err);
    let text = ran.err.clone();
    ran.exits(exit);
    text
}

/// A company's certificate authority in the variable that OpenSSL has too.
#[cfg(target_os = "linux")]
#[test]
fn a_certificate_counts_when_who_signed_it_is_trusted_and_it_is_the_hosts_and_in_time() {
    let place = Served::place();
    let authority = Authority::new();
    place.write("ca.pem", &authority.0.pem());
    let path = place.path().join("ca.pem");
    let trusted = [("SSL_CERT_FILE", path.to_str().unwrap())];

    let (url, seen) = serve(authority.server("localhost", false));
    finds(plan(&place, &url, &trusted), "sf/token-refused", 4);
    assert!(seen.lock().unwrap().contains("c4nary"));

    for (host, expired, variables) in [
        ("acme.my.salesforce.com", false, &trusted[..]),
        ("localhost", true, &trusted[..]),
        ("localhost", false, &[][..]),
    ] {
        let (url, seen) = serve(authority.server(host, expired));
        let said = finds(plan(&place, &url, variables), "sf/tls", 3);
        assert!(said.contains("certificate"), "{said}");
        assert_eq!(*seen.lock().unwrap(), "");
    }
}

#[test]
fn a_variable_that_names_no_certificates_is_named() {
    let place = Served::place();
    place.write("empty.pem", "");
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    for file in ["nowhere.pem", "empty.pem", ""] {
        let variables = [("SSL_CERT_FILE", path(file))];
        let variables = variables
            .each_ref()
            .map(|(name, file)| (*name, file.as_str()));
        let ran = plan(&place, "https://acme.my.salesforce.com", &variables);
        let said = finds(ran, "cli/bad-ca-file", 65);
        assert!(said.contains("SSL_CERT_FILE"), "{said}");
    }
    let variables = [("HTTPS_PROXY", "http://c4nary:c4nary@:80")];
    let ran = plan(&place, "https://acme.my.salesforce.com", &variables);
    let said = finds(ran, "cli/bad-proxy", 65);
    assert!(said.contains("HTTPS_PROXY"), "{said}");
}

#[test]
fn trouble_with_a_proxy_is_named() {
    let place = Served::place();
    let through = |answer: &'static [u8]| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            // Several requests go out at once; the first answer ends the run.
            for stream in listener.incoming() {
                let mut stream: TcpStream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer);
            }
        });
        let variables = [("HTTPS_PROXY", proxy.as_str())];
        plan(&place, "https://acme.my.salesforce.com", &variables)
    };
    let ran = through(b"HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\n\r\n");
    assert!(finds(ran, "sf/proxy", 3).contains("HTTP 407"));
    let ran = through(b"HTTP/1.1 403 No\r\nContent-Type: text/html\r\n\r\n<html>no</html>");
    assert!(finds(ran, "sf/proxy", 3).contains("refused"));
    let ran = through(b"<html>Welcome</html>");
    assert!(finds(ran, "sf/proxy", 3).contains("no proxy"));

    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let variables = [("HTTPS_PROXY", nowhere.as_str())];
    let ran = plan(&place, "https://acme.my.salesforce.com", &variables);
    let said = finds(ran, "sf/proxy", 3);
    assert!(said.contains("could not be reached"), "{said}");
    let named = format!("goes by the proxy {}", &nowhere["http://".len()..]);
    assert!(said.contains(&named), "{said}");
}
