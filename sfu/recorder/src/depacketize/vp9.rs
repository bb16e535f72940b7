//! VP9 (RFC 9628). Layers of one picture become a superframe.

use super::bits::Bits;
use super::{Broken, Picture};
use crate::config::Config;

/// Layers of one picture at most (VP9 bitstream, annex B).
const MOST_LAYERS: usize = 8;

/// Sizes of the layer frames of the picture.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    sizes: Vec<usize>,
    size: Option<(u16, u16)>,
}

impl Layers {
    pub(super) fn clear(&mut self) {
        self.sizes.clear();
        self.size = None;
    }
}

struct Descriptor<'a> {
    is_inter: bool,
    is_start: bool,
    body: &'a [u8],
}

/// Section 4.2.
fn split(payload: &[u8]) -> Option<Descriptor<'_>> {
    let first = *payload.first()?;
    let has = |bit: u8| first & bit != 0;
    let (is_inter, is_flexible) = (has(0x40), has(0x10));
    let mut at = 1;
    if has(0x80) {
        at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
    }
    if has(0x20) {
        at += if is_flexible { 1 } else { 2 };
    }
    if is_flexible && is_inter {
        for _ in 0..3 {
            let reference = *payload.get(at)?;
            at += 1;
            if reference & 1 == 0 {
                break;
            }
        }
    }
    if has(0x02) {
        at = skip_structure(payload, at)?;
    }
    let body = payload.get(at..).filter(|body| !body.is_empty())?;
    Some(Descriptor {
        is_inter,
        is_start: has(0x08),
        body,
    })
}

/// Section 4.2.1: the scalability structure.
fn skip_structure(payload: &[u8], mut at: usize) -> Option<usize> {
    let head = *payload.get(at)?;
    at += 1;
    if head & 0x10 != 0 {
        at += 4 * (usize::from(head >> 5) + 1);
    }
    if head & 0x08 != 0 {
        let pictures = *payload.get(at)?;
        at += 1;
        for _ in 0..pictures {
            at += 1 + usize::from(*payload.get(at)? >> 2 & 3);
        }
    }
    Some(at)
}

pub(super) fn push(
    picture: &mut Picture,
    layers: &mut Layers,
    payload: &[u8],
) -> Result<(), Broken> {
    let packet = split(payload).ok_or(Broken)?;
    if packet.is_start {
        if layers.sizes.len() >= MOST_LAYERS {
            return Err(Broken);
        }
        layers.sizes.push(0);
        if !picture.is_begun {
            picture.is_begun = true;
            picture.is_key = !packet.is_inter;
            layers.size = size(packet.body);
        }
    }
    let current = layers.sizes.last_mut().filter(|_| picture.is_begun);
    *current.ok_or(Broken)? += packet.body.len();
    picture.data.extend_from_slice(packet.body);
    Ok(())
}

/// Adds the index of a superframe if there are several layers (VP9 bitstream, annex B).
pub(super) fn finish(picture: &mut Picture, layers: &mut Layers) -> (bool, Option<Config>) {
    if layers.sizes.len() > 1 {
        let head = 0xc0 | 3 << 3 | (layers.sizes.len() as u8 - 1);
        picture.data.push(head);
        for size in &layers.sizes {
            picture.data.extend((*size as u32).to_le_bytes());
        }
        picture.data.push(head);
    }
    let size = layers.size;
    layers.clear();
    match size.filter(|_| picture.is_key) {
        Some(size) => (true, Some(Config::Vp9 { size })),
        None => (false, None),
    }
}

/// Width and height in the uncompressed header of a key frame (VP9 bitstream, section 6.2).
fn size(frame: &[u8]) -> Option<(u16, u16)> {
    let mut bits = Bits::new(frame);
    if bits.take(2)? != 2 {
        return None;
    }
    let profile = bits.bit()? | bits.bit()? << 1;
    if profile == 3 {
        bits.bit()?;
    }
    let (shows_existing, is_inter) = (bits.flag()?, bits.flag()?);
    if shows_existing || is_inter {
        return None;
    }
    bits.take(2)?;
    if bits.take(24)? != 0x49_8342 {
        return None;
    }
    if profile >= 2 {
        bits.bit()?;
    }
    let has_subsampling = profile == 1 || profile == 3;
    if bits.take(3)? == 7 {
        bits.take(u32::from(has_subsampling))?;
    } else {
        bits.take(if has_subsampling { 4 } else { 1 })?;
    }
    let mut side = || u16::try_from(bits.take(16)? + 1).ok();
    Some((side()?, side()?))
}

#[cfg(test)]
mod tests {
    use salon_sfu_core::Codec;

    use crate::batch::tests::heard;
    use crate::config::Config;
    use crate::depacketize::Depacketizer;

    /// Profile 0, key frame, shown, 640 x 360, BT.601.
    const KEY: [u8; 9] = [0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xf0, 0x16, 0x70];

    #[test]
    fn a_key_frame_tells_its_size_and_layers_become_a_superframe() {
        let codec = Codec::Vp9 { profile_id: 0 };
        let (mut vp9, mut frames) = (Depacketizer::new(codec), Vec::new());
        let mut head = heard(0, 1);
        vp9.push(
            &head,
            &[&[0xac, 0x81, 0x02, 0x00, 0x05][..], &KEY].concat(),
            &mut frames,
        )
        .unwrap();
        head.marker = true;
        vp9.push(&head, &[0xec, 0x81, 0x02, 0x02, 0x05, 9, 9], &mut frames)
            .unwrap();
        let [frame] = &frames[..] else {
            panic!("{frames:?}")
        };
        assert!(frame.is_key);
        assert_eq!(frame.config, Some(Config::Vp9 { size: (640, 360) }));
        let index = [0xd9, 9, 0, 0, 0, 2, 0, 0, 0, 0xd9];
        assert_eq!(frame.data, [&KEY[..], &[9, 9], &index].concat());
    }
}
