//! The ways out of a room: to subscribers, to the recording if there is one, to the listener if somebody listens.

use salon_sfu_core::{Codec, Egress, PeerKey, TapPacket};
use salon_sfu_listener::RoomKey;
use salon_sfu_recorder::RecordingKey;

use super::listening::Listening;
use super::outbox::Outbox;
use super::recording::Recorder;

/// Who gets copies of what a room forwards.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taps {
    /// The recording, and its time.
    pub(crate) recording: Option<(RecordingKey, u64)>,
    pub(crate) listening: Option<RoomKey>,
}

/// Where a room writes to.
pub(crate) struct Exits<'a> {
    taps: Taps,
    outbox: &'a mut Outbox,
    recorder: &'a mut Recorder,
    listening: &'a Listening,
}

impl<'a> Exits<'a> {
    #[inline]
    pub(crate) const fn new(
        taps: Taps,
        outbox: &'a mut Outbox,
        recorder: &'a mut Recorder,
        listening: &'a Listening,
    ) -> Self {
        Self {
            taps,
            outbox,
            recorder,
            listening,
        }
    }
}

impl Egress for Exits<'_> {
    #[inline]
    fn packet(&mut self, peer: PeerKey, len: usize) -> Option<&mut [u8]> {
        self.outbox.packet(peer, len)
    }

    fn tap(&mut self, packet: &TapPacket<'_>) {
        if let Some((key, now_us)) = self.taps.recording {
            self.recorder.hear(key, now_us, packet);
        }
        if let Some(key) = self.taps.listening.filter(|_| packet.codec == Codec::Opus) {
            self.listening.hear(key, packet);
        }
    }
}
