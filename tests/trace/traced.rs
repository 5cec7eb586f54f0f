//! A local org whose Apex is logged, and somebody who saves something while it is.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::world::VirtualClock;
use opencx_sf::config::{Config, References, Secrets, Target};
use opencx_sf::conversation::{self, Found, Shown};
use opencx_sf::doctor::Verdict;
use opencx_sf::emulator::{self, EmulatedOrg, Running, Server};
use opencx_sf::package::Package;
use opencx_sf::plan::OrgFacts;
use opencx_sf::sf::{Clock, Deadlines, Reader, Session};
use opencx_sf::template::Catalog;
use opencx_sf::trace::{
    self, Ending, Event, LEVEL_PREFIX, Listener, Options, Outcome, Scene, Subject,
};
use opencx_sf::{guard, render};
use serde_json::{Value, json};
use tokio::sync::Notify;

pub const SENDER: &str = "OpenCxOutboundEmailSender";

/// What must never be shown: in the webhook's URL, in mail, in addresses.
pub const CANARIES: [&str; 3] = ["c4nary-t0ken", "c4nary-text", "c4nary@customer.example"];

pub struct Webhook;

impl References for Webhook {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        Ok("https://opencx.invalid/webhook/c4nary-t0ken\n".to_owned())
    }
}

/// A local org with everything in place, whose API user is OpenCX's.
pub struct Traced {
    pub org: EmulatedOrg,
    pub running: Running,
    pub target: Target,
    pub package: Package,
    pub reader: Reader,
    pub facts: OrgFacts,
    pub case: String,
    pub clock: Arc<VirtualClock>,
}

impl Traced {
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// With more under `email_cases`.
    pub async fn with(more: &str) -> Self {
        let text = format!(
            "version: 1\nemail_cases:\n  webhook_url: ${{file:w}}\n  \
             reply_to: support@acme.example\n  \
             outbound: {{ sender: {{ display_name: Acme Support }} }}\n{more}\
             orgs: {{ dev: {{ emulator: {{}} }} }}\n"
        );
        let config = Config::parse(Path::new("opencx.yaml"), &text).unwrap();
        let target = config.target("dev", &Webhook, Secrets::Required).unwrap();
        let rollout = render::rollout(&target.integration, &Catalog::embedded()).unwrap();
        let package = rollout.whole();
        let clock = Arc::<VirtualClock>::default();
        let time = Arc::clone(&clock);
        let options = emulator::Options {
            clock: emulator::Clock::new(move || time.wall()),
            ..Default::default()
        };
        let mut org = EmulatedOrg::in_memory(&options).unwrap();
        let problems = org
            .install(&package.resolved().unwrap().zip().unwrap())
            .unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        org.finish_setup("support@acme.example", &[]).unwrap();
        org.assign("OpenCX_Integration", "Local Admin").unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let running = Server::start(org.clone(), address).await.unwrap();
        let token = running.access_token().clone();
        let version = target.integration.api_version;
        let session = Session::new(running.instance_url(), token, version).unwrap();
        let reader = Reader::with(session, Deadlines::default(), Arc::clone(&clock) as _).unwrap();
        let facts = OrgFacts::ask(&reader, &target).await.unwrap();
        let mut traced = Self {
            org,
            running,
            target,
            package,
            reader,
            facts,
            case: String::new(),
            clock: Arc::clone(&clock),
        };
        traced.case = traced
            .insert("sobjects/Case", &json!({ "Case_From__c": "opencx" }))
            .await;
        // What was there before is older than what comes.
        clock.machine_sleeps(Duration::from_secs(60));
        traced
    }

    pub async fn insert(&self, path: &str, fields: &Value) -> String {
        let url = self.running.instance_url().to_owned();
        post(
            url,
            self.running.access_token().expose().to_owned(),
            path,
            fields,
        )
        .await
    }

    pub fn reply(&self) -> (String, Value) {
        let fields = json!({
            "ParentId": self.case, "Incoming": false, "Status": "3",
            "Subject": "c4nary-text", "TextBody": "c4nary-text",
            "FromAddress": "support@acme.example", "ToAddress": "c4nary@customer.example",
        });
        ("sobjects/EmailMessage".to_owned(), fields)
    }

    pub fn saver(&self, saved: (String, Value)) -> Saver {
        Saver {
            saved: Some(saved),
            url: self.running.instance_url().to_owned(),
            token: self.running.access_token().expose().to_owned(),
            said: String::new(),
            stop: Rc::default(),
        }
    }

    /// Traces while that is saved.
    pub async fn told(&self, subject: &Subject, saved: (String, Value)) -> Outcome {
        let mut saver = self.saver(saved);
        let outcome = self.trace(subject, &mut saver).await.unwrap();
        self.clock.machine_sleeps(Duration::from_secs(60));
        assert_eq!(self.level_count().await, 0, "everything is removed");
        let shown = serde_json::to_string(&outcome).unwrap() + &saver.said;
        for canary in CANARIES {
            assert!(!shown.contains(canary), "{canary}: {shown}");
        }
        outcome
    }

    pub async fn trace(
        &self,
        subject: &Subject,
        saver: &mut Saver,
    ) -> Result<Outcome, trace::Error> {
        let stop = Rc::clone(&saver.stop);
        let stopped = async || stop.notified().await;
        self.trace_with(subject, stopped, saver).await
    }

    pub async fn trace_with(
        &self,
        subject: &Subject,
        stopped: impl AsyncFn(),
        listener: &mut impl Listener,
    ) -> Result<Outcome, trace::Error> {
        let writer = guard::authorize_trace(&self.target, &self.facts, &self.reader).unwrap();
        let scene = Scene {
            writer: &writer,
            org: &self.facts,
            target: &self.target,
            package: &self.package,
        };
        let options = Options {
            wait: Duration::from_secs(600),
            users: Vec::new(),
            shown: Shown::default(),
        };
        trace::trace(&scene, subject, &options, stopped, listener).await
    }

    pub async fn level_count(&self) -> usize {
        let query = format!("SELECT Id FROM DebugLevel WHERE DeveloperName LIKE '{LEVEL_PREFIX}%'");
        self.reader
            .tooling_query::<Value>(&query)
            .await
            .unwrap()
            .len()
    }

    pub async fn flag_count(&self) -> usize {
        let query = "SELECT Id FROM TraceFlag";
        self.reader
            .tooling_query::<Value>(query)
            .await
            .unwrap()
            .len()
    }

    pub async fn case(&self) -> Subject {
        let key = self.case.parse().unwrap();
        match conversation::find_case(&self.reader, &key).await.unwrap() {
            Found::Case(case) => Subject::Case(case),
            other => panic!("{other:?}"),
        }
    }
}

pub async fn post(url: String, token: String, path: &str, fields: &Value) -> String {
    let answer: Value = reqwest::Client::new()
        .post(format!("{url}/services/data/v66.0/{path}"))
        .bearer_auth(token)
        .json(fields)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    answer["id"].as_str().unwrap().to_owned()
}

/// Saves something as soon as it is waited for.
pub struct Saver {
    pub saved: Option<(String, Value)>,
    pub url: String,
    pub token: String,
    pub said: String,
    /// Told to stop the wait.
    pub stop: Rc<Notify>,
}

impl Listener for Saver {
    fn event(&mut self, event: Event<'_>) {
        self.said.push_str(&format!("{event:?}\n"));
        if !matches!(event, Event::Waiting { .. }) {
            return;
        }
        match self.saved.take() {
            Some((path, fields)) => {
                let (url, token) = (self.url.clone(), self.token.clone());
                tokio::spawn(async move { post(url, token, &path, &fields).await });
            }
            None if self.said.contains("stop me") => self.stop.notify_one(),
            None => {}
        }
    }
}

pub fn ended(outcome: &Outcome) -> (&str, Verdict, Vec<&str>) {
    assert_eq!(outcome.ending, Ending::Told);
    let conclusion = &outcome.story.as_ref().unwrap().conclusion;
    let causes = outcome.causes.iter().map(|cause| cause.code.0).collect();
    (conclusion.code.0, conclusion.verdict, causes)
}

pub fn steps(outcome: &Outcome) -> String {
    let steps = &outcome.story.as_ref().unwrap().steps;
    let texts: Vec<&str> = steps.iter().map(|step| step.text.as_str()).collect();
    texts.join("\n")
}

/// A receiver that always answers that.
pub async fn webhook(status: u16) -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = [0; 4096];
            let _ = stream.read(&mut seen).await;
            let answer =
                format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    port
}
