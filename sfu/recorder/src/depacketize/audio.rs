//! Sound: a packet is a frame.

use crate::batch::Heard;
use crate::config::{Config, Frame};

/// RFC 7587: the payload is the frame.
pub(super) fn opus(head: &Heard, payload: &[u8]) -> Frame {
    frame(
        head,
        Config::Opus,
        opus_duration_us(payload),
        payload.to_vec(),
    )
}

/// G.711 as linear samples (ITU-T G.711), which every player plays.
pub(super) fn pcm(head: &Heard, payload: &[u8], is_alaw: bool) -> Frame {
    let expand = if is_alaw { alaw } else { mulaw };
    let data = payload
        .iter()
        .flat_map(|byte| expand(*byte).to_le_bytes())
        .collect();
    frame(head, Config::Pcm, payload.len() as u64 * 125, data)
}

fn frame(head: &Heard, config: Config, duration_us: u64, data: Vec<u8>) -> Frame {
    Frame {
        timestamp: head.timestamp,
        capture_us: head.capture_us,
        is_mapped: head.is_mapped,
        is_key: true,
        config: Some(config),
        duration_us: Some(duration_us),
        data,
    }
}

/// RFC 6716 section 3.1 and 3.2.
fn opus_duration_us(payload: &[u8]) -> u64 {
    let Some(&toc) = payload.first() else {
        return 0;
    };
    let one = match toc >> 3 {
        config @ 0..=11 => [10_000, 20_000, 40_000, 60_000]
            .get(usize::from(config) % 4)
            .copied()
            .unwrap_or(20_000),
        config @ 12..=15 => 10_000 << (config % 2),
        config => 2500 << (config % 4),
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(payload.get(1).map_or(0, |count| count & 0x3f)),
    };
    (one * count).min(120_000)
}

fn mulaw(byte: u8) -> i16 {
    let byte = !byte;
    let (exponent, mantissa) = (byte >> 4 & 7, i16::from(byte & 0x0f));
    let size = ((mantissa << 3) + 0x84) << exponent;
    if byte & 0x80 != 0 {
        0x84 - size
    } else {
        size - 0x84
    }
}

fn alaw(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (exponent, mantissa) = (byte >> 4 & 7, i16::from(byte & 0x0f) << 4);
    let size = match exponent {
        0 => mantissa + 8,
        exponent => (mantissa + 0x108) << (exponent - 1),
    };
    if byte & 0x80 != 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g711_expands_as_the_standard_says() {
        let some = [0x00, 0x80, 0xff, 0x7f, 0xd5, 0x55, 0x2a, 0xaa];
        // As Python's audioop gave them.
        assert_eq!(
            some.map(mulaw),
            [-32124, 32124, 0, 0, 716, -716, -5372, 5372]
        );
        assert_eq!(
            some.map(alaw),
            [-5504, 5504, 848, -848, 8, -8, -32256, 32256]
        );
    }

    #[test]
    fn opus_packets_tell_how_long_they_are() {
        assert_eq!(opus_duration_us(&[0x78]), 20_000, "CELT 20 ms");
        assert_eq!(opus_duration_us(&[0x08]), 20_000, "SILK 20 ms");
        assert_eq!(opus_duration_us(&[0x0b, 3]), 60_000, "three of 20 ms");
        assert_eq!(opus_duration_us(&[]), 0);
    }
}
