//! Media plane of the Salon SFU: RTP, SRTP and RTCP of one room, without sockets, clocks, threads or locks.
//!
//! The shell hands a [`Room`] the time and the datagrams of its peers and gives it an [`Egress`] to write finished
//! packets into. What the room wants from its surroundings comes out as [`RoomEvent`]s.

#![forbid(unsafe_code)]

pub mod link;
pub mod media;
pub mod room;
pub mod rtcp;
pub mod rtp;
pub mod srtp;
pub mod track;

pub use media::{
    Codec, ExtensionIds, Kind, Mid, MidTooLong, Payload, PeerKey, ReceiveLine, SendLine, SsrcPair,
    TrackId,
};
pub use room::{
    DropReason, Egress, PeerStats, Room, RoomCounters, RoomError, RoomEvent, RoomLimits, TapPacket,
    TrackStats,
};
pub use srtp::{BadKeyLength, SrtpKeys, SrtpProfile};
