//! An org in which something is wrong, a message or Case that is saved while it is traced, and what
//! the trace tells. One process, in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

#[path = "common/world.rs"]
mod world;

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use opencx_sf::config::{Config, References, Secrets, Target};
use opencx_sf::conversation::{self, Found, Shown};
use opencx_sf::doctor::Verdict;
use opencx_sf::emulator::{self, Condition, EmulatedOrg, Running, Server};
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
use world::VirtualClock;

const SENDER: &str = "OpenCxOutboundEmailSender";

/// What must never be shown: in the webhook's URL, in mail, in addresses.
const CANARIES: [&str; 3] = ["c4nary-t0ken", "c4nary-text", "c4nary@customer.example"];

struct Webhook;

impl References for Webhook {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &Path) -> std::io::Result<String> {
        Ok("https://opencx.invalid/webhook/c4nary-t0ken\n".to_owned())
    }
}

/// A local org with everything in place, whose API user is OpenCX's.
struct Traced {
    org: EmulatedOrg,
    running: Running,
    target: Target,
    package: Package,
    reader: Reader,
    facts: OrgFacts,
    case: String,
    clock: Arc<VirtualClock>,
}

impl Traced {
    async fn new() -> Self {
        Self::with("").await
    }

    /// With more under `email_cases`.
    async fn with(more: &str) -> Self {
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

    async fn insert(&self, path: &str, fields: &Value) -> String {
        let url = self.running.instance_url().to_owned();
        post(
            url,
            self.running.access_token().expose().to_owned(),
            path,
            fields,
        )
        .await
    }

    fn reply(&self) -> (String, Value) {
        let fields = json!({
            "ParentId": self.case, "Incoming": false, "Status": "3",
            "Subject": "c4nary-text", "TextBody": "c4nary-text",
            "FromAddress": "support@acme.example", "ToAddress": "c4nary@customer.example",
        });
        ("sobjects/EmailMessage".to_owned(), fields)
    }

    fn saver(&self, saved: (String, Value)) -> Saver {
        Saver {
            saved: Some(saved),
            url: self.running.instance_url().to_owned(),
            token: self.running.access_token().expose().to_owned(),
            said: String::new(),
            stop: Rc::default(),
        }
    }

    /// Traces while that is saved.
    async fn told(&self, subject: &Subject, saved: (String, Value)) -> Outcome {
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

    async fn trace(&self, subject: &Subject, saver: &mut Saver) -> Result<Outcome, trace::Error> {
        let stop = Rc::clone(&saver.stop);
        let stopped = async || stop.notified().await;
        self.trace_with(subject, stopped, saver).await
    }

    async fn trace_with(
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

    async fn level_count(&self) -> usize {
        let query = format!("SELECT Id FROM DebugLevel WHERE DeveloperName LIKE '{LEVEL_PREFIX}%'");
        self.reader
            .tooling_query::<Value>(&query)
            .await
            .unwrap()
            .len()
    }

    async fn flag_count(&self) -> usize {
        let query = "SELECT Id FROM TraceFlag";
        self.reader
            .tooling_query::<Value>(query)
            .await
            .unwrap()
            .len()
    }

    async fn case(&self) -> Subject {
        let key = self.case.parse().unwrap();
        match conversation::find_case(&self.reader, &key).await.unwrap() {
            Found::Case(case) => Subject::Case(case),
            other => panic!("{other:?}"),
        }
    }
}

async fn post(url: String, token: String, path: &str, fields: &Value) -> String {
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
struct Saver {
    saved: Option<(String, Value)>,
    url: String,
    token: String,
    said: String,
    /// Told to stop the wait.
    stop: Rc<Notify>,
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

fn ended(outcome: &Outcome) -> (&str, Verdict, Vec<&str>) {
    assert_eq!(outcome.ending, Ending::Told);
    let conclusion = &outcome.story.as_ref().unwrap().conclusion;
    let causes = outcome.causes.iter().map(|cause| cause.code.0).collect();
    (conclusion.code.0, conclusion.verdict, causes)
}

fn steps(outcome: &Outcome) -> String {
    let steps = &outcome.story.as_ref().unwrap().steps;
    let texts: Vec<&str> = steps.iter().map(|step| step.text.as_str()).collect();
    texts.join("\n")
}

#[tokio::test]
async fn a_reply_is_followed_to_its_end_in_each_condition() {
    let mut traced = Traced::new().await;
    let case = traced.case().await;
    let told = traced.told(&case, traced.reply()).await;
    assert_eq!(
        ended(&told),
        ("trace/mail-handed-over", Verdict::Passed, vec![])
    );
    assert!(
        steps(&told).contains("OpenCxOutboundEmailSender ran"),
        "{}",
        steps(&told)
    );

    traced
        .org
        .set_conditions(&[Condition::DeliverabilityOff])
        .unwrap();
    let told = traced.told(&case, traced.reply()).await;
    let (code, verdict, causes) = ended(&told);
    assert_eq!((code, verdict), ("trace/mail-not-sent", Verdict::Failed));
    assert_eq!(causes.first(), Some(&"doctor/deliverability"));
    assert!(
        steps(&told).contains("NO_MASS_MAIL_PERMISSION"),
        "{}",
        steps(&told)
    );

    traced
        .org
        .set_conditions(&[Condition::MailLimitUsedUp])
        .unwrap();
    let told = traced.told(&Subject::NextEmail, traced.reply()).await;
    assert_eq!(ended(&told).0, "trace/mail-not-sent");
    assert!(
        steps(&told).contains("SINGLE_EMAIL_LIMIT_EXCEEDED"),
        "{}",
        steps(&told)
    );

    // Two at once: without its trigger the day's limit doesn't even matter.
    traced
        .org
        .set_trigger_status(SENDER, false, "Dana Admin")
        .unwrap();
    let told = traced.told(&case, traced.reply()).await;
    let (code, verdict, causes) = ended(&told);
    assert_eq!(
        (code, verdict),
        ("trace/trigger-did-not-run", Verdict::Failed)
    );
    assert_eq!(causes.first(), Some(&"doctor/sender-trigger"));
}

#[tokio::test]
async fn a_case_is_followed_to_the_webhooks_answer() {
    let mut traced = Traced::new().await;
    for (status, tries_again) in [(410, false), (500, true), (200, false)] {
        let port = webhook(status).await;
        let url = format!("http://127.0.0.1:{port}/c4nary-t0ken");
        traced
            .org
            .set_endpoint("OpenCX_Integration", &url, "Dana")
            .unwrap();
        let saved = (
            "sobjects/Case".to_owned(),
            json!({ "Subject": "c4nary-text" }),
        );
        let told = traced.told(&Subject::NextCase, saved).await;
        let (code, verdict, _) = ended(&told);
        let story = told.story.as_ref().unwrap();
        if status == 200 {
            assert_eq!((code, verdict), ("trace/case-announced", Verdict::Passed));
            continue;
        }
        assert_eq!((code, verdict), ("trace/webhook-refused", Verdict::Failed));
        assert!(
            steps(&told).contains(&format!("HTTP {status}")),
            "{}",
            steps(&told)
        );
        let effect = story.conclusion.effect.as_deref().unwrap();
        assert_eq!(effect.contains("tries again"), tries_again, "{effect}");
        assert_eq!(told.causes[0].code.0, "doctor/webhook-url");
    }
    let saved = (
        "sobjects/Case".to_owned(),
        json!({ "Case_From__c": "opencx" }),
    );
    let told = traced.told(&Subject::NextCase, saved).await;
    assert_eq!(
        ended(&told),
        ("trace/case-left-out", Verdict::Passed, vec![])
    );
}

#[tokio::test]
async fn an_event_is_followed_through_the_logs_of_automated_process() {
    let mut traced = Traced::with("  webhook: { async_context: event }\n").await;
    for (status, code) in [
        (200, "trace/case-announced"),
        (410, "trace/webhook-refused"),
    ] {
        let port = webhook(status).await;
        let url = format!("http://127.0.0.1:{port}/c4nary-t0ken");
        traced
            .org
            .set_endpoint("OpenCX_Integration", &url, "Dana")
            .unwrap();
        let saved = (
            "sobjects/Case".to_owned(),
            json!({ "Subject": "c4nary-text" }),
        );
        let told = traced.told(&Subject::NextCase, saved).await;
        assert_eq!(ended(&told).0, code, "{}", steps(&told));
        assert!(
            steps(&told).contains(&format!("HTTP {status}")),
            "{}",
            steps(&told)
        );
        let user = told
            .users
            .iter()
            .find(|user| user.name == "Automated Process")
            .unwrap();
        assert_eq!(user.traced, trace::Traced::Ours);
        let logs = &told.story.as_ref().unwrap().transactions;
        assert!(logs.len() > 1, "{logs:?}");
    }
}

#[tokio::test]
async fn what_can_not_be_seen_is_not_waited_for() {
    let mut traced = Traced::new().await;
    traced
        .org
        .set_conditions(&[Condition::EmailToCaseOff])
        .unwrap();
    let mut saver = traced.saver(traced.reply());
    saver.saved = None;
    let error = traced.trace(&Subject::NextEmail, &mut saver).await;
    assert!(matches!(error, Err(trace::Error::Unreadable { .. })));
    assert!(saver.said.contains("Removed"), "{}", saver.said);
    assert_eq!(
        (traced.level_count().await, traced.flag_count().await),
        (0, 0)
    );
}

/// A receiver that always answers that.
async fn webhook(status: u16) -> u16 {
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

#[tokio::test]
async fn flags_of_others_stay_and_leftovers_go() {
    let traced = Traced::new().await;
    // What a killed run has left, and what Dana has set for herself.
    let mut ids = Vec::new();
    for name in [LEVEL_PREFIX, "Danas"] {
        let level = json!({ "DeveloperName": name, "MasterLabel": name, "ApexCode": "FINE", "Callout": "INFO" });
        ids.push(traced.insert("tooling/sobjects/DebugLevel", &level).await);
    }
    let agent = traced
        .org
        .clone()
        .set_minimal_profile("Rita Rep", true)
        .unwrap();
    for (level, user, minutes) in [(&ids[0], &agent, 5), (&ids[1], &traced.facts.user_id, 60)] {
        let until = traced.clock.wall() + Duration::from_secs(60 * minutes);
        let until = until.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
        let flag = json!({
            "TracedEntityId": user, "LogType": "USER_DEBUG", "DebugLevelId": level,
            "ExpirationDate": until,
        });
        traced.insert("tooling/sobjects/TraceFlag", &flag).await;
    }
    traced.clock.machine_sleeps(Duration::from_secs(6 * 60));
    let told = traced.told(&Subject::NextEmail, traced.reply()).await;
    assert_eq!(ended(&told).0, "trace/mail-handed-over");
    let admin = told
        .users
        .iter()
        .find(|user| user.name == "Local Admin")
        .unwrap();
    assert!(
        matches!(&admin.traced, trace::Traced::Theirs { level, is_enough: true, .. } if level == "Danas"),
        "{admin:?}"
    );
    assert_eq!(traced.flag_count().await, 1, "Dana's flag stays");
}

/// Two traces in one org, the second of which begins when the first has waited for longer than a flag
/// lives by itself.
#[derive(Default)]
struct Two {
    first_is_old: Notify,
    second_traces: Cell<bool>,
    first_is_done: Cell<bool>,
}

struct First<'a> {
    two: &'a Two,
    saver: Saver,
}

impl Listener for First<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Waiting { left, .. } if left < Duration::from_secs(280) => {
                self.two.first_is_old.notify_one();
                if self.two.second_traces.get() {
                    self.saver.event(event);
                }
            }
            Event::Removed => self.two.first_is_done.set(true),
            _ => {}
        }
    }
}

struct Second<'a> {
    two: &'a Two,
    saver: Saver,
    looks: u32,
}

impl Listener for Second<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Tracing(users) => {
                let admin = users
                    .iter()
                    .find(|user| user.name == "Local Admin")
                    .unwrap();
                assert!(admin.traced.is_of_another_trace(), "{admin:?}");
                self.two.second_traces.set(true);
            }
            // The first look after the first trace finds out; what is saved then is logged.
            Event::Waiting { .. } if self.two.first_is_done.get() => {
                self.looks += 1;
                if self.looks > 1 {
                    self.saver.event(event);
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn two_traces_leave_each_other_alone() {
    let traced = Traced::new().await;
    let two = Two::default();
    let mut first = First {
        two: &two,
        saver: traced.saver(traced.reply()),
    };
    let case = (
        "sobjects/Case".to_owned(),
        json!({ "Case_From__c": "opencx" }),
    );
    let mut second = Second {
        two: &two,
        saver: traced.saver(case),
        looks: 0,
    };
    let never = async || std::future::pending().await;
    let (one, other) = tokio::join!(
        traced.trace_with(&Subject::NextEmail, never, &mut first),
        async {
            two.first_is_old.notified().await;
            traced
                .trace_with(&Subject::NextCase, never, &mut second)
                .await
        }
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(ended(&one).0, "trace/mail-handed-over");
    assert_eq!(ended(&other).0, "trace/case-left-out");
    for outcome in [&one, &other] {
        let mut users = outcome.users.iter();
        let admin = users.find(|user| user.name == "Local Admin").unwrap();
        assert_eq!(admin.traced, trace::Traced::Ours);
    }
    assert_eq!(
        (traced.level_count().await, traced.flag_count().await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_stopped_wait_and_one_in_vain_leave_nothing() {
    let traced = Traced::new().await;
    let mut saver = Saver {
        saved: None,
        url: String::new(),
        token: String::new(),
        said: "stop me".to_owned(),
        stop: Rc::default(),
    };
    let outcome = traced.trace(&Subject::NextEmail, &mut saver).await.unwrap();
    assert_eq!(outcome.ending, Ending::Interrupted);
    assert_eq!(
        (traced.level_count().await, traced.flag_count().await),
        (0, 0)
    );
    saver.said.clear();
    let outcome = traced.trace(&Subject::NextCase, &mut saver).await.unwrap();
    assert_eq!(outcome.ending, Ending::NothingHappened);
    assert_eq!(
        (traced.level_count().await, traced.flag_count().await),
        (0, 0)
    );
    assert!(saver.said.contains("Removed"));
}

#[tokio::test]
async fn a_conversation_names_the_cause_of_what_went_wrong_first() {
    let mut traced = Traced::new().await;
    traced
        .org
        .set_trigger_status(SENDER, false, "Dana Admin")
        .unwrap();
    let (path, fields) = traced.reply();
    traced.insert(&path, &fields).await;
    let incoming = json!({
        "ParentId": traced.case, "Incoming": true, "Status": "0", "FromAddress": "c4nary@customer.example",
        "Subject": "Re: c4nary-text", "TextBody": "c4nary-text ref:_00D5f4Lab._5005fXY1b:ref",
    });
    traced.insert("sobjects/EmailMessage", &incoming).await;
    let Subject::Case(case) = traced.case().await else {
        unreachable!()
    };
    let integration = &traced.target.integration;
    let now = traced.reader.clock().wall();
    let facts = traced.facts.clone();
    let found = conversation::examine(
        &traced.reader,
        facts,
        integration,
        &traced.package,
        now,
        *case,
    )
    .await
    .unwrap();
    let failed: Vec<&str> = found.of(Verdict::Failed).map(|one| one.code.0).collect();
    assert_eq!(
        failed[..2],
        ["doctor/sender-trigger", "doctor/replies-of-case"]
    );
    let messages = found.messages.as_ref().unwrap();
    assert_eq!(messages[0].writer, conversation::Writer::Opencx);
    assert_eq!(messages[1].tokens, [conversation::Token::RefId]);
    let shown = serde_json::to_string(&found).unwrap();
    for canary in CANARIES {
        assert!(!shown.contains(canary), "{canary}: {shown}");
    }
}
