//! Trouble between the tool and an org, by name and by chance, in virtual time. Whatever happens:
//! nothing is deployed twice, nothing is called done or clean that isn't, and no secret is in any
//! byte that is written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opencx_sf::config::{Config, References, Secrets, Target};
use opencx_sf::deploy::{self, Error, Event, Outcome, Surroundings, Tests};
use opencx_sf::drift;
use opencx_sf::emulator::{self, Chance, EmulatedOrg, Fault, Running, Server, Trouble};
use opencx_sf::guard::Consent;
use opencx_sf::journal::Ledger;
use opencx_sf::metadata::{ComponentId, MetadataType};
use opencx_sf::package::{Rollout, Stage};
use opencx_sf::plan::{OrgFacts, Plan};
use opencx_sf::render;
use opencx_sf::sf::{Clock, Deadlines, Reader, Session};
use opencx_sf::template::Catalog;
use tokio::sync::Notify;

const CANARY: &str = "c4nary";

/// Time that passes by waiting only, for both sides.
#[derive(Default)]
struct VirtualClock(Mutex<Duration>);

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        *self.0.lock().unwrap() += time;
        Box::pin(std::future::ready(()))
    }
}

/// The webhook of a seed is what every file holds.
struct Webhook(u64);

impl References for Webhook {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        Ok(format!(
            "https://opencx.invalid/webhook/{CANARY}-{}\n",
            self.0
        ))
    }
}

/// The config with that webhook, and of its components one that holds a secret.
fn wanted(seed: u64) -> (Target, Rollout) {
    let text = "version: 1\n\
         email_cases:\n  webhook_url: ${file:webhook.txt}\n  \
         reply_to: support@acme.example\n  \
         outbound: { sender: { display_name: Acme Support } }\n\
         orgs: { dev: { emulator: {} } }\n";
    let config = Config::parse(Path::new("opencx.yaml"), text).unwrap();
    let target = config
        .target("dev", &Webhook(seed), Secrets::Required)
        .unwrap();
    let whole = render::rollout(&target.integration, &Catalog::embedded()).unwrap();
    let mut package = whole.resolved().unwrap().whole();
    package
        .components
        .retain(|id, _| id.kind == MetadataType::NamedCredential);
    let name = "email-cases".to_owned();
    (target, Rollout::new(Stage { name, package }, []))
}

/// Everything that is said and kept.
#[derive(Default)]
struct Listener {
    said: String,
    /// After so many events the process is gone.
    dies_after: Option<u32>,
    gone: Rc<Notify>,
}

impl Surroundings for Listener {
    fn event(&mut self, event: Event<'_>) -> std::io::Result<()> {
        self.said.push_str(&format!("{event:?}\n"));
        if let Some(left) = &mut self.dies_after {
            if *left == 0 {
                self.gone.notify_one();
            }
            *left = left.saturating_sub(1);
        }
        Ok(())
    }

    fn consent(&mut self, _: &Plan) -> Consent {
        Consent::default()
    }

    fn consent_to_removal(&mut self, _: &OrgFacts, _: &[ComponentId], _: &Plan) -> Consent {
        Consent::default()
    }

    fn keep_backup(&mut self, files: &BTreeMap<String, String>) -> std::io::Result<String> {
        self.said.push_str(&format!("{files:?}\n"));
        Ok("backup".to_owned())
    }
}

struct World {
    folder: tempfile::TempDir,
    clock: Arc<VirtualClock>,
    running: Running,
    reader: Reader,
}

impl World {
    async fn new(fault: Option<Fault>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::in_folder(folder, Arc::default(), fault).await
    }

    async fn in_folder(
        folder: tempfile::TempDir,
        clock: Arc<VirtualClock>,
        fault: Option<Fault>,
    ) -> Self {
        let time = Arc::clone(&clock);
        let start: jiff::Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let options = emulator::Options {
            fault,
            clock: emulator::Clock::new(move || start + time.now()),
            ..Default::default()
        };
        let org = EmulatedOrg::open(&folder.path().join("org"), &options).unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let running = Server::start(org, address).await.unwrap();
        let (target, _) = wanted(1);
        let session = Session::new(
            running.instance_url(),
            running.access_token().clone(),
            target.integration.api_version,
        )
        .unwrap();
        let reader = Reader::with(session, Deadlines::default(), Arc::clone(&clock) as _).unwrap();
        Self {
            folder,
            clock,
            running,
            reader,
        }
    }

    /// The same org without trouble.
    async fn calm(self) -> Self {
        self.running.shutdown().await;
        Self::in_folder(self.folder, self.clock, None).await
    }

    /// One run of the tool; `None` when it was killed.
    async fn run(&self, seed: u64, listener: &mut Listener) -> Option<Result<Outcome, Error>> {
        let (target, rollout) = wanted(seed);
        let options = deploy::Options {
            check_only: false,
            detach: false,
            quick: false,
            approved: None,
            tests: Tests::default(),
            wait: Duration::from_secs(60),
        };
        let ledger = Ledger::open(&self.folder.path().join("journal")).unwrap();
        let gone = Rc::clone(&listener.gone);
        tokio::select! {
            biased;
            () = gone.notified() => None,
            result = deploy::deploy(
                &self.reader, &target, &rollout, &options, &ledger, listener,
            ) => Some(result),
        }
    }

    /// The ids of the deploys that the org has received.
    async fn received(&self) -> BTreeSet<String> {
        let requests = self.reader.deploy_requests().await.unwrap();
        let ids = requests.iter().map(|request| request.id.to_string());
        ids.collect()
    }

    /// Whether the org is as the config of that seed wants it, as far as it could be seen.
    async fn looks_clean(&self, seed: u64) -> Option<bool> {
        let (target, rollout) = wanted(seed);
        let wait = Duration::from_secs(60);
        let survey = drift::survey(&self.reader, &target, &rollout.whole(), wait).await;
        survey.ok().map(|survey| survey.plan.is_empty())
    }

    /// No byte of what was said or written holds a secret.
    #[track_caller]
    fn keeps_secrets(&self, said: &str) {
        let token = self.running.access_token().expose();
        for entry in walkdir::WalkDir::new(self.folder.path().join("journal")) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                assert!(!text.contains(CANARY) && !text.contains(token), "{text}");
            }
        }
        assert!(!said.contains(CANARY) && !said.contains(token), "{said}");
    }
}

/// How one run ended, in a word: `done`, or the code of the finding.
fn word(result: &Result<Outcome, Error>) -> String {
    match result {
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
    ("reset-status-always", "deploy/contact-lost", 1),
    ("gateway-page", "done", 1),
    ("gateway-page-status", "done", 1),
    ("gateway-page-start", "done", 1),
    ("retry-after", "done", 1),
    ("too-many-requests", "done", 1),
    ("no-org", "sf/no-org", 0),
    ("unknown-exception-once", "done", 1),
    ("unknown-exception-start", "done", 1),
    ("empty-500-once", "done", 1),
    ("bad-message-status", "done", 1),
    ("bad-message-start", "sf/unexpected-content", 0),
    ("maintenance", "sf/unavailable", 0),
    ("maintenance-status", "deploy/contact-lost", 1),
    ("request-limit", "sf/request-limit", 0),
    ("request-limit-status", "deploy/contact-lost", 1),
    ("login-page", "sf/unexpected-content", 0),
    ("half-an-answer-start", "done", 1),
    ("moved", "sf/redirect-refused", 0),
    ("token-expires-in-poll", "deploy/contact-lost", 1),
    ("not-allowed-to-deploy", "sf/insufficient-access", 0),
    ("locked-twice", "done", 1),
    ("aged-out", "deploy/contact-lost", 1),
    ("odd-id-once", "done", 1),
    ("unknown-status-word", "done", 1),
];

#[tokio::test]
async fn every_trouble_that_has_a_name() {
    let tested: Vec<&str> = NAMED.iter().map(|(name, ..)| *name).collect();
    assert_eq!(tested, Trouble::names().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for (name, expected, received) in NAMED {
        let trouble = Trouble::named(name).unwrap();
        let world = World::new(Some(Fault::Trouble(trouble))).await;
        let mut listener = Listener::default();
        let result = world.run(1, &mut listener).await.unwrap();
        let ended = word(&result);
        listener.said.push_str(&format!("{result:?}"));
        world.keeps_secrets(&listener.said);

        // What comes after knows what is going on.
        let world = world.calm().await;
        let after_trouble = world.received().await.len();
        let again = world.run(1, &mut Listener::default()).await.unwrap();
        let total = world.received().await.len();
        let clean = world.looks_clean(1).await;
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
async fn a_server_that_asks_for_time_gets_it() {
    for (name, least) in [
        ("retry-after", 7),
        ("too-many-requests", 2),
        ("locked-twice", 3),
    ] {
        let trouble = Trouble::named(name).unwrap();
        let world = World::new(Some(Fault::Trouble(trouble))).await;
        let before = world.clock.now();
        let result = world.run(1, &mut Listener::default()).await.unwrap();
        assert_eq!(word(&result), "done", "{name}");
        assert!(
            world.clock.now() - before >= Duration::from_secs(least),
            "{name}"
        );
    }
}

/// How many schedules are played: `OPENCX_SF_FAULT_RUNS`, else a number for every day.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is told by its environment how long it may take"
)]
fn runs() -> u64 {
    let wanted = std::env::var("OPENCX_SF_FAULT_RUNS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(12)
}

#[tokio::test]
async fn any_trouble_at_all() {
    let chance = Chance::new(0);
    let world = World::new(Some(Fault::Chance(chance.clone()))).await;
    let (mut killed, mut lost, mut done) = (0, 0, 0);
    for seed in 1..=runs() {
        let before = world.received().await;

        // A drifted org is never called clean.
        chance.set(seed);
        assert_ne!(world.looks_clean(seed).await, Some(true), "seed {seed}");

        for attempt in 0_u32..4 {
            let last = attempt == 3;
            let bad = seed.wrapping_mul(31).wrapping_add(u64::from(attempt));
            chance.set(if last { 0 } else { bad });
            let dies = !last && bad.is_multiple_of(3);
            let mut listener = Listener {
                dies_after: dies.then_some(u32::try_from(bad % 11).unwrap()),
                ..Listener::default()
            };
            let result = world.run(seed, &mut listener).await;
            listener.said.push_str(&format!("{result:?}"));
            world.keeps_secrets(&listener.said);
            chance.set(0);
            let received = world.received().await;
            let new = received.difference(&before).count();
            assert!(
                new <= 1,
                "seed {seed}, attempt {attempt}: {new} deploys\n{result:?}"
            );
            match &result {
                None => killed += 1,
                Some(Ok(outcome)) => {
                    done += 1;
                    assert!(outcome.deployed(), "seed {seed}: {outcome:?}");
                    let clean = world.looks_clean(seed).await;
                    assert_eq!(clean, Some(true), "seed {seed}, attempt {attempt}");
                }
                Some(Err(_)) if !last => lost += 1,
                Some(Err(error)) => panic!("seed {seed}: {error:?}"),
            }
        }
        // A day later, so that the org's list of deploys stays short.
        world.clock.sleep(Duration::from_secs(86_400)).await;
        std::fs::remove_dir_all(world.folder.path().join("journal")).unwrap();
    }
    // The schedules are worth the name.
    assert!(killed > 0 && lost > 0 && done > 0, "{killed} {lost} {done}");
}
