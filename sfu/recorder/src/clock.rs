//! The time of a recording: microseconds since the Unix epoch on a clock that does not jump.

use std::time::{Duration, Instant, SystemTime};

/// The wall clock read once, carried on by the monotonic clock: a step of the wall clock tears no recording.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    at: Instant,
    epoch_us: u64,
}

impl Clock {
    /// Reads both clocks.
    #[must_use]
    pub fn read() -> Clock {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Clock {
            at: Instant::now(),
            epoch_us: u64::try_from(since.as_micros()).unwrap_or(u64::MAX),
        }
    }

    /// That moment, in microseconds since the Unix epoch.
    #[must_use]
    pub fn micros(&self, at: Instant) -> u64 {
        let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        match at.checked_duration_since(self.at) {
            Some(since) => self.epoch_us.saturating_add(micros(since)),
            None => {
                let before = self.at.saturating_duration_since(at);
                self.epoch_us.saturating_sub(micros(before))
            }
        }
    }

    /// Now, in microseconds since the Unix epoch.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        self.micros(Instant::now())
    }
}
