//! What the texts of some events say: callouts and limits.

/// A request that left, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callout<'a> {
    /// `callout:OpenCX_Integration`, or a URL that may hold a secret.
    pub endpoint: &'a str,
    /// `POST`, …; empty where the log doesn't say.
    pub method: &'a str,
}

/// How much of a limit was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit<'a> {
    /// `Number of SOQL queries`
    pub what: &'a str,
    /// How much.
    pub used: u64,
    /// How much may be.
    pub allowed: u64,
}

/// The request of `CALLOUT_REQUEST`: `System.HttpRequest[Endpoint=…, Method=POST]`.
pub fn request(detail: &str) -> Option<Callout<'_>> {
    let inner = between(detail, "Endpoint=")?;
    let (endpoint, method) = inner.rsplit_once(", Method=").unwrap_or((inner, ""));
    Some(Callout { endpoint, method })
}

/// The status of `CALLOUT_RESPONSE`: `System.HttpResponse[Status=Gone, StatusCode=410]`.
pub fn answer(detail: &str) -> Option<u16> {
    number_behind(detail, "StatusCode=")
}

/// The name of the credential of `NAMED_CREDENTIAL_REQUEST`, whose other fields hold the URL behind
/// it: `…Named Credential Name=OpenCX_Integration…`.
pub fn named_callout(detail: &str) -> Option<&str> {
    let rest = behind(detail, "Named Credential Name=")?;
    let end = rest.find([',', '|', ']']).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// The status of `NAMED_CREDENTIAL_RESPONSE` or `NAMED_CREDENTIAL_RESPONSE_DETAIL`.
pub fn status_of_named(detail: &str) -> Option<u16> {
    number_behind(detail, "Status Code=")
}

/// The lines of `LIMIT_USAGE_FOR_NS`: `Number of SOQL queries: 1 out of 100`.
pub fn limits(text: &str) -> Vec<Limit<'_>> {
    fn limit(line: &str) -> Option<Limit<'_>> {
        let (what, rest) = line.split_once(": ")?;
        let (used, rest) = rest.split_once(" out of ")?;
        let allowed = rest.split(' ').next()?;
        Some(Limit {
            what: what.trim(),
            used: used.trim().parse().ok()?,
            allowed: allowed.parse().ok()?,
        })
    }
    text.lines().filter_map(limit).collect()
}

fn behind<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.find(mark).map(|at| &text[at + mark.len()..])
}

fn between<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let rest = behind(text, mark)?;
    Some(rest.rfind(']').map_or(rest, |end| &rest[..end]))
}

fn number_behind(text: &str, mark: &str) -> Option<u16> {
    let rest = behind(text, mark)?;
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..length].parse().ok()
}
