//! Callouts: in a test they go to its mock.

use super::super::limits::Limit;
use super::super::live;
use super::super::machine::{Machine, Outcome, Running, Throw};
use super::super::value::Value;
use super::Table;

/// The natives here.
pub const TABLE: Table = &[("Http.send", |m, _, a| {
    if a[0].is_null() {
        return Err(m.null_pointer());
    }
    if m.pending {
        return Err(m.raise(
            "CalloutException",
            "You have uncommitted work pending. Please commit or rollback before calling out",
        ));
    }
    if m.running == Running::Scheduled {
        return Err(m.raise(
            "CalloutException",
            "Callout from scheduled Apex not supported.",
        ));
    }
    if !m.may_call_out {
        // What a queueable or batch is told is not documented.
        return Err(m.raise(
            "CalloutException",
            "Callout not allowed from this future method. Please enable callout by annotating the \
             future method. eg: @Future(callout=true)",
        ));
    }
    if m.live.is_some() {
        m.log_request(&a[0]);
        m.log_named_request(&a[0]);
        let response = live::send(m, &a[0])?;
        m.log_named_response(&a[0], &response);
        m.log_response(&response);
        check_size(m, &response)?;
        return Ok(response);
    }
    m.spend(Limit::Callouts, 1)?;
    if !m.is_test {
        return Err(Throw::Unsupported("a callout outside of a test".to_owned()));
    }
    let Some(mock) = m.test.mocks.get("httpcalloutmock").cloned() else {
        return Err(m.raise(
            "CalloutException",
            "Methods defined as TestMethod do not support Web service callouts",
        ));
    };
    m.log_request(&a[0]);
    let response = m.call_method(&mock, "respond", vec![a[0].clone()])?;
    m.log_response(&response);
    check_size(m, &response)?;
    Ok(response)
})];

// A response may be as large as the heap (Apex Developer Guide, "Execution Governors and Limits"); a
// request that is larger has no room in it.
fn check_size(machine: &Machine<'_>, response: &Value) -> Outcome<()> {
    let Value::Object(object) = response else {
        return Ok(());
    };
    let size = match machine.variable_of(object, "body") {
        Value::String(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 0,
    };
    let most = machine.allowed(Limit::HeapSize);
    if size as u64 <= most {
        return Ok(());
    }
    Err(machine.raise(
        "CalloutException",
        format!("Exceeded max size limit of {most} with response size {size}"),
    ))
}
