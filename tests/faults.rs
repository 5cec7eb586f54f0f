//! Trouble between the tool and an org, by name, in virtual time. Whatever happens:
//! nothing is deployed twice, nothing is called done or clean that isn't, and no secret is in any
//! byte that is written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

#[path = "common/world.rs"]
mod world;

use std::sync::Arc;
use std::time::Duration;

use opencx_sf::deploy::{Error, Outcome};
use opencx_sf::emulator::{Fault, Trouble};
use opencx_sf::package::{Rollout, Stage};
use opencx_sf::sf::Clock as _;
use world::{Listener, Wanted, World, options};

/// How one run ended, in a word: `done`, or the code of the finding.
fn word(result: &Result<Outcome, Error>) -> String {
    match result {
        Ok(outcome) if outcome.is_partial() => "partly deployed".to_owned(),
        Ok(outcome) if outcome.is_contradictory() => "undetermined".to_owned(),
        Ok(outcome) if outcome.deployed() => "done".to_owned(),
        Ok(_) => "failed".to_owned(),
        Err(Error::Fault {
            started: Some(_), ..
        }) => "deploy/contact-lost".to_owned(),
        Err(Error::Fault { fault, .. }) => fault.to_diagnostic("dev").code.0.to_owned(),
        Err(Error::Unsettled { .. }) => "deploy/outcome-unknown".to_owned(),
        Err(other) => other.to_string(),
    }
}

/// Each trouble, how a deploy under it ends, and how many deploys the org has received by then.
const NAMED: &[(&str, &str, usize)] = &[
    ("reset-once", "done", 1),
    ("reset-always", "sf/connection-lost", 0),
    ("reset-start", "deploy/outcome-unknown", 0),
    ("lost-start", "done", 1),
    ("reset-status", "done", 1),
    ("late-start", "done", 1),
    ("reset-while-sending", "deploy/outcome-unknown", 0),
    ("reset-while-reading", "done", 1),
    ("reset-while-reading-start", "done", 1),
    ("reset-status-always", "deploy/contact-lost", 1),
    ("gateway-page", "done", 1),
    ("gateway-page-status", "done", 1),
    ("gateway-page-503", "done", 1),
    ("gateway-page-504", "done", 1),
    ("gateway-page-start", "done", 1),
    ("retry-after", "done", 1),
    ("retry-after-date", "done", 1),
    ("too-many-requests", "done", 1),
    ("no-org", "sf/no-org", 0),
    ("unknown-exception-once", "done", 1),
    ("unknown-exception-start", "done", 1),
    ("soap-fault-500", "done", 1),
    ("soap-fault-200", "sf/insufficient-access", 0),
    ("empty-500-once", "done", 1),
    ("bad-message-status", "done", 1),
    ("bad-message-start", "sf/unexpected-content", 0),
    ("maintenance", "sf/unavailable", 0),
    ("maintenance-status", "deploy/contact-lost", 1),
    ("request-limit", "sf/request-limit", 0),
    ("request-limit-status", "deploy/contact-lost", 1),
    ("limit-near", "sf/requests-nearly-spent", 0),
    ("limit-near-status", "deploy/contact-lost", 1),
    ("login-page", "sf/unexpected-content", 0),
    ("json-for-xml", "sf/unexpected-content", 0),
    ("xml-for-json", "sf/unexpected-content", 0),
    ("byte-order-mark", "done", 1),
    ("half-an-answer-start", "done", 1),
    ("no-id-start", "done", 1),
    ("moved", "sf/redirect-refused", 0),
    ("token-expires-at-start", "sf/token-refused", 0),
    ("token-expires-in-retrieve", "sf/token-refused", 0),
    ("token-expires-in-poll", "deploy/contact-lost", 1),
    ("not-allowed-to-deploy", "sf/insufficient-access", 0),
    ("locked-twice", "done", 1),
    ("locked-for-ever", "sf/rest-error", 0),
    ("row-locked-twice", "done", 1),
    ("aged-out", "deploy/contact-lost", 1),
    ("odd-id-once", "done", 1),
    ("odd-dates", "done", 1),
    ("pending-for-ever", "deploy/contact-lost", 1),
    ("counters-go-down", "done", 1),
    ("finalizing", "done", 1),
    ("finalizing-failed", "failed", 1),
    ("done-missing", "done", 1),
    ("cancel-while-finalizing", "done", 1),
    ("no-reason", "failed", 1),
    ("success-with-failures", "undetermined", 1),
    ("succeeded-partial", "partly deployed", 1),
    ("rows-of-others", "done", 1),
    ("unknown-status-word", "done", 1),
];

#[tokio::test]
async fn every_trouble_that_has_a_name() {
    let tested: Vec<&str> = NAMED.iter().map(|(name, ..)| *name).collect();
    assert_eq!(tested, Trouble::names().collect::<Vec<_>>());
    let wanted = Wanted::with_webhook(1);
    let mut wrong = Vec::new();
    for (name, expected, received) in NAMED {
        let trouble = Trouble::named(name).unwrap();
        let world = World::new(&wanted, Some(Fault::Trouble(trouble))).await;
        let mut listener = Listener::default();
        let result = world
            .deploy(&wanted, &options(false), &mut listener)
            .await
            .unwrap();
        let ended = word(&result);
        listener.said.push_str(&format!("{result:?}"));
        assert_eq!(world.secret_in(&listener.said), None, "{name}");

        // What comes after knows what is going on.
        let world = world.calm(&wanted).await;
        let after_trouble = world.received().await.len();
        let again = world
            .deploy(&wanted, &options(false), &mut Listener::default())
            .await
            .unwrap();
        let total = world.received().await.len();
        let clean = world.looks_clean(&wanted).await;
        if ended != *expected
            || after_trouble != *received
            || word(&again) != "done"
            || total != 1
            || clean != Some(true)
        {
            wrong.push(format!(
                "{name}: {ended}, {after_trouble} received; again: {}, {total} received, clean: \
                 {clean:?}\n{result:?}\n{again:?}",
                word(&again)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn a_machine_that_sleeps_in_a_poll_goes_on() {
    let trouble = Trouble::named("unknown-status-word").unwrap();
    let wanted = Wanted::with_webhook(1);
    let world = World::new(&wanted, Some(Fault::Trouble(trouble))).await;
    let clock = Arc::clone(&world.clock);
    let mut listener = Listener {
        // Six hours pass on the calendar alone, many times longer than the deploy is waited for.
        at_progress: Some(Box::new(move || {
            clock.machine_sleeps(Duration::from_secs(21_600))
        })),
        ..Listener::default()
    };
    let result = world.deploy(&wanted, &options(false), &mut listener).await;
    assert_eq!(word(&result.unwrap()), "done");
    assert!(world.clock.wall() > "2026-11-20T16:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn a_server_that_asks_for_time_gets_it() {
    let wanted = Wanted::with_webhook(1);
    for (name, least) in [
        ("retry-after", 7),
        ("retry-after-date", 9),
        ("too-many-requests", 2),
        ("locked-twice", 3),
        ("row-locked-twice", 3),
    ] {
        let trouble = Trouble::named(name).unwrap();
        let world = World::new(&wanted, Some(Fault::Trouble(trouble))).await;
        let before = world.clock.now();
        let result = world
            .deploy(&wanted, &options(false), &mut Listener::default())
            .await
            .unwrap();
        assert_eq!(word(&result), "done", "{name}");
        assert!(
            world.clock.now() - before >= Duration::from_secs(least),
            "{name}"
        );
    }
}

/// With hardly any requests left none is spent on looking.
#[tokio::test]
async fn a_deploy_is_out_of_sight_rather_than_the_last_requests_are_spent() {
    let wanted = Wanted::with_webhook(1);
    let looks = async |name| {
        let trouble = Trouble::named(name).unwrap();
        let world = World::new(&wanted, Some(Fault::Trouble(trouble))).await;
        let mut listener = Listener::default();
        let result = world
            .deploy(&wanted, &options(false), &mut listener)
            .await
            .unwrap();
        (listener.said.matches("Progress(").count(), result)
    };
    let (many, _) = looks("unknown-status-word").await;
    let (one, result) = looks("limit-near-status").await;
    assert!(many > 1);
    assert_eq!(one, 1);
    let Err(Error::Fault { fault, .. }) = result else {
        panic!("{result:?}");
    };
    let finding = fault.to_diagnostic("dev");
    assert!(
        finding.help.unwrap().contains("counts 24 hours back"),
        "{}",
        finding.message
    );
}

#[tokio::test]
async fn a_host_without_an_org_is_asked_twice() {
    let wanted = Wanted::with_webhook(1);
    let trouble = Trouble::named("no-org").unwrap();
    let world = World::new(&wanted, Some(Fault::Trouble(trouble))).await;
    world.reader.identity().await.unwrap_err();
    assert_eq!(world.reader.requests(), 2);
}

#[tokio::test]
async fn a_package_that_no_org_takes_is_refused_before_one_is_asked_anything() {
    let mut wanted = Wanted::with_webhook(1);
    let mut package = wanted.rollout.whole();
    let component = package.components.values().next().unwrap().clone();
    for number in 0..10_000 {
        let mut copy = component.clone();
        copy.id = format!("NamedCredential:Copy{number}").parse().unwrap();
        package.components.insert(copy.id.clone(), copy);
    }
    let name = "email-cases".to_owned();
    wanted.rollout = Rollout::new(Stage { name, package }, []);
    let world = World::new(&wanted, None).await;
    let result = world
        .deploy(&wanted, &options(false), &mut Listener::default())
        .await
        .unwrap();
    assert!(
        matches!(&result, Err(Error::Refused(refusals)) if refusals.len() == 1),
        "{result:?}"
    );
    assert_eq!(world.reader.requests(), 0);
}
