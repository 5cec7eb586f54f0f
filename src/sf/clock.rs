//! Time as a parameter, so that waiting can be tested without waiting.

use std::pin::Pin;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// What goes by between two moments, how to let it go by, and what the calendar says.
pub trait Clock: Send + Sync {
    /// Time since a fixed moment; never goes back, and need not go on while the machine sleeps.
    fn now(&self) -> Duration;

    /// Returns after that time.
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Date and time. Somebody may set them forth or back, so waiting never goes by them.
    fn wall(&self) -> Timestamp;

    /// A pause before another try, made a little longer by chance, so that clients which failed
    /// together don't come back together. Never shorter: a server may have asked for it.
    fn spread(&self, pause: Duration) -> Duration {
        pause
    }
}

/// The machine's clock. Needs a tokio runtime with its time driver.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn spread(&self, pause: Duration) -> Duration {
        let mut word = [0; 4];
        // Without a random number the pause is as good as any.
        if aws_lc_rs::rand::fill(&mut word).is_err() {
            return pause;
        }
        longer(pause, u32::from_ne_bytes(word))
    }
}

/// Longer by up to a quarter.
fn longer(pause: Duration, chance: u32) -> Duration {
    pause + (pause / 4).mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_by_at_most_a_quarter() {
        let second = Duration::from_secs(1);
        assert_eq!(longer(second, 0), second);
        assert_eq!(longer(second, u32::MAX), second * 5 / 4);
        let spread = SystemClock::default().spread(second);
        assert!(spread >= second && spread <= second * 5 / 4);
    }
}
