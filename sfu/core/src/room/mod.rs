//! One room: who is in it, what is published, who receives what.

mod clock;
mod counters;
mod event;
mod fanout;
mod feedback;
mod ingress;
mod membership;
mod outbound;
mod peer;
mod reports;
mod slab;
mod tap;

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

pub use counters::{DropReason, PeerStats, RoomCounters, TrackStats};
pub use event::{Egress, RoomError, RoomEvent};
pub use tap::TapPacket;

use clock::{Random, RoomClock};
use outbound::Outbound;
use peer::Peer;
use slab::Slab;

use crate::link::Link;
use crate::media::PeerKey;
use crate::track::Track;

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
    limits: RoomLimits,
    random: Random,
    clock: RoomClock,
    index: HashMap<PeerKey, usize>,
    peers: Slab<Peer>,
    /// By index of the peer.
    outbound: Vec<Outbound>,
    tracks: Slab<Track>,
    links: Slab<Link>,
    next_track: u32,
    is_tapped: bool,
    is_listened: bool,
    events: VecDeque<RoomEvent>,
    deadline: Option<Instant>,
    counters: RoomCounters,
}

impl Room {
    /// An empty room. The seed makes the start values of sequence numbers and timestamps: give it real randomness.
    #[must_use]
    pub fn new(limits: RoomLimits, seed: u64) -> Room {
        Room {
            limits,
            random: Random(seed),
            clock: RoomClock::default(),
            index: HashMap::new(),
            peers: Slab::default(),
            outbound: Vec::new(),
            tracks: Slab::default(),
            links: Slab::default(),
            next_track: 0,
            is_tapped: false,
            is_listened: false,
            events: VecDeque::new(),
            deadline: None,
            counters: RoomCounters::default(),
        }
    }

    /// When to call [`Room::handle_timeout`] next; `None` if nothing is planned.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// Plans something for a peer.
    fn schedule(&mut self, peer: usize, at: Instant) {
        let Some(peer) = self.peers.get_mut(peer) else {
            return;
        };
        peer.due = Some(peer.due.map_or(at, |due| due.min(at)));
        self.deadline = Some(self.deadline.map_or(at, |due| due.min(at)));
    }

    /// The next event, oldest first.
    pub fn poll_event(&mut self) -> Option<RoomEvent> {
        self.events.pop_front()
    }

    /// Figures of the room.
    #[must_use]
    pub const fn counters(&self) -> &RoomCounters {
        &self.counters
    }

    /// Figures of a peer.
    #[must_use]
    pub fn peer_stats(&self, peer: PeerKey) -> Option<PeerStats> {
        let at = *self.index.get(&peer)?;
        let (peer, outbound) = (self.peers.get(at)?, self.outbound.get(at)?);
        Some(PeerStats {
            packets_in: peer.packets_in,
            bytes_in: peer.bytes_in,
            packets_out: outbound.packets,
            bytes_out: outbound.bytes,
            rtt: peer.rtt,
            loss_down: peer.loss_down,
            remb_bps: peer.remb_bps,
            links: peer.links.len(),
        })
    }

    /// Figures of every track of the room.
    pub fn track_stats(&self) -> impl Iterator<Item = TrackStats> + '_ {
        self.tracks.iter().filter_map(|(_, track)| {
            let publisher = self.peers.get(track.publisher)?;
            let source = publisher
                .sources
                .iter()
                .find(|source| source.ssrc == track.source.ssrc)?;
            Some(TrackStats {
                track: track.id,
                publisher: publisher.key,
                kind: track.kind,
                codec: track.codec,
                packets: track.packets,
                payload_bytes: track.payload_bytes,
                lost: source.reception.lost(),
                jitter: source.reception.jitter(),
                links: track.links.len(),
                audio_level: track.audio_level,
            })
        })
    }
}
