//! Scenarios as data: what is given, what happens step by step, what is expected after each step.
//! A scenario is a YAML file; those that are shipped are embedded, others come from a folder.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

static SHIPPED: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/simulate/scenarios");

/// One scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The file's name without its number and ending.
    #[serde(skip)]
    pub name: String,
    /// What it shows, in a line.
    pub title: String,
    /// What the config must say for it to make sense.
    #[serde(default)]
    pub needs: Needs,
    /// How things are when it begins.
    #[serde(default)]
    pub given: Setup,
    /// What happens.
    pub steps: Vec<Step>,
}

/// What the config must say. What is left out may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Needs {
    /// `email_cases.case_filter` is one of these.
    pub case_filter: Vec<String>,
    /// `email_cases.outbound.delivery` is `salesforce` or `provider`.
    pub delivery: Option<DeliveryBy>,
    /// `email_cases.outbound.on_failure` is one of these.
    pub on_failure: Vec<String>,
    /// These of `email_cases.rep_replies` are on: emails, comments, case_changes.
    pub rep_replies: Vec<RepReply>,
    /// `email_cases.webhook.async_context` is one of these.
    pub async_context: Vec<String>,
    /// `email_cases.runtime_settings` is on.
    pub runtime_settings: bool,
}

/// Who transmits OpenCX's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryBy {
    /// Salesforce.
    Salesforce,
    /// A mail provider, whichever.
    Provider,
}

/// A kind of agents' work that OpenCX is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepReply {
    /// E-mail on Cases.
    Emails,
    /// Published comments.
    Comments,
    /// Status, owner, closing.
    CaseChanges,
}

/// How the world around the org is; what is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Setup {
    /// How OpenCX's webhook answers; `up` in the beginning.
    pub webhook: Option<Answer>,
    /// How the mail provider answers; `up` in the beginning.
    pub provider: Option<Answer>,
    /// Whether the org may send e-mail (Setup, Deliverability); true in the beginning.
    pub deliverability: Option<bool>,
    /// Recipients that may still get mail today; 5,000 in the beginning.
    pub mail_limit: Option<u32>,
    /// How many jobs the platform ends at a limit, each after its first callout; none in the
    /// beginning.
    pub jobs_that_die: Option<u32>,
    /// How many jobs may follow each other; 5 in the beginning, as in Developer Edition.
    pub longest_chain: Option<u32>,
    /// What an administrator has set in Setup, by field of the custom metadata record. It counts
    /// from the beginning of a scenario only.
    pub settings: BTreeMap<String, String>,
}

/// How a receiver answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 200.
    Up,
    /// It takes connections and closes them without an answer.
    Down,
    /// An HTTP status.
    Status(u16),
    /// An HTTP status with `Retry-After` in seconds.
    Later {
        /// The status.
        status: u16,
        /// The seconds.
        retry_after: u32,
    },
    /// First so, then so; the last one stays.
    InTurn(Vec<Turn>),
}

/// A few requests that are answered alike.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// How many.
    pub requests: u32,
    /// How.
    pub answer: Answer,
}

/// Something happens, and something is expected of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What happens.
    pub when: Action,
    /// What is expected after it, when all jobs that are due have run.
    #[serde(default)]
    pub then: Expected,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// A customer writes to the routing address.
    CustomerWrites {
        /// The subject.
        subject: String,
        /// The text.
        #[serde(default)]
        text: String,
    },
    /// The customer answers the mail that left last.
    CustomerAnswers {
        /// What of it comes back: the token, the headers, both or neither.
        keeps: Vec<Keeps>,
        /// The text.
        text: String,
    },
    /// OpenCX inserts its reply as an EmailMessage on each of the newest Cases.
    OpencxReplies {
        /// The text.
        text: String,
        /// The subject; left out as OpenCX may leave it out.
        #[serde(default)]
        subject: Option<String>,
        /// HTML beside the text.
        #[serde(default)]
        html: Option<String>,
        /// Recipients, `;` between them; the customer where nothing is said.
        #[serde(default)]
        to: Option<String>,
        /// On how many Cases.
        #[serde(default = "one")]
        cases: usize,
    },
    /// Somebody sends a mail from the Case by hand: Salesforce sends it and writes the row, which
    /// has a MessageIdentifier.
    MailByHand {
        /// Who.
        by: Person,
        /// The text.
        text: String,
    },
    /// Another tool logs a mail on the newest Case that it sent itself: a row without a
    /// MessageIdentifier.
    MailIsLogged {
        /// As whom.
        by: Person,
        /// The text.
        text: String,
    },
    /// Cases are inserted in one call.
    CasesAreSaved {
        /// By whom.
        by: Person,
        /// How many.
        #[serde(default = "one")]
        count: usize,
        /// Other fields.
        #[serde(default)]
        fields: BTreeMap<String, String>,
    },
    /// Fields of the newest Case are changed.
    CaseIsChanged {
        /// By whom.
        by: Person,
        /// The fields.
        fields: BTreeMap<String, String>,
    },
    /// The newest Case gets a comment.
    Comment {
        /// By whom.
        by: Person,
        /// The text.
        text: String,
        /// Whether customers see it.
        published: bool,
    },
    /// Time passes, and jobs run when they are due.
    MinutesPass(u32),
    /// The world around the org changes.
    Change(Setup),
    /// Somebody else's Apex tests run in the org, beside our code.
    ForeignTests {
        /// Their classes by name.
        classes: BTreeMap<String, String>,
    },
}

/// What of a mail comes back with the answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeps {
    /// The token in the subject.
    Subject,
    /// The quoted text with its token.
    Body,
    /// `In-Reply-To` and `References`.
    Headers,
}

/// Somebody who works in the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// OpenCX's user.
    Opencx,
    /// An agent of the company.
    Agent,
}

/// What is expected. Of what is left out anything may be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expected {
    /// How many Cases the org has.
    pub cases: Option<usize>,
    /// How many e-mails are on each Case, in the order of the Cases.
    pub mails_on_cases: Option<Vec<usize>>,
    /// How many mails left in this step.
    pub sent: Option<usize>,
    /// The mail that left last in this step.
    pub mail: Option<MailExpected>,
    /// Requests to OpenCX's webhook in this step.
    pub webhook: Option<RequestsExpected>,
    /// Requests to the mail provider in this step.
    pub provider: Option<RequestsExpected>,
    /// Jobs that failed in this step.
    pub failed_jobs: Option<usize>,
    /// Jobs that wait.
    pub waiting_jobs: Option<usize>,
    /// What the exception of a job that failed in this step says, as a part of it.
    pub job_says: Option<String>,
    /// A part of a line that was logged in this step.
    pub log_says: Option<String>,
    /// A part of the reason for which a reply was not sent, at the place that
    /// `email_cases.outbound.on_failure` names.
    pub not_sent_because: Option<String>,
    /// How many foreign tests passed; none failed.
    pub tests_passed: Option<usize>,
}

/// What is expected of a mail. `{reply_to}`, `{token}` and `{case_number}` stand for the config's
/// address and the newest Case's token and number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailExpected {
    /// All recipients of To.
    pub to: Option<Vec<String>>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// The whole subject.
    pub subject: Option<String>,
    /// The whole plain text.
    pub text: Option<String>,
    /// The whole HTML.
    pub html: Option<String>,
    /// `In-Reply-To`
    pub in_reply_to: Option<String>,
}

/// What is expected of requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestsExpected {
    /// How many there are.
    pub requests: usize,
    /// The status of all answers; none where nobody answered.
    pub status: Option<u16>,
    /// What all are about: case_created, case_updated, case_closed, email_sent, comment_created.
    pub event: Option<String>,
    /// How many different `Idempotency-Key`s they have.
    pub keys: Option<usize>,
    /// Parts that all bodies have.
    pub body_has: Vec<String>,
}

fn one() -> usize {
    1
}

/// A scenario file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct Malformed {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Scenario {
    /// Reads a scenario; `file` is the name of its file.
    ///
    /// # Errors
    /// When the text is not a scenario.
    pub fn parse(file: &str, text: &str) -> Result<Self, Malformed> {
        let malformed = |problem: String| Malformed {
            file: file.to_owned(),
            problem,
        };
        let mut scenario: Self =
            serde_yaml::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if scenario.steps.is_empty() {
            return Err(malformed("it has no steps".to_owned()));
        }
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let name = stem.trim_start_matches(|c: char| c.is_ascii_digit());
        scenario.name = name.trim_start_matches('-').to_owned();
        Ok(scenario)
    }

    /// The shipped scenarios, in their order.
    ///
    /// # Errors
    /// Never, when the tests of this module pass.
    pub fn shipped() -> Result<Vec<Self>, Malformed> {
        let mut files: Vec<_> = SHIPPED.files().collect();
        files.sort_by_key(|file| file.path());
        files
            .into_iter()
            .map(|file| {
                let name = file.path().to_string_lossy();
                Self::parse(&name, file.contents_utf8().unwrap_or_default())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shipped_scenarios_are_read_and_expect_something() {
        let scenarios = Scenario::shipped().unwrap();
        assert!(scenarios.len() >= 12);
        for scenario in &scenarios {
            let expects = scenario
                .steps
                .iter()
                .any(|step| step.then != Expected::default());
            assert!(expects, "{}", scenario.name);
            assert!(!scenario.name.starts_with(char::is_numeric));
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        let read = |text: &str| Scenario::parse("10-mine.yaml", text).map_err(|e| e.to_string());
        let good = "title: t\nsteps:\n  - when: { minutes_pass: 5 }\n    then: { cases: 0 }\n";
        let scenario = read(good).unwrap();
        assert_eq!(scenario.name, "mine");
        assert_eq!(scenario.steps[0].when, Action::MinutesPass(5));
        let wrong = read(&good.replace("cases", "casess")).unwrap_err();
        assert!(wrong.starts_with("10-mine.yaml: "), "{wrong}");
        assert!(wrong.contains("casess"), "{wrong}");
        assert_eq!(
            read("title: t\nsteps: []").unwrap_err(),
            "10-mine.yaml: it has no steps"
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "(title|steps|when|then|[-:{}\\[\\]\" \n]|[a-z]{1,5}){0,60}") {
            let _ = Scenario::parse("x.yaml", &text);
        }
    }
}
