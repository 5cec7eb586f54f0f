//! The clock of this machine against that of the org: a token is only good for some minutes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use opencx_sf::config::{Config, References, Secrets};
use opencx_sf::doctor::{self, Verdict};
use opencx_sf::emulator::{self, EmulatedOrg, Options, Server};
use opencx_sf::plan::OrgFacts;
use opencx_sf::render;
use opencx_sf::sf::{Reader, Session};
use opencx_sf::template::Catalog;

use super::orgs::healthy;
use super::*;

/// Whatever stands in the config and its files.
struct Beside<'a>(&'a Place);

impl References for Beside<'_> {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, path: &std::path::Path) -> std::io::Result<String> {
        std::fs::read_to_string(self.0.path().join(path))
    }
}

/// The token's path, of an org whose clock is behind this machine's by so many seconds.
async fn behind(place: &Place, seconds: u64) -> Vec<(&'static str, Verdict, String)> {
    let behind = Duration::from_secs(seconds);
    let options = Options {
        clock: emulator::Clock::new(move || jiff::Timestamp::now() - behind),
        ..Options::default()
    };
    let state = place.path().join(".opencx/emulator/local");
    let org = EmulatedOrg::open(&state, &options).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let running = Server::start(org, address).await.unwrap();
    let path = place.path().join("opencx.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let config = Config::parse(&path, &text).unwrap();
    let beside = Beside(place);
    let target = config
        .target("local", &beside, Secrets::Unresolved)
        .unwrap();
    let integration = &target.integration;
    let token = running.access_token().clone();
    let version = integration.api_version;
    let session = Session::new(running.instance_url(), token, version).unwrap();
    let reader = Reader::new(session).unwrap();
    let facts = OrgFacts::ask(&reader, &target).await.unwrap();
    let rollout = render::rollout(integration, &Catalog::embedded()).unwrap();
    let section = integration.live_messaging.as_ref().unwrap();
    let mut settings = doctor::MessagingSettings::read(section, &beside);
    settings.request_token = true;
    let known = |symptom: &&doctor::Symptom| symptom.name == "access-token";
    let request = doctor::Request {
        symptom: doctor::SYMPTOMS.iter().find(known),
        ..doctor::Request::default()
    };
    let now = reader.clock().wall();
    let package = rollout.whole();
    let examined = doctor::examine(
        &reader,
        facts,
        integration,
        &package,
        now,
        request,
        Some(settings),
    );
    let found = examined.await.unwrap().findings.into_iter();
    found
        .filter(|one| ["doctor/miaw-token", "doctor/miaw-clock"].contains(&one.code.0))
        .map(|one| (one.code.0, one.verdict, one.found))
        .collect()
}

#[tokio::test]
async fn a_clock_that_is_wrong_takes_the_blame_and_not_the_key() {
    let place = healthy("  issuer: open.cx\n");
    let found = behind(&place, 0).await;
    assert_eq!(found[0].1, Verdict::Passed, "{found:?}");
    assert_eq!(found[1].1, Verdict::Passed, "{found:?}");
    let found = behind(&place, 1000).await;
    assert_eq!(found[0].1, Verdict::Unknown, "{found:?}");
    assert!(
        found[0].2.contains("clock alone would explain"),
        "{found:?}"
    );
    assert_eq!(found[1].1, Verdict::Unknown, "{found:?}");
    assert!(
        found[1].2.contains("seconds ahead of Salesforce's"),
        "{found:?}"
    );
}
