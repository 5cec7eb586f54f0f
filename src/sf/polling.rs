//! How long to pause between two looks at something that takes its time.

use std::time::Duration;

/// When to look, and when to stop looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polling {
    /// Before the first look, and the shortest pause of all.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// A pause after a look that has found no progress, in halves of the pause before it.
    pub slower: u32,
    /// When to stop, from the start.
    pub deadline: Duration,
}

impl Polling {
    /// For an org of Salesforce: few jobs end before half a second, and a request counts against
    /// the org's daily ones.
    pub fn new(deadline: Duration) -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(10),
            slower: 3,
            deadline,
        }
    }

    /// The same with as few looks as will do, where many orgs are read and nobody waits for one of them:
    /// what takes less than three seconds is looked at twice, what takes seven three times.
    #[must_use]
    pub fn sparing(self) -> Self {
        Self {
            first: self.first * 2,
            slower: 4,
            ..self
        }
    }

    /// For an emulated org on this machine.
    pub fn local(deadline: Duration) -> Self {
        Self {
            first: Duration::from_millis(10),
            longest: Duration::from_millis(250),
            slower: 3,
            deadline,
        }
    }

    /// The pause after a look that has found `done` of `total` steps, when the look before it,
    /// `pause` ago, had found `before`.
    ///
    /// With progress: half of the time that the rest would take at that pace, so that the end is
    /// noticed soon after it. Without: `slower`, so half as long again as before unless the looks are
    /// [`sparing`](Self::sparing).
    pub fn next(&self, pause: Duration, before: u32, done: u32, total: u32) -> Duration {
        let progress = done.saturating_sub(before);
        let wanted = if progress == 0 || total <= done {
            pause.saturating_mul(self.slower) / 2
        } else {
            pause.saturating_mul(total - done) / progress / 2
        };
        wanted.clamp(self.first, self.longest.max(self.first))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn follows_the_pace() {
        let polling = Polling::new(SECOND * 600);
        // 10 of 50 in one second: 4 s to go.
        assert_eq!(polling.next(SECOND, 0, 10, 50), SECOND * 2);
        assert_eq!(polling.next(SECOND, 40, 49, 50), polling.first);
        assert_eq!(polling.next(SECOND, 0, 1, 5000), polling.longest);
    }

    #[test]
    fn slows_down_while_nothing_happens() {
        let polling = Polling::new(SECOND * 600);
        assert_eq!(polling.next(SECOND, 0, 0, 0), SECOND * 3 / 2);
        assert_eq!(polling.next(SECOND, 7, 7, 9), SECOND * 3 / 2);
        assert_eq!(polling.next(SECOND * 9, 7, 7, 9), polling.longest);
        assert_eq!(polling.sparing().next(SECOND, 0, 0, 0), SECOND * 2);
    }

    proptest! {
        #[test]
        fn stays_within_its_bounds(pause in any::<Duration>(), before: u32, done: u32, total: u32) {
            let polling = Polling::new(SECOND);
            let next = polling.next(pause, before, done, total);
            prop_assert!(next >= polling.first && next <= polling.longest);
        }
    }
}
