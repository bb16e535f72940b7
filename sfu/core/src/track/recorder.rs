//! Arrival times of a publisher's packets, for transport-wide feedback.

use std::time::{Duration, Instant};

use crate::rtcp::{Arrival, RtcpWriter, write_twcc};
use crate::rtp::extend_seq;

/// Packets of which the arrival is remembered.
const SPAN: u64 = 512;
/// Feedback goes this long after the first packet since the last ...
const INTERVAL: Duration = Duration::from_millis(50);
/// ... or at once after this many.
const MAX_UNREPORTED: u32 = 100;
/// First number: room for packets that come before the first.
const START: u64 = 1 << 16;

/// Records arrivals by transport-wide sequence number and writes feedback about each once.
pub struct ArrivalRecorder {
    arrivals: Box<[(u64, i64)]>,
    highest: Option<u64>,
    /// First number of the next feedback.
    base: u64,
    unreported: u32,
    due: Option<Instant>,
    number: u8,
}

impl Default for ArrivalRecorder {
    fn default() -> Self {
        ArrivalRecorder {
            arrivals: vec![(0, 0); SPAN as usize].into_boxed_slice(),
            highest: None,
            base: 0,
            unreported: 0,
            due: None,
            number: 0,
        }
    }
}

impl ArrivalRecorder {
    /// A packet has come. Gives when feedback is due.
    pub fn on_packet(&mut self, now: Instant, at_us: u64, seq: u16) -> Instant {
        let reference = self.highest.unwrap_or(START + u64::from(seq));
        let index = extend_seq(reference, seq).unwrap_or(reference);
        match self.highest {
            None => (self.highest, self.base) = (Some(index), index),
            Some(highest) if index > highest => self.highest = Some(index),
            Some(highest) if highest - index >= SPAN => {
                return *self.due.get_or_insert(now + INTERVAL);
            }
            Some(_) => {}
        }
        // A packet from before the last feedback is told again from there on, as libwebrtc does.
        self.base = self
            .base
            .min(index)
            .max(self.highest.unwrap_or(index).saturating_sub(SPAN - 1));
        if let Some(place) = self.arrivals.get_mut((index % SPAN) as usize)
            && place.0 != index
        {
            *place = (index, at_us.cast_signed());
            self.unreported += 1;
        }
        let due = self.due.get_or_insert(now + INTERVAL);
        if self.unreported >= MAX_UNREPORTED {
            *due = now.min(*due);
        }
        *due
    }

    /// When feedback is to be written.
    #[must_use]
    pub const fn due(&self) -> Option<Instant> {
        self.due
    }

    fn arrival(&self, index: u64) -> Arrival {
        let (at, arrival) = *self.arrivals.get((index % SPAN) as usize)?;
        (at == index).then_some(arrival)
    }

    /// Writes one feedback packet if there is something to tell; false when done. Call until then.
    pub fn write(&mut self, writer: &mut RtcpWriter, sender_ssrc: u32, media_ssrc: u32) -> bool {
        self.due = None;
        let Some(highest) = self.highest else {
            return false;
        };
        while self.base <= highest && self.arrival(self.base).is_none() {
            self.base += 1;
        }
        if self.base > highest {
            self.unreported = 0;
            return false;
        }
        let base = (self.base & 0xffff) as u16;
        let arrivals = (self.base..=highest).map(|index| self.arrival(index));
        let count = write_twcc(writer, sender_ssrc, media_ssrc, base, self.number, arrivals);
        self.base += count as u64;
        self.number = self.number.wrapping_add(u8::from(count > 0));
        count > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::{Packets, RtcpPacket};

    fn told(recorder: &mut ArrivalRecorder) -> Vec<(u16, bool)> {
        let mut all = Vec::new();
        let mut writer = RtcpWriter::default();
        while recorder.write(&mut writer, 1, 2) {
            for packet in Packets::new(writer.as_bytes()) {
                let RtcpPacket::TransportFeedback(statuses) = packet else {
                    panic!("feedback")
                };
                all.extend(statuses.map(|(seq, at)| (seq, at.is_some())));
            }
            writer.clear();
        }
        all
    }

    #[test]
    fn feedback_tells_what_came_and_what_did_not_over_the_wrap() {
        let now = Instant::now();
        let mut recorder = ArrivalRecorder::default();
        for (step, seq) in [65_534, 65_535, 1].into_iter().enumerate() {
            let at = now + Duration::from_millis(step as u64);
            assert_eq!(
                recorder.on_packet(at, 1_000 * step as u64, seq),
                now + INTERVAL
            );
        }
        assert_eq!(
            told(&mut recorder),
            [(65_534, true), (65_535, true), (0, false), (1, true)]
        );
        assert_eq!(told(&mut recorder), []);
        recorder.on_packet(now, 9_000, 2);
        assert_eq!(told(&mut recorder), [(2, true)]);
    }

    #[test]
    fn a_late_packet_is_told_after_all() {
        let mut recorder = ArrivalRecorder::default();
        let now = Instant::now();
        recorder.on_packet(now, 0, 10);
        recorder.on_packet(now, 0, 12);
        assert_eq!(told(&mut recorder), [(10, true), (11, false), (12, true)]);
        recorder.on_packet(now, 500, 11);
        assert_eq!(told(&mut recorder), [(11, true), (12, true)]);
    }

    #[test]
    fn a_hundred_packets_are_told_at_once() {
        let now = Instant::now();
        let mut recorder = ArrivalRecorder::default();
        for seq in 0..99 {
            assert_eq!(recorder.on_packet(now, 0, seq), now + INTERVAL);
        }
        assert_eq!(recorder.on_packet(now, 0, 99), now);
    }
}
