//! One track: packets in, sound in stretches of a tenth of a second out.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ruopus::OpusDecoder;

use crate::ear::Heard;

/// Samples a second of what is given out.
pub const RATE_HZ: u32 = 16_000;
/// Samples of a full stretch: 100 ms.
pub const CHUNK_SAMPLES: usize = 1_600;

/// RTP timestamp units for each sample given out.
const UNITS: u32 = 48_000 / RATE_HZ;
/// Samples of a packet of 20 ms, which nearly all are.
const USUAL_SAMPLES: usize = 320;
/// So much of a lost packet can be made up for.
const MOST_CONCEALED_SAMPLES: usize = 960;
/// How long a packet waits for those before it.
const PATIENCE_US: u64 = 60_000;
const MOST_WAITING: usize = 16;
/// So many lost packets in a row are made up for; more is a gap.
const MOST_CONCEALED: u64 = 3;
/// Beyond this the sender's clock and ours have drifted apart, or it paused.
const DRIFT_US: i64 = 250_000;
/// What is left over from a voice that fell silent waits this long for more.
const LEFTOVER_US: u64 = 120_000;

/// A stretch of sound, 100 ms unless it ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it began, in microseconds since 1970.
    pub at_us: u64,
    /// Something is missing before it.
    pub has_gap: bool,
    /// 16 kHz, one channel.
    pub pcm: Vec<i16>,
}

/// Decodes one track.
#[allow(missing_debug_implementations, reason = "the decoder has none")]
pub struct Voice {
    decoder: OpusDecoder,
    generation: u32,
    next_seq: Option<u64>,
    waiting: BTreeMap<u64, Heard>,
    /// A timestamp, and when it was.
    anchor: Option<(u32, u64)>,
    next_timestamp: Option<u32>,
    frame_samples: usize,
    pending: Stretch,
    latest_us: u64,
    bad_packets: u64,
}

impl Default for Voice {
    fn default() -> Self {
        Self {
            decoder: OpusDecoder::with_rate(RATE_HZ, 1),
            generation: 0,
            next_seq: None,
            waiting: BTreeMap::new(),
            anchor: None,
            next_timestamp: None,
            frame_samples: USUAL_SAMPLES,
            pending: Stretch {
                at_us: 0,
                has_gap: false,
                pcm: Vec::new(),
            },
            latest_us: 0,
            bad_packets: 0,
        }
    }
}

impl Voice {
    /// Takes a packet; gives finished stretches in order.
    pub fn take(&mut self, heard: Heard, give: &mut impl FnMut(Stretch)) {
        if heard.generation != self.generation {
            self.flush(give);
            let pending_gap = self.next_seq.is_some();
            *self = Self {
                generation: heard.generation,
                bad_packets: self.bad_packets,
                ..Self::default()
            };
            self.pending.has_gap = pending_gap;
        }
        let now_us = heard.arrival_us;
        self.latest_us = now_us;
        let next = *self.next_seq.get_or_insert(heard.seq);
        if heard.seq < next || self.waiting.len() >= MOST_WAITING {
            self.drain(now_us, give);
            return;
        }
        self.waiting.insert(heard.seq, heard);
        self.drain(now_us, give);
    }

    /// Gives up waiting for what is missing, and gives out what is left when nothing comes any more.
    pub fn tick(&mut self, now_us: u64, give: &mut impl FnMut(Stretch)) {
        self.drain(now_us, give);
        if now_us.saturating_sub(self.latest_us) > LEFTOVER_US {
            self.flush(give);
        }
    }

    /// Gives out what is left.
    pub fn flush(&mut self, give: &mut impl FnMut(Stretch)) {
        if self.pending.pcm.is_empty() {
            return;
        }
        let pcm = std::mem::take(&mut self.pending.pcm);
        let has_gap = std::mem::take(&mut self.pending.has_gap);
        give(Stretch {
            at_us: self.pending.at_us,
            has_gap,
            pcm,
        });
    }

    /// Packets that were no Opus.
    #[must_use]
    pub const fn bad_packets(&self) -> u64 {
        self.bad_packets
    }

    fn drain(&mut self, now_us: u64, give: &mut impl FnMut(Stretch)) {
        while let Some(entry) = self.waiting.first_entry() {
            let seq = *entry.key();
            let next = self.next_seq.unwrap_or(seq);
            let is_patient = now_us.saturating_sub(entry.get().arrival_us) < PATIENCE_US;
            if seq > next && is_patient && self.waiting.len() < MOST_WAITING {
                return;
            }
            let heard = self.waiting.remove(&seq);
            self.next_seq = Some(seq.saturating_add(1));
            if seq > next {
                self.lose(seq - next, give);
            }
            if let Some(heard) = heard.filter(|heard| !heard.payload.is_empty()) {
                self.decode(&heard, give);
            }
        }
    }

    fn lose(&mut self, count: u64, give: &mut impl FnMut(Stretch)) {
        if count > MOST_CONCEALED {
            self.flush(give);
            self.pending.has_gap = true;
            self.next_timestamp = None;
            return;
        }
        for _ in 0..count {
            self.play(None, give);
        }
    }

    fn decode(&mut self, heard: &Heard, give: &mut impl FnMut(Stretch)) {
        let at_us = self.moment(heard);
        let jumped = self
            .next_timestamp
            .is_some_and(|next| heard.timestamp.wrapping_sub(next) > UNITS * 160);
        if self.next_timestamp.is_none() || jumped {
            self.flush(give);
        }
        if self.pending.pcm.is_empty() {
            self.pending.at_us = at_us;
        }
        self.next_timestamp = Some(heard.timestamp);
        self.play(Some(&heard.payload), give);
    }

    /// When a packet's first sample was, by the sender's clock tied to ours.
    fn moment(&mut self, heard: &Heard) -> u64 {
        let by_clock = self.anchor.map(|(timestamp, at_us)| {
            let since = heard.timestamp.wrapping_sub(timestamp).cast_signed();
            at_us.saturating_add_signed(i64::from(since) * 1_000_000 / 48_000)
        });
        let drift = by_clock.map(|at| at.cast_signed() - heard.arrival_us.cast_signed());
        match by_clock {
            Some(at) if drift.is_some_and(|drift| drift.abs() < DRIFT_US) => at,
            _ => {
                self.anchor = Some((heard.timestamp, heard.arrival_us));
                heard.arrival_us
            }
        }
    }

    /// Decodes a packet; `None` makes up for a lost one.
    fn play(&mut self, packet: Option<&[u8]>, give: &mut impl FnMut(Stretch)) {
        let Some(pcm) = self.sound_of(packet) else {
            self.bad_packets += 1;
            return;
        };
        if let Some(next) = self.next_timestamp.as_mut() {
            let units = u32::try_from(pcm.len()).unwrap_or(0) * UNITS;
            *next = next.wrapping_add(units);
        }
        self.pending.pcm.extend(pcm);
        while self.pending.pcm.len() >= CHUNK_SAMPLES {
            let rest = self.pending.pcm.split_off(CHUNK_SAMPLES);
            let full = std::mem::replace(&mut self.pending.pcm, rest);
            let has_gap = std::mem::take(&mut self.pending.has_gap);
            give(Stretch {
                at_us: self.pending.at_us,
                has_gap,
                pcm: full,
            });
            self.pending.at_us += CHUNK_SAMPLES as u64 * 1_000_000 / u64::from(RATE_HZ);
        }
    }

    fn sound_of(&mut self, packet: Option<&[u8]>) -> Option<Vec<i16>> {
        let decoder = &mut self.decoder;
        let lost = self.frame_samples.min(MOST_CONCEALED_SAMPLES);
        // What strangers send must not end the thread, whatever the decoder makes of it.
        let decoded = catch_unwind(AssertUnwindSafe(|| match packet {
            Some(packet) => decoder.decode_packet_i16(packet).ok(),
            None => Some(decoder.decode_lost(lost).into_iter().map(sample).collect()),
        }));
        let Ok(decoded) = decoded else {
            self.decoder = OpusDecoder::with_rate(RATE_HZ, 1);
            self.frame_samples = USUAL_SAMPLES;
            return None;
        };
        if let (Some(pcm), Some(_)) = (&decoded, packet) {
            self.frame_samples = pcm.len();
        }
        decoded
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "it is held to the range first"
)]
fn sample(value: f32) -> i16 {
    (value * 32_768.0).clamp(-32_768.0, 32_767.0) as i16
}
