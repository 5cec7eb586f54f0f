//! A login that is kept in the keyring of a Linux desktop: GNOME's, with a message bus of its own.

#![cfg(target_os = "linux")]
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

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use browser::{LOGIN, get, location};
use common::{Place, Ran};
use served::{CONFIG, Served};

/// The two programs, until the end of the test.
struct Desktop {
    bus: Child,
    keyring: Child,
    address: String,
}

impl Desktop {
    /// `home` is where the keyring's file is.
    fn start(home: &Path) -> Self {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a `dbus-daemon`");
        let mut address = String::new();
        let mut said = BufReader::new(bus.stdout.take().unwrap());
        said.read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        let mut keyring = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("HOME", home)
            .env("XDG_DATA_HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a `gnome-keyring-daemon`");
        let mut password = keyring.stdin.take().unwrap();
        password.write_all(b"of-the-keyring").unwrap();
        drop(password);
        // It names its socket once it can be asked.
        let mut said = BufReader::new(keyring.stdout.take().unwrap());
        said.read_line(&mut String::new()).unwrap();
        Self {
            bus,
            keyring,
            address,
        }
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in [&mut self.keyring, &mut self.bus] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

#[test]
fn a_login_is_kept_in_the_keyring_used_rotated_and_ended() {
    let place = Served::place();
    let auth = "auth: { login: { login_url: \"${env:LOGIN}\" } }";
    place.write("opencx.yaml", &CONFIG.replace("auth: env", auth));
    let served = Served::start(&place, &["--fault", "rotate-refresh-tokens"]);
    let home = Place::with_config("");
    let desktop = Desktop::start(home.path());
    let command = |args: &[&str]| {
        let mut command = place.command(args);
        command
            .env("LOGIN", &served.instance_url)
            .env("XDG_CONFIG_HOME", place.path().join("settings"))
            .env("DBUS_SESSION_BUS_ADDRESS", &desktop.address);
        command
    };
    let run = |args: &[&str]| -> Ran { command(args).output().unwrap().into() };

    let ran = browser::login(command(&LOGIN), |url| {
        get(&location(&get(url)));
    })
    .exits(0);
    let place_of_it = "The login is kept in the system's keyring.";
    assert!(ran.err.contains(place_of_it), "{}", ran.err);
    let file = place.path().join("settings/opencx-sf/logins.json");
    let kept = || std::fs::read_to_string(&file).unwrap();
    assert!(kept().contains("local.admin@local.example"), "{}", kept());
    assert!(!kept().contains("efreshToken"), "{}", kept());

    // Each use gives a new refresh token, and the old one is dead.
    for _ in 0..2 {
        let ran = run(&["orgs", "--json"]).exits(0);
        let user = &ran.json()["orgs"][0]["standing"]["username"];
        assert_eq!(user, "local.admin@local.example", "{}", ran.out);
    }
    assert!(!kept().contains("efreshToken"), "{}", kept());

    // Elsewhere, where that keyring is not, the login can't be used, and it is said why.
    let mut elsewhere = command(&["orgs"]);
    elsewhere.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    let ran: Ran = elsewhere.output().unwrap().into();
    assert!(ran.err.contains("error[auth/no-keyring]"), "{}", ran.err);

    run(&["logout", "-o", "dev"]).exits(0);
    assert!(!kept().contains("local.admin"), "{}", kept());
    let after = run(&["plan", "-o", "dev"]).exits(4);
    assert!(
        after.err.contains("error[auth/not-logged-in]"),
        "{}",
        after.err
    );
}

#[test]
fn without_a_session_bus_there_is_no_keyring_and_the_file_takes_its_place() {
    let place = Served::place();
    let auth = "auth: { login: { login_url: \"${env:LOGIN}\" } }";
    place.write("opencx.yaml", &CONFIG.replace("auth: env", auth));
    let served = Served::start(&place, &[]);
    let mut command = place.command(&LOGIN);
    command
        .env("LOGIN", &served.instance_url)
        .env("XDG_CONFIG_HOME", place.path().join("settings"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    let ran = browser::login(command, |url| {
        get(&location(&get(url)));
    })
    .exits(0);
    let warning = "logins.json, readable by this user only and not encrypted";
    assert!(ran.err.contains(warning), "{}", ran.err);
}
