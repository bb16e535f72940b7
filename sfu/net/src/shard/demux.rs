//! What a datagram is and whose: RFC 7983. What belongs to nobody is dropped and counted.

use std::time::{Duration, Instant};

use salon_sfu_core::PeerKey;
use salon_sfu_session::{BindingRequest, Check};

use super::Shard;
use super::exits::Exits;
use crate::sys::Route;

/// Plain binding requests answered per second, in all: they cost a signature-free packet of twice their size.
const PLAIN_PER_SECOND: u32 = 500;

/// A budget that fills again every second.
pub(crate) struct Allowance {
    since: Instant,
    used: u32,
}

impl Allowance {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            since: now,
            used: 0,
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self::new(now);
        }
        self.used = self.used.saturating_add(1);
        self.used <= PLAIN_PER_SECOND
    }
}

impl Shard {
    /// Takes one datagram from the socket. Nothing in it can be trusted.
    pub(super) fn handle_datagram(&mut self, now: Instant, from: Route, bytes: &mut [u8]) {
        self.figures.datagrams_in += 1;
        match bytes.first() {
            Some(128..=191) => self.handle_media(now, from, bytes),
            Some(0..=3) => self.handle_stun(now, from, bytes),
            Some(20..=63) => self.handle_dtls(now, from, bytes),
            _ => self.figures.not_ours += 1,
        }
    }

    fn handle_media(&mut self, now: Instant, from: Route, bytes: &mut [u8]) {
        let key = self.peers.at(from.remote);
        let Some((key, peer)) = key.and_then(|key| Some((key, self.peers.get_mut(key)?))) else {
            self.figures.unknown_address += 1;
            return;
        };
        let index = peer.room;
        let Some(room) = self.rooms.get_mut(index) else {
            return;
        };
        let taps = room.taps(now);
        let mut exits = Exits::new(taps, &mut self.outbox, &mut self.recorder, &self.listening);
        let step = room.step(|media| media.handle_datagram(now, key, bytes, &mut exits));
        // Anybody can forge the address; only what the peer sealed says that it lives.
        let is_authentic = self.stir(index, step) == Some(true);
        if let Some(peer) = self.peers.get_mut(key).filter(|_| is_authentic) {
            peer.session.touch(now);
        }
    }

    fn handle_dtls(&mut self, now: Instant, from: Route, bytes: &[u8]) {
        let key = self.peers.at(from.remote);
        let Some((key, room)) = key.and_then(|key| Some((key, self.peers.get(key)?.room))) else {
            self.figures.unknown_address += 1;
            return;
        };
        let event = self.guarded(room, |shard| {
            let peer = shard.peers.get_mut(key)?;
            peer.session.handle_dtls(now, bytes)
        });
        let event = event.flatten();
        self.due.push(key);
        if let Some(event) = event {
            self.on_session(now, key, event);
        }
    }

    fn handle_stun(&mut self, now: Instant, from: Route, bytes: &[u8]) {
        let Some(request) = BindingRequest::parse(bytes) else {
            self.figures.malformed_stun += 1;
            return;
        };
        if request.is_anonymous() {
            if self.plain_stun.take(now) {
                self.figures.plain_stun += 1;
                self.outbox
                    .send_now(from, &request.success(from.remote, None));
            } else {
                self.figures.limited_stun += 1;
            }
            return;
        }
        let key = request
            .local_ufrag()
            .and_then(|ufrag| self.peers.named(ufrag));
        let Some((key, room)) = key.and_then(|key| Some((key, self.peers.get(key)?.room))) else {
            self.figures.unknown_ufrag += 1;
            return;
        };
        self.guarded(room, |shard| shard.check_path(now, from, key, &request));
    }

    fn check_path(
        &mut self,
        now: Instant,
        from: Route,
        key: PeerKey,
        request: &BindingRequest<'_>,
    ) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        match peer.session.handle_check(now, from.remote, request) {
            Check::Accepted(response) => {
                // A browser checks several of our addresses from one socket of its own. It drops what comes from
                // another than the one it nominated, so a check of the others must not move the path.
                let is_path = request.use_candidate && peer.session.path() == Some(from.remote);
                self.outbox.send_now(from, &response);
                if is_path {
                    self.outbox.set_path(key, Some(from));
                }
                self.peers.learn_address(key, from.remote);
                self.figures.checks += 1;
                self.due.push(key);
            }
            Check::Refused(response) => {
                self.outbox.send_now(from, &response);
                self.figures.refused_checks += 1;
            }
            Check::Forged => self.figures.forged_checks += 1,
        }
    }
}
