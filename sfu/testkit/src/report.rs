//! What a client peer received, by track.

use std::time::Duration;

use crate::media::Stamp;
use crate::sdp::RemoteLine;

/// Packets a track may bring in one window; beyond that the window counts no further.
const WINDOW_PACKETS: u64 = 1 << 22;

/// A remote track, as the receiver sees it.
#[derive(Debug, Default)]
pub struct ReceivedTrack {
    /// The m-line that carries it.
    pub mid: String,
    /// `msid` stream id: the publisher.
    pub stream: String,
    /// `msid` track id.
    pub track: String,
    /// `audio` or `video`.
    pub kind: String,
    /// The m-line was stopped.
    pub is_ended: bool,
    /// Packets with a stamp, each counted once.
    pub packets: u64,
    /// Packets that came a second time.
    pub duplicates: u64,
    /// Packets whose payload is not what was sent.
    pub damaged: u64,
    /// Packets without a stamp.
    pub foreign: u64,
    /// Key frames begun.
    pub key_frames: u64,
    /// Whether the very first packet of the track began a key frame.
    pub began_with_key_frame: bool,
    /// Bytes of the RTP payloads.
    pub payload_bytes: u64,
    /// Bytes of the last datagram of this track, with header and authentication tag.
    pub datagram_bytes: usize,
    latency_ns: Vec<u32>,
    first_index: Option<u64>,
    last_index: u64,
    seen: Vec<u64>,
}

/// Percentiles of the time from the sender's stamp to the kernel's receive stamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// Half of the packets were not slower.
    pub p50: Duration,
    /// 99 of 100 packets were not slower.
    pub p99: Duration,
    /// The slowest.
    pub max: Duration,
}

impl Latency {
    /// The percentiles of samples in nanoseconds, or `None` without samples.
    #[must_use]
    pub fn of(mut samples: Vec<u32>) -> Option<Self> {
        if samples.is_empty() {
            return None;
        }
        samples.sort_unstable();
        let at = |share: usize| {
            let position = (samples.len() * share / 100).min(samples.len() - 1);
            Duration::from_nanos(u64::from(samples[position]))
        };
        Some(Self {
            p50: at(50),
            p99: at(99),
            max: at(100),
        })
    }
}

impl ReceivedTrack {
    pub(crate) fn of(line: &RemoteLine) -> Self {
        Self {
            mid: line.mid.clone(),
            stream: line.stream.clone(),
            track: line.track.clone(),
            kind: line.kind.clone(),
            ..Self::default()
        }
    }

    /// Packets missing between the first and the last that came.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.first_index
            .map_or(0, |first| self.last_index + 1 - first - self.packets)
    }

    /// Packets of `from..until` (numbers of the sender) that did not come in this window.
    #[must_use]
    pub fn missing(&self, from: u64, until: u64) -> u64 {
        let came = (from..until).filter(|&index| self.has(index)).count() as u64;
        until.saturating_sub(from) - came
    }

    /// Number of the newest packet, by the sender's count.
    #[must_use]
    pub fn last_index(&self) -> Option<u64> {
        self.first_index.map(|_| self.last_index)
    }

    /// Latencies of the window, in nanoseconds.
    #[must_use]
    pub fn latencies_ns(&self) -> &[u32] {
        &self.latency_ns
    }

    /// Begins a new window: counts start again from the next packet.
    pub fn begin_window(&mut self) {
        *self = Self {
            mid: std::mem::take(&mut self.mid),
            stream: std::mem::take(&mut self.stream),
            track: std::mem::take(&mut self.track),
            kind: std::mem::take(&mut self.kind),
            is_ended: self.is_ended,
            ..Self::default()
        };
    }

    pub(crate) fn take(&mut self, payload: &[u8], datagram_bytes: usize, received_ns: u64) {
        let Some(stamp) = Stamp::read(payload) else {
            self.foreign += 1;
            return;
        };
        if self.first_index.is_none() {
            self.began_with_key_frame = stamp.starts_key_frame;
        }
        if !self.mark(stamp.index) {
            self.duplicates += 1;
            return;
        }
        self.packets += 1;
        self.payload_bytes += payload.len() as u64;
        self.datagram_bytes = datagram_bytes;
        self.key_frames += u64::from(stamp.starts_key_frame);
        self.damaged += u64::from(!stamp.fits(payload));
        let latency = received_ns.saturating_sub(stamp.sent_ns);
        self.latency_ns
            .push(u32::try_from(latency).unwrap_or(u32::MAX));
    }

    /// Notes a number; false if it was there before or lies outside the window.
    fn mark(&mut self, index: u64) -> bool {
        let Some(first) = self.first_index else {
            self.first_index = Some(index);
            self.last_index = index;
            self.seen = vec![1];
            return true;
        };
        // One that was overtaken by the first of the window belongs to the window before.
        let Some(offset) = index.checked_sub(first).filter(|&o| o < WINDOW_PACKETS) else {
            return false;
        };
        let (word, bit) = (usize::try_from(offset / 64).unwrap_or(0), offset % 64);
        if word >= self.seen.len() {
            self.seen.resize(word + 1, 0);
        }
        let is_new = self.seen[word] & (1 << bit) == 0;
        self.seen[word] |= 1 << bit;
        self.last_index = self.last_index.max(index);
        is_new
    }

    fn has(&self, index: u64) -> bool {
        let Some(offset) = self.first_index.and_then(|first| index.checked_sub(first)) else {
            return false;
        };
        usize::try_from(offset / 64)
            .ok()
            .and_then(|word| self.seen.get(word))
            .is_some_and(|word| word & (1 << (offset % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_repeats_are_counted() {
        let mut track = ReceivedTrack::default();
        for index in [10, 11, 14, 200] {
            assert!(track.mark(index));
            track.packets += 1;
        }
        assert!(!track.mark(11));
        assert!(!track.mark(9));
        assert_eq!(track.lost(), 191 - 4);
        assert_eq!(track.missing(10, 15), 2);
        assert_eq!(track.missing(8, 12), 2);
        assert_eq!(track.missing(199, 203), 3);
    }

    #[test]
    fn percentiles_are_of_the_sorted_samples() {
        let latency = Latency::of((1..=100).rev().map(|n| n * 1000).collect()).expect("samples");
        assert_eq!(latency.p50, Duration::from_micros(51));
        assert_eq!(latency.p99, Duration::from_micros(100));
        assert_eq!(Latency::of(Vec::new()), None);
    }
}
