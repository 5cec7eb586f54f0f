//! Callouts: in a test they go to its mock.

use super::super::limits::Limit;
use super::super::live;
use super::super::machine::{Running, Throw};
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
        let response = live::send(m, &a[0])?;
        m.log_response(&response);
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
    Ok(response)
})];
