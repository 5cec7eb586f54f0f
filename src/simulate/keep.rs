//! What is kept of a scenario for the org's page.

use serde_json::Value;

use crate::emulator::activity::{CaseThread, Message, MessageKind, Played};
use crate::emulator::runtime::{Fields, LiveOrg};

/// Of a bulk load the first ones say it all.
const CASES: usize = 20;
const ROWS: usize = 60;

/// What happened in an org at work.
pub fn played(org: &LiveOrg<'_>) -> Played {
    let cases = org.records("Case");
    let mails = org.records("EmailMessage");
    let comments = org.records("CaseComment");
    let first = |rows: usize| rows.min(ROWS);
    Played {
        more_cases: cases.len().saturating_sub(CASES),
        cases: cases
            .iter()
            .take(CASES)
            .map(|case| thread(case, &mails, &comments))
            .collect(),
        mails: org.mails()[..first(org.mails().len())].to_vec(),
        deliveries: org.deliveries()[..first(org.deliveries().len())].to_vec(),
        jobs: org.jobs()[..first(org.jobs().len())].to_vec(),
        log: org.log()[..first(org.log().len())].to_vec(),
        ..Played::default()
    }
}

fn text(row: &Fields, name: &str) -> String {
    let value = row.get(name).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

fn thread(case: &Fields, mails: &[Fields], comments: &[Fields]) -> CaseThread {
    let id = text(case, "Id");
    let of_case = |row: &&Fields| text(row, "ParentId") == id;
    let mails = mails.iter().filter(of_case).map(|row| Message {
        kind: match row.get("Incoming") {
            Some(Value::Bool(true)) => MessageKind::Received,
            _ => MessageKind::Written,
        },
        at: text(row, "CreatedDate").parse().unwrap_or_default(),
        from: text(row, "FromAddress"),
        subject: text(row, "Subject"),
        text: text(row, "TextBody"),
    });
    let comments = comments.iter().filter(of_case).map(|row| Message {
        kind: MessageKind::Comment,
        at: text(row, "CreatedDate").parse().unwrap_or_default(),
        from: String::new(),
        subject: String::new(),
        text: text(row, "CommentBody"),
    });
    let mut messages: Vec<Message> = mails.chain(comments).collect();
    messages.sort_by_key(|message| message.at);
    CaseThread {
        number: text(case, "CaseNumber"),
        subject: text(case, "Subject"),
        status: text(case, "Status"),
        from: text(case, "SuppliedEmail"),
        messages,
    }
}
