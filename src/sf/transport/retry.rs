//! When a request that only reads is sent again.

use std::time::Duration;

use reqwest::header::HeaderValue;

use super::Fault;
use crate::sf::fault::FaultClass;

const MOST: u32 = 5;

/// A host without an org may be one that is moving just now, but seldom is.
const MOST_WITHOUT_ORG: u32 = 2;

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

/// `Retry-After` in seconds. Its other form, a date, is left out: it would need the wall clock.
pub(super) fn after(header: Option<&HeaderValue>) -> Option<Duration> {
    let seconds: u32 = header?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
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
        assert!(pause(2, &gone, None).is_some());
        assert_eq!(pause(3, &gone, None), None);
    }

    #[test]
    fn reads_retry_after() {
        let seconds = |text| after(Some(&HeaderValue::from_static(text)));
        assert_eq!(seconds("7"), Some(Duration::from_secs(7)));
        assert_eq!(seconds("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(seconds("-1"), None);
        assert_eq!(after(None), None);
    }
}
