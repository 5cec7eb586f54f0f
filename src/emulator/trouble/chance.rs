//! Trouble by chance.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::answers::*;
use super::{Canned, On, Play};

/// Trouble by chance: the same for the same seed and the same requests. It can be given a new seed
/// while the org runs; 0 means none.
#[derive(Debug, Clone, Default)]
pub struct Chance(Arc<Mutex<Schedule>>);

#[derive(Default)]
struct Schedule {
    seed: u64,
    /// How often each request has come.
    turns: BTreeMap<String, u32>,
    last: Option<Last>,
}

/// The client that sends requests is ended at one of them.
struct Last {
    at: At,
    ended: Box<dyn Fn() + Send>,
}

/// Which request it is.
enum At {
    /// The one after so many.
    After(u32),
    /// The next that starts a deploy.
    Start,
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schedule").field(&self.seed).finish()
    }
}

impl Chance {
    /// Trouble with that seed.
    pub fn new(seed: u64) -> Self {
        let chance = Self::default();
        chance.set(seed);
        chance
    }

    /// From now on with that seed.
    pub fn set(&self, seed: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Schedule {
            seed,
            ..Schedule::default()
        };
    }

    /// Has `ended` called, which is to end the client, when so many more requests have come and the
    /// next one has. Whether the org does that one still is by chance. Good until the next seed.
    pub fn end_client_after(&self, requests: u32, ended: impl Fn() + Send + 'static) {
        self.end_client(At::After(requests), ended);
    }

    /// The same at the next request that starts a deploy. It may also arrive later.
    pub fn end_client_at_deploy(&self, ended: impl Fn() + Send + 'static) {
        self.end_client(At::Start, ended);
    }

    fn end_client(&self, at: At, ended: impl Fn() + Send + 'static) {
        let mut schedule = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        schedule.last = Some(Last {
            at,
            ended: Box::new(ended),
        });
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seed
    }

    /// What happens to a request, `METHOD /path`; `None`: nothing.
    pub(in crate::emulator) fn play(&self, request: &str) -> Option<Play> {
        let mut schedule = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = schedule.seed;
        if seed == 0 {
            return None;
        }
        let turn = schedule.turns.entry(request.to_owned()).or_default();
        *turn += 1;
        let turn = u64::from(*turn);
        let word = request
            .bytes()
            .fold(seed, |word, byte| mixed(word ^ u64::from(byte)));
        let word = mixed(word ^ turn);
        if let Some(last) = &mut schedule.last {
            let is_it = match &mut last.at {
                At::After(0) => true,
                At::After(left) => {
                    *left -= 1;
                    false
                }
                At::Start => On::Start.fits(request),
            };
            if is_it {
                (last.ended)();
                return Some(match word % 3 {
                    0 => Play::CutAfter,
                    1 if On::Start.fits(request) => late(word >> 8),
                    _ => Play::CutBefore,
                });
            }
        }
        // From hardly any request to every third one.
        let percent = mixed(seed) % 34;
        (word % 100 < percent).then(|| play(request, word >> 8))
    }
}

/// One of all that may happen to that request.
fn play(request: &str, word: u64) -> Play {
    // May come from a gateway behind which the org has done its work.
    const VAGUE: [Canned; 7] = [
        GATEWAY,
        MAINTENANCE,
        LATER,
        UNKNOWN,
        EMPTY_500,
        HALF,
        LOGIN_PAGE,
    ];
    // The org's own no: it has done nothing.
    const NO: [Canned; 4] = [TOO_MANY, EXPIRED, LIMIT, NO_ORG];
    let (kind, which) = (word % 16, (word >> 24) as usize);
    match kind {
        0..=2 => Play::CutBefore,
        3..=5 => Play::CutAfter,
        6 | 7 => Play::CutWithin,
        8 if On::Start.fits(request) => late(word >> 32),
        8 | 9 => Play::CutWhileSending,
        10 | 11 => Play::Answer(VAGUE[which % VAGUE.len()]),
        12 | 13 => Play::AnswerAfter(VAGUE[which % VAGUE.len()]),
        14 if On::Start.fits(request) => Play::Answer(LOCKED),
        14 if On::Status.fits(request) => Play::Answer([ODD_ID, AGED_OUT, BAD_MESSAGE][which % 3]),
        14 => Play::Answer([TOO_MANY, LATER_BY_DATE][which % 2]),
        _ => Play::Answer(NO[which % NO.len()]),
    }
}

/// Arrives while the client still looks for it, which for an org on this machine is two seconds.
fn late(word: u64) -> Play {
    Play::Late(100 + u32::try_from(word % 1_700).unwrap_or_default())
}

impl PartialEq for Chance {
    fn eq(&self, other: &Self) -> bool {
        self.seed() == other.seed()
    }
}

impl Eq for Chance {}

/// SplitMix64.
fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
