//! The org's clock, which tests can set, and the platform's two spellings of a date.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// Where the org takes the time from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks the given function.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Timestamp::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// `2026-05-09T17:00:41.000Z`, as SOAP writes a dateTime.
pub fn soap_date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `2026-05-09T17:00:41.000+0000`, as REST does.
pub fn rest_date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_have_milliseconds() {
        let time: Timestamp = "2026-05-09T17:00:41.0421Z".parse().unwrap();
        assert_eq!(soap_date(time), "2026-05-09T17:00:41.042Z");
        assert_eq!(rest_date(time), "2026-05-09T17:00:41.042+0000");
    }
}
