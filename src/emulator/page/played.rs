//! A scenario that was played, as a part of the page.

use super::super::activity::{
    CaseThread, Delivery, JobRow, JobStatus, LogLine, Mail, MessageKind, Played,
};
use super::html::{Html, time};

/// Adds a scenario, folded up.
pub fn played(body: &mut Html, played: &Played) {
    let (class, mark) = match played.passed {
        Some(true) => ("good", "✓ passed"),
        Some(false) => ("bad", "✗ failed"),
        None => ("quiet", "? not played to its end"),
    };
    // What went wrong is what one came to look at.
    let open = if played.passed == Some(true) {
        ""
    } else {
        " open"
    };
    body.raw(&format!("\n<details{open}><summary>"));
    body.element("span", class, mark).raw(" ");
    body.element("strong", "", &played.title).raw(" ");
    body.element("span", "quiet", &played.name);
    body.raw("</summary><div>");
    for finding in &played.findings {
        body.element("p", "bad", finding);
    }
    happened(body, played);
    body.raw("</div></details>");
}

/// Adds Cases with their messages, mail, requests, jobs and debug lines.
pub fn happened(body: &mut Html, played: &Played) {
    for case in &played.cases {
        thread(body, case);
    }
    if played.more_cases > 0 {
        let text = format!("and {} Cases more", played.more_cases);
        body.element("p", "quiet", &text);
    }
    if !played.mails.is_empty() {
        body.element("h3", "", "Mail that left");
    }
    for sent in &played.mails {
        mail(body, sent);
    }
    if !played.deliveries.is_empty() {
        body.element("h3", "", "Requests");
    }
    for sent in &played.deliveries {
        delivery(body, sent, attempt(sent, &played.deliveries));
    }
    jobs(body, &played.jobs);
    log(body, &played.log);
}

fn thread(body: &mut Html, case: &CaseThread) {
    body.raw("<section><h3>");
    let subject = match case.subject.as_str() {
        "" => "(no subject)",
        subject => subject,
    };
    body.text(&format!("Case {}: {subject}", case.number));
    body.raw("</h3>");
    let about = match case.from.as_str() {
        "" => case.status.clone(),
        from => format!("{} · from {from}", case.status),
    };
    body.element("p", "quiet", &about);
    for message in &case.messages {
        let class = match message.kind {
            MessageKind::Received => "received",
            MessageKind::Written => "written",
            MessageKind::Comment => "comment",
        };
        body.raw(&format!("<article class=\"{class}\">"));
        body.raw(&time(message.at)).raw(" ");
        body.element("strong", "", &message.from).raw(" ");
        body.text(&message.subject);
        body.element("pre", "", &message.text).raw("</article>");
    }
    body.raw("</section>");
}

fn mail(body: &mut Html, mail: &Mail) {
    body.raw("<article class=\"written\">").raw(&time(mail.at));
    body.pairs(&[
        ("From", &format!("{} <{}>", mail.from_name, mail.from)),
        ("To", &mail.to.join(", ")),
        ("Cc", &mail.cc.join(", ")),
        ("Bcc", &mail.bcc.join(", ")),
        ("Reply-To", &mail.reply_to),
        (
            "In-Reply-To",
            mail.in_reply_to.as_deref().unwrap_or_default(),
        ),
        ("References", mail.references.as_deref().unwrap_or_default()),
        ("Subject", &mail.subject),
    ]);
    // HTML is shown as its source: somebody else wrote it.
    for text in mail.text.iter().chain(&mail.html) {
        body.element("pre", "", text);
    }
    body.raw("</article>");
}

/// The how manieth request it is with its `Idempotency-Key`; requests without one are not repeated.
fn attempt(sent: &Delivery, all: &[Delivery]) -> usize {
    let key = |delivery: &Delivery| {
        let mut headers = delivery.headers.iter();
        let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("Idempotency-Key"));
        found.map(|(_, value)| value.clone())
    };
    let Some(own) = key(sent) else {
        return 1;
    };
    all.iter()
        .filter(|other| other.at <= sent.at && key(other).as_ref() == Some(&own))
        .count()
}

fn delivery(body: &mut Html, delivery: &Delivery, attempt: usize) {
    let good = delivery
        .status
        .is_some_and(|status| (200..300).contains(&status));
    let answer = match (delivery.status, &delivery.problem) {
        (Some(status), _) => status.to_string(),
        (None, Some(problem)) => problem.clone(),
        (None, None) => "no answer".to_owned(),
    };
    body.raw("<article>").raw(&time(delivery.at)).raw(" ");
    body.text(&format!("{} {} → ", delivery.method, delivery.credential));
    body.element("strong", if good { "good" } else { "bad" }, &answer);
    if attempt > 1 {
        let text = format!(" attempt {attempt}");
        body.element("span", "quiet", &text);
    }
    let headers: Vec<(&str, &str)> = delivery
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    body.pairs(&headers);
    body.element("pre", "", &delivery.body).raw("</article>");
}

fn jobs(body: &mut Html, jobs: &[JobRow]) {
    if jobs.is_empty() {
        return;
    }
    body.element("h3", "", "Jobs");
    body.raw("<table><thead><tr><th>Due</th><th>Class</th><th>Status</th></tr></thead><tbody>");
    for job in jobs {
        let (class, status) = match job.status {
            JobStatus::Queued => ("quiet", "Queued"),
            JobStatus::Processing => ("quiet", "Processing"),
            JobStatus::Completed => ("good", "Completed"),
            JobStatus::Failed => ("bad", "Failed"),
        };
        body.raw("<tr><td>").raw(&time(job.due)).raw("</td>");
        body.element("td", "", &job.class).raw("<td>");
        body.element("span", class, status);
        if let Some(detail) = &job.detail {
            body.raw(" ").text(detail);
        }
        body.raw("</td></tr>");
    }
    body.raw("</tbody></table>");
}

fn log(body: &mut Html, lines: &[LogLine]) {
    if lines.is_empty() {
        return;
    }
    body.element("h3", "", "Debug lines").raw("<pre>");
    for line in lines {
        let at = line.at.strftime("%H:%M:%S");
        body.text(&format!("{at} {:<5} {}\n", line.level, line.text));
    }
    body.raw("</pre>");
}
