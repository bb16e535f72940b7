//! H.264 (RFC 6184): single NAL units, STAP-A and FU-A, as length-prefixed NAL units.

use super::bits::Bits;
use super::{Broken, Picture};
use crate::config::Config;

const IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;
const DELIMITER: u8 = 9;
const FILLER: u8 = 12;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;
/// Parameter sets of more bytes are no honest ones.
const MOST_PARAMETERS: usize = 1024;

/// Parameter sets, and a fragmented unit under way.
#[derive(Debug, Default)]
pub(crate) struct Units {
    sps: Vec<u8>,
    pps: Vec<Vec<u8>>,
    /// Where in the picture the fragmented unit starts.
    fragment: Option<usize>,
}

impl Units {
    pub(super) const fn clear(&mut self) {
        self.fragment = None;
    }

    fn learn(&mut self, unit: &[u8]) {
        match unit.first().map(|head| head & 0x1f) {
            Some(SPS) if unit.len() <= MOST_PARAMETERS && self.sps != unit => {
                self.sps = unit.to_vec();
                self.pps.clear();
            }
            Some(PPS) if unit.len() <= MOST_PARAMETERS => {
                let id = |pps: &[u8]| Bits::new(pps.get(1..).unwrap_or_default()).ue();
                self.pps.retain(|known| id(known) != id(unit));
                if self.pps.len() < 31 {
                    self.pps.push(unit.to_vec());
                }
            }
            _ => {}
        }
    }
}

pub(super) fn push(picture: &mut Picture, units: &mut Units, payload: &[u8]) -> Result<(), Broken> {
    let head = *payload.first().ok_or(Broken)?;
    let kind = head & 0x1f;
    if kind != FU_A && units.fragment.is_some() {
        return Err(Broken);
    }
    match kind {
        1..=23 => add(picture, units, payload),
        STAP_A => {
            let mut rest = payload.get(1..).unwrap_or_default();
            while let Some((len, behind)) = rest.split_first_chunk::<2>() {
                let len = usize::from(u16::from_be_bytes(*len));
                let (unit, behind) = behind.split_at_checked(len).ok_or(Broken)?;
                add(picture, units, unit);
                rest = behind;
            }
        }
        FU_A => {
            let (fragment, body) = (
                *payload.get(1).ok_or(Broken)?,
                payload.get(2..).ok_or(Broken)?,
            );
            add_fragment(picture, units, head, fragment, body)?;
        }
        _ => return Err(Broken),
    }
    Ok(())
}

fn add(picture: &mut Picture, units: &mut Units, unit: &[u8]) {
    let Some(kind) = unit.first().map(|head| head & 0x1f) else {
        return;
    };
    if matches!(kind, DELIMITER | FILLER) {
        return;
    }
    units.learn(unit);
    picture.is_begun = true;
    picture.is_key |= kind == IDR;
    picture.data.extend((unit.len() as u32).to_be_bytes());
    picture.data.extend_from_slice(unit);
}

fn add_fragment(
    picture: &mut Picture,
    units: &mut Units,
    head: u8,
    fragment: u8,
    body: &[u8],
) -> Result<(), Broken> {
    let (is_start, is_end, kind) = (fragment & 0x80 != 0, fragment & 0x40 != 0, fragment & 0x1f);
    if is_start {
        if units.fragment.is_some() {
            return Err(Broken);
        }
        units.fragment = Some(picture.data.len());
        picture.is_begun = true;
        picture.is_key |= kind == IDR;
        picture.data.extend([0; 4]);
        picture.data.push(head & 0xe0 | kind);
    }
    let start = units.fragment.ok_or(Broken)?;
    picture.data.extend_from_slice(body);
    if is_end {
        units.fragment = None;
        let len = picture.data.len().saturating_sub(start + 4) as u32;
        if let Some(place) = picture.data.get_mut(start..start + 4) {
            place.copy_from_slice(&len.to_be_bytes());
        }
        let unit = picture.data.get(start + 4..).unwrap_or_default();
        if matches!(kind, SPS | PPS) {
            units.learn(unit);
        }
    }
    Ok(())
}

pub(super) fn finish(picture: &mut Picture, units: &mut Units) -> (bool, Option<Config>) {
    if units.fragment.take().is_some() {
        // Its length is not known: the picture is cut short.
        picture.data.clear();
        return (false, None);
    }
    let size = picture.is_key.then(|| size(&units.sps)).flatten();
    match (size, avcc(units)) {
        (Some(size), Some(avcc)) => (true, Some(Config::Avc { size, avcc })),
        _ => (false, None),
    }
}

/// The decoder configuration record (ISO/IEC 14496-15, section 5.3.3.1).
fn avcc(units: &Units) -> Option<Vec<u8>> {
    let &[_, profile, compatibility, level, ..] = units.sps.as_slice() else {
        return None;
    };
    if units.pps.is_empty() {
        return None;
    }
    let mut out = vec![1, profile, compatibility, level, 0xff, 0xe1];
    out.extend((units.sps.len() as u16).to_be_bytes());
    out.extend_from_slice(&units.sps);
    out.push(units.pps.len() as u8);
    for pps in &units.pps {
        out.extend((pps.len() as u16).to_be_bytes());
        out.extend_from_slice(pps);
    }
    Some(out)
}

/// Width and height by the sequence parameter set (H.264 section 7.3.2.1.1).
fn size(sps: &[u8]) -> Option<(u16, u16)> {
    let plain = unescape(sps.get(1..)?);
    let mut bits = Bits::new(&plain);
    let profile = bits.take(8)?;
    bits.take(16)?;
    bits.ue()?;
    let mut chroma = 1;
    if matches!(
        profile,
        100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138
    ) {
        chroma = bits.ue()?;
        if chroma == 3 {
            bits.bit()?;
        }
        bits.ue()?;
        bits.ue()?;
        bits.bit()?;
        if bits.flag()? {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.flag()? {
                    skip_scaling(&mut bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.ue()?;
    match bits.ue()? {
        0 => drop(bits.ue()?),
        1 => {
            bits.bit()?;
            bits.skip_se()?;
            bits.skip_se()?;
            for _ in 0..bits.ue()?.min(255) {
                bits.skip_se()?;
            }
        }
        _ => {}
    }
    bits.ue()?;
    bits.bit()?;
    let (width, height) = (bits.ue()?.checked_add(1)?, bits.ue()?.checked_add(1)?);
    let is_frame = bits.flag()?;
    if !is_frame {
        bits.bit()?;
    }
    bits.bit()?;
    let mut crop = [0; 4];
    if bits.flag()? {
        for side in &mut crop {
            *side = bits.ue()?;
        }
    }
    let [left, right, top, bottom] = crop;
    let fields = if is_frame { 1 } else { 2 };
    let step_x = if matches!(chroma, 1 | 2) { 2 } else { 1 };
    let step_y = fields * if chroma == 1 { 2 } else { 1 };
    let side = |blocks: u32, scale: u32, cut: u32, step: u32| {
        let whole = blocks.checked_mul(16)?.checked_mul(scale)?;
        u16::try_from(whole.checked_sub(cut.checked_mul(step)?)?).ok()
    };
    let size = (
        side(width, 1, left.checked_add(right)?, step_x)?,
        side(height, fields, top.checked_add(bottom)?, step_y)?,
    );
    (size.0 > 0 && size.1 > 0).then_some(size)
}

fn skip_scaling(bits: &mut Bits<'_>, count: u32) -> Option<()> {
    let (mut last, mut next) = (8i64, 8i64);
    for _ in 0..count {
        if next != 0 {
            let code = i64::from(bits.ue()?);
            let delta = if code % 2 == 1 {
                (code + 1) / 2
            } else {
                -(code / 2)
            };
            next = (last + delta).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// Takes out the bytes that keep start codes from appearing (section 7.3.1).
fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut zeros = 0;
    let mut plain = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        plain.push(byte);
    }
    plain
}

#[cfg(test)]
mod tests {
    use salon_sfu_core::Codec;

    use super::size;
    use crate::batch::tests::heard;
    use crate::config::Config;
    use crate::depacketize::{Broken, Depacketizer};

    /// Constrained baseline 640 x 480 as OpenH264 writes it; high profile 1920 x 1080 as x264 does, cropped by 8 lines.
    const BASELINE: [u8; 11] = [
        0x67, 0x42, 0xc0, 0x1e, 0x8c, 0x8d, 0x40, 0x50, 0x1e, 0xd0, 0x08,
    ];
    const HIGH: [u8; 24] = [
        0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00,
        0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c,
    ];
    const H264: Codec = Codec::H264 {
        profile_level_id: 0x42_e01f,
        packetization_mode: 1,
    };

    #[test]
    fn parameter_sets_tell_the_size() {
        assert_eq!(size(&BASELINE), Some((640, 480)));
        assert_eq!(size(&HIGH), Some((1920, 1080)));
        assert_eq!(size(&BASELINE[..6]), None);
    }

    #[test]
    fn units_come_alone_aggregated_and_in_fragments() {
        let (mut h264, mut frames) = (Depacketizer::new(H264), Vec::new());
        let mut head = heard(0, 1);
        let mut aggregate = vec![0x78, 0, 11];
        aggregate.extend(BASELINE);
        aggregate.extend([0, 3, 0x68, 0xce, 0x3c]);
        h264.push(&head, &aggregate, &mut frames).unwrap();
        h264.push(&head, &[0x7c, 0x85, 1, 2], &mut frames).unwrap();
        h264.push(&head, &[0x7c, 0x05, 3], &mut frames).unwrap();
        head.marker = true;
        h264.push(&head, &[0x7c, 0x45, 4], &mut frames).unwrap();
        head.timestamp += 3000;
        h264.push(&head, &[0x41, 7, 7], &mut frames).unwrap();
        let [key, next] = &frames[..] else {
            panic!("{frames:?}")
        };
        let Some(Config::Avc { size, avcc }) = &key.config else {
            panic!("{key:?}")
        };
        assert!(key.is_key && !next.is_key);
        assert_eq!(*size, (640, 480));
        assert_eq!(avcc[..8], [1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 11]);
        assert_eq!(avcc[19..], [1, 0, 3, 0x68, 0xce, 0x3c]);
        assert_eq!(key.data[22..], [0, 0, 0, 5, 0x65, 1, 2, 3, 4]);
        assert_eq!(next.data, [0, 0, 0, 3, 0x41, 7, 7]);
    }

    #[test]
    fn a_fragment_without_its_start_is_broken() {
        let (mut h264, mut frames) = (Depacketizer::new(H264), Vec::new());
        assert_eq!(
            h264.push(&heard(0, 1), &[0x7c, 0x05, 3], &mut frames),
            Err(Broken)
        );
        assert!(frames.is_empty());
    }
}
