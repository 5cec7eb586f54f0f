//! The block of limits at the end of a log's code unit.

use super::super::limits::{Limit, Usage};

// As a log lists them.
const LINES: [(&str, Limit); 13] = [
    ("Number of SOQL queries", Limit::Queries),
    ("Number of query rows", Limit::QueryRows),
    ("Number of SOSL queries", Limit::SoslQueries),
    ("Number of DML statements", Limit::DmlStatements),
    ("Number of Publish Immediate DML", Limit::PublishImmediate),
    ("Number of DML rows", Limit::DmlRows),
    ("Maximum CPU time", Limit::CpuTime),
    ("Maximum heap size", Limit::HeapSize),
    ("Number of callouts", Limit::Callouts),
    ("Number of Email Invocations", Limit::EmailInvocations),
    ("Number of future calls", Limit::FutureCalls),
    (
        "Number of queueable jobs added to the queue",
        Limit::QueueableJobs,
    ),
    (
        "Number of Mobile Apex push calls",
        Limit::MobilePushApexCalls,
    ),
];

/// `LIMIT_USAGE_FOR_NS` and its lines.
pub fn limit_usage(usage: &Usage, allowed: impl Fn(Limit) -> u64) -> String {
    let mut text = "LIMIT_USAGE_FOR_NS|(default)|".to_owned();
    for (name, limit) in LINES {
        let (used, allowed) = (usage.used(limit), allowed(limit));
        text.push_str(&format!("\n  {name}: {used} out of {allowed}"));
    }
    text.push('\n');
    text
}
