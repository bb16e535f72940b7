//! After input comes consequence: what the media plane wants goes to the sessions, what the sessions say goes out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use salon_sfu_core::{Egress, Kind, PeerKey, RoomEvent, TrackId};
use salon_sfu_session::{SessionEvent, Wanted};

use super::room::Fault;
use super::{SCAN_PAUSE, Shard};
use crate::api::{Connection, Event, MediaKind};

/// Rounds of cause and effect in one turn; the rest waits for the next. A bound, never reached in practice.
const MAX_ROUNDS: usize = 64;

impl Shard {
    /// Notes that a room has something to say, or ends it if it broke.
    pub(super) fn stir<T>(&mut self, index: usize, step: Result<T, Fault>) -> Option<T> {
        match step {
            Ok(value) => {
                if !self.stirred.contains(&index) {
                    self.stirred.push(index);
                }
                Some(value)
            }
            Err(fault) => {
                self.end_broken_room(index, &fault);
                None
            }
        }
    }

    /// Does something for one room outside of its media plane. A panic is a bug of ours: it ends that room.
    pub(super) fn guarded<T>(
        &mut self,
        index: usize,
        work: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(self)));
        outcome
            .map_err(|panic| self.end_broken_room(index, &Fault::new(&*panic)))
            .ok()
    }

    /// Works until nobody has news.
    pub(super) fn settle(&mut self, now: Instant) {
        for _ in 0..MAX_ROUNDS {
            if self.stirred.is_empty() && self.due.is_empty() {
                return;
            }
            while let Some(index) = self.stirred.pop() {
                self.read_room(now, index);
            }
            let mut due = std::mem::take(&mut self.due);
            due.sort_unstable();
            due.dedup();
            for key in due.drain(..) {
                let Some(room) = self.peers.get(key).map(|peer| peer.room) else {
                    continue;
                };
                self.guarded(room, |shard| shard.drive_session(now, key));
            }
            if self.due.is_empty() {
                self.due = due;
            }
        }
    }

    /// Reads what a room has to say.
    fn read_room(&mut self, now: Instant, index: usize) {
        loop {
            let Some(room) = self.rooms.get_mut(index) else {
                return;
            };
            let event = match room.step(salon_sfu_core::Room::poll_event) {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(fault) => return self.end_broken_room(index, &fault),
            };
            self.guarded(index, |shard| shard.on_room(now, index, event));
        }
        if let Some(room) = self.rooms.get_mut(index) {
            match room.step(|media| media.poll_timeout()) {
                Ok(due) => room.due = due,
                Err(fault) => self.end_broken_room(index, &fault),
            }
        }
        self.drop_empty_room(index);
    }

    fn on_room(&mut self, now: Instant, index: usize, event: RoomEvent) {
        match event {
            RoomEvent::TrackPublished {
                peer,
                track,
                kind,
                codec,
            } => {
                let Some(room) = self.rooms.get_mut(index) else {
                    return;
                };
                room.tracks.push((track, peer, codec));
                if let (Some((key, _)), Some(publisher)) = (room.recording, self.peers.get(peer)) {
                    let names = (&*publisher.name, publisher.stream.as_str());
                    self.recorder.on_track(key, track, names, codec);
                }
                if let (Some(key), Some(publisher)) = (room.listening, self.peers.get(peer)) {
                    let names = (&*publisher.name, publisher.stream.as_str());
                    self.listening
                        .on_track(key, &room.name, track, names, codec);
                }
                let (room, name) = (
                    Arc::clone(&room.name),
                    self.peers.get(peer).map(|p| Arc::clone(&p.name)),
                );
                let Some(peer) = name else { return };
                let track = track_name(&peer, track);
                let codec = codec_name(codec);
                self.shared.events.push(Event::TrackPublished {
                    room,
                    peer,
                    track,
                    kind: media_kind(kind),
                    codec,
                });
            }
            RoomEvent::TrackEnded { peer, track } => {
                let Some(room) = self.rooms.get_mut(index) else {
                    return;
                };
                room.tracks.retain(|(id, ..)| *id != track);
                if let Some(recording) = room.recording {
                    self.recorder.on_ended(now, recording, track);
                }
                if let Some(key) = room.listening {
                    self.listening.on_ended(key, track);
                }
                let (room, name) = (
                    Arc::clone(&room.name),
                    self.peers.get(peer).map(|p| Arc::clone(&p.name)),
                );
                let Some(peer) = name else { return };
                let track = track_name(&peer, track);
                self.shared
                    .events
                    .push(Event::TrackEnded { room, peer, track });
            }
            RoomEvent::TrackBlocked { track, is_blocked } => {
                if let Some(recording) = self.rooms.get(index).and_then(|room| room.recording) {
                    self.recorder.on_blocked(now, recording, track, is_blocked);
                }
            }
            RoomEvent::WantLine {
                subscriber,
                track,
                publisher,
                kind,
                codec,
            } => {
                let Some(source) = self.peers.get(publisher) else {
                    return;
                };
                let wanted = Wanted {
                    track,
                    kind,
                    codec,
                    stream: token(&source.stream),
                    name: track_name(&source.name, track),
                    cname: token(&source.name),
                };
                let Some(peer) = self.peers.get_mut(subscriber) else {
                    return;
                };
                if peer.session.want(now, wanted).is_err() {
                    self.figures.internal_errors += 1;
                }
                self.soon(now, subscriber);
            }
            RoomEvent::UnwantLine { subscriber, track } => {
                let Some(peer) = self.peers.get_mut(subscriber) else {
                    return;
                };
                peer.bound.remove(&track);
                peer.session.unwant(now, track);
                self.soon(now, subscriber);
            }
            _ => {}
        }
    }

    /// The peer's deadlines have changed.
    pub(super) fn soon(&mut self, now: Instant, key: PeerKey) {
        if let Some(at) = self.peers.get(key).and_then(|p| p.session.poll_timeout()) {
            self.next_scan = self.next_scan.min(at.max(now + SCAN_PAUSE));
        }
    }

    /// Asks a session for its news, its offer, and what it has to send.
    fn drive_session(&mut self, now: Instant, key: PeerKey) {
        while let Some(event) = self.peers.get_mut(key).and_then(|p| p.session.poll(now)) {
            self.on_session(now, key, event);
        }
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        if let Some((neg, sdp)) = peer.session.poll_offer(now)
            && let Some(room) = self.rooms.get(peer.room)
        {
            let (room, peer) = (Arc::clone(&room.name), Arc::clone(&peer.name));
            self.shared.events.push(Event::OfferReady {
                room,
                peer,
                neg,
                sdp,
            });
        }
        self.send_records(key);
        self.soon(now, key);
    }

    fn send_records(&mut self, key: PeerKey) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        for record in peer.session.take_outgoing() {
            if let Some(buffer) = self.outbox.packet(key, record.len()) {
                buffer.copy_from_slice(&record);
            }
        }
    }

    pub(super) fn on_session(&mut self, now: Instant, key: PeerKey, event: SessionEvent) {
        let Some(index) = self.peers.get(key).map(|p| p.room) else {
            return;
        };
        match event {
            SessionEvent::Keys(keys) => {
                self.figures.count_profile(keys.profile());
                let Some(room) = self.rooms.get_mut(index) else {
                    return;
                };
                let step = room.step(|media| media.set_keys(key, *keys));
                if let Some(Err(_)) = self.stir(index, step) {
                    self.remove_peer(now, key, "dtls_failed");
                }
            }
            SessionEvent::Connected => {
                let Some(room) = self.rooms.get_mut(index) else {
                    return;
                };
                let step = room.step(|media| media.set_connected(now, key));
                self.stir(index, step);
                self.say(key, Connection::Connected, "");
            }
            SessionEvent::Interrupted => self.say(key, Connection::Interrupted, "silence"),
            SessionEvent::Gone(cause) => self.remove_peer(now, key, cause.as_str()),
            _ => {}
        }
    }

    /// Gives the media plane what was negotiated last.
    pub(super) fn apply_lines(&mut self, now: Instant, key: PeerKey) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        let (index, receive, send) = (
            peer.room,
            peer.session.receive_lines(),
            peer.session.send_lines(),
        );
        let Some(room) = self.rooms.get_mut(index) else {
            return;
        };
        let bound = &mut peer.bound;
        let mut refused = 0;
        let step = room.step(|media| {
            let set = media.set_receive_lines(now, key, &receive);
            bound.retain(|track, _| {
                let is_kept = send.iter().any(|(kept, _)| kept == track);
                if !is_kept {
                    media.unbind_link(key, *track);
                }
                is_kept
            });
            for (track, line) in send {
                if bound.get(&track) == Some(&line) {
                    continue;
                }
                // A link that is there already takes the new description and goes on.
                match media.bind_link(now, key, track, line.clone()) {
                    Ok(()) => drop(bound.insert(track, line)),
                    Err(_) => refused += 1,
                }
            }
            set
        });
        self.figures.refused_links += refused;
        if let Some(Err(_)) = self.stir(index, step) {
            self.figures.internal_errors += 1;
        }
    }

    /// The one teardown of a peer. Says so exactly once.
    pub(super) fn remove_peer(&mut self, now: Instant, key: PeerKey, cause: &str) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        let index = peer.room;
        peer.session.close();
        self.send_records(key);
        self.outbox.flush();
        let step = self.rooms.get_mut(index).map(|room| {
            room.members.retain(|member| *member != key);
            room.step(|media| media.remove_peer(now, key))
        });
        // The room's last words about the peer need its name.
        match step {
            Some(Ok(())) => self.read_room_of_leaver(now, index),
            Some(Err(fault)) => self.end_broken_room(index, &fault),
            None => {}
        }
        self.forget_peer(key, cause);
        self.refresh_codecs(now, index);
        self.drop_empty_room(index);
    }

    fn read_room_of_leaver(&mut self, now: Instant, index: usize) {
        self.read_room(now, index);
        if self.rooms.get(index).is_some() && !self.stirred.contains(&index) {
            self.stirred.push(index);
        }
    }

    /// Takes the peer out of the tables and says that it is gone.
    fn forget_peer(&mut self, key: PeerKey, cause: &str) {
        self.say(key, Connection::Gone, cause);
        self.outbox.set_path(key, None);
        if self.peers.remove(key).is_some() {
            self.shared.peers.fetch_sub(1, Ordering::AcqRel);
            self.figures.peers_gone += 1;
        }
    }

    fn drop_empty_room(&mut self, index: usize) {
        if self
            .rooms
            .get(index)
            .is_none_or(|room| !room.members.is_empty())
        {
            return;
        }
        // One who is just leaving is no member any more, but his room still has to be named in what is said of him.
        if self.peers.iter().any(|(_, peer)| peer.room == index) {
            return;
        }
        if let Some(room) = self.rooms.remove(index) {
            self.figures.retire(room.counters());
            self.stirred.retain(|stirred| *stirred != index);
        }
    }

    /// A bug has broken this room: its peers go, the others stay.
    fn end_broken_room(&mut self, index: usize, fault: &Fault) {
        self.outbox.discard();
        let Some(room) = self.rooms.get_mut(index) else {
            return;
        };
        let name = Arc::clone(&room.name);
        room.members.clear();
        if let Some(recording) = room.recording {
            self.recorder.on_fault(recording);
        }
        if let Some(key) = room.listening {
            self.listening.on_room_ended(key);
        }
        self.figures.room_faults += 1;
        // One who is just leaving is no member any more, but nobody has said yet that he is gone.
        let peers = self.peers.iter().filter(|(_, peer)| peer.room == index);
        let peers: Vec<PeerKey> = peers.map(|(key, _)| key).collect();
        for key in peers {
            self.forget_peer(key, "fault");
        }
        self.rooms.remove(index);
        self.stirred.retain(|stirred| *stirred != index);
        self.shared.events.push(Event::RoomFault {
            room: name,
            detail: fault.0.clone(),
        });
    }
}

fn media_kind(kind: Kind) -> MediaKind {
    match kind {
        Kind::Audio => MediaKind::Audio,
        Kind::Video => MediaKind::Video,
    }
}

fn codec_name(codec: salon_sfu_core::Codec) -> &'static str {
    match codec.name() {
        "PCMU" => "pcmu",
        "PCMA" => "pcma",
        "G722" => "g722",
        "VP8" => "vp8",
        "VP9" => "vp9",
        "H264" => "h264",
        "AV1" => "av1",
        other => other,
    }
}

/// Track id in msid lines and events: unique in the room, made of token characters.
pub(super) fn track_name(peer: &str, track: TrackId) -> String {
    let mut name = token(peer);
    name.truncate(52);
    format!("{name}-{}", track.0)
}

/// The text as RFC 8830 allows it in an msid: up to 64 token characters.
fn token(text: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`{|}~".contains(c);
    let kept: String = text
        .chars()
        .take(64)
        .map(|c| if is_token(c) { c } else { '_' })
        .collect();
    if kept.is_empty() {
        "_".to_owned()
    } else {
        kept
    }
}
