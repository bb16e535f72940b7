//! The engine in a process of its own, commanded over its standard streams.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use salon_sfu_net::{Command, Engine, EngineConfig, Event, Ticket};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// First word of the command line that makes this program the engine's process.
pub const FLAG: &str = "--engine-child";
/// Before the name of a peer, its stream.
pub const STREAM: &str = "stream-";

/// What the bench asks of the engine's process, one JSON object a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Admit a peer.
    Join {
        room: String,
        peer: String,
        offer: String,
    },
    /// A peer's answer to an offer of the engine.
    Answer {
        room: String,
        peer: String,
        neg: u32,
        sdp: String,
    },
    /// Record a room, under its own name.
    Record { room: String, folder: String },
    /// Seal the recording of a room.
    StopRecording { room: String },
    /// Say the counters.
    Stats,
}

/// What the engine's process says, one JSON object a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    /// The engine runs.
    Ready { threads: Vec<i32> },
    /// The answer to a join.
    Answer { peer: String, sdp: String },
    /// The engine wants to renegotiate with a peer.
    Offer { peer: String, neg: u32, sdp: String },
    /// A peer's transport is up or gone.
    State {
        peer: String,
        state: String,
        cause: String,
    },
    /// A recording is stopped and sealed.
    Sealed,
    /// The counters asked for.
    Stats { values: Vec<(String, u64)> },
    /// Something failed.
    Trouble { text: String },
}

/// What a command was for whose outcome is to be told.
enum Asked {
    /// The admission of this peer.
    Join(String),
    StopRecording,
}

/// Runs the engine until the standard input ends.
///
/// # Errors
/// The engine does not start, or the bench is gone.
pub fn run() -> Result<(), Failure> {
    let config = EngineConfig {
        max_peers: 1000,
        ..EngineConfig::default()
    };
    let engine = Arc::new(Engine::start(config)?);
    say(&News::Ready {
        threads: engine.thread_ids(),
    })?;
    let (note, notes) = channel();
    let has_ended = Arc::new(AtomicBool::new(false));
    let (reader_engine, reader_end) = (Arc::clone(&engine), Arc::clone(&has_ended));
    let reader = std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(order) = line.map_err(Failure::from).and_then(|l| parse(&l)) else {
                break;
            };
            if carry_out(&reader_engine, order, &note).is_err() {
                break;
            }
        }
        reader_end.store(true, Ordering::Release);
    });
    relay(&engine, &notes, &has_ended)?;
    reader
        .join()
        .map_err(|_| "the reader of orders panicked".into())
}

fn parse(line: &str) -> Result<Order, Failure> {
    Ok(serde_json::from_str(line)?)
}

fn carry_out(
    engine: &Engine,
    order: Order,
    note: &std::sync::mpsc::Sender<(Ticket, Asked)>,
) -> Result<(), Failure> {
    match order {
        Order::Join { room, peer, offer } => {
            let command = Command::Join {
                room,
                stream: format!("{STREAM}{peer}"),
                peer: peer.clone(),
                offer,
            };
            note.send((engine.submit(command)?, Asked::Join(peer)))?;
        }
        Order::Answer {
            room,
            peer,
            neg,
            sdp,
        } => {
            let neg = Some(neg);
            engine.submit(Command::Answer {
                room,
                peer,
                sdp,
                neg,
            })?;
        }
        Order::Record { room, folder } => {
            engine.submit(Command::StartRecording {
                recording: room.clone(),
                room,
                folder: folder.into(),
            })?;
        }
        Order::StopRecording { room } => {
            let command = Command::StopRecording {
                recording: room.clone(),
                room,
            };
            note.send((engine.submit(command)?, Asked::StopRecording))?;
        }
        Order::Stats => {
            let values = engine.stats().values;
            let values = values.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
            say(&News::Stats { values })?;
        }
    }
    Ok(())
}

/// Passes the engine's events on, until the orders end.
fn relay(
    engine: &Engine,
    notes: &Receiver<(Ticket, Asked)>,
    has_ended: &AtomicBool,
) -> Result<(), Failure> {
    let mut asked: HashMap<Ticket, Asked> = HashMap::new();
    let mut early: Vec<Event> = Vec::new();
    while !has_ended.load(Ordering::Acquire) {
        engine.wait_events(Duration::from_millis(100));
        engine.poll_events(&mut early);
        asked.extend(notes.try_iter());
        for event in std::mem::take(&mut early) {
            match event {
                Event::Completed { ticket, outcome } => match (outcome, asked.remove(&ticket)) {
                    (Ok(Some(sdp)), Some(Asked::Join(peer))) => say(&News::Answer { peer, sdp })?,
                    (Ok(Some(_)), Some(Asked::StopRecording)) => say(&News::Sealed)?,
                    // The answer can be faster than the note that says what it is for.
                    (Ok(Some(sdp)), None) => early.push(Event::Completed {
                        ticket,
                        outcome: Ok(Some(sdp)),
                    }),
                    (Ok(None), _) => {}
                    (Err(failure), _) => say(&News::Trouble {
                        text: format!("{}: {}", failure.kind.as_str(), failure.detail),
                    })?,
                },
                Event::OfferReady { peer, neg, sdp, .. } => say(&News::Offer {
                    peer: peer.to_string(),
                    neg,
                    sdp,
                })?,
                Event::PeerState {
                    peer, state, cause, ..
                } => say(&News::State {
                    peer: peer.to_string(),
                    state: state.as_str().to_owned(),
                    cause,
                })?,
                Event::RoomFault { detail, .. } => say(&News::Trouble { text: detail })?,
                Event::TrackPublished { .. }
                | Event::TrackEnded { .. }
                | Event::RecordingState { .. } => {}
            }
        }
    }
    Ok(())
}

fn say(news: &News) -> Result<(), Failure> {
    let mut line = serde_json::to_vec(news)?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    out.flush()?;
    Ok(())
}
