//! VP8 (RFC 7741).

use super::{Broken, Picture};
use crate::config::Config;

/// Takes the payload without its descriptor.
pub(super) fn push(picture: &mut Picture, payload: &[u8]) -> Result<(), Broken> {
    let (is_start, body) = split(payload).ok_or(Broken)?;
    if is_start && !picture.is_begun {
        picture.is_begun = true;
        picture.is_key = body.first().is_some_and(|first| first & 1 == 0);
    }
    if !picture.is_begun {
        return Err(Broken);
    }
    picture.data.extend_from_slice(body);
    Ok(())
}

/// Section 4.2: whether it is the start of the frame, and what follows the descriptor.
fn split(payload: &[u8]) -> Option<(bool, &[u8])> {
    let first = *payload.first()?;
    let mut at = 1;
    if first & 0x80 != 0 {
        let bits = *payload.get(at)?;
        at += 1;
        if bits & 0x80 != 0 {
            at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
        }
        at += usize::from(bits & 0x40 != 0) + usize::from(bits & 0x30 != 0);
    }
    let body = payload.get(at..).filter(|body| !body.is_empty())?;
    Some((first & 0x10 != 0 && first & 0x07 == 0, body))
}

/// RFC 6386 section 9.1: a key frame tells its size.
pub(super) fn finish(picture: &mut Picture) -> (bool, Option<Config>) {
    let Some(&[_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]) = picture.data.first_chunk::<10>()
    else {
        return (false, None);
    };
    if !picture.is_key {
        return (false, None);
    }
    let side = |low, high| u16::from_le_bytes([low, high]) & 0x3fff;
    let size = (side(w0, w1), side(h0, h1));
    (true, Some(Config::Vp8 { size }))
}

#[cfg(test)]
mod tests {
    use salon_sfu_core::Codec;

    use crate::batch::tests::heard;
    use crate::config::Config;
    use crate::depacketize::{Broken, Depacketizer};

    const KEY: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];

    #[test]
    fn packets_become_a_frame_without_their_descriptors() {
        let (mut vp8, mut frames) = (Depacketizer::new(Codec::Vp8), Vec::new());
        let mut head = heard(0, 1);
        let first = [&[0x90, 0x80, 0x81, 0x02][..], &KEY].concat();
        vp8.push(&head, &first, &mut frames).unwrap();
        head.marker = true;
        vp8.push(&head, &[0x80, 0x80, 0x81, 0x02, 7, 8], &mut frames)
            .unwrap();
        let [frame] = &frames[..] else {
            panic!("{frames:?}")
        };
        assert_eq!(frame.data, [&KEY[..], &[7, 8]].concat());
        assert!(frame.is_key);
        assert_eq!(frame.config, Some(Config::Vp8 { size: (640, 480) }));
    }

    #[test]
    fn a_frame_without_its_beginning_is_broken() {
        let (mut vp8, mut frames) = (Depacketizer::new(Codec::Vp8), Vec::new());
        assert_eq!(
            vp8.push(&heard(0, 1), &[0x00, 7, 8], &mut frames),
            Err(Broken)
        );
        assert_eq!(
            vp8.push(&heard(0, 1), &[0x90, 0x80], &mut frames),
            Err(Broken)
        );
        assert!(frames.is_empty());
    }
}
