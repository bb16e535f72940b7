//! From packets in order to frames that a decoder takes.

mod audio;
mod bits;
mod h264;
mod vp8;
mod vp9;

use salon_sfu_core::Codec;

use crate::batch::Heard;
use crate::config::{Config, Frame};

/// A frame of more bytes is no honest one.
const MOST_BYTES: usize = 8 << 20;

/// The payload is not what its codec says, or a frame lacks its beginning: only a key frame helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// Makes frames of one source.
#[derive(Debug)]
pub(crate) enum Depacketizer {
    Opus,
    Pcm {
        is_alaw: bool,
    },
    Vp8(Picture),
    Vp9(Picture, vp9::Layers),
    H264(Picture, h264::Units),
    /// A codec that is not written.
    None,
}

impl Depacketizer {
    pub(crate) fn new(codec: Codec) -> Depacketizer {
        match codec {
            Codec::Opus => Depacketizer::Opus,
            Codec::Pcmu => Depacketizer::Pcm { is_alaw: false },
            Codec::Pcma => Depacketizer::Pcm { is_alaw: true },
            Codec::Vp8 => Depacketizer::Vp8(Picture::default()),
            Codec::Vp9 { .. } => Depacketizer::Vp9(Picture::default(), vp9::Layers::default()),
            Codec::H264 { .. } => Depacketizer::H264(Picture::default(), h264::Units::default()),
            _ => Depacketizer::None,
        }
    }

    /// Whether frames of this codec are written.
    pub(crate) const fn is_known(&self) -> bool {
        !matches!(self, Depacketizer::None)
    }

    /// Whether a picture has begun and not ended.
    pub(crate) const fn is_midway(&self) -> bool {
        match self {
            Depacketizer::Vp8(picture)
            | Depacketizer::Vp9(picture, _)
            | Depacketizer::H264(picture, _) => picture.is_begun,
            _ => false,
        }
    }

    /// Takes the next packet and adds the frames that it completes.
    pub(crate) fn push(
        &mut self,
        head: &Heard,
        payload: &[u8],
        frames: &mut Vec<Frame>,
    ) -> Result<(), Broken> {
        match self {
            Depacketizer::Opus => frames.push(audio::opus(head, payload)),
            Depacketizer::Pcm { is_alaw } => frames.push(audio::pcm(head, payload, *is_alaw)),
            Depacketizer::Vp8(picture) => {
                frames.extend(picture.turn(head, vp8::finish));
                let pushed = vp8::push(picture, payload);
                picture.close(head, pushed, vp8::finish, frames)?;
            }
            Depacketizer::Vp9(picture, layers) => {
                frames.extend(picture.turn(head, |picture| vp9::finish(picture, layers)));
                let pushed = vp9::push(picture, layers, payload);
                picture.close(head, pushed, |picture| vp9::finish(picture, layers), frames)?;
            }
            Depacketizer::H264(picture, units) => {
                frames.extend(picture.turn(head, |picture| h264::finish(picture, units)));
                let pushed = h264::push(picture, units, payload);
                picture.close(head, pushed, |picture| h264::finish(picture, units), frames)?;
            }
            Depacketizer::None => {}
        }
        Ok(())
    }

    /// Packets are missing: what was begun is worth nothing.
    pub(crate) fn lose(&mut self) {
        match self {
            Depacketizer::Vp8(picture) => picture.clear(),
            Depacketizer::Vp9(picture, layers) => {
                picture.clear();
                layers.clear();
            }
            Depacketizer::H264(picture, units) => {
                picture.clear();
                units.clear();
            }
            _ => {}
        }
    }
}

/// A picture that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    data: Vec<u8>,
    is_begun: bool,
    is_key: bool,
    timestamp: u32,
    capture_us: u64,
    is_mapped: bool,
}

/// What a finished picture says of itself: whether it can start decoding, and how.
type Finish = (bool, Option<Config>);

impl Picture {
    fn clear(&mut self) {
        self.data.clear();
        (self.is_begun, self.is_key) = (false, false);
    }

    /// A packet of another time ends the picture, should its last packet not have said so.
    fn turn(&mut self, head: &Heard, finish: impl FnOnce(&mut Picture) -> Finish) -> Option<Frame> {
        let is_other = self.is_begun && self.timestamp != head.timestamp;
        let frame = if is_other { self.take(finish) } else { None };
        if !self.is_begun {
            self.timestamp = head.timestamp;
            self.capture_us = head.capture_us;
            self.is_mapped = head.is_mapped;
        }
        frame
    }

    fn close(
        &mut self,
        head: &Heard,
        pushed: Result<(), Broken>,
        finish: impl FnOnce(&mut Picture) -> Finish,
        frames: &mut Vec<Frame>,
    ) -> Result<(), Broken> {
        if pushed.is_err() || self.data.len() > MOST_BYTES {
            finish(self);
            self.clear();
            return Err(Broken);
        }
        if head.marker {
            frames.extend(self.take(finish));
        }
        Ok(())
    }

    fn take(&mut self, finish: impl FnOnce(&mut Picture) -> Finish) -> Option<Frame> {
        let (is_key, config) = finish(self);
        let frame = (!self.data.is_empty()).then(|| Frame {
            timestamp: self.timestamp,
            capture_us: self.capture_us,
            is_mapped: self.is_mapped,
            is_key,
            config,
            duration_us: None,
            data: std::mem::take(&mut self.data),
        });
        self.clear();
        frame
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::batch::tests::heard;

    const CODECS: [Codec; 6] = [
        Codec::Opus,
        Codec::Pcma,
        Codec::Vp8,
        Codec::Vp9 { profile_id: 0 },
        Codec::H264 {
            profile_level_id: 0x42_e01f,
            packetization_mode: 1,
        },
        Codec::Av1 { profile: 0 },
    ];

    proptest! {
        #[test]
        fn any_payload_is_taken_without_panic(
            packets in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..60), any::<bool>(), 0u32..3), 1..40),
        ) {
            for codec in CODECS {
                let (mut depacketizer, mut frames) = (Depacketizer::new(codec), Vec::new());
                for (payload, marker, timestamp) in &packets {
                    let mut head = heard(0, 0);
                    (head.codec, head.marker, head.timestamp) = (codec, *marker, *timestamp);
                    let _ = depacketizer.push(&head, payload, &mut frames);
                }
                let taken: usize = frames.iter().map(|frame| frame.data.len()).sum();
                let given: usize = packets.iter().map(|(payload, ..)| payload.len()).sum();
                prop_assert!(taken <= given * 4 + 64 * packets.len());
            }
        }

        #[test]
        fn payloads_that_begin_well_are_taken_without_panic(
            starts in prop::collection::vec((0usize..8, prop::collection::vec(any::<u8>(), 0..60), any::<bool>()), 1..40),
        ) {
            let openings: [&[u8]; 8] = [
                &[0x10, 0x00], &[0x90, 0xe0, 0x81, 2, 5, 6], &[0x88, 0x82, 0x49, 0x83, 0x42],
                &[0xaa, 0x81, 0x01], &[0x67, 0x64, 0, 0x1f], &[0x78, 0, 4], &[0x7c, 0x85], &[0x7c, 0x45],
            ];
            for codec in CODECS {
                let (mut depacketizer, mut frames) = (Depacketizer::new(codec), Vec::new());
                for (opening, rest, marker) in &starts {
                    let payload = [openings[*opening], rest].concat();
                    let mut head = heard(0, 0);
                    (head.codec, head.marker) = (codec, *marker);
                    let _ = depacketizer.push(&head, &payload, &mut frames);
                }
            }
        }
    }
}
