//! Figures of a room: plain counters with a closed set of labels.

use std::time::Duration;

use crate::media::{Codec, Kind, PeerKey, TrackId};

/// Why a packet was not taken or not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DropReason {
    /// From a peer the room does not know.
    UnknownPeer,
    /// Before the keys were there.
    NoKeys,
    /// Not RTP or RTCP, or cut short.
    Malformed,
    /// Authentication failed.
    Forged,
    /// Seen before, or too old to tell.
    Replayed,
    /// Belongs to no line of the peer.
    UnknownSource,
    /// A payload type that was not negotiated on its line.
    UnknownPayload,
    /// The first of a track that would be one too many for its publisher.
    TooManyTracks,
    /// A packet that arrived again, as retransmission or probe.
    Duplicate,
    /// Nothing inside but padding: a bandwidth probe.
    Padding,
    /// From an SSRC the publisher has left behind.
    OldSource,
    /// The publisher is muted by the server.
    Muted,
    /// The subscriber waits for a key frame.
    AwaitingKeyframe,
    /// The subscriber negotiated no payload for this codec.
    NoCodec,
    /// From before the point where the link started or restarted.
    Late,
    /// The send queue of the subscriber is full.
    EgressFull,
    /// The packet does not fit a datagram with the subscriber's extensions.
    TooLarge,
    /// A retransmission was asked for too often, or over its share of the bitrate.
    RtxLimited,
    /// A retransmission was asked for that the cache no longer has.
    RtxGone,
}

impl DropReason {
    /// All reasons, in the order of [`RoomCounters::dropped`].
    pub const ALL: [DropReason; 19] = [
        DropReason::UnknownPeer,
        DropReason::NoKeys,
        DropReason::Malformed,
        DropReason::Forged,
        DropReason::Replayed,
        DropReason::UnknownSource,
        DropReason::UnknownPayload,
        DropReason::TooManyTracks,
        DropReason::Duplicate,
        DropReason::Padding,
        DropReason::OldSource,
        DropReason::Muted,
        DropReason::AwaitingKeyframe,
        DropReason::NoCodec,
        DropReason::Late,
        DropReason::EgressFull,
        DropReason::TooLarge,
        DropReason::RtxLimited,
        DropReason::RtxGone,
    ];

    /// The label for metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            DropReason::UnknownPeer => "unknown_peer",
            DropReason::NoKeys => "no_keys",
            DropReason::Malformed => "malformed",
            DropReason::Forged => "forged",
            DropReason::Replayed => "replayed",
            DropReason::UnknownSource => "unknown_source",
            DropReason::UnknownPayload => "unknown_payload",
            DropReason::TooManyTracks => "too_many_tracks",
            DropReason::Duplicate => "duplicate",
            DropReason::Padding => "padding",
            DropReason::OldSource => "old_source",
            DropReason::Muted => "muted",
            DropReason::AwaitingKeyframe => "awaiting_keyframe",
            DropReason::NoCodec => "no_codec",
            DropReason::Late => "late",
            DropReason::EgressFull => "egress_full",
            DropReason::TooLarge => "too_large",
            DropReason::RtxLimited => "rtx_limited",
            DropReason::RtxGone => "rtx_gone",
        }
    }
}

/// Counters of a room since it was made.
#[derive(Clone, Debug, Default)]
pub struct RoomCounters {
    /// Datagrams handed in.
    pub datagrams_in: u64,
    /// RTP packets accepted.
    pub rtp_in: u64,
    /// RTCP datagrams accepted.
    pub rtcp_in: u64,
    /// RTP packets written to subscribers, retransmissions included.
    pub rtp_out: u64,
    /// Bytes of RTP datagrams written to subscribers.
    pub rtp_out_bytes: u64,
    /// RTCP datagrams written.
    pub rtcp_out: u64,
    /// Retransmissions written to subscribers.
    pub rtx_out: u64,
    /// Packets of publishers recovered by retransmission.
    pub recovered: u64,
    /// Sequence numbers asked of publishers.
    pub nacks_out: u64,
    /// Sequence numbers asked by subscribers.
    pub nacks_in: u64,
    /// Key frame requests sent to publishers.
    pub keyframe_requests_out: u64,
    /// Key frame requests of subscribers.
    pub keyframe_requests_in: u64,
    dropped: [u64; DropReason::ALL.len()],
}

impl RoomCounters {
    /// How many packets were dropped for a reason. On the way out every subscriber counts.
    #[must_use]
    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped
            .get(reason as usize)
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn count_drop(&mut self, reason: DropReason) {
        if let Some(count) = self.dropped.get_mut(reason as usize) {
            *count = count.wrapping_add(1);
        }
    }
}

/// Figures of one peer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PeerStats {
    /// RTP packets accepted from the peer.
    pub packets_in: u64,
    /// Bytes of datagrams accepted from the peer.
    pub bytes_in: u64,
    /// RTP packets written to the peer.
    pub packets_out: u64,
    /// Bytes of RTP datagrams written to the peer.
    pub bytes_out: u64,
    /// Round trip as the peer's receiver reports tell it.
    pub rtt: Option<Duration>,
    /// Share of our packets the peer last reported lost, 0 to 1.
    pub loss_down: f32,
    /// Last receiver-estimated bitrate (REMB) of the peer, in bits per second.
    pub remb_bps: Option<u64>,
    /// Links bound to the peer.
    pub links: usize,
}

/// Figures of one track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackStats {
    /// Its name.
    pub track: TrackId,
    /// Who sends it.
    pub publisher: PeerKey,
    /// Sound or picture.
    pub kind: Kind,
    /// Codec of the latest packet.
    pub codec: Codec,
    /// Packets taken, duplicates left out.
    pub packets: u64,
    /// Bytes of payload taken.
    pub payload_bytes: u64,
    /// Packets lost for good or not yet repaired (RFC 3550), negative with duplicates.
    pub lost: i64,
    /// Interarrival jitter in RTP clock units (RFC 3550).
    pub jitter: u32,
    /// Subscribers with a line for it.
    pub links: usize,
    /// Loudness of the latest packet in -dBov (0 loud, 127 silent), if the publisher tells it.
    pub audio_level: Option<u8>,
}
