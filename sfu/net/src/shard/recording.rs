//! Recording, as a shard sees it: what is heard goes to the writer at the end of the turn, and nothing waits for it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use salon_sfu_core::{Codec, TapPacket, TrackId};
use salon_sfu_recorder::{Batch, Clock, Heard, Message, RecordingKey, State, Tape};

use super::Shard;
use super::exits::Exits;
use super::settle::track_name;
use crate::api::{Event, Failure, FailureKind, Ticket};

/// What the writer hands back to a shard.
#[derive(Debug)]
pub(crate) enum Return {
    /// A batch to be used again.
    Batch(Batch),
    /// A video waits for a key frame.
    AskKeyframe(RecordingKey, TrackId),
    /// The recording did not begin after all.
    NotBegun(RecordingKey),
}

/// A recording under way; it outlives the room it is named after.
struct Entry {
    key: RecordingKey,
    id: Arc<str>,
    clock: Clock,
    is_slow: bool,
}

/// The recordings of a shard.
pub(crate) struct Recorder {
    shard: usize,
    orders: Sender<Message>,
    returns: Receiver<Return>,
    tape: Tape,
    by_room: HashMap<Arc<str>, Entry>,
    next: u64,
}

impl Recorder {
    /// With the door to the writer and the way back from it.
    pub(crate) fn new(
        shard: usize,
        most_bytes: usize,
        orders: Sender<Message>,
        returns: Receiver<Return>,
    ) -> Self {
        Self {
            shard,
            orders,
            returns,
            tape: Tape::new(most_bytes),
            by_room: HashMap::new(),
            next: 0,
        }
    }

    /// Takes a copy of a packet for the recording.
    pub(crate) fn hear(&mut self, key: RecordingKey, now_us: u64, packet: &TapPacket<'_>) {
        self.tape
            .hear(Heard::new(key, now_us, packet), packet.payload);
    }

    /// The recording of a room of this name.
    pub(crate) fn of(&self, room: &str) -> Option<(RecordingKey, Clock)> {
        self.by_room.get(room).map(|entry| (entry.key, entry.clock))
    }

    /// Packets dropped because the writer was behind.
    pub(crate) fn dropped(&self) -> u64 {
        self.tape.dropped()
    }

    /// Hands over what was heard, then the message: it speaks of what came after.
    fn order(&mut self, message: Message) {
        self.hand_over();
        // Without a writer the engine is at its end.
        let _ = self.orders.send(message);
    }

    fn hand_over(&mut self) -> bool {
        let is_empty = self.tape.is_empty();
        match self.tape.take() {
            Some(batch) => {
                let shard = self.shard;
                for entry in self.by_room.values_mut() {
                    entry.is_slow &= !batch.lost.iter().any(|lost| lost.recording == entry.key);
                }
                let _ = self.orders.send(Message::Packets { shard, batch });
                true
            }
            None => is_empty,
        }
    }

    /// Recordings that have just begun to lose packets, with the name of their room.
    fn newly_slow(&mut self) -> Vec<(Arc<str>, Arc<str>)> {
        let behind: Vec<RecordingKey> = self.tape.behind().collect();
        let slow = self
            .by_room
            .iter_mut()
            .filter(|(_, entry)| !entry.is_slow && behind.contains(&entry.key));
        slow.map(|(room, entry)| {
            entry.is_slow = true;
            (Arc::clone(room), Arc::clone(&entry.id))
        })
        .collect()
    }

    /// A track of a recorded room is there.
    pub(crate) fn on_track(
        &mut self,
        key: RecordingKey,
        track: TrackId,
        peer: (&str, &str),
        codec: Codec,
    ) {
        let (name, stream) = peer;
        // The packets that are on the tape may be its first: it must be known before.
        let _ = self.orders.send(Message::Track {
            key,
            track,
            name: track_name(name, track),
            peer: name.to_owned(),
            stream: stream.to_owned(),
            kind: codec.kind(),
            codec,
        });
    }

    /// A track of a recorded room is over.
    pub(crate) fn on_ended(
        &mut self,
        now: Instant,
        recording: (RecordingKey, Clock),
        track: TrackId,
    ) {
        let (key, at_us) = (recording.0, recording.1.micros(now));
        self.order(Message::Ended { key, track, at_us });
    }

    /// The server mutes a track of a recorded room, or no longer does.
    pub(crate) fn on_blocked(
        &mut self,
        now: Instant,
        recording: (RecordingKey, Clock),
        track: TrackId,
        is_blocked: bool,
    ) {
        let (key, at_us) = (recording.0, recording.1.micros(now));
        self.order(Message::Blocked {
            key,
            track,
            is_blocked,
            at_us,
        });
    }

    /// A recorded room broke.
    pub(crate) fn on_fault(&mut self, recording: (RecordingKey, Clock)) {
        let (key, at_us) = (recording.0, recording.1.now_us());
        self.order(Message::AllEnded { key, at_us });
    }
}

impl Shard {
    /// Begins to record a room, there or not; `None` if the writer will answer.
    pub(super) fn start_recording(
        &mut self,
        now: Instant,
        ticket: Ticket,
        room: &str,
        recording: &str,
        folder: PathBuf,
    ) -> Option<Failure> {
        if self.recorder.of(room).is_some() {
            let kind = FailureKind::Exists;
            return Some(Failure::new(kind, "the room is being recorded already"));
        }
        let clock = Clock::read();
        let key = RecordingKey((self.recorder.shard as u64) << 40 | self.recorder.next);
        self.recorder.next += 1;
        let (room, id): (Arc<str>, Arc<str>) = (room.into(), recording.into());
        let shard = self.recorder.shard;
        self.recorder.order(Message::Start {
            key,
            shard,
            ticket,
            room: Arc::clone(&room),
            recording: Arc::clone(&id),
            folder,
            clock,
        });
        let entry = Entry {
            key,
            id,
            clock,
            is_slow: false,
        };
        self.recorder.by_room.insert(Arc::clone(&room), entry);
        if let Some(index) = self.rooms.named(&room) {
            self.record_room(now, index);
        }
        None
    }

    /// Seals the recording of a room; `None` if the writer will answer.
    pub(super) fn stop_recording(
        &mut self,
        ticket: Ticket,
        room: &str,
        recording: &str,
    ) -> Option<Failure> {
        let by_room = &mut self.recorder.by_room;
        let Some(entry) = by_room.get(room).filter(|entry| *entry.id == *recording) else {
            let kind = FailureKind::UnknownRecording;
            return Some(Failure::new(
                kind,
                "the room is not being recorded under that name",
            ));
        };
        let key = entry.key;
        self.forget_recording(key);
        self.recorder.order(Message::Stop { key, ticket });
        None
    }

    fn forget_recording(&mut self, key: RecordingKey) {
        self.recorder.by_room.retain(|_, entry| entry.key != key);
        let index = self.rooms.recorded_by(key);
        if let Some((index, room)) = index.and_then(|at| Some((at, self.rooms.get_mut(at)?))) {
            room.recording = None;
            let step = room.step(salon_sfu_core::Room::stop_tap);
            self.stir(index, step);
        }
    }

    /// Taps a room if a recording of its name is under way.
    pub(super) fn record_room(&mut self, now: Instant, index: usize) {
        let Some(room) = self.rooms.get_mut(index) else {
            return;
        };
        let Some((key, clock)) = self.recorder.of(&room.name) else {
            return;
        };
        room.recording = Some((key, clock));
        for (track, publisher, codec) in &room.tracks {
            if let Some(peer) = self.peers.get(*publisher) {
                self.recorder
                    .on_track(key, *track, (&peer.name, &peer.stream), *codec);
            }
        }
        let taps = room.taps(now);
        let mut exits = Exits::new(taps, &mut self.outbox, &mut self.recorder, &self.listening);
        let step = room.step(|media| media.start_tap(now, &mut exits));
        self.stir(index, step);
    }

    /// Does what the writer asks for.
    pub(super) fn take_returns(&mut self, now: Instant) {
        while let Ok(returned) = self.recorder.returns.try_recv() {
            match returned {
                Return::Batch(batch) => self.recorder.tape.give_back(batch),
                Return::NotBegun(key) => self.forget_recording(key),
                Return::AskKeyframe(key, track) => {
                    let Some(index) = self.rooms.recorded_by(key) else {
                        continue;
                    };
                    if let Some(room) = self.rooms.get_mut(index) {
                        // A track that has ended meanwhile needs none.
                        let step = room.step(|media| media.ask_keyframe(now, track).is_ok());
                        self.stir(index, step);
                    }
                }
            }
        }
    }

    /// Hands over what was heard in this turn.
    pub(super) fn end_recorded_turn(&mut self) {
        if self.recorder.hand_over() {
            return;
        }
        for (room, recording) in self.recorder.newly_slow() {
            self.shared.events.push(Event::RecordingState {
                room,
                recording,
                state: State::Slow,
                detail: "the disk does not keep up; packets are left out".to_owned(),
            });
        }
    }
}
