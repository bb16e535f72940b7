//! One measurement: a publisher, N subscribers, some seconds.

use std::path::Path;

use salon_sfu_testkit::TestPeer;

use crate::Failure;
use crate::call::{Arrivals, Call, JOINS_AT_ONCE, VIDEO_PACKETS_PER_FRAME, WARM_UP, are_connected};
use crate::machine::{Cores, CpuTime};

/// What the floor needs to know to do the same work.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub subscribers: usize,
    /// Whole UDP payload of a forwarded video packet, tag included.
    pub video_datagram: usize,
    /// The same for audio.
    pub audio_datagram: usize,
}

/// What was measured.
#[derive(Debug)]
pub struct Load {
    pub subscribers: usize,
    pub seconds: f64,
    pub arrivals: Arrivals,
    /// The engine's media threads, and the one that writes if there is a recording.
    pub engine: CpuTime,
    pub generator: CpuTime,
    pub kib_per_subscriber: f64,
    /// The engine's own counters that are not zero.
    pub counters: Vec<(String, u64)>,
}

impl Load {
    /// CPU of the engine's threads per second, in microseconds.
    pub fn engine_us_per_s(&self) -> f64 {
        self.engine.on_cpu_ns as f64 / 1000.0 / self.seconds
    }

    pub fn shape(&self) -> Shape {
        Shape {
            subscribers: self.subscribers,
            video_datagram: self.arrivals.video_datagram,
            audio_datagram: self.arrivals.audio_datagram,
        }
    }
}

/// Measures with so many subscribers. Peer 0 publishes.
///
/// # Errors
/// A peer does not connect, or the engine fails.
pub fn run(
    subscribers: usize,
    seconds: u64,
    record: Option<&Path>,
    cores: &Cores,
) -> Result<Load, Failure> {
    let mut call = Call::new(subscribers + 1, cores)?;
    if let Some(folder) = record {
        call.record(0, folder)?;
    }
    call.join()?;
    call.publish(0, VIDEO_PACKETS_PER_FRAME);
    call.wait("the publisher to connect", are_connected)?;
    call.run_for(WARM_UP)?;
    let resident_before = call.engine.resident_kib()?;
    subscribe(&mut call, subscribers)?;
    call.run_for(WARM_UP)?;
    let window = call.measure(seconds)?;
    let resident = call.engine.resident_kib()?;
    let counters = call.read_counters()?;
    let work = &window.work;
    Ok(Load {
        subscribers,
        seconds: window.taken.as_secs_f64(),
        arrivals: window.count(&call.driver.peers()[1..])?,
        engine: match record {
            Some(_) => work.media.and(&work.recorder),
            None => work.media,
        },
        generator: work.generator,
        kib_per_subscriber: resident.saturating_sub(resident_before) as f64 / subscribers as f64,
        counters,
    })
}

fn subscribe(call: &mut Call, subscribers: usize) -> Result<(), Failure> {
    while call.driver.peers().len() <= subscribers {
        let joining = JOINS_AT_ONCE.min(subscribers + 1 - call.driver.peers().len());
        for _ in 0..joining {
            call.join()?;
        }
        call.wait("the subscribers to get both tracks", |peers| {
            peers[1..].iter().all(has_both_tracks)
        })?;
    }
    Ok(())
}

fn has_both_tracks(peer: &TestPeer) -> bool {
    let has = |kind: &str| peer.live_tracks().any(|t| t.kind == kind && t.packets > 0);
    has("audio") && has("video")
}
