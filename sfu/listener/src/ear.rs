//! What media threads hold of the listener: a door that never blocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::time::{SystemTime, UNIX_EPOCH};

use salon_sfu_core::{TapPacket, TrackId};

use crate::listener::Counters;

/// Packets that wait for the decoder at most: ten seconds of eight speakers.
const MOST_WAITING: usize = 4096;

/// A room that is listened to; given by the media thread, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomKey(pub u64);

/// One packet of sound.
#[derive(Debug)]
pub struct Heard {
    /// Where.
    pub room: RoomKey,
    /// Of which track.
    pub track: TrackId,
    /// Goes up when the publisher changes its source.
    pub generation: u32,
    /// Extended sequence number within the generation.
    pub seq: u64,
    /// RTP timestamp, 48 kHz (RFC 7587, section 4.1).
    pub timestamp: u32,
    /// When it came, in microseconds since 1970.
    pub arrival_us: u64,
    /// An Opus packet; empty for padding.
    pub payload: Vec<u8>,
}

/// What goes through the door.
#[derive(Debug)]
pub(crate) enum Order {
    Packet(Heard),
    Track {
        room: RoomKey,
        track: TrackId,
        names: Names,
    },
    TrackEnded {
        room: RoomKey,
        track: TrackId,
    },
    RoomEnded(RoomKey),
}

/// What a track is called outside.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) room: Arc<str>,
    pub(crate) peer: Arc<str>,
    pub(crate) stream: Arc<str>,
    pub(crate) track: Arc<str>,
}

/// The door of one media thread.
#[derive(Clone, Debug)]
pub struct Ear {
    orders: Sender<Order>,
    waiting: Arc<AtomicUsize>,
    counters: Arc<Counters>,
}

impl Ear {
    pub(crate) fn new(
        orders: Sender<Order>,
        waiting: Arc<AtomicUsize>,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            orders,
            waiting,
            counters,
        }
    }

    /// Takes a copy of a packet, or drops and counts it if too many wait.
    pub fn hear(&self, room: RoomKey, packet: &TapPacket<'_>) {
        if self.waiting.load(Ordering::Relaxed) >= MOST_WAITING {
            self.counters
                .dropped_packets
                .fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let arrival_us = since.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(0));
        self.send(Order::Packet(Heard {
            room,
            track: packet.track,
            generation: packet.generation,
            seq: packet.seq,
            timestamp: packet.timestamp,
            arrival_us,
            payload: packet.payload.to_vec(),
        }));
    }

    /// Names a track, before its first packet.
    pub fn on_track(&self, room: RoomKey, room_name: &Arc<str>, track: TrackId, names: [&str; 3]) {
        let [peer, stream, name] = names;
        let names = Names {
            room: Arc::clone(room_name),
            peer: peer.into(),
            stream: stream.into(),
            track: name.into(),
        };
        self.send(Order::Track { room, track, names });
    }

    /// A track is over.
    pub fn on_ended(&self, room: RoomKey, track: TrackId) {
        self.send(Order::TrackEnded { room, track });
    }

    /// The room is over, or nobody wants to listen to it any more.
    pub fn on_room_ended(&self, room: RoomKey) {
        self.send(Order::RoomEnded(room));
    }

    fn send(&self, order: Order) {
        // Without a listener the engine is at its end.
        let _ = self.orders.send(order);
    }
}
