//! One media thread: a socket, the rooms that live on it, their timers.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use salon_sfu_session::Identity;

use crate::api::{Command, Event, Failure, FailureKind, Ticket};
use crate::engine::Shared;
use crate::sys::wait_readable;

/// What a shard is told at its start.
pub(crate) struct ShardConfig {
    pub(crate) identity: Identity,
    pub(crate) candidates: Vec<SocketAddr>,
    pub(crate) max_peers: usize,
    pub(crate) max_lines: usize,
}

pub(crate) struct Shard {
    socket: UdpSocket,
    config: ShardConfig,
    shared: Arc<Shared>,
}

impl Shard {
    pub(crate) fn new(
        socket: UdpSocket,
        config: ShardConfig,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            config,
            shared,
        })
    }

    pub(crate) fn run(self, commands: &Receiver<(Ticket, Command)>) {
        while !self.shared.stop.load(Ordering::Acquire) {
            if wait_readable([self.shared.wake.fd()], None).is_err() {
                return;
            }
            self.shared.wake.clear();
            while let Ok((ticket, _)) = commands.try_recv() {
                let outcome = Err(Failure::new(FailureKind::Internal, "not yet"));
                self.shared
                    .events
                    .push(Event::Completed { ticket, outcome });
            }
        }
        let _ = (
            &self.socket,
            &self.config.identity,
            &self.config.candidates,
            self.config.max_peers,
            self.config.max_lines,
        );
    }
}
