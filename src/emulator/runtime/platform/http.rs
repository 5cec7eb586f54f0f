//! Callouts, which go to the test's mock.

use super::super::limits::Limit;
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
    m.spend(Limit::Callouts, 1)?;
    let Some(mock) = m.test.mocks.get("httpcalloutmock").cloned() else {
        return Err(m.raise(
            "CalloutException",
            "Methods defined as TestMethod do not support Web service callouts",
        ));
    };
    m.call_method(&mock, "respond", vec![a[0].clone()])
})];
