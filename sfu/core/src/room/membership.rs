//! Who is in the room, what they publish, who is to receive it.

use std::time::{Duration, Instant};

use super::outbound::Outbound;
use super::peer::{Peer, fits};
use super::{Room, RoomError, RoomEvent};
use crate::link::{Link, Start};
use crate::media::{Kind, PeerKey, ReceiveLine, SendLine, TrackId};
use crate::srtp::{SrtpKeys, SrtpReceiver, SrtpSender};

/// SSRCs a subscriber may have used up under the same keys.
const MAX_RETIRED: usize = 16_384;

impl Room {
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
        self.clock.micros(now);
        if self.index.contains_key(&peer) {
            return Err(RoomError::PeerExists);
        }
        if self.index.len() >= self.limits.max_peers {
            return Err(RoomError::Full);
        }
        let at = self.peers.insert(Peer::new(peer, local_ssrc_for_rtcp));
        self.index.insert(peer, at);
        let outbound = Outbound::new(peer);
        match self.outbound.get_mut(at) {
            Some(place) => *place = outbound,
            None => self.outbound.push(outbound),
        }
        Ok(())
    }

    /// Sets the SRTP keys of a peer; new keys replace the old and restart all packet indices. The keys in use set again
    /// change nothing: their indices must not come twice.
    ///
    /// # Errors
    /// [`RoomError::UnknownPeer`], [`RoomError::BadKeys`].
    pub fn set_keys(&mut self, peer: PeerKey, keys: SrtpKeys) -> Result<(), RoomError> {
        let at = self.find_peer(peer)?;
        let known = self.peers.get(at).and_then(|peer| peer.keys.as_ref());
        if known.is_some_and(|known| known.is_same(&keys)) {
            return Ok(());
        }
        let sender = SrtpSender::new(&keys).map_err(|_| RoomError::BadKeys)?;
        let receiver = SrtpReceiver::new(&keys).map_err(|_| RoomError::BadKeys)?;
        if let Some(outbound) = self.outbound.get_mut(at) {
            outbound.sender = Some(Box::new(sender));
        }
        if let Some(peer) = self.peers.get_mut(at) {
            peer.receiver = Some(Box::new(receiver));
            peer.keys = Some(keys);
            peer.forget_sources();
        }
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
        self.clock.micros(now);
        let at = self.find_peer(peer)?;
        if !fits(lines, self.limits.max_lines) {
            return Err(RoomError::TooMany);
        }
        let Some(peer) = self.peers.get_mut(at) else {
            return Err(RoomError::UnknownPeer);
        };
        let goes_on = |mid| lines.iter().any(|line| line.mid == mid && line.active);
        let old = peer
            .lines
            .iter()
            .filter(|line| !goes_on(line.description.mid));
        let ended: Vec<usize> = old.filter_map(|line| line.track).collect();
        for track in ended {
            self.end_track(track);
        }
        let Some(peer) = self.peers.get_mut(at) else {
            return Err(RoomError::UnknownPeer);
        };
        peer.set_lines(lines);
        for line in &peer.lines {
            let Some(track) = line.track.and_then(|track| self.tracks.get(track)) else {
                continue;
            };
            for link in &track.links {
                if let Some(link) = self.links.get_mut(*link) {
                    link.match_payloads(&line.description.payloads);
                }
            }
        }
        Ok(())
    }

    /// ICE and DTLS are up: from now on the peer is subscribed to whatever the others publish. Idempotent.
    pub fn set_connected(&mut self, now: Instant, peer: PeerKey) {
        let Ok(at) = self.find_peer(peer) else { return };
        let Some(state) = self.peers.get_mut(at) else {
            return;
        };
        if std::mem::replace(&mut state.is_connected, true) {
            return;
        }
        let report_due = now + Duration::from_millis(500);
        state.report_due = Some(report_due);
        self.schedule(at, report_due);
        for slot in 0..self.tracks.end() {
            self.want(at, slot);
        }
    }

    /// Asks for a line for the track, once.
    pub(super) fn want(&mut self, subscriber: usize, slot: usize) {
        let Some(track) = self.tracks.get_mut(slot) else {
            return;
        };
        let (Some(peer), Some(publisher)) =
            (self.peers.get(subscriber), self.peers.get(track.publisher))
        else {
            return;
        };
        if track.publisher == subscriber || !peer.is_connected || track.wanted.contains(&subscriber)
        {
            return;
        }
        track.wanted.push(subscriber);
        self.events.push_back(RoomEvent::WantLine {
            subscriber: peer.key,
            track: track.id,
            publisher: publisher.key,
            kind: track.kind,
            codec: track.codec,
        });
    }

    /// The subscriber has answered the line for a track: start sending it there and ask for a key frame. For a link that
    /// is bound already on the same SSRC, takes the new payload types and extensions.
    ///
    /// # Errors
    /// [`RoomError::UnknownPeer`], [`RoomError::UnknownTrack`] (it may have ended meanwhile),
    /// [`RoomError::NotSubscribable`], [`RoomError::SsrcInUse`], [`RoomError::NoCommonCodec`], [`RoomError::TooMany`].
    pub fn bind_link(
        &mut self,
        now: Instant,
        subscriber: PeerKey,
        track: TrackId,
        line: SendLine,
    ) -> Result<(), RoomError> {
        let at = self.find_peer(subscriber)?;
        let slot = self.find_track(track).ok_or(RoomError::UnknownTrack)?;
        let (Some(peer), Some(track)) = (self.peers.get(at), self.tracks.get(slot)) else {
            return Err(RoomError::UnknownTrack);
        };
        if track.publisher == at {
            return Err(RoomError::NotSubscribable);
        }
        let publisher = self
            .peers
            .get(track.publisher)
            .ok_or(RoomError::UnknownTrack)?;
        let source_line = publisher
            .lines
            .iter()
            .find(|line| line.track == Some(slot))
            .ok_or(RoomError::UnknownTrack)?;
        let published = source_line.description.payloads.as_slice();
        if let Some(&bound) = track
            .links
            .iter()
            .find(|link| self.subscriber_of(**link) == Some(at))
        {
            let link = self
                .links
                .get_mut(bound)
                .filter(|link| link.ssrc == line.ssrc);
            link.ok_or(RoomError::NotSubscribable)?
                .update(line, published);
            return Ok(());
        }
        if peer.links.len() >= self.limits.max_lines || peer.retired.len() >= MAX_RETIRED {
            return Err(RoomError::TooMany);
        }
        if peer
            .links
            .iter()
            .filter_map(|link| self.links.get(*link))
            .any(|link| shares_ssrc(link, &line))
        {
            return Err(RoomError::SsrcInUse);
        }
        let start = Start {
            seq: start_seq(&peer.retired, Some(line.ssrc), self.random.next()),
            rtx_seq: start_seq(&peer.retired, line.rtx_ssrc, self.random.next()),
            timestamp: self.random.next() as u32,
        };
        let link = Link::new(at, slot, line, published, &start);
        if !link.carries_anything() {
            return Err(RoomError::NoCommonCodec);
        }
        self.attach(now, at, slot, link);
        Ok(())
    }

    fn attach(&mut self, now: Instant, subscriber: usize, slot: usize, link: Link) {
        let bound = self.links.insert(link);
        if let Some(peer) = self.peers.get_mut(subscriber) {
            peer.links.push(bound);
        }
        let Some(track) = self.tracks.get_mut(slot) else {
            return;
        };
        track.links.push(bound);
        if !track.wanted.contains(&subscriber) {
            track.wanted.push(subscriber);
        }
        if track.kind == Kind::Video {
            let (due, publisher) = (track.keyframes.ask(now), track.publisher);
            self.schedule(publisher, due);
        }
    }

    fn subscriber_of(&self, link: usize) -> Option<usize> {
        self.links.get(link).map(|link| link.subscriber)
    }

    /// Stops sending a track to a subscriber. Idempotent. The track stays offered: binding again needs no new `WantLine`.
    pub fn unbind_link(&mut self, subscriber: PeerKey, track: TrackId) {
        let (Ok(at), Some(slot)) = (self.find_peer(subscriber), self.find_track(track)) else {
            return;
        };
        let Some(track) = self.tracks.get(slot) else {
            return;
        };
        let bound = track
            .links
            .iter()
            .copied()
            .find(|link| self.subscriber_of(*link) == Some(at));
        if let Some(link) = bound {
            self.detach(link);
        }
    }

    /// Removes a link from both its ends and remembers its numbers.
    pub(super) fn detach(&mut self, at: usize) {
        let Some(link) = self.links.remove(at) else {
            return;
        };
        if let Some(track) = self.tracks.get_mut(link.track) {
            track.links.retain(|other| *other != at);
        }
        let Some(peer) = self.peers.get_mut(link.subscriber) else {
            return;
        };
        peer.links.retain(|other| *other != at);
        let (next_seq, repair) = link.next_numbers();
        peer.retired.insert(link.ssrc, next_seq);
        peer.retired.extend(repair);
    }

    /// What the server lets the peer publish; what it does not is dropped from the next packet on.
    pub fn set_publish(&mut self, now: Instant, peer: PeerKey, audio: bool, video: bool) {
        let Ok(at) = self.find_peer(peer) else { return };
        let Some(peer) = self.peers.get_mut(at) else {
            return;
        };
        let had_audio = std::mem::replace(&mut peer.may_publish_audio, audio);
        let had_video = std::mem::replace(&mut peer.may_publish_video, video);
        let mut due = None;
        for slot in &peer.tracks {
            let Some(track) = self.tracks.get_mut(*slot) else {
                continue;
            };
            let (had, has) = match track.kind {
                Kind::Audio => (had_audio, audio),
                Kind::Video => (had_video, video),
            };
            if had == has {
                continue;
            }
            if self.is_tapped {
                self.events.push_back(RoomEvent::TrackBlocked {
                    track: track.id,
                    is_blocked: !has,
                });
            }
            track.keyframe = None;
            for link in &track.links {
                if let Some(link) = self.links.get_mut(*link) {
                    link.restart();
                }
            }
            if has && track.kind == Kind::Video {
                due = Some(track.keyframes.ask(now));
            }
        }
        if let Some(due) = due {
            self.schedule(at, due);
        }
    }

    /// Ends a track: its links are gone, whoever had or was to get a line is told, and the room is.
    pub(super) fn end_track(&mut self, slot: usize) {
        let Some(track) = self.tracks.get_mut(slot) else {
            return;
        };
        for link in std::mem::take(&mut track.links) {
            self.detach(link);
        }
        let Some(track) = self.tracks.remove(slot) else {
            return;
        };
        for subscriber in &track.wanted {
            if let Some(peer) = self.peers.get(*subscriber) {
                self.events.push_back(RoomEvent::UnwantLine {
                    subscriber: peer.key,
                    track: track.id,
                });
            }
        }
        let Some(peer) = self.peers.get_mut(track.publisher) else {
            return;
        };
        peer.tracks.retain(|other| *other != slot);
        for line in peer
            .lines
            .iter_mut()
            .filter(|line| line.track == Some(slot))
        {
            line.track = None;
        }
        self.events.push_back(RoomEvent::TrackEnded {
            peer: peer.key,
            track: track.id,
        });
    }

    /// Takes a peer out: its tracks end, its links are gone. Idempotent.
    pub fn remove_peer(&mut self, now: Instant, peer: PeerKey) {
        self.clock.micros(now);
        let Some(at) = self.index.remove(&peer) else {
            return;
        };
        let Some(state) = self.peers.get_mut(at) else {
            return;
        };
        let (tracks, links) = (
            std::mem::take(&mut state.tracks),
            std::mem::take(&mut state.links),
        );
        for track in tracks {
            self.end_track(track);
        }
        for link in links {
            self.detach(link);
        }
        for slot in 0..self.tracks.end() {
            if let Some(track) = self.tracks.get_mut(slot) {
                track.wanted.retain(|subscriber| *subscriber != at);
            }
        }
        self.peers.remove(at);
        if let Some(outbound) = self.outbound.get_mut(at) {
            outbound.sender = None;
        }
    }

    pub(super) fn find_peer(&self, peer: PeerKey) -> Result<usize, RoomError> {
        self.index.get(&peer).copied().ok_or(RoomError::UnknownPeer)
    }

    pub(super) fn find_track(&self, id: TrackId) -> Option<usize> {
        self.tracks
            .iter()
            .find(|(_, track)| track.id == id)
            .map(|(slot, _)| slot)
    }
}

fn shares_ssrc(link: &Link, line: &SendLine) -> bool {
    let (_, repair) = link.next_numbers();
    let is_taken = |ssrc: u32| ssrc == link.ssrc || repair.is_some_and(|(rtx, _)| rtx == ssrc);
    is_taken(line.ssrc) || line.rtx_ssrc.is_some_and(is_taken)
}

/// A new SSRC starts in the lower half of the 16-bit circle, so that a receiver that misses the first packets still
/// counts the wraps as we do (RFC 3711 section 3.3.1); a used one goes on.
fn start_seq(retired: &std::collections::HashMap<u32, u64>, ssrc: Option<u32>, random: u64) -> u64 {
    ssrc.and_then(|ssrc| retired.get(&ssrc).copied())
        .unwrap_or(1 + (random & 0x3fff))
}
