//! Where a key frame starts, read from the first bytes of a payload.

use super::be16;
use crate::media::Codec;

/// Whether the packet is the first of a key frame, so that a receiver can start decoding with it. Audio always is.
#[must_use]
pub fn starts_keyframe(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Vp8 => vp8(payload),
        Codec::Vp9 { .. } => vp9(payload),
        Codec::H264 { .. } => h264(payload),
        Codec::Av1 { .. } => av1(payload),
        Codec::Opus | Codec::Pcmu | Codec::Pcma | Codec::G722 => Some(true),
    }
    .unwrap_or(false)
}

/// RFC 7741 section 4.2: first partition, start bit, and the inverse key frame bit of the frame itself.
fn vp8(payload: &[u8]) -> Option<bool> {
    let first = *payload.first()?;
    if first & 0x10 == 0 || first & 0x0f != 0 {
        return Some(false);
    }
    let mut at = 1;
    if first & 0x80 != 0 {
        let bits = *payload.get(at)?;
        at += 1;
        if bits & 0x80 != 0 {
            at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
        }
        if bits & 0x40 != 0 {
            at += 1;
        }
        if bits & 0x30 != 0 {
            at += 1;
        }
    }
    Some(payload.get(at)? & 1 == 0)
}

/// RFC 9628 section 4.2: not inter-predicted, beginning of the frame, lowest spatial layer.
fn vp9(payload: &[u8]) -> Option<bool> {
    let first = *payload.first()?;
    let (has_id, is_inter, has_layer, is_start) = (
        first & 0x80 != 0,
        first & 0x40 != 0,
        first & 0x20 != 0,
        first & 0x08 != 0,
    );
    if is_inter || !is_start {
        return Some(false);
    }
    let mut at = 1;
    if has_id {
        at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
    }
    Some(!has_layer || (payload.get(at)? >> 1) & 7 == 0)
}

const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;

/// RFC 6184: a parameter set or the start of an IDR slice, alone, aggregated or fragmented.
fn h264(payload: &[u8]) -> Option<bool> {
    let is_start = |nal: u8| matches!(nal & 0x1f, NAL_IDR | NAL_SPS);
    match payload.first()? & 0x1f {
        NAL_STAP_A => {
            let mut at = 1;
            while let Some(len) = be16(payload, at) {
                if is_start(*payload.get(at + 2)?) {
                    return Some(true);
                }
                at += 2 + usize::from(len);
            }
            Some(false)
        }
        NAL_FU_A => {
            let header = *payload.get(1)?;
            Some(header & 0x80 != 0 && is_start(header))
        }
        nal => Some(is_start(nal)),
    }
}

/// AV1 RTP section 4.4: the N bit marks the first packet of a coded video sequence; Z would continue an OBU.
fn av1(payload: &[u8]) -> Option<bool> {
    let aggregation = *payload.first()?;
    Some(aggregation & 0x88 == 0x08)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const H264: Codec = Codec::H264 {
        profile_level_id: 0x42_e01f,
        packetization_mode: 1,
    };

    #[test]
    fn vp8_key_frames_start_with_the_first_partition() {
        assert!(starts_keyframe(Codec::Vp8, &[0x10, 0x00]));
        assert!(
            !starts_keyframe(Codec::Vp8, &[0x10, 0x01]),
            "an inter frame"
        );
        assert!(
            !starts_keyframe(Codec::Vp8, &[0x00, 0x00]),
            "a later packet of the frame"
        );
        assert!(
            starts_keyframe(Codec::Vp8, &[0x90, 0xe0, 0x81, 0x02, 5, 6, 0x00]),
            "15-bit id, TL0, TID"
        );
        assert!(
            !starts_keyframe(Codec::Vp8, &[0x90, 0x80, 0x81]),
            "cut short"
        );
    }

    #[test]
    fn vp9_key_frames_start_in_the_lowest_layer() {
        let codec = Codec::Vp9 { profile_id: 0 };
        assert!(starts_keyframe(codec, &[0x88, 0x01]));
        assert!(starts_keyframe(codec, &[0xa8, 0x81, 0x02, 0x00]));
        assert!(
            !starts_keyframe(codec, &[0xa8, 0x81, 0x02, 0x02]),
            "spatial layer 1"
        );
        assert!(!starts_keyframe(codec, &[0xc8, 0x01]), "inter-predicted");
    }

    #[test]
    fn h264_key_frames_start_with_parameter_sets_or_an_idr_slice() {
        assert!(starts_keyframe(H264, &[0x67, 0x42]));
        assert!(starts_keyframe(H264, &[0x65, 0x88]));
        assert!(!starts_keyframe(H264, &[0x41, 0x9a]));
        assert!(
            starts_keyframe(H264, &[0x78, 0, 1, 0x06, 0, 2, 0x67, 0x42]),
            "SEI, then SPS, aggregated"
        );
        assert!(!starts_keyframe(H264, &[0x78, 0, 1, 0x06]));
        assert!(starts_keyframe(H264, &[0x7c, 0x85]));
        assert!(
            !starts_keyframe(H264, &[0x7c, 0x45]),
            "the end of a fragmented slice"
        );
    }

    #[test]
    fn av1_key_frames_start_a_sequence() {
        assert!(starts_keyframe(Codec::Av1 { profile: 0 }, &[0x18, 0x0a]));
        assert!(!starts_keyframe(Codec::Av1 { profile: 0 }, &[0x10, 0x0a]));
    }

    proptest! {
        #[test]
        fn any_payload_is_read_without_panic(payload in prop::collection::vec(any::<u8>(), 0..40)) {
            for codec in [Codec::Vp8, Codec::Vp9 { profile_id: 0 }, H264, Codec::Av1 { profile: 0 }, Codec::Opus] {
                let _ = starts_keyframe(codec, &payload);
            }
        }
    }
}
