//! How long things may take.

use std::time::Duration;

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the whole answer is there. No retry starts later than this after the first try.
    pub request: Duration,
    /// Until the org is read. No retry starts later than this after the reading began.
    pub reading: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(120),
            reading: Duration::from_secs(300),
        }
    }
}
