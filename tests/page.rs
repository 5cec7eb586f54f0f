//! The local org's page: over plain HTTP, and in a real browser where there is one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test stops where it can't go on, and says what it leaves out"
)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use common::Place;

/// A local org in which something was played, served.
struct Served {
    place: Place,
    server: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn served() -> Served {
    let place = Place::minimal();
    place.run(&["simulate", "reply", "webhook-moved"]).exits(0);
    let mut server = place
        .command(&["emulator", "start", "--state", ".opencx/simulate"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(server.stdout.take().unwrap());
    let address = said
        .lines()
        .map(Result::unwrap)
        .find_map(|line| {
            let (_, rest) = line.split_once("http://127.0.0.1:")?;
            let digits = rest.chars().take_while(char::is_ascii_digit);
            Some(format!("127.0.0.1:{}", digits.collect::<String>()))
        })
        .unwrap();
    Served {
        place,
        server,
        address,
    }
}

/// Head and body of what a plain client gets.
fn get(address: &str, host: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

const SHOWN: [&str; 7] = [
    "OpenCX's reply leaves as a mail",
    "Case 00001001: Where is my order?",
    "<dd>support@acme.example</dd>",
    "thread::0000000001IAA::",
    "copy the webhook URL anew from OpenCX",
    "<strong class=\"bad\">404</strong>",
    "OpenCxOutboundEmailSender",
];

#[test]
fn the_page_shows_mail_requests_jobs_and_components() {
    let served = served();
    let (head, body) = get(&served.address, &served.address);
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(
        head.contains("content-security-policy: default-src 'none'"),
        "{head}"
    );
    let body = body.replace("&#39;", "'");
    for part in SHOWN {
        assert!(body.contains(part), "{part}\n{body}");
    }
    // The Case's mail stands in the order in which it was written.
    let at = |text: &str| body.find(text).unwrap();
    assert!(at("I ordered last week.") < at("It is on its way."));
    assert!(at("It is on its way.") < at("And another."));
    // Neither a URL with a token nor the session is shown.
    for secret in [
        "simulated-token",
        "webhook/simulated",
        "SF_ACCESS_TOKEN",
        "!",
    ] {
        let main = body.split("<body>").nth(1).unwrap();
        assert!(!main.contains(secret), "{secret}");
    }
    let (head, _) = get(&served.address, "evil.example");
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
}

/// A browser of this machine.
fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| {
        let asked = Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        asked.is_ok_and(|status| status.success())
    })
}

#[test]
fn a_browser_shows_the_page() {
    let Some(browser) = browser() else {
        eprintln!("SKIPPED: no browser here (chromium, chromium-browser or google-chrome)");
        return;
    };
    let served = served();
    let profile = served.place.path().join("profile");
    let run = |what: &str, width: u32, more: &[&str]| {
        Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args(more)
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--window-size={width},1200"))
            .arg("--enable-logging=stderr")
            .arg(what)
            .arg(format!("http://{}/", served.address))
            .output()
            .unwrap()
    };
    let seen = run("--dump-dom", 1000, &[]);
    let dom = String::from_utf8(seen.stdout).unwrap();
    for part in SHOWN {
        assert!(dom.contains(part), "{part}\n{dom}");
    }
    assert_eq!(
        dom.matches("<details>").count(),
        2,
        "two scenarios, folded up"
    );
    // Nothing was refused by the page's own policy, nothing was missing.
    let log = String::from_utf8_lossy(&seen.stderr);
    for complaint in ["Content Security Policy", "Failed to load resource"] {
        assert!(!log.contains(complaint), "{log}");
    }
    // Narrow, wide and dark: pictures of it, none of them empty, and the dark one another.
    let picture = |name: &str, width: u32, more: &[&str]| {
        let file = served.place.path().join(name);
        run(&format!("--screenshot={}", file.display()), width, more);
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(&bytes[1..4], b"PNG");
        assert!(bytes.len() > 10_000, "an empty page: {} bytes", bytes.len());
        bytes
    };
    picture("narrow.png", 360, &[]);
    let light = picture(
        "light.png",
        1000,
        &["--blink-settings=preferredColorScheme=1"],
    );
    let dark = picture(
        "dark.png",
        1000,
        &["--blink-settings=preferredColorScheme=0"],
    );
    assert_ne!(light, dark);
}
