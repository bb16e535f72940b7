//! The thread that writes: takes batches and orders, owns all files, tells what became of them.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use salon_sfu_core::{Codec, Kind, TrackId};

use crate::batch::{Batch, RecordingKey};
use crate::clock::Clock;
use crate::disk::Disk;
use crate::recording::{News, Plan, Recording};
use crate::track::TrackInfo;

pub use crate::recording::{State, Summary};

/// How often buffers and clocks are looked at.
const TICK: Duration = Duration::from_millis(100);
/// How long the end waits for a disk that does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// An order for the writer.
#[derive(Debug)]
#[allow(missing_docs, reason = "the fields are named after what they hold")]
pub enum Message {
    /// Begin a recording, or continue one that lies in the folder.
    Start {
        key: RecordingKey,
        shard: usize,
        ticket: u64,
        room: Arc<str>,
        recording: Arc<str>,
        folder: PathBuf,
        clock: Clock,
    },
    /// Seal it.
    Stop { key: RecordingKey, ticket: u64 },
    /// A track is there from now on.
    Track {
        key: RecordingKey,
        track: TrackId,
        name: String,
        peer: String,
        stream: String,
        kind: Kind,
        codec: Codec,
    },
    /// The server began or ceased to drop its packets.
    Blocked {
        key: RecordingKey,
        track: TrackId,
        is_blocked: bool,
        at_us: u64,
    },
    /// It is over.
    Ended {
        key: RecordingKey,
        track: TrackId,
        at_us: u64,
    },
    /// The room broke: all its tracks are over.
    AllEnded { key: RecordingKey, at_us: u64 },
    /// What was heard.
    Packets { shard: usize, batch: Batch },
    /// Seal everything and end.
    Close,
}

/// Why a recording did not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The folder is being written to already.
    Exists,
    /// The disk refuses; the text says why.
    Disk(String),
}

/// What the writer tells; called in its thread, must not wait.
#[derive(Debug)]
#[allow(missing_docs, reason = "the fields are named after what they hold")]
pub enum Notice {
    /// A batch is written and can be used again.
    Returned { shard: usize, batch: Batch },
    /// A video waits for a key frame.
    AskKeyframe {
        shard: usize,
        key: RecordingKey,
        track: TrackId,
    },
    /// A recording began or did not.
    Started {
        shard: usize,
        key: RecordingKey,
        ticket: u64,
        outcome: Result<(), StartError>,
    },
    /// A recording is sealed.
    Stopped { ticket: u64, summary: Summary },
    /// A recording changed its state.
    State {
        room: Arc<str>,
        recording: Arc<str>,
        state: State,
        detail: String,
    },
}

/// Counters of the writer; touched per batch, never by a media thread.
#[derive(Debug, Default)]
pub struct RecorderFigures {
    active: AtomicU64,
    packets: AtomicU64,
    bytes: AtomicU64,
}

impl RecorderFigures {
    /// Recordings under way.
    pub fn active(&self) -> u64 {
        self.active.load(Ordering::Relaxed)
    }

    /// Packets taken from media threads.
    pub fn packets(&self) -> u64 {
        self.packets.load(Ordering::Relaxed)
    }

    /// Bytes written to segments.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// The handle of the thread.
#[derive(Debug)]
pub struct Writer {
    orders: Sender<Message>,
    figures: Arc<RecorderFigures>,
    thread: JoinHandle<()>,
    ended: Receiver<()>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start(
        disk: impl Disk + 'static,
        notify: impl Fn(Notice) + Send + 'static,
    ) -> io::Result<Writer> {
        // Batches are bounded by what media threads may have under way, the rest by what they are asked to do.
        let (orders, queue) = channel();
        let (end, ended) = channel();
        let figures = Arc::new(RecorderFigures::default());
        let mut work = Work {
            disk: Box::new(disk),
            notify: Box::new(notify),
            run: run_id(),
            recordings: BTreeMap::new(),
            figures: Arc::clone(&figures),
        };
        let thread = std::thread::Builder::new()
            .name("sfu-recorder".to_owned())
            .spawn(move || {
                work.run(&queue);
                drop(end);
            })?;
        Ok(Writer {
            orders,
            figures,
            thread,
            ended,
        })
    }

    /// A door for orders.
    #[must_use]
    pub fn orders(&self) -> Sender<Message> {
        self.orders.clone()
    }

    /// Its counters.
    #[must_use]
    pub fn figures(&self) -> Arc<RecorderFigures> {
        Arc::clone(&self.figures)
    }

    /// Seals everything and waits for that, ten seconds at most; false if the disk did not answer in time.
    pub fn close(self) -> bool {
        let is_sent = self.orders.send(Message::Close).is_ok();
        let is_ended =
            is_sent && self.ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected);
        if is_ended {
            drop(self.thread.join());
        }
        is_ended
    }
}

struct Work {
    disk: Box<dyn Disk>,
    notify: Box<dyn Fn(Notice) + Send>,
    run: String,
    recordings: BTreeMap<RecordingKey, Recording>,
    figures: Arc<RecorderFigures>,
}

impl Work {
    fn run(&mut self, queue: &Receiver<Message>) {
        let mut next_tick = Instant::now() + TICK;
        loop {
            let wait = next_tick.saturating_duration_since(Instant::now());
            match queue.recv_timeout(wait) {
                Ok(Message::Close) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => self.handle(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= next_tick {
                for recording in self.recordings.values_mut() {
                    recording.run(&mut *self.disk);
                }
                next_tick = Instant::now() + TICK;
            }
            self.tell();
        }
        for recording in self.recordings.values_mut() {
            recording.stop("closed", &mut *self.disk);
        }
        self.tell();
    }

    fn handle(&mut self, message: Message) {
        let disk = &mut *self.disk;
        match message {
            Message::Start {
                key,
                shard,
                ticket,
                room,
                recording,
                folder,
                clock,
            } => {
                let plan = Plan {
                    room,
                    id: recording,
                    shard,
                    folder,
                    clock,
                };
                let outcome = self.begin(key, plan);
                (self.notify)(Notice::Started {
                    shard,
                    key,
                    ticket,
                    outcome,
                });
            }
            Message::Stop { key, ticket } => {
                let Some(mut recording) = self.recordings.remove(&key) else {
                    let summary = Summary::default();
                    return (self.notify)(Notice::Stopped { ticket, summary });
                };
                let summary = recording.stop("command", disk);
                pass_on(&self.notify, &self.figures, key, &mut recording);
                self.count();
                (self.notify)(Notice::Stopped { ticket, summary });
            }
            Message::Track {
                key,
                track,
                name,
                peer,
                stream,
                kind,
                codec,
            } => {
                let info = TrackInfo {
                    name,
                    peer,
                    stream,
                    kind,
                    codec,
                };
                if let Some(recording) = self.recordings.get_mut(&key) {
                    recording.add_track(track, info, disk);
                }
            }
            Message::Blocked {
                key,
                track,
                is_blocked,
                at_us,
            } => {
                if let Some(recording) = self.recordings.get_mut(&key) {
                    recording.block(track, is_blocked, at_us, disk);
                }
            }
            Message::Ended { key, track, at_us } => {
                if let Some(recording) = self.recordings.get_mut(&key) {
                    recording.end_track(track, at_us, disk);
                }
            }
            Message::AllEnded { key, at_us } => {
                if let Some(recording) = self.recordings.get_mut(&key) {
                    recording.end_all_tracks(at_us, disk);
                }
            }
            Message::Packets { shard, batch } => self.write(shard, batch),
            Message::Close => {}
        }
    }

    fn begin(&mut self, key: RecordingKey, plan: Plan) -> Result<(), StartError> {
        if self.recordings.values().any(|other| other.id == plan.id) {
            return Err(StartError::Exists);
        }
        let recording = Recording::begin(plan, &self.run, &mut *self.disk)
            .map_err(|error| StartError::Disk(error.to_string()))?;
        self.recordings.insert(key, recording);
        self.count();
        Ok(())
    }

    fn write(&mut self, shard: usize, batch: Batch) {
        for lost in &batch.lost {
            if let Some(recording) = self.recordings.get_mut(&lost.recording) {
                recording.overflow(lost, &mut *self.disk);
            }
        }
        let mut count = 0;
        for (head, payload) in batch.packets() {
            if let Some(recording) = self.recordings.get_mut(&head.recording) {
                recording.hear(head, payload, &mut *self.disk);
                count += 1;
            }
        }
        self.figures.packets.fetch_add(count, Ordering::Relaxed);
        (self.notify)(Notice::Returned { shard, batch });
    }

    fn count(&self) {
        let active = self.recordings.len() as u64;
        self.figures.active.store(active, Ordering::Relaxed);
    }

    /// Passes on what the recordings say.
    fn tell(&mut self) {
        for (key, recording) in &mut self.recordings {
            pass_on(&self.notify, &self.figures, *key, recording);
        }
    }
}

fn pass_on(
    notify: &dyn Fn(Notice),
    figures: &RecorderFigures,
    key: RecordingKey,
    recording: &mut Recording,
) {
    let bytes = std::mem::take(&mut recording.new_bytes);
    figures.bytes.fetch_add(bytes, Ordering::Relaxed);
    for news in recording.news.drain(..) {
        notify(match news {
            News::AskKeyframe(track) => Notice::AskKeyframe {
                shard: recording.shard,
                key,
                track,
            },
            News::State(state, detail) => Notice::State {
                room: Arc::clone(&recording.room),
                recording: Arc::clone(&recording.id),
                state,
                detail,
            },
        });
    }
}

/// A random UUID (RFC 9562, version 4): which start of the engine this is.
fn run_id() -> String {
    let mut bytes = [0u8; 16];
    // Without randomness the zeros still tell that it was a start.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    let number = u128::from_be_bytes(bytes) & !(0xf << 76) | 4 << 76;
    let number = number & !(3 << 62) | 2 << 62;
    let hex = format!("{number:032x}");
    let part = |range| hex.get(range).unwrap_or_default();
    let (a, b, c, d, e) = (
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32),
    );
    format!("{a}-{b}-{c}-{d}-{e}")
}
