//! The thread that decodes, and the queue of what it heard.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use salon_sfu_core::TrackId;

use crate::ear::{Ear, Names, Order, RoomKey};
use crate::gate::Gate;
use crate::voice::{RATE_HZ, Stretch, Voice};

/// How often voices that fell silent are looked at.
const TICK: Duration = Duration::from_millis(50);
/// Chunks that wait for a reader at most, about two minutes of one speaker; the oldest go first.
const MOST_CHUNKS: usize = 1200;

/// Sound of one speaker.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Name of the room.
    pub room: Arc<str>,
    /// Media peer that publishes it.
    pub peer: Arc<str>,
    /// Stream its subscribers see it under.
    pub stream: Arc<str>,
    /// Name of the track.
    pub track: Arc<str>,
    /// When it began, in microseconds since 1970.
    pub at_us: u64,
    /// Something is missing before it.
    pub has_gap: bool,
    /// The track is over: no sound, and no further chunk.
    pub is_last: bool,
    /// 16 kHz, one channel.
    pub pcm: Vec<i16>,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) dropped_packets: AtomicU64,
    packets: AtomicU64,
    bad_packets: AtomicU64,
    dropped_us: AtomicU64,
}

/// What the listener did since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListenerFigures {
    /// Packets decoded.
    pub packets: u64,
    /// Packets that were no Opus.
    pub bad_packets: u64,
    /// Packets dropped because the decoder was behind.
    pub dropped_packets: u64,
    /// Sound dropped because nobody took it, in milliseconds.
    pub dropped_ms: u64,
}

type Queue = Arc<Mutex<VecDeque<Chunk>>>;

/// Owns the thread.
#[derive(Debug)]
pub struct Listener {
    orders: Mutex<Option<Sender<Order>>>,
    waiting: Arc<AtomicUsize>,
    queue: Queue,
    counters: Arc<Counters>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Listener {
    /// Starts the thread; `ready` is called whenever there is something to take.
    ///
    /// # Errors
    /// No thread can be had.
    pub fn start(ready: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (orders, inbox) = channel();
        let (queue, counters, waiting) = (
            Queue::default(),
            Arc::<Counters>::default(),
            Arc::<AtomicUsize>::default(),
        );
        let mut work = Work {
            rooms: HashMap::new(),
            out: Out {
                queue: Arc::clone(&queue),
                counters: Arc::clone(&counters),
                ready: Box::new(ready),
            },
            waiting: Arc::clone(&waiting),
        };
        let thread = std::thread::Builder::new()
            .name("sfu-listener".to_owned())
            .spawn(move || work.run(&inbox))?;
        Ok(Self {
            orders: Mutex::new(Some(orders)),
            waiting,
            queue,
            counters,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// A door for a media thread; `None` after [`Listener::close`].
    pub fn ear(&self) -> Option<Ear> {
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let (waiting, counters) = (Arc::clone(&self.waiting), Arc::clone(&self.counters));
        Some(Ear::new(orders.clone()?, waiting, counters))
    }

    /// Takes up to `max` chunks, oldest first; says whether more wait.
    pub fn take(&self, max: usize) -> (Vec<Chunk>, bool) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let count = queue.len().min(max);
        let taken = queue.drain(..count).collect();
        (taken, !queue.is_empty())
    }

    /// What it did since the start.
    pub fn figures(&self) -> ListenerFigures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ListenerFigures {
            packets: read(&self.counters.packets),
            bad_packets: read(&self.counters.bad_packets),
            dropped_packets: read(&self.counters.dropped_packets),
            dropped_ms: read(&self.counters.dropped_us) / 1000,
        }
    }

    /// Ends the thread once all ears are gone; may come twice.
    pub fn close(&self) {
        drop(
            self.orders
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let thread = self
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

/// One speaker.
struct Speaker {
    names: Names,
    voice: Voice,
    gate: Gate,
}

struct Out {
    queue: Queue,
    counters: Arc<Counters>,
    ready: Box<dyn Fn() + Send>,
}

impl Out {
    fn put(&self, names: &Names, stretch: Stretch, is_last: bool) {
        let chunk = Chunk {
            room: Arc::clone(&names.room),
            peer: Arc::clone(&names.peer),
            stream: Arc::clone(&names.stream),
            track: Arc::clone(&names.track),
            at_us: stretch.at_us,
            has_gap: stretch.has_gap,
            is_last,
            pcm: stretch.pcm,
        };
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() >= MOST_CHUNKS
            && let Some(oldest) = queue.pop_front()
        {
            let us = oldest.pcm.len() as u64 * 1_000_000 / u64::from(RATE_HZ);
            self.counters.dropped_us.fetch_add(us, Ordering::Relaxed);
        }
        queue.push_back(chunk);
        drop(queue);
        (self.ready)();
    }
}

struct Work {
    rooms: HashMap<RoomKey, HashMap<TrackId, Speaker>>,
    out: Out,
    waiting: Arc<AtomicUsize>,
}

impl Work {
    fn run(&mut self, inbox: &Receiver<Order>) {
        let mut next_tick = Instant::now() + TICK;
        loop {
            let patience = next_tick.saturating_duration_since(Instant::now());
            match inbox.recv_timeout(patience) {
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= next_tick {
                next_tick = Instant::now() + TICK;
                self.tick();
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Packet(heard) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                let speaker = self
                    .rooms
                    .get_mut(&heard.room)
                    .and_then(|tracks| tracks.get_mut(&heard.track));
                if let Some(speaker) = speaker {
                    self.out.counters.packets.fetch_add(1, Ordering::Relaxed);
                    let bad = speaker.voice.bad_packets();
                    let (gate, names, out) = (&mut speaker.gate, &speaker.names, &self.out);
                    speaker.voice.take(heard, &mut |stretch| {
                        gate.pass(stretch, |stretch| out.put(names, stretch, false));
                    });
                    let bad = speaker.voice.bad_packets().saturating_sub(bad);
                    self.out
                        .counters
                        .bad_packets
                        .fetch_add(bad, Ordering::Relaxed);
                }
            }
            Order::Track { room, track, names } => {
                let speaker = Speaker {
                    names,
                    voice: Voice::default(),
                    gate: Gate::default(),
                };
                self.rooms.entry(room).or_default().insert(track, speaker);
            }
            Order::TrackEnded { room, track } => {
                let tracks = self.rooms.get_mut(&room);
                if let Some(speaker) = tracks.and_then(|tracks| tracks.remove(&track)) {
                    self.end(speaker);
                }
            }
            Order::RoomEnded(room) => {
                for (_, speaker) in self.rooms.remove(&room).unwrap_or_default() {
                    self.end(speaker);
                }
            }
        }
    }

    fn end(&self, mut speaker: Speaker) {
        let (gate, names, out) = (&mut speaker.gate, &speaker.names, &self.out);
        speaker.voice.flush(&mut |stretch| {
            gate.pass(stretch, |stretch| out.put(names, stretch, false));
        });
        let end = Stretch {
            at_us: now_us(),
            has_gap: false,
            pcm: Vec::new(),
        };
        self.out.put(&speaker.names, end, true);
    }

    fn tick(&mut self) {
        let now_us = now_us();
        for speaker in self.rooms.values_mut().flat_map(HashMap::values_mut) {
            let (gate, names, out) = (&mut speaker.gate, &speaker.names, &self.out);
            speaker.voice.tick(now_us, &mut |stretch| {
                gate.pass(stretch, |stretch| out.put(names, stretch, false));
            });
        }
    }
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(0))
}
