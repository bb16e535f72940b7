//! The engine as its owner sees it: threads, a door for commands, a door for events.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use salon_sfu_listener::{Chunk, Listener};
use salon_sfu_recorder::{Disk, Files, Notice, RecorderFigures, StartError, Summary, Writer};

use crate::api::{
    Command, EngineBusy, EngineConfig, EngineStats, Event, Failure, FailureKind, Ticket,
};
use crate::events::EventQueue;
use crate::shard::listening::Listening;
use crate::shard::recording::{Recorder, Return};
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
    recorded: Arc<RecorderFigures>,
    writer: Mutex<Option<Writer>>,
    listener: Listener,
    heard: Arc<EventFd>,
    next_ticket: AtomicU64,
    closed: AtomicBool,
}

impl Engine {
    /// Binds the ports and starts the threads.
    ///
    /// # Errors
    /// A port is taken, an address cannot be bound, or the configuration is out of range ([`io::ErrorKind::InvalidInput`]).
    pub fn start(config: EngineConfig) -> io::Result<Self> {
        Self::start_on(config, Files)
    }

    /// The same with another disk for recordings: one that fails, for a test.
    ///
    /// # Errors
    /// As for [`Engine::start`].
    pub fn start_on(config: EngineConfig, disk: impl Disk + 'static) -> io::Result<Self> {
        check(&config)?;
        let events = Arc::new(EventQueue::new()?);
        let peers = Arc::new(AtomicUsize::new(0));
        let identity = salon_sfu_session::Identity::generate().map_err(io::Error::other)?;
        let (mut doors, mut places) = (Vec::new(), Vec::new());
        for _ in 0..config.shards {
            let shared = Arc::new(Shared {
                events: Arc::clone(&events),
                peers: Arc::clone(&peers),
                wake: EventFd::new()?,
                stop: AtomicBool::new(false),
                stats: Mutex::default(),
            });
            let (door, returns) = channel();
            doors.push((door, Arc::clone(&shared)));
            places.push((shared, returns));
        }
        let told = Arc::clone(&events);
        let writer = Writer::start(disk, move |notice| pass_on(notice, &doors, &told))?;
        let heard = Arc::new(EventFd::new()?);
        let ready = Arc::clone(&heard);
        let listener = Listener::start(move || ready.raise())?;
        let mut engine = Self {
            shards: Vec::with_capacity(config.shards),
            events,
            recorded: writer.figures(),
            writer: Mutex::new(None),
            listener,
            heard,
            next_ticket: AtomicU64::new(1),
            closed: AtomicBool::new(false),
        };
        for (index, (shared, returns)) in places.into_iter().enumerate() {
            let recorder = Recorder::new(
                index,
                config.recording_buffer_bytes,
                writer.orders(),
                returns,
            );
            let ear = engine.listener.ear().ok_or(io::ErrorKind::Other)?;
            let taps = (recorder, Listening::new(index, ear));
            let shard = start_shard(&config, index, identity.clone(), shared, taps)?;
            engine.shards.push(shard);
        }
        engine.writer = Mutex::new(Some(writer));
        Ok(engine)
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

    /// Takes up to `max` chunks of the sound of rooms that are listened to, oldest first.
    pub fn take_audio(&self, max: usize) -> Vec<Chunk> {
        // Cleared before, not after: what comes meanwhile raises it again.
        self.heard.clear();
        let (chunks, has_more) = self.listener.take(max);
        if has_more {
            self.heard.raise();
        }
        chunks
    }

    /// Readable while sound waits to be taken. Belongs to the engine.
    pub fn audio_fd(&self) -> RawFd {
        self.heard.fd()
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
        let recorded = [
            ("recordings_active", self.recorded.active()),
            ("recorded_packets_total", self.recorded.packets()),
            ("recorded_bytes_total", self.recorded.bytes()),
        ];
        let listened = self.listener.figures();
        let listened = [
            ("listened_packets_total", listened.packets),
            ("listened_bad_packets_total", listened.bad_packets),
            ("listening_dropped_packets_total", listened.dropped_packets),
            ("listening_dropped_ms_total", listened.dropped_ms),
        ];
        sum.values
            .extend(listened.map(|(name, value)| (name.to_owned(), value)));
        sum.values
            .extend(recorded.map(|(name, value)| (name.to_owned(), value)));
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
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.listener.close();
        if let Some(writer) = writer {
            // A disk that does not answer must not keep the process: what is not sealed is recovered later.
            writer.close();
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

/// Passes on what the writer of recordings tells.
fn pass_on(notice: Notice, doors: &[(Sender<Return>, Arc<Shared>)], events: &EventQueue) {
    let hand = |shard: usize, returned: Return| {
        if let Some((door, shared)) = doors.get(shard) {
            // A batch can wait for the next turn; what must be done cannot.
            let is_urgent = !matches!(returned, Return::Batch(_));
            // A shard that has ended needs nothing back.
            if door.send(returned).is_ok() && is_urgent {
                shared.wake.raise();
            }
        }
    };
    match notice {
        Notice::Returned { shard, batch } => hand(shard, Return::Batch(batch)),
        Notice::AskKeyframe { shard, key, track } => hand(shard, Return::AskKeyframe(key, track)),
        Notice::Started {
            shard,
            key,
            ticket,
            outcome,
        } => {
            let outcome = outcome.map(|()| None).map_err(|error| {
                hand(shard, Return::NotBegun(key));
                match error {
                    StartError::Exists => {
                        Failure::new(FailureKind::Exists, "a recording of this name is under way")
                    }
                    StartError::Disk(detail) => Failure::new(FailureKind::Disk, detail),
                }
            });
            events.push(Event::Completed { ticket, outcome });
        }
        Notice::Stopped { ticket, summary } => {
            let Summary {
                segments,
                bytes,
                gaps,
                duration_us,
            } = summary;
            let text = format!(
                "{{\"segments\":{segments},\"bytes\":{bytes},\"gaps\":{gaps},\"duration_us\":{duration_us}}}"
            );
            let outcome = Ok(Some(text));
            events.push(Event::Completed { ticket, outcome });
        }
        Notice::State {
            room,
            recording,
            state,
            detail,
        } => events.push(Event::RecordingState {
            room,
            recording,
            state,
            detail,
        }),
    }
}

fn start_shard(
    config: &EngineConfig,
    index: usize,
    identity: salon_sfu_session::Identity,
    shared: Arc<Shared>,
    (recorder, listening): (Recorder, Listening),
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
    let shard = Shard::new(socket, settings, Arc::clone(&shared), recorder, listening)?;
    let (thread, thread_id) = spawn(index, shard, queue, config.real_time)?;
    Ok(ShardHandle {
        commands,
        shared,
        thread: Mutex::new(Some(thread)),
        thread_id,
        port,
    })
}

/// Starts the thread and learns its kernel id.
fn spawn(
    index: usize,
    shard: Shard,
    queue: Receiver<(Ticket, Command)>,
    real_time: bool,
) -> io::Result<(JoinHandle<()>, i32)> {
    let (said, told) = sync_channel(1);
    let thread = std::thread::Builder::new()
        .name(format!("sfu-{index}"))
        .spawn(move || {
            if real_time {
                // Where that is not allowed, media takes its turns like everything else.
                let _ = crate::sys::go_first();
            }
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
