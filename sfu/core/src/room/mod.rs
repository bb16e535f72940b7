//! One room: who is in it, what is published, who receives what.

mod counters;
mod event;

use std::time::Instant;

pub use counters::{DropReason, PeerStats, RoomCounters, TrackStats};
pub use event::{Egress, RoomError, RoomEvent};

use crate::media::{PeerKey, ReceiveLine, SendLine, TrackId};
use crate::srtp::SrtpKeys;

/// Bounds of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomLimits {
    /// Peers at the same time.
    pub max_peers: usize,
    /// Lines of one peer in each direction.
    pub max_lines: usize,
    /// Longest datagram written, in bytes.
    pub max_datagram_bytes: usize,
}

impl Default for RoomLimits {
    fn default() -> Self {
        RoomLimits {
            max_peers: 500,
            max_lines: 100,
            max_datagram_bytes: 1472,
        }
    }
}

/// The media of one room. Sans-IO: told the time, handed datagrams, writes into an [`Egress`].
///
/// After a call, drain [`Room::poll_event`] and come back at [`Room::poll_timeout`] at the latest. After warm-up a
/// packet allocates nothing.
pub struct Room {
    counters: RoomCounters,
}

impl Room {
    /// An empty room. The seed makes the start values of sequence numbers and timestamps: give it real randomness.
    #[must_use]
    pub fn new(limits: RoomLimits, seed: u64) -> Room {
        let _ = (limits, seed);
        Room {
            counters: RoomCounters::default(),
        }
    }

    /// Lets a peer in. It neither sends nor receives before its keys and lines are set.
    ///
    /// # Errors
    /// [`RoomError::PeerExists`], [`RoomError::Full`].
    pub fn add_peer(
        &mut self,
        now: Instant,
        peer: PeerKey,
        local_ssrc_for_rtcp: u32,
    ) -> Result<(), RoomError> {
        let _ = (now, peer, local_ssrc_for_rtcp);
        Ok(())
    }

    /// Sets the SRTP keys of a peer; new keys replace the old and restart all packet indices.
    ///
    /// # Errors
    /// [`RoomError::UnknownPeer`], [`RoomError::BadKeys`].
    pub fn set_keys(&mut self, peer: PeerKey, keys: SrtpKeys) -> Result<(), RoomError> {
        let _ = (peer, keys);
        Ok(())
    }

    /// Replaces the description of what the peer sends. Tracks on lines that stay (same mid, active) go on; tracks on
    /// lines that are missing or not active end.
    ///
    /// # Errors
    /// [`RoomError::UnknownPeer`], [`RoomError::TooMany`]; the old description then stands.
    pub fn set_receive_lines(
        &mut self,
        now: Instant,
        peer: PeerKey,
        lines: &[ReceiveLine],
    ) -> Result<(), RoomError> {
        let _ = (now, peer, lines);
        Ok(())
    }

    /// ICE and DTLS are up: from now on the peer is subscribed to whatever the others publish. Idempotent.
    pub fn set_connected(&mut self, now: Instant, peer: PeerKey) {
        let _ = (now, peer);
    }

    /// The subscriber has answered the line for a track: start sending it there and ask for a key frame.
    ///
    /// # Errors
    /// [`RoomError::UnknownPeer`], [`RoomError::UnknownTrack`] (it may have ended meanwhile),
    /// [`RoomError::NotSubscribable`], [`RoomError::SsrcInUse`], [`RoomError::NoCommonCodec`].
    pub fn bind_link(
        &mut self,
        now: Instant,
        subscriber: PeerKey,
        track: TrackId,
        line: SendLine,
    ) -> Result<(), RoomError> {
        let _ = (now, subscriber, track, line);
        Ok(())
    }

    /// Stops sending a track to a subscriber. Idempotent.
    pub fn unbind_link(&mut self, subscriber: PeerKey, track: TrackId) {
        let _ = (subscriber, track);
    }

    /// What the server lets the peer publish; what it does not is dropped from the next packet on.
    pub fn set_publish(&mut self, now: Instant, peer: PeerKey, audio: bool, video: bool) {
        let _ = (now, peer, audio, video);
    }

    /// Takes a peer out: its tracks end, its links are gone. Idempotent.
    pub fn remove_peer(&mut self, now: Instant, peer: PeerKey) {
        let _ = (now, peer);
    }

    /// Takes one SRTP or SRTCP datagram of a peer, opens it in place and writes what follows from it. Counts what it
    /// drops.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        peer: PeerKey,
        packet: &mut [u8],
        egress: &mut impl Egress,
    ) {
        let _ = (now, peer, packet, egress);
    }

    /// Does what is due: reports, feedback, repeated requests.
    pub fn handle_timeout(&mut self, now: Instant, egress: &mut impl Egress) {
        let _ = (now, egress);
    }

    /// When to call [`Room::handle_timeout`] next; `None` if nothing is planned.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// The next event, oldest first.
    pub fn poll_event(&mut self) -> Option<RoomEvent> {
        None
    }

    /// Figures of the room.
    #[must_use]
    pub fn counters(&self) -> &RoomCounters {
        &self.counters
    }

    /// Figures of a peer.
    #[must_use]
    pub fn peer_stats(&self, peer: PeerKey) -> Option<PeerStats> {
        let _ = peer;
        None
    }

    /// Figures of every track of the room.
    pub fn track_stats(&self) -> impl Iterator<Item = TrackStats> + '_ {
        std::iter::empty()
    }
}
