//! What a room tells its surroundings, and where it writes packets.

use std::fmt;

use super::TapPacket;
use crate::media::{Codec, Kind, PeerKey, TrackId};

/// Something the shell must act on or report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoomEvent {
    /// The first packet of a track has come.
    TrackPublished {
        /// Who sends it.
        peer: PeerKey,
        /// Its name in this room.
        track: TrackId,
        /// Sound or picture.
        kind: Kind,
        /// Codec of the first packet.
        codec: Codec,
    },
    /// The track's line was stopped, or its peer left. Told exactly once.
    TrackEnded {
        /// Who sent it.
        peer: PeerKey,
        /// Its name in this room.
        track: TrackId,
    },
    /// The server began or ceased to drop what comes on this track. Told only while the room is tapped.
    TrackBlocked {
        /// Its name in this room.
        track: TrackId,
        /// Its packets are dropped.
        is_blocked: bool,
    },
    /// The subscriber should get a line for the track; answer with [`Room::bind_link`](crate::Room::bind_link).
    WantLine {
        /// Who is to receive.
        subscriber: PeerKey,
        /// What.
        track: TrackId,
        /// Who sends it.
        publisher: PeerKey,
        /// Sound or picture.
        kind: Kind,
        /// Codec of the track as published.
        codec: Codec,
    },
    /// The subscriber's line for the track is to be stopped. The link is gone already. Told at most once for each
    /// `WantLine`, and never for a subscriber that has left.
    UnwantLine {
        /// Who was to receive.
        subscriber: PeerKey,
        /// What.
        track: TrackId,
    },
}

/// What a room refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoomError {
    /// The peer is already in the room.
    PeerExists,
    /// The room has [`RoomLimits::max_peers`](crate::RoomLimits) peers.
    Full,
    /// No such peer in the room.
    UnknownPeer,
    /// No such track in the room, or it has ended.
    UnknownTrack,
    /// The subscriber publishes the track itself, or has a link for it already.
    NotSubscribable,
    /// The SSRC is in use on another line of this subscriber.
    SsrcInUse,
    /// More lines, payloads or SSRCs than the limits allow.
    TooMany,
    /// No payload of the line can carry the track.
    NoCommonCodec,
    /// The key material does not work with its profile.
    BadKeys,
}

impl fmt::Display for RoomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RoomError::PeerExists => "the peer is already in the room",
            RoomError::Full => "the room is full",
            RoomError::UnknownPeer => "no such peer in the room",
            RoomError::UnknownTrack => "no such track in the room",
            RoomError::NotSubscribable => "the peer publishes this track or receives it already",
            RoomError::SsrcInUse => "the SSRC is in use on another line of the peer",
            RoomError::TooMany => "more lines, payloads or sources than allowed",
            RoomError::NoCommonCodec => "no payload of the line can carry the track",
            RoomError::BadKeys => "the SRTP keys do not fit their profile",
        })
    }
}

impl std::error::Error for RoomError {}

/// Where finished packets go: the send arena of the shell.
pub trait Egress {
    /// A buffer of exactly `len` bytes for the next datagram to `peer`; `None` when its queue is full (the packet is
    /// dropped and counted). The datagram is complete at the next call, or when the call that was given this egress
    /// returns. The room fills the buffer wholly.
    fn packet(&mut self, peer: PeerKey, len: usize) -> Option<&mut [u8]>;

    /// A packet of a publisher, while the room is tapped. Must not wait; by default it is not heard.
    fn tap(&mut self, _packet: &TapPacket<'_>) {}
}
