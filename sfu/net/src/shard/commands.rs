//! What the owner of the engine asks for.

use std::sync::atomic::Ordering;
use std::time::Instant;

use salon_sfu_core::{Codec, PeerKey};
use salon_sfu_session::{Session, SessionError};

use super::Shard;
use super::peers::Peer;
use super::room::LiveRoom;
use crate::api::{Command, Connection, Failure, FailureKind, Ticket};

/// What a command ends with.
type Outcome = Result<Option<String>, Failure>;

impl Shard {
    /// Executes a command; `None` if it is answered later, by the writer of recordings.
    pub(super) fn answer(
        &mut self,
        now: Instant,
        ticket: Ticket,
        command: Command,
    ) -> Option<Outcome> {
        match command {
            Command::StartRecording {
                room,
                recording,
                folder,
            } => self
                .start_recording(now, ticket, &room, &recording, folder)
                .map(Err),
            Command::StopRecording { room, recording } => {
                self.stop_recording(ticket, &room, &recording).map(Err)
            }
            other => Some(self.execute(now, other)),
        }
    }

    /// Executes a command that is answered at once.
    pub(super) fn execute(&mut self, now: Instant, command: Command) -> Outcome {
        self.figures.commands += 1;
        match command {
            Command::Join {
                room,
                peer,
                stream,
                offer,
            } => self.join(now, &room, &peer, stream, &offer),
            Command::Offer { room, peer, sdp } => {
                let key = self.find(&room, &peer)?;
                let answer = self.peer_mut(key)?.session.accept_offer(now, &sdp)?;
                self.peers.learn_ufrags(key);
                self.apply_lines(now, key);
                self.refresh_codecs(now, self.rooms.named(&room).unwrap_or(usize::MAX));
                self.due.push(key);
                Ok(Some(answer))
            }
            Command::Answer {
                room,
                peer,
                sdp,
                neg,
            } => {
                let key = self.find(&room, &peer)?;
                self.peer_mut(key)?.session.accept_answer(now, &sdp, neg)?;
                self.apply_lines(now, key);
                self.due.push(key);
                Ok(None)
            }
            Command::AddCandidate {
                room,
                peer,
                candidate,
            } => {
                let key = self.find(&room, &peer)?;
                self.peer_mut(key)?.session.add_candidate(&candidate)?;
                Ok(None)
            }
            Command::Leave { room, peer, reason } => {
                if let Ok(key) = self.find(&room, &peer) {
                    self.remove_peer(now, key, &reason);
                }
                Ok(None)
            }
            Command::CloseRoom { room, reason } => {
                let members = self
                    .rooms
                    .named(&room)
                    .and_then(|index| self.rooms.get(index));
                for key in members.map(|room| room.members.clone()).unwrap_or_default() {
                    self.remove_peer(now, key, &reason);
                }
                Ok(None)
            }
            Command::SetPublish {
                room,
                peer,
                audio,
                video,
            } => {
                let key = self.find(&room, &peer)?;
                let index = self.peer_mut(key)?.room;
                let Some(room) = self.rooms.get_mut(index) else {
                    return Err(unknown_room());
                };
                let step = room.step(|media| media.set_publish(now, key, audio, video));
                self.stir(index, step).ok_or_else(broken)?;
                Ok(None)
            }
            Command::RoomStats { room } => {
                let index = self.rooms.named(&room).ok_or_else(unknown_room)?;
                self.room_report(index).map(Some).ok_or_else(unknown_room)
            }
            Command::Listen { room } => {
                self.listen(&room);
                Ok(None)
            }
            Command::Unlisten { room } => {
                self.unlisten(&room);
                Ok(None)
            }
            Command::StartRecording { .. } | Command::StopRecording { .. } => Err(Failure::new(
                FailureKind::Internal,
                "the writer of recordings answers this",
            )),
        }
    }

    fn join(
        &mut self,
        now: Instant,
        room: &str,
        name: &str,
        stream: String,
        offer: &str,
    ) -> Outcome {
        if self.find(room, name).is_ok() {
            return Err(Failure::new(
                FailureKind::Exists,
                "the peer is in the room already",
            ));
        }
        let common = self
            .rooms
            .named(room)
            .and_then(|index| self.common_codecs(index));
        let (session, answer) = Session::accept(&self.session, now, offer, common)?;
        if !self.reserve() {
            return Err(full());
        }
        let index = match self.rooms.named(room) {
            Some(index) => index,
            None => {
                let live = LiveRoom::new(room, self.limits, random_u64());
                let index = self.rooms.insert(live);
                self.record_room(now, index);
                self.listen_to_room(index);
                index
            }
        };
        let key = self
            .peers
            .insert(Peer::new(name.into(), index, stream, session));
        let Some(live) = self.rooms.get_mut(index) else {
            return Err(unknown_room());
        };
        live.members.push(key);
        // Never 0: Chrome probes with that.
        let ssrc = (random_u64() as u32).max(1);
        let step = live.step(|media| media.add_peer(now, key, ssrc));
        match self.stir(index, step) {
            Some(Ok(())) => {}
            Some(Err(_)) => {
                self.remove_peer(now, key, "full");
                return Err(full());
            }
            None => return Err(broken()),
        }
        self.apply_lines(now, key);
        self.say(key, Connection::Connecting, "");
        self.refresh_codecs(now, index);
        self.due.push(key);
        Ok(Some(answer))
    }

    /// Takes a place among the engine's peers.
    fn reserve(&self) -> bool {
        let max = self.limits.max_peers;
        let took = self
            .shared
            .peers
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| {
                (n < max).then_some(n + 1)
            });
        took.is_ok()
    }

    fn find(&self, room: &str, peer: &str) -> Result<PeerKey, Failure> {
        let index = self.rooms.named(room).ok_or_else(unknown_room)?;
        let members = self
            .rooms
            .get(index)
            .map(|room| room.members.as_slice())
            .unwrap_or_default();
        let is_named = |key: &PeerKey| self.peers.get(*key).is_some_and(|p| *p.name == *peer);
        members
            .iter()
            .copied()
            .find(is_named)
            .ok_or_else(unknown_peer)
    }

    fn peer_mut(&mut self, key: PeerKey) -> Result<&mut Peer, Failure> {
        self.peers.get_mut(key).ok_or_else(unknown_peer)
    }

    /// Video codecs that every member with video decodes; `None` if there is no such member.
    fn common_codecs(&self, index: usize) -> Option<Vec<Codec>> {
        let members = &self.rooms.get(index)?.members;
        let mut common: Option<Vec<Codec>> = None;
        for key in members {
            let Some(peer) = self.peers.get(*key) else {
                continue;
            };
            let theirs: Vec<Codec> = peer.session.decodes().collect();
            if theirs.is_empty() {
                continue;
            }
            match &mut common {
                None => common = Some(theirs),
                Some(common) => common.retain(|codec| theirs.iter().any(|t| codec.decodes_as(*t))),
            }
        }
        common
    }

    /// Tells everybody what everybody decodes, after somebody came or went.
    pub(super) fn refresh_codecs(&mut self, now: Instant, index: usize) {
        let common = self.common_codecs(index);
        let members = self
            .rooms
            .get(index)
            .map(|room| room.members.clone())
            .unwrap_or_default();
        for key in members {
            if let Some(peer) = self.peers.get_mut(key) {
                peer.session.set_room_codecs(now, common.clone());
                self.soon(now, key);
            }
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        let kind = match error {
            SessionError::BadSdp(_) => FailureKind::BadSdp,
            SessionError::TooManyLines => FailureKind::TooManyLines,
            SessionError::StaleNegotiation => FailureKind::StaleNegotiation,
            SessionError::BadCandidate => FailureKind::BadCandidate,
            _ => FailureKind::Internal,
        };
        Failure::new(kind, error.to_string())
    }
}

fn unknown_room() -> Failure {
    Failure::new(FailureKind::UnknownRoom, "there is no such room")
}

fn unknown_peer() -> Failure {
    Failure::new(
        FailureKind::UnknownPeer,
        "there is no such peer in the room",
    )
}

fn broken() -> Failure {
    Failure::new(FailureKind::Internal, "the room has ended by a fault")
}

fn full() -> Failure {
    Failure::new(FailureKind::Full, "the engine has as many peers as it may")
}

/// Unpredictable enough for start values; secrets are made elsewhere.
fn random_u64() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0u8)
}
