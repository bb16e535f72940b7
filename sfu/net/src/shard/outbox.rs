//! Datagrams on their way out: written once into an arena, sorted by receiver, sent in few calls.

use std::net::UdpSocket;
use std::os::fd::{AsRawFd, RawFd};

use salon_sfu_core::{Egress, PeerKey};

use crate::sys::{Outgoing, Route, SendBatch, Sent, can_segment};

/// Bytes gathered before the arena is sent early. One frame of 9 kB to 100 subscribers fits.
const ARENA_BYTES: usize = 2 << 20;
/// Index that means "none" in the lists below.
const NONE: u32 = u32::MAX;

/// A datagram and the next one of the same receiver.
#[derive(Clone, Copy)]
struct Entry {
    datagram: Outgoing,
    next: u32,
}

/// The datagrams waiting for one receiver, as a list through the entries.
#[derive(Clone, Copy)]
struct Lane {
    path: Option<Route>,
    first: u32,
    last: u32,
}

const EMPTY: Lane = Lane {
    path: None,
    first: NONE,
    last: NONE,
};

/// The send side of a shard's socket. Allocates only while it grows.
pub(crate) struct Outbox {
    socket: RawFd,
    arena: Vec<u8>,
    used: usize,
    entries: Vec<Entry>,
    lanes: Vec<Lane>,
    /// Receivers with waiting datagrams, in the order of their first.
    waiting: Vec<u32>,
    batch: SendBatch,
    aside: SendBatch,
    sent: Sent,
    no_path: u64,
}

impl Outbox {
    /// For a socket that outlives it.
    pub(crate) fn new(socket: &UdpSocket) -> Self {
        Self {
            socket: socket.as_raw_fd(),
            arena: vec![0; ARENA_BYTES],
            used: 0,
            entries: Vec::new(),
            lanes: Vec::new(),
            waiting: Vec::new(),
            batch: SendBatch::new(can_segment(socket.as_raw_fd())),
            aside: SendBatch::new(false),
            sent: Sent::default(),
            no_path: 0,
        }
    }

    /// Where a peer's datagrams go from now on; `None` drops them.
    pub(crate) fn set_path(&mut self, peer: PeerKey, path: Option<Route>) {
        let index = peer.0 as usize;
        if self.lanes.len() <= index {
            self.lanes.resize(index + 1, EMPTY);
        }
        if let Some(lane) = self.lanes.get_mut(index)
            && lane.path != path
        {
            if lane.first != NONE {
                self.flush();
            }
            if let Some(lane) = self.lanes.get_mut(index) {
                lane.path = path;
            }
        }
    }

    /// Sends everything that waits.
    pub(crate) fn flush(&mut self) {
        for peer in self.waiting.drain(..) {
            let Some(lane) = self.lanes.get_mut(peer as usize) else {
                continue;
            };
            let first = std::mem::replace(&mut lane.first, NONE);
            lane.last = NONE;
            let Some(path) = lane.path else { continue };
            let entries = &self.entries;
            let mut at = first;
            let datagrams = std::iter::from_fn(|| {
                let entry = entries.get(at as usize)?;
                at = entry.next;
                Some(entry.datagram)
            });
            self.batch.push(path, datagrams);
        }
        if !self.entries.is_empty() {
            let sent = self.batch.send(self.socket, &self.arena);
            self.sent.add(sent);
            self.entries.clear();
        }
        self.used = 0;
    }

    /// Forgets what waits: after a panic its last datagram may be half written.
    pub(crate) fn discard(&mut self) {
        for lane in &mut self.lanes {
            lane.first = NONE;
            lane.last = NONE;
        }
        self.waiting.clear();
        self.entries.clear();
        self.used = 0;
    }

    /// Sends one datagram now, past the lanes: answers to checks, whose sender may not be a peer's path.
    pub(crate) fn send_now(&mut self, to: Route, bytes: &[u8]) {
        let Ok(len) = u16::try_from(bytes.len()) else {
            return;
        };
        self.aside
            .push(to, std::iter::once(Outgoing { start: 0, len }));
        let sent = self.aside.send(self.socket, bytes);
        self.sent.add(sent);
    }

    /// What was sent since the start.
    pub(crate) fn sent(&self) -> Sent {
        self.sent
    }

    /// Datagrams dropped because their peer had no path.
    pub(crate) fn without_path(&self) -> u64 {
        self.no_path
    }
}

impl Egress for Outbox {
    fn packet(&mut self, peer: PeerKey, len: usize) -> Option<&mut [u8]> {
        let short = u16::try_from(len).ok()?;
        if self
            .lanes
            .get(peer.0 as usize)
            .is_none_or(|lane| lane.path.is_none())
        {
            self.no_path += 1;
            return None;
        }
        if self.used + len > self.arena.len() {
            self.flush();
        }
        let start = self.used;
        let index = u32::try_from(self.entries.len())
            .ok()
            .filter(|index| *index != NONE)?;
        let datagram = Outgoing {
            start: u32::try_from(start).ok()?,
            len: short,
        };
        self.entries.push(Entry {
            datagram,
            next: NONE,
        });
        self.used += len;
        let lane = self.lanes.get_mut(peer.0 as usize)?;
        let before = std::mem::replace(&mut lane.last, index);
        if before == NONE {
            lane.first = index;
            self.waiting.push(peer.0);
        } else if let Some(entry) = self.entries.get_mut(before as usize) {
            entry.next = index;
        }
        self.arena.get_mut(start..start + len)
    }
}
