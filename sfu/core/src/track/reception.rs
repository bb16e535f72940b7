//! How well a source arrives: loss and jitter for receiver reports, and its sender reports.

use crate::rtcp::ReportBlock;

/// A source's own clock: one instant as NTP time and as RTP timestamp, from its latest sender report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderClock {
    /// NTP time of the publisher, 32.32 bits.
    pub ntp: u64,
    /// The same instant in RTP units.
    pub rtp_timestamp: u32,
    /// When it arrived, in microseconds of the room.
    pub at_us: u64,
}

/// Statistics of one source (RFC 3550 appendix A.3 and A.8).
#[derive(Clone, Copy, Debug, Default)]
pub struct Reception {
    first: u64,
    highest: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    /// Sixteen times the jitter, as appendix A.8 keeps it.
    jitter_q4: u32,
    transit: Option<u32>,
    clock: Option<SenderClock>,
}

impl Reception {
    /// A packet has come; `arrival` is the time in RTP units of its clock.
    pub fn on_packet(&mut self, seq: u64, timestamp: u32, arrival: u32) {
        if self.received == 0 {
            (self.first, self.highest) = (seq, seq);
        }
        self.first = self.first.min(seq);
        self.highest = self.highest.max(seq);
        self.received += 1;
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(last) = self.transit.replace(transit) {
            let distance = transit
                .wrapping_sub(last)
                .cast_signed()
                .unsigned_abs()
                .min(1 << 24);
            self.jitter_q4 = self
                .jitter_q4
                .saturating_add(distance)
                .saturating_sub((self.jitter_q4 + 8) >> 4);
        }
    }

    /// A sender report has come.
    pub const fn on_sender_report(&mut self, clock: SenderClock) {
        self.clock = Some(clock);
    }

    /// The latest sender report.
    #[must_use]
    pub const fn sender_clock(&self) -> Option<SenderClock> {
        self.clock
    }

    fn expected(&self) -> u64 {
        if self.received == 0 {
            0
        } else {
            self.highest - self.first + 1
        }
    }

    /// Packets lost so far; negative if some came more than once.
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.expected().cast_signed() - self.received.cast_signed()
    }

    /// Interarrival jitter in RTP units.
    #[must_use]
    pub const fn jitter(&self) -> u32 {
        self.jitter_q4 >> 4
    }

    /// The block for the next receiver report; `None` before the first packet. Starts a new interval.
    pub fn report(&mut self, ssrc: u32, now_us: u64) -> Option<ReportBlock> {
        if self.received == 0 {
            return None;
        }
        let expected = self.expected() - self.expected_before;
        let received = self.received - self.received_before;
        (self.expected_before, self.received_before) = (self.expected(), self.received);
        let lost = expected.saturating_sub(received);
        let fraction = (lost << 8).checked_div(expected).unwrap_or(0).min(255);
        let (last_sr, delay) = match self.clock {
            Some(clock) => (
                (clock.ntp >> 16) as u32,
                (now_us.saturating_sub(clock.at_us) << 16) / 1_000_000,
            ),
            None => (0, 0),
        };
        Some(ReportBlock {
            ssrc,
            fraction_lost: fraction as u8,
            cumulative_lost: self.lost().clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest_seq: self.highest as u32,
            jitter: self.jitter(),
            last_sr,
            delay_since_last_sr: delay as u32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_is_told_per_interval_and_in_all() {
        let mut reception = Reception::default();
        assert_eq!(reception.report(1, 0), None);
        for seq in (100..200).filter(|seq| seq % 4 != 1) {
            reception.on_packet(seq, 0, 0);
        }
        let block = reception.report(1, 0).unwrap();
        assert_eq!(
            (
                block.fraction_lost,
                block.cumulative_lost,
                block.highest_seq
            ),
            (64, 25, 199)
        );
        for seq in 200..300 {
            reception.on_packet(seq, 0, 0);
        }
        let block = reception.report(1, 0).unwrap();
        assert_eq!((block.fraction_lost, block.cumulative_lost), (0, 25));
    }

    #[test]
    fn jitter_is_the_smoothed_difference_of_transit_times() {
        let mut reception = Reception::default();
        for n in 0..500u32 {
            reception.on_packet(
                n.into(),
                n * 3000,
                n * 3000 + if n % 2 == 0 { 0 } else { 160 },
            );
        }
        assert!(
            (150..=160).contains(&reception.jitter()),
            "{}",
            reception.jitter()
        );
    }

    #[test]
    fn the_last_sender_report_is_echoed() {
        let mut reception = Reception::default();
        reception.on_packet(1, 0, 0);
        let clock = SenderClock {
            ntp: 0x1111_2222_3333_4444,
            rtp_timestamp: 5,
            at_us: 1_000_000,
        };
        reception.on_sender_report(clock);
        let block = reception.report(1, 1_500_000).unwrap();
        assert_eq!(
            (block.last_sr, block.delay_since_last_sr),
            (0x2222_3333, 32_768)
        );
    }
}
