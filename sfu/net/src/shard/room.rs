//! A room on a shard: its media plane and who is in it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use salon_sfu_core::{Codec, PeerKey, Room, RoomCounters, RoomLimits, TrackId};
use salon_sfu_listener::RoomKey;
use salon_sfu_recorder::{Clock, RecordingKey};

use super::exits::Taps;

/// What a panic in the media plane said.
pub(crate) struct Fault(pub(crate) String);

impl Fault {
    pub(crate) fn new(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self(text.unwrap_or_else(|| "panic".to_owned()))
    }
}

/// One room.
pub(crate) struct LiveRoom {
    pub(crate) name: Arc<str>,
    pub(crate) members: Vec<PeerKey>,
    /// Tracks published now, with their publisher and codec.
    pub(crate) tracks: Vec<(TrackId, PeerKey, Codec)>,
    /// The recording its packets go to, and that one's clock.
    pub(crate) recording: Option<(RecordingKey, Clock)>,
    /// Under which its sound is listened to.
    pub(crate) listening: Option<RoomKey>,
    media: Room,
    /// When the media plane wants to be called again.
    pub(crate) due: Option<Instant>,
    /// It was touched since its events and its deadline were read.
    pub(crate) is_stirred: bool,
    /// Every step panics from now on.
    #[cfg(test)]
    pub(crate) is_broken: bool,
}

impl LiveRoom {
    pub(crate) fn new(name: &str, limits: RoomLimits, seed: u64) -> Self {
        Self {
            name: name.into(),
            members: Vec::new(),
            tracks: Vec::new(),
            recording: None,
            listening: None,
            media: Room::new(limits, seed),
            due: None,
            is_stirred: false,
            #[cfg(test)]
            is_broken: false,
        }
    }

    /// One step of the media plane. A panic is a bug of ours: it ends this room and no other.
    pub(crate) fn step<T>(&mut self, step: impl FnOnce(&mut Room) -> T) -> Result<T, Fault> {
        self.is_stirred = true;
        let media = &mut self.media;
        #[cfg(test)]
        let is_broken = self.is_broken;
        catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            assert!(!is_broken, "a planted fault");
            step(media)
        }))
        .map_err(|panic| Fault::new(&*panic))
    }

    /// Who gets copies of its packets.
    #[inline]
    pub(crate) fn taps(&self, now: Instant) -> Taps {
        let recording = self.recording;
        Taps {
            recording: recording.map(|(key, clock)| (key, clock.micros(now))),
            listening: self.listening,
        }
    }

    pub(crate) fn counters(&self) -> &RoomCounters {
        self.media.counters()
    }

    pub(crate) fn media(&self) -> &Room {
        &self.media
    }
}
