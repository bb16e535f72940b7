//! One media thread: a socket, the rooms that live on it, their timers.

mod commands;
mod demux;
mod exits;
mod figures;
pub(crate) mod listening;
mod outbox;
mod peers;
pub(crate) mod recording;
mod report;
mod room;
mod rooms;
mod settle;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use salon_sfu_core::{PeerKey, RoomLimits};
use salon_sfu_session::{Identity, SessionConfig};

use crate::api::{Command, Connection, Event, Failure, FailureKind, Ticket};
use crate::engine::Shared;
use crate::sys::{RecvBatch, set_buffers, tell_local_address, wait_readable};
use demux::Allowance;
use exits::Exits;
use figures::Figures;
use listening::Listening;
use outbox::Outbox;
use peers::Peers;
use recording::Recorder;
use rooms::Rooms;

/// Socket buffers asked for: a frame to each of 500 subscribers is 4.5 MB.
const BUFFER_BYTES: i32 = 4 << 20;
/// Batches taken in a row before timers and sending get their turn.
const BATCHES_PER_TURN: usize = 4;
/// Commands executed in a row; an SDP costs tens of microseconds.
const COMMANDS_PER_TURN: usize = 32;
/// How often the timers of all peers are looked at, at least and at most.
const SCAN_EVERY: Duration = Duration::from_millis(500);
const SCAN_PAUSE: Duration = Duration::from_millis(5);
/// How often the counters are published.
const STATS_EVERY: Duration = Duration::from_millis(500);

/// What a shard is told at its start.
pub(crate) struct ShardConfig {
    pub(crate) identity: Identity,
    pub(crate) candidates: Vec<SocketAddr>,
    pub(crate) max_peers: usize,
    pub(crate) max_lines: usize,
}

pub(crate) struct Shard {
    socket: UdpSocket,
    session: SessionConfig,
    limits: RoomLimits,
    shared: Arc<Shared>,
    peers: Peers,
    rooms: Rooms,
    outbox: Outbox,
    recorder: Recorder,
    listening: Listening,
    figures: Figures,
    plain_stun: Allowance,
    /// Rooms whose events are to be read.
    stirred: Vec<usize>,
    /// Peers whose session is to be asked for news.
    due: Vec<PeerKey>,
    next_scan: Instant,
    next_stats: Instant,
}

impl Shard {
    pub(crate) fn new(
        socket: UdpSocket,
        config: ShardConfig,
        shared: Arc<Shared>,
        recorder: Recorder,
        listening: Listening,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let (receive, send) = set_buffers(socket.as_raw_fd(), BUFFER_BYTES)?;
        let bound = socket.local_addr()?;
        if bound.ip().is_unspecified() {
            tell_local_address(socket.as_raw_fd(), bound.is_ipv4())?;
        }
        let now = Instant::now();
        Ok(Self {
            outbox: Outbox::new(&socket),
            recorder,
            listening,
            socket,
            session: SessionConfig {
                identity: config.identity,
                candidates: config.candidates,
                max_lines: config.max_lines,
            },
            limits: RoomLimits {
                max_peers: config.max_peers,
                max_lines: config.max_lines,
                ..RoomLimits::default()
            },
            shared,
            peers: Peers::default(),
            rooms: Rooms::default(),
            figures: Figures::new(receive, send),
            plain_stun: Allowance::new(now),
            stirred: Vec::new(),
            due: Vec::new(),
            next_scan: now,
            next_stats: now,
        })
    }

    /// The life of the thread.
    pub(crate) fn run(mut self, commands: &Receiver<(Ticket, Command)>) {
        let mut batch = RecvBatch::new();
        while !self.shared.stop.load(Ordering::Acquire) {
            let timeout = self.deadline().saturating_duration_since(Instant::now());
            let ready = wait_readable(
                [self.socket.as_raw_fd(), self.shared.wake.fd()],
                Some(timeout),
            );
            let Ok([is_readable, is_woken]) = ready else {
                break;
            };
            let now = Instant::now();
            self.take_returns(now);
            if is_woken {
                self.take_commands(now, commands);
            }
            if is_readable {
                self.receive(now, &mut batch);
            }
            self.run_timers(now);
            self.settle(now);
            self.outbox.flush();
            self.end_recorded_turn();
        }
        self.end(commands);
    }

    /// Takes what waits on the socket, but not for ever.
    fn receive(&mut self, now: Instant, batch: &mut RecvBatch) {
        for _ in 0..BATCHES_PER_TURN {
            let count = match batch.receive(self.socket.as_raw_fd()) {
                Ok(count) => count,
                Err(_) => {
                    // An ICMP error of an earlier datagram; the next call gives what is there.
                    self.figures.socket_errors += 1;
                    continue;
                }
            };
            for index in 0..count {
                match batch.datagram(index) {
                    Some((from, bytes)) => self.handle_datagram(now, from, bytes),
                    None => self.figures.truncated += 1,
                }
            }
            if count < RecvBatch::capacity() {
                return;
            }
        }
    }

    fn take_commands(&mut self, now: Instant, commands: &Receiver<(Ticket, Command)>) {
        self.shared.wake.clear();
        for _ in 0..COMMANDS_PER_TURN {
            let Ok((ticket, command)) = commands.try_recv() else {
                return;
            };
            let room = self.rooms.named(command.room()).unwrap_or(usize::MAX);
            let outcome = self.guarded(room, |shard| shard.answer(now, ticket, command));
            let outcome = outcome.unwrap_or_else(|| {
                Some(Err(Failure::new(
                    FailureKind::Internal,
                    "a bug; see the log",
                )))
            });
            if let Some(outcome) = outcome {
                self.shared
                    .events
                    .push(Event::Completed { ticket, outcome });
            }
        }
        self.shared.wake.raise();
    }

    /// When to wake up at the latest.
    fn deadline(&self) -> Instant {
        let rooms = self.rooms.iter().filter_map(|(_, room)| room.due).min();
        let own = self.next_scan.min(self.next_stats);
        rooms.map_or(own, |rooms| rooms.min(own))
    }

    fn run_timers(&mut self, now: Instant) {
        for index in self.rooms.due(now) {
            let Some(room) = self.rooms.get_mut(index) else {
                continue;
            };
            let taps = room.taps(now);
            let mut exits = Exits::new(taps, &mut self.outbox, &mut self.recorder, &self.listening);
            let step = room.step(|media| media.handle_timeout(now, &mut exits));
            self.stir(index, step);
        }
        if now >= self.next_scan {
            self.scan(now);
        }
        if now >= self.next_stats {
            self.next_stats = now + STATS_EVERY;
            let stats = self.stats();
            *self
                .shared
                .stats
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = stats;
        }
    }

    /// Looks at the timers of all sessions.
    fn scan(&mut self, now: Instant) {
        let mut next = now + SCAN_EVERY;
        for (key, peer) in self.peers.iter() {
            match peer.session.poll_timeout() {
                Some(at) if at <= now => self.due.push(key),
                Some(at) => next = next.min(at),
                None => {}
            }
        }
        self.next_scan = next.max(now + SCAN_PAUSE);
    }

    fn say(&self, key: PeerKey, state: Connection, cause: &str) {
        let Some(peer) = self.peers.get(key) else {
            return;
        };
        let Some(room) = self.rooms.get(peer.room) else {
            return;
        };
        self.shared.events.push(Event::PeerState {
            room: Arc::clone(&room.name),
            peer: Arc::clone(&peer.name),
            state,
            cause: cause.to_owned(),
        });
    }

    /// Ends all rooms and answers what still waits.
    fn end(mut self, commands: &Receiver<(Ticket, Command)>) {
        let now = Instant::now();
        let all: Vec<PeerKey> = self.peers.iter().map(|(key, _)| key).collect();
        for key in all {
            self.remove_peer(now, key, "closed");
        }
        self.settle(now);
        self.outbox.flush();
        self.end_recorded_turn();
        while let Ok((ticket, _)) = commands.try_recv() {
            let outcome = Err(Failure::new(FailureKind::Closed, "the engine is closing"));
            self.shared
                .events
                .push(Event::Completed { ticket, outcome });
        }
    }
}
