//! Ways of logging in that end in the org, each through the real binary: a key or a token by path and
//! by environment, and the name of a production org that a person types.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod common;
#[cfg(unix)]
#[path = "common/pty.rs"]
mod pty;
#[path = "common/served.rs"]
mod served;

use std::io::{Read, Write};
use std::net::TcpStream;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use common::{Place, Ran};
use served::{CONFIG, Served};

/// A folder with a config of one org, which is reached like that.
fn place(auth: &str) -> Place {
    let place = Served::place();
    let auth = format!("auth: {{ {auth} }}");
    place.write("opencx.yaml", &CONFIG.replace("auth: env", &auth));
    place
}

/// Runs a command with the login host in the environment, and one more variable.
fn run(place: &Place, served: &Served, args: &[&str], secret: (&str, &str)) -> Ran {
    let mut command = place.command(args);
    command
        .env("LOGIN", &served.instance_url)
        .env(secret.0, secret.1);
    let ran: Ran = command.output().unwrap().into();
    for secret in ["c4nary", served.token.as_str(), secret.1] {
        assert!(!ran.err.contains(secret) && !ran.out.contains(secret));
    }
    ran
}

const ORGS: [&str; 2] = ["orgs", "--json"];
const NONE: (&str, &str) = ("NOTHING", "nothing-secret");

/// It is the org's own user who is logged in.
#[track_caller]
fn reaches(ran: Ran) {
    let ran = ran.exits(0);
    let standing = &ran.json()["orgs"][0]["standing"];
    assert_eq!(
        standing["username"], "local.admin@local.example",
        "{}",
        ran.out
    );
}

const JWT: &str = "client_id: 3MVG9.app, username: local.admin@local.example";

/// By a path, and by a variable whose line ends are written out, as CI systems keep them.
#[test]
fn a_key_by_path_and_by_environment() {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let digits = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let key = format!("-----BEGIN PRIVATE KEY-----\n{digits}\n-----END PRIVATE KEY-----\n");
    let in_one_line = key.replace('\n', "\\n");
    let secret = ("CI_KEY", in_one_line.as_str());
    let login = "login_url: \"${env:LOGIN}\"";

    let by_path = place(&format!("jwt: {{ {JWT}, key_file: ci.key, {login} }}"));
    // As an editor on Windows writes it.
    by_path.write("ci.key", &key.replace('\n', "\r\n"));
    let by_variable = place(&format!(
        "jwt: {{ {JWT}, private_key: \"${{env:CI_KEY}}\", {login} }}"
    ));
    let served = Served::start(&by_path, &[]);
    reaches(run(&by_path, &served, &ORGS, NONE));
    reaches(run(&by_variable, &served, &ORGS, secret));
    drop(served);

    // As an org says it that has another key's certificate.
    let served = Served::start(&by_path, &["--fault", "refuse-login=assertion"]);
    for ran in [
        run(&by_path, &served, &["plan"], NONE),
        run(&by_variable, &served, &["plan"], secret),
    ] {
        let ran = ran.exits(4);
        assert!(ran.err.contains("error[auth/assertion]"), "{}", ran.err);
        let check = "1. does the key belong to the app's certificate?";
        assert!(ran.err.contains(check), "{}", ran.err);
        assert!(!ran.err.contains(&digits[40..80]), "{}", ran.err);
    }
}

/// One request to the local org, and its answer.
fn ask(served: &Served, line: &str, body: &str) -> String {
    let address = served.instance_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A refresh token, as an app gets one whose login a person has allowed in the browser.
fn refresh_token(served: &Served) -> String {
    let app = "client_id=3MVG9.app&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2Fback";
    let authorize = format!("GET /services/oauth2/authorize?response_type=code&{app}");
    let answer = ask(served, &authorize, "");
    let (_, code) = answer.split_once("code=").expect(&answer);
    let code = code.split(['&', '\r']).next().unwrap();
    let form = format!("grant_type=authorization_code&code={code}&{app}");
    let answer = ask(served, "POST /services/oauth2/token", &form);
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).expect(&answer);
    body["refresh_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_refresh_token_and_an_sfdx_auth_url_of_the_environment() {
    let by_token = place(
        "refresh: { client_id: 3MVG9.app, refresh_token: \"${env:TOKEN}\", login_url: \"${env:LOGIN}\" }",
    );
    let by_url = place("sfdx_url: \"${env:SFDX_AUTH_URL}\"");
    let served = Served::start(&by_token, &[]);
    let token = refresh_token(&served);
    reaches(run(&by_token, &served, &ORGS, ("TOKEN", &token)));

    let host = served.instance_url.strip_prefix("http://").unwrap();
    let url = format!("force://3MVG9.app::{token}@{host}");
    reaches(run(&by_url, &served, &ORGS, ("SFDX_AUTH_URL", &url)));
    // The token of another org, and what is no such URL at all.
    let other = url.replace(&token, "5Aep861AnotherOrgs");
    let ran = run(&by_url, &served, &["plan"], ("SFDX_AUTH_URL", &other)).exits(4);
    assert!(
        ran.err.contains("error[auth/refresh-token-dead]"),
        "{}",
        ran.err
    );
    let cut = format!("force://3MVG9.app:{token}@{host}");
    let ran = run(&by_url, &served, &["plan"], ("SFDX_AUTH_URL", &cut)).exits(4);
    assert!(ran.err.contains("error[auth/bad-sfdx-url]"), "{}", ran.err);
    assert!(!ran.err.contains(&token), "{}", ran.err);
}

/// Typed name, another name, nothing, and the end of input.
#[cfg(unix)]
#[test]
fn the_name_of_a_production_org_is_typed() {
    let place = Served::place();
    let config = CONFIG.replace(
        "dev: { auth: env }",
        "live: { auth: env, production: true }",
    );
    place.write("opencx.yaml", &config);
    let served = Served::start(&place, &["--org-kind", "production"]);
    let environment = [
        ("SF_INSTANCE_URL", served.instance_url.as_str()),
        ("SF_ACCESS_TOKEN", served.token.as_str()),
    ];
    let deploy = ["deploy", "-o", "live", "--color", "never"];
    let question = "live is a production org. Type `live` to deploy:";
    for keys in ["dev\r", "LIVE\r", "y\r", "\r", "\u{4}"] {
        let mut terminal = pty::AtTerminal::start(place.path(), &deploy, &environment);
        terminal.until(question).type_in(keys).ends(5);
        let refusal = "\r\nerror[guard/production-not-confirmed]";
        assert!(
            terminal.seen.contains(refusal),
            "{keys:?}: {}",
            terminal.seen
        );
    }
    assert_eq!(served.deploys(), []);
    let mut terminal = pty::AtTerminal::start(place.path(), &deploy, &environment);
    terminal.until(question).type_in("live\r").ends(0);
    let kinds: Vec<bool> = served
        .deploys()
        .into_iter()
        .map(|(_, check)| check)
        .collect();
    assert_eq!(kinds.len(), 2, "validated, and made real");
    // Taking it out again needs the name as well.
    let uninstall = ["uninstall", "-o", "live", "--color", "never"];
    let question = "Type `live` to take this out of the org or put it back:";
    for keys in ["yes\r", "\u{4}"] {
        let mut terminal = pty::AtTerminal::start(place.path(), &uninstall, &environment);
        terminal.until(question).type_in(keys).ends(5);
    }
    assert_eq!(served.deploys().len(), 2);
}
