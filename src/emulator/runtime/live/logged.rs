//! The debug log of a transaction.

use super::super::limits::Limit;
use super::super::log::{Category, Level};
use super::super::machine::{Machine, Outcome, Throw};
use super::super::org::OrgData;
use jiff::Timestamp;

/// A debug log as the org keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Whose transaction it is: `005…`.
    pub user: String,
    /// `ApexLog.Operation`
    pub operation: String,
    /// `Success`, or the exception.
    pub status: String,
    /// When the transaction began.
    pub start: Timestamp,
    /// CPU time by the measure of the limits.
    pub milliseconds: u64,
    /// The text.
    pub body: String,
}

/// Runs something and keeps its log, if it writes any.
pub fn logged<T>(
    machine: &mut Machine<'_>,
    operation: &str,
    kept: &mut Vec<Logged>,
    work: impl FnOnce(&mut Machine<'_>) -> Outcome<T>,
) -> Outcome<T> {
    // Anonymous code writes the frame of its log itself, and takes it away.
    let framed = operation != "executeAnonymous";
    if framed {
        note(machine, &user_info(machine.org));
        note(machine, "EXECUTION_STARTED");
    }
    let result = work(machine);
    if !framed {
        return result;
    }
    let status = match &result {
        Ok(_) => "Success".to_owned(),
        Err(Throw::Exception(object) | Throw::Fatal(object)) => {
            machine.log_fatal(object);
            let (name, message, _) = machine.describe(object);
            format!("{name}: {message}")
        }
        Err(Throw::Unsupported(construct)) => {
            let status = format!("not supported by the local org: {construct}");
            note(machine, &format!("FATAL_ERROR|{status}"));
            status
        }
    };
    machine.log_usage();
    note(machine, "EXECUTION_FINISHED");
    let start = machine.org.now;
    let milliseconds = machine.usage.used(Limit::CpuTime);
    let body = machine.take_log();
    if !body.is_empty() {
        kept.push(Logged {
            user: machine.org.user_id.to_string(),
            operation: operation.to_owned(),
            status,
            start,
            milliseconds,
            body,
        });
    }
    result
}

/// Who runs a transaction.
pub fn user_info(org: &OrgData) -> String {
    format!(
        "USER_INFO|[EXTERNAL]|{}|{}|(GMT+00:00) Greenwich Mean Time (GMT)|GMTZ",
        org.user_id, org.username
    )
}

fn note(machine: &mut Machine<'_>, text: &str) {
    machine.event(Category::ApexCode, Level::Error, || text.to_owned());
}
