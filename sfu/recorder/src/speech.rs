//! Who speaks, from the loudness that packets tell: on after a short while of sound, off after a longer one of silence.

/// Louder than this is sound; a quiet room lies about -60 dBov, a voice about -30.
const LOUD_DBOV: u8 = 45;
/// Sound within the last [`WINDOW_US`] that makes speech.
const ON_AFTER_US: u64 = 60_000;
const WINDOW_US: u64 = 200_000;
/// Silence that ends it.
const OFF_AFTER_US: u64 = 800_000;

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) at_us: u64,
    pub(crate) is_on: bool,
}

/// The state of one track.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    is_on: bool,
    /// Start of the sound that is not yet speech.
    since_us: Option<u64>,
    last_loud_us: u64,
}

impl Speech {
    /// A packet tells its loudness in -dBov.
    pub(crate) fn hear(&mut self, at_us: u64, level: u8) -> Option<Change> {
        if level > LOUD_DBOV {
            return self.rest(at_us);
        }
        let is_apart = at_us.saturating_sub(self.last_loud_us) > WINDOW_US;
        self.last_loud_us = at_us;
        if self.is_on {
            return None;
        }
        if is_apart {
            self.since_us = None;
        }
        let since = *self.since_us.get_or_insert(at_us);
        if at_us.saturating_sub(since) < ON_AFTER_US {
            return None;
        }
        self.is_on = true;
        Some(Change {
            at_us: since,
            is_on: true,
        })
    }

    /// Time goes by without sound.
    pub(crate) fn rest(&mut self, now_us: u64) -> Option<Change> {
        if !self.is_on || now_us.saturating_sub(self.last_loud_us) < OFF_AFTER_US {
            return None;
        }
        self.end()
    }

    /// The track pauses or ends.
    pub(crate) fn end(&mut self) -> Option<Change> {
        self.since_us = None;
        std::mem::take(&mut self.is_on).then_some(Change {
            at_us: self.last_loud_us,
            is_on: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_starts_within_200_ms_and_ends_after_800_ms_of_silence() {
        let mut speech = Speech::default();
        let mut changes = Vec::new();
        for ms in (0..5000).step_by(20) {
            let is_loud = (1000..2000).contains(&ms) || (2400..3000).contains(&ms);
            let level = if is_loud { 30 } else { 127 };
            changes.extend(speech.hear(1000 * ms, level).map(|change| (ms, change)));
        }
        let [(on_at, on), (off_at, off)] = changes[..] else {
            panic!("{changes:?}")
        };
        assert_eq!((on.at_us, on.is_on, off.is_on), (1_000_000, true, false));
        assert!(on_at <= 1200, "{on_at}");
        assert_eq!(off.at_us, 2_980_000, "a pause of 400 ms is within speech");
        assert!((3780..=3820).contains(&off_at), "{off_at}");
    }

    #[test]
    fn a_click_is_no_speech() {
        let mut speech = Speech::default();
        for second in 0..10 {
            assert_eq!(speech.hear(second * 1_000_000, 10), None);
            assert_eq!(speech.hear(second * 1_000_000 + 20_000, 10), None);
        }
        assert_eq!(speech.end(), None);
    }
}
