//! Matroska as it is written: a head, then clusters of unknown size, so that a file cut anywhere plays up to there.
//!
//! Source: RFC 9559 (Matroska) and RFC 8794 (EBML); Opus in Matroska by RFC 7845 and the Matroska codec mappings.

use crate::config::Config;

const EBML: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
/// Eight bytes of size that mean "until something follows that cannot be inside".
const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
/// A cluster lasts at most this long: what a cut may cost, and what a reader must keep.
const CLUSTER_MS: u64 = 1000;
/// Seconds from the Unix epoch to that of Matroska, 2001-01-01.
const MATROSKA_EPOCH_S: i64 = 978_307_200;
/// What a decoder of Opus needs before a cut: 80 ms (RFC 7845 section 4.6).
const OPUS_PREROLL_NS: u64 = 80_000_000;

/// Writes one file of one track.
#[derive(Debug)]
pub(crate) struct Muxer {
    cluster_ms: Option<u64>,
}

impl Muxer {
    /// The head of the file; time 0 is `start_us` since the Unix epoch.
    pub(crate) fn begin(config: &Config, start_us: u64, out: &mut Vec<u8>) -> Muxer {
        master(out, EBML, |head| {
            number(head, 0x4286, 1);
            number(head, 0x42f7, 1);
            number(head, 0x42f2, 4);
            number(head, 0x42f3, 8);
            bytes(head, 0x4282, b"matroska");
            number(head, 0x4287, 4);
            number(head, 0x4285, 2);
        });
        id(out, SEGMENT);
        out.extend(UNKNOWN_SIZE);
        master(out, INFO, |info| {
            number(info, 0x2a_d7b1, 1_000_000);
            let date_ns = (start_us.cast_signed() - MATROSKA_EPOCH_S * 1_000_000) * 1000;
            bytes(info, 0x4461, &date_ns.to_be_bytes());
            bytes(info, 0x4d80, b"Salon");
            bytes(info, 0x5741, b"Salon");
        });
        master(out, TRACKS, |tracks| {
            master(tracks, 0xae, |track| entry(track, config));
        });
        Muxer { cluster_ms: None }
    }

    /// Adds a frame at `at_ms` of the file; times do not go back.
    pub(crate) fn frame(&mut self, at_ms: u64, is_key: bool, data: &[u8], out: &mut Vec<u8>) {
        let start = match self.cluster_ms {
            Some(start) if (start..start + CLUSTER_MS).contains(&at_ms) => start,
            _ => {
                id(out, CLUSTER);
                out.extend(UNKNOWN_SIZE);
                number(out, 0xe7, at_ms);
                self.cluster_ms = Some(at_ms);
                at_ms
            }
        };
        id(out, 0xa3);
        size(out, data.len() + 4);
        let within = i16::try_from(at_ms - start).unwrap_or(i16::MAX);
        out.push(0x81);
        out.extend(within.to_be_bytes());
        out.push(if is_key { 0x80 } else { 0 });
        out.extend_from_slice(data);
    }
}

fn entry(track: &mut Vec<u8>, config: &Config) {
    number(track, 0xd7, 1);
    number(track, 0x73c5, 1);
    number(track, 0x83, if config.size().is_some() { 1 } else { 2 });
    number(track, 0x9c, 0);
    bytes(track, 0x86, config.matroska_id().as_bytes());
    match config {
        Config::Opus => {
            bytes(track, 0x63a2, &opus_head());
            number(track, 0x56bb, OPUS_PREROLL_NS);
            master(track, 0xe1, |audio| sound(audio, 48_000.0, 2));
        }
        Config::Pcm => master(track, 0xe1, |audio| {
            sound(audio, 8000.0, 1);
            number(audio, 0x6264, 16);
        }),
        Config::Avc { avcc, .. } => bytes(track, 0x63a2, avcc),
        Config::Vp8 { .. } | Config::Vp9 { .. } => {}
    }
    if let Some((width, height)) = config.size() {
        master(track, 0xe0, |video| {
            number(video, 0xb0, width.into());
            number(video, 0xba, height.into());
        });
    }
}

fn sound(audio: &mut Vec<u8>, rate_hz: f64, channels: u64) {
    bytes(audio, 0xb5, &rate_hz.to_be_bytes());
    number(audio, 0x9f, channels);
}

/// RFC 7845 section 5.1. Two channels, as RTP always says; nothing is skipped, the recording starts in the middle.
fn opus_head() -> [u8; 19] {
    let mut head = *b"OpusHead\x01\x02\0\0\0\0\0\0\0\0\0";
    if let Some(rate) = head.get_mut(12..16) {
        rate.copy_from_slice(&48_000u32.to_le_bytes());
    }
    head
}

fn id(out: &mut Vec<u8>, id: u32) {
    let skipped = id.leading_zeros() as usize / 8;
    out.extend(id.to_be_bytes().into_iter().skip(skipped));
}

/// The size as a variable-length number of four bytes, or of eight beyond that.
fn size(out: &mut Vec<u8>, size: usize) {
    match u32::try_from(size) {
        Ok(size) if size < 0x0fff_ffff => out.extend((size | 0x1000_0000).to_be_bytes()),
        _ => out.extend((size as u64 | 1 << 56).to_be_bytes()),
    }
}

fn bytes(out: &mut Vec<u8>, name: u32, value: &[u8]) {
    id(out, name);
    size(out, value.len());
    out.extend_from_slice(value);
}

fn number(out: &mut Vec<u8>, name: u32, value: u64) {
    let all = value.to_be_bytes();
    let skipped = (value.leading_zeros() as usize / 8).min(7);
    bytes(out, name, all.get(skipped..).unwrap_or_default());
}

fn master(out: &mut Vec<u8>, name: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut inside = Vec::new();
    fill(&mut inside);
    bytes(out, name, &inside);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_head_and_clusters_of_at_most_a_second() {
        let mut file = Vec::new();
        let mut muxer = Muxer::begin(
            &Config::Vp8 { size: (640, 480) },
            1_700_000_000_000_000,
            &mut file,
        );
        let head = file.len();
        assert!(file.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]));
        let mut clusters = Vec::new();
        for n in 0..100u64 {
            let before = file.len();
            muxer.frame(n * 33, n == 0, &[n as u8; 10], &mut file);
            if file[before..].starts_with(&[0x1f, 0x43, 0xb6, 0x75]) {
                clusters.push(n * 33);
            }
        }
        assert_eq!(clusters, [0, 1023, 2046, 3069]);
        assert!(head < 400, "{head}");
    }

    #[test]
    fn numbers_take_the_bytes_they_need() {
        let mut out = Vec::new();
        number(&mut out, 0xd7, 0);
        number(&mut out, 0x2a_d7b1, 1_000_000);
        assert_eq!(
            out,
            [
                0xd7, 0x10, 0, 0, 1, 0, 0x2a, 0xd7, 0xb1, 0x10, 0, 0, 3, 0x0f, 0x42, 0x40
            ]
        );
    }
}
