//! Logging in through the real binary: every way, every refusal by its cause, tokens that run out
//! in the middle, and no secret in anything that is printed or written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

#[path = "common/browser.rs"]
mod browser;
mod common;
#[path = "common/served.rs"]
mod served;

use std::io::{Read, Write};
use std::process::Command;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use browser::{get, location};
use common::{Place, Ran};
use served::Served;

const CONFIG: &str = "\
version: 1
email_cases:
  webhook_url: https://opencx.invalid/webhook/c4nary
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
";

const CANARY: &str = "c4nary-s3cret";

const APP: &str = "client_id: 3MVG9.app";

/// A folder with a config of one org, which is reached like that.
fn place(auth: &str) -> Place {
    let config = CONFIG.replace(
        "https://opencx.invalid/webhook/c4nary",
        "${file:webhook.txt}",
    );
    let place = Place::with_config(&format!("{config}  dev: {{ auth: {auth} }}\n"));
    place.write("webhook.txt", "https://opencx.invalid/webhook/c4nary-h00k");
    place
}

/// Runs a command with the login host in the environment, and its own home.
fn command(place: &Place, served: &Served, args: &[&str]) -> Command {
    let mut command = place.command(args);
    command
        .env("LOGIN", &served.instance_url)
        .env("CANARY", CANARY)
        .env("HOME", place.path())
        .env("XDG_CONFIG_HOME", place.path().join("settings"));
    command
}

fn run(place: &Place, served: &Served, args: &[&str]) -> Ran {
    let ran: Ran = command(place, served, args).output().unwrap().into();
    assert!(!ran.err.contains("c4nary") && !ran.out.contains("c4nary"));
    assert!(!ran.err.contains(&served.token) && !ran.out.contains(&served.token));
    ran
}

fn client_credentials() -> String {
    format!(
        "{{ client_credentials: {{ {APP}, client_secret: \"${{env:CANARY}}\", \
         login_url: \"${{env:LOGIN}}\" }} }}"
    )
}

fn refresh() -> String {
    format!(
        "{{ refresh: {{ {APP}, refresh_token: \"${{env:CANARY}}\", \
         login_url: \"${{env:LOGIN}}\" }} }}"
    )
}

fn jwt(username: &str) -> String {
    format!(
        "{{ jwt: {{ {APP}, username: {username}, key_file: ci.key, login_url: \"${{env:LOGIN}}\" }} }}"
    )
}

fn key() -> String {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let digits = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    format!("-----BEGIN PRIVATE KEY-----\n{digits}\n-----END PRIVATE KEY-----\n")
}

/// The code of the one finding.
#[track_caller]
fn code(ran: &Ran) -> &str {
    let mut findings = ran
        .err
        .lines()
        .filter_map(|line| line.strip_prefix("error[")?.split(']').next());
    let code = findings.next().expect(&ran.err);
    assert_eq!(findings.next(), None, "{}", ran.err);
    code
}

#[test]
fn client_credentials_and_jwt_reach_the_org() {
    for auth in [client_credentials(), jwt("local.admin@local.example")] {
        let place = place(&auth);
        place.write("ci.key", &key());
        let served = Served::start(&place, &[]);
        let ran = run(&place, &served, &["orgs", "--json"]).exits(0);
        let org = &ran.json()["orgs"][0];
        assert_eq!(org["target"], "dev");
        assert_eq!(org["standing"]["username"], "local.admin@local.example");
        assert_eq!(org["standing"]["kind"], "developer");
        assert_eq!(org["treatedAsProduction"], false);
    }
}

#[test]
fn each_refusal_has_its_explanation() {
    for (auth, refusals) in [
        (
            client_credentials(),
            &[
                (
                    "unknown-app",
                    "1. is the app a few minutes old? It works 2 to 10 minutes",
                ),
                (
                    "wrong-secret",
                    "1. copy the consumer secret again, without blanks",
                ),
                ("no-run-as-user", "name a Run As user"),
                (
                    "not-on-this-host",
                    "set login_url to https://NAME.my.salesforce.com",
                ),
                ("flow-off", "Enable Client Credentials Flow"),
                ("inactive-user", "activate the user in Setup > Users"),
                ("ip-restricted", "Setup > Login History names the address"),
                ("too-many-logins", "wait some minutes"),
                ("refused", "1. Setup > Login History has the reason"),
            ][..],
        ),
        (
            jwt("local.admin@local.example"),
            &[
                ("not-approved", "1. pre-authorise the user"),
                (
                    "audience",
                    "https://test.salesforce.com or the sandbox's My Domain",
                ),
                (
                    "assertion",
                    "1. does the key belong to the app's certificate?",
                ),
                ("clock", " s behind the clock of 127.0.0.1"),
            ][..],
        ),
        (
            refresh(),
            &[(
                "refresh-token-dead",
                "log in again: the refresh token was revoked",
            )][..],
        ),
    ] {
        let place = place(&auth);
        place.write("ci.key", &key());
        for (refusal, told) in refusals {
            let served = Served::start(&place, &["--fault", &format!("refuse-login={refusal}")]);
            let ran = run(&place, &served, &["plan", "-o", "dev"]);
            assert_eq!(code(&ran), format!("auth/{refusal}"));
            assert!(ran.err.contains("127.0.0.1 says "), "{}", ran.err);
            assert!(ran.err.contains("= help: "), "{}", ran.err);
            // Its likeliest cause first, and the check that tells it from the others.
            assert!(ran.err.contains(told), "{told}: {}", ran.err);
            ran.exits(4);
        }
    }
}

#[test]
fn a_user_that_is_not_there_is_not_approved() {
    let place = place(&jwt("somebody@else.example"));
    place.write("ci.key", &key());
    let served = Served::start(&place, &[]);
    let ran = run(&place, &served, &["plan", "-o", "dev"]).exits(4);
    assert_eq!(code(&ran), "auth/not-approved");
}

#[test]
fn each_bad_key_is_named_and_not_shown() {
    let place = place(&jwt("local.admin@local.example"));
    let served = Served::start(&place, &[]);
    let key = key();
    for (text, expected) in [
        ("c4nary".to_owned(), "auth/key-not-pem"),
        (key[..200].to_owned(), "auth/key-damaged"),
        (
            key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
            "auth/key-encrypted",
        ),
        (
            key.replace("PRIVATE KEY", "CERTIFICATE"),
            "auth/key-not-private",
        ),
        (
            key.replace("PRIVATE KEY", "EC PRIVATE KEY"),
            "auth/key-not-rsa",
        ),
    ] {
        place.write("ci.key", &text);
        let ran = run(&place, &served, &["plan", "-o", "dev"]).exits(4);
        assert_eq!(code(&ran), expected);
        assert!(!ran.err.contains(&key[40..80]), "{}", ran.err);
    }
}

#[test]
fn a_session_that_ends_in_the_middle_is_renewed() {
    let place = place(&client_credentials());
    // A plan takes more requests than one token is good for.
    let served = Served::start(&place, &["--fault", "expire-session=3"]);
    let ran = run(&place, &served, &["plan", "-o", "dev", "--json"]).exits(2);
    assert_eq!(ran.json()["status"], "changes");
}

#[test]
fn a_session_of_the_environment_cannot_be_renewed() {
    let place = place("env");
    let served = Served::start(&place, &["--fault", "expire-session=3"]);
    let ran = served.run(&place, &["plan", "-o", "dev"]).exits(4);
    assert_eq!(code(&ran), "sf/token-refused");
}

#[test]
fn a_new_token_that_is_refused_too_is_final() {
    let place = place(&client_credentials());
    let served = Served::start(&place, &["--fault", "refuse-token"]);
    let ran = run(&place, &served, &["plan", "-o", "dev"]).exits(4);
    assert_eq!(code(&ran), "sf/token-refused");
}

/// Plays the browser for `login`: what the command said, and its code.
fn login(place: &Place, served: &Served, visit: impl Fn(&str)) -> Ran {
    browser::login(command(place, served, &browser::LOGIN), visit)
}

const BY_BROWSER: &str = "{ login: { login_url: \"${env:LOGIN}\" } }";

#[test]
fn a_login_in_the_browser_is_kept_used_rotated_and_ended() {
    let place = place(BY_BROWSER);
    let served = Served::start(&place, &["--fault", "rotate-refresh-tokens"]);
    let before = run(&place, &served, &["plan", "-o", "dev"]).exits(4);
    assert_eq!(code(&before), "auth/not-logged-in");

    let ran = login(&place, &served, |url| {
        let back = location(&get(url));
        // Somebody else's answer is sent away, and the login goes on.
        let (callback, _) = back.split_once('?').unwrap();
        let foreign = get(&format!("{callback}?code=aPrxFOREIGN&state=guessed"));
        assert!(foreign.starts_with("HTTP/1.1 404 "), "{foreign}");
        let page = get(&back);
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    })
    .exits(0);
    assert!(
        ran.err
            .contains("Logged in to dev as local.admin@local.example."),
        "{}",
        ran.err
    );

    let file = place.path().join("settings/opencx-sf/logins.json");
    let kept = || -> String {
        let store: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        store["logins"][0]["refreshToken"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let first = kept();
    assert!(first.starts_with("5Aep861"));
    assert!(!ran.err.contains(&first));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
    }

    // Each use gives a new refresh token, which is kept before the next.
    for _ in 0..2 {
        let ran = run(&place, &served, &["orgs"]).exits(0);
        assert!(ran.out.contains("local.admin@local.example"), "{}", ran.out);
    }
    let last = kept();
    assert_ne!(first, last);

    run(&place, &served, &["logout", "-o", "dev"]).exits(0);
    assert_eq!(kept(), "");
    let after = run(&place, &served, &["plan", "-o", "dev"]).exits(4);
    assert_eq!(code(&after), "auth/not-logged-in");
}

#[test]
fn a_login_that_is_denied_is_not_kept() {
    let place = place(BY_BROWSER);
    let served = Served::start(&place, &["--fault", "refuse-login=denied"]);
    let ran = login(&place, &served, |url| {
        get(&location(&get(url)));
    })
    .exits(4);
    assert_eq!(code(&ran), "auth/denied");
    assert!(!place.path().join("settings").exists());
}

#[test]
fn a_login_to_another_org_than_the_pinned_one_is_refused() {
    let place = place(&format!("{BY_BROWSER}, org_id: 00D000000000062EAA"));
    let served = Served::start(&place, &[]);
    let ran = login(&place, &served, |url| {
        get(&location(&get(url)));
    })
    .exits(5);
    assert_eq!(code(&ran), "guard/wrong-org");
    assert!(!place.path().join("settings").exists());
}

/// A Salesforce CLI that answers as told: `display` and `show-access-token` by file.
#[cfg(unix)]
fn fake_sf(place: &Place, display: &str, token: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(place.path().join("bin")).unwrap();
    place.write("display.json", display);
    place.write("token.json", token);
    let script = "#!/bin/sh\nhere=$(dirname \"$0\")/..\ncase \"$2\" in\n\
         display) cat \"$here/display.json\";;\n*) cat \"$here/token.json\";;\nesac\n";
    place.write("bin/sf", script);
    let path = place.path().join("bin/sf");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_login_of_the_salesforce_cli_is_used_and_its_failures_are_told_apart() {
    let place = place("{ sf: uat }");
    let served = Served::start(&place, &[]);
    let with_sf = |args: &[&str]| -> Ran {
        let path = format!("{}:/usr/bin:/bin", place.path().join("bin").display());
        let ran: Ran = command(&place, &served, args)
            .env("PATH", path)
            .output()
            .unwrap()
            .into();
        assert!(!ran.err.contains(&served.token) && !ran.out.contains(&served.token));
        ran
    };
    let display = |token: &str| {
        format!(
            r#"{{"status":0,"result":{{"instanceUrl":"{}","accessToken":"{token}"}},"warnings":[]}}"#,
            served.instance_url
        )
    };
    let redacted = display("[REDACTED] Use 'sf org auth show-access-token' to view");
    let token = format!(
        r#"{{"status":0,"result":{{"accessToken":"{}"}}}}"#,
        served.token
    );

    assert_eq!(code(&with_sf(&["plan"])), "auth/sf-not-found");
    fake_sf(&place, &display(&served.token), "");
    with_sf(&["orgs"]).exits(0);
    fake_sf(&place, &redacted, &token);
    with_sf(&["orgs"]).exits(0);
    fake_sf(&place, &redacted, &redacted);
    assert_eq!(code(&with_sf(&["plan"])), "auth/sf-too-old");
    let dead = r#"{"status":1,"name":"NamedOrgNotFoundError","message":"No authorization information found for uat."}"#;
    fake_sf(&place, dead, dead);
    let ran = with_sf(&["plan"]).exits(4);
    assert_eq!(code(&ran), "auth/sf-failed");
    assert!(
        ran.err
            .contains("NamedOrgNotFoundError: No authorization information found for uat.")
    );
}

#[test]
fn one_org_that_fails_does_not_hide_the_others() {
    let place = place(&client_credentials());
    let served = Served::start(&place, &[]);
    let config = std::fs::read_to_string(place.path().join("opencx.yaml")).unwrap();
    place.write(
        "opencx.yaml",
        &format!(
            "{config}  gone: {{ auth: {{ sfdx_url: \"${{env:NOT_SET}}\" }} }}\n  local: {{ emulator: {{}} }}\n"
        ),
    );
    let ran = run(&place, &served, &["orgs", "--json"]).exits(65);
    let orgs = ran.json()["orgs"].clone();
    let targets: Vec<_> = orgs
        .as_array()
        .unwrap()
        .iter()
        .map(|org| {
            (
                org["target"].clone(),
                org["standing"]["username"].is_string(),
            )
        })
        .collect();
    let expected = [("dev", true), ("gone", false), ("local", true)];
    assert_eq!(targets, expected.map(|(name, known)| (name.into(), known)));
    assert_eq!(orgs[1]["treatedAsProduction"], true);
    assert_eq!(orgs[1]["findings"][0]["code"], "config/unset-variable");
    let shown = run(&place, &served, &["orgs"]).exits(65);
    assert!(
        shown.out.contains("unknown (treated as production)"),
        "{}",
        shown.out
    );
}

#[test]
fn a_proxy_sees_the_host_and_no_token() {
    let place = place("env");
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let (seen, requests) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // Several requests go out at once; the first answer ends the run.
        for stream in proxy.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            seen.send(head).unwrap();
            let _ = stream.write_all(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            );
        }
    });
    let token = "00D000000000062!c4naryc4nary";
    let ran: Ran = place
        .command(&["plan", "-o", "dev"])
        .env("HTTPS_PROXY", address.replace("//", "//c4nary:c4nary@"))
        .env("NO_PROXY", "intranet.acme.example")
        .env("SF_INSTANCE_URL", "https://acme.my.salesforce.com")
        .env("SF_ACCESS_TOKEN", token)
        .output()
        .unwrap()
        .into();
    let ran = ran.exits(3);
    assert_eq!(code(&ran), "sf/proxy");
    let host = address.trim_start_matches("http://");
    let named = format!("goes by the proxy {host} (NO_PROXY is `intranet.acme.example`)");
    assert!(ran.err.contains(&named), "{named} in {}", ran.err);
    assert!(!ran.err.contains("c4nary"), "{}", ran.err);
    let requests: Vec<String> = requests.try_iter().collect();
    assert!(!requests.is_empty());
    for request in requests {
        assert!(
            request.starts_with("CONNECT acme.my.salesforce.com:443 HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(!request.contains("c4nary"), "{request}");
    }
}

/// Every file below a folder, and its content.
fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() {
                files(&path)
            } else {
                let content = std::fs::read(&path).unwrap();
                vec![(path, content)]
            }
        })
        .collect()
}

#[test]
fn no_secret_of_a_deploy_is_printed_or_left_on_disk() {
    let place = place(&client_credentials());
    // The org is elsewhere: what it holds is its own affair.
    let org = Place::with_config("");
    let served = Served::start(&org, &[]);
    for args in [
        &["plan", "-o", "dev", "--json"][..],
        &["deploy", "-o", "dev", "--verbose"],
        &["drift", "-o", "dev", "--json"],
        &["orgs", "--json"],
    ] {
        run(&place, &served, args);
    }
    let known = ["webhook.txt"];
    for (path, content) in files(place.path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = String::from_utf8_lossy(&content);
        assert!(!text.contains(CANARY), "{}", path.display());
        // An access token: the org's id, an exclamation mark, the rest.
        let token = content.windows(16).any(|part| {
            part.starts_with(b"00D")
                && part.ends_with(b"!")
                && part[..15].iter().all(u8::is_ascii_alphanumeric)
        });
        assert!(!token, "{}", path.display());
        assert!(
            known.contains(&name.as_str()) || !text.contains("c4nary-h00k"),
            "{}",
            path.display()
        );
    }
}
