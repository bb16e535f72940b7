//! The engine as its owner sees it: threads, a door for commands, a door for events.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::api::{
    Command, EngineBusy, EngineConfig, EngineStats, Event, Failure, FailureKind, Ticket,
};
use crate::events::EventQueue;
use crate::shard::{Shard, ShardConfig};
use crate::sys::EventFd;

/// Commands waiting per shard; beyond that the caller is told to come again.
const COMMANDS: usize = 4096;

/// What a shard thread shares with the rest: nothing of it is touched per packet.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) events: Arc<EventQueue>,
    /// Peers of the whole engine, for its limit.
    pub(crate) peers: Arc<AtomicUsize>,
    pub(crate) wake: EventFd,
    pub(crate) stop: AtomicBool,
    pub(crate) stats: Mutex<EngineStats>,
}

/// One media thread, seen from outside.
#[derive(Debug)]
struct ShardHandle {
    commands: SyncSender<(Ticket, Command)>,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    thread_id: i32,
    port: u16,
}

/// The media engine. Dropping it ends its threads.
#[derive(Debug)]
pub struct Engine {
    shards: Vec<ShardHandle>,
    events: Arc<EventQueue>,
    peers: Arc<AtomicUsize>,
    next_ticket: AtomicU64,
    closed: AtomicBool,
}

impl Engine {
    /// Binds the ports and starts the threads.
    ///
    /// # Errors
    /// A port is taken, an address cannot be bound, or the configuration is out of range ([`io::ErrorKind::InvalidInput`]).
    pub fn start(config: EngineConfig) -> io::Result<Self> {
        check(&config)?;
        let events = Arc::new(EventQueue::new()?);
        let peers = Arc::new(AtomicUsize::new(0));
        let identity = salon_sfu_session::Identity::generate().map_err(io::Error::other)?;
        let mut engine = Self {
            shards: Vec::with_capacity(config.shards),
            events,
            peers,
            next_ticket: AtomicU64::new(1),
            closed: AtomicBool::new(false),
        };
        for index in 0..config.shards {
            let shard = engine.start_shard(&config, index, identity.clone())?;
            engine.shards.push(shard);
        }
        Ok(engine)
    }

    fn start_shard(
        &self,
        config: &EngineConfig,
        index: usize,
        identity: salon_sfu_session::Identity,
    ) -> io::Result<ShardHandle> {
        let port = match config.udp_port {
            0 => 0,
            first => u16::try_from(usize::from(first).saturating_add(index)).map_err(|_| {
                io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "udp_port + shards is beyond 65535",
                )
            })?,
        };
        let socket = UdpSocket::bind(SocketAddr::new(config.bind_ip, port))?;
        let port = socket.local_addr()?.port();
        let shared = Arc::new(Shared {
            events: Arc::clone(&self.events),
            peers: Arc::clone(&self.peers),
            wake: EventFd::new()?,
            stop: AtomicBool::new(false),
            stats: Mutex::default(),
        });
        let (commands, queue) = sync_channel(COMMANDS);
        let settings = ShardConfig {
            identity,
            candidates: config
                .advertised_ips
                .iter()
                .map(|ip| SocketAddr::new(*ip, port))
                .collect(),
            max_peers: config.max_peers,
            max_lines: config.max_lines,
        };
        let shard = Shard::new(socket, settings, Arc::clone(&shared))?;
        let (thread, thread_id) = spawn(index, shard, queue)?;
        Ok(ShardHandle {
            commands,
            shared,
            thread: Mutex::new(Some(thread)),
            thread_id,
            port,
        })
    }

    /// Hands a command in; never waits.
    ///
    /// # Errors
    /// [`EngineBusy`] if the queue is full or the events are not being read.
    pub fn submit(&self, command: Command) -> Result<Ticket, EngineBusy> {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        if self.events.is_congested() {
            return Err(EngineBusy);
        }
        let shard = self
            .shard_of(command.room())
            .filter(|_| !self.closed.load(Ordering::Acquire));
        let Some(shard) = shard else {
            self.refuse(ticket);
            return Ok(ticket);
        };
        match shard.commands.try_send((ticket, command)) {
            Ok(()) => shard.shared.wake.raise(),
            Err(TrySendError::Full(_)) => return Err(EngineBusy),
            Err(TrySendError::Disconnected(_)) => self.refuse(ticket),
        }
        Ok(ticket)
    }

    /// Moves all waiting events behind `into`; gives how many.
    pub fn poll_events(&self, into: &mut Vec<Event>) -> usize {
        self.poll_some_events(into, usize::MAX)
    }

    /// Moves up to `max` waiting events, oldest first, behind `into`; gives how many.
    pub fn poll_some_events(&self, into: &mut Vec<Event>, max: usize) -> usize {
        self.events.drain(into, max)
    }

    /// Waits for an event; false if the time was over first.
    pub fn wait_events(&self, timeout: Duration) -> bool {
        self.events.wait(timeout).unwrap_or(false)
    }

    /// Readable while events wait. Belongs to the engine.
    pub fn events_fd(&self) -> RawFd {
        self.events.fd()
    }

    /// The UDP port of the first shard.
    pub fn udp_port(&self) -> u16 {
        self.shards.first().map_or(0, |s| s.port)
    }

    /// The kernel's ids of the media threads, for CPU accounting.
    pub fn thread_ids(&self) -> Vec<i32> {
        self.shards.iter().map(|s| s.thread_id).collect()
    }

    /// Counters of all shards, at most a second old.
    pub fn stats(&self) -> EngineStats {
        let mut sum = EngineStats::default();
        for shard in &self.shards {
            sum.add(
                &shard
                    .shared
                    .stats
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
        sum.values
            .push(("events_dropped_total".to_owned(), self.events.dropped()));
        sum
    }

    /// Ends all rooms and threads and waits for that; may come twice. What they still said can be polled.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for shard in &self.shards {
            shard.shared.stop.store(true, Ordering::Release);
            shard.shared.wake.raise();
        }
        for shard in &self.shards {
            let thread = shard
                .thread
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(thread) = thread {
                // A panic of the thread is none of the caller's: it has nothing left to end.
                drop(thread.join());
            }
        }
    }

    /// A room lives on one shard, told by its name.
    fn shard_of(&self, room: &str) -> Option<&ShardHandle> {
        let mut hasher = DefaultHasher::new();
        room.hash(&mut hasher);
        let index = hasher.finish().checked_rem(self.shards.len() as u64)?;
        self.shards.get(usize::try_from(index).ok()?)
    }

    fn refuse(&self, ticket: Ticket) {
        let outcome = Err(Failure::new(FailureKind::Closed, "the engine is closing"));
        self.events.push(Event::Completed { ticket, outcome });
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

/// Starts the thread and learns its kernel id.
fn spawn(
    index: usize,
    shard: Shard,
    queue: Receiver<(Ticket, Command)>,
) -> io::Result<(JoinHandle<()>, i32)> {
    let (said, told) = sync_channel(1);
    let thread = std::thread::Builder::new()
        .name(format!("sfu-{index}"))
        .spawn(move || {
            if said.send(crate::sys::thread_id()).is_ok() {
                shard.run(&queue);
            }
        })?;
    let id = told.recv().map_err(io::Error::other)?;
    Ok((thread, id))
}

fn check(config: &EngineConfig) -> io::Result<()> {
    let wrong = if config.advertised_ips.is_empty() {
        "at least one advertised address is needed"
    } else if config
        .advertised_ips
        .iter()
        .any(std::net::IpAddr::is_unspecified)
    {
        "an advertised address must be one that clients can reach"
    } else if !(1..=64).contains(&config.shards) {
        "shards must be 1 to 64"
    } else if !(1..=100_000).contains(&config.max_peers) {
        "max_peers must be 1 to 100000"
    } else if !(2..=1000).contains(&config.max_lines) {
        "max_lines must be 2 to 1000"
    } else {
        return Ok(());
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, wrong))
}
