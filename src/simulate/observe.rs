//! What a step came to, held against what was expected of it.

use serde_json::Value;

use super::facts::Facts;
use super::receiver::{PROVIDER_PATH, WEBHOOK_PATH};
use super::scenario::{Expected, MailExpected, RequestsExpected};
use super::stage::Stage;
use crate::config::OnFailure;
use crate::emulator::Fields;
use crate::emulator::activity::{Delivery, JobRow, JobStatus, Mail};

/// How much there was before a step.
pub struct Before {
    mails: usize,
    deliveries: usize,
    log: usize,
    failed: Vec<String>,
}

impl Before {
    /// What there is now.
    pub fn of(stage: &mut Stage<'_, '_>) -> Self {
        stage.refused.clear();
        stage.notes.clear();
        stage.tests = (0, Vec::new());
        stage.script.take_requests();
        Self {
            mails: stage.org.mails().len(),
            deliveries: stage.org.deliveries().len(),
            log: stage.org.log().len(),
            failed: failed(stage).map(|job| job.id.clone()).collect(),
        }
    }
}

fn failed<'a>(stage: &'a Stage<'_, '_>) -> impl Iterator<Item = &'a JobRow> {
    let jobs = stage.org.jobs().iter();
    jobs.filter(|job| job.status == JobStatus::Failed)
}

/// What was seen in a step, and what of it was not as expected.
#[derive(Debug, Default)]
pub struct Observed {
    /// What was seen, a line each; a line may go on after a line break.
    pub seen: Vec<String>,
    /// What was not as expected.
    pub problems: Vec<String>,
}

/// Looks at what a step came to.
pub fn observe(stage: &Stage<'_, '_>, before: &Before, expected: &Expected) -> Observed {
    let org = &*stage.org;
    let mails = &org.mails()[before.mails..];
    let deliveries = &org.deliveries()[before.deliveries..];
    let log: Vec<String> = org.log()[before.log..]
        .iter()
        .map(|line| line.text.clone())
        .collect();
    let failed: Vec<&JobRow> = failed(stage)
        .filter(|job| !before.failed.contains(&job.id))
        .collect();
    let mut observed = Observed {
        seen: seen(stage, mails, deliveries, &failed),
        problems: Vec::new(),
    };
    let problems = &mut observed.problems;
    let cases = org.records("Case");
    compare(problems, "Cases", expected.cases, cases.len());
    let on_cases = mails_on_cases(&cases, &org.records("EmailMessage"));
    compare(
        problems,
        "mails on each Case",
        expected.mails_on_cases.clone(),
        on_cases,
    );
    compare(problems, "mails that left", expected.sent, mails.len());
    if let Some(wanted) = &expected.mail {
        match mails.last() {
            Some(mail) => compare_mail(problems, stage, wanted, mail),
            None => problems.push("a mail: expected one, seen none".to_owned()),
        }
    }
    let arrived = stage.script.take_requests();
    for (what, credential, path, wanted) in [
        (
            "webhook",
            &stage.facts.webhook,
            WEBHOOK_PATH,
            &expected.webhook,
        ),
        (
            "provider",
            &stage.facts.provider,
            PROVIDER_PATH,
            &expected.provider,
        ),
    ] {
        let sent: Vec<&Delivery> = deliveries
            .iter()
            .filter(|delivery| delivery.credential == *credential)
            .collect();
        if let Some(wanted) = wanted {
            compare_requests(problems, stage, what, wanted, &sent);
        }
        // What Apex wrote has to be what came in.
        let answered: Vec<&str> = sent
            .iter()
            .filter(|delivery| delivery.status.is_some())
            .map(|delivery| delivery.body.as_str())
            .collect();
        let came: Vec<&str> = arrived
            .iter()
            .filter(|request| request.path == path)
            .map(|request| request.body.as_str())
            .collect();
        if answered != came {
            problems.push(format!("{what}: other requests came in than Apex made"));
        }
    }
    compare(problems, "failed jobs", expected.failed_jobs, failed.len());
    let waiting = org.jobs().iter();
    let waiting = waiting
        .filter(|job| job.status == JobStatus::Queued)
        .count();
    compare(problems, "waiting jobs", expected.waiting_jobs, waiting);
    let details: Vec<String> = failed.iter().filter_map(|job| job.detail.clone()).collect();
    contains(
        problems,
        "a failed job",
        expected.job_says.as_deref(),
        &details,
    );
    contains(problems, "the log", expected.log_says.as_deref(), &log);
    let (place, reasons) = reasons(stage, &log);
    contains(
        problems,
        place,
        expected.not_sent_because.as_deref(),
        &reasons,
    );
    if let Some(wanted) = expected.tests_passed {
        compare(
            problems,
            "foreign tests that passed",
            Some(wanted),
            stage.tests.0,
        );
        problems.extend(stage.tests.1.iter().cloned());
    }
    let rejects = stage.facts.on_failure == OnFailure::Reject;
    if !(rejects && expected.not_sent_because.is_some()) {
        let refused = stage.refused.iter();
        problems.extend(refused.map(|why| format!("a row was refused: {why}")));
    }
    observed
}

fn compare<T: PartialEq + std::fmt::Debug>(
    problems: &mut Vec<String>,
    what: &str,
    wanted: Option<T>,
    seen: T,
) {
    if let Some(wanted) = wanted
        && wanted != seen
    {
        problems.push(format!("{what}: expected {wanted:?}, seen {seen:?}"));
    }
}

fn contains(problems: &mut Vec<String>, place: &str, wanted: Option<&str>, seen: &[String]) {
    let Some(wanted) = wanted else { return };
    if !seen.iter().any(|text| text.contains(wanted)) {
        let seen = if seen.is_empty() {
            "nothing".to_owned()
        } else {
            format!("{seen:?}")
        };
        problems.push(format!("{place}: expected {wanted:?}, seen {seen}"));
    }
}

fn text_of<'a>(row: &'a Fields, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn mails_on_cases(cases: &[Fields], mails: &[Fields]) -> Vec<usize> {
    let parents: Vec<&str> = mails.iter().map(|mail| text_of(mail, "ParentId")).collect();
    cases
        .iter()
        .map(|case| {
            let id = text_of(case, "Id");
            parents.iter().filter(|parent| **parent == id).count()
        })
        .collect()
}

fn compare_mail(
    problems: &mut Vec<String>,
    stage: &Stage<'_, '_>,
    wanted: &MailExpected,
    mail: &Mail,
) {
    compare(problems, "To", wanted.to.clone(), mail.to.clone());
    for (what, wanted, seen) in [
        ("Reply-To", &wanted.reply_to, Some(&mail.reply_to)),
        ("Subject", &wanted.subject, Some(&mail.subject)),
        ("text", &wanted.text, mail.text.as_ref()),
        ("HTML", &wanted.html, mail.html.as_ref()),
        (
            "In-Reply-To",
            &wanted.in_reply_to,
            mail.in_reply_to.as_ref(),
        ),
    ] {
        let wanted = wanted.as_ref().map(|text| fill(stage, text));
        let seen = seen.cloned().unwrap_or_default();
        compare(problems, what, wanted, seen);
    }
}

// Puts in what the config and the org say.
fn fill(stage: &Stage<'_, '_>, text: &str) -> String {
    let cases = stage.org.records("Case");
    let newest = cases.last();
    let id = newest.map(|case| text_of(case, "Id")).unwrap_or_default();
    let token = format!("thread::{}::", id.get(5..).unwrap_or_default());
    let number = newest.map(|case| text_of(case, "CaseNumber"));
    text.replace("{reply_to}", &stage.facts.reply_to)
        .replace("{token}", &token)
        .replace("{case_number}", number.unwrap_or_default())
}

fn compare_requests(
    problems: &mut Vec<String>,
    stage: &Stage<'_, '_>,
    what: &str,
    wanted: &RequestsExpected,
    seen: &[&Delivery],
) {
    let named = |part: &str| format!("{what}, {part}");
    compare(
        problems,
        &named("requests"),
        Some(wanted.requests),
        seen.len(),
    );
    if let Some(status) = wanted.status {
        let other = seen
            .iter()
            .map(|delivery| delivery.status)
            .find(|seen| *seen != Some(status));
        if let Some(other) = other {
            problems.push(format!(
                "{}: expected {status}, seen {other:?}",
                named("status")
            ));
        }
    }
    if let Some(key) = &wanted.event {
        let name = stage.facts.events.get(key.as_str());
        let name = name.map_or(key.as_str(), String::as_str);
        for delivery in seen {
            let body: Value = serde_json::from_str(&delivery.body).unwrap_or_default();
            let event = body
                .get("event")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if event != name {
                problems.push(format!(
                    "{}: expected {name:?}, seen {event:?}",
                    named("event")
                ));
                break;
            }
        }
    }
    let mut keys: Vec<&str> = seen
        .iter()
        .flat_map(|delivery| &delivery.headers)
        .filter(|(name, _)| name.eq_ignore_ascii_case("Idempotency-Key"))
        .map(|(_, value)| value.as_str())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    compare(problems, &named("different keys"), wanted.keys, keys.len());
    for part in &wanted.body_has {
        let part = fill(stage, part);
        if let Some(delivery) = seen
            .iter()
            .find(|delivery| !readable(delivery).contains(&part))
        {
            problems.push(format!(
                "{}: expected {part:?} in it, seen {}",
                named("body"),
                delivery.body
            ));
        }
    }
}

/// The body of a request; the values of a form one a line, decoded.
pub fn readable(delivery: &Delivery) -> String {
    let is_form = delivery.headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("Content-Type")
            && value.starts_with("application/x-www-form-urlencoded")
    });
    let url = reqwest::Url::parse(&format!("http://localhost/?{}", delivery.body));
    match url {
        Ok(url) if is_form => {
            let pairs = url.query_pairs();
            pairs
                .map(|(name, value)| format!("{name}={value}\n"))
                .collect()
        }
        _ => delivery.body.clone(),
    }
}

// Where the config lets the reason stand, and what stands there.
fn reasons<'f>(stage: &Stage<'_, '_>, log: &[String]) -> (&'f str, Vec<String>) {
    let texts = |object: &str, name: &str| {
        let rows = stage.org.records(object);
        rows.iter()
            .map(|row| text_of(row, name).to_owned())
            .filter(|text| !text.is_empty())
            .collect()
    };
    match stage.facts.on_failure {
        OnFailure::Log => ("the log", log.to_vec()),
        OnFailure::Flag => (
            "OpenCX_Send_Error__c",
            texts("EmailMessage", "OpenCX_Send_Error__c"),
        ),
        OnFailure::Comment => ("the Case's comments", texts("CaseComment", "CommentBody")),
        OnFailure::Reject => ("the refused insert", stage.refused.clone()),
    }
}

fn seen(
    stage: &Stage<'_, '_>,
    mails: &[Mail],
    deliveries: &[Delivery],
    failed: &[&JobRow],
) -> Vec<String> {
    let mut lines = stage.notes.clone();
    lines.extend(
        deliveries
            .iter()
            .map(|delivery| shown_request(stage.facts, delivery)),
    );
    lines.extend(mails.iter().map(shown_mail));
    lines.extend(failed.iter().map(|job| {
        let detail = job.detail.as_deref().unwrap_or_default();
        format!("job {} failed: {detail}", job.class)
    }));
    lines.extend(stage.refused.iter().map(|why| format!("refused: {why}")));
    if stage.tests.0 > 0 {
        lines.push(format!("{} foreign tests passed", stage.tests.0));
    }
    lines
}

fn shown_request(facts: &Facts, delivery: &Delivery) -> String {
    let whom = if delivery.credential == facts.webhook {
        "OpenCX's webhook"
    } else {
        "the mail provider"
    };
    let answer = match (delivery.status, &delivery.problem) {
        (Some(status), _) => status.to_string(),
        (None, Some(problem)) => problem.clone(),
        (None, None) => "no answer".to_owned(),
    };
    let at = delivery.at.strftime("%H:%M");
    let mut text = format!("{at} {} to {whom} → {answer}", delivery.method);
    for (name, value) in &delivery.headers {
        text.push_str(&format!("\n{name}: {value}"));
    }
    text + "\n" + &delivery.body
}

fn shown_mail(mail: &Mail) -> String {
    let mut text = format!("{} mail leaves", mail.at.strftime("%H:%M"));
    let from = format!("{} <{}>", mail.from_name, mail.from);
    for (name, value) in [
        ("From", &from),
        ("To", &mail.to.join(", ")),
        ("Cc", &mail.cc.join(", ")),
        ("Bcc", &mail.bcc.join(", ")),
        ("Reply-To", &mail.reply_to),
        ("In-Reply-To", &mail.in_reply_to.clone().unwrap_or_default()),
        ("Subject", &mail.subject),
    ] {
        if !value.is_empty() {
            text.push_str(&format!("\n{name}: {value}"));
        }
    }
    let body = mail.text.as_ref().or(mail.html.as_ref());
    text + "\n" + body.map_or("", String::as_str)
}
