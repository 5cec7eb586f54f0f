//! With `email_cases.case_trigger: existing` somebody has to add a line to a trigger of their own.

use serde::Deserialize;

use super::{Check, Status};
use crate::apex;
use crate::config::{CaseTrigger, Integration};
use crate::diag::Code;
use crate::sf::{Fault, Reader};

const CALLED: Code = Code("verify/case-handler-called");

/// Row of `ApexTrigger`, Tooling API.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TriggerRow {
    name: String,
    body: Option<String>,
}

/// Whether a trigger on Case calls our handler. A trigger that calls it through a class of its own
/// cannot be told from one that doesn't, so a missing call is something to look at, not a failure.
pub(super) async fn check(reader: &Reader, integration: &Integration) -> Result<Vec<Check>, Fault> {
    if integration.case_trigger == CaseTrigger::Shipped {
        return Ok(Vec::new());
    }
    let shipped = "OpenSalesforceCaseManagement";
    let handler = integration
        .names
        .get(shipped)
        .map_or(shipped, String::as_str);
    let soql = "SELECT Name, Body FROM ApexTrigger WHERE NamespacePrefix = null AND TableEnumOrId = \
                'Case' AND Status = 'Active' AND UsageAfterInsert = true";
    match reader.tooling_query(soql).await {
        Ok(rows) => Ok(vec![judge(handler, &rows)]),
        Err(fault) => super::unknown_or_fatal(fault, CALLED, &[]).map(|_| {
            let message = "the org did not show its triggers on Case";
            vec![Check::new(CALLED, Status::Unknown, message)]
        }),
    }
}

fn judge(handler: &str, rows: &[TriggerRow]) -> Check {
    let caller = rows.iter().find(|row| {
        let body = apex::Source::parse(row.body.as_deref().unwrap_or_default());
        body.calls().iter().any(|call| {
            let receiver = call.receiver.unwrap_or_default();
            receiver.eq_ignore_ascii_case(handler)
                && call.name.eq_ignore_ascii_case("handleAfterInsert")
        })
    });
    match caller {
        Some(row) => {
            let message = format!("{} calls {handler}", row.name);
            Check::new(CALLED, Status::Passed, message)
        }
        None => {
            let message = format!("no trigger on Case calls {handler} itself");
            Check::new(CALLED, Status::ToDo, message).help(format!(
                "add `{handler}.handleAfterInsert(Trigger.new);` to the after insert part of your \
                 trigger on Case, or to its handler class (then this stays as a reminder)"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(body: &str) -> (Status, String) {
        let rows = [TriggerRow {
            name: "CaseTrigger".to_owned(),
            body: Some(body.to_owned()),
        }];
        let check = judge("OpenCx", &rows);
        (check.status, check.message)
    }

    #[test]
    fn a_call_is_found_however_it_is_written() {
        let called = (Status::Passed, "CaseTrigger calls OpenCx".to_owned());
        for body in [
            "trigger CaseTrigger on Case(after insert) { OpenCx.handleAfterInsert(Trigger.new); }",
            "trigger CaseTrigger on Case(after insert) {\n opencx\n.HANDLEAFTERINSERT (trigger.new);}",
        ] {
            assert_eq!(judged(body), called, "{body}");
        }
    }

    #[test]
    fn a_comment_is_no_call() {
        let missing = "no trigger on Case calls OpenCx itself".to_owned();
        for body in [
            "trigger CaseTrigger on Case(after insert) { }",
            "trigger CaseTrigger on Case(after insert) { // OpenCx.handleAfterInsert(Trigger.new);\n }",
            "(hidden)",
        ] {
            assert_eq!(judged(body), (Status::ToDo, missing.clone()), "{body}");
        }
        assert_eq!(judge("OpenCx", &[]).status, Status::ToDo);
    }
}
