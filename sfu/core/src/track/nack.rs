//! Packets a publisher's source owes us, and when to ask for them.

use std::time::{Duration, Instant};

/// A packet may be this late without being asked for ...
const GRACE: Duration = Duration::from_millis(10);
/// ... unless this many newer ones have come.
const GRACE_PACKETS: u64 = 2;
/// No faster than this, whatever the round trip says.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
/// Then the packet is given up: nobody waits longer for a frame.
const MAX_TRIES: u8 = 10;
const MAX_AGE: Duration = Duration::from_secs(1);
/// A gap of more is not worth repairing: a key frame is cheaper.
const MAX_MISSING: usize = 256;

#[derive(Clone, Copy, Debug)]
struct Missing {
    seq: u64,
    since: Instant,
    next: Instant,
    tries: u8,
}

/// What a look at the missing packets says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NackVerdict {
    /// How many numbers were written to the output.
    pub asked: usize,
    /// A packet was given up: only a key frame helps.
    pub gave_up: bool,
}

/// The missing packets of one source, oldest first.
#[derive(Debug)]
pub struct MissingPackets {
    missing: Vec<Missing>,
    highest: Option<u64>,
    overflowed: bool,
}

impl Default for MissingPackets {
    fn default() -> Self {
        MissingPackets {
            missing: Vec::with_capacity(MAX_MISSING),
            highest: None,
            overflowed: false,
        }
    }
}

impl MissingPackets {
    /// Forgets everything: the source has changed.
    pub fn clear(&mut self) {
        self.missing.clear();
        self.highest = None;
        self.overflowed = false;
    }

    /// A packet has come, as it was sent or recovered. True if something may be due now.
    pub fn on_packet(&mut self, now: Instant, seq: u64) -> bool {
        let Some(highest) = self.highest else {
            self.highest = Some(seq);
            return false;
        };
        if seq <= highest {
            if let Some(at) = self.missing.iter().position(|missing| missing.seq == seq) {
                self.missing.remove(at);
            }
            return false;
        }
        self.highest = Some(seq);
        let gap = usize::try_from(seq - highest - 1).unwrap_or(usize::MAX);
        if gap.saturating_add(self.missing.len()) > MAX_MISSING {
            self.missing.clear();
            self.overflowed = true;
            return true;
        }
        self.missing.extend((highest + 1..seq).map(|seq| Missing {
            seq,
            since: now,
            next: now + GRACE,
            tries: 0,
        }));
        self.missing
            .iter()
            .any(|missing| self.is_overtaken(missing))
    }

    fn is_overtaken(&self, missing: &Missing) -> bool {
        missing.tries == 0
            && self
                .highest
                .is_some_and(|highest| highest >= missing.seq + GRACE_PACKETS)
    }

    /// When to look again.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.missing.iter().map(|missing| missing.next).min()
    }

    /// Writes the numbers to ask for now, ascending, and forgets what is hopeless.
    pub fn collect(&mut self, now: Instant, rtt: Duration, out: &mut [u16]) -> NackVerdict {
        let mut verdict = NackVerdict {
            asked: 0,
            gave_up: std::mem::take(&mut self.overflowed),
        };
        let before = self.missing.len();
        self.missing.retain(|missing| {
            now < missing.since + MAX_AGE && (missing.tries < MAX_TRIES || now < missing.next)
        });
        verdict.gave_up |= self.missing.len() < before;
        let highest = self.highest;
        let pause = rtt.max(SHORTEST_PAUSE);
        for missing in &mut self.missing {
            let is_overtaken =
                missing.tries == 0 && highest.is_some_and(|h| h >= missing.seq + GRACE_PACKETS);
            if now < missing.next && !is_overtaken {
                continue;
            }
            let Some(place) = out.get_mut(verdict.asked) else {
                break;
            };
            *place = (missing.seq & 0xffff) as u16;
            missing.tries += 1;
            missing.next = now + pause;
            verdict.asked += 1;
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RTT: Duration = Duration::from_millis(50);

    #[test]
    fn a_gap_is_asked_for_once_two_newer_packets_are_there() {
        let now = Instant::now();
        let (mut missing, mut out) = (MissingPackets::default(), [0; 16]);
        assert!(!missing.on_packet(now, 10));
        assert!(
            !missing.on_packet(now, 12),
            "one newer packet may be mere reordering"
        );
        assert_eq!(missing.collect(now, RTT, &mut out).asked, 0);
        assert!(missing.on_packet(now, 13));
        assert_eq!(missing.collect(now, RTT, &mut out).asked, 1);
        assert_eq!(out[0], 11);
        assert_eq!(missing.due(), Some(now + RTT));
        missing.on_packet(now, 11);
        assert_eq!(missing.due(), None);
    }

    #[test]
    fn a_gap_at_the_end_is_asked_for_after_the_grace() {
        let now = Instant::now();
        let (mut missing, mut out) = (MissingPackets::default(), [0; 16]);
        missing.on_packet(now, 65_535);
        missing.on_packet(now, 65_537);
        assert_eq!(missing.due(), Some(now + GRACE));
        assert_eq!(missing.collect(now + GRACE, RTT, &mut out).asked, 1);
        assert_eq!(out[0], 0, "65536 on the wire");
    }

    #[test]
    fn a_huge_gap_asks_for_a_key_frame_instead() {
        let now = Instant::now();
        let (mut missing, mut out) = (MissingPackets::default(), [0; 16]);
        missing.on_packet(now, 1);
        assert!(missing.on_packet(now, 10_000));
        assert_eq!(
            missing.collect(now, RTT, &mut out),
            NackVerdict {
                asked: 0,
                gave_up: true
            }
        );
        assert_eq!(missing.due(), None);
    }

    proptest! {
        #[test]
        fn asking_ends(steps in prop::collection::vec(1u64..30, 1..50), rtt_ms in 0u64..400) {
            let start = Instant::now();
            let (mut missing, mut out) = (MissingPackets::default(), [0; 512]);
            let (mut seq, mut gaps) = (0, 0);
            for step in steps {
                seq += step;
                gaps += step as usize;
                missing.on_packet(start, seq);
            }
            let (mut now, mut asked, mut looks) = (start, 0, 0);
            while let Some(due) = missing.due() {
                now = now.max(due);
                asked += missing.collect(now, Duration::from_millis(rtt_ms), &mut out).asked;
                looks += 1;
                prop_assert!(looks < 100, "must end");
            }
            prop_assert!(asked <= gaps * usize::from(MAX_TRIES));
            prop_assert!(now <= start + MAX_AGE + Duration::from_millis(400));
        }
    }
}
