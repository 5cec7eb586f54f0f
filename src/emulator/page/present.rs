//! What is in the org now, the newest first: Cases with their messages, mail, requests, jobs, debug
//! lines.

use super::super::activity::{CaseThread, JobRow, JobStatus, Played, moment};
use super::super::record::Fields;
use super::super::state::State;

/// How much of each is shown.
const CASES: usize = 20;
const ROWS: usize = 60;

/// What there is to see.
pub fn present(state: &State) -> Played {
    let cases = rows(state, "Case");
    let mails = rows(state, "EmailMessage");
    let comments = rows(state, "CaseComment");
    let activity = &state.activity;
    Played {
        more_cases: cases.len().saturating_sub(CASES),
        cases: newest(&cases, CASES)
            .iter()
            .map(|case| CaseThread::of(case, &mails, &comments))
            .collect(),
        mails: newest(&activity.mails, ROWS),
        deliveries: newest(&activity.deliveries, ROWS),
        jobs: newest(&jobs(state), ROWS),
        // Lines of a log are read downwards.
        log: activity.lines[activity.lines.len().saturating_sub(ROWS)..].to_vec(),
        ..Played::default()
    }
}

fn newest<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    all.iter().rev().take(most).cloned().collect()
}

fn rows(state: &State, object: &str) -> Vec<Fields> {
    let records = state.records.iter();
    records
        .filter(|record| record.object == object && !record.deleted)
        .map(|record| record.fields.clone().into_iter().collect())
        .collect()
}

fn jobs(state: &State) -> Vec<JobRow> {
    rows(state, "AsyncApexJob")
        .into_iter()
        .map(|row| job(state, &row))
        .collect()
}

fn job(state: &State, row: &Fields) -> JobRow {
    let text = |name: &str| row.get(name).and_then(|value| value.as_str());
    let id = text("Id").unwrap_or_default();
    let waiting = state.activity.pending.iter();
    let waiting = waiting
        .filter_map(|pending| pending.job())
        .find(|job| job.id == id);
    if let Some(job) = waiting {
        let status = match text("Status") {
            Some("Processing") => JobStatus::Processing,
            _ => job.status,
        };
        return JobRow {
            status,
            ..job.clone()
        };
    }
    let class = text("ApexClassId").unwrap_or_default();
    let class = state.components.iter().find(|stored| stored.id == class);
    let enqueued = moment(row, "CreatedDate");
    JobRow {
        id: id.to_owned(),
        class: class.map_or_else(String::new, |stored| stored.full_name.clone()),
        enqueued,
        due: enqueued,
        status: match text("Status") {
            Some("Completed") => JobStatus::Completed,
            Some("Failed") => JobStatus::Failed,
            _ => JobStatus::Queued,
        },
        detail: text("ExtendedStatus").map(str::to_owned),
    }
}
