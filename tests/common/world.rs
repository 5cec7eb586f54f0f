//! A local org and the tool's use cases in one process and in virtual time, with trouble between
//! them.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opencx_sf::config::{Config, References, Secrets, Target};
use opencx_sf::deploy::{self, Error, Event, Outcome, Surroundings, Tests};
use opencx_sf::emulator::{self, EmulatedOrg, Fault, Running, Server};
use opencx_sf::guard::{Consent, Touched};
use opencx_sf::journal::Ledger;
use opencx_sf::metadata::MetadataType;
use opencx_sf::package::{Rollout, Stage};
use opencx_sf::plan::{OrgFacts, Plan};
use opencx_sf::sf::{Clock, Deadlines, Reader, Session};
use opencx_sf::template::Catalog;
use opencx_sf::{dispatch, drift, render, uninstall};
use tokio::sync::Notify;

/// Is in every secret of a config.
pub const CANARY: &str = "c4nary";

/// Time that passes by waiting only, for both sides.
#[derive(Default)]
pub struct VirtualClock {
    passed: Mutex<Duration>,
    /// What the calendar is ahead of the waiting: the machine has slept.
    slept: Mutex<Duration>,
}

impl VirtualClock {
    /// The machine sleeps for so long, and its programs with it.
    pub fn machine_sleeps(&self, time: Duration) {
        *self.slept.lock().unwrap() += time;
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        *self.passed.lock().unwrap() += time;
        Box::pin(std::future::ready(()))
    }

    fn wall(&self) -> jiff::Timestamp {
        let start: jiff::Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        start + self.now() + *self.slept.lock().unwrap()
    }
}

/// Every file holds the webhook of that number.
struct Webhook(u64);

impl References for Webhook {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        let number = self.0;
        Ok(format!(
            "https://opencx.invalid/webhook/{CANARY}-{number}\n"
        ))
    }
}

/// What an org is to hold.
pub struct Wanted {
    pub target: Target,
    pub rollout: Rollout,
}

impl Wanted {
    /// Of the config with that webhook the component that holds a secret. Nothing of it has to be
    /// compiled or tested by the org.
    pub fn with_webhook(number: u64) -> Self {
        let text = "version: 1\n\
             email_cases:\n  webhook_url: ${file:webhook.txt}\n  \
             reply_to: support@acme.example\n  \
             outbound: { sender: { display_name: Acme Support } }\n\
             orgs: { dev: { emulator: {} } }\n";
        let config = Config::parse(Path::new("opencx.yaml"), text).unwrap();
        let target = config
            .target("dev", &Webhook(number), Secrets::Required)
            .unwrap();
        let whole = render::rollout(&target.integration, &Catalog::embedded()).unwrap();
        let mut package = whole.resolved().unwrap().whole();
        package
            .components
            .retain(|id, _| id.kind == MetadataType::NamedCredential);
        let name = "email-cases".to_owned();
        let rollout = Rollout::new(Stage { name, package }, []);
        Self { target, rollout }
    }
}

/// Takes down everything that is said and kept, and says yes to everything.
#[derive(Default)]
pub struct Listener {
    pub said: String,
    /// The process ends after so many more events.
    pub ends_after: Option<u32>,
    /// Told when the process is to end.
    pub end: Arc<Notify>,
    /// Done at each look at a deploy.
    pub at_progress: Option<Box<dyn Fn()>>,
}

impl Listener {
    fn yes() -> Consent {
        Consent {
            removal: true,
            ..Consent::default()
        }
    }
}

impl Surroundings for Listener {
    fn event(&mut self, event: Event<'_>) -> std::io::Result<()> {
        self.said.push_str(&format!("{event:?}\n"));
        if let (Event::Request(dispatch::Event::Progress(_)), Some(act)) =
            (&event, &self.at_progress)
        {
            act();
        }
        match &mut self.ends_after {
            Some(0) => self.end.notify_one(),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(())
    }

    fn consent(&mut self, _: &Plan) -> Consent {
        Self::yes()
    }

    fn consent_to_removal(&mut self, _: &OrgFacts, _: Touched<'_>, _: &Plan) -> Consent {
        Self::yes()
    }

    fn keep_backup(&mut self, files: &BTreeMap<String, String>) -> std::io::Result<String> {
        self.said.push_str(&format!("{files:?}\n"));
        Ok("backup".to_owned())
    }
}

/// An org, a clock, a folder for journals, and a session.
pub struct World {
    folder: tempfile::TempDir,
    pub clock: Arc<VirtualClock>,
    org: EmulatedOrg,
    running: Running,
    pub reader: Reader,
}

/// What every run of the tool gets.
pub fn options(check_only: bool) -> deploy::Options {
    deploy::Options {
        check_only,
        detach: false,
        quick: false,
        approved: None,
        one_step: true,
        allow_pending_jobs: false,
        assign: None,
        tests: Tests::default(),
        wait: Duration::from_secs(60),
    }
}

impl World {
    pub async fn new(wanted: &Wanted, fault: Option<Fault>) -> Self {
        let clock = Arc::<VirtualClock>::default();
        let time = Arc::clone(&clock);
        let options = emulator::Options {
            fault,
            clock: emulator::Clock::new(move || time.wall()),
            ..Default::default()
        };
        let org = EmulatedOrg::in_memory(&options).unwrap();
        // In memory where the system has such a folder: journals are flushed line by line.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory).unwrap()
        } else {
            tempfile::tempdir().unwrap()
        };
        Self::serve(wanted, folder, clock, org).await
    }

    async fn serve(
        wanted: &Wanted,
        folder: tempfile::TempDir,
        clock: Arc<VirtualClock>,
        org: EmulatedOrg,
    ) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let running = Server::start(org.clone(), address).await.unwrap();
        let session = Session::new(
            running.instance_url(),
            running.access_token().clone(),
            wanted.target.integration.api_version,
        )
        .unwrap();
        let reader = Reader::with(session, Deadlines::default(), Arc::clone(&clock) as _).unwrap();
        Self {
            folder,
            clock,
            org,
            running,
            reader,
        }
    }

    /// The same org without trouble.
    pub async fn calm(self, wanted: &Wanted) -> Self {
        self.running.shutdown().await;
        let org = self.org.without_fault();
        Self::serve(wanted, self.folder, self.clock, org).await
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.folder.path().join("journal")).unwrap()
    }

    /// One run of `deploy`; `None` when the process ended in the middle.
    pub async fn deploy(
        &self,
        wanted: &Wanted,
        options: &deploy::Options,
        listener: &mut Listener,
    ) -> Option<Result<Outcome, Error>> {
        let end = Arc::clone(&listener.end);
        let Wanted { target, rollout } = wanted;
        let ledger = self.ledger();
        tokio::select! {
            biased;
            () = end.notified() => None,
            result = deploy::deploy(
                &self.reader, target, rollout, options, &ledger, listener,
            ) => Some(result),
        }
    }

    /// One run of `uninstall`.
    pub async fn uninstall(
        &self,
        wanted: &Wanted,
        listener: &mut Listener,
    ) -> Option<Result<uninstall::Outcome, Error>> {
        let end = Arc::clone(&listener.end);
        let Wanted { target, rollout } = wanted;
        let ledger = self.ledger();
        let options = options(false);
        tokio::select! {
            biased;
            () = end.notified() => None,
            result = uninstall::uninstall(
                &self.reader, target, rollout, &options, &ledger, listener,
            ) => Some(result),
        }
    }

    /// The deploys that the org has received, without those that only validate.
    pub async fn received(&self) -> BTreeSet<String> {
        let requests = self.reader.deploy_requests().await.unwrap();
        let real = requests.iter().filter(|request| !request.check_only);
        real.map(|request| request.id.to_string()).collect()
    }

    /// Whether the org is as it is wanted, as far as it could be seen.
    pub async fn looks_clean(&self, wanted: &Wanted) -> Option<bool> {
        let wait = Duration::from_secs(60);
        let Wanted { target, rollout } = wanted;
        let survey = drift::survey(&self.reader, target, &rollout.whole(), None, wait).await;
        survey.ok().map(|survey| survey.plan.is_empty())
    }

    /// The secret that was found in what was said or written.
    pub fn secret_in(&self, said: &str) -> Option<String> {
        let token = self.running.access_token().expose();
        let bad = |text: &str| text.contains(CANARY) || text.contains(token);
        let files = std::fs::read_dir(self.folder.path().join("journal"));
        let mut texts = files.into_iter().flatten().map(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        texts
            .find(|text| bad(text))
            .or_else(|| bad(said).then(|| said.to_owned()))
    }
}
