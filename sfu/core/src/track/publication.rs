//! One track: the line of a publisher that packets have come on.

use std::time::Instant;

use super::{KeyframeRequests, MissingPackets, PacketCache, SenderClock};
use crate::media::{Codec, Kind, TrackId};

/// A source that was left behind may come back once the current one has been silent for this long.
const SILENCE_US: u64 = 500_000;

/// Where the latest key frame starts.
#[derive(Clone, Copy)]
pub(crate) struct KeyframeStart {
    pub(crate) seq: u64,
    pub(crate) timestamp: u32,
    pub(crate) at_us: u64,
}

/// A published track and what is needed to forward it.
pub struct Track {
    pub(crate) id: TrackId,
    /// Index of the publisher in its room.
    pub(crate) publisher: usize,
    pub(crate) kind: Kind,
    pub(crate) codec: Codec,
    pub(crate) clock_hz: u32,
    /// The source that is forwarded.
    pub(crate) source: SourceName,
    newest_order: u32,
    /// Goes up with each change of the source.
    pub(crate) generation: u32,
    /// Indices of the links in the room.
    pub(crate) links: Vec<usize>,
    /// Indices of the peers that were told to get a line.
    pub(crate) wanted: Vec<usize>,
    pub(crate) cache: Option<PacketCache>,
    pub(crate) keyframe: Option<KeyframeStart>,
    /// Highest number in the cache.
    pub(crate) newest_seq: u64,
    pub(crate) missing: MissingPackets,
    pub(crate) keyframes: KeyframeRequests,
    pub(crate) sender_clock: Option<SenderClock>,
    /// Timestamp of the latest packet and when it came.
    pub(crate) latest: (u32, u64),
    pub(crate) wants_fir: bool,
    pub(crate) packets: u64,
    pub(crate) payload_bytes: u64,
    pub(crate) audio_level: Option<u8>,
}

/// The source of a packet.
#[derive(Clone, Copy)]
pub(crate) struct SourceName {
    pub(crate) ssrc: u32,
    /// Goes up with each new source of the peer.
    pub(crate) order: u32,
}

impl Track {
    pub(crate) fn new(
        id: TrackId,
        publisher: usize,
        codec: Codec,
        clock_hz: u32,
        source: SourceName,
    ) -> Track {
        let kind = codec.kind();
        Track {
            id,
            publisher,
            kind,
            codec,
            clock_hz,
            source,
            newest_order: source.order,
            generation: 0,
            links: Vec::new(),
            wanted: Vec::new(),
            cache: (kind == Kind::Video).then(PacketCache::default),
            keyframe: None,
            newest_seq: 0,
            missing: MissingPackets::default(),
            keyframes: KeyframeRequests::default(),
            sender_clock: None,
            latest: (0, 0),
            wants_fir: false,
            packets: 0,
            payload_bytes: 0,
            audio_level: None,
        }
    }

    /// Whether a packet of this source is forwarded. A newer source takes over at once; an older one only after silence.
    /// The same SSRC met anew (after new keys) is a new source: its numbers start again, and a number must not be mapped
    /// to the same place twice.
    pub(crate) fn admit(&mut self, source: SourceName, now_us: u64) -> bool {
        if source.order == self.source.order {
            return true;
        }
        let is_newer = source.order > self.newest_order;
        if !is_newer && now_us.saturating_sub(self.latest.1) < SILENCE_US {
            return false;
        }
        self.source = source;
        self.newest_order = self.newest_order.max(source.order);
        self.generation = self.generation.wrapping_add(1);
        self.missing.clear();
        self.keyframe = None;
        self.newest_seq = 0;
        self.sender_clock = None;
        if let Some(cache) = &mut self.cache {
            cache.clear();
        }
        true
    }

    /// Notes a packet that a decoder can start with; the first of its frame counts.
    pub(crate) fn note_keyframe(&mut self, seq: u64, timestamp: u32, now_us: u64) {
        let is_newer = self
            .keyframe
            .is_none_or(|known| known.timestamp != timestamp && known.seq < seq);
        if self.kind == Kind::Video && is_newer {
            self.keyframe = Some(KeyframeStart {
                seq,
                timestamp,
                at_us: now_us,
            });
        }
    }

    /// When something of this track is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        [self.missing.due(), self.keyframes.due()]
            .into_iter()
            .flatten()
            .min()
    }
}
