//! Key frame requests to a publisher: the first goes at once, more within the pause become one at its end.

use std::time::{Duration, Instant};

/// At most two key frames a second: each is worth many other packets.
const PAUSE: Duration = Duration::from_millis(500);
/// A key frame asked for that did not come is asked for again after this.
const RETRY: Duration = Duration::from_secs(1);

/// Throttle of one track.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyframeRequests {
    last: Option<Instant>,
    due: Option<Instant>,
    number: u8,
}

impl KeyframeRequests {
    /// Someone needs a key frame. Gives when the request is due, which may be now.
    pub fn ask(&mut self, now: Instant) -> Instant {
        let at = self.last.map_or(now, |last| now.max(last + PAUSE));
        *self.due.get_or_insert(at)
    }

    /// Someone still waits for one: asks again if the last request is old enough.
    pub fn ask_again(&mut self, now: Instant) -> Option<Instant> {
        let is_stale = self.last.is_none_or(|last| now >= last + RETRY);
        (is_stale && self.due.is_none()).then(|| self.ask(now))
    }

    /// When a request is to be sent.
    #[must_use]
    pub const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Takes the request if it is due; gives its number for FIR.
    pub fn take(&mut self, now: Instant) -> Option<u8> {
        self.due.filter(|due| *due <= now)?;
        self.due = None;
        self.last = Some(now);
        self.number = self.number.wrapping_add(1);
        Some(self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_of_requests_becomes_two() {
        let start = Instant::now();
        let mut requests = KeyframeRequests::default();
        let mut sent = Vec::new();
        for ms in 0..500 {
            let now = start + Duration::from_millis(ms);
            if ms < 400 {
                requests.ask(now);
            }
            if requests.take(now).is_some() {
                sent.push(ms);
            }
        }
        assert_eq!(sent, [0]);
        assert_eq!(
            requests.due(),
            Some(start + Duration::from_millis(500)),
            "the pending one fires after the pause"
        );
        assert!(requests.take(start + Duration::from_millis(500)).is_some());
        assert_eq!(requests.due(), None);
    }

    #[test]
    fn a_request_that_stays_without_effect_is_repeated() {
        let start = Instant::now();
        let mut requests = KeyframeRequests::default();
        requests.ask(start);
        requests.take(start).unwrap();
        assert_eq!(requests.ask_again(start + Duration::from_millis(900)), None);
        let later = start + Duration::from_millis(1000);
        assert_eq!(requests.ask_again(later), Some(later));
    }
}
