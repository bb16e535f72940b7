//! Whether recording in many rooms at once costs the calls packets, and what it costs in CPU.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use salon_sfu_testkit::TestPeer;
use serde::Serialize;

use crate::Failure;
use crate::arguments::Rooms;
use crate::call::{
    AUDIO_BYTES, Arrivals, Call, JOINS_AT_ONCE, VIDEO_BYTES, VIDEO_FRAMES_PER_S, WARM_UP, Window,
    are_connected,
};
use crate::index::Recorded;
use crate::machine::Cores;
use crate::report;

/// Rounds of each kind, in turn; the cheapest of each kind counts, as others only add.
const ROUNDS: usize = 2;
const VIDEO_PACKETS_PER_FRAME: u32 = 8;
/// An audio and a video track.
const TRACKS_OF_PEER: usize = 2;

/// The figures for scripts.
#[derive(Debug, Serialize)]
struct Figures {
    rooms: usize,
    publishers: usize,
    /// Packets of the rounds with a recording.
    expected: u64,
    lost_without: u64,
    lost_with: u64,
    gaps: u64,
    /// Tracks in the recordings of one round.
    tracks: usize,
    recording_us_per_track: f64,
    forward_us_per_track: f64,
    ratio: f64,
}

/// What was measured in one round.
struct Round {
    window: Window,
    arrivals: Arrivals,
    recorded: Option<Recorded>,
}

impl Round {
    /// CPU of the media threads, in microseconds a second.
    fn media_us_per_s(&self) -> f64 {
        self.window.us_per_s(&self.window.work.media)
    }

    fn recorder_us_per_s(&self) -> f64 {
        self.window.us_per_s(&self.window.work.recorder)
    }

    fn engine_us_per_s(&self) -> f64 {
        self.media_us_per_s() + self.recorder_us_per_s()
    }
}

/// Measures the rooms without and with recordings, in turn; prints a table and the figures.
///
/// # Errors
/// A peer does not connect, the engine fails, a recording lacks a track, or packets were lost only
/// in rounds with recordings.
pub fn measure(rooms: Rooms, folder: &Path, seconds: u64, cores: &Cores) -> Result<(), Failure> {
    let folders = (0..ROUNDS).map(|number| folder.join(format!("round-{number}")));
    let folders: Vec<PathBuf> = folders.collect();
    // The engine would continue an earlier recording, and its tracks would count as ours.
    if let Some(folder) = folders.iter().find(|folder| folder.exists()) {
        return Err(format!("{} is there already", folder.display()).into());
    }
    print_head(rooms, seconds, cores);
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for folder in &folders {
        for (record, rounds) in [(None, &mut without), (Some(folder.as_path()), &mut with)] {
            let round = run(rooms, seconds, record, cores)?;
            print_round(&round);
            rounds.push(round);
        }
    }
    let figures = Figures::of(rooms, &without, &with);
    println!("{}", serde_json::to_string(&figures)?);
    if figures.lost_with != 0 && figures.lost_without == 0 {
        return Err("packets were lost only while recordings ran".into());
    }
    Ok(())
}

impl Figures {
    fn of(rooms: Rooms, without: &[Round], with: &[Round]) -> Self {
        let lowest = |rounds: &[Round], figure: fn(&Round) -> f64| {
            rounds.iter().map(figure).fold(f64::INFINITY, f64::min)
        };
        let lost = |rounds: &[Round]| rounds.iter().map(|round| round.arrivals.lost).sum();
        let recorded = || with.iter().filter_map(|round| round.recorded.as_ref());
        let recording = lowest(with, Round::engine_us_per_s);
        let more = recording - lowest(without, Round::engine_us_per_s);
        let recording_us_per_track = more / rooms.tracks() as f64;
        // Receiving is in it, as each track is received once for all its subscribers: forwarding
        // alone is cheaper by that share.
        let forward_us_per_track =
            lowest(without, Round::media_us_per_s) / rooms.subscriptions() as f64;
        Self {
            rooms: rooms.rooms,
            publishers: rooms.publishers,
            expected: with.iter().map(|round| round.arrivals.expected).sum(),
            lost_without: lost(without),
            lost_with: lost(with),
            gaps: recorded().flat_map(|one| one.gaps.values()).sum(),
            tracks: recorded().map(|one| one.tracks).min().unwrap_or(0),
            recording_us_per_track: report::rounded(recording_us_per_track),
            forward_us_per_track: report::rounded(forward_us_per_track),
            ratio: report::rounded(recording_us_per_track / forward_us_per_track),
        }
    }
}

impl Rooms {
    /// Tracks that are published, and recorded.
    fn tracks(self) -> usize {
        self.rooms * self.publishers * TRACKS_OF_PEER
    }

    /// Tracks that are received, of all peers.
    fn subscriptions(self) -> usize {
        self.tracks() * (self.publishers - 1)
    }
}

fn run(rooms: Rooms, seconds: u64, record: Option<&Path>, cores: &Cores) -> Result<Round, Failure> {
    let mut call = Call::new(rooms.publishers, cores)?;
    let folders: Vec<_> = record
        .iter()
        .flat_map(|folder| (0..rooms.rooms).map(|room| folder.join(format!("room-{room}"))))
        .collect();
    for (room, folder) in folders.iter().enumerate() {
        call.record(room, folder)?;
    }
    connect(&mut call, rooms)?;
    call.run_for(WARM_UP)?;
    let window = call.measure(seconds)?;
    let arrivals = window.count(call.driver.peers())?;
    if arrivals.tracks != rooms.subscriptions() {
        return Err(format!("{} tracks were received", arrivals.tracks).into());
    }
    call.stop_recordings(folders.len())?;
    let recorded = record.map(|_| read(rooms, &folders)).transpose()?;
    Ok(Round {
        window,
        arrivals,
        recorded,
    })
}

/// Brings everyone into their rooms, and on the air.
fn connect(call: &mut Call, rooms: Rooms) -> Result<(), Failure> {
    let all = rooms.rooms * rooms.publishers;
    while call.driver.peers().len() < all {
        for _ in 0..JOINS_AT_ONCE.min(all - call.driver.peers().len()) {
            call.join()?;
        }
        call.wait("the peers to connect", are_connected)?;
    }
    // Cameras of strangers do not tick together: each starts at another moment between two frames.
    let frame = Duration::from_secs(1) / VIDEO_FRAMES_PER_S;
    let pause = frame + frame.div_f64(all as f64);
    let mut next = Instant::now();
    for position in 0..all {
        call.run_until(next)?;
        call.publish(position, VIDEO_PACKETS_PER_FRAME);
        next += pause;
    }
    let tracks = TRACKS_OF_PEER * (rooms.publishers - 1);
    let has_all = |peer: &TestPeer| peer.live_tracks().filter(|t| t.packets > 0).count() == tracks;
    call.wait("the peers to get all tracks", |peers| {
        peers.iter().all(has_all)
    })
}

fn read(rooms: Rooms, folders: &[PathBuf]) -> Result<Recorded, Failure> {
    let mut recorded = Recorded::default();
    for folder in folders {
        recorded.add(folder)?;
    }
    if recorded.tracks == rooms.tracks() {
        Ok(recorded)
    } else {
        let (came, due) = (recorded.tracks, rooms.tracks());
        Err(format!("{came} tracks of {due} were recorded").into())
    }
}

fn print_head(rooms: Rooms, seconds: u64, cores: &Cores) {
    println!(
        "{} rooms of {} publishers (video {} packets/s of {VIDEO_BYTES} B in {VIDEO_FRAMES_PER_S} frames/s, \
         audio 50/s of {AUDIO_BYTES} B), each receives all others of its room, {seconds} s each\n\
         engine's media thread on core {}, all peers and the writer of recordings on core {}\n\
         media, recorder  CPU of the media threads and of the writer of recordings, us a second\n\
         latency          as without --rooms; the peers wait for the writer too, on their core\n\n\
         {:>9} {:>10} {:>6} {:>10} {:>10} {:>8} {:>8}",
        rooms.rooms,
        rooms.publishers,
        VIDEO_FRAMES_PER_S * VIDEO_PACKETS_PER_FRAME,
        cores.engine,
        cores.generator,
        "recording",
        "expected",
        "lost",
        "media",
        "recorder",
        "p50 us",
        "p99 us",
    );
}

fn print_round(round: &Round) {
    let latency = &round.arrivals.latency;
    println!(
        "{:>9} {:>10} {:>6} {:>10.0} {:>10.0} {:>8} {:>8}",
        if round.recorded.is_some() {
            "yes"
        } else {
            "no"
        },
        round.arrivals.expected,
        round.arrivals.lost,
        round.media_us_per_s(),
        round.recorder_us_per_s(),
        latency.p50.as_micros(),
        latency.p99.as_micros(),
    );
    if let Some(recorded) = &round.recorded {
        let gaps = recorded.gaps.iter();
        let gaps: Vec<_> = gaps.map(|(cause, n)| format!("{cause} {n}")).collect();
        println!(
            "          {} tracks, {} bytes, gaps: {}",
            recorded.tracks,
            recorded.bytes,
            if gaps.is_empty() {
                "none".to_owned()
            } else {
                gaps.join(", ")
            },
        );
    }
    let (work, seconds) = (&round.window.work, round.window.taken.as_secs_f64());
    for line in report::trouble(&round.arrivals, &work.media, &work.generator, seconds) {
        println!("          {line}");
    }
}
