//! The block of limits at the end of a log's code unit.

use super::super::limits::{Limit, Usage};

// As a log lists them: the text, and what is counted here or the platform's limit of what this
// runtime does not have and so never uses.
const LINES: [(&str, Result<Limit, u64>); 13] = [
    ("Number of SOQL queries", Ok(Limit::Queries)),
    ("Number of query rows", Ok(Limit::QueryRows)),
    ("Number of SOSL queries", Err(20)),
    ("Number of DML statements", Ok(Limit::DmlStatements)),
    ("Number of Publish Immediate DML", Err(150)),
    ("Number of DML rows", Ok(Limit::DmlRows)),
    ("Maximum CPU time", Ok(Limit::CpuTime)),
    ("Maximum heap size", Ok(Limit::HeapSize)),
    ("Number of callouts", Ok(Limit::Callouts)),
    ("Number of Email Invocations", Ok(Limit::EmailInvocations)),
    ("Number of future calls", Ok(Limit::FutureCalls)),
    (
        "Number of queueable jobs added to the queue",
        Ok(Limit::QueueableJobs),
    ),
    ("Number of Mobile Apex push calls", Err(10)),
];

/// `LIMIT_USAGE_FOR_NS` and its lines.
pub fn limit_usage(usage: &Usage, asynchronous: bool) -> String {
    let mut text = "LIMIT_USAGE_FOR_NS|(default)|".to_owned();
    for (name, limit) in LINES {
        let (used, allowed) = match limit {
            Ok(limit) => (usage.used(limit), limit.allowed(asynchronous)),
            Err(allowed) => (0, allowed),
        };
        text.push_str(&format!("\n  {name}: {used} out of {allowed}"));
    }
    text.push('\n');
    text
}
