//! How much of its day an org has left.

/// How much of the org's daily API requests is used, as its last answer said
/// (`Sforce-Limit-Info`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiUsage {
    /// Requests in the last 24 hours.
    pub used: u64,
    /// Requests that the org has.
    pub allowed: u64,
}

impl ApiUsage {
    /// Of a hundred requests, one is left.
    pub fn is_nearly_spent(&self) -> bool {
        self.used.saturating_mul(100) >= self.allowed.saturating_mul(99)
    }
}

/// `api-usage=18/5000; per-app-api-usage=…`.
pub(super) fn parse_usage(header: &str) -> Option<ApiUsage> {
    let (used, allowed) = header
        .split(';')
        .find_map(|part| part.trim().strip_prefix("api-usage="))?
        .split_once('/')?;
    Some(ApiUsage {
        used: used.trim().parse().ok()?,
        allowed: allowed.trim().parse().ok()?,
    })
}
