//! What a client peer sends: payloads that look like a codec's, each with a stamp at its end.

use std::time::{Duration, Instant};

use crate::random::Random;

/// Bytes a [`Stamp`] takes at the end of a payload.
pub const STAMP_BYTES: usize = 28;
const MAGIC: u32 = 0x5A10_4EED;
const KEY_FRAME_START: u32 = 1;
/// The sum over the body is made and checked for one packet in so many, to keep the load honest.
const CHECKED_EVERY: u64 = 8;

/// What the sender writes into each payload, so that the receiver can count and time it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Number of the packet within its track, from zero, without gaps.
    pub index: u64,
    /// When the sender handed the packet over, see [`crate::wall_clock_ns`].
    pub sent_ns: u64,
    /// The packet begins a key frame.
    pub starts_key_frame: bool,
    sum: u32,
}

impl Stamp {
    /// Writes the stamp into the last bytes of a payload, which must be long enough.
    fn write(index: u64, sent_ns: u64, starts_key_frame: bool, payload: &mut [u8]) {
        let (body, end) = payload.split_at_mut(payload.len() - STAMP_BYTES);
        let sum = sum_of(index, body);
        end[0..4].copy_from_slice(&MAGIC.to_be_bytes());
        let flags = if starts_key_frame { KEY_FRAME_START } else { 0 };
        end[4..8].copy_from_slice(&flags.to_be_bytes());
        end[8..12].copy_from_slice(&sum.to_be_bytes());
        end[12..20].copy_from_slice(&index.to_be_bytes());
        end[20..28].copy_from_slice(&sent_ns.to_be_bytes());
    }

    /// Reads the stamp of a payload, if it has one.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let end = payload.last_chunk::<STAMP_BYTES>()?;
        if u32_at(end, 0) != MAGIC {
            return None;
        }
        Some(Self {
            index: u64_at(end, 12),
            sent_ns: u64_at(end, 20),
            starts_key_frame: u32_at(end, 4) & KEY_FRAME_START != 0,
            sum: u32_at(end, 8),
        })
    }

    /// Whether the rest of the payload is what was sent.
    #[must_use]
    pub fn fits(&self, payload: &[u8]) -> bool {
        payload.len() >= STAMP_BYTES
            && sum_of(self.index, &payload[..payload.len() - STAMP_BYTES]) == self.sum
    }
}

fn u32_at(bytes: &[u8; STAMP_BYTES], at: usize) -> u32 {
    bytes[at..at + 4]
        .iter()
        .fold(0, |sum, &b| (sum << 8) | u32::from(b))
}

fn u64_at(bytes: &[u8; STAMP_BYTES], at: usize) -> u64 {
    bytes[at..at + 8]
        .iter()
        .fold(0, |sum, &b| (sum << 8) | u64::from(b))
}

/// FNV-1a, for the packets that are checked.
fn sum_of(index: u64, body: &[u8]) -> u32 {
    if !index.is_multiple_of(CHECKED_EVERY) {
        return 0;
    }
    body.iter().fold(0x811C_9DC5, |sum: u32, &byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Video codecs a client peer can imitate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VideoCodec {
    /// RFC 7741 payload descriptors with a 15-bit picture id.
    Vp8,
    /// RFC 6184, packetization mode 1: STAP-A with the parameter sets, FU-A for the slices.
    H264,
}

/// A video track: frames of equal packets at a steady rate.
#[derive(Clone, Debug)]
pub struct VideoPattern {
    /// What to imitate.
    pub codec: VideoCodec,
    /// Frames each second.
    pub frames_per_s: u32,
    /// Packets of a frame.
    pub packets_per_frame: u32,
    /// RTP payload bytes of each packet, at least 64.
    pub payload_bytes: usize,
}

impl VideoPattern {
    /// A small picture for functional tests: 25 frames of 3 packets of 400 bytes each second.
    #[must_use]
    pub fn small(codec: VideoCodec) -> Self {
        Self {
            codec,
            frames_per_s: 25,
            packets_per_frame: 3,
            payload_bytes: 400,
        }
    }
}

/// An audio track: one Opus-like packet every 20 ms.
#[derive(Clone, Debug)]
pub struct AudioPattern {
    /// RTP payload bytes of each packet, at least 64.
    pub payload_bytes: usize,
}

impl Default for AudioPattern {
    fn default() -> Self {
        Self { payload_bytes: 100 }
    }
}

/// One packet, ready to be written.
pub(crate) struct Payload {
    pub bytes: Vec<u8>,
    pub timestamp: u32,
    pub is_last_of_frame: bool,
}

/// When the next frame of a steady track is due.
#[derive(Debug)]
struct Pace {
    next_at: Instant,
    every: Duration,
}

impl Pace {
    /// Says whether a frame is due. A sender that slept long skips instead of bursting.
    fn take(&mut self, now: Instant) -> bool {
        if now < self.next_at {
            return false;
        }
        self.next_at += self.every;
        if now.saturating_duration_since(self.next_at) > Duration::from_millis(500) {
            self.next_at = now + self.every;
        }
        true
    }
}

/// Makes the payloads of a video track.
#[derive(Debug)]
pub(crate) struct VideoSource {
    pattern: VideoPattern,
    pace: Pace,
    next_index: u64,
    frame: u32,
    wants_key_frame: bool,
    noise: Vec<u8>,
}

impl VideoSource {
    pub fn new(pattern: VideoPattern, now: Instant, seed: u64) -> Self {
        let mut noise = vec![0; pattern.payload_bytes.max(64)];
        Random::new(seed).fill(&mut noise);
        let every = Duration::from_secs(1) / pattern.frames_per_s.max(1);
        Self {
            pattern,
            pace: Pace {
                next_at: now,
                every,
            },
            next_index: 0,
            frame: 0,
            wants_key_frame: true,
            noise,
        }
    }

    pub fn codec(&self) -> VideoCodec {
        self.pattern.codec
    }

    pub fn next_at(&self) -> Instant {
        self.pace.next_at
    }

    pub fn sent(&self) -> u64 {
        self.next_index
    }

    pub fn ask_key_frame(&mut self) {
        self.wants_key_frame = true;
    }

    /// Starts a frame if one is due; says how many packets it has and whether it is a key frame.
    pub fn begin_frame(&mut self, now: Instant) -> Option<(u32, bool)> {
        if !self.pace.take(now) {
            return None;
        }
        self.frame = self.frame.wrapping_add(1);
        let is_key = std::mem::take(&mut self.wants_key_frame);
        Some((self.pattern.packets_per_frame.max(1), is_key))
    }

    /// The next packet of the frame; `position` counts from zero up to `count`.
    pub fn packet(&mut self, position: u32, count: u32, is_key: bool, sent_ns: u64) -> Payload {
        let mut bytes = self.noise.clone();
        let is_last = position + 1 == count;
        match self.pattern.codec {
            VideoCodec::Vp8 => self.write_vp8(&mut bytes, position == 0, is_key),
            VideoCodec::H264 => write_h264(&mut bytes, position, is_last, is_key),
        }
        Stamp::write(
            self.next_index,
            sent_ns,
            is_key && position == 0,
            &mut bytes,
        );
        self.next_index += 1;
        let ticks = 90_000 / self.pattern.frames_per_s.max(1);
        Payload {
            bytes,
            timestamp: self.frame.wrapping_mul(ticks),
            is_last_of_frame: is_last,
        }
    }

    fn write_vp8(&self, bytes: &mut [u8], is_first: bool, is_key: bool) {
        let picture = self.frame.to_be_bytes();
        bytes[0] = if is_first { 0x90 } else { 0x80 };
        bytes[1] = 0x80;
        bytes[2] = 0x80 | picture[2];
        bytes[3] = picture[3];
        if is_first {
            // RFC 6386 section 9.1: bit 0 clear says key frame; then start code and 640x480.
            bytes[4] = if is_key { 0x10 } else { 0x11 };
            if is_key {
                bytes[7..14].copy_from_slice(&[0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01]);
            }
        }
    }
}

fn write_h264(bytes: &mut [u8], position: u32, is_last: bool, is_key: bool) {
    if is_key && position == 0 {
        let sets: [u8; 18] = [
            0x78, 0, 8, 0x67, 0x42, 0xE0, 0x1F, 0xDA, 0x02, 0x80, 0xF6, 0, 4, 0x68, 0xCE, 0x06,
            0xE2, 0,
        ];
        // A filler unit (type 12) carries the rest, so that the aggregate stays well formed.
        let rest = u16::try_from(bytes.len() - 19)
            .unwrap_or(u16::MAX)
            .to_be_bytes();
        bytes[..17].copy_from_slice(&sets[..17]);
        bytes[17..19].copy_from_slice(&rest);
        bytes[19] = 0x0C;
        return;
    }
    let unit = if is_key { 5 } else { 1 };
    let is_start = position == u32::from(is_key);
    bytes[0] = 0x7C;
    bytes[1] = unit | if is_start { 0x80 } else { 0 } | if is_last && !is_start { 0x40 } else { 0 };
}

/// Makes the payloads of an audio track.
#[derive(Debug)]
pub(crate) struct AudioSource {
    pace: Pace,
    next_index: u64,
    noise: Vec<u8>,
}

impl AudioSource {
    pub fn new(pattern: &AudioPattern, now: Instant, seed: u64) -> Self {
        let mut noise = vec![0; pattern.payload_bytes.max(64)];
        Random::new(seed).fill(&mut noise);
        // RFC 6716 section 3.1: fullband CELT, 20 ms, mono, one frame.
        noise[0] = 0xF8;
        let every = Duration::from_millis(20);
        Self {
            pace: Pace {
                next_at: now,
                every,
            },
            next_index: 0,
            noise,
        }
    }

    pub fn next_at(&self) -> Instant {
        self.pace.next_at
    }

    pub fn sent(&self) -> u64 {
        self.next_index
    }

    /// The next packet, if it is due; the stamp is taken as late as possible.
    pub fn due_packet(&mut self, now: Instant, sent_ns: fn() -> u64) -> Option<Payload> {
        self.pace.take(now).then(|| self.packet(sent_ns()))
    }

    fn packet(&mut self, sent_ns: u64) -> Payload {
        let mut bytes = self.noise.clone();
        Stamp::write(self.next_index, sent_ns, false, &mut bytes);
        let number = u32::try_from(self.next_index & 0xFFFF_FFFF).unwrap_or(0);
        self.next_index += 1;
        Payload {
            bytes,
            timestamp: number.wrapping_mul(960),
            is_last_of_frame: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_survives_and_notices_damage() {
        let mut source = VideoSource::new(VideoPattern::small(VideoCodec::Vp8), Instant::now(), 3);
        let mut payload = source.packet(0, 3, true, 42).bytes;
        let stamp = Stamp::read(&payload).expect("a stamp");
        assert_eq!((stamp.index, stamp.sent_ns), (0, 42));
        assert!(stamp.starts_key_frame && stamp.fits(&payload));
        payload[100] ^= 1;
        assert!(!stamp.fits(&payload));
    }

    #[test]
    fn a_key_frame_is_sent_first_and_when_asked_for() {
        let start = Instant::now();
        let mut source = VideoSource::new(VideoPattern::small(VideoCodec::H264), start, 3);
        assert_eq!(source.begin_frame(start), Some((3, true)));
        assert_eq!(source.begin_frame(start), None);
        let later = start + Duration::from_millis(40);
        assert_eq!(source.begin_frame(later), Some((3, false)));
        source.ask_key_frame();
        assert_eq!(
            source.begin_frame(later + Duration::from_millis(40)),
            Some((3, true))
        );
    }
}
