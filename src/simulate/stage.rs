//! Carries out what happens in a scenario.

use serde_json::json;

use super::Stop;
use super::facts::Facts;
use super::observe;
use super::receiver::Script;
use super::scenario::{Action, Answer, Keeps, Person, Setup};
use crate::emulator::activity::Mail;
use crate::emulator::email_to_case::{self, IncomingMail, fields};
use crate::emulator::runtime::{LiveOrg, Outcome, User};
use crate::emulator::{EmulatedOrg, Fields, Staff};
use crate::metadata::{ComponentId, MetadataType};

const CUSTOMER: (&str, &str) = ("carla@customer.example", "Carla Customer");
const SENT: &str = "3";

/// Everything that a scenario is played with.
pub struct Stage<'s, 'p> {
    /// The org at work.
    pub org: &'s mut LiveOrg<'p>,
    /// What is deployed there.
    pub deployed: &'s EmulatedOrg,
    /// Who works there.
    pub staff: &'s Staff,
    /// What the config says.
    pub facts: &'s Facts,
    /// What answers outside.
    pub script: Script,
    /// Why rows were refused in this step.
    pub refused: Vec<String>,
    /// What came of foreign tests in this step: passed, and why others failed.
    pub tests: (usize, Vec<String>),
    /// Things to know that nothing else shows.
    pub notes: Vec<String>,
    received: u32,
    question: String,
}

impl<'s, 'p> Stage<'s, 'p> {
    /// A stage on which nothing has happened yet.
    pub fn new(
        org: &'s mut LiveOrg<'p>,
        deployed: &'s EmulatedOrg,
        staff: &'s Staff,
        facts: &'s Facts,
        script: Script,
    ) -> Self {
        Self {
            org,
            deployed,
            staff,
            facts,
            script,
            refused: Vec::new(),
            tests: (0, Vec::new()),
            notes: Vec::new(),
            received: 0,
            question: String::new(),
        }
    }

    /// Sets the world around the org.
    pub fn set(&mut self, setup: &Setup) {
        if let Some(answer) = &setup.webhook {
            self.script.set_webhook(answer.clone());
        }
        if let Some(answer) = &setup.provider {
            self.script.set_provider(answer.clone());
        }
        if let Some(deliverable) = setup.deliverability {
            self.org.set_deliverable(deliverable);
        }
        if let Some(recipients) = setup.mail_limit {
            self.org.set_mail_capacity(recipients);
        }
        if let Some(jobs) = setup.jobs_that_die {
            self.org.set_jobs_that_die(jobs);
        }
        if let Some(jobs) = setup.longest_chain {
            self.org.set_chain_limit(jobs);
        }
    }

    /// What the config relies on and a package does not bring.
    pub fn furnish(&mut self) -> Result<(), Stop> {
        if let Some(address) = &self.facts.org_wide_address {
            let row = fields([
                ("Address", json!(address)),
                ("DisplayName", json!("Support")),
                ("IsVerified", json!(true)),
            ]);
            self.org
                .insert(&self.staff.agent, "OrgWideEmailAddress", &[row])?;
        }
        Ok(())
    }

    /// Carries out an action, and runs every job that is due then.
    pub fn act(&mut self, action: &Action) -> Result<(), Stop> {
        let mut minutes = 0;
        match action {
            Action::CustomerWrites { subject, text } => {
                self.question.clone_from(subject);
                let mail = self.mail(subject, text);
                self.receive(&mail)?;
            }
            Action::CustomerAnswers { keeps, text } => self.answer(keeps, text)?,
            Action::OpencxReplies {
                text,
                subject,
                html,
                to,
                cases,
            } => {
                let optional = [("Subject", subject), ("HtmlBody", html)];
                let to = to.as_deref().unwrap_or(CUSTOMER.0);
                let rows: Vec<Fields> = self
                    .newest(*cases)
                    .into_iter()
                    .map(|case| {
                        let mut row = self.outgoing(&self.staff.opencx, &case, to, text);
                        for (name, value) in optional {
                            row.extend(value.as_ref().map(|text| (name.to_owned(), json!(text))));
                        }
                        if let Some(only) = &self.facts.only_when {
                            row.insert(only.field.clone(), json!(only.equals));
                        }
                        row
                    })
                    .collect();
                self.insert(Person::Opencx, "EmailMessage", &rows)?;
                minutes = i64::from(self.facts.send_delay_minutes);
            }
            Action::MailByHand { by, text } => {
                for case in self.newest(1) {
                    let mut row = self.outgoing(self.user(*by), &case, CUSTOMER.0, text);
                    let identifier = format!("<by-hand-{}@mail.acme.example>", self.received);
                    row.insert("MessageIdentifier".to_owned(), json!(identifier));
                    self.insert(*by, "EmailMessage", &[row])?;
                }
            }
            Action::MailIsLogged { by, text } => {
                for case in self.newest(1) {
                    let row = self.outgoing(self.user(*by), &case, CUSTOMER.0, text);
                    self.insert(*by, "EmailMessage", &[row])?;
                }
            }
            Action::CasesAreSaved { by, count, fields } => {
                let rows: Vec<Fields> = (1..=*count)
                    .map(|number| {
                        let mut row = email_to_case::fields([
                            ("Subject", json!(format!("Question {number}"))),
                            ("SuppliedEmail", json!(CUSTOMER.0)),
                        ]);
                        row.extend(texts(fields));
                        row
                    })
                    .collect();
                self.insert(*by, "Case", &rows)?;
            }
            Action::CaseIsChanged { by, fields } => {
                for case in self.newest(1) {
                    let mut row: Fields = texts(fields).collect();
                    row.insert("Id".to_owned(), json!(case));
                    let user = self.user(*by).clone();
                    let results = self.org.update(&user, "Case", &[row])?;
                    self.refused
                        .extend(results.into_iter().filter_map(Result::err));
                }
            }
            Action::Comment {
                by,
                text,
                published,
            } => {
                for case in self.newest(1) {
                    let row = fields([
                        ("ParentId", json!(case)),
                        ("CommentBody", json!(text)),
                        ("IsPublished", json!(published)),
                    ]);
                    self.insert(*by, "CaseComment", &[row])?;
                }
            }
            Action::MinutesPass(number) => minutes = i64::from(*number),
            Action::Change(setup) => self.set(setup),
            Action::ForeignTests { classes } => {
                let sources: Vec<(ComponentId, String)> = classes
                    .iter()
                    .map(|(name, code)| {
                        let id = ComponentId::new(MetadataType::ApexClass, name.clone());
                        (id, code.clone())
                    })
                    .collect();
                self.run_tests(&sources)?;
            }
        }
        self.org.pass(minutes)?;
        Ok(())
    }

    /// The ids of the newest Cases, the oldest of them first.
    pub fn newest(&self, count: usize) -> Vec<String> {
        let cases = self.org.records("Case");
        let ids = cases
            .iter()
            .filter_map(|case| case.get("Id")?.as_str().map(str::to_owned));
        ids.skip(cases.len().saturating_sub(count)).collect()
    }

    fn user(&self, person: Person) -> &User {
        match person {
            Person::Opencx => &self.staff.opencx,
            Person::Agent => &self.staff.agent,
        }
    }

    fn insert(&mut self, by: Person, object: &str, rows: &[Fields]) -> Result<(), Stop> {
        let user = self.user(by).clone();
        let results = self.org.insert(&user, object, rows)?;
        self.refused
            .extend(results.into_iter().filter_map(Result::err));
        Ok(())
    }

    fn outgoing(&self, user: &User, case: &str, to: &str, text: &str) -> Fields {
        fields([
            ("ParentId", json!(case)),
            ("Incoming", json!(false)),
            ("Status", json!(SENT)),
            ("FromAddress", json!(user.email)),
            ("ToAddress", json!(to)),
            ("TextBody", json!(text)),
        ])
    }

    fn mail(&mut self, subject: &str, text: &str) -> IncomingMail {
        self.received += 1;
        IncomingMail {
            from: CUSTOMER.0.to_owned(),
            from_name: CUSTOMER.1.to_owned(),
            to: self.facts.reply_to.clone(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            message_id: format!("<question-{}@customer.example>", self.received),
            in_reply_to: None,
            references: Vec::new(),
        }
    }

    fn receive(&mut self, mail: &IncomingMail) -> Result<(), Stop> {
        let user = self.staff.automated.clone();
        match email_to_case::receive(self.org, &user, mail)? {
            Ok(received) if !received.is_new => {
                self.notes
                    .push("threaded to the Case it belongs to".to_owned());
            }
            Ok(_) => self.notes.push("opened a new Case".to_owned()),
            Err(problem) => self.refused.push(problem),
        }
        Ok(())
    }

    fn answer(&mut self, keeps: &[Keeps], text: &str) -> Result<(), Stop> {
        let Some(sent) = self.last_sent() else {
            self.notes.push("there is no mail to answer".to_owned());
            return Ok(());
        };
        if !sent.reply_to.eq_ignore_ascii_case(&self.facts.reply_to) {
            self.notes.push(format!(
                "the answer goes to {}, which is no routing address: Salesforce never gets it",
                sent.reply_to
            ));
            return Ok(());
        }
        let subject = if keeps.contains(&Keeps::Subject) {
            let subject = sent.subject.trim_start_matches("Re: ");
            format!("Re: {subject}")
        } else {
            format!("Re: {}", self.question)
        };
        let body = sent.text.or(sent.html).unwrap_or_default();
        let text = if keeps.contains(&Keeps::Body) {
            format!("{text}\n\n> {}", body.replace('\n', "\n> "))
        } else {
            text.to_owned()
        };
        let mut mail = self.mail(&subject, &text);
        if keeps.contains(&Keeps::Headers) {
            let identifier = "<sent@mail.salesforce.example>".to_owned();
            mail.references = sent.references.into_iter().collect();
            mail.references.push(identifier.clone());
            mail.in_reply_to = Some(identifier);
        }
        self.receive(&mail)
    }

    // The mail that left last; a provider's request is one as well.
    fn last_sent(&self) -> Option<Mail> {
        let handed_over = self
            .org
            .deliveries()
            .iter()
            .rev()
            .find(|delivery| delivery.credential == self.facts.provider);
        let handed_over = handed_over.map(|delivery| {
            let text = observe::readable(delivery);
            let names_address = text.contains(&self.facts.reply_to);
            Mail {
                at: delivery.at,
                reply_to: if names_address {
                    self.facts.reply_to.clone()
                } else {
                    "the sender".to_owned()
                },
                subject: self.question.clone(),
                text: Some(text),
                ..Mail::default()
            }
        });
        self.org.mails().last().cloned().or(handed_over)
    }

    fn run_tests(&mut self, sources: &[(ComponentId, String)]) -> Result<(), Stop> {
        let program = self.deployed.program(sources)?.map_err(Stop::of_compiler)?;
        let names: Vec<String> = sources
            .iter()
            .map(|(id, _)| id.full_name.as_str().to_owned())
            .collect();
        let run = program.run_tests(&names, &crate::emulator::runtime::OrgData::default());
        for result in run.results {
            match result.outcome {
                Outcome::Passed => self.tests.0 += 1,
                Outcome::Failed(failure) => self.tests.1.push(format!(
                    "{}.{}: {}: {}",
                    result.class, result.method, failure.exception, failure.message
                )),
                Outcome::Unsupported { construct, .. } => {
                    return Err(Stop::Unknown(construct));
                }
            }
        }
        Ok(())
    }
}

fn texts(
    fields: &std::collections::BTreeMap<String, String>,
) -> impl Iterator<Item = (String, serde_json::Value)> {
    fields
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
}

/// How an action is told.
pub fn told(action: &Action) -> String {
    let who = |person: &Person| match person {
        Person::Opencx => "OpenCX's user",
        Person::Agent => "an agent",
    };
    let list = |fields: &std::collections::BTreeMap<String, String>| {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        pairs.join(", ")
    };
    match action {
        Action::CustomerWrites { subject, .. } => format!("a customer writes: {subject}"),
        Action::CustomerAnswers { keeps, .. } => {
            let kept: Vec<&str> = keeps
                .iter()
                .map(|part| match part {
                    Keeps::Subject => "the subject",
                    Keeps::Body => "the quoted text",
                    Keeps::Headers => "the headers",
                })
                .collect();
            let kept = if kept.is_empty() {
                "nothing".to_owned()
            } else {
                kept.join(" and ")
            };
            format!("the customer answers and keeps {kept} of the mail")
        }
        Action::OpencxReplies { cases: 1, .. } => "OpenCX inserts its reply".to_owned(),
        Action::OpencxReplies { cases, .. } => format!("OpenCX inserts replies on {cases} Cases"),
        Action::MailByHand { by, .. } => format!("{} sends a mail from the Case", who(by)),
        Action::MailIsLogged { by, .. } => {
            format!("another tool logs a mail that {} sent with it", who(by))
        }
        Action::CasesAreSaved { by, count, fields } => {
            let what = if *count == 1 {
                "a Case".to_owned()
            } else {
                format!("{count} Cases at once")
            };
            let with = if fields.is_empty() {
                String::new()
            } else {
                format!(" with {}", list(fields))
            };
            format!("{} saves {what}{with}", who(by))
        }
        Action::CaseIsChanged { by, fields } => {
            format!("{} sets {} of the Case", who(by), list(fields))
        }
        Action::Comment { by, published, .. } => {
            let kind = if *published {
                "a published"
            } else {
                "an internal"
            };
            format!("{} writes {kind} comment", who(by))
        }
        Action::MinutesPass(1) => "a minute passes".to_owned(),
        Action::MinutesPass(minutes) => format!("{minutes} minutes pass"),
        Action::Change(setup) => changed(setup),
        Action::ForeignTests { .. } => "somebody else's tests run".to_owned(),
    }
}

fn answers(name: &str, answer: &Answer) -> String {
    match answer {
        Answer::Up => format!("{name} works"),
        Answer::Down => format!("{name} is down"),
        Answer::Status(status) | Answer::Later { status, .. } => {
            format!("{name} answers {status}")
        }
        Answer::InTurn(turns) => {
            let turns: Vec<String> = turns
                .iter()
                .map(|turn| answers(name, &turn.answer))
                .collect();
            turns.join(", then ")
        }
    }
}

fn changed(setup: &Setup) -> String {
    let mut parts = Vec::new();
    for (name, answer) in [
        ("the webhook", &setup.webhook),
        ("the provider", &setup.provider),
    ] {
        parts.extend(answer.iter().map(|answer| answers(name, answer)));
    }
    parts.extend(setup.deliverability.map(|on| {
        let state = if on { "on" } else { "off" };
        format!("e-mail is switched {state} in the org")
    }));
    parts.extend(
        setup
            .mail_limit
            .map(|left| format!("{left} recipients are left today")),
    );
    parts.extend(
        setup
            .jobs_that_die
            .map(|jobs| format!("the platform ends {jobs} jobs at a limit")),
    );
    parts.extend(
        setup
            .longest_chain
            .map(|jobs| format!("a chain has {jobs} jobs at most")),
    );
    parts.join(", ")
}
