//! What is kept of a scenario for the org's page.

use crate::emulator::activity::{CaseThread, Played};
use crate::emulator::runtime::LiveOrg;

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
            .map(|case| CaseThread::of(case, &mails, &comments))
            .collect(),
        mails: org.mails()[..first(org.mails().len())].to_vec(),
        deliveries: org.deliveries()[..first(org.deliveries().len())].to_vec(),
        jobs: org.jobs()[..first(org.jobs().len())].to_vec(),
        log: org.log()[..first(org.log().len())].to_vec(),
        ..Played::default()
    }
}
