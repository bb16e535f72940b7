//! Packets on their way from a media thread to the writer: gathered in a buffer, handed over whole, given back empty.

use salon_sfu_core::{Codec, TapPacket, TrackId};

/// Batches a shard may have under way.
const MOST_BATCHES: usize = 4096;
/// Empty batches kept.
const SPARE: usize = 16;

/// A running recording of the engine; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordingKey(pub u64);

/// What is known of a packet besides its payload. Times are microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "named as in TapPacket")]
pub struct Heard {
    pub recording: RecordingKey,
    pub track: TrackId,
    pub codec: Codec,
    pub clock_hz: u32,
    pub ssrc: u32,
    pub generation: u32,
    pub seq: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub starts_keyframe: bool,
    pub audio_level: Option<u8>,
    pub arrival_us: u64,
    pub capture_us: u64,
    pub is_mapped: bool,
    start: usize,
    len: usize,
}

impl Heard {
    /// What a packet of a room says, `now_us` being the moment it was heard.
    #[must_use]
    pub fn new(recording: RecordingKey, now_us: u64, packet: &TapPacket<'_>) -> Heard {
        let age_us = packet.arrival_us.cast_signed() - packet.capture_us;
        Heard {
            recording,
            track: packet.track,
            codec: packet.codec,
            clock_hz: packet.clock_hz.max(1),
            ssrc: packet.ssrc,
            generation: packet.generation,
            seq: packet.seq,
            timestamp: packet.timestamp,
            marker: packet.marker,
            starts_keyframe: packet.starts_keyframe,
            audio_level: packet.audio_level,
            arrival_us: now_us,
            capture_us: now_us.saturating_add_signed(age_us.saturating_neg()),
            is_mapped: packet.is_mapped,
            start: 0,
            len: 0,
        }
    }
}

/// Packets of a track that were dropped because the writer was behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Which recording.
    pub recording: RecordingKey,
    /// Which track.
    pub track: TrackId,
    /// How many.
    pub packets: u64,
    /// When the first was captured.
    pub from_us: u64,
    /// When the last was captured.
    pub to_us: u64,
}

/// Packets of one turn of a media thread.
#[derive(Debug, Default)]
pub struct Batch {
    heads: Vec<Heard>,
    bytes: Vec<u8>,
    /// What was dropped before these.
    pub lost: Vec<Lost>,
}

impl Batch {
    /// The packets, in the order they were heard.
    pub fn packets(&self) -> impl Iterator<Item = (&Heard, &[u8])> {
        self.heads.iter().map(|head| {
            let payload = self.bytes.get(head.start..head.start + head.len);
            (head, payload.unwrap_or_default())
        })
    }

    fn cost(&self) -> usize {
        self.bytes.len() + self.heads.len() * size_of::<Heard>()
    }
}

/// The media thread's end: never waits, drops the newest when too much is under way.
#[derive(Debug)]
pub struct Tape {
    most_bytes: usize,
    current: Batch,
    spare: Vec<Batch>,
    bytes_away: usize,
    batches_away: usize,
    is_full: bool,
    lost: Vec<Lost>,
    dropped: u64,
}

impl Tape {
    /// A tape of which so many bytes may be under way.
    #[must_use]
    pub fn new(most_bytes: usize) -> Tape {
        Tape {
            most_bytes,
            current: Batch::default(),
            spare: Vec::new(),
            bytes_away: 0,
            batches_away: 0,
            is_full: false,
            lost: Vec::new(),
            dropped: 0,
        }
    }

    /// Takes a packet down.
    pub fn hear(&mut self, mut head: Heard, payload: &[u8]) {
        (head.start, head.len) = (self.current.bytes.len(), payload.len());
        self.current.heads.push(head);
        self.current.bytes.extend_from_slice(payload);
    }

    /// Whether packets wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.current.heads.is_empty()
    }

    /// What was taken down since the last call, to be handed over; `None` if nothing was, or if too much is under way:
    /// then it is dropped and counted, and the next batch tells of it.
    pub fn take(&mut self) -> Option<Batch> {
        if self.is_empty() {
            return None;
        }
        let share = if self.is_full { 2 } else { 1 };
        let cost = self.current.cost();
        self.is_full = self.bytes_away + cost > self.most_bytes / share
            || self.batches_away >= MOST_BATCHES / share;
        if self.is_full {
            self.drop_current();
            return None;
        }
        self.bytes_away += cost;
        self.batches_away += 1;
        let next = self.spare.pop().unwrap_or_default();
        let mut batch = std::mem::replace(&mut self.current, next);
        batch.lost.append(&mut self.lost);
        Some(batch)
    }

    fn drop_current(&mut self) {
        for head in self.current.heads.drain(..) {
            self.dropped += 1;
            let known = self
                .lost
                .iter_mut()
                .find(|lost| lost.recording == head.recording && lost.track == head.track);
            match known {
                Some(lost) => {
                    lost.packets += 1;
                    lost.to_us = lost.to_us.max(head.capture_us);
                }
                None => self.lost.push(Lost {
                    recording: head.recording,
                    track: head.track,
                    packets: 1,
                    from_us: head.capture_us,
                    to_us: head.capture_us,
                }),
            }
        }
        self.current.bytes.clear();
    }

    /// Takes a batch back.
    pub fn give_back(&mut self, mut batch: Batch) {
        self.bytes_away = self.bytes_away.saturating_sub(batch.cost());
        self.batches_away = self.batches_away.saturating_sub(1);
        batch.heads.clear();
        batch.bytes.clear();
        batch.lost.clear();
        if self.spare.len() < SPARE {
            self.spare.push(batch);
        }
    }

    /// Recordings that have lost packets since the last batch that was handed over.
    pub fn behind(&self) -> impl Iterator<Item = RecordingKey> + '_ {
        self.lost.iter().map(|lost| lost.recording)
    }

    /// Packets dropped since the start.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A packet for tests.
    pub(crate) fn heard(track: u32, seq: u64) -> Heard {
        Heard {
            recording: RecordingKey(1),
            track: TrackId(track),
            codec: Codec::Opus,
            clock_hz: 48_000,
            ssrc: 7,
            generation: 0,
            seq,
            timestamp: (seq as u32).wrapping_mul(960),
            marker: false,
            starts_keyframe: true,
            audio_level: None,
            arrival_us: 1_000_000 + seq * 20_000,
            capture_us: 1_000_000 + seq * 20_000,
            is_mapped: false,
            start: 0,
            len: 0,
        }
    }

    #[test]
    fn a_batch_gives_what_was_heard_and_is_used_again() {
        let mut tape = Tape::new(32 << 20);
        tape.hear(heard(0, 1), b"one");
        tape.hear(heard(1, 9), b"");
        tape.hear(heard(0, 2), b"three");
        let batch = tape.take().unwrap();
        let got: Vec<_> = batch
            .packets()
            .map(|(h, p)| (h.track.0, h.seq, p))
            .collect();
        assert_eq!(got, [(0, 1, &b"one"[..]), (1, 9, b""), (0, 2, b"three")]);
        assert!(tape.take().is_none());
        tape.give_back(batch);
        assert_eq!((tape.bytes_away, tape.batches_away), (0, 0));
    }

    #[test]
    fn a_writer_that_is_behind_costs_the_newest_packets_and_is_told_which() {
        let mut tape = Tape::new(32 << 20);
        let mut away = Vec::new();
        let big = vec![0; 1 << 20];
        for seq in 0..40 {
            tape.hear(heard(3, seq), &big);
            away.extend(tape.take());
        }
        assert!(away.len() < 33 && tape.dropped() == 40 - away.len() as u64);
        let first_lost = away.len() as u64;
        tape.give_back(away.pop().unwrap());
        tape.hear(heard(3, 40), b"x");
        assert!(tape.take().is_none(), "it goes on only when half is free");
        away.drain(..20).for_each(|batch| tape.give_back(batch));
        tape.hear(heard(3, 41), b"x");
        let batch = tape.take().unwrap();
        assert_eq!(batch.lost.len(), 1);
        assert_eq!(batch.lost[0].packets, 41 - first_lost);
        assert_eq!(batch.lost[0].from_us, 1_000_000 + first_lost * 20_000);
        assert_eq!(tape.behind().count(), 0);
    }
}
