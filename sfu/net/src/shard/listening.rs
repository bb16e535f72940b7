//! Listening, as a shard sees it: packets of sound are handed to the decoder, and nothing waits for it.

use std::collections::HashMap;
use std::sync::Arc;

use salon_sfu_core::{Codec, TapPacket, TrackId};
use salon_sfu_listener::{Ear, RoomKey};

use super::Shard;
use super::settle::track_name;

/// The rooms of a shard that are listened to.
pub(crate) struct Listening {
    shard: usize,
    ear: Ear,
    by_room: HashMap<Arc<str>, RoomKey>,
    next: u64,
}

impl Listening {
    pub(crate) fn new(shard: usize, ear: Ear) -> Self {
        Self {
            shard,
            ear,
            by_room: HashMap::new(),
            next: 0,
        }
    }

    /// Takes a copy of a packet.
    pub(crate) fn hear(&self, key: RoomKey, packet: &TapPacket<'_>) {
        self.ear.hear(key, packet);
    }

    /// A track of a room that is listened to is there.
    pub(crate) fn on_track(
        &self,
        key: RoomKey,
        room: &Arc<str>,
        track: TrackId,
        peer: (&str, &str),
        codec: Codec,
    ) {
        if codec == Codec::Opus {
            let (name, stream) = peer;
            let track_name = track_name(name, track);
            self.ear
                .on_track(key, room, track, [name, stream, &track_name]);
        }
    }

    /// A track of a room that is listened to is over.
    pub(crate) fn on_ended(&self, key: RoomKey, track: TrackId) {
        self.ear.on_ended(key, track);
    }

    /// The room itself is over; the wish to listen outlives it.
    pub(crate) fn on_room_ended(&self, key: RoomKey) {
        self.ear.on_room_ended(key);
    }
}

impl Shard {
    /// Listens to a room from now on, there or not. Idempotent.
    pub(super) fn listen(&mut self, room: &str) {
        if self.listening.by_room.contains_key(room) {
            return;
        }
        let key = RoomKey((self.listening.shard as u64) << 40 | self.listening.next);
        self.listening.next += 1;
        self.listening.by_room.insert(room.into(), key);
        if let Some(index) = self.rooms.named(room) {
            self.listen_to_room(index);
        }
    }

    /// Ends what [`Shard::listen`] began. Idempotent.
    pub(super) fn unlisten(&mut self, room: &str) {
        let Some(key) = self.listening.by_room.remove(room) else {
            return;
        };
        self.listening.on_room_ended(key);
        let index = self.rooms.named(room);
        if let Some((index, room)) = index.and_then(|at| Some((at, self.rooms.get_mut(at)?))) {
            room.listening = None;
            let step = room.step(|media| media.set_listened(false));
            self.stir(index, step);
        }
    }

    /// Taps a room if somebody listens to its name.
    pub(super) fn listen_to_room(&mut self, index: usize) {
        let Some(room) = self.rooms.get_mut(index) else {
            return;
        };
        let Some(key) = self.listening.by_room.get(&room.name).copied() else {
            return;
        };
        room.listening = Some(key);
        for (track, publisher, codec) in &room.tracks {
            if let Some(peer) = self.peers.get(*publisher) {
                let names = (&*peer.name, &*peer.stream);
                self.listening
                    .on_track(key, &room.name, *track, names, *codec);
            }
        }
        let step = room.step(|media| media.set_listened(true));
        self.stir(index, step);
    }
}
