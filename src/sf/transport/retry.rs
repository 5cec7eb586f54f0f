//! When a request that only reads is sent again.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::Fault;
use crate::sf::fault::FaultClass;

const MOST: u32 = 5;

/// A host without an org may be one that is moving just now, but seldom is: two tries in all.
const MOST_WITHOUT_ORG: u32 = 1;

/// Nobody listens at the address: a balancer may be changing over, but mostly the address is wrong.
const MOST_REFUSED: u32 = 2;

const FIRST: Duration = Duration::from_millis(500);

/// How long to wait after the given number of failed tries; `None` to give up.
pub(in crate::sf) fn pause(
    tries: u32,
    fault: &Fault,
    retry_after: Option<Duration>,
) -> Option<Duration> {
    let most = match fault {
        Fault::NoOrg { .. } => MOST_WITHOUT_ORG,
        Fault::Unreachable { .. } => MOST_REFUSED,
        _ => MOST,
    };
    if fault.class() != FaultClass::Transient || tries > most {
        return None;
    }
    let own = FIRST * 2_u32.pow(tries.saturating_sub(1).min(MOST));
    Some(retry_after.map_or(own, |wanted| wanted.max(own)))
}

/// `Retry-After`, in seconds or as a date. A date is held against the answer's own: this machine's
/// clock, which is `now`, counts only where the answer has none.
pub(super) fn after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let word = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let wanted = word(RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = |text| Some(rfc2822::parse(text).ok()?.timestamp());
    let now = word(DATE).and_then(date).unwrap_or(now);
    // A date that is over says: at once.
    Some(Duration::try_from(date(wanted)?.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn unavailable() -> Fault {
        Fault::Unavailable {
            status: 503,
            text: String::new(),
        }
    }

    #[test]
    fn doubles_and_gives_up() {
        let pauses: Vec<Option<u128>> = (1..=6)
            .map(|tries| pause(tries, &unavailable(), None).map(|pause| pause.as_millis()))
            .collect();
        assert_eq!(
            pauses,
            [
                Some(500),
                Some(1000),
                Some(2000),
                Some(4000),
                Some(8000),
                None
            ]
        );
    }

    #[test]
    fn honours_the_server_and_the_kind_of_fault() {
        let minute = Duration::from_secs(60);
        assert_eq!(pause(1, &unavailable(), Some(minute)), Some(minute));
        assert_eq!(
            pause(3, &unavailable(), Some(Duration::ZERO)),
            Some(Duration::from_secs(2))
        );
        assert_eq!(pause(1, &Fault::JwtOverSoap, Some(minute)), None);
        let gone = Fault::NoOrg {
            host: "acme".to_owned(),
        };
        assert!(pause(1, &gone, None).is_some());
        assert_eq!(pause(2, &gone, None), None);
    }

    #[test]
    fn reads_retry_after() {
        let now = "2026-10-21T07:27:30Z".parse().unwrap();
        let seconds = |lines: &[(HeaderName, &'static str)]| {
            let lines = lines.iter().cloned();
            let lines = lines.map(|(name, text)| (name, HeaderValue::from_static(text)));
            after(&lines.collect(), now).map(|pause| pause.as_secs())
        };
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        assert_eq!(seconds(&[(RETRY_AFTER, "7")]), Some(7));
        assert_eq!(seconds(&[(RETRY_AFTER, date)]), Some(30));
        let server = (DATE, "Wed, 21 Oct 2026 07:27:50 GMT");
        assert_eq!(seconds(&[(RETRY_AFTER, date), server]), Some(10));
        assert_eq!(
            seconds(&[(RETRY_AFTER, "Wed, 21 Oct 2026 07:00:00 GMT")]),
            Some(0)
        );
        assert_eq!(seconds(&[(RETRY_AFTER, "-1")]), None);
        assert_eq!(seconds(&[(RETRY_AFTER, "soon")]), None);
        assert_eq!(seconds(&[]), None);
    }
}
