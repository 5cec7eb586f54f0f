//! One message about a drift run, to a webhook: a Tera template makes the JSON, and it is sent once.
//! Nothing is kept between runs, so it can't be told that an org has recovered.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::{Value, json};
use tera::{Context, Kwargs, State as TeraState, StringInput, Tera};

use crate::compare::ChangeKind;
use crate::diag::{Category, Code, Diagnostic};
use crate::fleet::{Inspection, State};
use crate::report::ci::Report;
use crate::report::json::FORMAT_VERSION;
use crate::secret::{Redactor, Secret, mask_url};
use crate::sf::Clock;

/// The templates that are there without a file.
const SHIPPED: [(&str, &str); 2] = [
    ("slack", include_str!("notify/slack.json")),
    ("json", include_str!("notify/whole.json")),
];

/// A webhook takes a message in far less; a CI job shall not hang on it.
const DEADLINE: Duration = Duration::from_secs(20);

/// Tries, where the webhook says that it was busy or could not be reached.
const TRIES: u32 = 3;

/// The longest pause that a busy webhook may ask for; a CI job waits no longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where a message goes: an address that nobody sees.
#[derive(Debug, Clone)]
pub struct Webhook(Secret);

impl Webhook {
    /// Takes an address: https, or http on this machine.
    ///
    /// # Errors
    /// `notify/bad-url`, without the address.
    pub fn new(address: &str) -> Result<Self, Box<Diagnostic>> {
        let url = Url::parse(address.trim()).ok();
        let is_local = |url: &Url| {
            let host = url.host_str().unwrap_or_default();
            url.scheme() == "http" && matches!(host, "localhost" | "127.0.0.1" | "[::1]")
        };
        match url {
            Some(url) if url.scheme() == "https" || is_local(&url) => {
                Ok(Self(Secret::new(address.trim())))
            }
            _ => Err(Box::new(bad_url("what it leads to is no https address"))),
        }
    }

    /// What must be masked wherever it would be shown.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

/// `notify/bad-url` with the reason.
pub fn bad_url(why: &str) -> Diagnostic {
    Diagnostic::error(
        Code("notify/bad-url"),
        Category::Usage,
        "the webhook of `--notify` can't be used",
    )
    .because(why)
    .help("write `--notify '${env:SLACK_WEBHOOK_URL}'` and set that variable to the address")
}

/// A message's template, compiled.
#[derive(Debug)]
pub struct Template {
    name: String,
    engine: Tera,
}

impl Template {
    /// The shipped template of that name.
    pub fn shipped(name: &str) -> Option<Self> {
        let (name, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
        Self::parse(name, text).ok()
    }

    /// The names of the shipped templates.
    pub fn names() -> [&'static str; 2] {
        SHIPPED.map(|(name, _)| name)
    }

    /// A template of the user's. Every value that it writes is escaped for the inside of a JSON
    /// string; `| json` writes a value as a whole, `| slack` escapes what Slack would take for a link
    /// or a mention.
    ///
    /// # Errors
    /// `notify/bad-template`.
    pub fn parse(name: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let mut engine = Tera::new();
        engine.set_escape_fn(|text, out| {
            let literal = Value::from(text).to_string();
            out.write_all(&literal.as_bytes()[1..literal.len() - 1])
        });
        engine.register_filter("json", |value: tera::Value, _: Kwargs, _: &TeraState| {
            let value = serde_json::to_value(&value).unwrap_or_default();
            tera::Value::safe_string(&value.to_string())
        });
        engine.register_filter("slack", |text: StringInput, _: Kwargs, _: &TeraState| {
            let text = text.as_str().replace('&', "&amp;");
            tera::Value::from(text.replace('<', "&lt;").replace('>', "&gt;"))
        });
        engine.autoescape_on([""]);
        engine
            .add_raw_templates([(name, text)])
            .map_err(|error| bad_template(name, &error.to_string()))?;
        Ok(Self {
            name: name.to_owned(),
            engine,
        })
    }

    /// The message: JSON.
    ///
    /// # Errors
    /// `notify/bad-template`, when a value is missing or the text is no JSON.
    pub fn render(
        &self,
        report: Report<'_>,
        link: Option<&str>,
    ) -> Result<String, Box<Diagnostic>> {
        let values = values(report, link);
        let refuse = |why: &str| bad_template(&self.name, why);
        let context = Context::from_serialize(&values).map_err(|e| refuse(&e.to_string()))?;
        let text = self
            .engine
            .render(&self.name, &context)
            .map_err(|error| refuse(&error.to_string()))?;
        let message: Value = serde_json::from_str(&text)
            .map_err(|error| refuse(&format!("what it makes is no JSON: {error}")))?;
        Ok(message.to_string())
    }
}

fn bad_template(name: &str, why: &str) -> Box<Diagnostic> {
    let finding = Diagnostic::error(
        Code("notify/bad-template"),
        Category::Config,
        format!("the template `{name}` of `--notify-template` can't be used"),
    )
    .because(why.trim().to_owned())
    .help(
        "`opencx-sf explain notify/bad-template` lists the values; `slack` and `json` are shipped",
    );
    Box::new(finding)
}

/// The JSON Schema of the message that the shipped template `json` makes, whose members are the values
/// that a template can use.
pub fn schema() -> &'static str {
    include_str!("notify/message.schema.json")
}

/// What a template can use.
fn values(report: Report<'_>, link: Option<&str>) -> Value {
    let count = |state| {
        report
            .orgs
            .iter()
            .filter(|org| org.state() == state)
            .count()
    };
    let states = [State::Failed, State::Undetermined, State::Drifted];
    let worst = states.into_iter().find(|state| count(*state) > 0);
    let status = match worst {
        _ if !report.findings.is_empty() => State::Failed,
        worst => worst.unwrap_or(State::Clean),
    };
    let orgs: Vec<Value> = report.orgs.iter().map(org).collect();
    let findings: Vec<&str> = report.findings.iter().map(|f| f.message.as_str()).collect();
    let mut whole = json!({
        "formatVersion": FORMAT_VERSION,
        "command": "drift-notice",
        "status": status.word(),
        "at": report.at.to_string(),
        "link": link,
        "counts": {
            "orgs": report.orgs.len(),
            "clean": count(State::Clean),
            "drifted": count(State::Drifted),
            "undetermined": count(State::Undetermined),
            "error": count(State::Failed),
        },
        "findings": findings,
        "orgs": orgs,
    });
    // For a template that passes everything on.
    let all = whole.clone();
    whole["message"] = all;
    whole
}

fn org(org: &Inspection) -> Value {
    let mut values = json!({
        "org": org.target,
        "config": org.config,
        "status": org.state().word(),
        "org_id": null,
        "org_name": null,
        "differing": 0,
        "unreadable": 0,
        "ignored": 0,
        "components": [],
        "findings": [],
    });
    match &org.outcome {
        Err(findings) => {
            let told = findings
                .iter()
                .map(|found| json!({ "code": found.code.to_string(), "message": found.message }));
            values["findings"] = told.collect();
        }
        Ok(drift) => {
            let rows = drift.components.iter();
            let told = rows.filter(|row| row.is_drift() || row.is_unreadable());
            let components: Vec<Value> = told
                .map(|row| {
                    let modified = row.change.modified.as_ref();
                    json!({
                        "component": row.change.component.to_string(),
                        "kind": row.change.kind,
                        "by": modified.map(|modified| &modified.by),
                        "at": modified.map(|modified| &modified.at),
                        "cause": row.cause.as_ref().map(|cause| cause.kind),
                    })
                })
                .collect();
            let count = |unread: bool| {
                let is_unread = |row: &&Value| row["kind"] == json!(ChangeKind::Unreadable);
                components
                    .iter()
                    .filter(|row| is_unread(row) == unread)
                    .count()
            };
            values["org_id"] = drift.org.id.as_str().into();
            values["org_name"] = drift.org.name.as_str().into();
            values["differing"] = count(false).into();
            values["unreadable"] = count(true).into();
            values["ignored"] = drift.ignored().into();
            values["components"] = components.into();
        }
    }
    values
}

/// Sends a message. A webhook that is busy is tried again after the pause that it asks for, or after
/// one second and then two; one that has taken or refused the message is not.
///
/// # Errors
/// `notify/not-sent`, without the address.
pub async fn send(
    webhook: &Webhook,
    message: &str,
    redactor: &Redactor,
    clock: &dyn Clock,
) -> Result<(), Box<Diagnostic>> {
    let host = mask_url(webhook.0.expose());
    let not_sent = |why: String| {
        let finding = Diagnostic::error(
            Code("notify/not-sent"),
            Category::Failed,
            format!("the message could not be sent to {host}"),
        )
        .because(redactor.redact(&why))
        .help("the report of the run is complete; check the webhook's address, then run again");
        Box::new(finding)
    };
    // A redirect would carry the message to a place that nobody named.
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(DEADLINE)
        .user_agent(concat!("opencx-sf/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| not_sent(cause(&error)))?;
    let body = redactor.redact(message);
    let mut pause = Duration::from_secs(1);
    for left in (0..TRIES).rev() {
        let request = client
            .post(webhook.0.expose())
            .header("Content-Type", "application/json")
            .body(body.clone());
        let mut asked_for = None;
        let why = match request.send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => {
                let status = answer.status();
                let is_busy = status.as_u16() == 429 || status.is_server_error();
                asked_for = retry_after(answer.headers());
                let said: String = answer.text().await.unwrap_or_default();
                let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
                let why = format!("it answered HTTP {}: {said}", status.as_u16());
                if !is_busy {
                    return Err(not_sent(why));
                }
                why
            }
            // Of an answer that got lost it isn't known whether the message is there.
            Err(error) if !error.is_connect() => return Err(not_sent(cause(&error))),
            Err(error) => cause(&error),
        };
        if left == 0 {
            return Err(not_sent(format!("{why} ({TRIES} tries)")));
        }
        clock.sleep(asked_for.unwrap_or(pause)).await;
        pause *= 2;
    }
    Ok(())
}

/// The pause that `Retry-After` asks for in seconds, within bounds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

/// What went wrong, from the inside out, without the address.
fn cause(error: &reqwest::Error) -> String {
    let mut told: &dyn std::error::Error = error;
    while let Some(source) = told.source() {
        told = source;
    }
    match error.is_timeout() {
        true => format!("no answer in {} seconds", DEADLINE.as_secs()),
        false => told.to_string(),
    }
}

#[cfg(test)]
mod tests;
